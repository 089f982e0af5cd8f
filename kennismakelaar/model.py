"""What the graph is made of, and what an answer looks like."""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from kennismakelaar import language

Vector = npt.NDArray[np.float32]
Value = str | int | float | tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """Where a record comes from: a publication, the place in it, and how it is known."""

    document: str
    chapter: str
    known: str
    section: str = ""
    note: str = ""


@dataclass(frozen=True)
class Node:
    """Anything a broker knows about; `kind` is a file of graph_schema/nodes/."""

    id: str
    kind: str
    name: str
    aliases: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    properties: Mapping[str, Value] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A property as text; empty where it is absent."""
        value = self.properties.get(name, "")
        return ", ".join(value) if isinstance(value, tuple) else str(value)

    def told(self, name: str) -> str:
        """A property in the language that is spoken, where the record has it in that language; else as it is."""
        return self.text(f"{name}_{language.current()}") or self.text(name)

    def texts(self, name: str) -> tuple[str, ...]:
        """A property that lists texts; empty where it is absent."""
        value = self.properties.get(name, ())
        return value if isinstance(value, tuple) else (str(value),)


@dataclass(frozen=True)
class Edge:
    """A relation between two nodes; `kind` is a file of graph_schema/edges/."""

    kind: str
    source: str
    target: str
    sources: tuple[Source, ...] = ()
    properties: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Record:
    """A paper of the desk: a case, a consent, a letter, a change of the graph. Never part of what is published."""

    kind: str
    id: str
    body: Mapping[str, Any]
    """What JSON can hold."""
    tags: tuple[str, ...] = ()
    """What it can be found by, such as 'state:nieuw'."""
    version: int = 0
    """As it was read; 0 for a new one."""


@dataclass(frozen=True)
class Change:
    """What is written together or not at all; first what goes, then nodes, edges and records."""

    nodes: Iterable[Node] = ()
    edges: Iterable[Edge] = ()
    records: Iterable[Record] = ()
    gone_nodes: Iterable[str] = ()
    gone_edges: Iterable[tuple[str, str, str]] = ()
    """Kind, source and target of each."""
    gone_records: Iterable[tuple[str, str]] = ()
    """Kind and id of each."""


@dataclass(frozen=True)
class Entry:
    """What the index keeps of a node: its analysed words, its passages and their vectors."""

    id: str
    kind: str
    digest: str
    words: tuple[str, ...]
    grams: tuple[str, ...]
    passages: tuple[str, ...]
    vectors: npt.NDArray[np.float32]
    """Shape (passages, dimensions), unit length; (0, 0) without an encoder."""


@dataclass(frozen=True)
class Reason:
    """One signal's share in a score: the points and the sentence come from the same place."""

    signal: str
    points: float
    text: str
    source: str = ""
    link: str = ""


@dataclass(frozen=True)
class Match:
    """A suggestion; `score` is the sum of the points, `chance` that it helps lies in 0 to 1."""

    id: str
    kind: str
    name: str
    summary: str
    score: float
    chance: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Answer:
    """What a question gets: matches, best first, or an honest 'no'."""

    question: str
    answered: bool
    matches: tuple[Match, ...]
    chance: float
    """The chance, 0 to 1, that something in the graph helps with this question."""
    advice: str
    """What the asker should read first: a helpline, a way onward, or nothing."""
    encoder: str
    notice: str = ""
    """What is not as it should be with this answer, such as words only because no language model runs."""


def as_json(thing: Node | Edge) -> dict[str, object]:
    """The flat form used in exports: the properties stand beside the fields."""
    record: dict[str, object] = {k: v for k, v in vars(thing).items() if k != "properties"}
    record["sources"] = tuple(dict(vars(source)) for source in thing.sources)  # asdict is six times as slow
    return record | {k: list(v) if isinstance(v, tuple) else v for k, v in thing.properties.items()}


def digest(thing: Node | Edge) -> str:
    """The same text for the same content, whatever the order of its properties."""
    text = json.dumps(as_json(thing), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def node_from(record: Mapping[str, Any]) -> Node:
    """The node of its flat form; the opposite of as_json."""
    rest = dict(record)
    return Node(
        rest.pop("id"),
        rest.pop("kind"),
        rest.pop("name"),
        tuple(rest.pop("aliases", ())),
        _sources(rest),
        _values(rest),
    )


def edge_from(record: Mapping[str, Any]) -> Edge:
    """The edge of its flat form; the opposite of as_json."""
    rest = dict(record)
    return Edge(rest.pop("kind"), rest.pop("source"), rest.pop("target"), _sources(rest), _values(rest))


def check_shape(thing: Node | Edge) -> None:
    """TypeError where a field holds what no record can hold; for what comes from a file, in which anything may stand."""
    names = (thing.id, thing.kind, thing.name, *thing.aliases) if isinstance(thing, Node) else astuple(thing)[:3]
    told = [value for source in thing.sources for value in astuple(source)]
    held = [one for value in thing.properties.values() for one in (value if isinstance(value, tuple) else (value,))]
    for value in (*names, *told, *thing.properties):
        if not isinstance(value, str):
            raise TypeError(f"{value!r} is geen tekst")
    for value in (*names, *told, *thing.properties, *held):
        if not isinstance(value, str | int | float) or (isinstance(value, float) and not math.isfinite(value)):
            raise TypeError(f"{value!r} is geen tekst en geen getal")
        if isinstance(value, str) and not value.isascii():
            value.encode()  # a half of a surrogate pair is no text; that is a ValueError


def _sources(record: dict[str, Any]) -> tuple[Source, ...]:
    return tuple(Source(**source) for source in record.pop("sources", ()))


def _values(record: Mapping[str, Any]) -> dict[str, Value]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in record.items()}
