"""The graphs that benchmarks run on: the same every time, and as the schema wants them."""

import pytest

from benchmarks.graphs import Composed, Graph
from kennismakelaar import index
from kennismakelaar.schema import schema

SIZE = 1_500
"""A round of the seed, and a part of the next."""


@pytest.fixture(scope="module")
def graph() -> Graph:
    return Graph(SIZE)


def test_a_made_graph_follows_the_schema_and_has_no_doubles(graph: Graph) -> None:
    kinds = {}
    for node in graph.nodes():
        schema().check(node)
        kinds[node.id] = node.kind
    seen = set()
    for edge in graph.edges():
        schema().check_edge(edge, kinds)
        seen.add((edge.source, edge.kind, edge.target))
    assert len(kinds) == SIZE
    assert len(seen) == sum(1 for _ in graph.edges()) > 3 * SIZE


def test_the_same_number_gives_the_same_record_in_a_graph_of_any_size(graph: Graph) -> None:
    assert list(Graph(10 * SIZE).nodes())[:SIZE:7] == list(graph.nodes())[::7]


def test_vectors_of_made_texts_lie_near_what_they_are_made_of(graph: Graph) -> None:
    last = graph.node(SIZE - 1)
    own, other = graph.first[0][(SIZE - 1) % len(graph.first[0])], graph.first[0][7]
    composed = Composed({})
    vectors = [composed.passages(index.passages(node))[0] for node in (last, own, other)]
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]
    assert vectors[0] @ vectors[0] == pytest.approx(1)
