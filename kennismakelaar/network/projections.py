"""A view of the graph as a networkx graph, with all attributes."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from itertools import combinations
from typing import Any

import networkx as nx

from kennismakelaar import text
from kennismakelaar.config import Settings
from kennismakelaar.database import open_store
from kennismakelaar.errors import NotFound, Refused
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Edge, Node, Source
from kennismakelaar.network.views import View, views
from kennismakelaar.schema import schema
from kennismakelaar.store import Readable

ACTORS = ("initiative", "organisation", "person", "programme")
"""Kinds that do something, somewhere; a scope of place or domain speaks of these."""
HUB = 150
"""Ties through a record that more records than this share say little, and there would be thousands of them."""
GRAPHS: Mapping[str, type["nx.Graph[str]"]] = {
    "graph": nx.Graph,
    "digraph": nx.DiGraph,
    "multidigraph": nx.MultiDiGraph,
}


@dataclass(frozen=True)
class Scope:
    """Which part of a view is wanted; empty fields leave nothing out."""

    around: str = ""
    """Id of a record; only what can be reached from it in `depth` ties, whatever their direction."""
    depth: int = 1
    since: int | None = None
    until: int | None = None
    """Years. Out falls what is known to have ended before or begun after; without a year a record stays."""
    place: str = ""
    """Id or name. Out fall actors that are not in it; of what cannot be in a place stays what has a tie to who is."""
    domain: str = ""
    """As place, for a domain of the vocabulary."""


WHOLE = Scope()


@dataclass
class Tie:
    """What ties two records in a view."""

    weight: float = 0.0
    through: list[str] = field(default_factory=list)
    direct: list[str] = field(default_factory=list)


Ties = dict[tuple[str, str], Tie]


def project(view: str, store: Readable | None = None, scope: Scope = WHOLE) -> "nx.Graph[str]":
    """A named view of the graph: a Graph, DiGraph or MultiDiGraph, as graph_schema/views.yaml says.

    Nodes carry `kind`, `name`, `aliases`, `sources` (lists of short texts) and the properties of the record; lists
    stay lists, and what is absent is absent. Edges carry `kind` and `weight`. A relation (full, ego) weighs 1, and has
    its `sources` and properties. A tie of a view has `through`, the ids of what both ends share, and `direct`, the
    kinds of relation between them. It weighs one for each direct relation, and 1 / (k - 1) for each record that k
    records of the view share (Newman, 2001, Scientific collaboration networks II, Physical Review E 64, 016132), so
    that in views of one kind the strength of a node counts the records it shares with others.

    The graph carries `view`, `label` (nl, en), `revision` of the store, `scope` (a dict), and `hubs`: ids of records
    that more than HUB others share, through which no ties were made. Nodes and edges are in order of id; nodes without
    ties stay. Without a store the database of the settings is read. Refused where the view does not exist or comes
    out empty; NotFound where `around` is unknown.
    """
    chosen = views().get(view)
    if chosen is None:
        raise Refused(_("Beeld %(view)r bestaat niet. Kies uit: %(known)s.", view=view, known=", ".join(views())))
    if store is not None:
        return _project(chosen, store, scope)
    settings = Settings.from_env()
    with closing(open_store(settings.database, settings)) as opened:
        return _project(chosen, opened, scope)


def _project(view: View, store: Readable, scope: Scope) -> "nx.Graph[str]":
    _check(view, scope)
    revision = store.revision()
    nodes = {node.id: node for node in store.nodes()}
    edges = list(store.edges())
    kept = _in_scope(view, nodes, edges, scope)
    relations = [e for e in edges if e.source in kept and e.target in kept] if view.is_whole else []
    ties, hubs = _ties(view, nodes, edges, kept)
    if scope.around:
        kept = _around(kept, [*((e.source, e.target) for e in relations), *ties], scope)
    if not kept:
        raise Refused(
            _("In het beeld %(name)r staat met deze keuze niets. Kies ruimer, of vul de graaf eerst.", name=view.name)
        )
    attributes = {"view": view.name, "label": dict(view.label), "revision": revision, "scope": asdict(scope)}
    graph = GRAPHS[view.graph](**attributes, hubs=hubs)
    graph.add_nodes_from((id, _node_attributes(nodes[id])) for id in sorted(kept))
    _add_edges(graph, view, [e for e in relations if e.source in kept and e.target in kept], ties)
    return graph


def _check(view: View, scope: Scope) -> None:
    if view.needs_around and not scope.around:
        raise Refused(
            _("Het beeld %(name)r toont wat om één record heen ligt. Geef het id van dat record.", name=view.name)
        )
    if scope.depth < 0:
        raise Refused(_("Een diepte van %(depth)s kan niet. Geef 0 of meer stappen.", depth=scope.depth))
    if scope.since is not None and scope.until is not None and scope.since > scope.until:
        raise Refused(
            _("De periode loopt van %(since)s tot %(until)s. Draai de jaren om.", since=scope.since, until=scope.until)
        )
    domains = schema().vocabularies["domain"]
    if scope.domain and scope.domain not in domains:
        raise Refused(
            _("Domein %(domain)r bestaat niet. Kies uit: %(known)s.", domain=scope.domain, known=", ".join(domains))
        )


def _in_scope(view: View, nodes: Mapping[str, Node], edges: Sequence[Edge], scope: Scope) -> set[str]:
    """Actors that a test of the scope speaks of must pass; of the rest stays what has a tie to one that passes."""
    kept = {id for id, node in nodes.items() if node.kind in view.kinds and _is_in_period(node, scope)}
    tests = list(_tests(nodes, edges, scope))
    if not tests:
        return kept
    tested = {kind for kinds, _ in tests for kind in kinds if kind in ACTORS}
    passing = {
        id
        for id, node in nodes.items()
        if node.kind in tested and all(id in passed for kinds, passed in tests if node.kind in kinds)
    }
    tied = {e.target for e in edges if e.source in passing} | {e.source for e in edges if e.target in passing}
    return {id for id in kept if id in (passing if nodes[id].kind in tested else tied)}


def _tests(
    nodes: Mapping[str, Node], edges: Sequence[Edge], scope: Scope
) -> Iterator[tuple[Collection[str], Collection[str]]]:
    """For place and domain: the kinds that can have one, and the records that have the one wanted."""
    if scope.place:
        inside = _inside(_place(nodes.values(), scope.place), edges)
        there = {e.source for e in edges if e.kind == "located_in" and e.target in inside}
        yield schema().edges["located_in"].source, there
    if scope.domain:
        capable = {kind.name for kind in schema().nodes.values() if "domain" in kind.properties}
        yield capable, {id for id, node in nodes.items() if node.properties.get("domain") == scope.domain}


def _is_in_period(node: Node, scope: Scope) -> bool:
    first = node.properties.get("year", node.properties.get("start"))
    last = node.properties.get("year", node.properties.get("end"))
    begins_late = scope.until is not None and isinstance(first, int) and first > scope.until
    return not begins_late and not (scope.since is not None and isinstance(last, int) and last < scope.since)


def _place(nodes: Iterable[Node], name: str) -> str:
    places = [node for node in nodes if node.kind == "place"]
    wanted = text.tokens(name)
    exact = [p.id for p in places if p.id == name or text.tokens(p.name) == wanted]
    found = exact or [p.id for p in places if any(text.tokens(alias) == wanted for alias in p.aliases)]
    if not found:
        raise Refused(
            _("Plaats %(name)r kennen wij niet. Controleer de spelling of noem de gemeente of provincie.", name=name)
        )
    if len(found) > 1:
        raise Refused(
            _(
                "Er zijn meer plaatsen die %(name)r heten: %(known)s. Kies een daarvan.",
                name=name,
                known=", ".join(found),
            )
        )
    return found[0]


def _inside(place: str, edges: Iterable[Edge]) -> set[str]:
    """The place and all that is part of it."""
    parts = defaultdict(set)
    for edge in edges:
        if edge.kind == "part_of":
            parts[edge.target].add(edge.source)
    return _reach({place}, parts, len(parts) + 1)


def _reach(start: set[str], neighbours: Mapping[str, Collection[str]], steps: int) -> set[str]:
    """What can be reached in so many steps; the start is part of it."""
    found, edge = set(start), set(start)
    while edge and steps > 0:
        edge = {other for id in edge for other in neighbours.get(id, ())} - found
        found |= edge
        steps -= 1
    return found


def _around(kept: set[str], pairs: Iterable[tuple[str, str]], scope: Scope) -> set[str]:
    if scope.around not in kept:
        raise NotFound(
            _(
                "Record %(around)r staat niet in dit beeld. Controleer het id, of kies een ander beeld.",
                around=scope.around,
            )
        )
    neighbours = defaultdict(set)
    for a, b in pairs:
        neighbours[a].add(b)
        neighbours[b].add(a)
    return _reach({scope.around}, neighbours, scope.depth)


def _ties(view: View, nodes: Mapping[str, Node], edges: Sequence[Edge], kept: set[str]) -> tuple[Ties, list[str]]:
    """Of a view that makes its own ties: each pair once, from source to target; and the hubs that were passed over."""
    ties: Ties = defaultdict(Tie)
    for edge in edges:
        if edge.kind in view.direct:
            for pair in _pairs(view, nodes, {edge.source, edge.target} & kept):
                ties[pair].weight += 1.0
                ties[pair].direct.append(edge.kind)
    hubs = []
    for shared, members in sorted(_members(view, nodes, edges, kept).items()):
        if len(members) > HUB:
            hubs.append(shared)
            continue
        for pair in _pairs(view, nodes, members):
            ties[pair].weight += 1 / (len(members) - 1)
            ties[pair].through.append(shared)
    return dict(ties), hubs


def _members(
    view: View, nodes: Mapping[str, Node], edges: Iterable[Edge], kept: Collection[str]
) -> Mapping[str, set[str]]:
    """For each record of the kinds in `through` the records of the view that it may tie."""
    members = defaultdict(set)
    for edge in edges:
        if edge.kind in view.by:
            for shared, member in ((edge.target, edge.source), (edge.source, edge.target)):
                if nodes[shared].kind in view.through and member in kept:
                    members[shared].add(member)
    return members


def _pairs(view: View, nodes: Mapping[str, Node], members: Collection[str]) -> Iterator[tuple[str, str]]:
    for a, b in combinations(sorted(members), 2):
        if nodes[a].kind in view.source and nodes[b].kind in view.target:
            yield a, b
        elif nodes[b].kind in view.source and nodes[a].kind in view.target:
            yield b, a


def _add_edges(graph: "nx.Graph[str]", view: View, relations: Iterable[Edge], ties: Ties) -> None:
    for edge in sorted(relations, key=lambda e: (e.source, e.target, e.kind)):
        graph.add_edge(edge.source, edge.target, key=edge.kind, **_edge_attributes(edge))
    for (a, b), tie in sorted(ties.items()):
        if a in graph and b in graph:
            direct = sorted(tie.direct)
            graph.add_edge(a, b, kind=view.tie["name"], weight=tie.weight, through=sorted(tie.through), direct=direct)


def _node_attributes(node: Node) -> dict[str, Any]:
    fixed = {"kind": node.kind, "name": node.name, "aliases": list(node.aliases), "sources": _short(node.sources)}
    return {**_lists(node.properties), **fixed}


def _edge_attributes(edge: Edge) -> dict[str, Any]:
    return {**_lists(edge.properties), "kind": edge.kind, "weight": 1.0, "sources": _short(edge.sources)}


def _short(sources: Iterable[Source]) -> list[str]:
    return [", ".join(part for part in (s.document, s.chapter, s.section) if part) for s in sources]


def _lists(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {k: list(v) if isinstance(v, tuple) else v for k, v in properties.items()}
