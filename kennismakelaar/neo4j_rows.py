"""Nodes and edges as Neo4j keeps them: kinds as labels and types, sources as lines that a person can read."""

import json
import math
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import astuple
from functools import cache
from typing import Any

from kennismakelaar.errors import SchemaError
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Edge, Entry, Node, Record, Source, Value, digest
from kennismakelaar.schema import schema

OURS = "_"
"""With this begin the properties of an entity that belong to the index."""
BAR = " | "
"""Between the fields of a source; a bar inside a field has a backslash before it."""


@cache
def labels() -> Mapping[str, str]:
    """The label of each kind of node: knowledge_question becomes KnowledgeQuestion."""
    return {kind: "".join(part.capitalize() for part in kind.split("_")) for kind in schema().nodes}


@cache
def types() -> Mapping[str, str]:
    """The relationship type of each kind of edge: located_in becomes LOCATED_IN."""
    return {kind: kind.upper() for kind in schema().edges}


def name_of(names: Mapping[str, str], kind: str) -> str:
    """The label or type of a kind; only what the schema knows gets into a statement."""
    if kind not in names:
        raise SchemaError(_("Soort %(kind)r bestaat niet. Kies uit %(options)s.", kind=kind, options=", ".join(names)))
    return names[kind]


def kinds_of(found: Iterable[str]) -> list[str]:
    """The kinds that these labels name; in a sound graph exactly one."""
    return [kind for kind, label in labels().items() if label in found]


def quoted(name: str) -> str:
    """A name as Cypher may have it, whatever is in it."""
    return "`" + name.replace("`", "``") + "`"


def node_properties(node: Node) -> dict[str, object]:
    """All that an entity carries, apart from its label and what the index adds."""
    return {
        **_lists(node.properties),
        "id": node.id,
        "name": node.name,
        "aliases": list(node.aliases),
        "sources": [write_source(s) for s in node.sources],
        "digest": digest(node),
    }


def edge_properties(edge: Edge) -> dict[str, object]:
    """All that a relationship carries, apart from its type and ends."""
    return {**_lists(edge.properties), "sources": [write_source(s) for s in edge.sources]}


def index_properties(entry: Entry, model: str) -> dict[str, object]:
    """What the index adds to an entity."""
    return {
        "_kind": entry.kind,
        "_index_digest": entry.digest,
        f"_model_{model}": entry.digest,
        "_words": " ".join(entry.words),
        "_grams": " ".join(entry.grams),
        "_passages": list(entry.passages),
        "id": entry.id,
    }


def sound_nodes(found: Iterable[str], properties: Mapping[str, Any]) -> list[Node]:
    """The node, or none where it has no kind that we know or no id: that is left to adopt()."""
    kinds = kinds_of(found) if isinstance(properties.get("id"), str) else []
    return [read_node(kind, properties) for kind in kinds[:1]]


def read_node(kind: str, properties: Mapping[str, Any]) -> Node:
    """The opposite of node_properties; takes what people wrote as well as it can."""
    rest = {key: value for key, value in properties.items() if not key.startswith(OURS) and value is not None}
    rest.pop("digest", None)
    return Node(
        rest.pop("id"), kind, str(rest.pop("name", "")), _texts(rest.pop("aliases", ())), _sources(rest), _values(rest)
    )


def read_edge(kind: str, source: str, target: str, properties: Mapping[str, Any]) -> Edge:
    """The opposite of edge_properties."""
    rest = dict(properties)
    return Edge(kind, source, target, _sources(rest), _values(rest))


def read_record(properties: Mapping[str, Any]) -> Record:
    """A paper of the desk; its body is JSON, which a person in Neo4j can read."""
    return Record(
        properties["kind"],
        properties["id"],
        json.loads(properties["body"]),
        tuple(properties["tags"]),
        properties["version"],
    )


def write_source(source: Source) -> str:
    """One readable line: document | chapter | known | section | note."""
    fields = [re.sub(r"([\\|])", r"\\\1", str(field)) for field in astuple(source)]
    while len(fields) > 3 and not fields[-1]:
        fields.pop()
    return BAR.join(fields)


def read_source(line: str) -> Source:
    """The opposite of write_source; fields that are missing are empty, what is too many belongs to the note."""
    fields = [re.sub(r"\\(.)", r"\1", field, flags=re.DOTALL) for field in line.split(BAR, 4)]
    return Source(*fields, *[""] * (3 - len(fields)))


def _sources(properties: dict[str, Any]) -> tuple[Source, ...]:
    return tuple(read_source(line) for line in _texts(properties.pop("sources", ())))


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, (list, tuple)) else (str(value),)


def _lists(properties: Mapping[str, Value]) -> dict[str, object]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in properties.items()}


def _values(properties: Mapping[str, Any]) -> dict[str, Value]:
    """Dates, points and what else Cypher has become text."""
    lists = {key: _texts(value) for key, value in properties.items() if isinstance(value, list)}
    single = {
        key: value if isinstance(value, (str, int, float)) else str(value)
        for key, value in properties.items()
        if key not in lists
    }
    return single | lists


def correction(n: int, total: int) -> float:
    """The weight of a term in BM25, never below a millionth, as a share of its weight in Lucene."""
    odds = (total - n + 0.5) / (n + 0.5)
    return max(math.log(odds), 1e-6) / math.log1p(odds)


def phrase(term: str) -> str:
    """A term as Lucene takes it literally: between quotation marks nothing else has a meaning."""
    escaped = re.sub(r'([\\"])', r"\\\1", term)
    return f'"{escaped}"'


def unique(ids: Collection[str] | None) -> list[str] | None:
    """Each once, in order."""
    return None if ids is None else sorted(set(ids))
