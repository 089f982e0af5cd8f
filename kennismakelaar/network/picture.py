"""What a page shows of the network: dots with a place, size and mark, lines between them, and what they tell."""

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import networkx as nx

from kennismakelaar import language
from kennismakelaar.network.choice import Choice, checked, chosen
from kennismakelaar.network.degrees import contacts
from kennismakelaar.network.groups import Group, by_community, by_domain, by_kind, communities, themes_of
from kennismakelaar.network.layout import positions
from kennismakelaar.network.measures import Measured, measure
from kennismakelaar.network.summary import summary
from kennismakelaar.network.views import views
from kennismakelaar.store import GraphStore

SMALL, LARGE = 0.25, 0.75
"""Radius of the smallest and of the largest dot; 1 is the room that the layout gives each."""
MARGIN = 1.5
NARROWEST = 16.0
"""A box is at least so wide and high, so that a few dots do not fill the page."""
LABELS, LONGEST_LABEL = 24, 28
"""Names in a drawing of the whole, and their letters; a longer name is cut off."""
LINES_OF_TEXT = 45
"""Lines that would fit above each other in a square drawing; a label is one."""
KEPT = 24
"""Pictures that are kept, of the graph as it is now; a language has its own."""


@dataclass(frozen=True)
class Dot:
    """A record; `value` is of the measure that its radius shows, `ties` counts others, `group` is a place in groups."""

    id: str
    kind: str
    name: str
    x: float
    y: float
    radius: float
    value: float | None
    ties: int
    group: int


@dataclass(frozen=True)
class Line:
    """A relation or tie; `through` are ids of what both ends share."""

    source: str
    target: str
    kind: str
    weight: float
    through: tuple[str, ...]


@dataclass(frozen=True)
class Box:
    """All dots lie in it."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Picture:
    """A view of the network as it is shown, in order of id. The same graph and choice give the same picture."""

    view: str
    label: str
    description: str
    size: str
    colour: str
    revision: int
    is_directed: bool
    note: str
    """About the measure, such as that it is an estimate; often empty."""
    left_out: int
    """Records that are not drawn because there are too many."""
    summary: tuple[str, ...]
    groups: tuple[Group, ...]
    box: Box
    dots: tuple[Dot, ...]
    lines: tuple[Line, ...]
    labelled: tuple[str, ...]
    """Ids of dots whose name has room in a drawing of the whole."""
    names: Mapping[str, str]
    """Of all records that the picture speaks of, also those through which others are tied."""


@dataclass(frozen=True)
class Shown:
    """A picture with the graph it was made of."""

    choice: Choice
    graph: "nx.Graph[str]"
    picture: Picture


class Gallery:
    """Pictures of one graph, made when first asked for and kept until the graph changes. Threads may share it."""

    def __init__(self) -> None:
        """Empty."""
        self._kept: dict[tuple[str, Choice], Shown] = {}
        self._revision = -1
        self._lock = threading.Lock()

    def show(self, choice: Choice, store: GraphStore) -> Shown:
        """Refused or NotFound where something in the choice does not exist, or nothing is left to show."""
        with self._lock:
            revision = store.revision()
            if revision != self._revision:
                self._revision, self._kept = revision, {}
            wanted = (language.current(), choice)
            if wanted not in self._kept:
                self._kept[wanted] = draw(choice, store)
                if len(self._kept) > KEPT:
                    del self._kept[next(iter(self._kept))]
            return self._kept[wanted]


def draw(choice: Choice, store: GraphStore) -> Shown:
    """See Gallery.show."""
    choice = checked(choice, store)
    graph, left_out = chosen(choice, store)
    names = {node.id: node.name for node in store.nodes()}
    numbers = communities(graph)
    themes = themes_of(graph, store.edges())
    near = by_community(graph, numbers, themes)
    place, groups = {"kind": by_kind, "domain": by_domain}.get(choice.colour, lambda graph: near)(graph)
    measured = measure(graph, choice.size)
    dots = _dots(graph, measured, place, positions(graph, numbers))
    lines = _lines(graph)
    view = views()[choice.view]
    picture = Picture(
        view.name,
        language.said(view.label),
        language.said(view.description),
        choice.size,
        choice.colour,
        graph.graph["revision"],
        graph.is_directed(),
        measured.said,
        left_out,
        summary(graph, near[1], list(Counter(numbers.values()).values()), names),
        groups,
        _box(dots),
        dots,
        lines,
        _labelled(dots, choice.scope.around),
        _spoken_of(dots, lines, groups, names),
    )
    return Shown(choice, graph, picture)


def _dots(
    graph: "nx.Graph[str]",
    measured: Measured,
    group: Mapping[str, int],
    places: Mapping[str, tuple[float, float]],
) -> tuple[Dot, ...]:
    values = measured.nodes
    largest = max((abs(value) for value in values.values()), default=0.0)
    return tuple(
        Dot(
            id,
            known["kind"],
            known["name"],
            *places[id],
            _radius(values.get(id), largest),
            values.get(id),
            len(contacts(graph, id)),
            group[id],
        )
        for id, known in graph.nodes(data=True)
    )


def _radius(value: float | None, largest: float) -> float:
    """The surface of a dot grows with the value, from the smallest on."""
    share = abs(value) / largest if value and largest else 0.0
    return float(round((SMALL**2 + (LARGE**2 - SMALL**2) * share) ** 0.5, 3))


def _lines(graph: "nx.Graph[str]") -> tuple[Line, ...]:
    return tuple(
        Line(a, b, tie["kind"], round(tie["weight"], 3), tuple(tie.get("through", ())))
        for a, b, tie in graph.edges(data=True)
    )


def _box(dots: tuple[Dot, ...]) -> Box:
    left, width = _side([dot.x for dot in dots])
    top, height = _side([dot.y for dot in dots])
    return Box(left, top, width, height)


def _side(values: list[float]) -> tuple[float, float]:
    """Where it starts and how long it is."""
    length = max(max(values) - min(values) + 2 * MARGIN, NARROWEST)
    return round((max(values) + min(values) - length) / 2, 3), round(length, 3)


def _labelled(dots: tuple[Dot, ...], around: str) -> tuple[str, ...]:
    """The best tied first, as long as names do not run into each other."""
    box = _box(dots)
    high = max(box.width, box.height) / LINES_OF_TEXT
    taken: list[tuple[float, float, float]] = []
    found = []
    for dot in sorted(dots, key=lambda dot: (dot.id != around, -dot.ties, dot.id)):
        wide, low = min(len(dot.name), LONGEST_LABEL) * high * 0.3, dot.y + dot.radius + high
        if all(abs(dot.x - x) > wide + other or abs(low - y) > high * 1.3 for x, y, other in taken):
            taken.append((dot.x, low, wide))
            found.append(dot.id)
        if len(found) == LABELS:
            break
    return tuple(found)


def _spoken_of(
    dots: tuple[Dot, ...], lines: tuple[Line, ...], groups: tuple[Group, ...], names: Mapping[str, str]
) -> Mapping[str, str]:
    ids = {dot.id for dot in dots} | {id for line in lines for id in line.through}
    return {id: names[id] for id in sorted(ids | {theme for group in groups for theme in group.themes})}
