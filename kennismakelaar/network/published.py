"""The graph as it may leave the house."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from kennismakelaar.errors import Conflict, NotFound
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Change, Edge, Node, Record
from kennismakelaar.network import pseudonyms
from kennismakelaar.store import RecordStore, Store

KEY = ("research", "pseudonym-key")
"""Kind and id of the record that holds the secret behind pseudonyms."""


@dataclass(frozen=True)
class Published:
    """A graph as it leaves the house, in memory."""

    records: tuple[Node, ...]
    relations: tuple[Edge, ...]
    number: int
    has_pseudonyms: bool
    """Do people stand in it under a pseudonym?"""

    @property
    def last_day(self) -> str:
        """On which a record was verified, such as 2026-11-25; empty where none was."""
        return max((str(node.properties.get("verified_on", "")) for node in self.records), default="")

    def nodes(self) -> Iterator[Node]:
        """See Readable."""
        return iter(self.records)

    def edges(self) -> Iterator[Edge]:
        """See Readable."""
        return iter(self.relations)

    def revision(self) -> int:
        """See Readable."""
        return self.number


def read(store: Store, with_persons: bool = False) -> Published:
    """With people under pseudonyms unless asked; Conflict where the graph changed meanwhile."""
    secret = b"" if with_persons else _secret(store)
    revision = store.revision()
    nodes, edges = list(store.nodes()), list(store.edges())
    if store.revision() != revision:
        raise Conflict(_("De graaf veranderde terwijl hij werd gelezen. Doe het nog eens."))
    if with_persons:
        return Published(tuple(nodes), tuple(edges), revision, False)
    return Published(*pseudonyms.published(nodes, edges, pseudonyms.make(nodes, edges, secret)), revision, True)


def _secret(store: RecordStore) -> bytes:
    """Made at the first package and kept with the papers of the desk, so that nobody can work out who is who."""
    try:
        kept = store.record(*KEY)
    except NotFound:
        kept = Record(*KEY, {"secret": secrets.token_hex(32)})
        store.write(Change(records=[kept]))
    return bytes.fromhex(kept.body["secret"])
