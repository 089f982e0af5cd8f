"""Who connects what would be apart: the measures of brokers."""

from collections.abc import Iterator
from itertools import permutations

import numpy as np
import numpy.typing as npt
import rustworkx as rx

from kennismakelaar.network.arrays import Arrays, Ints, Numbers, Result, Rows, triangles
from kennismakelaar.network.degrees import graph_of

ROLES = ("coordinator", "itinerant", "gatekeeper", "representative", "liaison")
Bools = npt.NDArray[np.bool_]


def constraint(net: Arrays, *, weighted: bool = True) -> Result:
    """How much all contacts of a node are one circle: Σj (p_ij + Σq p_iq p_qj)², p_ij its share of ties with j.

    Burt (1992), Structural holes: The social structure of competition, 2.1. Shares count ties in both directions. Low
    is a broker; a node without ties has none.
    """
    rows = net.both
    weights = rows.weights if weighted else np.ones(len(rows.others))
    shares = weights / rows.sums(weights)[rows.owners]
    around = np.zeros(len(shares))
    for ij, iq, qj, _ in _corners(rows):
        around += np.bincount(ij, shares[iq] * shares[qj], len(shares))
    return _tied_only(net, rows.sums((shares + around) ** 2))


def effective_size(net: Arrays, *, weighted: bool = True) -> Result:
    """Contacts less what is the same among them: Σj (1 - Σq p_iq m_jq), m_jq the tie of j and q as part of j's best.

    Burt (1992), 2.1; without weights as simplified by Borgatti (1997), Structural holes: Unpacking Burt's redundancy
    measures, Connections 20. A node without ties has none.
    """
    rows = net.both
    weights = rows.weights if weighted else np.ones(len(rows.others))
    shares = weights / rows.sums(weights)[rows.owners]
    best = np.zeros(rows.nodes)
    np.maximum.at(best, rows.owners, weights)
    parts = weights / best[rows.owners]
    same = np.zeros(rows.nodes)
    for ij, iq, _, jq in _corners(rows):
        same += np.bincount(rows.owners[ij], shares[iq] * parts[jq], rows.nodes)
    return _tied_only(net, rows.counts - same)


def _corners(rows: Rows) -> Iterator[tuple[Ints, Ints, Ints, Ints]]:
    """For each i, j and q that are all tied the positions of the ties i-j, i-q, q-j and j-q."""
    for corners in triangles(rows):
        place = {(a, b): rows.find(corners[a], corners[b]) for a, b in permutations(range(3), 2)}
        for i, j, q in permutations(range(3)):
            yield place[i, j], place[i, q], place[q, j], place[j, q]


def _tied_only(net: Arrays, values: Numbers) -> Result:
    found = net.by_id(values)
    alone = [net.ids[node] for node in np.flatnonzero(net.both.counts == 0)]
    for id in alone:
        del found[id]
    if not alone:
        return Result(found)
    note = f"Voor {len(alone)} records zonder banden bestaat deze maat niet."
    return Result(found, True, note, f"This measure does not exist for {len(alone)} nodes without ties.")


def brokerage(net: Arrays, *, by: str = "domain", role: str = "total") -> Result:
    """How often a node b is the way from a to c, who have no tie a → c, by the groups of the three.

    Gould & Fernandez (1989), Structures of mediation, Sociological Methodology 19. coordinator: all in one group;
    itinerant: a and c in one, b in another; gatekeeper: b with c, a outside; representative: b with a, c outside;
    liaison: three groups. Ties without direction count both ways. Who has no group takes no part.
    """
    groups, _ = net.groups(by)
    counts = _paths(net, groups)
    for a, b, c in _closed(net):
        known = (groups[a] >= 0) & (groups[b] >= 0) & (groups[c] >= 0)
        for number, which in enumerate(_roles(groups[a], groups[b], groups[c])):
            counts[number] -= np.bincount(b[known & which], minlength=net.nodes)
    chosen = counts.sum(axis=0) if role == "total" else counts[ROLES.index(role)]
    found = net.by_id(chosen)
    out = int((groups < 0).sum())
    for node in np.flatnonzero(groups < 0):
        del found[net.ids[node]]
    if not out:
        return Result(found)
    note = f"{out} records zonder {by!r} doen niet mee."
    return Result(found, True, note, f"{out} nodes without {by!r} take no part.")


def _paths(net: Arrays, groups: Ints) -> Numbers:
    """Shape (roles, nodes): ways a → b → c with a other than c, also where a → c is tied."""
    same_in, all_in = _counts(net.into, groups)
    same_out, all_out = _counts(net.out, groups)
    back = net.out.find(net.into.owners, net.into.others) >= 0  # a is c
    mutual, mutual_all = _counts(_only(net.into, back), groups)
    alike = _alike(net, groups) - same_in * same_out  # a and c in one group, which is not that of b
    other_in, other_out = all_in - same_in, all_out - same_out
    ways = (
        same_in * same_out - mutual,
        alike - (mutual_all - mutual),
        other_in * same_out,
        same_in * other_out,
        other_in * other_out - alike,
    )
    return np.where(groups >= 0, np.array(ways), 0.0)


def _counts(rows: Rows, groups: Ints) -> tuple[Numbers, Numbers]:
    """For each node its ties with its own group, and with any group."""
    own, other = groups[rows.owners], groups[rows.others]
    return rows.sums(((own == other) & (other >= 0)).astype(float)), rows.sums((other >= 0).astype(float))


def _alike(net: Arrays, groups: Ints) -> Numbers:
    """For each b the pairs of a tie in and a tie out whose other ends are in the same group."""
    found = []
    kinds = int(groups.max()) + 1
    for rows in (net.into, net.out):
        other = groups[rows.others]
        found.append(np.unique((rows.owners * kinds + other)[other >= 0], return_counts=True))
    (ins, in_counts), (outs, out_counts) = found
    both, left, right = np.intersect1d(ins, outs, assume_unique=True, return_indices=True)
    pairs = (in_counts[left] * out_counts[right]).astype(float)
    return np.bincount(both // kinds, pairs, net.nodes).astype(np.float64)


def _only(rows: Rows, which: Bools) -> Rows:
    kept = np.bincount(rows.owners[which], minlength=rows.nodes)
    return Rows(np.r_[0, np.cumsum(kept)], rows.others[which], rows.weights[which])


def _roles(a: Ints, b: Ints, c: Ints) -> tuple[Bools, ...]:
    """In the order of ROLES, from the groups of the three."""
    return (
        (a == b) & (b == c),
        (a == c) & (a != b),
        (a != b) & (b == c),
        (a == b) & (b != c),
        (a != b) & (b != c) & (a != c),
    )


def _closed(net: Arrays) -> Iterator[tuple[Ints, Ints, Ints]]:
    """Every way a → b → c that has a tie a → c too."""
    for corners in triangles(net.both):
        there = {(i, j): net.out.find(corners[i], corners[j]) >= 0 for i, j in permutations(range(3), 2)}
        for i, j, k in permutations(range(3)):
            whole = there[i, j] & there[j, k] & there[i, k]
            yield corners[i][whole], corners[j][whole], corners[k][whole]


def articulation_points(net: Arrays) -> Result:
    """1 for a node without which its part of the network falls apart, else 0.

    Hopcroft & Tarjan (1973), Efficient algorithms for graph manipulation, Communications of the ACM 16.
    """
    values = np.zeros(net.nodes)
    values[list(rx.articulation_points(graph_of(net.both)))] = 1
    return Result(net.by_id(values))


def bridges(net: Arrays) -> Result:
    """The pairs whose tie is the only way between two parts, each with value 1 (Hopcroft & Tarjan, 1973)."""
    found = sorted(tuple(sorted(pair)) for pair in rx.bridges(graph_of(net.both)))
    return Result(net.by_pair(np.array(found, np.int64).reshape(-1, 2), np.ones(len(found))))
