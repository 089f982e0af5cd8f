"""Large graphs are searched by arrays instead of FTS5: the answers are the same, also after changes."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from kennismakelaar import store_embedded
from kennismakelaar.model import Entry, Node, Source, digest
from kennismakelaar.store import Ranking
from kennismakelaar.store_embedded import EmbeddedStore

WORDS = "huis tuin dorp plein winkel zwembad water energie school fiets kunst boek".split()
ASKED = ("tuin", "energie", "boek", "nergens")
MODEL = "toets-1.0"


def node(number: int) -> Node:
    return Node(
        f"ding-{number:03}",
        ("theme", "method")[number % 2],
        "Ding",
        (),
        (Source("d", "1", "stated"),),
        {"summary": "s"},
    )


def entry(number: int, shift: int = 0) -> Entry:
    """Some words, some more than once."""
    dice = np.random.default_rng(number + shift)
    words = tuple(dice.choice(WORDS, dice.integers(3, 20)).tolist())
    one = node(number)
    return Entry(one.id, one.kind, digest(one), words, words, ("p",), np.zeros((1, 0), np.float32))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    with closing(EmbeddedStore(tmp_path / "graph.db")) as store:
        store.put([node(number) for number in range(60)], [])
        store.index(MODEL, [entry(number) for number in range(60)])
        yield store


def by_arrays(store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch, kinds: tuple[str, ...] = ()) -> Ranking:
    with monkeypatch.context() as patch:
        patch.setattr(store_embedded, "SMALL", 0)
        return store.lexical("words", ASKED, 60, kinds)


def test_arrays_weigh_as_fts5_does(store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    for kinds in ((), ("theme",), ("theme", "method"), ("person",)):
        found = by_arrays(store, monkeypatch, kinds)
        wanted = store.lexical("words", ASKED, 60, kinds)
        assert [score for _, score in found] == pytest.approx([score for _, score in wanted], rel=2e-3)
        assert {id for id, _ in found[:10]} == {id for id, _ in wanted[:10]}


def test_what_changed_is_found_without_making_the_arrays_anew(
    store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_arrays(store, monkeypatch)
    made = sorted(Path(f"{store.path}.vectors").glob("words-*"))
    store.delete("ding-007")
    store.index(MODEL, [entry(59, 1_000)])  # the last row is given out again
    store.put([node(70)], [])
    store.index(MODEL, [entry(70)])
    found, wanted = by_arrays(store, monkeypatch), store.lexical("words", ASKED, 60)
    assert "ding-007" not in dict(found)
    for id in ("ding-070", "ding-059"):
        assert dict(found)[id] == pytest.approx(dict(wanted)[id], rel=0.15)
    assert sorted(Path(f"{store.path}.vectors").glob("words-*")) == made


def test_arrays_of_another_past_of_the_file_are_not_used(
    store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    by_arrays(store, monkeypatch)
    for number in range(50, 60):
        store.delete(f"ding-{number:03}")
    store.index(MODEL, [entry(number, 5) for number in range(40)])
    wanted = by_arrays(store, monkeypatch)
    assert {id for id, _ in wanted[:5]} == {id for id, _ in store.lexical("words", ASKED, 5)}
    with closing(EmbeddedStore(store.path)) as other:
        assert by_arrays(other, monkeypatch) == wanted


def test_much_change_makes_them_anew(store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    by_arrays(store, monkeypatch)
    monkeypatch.setattr("kennismakelaar.postings.CHANGED", 5)
    store.index(MODEL, [entry(number, 9) for number in range(6)])
    by_arrays(store, monkeypatch)
    assert len(list(Path(f"{store.path}.vectors").glob("words-*.json"))) == 1
    assert {id for id, _ in by_arrays(store, monkeypatch)[:10]} == {id for id, _ in store.lexical("words", ASKED, 10)}
