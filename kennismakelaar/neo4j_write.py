"""What one transaction writes in Neo4j: nodes and edges of the graph, and vectors for the index."""

from collections.abc import Mapping, Sequence

from neo4j import ManagedTransaction

from kennismakelaar.errors import NotFound
from kennismakelaar.model import Edge, Node
from kennismakelaar.neo4j_rows import edge_properties, labels, name_of, node_properties, types


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
            raise NotFound(f"{edge.source} {kind} {edge.target}: een van beide bestaat niet. Voeg die eerst toe.")


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
