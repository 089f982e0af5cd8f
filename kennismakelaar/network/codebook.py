"""What stands in the files of a research package: every column, its unit, and every code list."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kennismakelaar.network.frames import Column, Frame
from kennismakelaar.network.measures import measures
from kennismakelaar.network.views import views
from kennismakelaar.schema import EdgeKind, NodeKind, Property, schema

TYPES = {"text": "string", "texts": "array", "json": "any"}
"""As a Table Schema names them (Frictionless Data); the others have the same name."""
UNITS = {"year": {"nl": "jaar", "en": "year"}, "date": {"nl": "dag (JJJJ-MM-DD)", "en": "day (YYYY-MM-DD)"}}
ROLES: Mapping[str, Mapping[str, str]] = {
    "id": {"nl": "code van het record", "en": "id of the record"},
    "name": {"nl": "naam", "en": "name"},
    "aliases": {"nl": "andere namen", "en": "other names"},
    "sources": {"nl": "bronnen: document, hoofdstuk, kop", "en": "sources: document, chapter, heading"},
    "source": {"nl": "code van het record waar de band begint", "en": "id of the record where the tie begins"},
    "target": {"nl": "code van het record waar de band eindigt", "en": "id of the record where the tie ends"},
    "through": {"nl": "codes van wat beide delen", "en": "ids of what both share"},
    "direct": {"nl": "soorten relatie tussen beide", "en": "kinds of relation between both"},
    "weight": {
        "nl": "gewicht: 1 voor elke relatie, en 1/(k-1) voor elk record dat k records delen (Newman, 2001)",
        "en": "weight: 1 for each relation, and 1/(k-1) for each record that k records share (Newman, 2001)",
    },
}
"""Columns that are no property of the schema."""
DIGITS, TINY = 6, 12
"""Digits of a figure; and the decimals beyond which it is nothing."""
UNKNOWN = {"nl": "staat niet in het schema", "en": "is not in the schema"}
BOOK = (
    "\n## {file}\n\n| kolom / column | type | eenheid / unit | codelijst / code list | label (nl) | label (en) "
    "| soorten / kinds |\n|---|---|---|---|---|---|---|\n"
)
HEADER = ("file", "column", "kinds", "type", "unit_nl", "unit_en", "code_list", "label_nl", "label_en", "meaning")


@dataclass(frozen=True)
class Entry:
    """A column of a file; where kinds of record use it for different things, each has an entry."""

    file: str
    column: str
    kinds: tuple[str, ...]
    """Kinds of record that have it; empty for all."""
    type: str
    unit: Mapping[str, str]
    code_list: str
    label: Mapping[str, str]
    meaning: str = ""

    def row(self) -> tuple[str, ...]:
        """As HEADER says."""
        unit, label = (tuple(text.get(language, "") for language in ("nl", "en")) for text in (self.unit, self.label))
        return (self.file, self.column, " ".join(self.kinds), self.type, *unit, self.code_list, *label, self.meaning)


def of_nodes(frame: Frame, file: str) -> Iterator[Entry]:
    """The columns of a table of nodes."""
    yield _fixed(file, "id", "string")
    yield from (entry for column in frame.node_columns for entry in _entries(frame, column, file, "node_kind"))


def of_edges(frame: Frame, file: str) -> Iterator[Entry]:
    """The columns of a table of ties."""
    yield from (_fixed(file, name, "string") for name in ("source", "target"))
    yield from (entry for column in frame.edge_columns for entry in _entries(frame, column, file, "edge_kind"))


def of_measures(names: Iterable[str], file: str) -> Iterator[Entry]:
    """The columns of a table of measures."""
    yield _fixed(file, "id", "string")
    yield from _measured(names, file)


def of_pairs(names: Iterable[str], file: str) -> Iterator[Entry]:
    """The columns of a table of measures of pairs."""
    yield from (_fixed(file, name, "string") for name in ("source", "target"))
    yield from _measured(names, file)


def _measured(names: Iterable[str], file: str) -> Iterator[Entry]:
    for name in names:
        known = measures()[name]
        meaning = " / ".join((known.meaning["nl"], known.meaning["en"], known.source))
        yield Entry(file, name, (), "number", {}, name if known.codes else "", known.label, meaning)


def _fixed(file: str, name: str, type: str) -> Entry:
    return Entry(file, name, (), type, {}, "", ROLES[name])


def _entries(frame: Frame, column: Column, file: str, place: str) -> Iterator[Entry]:
    type = TYPES.get(column.type, column.type)
    rules = list(_rules(frame, column, place))
    if column.attribute == "kind":
        yield Entry(file, column.name, (), type, {}, place, {"nl": "soort", "en": "kind"})
    elif rules:
        yield from _by_meaning(file, column, rules)
    else:
        yield Entry(file, column.name, (), type, {}, "", ROLES.get(column.attribute, UNKNOWN))


def _rules(frame: Frame, column: Column, place: str) -> Iterator[tuple[str, Property]]:
    """For each kind in the view that has a property of this name, its rule."""
    known: Mapping[str, NodeKind | EdgeKind] = schema().nodes if place == "node_kind" else schema().edges
    rows = (row for _, row in frame.nodes()) if place == "node_kind" else (row for *_, row in frame.edges())
    there = {row.get("kind") for row in rows if column.attribute in row}
    for name, kind in known.items():
        if name in there and column.attribute in kind.properties:
            yield name, kind.properties[column.attribute]


def _by_meaning(file: str, column: Column, rules: Sequence[tuple[str, Property]]) -> Iterator[Entry]:
    """An entry for each meaning that a property has; a place and a publication both have a type, from other lists."""
    found: dict[tuple[str, str, str], tuple[Property, list[str]]] = {}
    for kind, rule in rules:
        found.setdefault((rule.type, rule.vocabulary, rule.label["nl"]), (rule, []))[1].append(kind)
    for rule, kinds in found.values():
        type = "date" if rule.type == "date" else TYPES.get(column.type, column.type)
        yield Entry(file, column.name, tuple(kinds), type, UNITS.get(rule.type, {}), rule.vocabulary, rule.label)


def code_lists() -> Iterator[tuple[str, str, str, str]]:
    """List, code, label in Dutch and in English; of kinds of record also the number in the .clu files."""
    yield ("code_list", "code", "label_nl", "label_en")
    for number, kind in enumerate(schema().nodes.values(), 1):
        yield ("pajek_partition", str(number), kind.label["nl"], kind.label["en"])
    for kind in schema().nodes.values():
        yield ("node_kind", kind.name, kind.label["nl"], kind.label["en"])
    for relation in schema().edges.values():
        yield ("edge_kind", relation.name, relation.label["nl"], relation.label["en"])
    for view in views().values():
        if view.tie:
            yield ("edge_kind", view.tie["name"], view.tie["nl"], view.tie["en"])
    for name, terms in schema().vocabularies.items():
        yield from ((name, code, term.nl, term.en) for code, term in terms.items())
    for measure in measures().values():
        yield from ((measure.name, str(code), text["nl"], text["en"]) for code, text in measure.codes.items())


def markdown(entries: Iterable[Entry], lists: Iterable[tuple[str, str, str, str]]) -> Iterator[str]:
    """The codebook to read: a table for each file, then a table for each code list."""
    yield "# Codeboek / codebook\n"
    file = None
    for entry in entries:
        if entry.file != file:
            file = entry.file
            yield BOOK.format(file=file)
        unit = " / ".join(dict.fromkeys(entry.unit.values()))
        label = (entry.label.get("nl", ""), entry.label.get("en", ""))
        yield _row(f"`{entry.column}`", entry.type, unit, entry.code_list, *label, ", ".join(entry.kinds))
    yield "\n# Codelijsten / code lists\n"
    name = ""
    for code_list, code, *labels in list(lists)[1:]:
        if code_list != name:
            name = code_list
            yield f"\n## {name}\n\n| code | label (nl) | label (en) |\n|---|---|---|\n"
        yield _row(f"`{code}`", *labels)


def _row(*cells: str) -> str:
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |\n"


def schema_of(entries: Iterable[Entry]) -> dict[str, Any]:
    """The Table Schema (Frictionless Data) of a file; absent is an empty cell."""
    fields: dict[str, dict[str, Any]] = {}
    for entry in entries:
        made = {"name": entry.column, "type": entry.type, "title": entry.label.get("nl", entry.column)}
        described = fields.setdefault(entry.column, made)
        text = "; ".join(part for part in (entry.label.get("en", ""), entry.meaning) if part)
        if text and text not in described.get("description", ""):
            described["description"] = "; ".join(filter(None, (described.get("description", ""), text)))
    return {"fields": list(fields.values()), "missingValues": [""]}


def figure(value: float) -> str:
    """In six digits: the last digits of a sum depend on the order in which a machine adds."""
    return str(int(value)) if value == int(value) else f"{round(value, TINY):.{DIGITS}g}"


@dataclass(frozen=True)
class Figure:
    """A measure that was taken of a view; `value` is empty where nodes or pairs have one each."""

    view: str
    measure: str
    value: str
    parameters: Mapping[str, Any]
    exact: bool | None
    """None where it could not be taken; `note` says why."""
    note: str
    note_en: str


def measure_table(figures: Iterable[Figure]) -> Iterator[tuple[str, ...]]:
    """Which measures were taken, with which parameters, what they mean and who defined them."""
    yield tuple(
        "view measure label_nl label_en meaning_nl meaning_en scope value parameters exact note_nl note_en source".split()
    )
    for figure in figures:
        known = measures()[figure.measure]
        texts = (known.label["nl"], known.label["en"], known.meaning["nl"], known.meaning["en"], known.scope)
        parameters = json.dumps(figure.parameters, ensure_ascii=False, sort_keys=True)
        exact = "" if figure.exact is None else str(figure.exact).lower()
        notes = (figure.note, figure.note_en, known.source)
        yield (figure.view, figure.measure, *texts, figure.value, parameters, exact, *notes)
