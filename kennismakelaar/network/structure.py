"""The shape of the network as a whole."""

import numpy as np
import rustworkx as rx

from kennismakelaar.errors import Refused
from kennismakelaar.language import gettext as _
from kennismakelaar.network.arrays import Arrays, Ints, Result, Rows, rows_of
from kennismakelaar.network.degrees import digraph_of, graph_of, local_clustering
from kennismakelaar.network.paths import follow, mean_distance

SAMPLE = 512
"""Sources from which the mean distance of a small-world figure is taken, here and in random networks."""
FEW = 10**6
"""Pairs of which a list can be made, to draw from."""
CORE, IN, OUT, TUBES, TENDRILS, REST = range(1, 7)


def density(net: Arrays) -> Result:
    """Ties as a share of all that could be (Wasserman & Faust, 1994, Social network analysis, 4.1).

    In a network with direction there could be two between each pair.
    """
    pairs = net.nodes * (net.nodes - 1)
    return Result(len(net.out.others) / pairs if pairs else 0.0)


def components(net: Arrays) -> Result:
    """The number of parts without a tie between them, whatever the direction (Wasserman & Faust, 1994, 4.2)."""
    parts = rx.connected_components(graph_of(net.both))
    largest = max(len(part) for part in parts)
    note = f"In het grootste deel zitten {largest} van de {net.nodes} records."
    return Result(float(len(parts)), True, note, f"The largest part has {largest} of {net.nodes} nodes.")


def small_world(net: Arrays, *, draws: int = 5, seed: int = 2013) -> Result:
    """Clustering over that of random networks, divided by mean distance over that of random networks; above 1 is one.

    Humphries & Gurney (2008), Network 'small-world-ness', PLoS ONE 3. The random networks have the same number of nodes
    and ties (Erdős & Rényi, 1959). Distances are over pairs that can reach each other, from at most SAMPLE nodes.
    """
    random = np.random.default_rng(seed)
    here = _figures(net.both, random)
    drawn = [_figures(_random_rows(net.nodes, net.ties, random), random) for _ in range(draws)]
    chance = (float(np.mean([c for c, _ in drawn])), float(np.mean([length for _, length in drawn])))
    if not (chance[0] and chance[1] and here[1]):
        raise Refused(_("Dit netwerk heeft te weinig banden: een toevallig netwerk heeft hier geen driehoeken."))
    exact = net.nodes <= SAMPLE
    note = f"Hechtheid {here[0]:.3f} (toeval {chance[0]:.3f}), afstand {here[1]:.2f} (toeval {chance[1]:.2f})."
    note_en = f"Clustering {here[0]:.3f} (chance {chance[0]:.3f}), distance {here[1]:.2f} (chance {chance[1]:.2f})."
    note += "" if exact else f" Afstanden zijn gemeten vanaf {SAMPLE} records."
    note_en += "" if exact else f" Distances were measured from {SAMPLE} nodes."
    return Result(here[0] / chance[0] / (here[1] / chance[1]), exact, note, note_en)


def _figures(rows: Rows, random: np.random.Generator) -> tuple[float, float]:
    """Mean clustering and mean distance."""
    sources = np.sort(random.choice(rows.nodes, min(SAMPLE, rows.nodes), replace=False))
    return float(local_clustering(rows).mean()), mean_distance(follow(rows, sources))


def _random_rows(nodes: int, ties: int, random: np.random.Generator) -> Rows:
    """So many different pairs, each as likely as any other."""
    most = nodes * (nodes - 1) // 2
    if most <= FEW:
        a, b = np.array(np.triu_indices(nodes, 1))[:, random.choice(most, ties, replace=False)]
    else:
        a, b = np.divmod(_drawn(nodes, ties, random), nodes)
    return rows_of(nodes, np.r_[a, b], np.r_[b, a], np.ones(2 * ties))


def _drawn(nodes: int, ties: int, random: np.random.Generator) -> Ints:
    """Pairs as one number each, without a list of all that could be."""
    found = np.zeros(0, np.int64)
    while len(found) < ties:
        a, b = random.integers(0, nodes, (2, ties - len(found)))
        found = np.union1d(found, np.minimum(a, b)[a != b] * nodes + np.maximum(a, b)[a != b])
    return found


def bow_tie(net: Arrays) -> Result:
    """For each node its part: 1 core, 2 in, 3 out, 4 tubes, 5 tendrils, 6 the rest.

    Broder et al. (2000), Graph structure in the web; parts as in Yang, Zhuhadar & Nasraoui (2011), Bow-tie
    decomposition in directed graphs. The core is the largest part where all reach all; of equals the one with the first
    node.
    """
    if not net.is_directed:
        raise Refused(_("Een strik bestaat alleen in een netwerk met richting, zoals het beeld 'full' of 'questions'."))
    parts = rx.strongly_connected_components(digraph_of(net.out))
    core = np.array(min(parts, key=lambda part: (-len(part), min(part))))
    after, before = _reached(net.into, core), _reached(net.out, core)
    parts_of = np.full(net.nodes, REST)
    from_in = _reached(net.into, np.flatnonzero(before))
    to_out = _reached(net.out, np.flatnonzero(after))
    parts_of[from_in | to_out] = TENDRILS
    parts_of[from_in & to_out] = TUBES
    parts_of[after] = OUT
    parts_of[before] = IN
    parts_of[core] = CORE
    return Result(net.by_id(parts_of))


def _reached(into: Rows, sources: Ints) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Which nodes can be reached from any of these, they themselves too."""
    seen = np.zeros(into.nodes, np.bool_)
    seen[sources] = True
    while True:
        touched = np.bincount(into.owners, seen[into.others], into.nodes) > 0
        if not (touched & ~seen).any():
            return seen
        seen |= touched
