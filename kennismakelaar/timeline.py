"""What happened when: the years that records tell, newest first, and how many there are of each."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kennismakelaar.alphabet import order
from kennismakelaar.model import Node
from kennismakelaar.schema import schema

SPAN = 25
"""Years that have a bar of their own; what came before shares one."""


@dataclass(frozen=True)
class Event:
    """A year that a record tells; `what` is the name of that property, such as start. No more, since all are kept."""

    year: int
    what: str
    id: str
    kind: str
    name: str


@dataclass(frozen=True)
class Bar:
    """How many events a year has; with `and_before`, all years up to that one."""

    year: int
    count: int
    and_before: bool = False


def events(nodes: Iterable[Node]) -> list[Event]:
    """Every property of the type year, newest first and then by name."""
    found = [
        Event(int(str(node.properties[name])), name, node.id, node.kind, node.name)
        for node in nodes
        for name, rule in schema().nodes[node.kind].properties.items()
        if rule.type == "year" and name in node.properties
    ]
    return sorted(found, key=lambda event: (-event.year, order(event.name), event.id, event.what))


def bars(found: Sequence[Event]) -> tuple[Bar, ...]:
    """One for each year up to the newest, also for a year without events; oldest first."""
    if not found:
        return ()
    counts = Counter(event.year for event in found)
    first = max(min(counts), max(counts) - SPAN + 1)
    before = sum(count for year, count in counts.items() if year < first)
    recent = tuple(Bar(year, counts[year]) for year in range(first, max(counts) + 1))
    return (Bar(first - 1, before, True), *recent) if before else recent
