"""A writer that says what it was told is done, to be killed in the middle; and what must hold afterwards."""

import json
import random
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path

from kennismakelaar import doctor, encode, export, history, index, resolve
from kennismakelaar.broker import Broker
from kennismakelaar.desk import capacity, cases, casework, contact, intake
from kennismakelaar.desk.cases import Proposal, State, Verdict
from kennismakelaar.desk.contact import Contact
from kennismakelaar.errors import NotFound, StoreError
from kennismakelaar.imports import job, mapping, runs
from kennismakelaar.model import Change, Edge, Node, as_json
from kennismakelaar.schema import schema
from kennismakelaar.store import Store
from kennismakelaar.weights import read
from tests.conftest import Opening
from tests.web.conftest import EDGES, NODES, node, source

Say = Callable[[str, str], None]
"""Tells the one who kills what is done: what, and its id."""
LOAD, LISTED = 25, 4
"""Nodes in a file that is read as a whole, and rows in a list that is read in step by step."""
STEPS = 5
"""In which such a list is written: its source, twice two records, and twice two relations."""
OPENED = "geopend"
UNTIL = "2027-06-01"
WEIGHTS, SCHEMA = read(), schema()
"""Read before the fork, so that a writer is at work at once."""


@dataclass(frozen=True)
class Orders:
    """What one writer is to work on."""

    opening: Opening
    folder: Path
    turn: int


def work(orders: Orders, pipe: Connection) -> None:
    """Write without end, each sort of work in a random order."""
    chance = random.Random(orders.turn)

    def say(what: str, id: str) -> None:
        pipe.send((what, id))

    runs.BATCH = LISTED // 2  # so that a short list takes as many steps as a long one
    with suppress(StoreError), closing(broker_on(orders.opening.open())) as broker:
        say(OPENED, "")
        for n in count():
            name = f"{orders.turn}-{n}"
            for work in chance.sample(WORK, len(WORK)):
                work(broker, name, say, *([orders.folder] if work in OF_FILES else []))


def broker_on(store: Store) -> Broker:
    """By words alone."""
    return Broker(store, encode.load("none"), WEIGHTS)


def begin(store: Store) -> None:
    """The graph that the writers add to."""
    broker_on(store).add(NODES, EDGES)


def initiative(id: str) -> tuple[Node, Edge]:
    """A new one with its place."""
    made = node("initiative", id, f"Initiatief {id}", "Buren doen iets samen.", need=("geld",), domain="gemeenschap")
    return made, Edge("located_in", id, "zonnedam", source("tuin"))


def add(broker: Broker, name: str, say: Say) -> None:
    """A node with an edge, and then a change with its history."""
    made, edge = initiative(f"los-{name}")
    broker.add([made], [edge])
    say("los", made.id)
    changed = replace(made, properties={**made.properties, "summary": "Buren doen het anders."})
    history.publish(broker, Change(nodes=[changed]), "anna", "het ging anders")
    say("anders", made.id)


def load(broker: Broker, name: str, say: Say, folder: Path = Path()) -> None:
    """A file, as `kennismakelaar import` reads one."""
    made = [initiative(f"lading-{name}-{n}") for n in range(LOAD)]
    file = folder / f"{name}.json"
    content = {"nodes": [as_json(one) for one, _ in made], "edges": [as_json(edge) for _, edge in made]}
    file.write_text(json.dumps(content), "utf-8")
    broker.add(*export.read_json(file))
    say("lading", name)


def read_in(broker: Broker, name: str, say: Say, folder: Path) -> None:
    """A list with its source, and the same list out again."""
    file = folder / f"{name}.csv"
    rows = [f"Ingelezen {name} {n};Buren doen iets samen.;Zonnedam" for n in range(LISTED)]
    file.write_text("\n".join(("Naam;Omschrijving;Plaats", *rows)), "utf-8")
    with job.opened(file) as listing:
        proposed = mapping.propose(listing, broker.store)
        readings = {sheet: replace(reading, kind="initiative") for sheet, reading in proposed.items()}
        with job.planned(broker.store, listing, readings, f"Bron {name}") as planned:
            run = runs.begin(planned.spool, file, f"Bron {name}", "anna", False)
            runs.apply(broker, run, planned.spool, planned.origin)
    say("ingelezen", run.id)
    runs.undo(broker, run.id, "anna")
    say("teruggedraaid", run.id)


def merge(broker: Broker, name: str, say: Say) -> None:
    """Two that are one after all, and are not."""
    pairs = [initiative(f"{which}-{name}") for which in ("blijft", "gaat")]
    broker.add([one for one, _ in pairs], [edge for _, edge in pairs])
    resolve.merge(broker, f"blijft-{name}", f"gaat-{name}", "anna")
    say("samen", name)
    resolve.split(broker, f"gaat-{name}", "anna")
    say("los van elkaar", name)


def handle(broker: Broker, name: str, say: Say) -> None:
    """A question with contact data, a step, and a helper who is asked."""
    now = datetime.now(UTC)
    reach = Contact("", "om u te antwoorden op uw vraag", UNTIL, "Bea", "bea@voorbeeld.nl")
    case, _ = intake.send(broker, intake.read(broker, f"Wie helpt onze buurtwinkel {name}?"), name, now, reach)
    say("zaak", case.id)
    case = casework.step(broker.store, case.id, case.version, State.CLARIFIED, casework.by("anna", "het is duidelijk"))
    say("verhelderd", case.id)
    proposal = Proposal("steunpunt", Verdict.ACCEPTED, "anna")
    casework.judge(broker, case.id, case.version, proposal, casework.by("anna", "dit past"))
    say("gevraagd", case.id)


WORK: tuple[Callable[..., None], ...] = (add, load, read_in, merge, handle)
OF_FILES = (load, read_in)
SAID = {"los", "anders", "lading", "ingelezen", "teruggedraaid", "samen", "los van elkaar"}
SAID |= {"zaak", "verhelderd", "gevraagd"}
"""All that a writer may say is done."""


def faults(store: Store, told: list[tuple[str, str]]) -> list[str]:
    """What was said to be done and is not, what is half, and what the index does not have; a sentence each."""
    done = {what: {id for one, id in told if one == what} for what, _ in told}
    half = list(_half_read_in(broker_on(store), done))
    index.refresh(store, encode.load("none"))  # as the next to open the website does
    found = _Found(store)
    return [
        *half,
        *(f"{id} is weg" for id in sorted(done.get("los", set()) - set(found.nodes))),
        *_half_edited(found, done.get("anders", set())),
        *_half_loaded(found, done.get("lading", set())),
        *_half_merged(found, done.get("samen", set()), done.get("los van elkaar", set())),
        *_half_handled(found, done),
        *doctor.check(store, encode.load("none")),
        *_not_in_index(store, found.nodes),
    ]


class _Found:
    """All that is there after the writers are gone."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.nodes = {node.id: node for node in store.nodes()}
        self.placed = {edge.source for edge in store.edges() if edge.kind == "located_in"}
        self.records = {kind: {r.id: r for r in store.records(kind)} for kind in KINDS}
        self.asked = {case for r in self.records[capacity.KIND].values() for case in r.body["cases"]}


KINDS = (cases.KIND, contact.KIND, capacity.KIND, history.KIND, resolve.REDIRECT, resolve.VERDICT)


def _half_edited(found: _Found, changed: set[str]) -> Iterator[str]:
    for id, one in found.nodes.items():
        if id.startswith(("los-", "lading-", "blijft-", "gaat-")) and id not in found.placed:
            yield f"{id} is er zonder zijn plaats"
        if id.startswith("los-"):
            is_changed = one.text("summary") == "Buren doen het anders."
            if is_changed != (id in found.records[history.KIND]):
                yield f"{id} is veranderd zonder geschiedenis, of andersom"
            if id in changed and not is_changed:
                yield f"de wijziging van {id} is weg"


def _half_loaded(found: _Found, loaded: set[str]) -> Iterator[str]:
    names = {id.removeprefix("lading-").rpartition("-")[0] for id in found.nodes if id.startswith("lading-")}
    for name in sorted(names | loaded):
        there = sum(f"lading-{name}-{n}" in found.nodes for n in range(LOAD))
        if there != LOAD:
            yield f"van lading {name} zijn er {there} van {LOAD}"


def _half_read_in(broker: Broker, done: dict[str, set[str]]) -> Iterator[str]:
    """After what the website does each hour; then each list that is there is taken back, also where somebody had begun to."""
    runs.clear(broker, datetime.now(UTC) + 2 * runs.SILENCE)
    there = {run.id: run for run in runs.everything(broker.store)}
    yield from (f"import {id} is weg" for id in sorted(done.get("ingelezen", set()) - set(there)))
    for run in there.values():
        name = run.source.removeprefix("Bron ")
        whole = {f"bron-{name}", *(f"ingelezen-{name}-{n}" for n in range(LISTED))}
        is_there = {node.id for node in broker.store.nodes(ids=whole)}
        steps = len(list(broker.store.records(runs.STEP, f"run:{run.id}")))
        if run.state is runs.State.DONE and steps == STEPS and is_there != whole:
            yield f"van import {name} is alleen {sorted(is_there)} er"
        if run.state is not runs.State.DONE and is_there:
            yield f"import {name} is {run.state} en {sorted(is_there)} is er nog"
        if run.id in done.get("teruggedraaid", set()) and run.state is not runs.State.UNDONE:
            yield f"import {name} is {run.state} en was teruggedraaid"
        if run.state is runs.State.DONE and (kept := runs.undo(broker, run.id, "anna").kept):
            yield f"van import {name} bleef {kept}"
        if any(broker.store.nodes(ids=whole)):
            yield f"import {name} is niet terug te draaien"


def _half_merged(found: _Found, merged: set[str], split: set[str]) -> Iterator[str]:
    names = {id.removeprefix("blijft-") for id in found.nodes if id.startswith("blijft-")}
    yield from (f"blijft-{name} is weg" for name in sorted(merged - names))
    for name in sorted(names):
        keep, gone = f"blijft-{name}", f"gaat-{name}"
        is_merged = gone not in found.nodes
        signs = {
            f"Initiatief {gone}" in found.nodes[keep].aliases,
            gone in found.records[resolve.REDIRECT],
            f"{keep}|{gone}" in found.records[resolve.VERDICT],
        }
        if signs != {is_merged}:
            yield f"{keep} en {gone} zijn half samengevoegd"
        changes = len(found.records[history.KIND][gone].body["changes"]) if gone in found.records[history.KIND] else 0
        if changes % 2 != is_merged or changes < (name in merged) + (name in split):
            yield f"van {gone} staan er {changes} wijzigingen in de geschiedenis"


def _half_handled(found: _Found, done: dict[str, set[str]]) -> Iterator[str]:
    there = found.records[cases.KIND]
    yield from (f"{id} is weg" for id in sorted(done.get("zaak", set()) - set(there)))
    if {f"case/{id}" for id in there} != set(found.records[contact.KIND]):
        yield "er zijn zaken zonder contactgegevens, of andersom"
    for id, record in there.items():
        case = cases.case_of(record)
        accepted = any(one.verdict is Verdict.ACCEPTED for one in case.proposals)
        if accepted != (id in found.asked):
            yield f"{id} is half gevraagd"
        if id in done.get("gevraagd", set()) and not accepted:
            yield f"het voorstel van {id} is weg"
        if id in done.get("verhelderd", set()) and case.state is not State.CLARIFIED:
            yield f"de stap van {id} is weg"


def _not_in_index(store: Store, nodes: dict[str, Node]) -> Iterator[str]:
    """Each by its own name among the words, and nothing else."""
    entries = store.entries(nodes)
    for id in sorted(set(nodes) ^ set(entries)):
        yield f"{id} staat alleen in de graaf of alleen in de index"
    for id in nodes:
        with suppress(NotFound):
            resolve.redirect(store, id)
            yield f"{id} is er en is ook samengevoegd"
