"""How fast the measures are beside networkx and igraph, on networks with hubs, triangles and three groups.

    .venv/bin/python -m benchmarks.network 1000 10000 100000 --patience 60

Prints a Markdown table for each size: processor seconds of ours, how many times those the others take, and the largest
difference with them; all without the time to make their own form of the graph. A reference is skipped where it would
take longer than one's patience, judged by the size before; with a patience of 0 there are none.
"""

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import igraph
import networkx as nx
import numpy as np

from benchmarks.tables import save
from kennismakelaar.network import measures
from kennismakelaar.network.arrays import Arrays, Result, arrays

IGRAPH = 6e-8
"""Seconds of igraph for each node (to the power of the measure), about."""
RUNS = 20
"""Of community-stability."""
TIES = 5
"""Ties of each new node: half the mean degree."""
Reference = Callable[[Any], Any]
ROWS: dict[str, tuple[Reference | None, Reference | None, float]] = {
    # networkx, igraph, and by what power of the number of nodes the time of networkx grows
    "degree": (lambda g: dict(g.degree()), lambda g: g.degree(), 1),
    "strength": (lambda g: dict(g.degree(weight="weight")), lambda g: g.strength(weights="weight"), 1),
    "betweenness": (nx.betweenness_centrality, lambda g: _normal(g, g.betweenness()), 2),
    "closeness": (nx.closeness_centrality, lambda g: g.closeness(), 2),
    "harmonic": (None, lambda g: g.harmonic_centrality(), 2),
    "eigenvector": (lambda g: nx.eigenvector_centrality(g, 5_000, 1e-10, weight="weight"), None, 1),
    "pagerank": (lambda g: nx.pagerank(g, tol=1e-10), lambda g: g.pagerank(weights="weight"), 1),
    "authority": (lambda g: nx.hits(g)[1], None, 1),
    "k-core": (nx.core_number, lambda g: g.coreness(), 1),
    "clustering": (nx.clustering, lambda g: g.transitivity_local_undirected(mode="zero"), 1.3),
    "constraint": (lambda g: nx.constraint(g, weight="weight"), lambda g: g.constraint(weights="weight"), 2),
    "effective-size": (lambda g: nx.effective_size(g, nodes=list(g), weight="weight"), None, 2),
    "brokerage": (None, None, 1),
    "articulation-points": (lambda g: set(nx.articulation_points(g)), lambda g: g.articulation_points(), 1),
    "bridges": (lambda g: list(nx.bridges(g)), lambda g: g.bridges(), 1),
    "communities": (
        lambda g: nx.community.louvain_communities(g, seed=1),
        lambda g: g.community_leiden("modularity", weights="weight", n_iterations=3),
        1.3,
    ),
    "community-stability": (None, None, 1),
    "transitivity": (nx.transitivity, lambda g: g.transitivity_undirected(), 1.3),
    "path-length": (nx.average_shortest_path_length, lambda g: g.average_path_length(), 2),
    "diameter": (nx.diameter, lambda g: g.diameter(), 2),
    "small-world": (None, None, 1),
    "modularity": (None, None, 1),
    "degree-assortativity": (nx.degree_assortativity_coefficient, lambda g: g.assortativity_degree(False), 1),
    "attribute-assortativity": (lambda g: nx.attribute_assortativity_coefficient(g, "domain"), None, 1),
    "homophily": (None, None, 1),
    "resource-allocation": (None, None, 1),
    "resource-allocation-auc": (None, None, 1),
    "embedding-auc": (None, None, 1),
}


def main() -> None:
    """One table for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[1_000, 10_000])
    parser.add_argument("--measure", action="append", choices=ROWS, help="only this one; may be repeated")
    parser.add_argument("--patience", type=float, default=300, help="seconds that a reference may be expected to take")
    given = parser.parse_args()
    before: dict[str, tuple[int, float]] = {}
    found: list[dict[str, Any]] = []
    measures()  # reads the table, which is no part of any measure
    for size in sorted(given.sizes):
        graph = network(size)
        seconds, net = timed(arrays, graph)
        print(f"\n### {size} nodes, {net.ties} ties (to arrays: {seconds:.2f} s)\n")
        print("measure, nodes, seconds, networkx and igraph as times ours, difference", flush=True)
        for name in given.measure or ROWS:
            found.append(row(name, net, before, given.patience))
            print(f"| {' | '.join(str(value) for value in found[-1].values())} |", flush=True)
    notes = (
        "Processor seconds of all threads. Empty: not asked for, or it would take longer than the patience given.",
    )
    save("network", "Measures of a network", found, targets(found), notes)


def targets(found: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """What the rows at 100,000 nodes, and stability at 10,000, say of the targets."""
    big = {row["measure"]: row for row in found if row["nodes"] == 100_000}
    told = {
        f"network 100k: {name}, networkx of ours": big[name]["networkx, of ours"]
        for name in ("pagerank", "k-core", "clustering")
        if name in big and big[name]["networkx, of ours"]
    }
    if slow := [row["networkx, of ours"] for row in big.values() if row["networkx, of ours"]]:
        told["network 100k: every measure, least ratio of networkx to ours"] = min(slow)
    if direct := [1 / row["igraph, of ours"] for row in big.values() if row["igraph, of ours"]]:
        told["network 100k: largest ratio of ours to igraph"] = max(direct)
    for row in found:
        if row["measure"] == "community-stability" and row["nodes"] == 10_000:
            told["network 10k: seconds for community stability, 20 runs"] = row["seconds"]
    return told


def network(size: int) -> Any:
    """Scale-free with triangles (Holme & Kim, 2002, Growing scale-free networks with tunable clustering)."""
    graph = nx.relabel_nodes(nx.powerlaw_cluster_graph(size, TIES, 0.5, seed=1), str)
    random = np.random.default_rng(1)
    for data, domain in zip(graph.nodes.values(), random.integers(0, 3, size), strict=True):
        data["domain"] = ("gemeenschap", "markt", "overheid")[domain]
    for (_, _, data), weight in zip(graph.edges(data=True), random.random(graph.number_of_edges()), strict=True):
        data["weight"] = float(weight) + 0.1
    return graph


def row(name: str, net: Arrays, before: dict[str, tuple[int, float]], patience: float) -> dict[str, Any]:
    """A line of the table; `before` has the size and seconds of the last run of networkx, and gets this one."""
    with_networkx, with_igraph, power = ROWS[name]
    chosen = measures()[name]
    more = {"runs": RUNS} if name == "community-stability" else {}
    seconds, found = timed(lambda: chosen.function(net, **{**chosen.parameters, **more}))
    last, took = before.get(name, (net.nodes, 0.0))
    may = patience > took * (net.nodes / last) ** power
    cells: dict[str, float | str] = {"networkx, of ours": "", "igraph, of ours": ""}
    off = []
    if with_networkx and may:
        slow, wanted = timed(with_networkx, net.graph)
        before[name] = (net.nodes, slow)
        cells["networkx, of ours"] = slow / seconds
        off.append(difference(found, wanted))
    if with_igraph and patience > IGRAPH * net.nodes**power:
        other, wanted = timed(with_igraph, _igraph(net.graph))
        cells["igraph, of ours"] = other / seconds
        off.append(difference(found, wanted))
    worst = max((d for d in off if d is not None), default=None)
    kept = "" if worst is None else f"{worst:.0e}"
    note = "" if found.exact else found.note_en
    return {"measure": name, "nodes": net.nodes, "seconds": seconds, **cells, "difference": kept, "note": note}


def timed(function: Callable[..., Any], *arguments: Any) -> tuple[float, Any]:
    """Processor seconds of all threads, which other work on the machine does not change much; and the result."""
    start = time.process_time()
    result = function(*arguments)
    return max(time.process_time() - start, 1e-4), result


def difference(found: Result, wanted: Any) -> float | None:
    """The largest, where both have one number for each node or one in all."""
    if isinstance(found.values, float):
        return float(abs(wanted - found.values))
    numbers = list(wanted.values()) if isinstance(wanted, dict) else list(wanted)
    if len(numbers) != len(found.values) or not numbers or not isinstance(numbers[0], float | int):
        return None
    return float(np.abs(np.array(numbers) - np.array(list(found.values.values()))).max())


def _igraph(graph: Any) -> igraph.Graph:
    place = {node: number for number, node in enumerate(graph)}
    edges = [(place[a], place[b]) for a, b in graph.edges]
    weights = [weight for _, _, weight in graph.edges(data="weight")]
    return igraph.Graph(len(place), edges, edge_attrs={"weight": weights})


def _normal(graph: igraph.Graph, values: list[float]) -> list[float]:
    pairs = (graph.vcount() - 1) * (graph.vcount() - 2) / 2
    return [value / pairs for value in values]


if __name__ == "__main__":
    main()
