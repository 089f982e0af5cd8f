"""Learns the weights from judged questions: the only user of scikit-learn.

What is learned, each by logistic regression:
- which kind of thing a question asks for, and whether it is about this field at all (hashed words);
- the weight of each signal, from pairs of a better and a worse candidate of one question (Joachims, 2002);
- how a score reads as a chance, and when there is no good match (Platt, 1999).
Every figure that is reported comes from questions that were left out when its weights were learned.
"""

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from kennismakelaar import match
from kennismakelaar.broker import Broker
from kennismakelaar.evaluate import Judged, grades_of, score
from kennismakelaar.model import Node
from kennismakelaar.paths import MODELS
from kennismakelaar.search import Question, find, understand
from kennismakelaar.signals import SIGNALS
from kennismakelaar.weights import BUCKETS, Weights, features

Array = npt.NDArray[np.float64]
NAMES = tuple(SIGNALS)
FOLDS = 5
FLOOR = 0.97
"""Share of the answerable training questions that must be answered; the threshold refuses as much as that allows."""
NOT_LEARNED = {"elsewhere": -1.0, "freshness": -0.2, "capacity": -3.0}
"""Signals that hardly occur in the judged questions; their weight is our choice."""
POSITIVE = ("words", "bm25", "spelling", "meaning", "nearest", "passage", "name_meaning", "name", "theme", "need",
            "kind", "place", "graph", "evidence")


@dataclass(frozen=True)
class Sample:
    """A judged question with the signals of all its candidates."""

    judged: Judged
    question: Question
    ids: tuple[str, ...]
    signs: Array
    """Shape (candidates, signals)."""
    grades: npt.NDArray[np.int64]
    """Shape (candidates,): the best grade of the names a candidate stands for."""


def questions_model(nodes: Sequence[Node], judged: Sequence[Judged], outside: Sequence[str],
                    weights: Weights) -> Weights:
    """Learns the kinds and the subject from the situations of the graph, judged questions and questions from outside."""
    pairs = [(text, node.kind) for node in nodes for text in node.texts("situations")]
    pairs += [(q.query, kind) for q in judged for kind in q.kinds if q.grades]
    rows = csr_matrix(np.array([features(text)[:BUCKETS] for text, _ in pairs]))
    kinds = LogisticRegression(C=20.0, max_iter=2_000).fit(rows, [kind for _, kind in pairs])
    inside = [text for text, _ in pairs]
    both = csr_matrix(np.array([features(text)[:BUCKETS] for text in (*inside, *outside)]))
    subject = LogisticRegression(C=20.0, max_iter=2_000, class_weight="balanced").fit(
        both, [1] * len(inside) + [0] * len(outside))
    return replace(weights, kinds=tuple(kinds.classes_.tolist()),
                   kind_weights=np.column_stack([kinds.coef_, kinds.intercept_]).astype(np.float32),
                   subject_weights=np.append(subject.coef_[0], subject.intercept_[0]).astype(np.float32))


def sample(broker: Broker, judged: Judged, spellings: Mapping[str, set[str]], weights: Weights) -> Sample:
    """Ask a question and note what every signal says of every candidate."""
    question = understand(judged.query, broker.store, broker.snapshot, broker.encoder)
    candidates = find(question, broker.store, broker.snapshot, broker.encoder.id)
    ranked = match.rank(question, candidates, broker.snapshot, weights, datetime.date.today())
    signs = np.array([[r.signs[n].value if n in r.signs else 0.0 for n in NAMES] for r in ranked])
    grades = [max((judged.grades[name] for name in judged.grades if _is(broker, r.node.id, name, spellings)), default=0)
              for r in ranked]
    return Sample(judged, question, tuple(r.node.id for r in ranked), signs.reshape(len(ranked), len(NAMES)), np.array(grades))


def _is(broker: Broker, id: str, name: str, spellings: Mapping[str, set[str]]) -> bool:
    one = Judged("", "", "", "", {name: 1}, ())
    return bool(grades_of([broker.all_names(id)], one, spellings)[0])


def fit_signals(samples: Sequence[Sample], strength: float = 0.3) -> dict[str, float]:
    """Weights of the signals from pairs: within a question, a better candidate should get more points.

    Weights that come out below zero for a signal that speaks for a match are left out and the rest is learned anew.
    """
    used = [n for n in NAMES if n not in NOT_LEARNED]
    while True:
        columns = [NAMES.index(n) for n in used]
        differences, importance = _pairs(samples, columns)
        model = LogisticRegression(C=strength, fit_intercept=False, max_iter=2_000)
        x = np.vstack([differences, -differences])
        model.fit(x, np.repeat([1, 0], len(differences)), np.tile(importance, 2))
        wrong = [n for n, w in zip(used, model.coef_[0], strict=True) if w < 0 and n in POSITIVE]
        if not wrong:
            return {n: round(float(w), 4) for n, w in zip(used, model.coef_[0], strict=True)} | NOT_LEARNED
        used = [n for n in used if n not in wrong]


def _pairs(samples: Sequence[Sample], columns: Sequence[int]) -> tuple[Array, Array]:
    """Differences between candidates of different grade; each question weighs the same."""
    differences, importance = [], []
    for s in samples:
        better = [(i, j) for i in np.flatnonzero(s.grades) for j in range(min(len(s.grades), 120)) if s.grades[i] > s.grades[j]]
        for i, j in better:
            differences.append(s.signs[i, columns] - s.signs[j, columns])
            importance.append((2.0 ** s.grades[i] - 2.0 ** s.grades[j]) / len(better))
    return np.array(differences), np.array(importance) * 100


def ndcg(samples: Sequence[Sample], signals: Mapping[str, float], broker: Broker,
         spellings: Mapping[str, set[str]]) -> dict[str, float]:
    """The measures of these samples under these weights."""
    found = []
    vector = np.array([signals.get(n, 0.0) for n in NAMES])
    for s in samples:
        order = sorted(range(len(s.ids)), key=lambda i: (-(s.signs[i] @ vector), s.ids[i]))[:10]
        names = [broker.all_names(s.ids[i]) for i in order]
        found.append(score(grades_of(names, s.judged, spellings), s.judged))
    return {m: round(float(np.mean([getattr(f, m) for f in found])), 4) for m in ("hit1", "hit5", "mrr", "ndcg")}


def train(broker: Broker, judged: Sequence[Judged], spellings: Mapping[str, set[str]],
          report: Callable[[str], None]) -> Weights:
    """All weights from these questions; those without a relevant name count as questions from outside."""
    nodes = list(broker.store.nodes())
    answerable = [q for q in judged if q.grades]
    left_out: list[Sample] = []
    groups = np.arange(len(judged)) % FOLDS
    for fold in range(FOLDS):
        seen = [q for q, g in zip(judged, groups, strict=True) if g != fold]
        model = questions_model(nodes, seen, [q.query for q in seen if not q.grades], broker.weights)
        left_out += [sample(broker, q, spellings, model) for q, g in zip(judged, groups, strict=True) if g == fold]
        report(f"deel {fold + 1} van {FOLDS}")
    model = questions_model(nodes, judged, [q.query for q in judged if not q.grades], broker.weights)
    return replace(model, signals=fit_signals([s for s in left_out if s.judged.grades]))
