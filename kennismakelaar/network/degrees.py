"""How many ties nodes have, and how tightly knit it is around them."""

from typing import Any

import networkx as nx
import numpy as np
import rustworkx as rx

from kennismakelaar.network.arrays import Arrays, Numbers, Result, Rows, triangles


def contacts(graph: "nx.Graph[str]", id: str) -> set[str]:
    """With whom a node is tied, whatever the direction, itself apart."""
    return set(nx.all_neighbors(graph, id)) - {id}


def degree(net: Arrays) -> Result:
    """With how many others a node is tied (Freeman, 1978, Centrality in social networks, Social Networks 1).

    Several relations between the same two count once; loops do not count.
    """
    return Result(net.by_id(net.both.counts))


def in_degree(net: Arrays) -> Result:
    """From how many others a tie comes in; as degree where ties have no direction."""
    return Result(net.by_id(net.into.counts))


def out_degree(net: Arrays) -> Result:
    """To how many others a tie goes out; as degree where ties have no direction."""
    return Result(net.by_id(net.out.counts))


def strength(net: Arrays) -> Result:
    """Sum of the weights of all ties (Barrat et al., 2004, The architecture of complex weighted networks, PNAS 101)."""
    return Result(net.by_id(net.both.sums(net.both.weights)))


def core(net: Arrays) -> Result:
    """The largest k such that the node is in a part where all have k ties (Seidman, 1983, Social Networks 5)."""
    numbers: Any = rx.graph_core_number(graph_of(net.both))  # its stub says int
    return Result(net.by_id(np.array([numbers[node] for node in range(net.nodes)])))


def clustering(net: Arrays, *, weighted: bool = False) -> Result:
    """Which share of the pairs of neighbours is tied too (Watts & Strogatz, 1998, Nature 393).

    0 with fewer than two neighbours. Weighted: the mean over those pairs of the cube root of the product of three
    weights, each a share of the largest (Onnela et al., 2005, Physical Review E 71, 065103).
    """
    return Result(net.by_id(local_clustering(net.both, weighted)))


def mean_clustering(net: Arrays) -> Result:
    """The mean of clustering over all nodes (Watts & Strogatz, 1998)."""
    return Result(float(local_clustering(net.both).mean()))


def transitivity(net: Arrays) -> Result:
    """The chance that two with a shared neighbour are tied (Newman, Watts & Strogatz, 2002, PNAS 99)."""
    counts = net.both.counts
    pairs = float((counts * (counts - 1) / 2).sum())
    return Result(sum(len(a) for a, _, _ in triangles(net.both)) * 3 / pairs if pairs else 0.0)


def local_clustering(rows: Rows, weighted: bool = False) -> Numbers:
    """For each node; see clustering."""
    shares = np.cbrt(rows.weights / rows.weights.max(initial=1e-300)) if weighted else np.ones(len(rows.others))
    closed = np.zeros(rows.nodes)
    for a, b, c in triangles(rows):
        worth = shares[rows.find(a, b)] * shares[rows.find(b, c)] * shares[rows.find(a, c)]
        closed += sum(np.bincount(corner, worth, rows.nodes) for corner in (a, b, c))
    pairs = rows.counts * (rows.counts - 1) / 2
    return np.asarray(np.divide(closed, pairs, out=np.zeros(rows.nodes), where=pairs > 0), dtype=np.float64)


def graph_of(rows: Rows) -> "rx.PyGraph[int, float]":
    """The same ties for rustworkx; node and index are the same number."""
    graph: rx.PyGraph[int, float] = rx.PyGraph(multigraph=False)
    graph.add_nodes_from(range(rows.nodes))
    owners = rows.owners
    once = owners < rows.others
    table = zip(owners[once].tolist(), rows.others[once].tolist(), rows.weights[once].tolist(), strict=True)
    graph.add_edges_from(list(table))
    return graph


def digraph_of(rows: Rows) -> "rx.PyDiGraph[int, float]":
    """As graph_of, for ties with a direction."""
    graph: rx.PyDiGraph[int, float] = rx.PyDiGraph(multigraph=False)
    graph.add_nodes_from(range(rows.nodes))
    table = zip(rows.owners.tolist(), rows.others.tolist(), rows.weights.tolist(), strict=True)
    graph.add_edges_from(list(table))
    return graph
