"""A whole database from one store to another, compared afterwards."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Protocol

from kennismakelaar.encode import Progress
from kennismakelaar.errors import Refused, StoreError
from kennismakelaar.model import Change, Edge, Node, Record, digest
from kennismakelaar.store import Store, batches

Thing = Node | Edge | Record
BATCH = 1_000
"""Nodes or edges that are written in one transaction."""
MODULUS = 2**128
"""Of the sum of digests, which are numbers of 128 bits."""


class Original(Protocol):
    """What can be copied: a store, or a backup of one."""

    def nodes(self) -> Iterator[Node]:
        """In order of id."""

    def edges(self) -> Iterator[Edge]:
        """In order of source, kind, target."""

    def records(self) -> Iterator[Record]:
        """In order of kind and id."""


@dataclass(frozen=True)
class Tally:
    """How many there are of a kind, and a checksum of their content that does not depend on the order."""

    count: int = 0
    checksum: int = 0

    def with_one(self, thing: Thing) -> "Tally":
        """A sum, because with exclusive-or two of the same would be none."""
        return Tally(self.count + 1, (self.checksum + int(_digest(thing), 16)) % MODULUS)


def tallies(store: Original) -> dict[str, Tally]:
    """For each kind of node, edge and record that the store has, in order of name."""
    found: dict[str, Tally] = defaultdict(Tally)
    for thing in _everything(store):
        found[thing.kind] = found[thing.kind].with_one(thing)
    return dict(sorted(found.items()))


def copy(source: Original, target: Store, progress: Progress = lambda done: None) -> dict[str, Tally]:
    """Write all of the source into the target, in batches, and compare; what both have now.

    Safe to repeat, also after it was broken off. Deletes nothing: Refused where the target has something else.
    """
    _refuse_others(source, target)
    for nodes in batches(source.nodes(), BATCH):
        target.put(nodes, [])
        progress(len(nodes))
    for edges in batches(source.edges(), BATCH):
        target.put([], edges)
        progress(len(edges))
    _copy_records(source, target, progress)
    wanted, written = tallies(source), tallies(target)
    if wanted != written:
        kinds = [kind for kind in sorted({*wanted, *written}) if wanted.get(kind) != written.get(kind)]
        raise StoreError(
            f"De kopie is niet gelijk aan het origineel bij: {', '.join(kinds)}. Misschien veranderde er intussen "
            "iets. Doe het nog eens; dat kan geen kwaad."
        )
    return written


def _digest(thing: Thing) -> str:
    """Of a record without its version, which is another one in a copy."""
    if not isinstance(thing, Record):
        return digest(thing)
    text = json.dumps(thing.body, sort_keys=True, ensure_ascii=False)
    return digest(Node(thing.id, thing.kind, text, tuple(sorted(thing.tags))))


def _copy_records(source: Original, target: Store, progress: Progress) -> None:
    for kind, records in groupby(source.records(), lambda record: record.kind):
        there = {record.id: record.version for record in target.records(kind)}
        copies = (replace(record, version=there.get(record.id, 0)) for record in records)
        for batch in batches(copies, BATCH):
            target.write(Change(records=batch))
            progress(len(batch))


def _refuse_others(source: Original, target: Store) -> None:
    others = sorted({_key(thing) for thing in _everything(target)} - {_key(thing) for thing in _everything(source)})
    if others:
        raise Refused(
            f"Het doel heeft al {len(others)} records of relaties die niet in het origineel staan, zoals "
            f"{' '.join(others[0])}. Kies een lege database."
        )


def _key(thing: Thing) -> tuple[str, ...]:
    if isinstance(thing, Edge):
        return (thing.source, thing.kind, thing.target)
    return (thing.id,) if isinstance(thing, Node) else (thing.kind, thing.id)


def _everything(store: Original) -> Iterator[Thing]:
    yield from store.nodes()
    yield from store.edges()
    yield from store.records()
