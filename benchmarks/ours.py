"""Our side of benchmarks/asking.py: answers the same lines as peers.py, on a store of either sort."""

import dataclasses
import resource
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from benchmarks import peers
from benchmarks.graphs import Composed, Graph
from kennismakelaar import index, weights
from kennismakelaar.broker import Broker
from kennismakelaar.config import Settings
from kennismakelaar.database import open_store
from kennismakelaar.model import Edge, Node
from kennismakelaar.schema import schema
from kennismakelaar.store import SharedStore, Store

T = TypeVar("T")
NODES, EDGES = 2_000, 10_000
"""Written in one transaction."""


def batches(things: Iterable[T], size: int) -> Iterator[list[T]]:
    """Parts of at most this size."""
    waiting = iter(things)
    while part := list(islice(waiting, size)):
        yield part


def write(store: Store, nodes: Iterable[Node], edges: Iterable[Edge]) -> None:
    """With a check of everything against the schema; only the kind of each id is kept in memory."""
    kinds: dict[str, str] = {}
    for part in batches(nodes, NODES):
        for node in part:
            schema().check(node)
            kinds[node.id] = node.kind
        store.put(part, [])
    for ties in batches(edges, EDGES):
        for edge in ties:
            schema().check_edge(edge, kinds)
        store.put([], ties)


class Ours:
    """A broker on the generated graph."""

    def __init__(self, folder: Path, url: str) -> None:
        self.size, self.url = int(folder.name), url
        self.data = peers.Data(folder)
        questions = dict(zip(self.data.questions, np.array(self.data.asked), strict=True))
        self.encoder = Composed(questions)
        self.broker: Any = None

    def build(self) -> None:
        """Graph and index."""
        graph, store = Graph(self.size), self.store()
        if isinstance(store, SharedStore):
            store.prepare({})
        write(store, graph.nodes(), graph.edges())
        self.index(store)
        store.close()

    def index(self, store: Store) -> None:
        """Words, runs of letters and vectors of every passage."""
        index.refresh(store, self.encoder)
        for field in ("words", "grams"):
            store.lexical(field, ["huis"], 1)  # makes the arrays, where the store has them
        store.nearest(self.encoder.id, self.data.asked[0], 1)

    def store(self) -> Store:
        return open_store(self.url, dataclasses.replace(Settings.from_env(), database=self.url))

    def open(self) -> None:
        """And one question, which reads what answers need."""
        self.broker = Broker(self.store(), self.encoder, weights.read())
        self.ask(0)

    def ask(self, number: int) -> list[str]:
        return [match.id for match in self.broker.ask(self.data.questions[number]).matches]

    def nearest(self, number: int, limit: int) -> list[str]:
        found = self.broker.store.nearest(self.encoder.id, self.data.asked[number], limit)
        return [id for id, _ in found]

    def add(self, number: int) -> float:
        """Write an entity that is not there yet, and ask for it; seconds until the answer has it."""
        graph = Graph(self.size)
        node = dataclasses.replace(
            graph.node(graph.size - 1), id=f"nieuw-{number}", name=f"Zilverduif {number}", aliases=()
        )
        question = f"Wie kent Zilverduif {number}?"
        self.encoder.add(question, self.encoder.passages(index.passages(node))[0])
        start = time.perf_counter()
        self.broker.add([node], [])
        found = [ranked.node.id for ranked in self.broker.rank(self.broker.understand(question))[:10]]
        seconds = time.perf_counter() - start
        self.broker.delete(node.id)
        self.broker.ask(self.data.questions[0])
        return seconds if node.id in found else float("inf")


def answer(ours: Ours, request: dict[str, Any]) -> dict[str, Any]:
    """As peers.answer; a new entity can be added too."""
    if request["do"] != "add":
        return peers.answer(ours, request)
    seconds = ours.add(request["number"])
    return {"seconds": seconds, "found": None, "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


if __name__ == "__main__":
    peers.serve(Ours(Path(sys.argv[1]), sys.argv[2]), answer)
