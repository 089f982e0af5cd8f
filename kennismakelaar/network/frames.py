"""A graph as two tables, one of nodes and one of edges, with what each column holds: the same for every format."""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import networkx as nx

Attributes = Mapping[str, Any]
NODE_WORDS = ("id", "label", "pid")
EDGE_WORDS = ("id", "label", "key", "source", "target", "networkx_key")
"""Words that a format or its readers keep for themselves."""
FIRST = ("kind", "name", "weight")
"""Columns that come before the others, which are in order of name."""
LARGEST = 2**63
"""An integer in GEXF and GraphML has 64 bits."""
UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 (section 2.2) cannot hold."""


@dataclass(frozen=True)
class Column:
    """A column of all files of a view. `type`: text, texts, integer, number, boolean, or json for what is mixed."""

    name: str
    attribute: str
    type: str


@dataclass(frozen=True)
class Frame:
    """A view ready to be written; beside the columns a node has `id`, and an edge `source` and `target`."""

    graph: "nx.Graph[str]"
    node_columns: tuple[Column, ...]
    edge_columns: tuple[Column, ...]

    @property
    def view(self) -> str:
        """The name of the view."""
        return str(self.graph.graph.get("view", "graph"))

    def nodes(self) -> Iterator[tuple[str, Attributes]]:
        """In order of id."""
        for id in sorted(self.graph):
            yield id, self.graph.nodes[id]

    def edges(self) -> Iterator[tuple[str, str, Attributes]]:
        """In order of source, target and kind; where a tie has no direction, the first id in the alphabet is source."""
        pairs = ((a, b, values) for a, b, values in self.graph.edges(data=True))
        if not self.graph.is_directed():
            pairs = ((min(a, b), max(a, b), values) for a, b, values in pairs)
        yield from sorted(pairs, key=lambda edge: (edge[0], edge[1], str(edge[2].get("kind", ""))))


def frame(graph: "nx.Graph[str]") -> Frame:
    """The tables of a graph, with the attributes that occur in it as columns."""
    edges = (values for _, _, values in graph.edges(data=True))
    return Frame(
        graph,
        _columns((values for _, values in graph.nodes(data=True)), NODE_WORDS),
        _columns(edges, EDGE_WORDS),
    )


def values(columns: Iterable[Column], attributes: Attributes) -> Iterator[tuple[Column, Any]]:
    """What there is in a row; what is absent is left out."""
    for column in columns:
        value = attributes.get(column.attribute)
        if not _is_absent(value):
            yield column, value


def cell(column: Column, value: object) -> str:
    """A value as text, the same in every format: a list is a JSON array, and an empty text has quotation marks.

    Without those it would be read as absent. A text of nothing but quotation marks gets a pair more.
    """
    match column.type:
        case "text":
            text = clean(str(value))
            return text if text.strip('"') else f'"{text}"'
        case "texts" | "json":
            return json.dumps(cleaned(value), ensure_ascii=False, sort_keys=True)
        case "boolean":
            return str(value).lower()
    return repr(value)


def clean(text: str) -> str:
    """Without characters that XML cannot hold; the sign of an unknown character stands in their place."""
    return text if text.isprintable() else UNWRITABLE.sub("\ufffd", text)


def cleaned(value: Any) -> Any:
    """As clean, for lists and mappings as well."""
    match value:
        case str():
            return clean(value)
        case list() | tuple():
            return [cleaned(item) for item in value]
        case dict():
            return {clean(str(key)): cleaned(item) for key, item in value.items()}
    return value


def column_name(attribute: str, words: Iterable[str]) -> str:
    """The attribute, or with an underscore more where its name is kept for something else; id_ becomes id__."""
    return f"{attribute}_" if attribute.rstrip("_") in words else attribute


def _columns(rows: Iterable[Attributes], words: Iterable[str]) -> tuple[Column, ...]:
    kinds: dict[str, set[str]] = {}
    for row in rows:
        for attribute, value in row.items():
            if not _is_absent(value):
                kinds.setdefault(attribute, set()).add(_kind(value))
    found = [Column(column_name(name, words), name, _type(found)) for name, found in kinds.items()]
    return tuple(sorted(found, key=_place))


def _place(column: Column) -> tuple[int, str]:
    return (FIRST.index(column.name), "") if column.name in FIRST else (len(FIRST), column.name)


def _is_absent(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _kind(value: object) -> str:
    match value:
        case bool():
            return "boolean"
        case int():
            return "integer" if -LARGEST <= value < LARGEST else "json"
        case float():
            return "number" if math.isfinite(value) else "json"
        case str():
            return "text"
        case list() | tuple() if all(isinstance(item, str) for item in value):
            return "texts"
    return "json"


def _type(kinds: set[str]) -> str:
    if kinds == {"integer", "number"}:
        return "number"
    return next(iter(kinds)) if len(kinds) == 1 else "json"
