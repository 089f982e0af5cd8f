"""Forms built from the schema."""

from dataclasses import replace

import pytest

from kennismakelaar import edit, encode, language
from kennismakelaar.broker import Broker
from kennismakelaar.errors import NotFound, Refused, SchemaError
from kennismakelaar.model import Edge, Node, Source
from kennismakelaar.schema import schema
from kennismakelaar.seed import read as read_seed
from kennismakelaar.store import Store
from kennismakelaar.weights import read
from tests.test_history import BOEK, HUIS, SOURCE, STEUN, TUIN


@pytest.fixture
def broker(store: Store) -> Broker:
    """A graph of three, on both stores."""
    broker = Broker(store, encode.load("none"), read())
    broker.add([BOEK, TUIN, HUIS], [STEUN])
    return broker


def as_typed(node: Node) -> dict[str, list[str]]:
    """The form as a browser sends it when nobody touches it."""
    return {
        f.name: [chr(10).join(f.value)]
        if f.type == "texts"
        else list(f.value)
        if f.type == "choices"
        else [str(f.value)]
        for f in edit.fields(node.kind, node)
    }


def test_a_form_that_nobody_touched_changes_nothing_in_any_record_of_the_seed() -> None:
    nodes, _ = read_seed()
    assert [node.id for node in nodes if edit.filled(node, as_typed(node)) != node] == []


@pytest.mark.parametrize("kind", schema().nodes)
def test_every_property_of_every_kind_can_be_filled_in(kind: str) -> None:
    names = [field.name for field in edit.fields(kind)]
    assert names == ["name", "aliases", *(name for name in schema().nodes[kind].properties if name not in edit.KEPT)]


def test_what_is_emptied_goes_and_what_was_not_in_the_form_stays() -> None:
    assert edit.filled(TUIN, {"need": [""], "note": ["let op"]}) == replace(
        TUIN, properties={"summary": "Samen tuinieren.", "note": "let op"}
    )


@pytest.mark.parametrize(
    ("typed", "value"), [("33,5", 33.5), ("33.5", 33.5), ("1.250", 1250), ("1.250,5", 1250.5), ("-2", -2)]
)
def test_numbers_are_read_the_dutch_way(typed: str, value: float) -> None:
    node = Node("cijfer", "finding", "Cijfer", (), SOURCE, {"summary": "Een cijfer."})
    assert edit.filled(node, {"value": [typed]}).properties["value"] == value


@pytest.mark.parametrize(("typed", "value"), [("33.5", 33.5), ("1,250", 1250), ("1,250.5", 1250.5), ("1.250", 1.25)])
def test_numbers_are_read_and_shown_the_english_way(typed: str, value: float) -> None:
    node = Node("cijfer", "finding", "Cijfer", (), SOURCE, {"summary": "Een cijfer."})
    with language.speaking("en"):
        changed = edit.filled(node, {"value": [typed]})
        assert changed.properties["value"] == value
        shown = {field.name: str(field.value) for field in edit.fields("finding", changed)}
        assert edit.filled(node, {"value": [shown["value"]]}) == changed


def test_all_that_is_wrong_is_said_at_once_by_its_label() -> None:
    with pytest.raises(SchemaError) as refusal:
        edit.filled(TUIN, {"start": ["vorig jaar"], "verified_on": ["gisteren"], "summary": [" "], "name": [""]})
    for words in (
        "begonnen in: 'vorig jaar' is geen jaartal",
        "nagekeken op",
        "beschrijving is nog leeg",
        "naam is nog leeg",
    ):
        assert words in str(refusal.value)


def test_a_source_must_be_a_publication_of_the_graph(broker: Broker) -> None:
    assert edit.source(broker, {"document": "boek", "chapter": "2"}) == Source("boek", "2", "curated")
    for form, words in (({}, "ontbreekt"), ({"document": "tuin", "chapter": "1"}, "kennen wij niet")):
        with pytest.raises(Refused, match=words):
            edit.source(broker, form)


def test_a_new_id_is_readable_and_free(broker: Broker) -> None:
    assert edit.new_id(broker, "Café ’t Höfke") == "cafe-t-hofke"
    assert edit.new_id(broker, "Tuin") == "tuin-2"
    assert edit.new_id(broker, "!!!") == "record"


def test_a_relation_is_made_from_either_end(broker: Broker) -> None:
    assert edit.tie(broker, HUIS, ">supports", "tuin", SOURCE[0]) == STEUN
    assert edit.tie(broker, TUIN, "<supports", "Huis", SOURCE[0]) == STEUN
    assert edit.tie(broker, HUIS, ">partners_with", "MOESTUIN", SOURCE[0]) == Edge(
        "partners_with", "huis", "tuin", SOURCE
    )


def test_a_name_that_is_unknown_or_of_two_is_told(broker: Broker) -> None:
    with pytest.raises(NotFound, match="kennen wij niet"):
        edit.named(broker, "Boom")
    broker.add([replace(TUIN, id="tuin-b")], [])
    with pytest.raises(Refused, match="tuin, tuin-b"):
        edit.named(broker, "moestuin")


def test_a_relation_that_the_kind_cannot_have_is_refused(broker: Broker) -> None:
    with pytest.raises(Refused, match="lijst"):
        edit.tie(broker, BOEK, ">located_in", "tuin", SOURCE[0])
