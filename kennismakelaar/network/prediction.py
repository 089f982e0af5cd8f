"""Which ties are missing, or may come: pairs that are not tied but have much in common."""

from collections.abc import Callable, Mapping

import numpy as np

from kennismakelaar.errors import Refused
from kennismakelaar.network.arrays import CHUNK, Arrays, Ints, Numbers, Result, Rows, rows_of, wedges

HUB = 150
"""Ties from which a shared neighbour says little; it is passed over."""
DIMENSIONS = 16
"""Numbers that describe a node in an embedding."""
DENSE = 1_000
"""Nodes up to which all eigenvalues are worked out, in less than a second."""
EQUAL = 1e-9
"""The relative difference below which two eigenvalues are the same."""
HIDDEN = 0.2
"""The share of the ties that a back-test hides."""
Scorer = Callable[[Ints, Ints], Numbers]
"""For each pair of nodes how likely a tie is; only the order counts."""


def resource_allocation(net: Arrays, *, limit: int = 100) -> Result:
    """Pairs without a tie by what they would send each other: for each shared neighbour one over its degree.

    Zhou, Lü & Zhang (2009), Predicting missing links via local information, European Physical Journal B 71.
    Neighbours with more than HUB ties are passed over. The `limit` highest pairs.
    """
    return _highest(net, "resource-allocation", limit)


def adamic_adar(net: Arrays, *, limit: int = 100) -> Result:
    """As resource allocation, with one over the logarithm of the degree.

    Adamic & Adar (2003), Friends and neighbors on the web, Social Networks 25.
    """
    return _highest(net, "adamic-adar", limit)


def embedding(net: Arrays, *, limit: int = 100) -> Result:
    """Pairs without a tie that share a neighbour, by the inner product of their places in an embedding of the network.

    Sussman, Tang, Fishkind & Priebe (2012), A consistent adjacency spectral embedding for stochastic blockmodel graphs,
    Journal of the American Statistical Association 107; here in DIMENSIONS dimensions.
    """
    return _highest(net, "embedding", limit)


def auc(net: Arrays, *, method: str, seed: int = 2013) -> Result:
    """The chance that a hidden tie scores above a pair without one, when a fifth of the ties is hidden (ROC-AUC).

    Hanley & McNeil (1982), The meaning and use of the area under a ROC curve, Radiology 143; half is chance. For each
    hidden tie three pairs without one are drawn.
    """
    random = np.random.default_rng(seed)
    rows = net.both
    once = np.flatnonzero(rows.owners < rows.others)
    hidden = np.sort(random.choice(once, int(HIDDEN * len(once)), replace=False))
    a, b = random.integers(0, max(net.nodes, 1), (2, 3 * len(hidden)))
    absent = (a != b) & (rows.find(a, b) < 0)
    if not len(hidden) or not absent.any():
        raise Refused("Dit netwerk heeft te weinig banden, of te veel, om er een deel van te verbergen.")
    known = np.setdiff1d(once, hidden)
    left, right = rows.owners[known], rows.others[known]
    seen = rows_of(net.nodes, np.r_[left, right], np.r_[right, left], np.r_[rows.weights[known], rows.weights[known]])
    score = SCORES[method](seen)
    return Result(_above(score(rows.owners[hidden], rows.others[hidden]), score(a[absent], b[absent])))


def candidates(rows: Rows, method: str) -> tuple[Ints, Ints, Numbers]:
    """Every pair at distance two through a neighbour that is no hub, the first before the second, with its score."""
    keys = _distance_two(rows)
    a, b = np.divmod(keys, max(rows.nodes, 1))
    return a, b, SCORES[method](rows)(a, b)


def _highest(net: Arrays, method: str, limit: int) -> Result:
    a, b, scores = candidates(net.both, method)
    best = np.lexsort((b, a, -scores))[:limit]
    note = f"De hoogste {len(best)} van {len(a)} paren die een contact delen."
    note_en = f"The highest {len(best)} of {len(a)} pairs that share a contact."
    return Result(net.by_pair(np.c_[a[best], b[best]], scores[best]), True, note, note_en)


def _distance_two(rows: Rows) -> Ints:
    """Pairs without a tie that share a neighbour which is no hub: first × nodes + second, in order."""
    found = np.zeros(0, np.int64)
    for _, a, b in wedges(_without_hubs(rows)):
        keys = np.unique((a * rows.nodes + b)[a < b])
        found = np.union1d(found, keys)
    first, second = np.divmod(found, max(rows.nodes, 1))
    return np.asarray(found[rows.find(first, second) < 0], dtype=np.int64)


def _without_hubs(rows: Rows) -> Rows:
    """The rows of hubs are empty."""
    kept = (rows.counts <= HUB)[rows.owners]
    counts = np.where(rows.counts <= HUB, rows.counts, 0)
    return Rows(np.r_[0, np.cumsum(counts)], rows.others[kept], rows.weights[kept])


def _shared(worth: Callable[[Numbers], Numbers]) -> Callable[[Rows], Scorer]:
    """Sum over shared neighbours of what each is worth, by its degree."""

    def score_of(rows: Rows) -> Scorer:
        middle = rows.counts.astype(float)
        value = np.where((middle > 1) & (middle <= HUB), worth(np.maximum(middle, 2)), 0.0)
        return lambda a, b: _sum_over_shared(rows, value, a, b)

    return score_of


def _sum_over_shared(rows: Rows, value: Numbers, a: Ints, b: Ints) -> Numbers:
    """In parts, so that no more than CHUNK neighbours are looked up at once."""
    total = np.zeros(len(a))
    a, b = np.where(rows.counts[a] <= rows.counts[b], (a, b), (b, a))  # the shorter row is walked
    ends = np.cumsum(rows.counts[a])
    start = 0
    while start < len(a):
        done = ends[start - 1] if start else 0
        stop = max(int(np.searchsorted(ends, done + CHUNK, side="right")), start + 1)
        counts = rows.counts[a[start:stop]]
        pair = np.repeat(np.arange(start, stop), counts)
        offset = np.arange(len(pair)) - np.repeat(np.cumsum(counts) - counts, counts)
        middle = rows.others[rows.starts[a[pair]] + offset]
        there = rows.find(b[pair], middle) >= 0
        total += np.bincount(pair[there], value[middle[there]], len(a))
        start = stop
    return total


def _places(rows: Rows) -> Scorer:
    """Inner products of the spectral embedding.

    Of the next eigenvalue, and of those equal to it, nothing is taken: which of their vectors come first is chance.
    """
    if not len(rows.others):
        return lambda a, b: np.zeros(len(a))
    values, vectors = _spectrum(rows, min(DIMENSIONS + 1, rows.nodes - 1))
    kept = np.abs(values) > np.abs(values).min() * (1 + EQUAL)
    places = vectors[:, kept] * np.sqrt(np.abs(values[kept]))
    signed = places * np.sign(values[kept])
    return lambda a, b: np.einsum("ij,ij->i", places[a], signed[b]).astype(np.float64)


def _spectrum(rows: Rows, size: int) -> tuple[Numbers, Numbers]:
    """The eigenvalues of the adjacency matrix that lie farthest from zero, with their vectors as columns.

    Of small networks all are worked out: by itself the iteration finds an eigenvalue that occurs twice only by chance.
    """
    from scipy import sparse  # here, because it makes every start of the program slower
    from scipy.sparse.linalg import eigsh

    matrix = sparse.csr_array((np.ones(len(rows.others)), rows.others, rows.starts), shape=(rows.nodes, rows.nodes))
    if rows.nodes > DENSE:
        values, vectors = eigsh(matrix, size, which="LM", v0=np.ones(rows.nodes))
        return values, vectors
    values, vectors = np.linalg.eigh(matrix.toarray())
    farthest = np.argsort(-np.abs(values), kind="stable")[:size]
    return values[farthest], vectors[:, farthest]


SCORES: Mapping[str, Callable[[Rows], Scorer]] = {
    "resource-allocation": _shared(lambda degree: 1 / degree),
    "adamic-adar": _shared(lambda degree: 1 / np.log(degree)),
    "embedding": _places,
}


def _above(positive: Numbers, negative: Numbers) -> float:
    """Mann & Whitney (1947), On a test of whether one of two random variables is stochastically larger; ties are half."""
    ordered = np.sort(negative)
    below = np.searchsorted(ordered, positive, side="left") + np.searchsorted(ordered, positive, side="right")
    return float(below.mean() / 2 / len(negative))
