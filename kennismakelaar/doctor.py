"""Is all well with a database: what is wrong, what deserves a look, and mending what no person has to decide."""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from kennismakelaar import index, resolve
from kennismakelaar.desk import capacity, cases, contact
from kennismakelaar.encode import Encoder, Progress
from kennismakelaar.model import Edge, Node
from kennismakelaar.schema import schema
from kennismakelaar.store import SharedStore, Store

FREE = 500 * 2**20
"""Bytes of a disk below which it is time to make room: a backup or an index of a large graph takes hundreds of MB."""
SHOWN = 3
"""Ids that a sentence names."""


def check(store: Store, encoder: Encoder) -> list[str]:
    """What is wrong with graph, index and papers, a sentence each. Changes nothing."""
    return [*_unsound(store), *_not_ready(store, encoder), *_orphans(store)]


def mend(store: Store, encoder: Encoder, progress: Progress = lambda done: None) -> list[str]:
    """Take in what others wrote and index what changed; what is still wrong, since only a person can decide it."""
    if isinstance(store, SharedStore):
        store.adopt()
        store.prepare({encoder.id: encoder.dimensions})
    index.refresh(store, encoder, progress)
    return check(store, encoder)


def notes(store: Store, encoder: Encoder, database: str) -> list[str]:
    """What is not wrong and deserves a look: nodes by themselves, vectors of another model, a disk that fills up."""
    return [*_lonely(store), *_other_models(store, encoder), *_little_room(database)]


def _unsound(store: Store) -> Iterator[str]:
    """Nodes and edges that do not follow their kind, or name a source that is not there."""
    kinds = {node.id: node.kind for node in store.nodes()}
    for node in store.nodes():
        yield from _wrong(node, node.id, kinds)
    for edge in store.edges():
        yield from _wrong(edge, f"{edge.source} {edge.kind} {edge.target}", kinds)


def _wrong(thing: Node | Edge, name: str, kinds: Mapping[str, str]) -> Iterator[str]:
    if said := schema().refusal(thing, kinds):
        yield said
    for document in dict.fromkeys(source.document for source in thing.sources):
        if kinds.get(document) != "publication":
            yield f"{name}: bron {document!r} is geen publicatie in de graaf. Voeg die toe."


def _not_ready(store: Store, encoder: Encoder) -> Iterator[str]:
    """What the database itself finds wrong, and what cannot be found by searching yet."""
    missing = len(store.plan({encoder.id: encoder.dimensions})) if isinstance(store, SharedStore) else 0
    if missing:
        yield f"Er ontbreken {missing} regels of zoekindexen in de database."
    yield from store.verify()
    waiting = [node.id for node in store.outdated(encoder.id)]
    if waiting:
        yield f"Nog niet doorzoekbaar met {encoder.id}: {len(waiting)} records, zoals {waiting[0]}."


def _orphans(store: Store) -> Iterator[str]:
    """Papers about what is not there any more."""
    nodes = {node.id for node in store.nodes()}
    there, merged = ({record.id for record in store.records(kind)} for kind in (cases.KIND, resolve.REDIRECT))
    for record in store.records(contact.KIND):
        sort, _, id = record.id.partition("/")
        if sort == contact.CASE and id not in there:
            yield f"Er zijn contactgegevens bij zaak {id}, maar die zaak is er niet."
    for record in store.records(capacity.KIND):
        if gone := sorted({*record.body["cases"]} - there):
            yield f"{record.body['helper']} is gevraagd voor zaken die er niet zijn: {_some(gone)}."
    for record in store.records(resolve.REDIRECT):
        if record.body["to"] not in nodes | merged:
            yield f"Het adres van {record.id} leidt naar {record.body['to']}, maar dat is er niet."


def tied(edges: Iterable[Edge]) -> set[str]:
    """Ids of what has a relation."""
    return {end for edge in edges for end in (edge.source, edge.target)}


def _lonely(store: Store) -> Iterator[str]:
    with_relations = tied(store.edges())
    alone = sorted(node.id for node in store.nodes() if node.id not in with_relations)
    if alone:
        yield f"Zonder een enkele relatie: {len(alone)} records, zoals {_some(alone)}. Weet u waar zij bij horen?"


def _other_models(store: Store, encoder: Encoder) -> Iterator[str]:
    for model, number in store.models().items():
        if model != encoder.id:
            yield f"Er staan nog {number} vectoren van een ander taalmodel ({model}). Dat kost alleen ruimte."


def _little_room(database: str) -> Iterator[str]:
    """Of a file on this machine; a server looks after itself."""
    if not database.startswith("sqlite:///"):
        return
    folder = Path(database.removeprefix("sqlite:///")).absolute().parent
    free = shutil.disk_usage(folder).free
    if free < FREE:
        yield f"Op de schijf van {folder} is nog {free // 2**20} MB vrij. Maak ruimte voordat schrijven niet meer lukt."


def _some(ids: list[str]) -> str:
    return ", ".join(ids[:SHOWN]) + (" en meer" if len(ids) > SHOWN else "")
