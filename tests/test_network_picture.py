"""The network in a picture: what is chosen, where it stands, how it is told, and how one gets from here to there."""

import itertools
import math

import networkx as nx
import pytest

from kennismakelaar import language
from kennismakelaar.errors import NotFound, Refused
from kennismakelaar.model import Edge, Node, Source
from kennismakelaar.network import Scope
from kennismakelaar.network.choice import Choice, chosen, record
from kennismakelaar.network.groups import MARKS, by_community, by_domain, by_kind, communities, themes_of
from kennismakelaar.network.layout import APART, positions
from kennismakelaar.network.picture import LARGE, Gallery, draw
from kennismakelaar.network.way import BUSY, way
from kennismakelaar.store import Store

SOURCE = (Source("nota", "1", "stated"),)
THEMES = ("zorg", "energie")


def node(kind: str, id: str, **properties: str) -> Node:
    return Node(id, kind, id.replace("-", " ").title(), (), SOURCE, {"summary": "x", **properties})


def club(number: int) -> Node:
    return node("organisation", f"club-{number}", type="maatschappelijk", domain="markt" if number else "overheid")


def two_clubs(size: int = 6) -> tuple[list[Node], list[Edge]]:
    """Two groups in which all work together, tied by one tie; each with a theme; and one club alone."""
    nodes = [club(number) for number in range(2 * size + 1)] + [node("theme", theme) for theme in THEMES]
    edges = [
        Edge("partners_with", f"club-{a}", f"club-{b}", SOURCE)
        for start in (0, size)
        for a, b in itertools.combinations(range(start, start + size), 2)
    ]
    edges.append(Edge("partners_with", "club-0", f"club-{size}", SOURCE))
    edges += [Edge("about", f"club-{n}", THEMES[n // size], SOURCE) for n in range(2 * size)]
    return nodes, edges


@pytest.fixture
def filled(store: Store) -> Store:
    store.put(*two_clubs())
    return store


def test_the_same_graph_gives_the_same_picture_on_both_stores(filled: Store) -> None:
    first, again = draw(Choice(), filled).picture, draw(Choice(), filled).picture
    assert first == again
    assert [dot.name for dot in first.dots][:2] == ["Club 0", "Club 1"]
    assert [(group.label, group.size, group.themes) for group in first.groups] == [
        ("groep 1", 6, ("zorg",)),
        ("groep 2", 6, ("energie",)),
        ("zonder verbindingen", 1, ()),
    ]


def test_the_summary_tells_the_figures(filled: Store) -> None:
    assert draw(Choice(), filled).picture.summary == (
        "U ziet 13 organisaties met 31 verbindingen.",
        "Club 0 heeft de meeste verbindingen: met 6 van de 12 andere.",
        "Club 0 verbindt het meest. Zoeken twee anderen elkaar langs de kortste weg, dan komen zij in 45 van de 100 "
        "gevallen hier langs.",
        "Wij zien 2 groepen van 3 of meer die onderling meer verbindingen hebben dan met de rest. Groep 1 (6) gaat "
        "vooral over Zorg; groep 2 (6) gaat vooral over Energie.",
        "Club 12 staat los: zonder verbindingen in dit beeld.",
    )


def test_a_picture_is_kept_for_each_language(filled: Store) -> None:
    gallery = Gallery()
    dutch = gallery.show(Choice(), filled).picture
    with language.speaking("en"):
        english = gallery.show(Choice(), filled).picture
    assert (dutch.summary[0], dutch.groups[0].label) == ("U ziet 13 organisaties met 31 verbindingen.", "groep 1")
    assert english.summary == (
        "You see 13 organisations with 31 connections.",
        "Club 0 has the most connections: with 6 of the other 12.",
        "Club 0 links the others most. When two others look for each other by the shortest way, they pass through here "
        "in 45 out of 100 cases.",
        "We see 2 groups of 3 or more with more connections among each other than with the rest. Group 1 (6) is mostly "
        "about Zorg; group 2 (6) is mostly about Energie.",
        "Club 12 stands alone: without connections in this view.",
    )


def test_a_picture_is_kept_until_the_graph_changes(filled: Store) -> None:
    gallery = Gallery()
    kept = gallery.show(Choice(), filled)
    assert gallery.show(Choice(), filled) is kept
    filled.put([club(13)], [])
    assert len(gallery.show(Choice(), filled).picture.dots) == 14


def test_dots_are_as_large_as_their_measure(filled: Store) -> None:
    dots = {dot.id: dot for dot in draw(Choice(size="betweenness"), filled).picture.dots}
    assert dots["club-0"].radius == LARGE > dots["club-1"].radius
    assert dots["club-0"].value == pytest.approx(0.4545, abs=1e-4)


def test_too_many_records_are_cut_to_those_with_the_most_ties(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kennismakelaar.network.choice.MOST_TIES", 15)
    graph, left_out = chosen(Choice(), filled)
    assert graph.number_of_edges() <= 15
    assert {"club-0", "club-6"} <= set(graph)
    assert left_out == 13 - len(graph) > 0
    monkeypatch.setattr("kennismakelaar.network.choice.MOST_NODES", 3)
    kept, _ = chosen(Choice(scope=Scope(around="club-5", depth=9)), filled)
    assert sorted(kept) == ["club-0", "club-5", "club-6"]


def test_a_record_is_found_by_id_name_or_alias() -> None:
    nodes = [Node("b", "theme", "Buurt", ("wijk",)), Node("w", "theme", "Wijk"), Node("z", "theme", "Zorg", ("cure",))]
    assert [record(nodes, said) for said in ("b", "buurt", "BUURT", "cure")] == ["b", "b", "b", "z"]
    with pytest.raises(Refused, match="b, w"):
        record(nodes, "wijk")
    with pytest.raises(NotFound, match="'dorp' kennen wij niet"):
        record(nodes, "dorp")


def spread(graph: "nx.Graph[str]") -> tuple[dict[str, tuple[float, float]], dict[str, int]]:
    numbers = communities(graph)
    return positions(graph, numbers), numbers


def test_groups_stand_together_and_dots_do_not_lie_on_each_other() -> None:
    graph = nx.relabel_nodes(nx.random_partition_graph([40] * 6, 0.3, 0.004, seed=1), str)
    places, numbers = spread(graph)
    middles = {
        number: tuple(
            sum(axis) / 40 for axis in zip(*(places[id] for id in graph if numbers[id] == number), strict=True)
        )
        for number in set(numbers.values())
    }
    assert all(min(middles, key=lambda number: math.dist(places[id], middles[number])) == numbers[id] for id in graph)
    nearest = [min(math.dist(places[a], places[b]) for b in graph if b != a) for a in graph]
    assert min(nearest) > 0.75 * APART
    assert places == spread(graph)[0]


def test_what_has_no_ties_stands_underneath() -> None:
    graph: nx.Graph[str] = nx.Graph([("a", "b"), ("b", "c")])
    graph.add_nodes_from("xyz")
    places, _ = spread(graph)
    assert min(places[id][1] for id in "xyz") > max(places[id][1] for id in "abc")


@pytest.mark.parametrize("graph", [nx.empty_graph(1), nx.empty_graph(9), nx.path_graph(2), nx.star_graph(900)])
def test_every_sort_of_graph_has_a_layout(graph: "nx.Graph[int]") -> None:
    places, _ = spread(nx.relabel_nodes(graph, str))
    assert len(set(places.values())) == len(graph)
    assert all(math.isfinite(value) for place in places.values() for value in place)


def test_every_group_has_a_mark_and_every_node_a_group() -> None:
    graph = nx.relabel_nodes(nx.disjoint_union_all([nx.complete_graph(n) for n in (1, 2, *range(3, 18))]), str)
    nx.set_node_attributes(graph, "theme", "kind")
    numbers = communities(graph)
    place, groups = by_community(graph, numbers, themes_of(graph, []))
    assert [group.mark for group in groups] == [*range(1, MARKS + 1), 0, 0]
    assert sum(group.size for group in groups) == len(place) == len(graph)
    assert by_kind(graph)[1][0].label == "thema's"
    assert by_domain(graph)[1][0].label == "geen domein bekend"


def test_the_way_avoids_what_everything_is_tied_to(filled: Store) -> None:
    graph: nx.Graph[str] = nx.Graph(view="full")
    names = ["club-0", "club-1", "club-2", "club-3", "club-4"]
    graph.add_edges_from(itertools.pairwise(names), kind="partners_with")
    assert way(graph, filled, "Club 0", "club-4").ids == tuple(names)
    graph.add_edges_from((("club-12", id) for id in ("club-0", "club-4")), kind="partners_with")
    assert way(graph, filled, "club-0", "club-4").ids == ("club-0", "club-12", "club-4")
    graph.add_edges_from((("club-12", f"x{number}") for number in range(3 * BUSY)), kind="partners_with")
    assert way(graph, filled, "club-0", "club-4").ids == tuple(names)


def test_a_way_to_what_is_not_in_the_picture_says_so(filled: Store) -> None:
    found = way(draw(Choice(), filled).graph, filled, "club-0", "zorg")
    assert (found.missing, found.steps) == (("zorg",), ())


def test_equals_do_together_what_others_do_to_each_other(filled: Store) -> None:
    together = way(draw(Choice(), filled).graph, filled, "club-6", "club-0").steps
    themes = way(draw(Choice("organisation-themes"), filled).graph, filled, "zorg", "club-0").steps
    assert [step.sentence for step in (*together, *themes)] == [
        "Club 6 en Club 0 werken samen",
        "Club 0 heeft als thema Zorg",
    ]
