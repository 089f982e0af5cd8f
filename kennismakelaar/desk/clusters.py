"""Which questions ask the same: by meaning where a language model runs, else by words."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from kennismakelaar import index, seed, text
from kennismakelaar.encode import Encoder
from kennismakelaar.model import Node

Matrix = npt.NDArray[np.float64]
SHRINKAGE = 0.3
"""Share of the mean variance that is added to each direction, since there are few passages for so many dimensions."""
SAMPLE = 60
"""Example situations of the seed graph by which we know where questions lie as a whole."""
BY_MEANING, BY_WORDS = 0.86, 0.97
"""Mean distance up to which two groups of questions are one.

Chosen on tests/eval/gap_topics_train.tsv; docs/gaps.md tells how, and how well it does on other topics.
"""
NEAR_BY_MEANING, NEAR_BY_WORDS = 0.70, 0.75
"""As above, for joining what people already made into one: better a question too few than one that is not the same."""


def cluster(texts: Sequence[str], encoder: Encoder) -> list[int]:
    """A number for each text, the same for texts that ask the same; numbers go up in order of appearance.

    Agglomerative clustering with average linkage (UPGMA; Sokal & Michener, 1958) over `distances`.
    """
    if len(texts) < 2:
        return list(range(len(texts)))
    from sklearn.cluster import AgglomerativeClustering  # here, because it makes every start of the program slower

    tree = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage="average", distance_threshold=threshold(encoder)
    )
    found = tree.fit_predict(distances(texts, encoder)).tolist()
    order = {label: number for number, label in enumerate(dict.fromkeys(found))}
    return [order[label] for label in found]


def threshold(encoder: Encoder) -> float:
    """The distance up to which two texts count as the same question."""
    return BY_WORDS if _directions(encoder) is None else BY_MEANING


def nearness(encoder: Encoder) -> float:
    """The mean distance up to which a question may belong with others that stand together already."""
    return NEAR_BY_WORDS if _directions(encoder) is None else NEAR_BY_MEANING


def distances(texts: Sequence[str], encoder: Encoder) -> Matrix:
    """Of each text to each other, 0 to 2; of two texts it does not depend on the others where a model runs."""
    directions = _directions(encoder)
    if directions is None:
        return (_apart(_weights(texts, text.analyse)) + _apart(_weights(texts, text.grams))) / 2
    centre, matrix = directions
    return _apart((np.array([encoder.query(one) for one in texts]) - centre) @ matrix)


def _directions(encoder: Encoder) -> tuple[Matrix, Matrix] | None:
    """Centre of questions, and the matrix to turn them by; None for an encoder that the seed graph has no vectors of."""
    matrix = _matrix(encoder.id)
    return None if matrix is None else (np.mean([encoder.query(one) for one in _spoken()], axis=0), matrix)


@cache
def _matrix(model: str) -> Matrix | None:
    """Keeps what tells subjects apart and leaves language and tone.

    Within-class covariance normalisation (Hatch, Kajarekar & Stolcke, 2006), with the passages of each record of the
    seed graph as a class; then each direction by the root of the share of its variance that lies between classes.
    """
    known = index.shipped(model)
    keys = [[index.key(model, passage) for passage in index.passages(node)] for node in _nodes()] if known else []
    classes = [np.array([known[key] for key in group if key in known], float) for group in keys]
    return _between([one for one in classes if len(one) > 2]) if known else None


@cache
def _spoken() -> list[str]:
    """A sample of what someone might ask, spread over the graph and over the languages in it."""
    asked = [situation for node in _nodes() for situation in node.texts("situations")]
    return asked[:: len(asked) // SAMPLE]


@cache
def _nodes() -> list[Node]:
    return seed.read()[0]


def _between(classes: Sequence[Matrix]) -> Matrix:
    means = np.array([one.mean(axis=0) for one in classes])
    spread = np.vstack(classes) - np.repeat(means, [len(one) for one in classes], axis=0)
    within = spread.T @ spread / len(spread)
    within += SHRINKAGE * np.trace(within) / len(within) * np.eye(len(within))
    variances, axes = np.linalg.eigh(within)
    white = axes / np.sqrt(variances)
    between, turn = np.linalg.eigh(white.T @ np.cov(means.T) @ white)
    between = np.clip(between, 0, None)
    return np.asarray(white @ turn * np.sqrt(between / (between + between.mean())))


def _weights(texts: Sequence[str], terms: Callable[[str], list[str]]) -> Matrix:
    """A row of term weights (1 + ln tf) * ln(1 + N / df) for each text."""
    counts = [Counter(terms(one)) for one in texts]
    documents = Counter(term for one in counts for term in one)
    column = {term: number for number, term in enumerate(documents)}
    rows = np.zeros((len(texts), max(len(column), 1)))
    for row, one in zip(rows, counts, strict=True):
        for term, count in one.items():
            row[column[term]] = (1 + math.log(count)) * math.log(1 + len(texts) / documents[term])
    return rows


def _apart(rows: Any) -> Matrix:
    """1 - cosine of each pair of rows; a row without anything is far from all, and near itself."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit = rows / np.where(lengths == 0, 1, lengths)
    found = np.clip(1 - unit @ unit.T, 0, 2)
    np.fill_diagonal(found, 0)
    return np.asarray(found)
