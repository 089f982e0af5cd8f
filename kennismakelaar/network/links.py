"""Relations that may be missing from the graph; a person decides."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import networkx as nx
import numpy as np

from kennismakelaar.model import Edge, Node
from kennismakelaar.network.arrays import arrays
from kennismakelaar.network.measures import measure
from kennismakelaar.network.prediction import candidates
from kennismakelaar.schema import schema
from kennismakelaar.store import Store

METHOD = "resource-allocation"


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
    """Pairs by resource allocation, the highest first; only those of kinds that some relation usually ties."""
    edges = list(store.edges())
    graph = as_graph(list(store.nodes()), edges)
    kinds = usual_kinds(graph, edges)
    net = arrays(graph)
    first, second, scores = candidates(net.both, METHOD)
    found: list[MissingLink] = []
    for pair in np.lexsort((second, first, -scores.round(4))):
        if len(found) == limit:
            break
        a, b = net.ids[first[pair]], net.ids[second[pair]]
        usual = (graph.nodes[a]["kind"], graph.nodes[b]["kind"])
        source, target = (a, b) if usual in kinds else (b, a)
        kind = kinds.get(usual) or kinds.get(usual[::-1])
        if kind:
            shared = sorted(nx.common_neighbors(graph, a, b), key=lambda id: (graph.degree(id), id))
            found.append(MissingLink(source, target, kind, round(float(scores[pair]), 4), tuple(shared)))
    return found


def usual_kinds(graph: "nx.Graph[str]", edges: Sequence[Edge]) -> Mapping[tuple[str, str], str]:
    """For each pair of kinds of node the relation that most often ties them."""
    counts = Counter((graph.nodes[e.source]["kind"], graph.nodes[e.target]["kind"], e.kind) for e in edges)
    found: dict[tuple[str, str], str] = {}
    for (source, target, kind), _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        if source in schema().edges[kind].source:
            found.setdefault((source, target), kind)
    return found


def backtest(store: Store, seed: int = 2013) -> float:
    """ROC-AUC of the scores on a fifth of the ties, which was hidden."""
    graph = as_graph(list(store.nodes()), list(store.edges()))
    return measure(graph, f"{METHOD}-auc", seed=seed).figure
