"""What one transaction writes in Neo4j: nodes and edges of the graph, and vectors for the index."""

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from neo4j import ManagedTransaction

from kennismakelaar.errors import NotFound
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Edge, Node, Record
from kennismakelaar.neo4j_rows import edge_properties, labels, name_of, node_properties, types
from kennismakelaar.store import changed_meanwhile

WITHOUT = """OPTIONAL MATCH (p:Passage)-[:OF]->(n) WITH n, collect(p) AS passages
    FOREACH (p IN passages | DETACH DELETE p) DETACH DELETE n"""


def put_graph(tx: ManagedTransaction, nodes: Iterable[Node], edges: Iterable[Edge]) -> None:
    """Nodes before the edges that need them, each kind at once."""
    for kind, group in groupby(sorted(nodes, key=lambda n: (n.kind, n.id)), lambda n: n.kind):
        put_nodes(tx, kind, list(group))
    for kind, ties in groupby(sorted(edges, key=lambda e: (e.kind, e.source, e.target)), lambda e: e.kind):
        put_edges(tx, kind, list(ties))


def put_nodes(tx: ManagedTransaction, kind: str, nodes: Sequence[Node]) -> None:
    """The label and the properties become exactly those of the node; what the index added stays."""
    label = name_of(labels(), kind)
    others = "".join(f":{other}" for other in labels().values() if other != label)
    tx.run(
        f"""UNWIND $rows AS row MERGE (n:Entity {{id: row.id}}) REMOVE n{others} SET n:{label}, n += row
        WITH n, [key IN keys(n) WHERE NOT key STARTS WITH '_' AND row[key] IS NULL] AS gone
        FOREACH (key IN gone | SET n[key] = null)""",
        rows=[node_properties(node) for node in nodes],
    )


def put_edges(tx: ManagedTransaction, kind: str, edges: Sequence[Edge]) -> None:
    """NotFound where fewer were written than asked: an end was missing."""
    rows = [{"source": e.source, "target": e.target, "properties": edge_properties(e)} for e in edges]
    done = {
        tuple(pair)
        for pair in tx.run(
            f"""UNWIND $rows AS row
        MATCH (a:Entity {{id: row.source}}) MATCH (b:Entity {{id: row.target}})
        MERGE (a)-[r:{name_of(types(), kind)}]->(b) SET r = row.properties
        RETURN row.source, row.target""",
            rows=rows,
        )
    }
    for edge in edges:
        if (edge.source, edge.target) not in done:
            raise NotFound(
                _(
                    "%(source)s %(kind)s %(target)s: een van beide bestaat niet. Voeg die eerst toe.",
                    source=edge.source,
                    kind=kind,
                    target=edge.target,
                )
            )


def put_vectors(
    tx: ManagedTransaction, name: str, nodes: Sequence[Mapping[str, object]], vectors: Sequence[Mapping[str, object]]
) -> None:
    """Passages keep the vectors of other models; without any they go. The procedure stores half of what SET does."""
    ids = [node["id"] for node in nodes]
    tx.run(
        """UNWIND $nodes AS row MATCH (n:Entity {id: row.id})
        SET n += row, n.digest = coalesce(n.digest, row._index_digest)""",
        nodes=nodes,
    )
    tx.run("UNWIND $ids AS id MATCH (p:Passage)-[:OF]->(:Entity {id: id}) SET p += $none", ids=ids, none={name: None})
    tx.run(
        """UNWIND $vectors AS row MATCH (n:Entity {id: row.id})
        MERGE (p:Passage {id: row.id, n: row.n}) MERGE (p)-[:OF]->(n)
        WITH p, row CALL db.create.setNodeVectorProperty(p, $name, row.vector)""",
        vectors=vectors,
        name=name,
    )
    tx.run(
        """UNWIND $ids AS id MATCH (p:Passage)-[:OF]->(:Entity {id: id})
        WHERE size(keys(p)) = 2 DETACH DELETE p""",
        ids=ids,
    )


def put_records(tx: ManagedTransaction, records: Sequence[Record]) -> None:
    """Conflict where one is not at the version it was read at, unless what is there is what we would write."""
    rows = [_record_row(record) for record in records]
    done = {
        key
        for (key,) in tx.run(
            """UNWIND $rows AS row MERGE (r:Record {key: row.key}) ON CREATE SET r.version = 0
            WITH r, row WHERE r.version = row.was OR (r.version = row.was + 1 AND r.body = row.new.body)
            SET r += row.new RETURN row.key""",
            rows=rows,
        )
    }
    for record, row in zip(records, rows, strict=True):
        if row["key"] not in done:
            raise changed_meanwhile(record)


def _record_row(record: Record) -> dict[str, object]:
    new = {
        "kind": record.kind,
        "id": record.id,
        "version": record.version + 1,
        "body": json.dumps(record.body, ensure_ascii=False),
        "tags": sorted({*record.tags}),
    }
    return {"key": f"{record.kind}/{record.id}", "was": record.version, "new": new}


def remove(tx: ManagedTransaction, ids: Sequence[str], edges: Iterable[tuple[str, str, str]]) -> None:
    """Nodes with all that hangs on them, and edges; what is not there is passed over."""
    tx.run(f"UNWIND $ids AS id MATCH (n:Entity {{id: id}}) {WITHOUT}", ids=ids)
    for kind, group in groupby(sorted(edges), lambda edge: edge[0]):
        tx.run(
            f"""UNWIND $ends AS ends
            MATCH (:Entity {{id: ends[0]}})-[r:{name_of(types(), kind)}]->(:Entity {{id: ends[1]}}) DELETE r""",
            ends=[list(edge[1:]) for edge in group],
        )


def remove_records(tx: ManagedTransaction, keys: Iterable[tuple[str, str]]) -> None:
    """By kind and id; what is not there is passed over."""
    tx.run("UNWIND $keys AS key MATCH (r:Record {key: key}) DELETE r", keys=["/".join(key) for key in keys])
