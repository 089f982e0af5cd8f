"""Groups in a picture of the network: communities, kinds or domains, each with a mark of its own."""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import networkx as nx

from kennismakelaar.kinds import THEMED
from kennismakelaar.language import gettext as _
from kennismakelaar.language import said
from kennismakelaar.model import Edge
from kennismakelaar.network.choice import GROUPS
from kennismakelaar.network.measures import measure
from kennismakelaar.schema import schema

MARKS = 10
"""Colours with a shape that people can tell apart; mark 0 is for the rest."""
SMALLEST = 3
"""Members from which a community is worth a mark."""
TYPICAL = 3
"""Themes that a group is named by."""


@dataclass(frozen=True)
class Group:
    """Nodes with the same mark; `themes` are ids of what its members are about more often than others."""

    name: str
    label: str
    mark: int
    size: int
    themes: tuple[str, ...] = ()


Themes = Mapping[str, Collection[str]]


def themes_of(graph: "nx.Graph[str]", edges: Iterable[Edge]) -> Themes:
    """For each node of the graph the themes it is about; a theme is about itself."""
    found: dict[str, set[str]] = defaultdict(set)
    for id, kind in graph.nodes(data="kind"):
        if kind == "theme":
            found[id].add(id)
    for edge in edges:
        if edge.kind in THEMED and edge.source in graph:
            found[edge.source].add(edge.target)
    return found


def communities(graph: "nx.Graph[str]") -> dict[str, int]:
    """For each node the number of its community, 1 for the largest."""
    return {id: int(number) for id, number in measure(graph, GROUPS).nodes.items()}


def by_community(
    graph: "nx.Graph[str]", numbers: Mapping[str, int], themes: Themes
) -> tuple[Mapping[str, int], tuple[Group, ...]]:
    """The groups and for each node the place of its group among them: the largest, the small ones, and what has no ties."""
    sizes = Counter(numbers.values())
    marked = [number for number in sorted(sizes) if sizes[number] >= SMALLEST][:MARKS]
    alone = set(nx.isolates(graph))
    keys = {id: "los" if id in alone else str(numbers[id]) if numbers[id] in marked else "klein" for id in graph}
    members = _members(keys)
    groups = [
        Group(
            str(number),
            _("groep %(number)s", number=number),
            mark,
            len(members[str(number)]),
            typical(members[str(number)], themes),
        )
        for mark, number in enumerate(marked, 1)
        if str(number) in members
    ]
    rest = {"klein": _("andere groepen"), "los": _("zonder verbindingen")}
    groups += [Group(key, label, 0, len(members[key])) for key, label in rest.items() if key in members]
    return _places(keys, groups), tuple(groups)


def by_kind(graph: "nx.Graph[str]") -> tuple[Mapping[str, int], tuple[Group, ...]]:
    """As by_community; a kind has the same mark in every picture."""
    keys = dict(graph.nodes(data="kind"))
    sizes = Counter(keys.values())
    groups = [
        Group(name, said(kind.plural), mark if mark <= MARKS else 0, sizes[name])
        for mark, (name, kind) in enumerate(schema().nodes.items(), 1)
        if sizes[name]
    ]
    return _places(keys, groups), tuple(groups)


def by_domain(graph: "nx.Graph[str]") -> tuple[Mapping[str, int], tuple[Group, ...]]:
    """As by_community; what has no domain comes last."""
    keys = {id: str(domain) for id, domain in graph.nodes(data="domain", default="")}
    sizes = Counter(keys.values())
    groups = [
        Group(name, said(term), mark if mark <= MARKS else 0, sizes[name])
        for mark, (name, term) in enumerate(schema().vocabularies["domain"].items(), 1)
        if sizes[name]
    ]
    groups += [Group("", _("geen domein bekend"), 0, sizes[""])] if sizes[""] else []
    return _places(keys, groups), tuple(groups)


def _members(keys: Mapping[str, str]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for id, key in keys.items():
        found[key].append(id)
    return found


def _places(keys: Mapping[str, str], groups: Iterable[Group]) -> Mapping[str, int]:
    place = {group.name: number for number, group in enumerate(groups)}
    return {id: place[key] for id, key in keys.items()}


def typical(members: Collection[str], themes: Themes) -> tuple[str, ...]:
    """Themes of at least two members that are more frequent here than in the whole picture, most telling first.

    By the members' share of the log-likelihood ratio: count × log(count / expected) (Dunning, 1993, Accurate methods
    for the statistics of surprise and coincidence, Computational Linguistics 19).
    """
    everywhere = Counter(theme for found in themes.values() for theme in found)
    here = Counter(theme for id in members for theme in themes.get(id, ()))
    about = sum(1 for id in members if themes.get(id))
    scores = {
        theme: count * math.log(count * len(themes) / (everywhere[theme] * about))
        for theme, count in here.items()
        if count > 1
    }
    telling = [theme for theme, score in scores.items() if score > 0]
    return tuple(sorted(telling, key=lambda theme: (-scores[theme], theme))[:TYPICAL])
