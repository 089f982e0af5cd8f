"""Where each record stands in a picture of the network: the same graph gives the same places, and groups stand together."""

from collections.abc import Mapping
from typing import Any

import networkx as nx
import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
STEPS = 100
FEW = 700
"""Members of a group up to which each pushes all others away; beyond it only those near, as in the grid variant."""
NEAR = 2.5
OUTWARD = 0.6
"""How strongly a node is drawn to the groups in which it has ties, when it has no other ties."""
TOGETHER = 0.2
"""The share of the way to its fellows that the best tied group goes in one step."""
APART = 1.6
"""Least distance between the members of a group."""
GAP = 0.8
"""Free room around a group."""
GOLDEN = np.pi * (3 - 5**0.5)
ROOM = 1.6
"""Distance in the rows of what has no ties."""


def positions(graph: "nx.Graph[str]", groups: Mapping[str, int]) -> dict[str, tuple[float, float]]:
    """A place for each node; y grows downwards, and in a group of n the members fill a disc of radius √n.

    Within a group: forces of Fruchterman & Reingold (1991), Graph drawing by force-directed placement, Software:
    Practice and Experience 21, where all push with 1 / distance and the middle pulls with the distance, which spreads
    them evenly. Groups are discs that ties draw together and that may not overlap. What has no ties stands in rows
    underneath. Nothing is drawn by lot. About one second for 5,000 nodes and 25,000 ties.
    """
    ends = {end for edge in graph.edges() if edge[0] != edge[1] for end in edge}
    tied, loose = [id for id in graph if id in ends], [id for id in graph if id not in ends]
    places = _tied(graph, tied, groups) if tied else np.zeros((0, 2))
    found = np.round(np.vstack((places, _rows(len(loose), places))), 3)
    return {id: (float(x), float(y)) for id, (x, y) in zip([*tied, *loose], found, strict=True)}


def _tied(graph: "nx.Graph[str]", ids: list[str], groups: Mapping[str, int]) -> Numbers:
    number = {id: i for i, id in enumerate(ids)}
    pairs = {(min(number[a], number[b]), max(number[a], number[b])) for a, b in graph.edges() if a != b}
    ties = np.array(sorted(pairs), np.int64)
    own = np.unique([groups[id] for id in ids], return_inverse=True)[1].astype(np.int64)
    middles = _middles(ties, own)
    outward = _outward(ties, own, middles)
    places = np.empty((len(ids), 2))
    for group, middle in enumerate(middles):
        members = np.flatnonzero(own == group)
        inside = np.searchsorted(members, ties[(own[ties] == group).all(axis=1)])
        places[members] = middle + _group(inside, outward[members])
    return places


def _middles(ties: Ints, own: Ints) -> Numbers:
    """Of each group, from a spiral with the largest in the middle; tied groups draw each other, the middle draws all."""
    sizes = np.bincount(own)
    radii = np.sqrt(sizes) + GAP
    between, weights = np.unique(np.sort(own[ties], axis=1), axis=0, return_counts=True)
    between, weights = (rows[between[:, 0] != between[:, 1]] for rows in (between, weights))
    middles = np.empty((len(sizes), 2))
    middles[np.argsort(-sizes, kind="stable")] = _spiral(len(sizes)) * radii.max()
    strength = weights / np.sqrt(sizes[between]).prod(axis=1)
    most = np.bincount(between.ravel(), np.repeat(strength, 2)).max(initial=1e-9)
    pull = strength / most * TOGETHER
    for _ in range(2 * STEPS):
        way = (middles[between[:, 1]] - middles[between[:, 0]]) * pull[:, None]
        middles = 0.97 * middles + _sums(between[:, 0], way, len(sizes)) - _sums(between[:, 1], way, len(sizes))
        middles = _apart(middles, radii)
    for _ in range(STEPS):
        middles = _apart(middles, radii)
    return middles


def _outward(ties: Ints, own: Ints, middles: Numbers) -> Numbers:
    """For each node the pull of its ties in other groups, as a share of its ties."""
    busy = np.bincount(ties.ravel(), minlength=len(own))[:, None]
    across = ties[own[ties[:, 0]] != own[ties[:, 1]]]
    way = middles[own[across[:, 1]]] - middles[own[across[:, 0]]]
    way /= np.maximum(np.hypot(*way.T), 1e-9)[:, None]
    return OUTWARD * (_sums(across[:, 0], way, len(own)) - _sums(across[:, 1], way, len(own))) / busy


def _group(ties: Ints, outward: Numbers) -> Numbers:
    """Places around (0, 0), from a spiral with the busiest in the middle."""
    count = len(outward)
    busy = np.bincount(ties.ravel(), minlength=count)
    places = np.empty((count, 2))
    places[np.argsort(-busy, kind="stable")] = _spiral(count)
    pull = 1 / np.sqrt(np.maximum(busy, 1)[ties]).prod(axis=1)
    reach = float(np.sqrt(count))
    for heat in np.linspace(0.5, 0.02, STEPS):
        move = _push(places) + _pull(places, ties, pull) + outward * reach - places
        length = np.maximum(np.hypot(*move.T), 1e-9)[:, None]
        places = places + move / length * np.minimum(length, heat * max(reach / 5, 1))
    places *= reach / max(float(np.hypot(places[:, 0], places[:, 1]).max()), reach)
    for _ in range(STEPS // 2):
        places = _apart(places, np.full(count, APART / 2))
    return places


def _spiral(count: int) -> Numbers:
    """Evenly over a disc of radius √count (Vogel, 1979, A better way to construct the sunflower head)."""
    turn, reach = np.arange(count) * GOLDEN, np.sqrt(np.arange(count) + 0.5)
    return np.column_stack((np.cos(turn) * reach, np.sin(turn) * reach))


def _tree(places: Numbers) -> Any:
    from scipy.spatial import cKDTree  # here, because it makes every start of the website slower

    return cKDTree(places)


def _push(places: Numbers) -> Numbers:
    """One over the distance; where only those near push, the rest is taken to be spread evenly, which is its square."""
    if len(places) <= FEW:
        x, y = (np.subtract.outer(axis, axis) for axis in places.T)
        near = 1 / np.maximum(x**2 + y**2, 0.05)
        return np.column_stack(((x * near).sum(axis=1), (y * near).sum(axis=1)))
    first, second = _tree(places).query_pairs(NEAR, output_type="ndarray").T
    way = places[first] - places[second]
    way /= np.maximum((way**2).sum(axis=1), 0.05)[:, None]
    return _sums(first, way, len(places)) - _sums(second, way, len(places)) + places * 0.97


def _pull(places: Numbers, ties: Ints, strength: Numbers) -> Numbers:
    way = (places[ties[:, 1]] - places[ties[:, 0]]) * strength[:, None]
    return _sums(ties[:, 0], way, len(places)) - _sums(ties[:, 1], way, len(places))


def _sums(owners: Ints, ways: Numbers, count: int) -> Numbers:
    return np.column_stack((np.bincount(owners, ways[:, 0], count), np.bincount(owners, ways[:, 1], count)))


def _apart(places: Numbers, radii: Numbers) -> Numbers:
    """Moved half as far as discs of these radii overlap."""
    first, second = _tree(places).query_pairs(2 * float(radii.max()), output_type="ndarray").T
    way = places[first] - places[second]
    length = np.maximum(np.hypot(*way.T), 1e-6)
    short = np.maximum(radii[first] + radii[second] - length, 0) / 2
    step = way / length[:, None] * short[:, None]
    return places + (_sums(first, step, len(places)) - _sums(second, step, len(places))) / 2


def _rows(count: int, above: Numbers) -> Numbers:
    left, right = (above[:, 0].min(), above[:, 0].max()) if len(above) else (0.0, 1.5 * ROOM * count**0.5)
    wide = max(int((right - left) // ROOM) + 1, 4)
    top = above[:, 1].max() + 2 * ROOM if len(above) else 0.0
    middle = (left + right - (min(wide, count) - 1) * ROOM) / 2
    place = np.arange(count)
    return np.column_stack((middle + place % wide * ROOM, top + place // wide * ROOM))
