"""Graphs move between stores and files without a difference."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from io import StringIO
from pathlib import Path

import pytest

from kennismakelaar import doctor, encode, export, transfer
from kennismakelaar.errors import NotFound, Refused, StoreError
from kennismakelaar.model import Edge, Node, Source, Value
from kennismakelaar.neo4j_rows import node_properties
from kennismakelaar.store import Store
from kennismakelaar.store_embedded import EmbeddedStore
from kennismakelaar.store_neo4j import Neo4jStore
from tests.conftest import Opening, Server

NONE = encode.load("none")
SOURCE = (Source("boek", "I", "stated", "een | streep", "een; punt"),)
BOEK = Node("boek", "publication", "Boek", (), SOURCE, {"summary": "Een boek.", "type": "boek", "year": 2013})
ODD = "twee\nregels, 'een' \"twee\" \\ \\n \\u0041 \\\\u0041 ; // ` $x {y} \t é 🌻 \r\n; MATCH (n) DETACH DELETE n;"


def odd(n: int, kind: str = "theme", **properties: Value) -> Node:
    return Node(f"ding-{n:02}", kind, f"{ODD} {n}", ("ook; zo", ODD), SOURCE, {"summary": ODD, **properties})


NODES = (
    BOEK,
    odd(1, note=""),
    odd(2, "finding", value=3),
    odd(3, "finding", value=3.5),
    odd(4, "finding", value=1e-7),
    odd(5, "finding", value=-0.0),
    odd(6, citizen_words=()),
    odd(7, citizen_words=("één", "", "twee")),
    odd(8, "finding", value=2**40, year=2012),
    odd(9, "finding"),
    odd(10),
)
EDGES = (
    Edge("related", "ding-01", "ding-10", SOURCE),
    Edge("about", "ding-02", "ding-01", SOURCE, {"note": ODD}),
    Edge("about", "ding-03", "ding-01", (*SOURCE, Source("boek", ODD, "implied"))),
    Edge("reports", "boek", "ding-08", SOURCE, {"since": 3}),
    Edge("reports", "boek", "ding-09", SOURCE, {"since": 2.5}),
)


@pytest.fixture
def file_store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    with closing(EmbeddedStore(tmp_path / "file.db")) as store:
        yield store


def is_same(one: Store, other: Store) -> bool:
    return list(one.nodes()) == list(other.nodes()) and list(one.edges()) == list(other.edges())


def test_a_copy_has_the_same_content_also_when_repeated(
    store: Store, file_store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "BATCH", 3)
    store.put(NODES, EDGES)
    for _ in range(2):
        told: list[int] = []
        written = transfer.copy(store, file_store, told.append)
        assert told == [3, 3, 3, 2, 3, 2]
        assert is_same(store, file_store)
        assert written == transfer.tallies(store) == transfer.tallies(file_store)
    assert {kind: tally.count for kind, tally in written.items()} == {
        "about": 2,
        "finding": 6,
        "publication": 1,
        "related": 1,
        "reports": 2,
        "theme": 4,
    }


def test_a_copy_back_has_the_same_content(store: Store, file_store: EmbeddedStore) -> None:
    file_store.put(NODES, EDGES)
    assert transfer.copy(file_store, store) == transfer.tallies(file_store)
    assert transfer.copy(store, file_store) == transfer.tallies(store)
    assert is_same(store, file_store)


def test_a_copy_replaces_what_is_older(store: Store, file_store: EmbeddedStore) -> None:
    file_store.put([BOEK, odd(1)], [])
    store.put([Node("boek", "theme", "Ouder")], [])
    transfer.copy(file_store, store)
    assert is_same(store, file_store)


def test_a_copy_never_deletes(store: Store, file_store: EmbeddedStore) -> None:
    file_store.put([BOEK], [])
    store.put([odd(1)], [])
    with pytest.raises(Refused, match=r"heeft al 1 records of relaties .*, zoals ding-01\. Kies een lege database"):
        transfer.copy(file_store, store)
    assert list(store.nodes()) == [odd(1)]


def test_a_copy_that_was_broken_off_is_finished_by_another(
    store: Store, file_store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "BATCH", 3)
    file_store.put(NODES, EDGES)

    def interrupt(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        transfer.copy(file_store, store, interrupt)
    assert len(list(store.nodes())) == 3
    transfer.copy(file_store, store)
    assert is_same(store, file_store)


def test_a_change_during_the_copy_is_noticed(store: Store, file_store: EmbeddedStore) -> None:
    file_store.put([BOEK, odd(1)], [Edge("about", "boek", "ding-01")])
    with pytest.raises(StoreError, match="niet gelijk aan het origineel bij: theme"):
        transfer.copy(file_store, store, lambda done: file_store.put([odd(1, note="nieuw")], []))
    transfer.copy(file_store, store)


def test_a_checksum_sees_content_and_not_order() -> None:
    one, other, third = odd(1), odd(2), odd(3)
    none = transfer.Tally()
    assert none.with_one(one).with_one(other) == none.with_one(other).with_one(one)
    assert none.with_one(one).with_one(other) != none.with_one(one).with_one(third)
    assert none.with_one(one).with_one(one).checksum != 0


# Files for Neo4j


@pytest.mark.neo4j
def test_the_cypher_script_makes_the_same_graph_and_may_be_run_again(
    server: Server, neo4j_store: Neo4jStore, file_store: EmbeddedStore
) -> None:
    file_store.put(NODES, EDGES)
    script = StringIO()
    export.write_cypher(file_store, script)
    statements = script.getvalue().removesuffix(";\n").split(";\n")
    assert len(statements) == 1 + len(NODES) + len(EDGES) + 1
    assert not any("\n" in statement or "UNWIND" in statement for statement in statements)
    before = neo4j_store.revision()
    for _ in range(2):
        for statement in statements:
            server.cypher(statement)
        assert is_same(neo4j_store, file_store)
    assert neo4j_store.revision() == before + 2
    assert neo4j_store.verify() == []


@pytest.mark.neo4j
def test_files_for_neo4j_admin_fill_a_new_database_also_for_a_store_that_was_open(
    tmp_path: Path, file_store: EmbeddedStore, victim: Server, on_victim: Neo4jStore
) -> None:
    file_store.put(NODES, EDGES)
    assert export.write_admin(file_store, tmp_path / "files") == [
        "nodes-finding.csv",
        "nodes-finding-2.csv",
        "nodes-publication.csv",
        "nodes-theme.csv",
        "edges-about.csv",
        "edges-related.csv",
        "edges-reports.csv",
        "edges-reports-2.csv",
        "import.args",
    ]
    on_victim.put([odd(11)], [])
    victim.stop()
    shutil.rmtree(victim.home / "data")
    victim.run("admin", "database", "import", "full", "neo4j", "@import.args", folder=tmp_path / "files")
    victim.start()
    with pytest.raises((NotFound, StoreError)):  # the store notices that it is another database
        on_victim.get("ding-11")
    with pytest.raises(NotFound):
        on_victim.get("ding-11")
    assert on_victim.verify() == []
    assert on_victim.get("ding-06") == odd(6)  # its empty list has become nothing
    file_store.put([odd(6)], [])
    assert is_same(on_victim, file_store)
    assert doctor.mend(on_victim, NONE) == doctor.check(file_store, NONE)[:-1]


def test_files_that_cannot_be_written_are_refused(tmp_path: Path, file_store: EmbeddedStore) -> None:
    (tmp_path / "bezet").write_text("een bestand")
    with pytest.raises(Refused, match="bezet is niet te schrijven"):
        export.write_admin(file_store, tmp_path / "bezet")


def test_a_file_with_a_gap_is_not_taken_for_a_graph(opening: Opening) -> None:
    with closing(opening.open()) as store:
        with pytest.raises(NotFound):
            store.put([BOEK], [EDGES[0]])
        assert transfer.tallies(store) == {}


def test_the_digest_travels_along(file_store: EmbeddedStore, tmp_path: Path) -> None:
    file_store.put([BOEK], [])
    export.write_admin(file_store, tmp_path / "files")
    assert str(node_properties(BOEK)["digest"]) in (tmp_path / "files" / "nodes-publication.csv").read_text("utf-8")
