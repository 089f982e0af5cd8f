"""Measures give what networkx, igraph or a count by hand gives."""

import re
from collections import Counter
from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any

import igraph
import networkx as nx
import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score, roc_auc_score

from kennismakelaar.errors import Refused
from kennismakelaar.network import Scope, measure, measures, paths, project, views
from kennismakelaar.network import betweenness as between
from kennismakelaar.network.arrays import Rows, arrays, triangles
from kennismakelaar.network.brokerage import ROLES
from kennismakelaar.network.communities import adjusted_rand, partition
from kennismakelaar.network.measures import FUNCTIONS
from kennismakelaar.network.prediction import _above
from kennismakelaar.store import Store

Graph = Any


def _named(graph: Graph, seed: int = 1) -> Graph:
    """Ids that are texts, weights of 1 to 4, and groups a, b and c of which some nodes have none."""
    random = np.random.default_rng(seed)
    named = nx.relabel_nodes(graph, {node: f"n{node}" if isinstance(node, int) else node for node in graph})
    for _, _, data in named.edges(data=True):
        data["weight"] = float(random.integers(1, 5))
    for node in list(named):
        if random.random() < 0.9:
            named.nodes[node]["group"] = "abc"[random.integers(3)]
    return named


GRAPHS: dict[str, Graph] = {
    "zachary": _named(nx.karate_club_graph()),
    "florentine": _named(nx.florentine_families_graph()),
    "apart": _named(nx.gnp_random_graph(40, 0.05, seed=2)),
    "directed": _named(nx.gnp_random_graph(40, 0.06, seed=3, directed=True)),
    "both ways": _named(nx.gnp_random_graph(25, 0.3, seed=4, directed=True)),
}


def _both(graph: Graph) -> Graph:
    """Without direction, the weights of both directions summed."""
    made = nx.Graph()
    made.add_nodes_from(graph.nodes(data=True))
    for a, b, weight in graph.edges(data="weight"):
        before = made.edges[a, b]["weight"] if made.has_edge(a, b) else 0
        made.add_edge(a, b, weight=before + weight, length=1 / (before + weight))
    return made


def _loose(function: Callable[..., Any], graph: Graph, **options: Any) -> Any:
    """What networkx finds when it may take its time."""
    return function(graph, max_iter=20_000, tol=1e-13, **options)


REFERENCES: dict[str, tuple[dict[str, Any], Callable[[Graph], Any]]] = {
    "degree": ({}, lambda g: dict(_both(g).degree())),
    "in-degree": ({}, lambda g: dict(g.in_degree() if g.is_directed() else g.degree())),
    "out-degree": ({}, lambda g: dict(g.out_degree() if g.is_directed() else g.degree())),
    "strength": ({}, lambda g: dict(g.degree(weight="weight"))),
    "betweenness": ({}, lambda g: nx.betweenness_centrality(_both(g))),
    "betweenness directed": ({"directed": True}, nx.betweenness_centrality),
    "betweenness weighted": ({"weighted": True}, lambda g: nx.betweenness_centrality(_both(g), weight="length")),
    "closeness": ({}, lambda g: nx.closeness_centrality(_both(g))),
    "closeness directed": ({"directed": True}, nx.closeness_centrality),
    "closeness weighted": ({"weighted": True}, lambda g: nx.closeness_centrality(_both(g), distance="length")),
    "harmonic": ({}, lambda g: _mean(nx.harmonic_centrality(_both(g)))),
    "harmonic directed": ({"directed": True}, lambda g: _mean(nx.harmonic_centrality(g))),
    "eigenvector": ({}, lambda g: _loose(nx.eigenvector_centrality, _both(g), weight="weight")),
    "eigenvector plain": ({"weighted": False}, lambda g: _loose(nx.eigenvector_centrality, _both(g))),
    "pagerank": ({}, lambda g: _loose(nx.pagerank, g)),
    "pagerank plain": ({"weighted": False, "damping": 0.5}, lambda g: _loose(nx.pagerank, g, alpha=0.5, weight=None)),
    "hub": ({}, lambda g: _loose(nx.hits, g)[0]),
    "authority": ({}, lambda g: _loose(nx.hits, g)[1]),
    "k-core": ({}, lambda g: nx.core_number(_both(g))),
    "clustering": ({}, lambda g: nx.clustering(_both(g))),
    "clustering weighted": ({"weighted": True}, lambda g: nx.clustering(_both(g), weight="weight")),
    "constraint": ({}, lambda g: nx.constraint(g, weight="weight")),
    "constraint plain": ({"weighted": False}, lambda g: nx.constraint(_both(g))),
    # with nodes, since networkx 3.6 divides by the wrong maximum when it works out all of them with weights
    "effective-size": ({}, lambda g: nx.effective_size(_both(g), nodes=list(g), weight="weight")),
    "effective-size plain": ({"weighted": False}, lambda g: nx.effective_size(_both(g))),
    "articulation-points": ({}, lambda g: {n: float(n in set(nx.articulation_points(_both(g)))) for n in g}),
    "density": ({}, nx.density),
    "components": ({}, lambda g: nx.number_connected_components(_both(g))),
    "path-length": ({}, lambda g: _distances(g).mean()),
    "diameter": ({}, lambda g: _distances(g).max()),
    "mean-clustering": ({}, lambda g: nx.average_clustering(_both(g))),
    "transitivity": ({}, lambda g: nx.transitivity(_both(g))),
    "degree-assortativity": ({}, lambda g: nx.degree_assortativity_coefficient(_both(g))),
    "attribute-assortativity": (
        {"by": "group"},
        lambda g: nx.attribute_assortativity_coefficient(_both(g.subgraph(_grouped(g))), "group"),
    ),
}


def _mean(sums: dict[str, float]) -> dict[str, float]:
    return {id: value / (len(sums) - 1) for id, value in sums.items()}


def _distances(graph: Graph) -> Any:
    found = nx.all_pairs_shortest_path_length(_both(graph))
    return np.array([d for _, to in found for d in to.values() if d])


def _grouped(graph: Graph) -> list[str]:
    return [node for node, group in graph.nodes(data="group") if group]


@pytest.mark.parametrize("name", REFERENCES)
@pytest.mark.parametrize("graph", GRAPHS.values(), ids=GRAPHS)
def test_a_measure_equals_networkx(graph: Graph, name: str) -> None:
    parameters, reference = REFERENCES[name]
    if name == "closeness weighted" and graph.is_directed():
        parameters = {**parameters, "directed": False}
    found, wanted = measure(graph, name.split()[0], **parameters), reference(graph)
    assert found.exact
    if not isinstance(wanted, dict):
        assert found.values == pytest.approx(wanted, abs=1e-9)
        return
    assert isinstance(found.values, dict)
    defined = {id: value for id, value in wanted.items() if not np.isnan(value)}
    assert found.values == pytest.approx(defined, abs=1e-8)


def _igraph(graph: Graph) -> igraph.Graph:
    return igraph.Graph.from_networkx(graph)


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("constraint", lambda g: g.constraint(weights="weight")),
        ("harmonic", lambda g: g.harmonic_centrality()),
        ("k-core", lambda g: g.coreness()),
        ("strength", lambda g: g.strength(weights="weight")),
        ("pagerank", lambda g: g.pagerank(weights="weight")),
    ],
)
@pytest.mark.parametrize("which", ["zachary", "florentine"])
def test_a_measure_equals_igraph(which: str, name: str, reference: Callable[[igraph.Graph], list[float]]) -> None:
    graph = GRAPHS[which]
    found = measure(graph, name).nodes
    wanted = {id: value for id, value in zip(graph, reference(_igraph(graph)), strict=True) if not np.isnan(value)}
    assert found == pytest.approx(wanted, abs=1e-9)


def test_the_medici_stand_between_the_families() -> None:
    """Known values: Padgett & Ansell (1993); Wasserman & Faust (1994)."""
    found = measure(nx.florentine_families_graph(), "betweenness").nodes
    assert max(found, key=lambda id: found[id]) == "Medici"
    assert found["Medici"] == pytest.approx(0.522, abs=5e-4)


@pytest.mark.parametrize("graph", GRAPHS.values(), ids=GRAPHS)
def test_bridges_equal_networkx(graph: Graph) -> None:
    found = measure(graph, "bridges")
    assert {frozenset(pair) for pair in found.pairs} == {frozenset(pair) for pair in nx.bridges(_both(graph))}
    assert found.scope == "edge"


@pytest.mark.parametrize(
    ("name", "reference"),
    [("resource-allocation", nx.resource_allocation_index), ("adamic-adar", nx.adamic_adar_index)],
)
@pytest.mark.parametrize("graph", GRAPHS.values(), ids=GRAPHS)
def test_missing_ties_equal_networkx(graph: Graph, name: str, reference: Callable[[Graph], Any]) -> None:
    found = measure(graph, name, limit=100_000).pairs
    wanted = {frozenset((a, b)): score for a, b, score in reference(_both(graph)) if score}
    assert {frozenset(pair): score for pair, score in found.items()} == pytest.approx(wanted)
    assert list(found.values()) == sorted(found.values(), reverse=True)


def test_triangles_are_seen_once_whatever_the_size_of_the_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    net = arrays(GRAPHS["zachary"])
    monkeypatch.setattr("kennismakelaar.network.arrays.CHUNK", 7)
    found = [tuple(sorted(corners)) for chunk in triangles(net.both) for corners in zip(*chunk, strict=True)]
    assert len(found) == len(set(found)) == sum(nx.triangles(GRAPHS["zachary"]).values()) // 3


BROKER = nx.DiGraph(
    [("a1", "x"), ("b1", "x"), ("c1", "x"), ("x", "a2"), ("x", "b2"), ("x", "b1"), ("c1", "b2"), ("x", "nobody")]
)
nx.set_node_attributes(BROKER, {"x": "a", "a1": "a", "a2": "a", "b1": "b", "b2": "b", "c1": "c"}, name="domain")


@pytest.mark.parametrize(
    ("role", "times"),
    [
        ("coordinator", 1),  # a1 x a2
        ("itinerant", 1),  # b1 x b2; b1 x b1 is nobody's way
        ("gatekeeper", 2),  # b1 x a2, c1 x a2
        ("representative", 2),  # a1 x b2, a1 x b1
        ("liaison", 1),  # c1 x b1; c1 has b2 itself
    ],
)
def test_roles_of_a_broker_counted_by_hand(role: str, times: int) -> None:
    found = measure(BROKER, f"brokerage-{role}").nodes
    assert found["x"] == times
    assert "nobody" not in found


def test_all_roles_together_are_the_total() -> None:
    assert measure(BROKER, "brokerage").nodes == dict.fromkeys(("a1", "a2", "b1", "b2", "c1"), 0) | {"x": 7}


@pytest.mark.parametrize("graph", GRAPHS.values(), ids=GRAPHS)
def test_roles_equal_a_count_of_all_triples(graph: Graph) -> None:
    """Gould & Fernandez (1989), word for word."""
    arcs, group = graph.to_directed(), nx.get_node_attributes(graph, "group")
    counts = {role: Counter(dict.fromkeys(group, 0)) for role in ROLES}
    for a, b, c in permutations(group, 3):
        if arcs.has_edge(a, b) and arcs.has_edge(b, c) and not arcs.has_edge(a, c):
            counts[_role(group[a], group[b], group[c])][b] += 1
    for role in ROLES:
        assert measure(graph, f"brokerage-{role}", by="group").values == dict(counts[role])


def _role(a: str, b: str, c: str) -> str:
    if a == b == c:
        return "coordinator"
    if a == c:
        return "itinerant"
    if b == c:
        return "gatekeeper"
    return "representative" if a == b else "liaison"


def test_a_bow_tie_by_hand() -> None:
    arcs = ["in core1", "core1 core2", "core2 core1", "core2 out", "in tube", "tube out", "in tendril", "tail out"]
    graph = nx.DiGraph([tuple(arc.split()) for arc in arcs])
    graph.add_node("alone")
    found = measure(graph, "bow-tie").values
    codes = measures()["bow-tie"].codes
    assert isinstance(found, dict)
    parts = {id: codes[int(value)]["en"] for id, value in found.items()}
    assert parts == {
        "in": "in",
        "core1": "core",
        "core2": "core",
        "out": "out",
        "tube": "tube",
        "tendril": "tendril",
        "tail": "tendril",
        "alone": "rest",
    }


def test_communities_of_the_karate_club_are_the_best_known() -> None:
    """Modularity .4198 is the highest there is for the club without weights (Brandes et al., 2008)."""
    club = nx.karate_club_graph()
    for _, _, data in club.edges(data=True):
        data["weight"] = 1.0
    club = nx.relabel_nodes(club, str)
    assert measure(club, "modularity").values == pytest.approx(0.4198, abs=1e-4)
    found = measure(club, "communities").nodes
    sizes = Counter(found.values())
    assert [sizes[number] for number in sorted(sizes)] == sorted(sizes.values(), reverse=True)
    assert measure(club, "modularity", by="club").values == pytest.approx(0.3582, abs=1e-4)


@pytest.mark.parametrize("which", ["zachary", "apart", "both ways"])
def test_modularity_equals_networkx_and_comes_near_igraph(which: str) -> None:
    graph = _both(GRAPHS[which])
    found = measure(graph, "communities", seed=5).nodes
    parts = [{id for id, number in found.items() if number == part} for part in set(found.values())]
    here = measure(graph, "modularity", seed=5).figure
    assert here == pytest.approx(nx.community.modularity(graph, parts))
    best = _igraph(graph).community_leiden("modularity", weights="weight", n_iterations=10)
    assert here > best.modularity - 0.03


def test_resolution_and_seed_decide_on_communities() -> None:
    graph = GRAPHS["apart"]
    assert measure(graph, "communities").values == measure(graph, "communities").values
    coarse, fine = (measure(graph, "communities", resolution=r).nodes for r in (0.2, 4.0))
    assert max(coarse.values()) < max(fine.values())


def test_stability_is_one_where_communities_are_clear_and_less_where_they_are_not() -> None:
    clear = nx.relabel_nodes(nx.connected_caveman_graph(5, 8), str)
    vague = nx.relabel_nodes(nx.gnp_random_graph(60, 0.15, seed=1), str)
    assert measure(clear, "community-stability").values == pytest.approx(1)
    assert 0 < measure(vague, "community-stability", runs=5).figure < 0.9


def test_agreement_of_partitions_equals_scikit_learn() -> None:
    net = arrays(GRAPHS["both ways"])
    one, other = partition(net, 1.0, 1), partition(net, 3.0, 2)
    assert adjusted_rand(one, other) == pytest.approx(adjusted_rand_score(one, other))


def test_the_e_i_index_by_hand() -> None:
    graph = nx.Graph([("a", "b"), ("b", "c"), ("c", "d"), ("a", "z")])
    nx.set_node_attributes(graph, {"a": "x", "b": "x", "c": "y", "d": "y"}, name="domain")
    found = measure(graph, "homophily")
    assert found.values == pytest.approx((1 - 2) / 3)
    assert found.note == "Bij toeval zou het 0.33 zijn. 1 banden zonder 'domain' aan een kant tellen niet mee."
    assert found.note_en == "By chance it would be 0.33. 1 ties without 'domain' at one end do not count."


def test_a_ring_with_shortcuts_is_a_small_world_and_a_random_network_is_not() -> None:
    ring = nx.relabel_nodes(nx.connected_watts_strogatz_graph(200, 8, 0.1, seed=1), str)
    random = nx.relabel_nodes(nx.gnm_random_graph(200, 800, seed=1), str)
    assert measure(ring, "small-world").figure > 3
    assert measure(random, "small-world").figure == pytest.approx(1, abs=0.25)


def test_back_tests_find_planted_groups_and_no_order_in_chance() -> None:
    planted = nx.relabel_nodes(nx.planted_partition_graph(6, 20, 0.5, 0.01, seed=1), str)
    random = nx.relabel_nodes(nx.gnm_random_graph(120, 600, seed=1), str)
    for method in ("resource-allocation", "adamic-adar", "embedding"):
        assert measure(planted, f"{method}-auc").figure > 0.8
        assert measure(random, f"{method}-auc").figure == pytest.approx(0.5, abs=0.1)


def test_roc_auc_equals_scikit_learn() -> None:
    random = np.random.default_rng(1)
    right, wrong = random.integers(2, 9, 40).astype(float), random.integers(0, 7, 70).astype(float)
    wanted = roc_auc_score([1] * 40 + [0] * 70, np.r_[right, wrong])
    assert _above(right, wrong) == pytest.approx(wanted)


def _large() -> Graph:
    return nx.relabel_nodes(nx.barabasi_albert_graph(400, 3, seed=1), str)


def test_betweenness_of_a_large_graph_is_estimated_within_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = _large()
    exact = measure(graph, "betweenness").nodes
    monkeypatch.setattr(between, "EXACT", 0)
    monkeypatch.setattr(between, "SAMPLE", 130)
    monkeypatch.setattr(between.sampled, "__defaults__", (False, 130))
    found = measure(graph, "betweenness")
    assert not found.exact
    assert found.note.startswith("Geschat uit 130 van de 400 records.")
    error = float(re.findall(r"± ([\d.]+)", found.note)[0])
    assert 0 < error < 0.1
    off = [abs(found.nodes[id] - exact[id]) <= error for id in exact]
    assert sum(off) >= 0.95 * len(off)


def test_an_estimate_from_all_sources_is_exact() -> None:
    graph = GRAPHS["directed"]
    net = arrays(graph)
    assert between.sampled(net, True, len(graph)).values == pytest.approx(nx.betweenness_centrality(graph))
    assert between.sampled(net, False, 1_000).values == pytest.approx(nx.betweenness_centrality(_both(graph)))


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a graph of 400 nodes is a large one."""
    monkeypatch.setattr(paths, "EXACT", 0)
    monkeypatch.setattr(paths, "SAMPLE", 192)


def _error(note: str) -> float:
    assert "192 van de 400" in note
    return float(re.findall(r"meer dan ([\d.]+)", note)[0])


def _exact_of(graph: Graph) -> tuple[dict[str, float], dict[str, float], float, float]:
    return (
        nx.closeness_centrality(graph),
        _mean(nx.harmonic_centrality(graph)),
        nx.average_shortest_path_length(graph),
        nx.diameter(graph),
    )


@pytest.mark.usefixtures("small_limits")
def test_distances_in_a_large_graph_are_estimated_within_their_error() -> None:
    graph = _large()
    closeness, harmonic, length, diameter = _exact_of(graph)
    near, around, mean, longest = (
        measure(graph, name) for name in ("closeness", "harmonic", "path-length", "diameter")
    )
    assert not any(found.exact for found in (near, around, mean, longest))
    assert "192 of 400" in near.note_en
    assert max(abs(1 / near.nodes[id] - 1 / closeness[id]) for id in graph) <= _error(near.note)
    assert max(abs(around.nodes[id] - harmonic[id]) for id in graph) <= _error(around.note)
    assert abs(mean.figure - length) <= 2 * _error(mean.note)
    assert diameter / 2 <= longest.figure <= diameter


@pytest.mark.parametrize(
    ("module", "limit", "name", "parameters"),
    [
        (between, "EXACT", "betweenness", {"exact": True}),
        (between, "EXACT_WEIGHTED", "betweenness", {"weighted": True}),
        (paths, "EXACT", "closeness", {"exact": True}),
        (paths, "EXACT", "diameter", {"exact": True}),
        (paths, "EXACT_WEIGHTED", "closeness", {"weighted": True}),
    ],
)
def test_what_would_take_hours_is_refused_with_a_way_out(
    module: Any, limit: str, name: str, parameters: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, limit, 0)
    with pytest.raises(Refused, match=f"Laat '{next(iter(parameters))}' weg"):
        measure(_large(), name, **parameters)


UNDEFINED = (
    "degree-assortativity",
    "attribute-assortativity",
    "homophily",
    "small-world",
    "resource-allocation-auc",
    "adamic-adar-auc",
    "embedding-auc",
)
"""Measures that a network without ties does not have."""


@pytest.mark.parametrize("nodes", [1, 3])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_nodes_without_ties_have_values_or_a_reason_why_not(name: str, nodes: int) -> None:
    graph = nx.DiGraph()
    graph.add_nodes_from((f"n{number}", {"domain": "markt"}) for number in range(nodes))
    if name in UNDEFINED:
        with pytest.raises(Refused, match=r"\.$"):
            measure(graph, name)
        return
    found = measure(graph, name)
    values = found.nodes if found.scope == "node" else found.pairs if found.scope == "edge" else {"": found.figure}
    assert not any(np.isnan(value) for value in values.values())
    if found.scope == "node":
        assert set(values) == (set() if name in ("constraint", "effective-size") else set(graph))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_empty_network_is_refused(name: str) -> None:
    with pytest.raises(Refused, match="leeg"):
        measure(nx.Graph(), name)


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name != "bow-tie"])
def test_loops_and_parallel_ties_change_nothing_but_weight(name: str) -> None:
    plain = GRAPHS["zachary"]
    doubled = nx.MultiGraph(plain)
    doubled.add_edges_from((a, b, {"weight": data["weight"]}) for a, b, data in list(plain.edges(data=True)))
    doubled.add_edge("n0", "n0", weight=9.0)
    scale = 2 if name == "strength" else 1
    parameters = {"by": "group"} if "by" in measures()[name].parameters else {}
    one, other = (measure(graph, name, **parameters).values for graph in (plain, doubled))
    if isinstance(one, dict) and isinstance(other, dict):
        assert list(one) == list(other)
        assert [value * scale for value in one.values()] == pytest.approx(list(other.values()), abs=1e-9)
    else:
        assert one == pytest.approx(other)


@pytest.mark.parametrize("view", ["ego", "questions", "organisations"])
def test_every_measure_can_be_had_of_a_view(seeded: Store, view: str) -> None:
    graph = project(view, seeded, Scope(around="movisie", depth=2))
    for name in FUNCTIONS:
        if name == "bow-tie" and not graph.is_directed():
            continue
        parameters = {"by": "kind"} if "by" in measures()[name].parameters and view != "organisations" else {}
        found = measure(graph, name, **parameters)
        assert found.name == name
        assert found.parameters == {**measures()[name].parameters, **parameters}


@pytest.mark.parametrize(
    ("name", "parameters", "says"),
    [
        ("vriendelijkheid", {}, "betweenness"),
        ("degree", {"by": "domain"}, "geen parameter 'by'"),
        ("pagerank", {"damping": "veel"}, "0.85"),
        ("pagerank", {"damping": 1.5}, "van 0.0 tot 0.999"),
        ("pagerank", {"weighted": 1}, "True"),
        ("communities", {"resolution": 0.0}, "van 0.001"),
        ("communities", {"seed": -1}, "van 0"),
        ("community-stability", {"runs": 1}, "van 2"),
        ("small-world", {"draws": 0}, "van 1"),
        ("embedding", {"limit": 0}, "van 1"),
        ("brokerage", {"by": "kleur"}, "kenmerk 'kleur'"),
        ("brokerage-liaison", {"role": "total"}, "geen parameter 'role'"),
        ("bow-tie", {}, "richting"),
    ],
)
def test_what_cannot_be_measured_is_refused_in_words(name: str, parameters: dict[str, Any], says: str) -> None:
    with pytest.raises(Refused, match=re.escape(says)):
        measure(GRAPHS["florentine"], name, **parameters)


def test_an_attribute_with_several_values_is_refused() -> None:
    graph = nx.Graph()
    graph.add_node("a", offer=["geld", "ruimte"])
    with pytest.raises(Refused, match="één waarde"):
        measure(graph, "homophily", by="offer")


def test_the_table_tells_of_every_measure_what_it_means_and_whose_it_is() -> None:
    assert list(measures()) == list(FUNCTIONS)
    for row in measures().values():
        assert row.scope in ("node", "edge", "graph")
        assert set(row.label) == set(row.meaning) == {"nl", "en"}
        assert all(text.endswith(".") for text in row.meaning.values())
        assert re.search(r"\(\d{4}\)", row.source)
        described: Any = getattr(row.function, "func", row.function).__doc__
        assert row.name in ("in-degree", "out-degree", "mean-clustering") or re.search(r"\d{4}", described)


def test_the_docs_name_every_view_and_measure() -> None:
    docs = (Path(__file__).resolve().parent.parent / "docs" / "network.md").read_text("utf-8")
    assert [name for name in (*views(), *measures()) if f"`{name}`" not in docs] == []


def test_rows_find_ties_and_nothing_else() -> None:
    rows = Rows(np.array([0, 1, 2]), np.array([1, 0]), np.ones(2))
    assert rows.find(np.array([0, 1, 0]), np.array([1, 0, 0])).tolist() == [0, 1, -1]
