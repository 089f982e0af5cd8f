"""A whole graph from one store to another, and whether a graph is sound."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby, islice
from typing import Protocol, TypeVar

from kennismakelaar import index
from kennismakelaar.encode import Encoder, Progress
from kennismakelaar.errors import Refused, SchemaError, StoreError
from kennismakelaar.model import Change, Edge, Node, Record, digest
from kennismakelaar.schema import schema
from kennismakelaar.store import SharedStore, Store

T = TypeVar("T")
Thing = Node | Edge | Record
BATCH = 1_000
"""Nodes or edges that are written in one transaction."""
MODULUS = 2**128
"""Of the sum of digests, which are numbers of 128 bits."""


class Readable(Protocol):
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


def tallies(store: Readable) -> dict[str, Tally]:
    """For each kind of node, edge and record that the store has, in order of name."""
    found: dict[str, Tally] = defaultdict(Tally)
    for thing in _everything(store):
        found[thing.kind] = found[thing.kind].with_one(thing)
    return dict(sorted(found.items()))


def copy(source: Readable, target: Store, progress: Progress = lambda done: None) -> dict[str, Tally]:
    """Write all of the source into the target, in batches, and compare; what both have now.

    Safe to repeat, also after it was broken off. Deletes nothing: Refused where the target has something else.
    """
    _refuse_others(source, target)
    for nodes in _batches(source.nodes()):
        target.put(nodes, [])
        progress(len(nodes))
    for edges in _batches(source.edges()):
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


def _copy_records(source: Readable, target: Store, progress: Progress) -> None:
    for kind, records in groupby(source.records(), lambda record: record.kind):
        there = {record.id: record.version for record in target.records(kind)}
        for batch in _batches(replace(record, version=there.get(record.id, 0)) for record in records):
            target.write(Change(records=batch))
            progress(len(batch))


def _refuse_others(source: Readable, target: Store) -> None:
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


def _everything(store: Readable) -> Iterator[Thing]:
    yield from _things(store)
    yield from store.records()


def _things(store: Readable) -> Iterator[Node | Edge]:
    yield from store.nodes()
    yield from store.edges()


def _batches(things: Iterable[T]) -> Iterator[list[T]]:
    waiting = iter(things)
    while batch := list(islice(waiting, BATCH)):
        yield batch


def check(store: Store, encoder: Encoder) -> list[str]:
    """What is wrong with the graph or its index, a sentence each. Changes nothing."""
    kinds = {node.id: node.kind for node in store.nodes()}
    found = [sentence for thing in _things(store) for sentence in _wrong(thing, kinds)]
    if isinstance(store, SharedStore):
        missing = len(store.plan({encoder.id: encoder.dimensions}))
        found += [f"Er ontbreken {missing} regels of zoekindexen in de database."] if missing else []
    found += store.verify()
    waiting = [node.id for node in store.outdated(encoder.id)]
    if waiting:
        found.append(f"Nog niet doorzoekbaar met {encoder.id}: {len(waiting)} records, zoals {waiting[0]}.")
    return found


def _wrong(thing: Node | Edge, kinds: Mapping[str, str]) -> Iterator[str]:
    try:
        if isinstance(thing, Node):
            schema().check(thing)
        else:
            schema().check_edge(thing, kinds)
    except SchemaError as error:
        yield str(error)
    for document in dict.fromkeys(source.document for source in thing.sources):
        if kinds.get(document) != "publication":
            yield f"{' '.join(_key(thing))}: bron {document!r} is geen publicatie in de graaf. Voeg die toe."


def mend(store: Store, encoder: Encoder, progress: Progress = lambda done: None) -> list[str]:
    """Take in what others wrote and index what changed; what is still wrong, since only a person can decide it."""
    if isinstance(store, SharedStore):
        store.adopt()
        store.prepare({encoder.id: encoder.dimensions})
    index.refresh(store, encoder, progress)
    return check(store, encoder)
