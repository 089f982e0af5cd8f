"""Forms built from graph_schema/: what may be filled in for a kind, and what was filled in as a node or edge."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from kennismakelaar.broker import Broker
from kennismakelaar.errors import NotFound, Refused, SchemaError
from kennismakelaar.language import current, marked, said
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Edge, Node, Source, Value
from kennismakelaar.schema import EdgeKind, Property, schema
from kennismakelaar.text import fold

KEPT = ("helped", "not_helped")
"""Properties that are counted and not filled in."""


@dataclass(frozen=True)
class Field:
    """One thing to fill in; `value` is as it stands in the form, a list of lines or choices as a tuple."""

    name: str
    label: str
    type: str
    required: bool
    options: tuple[tuple[str, str], ...]
    value: str | tuple[str, ...]


def fields(kind: str, node: Node | None = None) -> tuple[Field, ...]:
    """What can be filled in for a kind, with what the node has."""
    named = (
        Field("name", _("naam"), "text", True, (), node.name if node else ""),
        Field("aliases", _("ook bekend als"), "texts", False, (), node.aliases if node else ()),
    )
    rules = schema().nodes[kind].properties
    return (*named, *(_field(name, rule, node) for name, rule in rules.items() if name not in KEPT))


def _field(name: str, rule: Property, node: Node | None) -> Field:
    options = tuple((key, said(term)) for key, term in schema().vocabularies.get(rule.vocabulary, {}).items())
    many = rule.type in ("texts", "choices")
    value = (node.texts(name) if many else _shown(node, name)) if node and name in node.properties else ()
    return Field(name, said(rule.label), rule.type, rule.required, options, value if many else value or "")


def _shown(node: Node, name: str) -> str:
    """Numbers the way of the language."""
    value = node.properties[name]
    return f"{value:g}".replace(".", _signs()[1]) if isinstance(value, float) else str(value)


def filled(node: Node, form: Mapping[str, Sequence[str]]) -> Node:
    """The node with what was filled in; a field that is left empty goes, one that was not in the form stays.

    SchemaError with everything that is wrong, by the label that the person saw.
    """
    wrong: list[str] = []
    values = {name: value for name, value in node.properties.items() if name in KEPT or name not in form}
    for field in fields(node.kind):
        if field.name in form and field.name not in ("name", "aliases"):
            try:
                value = PARSERS.get(field.type, _line)([text.strip() for text in form[field.name]])
            except ValueError:
                given, type = " ".join(form[field.name]), _(TYPES[field.type])
                wrong.append(_("%(label)s: %(given)r is geen %(type)s", label=field.label, given=given, type=type))
                continue
            if value not in ("", ()):
                values[field.name] = value
            elif field.required:
                wrong.append(_("%(label)s is nog leeg", label=field.label))
    name = " ".join(form["name"]).strip() if "name" in form else node.name
    if not name:
        wrong.append(_("%(label)s is nog leeg", label=_("naam")))
    if wrong:
        raise SchemaError(_("Dit klopt nog niet: %(wrong)s.", wrong="; ".join(wrong)))
    aliases = _lines(form["aliases"]) if "aliases" in form else node.aliases
    return replace(node, name=name, aliases=aliases, properties=values)


def _line(texts: Sequence[str]) -> str:
    return " ".join(" ".join(texts).split())


def _lines(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(line.strip() for text in texts for line in text.splitlines() if line.strip())


def _signs() -> tuple[str, str]:
    """Between thousands, and before decimals."""
    return {"nl": (".", ","), "en": (",", ".")}[current()]


def _number(texts: Sequence[str]) -> Value:
    """The Dutch way, 1.250,5; but 33.5 is thirty-three and a half, since it cannot be thousands. In English 1,250.5."""
    text, (thousands, decimal) = _line(texts), _signs()
    if decimal in text or re.fullmatch(rf"-?\d{{1,3}}(\{thousands}\d{{3}})+", text):
        text = text.replace(thousands, "").replace(decimal, ".")
    return "" if not text else float(text) if "." in text else int(text)


def _date(texts: Sequence[str]) -> Value:
    return date.fromisoformat(_line(texts)).isoformat() if _line(texts) else ""


def _year(texts: Sequence[str]) -> Value:
    return int(_line(texts)) if _line(texts) else ""


PARSERS: Mapping[str, Callable[[Sequence[str]], Value]] = {
    "texts": _lines,
    "choices": lambda texts: tuple(text for text in texts if text),
    "number": _number,
    "year": _year,
    "date": _date,
}
"""From what was typed to a value, by type; ValueError where it cannot be read. Other types are a line of text."""
TYPES = {"number": marked("getal"), "year": marked("jaartal"), "date": marked("datum (schrijf: 2026-11-25)")}


def source(broker: Broker, form: Mapping[str, str]) -> Source:
    """The source that was filled in; Refused where it has no publication of the graph or no place in it."""
    document, chapter = form.get("document", "").strip(), form.get("chapter", "").strip()
    if not (document and chapter):
        raise Refused(_("De bron ontbreekt. Kies een publicatie en schrijf op waar het staat."))
    if broker.snapshot.nodes([document]).get(document, Node("", "", "")).kind != "publication":
        raise Refused(_("Publicatie %(document)r kennen wij niet. Voeg die eerst toe.", document=document))
    known = form.get("known", "") or "curated"
    return Source(document, chapter, known, form.get("section", "").strip(), form.get("note", "").strip())


def readable(name: str) -> str:
    """A name in the letters that an id may have."""
    return "-".join(re.findall(r"[a-z0-9]+", fold(name)))[:60].strip("-") or "record"


def new_id(broker: Broker, name: str) -> str:
    """A readable id that is not in use yet."""
    base = readable(name)
    taken = broker.snapshot.nodes([base, *(f"{base}-{n}" for n in range(2, 100))])
    return next(id for id in (base, *(f"{base}-{n}" for n in range(2, 101))) if id not in taken)


def ties(kind: str) -> tuple[tuple[str, str], ...]:
    """The relations that a node of this kind can have: '>supports' from it, '<supports' to it, with how they read."""
    edges = schema().edges.values()
    out = [(f">{edge.name}", said(edge.label)) for edge in edges if kind in edge.source]
    back = [
        (f"<{edge.name}", said(edge.inverse)) for edge in edges if kind in edge.target and not _mirrored(edge, kind)
    ]
    return tuple(sorted((*out, *back), key=lambda tie: tie[1]))


def _mirrored(edge: EdgeKind, kind: str) -> bool:
    return edge.is_symmetric and kind in edge.source


def tie(broker: Broker, node: Node, relation: str, other: str, where: Source) -> Edge:
    """The relation that was chosen with the record of that name or id; Refused where it is none or more than one."""
    if relation not in dict(ties(node.kind)):
        raise Refused(_("Kies een relatie uit de lijst."))
    id = named(broker, other)
    ends = (node.id, id) if relation[0] == ">" else (id, node.id)
    return Edge(relation[1:], *ends, (where,))


def named(broker: Broker, name: str) -> str:
    """The id of a record by its id, name or alias; NotFound or Refused where that is not one record."""
    wanted = name.strip()
    if wanted in broker.snapshot.nodes([wanted]):
        return wanted
    found = [n.id for n in broker.store.nodes() if fold(wanted) in {fold(one) for one in (n.name, *n.aliases)}]
    if not found:
        raise NotFound(_("%(wanted)r kennen wij niet. Kijk de spelling na, of voeg het eerst toe.", wanted=wanted))
    if len(found) > 1:
        raise Refused(
            _(
                "%(wanted)r kan meer dan één ding zijn: %(known)s. Vul een van deze id's in.",
                wanted=wanted,
                known=", ".join(found),
            )
        )
    return found[0]
