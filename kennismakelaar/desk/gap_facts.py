"""What can be told of a gap: who asks, where, what is known, and who stands nearest to it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kennismakelaar import match, regions
from kennismakelaar.broker import Broker
from kennismakelaar.desk.cases import Case
from kennismakelaar.desk.gaps import NODE, Gap
from kennismakelaar.language import gettext as _
from kennismakelaar.language import marked, said
from kennismakelaar.model import Match, Node
from kennismakelaar.schema import schema
from kennismakelaar.text import LONGEST_QUESTION

VISITORS = marked("vragers op deze website")
FEW = 3
"""Matches and people that are shown."""


@dataclass(frozen=True)
class Asking:
    """Who asks, without anything about a person."""

    number: int
    roles: Mapping[str, int]
    """How many in each role, most first."""
    places: tuple[str, ...]
    """Names of towns and villages."""


@dataclass(frozen=True)
class Known:
    """What the graph has for it."""

    so_far: str
    answers: tuple[Node, ...]
    """Records that help answer it, as a source says."""
    matches: tuple[Match, ...]
    """The best of the others, though not good enough to be an answer."""
    experts: tuple[Match, ...]
    """People who stand nearest to it."""


def asking(broker: Broker, gap: Gap, asked: Sequence[Case]) -> Asking:
    """By cases and by what the graph says: the relation `asks`."""
    snapshot = broker.snapshot
    edges = snapshot.edges([gap.id])[gap.id]
    askers = snapshot.nodes([edge.source for edge in edges if edge.kind == "asks" and edge.target == gap.id])
    roles = Counter(_role(node) for node in askers.values())
    if asked:
        roles[_(VISITORS)] = len(asked)
    homes = [*(case.place for case in asked), *(regions.home(snapshot, id) for id in askers)]
    towns = {town.name for home in homes if (town := regions.town(snapshot, home))}
    return Asking(len(asked) + len(askers), dict(roles.most_common()), tuple(sorted(towns)))


def _role(node: Node) -> str:
    """As people call it: the type of an organisation, else its kind."""
    types = schema().vocabularies[rule.vocabulary] if (rule := schema().nodes[node.kind].properties.get("type")) else {}
    return said(types[node.text("type")] if node.text("type") in types else schema().nodes[node.kind].label)


def known(broker: Broker, gap: Gap) -> Known:
    """Matches whatever their chance, since nothing here is good enough; each with its reasons."""
    snapshot = broker.snapshot
    own = snapshot.nodes([gap.id]).get(gap.id)
    edges = snapshot.edges([gap.id])[gap.id] if own else ()
    answers = snapshot.nodes([edge.source for edge in edges if edge.kind == "answers" and edge.target == gap.id])
    shown = {gap.id, gap.record, *answers}
    return Known(
        own.text("known_so_far") if own and own.kind == NODE else "",
        tuple(answers.values()),
        _best(broker, gap, (), shown),
        _best(broker, gap, ("person",), set()),
    )


def _best(broker: Broker, gap: Gap, kinds: tuple[str, ...], without: set[str]) -> tuple[Match, ...]:
    ranked = broker.rank(broker.understand(gap.question[:LONGEST_QUESTION], kinds=kinds))
    found = [one for one in ranked if one.node.id not in without and (kinds or one.node.kind != "person")]
    return tuple(match.as_match(one, broker.weights, broker.snapshot) for one in found[:FEW])
