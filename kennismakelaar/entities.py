"""Which records were asked for, when each changed, and what stands around one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from kennismakelaar import history, text
from kennismakelaar.broker import Broker
from kennismakelaar.errors import NotFound, Refused
from kennismakelaar.kinds import THEMED
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Edge, Node
from kennismakelaar.snapshot import Snapshot
from kennismakelaar.store import Store

DEEPEST = 2
"""Steps of a neighbourhood; three reach most of the graph."""
CLOSE = 5
"""Ids that are suggested where a name is not unique."""


@dataclass(frozen=True)
class Filter:
    """What is asked for; what is empty leaves nothing out."""

    kind: str = ""
    place: str = ""
    """Id of a place; what is in it, or in a place within it."""
    theme: str = ""
    """Id of a theme; what is about it, or about a theme that it includes."""
    text: str = ""
    """Every word of it stands in the record."""
    modified_since: datetime | None = None
    """With a time zone. What has no date is in as well, so that nobody misses a change."""


@dataclass(frozen=True)
class Neighbourhood:
    """What can be reached from a record in a few steps, and the relations between all that."""

    nodes: tuple[Node, ...]
    """The record itself first, then by the number of steps and id."""
    edges: tuple[Edge, ...]
    complete: bool
    """No where there was more than the limit."""


def find(broker: Broker, wanted: Filter) -> list[str]:
    """Ids of what was asked for, in order of id."""
    snapshot = broker.snapshot
    chosen = dict.fromkeys(_in_order(broker.store, wanted))
    if wanted.place:
        chosen = _both(chosen, _in_place(snapshot, wanted.place))
    if wanted.theme:
        chosen = _both(chosen, _about(snapshot, wanted.theme))
    if wanted.text:
        chosen = _both(chosen, _with_words(broker, wanted.text))
    if wanted.modified_since:
        dates, since = modified(broker), wanted.modified_since.astimezone(UTC)
        chosen = {id: None for id in chosen if id not in dates or dates[id] >= since}
    return list(chosen)


def _in_order(store: Store, wanted: Filter) -> Iterable[str]:
    return (node.id for node in store.nodes(wanted.kind or None))


def _both(chosen: Mapping[str, None], others: set[str]) -> dict[str, None]:
    return {id: None for id in chosen if id in others}


def _below(snapshot: Snapshot, top: str, kind: str) -> set[str]:
    """The record and all that has it above it along relations of this kind."""
    found, waiting = {top}, [top]
    while waiting:
        edges = snapshot.edges(waiting)
        below = {e.source for id in waiting for e in edges[id] if e.kind == kind and e.target == id}
        waiting = sorted(below - found)
        found |= below
    return found


def _in_place(snapshot: Snapshot, place: str) -> set[str]:
    within = _below(snapshot, place, "part_of")
    edges = snapshot.edges(within)
    return within | {e.source for id in within for e in edges[id] if e.kind == "located_in"}


def _about(snapshot: Snapshot, theme: str) -> set[str]:
    within = _below(snapshot, theme, "broader")
    edges = snapshot.edges(within)
    return within | {e.source for id in within for e in edges[id] if e.kind in THEMED}


def _with_words(broker: Broker, wanted: str) -> set[str]:
    """Ids of the records that have every word, or a word with the same stem; none where no word says anything."""
    stems = [text.stem(word) for word in text.content_words(wanted)]
    found = [{id for id, _ in broker.store.lexical("words", [stem], broker.snapshot.size)} for stem in set(stems)]
    return set.intersection(*found) if found else set()


def named(broker: Broker, kind: str, wanted: str) -> str:
    """The id of a record of this kind by its id or one of its names; NotFound or Refused where that is not just one."""
    if broker.snapshot.nodes([wanted]).get(wanted, Node("", "", "")).kind == kind:
        return wanted
    ids = broker.named(wanted, kind)
    if not ids:
        raise NotFound(_("%(wanted)r kennen wij niet. Controleer de spelling, of gebruik een id.", wanted=wanted))
    if len(ids) > 1:
        raise Refused(
            _(
                "%(wanted)r kan meer dan één ding zijn: %(known)s. Gebruik een van deze id's.",
                wanted=wanted,
                known=", ".join(ids[:CLOSE]),
            )
        )
    return ids[0]


def modified(broker: Broker) -> Mapping[str, datetime]:
    """By id when a record, or a relation of it, last changed, in UTC.

    That is the last change in the history; of what was never changed by a person the day on which it was checked.
    What has neither is not in it.
    """

    def dates() -> dict[str, datetime]:
        checked = {n.id: _moment(day) for n in broker.store.nodes() if (day := n.text("verified_on"))}
        return checked | _changes(broker.store)

    return broker.snapshot.once("modified", dates)


def _changes(store: Store) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for record in store.records(history.KIND):
        at = _moment(record.body["changes"][-1]["at"])
        for tag in record.tags:
            what, _, id = tag.partition(":")
            if what == "node":
                found[id] = max(at, found.get(id, at))
    return found


def _moment(text: str) -> datetime:
    """A day or a moment (ISO 8601); without a time zone it is UTC."""
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def neighbourhood(broker: Broker, id: str, depth: int = 1, limit: int = 500) -> Neighbourhood:
    """What can be reached from a record in at most `depth` steps, whatever their direction; NotFound, or Refused."""
    if not 1 <= depth <= DEEPEST:
        raise Refused(_("%(depth)s stappen kan niet. Kies van 1 tot %(most)s.", depth=depth, most=DEEPEST))
    snapshot = broker.snapshot
    last = [snapshot.node(id).id]
    found = dict.fromkeys(last)
    for _step in range(depth):
        edges = snapshot.edges(last)
        last = sorted({end for one in last for e in edges[one] for end in (e.source, e.target)} - set(found))
        found |= dict.fromkeys(last)
    kept = dict.fromkeys(list(found)[:limit])
    nodes, touching = snapshot.nodes(kept), snapshot.edges(kept)
    between = {_key(e): e for edges in touching.values() for e in edges if e.source in kept and e.target in kept}
    return Neighbourhood(
        tuple(nodes[one] for one in kept), tuple(between[key] for key in sorted(between)), len(kept) == len(found)
    )


def _key(edge: Edge) -> tuple[str, str, str]:
    return edge.source, edge.kind, edge.target
