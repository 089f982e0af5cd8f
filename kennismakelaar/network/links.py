"""The graph as a whole: who connects whom, and which ties are missing. The only user of networkx."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import networkx as nx
import numpy as np
import numpy.typing as npt

from kennismakelaar.model import Edge, Node
from kennismakelaar.schema import schema
from kennismakelaar.store import Store

Numbers = npt.NDArray[np.float64]
HUB = 150
"""Relations from which a node says little about who belongs together."""


@dataclass(frozen=True)
class MissingLink:
    """Two nodes that are not tied but share a lot; `kind` is the relation that usually ties such kinds."""

    source: str
    target: str
    kind: str
    score: float
    shared: tuple[str, ...]
    """Ids of the neighbours they share, the rarest first."""


def as_graph(nodes: Sequence[Node], edges: Sequence[Edge]) -> "nx.Graph[str]":
    """Undirected, without the kinds of relation; nodes keep their kind and name."""
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from((node.id, {"kind": node.kind, "name": node.name}) for node in nodes)
    graph.add_edges_from((edge.source, edge.target) for edge in edges)
    return graph


def missing_links(store: Store, limit: int) -> list[MissingLink]:
    """Pairs by resource allocation (Zhou, Lü & Zhang, 2009): each shared neighbour counts one over its number of ties."""
    edges = list(store.edges())
    graph = as_graph(list(store.nodes()), edges)
    kinds = usual_kinds(graph, edges)
    found = []
    for (a, b), score in _allocation(graph).items():
        pair = (graph.nodes[a]["kind"], graph.nodes[b]["kind"])
        source, target = (a, b) if pair in kinds else (b, a)
        kind = kinds.get(pair) or kinds.get(pair[::-1])
        if kind:
            shared = sorted(nx.common_neighbors(graph, a, b), key=lambda id: (graph.degree(id), id))
            found.append(MissingLink(source, target, kind, round(score, 4), tuple(shared)))
    return sorted(found, key=lambda link: (-link.score, link.source, link.target))[:limit]


def usual_kinds(graph: "nx.Graph[str]", edges: Sequence[Edge]) -> Mapping[tuple[str, str], str]:
    """For each pair of kinds of node the relation that most often ties them."""
    counts = Counter((graph.nodes[e.source]["kind"], graph.nodes[e.target]["kind"], e.kind) for e in edges)
    found: dict[tuple[str, str], str] = {}
    for (source, target, kind), _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        if source in schema().edges[kind].source:
            found.setdefault((source, target), kind)
    return found


def _allocation(graph: "nx.Graph[str]") -> dict[tuple[str, str], float]:
    """Of all pairs at distance two, through neighbours that are not hubs."""
    scores: Counter[tuple[str, str]] = Counter()
    for node in graph:
        around = sorted(graph[node])
        if 1 < len(around) <= HUB:
            for i, a in enumerate(around):
                for b in around[i + 1 :]:
                    scores[a, b] += 1 / len(around)  # type: ignore[assignment]
    return {pair: float(score) for pair, score in scores.items() if not graph.has_edge(*pair)}


def backtest(store: Store, share: float = 0.2, seed: int = 2013) -> float:
    """ROC-AUC of the scores on ties that were hidden: the chance that a hidden tie scores above a pair without one."""
    draw = random.Random(seed)
    edges = list(store.edges())
    graph = as_graph(list(store.nodes()), edges)
    pairs = sorted({(min(e.source, e.target), max(e.source, e.target)) for e in edges})
    hidden = draw.sample(pairs, int(share * len(pairs)))
    known = graph.copy()
    known.remove_edges_from(hidden)
    scores = _allocation(known)
    drawn = (sorted(draw.sample(sorted(graph), 2)) for _ in hidden * 3)
    absent = [(a, b) for a, b in drawn if not graph.has_edge(a, b)]
    return _auc(np.array([scores.get(p, 0.0) for p in hidden]), np.array([scores.get(p, 0.0) for p in absent]))


def _auc(positive: Numbers, negative: Numbers) -> float:
    """Mann & Whitney (1947): ties count for half."""
    above = (positive[:, None] > negative[None, :]).mean()
    return float(above + (positive[:, None] == negative[None, :]).mean() / 2)
