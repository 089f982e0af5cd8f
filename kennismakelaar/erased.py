"""Who was erased does not come back: keyed hashes of ids and names, from which neither can be read."""

import hmac
import secrets
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from hashlib import sha256

from kennismakelaar.errors import Refused
from kennismakelaar.kinds import PERSON
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Edge, Node, Record
from kennismakelaar.store import RecordStore, held
from kennismakelaar.text import fold

KIND, KEY = "erased", "erased_key"
"""Of the records that hold a hash each, and of the one with the key."""


def marks(store: RecordStore, node: Node, now: datetime) -> list[Record]:
    """To write together with the erasing of a node."""
    key, records = _key(store)
    hashes = sorted(_hashes(key, node))
    there = {record.id for record in store.records(KIND)}
    return [*records, *(Record(KIND, h, {"at": now.date().isoformat()}) for h in hashes if h not in there)]


def refuse(store: RecordStore, nodes: Iterable[Node]) -> None:
    """Refused where one of the nodes is of someone who was erased."""
    for node in _barred(store, nodes):
        raise Refused(_("%(id)s: deze persoon is op verzoek gewist en komt niet terug in de graaf.", id=node.id))


def without(store: RecordStore, nodes: Collection[Node], edges: Collection[Edge]) -> tuple[list[Node], list[Edge], int]:
    """What may be written of a lot that comes from elsewhere, and how many people were passed over."""
    gone = {node.id for node in _barred(store, nodes)}
    kept = [edge for edge in edges if not {edge.source, edge.target} & gone]
    return [node for node in nodes if node.id not in gone], kept, len(gone)


def _barred(store: RecordStore, nodes: Iterable[Node]) -> Iterator[Node]:
    people = [node for node in nodes if node.kind == PERSON]
    known = {record.id for record in store.records(KIND)} if people else set()
    if known:
        key, _ = _key(store)
        yield from (node for node in people if _hashes(key, node) & known)


def _hashes(key: bytes, node: Node) -> set[str]:
    """Of the id, the names and the ORCID of a person."""
    known = {node.id, *(" ".join(fold(name).split()) for name in (node.name, *node.aliases)), node.text("orcid")} - {""}
    return {hmac.new(key, text.encode(), sha256).hexdigest() for text in known}


def _key(store: RecordStore) -> tuple[bytes, list[Record]]:
    """The key of this database, with the record to write where it is new."""
    if kept := held(store, KEY, KEY):
        return bytes.fromhex(kept.body["key"]), []
    key = secrets.token_bytes(32)
    return key, [Record(KEY, KEY, {"key": key.hex()})]
