"""What people would use instead, each behind the same few lines: run by benchmarks/asking.py in .venv-bench.

Reads and writes JSON, a line for each request: {"do": "build"} gives {"seconds": ...}, and so on. Needs nothing of ours.
"""

import json
import os
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

BATCH = 1_000
LABEL, VECTORS, TEXTS = "PeerDoc", "peer_vectors", "peer_texts"
SPECIAL = set('+-&|!(){}[]^"~*?:\\/')


class Data:
    """One text and one vector for each entity, the relations, and the questions with their vectors."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with open(folder / "texts.jsonl", encoding="utf-8") as file:
            self.ids, self.texts = zip(*map(json.loads, file), strict=True)
        self.vectors = np.load(folder / "vectors.npy", mmap_mode="r")
        self.edges = np.load(folder / "edges.npy")
        self.questions = json.loads((folder / "questions.json").read_text("utf-8"))
        self.asked = np.load(folder / "questions.npy")


class Txtai:
    """Hybrid index (faiss and BM25) with a graph, on vectors that were made elsewhere."""

    def __init__(self, data: Data) -> None:
        os.environ["ALLOW_RESOLVE_TRANSFORM"] = "True"  # our own function, below
        from txtai import Embeddings

        self.data = data
        self.known = dict(zip(data.questions, data.asked, strict=True))
        self.embeddings: Any = Embeddings(
            method="external",
            transform=lambda inputs: self._vectors(inputs),
            content=True,
            hybrid=True,
            graph={"approximate": False},
        )

    def _vectors(self, inputs: list[Any]) -> Any:
        return np.array([self.known[one] if isinstance(one, str) else one for one in inputs], np.float32)

    def build(self) -> None:
        """Texts, vectors and relations in one go, and saved."""
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        for text, vector in zip(self.data.texts, self.data.vectors, strict=True):
            self.known.setdefault(text, vector)
        ties: list[list[dict[str, str]]] = [[] for _ in self.data.ids]
        for source, target in self.data.edges:
            ties[source].append({"id": self.data.ids[target]})
        self.embeddings.index(
            {"id": id, "text": text, "relationships": tie}
            for id, text, tie in zip(self.data.ids, self.data.texts, ties, strict=True)
        )
        self.embeddings.save(str(self.data.folder / "txtai"))

    def open(self) -> None:
        self.embeddings.load(str(self.data.folder / "txtai"))

    def ask(self, number: int, limit: int = 10) -> list[str]:
        return [row["id"] for row in self.embeddings.search(self.data.questions[number], limit)]

    def nearest(self, number: int, limit: int) -> list[str]:
        return [row["id"] for row in self.embeddings.search(self.data.questions[number], limit, weights=1.0)]


class PlainNeo4j:
    """Vector index and full-text index in one query, scores normalised by their best and added."""

    QUERY = """CALL () { CALL db.index.vector.queryNodes($vectors, $many, $vector) YIELD node, score
            WITH collect({node: node, score: score}) AS found, max(score) AS best
            UNWIND found AS one RETURN one.node AS node, one.score / best AS score
        UNION ALL CALL db.index.fulltext.queryNodes($texts, $words, {limit: $many}) YIELD node, score
            WITH collect({node: node, score: score}) AS found, max(score) AS best
            UNWIND found AS one RETURN one.node AS node, one.score / best AS score }
        RETURN node.id AS id, sum(score) AS score ORDER BY score DESC LIMIT $limit"""

    def __init__(self, data: Data) -> None:
        from neo4j import GraphDatabase

        self.data = data
        self.driver = GraphDatabase.driver(os.environ["PEER_NEO4J"], auth=("neo4j", os.environ["PEER_PASSWORD"]))

    def run(self, statement: str, **values: Any) -> list[Any]:
        return self.driver.execute_query(statement, values, database_="neo4j").records

    def build(self) -> None:
        """Nodes and relations by UNWIND, then both indexes."""
        self.run(f"CREATE CONSTRAINT peer_id IF NOT EXISTS FOR (n:{LABEL}) REQUIRE n.id IS UNIQUE")
        for start in range(0, len(self.data.ids), BATCH):
            part = slice(start, start + BATCH)
            rows = [
                {"id": id, "text": text, "vector": vector.tolist()}
                for id, text, vector in zip(
                    self.data.ids[part], self.data.texts[part], self.data.vectors[part], strict=True
                )
            ]
            self.run(f"UNWIND $rows AS row MERGE (n:{LABEL} {{id: row.id}}) SET n += row", rows=rows)
        for start in range(0, len(self.data.edges), 10 * BATCH):
            pairs = [[self.data.ids[a], self.data.ids[b]] for a, b in self.data.edges[start : start + 10 * BATCH]]
            self.run(
                f"UNWIND $pairs AS p MATCH (a:{LABEL} {{id: p[0]}}) MATCH (b:{LABEL} {{id: p[1]}}) CREATE (a)-[:TIE]->(b)",
                pairs=pairs,
            )
        self.run(
            f"CREATE VECTOR INDEX {VECTORS} IF NOT EXISTS FOR (n:{LABEL}) ON n.vector OPTIONS {{indexConfig: "
            "{`vector.dimensions`: 384, `vector.similarity_function`: 'cosine'}}"
        )
        self.run(
            f"CREATE FULLTEXT INDEX {TEXTS} IF NOT EXISTS FOR (n:{LABEL}) ON EACH [n.text] "
            "OPTIONS {indexConfig: {`fulltext.analyzer`: 'dutch'}}"
        )
        self.run("CALL db.awaitIndexes(900)")

    def open(self) -> None:
        self.run("RETURN 1")

    def words(self, number: int) -> str:
        return "".join(" " if c in SPECIAL else c for c in self.data.questions[number].lower())

    def ask(self, number: int, limit: int = 10) -> list[str]:
        values = {"vectors": VECTORS, "texts": TEXTS, "many": 5 * limit, "limit": limit}
        return [
            r["id"]
            for r in self.run(self.QUERY, vector=self.data.asked[number].tolist(), words=self.words(number), **values)
        ]

    def nearest(self, number: int, limit: int) -> list[str]:
        rows = self.run(
            "CALL db.index.vector.queryNodes($name, $limit, $vector) YIELD node, score RETURN node.id AS id ORDER BY score DESC",
            name=VECTORS,
            limit=limit,
            vector=self.data.asked[number].tolist(),
        )
        return [row["id"] for row in rows]


class GraphRag(PlainNeo4j):
    """HybridRetriever of neo4j-graphrag, on the same nodes and indexes."""

    def __init__(self, data: Data) -> None:
        from neo4j_graphrag.retrievers import HybridRetriever

        super().__init__(data)
        self.retriever: Any = None
        self.make = lambda: HybridRetriever(self.driver, VECTORS, TEXTS, return_properties=["id"])

    def build(self) -> None:
        """Those of the plain one."""

    def open(self) -> None:
        self.retriever = self.make()

    def ask(self, number: int, limit: int = 10) -> list[str]:
        found = self.retriever.get_search_results(
            query_text=self.words(number), query_vector=self.data.asked[number].tolist(), top_k=limit
        )
        return [record["node"]["id"] for record in found.records]


PEERS = {"txtai": Txtai, "plain-neo4j": PlainNeo4j, "neo4j-graphrag": GraphRag}


def answer(peer: Any, request: dict[str, Any]) -> dict[str, Any]:
    """What was asked for, and the seconds that took."""
    start = time.perf_counter()
    found: Any = None
    match request["do"]:
        case "build":
            peer.build()
        case "open":
            peer.open()
        case "ask":
            found = peer.ask(request["number"])
        case "nearest":
            found = peer.nearest(request["number"], 100)
        case "many":
            with ThreadPoolExecutor(16) as pool:
                list(pool.map(peer.ask, request["numbers"]))
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "found": found, "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def serve(peer: Any, answer: Any = answer) -> None:
    """Answer lines until there are no more."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is no answer
    for line in sys.stdin:
        print(json.dumps(answer(peer, json.loads(line))), file=out, flush=True)


if __name__ == "__main__":
    serve(PEERS[sys.argv[1]](Data(Path(sys.argv[2]))))
