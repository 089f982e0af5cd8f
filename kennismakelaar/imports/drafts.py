"""One row as what it says of a record: values, names of others, and what cannot be read."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from kennismakelaar.edit import KEPT
from kennismakelaar.imports import values
from kennismakelaar.imports.mapping import NUMBER, Reading
from kennismakelaar.imports.rows import Row
from kennismakelaar.imports.spool import Problem
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Node, Source, Value
from kennismakelaar.resolve import address, plain
from kennismakelaar.schema import ID, schema

REGISTERS = ("kvk", "ror", "orcid")
"""Properties of which a value belongs to one thing alone."""


@dataclass(frozen=True)
class Draft:
    """What a row says; empty where it does not say."""

    row: Row
    kind: str
    name: str = ""
    id: str = ""
    number: str = ""
    aliases: tuple[str, ...] = ()
    values: dict[str, Value] = field(default_factory=dict)
    fixed: dict[str, Value] = field(default_factory=dict)
    """What all rows of the list have; it fills gaps and replaces nothing."""
    ties: tuple[tuple[str, str, str], ...] = ()
    """Relation, header and name of each."""
    problems: tuple[Problem, ...] = ()

    @property
    def keys(self) -> Iterator[str]:
        """By which it can be found, apart from its name."""
        yield from (f"{name}:{address(str(self.values[name]))}" for name in REGISTERS if name in self.values)


def draft(row: Row, reading: Reading) -> Draft:
    """Every cell that has a target, read; all that cannot be read is a problem, and nothing else stops."""
    rules = schema().nodes[reading.kind].properties
    known, fixed = dict[str, Value](), dict[str, Value]()
    problems = [Problem("", "", row.problem)] if row.problem else []
    plain_cells: dict[str, str] = {}
    ties: list[tuple[str, str, str]] = []
    for header, target, cell, into in _cells(row, reading, known, fixed):
        if target[0] in "<>":
            ties += [(target, header, item) for item in values.items(cell)]
        elif target in rules and target not in KEPT:
            try:
                into[target] = values.read(rules[target], cell)
            except ValueError as error:
                problems.append(Problem(header, cell[:200], f"{error}"))
        else:
            plain_cells[target] = " ".join(cell.split()) if target != "aliases" else cell
    made = Draft(row, reading.kind, values=known, fixed=fixed, ties=tuple(ties), problems=tuple(problems))
    return _named(made, plain_cells, reading)


def _cells(
    row: Row, reading: Reading, known: dict[str, Value], fixed: dict[str, Value]
) -> Iterator[tuple[str, str, str, dict[str, Value]]]:
    """Header, target and text of all that is not empty, and whether it is of the row or of all rows."""
    for target, cell in reading.fixed.items():
        if cell:
            yield _("alle rijen"), target, cell, fixed
    for header, target in reading.columns.items():
        if row.cells.get(header):
            yield header, target, row.cells[header], known


def _named(made: Draft, cells: dict[str, str], reading: Reading) -> Draft:
    wrong = list(made.problems)
    headers = {target: header for header, target in reading.columns.items()}
    id = cells.get("id", "")
    if id and not ID.fullmatch(id):
        wrong.append(
            Problem(headers.get("id", ""), id, _("een id heeft alleen kleine letters, cijfers en losse streepjes"))
        )
    if not id and not cells.get("name"):
        wrong.append(Problem(headers.get("name", ""), "", _("de naam ontbreekt; vul haar in")))
    return replace(
        made,
        name=cells.get("name", ""),
        id=id,
        number=cells.get(NUMBER, ""),
        aliases=values.items(cells.get("aliases", "")),
        problems=tuple(wrong),
    )


def keys_of(node: Node) -> Iterator[str]:
    """By which a record of the graph can be found: id, names, numbers in registers, website."""
    yield f"id:{node.id}"
    yield from (f"name:{plain(name)}" for name in (node.name, *node.aliases))
    yield from (f"{name}:{address(node.text(name))}" for name in (*REGISTERS, "website") if node.text(name))


def as_new(made: Draft, id: str, source: Source) -> Node:
    """The record that a row makes."""
    return Node(id, made.kind, made.name, made.aliases, (source,), {**made.fixed, **made.values})


def as_changed(made: Draft, old: Node, source: Source) -> Node:
    """The record with what the row says: lists grow, other values are replaced, what the row leaves empty stays."""
    names = list(dict.fromkeys((*old.aliases, *made.aliases)))
    name = old.name
    if made.name and made.name not in (old.name, *names):
        same = plain(made.name) == plain(old.name)
        name, other = (old.name, made.name) if same else (made.name, old.name)
        names.append(other)
    found = {**made.fixed, **old.properties}
    for target, value in made.values.items():
        before = found.get(target)
        both = isinstance(value, tuple) and isinstance(before, tuple)
        found[target] = tuple(dict.fromkeys((*before, *value))) if both else value  # type: ignore[misc]
    aliases = tuple(one for one in names if one != name)
    return replace(old, name=name, aliases=aliases, properties=found, sources=_with(old.sources, source, made.number))


def _with(sources: tuple[Source, ...], source: Source, number: str) -> tuple[Source, ...]:
    """With the list as a source, once; a number in the list is kept so that the row is found again."""
    there = [one for one in sources if one.document == source.document]
    if any(one.section == source.section for one in there) or (there and not number):
        return sources
    return (*sources, source)
