"""A picture of the network in plain sentences, each from its figures."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import networkx as nx

from kennismakelaar.language import capital, ngettext, number, said
from kennismakelaar.language import gettext as _
from kennismakelaar.network.degrees import contacts
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
    return _("%(words)s en %(last)s", words=", ".join(first), last=last) if first else last


def _count(graph: "nx.Graph[str]") -> str:
    kinds = Counter(kind for _id, kind in graph.nodes(data="kind"))
    ties = graph.number_of_edges()
    many = ngettext("%(count)s verbinding", "%(count)s verbindingen", ties, count=number(ties))
    tied = many if ties else _("geen verbindingen")
    if len(kinds) == 1:
        return _("U ziet %(kinds)s met %(ties)s.", kinds=_kinds(kinds), ties=tied)
    values = {"count": number(len(graph)), "kinds": _kinds(kinds), "ties": tied}
    if len(kinds) > FEW:
        return _("U ziet %(count)s records, vooral %(kinds)s, met %(ties)s.", **values)
    return _("U ziet %(count)s records, %(kinds)s, met %(ties)s.", **values)


def _kinds(kinds: Mapping[str, int]) -> str:
    """The most frequent, such as: 3 thema's en 1 organisatie."""
    most = sorted(kinds.items(), key=lambda kind: (-kind[1], kind[0]))[:FEW]
    labels = schema().nodes
    return and_list(
        f"{number(count)} {said(labels[kind].label if count == 1 else labels[kind].plural)}" for kind, count in most
    )


def _busiest(graph: "nx.Graph[str]", names: Names) -> str:
    found = {id: len(contacts(graph, id)) for id in graph}
    best = min(graph, key=lambda id: (-found[id], id))
    if not found[best]:
        return _("Onderling hebben zij in dit beeld geen verbindingen.") if len(graph) > 1 else ""
    told = _(
        "%(name)s heeft de meeste verbindingen: met %(count)s van de %(others)s andere.",
        name=capital(names[best]),
        count=number(found[best]),
        others=number(len(graph) - 1),
    )
    return f"{told} {_why(graph, best, names)}".rstrip()


def _why(graph: "nx.Graph[str]", id: str, names: Names) -> str:
    if views()[graph.graph["view"]].is_whole:
        kinds = Counter(graph.nodes[other]["kind"] for other in contacts(graph, id))
        if len(kinds) > FEW:
            return _("Dat zijn vooral %(kinds)s.", kinds=_kinds(kinds))
        return _("Dat zijn %(kinds)s.", kinds=_kinds(kinds))
    ties = [tie for *_ends, tie in nx.to_undirected(graph).edges(id, data=True)]
    through = Counter(shared for tie in ties for shared in tie.get("through", ()))
    most = [names[shared] for shared, _count in sorted(through.items(), key=lambda one: (-one[1], one[0]))[:FEW]]
    return _("Dat komt vooral door %(names)s.", names=and_list(most)) if most else ""


def _between(graph: "nx.Graph[str]", names: Names) -> str:
    if len(graph) * graph.number_of_edges() > HEAVY:
        return ""
    measured = measure(graph, "betweenness")
    shares = measured.nodes
    best = min(shares, key=lambda id: (-shares[id], id))
    if shares[best] < RARE:
        return ""
    values = {"name": capital(names[best]), "share": round(100 * shares[best])}
    if measured.exact:
        return _(
            "%(name)s verbindt het meest. Zoeken twee anderen elkaar langs de kortste weg, dan komen zij "
            "in %(share)s van de 100 gevallen hier langs.",
            **values,
        )
    return _(
        "%(name)s verbindt het meest. Zoeken twee anderen elkaar langs de kortste weg, dan komen zij "
        "naar schatting in %(share)s van de 100 gevallen hier langs.",
        **values,
    )


def _groups(sizes: Sequence[int], groups: Sequence[Group], names: Names) -> str:
    count = sum(1 for size in sizes if size >= SMALLEST)
    if not count:
        return ""
    start = ngettext(
        "Wij zien één groep van %(smallest)s of meer die onderling meer verbindingen hebben dan met de rest.",
        "Wij zien %(num)s groepen van %(smallest)s of meer die onderling meer verbindingen hebben dan met de rest.",
        count,
        smallest=SMALLEST,
    )
    about = [
        _(
            "%(group)s (%(size)s) gaat vooral over %(themes)s",
            group=group.label,
            size=group.size,
            themes=and_list(names[theme] for theme in group.themes),
        )
        for group in groups[:FEW]
        if group.themes
    ]
    return f"{start} {capital('; '.join(about))}." if about else start


def _alone(graph: "nx.Graph[str]", names: Names) -> str:
    alone = sorted(nx.isolates(graph), key=lambda id: names[id].casefold())
    if not alone or len(alone) == len(graph):
        return ""
    named = and_list(names[id] for id in alone[:FEW])
    if len(alone) <= FEW:
        return ngettext(
            "%(names)s staat los: zonder verbindingen in dit beeld.",
            "%(names)s staan los: zonder verbindingen in dit beeld.",
            len(alone),
            names=capital(named),
        )
    return _(
        "%(count)s records staan los: zij hebben in dit beeld geen verbindingen. Voorbeelden zijn %(names)s.",
        count=number(len(alone)),
        names=named,
    )


def _islands(graph: "nx.Graph[str]") -> str:
    small = sum(1 for part in _components(graph)) - 1
    if small < 1:
        return ""
    return ngettext(
        "Naast het grootste samenhangende deel is er één netwerkje dat er niet mee verbonden is.",
        "Naast het grootste samenhangende deel zijn er %(count)s kleine netwerkjes die er niet mee verbonden zijn.",
        small,
        count=number(small),
    )


def _components(graph: "nx.Graph[str]") -> Iterator[set[str]]:
    """Parts of at least two that hang together, whatever the direction of ties."""
    found = nx.weakly_connected_components(graph) if graph.is_directed() else nx.connected_components(graph)
    return (part for part in found if len(part) > 1)
