"""Writing and importing: 100,000 entities and 500,000 relations into each store, beside the barest way; and one more.

    python -m benchmarks.writing 10000 100000               # SQLite
    python -m benchmarks.writing 10000 --neo4j              # and a Neo4j server, which starts empty

Ours checks everything against the schema and writes sources; the barest way has the same records as rows, prepared
before the clock runs, and writes them into the same tables (executemany) or with UNWIND ... MERGE. Then one entity is
added to the graphs that benchmarks/asking.py left in .cache/bench, and asked for.
"""

import argparse
import dataclasses
import multiprocessing
import os
import resource
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from neo4j import GraphDatabase

from benchmarks.asking import CACHE, PASSWORD, neo4j
from benchmarks.graphs import Graph
from benchmarks.ours import EDGES, NODES, Ours, batches, write
from benchmarks.tables import median, save
from kennismakelaar.config import Settings
from kennismakelaar.database import open_store
from kennismakelaar.embedded_tables import MIGRATIONS, TABLES, body, statements
from kennismakelaar.model import Edge, Node, digest
from kennismakelaar.neo4j_rows import edge_properties, labels, node_properties, types
from kennismakelaar.store import SharedStore, Store

ADDED = 5
"""Entities that are added, one by one."""


def apart(work: Callable[..., float], *arguments: Any) -> tuple[float, float]:
    """Seconds that the work says it took in a process of its own, and the most memory of that process in MB."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_told, (work, arguments))


def _told(work: Callable[..., float], arguments: tuple[Any, ...]) -> tuple[float, float]:
    return work(*arguments), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def opened(url: str) -> Store:
    """The store, with the password of the server that this starts."""
    return open_store(url, dataclasses.replace(Settings.from_env(), database=url, neo4j_password=PASSWORD))


def ours(size: int, url: str) -> float:
    """Everything through the store, with the check; the time to think of the records is taken off."""
    graph, spent = Graph(size), [0.0]
    graph.near, graph.starting  # noqa: B018  (made before the clock runs)
    with closing(opened(url)) as store:
        if isinstance(store, SharedStore):
            store.prepare({})
        start = time.perf_counter()
        write(store, _timed(graph.nodes(), spent), _timed(graph.edges(), spent))
        return time.perf_counter() - start - spent[0]


def _timed(things: Iterator[Any], spent: list[float]) -> Iterator[Any]:
    while True:
        start = time.perf_counter()
        thing = next(things, None)
        spent[0] += time.perf_counter() - start
        if thing is None:
            return
        yield thing


def rows(nodes: list[Node]) -> list[tuple[str, str, str, str]]:
    """As the table has them."""
    return [(n.id, n.kind, digest(n), body(n)) for n in nodes]


def raw(size: int, path: str) -> float:
    """executemany into the same tables, in transactions of the same size."""
    graph, seconds = Graph(size), 0.0
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for statement in (*statements(TABLES), *(s for n in sorted(MIGRATIONS) for s in statements(MIGRATIONS[n]))):
            db.execute(statement)
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            db.execute(f"PRAGMA {pragma}")
        for part in batches(graph.nodes(), NODES):
            seconds += _many(db, "INSERT INTO node (id, kind, digest, body) VALUES (?, ?, ?, ?)", rows(part))
        for ties in batches(graph.edges(), EDGES):
            prepared = [(e.source, e.kind, e.target, body(e)) for e in ties]
            seconds += _many(db, "INSERT INTO edge VALUES (?, ?, ?, ?)", prepared)
    return seconds


def _many(db: sqlite3.Connection, statement: str, values: list[Any]) -> float:
    start = time.perf_counter()
    db.execute("BEGIN IMMEDIATE")
    db.executemany(statement, values)
    db.execute("COMMIT")
    return time.perf_counter() - start


def unwind(size: int, url: str) -> float:
    """UNWIND ... MERGE with a constraint, in the same parts, on a driver of its own."""
    graph, seconds = Graph(size), 0.0
    with GraphDatabase.driver(url, auth=("neo4j", PASSWORD)) as driver:

        def run(statement: str, **values: Any) -> float:
            start = time.perf_counter()
            driver.execute_query(statement, values, database_="neo4j")
            return time.perf_counter() - start

        run("CREATE CONSTRAINT bare_id IF NOT EXISTS FOR (n:Bare) REQUIRE n.id IS UNIQUE")
        for part in batches(graph.nodes(), NODES):
            for kind in {node.kind for node in part}:
                found = [node_properties(node) for node in part if node.kind == kind]
                seconds += run(
                    f"UNWIND $rows AS row MERGE (n:Bare {{id: row.id}}) SET n:Bare{labels()[kind]}, n += row",
                    rows=found,
                )
        for ties in batches(graph.edges(), EDGES):
            for kind in {edge.kind for edge in ties}:
                seconds += run(_tie(kind), rows=_ends([edge for edge in ties if edge.kind == kind]))
    return seconds


def _tie(kind: str) -> str:
    return (
        "UNWIND $rows AS row MATCH (a:Bare {id: row.source}) MATCH (b:Bare {id: row.target}) "
        f"MERGE (a)-[r:{types()[kind]}]->(b) SET r = row.properties"
    )


def _ends(edges: list[Edge]) -> list[dict[str, Any]]:
    return [{"source": e.source, "target": e.target, "properties": edge_properties(e)} for e in edges]


def added(folder: str, url: str) -> float:
    """Median seconds from writing an entity until an answer has it, on the graph in this folder."""
    one = Ours(Path(folder), url)
    one.open()
    return median([one.add(number) for number in range(ADDED)])


@contextmanager
def emptied(size: int) -> Iterator[str]:
    """A server without data."""
    shutil.rmtree(CACHE / f"neo4j--{size}", ignore_errors=True)
    with neo4j(-size) as url:
        yield url


def measure(size: int, with_neo4j: bool) -> list[dict[str, object]]:
    """A row for each store."""
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        mine, memory = apart(ours, size, f"sqlite:///{folder}/ours.db")
        bare, _ = apart(raw, size, f"{folder}/raw.db")
    found = [row("SQLite", size, mine, bare, memory)]
    if with_neo4j:
        with emptied(size) as url:
            bare, _ = apart(unwind, size, url)
            mine, memory = apart(ours, size, url)
        found.append(row("Neo4j", size, mine, bare, memory))
    kept = CACHE / str(size)
    if (kept / "graph.db").exists():
        found[0]["found after (s)"], _ = apart(added, str(kept), f"sqlite:///{kept}/graph.db")
    if with_neo4j and (CACHE / f"neo4j-{size}").exists():
        os.environ["KENNISMAKELAAR_NEO4J_PASSWORD"] = PASSWORD
        with neo4j(size) as url:
            found[1]["found after (s)"], _ = apart(added, str(kept), url)
    return found


def row(store: str, size: int, mine: float, bare: float, memory: float) -> dict[str, object]:
    """Of one store at one size."""
    seconds = {"ours (s)": mine, "barest way (s)": bare, "ratio": mine / bare}
    return {"store": store, "entities": size, "relations": int(5 * size), **seconds, "most memory (MB)": memory}


def targets(found: list[dict[str, Any]]) -> dict[str, float]:
    """What these rows say of the targets."""
    by = {(row["store"], row["entities"]): row for row in found}
    names = {"SQLite": "write: SQLite, of raw executemany", "Neo4j": "write: Neo4j, of plain UNWIND"}
    told = {}
    for store, name in names.items():
        sizes = [size for other, size in by if other == store]
        if sizes:
            told[name] = by[store, max(sizes)]["ratio"]
    if ("SQLite", 10_000) in by and ("SQLite", 100_000) in by:
        big, small = (by["SQLite", size]["most memory (MB)"] for size in (100_000, 10_000))
        told["write: most memory at 100k, of that at 10k"] = big / small
    for (store, size), one in by.items():
        if "found after (s)" in one and one["found after (s)"] < 1e6:
            told[f"add: seconds until found, {store} {size // 1000}k"] = one["found after (s)"]
    return told


def main() -> None:
    """A table of all sizes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[1_000, 10_000])
    parser.add_argument("--neo4j", type=int, default=0, help="Neo4j too, up to this many entities")
    given = parser.parse_args()
    CACHE.mkdir(parents=True, exist_ok=True)
    found = [row for size in given.sizes for row in measure(size, size <= given.neo4j)]
    notes = (
        "Time to make up the records is not counted. Ours includes the check against the schema, digests and JSON.",
        "found after: from `add` (check, write, index) until an answer has the new entity, median of five.",
        "The target for Neo4j is of the largest size measured, which may be less than 100,000.",
    )
    save("write", "Writing", found, targets(found), notes)


if __name__ == "__main__":
    start = time.perf_counter()
    main()
    print(f"{time.perf_counter() - start:.0f} s", file=sys.stderr)
