"""Which ties are missing, or may come: pairs that are not tied but have much in common."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from kennismakelaar.errors import Refused
from kennismakelaar.language import gettext as _
from kennismakelaar.network.arrays import Arrays, Ints, Numbers, Result, Rows, rows_of

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
        raise Refused(_("Dit netwerk heeft te weinig banden, of te veel, om er een deel van te verbergen."))
    known = np.setdiff1d(once, hidden)
    left, right = rows.owners[known], rows.others[known]
    seen = rows_of(net.nodes, np.r_[left, right], np.r_[right, left], np.r_[rows.weights[known], rows.weights[known]])
    score = SCORES[method](seen)
    return Result(_above(score(rows.owners[hidden], rows.others[hidden]), score(a[absent], b[absent])))


def candidates(rows: Rows, method: str) -> tuple[Ints, Ints, Numbers]:
    """Every pair without a tie that shares a neighbour which is no hub, the first before the second, with its score."""
    shared = _overlap(rows, np.ones_like).tocoo()
    first, second = (ends.astype(np.int64) for ends in shared.coords)
    upper = first < second
    first, second = first[upper], second[upper]
    free = rows.find(first, second) < 0
    a, b = first[free], second[free]
    return a, b, SCORES[method](rows)(a, b)


def _highest(net: Arrays, method: str, limit: int) -> Result:
    a, b, scores = candidates(net.both, method)
    best = np.lexsort((b, a, -scores))[:limit]
    note = f"De hoogste {len(best)} van {len(a)} paren die een contact delen."
    note_en = f"The highest {len(best)} of {len(a)} pairs that share a contact."
    return Result(net.by_pair(np.c_[a[best], b[best]], scores[best]), True, note, note_en)


def _shared(worth: Callable[[Numbers], Numbers]) -> Callable[[Rows], Scorer]:
    """The sum over shared neighbours of what each is worth, by its degree."""

    def scorer(rows: Rows) -> Scorer:
        table = _overlap(rows, worth)
        return lambda a, b: np.asarray(table[a, b], dtype=np.float64) if len(a) else np.zeros(0)

    return scorer


def _overlap(rows: Rows, worth: Callable[[Numbers], Numbers]) -> Any:
    """A sparse matrix: for each two nodes the sum over the neighbours that they share, without hubs."""
    degrees = np.maximum(rows.counts, 2).astype(float)  # who has one neighbour is shared by nobody
    values = np.where(rows.counts <= HUB, worth(degrees), 0.0)
    weighed = _matrix(rows, values[rows.others])
    weighed.eliminate_zeros()
    table = weighed @ _matrix(rows, np.ones(len(rows.others)))
    table.sort_indices()
    return table


def _matrix(rows: Rows, values: Numbers) -> Any:
    from scipy import sparse  # here, because it makes every start of the program slower

    return sparse.csr_array((values, rows.others, rows.starts), shape=(rows.nodes, rows.nodes), copy=True)


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
    from scipy.sparse.linalg import eigsh  # as in _matrix

    matrix = _matrix(rows, np.ones(len(rows.others)))
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
