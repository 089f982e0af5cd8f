"""The register of personal data of graph_schema/personal.yaml, and who sees which field of a person."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from kennismakelaar import language
from kennismakelaar.errors import SchemaError
from kennismakelaar.language import gettext as _
from kennismakelaar.language import marked
from kennismakelaar.model import Node
from kennismakelaar.paths import GRAPH_SCHEMA
from kennismakelaar.schema import Schema, schema

PUBLIC, STAFF = "openbaar", "medewerkers"
OWN = ("id", "name", "aliases", "sources")
"""Fields of every node that are not properties of its kind."""
LABELS = {
    "person": marked("persoon in de graaf"),
    "contact": marked("contactgegevens"),
    "case": marked("vraag van een bewoner"),
    "introduction": marked("kennismaking"),
    "outcome": marked("antwoord op ‘hielp het?’"),
    "letter": marked("brief"),
    "link": marked("persoonlijke link"),
    "follow": marked("volgen van een vraag of plaats"),
    "report": marked("melding van een fout"),
    "history": marked("geschiedenis van de graaf"),
    "user": marked("gebruiker"),
    "audit": marked("logboek"),
    "asked": marked("hoe vaak een helper is gevraagd"),
    "circle": marked("leerkring"),
    "erased": marked("kenmerk van wie gewist is"),
}
"""How people call each kind."""
TOLD = ("purpose", "ground", "period", "visibility")
"""What an entry says in words."""


@dataclass(frozen=True)
class Entry:
    """Fields that are kept for one purpose."""

    place: str
    """'node' or 'record'."""
    kind: str
    fields: tuple[str, ...]
    purpose: Mapping[str, str]
    ground: Mapping[str, str]
    period: Mapping[str, str]
    visibility: Mapping[str, str]

    @property
    def label(self) -> str:
        """What this is, for people."""
        return _(LABELS[self.kind])


@cache
def register() -> tuple[Entry, ...]:
    """All entries, in the order of the file; read once."""
    return read(GRAPH_SCHEMA / "personal.yaml", schema())


def read(path: Path, kinds: Schema) -> tuple[Entry, ...]:
    """The entries of a file; SchemaError where a field of a person stands nowhere, or in two places."""
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
        found = tuple(
            Entry(place, kind, tuple(entry.pop("fields")), **entry)
            for place, listed in content.items()
            for kind, entries in listed.items()
            for entry in entries
        )
    except (OSError, yaml.YAMLError, AttributeError, KeyError, TypeError) as error:
        raise SchemaError(_("%(file)s: %(error)s. Kijk de sleutels na.", file=path.name, error=error)) from error
    if wrong := list(_wrong(found, kinds)):
        raise SchemaError("%s: %s." % (path.name, "; ".join(wrong)))
    return found


def _wrong(entries: Sequence[Entry], kinds: Schema) -> Iterator[str]:
    for kind in dict.fromkeys(one.kind for one in entries if one.place == "node"):
        named = [name for one in entries if one.kind == kind for name in one.fields]
        wanted = {*OWN, *kinds.nodes[kind].properties}
        yield from (f"{kind}: {_('%(name)s staat er niet in', name=name)}" for name in sorted(wanted - set(named)))
        yield from (f"{kind}: {_('%(name)s bestaat niet', name=name)}" for name in sorted(set(named) - wanted))
        yield from (
            f"{kind}: {_('%(name)s staat er twee keer in', name=name)}"
            for name in sorted({n for n in named if named.count(n) > 1})
        )
    unnamed = [one.kind for one in entries if one.kind not in LABELS]
    yield from (_("%(name)s heeft geen naam voor mensen", name=kind) for kind in unnamed)


@cache
def _hidden(kind: str) -> frozenset[str]:
    """Properties of a kind of node that only staff may see."""
    mine = [one for one in register() if (one.place, one.kind) == ("node", kind)]
    return frozenset(name for one in mine if one.visibility["nl"] != PUBLIC for name in one.fields)


def seen(node: Node, by_staff: bool) -> Node:
    """The node as someone may see it."""
    hidden = frozenset() if by_staff else _hidden(node.kind)
    if not hidden & set(node.properties):
        return node
    return replace(node, properties={name: value for name, value in node.properties.items() if name not in hidden})


def seen_values(kind: str, values: Mapping[str, Any], by_staff: bool) -> dict[str, Any]:
    """The same for values by name, as a history has them."""
    hidden = frozenset() if by_staff else _hidden(kind)
    return {name: value for name, value in values.items() if name not in hidden}


def as_data(entry: Entry) -> dict[str, Any]:
    """For JSON, in the language that is spoken."""
    told = {name: language.said(getattr(entry, name)) for name in TOLD}
    return {**asdict(entry), **told, "label": entry.label}


def as_markdown(entries: Sequence[Entry]) -> str:
    """The register as a table, for docs/privacy.md."""
    rows = [
        f"| {one.label} (`{one.kind}`) | {', '.join(one.fields)} | "
        + " | ".join(language.said(getattr(one, name)) for name in TOLD)
        + " |"
        for one in entries
    ]
    head = "| wat | velden | waarvoor | grond (AVG) | hoe lang | voor wie |\n|---|---|---|---|---|---|"
    return "\n".join((head, *rows))
