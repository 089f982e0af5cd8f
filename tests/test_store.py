"""The contract of a Store: what both of them must do."""

import math
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from multiprocessing import get_context

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from kennismakelaar import text
from kennismakelaar.errors import NotFound
from kennismakelaar.model import Edge, Entry, Node, Source, Value, Vector, digest
from kennismakelaar.store import Ranking, Store
from tests.conftest import Opening

MODEL = "toets-1.0"
SOURCE = Source("doe-democratie-nota", "II.2.a", "stated", "section", "note")
TUIN = Node(
    "buurttuin", "initiative", "Buurttuin", ("tuin",), (SOURCE,), {"summary": "Samen tuinieren.", "start": 2012}
)
HUIS = Node("buurthuis", "organisation", "Buurthuis", sources=(SOURCE,), properties={"summary": "Een plek."})
DORP = Node("dorp", "place", "Dorp", sources=(SOURCE,), properties={"summary": "Een dorp."})
IN_DORP = Edge("located_in", "buurttuin", "dorp", (SOURCE,))
STEUN = Edge("supports", "buurthuis", "buurttuin", (SOURCE,), {"since": 2020, "note": "met ruimte"})


def unit(*numbers: float) -> Vector:
    return np.array(numbers, np.float32) / np.float32(math.hypot(*numbers))


def entry(node: Node, words: str = "", grams: str = "", vectors: Sequence[Vector] = ()) -> Entry:
    rows = np.array(vectors, np.float32) if vectors else np.zeros((1, 0), np.float32)
    passages = tuple(f"passage {n} van {node.id}" for n in range(len(rows)))
    return Entry(node.id, node.kind, digest(node), tuple(words.split()), tuple(grams.split()), passages, rows)


def nodes(count: int, kind: str = "initiative") -> list[Node]:
    return [Node(f"{kind}-{n:03}", kind, f"Naam {n}", sources=(SOURCE,)) for n in range(count)]


def fill(store: Store, *entries: tuple[Node, Entry], model: str = MODEL) -> None:
    store.put([node for node, _ in entries], [])
    store.index(model, [one for _, one in entries])


def rounded(ranking: Ranking) -> Ranking:
    return [(id, round(score, 4)) for id, score in ranking]


def ids(found: Collection[Node]) -> list[str]:
    return [node.id for node in found]


ODD: list[dict[str, Value]] = [
    {},
    {"summary": ""},
    {"situations": ()},
    {"situations": ("", "één", "twee | drie", "vier\\")},
    {"summary": "emoji 🌻👩‍👩‍👧, accenten é ë ﬁ, rechts-naar-links שלום, en \" ' ` $ { } \\ \n\t"},
    {"summary": "lang " * 50_000},
    {"start": 2012, "note": "2012"},
    {"budget": 1.0, "deel": -0.25, "aantal": 0},
    {"summary": "'}) DETACH DELETE n //; DROP TABLE node; --"},
]


@pytest.mark.parametrize("properties", ODD, ids=range(len(ODD)))
def test_a_node_comes_back_as_it_was_put(store: Store, properties: dict[str, Value]) -> None:
    node = Node("iets", "initiative", "Naam", ("ook zo", ""), (SOURCE,), properties)
    store.put([node], [])
    found = store.get("iets")
    assert found == node
    assert digest(found) == digest(node)
    assert {k: type(v) for k, v in found.properties.items()} == {k: type(v) for k, v in properties.items()}


@pytest.mark.parametrize(
    "source",
    [
        Source("d", "c", "stated"),
        Source("d", "c", "stated", "", "alleen een opmerking"),
        Source("a | b", "|", "\\", "\\|", " | \\ | "),
        Source("", "", "", " ", "\n"),
        Source("doc 🌻", "II.2.a", "inferred", "§ 3", "x" * 5_000),
    ],
    ids=range(5),
)
def test_a_source_comes_back_as_it_was_put(store: Store, source: Source) -> None:
    node = Node("iets", "initiative", "Naam", sources=(source, SOURCE, source))
    edge = Edge("located_in", "iets", "dorp", (source,))
    store.put([node, DORP], [edge])
    assert store.get("iets") == node
    assert list(store.edges()) == [edge]


def test_an_edge_comes_back_as_it_was_put(store: Store) -> None:
    store.put([TUIN, HUIS, DORP], [STEUN, IN_DORP])
    assert list(store.edges()) == [STEUN, IN_DORP]


def test_what_has_the_same_id_is_replaced(store: Store) -> None:
    other = Node("buurttuin", "programme", "Iets anders", properties={"note": "nieuw"})
    store.put([TUIN], [])
    store.put([other], [])
    assert store.get("buurttuin") == other
    assert (ids(list(store.nodes("initiative"))), ids(list(store.nodes("programme")))) == ([], ["buurttuin"])


def test_of_the_same_id_in_one_put_the_last_counts(store: Store) -> None:
    other = Node("buurttuin", "programme", "Iets anders")
    store.put([TUIN, DORP, other], [IN_DORP, Edge("located_in", "buurttuin", "dorp", properties={"since": 1})])
    assert list(store.nodes()) == [other, DORP]
    assert [edge.properties for edge in store.edges()] == [{"since": 1}]


def test_a_replaced_node_keeps_its_edges(store: Store) -> None:
    store.put([TUIN, DORP], [IN_DORP])
    store.put([Node("buurttuin", "initiative", "Nieuwe naam")], [])
    assert list(store.edges()) == [IN_DORP]


def test_an_edge_is_replaced_and_not_doubled(store: Store) -> None:
    store.put([TUIN, DORP], [IN_DORP])
    changed = Edge("located_in", "buurttuin", "dorp", (), {"since": 2001})
    store.put([], [changed])
    assert list(store.edges()) == [changed]


def test_two_kinds_of_edge_may_join_the_same_nodes(store: Store) -> None:
    also = Edge("funds", "buurthuis", "buurttuin")
    store.put([TUIN, HUIS], [STEUN, also])
    assert list(store.edges()) == [also, STEUN]


def test_a_missing_node_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound, match="buurttuin"):
        store.get("buurttuin")


def test_nodes_come_in_order_of_id_by_kind_and_by_id(store: Store) -> None:
    store.put([TUIN, HUIS, DORP], [])
    assert list(store.nodes()) == [HUIS, TUIN, DORP]
    assert list(store.nodes("place")) == [DORP]
    assert list(store.nodes("geen-soort")) == []
    assert list(store.nodes(ids=["dorp", "onbekend", "buurthuis", "dorp"])) == [HUIS, DORP]
    assert list(store.nodes("place", ["dorp", "buurthuis"])) == [DORP]
    assert list(store.nodes(ids=[])) == []


def test_edges_are_those_that_touch_an_id(store: Store) -> None:
    store.put([TUIN, HUIS, DORP], [IN_DORP, STEUN])
    assert list(store.edges(["dorp"])) == [IN_DORP]
    assert list(store.edges(["buurthuis", "buurttuin"])) == [STEUN, IN_DORP]
    assert list(store.edges(["onbekend"])) == []
    assert list(store.edges([])) == []


def test_what_leaves_a_node_and_how_many_edges_touch_it(store: Store) -> None:
    store.put([TUIN, HUIS, DORP], [IN_DORP, STEUN])
    assert list(store.leaving(["buurttuin", "dorp", "nergens"])) == [IN_DORP]
    assert store.degrees(["buurttuin", "dorp", "nergens"]) == {"buurttuin": 2, "dorp": 1}


def test_edges_come_in_order_of_source_kind_and_target(store: Store) -> None:
    around = [
        Edge(kind, "buurttuin", target)
        for kind in ("part_of", "partners_with", "related", "asks")
        for target in ("dorp", "buurthuis")
    ]
    store.put([TUIN, HUIS, DORP], around)
    assert [(e.source, e.kind, e.target) for e in store.edges()] == sorted((e.source, e.kind, e.target) for e in around)


@pytest.mark.parametrize("edge", [Edge("located_in", "buurttuin", "weg"), Edge("located_in", "weg", "buurttuin")])
def test_an_edge_to_nowhere_is_not_found_and_nothing_is_written(store: Store, edge: Edge) -> None:
    store.put([TUIN], [])
    before = store.revision()
    with pytest.raises(NotFound, match="weg"):
        store.put([HUIS, DORP], [IN_DORP, edge, STEUN])
    assert (list(store.nodes()), list(store.edges()), store.revision()) == ([TUIN], [], before)


def test_nothing_is_written_when_what_is_put_breaks_off(store: Store) -> None:
    def broken() -> Iterator[Node]:
        yield TUIN
        raise RuntimeError("afgebroken")

    with pytest.raises(RuntimeError, match="afgebroken"):
        store.put(broken(), [])
    assert list(store.nodes()) == []


def test_delete_takes_the_edges_along(store: Store) -> None:
    store.put([TUIN, HUIS, DORP], [IN_DORP, STEUN])
    store.delete("buurttuin")
    assert list(store.edges()) == []
    assert list(store.nodes()) == [HUIS, DORP]


def test_delete_of_a_missing_node_is_not_found_and_changes_nothing(store: Store) -> None:
    store.put([TUIN], [])
    before = store.revision()
    with pytest.raises(NotFound, match="dorp"):
        store.delete("dorp")
    assert store.revision() == before


def test_delete_takes_the_place_in_the_index_along(store: Store) -> None:
    fill(
        store,
        (TUIN, entry(TUIN, "tuin", "_tu", [unit(1, 0), unit(0, 1)])),
        (HUIS, entry(HUIS, "huis", "_hu", [unit(1, 1)])),
    )
    store.delete("buurttuin")
    assert store.lexical("words", ["tuin"], 5) == store.lexical("grams", ["_tu"], 5) == []
    assert [id for id, _ in store.nearest(MODEL, unit(1, 0), 5)] == ["buurthuis"]
    assert (store.models(), store.frequencies(["tuin"]), store.entries(["buurttuin"])) == ({MODEL: 1}, {}, {})
    store.put([TUIN], [])
    assert ids(list(store.outdated(MODEL))) == ["buurttuin"]


def test_the_revision_is_higher_after_every_change(store: Store) -> None:
    seen = [store.revision()]
    for some_nodes, some_edges in (([TUIN, DORP], []), ([], [IN_DORP]), ([TUIN], [])):
        store.put(some_nodes, some_edges)
        seen.append(store.revision())
    store.delete("dorp")
    seen.append(store.revision())
    assert seen == sorted(set(seen))


def test_the_same_again_gives_the_same_graph(store: Store) -> None:
    for _ in range(2):
        store.put([TUIN, HUIS, DORP], [IN_DORP, STEUN])
        store.index(MODEL, [entry(TUIN, "tuin", vectors=[unit(1, 2), unit(2, 1)])])
    assert (list(store.nodes()), list(store.edges())) == ([HUIS, TUIN, DORP], [STEUN, IN_DORP])
    assert len(store.cosines(MODEL, unit(1, 0), ["buurttuin"])["buurttuin"]) == 2
    assert store.frequencies(["tuin"]) == {"tuin": 1}


def test_a_node_is_outdated_until_it_is_indexed_and_again_when_it_changes(store: Store) -> None:
    store.put([TUIN, DORP], [])
    assert list(store.outdated(MODEL)) == [TUIN, DORP]
    store.index(MODEL, [entry(TUIN), entry(DORP)])
    assert list(store.outdated(MODEL)) == []
    store.put([TUIN, Node("dorp", "place", "Stad")], [])
    assert ids(list(store.outdated(MODEL))) == ["dorp"]


def test_an_entry_of_an_older_node_leaves_it_outdated(store: Store) -> None:
    store.put([Node("dorp", "place", "Stad")], [])
    store.index(MODEL, [entry(DORP)])
    assert ids(list(store.outdated(MODEL))) == ["dorp"]


def test_an_entry_of_a_node_that_is_gone_is_passed_over(store: Store) -> None:
    store.put([TUIN], [])
    store.index(MODEL, [entry(DORP, "dorp", vectors=[unit(1, 0)]), entry(TUIN, "tuin", vectors=[unit(1, 0)])])
    assert store.models() == {MODEL: 1}
    assert rounded(store.nearest(MODEL, unit(1, 0), 5)) == [("buurttuin", 1.0)]


def test_models_stand_side_by_side(store: Store) -> None:
    fill(store, (TUIN, entry(TUIN, vectors=[unit(1, 0)])), (DORP, entry(DORP, vectors=[unit(0, 1)])))
    assert ids(list(store.outdated("ander`model"))) == ["buurttuin", "dorp"]
    store.index("ander`model", [entry(DORP, vectors=[unit(1, 1, 1), unit(1, 0, 0)])])
    assert store.models() == {"ander`model": 1, MODEL: 2}
    assert rounded(store.nearest("ander`model", unit(1, 0, 0), 5)) == [("dorp", 1.0)]
    assert rounded(store.nearest(MODEL, unit(1, 0), 1)) == [("buurttuin", 1.0)]
    assert ids(list(store.outdated(MODEL))) == []


def test_without_an_encoder_the_words_are_indexed_all_the_same(store: Store) -> None:
    fill(store, (TUIN, entry(TUIN, "tuin")), model="none")
    assert (list(store.outdated("none")), store.models()) == ([], {"none": 1})
    assert [id for id, _ in store.lexical("words", ["tuin"], 5)] == ["buurttuin"]
    assert store.nearest("none", np.zeros(0, np.float32), 5) == []
    assert store.cosines("none", np.zeros(0, np.float32), ["buurttuin"]) == {}


def test_nothing_is_indexed_when_the_entries_break_off(store: Store) -> None:
    def broken() -> Iterator[Entry]:
        yield entry(TUIN, "tuin")
        raise RuntimeError("afgebroken")

    store.put([TUIN], [])
    with pytest.raises(RuntimeError, match="afgebroken"):
        store.index(MODEL, broken())
    assert (store.models(), store.lexical("words", ["tuin"], 5)) == ({}, [])


def library(store: Store, *texts: str) -> None:
    """Nodes that differ in their words, among others that have none of them."""
    fill(
        store,
        *[(node, entry(node, f"vulling nummer{n} tekst")) for n, node in enumerate(nodes(20, "theme"))],
        *[(node, entry(node, words, f"_{words[:3]}")) for node, words in zip(nodes(len(texts)), texts, strict=True)],
    )


def test_a_rare_word_counts_for_more_and_a_short_text_too(store: Store) -> None:
    library(store, "tuin boom boom boom boom", "boom", "tuin", "boom struik")
    assert [id[-1] for id, _ in store.lexical("words", ["tuin", "boom"], 9)] == ["0", "2", "1", "3"]


def test_equal_scores_come_in_order_of_id(store: Store) -> None:
    library(store, "tuin", "tuin", "tuin", "tuin")
    found = store.lexical("words", ["tuin"], 3)
    assert [id for id, _ in found] == ["initiative-000", "initiative-001", "initiative-002"]
    assert len({score for _, score in found}) == 1
    assert found[0][1] > 0


def test_words_and_grams_are_searched_apart(store: Store) -> None:
    library(store, "tuin", "boom")
    assert store.lexical("words", ["_tui"], 5) == store.lexical("grams", ["tuin"], 5) == []
    assert [id for id, _ in store.lexical("grams", ["_boo"], 5)] == ["initiative-001"]


def test_only_the_kinds_asked_for_are_found(store: Store) -> None:
    library(store, *["tuin"] * 3)
    fill(store, (DORP, entry(DORP, "tuin en een heleboel andere woorden")))
    assert [id for id, _ in store.lexical("words", ["tuin"], 1, ["place"])] == ["dorp"]
    assert len(store.lexical("words", ["tuin"], 9, ["place", "initiative"])) == 4
    assert store.lexical("words", ["tuin"], 9, ["person"]) == []


def test_a_kind_does_not_change_the_score(store: Store) -> None:
    library(store, "tuin", "tuin boom")
    assert store.lexical("words", ["tuin", "boom"], 9, ["initiative"]) == store.lexical("words", ["tuin", "boom"], 9)


OPERATORS = [
    "AND",
    "OR",
    "NOT",
    "NEAR",
    '"',
    '""',
    "'",
    "*",
    "tuin*",
    "(",
    ")",
    "(onaf",
    "a/b",
    "\\",
    "\\\\",
    "^",
    "~2",
    ":",
    "words:tuin",
    "_words:tuin",
    "+tuin",
    "-tuin",
    "[a TO z]",
    "{",
    "}",
    "!",
    "&&",
    "||",
    "?",
    "tui?",
    "<",
    "$1",
    "--",
    ";",
]


@pytest.mark.parametrize("term", OPERATORS)
def test_an_operator_in_a_question_is_only_text(store: Store, term: str) -> None:
    library(store, "tuin", "boom")
    raw = store.lexical("words", [term, "boom"], 5)
    asked = store.lexical("words", text.analyse(f"{term} boom"), 5)
    assert "initiative-001" in {id for id, _ in raw} & {id for id, _ in asked}
    assert set(store.frequencies([term, "boom"])) >= {"boom"}


@pytest.mark.parametrize("terms", [[], [""], [" "], ["nergens"]])
def test_no_words_or_unknown_words_find_nothing(store: Store, terms: list[str]) -> None:
    library(store, "tuin")
    assert (store.lexical("words", terms, 5), store.frequencies(terms)) == ([], {})


def test_an_empty_database_finds_nothing(store: Store) -> None:
    assert store.lexical("words", ["tuin"], 5) == store.nearest(MODEL, unit(1, 0), 5) == []
    assert (store.frequencies(["tuin"]), store.models(), store.cosines(MODEL, unit(1, 0), ["x"])) == ({}, {}, {})


def test_a_very_long_question_is_answered(store: Store) -> None:
    library(store, "tuin boom", "tuin", "boom")
    terms = [f"woord{n}" for n in range(3_000)]
    found = store.lexical("words", ["tuin", *terms, "boom"], 5, ["initiative"])
    assert found[0][0] == "initiative-000"
    assert len(found) == 3


def test_a_very_long_word_is_found(store: Store) -> None:
    library(store, "lang" * 500, "kort")
    assert [id for id, _ in store.lexical("words", ["lang" * 500], 5)] == ["initiative-000"]


def test_the_index_forgets_the_words_of_before(store: Store) -> None:
    fill(store, (TUIN, entry(TUIN, "tuin", "_tu")))
    store.index(MODEL, [entry(TUIN, "park", "_pa")])
    assert store.lexical("words", ["tuin"], 5) == store.lexical("grams", ["_tu"], 5) == []
    assert store.frequencies(["tuin", "park"]) == {"park": 1}


def test_a_model_that_had_nothing_to_index_yet_is_searched_afterwards(store: Store) -> None:
    store.index(MODEL, [])
    fill(store, (TUIN, entry(TUIN, vectors=[unit(1, 0)])))
    assert rounded(store.nearest(MODEL, unit(1, 0), 5)) == [("buurttuin", 1.0)]


def test_the_nearest_are_those_with_the_best_passage(store: Store) -> None:
    fill(
        store,
        (TUIN, entry(TUIN, vectors=[unit(0, 1), unit(3, 4)])),
        (HUIS, entry(HUIS, vectors=[unit(-1, 0)])),
        (DORP, entry(DORP, vectors=[unit(1, 1), unit(1, 1)])),
    )
    found = rounded(store.nearest(MODEL, unit(1, 0), 5))
    assert found == [("dorp", 0.7071), ("buurttuin", 0.6), ("buurthuis", -1.0)]
    assert [id for id, _ in store.nearest(MODEL, unit(1, 0), 1)] == ["dorp"]
    assert store.nearest("onbekend", unit(1, 0), 5) == []


def test_a_kind_is_found_behind_many_nearer_nodes_of_another(store: Store) -> None:
    near = nodes(300)
    fill(
        store,
        *[(node, entry(node, vectors=[unit(1, n / 1000), unit(1, n / 999)])) for n, node in enumerate(near)],
        (DORP, entry(DORP, vectors=[unit(-1, 1)])),
    )
    assert [id for id, _ in store.nearest(MODEL, unit(1, 0), 2, ["place"])] == ["dorp"]
    assert len(store.nearest(MODEL, unit(1, 0), 250, ["initiative", "place"])) == 250


def test_equally_near_comes_in_order_of_id(store: Store) -> None:
    fill(store, *[(node, entry(node, vectors=[unit(1, 1)])) for node in nodes(5)])
    assert [id[-1] for id, _ in store.nearest(MODEL, unit(1, 0), 3)] == ["0", "1", "2"]


def test_cosines_come_in_the_order_of_the_passages(store: Store) -> None:
    passages = [unit(math.cos(n), math.sin(n)) for n in range(12)]
    fill(store, (TUIN, entry(TUIN, vectors=passages)), (DORP, entry(DORP, vectors=[unit(0, 1)])))
    found = store.cosines(MODEL, unit(1, 0), ["buurttuin", "onbekend"])
    assert list(found) == ["buurttuin"]
    assert found["buurttuin"] == pytest.approx(np.cos(np.arange(12)), abs=1e-5)


def test_passages_that_are_no_longer_there_are_forgotten(store: Store) -> None:
    fill(store, (TUIN, entry(TUIN, vectors=[unit(0, 1), unit(1, 0), unit(1, 1)])))
    store.index(MODEL, [entry(TUIN, vectors=[unit(0, 1)])])
    assert store.cosines(MODEL, unit(1, 0), ["buurttuin"])["buurttuin"] == pytest.approx([0.0], abs=1e-5)
    assert rounded(store.nearest(MODEL, unit(1, 0), 5)) == [("buurttuin", 0.0)]


def test_frequencies_count_nodes_and_not_occurrences(store: Store) -> None:
    library(store, "tuin tuin boom", "tuin", "boomhut")
    assert store.frequencies(["tuin", "boom", "hut", "tuin", "vulling"]) == {"tuin": 2, "boom": 1, "vulling": 20}


def test_entries_give_back_words_and_passages(store: Store) -> None:
    fill(store, (TUIN, entry(TUIN, "tuin boom tuin", "_tu", [unit(1, 0), unit(0, 1)])))
    store.put([DORP], [])
    found = store.entries(["buurttuin", "dorp", "onbekend"])
    assert list(found) == ["buurttuin"]
    one = found["buurttuin"]
    assert (one.id, one.kind, one.digest) == ("buurttuin", "initiative", digest(TUIN))
    assert one.words == ("tuin", "boom", "tuin")
    assert one.passages == ("passage 0 van buurttuin", "passage 1 van buurttuin")
    assert (one.grams, one.vectors.size) == ((), 0)


def write_hundred(opening: Opening, writer: int) -> None:
    with closing(opening.open()) as store:
        for n in range(100):
            store.put([Node(f"w{writer}-{n:03}", "theme", f"Van {writer}")], [IN_DORP])


def write_and_index(opening: Opening) -> None:
    with closing(opening.open()) as store:
        fill(store, (HUIS, entry(HUIS, "huis", vectors=[unit(1, 0)])))


def test_four_processes_write_a_hundred_times_each_and_nothing_is_lost(store: Store, opening: Opening) -> None:
    store.put([TUIN, DORP], [])
    with ProcessPoolExecutor(4, get_context("spawn")) as pool:
        for done in [pool.submit(write_hundred, opening, writer) for writer in range(4)]:
            done.result()
    assert len(list(store.nodes("theme"))) == 400
    assert list(store.edges()) == [IN_DORP]
    assert store.revision() == 401


def test_a_change_by_another_process_is_seen(store: Store, opening: Opening) -> None:
    fill(store, (TUIN, entry(TUIN, "tuin", vectors=[unit(0, 1)])))
    before = store.revision()
    assert [id for id, _ in store.nearest(MODEL, unit(1, 0), 1)] == ["buurttuin"]
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        pool.submit(write_and_index, opening).result()
    assert store.get("buurthuis") == HUIS
    assert store.revision() > before
    assert [id for id, _ in store.nearest(MODEL, unit(1, 0), 1)] == ["buurthuis"]
    assert [id for id, _ in store.lexical("words", ["huis"], 1)] == ["buurthuis"]


IDS = st.sampled_from(["a", "b", "c", "d"])
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20)
VALUES = st.one_of(
    TEXTS,
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.lists(TEXTS, max_size=3).map(tuple),
)
PROPERTIES = st.dictionaries(st.sampled_from(["summary", "note", "situations", "start"]), VALUES, max_size=3)
SOURCES = st.lists(st.builds(Source, TEXTS, TEXTS, TEXTS, TEXTS, TEXTS), max_size=2).map(tuple)
NODES = st.builds(
    Node,
    IDS,
    st.sampled_from(["initiative", "place", "knowledge_question"]),
    TEXTS,
    st.lists(TEXTS, max_size=2).map(tuple),
    SOURCES,
    PROPERTIES,
)
EDGES = st.builds(Edge, st.sampled_from(["located_in", "related"]), IDS, IDS, SOURCES, PROPERTIES)


class AgainstDicts(RuleBasedStateMachine):
    """Whatever is done, a store holds what three dicts would hold."""

    store: Store

    def __init__(self) -> None:
        super().__init__()
        for node in list(self.store.nodes()):
            self.store.delete(node.id)
        self.nodes: dict[str, Node] = {}
        self.edges: dict[tuple[str, str, str], Edge] = {}
        self.indexed: dict[str, str] = {}

    @rule(nodes=st.lists(NODES, max_size=3), edges=st.lists(EDGES, max_size=3))
    def put(self, nodes: list[Node], edges: list[Edge]) -> None:
        known = self.nodes | {node.id: node for node in nodes}
        if all({edge.source, edge.target} <= set(known) for edge in edges):
            self.store.put(nodes, edges)
            self.nodes = known
            self.edges |= {(edge.source, edge.kind, edge.target): edge for edge in edges}
            return
        with pytest.raises(NotFound):
            self.store.put(nodes, edges)

    @rule(id=IDS)
    def delete(self, id: str) -> None:
        if self.nodes.pop(id, None) is None:
            with pytest.raises(NotFound):
                self.store.delete(id)
            return
        self.store.delete(id)
        self.indexed.pop(id, None)
        self.edges = {key: edge for key, edge in self.edges.items() if id not in (edge.source, edge.target)}

    @rule(some=st.sets(IDS))
    def index(self, some: set[str]) -> None:
        chosen = [node for id, node in self.nodes.items() if id in some]
        self.store.index(MODEL, [entry(node, f"woord {node.id}", vectors=[unit(1, ord(node.id))]) for node in chosen])
        self.indexed |= {node.id: digest(node) for node in chosen}

    @rule(some=st.sets(IDS))
    def look(self, some: set[str]) -> None:
        assert list(self.store.nodes()) == [self.nodes[id] for id in sorted(self.nodes)]
        assert list(self.store.edges()) == [self.edges[key] for key in sorted(self.edges)]
        touching = [self.edges[key] for key in sorted(self.edges) if {key[0], key[2]} & some]
        assert list(self.store.edges(some)) == touching
        outdated = [id for id in sorted(self.nodes) if self.indexed.get(id) != digest(self.nodes[id])]
        assert ids(list(self.store.outdated(MODEL))) == outdated
        assert self.store.frequencies(["woord"]).get("woord", 0) == len(self.indexed)
        assert {id for id, _ in self.store.nearest(MODEL, unit(1, 0), 9)} == set(self.indexed)


def test_a_store_holds_what_dicts_would_hold(store: Store) -> None:
    machine = type("Machine", (AgainstDicts,), {"store": store})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
