"""Which nodes belong together: groups with many ties inside and few between."""

from itertools import combinations

import graspologic_native as leiden
import numpy as np

from kennismakelaar.network.arrays import Arrays, Ints, Result, Rows

ITERATIONS = 3
"""Times that the method goes through the network again from where it was; later ones hardly change it."""


def communities(net: Arrays, *, resolution: float = 1.0, seed: int = 2013) -> Result:
    """For each node the number of its community, 1 for the largest; ties count by weight and whatever their direction.

    Leiden method (Traag, Waltman & Van Eck, 2019, From Louvain to Leiden, Scientific Reports 9) on modularity with
    resolution (Reichardt & Bornholdt, 2006, Physical Review E 74, 016110). The same seed gives the same communities.
    """
    return Result(net.by_id(partition(net, resolution, seed) + 1))


def stability(net: Arrays, *, resolution: float = 1.0, runs: int = 10, seed: int = 2013) -> Result:
    """How much communities of several seeds agree: the mean adjusted Rand index over all pairs of runs; 1 is wholly.

    Hubert & Arabie (1985), Comparing partitions, Journal of Classification 2.
    """
    found = [partition(net, resolution, seed + run) for run in range(runs)]
    return Result(float(np.mean([adjusted_rand(one, other) for one, other in combinations(found, 2)])))


def modularity(net: Arrays, *, by: str = "", resolution: float = 1.0, seed: int = 2013) -> Result:
    """The share of ties inside groups above what chance would give; of the communities, or of an attribute.

    Newman & Girvan (2004), Finding and evaluating community structure, Physical Review E 69, 026113; with weights:
    Newman (2004), Analysis of weighted networks. Who lacks the attribute is a group alone. 0 without ties.
    """
    groups = _with_singles(net.groups(by)[0]) if by else partition(net, resolution, seed)
    return Result(modularity_of(net.both, groups, resolution))


def partition(net: Arrays, resolution: float, seed: int) -> Ints:
    """For each node the number of its community, from 0 in order of size and then of the first node."""
    rows = net.both
    if not len(rows.others):
        return np.arange(net.nodes)
    _, found = leiden.leiden_csr(
        rows.starts.astype(np.int64),
        rows.others.astype(np.int32),
        rows.weights,
        net.nodes,
        resolution=resolution,
        iterations=ITERATIONS,
        seed=seed,
    )
    return _ordered(_with_singles(np.array([found.get(node, -1) for node in range(net.nodes)])))


def modularity_of(rows: Rows, groups: Ints, resolution: float = 1.0) -> float:
    """Of groups that every node is in."""
    total = float(rows.weights.sum())
    if not total:
        return 0.0
    inside = float(rows.weights[groups[rows.owners] == groups[rows.others]].sum()) / total
    shares = np.bincount(groups, rows.sums(rows.weights)) / total
    return inside - resolution * float((shares**2).sum())


def adjusted_rand(one: Ints, other: Ints) -> float:
    """Of two partitions of the same nodes: 1 where they are the same, about 0 where they agree by chance."""
    together, in_one, in_other = (
        _pairs(groups) for groups in (one * (int(other.max(initial=0)) + 1) + other, one, other)
    )
    every = len(one) * (len(one) - 1) / 2
    by_chance = in_one * in_other / every if every else 0.0
    most = (in_one + in_other) / 2
    return float((together - by_chance) / (most - by_chance)) if most != by_chance else 1.0


def _pairs(groups: Ints) -> float:
    """Pairs of nodes that are in one group."""
    sizes = np.unique(groups, return_counts=True)[1].astype(float)
    return float((sizes * (sizes - 1) / 2).sum())


def _with_singles(groups: Ints) -> Ints:
    """Who has no group (-1) gets one of its own."""
    alone = groups < 0
    made = groups.copy()
    made[alone] = groups.max(initial=-1) + 1 + np.arange(int(alone.sum()))
    return made


def _ordered(groups: Ints) -> Ints:
    _, first, numbers, sizes = np.unique(groups, return_index=True, return_inverse=True, return_counts=True)
    rank = np.empty(len(sizes), np.int64)
    rank[np.lexsort((first, -sizes))] = np.arange(len(sizes))
    return np.asarray(rank[numbers], dtype=np.int64)
