"""Who counts because others who count are tied to them."""

from collections.abc import Callable

import numpy as np

from kennismakelaar.network.arrays import Arrays, Numbers, Result, Rows

STEPS = 10_000
"""After which a search for a steady state gives up."""
NEAR = 1e-12
"""Change for each node at which it is steady."""


def eigenvector(net: Arrays, *, weighted: bool = True) -> Result:
    """Values that are in proportion to the sum of the values of the neighbours; the sum of their squares is 1.

    Bonacich (1972), Factoring and weighting approaches to status scores, Journal of Mathematical Sociology 2. Whatever
    the direction. Adding each node's own value in every step makes it settle in two-sided networks too.
    """
    pull = _pull(net.both, weighted)
    values, steady = _settle(lambda x: _unit(x + pull(x)), _unit(np.ones(net.nodes)))
    return _result(net, values, steady)


def pagerank(net: Arrays, *, weighted: bool = True, damping: float = 0.85) -> Result:
    """The share of time at each node of a walker who follows ties out, and now and then starts anew anywhere.

    Brin & Page (1998), The anatomy of a large-scale hypertextual web search engine. From a node without ties out, and
    with a chance of 1 - damping, the walker goes to any node. Ties without direction are followed both ways.
    """
    given = net.out.sums(net.out.weights if weighted else np.ones(len(net.out.others)))
    pull = _pull(net.into, weighted)

    def step(x: Numbers) -> Numbers:
        lost = float(x[given == 0].sum())
        shares = np.divide(x, given, out=np.zeros(net.nodes), where=given > 0)
        return np.asarray(damping * (pull(shares) + lost / net.nodes) + (1 - damping) / net.nodes, dtype=np.float64)

    values, steady = _settle(step, np.full(net.nodes, 1 / net.nodes))
    return _result(net, values, steady)


def hub(net: Arrays, *, weighted: bool = True) -> Result:
    """Values in proportion to the authority of whom a node points to; their sum is 1.

    Kleinberg (1999), Authoritative sources in a hyperlinked environment, Journal of the ACM 46.
    """
    pointed, pointing = _pull(net.into, weighted), _pull(net.out, weighted)
    values, steady = _settle(lambda x: _share(pointing(pointed(x))), np.full(net.nodes, 1 / net.nodes))
    return _result(net, values, steady)


def authority(net: Arrays, *, weighted: bool = True) -> Result:
    """Values in proportion to the hub value of who points to a node; their sum is 1 (Kleinberg, 1999)."""
    pointed, pointing = _pull(net.into, weighted), _pull(net.out, weighted)
    values, steady = _settle(lambda x: _share(pointed(pointing(x))), np.full(net.nodes, 1 / net.nodes))
    return _result(net, values, steady)


def _pull(rows: Rows, weighted: bool) -> Callable[[Numbers], Numbers]:
    """For each node the sum of what stands at the other end of its ties."""
    owners, weights = rows.owners, rows.weights if weighted else np.ones(len(rows.others))
    return lambda x: np.bincount(owners, x[rows.others] * weights, rows.nodes).astype(np.float64)


def _settle(step: Callable[[Numbers], Numbers], start: Numbers) -> tuple[Numbers, bool]:
    """Power iteration (von Mises & Pollaczek-Geiringer, 1929), and whether it came to rest."""
    x = start
    for _ in range(STEPS):
        before, x = x, step(x)
        if float(np.abs(x - before).sum()) <= NEAR * len(x):
            return x, True
    return x, False


def _unit(x: Numbers) -> Numbers:
    return np.asarray(x / (np.linalg.norm(x) or 1.0), dtype=np.float64)


def _share(x: Numbers) -> Numbers:
    return np.asarray(x / (x.sum() or 1.0), dtype=np.float64)


def _result(net: Arrays, values: Numbers, steady: bool) -> Result:
    if steady:
        return Result(net.by_id(values))
    note = f"Na {STEPS} stappen veranderden de waarden nog een beetje; delen van het netwerk hangen bijna los."
    note_en = f"After {STEPS} steps the values still changed a little; parts of the network are almost apart."
    return Result(net.by_id(values), False, note, note_en)
