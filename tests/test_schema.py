"""graph_schema/ is read whole, and what does not follow it is refused."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from kennismakelaar import schema
from kennismakelaar.errors import SchemaError
from kennismakelaar.model import Edge, Node, Source
from kennismakelaar.paths import GRAPH_SCHEMA

SOURCES = (Source("doe-democratie-nota", "I.1", "stated"),)
RULES = schema.schema()


def node(id: str = "a", kind: str = "place", **properties: Any) -> Node:
    return Node(id, kind, "Aa", (), SOURCES, {"summary": "Een dorp.", "place_type": "dorp"} | properties)


def test_every_kind_file_loads_with_labels_in_both_languages() -> None:
    assert len(RULES.nodes) == 10
    assert {
        "supports",
        "funds",
        "partners_with",
        "part_of",
        "located_in",
        "uses_method",
        "about",
        "authored",
        "published",
        "advises",
        "initiated",
        "operates",
        "asks",
        "answers",
        "example_of",
        "affiliated_with",
        "knows_about",
        "broader",
        "related",
        "successor_of",
    } <= set(RULES.edges)
    kinds: list[schema.NodeKind | schema.EdgeKind] = [*RULES.nodes.values(), *RULES.edges.values()]
    for kind in kinds:
        assert set(kind.label) == {"nl", "en"}
        assert all(set(rule.label) == {"nl", "en"} for rule in kind.properties.values())


def test_a_node_that_follows_its_kind_passes() -> None:
    RULES.check(node(start=1990, website="https://example.org", verified_on="2026-11-25", situations=("vraag",)))


@pytest.mark.parametrize(
    ("properties", "complaint"),
    [
        ({"colour": "red"}, "onbekende eigenschap 'colour'"),
        ({"start": "long ago"}, "start: 'long ago' is geen year"),
        ({"website": "example"}, "geen url"),
        ({"verified_on": "25-11-2026"}, "geen date"),
        ({"place_type": "planeet"}, "geen choice place_type"),
        ({"situations": "vraag"}, "geen texts"),
        ({"summary": " "}, "geen text"),
    ],
)
def test_a_value_of_the_wrong_type_is_named(properties: dict[str, Any], complaint: str) -> None:
    with pytest.raises(SchemaError, match=complaint):
        RULES.check(node(**properties))


def test_every_fault_of_a_node_is_named_at_once() -> None:
    with pytest.raises(SchemaError, match="id 'A b'.*summary ontbreekt.*bron ontbreekt.*name ontbreekt"):
        RULES.check(Node("A b", "place", " ", (), (), {"place_type": "dorp"}))


def test_an_unknown_kind_is_refused_with_the_choices() -> None:
    with pytest.raises(SchemaError, match="Soort 'planet' bestaat niet. Kies uit: .*place"):
        RULES.check(node(kind="planet"))


def test_an_edge_between_the_wrong_kinds_is_refused() -> None:
    with pytest.raises(SchemaError, match="b is theme, hier mag place"):
        RULES.check_edge(Edge("located_in", "a", "b", SOURCES), {"a": "initiative", "b": "theme"})


def test_an_edge_to_nothing_is_refused() -> None:
    with pytest.raises(SchemaError, match="b bestaat niet"):
        RULES.check_edge(Edge("located_in", "a", "b", SOURCES), {"a": "initiative"})


@pytest.mark.parametrize(
    ("file", "old", "new", "complaint"),
    [
        ("nodes/place.yaml", "label:", "labbel:", "labbel"),
        ("nodes/place.yaml", "type: text, label", "type: colour, label", "type colour"),
        ("nodes/place.yaml", "vocabulary: place_type", "vocabulary: none", "none bestaat niet"),
        ("edges/about.yaml", "target: [theme]", "target: [thema]", "soort thema bestaat niet"),
        ("edges/about.yaml", "label:", "label: [", "niet te lezen"),
        ("shared.yaml", "required: true", "requird: true", "requird"),
    ],
)
def test_a_misspelt_schema_is_an_error(tmp_path: Path, file: str, old: str, new: str, complaint: str) -> None:
    shutil.copytree(GRAPH_SCHEMA, tmp_path / "s")
    path = tmp_path / "s" / file
    assert old in path.read_text("utf-8")
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(SchemaError, match=complaint):
        schema.read(tmp_path / "s")
