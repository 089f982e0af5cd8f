"""A networkx graph as arrays, for measures that must be fast: one form for every sort of graph."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np
import numpy.typing as npt

from kennismakelaar.errors import Refused
from kennismakelaar.language import gettext as _

Numbers = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Chunk = tuple[Ints, Ints, Ints]
CHUNK = 2_000_000
"""Pairs that are looked at in one go: about 100 MB."""


Values = dict[str, float] | dict[tuple[str, str], float] | float


@dataclass(frozen=True)
class Result:
    """What a measure found; `exact` is no for an estimate, of which the notes (Dutch, English) give the error."""

    values: Values
    exact: bool = True
    note: str = ""
    note_en: str = ""


@dataclass(frozen=True)
class Rows:
    """For each node its ties: node i has those from `starts[i]` to `starts[i + 1]`, in order of the other end."""

    starts: Ints
    """Length nodes + 1."""
    others: Ints
    weights: Numbers

    @property
    def nodes(self) -> int:
        """How many there are."""
        return len(self.starts) - 1

    @property
    def counts(self) -> Ints:
        """Ties of each node."""
        return np.diff(self.starts)

    @property
    def owners(self) -> Ints:
        """For each tie the node whose row it stands in."""
        return np.repeat(np.arange(self.nodes), self.counts)

    def sums(self, values: Numbers) -> Numbers:
        """For each node the sum over its ties; `values` has one for each tie."""
        return np.bincount(self.owners, values, self.nodes).astype(np.float64)

    def find(self, sources: Ints, targets: Ints) -> Ints:
        """For each pair the position of its tie, or -1."""
        keys = self.owners * self.nodes + self.others
        wanted = sources * self.nodes + targets
        if not len(keys):
            return np.full(len(wanted), -1)
        found = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.where(keys[found] == wanted, found, -1)


@dataclass(frozen=True)
class Arrays:
    """The graph without loops; ties between the same two nodes are one, of their summed weight."""

    graph: "nx.Graph[str]"
    """Where it was read from; attributes are there."""
    ids: tuple[Any, ...]
    both: Rows
    """Whatever their direction."""
    out: Rows
    """As `both` where the graph has no direction."""
    into: Rows

    @property
    def nodes(self) -> int:
        """How many there are."""
        return len(self.ids)

    @property
    def is_directed(self) -> bool:
        """Ties have a direction."""
        return bool(self.graph.is_directed())

    @property
    def ties(self) -> int:
        """Pairs of nodes that are tied, whatever the direction."""
        return len(self.both.others) // 2

    def by_id(self, values: npt.NDArray[Any]) -> dict[str, float]:
        """One value for each node, as measures give them."""
        return dict(zip(self.ids, values.astype(float).tolist(), strict=True))

    def by_pair(self, ties: npt.NDArray[Any], values: npt.NDArray[Any]) -> dict[tuple[str, str], float]:
        """One value for each pair of nodes; `ties` has shape (pairs, 2)."""
        pairs = ((self.ids[a], self.ids[b]) for a, b in ties.tolist())
        return dict(zip(pairs, values.astype(float).tolist(), strict=True))

    def groups(self, by: str) -> tuple[Ints, list[str]]:
        """For each node the number of its value of an attribute, -1 where it has none; and the values.

        Refused where no node has it, or where it is a list.
        """
        found = [data.get(by) for _, data in self.graph.nodes(data=True)]
        if any(isinstance(value, (list, tuple, dict, set)) for value in found):
            raise Refused(
                _("%(by)r kan meer waarden tegelijk hebben. Kies een kenmerk met één waarde, zoals 'domain'.", by=by)
            )
        labels = sorted({str(value) for value in found if value is not None})
        if not labels:
            raise Refused(
                _("Geen enkel record in dit netwerk heeft het kenmerk %(by)r. Kies een ander kenmerk.", by=by)
            )
        numbers = {label: number for number, label in enumerate(labels)}
        return np.array([-1 if value is None else numbers[str(value)] for value in found]), labels

    def rows(self, directed: bool) -> Rows:
        """Ties out of each node, or all ties."""
        return self.out if directed else self.both


def too_large(net: Arrays, option: str, instead: str = "") -> Refused:
    """What to say where this option would take hours; `instead` tells what happens without it."""
    values = {"nodes": net.nodes, "ties": net.ties, "option": option}
    if not instead:
        return Refused(_("Met %(nodes)s records en %(ties)s banden duurt dit uren. Laat %(option)r weg.", **values))
    said = _(
        "Met %(nodes)s records en %(ties)s banden duurt dit uren. Laat %(option)r weg: %(instead)s.",
        **values,
        instead=instead,
    )
    return Refused(said)


def estimated_from(sources: int) -> str:
    """For too_large."""
    return _("dan wordt geschat uit %(sources)s records, en staat de fout erbij", sources=sources)


def arrays(graph: "nx.Graph[str]") -> Arrays:
    """The arrays of a Graph, DiGraph, MultiGraph or MultiDiGraph; an edge without a weight weighs 1."""
    ids = tuple(graph)
    place = {id: number for number, id in enumerate(ids)}
    edges = [(place[a], place[b], w) for a, b, w in graph.edges(data="weight", default=1.0) if a != b]
    table = np.array(edges, dtype=float).reshape(-1, 3)
    source, target, weight = table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2]
    both = rows_of(len(ids), np.r_[source, target], np.r_[target, source], np.r_[weight, weight])
    if not graph.is_directed():
        return Arrays(graph, ids, both, both, both)
    out, into = rows_of(len(ids), source, target, weight), rows_of(len(ids), target, source, weight)
    return Arrays(graph, ids, both, out, into)


def rows_of(nodes: int, source: Ints, target: Ints, weight: Numbers) -> Rows:
    """Ties from each source to its target; what is there more than once is summed."""
    pairs, inverse = np.unique(source * nodes + target, return_inverse=True)
    starts = np.searchsorted(pairs, np.arange(nodes + 1) * nodes)
    return Rows(starts, pairs % max(nodes, 1), np.bincount(inverse, weight, len(pairs)).astype(np.float64))


def triangles(rows: Rows) -> Iterator[Chunk]:
    """Every three nodes that are all tied, once, in chunks; of rows that hold each tie from both ends.

    Each tie points from the end with fewer ties to the other, which leaves no node with more than √(2 ties) of them
    (Chiba & Nishizeki, 1985, Arboricity and subgraph listing algorithms, SIAM Journal on Computing 14).
    """
    rank = np.empty(rows.nodes, np.int64)
    rank[np.lexsort((np.arange(rows.nodes), rows.counts))] = np.arange(rows.nodes)
    up = rank[rows.owners] < rank[rows.others]
    oriented = rows_of(rows.nodes, rows.owners[up], rows.others[up], np.ones(int(up.sum())))
    for first, second, third in _wedges(oriented):
        closed = oriented.find(second, third) >= 0
        yield first[closed], second[closed], third[closed]


def _wedges(rows: Rows) -> Iterator[Chunk]:
    """Each tie u → v with each tie u → w: u, v and w."""
    owners, steps = rows.owners, rows.counts[rows.owners]
    ends = np.cumsum(steps)
    start = 0
    while start < len(steps):
        done = ends[start - 1] if start else 0
        stop = max(int(np.searchsorted(ends, done + CHUNK, side="right")), start + 1)
        tie = np.repeat(np.arange(start, stop), steps[start:stop])
        offset = np.arange(len(tie)) - np.repeat(ends[start:stop] - steps[start:stop] - done, steps[start:stop])
        yield owners[tie], rows.others[tie], rows.others[rows.starts[owners[tie]] + offset]
        start = stop
