"""Who stands between others: on how many shortest ways a node lies."""

import math
from collections.abc import Iterator
from typing import Any

import networkx as nx
import numpy as np
import rustworkx as rx

from kennismakelaar.network.arrays import Arrays, Ints, Numbers, Result, Rows, estimated_from, too_large
from kennismakelaar.network.degrees import digraph_of, graph_of

EXACT = 2 * 10**9
"""Nodes × ties up to which all shortest ways are looked at: a minute on two cores."""
EXACT_WEIGHTED = 2 * 10**7
"""As EXACT, where the length of a tie depends on its weight."""
SAMPLE = 512
"""Sources of an estimate."""
WIDTH = 64
"""Sources that are followed at once: about 50 MB for each array of 100,000 nodes."""


def betweenness(net: Arrays, *, weighted: bool = False, directed: bool = False, exact: bool = False) -> Result:
    """Which share of the shortest ways between two others goes through the node, as a mean over all pairs of others.

    Freeman (1977), A set of measures of centrality based on betweenness, Sociometry 40; worked out as Brandes (2001),
    A faster algorithm for betweenness centrality. Weighted: a tie is as long as one over its weight (Newman, 2001). In
    large graphs estimated from SAMPLE sources (Brandes & Pich, 2007, Centrality estimation in large networks).
    """
    directed = directed and net.is_directed
    size = net.nodes * net.ties
    if weighted and size > EXACT_WEIGHTED:
        raise too_large(net, "weighted")
    if weighted:
        return _weighted(net, directed)
    if size <= EXACT:
        return _exact(net, directed)
    if exact:
        raise too_large(net, "exact", estimated_from(SAMPLE))
    return sampled(net, directed)


def _exact(net: Arrays, directed: bool) -> Result:
    found: Any = (
        rx.digraph_betweenness_centrality(digraph_of(net.out))
        if directed
        else rx.graph_betweenness_centrality(graph_of(net.both))
    )
    return Result(net.by_id(np.array([found[node] for node in range(net.nodes)])))


def _weighted(net: Arrays, directed: bool) -> Result:
    rows = net.rows(directed)
    graph: Any = nx.DiGraph() if directed else nx.Graph()
    graph.add_nodes_from(range(net.nodes))
    lengths = (1 / rows.weights).tolist()
    graph.add_weighted_edges_from(zip(rows.owners.tolist(), rows.others.tolist(), lengths, strict=True))
    found = nx.betweenness_centrality(graph, weight="weight")
    return Result(net.by_id(np.array([found[node] for node in range(net.nodes)])))


def sampled(net: Arrays, directed: bool = False, sources: int = SAMPLE) -> Result:
    """The estimate for large graphs; the note gives its largest standard error."""
    chosen = np.sort(np.random.default_rng(0).choice(net.nodes, min(sources, net.nodes), replace=False))
    total, squares = np.zeros(net.nodes), np.zeros(net.nodes)
    for shares in _dependencies(net.rows(directed), net.into if directed else net.both, chosen):
        total += shares.sum(axis=1)
        squares += (shares**2).sum(axis=1)
    k, n = len(chosen), net.nodes
    scale = n / ((n - 1) * (n - 2)) if n > 2 else 0.0
    spread = np.sqrt(np.maximum(squares / k - (total / k) ** 2, 0)) * scale
    worst = int(spread.argmax())
    values = total / k * scale
    error = 1.96 * float(spread[worst]) / math.sqrt(k) * math.sqrt(1 - k / n)
    note = f"Geschat uit {k} van de {n} records. De fout is het grootst bij {net.ids[worst]}: {values[worst]:.4f} ± {error:.4f} (95%)."
    note_en = f"Estimated from {k} of {n} nodes. The error is largest for {net.ids[worst]}: {values[worst]:.4f} ± {error:.4f} (95%)."
    return Result(net.by_id(values), k == n, note, note_en)


def _dependencies(out: Rows, into: Rows, sources: Ints) -> Iterator[Numbers]:
    """Shape (nodes, up to WIDTH): how much each source depends on each node to reach others (Brandes, 2001)."""
    from scipy import sparse  # here, because it makes every start of the program slower

    forward, back = (
        sparse.csr_array((np.ones(len(r.others)), r.others, r.starts), shape=(r.nodes, r.nodes)) for r in (into, out)
    )
    for start in range(0, len(sources), WIDTH):
        yield _shares(forward, back, sources[start : start + WIDTH])


def _shares(forward: Any, back: Any, sources: Ints) -> Numbers:
    shape = (forward.shape[0], len(sources))
    columns = np.arange(len(sources))
    ways, steps = np.zeros(shape), np.full(shape, -1, np.int16)
    ways[sources, columns] = 1
    steps[sources, columns] = 0
    edge, distance = ways, 0
    while True:
        found = forward @ edge
        fresh = (steps < 0) & (found > 0)
        if not fresh.any():
            break
        distance += 1
        steps[fresh] = distance
        edge = np.where(fresh, found, 0.0)
        ways += edge
    shares = np.zeros(shape)
    for step in range(distance, 0, -1):
        per_way = np.divide(1 + shares, ways, out=np.zeros(shape), where=steps == step)
        shares += np.where(steps == step - 1, ways * (back @ per_way), 0.0)
    shares[sources, columns] = 0
    return shares
