"""The seed graph is complete, sourced and in our own words."""

import hashlib
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from kennismakelaar import seed
from kennismakelaar.errors import SchemaError
from kennismakelaar.model import Edge, Node
from kennismakelaar.text import tokens

NODES, EDGES = seed.read()
RUNS = np.load(Path(__file__).with_name("note_runs.npy"))
"""A hash of every run of eight words of the note, so that the check needs no copy of its text."""
OWN_WORDS = ("summary", "summary_en", "known_so_far", "note")
KINDS = {  # kind: fewest, most
    "initiative": (50, 90),
    "organisation": (150, 230),
    "person": (35, 60),
    "knowledge_question": (80, 160),
    "publication": (60, 110),
    "method": (80, 140),
    "theme": (120, 240),
    "place": (60, 120),
    "programme": (80, 150),
    "finding": (80, 160),
}


def test_the_counts_stay_between_a_minimum_and_a_maximum() -> None:
    counts = Counter(node.kind for node in NODES)
    assert set(counts) == set(KINDS)
    assert all(low <= counts[kind] <= high for kind, (low, high) in KINDS.items()), counts
    assert 3_000 < len(EDGES) < 6_000


def test_no_description_repeats_eight_words_of_the_note() -> None:
    found = [(node.id, run) for node in NODES for text in _own_texts(node) for run in _runs(text) if _in_note(run)]
    assert found == []


def test_the_check_on_repeated_words_finds_a_repetition() -> None:
    assert _in_note("de doe democratie een vorm van meebeslissen van".split()) is False
    assert _in_note("een vorm van meebeslissen van burgers door zelf".split())


def test_every_node_has_a_relation() -> None:
    tied = {end for edge in EDGES for end in (edge.source, edge.target)}
    assert [node.id for node in NODES if node.id not in tied] == []


def test_every_initiative_has_three_relations() -> None:
    degree = Counter(end for edge in EDGES for end in (edge.source, edge.target))
    assert [n.id for n in NODES if n.kind == "initiative" and degree[n.id] < 3] == []


def test_every_source_is_a_publication_of_the_graph() -> None:
    publications = {node.id for node in NODES if node.kind == "publication"}
    things: list[Node | Edge] = [*NODES, *EDGES]
    assert {source.document for thing in things for source in thing.sources} <= publications


def test_every_municipality_stands_in_a_place() -> None:
    located = {edge.source for edge in EDGES if edge.kind == "located_in"}
    assert [n.id for n in NODES if n.properties.get("type") == "gemeente" and n.id not in located] == []


def test_every_municipality_that_ended_leads_to_one_of_today_with_date_and_source() -> None:
    ended = {node.id for node in NODES if node.kind == "place" and "end" in node.properties}
    led = [edge for edge in EDGES if edge.kind == "successor_of" and edge.target in ended]
    assert ended == {"boarnsterhim", "boskoop", "rijnwoude", "vlist"} == {edge.target for edge in led}
    assert all("per 1 januari 201" in source.note for edge in led for source in edge.sources)
    assert not ended & {edge.source for edge in led}


def test_municipalities_and_provinces_have_their_code() -> None:
    places = [node for node in NODES if node.kind == "place"]
    wanted = {"stad": r"GM\d{4}", "provincie": r"PV\d{2}"}
    wrong = [n.id for n in places if n.text("place_type") in wanted and not _has_code(n, wanted[n.text("place_type")])]
    assert wrong == []
    codes = [node.text("cbs_code") for node in places if node.text("cbs_code")]
    assert len(codes) == len(set(codes))


def _has_code(node: Node, form: str) -> bool:
    return re.fullmatch(form, node.text("cbs_code")) is not None


def test_a_broken_file_is_named_with_its_record(tmp_path: Path) -> None:
    (tmp_path / "nodes").mkdir()
    (tmp_path / "nodes" / "place.yaml").write_text("- {id: a, name: Aa, colour: red}\n", "utf-8")
    with pytest.raises(SchemaError, match="place a: .*colour"):
        seed.read(tmp_path)


def test_a_file_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    (tmp_path / "nodes").mkdir()
    (tmp_path / "nodes" / "place.yaml").write_text("- {id: a, name", "utf-8")
    with pytest.raises(SchemaError, match=r"place\.yaml is niet te lezen"):
        seed.read(tmp_path)


def test_an_edge_file_with_other_columns_is_refused(tmp_path: Path) -> None:
    (tmp_path / "edges").mkdir()
    (tmp_path / "edges" / "about.csv").write_text("from,to\na,b\n", "utf-8")
    with pytest.raises(SchemaError, match=r"about\.csv: de kolommen moeten zijn"):
        seed.read(tmp_path)


def _own_texts(node: Node) -> list[str]:
    return [node.text(name) for name in OWN_WORDS] + list(node.texts("situations"))


def _runs(text: str) -> list[list[str]]:
    words = tokens(text)
    return [words[i : i + 8] for i in range(len(words) - 7)]


def _in_note(run: list[str]) -> bool:
    digest = hashlib.blake2b(" ".join(run).encode(), digest_size=8).digest()
    value = np.uint64(int.from_bytes(digest, "big"))
    return bool(RUNS[min(np.searchsorted(RUNS, value), len(RUNS) - 1)] == value)
