"""What a report tells of the network, in figures: who connects, who belongs together, and where help is missing."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import networkx as nx

from kennismakelaar.errors import Refused
from kennismakelaar.kinds import HELPERS, THEMED
from kennismakelaar.model import Edge, Node
from kennismakelaar.network.degrees import contacts
from kennismakelaar.network.groups import SMALLEST, Themes, typical
from kennismakelaar.network.measures import Measured, measure
from kennismakelaar.schema import schema

ROLES: Mapping[str, tuple[str, ...]] = {
    "within": ("brokerage-coordinator",),
    "others": ("brokerage-itinerant",),
    "across": ("brokerage-gatekeeper", "brokerage-representative"),
    "between": ("brokerage-liaison",),
}
"""The roles of Gould & Fernandez (1989) by domain, with those together that differ in direction only.

All three in one domain; two others of one other domain; one of its own domain and one of another; two other domains.
"""
KEY = (
    "density", "components", "path-length", "diameter", "mean-clustering", "small-world", "modularity",
    "community-stability", "degree-assortativity", "homophily",
)  # fmt: skip
"""Measures of a whole view that a report shows."""
ANSWERED = "beantwoord"
"""The status of a question that has its answer."""
CENTRAL = 3
"""Members that stand for their community."""


@dataclass(frozen=True)
class Broker:
    """Someone between others who have no tie."""

    id: str
    domain: str
    contacts: int
    total: int
    """Pairs that it stands between, among those with a domain."""
    roles: Mapping[str, int]
    """For each of ROLES how many of those pairs."""
    betweenness: float
    constraint: float | None
    domains: tuple[str, ...]
    """Of its contacts, the most frequent first."""


@dataclass(frozen=True)
class Community:
    """Records with more ties among each other than with others; ids, the busiest first."""

    number: int
    members: tuple[str, ...]
    themes: tuple[str, ...]
    """What its members are about more often than others, most telling first."""
    inside: float
    """The share of the ties of its members that stay inside."""


@dataclass(frozen=True)
class Heat:
    """How many records of each domain are about each theme; the busiest themes first."""

    themes: tuple[str, ...]
    domains: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    """A row for each theme, a column for each domain."""


@dataclass(frozen=True)
class Gap:
    """A theme with questions that have no answer yet, and how many could help."""

    theme: str
    questions: int
    helpers: int


def key_figures(graph: "nx.Graph[str]") -> tuple[Measured, ...]:
    """The measures of KEY that this view can have; a small one has no chance to be compared with."""
    found = []
    for name in KEY:
        with suppress(Refused):
            found.append(measure(graph, name))
    return tuple(found)


def brokers(graph: "nx.Graph[str]", limit: int = 10) -> tuple[Broker, ...]:
    """Who stands most often between others, by brokerage over domains and then by betweenness; only who does at all."""
    total, between = measure(graph, "brokerage").nodes, measure(graph, "betweenness").nodes
    constraint = measure(graph, "constraint").nodes
    roles = {name: [measure(graph, part).nodes for part in parts] for name, parts in ROLES.items()}
    ways = 1 if graph.is_directed() else 2  # without direction each pair counts twice
    order = sorted(graph, key=lambda id: (-total.get(id, 0), -between[id], id))
    return tuple(
        Broker(
            id,
            str(graph.nodes[id].get("domain", "")),
            len(contacts(graph, id)),
            int(total.get(id, 0)) // ways,
            {name: int(sum(found.get(id, 0) for found in parts)) // ways for name, parts in roles.items()},
            between[id],
            constraint.get(id),
            _domains(graph, id),
        )
        for id in order[:limit]
        if total.get(id, 0) or between[id]
    )


def _domains(graph: "nx.Graph[str]", id: str) -> tuple[str, ...]:
    counts = Counter(str(graph.nodes[other].get("domain", "")) for other in contacts(graph, id))
    del counts[""]
    return tuple(sorted(counts, key=lambda domain: (-counts[domain], domain)))


def communities(graph: "nx.Graph[str]", numbers: Mapping[str, int], themes: Themes) -> tuple[Community, ...]:
    """Those of SMALLEST members or more, the largest first, with what they are about.

    `numbers` has the community of each node.
    """
    members: dict[int, list[str]] = defaultdict(list)
    for id, number in numbers.items():
        members[number].append(id)
    found: list[Community] = []
    for number, ids in sorted(members.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        if len(ids) >= SMALLEST:
            busiest = sorted(ids, key=lambda id: (-len(contacts(graph, id)), id))
            found.append(Community(number, tuple(busiest), typical(ids, themes), _inside(graph, set(ids))))
    return tuple(found)


def _inside(graph: "nx.Graph[str]", ids: Collection[str]) -> float:
    touching = [(a in ids, b in ids) for a, b in graph.edges() if a in ids or b in ids]
    return sum(all(ends) for ends in touching) / max(len(touching), 1)


def degrees(graph: "nx.Graph[str]") -> tuple[tuple[int, int], ...]:
    """Each number of contacts that occurs, with how many records have it."""
    return tuple(sorted(Counter(len(contacts(graph, id)) for id in graph).items()))


def heat(nodes: Sequence[Node], edges: Sequence[Edge], limit: int = 15) -> Heat:
    """Over the whole graph, since a view has not all themes."""
    domains = tuple(schema().vocabularies["domain"])
    domain = {node.id: str(node.properties["domain"]) for node in nodes if "domain" in node.properties}
    counts: Counter[tuple[str, str]] = Counter()
    for source, theme in _about(nodes, edges):
        if source in domain:
            counts[theme, domain[source]] += 1
    totals = Counter(theme for theme, _ in counts.elements())
    themes = tuple(sorted(totals, key=lambda theme: (-totals[theme], theme))[:limit])
    return Heat(themes, domains, tuple(tuple(counts[theme, one] for one in domains) for theme in themes))


def _about(nodes: Sequence[Node], edges: Sequence[Edge]) -> list[tuple[str, str]]:
    """Each record with each theme it is about, once."""
    themes = {node.id for node in nodes if node.kind == "theme"}
    return sorted({(edge.source, edge.target) for edge in edges if edge.kind in THEMED and edge.target in themes})


def gaps(nodes: Sequence[Node], edges: Sequence[Edge], limit: int = 15) -> tuple[Gap, ...]:
    """Themes with more questions without an answer than helpers; first those with most questions for each helper."""
    kinds = {node.id: node.kind for node in nodes}
    answered = {node.id for node in nodes if node.properties.get("question_status") == ANSWERED}
    questions, helpers = Counter[str](), Counter[str]()
    for source, theme in _about(nodes, edges):
        questions[theme] += kinds[source] == "knowledge_question" and source not in answered
        helpers[theme] += kinds[source] in HELPERS
    found = [Gap(theme, count, helpers[theme]) for theme, count in questions.items() if count > helpers[theme]]
    return tuple(sorted(found, key=lambda gap: (-gap.questions / (gap.helpers + 1), -gap.questions, gap.theme))[:limit])
