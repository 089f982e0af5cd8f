"""From how people ask to how the graph tells: a linear map over the vectors of a language model, learned from both."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from kennismakelaar.model import Vector

STEPS, BATCH, PACE = 30, 800, 0.02
"""Of the learning: so many steps, each over so many example situations, of this size (Adam; Kingma & Ba, 2015)."""
FADE, FADE_SQUARE, TINY = 0.9, 0.99, 1e-8
"""How fast Adam forgets the slopes and their squares, and what keeps it from dividing by zero."""
SHARPNESS = 8.0
"""What a fit counts for when the records compete for a question."""
TIED = 0.3
"""Share of the aim of an example situation that goes to the records its own record is tied to."""
JUDGED = 3.0
"""What the judged questions weigh together, beside 1 for the example situations."""
RESTRAINT = 1e-3
"""How strongly the map is held to changing nothing (ridge)."""
ORDER = 0
"""Seed of the order in which examples come by."""


@dataclass(frozen=True)
class Aim:
    """Where among the texts the answers to one question lie."""

    direction: Vector
    """Unit length; empty where the bridge was learned for another language model."""
    length: float = 0.0
    level: float = 0.0
    """The fit of the average text, which counts as 0."""

    def fits(self, cosines: Vector) -> Vector:
        """How well texts fit, from their cosines with the direction."""
        return np.asarray(self.length * cosines - self.level, np.float32)


NOWHERE = Aim(np.zeros(0, np.float32))


@dataclass(frozen=True)
class Bridge:
    """A question crosses as (question - questions) @ matrix; its fit with a text is its product with (text - texts)."""

    matrix: Vector
    """Shape (dimensions, dimensions)."""
    questions: Vector
    """The average question, shape (dimensions,)."""
    texts: Vector
    """The average text, shape (dimensions,)."""

    def aim(self, question: Vector) -> Aim:
        """Where the answers to a question lie."""
        if not question.size or question.shape != self.questions.shape:
            return NOWHERE
        crossed = (question - self.questions) @ self.matrix
        length = float(np.linalg.norm(crossed))
        if not length:
            return NOWHERE
        return Aim(np.asarray(crossed / length, np.float32), length, float(self.texts @ crossed))


@dataclass(frozen=True)
class Shelf:
    """The texts of a graph, below each other, node after node."""

    texts: Vector
    """Shape (texts, dimensions)."""
    owners: npt.NDArray[np.int64]
    """The node of each text, ascending from 0; every node has at least two."""
    examples: npt.NDArray[np.int64]
    """The rows that are example situations: questions to which their node is the answer."""
    ties: Vector
    """Shape (nodes, nodes): how the neighbours of each node share 1."""


@dataclass(frozen=True)
class _Lesson:
    """Questions, and the share of 1 that each node should get of them; centred and of one scale."""

    asked: Vector
    aims: Vector
    own: npt.NDArray[np.int64]
    """For the first len(own) questions: the node they are an example of."""
    without: Vector
    """For those: the mean of the other texts of that node, as nothing may be found by itself."""
    counts: Vector
    """What each question weighs."""


def learn(shelf: Shelf, questions: Vector, aims: Vector) -> Bridge:
    """The map under which questions lie nearest to the texts of what answers them.

    A softmax over all nodes with shared aims (InfoNCE: van den Oord et al., 2018), over the example situations of the
    graph and over judged questions; `aims`, of shape (questions, nodes), says how the nodes share 1 for each of those.
    """
    mean, average = shelf.texts.mean(0), questions.mean(0)
    scale = float(np.sqrt(((shelf.texts - mean) ** 2).sum(1).mean()))
    centred = replace(shelf, texts=np.asarray((shelf.texts - mean) / scale, np.float32))
    means = np.asarray(_sums(centred) / np.bincount(shelf.owners)[:, None], np.float32)
    matrix = np.eye(len(mean), dtype=np.float32)
    slope_mean, square_mean = np.zeros_like(matrix), np.zeros_like(matrix)
    for step, rows in enumerate(_batches(len(shelf.examples)), 1):
        lesson = _lesson(centred, rows, (questions - average) / scale, aims)
        slope = _slope(matrix, lesson, means)
        slope_mean = FADE * slope_mean + (1 - FADE) * slope
        square_mean = FADE_SQUARE * square_mean + (1 - FADE_SQUARE) * slope**2
        root = np.sqrt(square_mean / (1 - FADE_SQUARE**step)) + TINY
        matrix = matrix - PACE * slope_mean / (1 - FADE**step) / root
    return Bridge((matrix / scale**2).astype(np.float32), average, mean)


def _batches(examples: int) -> Sequence[npt.NDArray[np.int64]]:
    draw, size = np.random.default_rng(ORDER), min(BATCH, examples)
    rounds = 1 + STEPS * size // max(1, examples)
    order = np.concatenate([draw.permutation(examples) for _ in range(rounds)])
    return [order[step * size : (step + 1) * size] for step in range(STEPS)]


def _sums(shelf: Shelf) -> Vector:
    starts = np.flatnonzero(np.diff(shelf.owners, prepend=-1))
    return np.asarray(np.add.reduceat(shelf.texts, starts))


def _lesson(shelf: Shelf, rows: npt.NDArray[np.int64], questions: Vector, aims: Vector) -> _Lesson:
    examples = shelf.examples[rows]
    own = shelf.owners[examples]
    texts = shelf.texts[examples]
    others = (_sums(shelf)[own] - texts) / (np.bincount(shelf.owners)[own] - 1)[:, None]
    shares = TIED * shelf.ties[own]
    shares[np.arange(len(own)), own] += 1 - TIED
    return _Lesson(
        np.concatenate([texts - shelf.texts[shelf.examples].mean(0), questions]),
        np.concatenate([shares, aims]),
        own,
        np.asarray(others, np.float32),
        np.repeat(
            np.array([1 / max(1, len(own)), JUDGED / max(1, len(questions))], np.float32), [len(own), len(questions)]
        ),
    )


def _slope(matrix: Vector, lesson: _Lesson, means: Vector) -> Vector:
    """Of the loss: the cross-entropy between how the nodes share a question and how they should, and the ridge."""
    crossed, count = lesson.asked @ matrix, len(lesson.own)
    rows = np.arange(count)
    logits = SHARPNESS * (crossed @ means.T)
    logits[rows, lesson.own] = SHARPNESS * (crossed[:count] * lesson.without).sum(1)
    chances = np.exp(logits - logits.max(1, keepdims=True))
    chances /= chances.sum(1, keepdims=True)
    errors = (chances - lesson.aims) * (SHARPNESS * lesson.counts)[:, None]
    of_own = errors[rows, lesson.own].copy()
    errors[rows, lesson.own] = 0
    pull = errors @ means
    pull[:count] += of_own[:, None] * lesson.without
    return np.asarray(lesson.asked.T @ pull + RESTRAINT * (matrix - np.eye(len(matrix))), np.float32)
