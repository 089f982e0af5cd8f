"""Whom a learning circle can be made of, and the circles that staff accepted."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from kennismakelaar import regions
from kennismakelaar.broker import Broker
from kennismakelaar.desk import capacity, cases, circles, gaps
from kennismakelaar.desk.cases import Case, Step
from kennismakelaar.desk.circles import Circle, Participant, Plan, Rules, Topic
from kennismakelaar.errors import Conflict, NotFound, Refused
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Change, Edge, Node, Record
from kennismakelaar.store import RecordStore

KIND = "circle"
"""Of the records that hold accepted circles."""
KINDS = ("initiative", "organisation", "person")
"""Of nodes that can join; an asker joins as a case."""
DIRECT, BY_THEME = 1.0, 0.3
"""How well someone fits who asks or answers the very question, or who shares a theme with it (for each, up to two)."""


@dataclass(frozen=True)
class Accepted:
    """A circle that staff accepted."""

    id: str
    circle: Circle
    at: str
    who: str


@dataclass(frozen=True)
class Field:
    """Everyone who may join, and every question to meet about."""

    topics: tuple[Topic, ...]
    people: Mapping[str, Participant]


def propose(broker: Broker, rules: Rules, seed: int = 0) -> Plan:
    """Circles for the questions that are not answered."""
    if not 2 <= rules.smallest <= rules.largest:
        wrong = _(
            "Een kring van %(least)s tot %(most)s kan niet. Geef een grootte als 6-10.",
            least=rules.smallest,
            most=rules.largest,
        )
        raise Refused(wrong)
    found = survey(broker)
    return circles.plan(found.topics, found.people, rules, seed)


def survey(broker: Broker) -> Field:
    """Topics and people as the graph and the desk have them now; who takes no questions is left out."""
    store, snapshot = broker.store, broker.snapshot
    nodes = {n.id: n for kind in KINDS for n in store.nodes(kind) if _may_join(broker, n)}
    waiting = {c.id: c for r in store.records(cases.KIND) if (c := cases.case_of(r)).state is not cases.State.DONE}
    open_ = [gap for gap in gaps.register(store) if gap.state is not gaps.State.ANSWERED]
    edges = [edge for edge in store.edges() if edge.kind in ("asks", "answers", "about", "knows_about")]
    themes = _themes(edges, waiting.values())
    topics = [_topic(gap, edges, themes, nodes, waiting) for gap in open_]
    load = Counter(id for one in accepted(store) for id in (*one.circle.askers, *one.circle.experienced))
    homes = {id: regions.home(snapshot, id) for id in nodes} | {id: case.place for id, case in waiting.items()}
    wanted = {id for topic in topics for id in (*topic.askers, *topic.experienced)}
    people = {id: _person(broker, id, homes[id], load[id]) for id in sorted(wanted)}
    return Field(tuple(topics), people)


def _may_join(broker: Broker, node: Node) -> bool:
    """Not who takes no questions, nor what has ended; a person only by way of what they belong to, to be reached."""
    if capacity.cap_of(node) == 0 or node.text("end"):
        return False
    edges = broker.snapshot.edges([node.id])[node.id]
    return node.kind != "person" or any(edge.kind == "affiliated_with" and edge.source == node.id for edge in edges)


def _person(broker: Broker, id: str, home: str, load: int) -> Participant:
    town, province = regions.town(broker.snapshot, home), regions.province(broker.snapshot, home)
    return Participant(id, town.id if town else "", province.id if province else "", load)


def _themes(edges: Iterable[Edge], waiting: Iterable[Case]) -> Mapping[str, set[str]]:
    """What each node or case is about; a gap also by what its cases are about."""
    found: dict[str, set[str]] = defaultdict(set)
    for edge in edges:
        if edge.kind in ("about", "knows_about"):
            found[edge.source].add(edge.target)
    for case in waiting:
        for id in (case.id, case.gap) if case.gap else (case.id,):
            found[id] |= set(case.themes)
    return found


def _topic(
    gap: gaps.Gap,
    edges: Iterable[Edge],
    themes: Mapping[str, set[str]],
    nodes: Mapping[str, Node],
    waiting: Mapping[str, Case],
) -> Topic:
    """Who asks it, in the graph or as a case, comes before who knows of it."""
    near = {id: _by_theme(themes, gap.id, id) for id in (*nodes, *waiting)}
    asks = {e.source: DIRECT for e in edges if e.kind == "asks" and e.target == gap.id and e.source in nodes}
    others = {e.source for e in edges if e.kind == "asks" and e.source in nodes}
    asks |= {id: near[id] for id in (*others, *waiting) if near[id] and id not in asks}
    asks |= {case.id: DIRECT for case in waiting.values() if case.gap == gap.id}
    knows = {e.source: DIRECT for e in edges if e.kind == "answers" and e.target == gap.id and e.source in nodes}
    knows |= {id: near[id] for id in nodes if near[id] and id not in knows}
    return Topic(gap.id, gap.question, asks, {id: fit for id, fit in knows.items() if id not in asks})


def _by_theme(themes: Mapping[str, set[str]], one: str, other: str) -> float:
    return BY_THEME * min(2, len(themes.get(one, set()) & themes.get(other, set())))


def accept(broker: Broker, circle: Circle, who: Step) -> Accepted:
    """Keep a proposed circle; Refused where it was accepted already."""
    id = circles.id_of(circle)
    body: dict[str, Any] = {"circle": asdict(circle), "at": who.at, "who": who.who}
    if any(one.id == id for one in accepted(broker.store)):
        raise Refused(_("Deze leerkring is al aangenomen."))
    try:
        broker.store.write(Change(records=[Record(KIND, id, body)]))
    except Conflict as error:
        raise Refused(_("Deze leerkring is al aangenomen.")) from error
    return Accepted(id, circle, who.at, who.who)


def accepted(store: RecordStore) -> list[Accepted]:
    """All circles that were accepted, the latest first."""
    found = [_accepted(record) for record in store.records(KIND)]
    return sorted(found, key=lambda one: (one.at, one.id), reverse=True)


def find(store: RecordStore, id: str) -> Accepted:
    """An accepted circle, or NotFound."""
    try:
        return _accepted(store.record(KIND, id))
    except NotFound as error:
        raise NotFound(_("Leerkring '%(id)s' bestaat niet. Kijk in de lijst van leerkringen.", id=id)) from error


def _accepted(record: Record) -> Accepted:
    body = record.body["circle"]
    circle = Circle(**body | {"askers": tuple(body["askers"]), "experienced": tuple(body["experienced"])})
    return Accepted(record.id, circle, record.body["at"], record.body["who"])
