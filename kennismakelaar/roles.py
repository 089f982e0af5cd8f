"""The part a record plays: in an answer, in a relation, and for the publication it rests on."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from kennismakelaar import language
from kennismakelaar.language import gettext as _
from kennismakelaar.language import marked
from kennismakelaar.model import Edge, Match, Node, Reason
from kennismakelaar.schema import schema


@dataclass(frozen=True)
class Role:
    """What several kinds have in common for someone who asks."""

    name: str
    label: str
    hint: str
    kinds: tuple[str, ...]


ROLES = (
    Role(
        "helpen",
        marked("Wie kan helpen"),
        marked("Organisaties en programma's die u op weg helpen."),
        ("organisation", "programme"),
    ),
    Role("weten", marked("Wie weet hier iets van"), marked("Mensen die hierover schrijven of spreken."), ("person",)),
    Role(
        "vergelijken",
        marked("Vergelijkbare initiatieven"),
        marked("Anderen deden iets wat hierop lijkt."),
        ("initiative",),
    ),
    Role("methoden", marked("Methoden"), marked("Manieren van werken die u ook kunt gebruiken."), ("method",)),
    Role(
        "kennis",
        marked("Kennis en cijfers"),
        marked("Publicaties, uitkomsten, vragen en thema's."),
        ("publication", "finding", "knowledge_question", "theme"),
    ),
    Role("plaatsen", marked("Plaatsen"), marked("Plekken waar hier iets mee gebeurt."), ("place",)),
)


GOOD_ENOUGH = 0.1
"""The chance from which a match may stand on a card by itself."""
ROUTES = ("geld", "regels")
"""What a route to money or rules offers."""
LEANING = ("fit_whole", "passages")
"""Signals whose reason goes on where that of another stops."""
KNOWING = ("publication", "finding", "knowledge_question", "person")
"""Kinds that know, or hold knowledge."""


@dataclass(frozen=True)
class Place:
    """A place on the card of an answer, with the best sourced match for it; None where nothing is good enough."""

    name: str
    label: str
    match: Match | None
    reason: Reason | None
    """What speaks most for the match by itself, and can be looked up."""


def card(matches: Sequence[Match], nodes: Mapping[str, Node]) -> tuple[Place, ...]:
    """The 'bemiddelkaart': who helps, how, who did it before, the way to money or rules, and what is known."""
    good = [m for m in matches if m.chance >= GOOD_ENOUGH and nodes[m.id].sources]
    route = [m for m in good if set(nodes[m.id].texts("offer")) & set(ROUTES)]
    places = (
        ("help", marked("Wie kan helpen"), [m for m in good if m.kind in ("organisation", "programme")]),
        ("method", marked("Een methode"), [m for m in good if m.kind == "method"]),
        ("example", marked("Wie deed dit eerder"), [m for m in good if m.kind == "initiative"]),
        ("route", marked("Geld of regels"), route),
        ("knowledge", marked("Kennis"), [m for m in good if m.kind in KNOWING]),
    )
    return tuple(_place(name, label, found) for name, label, found in places)


def _place(name: str, label: str, found: Sequence[Match]) -> Place:
    best = next(iter(found), None)
    alone = [r for r in best.reasons if r.signal not in LEANING] if best else []
    return Place(name, label, best, next(iter(main_reasons(alone, 1)), None))


@dataclass(frozen=True)
class Group:
    """The matches of an answer that play one role; `matches` holds their ids, best first."""

    name: str
    label: str
    hint: str
    matches: tuple[str, ...]


def told() -> tuple[Role, ...]:
    """ROLES in the language that is spoken."""
    return tuple(replace(role, label=_(role.label), hint=_(role.hint)) for role in ROLES)


def group(matches: Sequence[Match]) -> tuple[Group, ...]:
    """The roles that occur, in the order of ROLES: people look for help first and for figures later."""
    found = [(role, tuple(m.id for m in matches if m.kind in role.kinds)) for role in told()]
    return tuple(Group(role.name, role.label, role.hint, ids) for role, ids in found if ids)


def main_reasons(reasons: Sequence[Reason], limit: int = 3) -> tuple[Reason, ...]:
    """Those that speak most for a match and can be looked up; no passage is quoted twice."""
    chosen: dict[str, Reason] = {}
    for reason in sorted(reasons, key=lambda r: not r.source):
        if reason.points > 0:
            chosen.setdefault(reason.text.partition("“")[2] or reason.text, reason)
    return tuple(list(chosen.values())[:limit])


def seen_from(edge: Edge, id: str) -> str:
    """What one end of an edge does, or undergoes."""
    kind = schema().edges[edge.kind]
    return language.said(kind.label if edge.source == id else kind.inverse)


@dataclass(frozen=True)
class Section:
    """A part of a publication with what rests on it; `nodes` holds ids."""

    chapter: str
    title: str
    nodes: tuple[str, ...]
    edges: tuple[Edge, ...]


def sections(document: str, nodes: Iterable[Node], edges: Iterable[Edge]) -> tuple[Section, ...]:
    """What of these rests on a publication, by chapter and section."""
    resting: dict[tuple[str, str], tuple[dict[str, None], list[Edge]]] = defaultdict(lambda: ({}, []))
    for node in nodes:
        for source in node.sources:
            if source.document == document:
                resting[source.chapter, source.section][0][node.id] = None
    for edge in edges:
        for place in {(s.chapter, s.section) for s in edge.sources if s.document == document}:
            resting[place][1].append(edge)
    return tuple(Section(*place, tuple(ids), tuple(ties)) for place, (ids, ties) in sorted(resting.items()))
