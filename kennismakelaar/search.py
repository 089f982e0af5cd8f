"""A question to candidates: by words, by meaning, and by who stands next to whom in the graph."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kennismakelaar import text
from kennismakelaar.bridge import NOWHERE, Aim, Bridge
from kennismakelaar.encode import Encoder
from kennismakelaar.model import Edge, Vector
from kennismakelaar.snapshot import Snapshot
from kennismakelaar.store import Store

ARM = 80
"""Candidates that each way of searching may bring."""
SEEDS = 12
"""Strongest candidates whose neighbours become candidates too."""
DAMPING, STEPS = 0.5, 12
"""Of the personalised PageRank (Page et al., 1999; Haveliwala, 2002): half of the weight returns to the seeds."""


@dataclass(frozen=True)
class Question:
    """A question as the search sees it."""

    text: str
    words: tuple[str, ...]
    """Content words, folded."""
    idf: Mapping[str, float]
    """ln(1 + N / n) of each analysed term; a term that stands nowhere counts as n = 0.5."""
    vector: Vector
    mentions: Mapping[str, str]
    """Ids of nodes that the question names, with the words used."""
    place: str = ""
    """Id of the place it is about, if known."""
    kinds: tuple[str, ...] = ()
    """The kinds asked for; empty for all."""
    aim: Aim = NOWHERE
    """Where the answers to such questions lie."""


@dataclass
class Candidate:
    """A node that may help, with what each way of searching says of it."""

    id: str
    words: float = 0.0
    """BM25 over stemmed words, as a share of the best."""
    grams: float = 0.0
    """BM25 over character runs, as a share of the best."""
    cosines: Sequence[float] = ()
    """Of each passage with the question."""
    meaning: float = 0.0
    """Mean of the cosines of the whole text and of the best passage."""
    fits: Sequence[float] = ()
    """Of each passage with what answers such questions."""
    rank: float = 0.0
    """Share, 0 to 1, of the personalised PageRank that others bring it over its neighbours."""
    echo: float = 0.0
    """Share that its neighbours only give back of what it brought them."""
    via: Edge | None = None
    """The edge by which most of it came."""


def understand(question: str, store: Store, snapshot: Snapshot, encoder: Encoder, bridge: Bridge) -> Question:
    """The question analysed; nothing is ranked yet."""
    asked = question[: text.LONGEST_QUESTION]
    terms = text.analyse(asked)
    counts = store.frequencies(terms)
    idf = {term: math.log(1 + snapshot.size / counts.get(term, 0.5)) for term in terms}
    words, vector = tuple(text.content_words(asked)), encoder.query(asked)
    return Question(asked, words, idf, vector, snapshot.mentions(asked), aim=bridge.aim(vector))


def find(
    question: Question, store: Store, snapshot: Snapshot, model: str, kinds: Collection[str] = ()
) -> list[Candidate]:
    """Candidates, most promising first."""
    found: dict[str, Candidate] = {}
    for arm, terms in (("words", list(question.idf)), ("grams", text.grams(question.text))):
        ranking = store.lexical(arm, terms, ARM, kinds)
        top = max((score for _, score in ranking), default=1.0)
        for id, score in ranking:
            setattr(found.setdefault(id, Candidate(id)), arm, score / top if top > 0 else 0.0)
    for direction in (question.vector, question.aim.direction):
        near = store.nearest(model, direction, ARM, kinds) if direction.size else []
        for id, _ in near:
            found.setdefault(id, Candidate(id))
    named = [id for id, node in snapshot.nodes(question.mentions).items() if not kinds or node.kind in kinds]
    for id in named:
        found.setdefault(id, Candidate(id))
    compare(found.values(), question, store, model)
    _spread(found, snapshot, kinds)
    compare([c for c in found.values() if not c.cosines], question, store, model)
    return sorted(found.values(), key=lambda c: (-_strength(c), c.id))


def compare(candidates: Collection[Candidate], question: Question, store: Store, model: str) -> None:
    """Note how near the passages of the candidates lie to the question, and how well they fit it."""
    ids, aim = [c.id for c in candidates], question.aim
    near = store.cosines(model, question.vector, ids) if question.vector.size else {}
    fitting = store.cosines(model, aim.direction, ids) if aim.direction.size else {}
    for candidate in candidates:
        if candidate.id in near:
            candidate.cosines = near[candidate.id].tolist()
            candidate.meaning = (candidate.cosines[0] + max(candidate.cosines)) / 2
        if candidate.id in fitting:
            candidate.fits = aim.fits(fitting[candidate.id]).tolist()


def _strength(candidate: Candidate) -> float:
    """A first guess, good enough to choose seeds: a tenth of cosine is worth a whole lexical score."""
    return candidate.words / 3 + candidate.grams / 3 + 10 * max(candidate.meaning - 0.8, 0.0)


def _spread(found: dict[str, Candidate], snapshot: Snapshot, kinds: Collection[str]) -> None:
    """Personalised PageRank from the strongest candidates over their neighbourhood; adds neighbours."""
    seeds = sorted(found.values(), key=lambda c: (-_strength(c), c.id))[:SEEDS]
    touching = snapshot.edges([c.id for c in seeds])
    edges = {(e.source, e.kind, e.target): e for group in touching.values() for e in group}
    if not edges:
        return
    ids = sorted({c.id for c in seeds} | {end for e in edges.values() for end in (e.source, e.target)})
    ranks, echoes, flow = _pagerank(ids, list(edges.values()), {c.id: _strength(c) for c in seeds})
    allowed = {id for id, node in snapshot.nodes(ids).items() if not kinds or node.kind in kinds}
    for id in allowed:
        candidate = found.setdefault(id, Candidate(id))
        candidate.rank, candidate.echo, candidate.via = ranks[id], echoes[id], flow.get(id)


def _pagerank(
    ids: list[str], edges: list[Edge], seeds: Mapping[str, float]
) -> tuple[dict[str, float], dict[str, float], dict[str, Edge]]:
    """For each node the rank that comes from others, the rank that only comes back, and the edge that brings most.

    What comes back a node has of itself: a reason that cites an edge for it would not be true.
    """
    place = {id: i for i, id in enumerate(ids)}
    ends = np.array([(place[e.source], place[e.target]) for e in edges])
    giver, taker = np.concatenate([ends[:, 0], ends[:, 1]]), np.concatenate([ends[:, 1], ends[:, 0]])
    degree = np.bincount(giver, minlength=len(ids)).clip(1)
    start = np.array([seeds.get(id, 0.0) for id in ids]) + 1e-9
    start /= start.sum()
    rank = start
    for _ in range(STEPS):
        received = np.bincount(taker, (rank / degree)[giver], minlength=len(ids))
        rank = DAMPING * start + (1 - DAMPING) * received
    share = rank / degree
    back = (1 - DAMPING) * share[taker] * _alike(giver * len(ids) + taker) / degree[giver]
    brought = (share[giver] - back).clip(0)
    flow: dict[str, Edge] = {}
    for i in np.argsort(brought, kind="stable"):
        flow[ids[taker[i]]] = edges[i % len(edges)]
    ranks, echoes = (np.bincount(taker, part, minlength=len(ids)).tolist() for part in (brought, back))
    return dict(zip(ids, ranks, strict=True)), dict(zip(ids, echoes, strict=True)), flow


def _alike(pairs: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """For each pair, how many are equal to it."""
    _, place, counts = np.unique(pairs, return_inverse=True, return_counts=True)
    return np.asarray(counts[place])
