"""A copy of a graph as other people's lists have it: typing errors, abbreviations, other words first, less text."""

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from kennismakelaar.model import Edge, Node

SHORTER = (("gemeente ", "gem. "), ("Stichting ", "St. "), ("Ministerie van ", "min. "), ("Universiteit ", "Univ. "))
COPY = "kopie-"


def noisy(nodes: Iterable[Node], edges: Iterable[Edge], seed: int) -> tuple[list[Node], list[Edge]]:
    """Each node once more with another id and a name that was written by someone else, and half of its relations."""
    dice = random.Random(seed)
    copies = [_copy(node, dice) for node in nodes]
    made = {copy.id.removeprefix(COPY) for copy in copies}
    halves = [edge for edge in edges if dice.random() < 0.5]
    return copies, [copy for edge in halves for copy in _edge(edge, made)]


def _copy(node: Node, dice: random.Random) -> Node:
    name = node.name
    for change in dice.sample(CHANGES, dice.choice((1, 1, 2))):
        name = change(name, dice)
    words = node.text("summary").split()
    share = dice.choice((0.2, 0.7))
    kept = [word for word in words if dice.random() < share] or words[:1]
    properties = {**node.properties, "summary": " ".join(kept)}
    if dice.random() < 0.8:
        properties.pop("website", None)
    return replace(node, id=COPY + node.id, name=name, aliases=(), properties=properties)


def _typo(name: str, dice: random.Random) -> str:
    if len(name) < 5:
        return name
    at = dice.randrange(1, len(name) - 2)
    return dice.choice(
        (
            name[:at] + name[at + 1 :],
            name[:at] + name[at] + name[at:],
            name[:at] + name[at + 1] + name[at] + name[at + 2 :],
        )
    )


def _shorter(name: str, dice: random.Random) -> str:
    for long, short in SHORTER:
        if long in name:
            return name.replace(long, short)
    return name.upper()


def _turned(name: str, dice: random.Random) -> str:
    words = name.split()
    at = dice.randrange(len(words))
    return " ".join((*words[at:], *words[:at]))


def _legal(name: str, dice: random.Random) -> str:
    return f"{dice.choice(('Stichting', 'Vereniging', 'Coöperatie'))} {name}"


def _bare(name: str, dice: random.Random) -> str:
    return re.sub(r"[^\w ]", " ", name).replace("  ", " ")


CHANGES = (_typo, _typo, _shorter, _turned, _legal, _bare)


def _edge(edge: Edge, made: set[str]) -> Sequence[Edge]:
    source = COPY + edge.source if edge.source in made else edge.source
    target = COPY + edge.target if edge.target in made and edge.source not in made else edge.target
    return (replace(edge, source=source, target=target),) if (source, target) != (edge.source, edge.target) else ()
