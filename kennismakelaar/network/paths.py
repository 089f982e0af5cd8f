"""How far nodes are from each other, counted in ties: who is near to all, and how wide the network is."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import rustworkx as rx

from kennismakelaar.errors import Refused
from kennismakelaar.language import gettext as _
from kennismakelaar.network.arrays import Arrays, Ints, Numbers, Result, Rows, estimated_from, too_large
from kennismakelaar.network.degrees import graph_of

Bits = npt.NDArray[np.uint64]
WIDTH = 64
"""Sources that are followed at once: one bit for each."""
EXACT = 10**11
"""Nodes × ties up to which distances from all nodes are followed: minutes on one core."""
EXACT_WEIGHTED = 5 * 10**9
"""As EXACT, where the length of a tie depends on its weight."""
SAMPLE = 2_048
"""Sources of an estimate."""
SURE = 0.95
"""The chance that an estimate keeps to the error in its note."""


@dataclass
class Distances:
    """From some sources to all nodes; the arrays have one number for each node."""

    sources: Ints
    far: Numbers
    """Sum of the distances from the sources that reach the node."""
    near: Numbers
    """Sum of one over each of those."""
    reached: Numbers
    """How many those are, without the node itself."""
    longest: int = 0
    means: list[float] = field(default_factory=list)
    """The mean distance from each group of WIDTH sources."""

    @property
    def exact(self) -> bool:
        """From every node."""
        return len(self.sources) == len(self.far)

    @property
    def possible(self) -> Numbers:
        """For each node the sources other than itself."""
        counts = np.full(len(self.far), float(len(self.sources)))
        counts[self.sources] -= 1
        return counts


def closeness(net: Arrays, *, weighted: bool = False, directed: bool = False, exact: bool = False) -> Result:
    """One over the mean distance from those who reach the node, times which share of all those are.

    Freeman (1978), corrected for parts that are not tied: Wasserman & Faust (1994), Social network analysis, 5.2.
    Weighted: a tie is as long as one over its weight (Newman, 2001, Physical Review E 64, 016132). In large graphs the
    mean distance is estimated from SAMPLE sources (Eppstein & Wang, 2004, Fast approximation of centrality, JGAA 8).
    """
    if weighted:
        return _weighted_closeness(net, directed)
    found = distances(net, directed, exact)
    share = _ratio(found.reached, found.possible)
    error = found.longest * error_of(found)
    return _estimate(
        net.by_id(share * _ratio(found.reached, found.far)),
        found,
        f"geen gemiddelde afstand meer dan {error:.2f} stappen",
        f"no mean distance is off by more than {error:.2f} steps",
    )


def harmonic(net: Arrays, *, directed: bool = False, exact: bool = False) -> Result:
    """The mean over all others of one over the distance; 0 for who cannot be reached.

    Marchiori & Latora (2000), Harmony in the small-world, Physica A 285. In large graphs estimated as closeness.
    """
    found = distances(net, directed, exact)
    error = error_of(found)
    return _estimate(
        net.by_id(_ratio(found.near, found.possible)),
        found,
        f"geen waarde meer dan {error:.3f}",
        f"no value is off by more than {error:.3f}",
    )


def path_length(net: Arrays, *, exact: bool = False) -> Result:
    """The mean distance over all pairs that can reach each other, whatever the direction (Watts & Strogatz, 1998).

    In large graphs estimated from SAMPLE sources.
    """
    found = distances(net, False, exact)
    length = mean_distance(found)
    error = 0.0 if found.exact else 1.96 * float(np.std(found.means)) / math.sqrt(len(found.means))
    return _estimate(
        length, found, f"het gemiddelde niet meer dan {error:.3f}", f"the mean is off by no more than {error:.3f}"
    )


def diameter(net: Arrays, *, exact: bool = False) -> Result:
    """The longest of all shortest paths between nodes that can reach each other, whatever the direction.

    Wasserman & Faust (1994), Social network analysis, 4.3. In large graphs the longest from SAMPLE sources, which is at
    least half of it in every part that has a source.
    """
    found = distances(net, False, exact)
    if found.exact:
        return Result(float(found.longest))
    note = f"Ondergrens uit {len(found.sources)} van de {net.nodes} records; de echte waarde kan hooguit dubbel zo groot zijn."
    note_en = f"Lower bound from {len(found.sources)} of {net.nodes} nodes; the real value is at most twice as large."
    return Result(float(found.longest), False, note, note_en)


def mean_distance(found: Distances) -> float:
    """Over all pairs of a source and a node that it reaches; 0 where there is none."""
    pairs = float(found.reached.sum())
    return float(found.far.sum()) / pairs if pairs else 0.0


def distances(net: Arrays, directed: bool = False, exact: bool = False) -> Distances:
    """To each node, from all nodes, or in a large graph from a fixed sample; Refused where exact is too much."""
    into = net.into if directed else net.both
    if net.nodes * net.ties <= EXACT:
        return follow(into, np.arange(net.nodes))
    if exact:
        raise too_large(net, "exact", estimated_from(SAMPLE))
    return follow(into, np.sort(np.random.default_rng(0).choice(net.nodes, SAMPLE, replace=False)))


def follow(into: Rows, sources: Ints) -> Distances:
    """Distances along ties from these sources."""
    found = Distances(sources, np.zeros(into.nodes), np.zeros(into.nodes), np.zeros(into.nodes))
    for start in range(0, len(sources), WIDTH):
        before, pairs = float(found.far.sum()), float(found.reached.sum())
        for distance, bits in _sweep(into, sources[start : start + WIDTH]):
            counts = np.bitwise_count(bits)
            found.far += distance * counts
            found.near += counts / distance
            found.reached += counts
            found.longest = max(found.longest, distance)
        pairs = float(found.reached.sum()) - pairs
        found.means += [(float(found.far.sum()) - before) / pairs] if pairs else []
    return found


def _sweep(into: Rows, sources: Ints) -> Iterator[tuple[int, Bits]]:
    """From up to WIDTH nodes, step by step: the distance, and for each node the bits of the sources that far away.

    Each step looks at every tie once for all sources together (Then et al., 2014, The more the merrier: efficient
    multi-source graph traversal, VLDB 8).
    """
    edge = np.zeros(into.nodes, np.uint64)
    edge[sources] = np.uint64(1) << np.arange(len(sources), dtype=np.uint64)
    seen = edge.copy()
    filled = into.counts > 0
    starts = into.starts[:-1][filled]
    distance = 0
    while len(starts):
        distance += 1
        reached = np.zeros_like(edge)
        reached[filled] = np.bitwise_or.reduceat(edge[into.others], starts)
        edge = reached & ~seen
        if not edge.any():
            return
        seen |= edge
        yield distance, edge


def error_of(found: Distances) -> float:
    """Of means of numbers from 0 to 1, for all nodes together (Hoeffding, 1963); 0 where nothing was estimated."""
    nodes = len(found.far)
    return 0.0 if found.exact else math.sqrt(math.log(2 * nodes / (1 - SURE)) / (2 * len(found.sources)))


def _estimate(values: dict[str, float] | float, found: Distances, error: str, error_en: str) -> Result:
    if found.exact:
        return Result(values)
    sources = len(found.sources)
    return Result(
        values,
        False,
        f"Geschat uit {sources} van de {len(found.far)} records. Met {SURE:.0%} kans wijkt {error} af.",
        f"Estimated from {sources} of {len(found.far)} nodes. With a chance of {SURE:.0%} {error_en}.",
    )


def _weighted_closeness(net: Arrays, directed: bool) -> Result:
    if net.nodes * net.ties > EXACT_WEIGHTED:
        raise too_large(net, "weighted")
    if directed and net.is_directed:
        raise Refused(_("Nabijheid met gewichten kan alleen zonder richting. Laat 'weighted' of 'directed' weg."))
    found = rx.newman_weighted_closeness_centrality(graph_of(net.both), float, wf_improved=True)
    return Result(net.by_id(np.array([found[node] for node in range(net.nodes)])))


def _ratio(above: Numbers, below: Numbers) -> Numbers:
    """0 where there is nothing to divide by."""
    return np.asarray(np.divide(above, below, out=np.zeros(len(above)), where=below > 0), dtype=np.float64)
