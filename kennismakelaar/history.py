"""Every change of the graph by a person: who, when, why, the old and the new; and how to take it back."""

import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from kennismakelaar import happened, moments
from kennismakelaar.broker import Broker
from kennismakelaar.errors import Conflict, NotFound, Refused
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Change, Edge, Node, Record, as_json, edge_from, node_from
from kennismakelaar.store import Store, held

KIND, PAPERS = "history", "history_papers"
"""Of the records that hold the changes of one node or edge, oldest first; and of those that hold the bound papers that a run
brought and took."""
BOUND = "bound"
"""The tag of papers that come and go with the run that they are part of."""
Flat = dict[str, Any]


@dataclass(frozen=True)
class Past:
    """One change of one node or edge; `old` or `new` is None where it was not there."""

    run: str
    """Id of all that was changed together."""
    subject: str
    at: str
    who: str
    why: str
    old: Flat | None
    new: Flat | None

    @property
    def fields(self) -> Mapping[str, tuple[Any, Any]]:
        """What differs: the old and the new value by name."""
        old, new = self.old or {}, self.new or {}
        names = dict.fromkeys([*old, *new])
        return {name: (old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)}


def publish(broker: Broker, change: Change, who: str, why: str, seen: Mapping[str, int] | None = None) -> str:
    """Write the change with its history; the id of the run.

    `seen` gives the version of the history (`version`) of nodes as the person saw them: Conflict where it moved on.
    """
    whole = _with_edges_of_the_gone(broker.store, change)
    at = moments.now()
    run = f"{at:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
    pasts = [
        Past(run, subject, moments.moment(at), who, why, old, new)
        for subject, old, new in _differences(broker.store, whole)
    ]
    if not pasts and not whole.records:
        raise Refused(_("Er is niets veranderd."))
    records = [_grown(broker.store, past, seen or {}) for past in pasts] + _papers(broker.store, run, whole)
    broker.write(replace(whole, records=[*whole.records, *records]))
    return run


def version(store: Store, id: str) -> int:
    """How often a node was changed by people; a form carries it along, so that nobody overwrites a colleague."""
    return next((record.version for record in _records(store, f"subject:{id}")), 0)


def of_node(store: Store, id: str) -> tuple[Past, ...]:
    """All changes of a node and its relations, latest first."""
    found = (past for record in _records(store, f"node:{id}") for past in _pasts(record))
    return tuple(sorted(found, key=lambda past: (past.at, past.run, past.subject), reverse=True))


def runs(store: Store) -> tuple[tuple[Past, ...], ...]:
    """What was changed together, latest first."""
    found: dict[str, list[Past]] = {}
    for record in _records(store):
        for past in _pasts(record):
            found.setdefault(past.run, []).append(past)
    return tuple(tuple(found[run]) for run in sorted(found, key=lambda run: (found[run][0].at, run), reverse=True))


def bound(record: Record) -> Record:
    """A paper that goes when the run that brings it is taken back, and comes again when that is taken back."""
    return replace(record, tags=(*record.tags, BOUND))


def undo(broker: Broker, run: str, who: str) -> str:
    """Take back all of a run, keeping later changes of other fields; Conflict where a later one stands in the way."""
    records, pasts = _of_run(broker.store, run)
    now = _present(broker.store, [past.subject for past in pasts])
    wanted = {past.subject: _without(past, now.get(past.subject)) for past in pasts}
    change = _with_papers_back(broker.store, run, _back(wanted))
    return publish(broker, change, who, happened.TAKEN_BACK_RUN % {"id": run}, _versions(records))


def undo_rest(broker: Broker, run: str, who: str) -> tuple[str, ...]:
    """As undo, but what was changed after it, or tied to others, stays as it is; ids of what stays."""
    records, pasts = _of_run(broker.store, run)
    now = _present(broker.store, [past.subject for past in pasts])
    made = [past.subject for past in pasts if past.old is None and past.subject in now and not _is_edge(past.subject)]
    stays = {end for edge in (broker.store.edges(ids=made) if made else ()) for end in (edge.source, edge.target)}
    stays &= set(made)
    wanted: dict[str, Flat | None] = {}
    for past in pasts:
        if now.get(past.subject) == past.old:  # taken back already, when that was cut off halfway
            continue
        try:
            back = _without(past, now.get(past.subject))
        except Conflict:
            stays.add(past.subject)
            continue
        if past.subject not in stays:
            wanted[past.subject] = back
    if wanted:
        publish(broker, _back(wanted), who, happened.TAKEN_BACK_RUN % {"id": run}, _versions(records))
    return tuple(sorted(stays))


def _of_run(store: Store, run: str) -> tuple[list[Record], list[Past]]:
    """The histories that a run is in, and what it changed; NotFound where there is none."""
    records = list(_records(store, f"run:{run}"))
    if not records:
        raise NotFound(_("Wijziging %(run)r bestaat niet.", run=run))
    return records, [past for record in records for past in _pasts(record) if past.run == run]


def _back(wanted: Mapping[str, Flat | None]) -> Change:
    return Change(
        nodes=[node_from(new) for subject, new in wanted.items() if new and not _is_edge(subject)],
        edges=[edge_from(new) for subject, new in wanted.items() if new and _is_edge(subject)],
        gone_nodes=[subject for subject, new in wanted.items() if not new and not _is_edge(subject)],
        gone_edges=[_key(subject) for subject, new in wanted.items() if not new and _is_edge(subject)],
    )


def _papers(store: Store, run: str, change: Change) -> list[Record]:
    """The record of the bound papers that the change brings and takes, if any."""
    gone = [held(store, kind, id) for kind, id in change.gone_records]
    brought, taken = ([asdict(one) for one in papers if one and BOUND in one.tags] for papers in (change.records, gone))
    return [Record(PAPERS, run, {"brought": brought, "taken": taken})] if brought or taken else []


def _with_papers_back(store: Store, run: str, change: Change) -> Change:
    """What the run brought goes, and what it took comes again."""
    found = held(store, PAPERS, run)
    if found is None:
        return change
    gone = [(one["kind"], one["id"]) for one in found.body["brought"]]
    return replace(change, records=[_again(store, one) for one in found.body["taken"]], gone_records=gone)


def _again(store: Store, paper: Flat) -> Record:
    now = held(store, paper["kind"], paper["id"])
    return Record(paper["kind"], paper["id"], paper["body"], tuple(paper["tags"]), now.version if now else 0)


def _versions(records: Iterable[Record]) -> dict[str, int]:
    return {record.body["subject"]: record.version for record in records}


def _without(past: Past, now: Flat | None) -> Flat | None:
    """What there is now, without this change."""
    if now == past.new:
        return past.old
    changed = [name for name, (_, new) in past.fields.items() if (now or {}).get(name) != new]
    if now is None or past.old is None or past.new is None or changed:
        what = f" ({', '.join(changed)})" if changed and now else ""
        raise Conflict(
            _(
                "%(subject)s is daarna nog veranderd%(what)s. Maak eerst de latere wijziging ongedaan, of wijzig "
                "het zelf op de pagina.",
                subject=past.subject,
                what=what,
            )
        )
    back = {name: old for name, (old, _) in past.fields.items()}
    return {name: value for name, value in (now | back).items() if value is not None}


def _differences(store: Store, change: Change) -> Iterator[tuple[str, Flat | None, Flat | None]]:
    """Subject, old and new of all in the change that is not as it was."""
    things: list[Node | Edge] = [*change.nodes, *change.edges]
    after: dict[str, Flat | None] = {_subject(thing): flat(thing) for thing in things}
    gone = [*change.gone_nodes, *(" ".join((source, kind, target)) for kind, source, target in change.gone_edges)]
    after = dict.fromkeys(gone) | after
    before = _present(store, after)
    for subject, new in after.items():
        old = before.get(subject)
        if old != new:
            yield subject, old, new


def flat(thing: Node | Edge) -> Flat:
    """As JSON gives it back, so that old and new can be compared."""
    found: Flat = json.loads(json.dumps(as_json(thing)))
    return found


def _present(store: Store, subjects: Iterable[str]) -> dict[str, Flat]:
    """As they stand in the graph, in the form that JSON gives back."""
    wanted = list(subjects)
    ends = {_key(subject)[1] for subject in wanted if _is_edge(subject)}
    things = [*store.nodes(ids=[s for s in wanted if not _is_edge(s)]), *(store.edges(ids=ends) if ends else ())]
    found = {_subject(thing): flat(thing) for thing in things}
    return {subject: found[subject] for subject in wanted if subject in found}


def _with_edges_of_the_gone(store: Store, change: Change) -> Change:
    """The edges that a node takes along stand in the history too, so that they can come back."""
    gone = list(change.gone_nodes)
    along = [(e.kind, e.source, e.target) for e in (store.edges(ids=gone) if gone else ())]
    untied = list(dict.fromkeys([*change.gone_edges, *along]))
    nodes, edges, records = list(change.nodes), list(change.edges), list(change.records)
    return Change(nodes, edges, records, gone, untied, list(change.gone_records))


def _grown(store: Store, past: Past, seen: Mapping[str, int]) -> Record:
    """The history of the subject with one more change."""
    fresh = Record(KIND, past.subject, {"subject": past.subject, "changes": []})
    record = held(store, KIND, past.subject) or fresh
    if record.version != seen.get(past.subject, record.version):
        last = record.body["changes"][-1]
        raise Conflict(
            _(
                "%(subject)s is intussen veranderd door %(last)s. Laad de pagina opnieuw en kijk wat er nu staat.",
                subject=past.subject,
                last=last["who"],
            )
        )
    body = {k: v for k, v in asdict(past).items() if k != "subject"}
    ends = _key(past.subject)[1:] if _is_edge(past.subject) else (past.subject,)
    tags = {*record.tags, f"run:{past.run}", f"subject:{past.subject}", *(f"node:{id}" for id in ends)}
    return replace(record, body={**record.body, "changes": [*record.body["changes"], body]}, tags=tuple(sorted(tags)))


def _records(store: Store, tag: str | None = None) -> Iterator[Record]:
    yield from store.records(KIND, tag)


def _pasts(record: Record) -> Iterator[Past]:
    yield from (Past(subject=record.body["subject"], **change) for change in record.body["changes"])


def _subject(thing: Node | Edge) -> str:
    return thing.id if isinstance(thing, Node) else " ".join((thing.source, thing.kind, thing.target))


def _is_edge(subject: str) -> bool:
    return " " in subject


def _key(subject: str) -> tuple[str, str, str]:
    source, kind, target = subject.split(" ")
    return kind, source, target
