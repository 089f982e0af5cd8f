"""Writing what was planned, all of it or none; who did so, when, from which file; and taking it back."""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

from kennismakelaar import audit, happened, history
from kennismakelaar.broker import Broker
from kennismakelaar.encode import Progress
from kennismakelaar.errors import Conflict, KennisError, Refused
from kennismakelaar.history import Flat
from kennismakelaar.imports.origin import Origin
from kennismakelaar.imports.spool import Fate, Spool
from kennismakelaar.language import gettext as _
from kennismakelaar.language import marked, ngettext
from kennismakelaar.model import Change, Node, Record, edge_from, node_from
from kennismakelaar.moments import moment, now
from kennismakelaar.store import Store, batches

KIND, STEP = "import", "import_step"
"""Of the records of runs, and of what was written together within one."""
BATCH = 2_000
"""Records or relations that are written in one transaction."""
SILENCE = timedelta(hours=1)
"""After which a run that wrote nothing more was cut off; a step takes some minutes at most."""


class State(StrEnum):
    """Where a run is."""

    BUSY = marked("bezig")
    DONE = marked("klaar")
    FAILED = marked("mislukt")
    UNDONE = marked("ongedaan gemaakt")


@dataclass(frozen=True)
class Run:
    """One list that was taken in."""

    id: str
    who: str
    at: str
    file: str
    sha256: str
    source: str
    counts: Mapping[str, int]
    good_only: bool = False
    state: State = State.BUSY
    written: int = 0
    """Records and relations so far."""
    kept: tuple[str, ...] = field(default=())
    """What stayed when it was undone, because somebody changed it since."""
    said: str = ""
    """Why it failed."""


def begin(spool: Spool, file: Path, source: str, who: str, good_only: bool) -> Run:
    """A run that is allowed to start; Refused where rows were refused and the others may not go alone, or none is left."""
    counts = spool.counts()
    if counts[Fate.REFUSED] and not good_only:
        first = next(spool.rows([Fate.REFUSED], 1))
        where = _("rij %(line)s", line=first.line)
        raise Refused(
            ngettext(
                "%(num)s rij is geweigerd, dus er is niets ingelezen. De eerste: %(where)s: %(why)s. Herstel ze, of "
                "lees alleen de goede rijen in.",
                "%(num)s rijen zijn geweigerd, dus er is niets ingelezen. De eerste: %(where)s: %(why)s. Herstel ze, of "
                "lees alleen de goede rijen in.",
                counts[Fate.REFUSED],
                where=f"{first.sheet}, {where}" if first.sheet else where,
                why=first.problems[0].text.removesuffix("."),
            )
        )
    if not counts[Fate.NEW] + counts[Fate.CHANGED]:
        raise Refused(_("Er is niets nieuws of gewijzigd om in te lezen."))
    at = now()
    id = f"{at:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
    return Run(id, who, moment(at), file.name, _digest(file), source, counts, good_only)


def _digest(path: Path) -> str:
    """Of a file; of a folder, of all files in it."""
    total = sha256()
    for one in sorted(path.iterdir()) if path.is_dir() else [path]:
        with open(one, "rb") as file:
            while block := file.read(2**20):
                total.update(block)
    return total.hexdigest()


def apply(broker: Broker, run: Run, spool: Spool, origin: Origin | None, progress: Progress = lambda done: None) -> Run:
    """Write all of a plan, in steps; where one fails, those before it are taken back and the error goes on."""
    _keep(broker.store, run)
    try:
        for step, change in enumerate(_changes(spool, origin)):
            written = len(list(change.nodes)) + len(list(change.edges))
            run = replace(run, written=run.written + written)
            mark = Record(STEP, f"{run.id}:{step:06}", _step(change), (f"run:{run.id}",))
            papers = [mark, _record(broker.store, run)]
            history.publish(broker, replace(change, records=papers), run.who, _why(run))
            progress(written)
        run = replace(run, state=State.DONE)
        _keep(broker.store, run)
    except (KennisError, OSError) as error:
        _take_back(broker, run)
        if find(broker.store, run.id).state is not State.UNDONE:
            _keep(broker.store, replace(run, state=State.FAILED, said=str(error)))
        raise
    return run


def _why(run: Run) -> str:
    return happened.READ_IN % {"file": run.file, "id": run.id}


def _changes(spool: Spool, origin: Origin | None) -> Iterator[Change]:
    """The publication of the list first, then all records, then all relations."""
    if origin and origin.publication:
        yield Change([origin.publication])
    for rows in batches(spool.rows([Fate.NEW, Fate.CHANGED]), BATCH):
        nodes = [node_from(row.new) for row in rows if row.new and row.new != row.old]
        if nodes:
            yield Change(nodes)
    for edges in batches(spool.edges(), BATCH):
        yield Change([], [edge_from(edge) for edge in edges])


def _step(change: Change) -> dict[str, str]:
    return {"subject": _subject(change), "at": moment(now())}


def _subject(change: Change) -> str:
    for node in change.nodes:
        return node.id
    edge = next(iter(change.edges))
    return f"{edge.source} {edge.kind} {edge.target}"


def clear(broker: Broker, at: datetime) -> tuple[Run, ...]:
    """Take back what programs left behind that were stopped while they read a list in; those runs."""
    quiet = moment(at - SILENCE)
    busy = [run for run in everything(broker.store) if run.state is State.BUSY]
    return tuple(undo(broker, run.id, audit.SYSTEM) for run in busy if _moved(broker.store, run) < quiet)


def _moved(store: Store, run: Run) -> str:
    """When it wrote last."""
    return max([run.at, *(str(mark.body.get("at", "")) for mark in store.records(STEP, f"run:{run.id}"))])


def undo(broker: Broker, id: str, who: str) -> Run:
    """Take a run back; what somebody changed or tied to something else since then stays, and is told."""
    run = find(broker.store, id)
    if run.state not in (State.DONE, State.BUSY):
        raise Refused(_("Deze import is al %(state)s. Er is niets meer om terug te draaien.", state=_(run.state)))
    run = replace(run, kept=_take_back(broker, run, who), state=State.UNDONE)
    _keep(broker.store, run)
    return run


def _take_back(broker: Broker, run: Run, who: str = "") -> tuple[str, ...]:
    """All steps, the last first; ids of what stays."""
    kept: list[str] = []
    for mark in sorted(broker.store.records(STEP, f"run:{run.id}"), key=lambda record: record.id, reverse=True):
        subject = str(mark.body["subject"])
        if _is_cited(broker.store, subject):
            kept.append(subject)
        else:
            kept += history.undo_rest(broker, _history_of(broker.store, subject, _why(run)), who or run.who)
        broker.store.write(Change(gone_records=[(STEP, mark.id)]))
    return tuple(sorted(set(kept)))


def _history_of(store: Store, subject: str, why: str) -> str:
    """The run of the history in which a step was written."""
    changes: list[Flat] = store.record(history.KIND, subject).body["changes"]
    return str(next(change["run"] for change in reversed(changes) if change["why"] == why))


def _is_cited(store: Store, id: str) -> bool:
    """A publication that others name as their source cannot go."""
    if not any(node.kind == "publication" for node in store.nodes(ids=[id])):
        return False
    things = (thing for group in (store.nodes(), store.edges()) for thing in group)
    return any(
        source.document == id and not (isinstance(thing, Node) and thing.id == id)
        for thing in things
        for source in thing.sources
    )


def find(store: Store, id: str) -> Run:
    """The run, or NotFound."""
    return _run(store.record(KIND, id))


def everything(store: Store) -> tuple[Run, ...]:
    """All runs, latest first."""
    return tuple(sorted((_run(record) for record in store.records(KIND)), key=lambda run: run.id, reverse=True))


def _run(record: Record) -> Run:
    body = dict(record.body)
    return Run(record.id, **body | {"state": State(body["state"]), "kept": tuple(body["kept"])})


def _keep(store: Store, run: Run) -> None:
    store.write(Change(records=[_record(store, run)]))


def _record(store: Store, run: Run) -> Record:
    """The run as it is now; Conflict where somebody has undone it meanwhile."""
    body = {name: value for name, value in asdict(run).items() if name != "id"} | {"counts": dict(run.counts)}
    there = next(store.records(KIND, f"run:{run.id}"), None)
    if there and there.body["state"] == State.UNDONE:
        raise Conflict(_("Import %(id)s is intussen ongedaan gemaakt.", id=run.id))
    return Record(KIND, run.id, body, (f"run:{run.id}",), there.version if there else 0)
