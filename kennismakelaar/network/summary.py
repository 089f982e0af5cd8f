"""A picture of the network in plain Dutch sentences, each from its figures."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import networkx as nx

from kennismakelaar.network.groups import SMALLEST, Group
from kennismakelaar.network.measures import measure
from kennismakelaar.network.views import views
from kennismakelaar.schema import schema

FEW = 3
"""Names in a list of the most important."""
RARE = 0.01
"""A share of the shortest ways below which a position between others is not worth a sentence."""
HEAVY = 20_000_000
"""Nodes × ties beyond which all shortest ways take more than a second or two; a page does not wait for that."""
Names = Mapping[str, str]


def summary(graph: "nx.Graph[str]", groups: Sequence[Group], sizes: Sequence[int], names: Names) -> tuple[str, ...]:
    """How many, who connects most and why, which groups there are, and what stands alone.

    `groups` and `sizes` are of the communities, also the small ones in `sizes`. `names` has all records of the store by id: also those through which others are tied.
    """
    yielded = (
        _count(graph),
        _busiest(graph, names),
        _between(graph, names),
        _groups(sizes, groups, names),
        _alone(graph, names),
        _islands(graph),
    )
    return tuple(sentence for sentence in yielded if sentence)


def and_list(words: Iterable[str]) -> str:
    """a, b en c"""
    *first, last = words
    return f"{', '.join(first)} en {last}" if first else last


def capital(name: str) -> str:
    """As it stands at the start of a sentence."""
    return name[:1].upper() + name[1:]


def number(value: int) -> str:
    """With points for thousands."""
    return f"{value:,}".replace(",", ".")


def _count(graph: "nx.Graph[str]") -> str:
    kinds = Counter(kind for _, kind in graph.nodes(data="kind"))
    ties = graph.number_of_edges()
    tied = f"{number(ties) if ties else 'geen'} {'verbinding' if ties == 1 else 'verbindingen'}"
    if len(kinds) == 1:
        return f"U ziet {_kinds(kinds)} met {tied}."
    more = "vooral " if len(kinds) > FEW else ""
    return f"U ziet {number(len(graph))} records, {more}{_kinds(kinds)}, met {tied}."


def _kinds(kinds: Mapping[str, int]) -> str:
    """The most frequent, such as: 3 thema's en 1 organisatie."""
    most = sorted(kinds.items(), key=lambda kind: (-kind[1], kind[0]))[:FEW]
    labels = schema().nodes
    return and_list(
        f"{number(count)} {labels[kind].label['nl'] if count == 1 else labels[kind].plural['nl']}"
        for kind, count in most
    )


def _others(graph: "nx.Graph[str]", id: str) -> set[str]:
    return set(nx.all_neighbors(graph, id)) - {id}


def _busiest(graph: "nx.Graph[str]", names: Names) -> str:
    found = {id: len(_others(graph, id)) for id in graph}
    best = min(graph, key=lambda id: (-found[id], id))
    if not found[best]:
        return "Onderling hebben zij in dit beeld geen verbindingen." if len(graph) > 1 else ""
    said = f"{capital(names[best])} heeft de meeste verbindingen: met {number(found[best])} van de {number(len(graph) - 1)} andere."
    return f"{said} {_why(graph, best, names)}".rstrip()


def _why(graph: "nx.Graph[str]", id: str, names: Names) -> str:
    if views()[graph.graph["view"]].is_whole:
        kinds = Counter(graph.nodes[other]["kind"] for other in _others(graph, id))
        return f"{'Dat zijn vooral' if len(kinds) > FEW else 'Dat zijn'} {_kinds(kinds)}."
    ties = (tie for _, _, tie in nx.to_undirected(graph).edges(id, data=True))
    through = Counter(shared for tie in ties for shared in tie.get("through", ()))
    most = sorted(through.items(), key=lambda shared: (-shared[1], shared[0]))[:FEW]
    return f"Dat komt vooral door {and_list(names[shared] for shared, _ in most)}." if most else ""


def _between(graph: "nx.Graph[str]", names: Names) -> str:
    if len(graph) * graph.number_of_edges() > HEAVY:
        return ""
    measured = measure(graph, "betweenness")
    shares = measured.nodes
    best = min(shares, key=lambda id: (-shares[id], id))
    if shares[best] < RARE:
        return ""
    about = "" if measured.exact else "naar schatting "
    return (
        f"{capital(names[best])} verbindt het meest. Zoeken twee anderen elkaar langs de kortste weg, dan komen zij "
        f"{about}in {round(100 * shares[best])} van de 100 gevallen hier langs."
    )


def _groups(sizes: Sequence[int], groups: Sequence[Group], names: Names) -> str:
    count = sum(1 for size in sizes if size >= SMALLEST)
    if not count:
        return ""
    start = f"Wij zien {count} groepen" if count > 1 else "Wij zien één groep"
    told = [
        f"{group.label} ({group.size}) gaat vooral over {and_list(names[theme] for theme in group.themes)}"
        for group in groups[:FEW]
        if group.themes
    ]
    end = f" {capital('; '.join(told))}." if told else ""
    return f"{start} van {SMALLEST} of meer die onderling meer verbindingen hebben dan met de rest.{end}"


def _alone(graph: "nx.Graph[str]", names: Names) -> str:
    alone = sorted(nx.isolates(graph), key=lambda id: names[id].casefold())
    if not alone or len(alone) == len(graph):
        return ""
    if len(alone) <= FEW:
        return f"{capital(and_list(names[id] for id in alone))} {'staat' if len(alone) == 1 else 'staan'} los: zonder verbindingen in dit beeld."
    return f"{number(len(alone))} records staan los: zij hebben in dit beeld geen verbindingen. Voorbeelden zijn {and_list(names[id] for id in alone[:FEW])}."


def _islands(graph: "nx.Graph[str]") -> str:
    small = sum(1 for _ in _components(graph)) - 1
    if small < 1:
        return ""
    said = "is er één netwerkje dat" if small == 1 else f"zijn er {number(small)} kleine netwerkjes die"
    return f"Naast het grootste samenhangende deel {said} er niet mee verbonden {'is' if small == 1 else 'zijn'}."


def _components(graph: "nx.Graph[str]") -> Iterator[set[str]]:
    """Parts of at least two that hang together, whatever the direction of ties."""
    found = nx.weakly_connected_components(graph) if graph.is_directed() else nx.connected_components(graph)
    return (part for part in found if len(part) > 1)
