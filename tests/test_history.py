"""Who changed what, and how to take it back."""

from dataclasses import replace

import pytest

from kennismakelaar import encode, history
from kennismakelaar.broker import Broker
from kennismakelaar.errors import Conflict, NotFound, Refused, SchemaError
from kennismakelaar.model import Change, Edge, Node, Source
from kennismakelaar.store import Store
from kennismakelaar.weights import read

SOURCE = (Source("boek", "1", "stated"),)
BOEK = Node("boek", "publication", "Boek", (), SOURCE, {"summary": "Een boek.", "type": "boek"})
TUIN = Node("tuin", "initiative", "Tuin", ("moestuin",), SOURCE, {"summary": "Samen tuinieren.", "need": ("geld",)})
HUIS = Node("huis", "organisation", "Huis", (), SOURCE, {"summary": "Een plek.", "type": "maatschappelijk"})
STEUN = Edge("supports", "huis", "tuin", SOURCE)


@pytest.fixture
def broker(store: Store) -> Broker:
    """A graph of three, on both stores."""
    broker = Broker(store, encode.load("none"), read())
    broker.add([BOEK, TUIN, HUIS], [STEUN])
    return broker


def with_values(node: Node, **values: str) -> Node:
    return replace(node, properties={**node.properties, **values})


def edit(broker: Broker, node: Node, who: str = "anna") -> str:
    return history.publish(broker, Change(nodes=[node]), who, "klopte niet")


def test_a_change_is_kept_with_who_why_the_old_and_the_new(broker: Broker) -> None:
    run = edit(broker, with_values(replace(TUIN, name="De Tuin"), note="let op"))
    (past,) = history.of_node(broker.store, "tuin")
    assert (past.run, past.who, past.why) == (run, "anna", "klopte niet")
    assert past.fields == {"name": ("Tuin", "De Tuin"), "note": (None, "let op")}
    assert broker.store.get("tuin").name == "De Tuin"


def test_a_change_can_be_taken_back_and_that_too(broker: Broker) -> None:
    run = edit(broker, replace(TUIN, name="De Tuin"))
    back = history.undo(broker, run, "bert")
    assert broker.store.get("tuin") == TUIN
    history.undo(broker, back, "anna")
    assert broker.store.get("tuin").name == "De Tuin"
    assert [past.who for past in history.of_node(broker.store, "tuin")].count("anna") == 2


def test_taking_back_keeps_later_changes_of_other_fields(broker: Broker) -> None:
    run = edit(broker, replace(TUIN, name="De Tuin"))
    edit(broker, with_values(replace(TUIN, name="De Tuin"), note="later"), "bert")
    history.undo(broker, run, "anna")
    assert broker.store.get("tuin") == with_values(TUIN, note="later")


def test_a_later_change_of_the_same_field_stands_in_the_way(broker: Broker) -> None:
    run = edit(broker, replace(TUIN, name="De Tuin"))
    edit(broker, replace(TUIN, name="Onze Tuin"), "bert")
    with pytest.raises(Conflict, match="name"):
        history.undo(broker, run, "anna")
    assert broker.store.get("tuin").name == "Onze Tuin"


def test_a_node_that_is_taken_away_comes_back_with_its_edges(broker: Broker) -> None:
    run = history.publish(broker, Change(gone_nodes=["tuin"]), "anna", "bestaat niet meer")
    assert list(broker.store.edges()) == []
    history.undo(broker, run, "anna")
    assert broker.store.get("tuin") == TUIN
    assert list(broker.store.edges()) == [STEUN]
    assert broker.store.lexical("words", ["tuin"], 5)


def test_a_new_node_with_an_edge_is_one_run(broker: Broker) -> None:
    kas = replace(TUIN, id="kas", name="Kas")
    run = history.publish(broker, Change([kas], [Edge("supports", "huis", "kas", SOURCE)]), "anna", "nieuw")
    assert {past.subject for past in history.runs(broker.store)[0]} == {"kas", "huis supports kas"}
    history.undo(broker, run, "anna")
    assert {node.id for node in broker.store.nodes()} == {"boek", "tuin", "huis"}
    assert list(broker.store.edges()) == [STEUN]


def test_taking_back_the_rest_of_what_was_taken_back_already_leaves_nothing(broker: Broker) -> None:
    run = history.publish(broker, Change([replace(TUIN, id="kas", name="Kas")]), "anna", "nieuw")
    assert [history.undo_rest(broker, run, who) for who in ("anna", "bert")] == [(), ()]


def test_a_form_that_was_open_while_a_colleague_changed_it_is_a_conflict(broker: Broker) -> None:
    seen = {"tuin": history.version(broker.store, "tuin")}
    edit(broker, replace(TUIN, name="De Tuin"), "bert")
    with pytest.raises(Conflict, match="bert"):
        history.publish(broker, Change(nodes=[replace(TUIN, name="Mijn Tuin")]), "anna", "", seen)
    assert broker.store.get("tuin").name == "De Tuin"


def test_nothing_changed_is_refused_and_leaves_no_trace(broker: Broker) -> None:
    with pytest.raises(Refused, match="niets"):
        edit(broker, TUIN)
    assert history.of_node(broker.store, "tuin") == ()


def test_what_does_not_follow_the_schema_is_refused_and_leaves_no_trace(broker: Broker) -> None:
    with pytest.raises(SchemaError):
        edit(broker, with_values(TUIN, kleur="groen"))
    assert broker.store.get("tuin") == TUIN
    assert history.of_node(broker.store, "tuin") == ()


def test_an_unknown_run_is_not_found(broker: Broker) -> None:
    with pytest.raises(NotFound):
        history.undo(broker, "nooit", "anna")
