"""What deserves care in the graph, counted once."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from kennismakelaar import encode, quality, reports, resolve
from kennismakelaar.broker import Broker
from kennismakelaar.errors import NotFound
from kennismakelaar.model import Edge, Node, Source
from kennismakelaar.reports import State
from kennismakelaar.resolve import Verdict
from kennismakelaar.store import Store
from kennismakelaar.store_embedded import EmbeddedStore
from kennismakelaar.weights import read

TODAY = date(2026, 11, 25)
SOURCE = (Source("boek", "1", "stated"),)
GOOD = {"summary": "Samen.", "verified_on": "2026-11-01"}
BOOK = Node("boek", "publication", "Boek", (), SOURCE, {**GOOD, "type": "boek"})
GARDEN = Node("tuin", "initiative", "Tuin", (), SOURCE, GOOD)
CLUB = Node("club", "organisation", "Club", (), SOURCE, {**GOOD, "type": "vereniging", "website": "https://club.nl"})
TIES = (Edge("supports", "club", "tuin", SOURCE), Edge("cites", "tuin", "boek", SOURCE))


def filled(store: Store) -> Broker:
    """Three good records, written past the checks of the broker: what others wrote must be found."""
    store.put([BOOK, GARDEN, CLUB], TIES)
    return Broker(store, encode.load("none"), read())


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """On the store without a server."""
    with closing(EmbeddedStore(tmp_path / "graph.db")) as store:
        yield filled(store)


def found(broker: Broker, today: date = TODAY) -> Mapping[str, list[str]]:
    """Ids by matter, of what there is something of."""
    board = quality.board(broker, today)
    ids = {one.name: [spot.id for spot in board.spots(one.name)] for one in quality.MATTERS}
    return {name: those for name, those in ids.items() if those}


@pytest.mark.parametrize(
    ("changed", "matter"),
    [
        (replace(GARDEN, properties={**GOOD, "verified_on": "2025-11-25"}), "stale"),
        (replace(GARDEN, properties={"summary": "Samen."}), "stale"),
        (replace(GARDEN, sources=()), "unsourced"),
        (replace(GARDEN, sources=(*SOURCE, Source("weg", "1", "stated"))), "lost_source"),
        (replace(GARDEN, properties={**GOOD, "summary": " "}), "no_summary"),
        (replace(CLUB, properties={**GOOD, "type": "vereniging"}), "no_website"),
        (replace(GARDEN, id="alleen"), "lonely"),
    ],
)
def test_each_matter_is_found_and_nothing_else(broker: Broker, changed: Node, matter: str) -> None:
    assert found(broker) == {}
    broker.store.put([changed], [])
    assert found(broker) == {matter: [changed.id]}


def test_a_day_later_more_is_stale(broker: Broker) -> None:
    assert found(broker, date(2027, 10, 31)) == {}
    assert found(broker, date(2027, 11, 1)) == {"stale": ["boek", "club", "tuin"]}


def test_a_publication_that_was_merged_is_still_a_source(broker: Broker) -> None:
    copy = replace(BOOK, id="boek-2")
    broker.store.put([copy, replace(GARDEN, sources=(Source("boek-2", "1", "stated"),))], [])
    resolve.merge(broker, "boek", "boek-2", "anna")
    assert found(broker) == {}


def test_pairs_and_reports_wait_until_someone_decided(store: Store) -> None:
    broker = filled(store)
    broker.store.put([replace(GARDEN, id="tuin-2")], [replace(TIES[0], target="tuin-2")])
    assert quality.board(broker, TODAY).pairs_at == ""
    resolve.remember(broker.store, resolve.suggest(broker), datetime(2026, 11, 25, tzinfo=UTC))
    made, _ = reports.report(broker, "club", "De website is weg.")
    board = quality.board(broker, TODAY)
    assert (board.pairs, board.pairs_at[:10], board.reports) == (1, "2026-11-25", 1)
    assert found(broker) == {"twice": ["tuin", "tuin-2"], "reported": ["club"]}
    resolve.judge(broker.store, "tuin-2", "tuin", Verdict.OTHER, "anna")
    reports.close(broker.store, made.id, State.DONE, "anna", "Dank u.")
    assert found(broker) == {}


def test_a_record_counts_once_and_what_was_checked_longest_ago_comes_first(broker: Broker) -> None:
    old = replace(CLUB, sources=(), properties={"summary": "x", "type": "vereniging", "verified_on": "2020-01-01"})
    broker.store.put([old, replace(GARDEN, id="alleen", properties={"summary": "x"})], [])
    board = quality.board(broker, TODAY)
    assert [spot.id for spot in board.spots("")] == ["alleen", "club"]
    assert [spot.id for spot in board.spots("", "organisation")] == ["club"]
    assert {kind: count for kind, count in board.counts().items() if count} == {"initiative": 1, "organisation": 1}
    assert [one.name for one in board.matters(["club"])["club"]] == ["stale", "unsourced", "no_website"]


@pytest.mark.parametrize(("matter", "kind"), [("alles", ""), ("stale", "draak")])
def test_what_does_not_exist_is_told(broker: Broker, matter: str, kind: str) -> None:
    with pytest.raises(NotFound, match="bestaat niet. Kies uit"):
        quality.board(broker, TODAY).spots(matter, kind)
