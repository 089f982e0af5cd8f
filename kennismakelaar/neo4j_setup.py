"""Makes the constraints and indexes of the graph in Neo4j, and takes in what people changed there."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kennismakelaar.model import digest
from kennismakelaar.neo4j_rows import labels, quoted, sound_nodes, types

Run = Callable[..., list[Any]]
"""Takes a statement and its values as keywords, gives the rows."""
ENTITY, PASSAGE, META, RECORD, OF = "Entity", "Passage", "Meta", "Record", "OF"
"""Every node of the graph is an Entity too; the others belong to the index, the bookkeeping and the desk."""
INDEXES = {"words": "entity_words", "grams": "entity_grams"}
"""The full-text index of each field that can be searched."""
ALL = "n{.*, _words: null, _grams: null, _passages: null}"
"""What is read of a node: not the bulk that belongs to the index."""
COUNT_UP = f"MERGE (m:{META} {{key: 'revision'}}) SET m.value = coalesce(m.value, 0) + 1"
"""First in every change of the graph: its lock makes writers queue, so that they cannot deadlock."""
COUNT_RECORDS = COUNT_UP.replace("'revision'", "'records'")
"""The same before records are written; after COUNT_UP where both are needed."""
BATCH = 1_000
"""Nodes that are given a new digest in one transaction."""
LEFT = f"MATCH (p:{PASSAGE}) WHERE NOT (p)-[:{OF}]->(:{ENTITY})"
"""Finds passages of nodes that someone deleted in Neo4j."""
CONSTRAINTS = {
    "entity_id": f"(n:{ENTITY}) REQUIRE n.id IS UNIQUE",
    "passage_place": f"(n:{PASSAGE}) REQUIRE (n.id, n.n) IS UNIQUE",
    "meta_key": f"(n:{META}) REQUIRE n.key IS UNIQUE",
    "record_key": f"(n:{RECORD}) REQUIRE n.key IS UNIQUE",
}


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


def verify(read: Run) -> list[str]:
    """What was changed directly in Neo4j and is not taken in, or cannot be; a sentence each. Changes nothing."""
    changed = [row["id"] for row in _changed(read(f"MATCH (n:{ENTITY}) RETURN labels(n), {ALL} ORDER BY n.id"))]
    made = [id for (id,) in read(f"{_made()} RETURN id ORDER BY id")]
    ((left,),) = read(f"{LEFT} RETURN count(p)")
    known = {"kinds": list(labels().values()), "types": list(types().values())}
    known["labels"] = [*known["kinds"], ENTITY, PASSAGE, META, RECORD]
    return [
        *(f"{id} is in Neo4j veranderd en nog niet opnieuw nagekeken." for id in changed),
        *(f"{id} is in Neo4j gemaakt en hoort nog niet bij de graaf." for id in made),
        *([f"Van {left} stukken tekst in de index bestaat het record niet meer."] if left else []),
        *(
            sentence.format(*row)
            for check, sentence in CHECKS
            for row in read(check.replace("{any}", "|".join([ENTITY, *known["kinds"]])), **known)
        ),
    ]


def adopt(read: Run, change: Run) -> list[str]:
    """Take in what was changed directly in Neo4j: afterwards it is outdated for the index, and seen by all readers.

    What cannot be taken in stays as it is and is told, a sentence each.
    """
    change(f"{_made()} SET n:{ENTITY}")
    change(f"{LEFT} DETACH DELETE p")
    rows = list(_changed(read(f"MATCH (n:{ENTITY}) RETURN labels(n), {ALL}")))
    for start in range(0, len(rows), BATCH):
        change(
            f"""UNWIND $rows AS row MATCH (n:{ENTITY} {{id: row.id}})
            WHERE coalesce(n.digest, '') = row.was SET n.digest = row.digest""",
            rows=rows[start : start + BATCH],
        )
    change(COUNT_UP)
    return verify(read)


def _made() -> str:
    """Finds what people made in Neo4j: a kind and an id of its own, but not an entity yet."""
    return f"""MATCH (n:{"|".join(labels().values())}) WHERE NOT n:{ENTITY} AND n.id IS :: STRING NOT NULL
        WITH n.id AS id, collect(n) AS same WHERE size(same) = 1 AND NOT EXISTS {{ MATCH (:{ENTITY} {{id: id}}) }}
        UNWIND same AS n WITH n, id"""


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
