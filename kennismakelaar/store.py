"""What may be asked of a graph database. Both stores pass tests/test_store.py."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Protocol, TypeVar, runtime_checkable

from kennismakelaar.errors import Conflict, NotFound
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Change, Edge, Entry, Node, Record, Vector

T = TypeVar("T")
Ranking = list[tuple[str, float]]
"""Ids with a score, best first; equal scores in order of id."""
TRIES = 20
"""Times that something is done anew when others change the same records at that moment."""


def changed_meanwhile(record: Record) -> Conflict:
    """What both stores say of a record that was changed after it was read."""
    return Conflict(
        _(
            "%(kind)s %(id)s is intussen door iemand anders veranderd. Lees het opnieuw en doe uw stap nog eens.",
            kind=record.kind,
            id=record.id,
        )
    )


def insisted(act: Callable[[], T]) -> T:
    """What `act` gives, done anew as long as someone else changes the same records; Conflict where that does not end."""
    for _try in range(TRIES):
        try:
            return act()
        except Conflict:
            continue
    raise Conflict(_("Het is nu erg druk. Probeer het over een minuut nog eens."))


def batches(things: Iterable[T], size: int) -> Iterator[list[T]]:
    """In lists of this size, such as fit in one transaction."""
    waiting = iter(things)
    while batch := list(islice(waiting, size)):
        yield batch


class Readable(Protocol):
    """A graph that can be read as a whole."""

    def nodes(self) -> Iterator[Node]:
        """In order of id."""

    def edges(self) -> Iterator[Edge]:
        """In order of source, kind, target."""

    def revision(self) -> int:
        """Higher after every change of the graph."""


class GraphStore(Protocol):
    """The graph itself."""

    def put(self, nodes: Iterable[Node], edges: Iterable[Edge]) -> None:
        """Write all or nothing; what has the same id (or kind, source and target) is replaced.

        NotFound where an edge ends at a node that does not exist.
        """

    def get(self, id: str) -> Node:
        """The node, or NotFound."""

    def nodes(self, kind: str | None = None, ids: Collection[str] | None = None) -> Iterator[Node]:
        """In order of id; unknown ids are passed over."""

    def edges(self, ids: Collection[str] | None = None) -> Iterator[Edge]:
        """Those that touch one of the ids, in order of source, kind, target."""

    def size(self) -> int:
        """The number of nodes."""

    def changed(self, since: int) -> Iterator[Node]:
        """At least those that were written after this revision, in order of id."""

    def leaving(self, ids: Collection[str]) -> Iterator[Edge]:
        """Those that start at one of the ids, in the same order."""

    def degrees(self, ids: Collection[str]) -> Mapping[str, int]:
        """How many edges touch each of the ids; those without are left out."""

    def delete(self, id: str) -> None:
        """The node, its edges and its place in the index; NotFound where there is none."""

    def purge(self) -> None:
        """Leave nothing in files of what was deleted, as far as the database can; safe to repeat."""

    def revision(self) -> int:
        """Higher after every change of the graph."""

    def verify(self) -> list[str]:
        """What the database itself finds wrong, or others wrote in it that is not taken in; a sentence each. Changes nothing."""

    def close(self) -> None:
        """Let go of files and connections."""


class CandidateIndex(Protocol):
    """What only the database can do fast at size. Terms come from text.py, vectors from encode.py."""

    def outdated(self, model: str) -> Iterator[Node]:
        """Nodes that changed since they were indexed with this model, in order of id."""

    def index(self, model: str, entries: Iterable[Entry]) -> None:
        """Write all or nothing; replaces what the index had of these nodes."""

    def models(self) -> Mapping[str, int]:
        """For each model the number of nodes it has been used on."""

    def lexical(self, field: str, terms: Sequence[str], limit: int, kinds: Collection[str] = ()) -> Ranking:
        """BM25 (k1 1.2, b .75) over the 'words' or the 'grams' of a node."""

    def nearest(self, model: str, vector: Vector, limit: int, kinds: Collection[str] = ()) -> Ranking:
        """Nodes by the cosine of their best passage."""

    def cosines(self, model: str, vector: Vector, ids: Collection[str]) -> Mapping[str, Vector]:
        """The cosine of every passage of these nodes, in the order of the passages."""

    def frequencies(self, terms: Collection[str]) -> Mapping[str, int]:
        """In how many nodes each term stands among the words; terms that stand nowhere are left out."""

    def entries(self, ids: Collection[str]) -> Mapping[str, Entry]:
        """What the index has of these nodes, without vectors and grams."""


class RecordStore(Protocol):
    """The papers of the desk, kept beside the graph in the same database."""

    def record(self, kind: str, id: str) -> Record:
        """The record, or NotFound."""

    def records(self, kind: str | None = None, tag: str | None = None) -> Iterator[Record]:
        """Those of a kind that carry the tag, in order of kind and id."""

    def write(self, change: Change) -> None:
        """All or nothing. Conflict where a record is not at the version it was read at, unless it says the same.

        Each record written goes up one version. What is to go and is not there is passed over; a node takes its
        edges and its place in the index along.
        """


def held(store: RecordStore, kind: str, id: str) -> Record | None:
    """The record, or None where there is none."""
    try:
        return store.record(kind, id)
    except NotFound:
        return None


class Store(GraphStore, CandidateIndex, RecordStore, Protocol):
    """A database that is all three."""


@runtime_checkable
class SharedStore(Store, Protocol):
    """A database on a server, which others look after and write in as well."""

    def plan(self, vectors: Mapping[str, int]) -> list[str]:
        """The statements that prepare() would run; `vectors` gives the dimensions of each model in use."""

    def prepare(self, vectors: Mapping[str, int]) -> list[str]:
        """Make the constraints and indexes that are missing; what was run."""

    def adopt(self) -> list[str]:
        """Take in what others wrote, so that outdated() has it; sentences about what cannot be."""
