"""What has been read of the graph, kept in memory until the graph changes."""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from functools import cached_property
from typing import Any, TypeVar, cast

from kennismakelaar import text
from kennismakelaar.model import Edge, Entry, Node
from kennismakelaar.store import Store

T = TypeVar("T")
Phrase = tuple[str, ...]
LONGEST_NAME = 8
"""Words of a name that can be recognised in a question."""


class Snapshot:
    """Nodes, edges and index entries by id, and all names by their words. Belongs to one revision of the graph."""

    def __init__(self, store: Store, earlier: "Snapshot | None" = None) -> None:
        """Reads the names, or only those that changed since an earlier one; the rest comes when it is asked for."""
        self.revision = store.revision()
        if earlier and earlier.revision > self.revision:  # an older database was put in its place
            earlier = None
        self._store = store
        self._nodes: dict[str, Node] = {}
        self._edges: dict[str, tuple[Edge, ...]] = {}
        self._leaving: dict[str, tuple[Edge, ...]] = {}
        self._degrees: dict[str, int] = {}
        self._entries: dict[str, Entry] = {}
        self._made: dict[Hashable, Any] = {}
        self._names: dict[Phrase, tuple[str, ...]] = earlier._names if earlier else {}
        """Also of what is gone or has another name now."""
        for node in store.changed(earlier.revision) if earlier else store.nodes():
            for phrase in _phrases(node):
                held = self._names.get(phrase, ())
                if node.id not in held:
                    self._names[phrase] = (*held, node.id)
        self.size = store.size()

    def named(self, phrase: Phrase) -> set[str]:
        """Ids of what has a name of these stems."""
        return {id for id, node in self.nodes(self._names.get(phrase, ())).items() if phrase in _phrases(node)}

    def once(self, name: Hashable, make: Callable[[], T]) -> T:
        """What was made of this graph under this name, made now if it was not yet."""
        if name not in self._made:
            self._made[name] = make()
        return cast(T, self._made[name])

    @cached_property
    def place_names(self) -> list[str]:
        """Of all places, in order of id; read once, since every page with a form shows them."""
        return [node.name for node in self._store.nodes("place")]

    def nodes(self, ids: Collection[str]) -> Mapping[str, Node]:
        """Those that exist."""
        missing = [id for id in ids if id not in self._nodes]
        if missing:
            self._nodes |= {node.id: node for node in self._store.nodes(ids=missing)}
        return {id: self._nodes[id] for id in ids if id in self._nodes}

    def node(self, id: str) -> Node:
        """The node, or NotFound."""
        return self.nodes([id]).get(id) or self._store.get(id)

    def entries(self, ids: Collection[str]) -> Mapping[str, Entry]:
        """Those that are indexed."""
        missing = [id for id in ids if id not in self._entries]
        if missing:
            self._entries |= self._store.entries(missing)
        return {id: self._entries[id] for id in ids if id in self._entries}

    def edges(self, ids: Iterable[str]) -> Mapping[str, tuple[Edge, ...]]:
        """The edges that touch each of the ids."""
        wanted = list(ids)
        missing = {id for id in wanted if id not in self._edges}
        if missing:
            touching: dict[str, list[Edge]] = {id: [] for id in missing}
            for edge in self._store.edges(missing):
                for end in {edge.source, edge.target} & missing:
                    touching[end].append(edge)
            self._edges |= {id: tuple(edges) for id, edges in touching.items()}
        return {id: self._edges[id] for id in wanted}

    def leaving(self, ids: Iterable[str]) -> Mapping[str, tuple[Edge, ...]]:
        """The edges that start at each of the ids; of a theme those are few, and the others thousands."""
        wanted = list(ids)
        missing = {id for id in wanted if id not in self._leaving}
        if missing:
            starting: dict[str, list[Edge]] = {id: [] for id in missing}
            for edge in self._store.leaving(missing):
                starting[edge.source].append(edge)
            self._leaving |= {id: tuple(edges) for id, edges in starting.items()}
        return {id: self._leaving[id] for id in wanted}

    def degrees(self, ids: Iterable[str]) -> Mapping[str, int]:
        """How many edges touch each of the ids."""
        wanted = list(ids)
        missing = {id for id in wanted if id not in self._degrees}
        if missing:
            self._degrees |= dict.fromkeys(missing, 0) | dict(self._store.degrees(missing))
        return {id: self._degrees[id] for id in wanted}

    def lies_in(self, place: str) -> list[str]:
        """The place and all it is part of, nearest first."""
        found: list[str] = []
        waiting = [place]
        while waiting:
            id = waiting.pop(0)
            if id not in found:
                found.append(id)
                waiting += [e.target for e in self.leaving([id])[id] if e.kind == "part_of"]
        return found

    def mentions(self, question: str) -> dict[str, str]:
        """Ids of what the question names, with the words it uses; the longest name wins."""
        words = text.tokens(question)
        stems = [text.stem(word) for word in words]
        found: dict[str, str] = {}
        start = 0
        while start < len(words):
            length = next(
                (
                    n
                    for n in range(min(LONGEST_NAME, len(words) - start), 0, -1)
                    if not _is_empty(words[start : start + n]) and self.named(tuple(stems[start : start + n]))
                ),
                0,
            )
            for id in self.named(tuple(stems[start : start + length])):
                found.setdefault(id, " ".join(words[start : start + length]))
            start += max(length, 1)
        return found


def _is_empty(words: list[str]) -> bool:
    return all(word in text.STOP_WORDS or len(word) < 2 for word in words)


def _phrases(node: Node) -> set[Phrase]:
    """The stems of each of its names that a question may mention."""
    names = (node.name, *node.aliases, *node.texts("citizen_words"))
    phrases = {tuple(text.stem(word) for word in text.tokens(name)) for name in names}
    return {phrase for phrase in phrases if 0 < len(phrase) <= LONGEST_NAME}
