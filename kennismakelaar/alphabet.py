"""Names in the order of the alphabet, and the letter that each stands under."""

from collections.abc import Iterable
from dataclasses import dataclass

from kennismakelaar.model import Node
from kennismakelaar.text import fold

NO_LETTER = "0-9"
"""What does not begin with a letter stands under this."""


@dataclass(frozen=True)
class Name:
    """A name or an alias as it is `said`, with the record that it is of; no more, since all are kept in memory."""

    said: str
    is_alias: bool
    id: str
    kind: str
    name: str


def order(name: str) -> str:
    """What a name is sorted by: without accents, capitals and signs before it."""
    return fold(name).lstrip("‘'’\"“ ")


def letter(name: str) -> str:
    """The letter that a name stands under."""
    return _first(order(name))


def names(nodes: Iterable[Node]) -> dict[str, list[Name]]:
    """Every name and alias in order, by letter; what has none comes first."""
    found = [
        (order(said), node.id, Name(said, said != node.name, node.id, node.kind, node.name))
        for node in nodes
        for said in dict.fromkeys((node.name, *node.aliases))
    ]
    letters: dict[str, list[Name]] = {}
    for key, _, name in sorted(found, key=lambda each: each[:2]):
        letters.setdefault(_first(key), []).append(name)
    return {first: letters[first] for first in sorted(letters)}


def _first(key: str) -> str:
    return key[:1] if key[:1].isalpha() else NO_LETTER
