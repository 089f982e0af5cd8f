"""A drawing of one record with those around it: in the middle the record, left and right what it is tied to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from kennismakelaar.broker import Relation
from kennismakelaar.model import Node

MOST = 20
"""Neighbours that are drawn."""
ROW, MARGIN = 26, 20
"""Height of a line, and room above and below, in the units of the drawing."""
WIDTH, REACH = 760, 110
"""Of the drawing, and of a dot from its middle."""


@dataclass(frozen=True)
class Spot:
    """A line beside the middle: a neighbour with its dot, or the name of the relation with those below it."""

    x: float
    y: float
    label: str
    node: Node | None


@dataclass(frozen=True)
class Star:
    """The middle lies at half of the width and of the height; `drawn` of `total` neighbours have a dot."""

    width: int
    height: int
    spots: tuple[Spot, ...]
    drawn: int
    total: int


def star(ties: Mapping[str, Sequence[Relation]]) -> Star:
    """Of the relations by what they say; each has a share of the places, and a neighbour is drawn once."""
    others = {label: [relation.other for relation in found] for label, found in ties.items()}
    chosen = _chosen(others)
    lines: list[tuple[str, Node | None]] = []
    for label in others:
        members = [node for node, under in chosen.values() if under == label]
        lines += [(label, None), *((label, node) for node in members)] if members else []
    right = _half(lines)
    rows = max(right, len(lines) - right)
    spots = [*_side(lines[:right], rows, 1), *_side(lines[right:], rows, -1)]
    total = len({node.id for nodes in others.values() for node in nodes})
    return Star(WIDTH, rows * ROW + 2 * MARGIN, tuple(spots), len(chosen), total)


def _chosen(others: Mapping[str, Sequence[Node]]) -> dict[str, tuple[Node, str]]:
    """One of each relation in turn, until there is no more room."""
    found: dict[str, tuple[Node, str]] = {}
    for turn in zip_longest(*others.values()):
        for label, node in zip(others, turn, strict=True):
            if node is not None and len(found) < MOST:
                found.setdefault(node.id, (node, label))
    return found


def _half(lines: Sequence[tuple[str, Node | None]]) -> int:
    """How many lines stand at the right: half, or so many more that no relation is left without its name."""
    middle = (len(lines) + 1) // 2
    starts = [i for i, (_, node) in enumerate(lines) if node is None and i > 0]
    return min([*starts, len(lines)], key=lambda i: abs(i - middle))


def _side(lines: Sequence[tuple[str, Node | None]], rows: int, way: int) -> list[Spot]:
    top = MARGIN + (rows - len(lines)) * ROW / 2 + ROW / 2
    return [Spot(WIDTH / 2 + way * REACH, top + i * ROW, label, node) for i, (label, node) in enumerate(lines)]
