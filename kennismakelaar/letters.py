"""Names in the order of the alphabet, and the letter that each stands under."""

from collections.abc import Iterable
from dataclasses import dataclass

from kennismakelaar.model import Node
from kennismakelaar.text import fold

NO_LETTER = "0-9"
"""What does not begin with a letter stands under this."""


@dataclass(frozen=True)
class Name:
    """A name or an alias, and the record that it is of."""

    name: str
    node: Node

    @property
    def is_alias(self) -> bool:
        """Is it another name than the one of the record?"""
        return self.name != self.node.name


def order(name: str) -> str:
    """What a name is sorted by: without accents, capitals and signs before it."""
    return fold(name).lstrip("‘'’\"“ ")


def letter(name: str) -> str:
    """The letter that a name stands under."""
    first = order(name)[:1]
    return first if first.isalpha() else NO_LETTER


def names(nodes: Iterable[Node]) -> list[Name]:
    """Every name and alias, in order."""
    found = [Name(name, node) for node in nodes for name in dict.fromkeys((node.name, *node.aliases))]
    return sorted(found, key=lambda each: (order(each.name), each.node.id))
