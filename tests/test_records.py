"""The papers of the desk: what both stores must do with records."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from kennismakelaar import transfer
from kennismakelaar.errors import Conflict, NotFound
from kennismakelaar.model import Change, Record
from kennismakelaar.store import Store
from kennismakelaar.store_embedded import EmbeddedStore
from tests.conftest import Opening
from tests.test_store import DORP, IN_DORP, TUIN, entry, nodes

ZAAK = Record("case", "zaak-1", {"vraag": "Wie helpt? 🌻", "stappen": [{"naar": "nieuw"}], "leeg": None}, ("nieuw",))


def test_a_record_comes_back_as_it_was_written_one_version_up(store: Store) -> None:
    store.write(Change(records=[ZAAK]))
    assert store.record("case", "zaak-1") == replace(ZAAK, version=1)


def test_a_missing_record_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound, match="zaak-1"):
        store.record("case", "zaak-1")


def test_records_are_found_by_kind_and_tag_in_order(store: Store) -> None:
    letter = Record("letter", "a", {}, ("nieuw", "uit"))
    store.write(Change(records=[replace(ZAAK, id="b"), letter, replace(ZAAK, id="a", tags=("oud",))]))
    assert [(r.kind, r.id) for r in store.records()] == [("case", "a"), ("case", "b"), ("letter", "a")]
    assert [r.id for r in store.records("case")] == ["a", "b"]
    assert [(r.kind, r.id) for r in store.records(tag="nieuw")] == [("case", "b"), ("letter", "a")]
    assert [r.id for r in store.records("case", "oud")] == ["a"]


def test_a_record_read_before_someone_else_changed_it_is_a_conflict(store: Store) -> None:
    store.write(Change(records=[ZAAK]))
    read = store.record("case", "zaak-1")
    store.write(Change(records=[replace(read, body={"door": "anna"}, tags=("verhelderd",))]))
    with pytest.raises(Conflict, match="zaak-1"):
        store.write(Change(records=[replace(read, body={"door": "bert"})]))
    assert store.record("case", "zaak-1").body == {"door": "anna"}
    assert list(store.records(tag="nieuw")) == []


def test_a_new_record_does_not_replace_one_that_is_there(store: Store) -> None:
    store.write(Change(records=[ZAAK]))
    with pytest.raises(Conflict):
        store.write(Change(records=[replace(ZAAK, body={})]))


def test_a_write_may_be_repeated_when_it_is_not_known_whether_it_was_done(store: Store) -> None:
    store.write(Change(records=[ZAAK]))
    store.write(Change(records=[ZAAK]))
    assert store.record("case", "zaak-1").version == 1


def test_all_is_written_or_nothing(store: Store) -> None:
    store.write(Change(nodes=[DORP], records=[ZAAK]))
    late = Record("case", "zaak-1", {"andere": "versie"}, version=7)
    with pytest.raises(Conflict):
        store.write(Change(nodes=[TUIN], edges=[IN_DORP], records=[Record("case", "zaak-2", {}), late], gone_nodes=[]))
    assert [node.id for node in store.nodes()] == ["dorp"]
    assert [record.id for record in store.records()] == ["zaak-1"]


def test_what_is_to_go_goes_and_takes_its_edges_along(store: Store) -> None:
    store.write(Change(nodes=[DORP, TUIN], edges=[IN_DORP], records=[ZAAK]))
    store.index("none", [entry(TUIN, "tuin"), entry(DORP, "dorp")])
    store.write(Change(gone_nodes=["buurttuin", "onbekend"], gone_records=[("case", "zaak-1"), ("case", "geen")]))
    assert [node.id for node in store.nodes()] == ["dorp"]
    assert not any((list(store.edges()), list(store.records()), store.lexical("words", ["tuin"], 5)))


def test_an_edge_goes_without_its_ends(store: Store) -> None:
    store.write(Change(nodes=[DORP, TUIN], edges=[IN_DORP]))
    store.write(Change(gone_edges=[("located_in", "buurttuin", "dorp"), ("located_in", "geen", "dorp")]))
    assert list(store.edges()) == []
    assert len(list(store.nodes())) == 2


def test_the_revision_tells_of_the_graph_and_not_of_the_papers(store: Store) -> None:
    store.put([DORP], [])
    before = store.revision()
    store.write(Change(records=[ZAAK]))
    assert store.revision() == before
    store.write(Change(nodes=[TUIN]))
    assert store.revision() > before


def test_records_are_not_part_of_the_graph(store: Store) -> None:
    store.write(Change(records=[ZAAK]))
    assert not any((list(store.nodes()), list(store.edges()), list(store.outdated("none"))))


def test_of_many_writers_at_once_each_step_counts(opening: Opening) -> None:
    with closing(opening.open()) as store:
        store.write(Change(records=[Record("case", "teller", {"stand": 0})]))

        def raise_by_one(_: int) -> None:
            done = False
            while not done:
                read = store.record("case", "teller")
                with suppress(Conflict):
                    store.write(
                        Change(records=[replace(read, body={"stand": read.body["stand"] + 1, "wie": id(read)})])
                    )
                    done = True

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(raise_by_one, range(20)))
        assert store.record("case", "teller").body["stand"] == 20


def test_a_copy_takes_the_records_along(store: Store, tmp_path: Path) -> None:
    store.write(Change(nodes=nodes(3), records=[ZAAK, replace(ZAAK, id="zaak-2")]))
    store.write(Change(records=[replace(store.record("case", "zaak-1"), body={"verder": True})]))
    with closing(EmbeddedStore(tmp_path / "kopie.db")) as other:
        transfer.copy(store, other)
        assert transfer.copy(store, other)["case"].count == 2
        assert other.record("case", "zaak-1").body == {"verder": True}


def test_a_file_of_the_version_before_gets_the_new_tables(tmp_path: Path) -> None:
    import sqlite3

    path = tmp_path / "graph.db"
    with closing(EmbeddedStore(path)) as store:
        store.put([DORP], [])
    with closing(sqlite3.connect(path)) as old:
        old.executescript("""DROP TABLE record_tag; DROP TABLE record; DROP TRIGGER entry_left; DROP TABLE gone;
            DROP INDEX node_revision; DROP INDEX entry_revision; ALTER TABLE node DROP COLUMN revision;
            ALTER TABLE entry DROP COLUMN revision; UPDATE meta SET value = 1 WHERE key = 'version'""")
    with closing(EmbeddedStore(path)) as store:
        store.write(Change(records=[ZAAK]))
        assert store.get("dorp") == DORP
        assert store.record("case", "zaak-1").body == ZAAK.body
