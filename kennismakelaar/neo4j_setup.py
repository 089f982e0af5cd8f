"""What the graph looks like in Neo4j: labels, properties, constraints, indexes, and taking in what people changed."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import astuple
from functools import cache
from typing import Any

from kennismakelaar.errors import SchemaError
from kennismakelaar.model import Edge, Node, Source, Value, digest
from kennismakelaar.schema import schema

Run = Callable[..., list[Any]]
"""Takes a statement and its values as keywords, gives the rows."""
ENTITY, PASSAGE, META, OF = "Entity", "Passage", "Meta", "OF"
"""Every node of the graph is an Entity too; the other three belong to the index and the bookkeeping."""
INDEXES = {"words": "entity_words", "grams": "entity_grams"}
"""The full-text index of each field that can be searched."""
OURS = "_"
"""With this begin the properties of an entity that belong to the index."""
BAR = " | "
"""Between the fields of a source; a bar inside a field has a backslash before it."""
ALL = "n{.*, _words: null, _grams: null, _passages: null}"
"""What is read of a node: not the bulk that belongs to the index."""
COUNT_UP = f"MERGE (m:{META} {{key: 'revision'}}) SET m.value = coalesce(m.value, 0) + 1"
"""First in every change of the graph: its lock makes writers queue, so that they cannot deadlock."""
BATCH = 1_000
"""Nodes that are given a new digest in one transaction."""
CONSTRAINTS = {
    "entity_id": f"(n:{ENTITY}) REQUIRE n.id IS UNIQUE",
    "passage_place": f"(n:{PASSAGE}) REQUIRE (n.id, n.n) IS UNIQUE",
    "meta_key": f"(n:{META}) REQUIRE n.key IS UNIQUE",
}


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
        raise SchemaError(f"Soort {kind!r} bestaat niet. Kies uit {', '.join(names)}.")
    return names[kind]


def kinds_of(found: Iterable[str]) -> list[str]:
    """The kinds that these labels name; in a sound graph exactly one."""
    return [kind for kind, label in labels().items() if label in found]


def quoted(name: str) -> str:
    """A name as Cypher may have it, whatever is in it."""
    return "`" + name.replace("`", "``") + "`"


def vector_name(model: str) -> str:
    """The index of a model, and the property of a passage that it is on."""
    return f"vector_{model}"


def statements(vectors: Mapping[str, int]) -> dict[str, str]:
    """By name, what makes each constraint and index; `vectors` gives the dimensions of each model."""
    made = {name: f"CREATE CONSTRAINT {name} IF NOT EXISTS FOR {rule}" for name, rule in CONSTRAINTS.items()}
    for kind, label in labels().items():
        made[f"{kind}_name"] = f"CREATE INDEX {kind}_name IF NOT EXISTS FOR (n:{label}) ON (n.name)"
    for field, name in INDEXES.items():
        made[name] = (
            f"CREATE FULLTEXT INDEX {name} IF NOT EXISTS FOR (n:{ENTITY}) ON EACH [n._{field}, n._kind] "
            "OPTIONS {indexConfig: {`fulltext.analyzer`: 'whitespace'}}"
        )
    return made | {vector_name(model): _vector_index(model, size) for model, size in vectors.items() if size}


def _vector_index(model: str, dimensions: int) -> str:
    """Without quantisation: that is for graphs far larger than these, and puts scores off by a hundredth."""
    name = quoted(vector_name(model))
    return (
        f"CREATE VECTOR INDEX {name} IF NOT EXISTS FOR (p:{PASSAGE}) ON (p.{name}) OPTIONS {{indexConfig: {{"
        f"`vector.dimensions`: {dimensions:d}, `vector.similarity_function`: 'cosine', "
        "`vector.quantization.enabled`: false}}"
    )


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


def sound_nodes(found: Iterable[str], properties: Mapping[str, Any]) -> list[Node]:
    """The node, or none where it has no kind that we know or no id: that is left to adopt()."""
    kinds = kinds_of(found) if isinstance(properties.get("id"), str) else []
    return [read_node(kind, properties) for kind in kinds[:1]]


def edge_properties(edge: Edge) -> dict[str, object]:
    """All that a relationship carries, apart from its type and ends."""
    return {**_lists(edge.properties), "sources": [write_source(s) for s in edge.sources]}


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


def adopt(read: Run, change: Run) -> list[str]:
    """Take in what was changed directly in Neo4j: afterwards it is outdated for the index, and seen by all readers.

    What cannot be taken in stays as it is and is told, a sentence each.
    """
    kinds = list(labels().values())
    change(f"""MATCH (n:{"|".join(kinds)}) WHERE NOT n:{ENTITY} AND n.id IS :: STRING NOT NULL
        WITH n.id AS id, collect(n) AS same WHERE size(same) = 1 AND NOT EXISTS {{ MATCH (:{ENTITY} {{id: id}}) }}
        UNWIND same AS n SET n:{ENTITY}""")
    change(f"MATCH (p:{PASSAGE}) WHERE NOT (p)-[:{OF}]->(:{ENTITY}) DETACH DELETE p")
    rows = list(_changed(read(f"MATCH (n:{ENTITY}) RETURN labels(n), {ALL}")))
    for start in range(0, len(rows), BATCH):
        change(
            f"""UNWIND $rows AS row MATCH (n:{ENTITY} {{id: row.id}})
            WHERE coalesce(n.digest, '') = row.was SET n.digest = row.digest""",
            rows=rows[start : start + BATCH],
        )
    change(COUNT_UP)
    known = {"kinds": kinds, "labels": [*kinds, ENTITY, PASSAGE, META], "types": list(types().values())}
    return [
        sentence.format(*row)
        for check, sentence in CHECKS
        for row in read(check.replace("{any}", "|".join([ENTITY, *kinds])), **known)
    ]


def _changed(rows: Iterable[tuple[list[str], dict[str, Any]]]) -> Iterable[dict[str, str]]:
    for node, was in (
        (node, properties.get("digest") or "") for found, properties in rows for node in sound_nodes(found, properties)
    ):
        if digest(node) != was:
            yield {"id": node.id, "was": was, "digest": digest(node)}


CHECKS = (
    (
        "MATCH (n:{any}) WHERE NOT n.id IS :: STRING NOT NULL RETURN labels(n)[-1], coalesce(n.name, elementId(n))",
        "{0} {1!r} heeft geen id. Geef een id van kleine letters, cijfers en losse streepjes.",
    ),
    (
        "MATCH (n:{any}) WITH n.id AS id, count(*) AS number WHERE id IS NOT NULL AND number > 1 "
        "RETURN number, id ORDER BY id",
        "{0} dingen hebben id {1}. Voeg ze samen of geef een ervan een ander id.",
    ),
    (
        "MATCH (n:Entity) WHERE none(label IN labels(n) WHERE label IN $kinds) "
        "RETURN coalesce(n.id, elementId(n)) AS id ORDER BY id",
        "{0} is van geen enkele soort. Geef het een label van graph_schema/nodes.",
    ),
    (
        "MATCH (n:Entity) WITH n, [label IN labels(n) WHERE label IN $kinds] AS found "
        "WHERE size(found) > 1 RETURN n.id AS id, found ORDER BY id",
        "{0} is van meer dan een soort: {1}. Laat er een staan.",
    ),
    (
        "MATCH (n) UNWIND labels(n) AS label WITH label, count(*) AS number "
        "WHERE NOT label IN $labels AND NOT label STARTS WITH '_' RETURN label, number ORDER BY label",
        "Label {0} ({1} keer) staat niet in graph_schema/nodes: Kennismakelaar gebruikt het niet.",
    ),
    (
        "MATCH ()-[r]->() WITH type(r) AS type, count(*) AS number WHERE NOT type IN $types + ['OF'] "
        "RETURN type, number ORDER BY type",
        "Relatie {0} ({1} keer) staat niet in graph_schema/edges: Kennismakelaar gebruikt haar niet.",
    ),
    (
        "MATCH (a)-[r]->(b) WHERE type(r) IN $types AND NOT (a:Entity AND b:Entity) "
        "RETURN coalesce(a.id, elementId(a)), type(r), coalesce(b.id, elementId(b))",
        "{0} {1} {2}: een van beide hoort niet bij de graaf. Geef het een id en een soort, of haal de relatie weg.",
    ),
    (
        "MATCH (a:Entity)-[r]->(b:Entity) WITH a.id AS a, type(r) AS type, b.id AS b, count(*) AS number "
        "WHERE number > 1 RETURN a, type, b, number ORDER BY a, type, b",
        "{0} {1} {2} staat er {3} keer. Laat er een staan.",
    ),
)
"""What may be wrong after people wrote in Neo4j: a statement that finds it, and the sentence for each row."""
