"""Which part of the network someone wants to see, and the graph of just that."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

import networkx as nx

from kennismakelaar import text
from kennismakelaar.errors import NotFound, Refused
from kennismakelaar.kinds import THEMED
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Edge, Node
from kennismakelaar.network.measures import measures
from kennismakelaar.network.projections import WHOLE, Scope, project
from kennismakelaar.schema import schema
from kennismakelaar.store import Readable

MOST_NODES, MOST_TIES = 5_000, 30_000
"""What a browser draws without faltering; of more, those with the most ties are shown."""
COLOURS = ("community", "kind", "domain")
CLOSE = 5
"""Names that are suggested where one is not unique."""


@dataclass(frozen=True)
class Choice:
    """Around, place and theme may be ids or names; empty leaves nothing out."""

    view: str = "organisations"
    kinds: tuple[str, ...] = ()
    theme: str = ""
    scope: Scope = WHOLE
    size: str = "degree"
    """The measure that a node is drawn as large as."""
    colour: str = "community"


def sizes() -> tuple[str, ...]:
    """Measures that a size can show: a number for each node."""
    return tuple(name for name, one in measures().items() if one.scope == "node" and not one.codes and name != GROUPS)


GROUPS = "communities"
"""The measure that says who belongs together."""


def checked(choice: Choice, graph: Readable) -> Choice:
    """The choice with ids for names; Refused or NotFound where something in it does not exist."""
    for said, known, what in (
        (choice.size, sizes(), _("Maat")),
        (choice.colour, COLOURS, _("Kleur")),
        *((kind, schema().nodes, _("Soort")) for kind in choice.kinds),
    ):
        if said not in known:
            raise Refused(
                _("%(what)s %(said)r bestaat niet. Kies uit: %(known)s.", what=what, said=said, known=", ".join(known))
            )
    around = choice.scope.around and record(graph.nodes(), choice.scope.around)
    themes = (node for node in graph.nodes() if node.kind == "theme")
    theme = choice.theme and record(themes, choice.theme)
    return replace(choice, theme=theme, scope=replace(choice.scope, around=around))


def record(nodes: Iterable[Node], wanted: str) -> str:
    """The id of the record with this id, name or alias; NotFound or Refused where there is not just one."""
    asked, found = text.same_name(wanted), list[str]()
    for node in nodes:
        if node.id == wanted:
            return node.id
        if asked in map(text.same_name, (node.name, *node.aliases)):
            found.append(node.id)
    if not found:
        raise NotFound(
            _("%(wanted)r kennen wij niet. Controleer de spelling, of zoek het op bij ‘Bladeren’.", wanted=wanted)
        )
    if len(found) > 1:
        raise Refused(
            _(
                "Er zijn meer records die %(wanted)r heten: %(known)s. Vul een daarvan in.",
                wanted=wanted,
                known=", ".join(found[:CLOSE]),
            )
        )
    return found[0]


def chosen(choice: Choice, graph: Readable) -> tuple["nx.Graph[str]", int]:
    """The graph of a checked choice, and how many records were left out because there are too many to draw.

    Refused where nothing is left.
    """
    whole = project(choice.view, graph, choice.scope)
    kept = set(whole)
    if choice.kinds:
        kept = {id for id in kept if whole.nodes[id]["kind"] in choice.kinds or id == choice.scope.around}
    if choice.theme:
        kept &= _about(choice.theme, graph.edges()) | {choice.scope.around}
    if not kept:
        raise Refused(
            _("Met deze keuze blijft er niets over. Kies minder tegelijk: haal een soort, thema of plaats weg.")
        )
    part = whole if len(kept) == len(whole) else whole.subgraph(kept).copy()
    if len(part) <= MOST_NODES and part.number_of_edges() <= MOST_TIES:
        return part, 0
    drawn = _busiest(part, choice.scope.around)
    return part.subgraph(drawn).copy(), len(part) - len(drawn)


def _about(theme: str, edges: Iterable[Edge]) -> set[str]:
    return {theme} | {edge.source for edge in edges if edge.kind in THEMED and edge.target == theme}


def _busiest(graph: "nx.Graph[str]", around: str) -> list[str]:
    """As many of those with the most ties as may be drawn; what it is all around comes first."""
    order = sorted(graph, key=lambda id: (id != around, -graph.degree(id), id))
    place = {id: number for number, id in enumerate(order)}
    ties = Counter(max(place[a], place[b]) for a, b in graph.edges())
    count = sum(ties[number] for number in range(min(len(order), MOST_NODES)))
    drawn = order[:MOST_NODES]
    while count > MOST_TIES:
        count -= ties[len(drawn) - 1]
        drawn.pop()
    return drawn
