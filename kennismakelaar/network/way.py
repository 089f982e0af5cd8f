"""How to get from one record to another: the shortest way through a picture of the network, a sentence for each step."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import networkx as nx

from kennismakelaar.errors import NotFound
from kennismakelaar.language import gettext as _
from kennismakelaar.language import said
from kennismakelaar.network.choice import record
from kennismakelaar.network.summary import and_list
from kennismakelaar.network.views import View, views
from kennismakelaar.schema import schema
from kennismakelaar.store import GraphStore

BUSY = 50
"""Ties of a record that make it a detour of one step."""
FEW = 3
"""Records through which two are tied that a sentence names."""


@dataclass(frozen=True)
class Step:
    """A tie on the way, walked from `start` to `end`."""

    start: str
    end: str
    sentence: str


@dataclass(frozen=True)
class Way:
    """From one record to another; without steps there is no way, or they are the same.

    `missing` are ids of ends that are not in the picture.
    """

    start: str
    end: str
    steps: tuple[Step, ...]
    missing: tuple[str, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """What one passes, with both ends."""
        return (self.start, *(step.end for step in self.steps))


def way(graph: "nx.Graph[str]", store: GraphStore, start: str, end: str) -> Way:
    """Between two records by id, name or alias, those in the graph first; NotFound or Refused where there is not just one."""
    names = {node.id: node.name for node in store.nodes()}
    first, last = (_place(graph, store, wanted) for wanted in (start, end))
    missing = tuple(id for id in (first, last) if id not in graph)
    return Way(first, last, () if missing else steps(graph, first, last, names), missing)


def _place(graph: "nx.Graph[str]", store: GraphStore, wanted: str) -> str:
    try:
        return record((node for node in store.nodes() if node.id in graph), wanted)
    except NotFound:
        return record(store.nodes(), wanted)


def steps(graph: "nx.Graph[str]", start: str, end: str, names: Mapping[str, str]) -> tuple[Step, ...]:
    """A way of few steps along records that are not tied to everything, whatever the direction of ties; none: no way.

    Both are in the graph. A record with BUSY ties counts as one step more: that two live in the Netherlands says little
    about how they find each other.
    """
    walked = graph.to_undirected(as_view=True)

    def length(_: str, to: str, __: object) -> float:
        return 1.0 if to == end else 1 + float(walked.degree(to)) / BUSY

    try:
        found = nx.dijkstra_path(walked, start, end, weight=length)
    except nx.NetworkXNoPath:
        return ()
    return tuple(Step(a, b, told(graph, a, b, names)) for a, b in pairwise(found))


def told(graph: "nx.Graph[str]", a: str, b: str, names: Mapping[str, str]) -> str:
    """The tie between two as a sentence; of more relations the first by name."""
    source, target = (a, b) if graph.has_edge(a, b) else (b, a)
    tie: Mapping[str, Any] = graph.edges[source, target] if not graph.is_multigraph() else _first(graph, source, target)
    view = views()[graph.graph["view"]]
    if view.is_whole:
        return f"{names[source]} {said(schema().edges[tie['kind']].label)} {names[target]}"
    through = [names[shared] for shared in tie["through"]]
    more = [_("nog %(number)s", number=len(through) - FEW)] if len(through) > FEW else []
    tied = _tied(graph, view, source, target, names)
    return _("%(tied)s, via %(others)s", tied=tied, others=and_list([*through[:FEW], *more])) if through else tied


def _first(graph: "nx.Graph[str]", source: str, target: str) -> Mapping[str, Any]:
    ties = graph[source][target]
    return ties[min(ties)]  # type: ignore[no-any-return]


def _tied(graph: "nx.Graph[str]", view: View, source: str, target: str, names: Mapping[str, str]) -> str:
    """Equals do something together; of two sorts the one does it to the other."""
    if view.source == view.target:
        return f"{and_list([names[source], names[target]])} {said(view.tie)}"
    if not graph.is_directed() and graph.nodes[source]["kind"] not in view.source:
        source, target = target, source
    return f"{names[source]} {said(view.tie)} {names[target]}"
