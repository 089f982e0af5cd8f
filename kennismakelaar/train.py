"""Learns the weights from judged questions: the only user of scikit-learn and scipy.

What is learned:
- which kind of thing a question asks for, and whether it is about this field at all (logistic regression on the
  meaning and the wording of the question);
- the bridge: where among the texts the answers to a question lie (see bridge.learn);
- the weight of each signal: conditional logistic regression over the candidates of a question (McFadden, 1974; as a
  ranking loss: ListNet, Cao et al., 2007), with no weight below zero for a signal that speaks for a match;
- how a score reads as a chance, and when there is no good match (Platt, 1999).
Every figure comes from questions that were left out when its weights were learned.
"""

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import yaml
from scipy.optimize import minimize
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from kennismakelaar import bridge as bridging
from kennismakelaar import index, match
from kennismakelaar.bridge import Shelf
from kennismakelaar.broker import Broker
from kennismakelaar.desk.outcomes import GROUP
from kennismakelaar.evaluate import Judged, grades_of, score
from kennismakelaar.model import Node, Vector
from kennismakelaar.search import find, understand
from kennismakelaar.signals import SIGNALS
from kennismakelaar.text import same_name
from kennismakelaar.weights import Weights, features

Array = npt.NDArray[np.float64]
NAMES = tuple(SIGNALS)
FOLDS = 5
REFUSED = 0.91
"""Share of the questions without an answer that must be refused; the threshold answers as much as that allows."""
CHOSEN = {"place": 0.6, "elsewhere": -0.8, "freshness": -0.2, "capacity": -3.0, "outcome": 1.0}
"""Signals that hardly occur in the judged questions; their weight is our choice."""
TOLERANCE = 0.02
"""nDCG@10 that new weights may lose: the old ones may have been learned from the very questions they are measured on."""
LEARNED = [name for name in NAMES if name not in CHOSEN]
SHRINKAGE = 0.02
"""Of the weights of the signals (ridge)."""
BROAD, NARROW = 30.0, 3.0
"""Inverse regularisation of the kinds and of the subject."""


@dataclass(frozen=True)
class Sample:
    """A judged question with the signals of all its candidates, and what a model that never saw it says of it."""

    judged: Judged
    ids: tuple[str, ...]
    signs: Array
    """Shape (candidates, signals)."""
    grades: npt.NDArray[np.int64]
    """Shape (candidates,): the best grade of the names that a candidate stands for."""
    subject: float


@dataclass(frozen=True)
class Lessons:
    """What there is to learn from."""

    broker: Broker
    judged: Sequence[Judged]
    spellings: Mapping[str, set[str]]
    shelf: Shelf | None
    """The texts of the graph; none without a language model."""
    aims: Mapping[str, Vector]
    """By question: how the nodes, in order of id, share the gain."""


@dataclass(frozen=True)
class Trained:
    """New weights, and how they and the old ones do on questions left out of the learning."""

    weights: Weights
    before: Mapping[str, float]
    after: Mapping[str, float]

    def is_worse(self) -> bool:
        """Too much so to be kept."""
        return self.after["ndcg"] < self.before["ndcg"] - TOLERANCE


def train(
    broker: Broker,
    judged: Sequence[Judged],
    spellings: Mapping[str, set[str]],
    obtained: str,
    progress: Callable[[int], None],
) -> Trained:
    """All weights from these questions; those without a relevant name are questions that must be refused.

    Questions of the desk (outcomes.GROUP) are learned from and never measured on: if what they teach is wrong, it
    shows on the questions that were judged with care.
    """
    lessons = prepare(broker, judged, spellings)
    samples = collect(lessons, progress)
    trusted = [sample for sample in samples if sample.judged.group != GROUP]
    desk = [sample for sample in samples if sample.judged.group == GROUP]
    signals = learn_signals(samples)
    halves = [learn_signals([s for i, s in enumerate(trusted) if i % FOLDS != fold] + desk) for fold in range(FOLDS)]
    after = [measure(trusted[fold::FOLDS], halves[fold], broker, spellings) for fold in range(FOLDS)]
    weights = replace(learn_questions(lessons, judged), obtained=obtained, signals=signals)
    weights = replace(weights, chance_of_match=_calibrate(trusted, signals))
    return Trained(
        _learn_refusal(trusted, weights),
        measure(trusted, broker.weights.signals, broker, spellings),
        {name: round(float(np.mean([fold[name] for fold in after])), 4) for name in after[0]},
    )


def prepare(broker: Broker, judged: Sequence[Judged], spellings: Mapping[str, set[str]]) -> Lessons:
    """What the parts of the learning have in common."""
    nodes = sorted(broker.store.nodes(), key=lambda node: node.id)
    known: dict[str, list[int]] = {}
    for place, node in enumerate(nodes):
        for name in {same_name(name) for name in (node.name, *node.aliases)}:
            known.setdefault(name, []).append(place)
    aims = {q.id: _aim(q, spellings, known, len(nodes)) for q in judged}
    return Lessons(broker, judged, spellings, _shelf(broker, nodes), aims)


def _shelf(broker: Broker, nodes: Sequence[Node]) -> Shelf | None:
    entries = index.entries(nodes, broker.encoder) if broker.encoder.dimensions else []
    told = [
        text in node.texts("situations") for node, entry in zip(nodes, entries, strict=False) for text in entry.passages
    ]
    if not any(told):
        return None
    place = {node.id: i for i, node in enumerate(nodes)}
    ties = np.zeros((len(nodes), len(nodes)), np.float32)
    for edge in broker.store.edges():
        ties[place[edge.source], place[edge.target]] = ties[place[edge.target], place[edge.source]] = 1
    return Shelf(
        np.concatenate([entry.vectors for entry in entries]),
        np.repeat(np.arange(len(nodes)), [len(entry.passages) for entry in entries]),
        np.flatnonzero(told),
        ties / ties.sum(1, keepdims=True).clip(1),
    )


def _aim(judged: Judged, spellings: Mapping[str, set[str]], known: Mapping[str, Sequence[int]], nodes: int) -> Vector:
    """How the nodes share the gain of a question."""
    gains = np.zeros(nodes, np.float32)
    for name, grade in judged.grades.items():
        for spelling in {same_name(name)} | spellings.get(name, set()):
            for place in known.get(spelling, ()):
                gains[place] = max(gains[place], 2.0**grade - 1)
    return gains / (gains.sum() or 1)


def collect(lessons: Lessons, progress: Callable[[int], None]) -> list[Sample]:
    """A sample of every question, by a model of what questions ask for that did not see it."""
    judged, samples = lessons.judged, dict[str, Sample]()
    for fold in range(FOLDS):
        model = learn_questions(lessons, [q for i, q in enumerate(judged) if i % FOLDS != fold])
        for question in judged[fold::FOLDS]:
            samples[question.id] = sample(lessons.broker, question, lessons.spellings, model)
            progress(1)
    return [samples[q.id] for q in judged]


def learn_questions(lessons: Lessons, judged: Sequence[Judged]) -> Weights:
    """What a question asks for, whether it is ours to answer, and the bridge; the other weights stay as they are.

    The desk has no say in this: it teaches which signals count.
    """
    broker = lessons.broker
    judged = [q for q in judged if q.group != GROUP]
    vectors = {q.id: broker.encoder.query(q.query) for q in judged}
    rows = {q.id: features(q.query, vectors[q.id])[:-1] for q in judged}
    pairs = [(rows[q.id], kind) for q in judged if q.grades for kind in q.kinds]
    kinds = LogisticRegression(C=BROAD, max_iter=3_000).fit(
        csr_array([row for row, _ in pairs]), [kind for _, kind in pairs]
    )
    subject = LogisticRegression(C=NARROW, max_iter=3_000, class_weight="balanced").fit(
        csr_array(list(rows.values())), [bool(q.grades) for q in judged]
    )
    aimed = [q.id for q in judged if lessons.aims[q.id].any()]
    return replace(
        broker.weights,
        bridge=bridging.learn(
            lessons.shelf, np.array([vectors[id] for id in aimed]), np.array([lessons.aims[id] for id in aimed])
        )
        if lessons.shelf and aimed
        else broker.weights.bridge,
        kinds=tuple(kinds.classes_.tolist()),
        kind_weights=np.column_stack([kinds.coef_, kinds.intercept_]).astype(np.float32),
        subject_weights=np.append(subject.coef_[0], subject.intercept_[0]).astype(np.float32),
    )


def sample(broker: Broker, judged: Judged, spellings: Mapping[str, set[str]], weights: Weights) -> Sample:
    """Ask a question and note what every signal says of every candidate."""
    question = understand(judged.query, broker.store, broker.snapshot, broker.encoder, weights.bridge)
    candidates = find(question, broker.store, broker.snapshot, broker.encoder.id)
    ranked = match.rank(question, candidates, broker.snapshot, weights, datetime.date.today())
    signs = np.array([[r.signs[n].value if n in r.signs else 0.0 for n in NAMES] for r in ranked])
    grades = [
        max(found, default=0)
        for found in (grades_of([broker.all_names(r.node.id)], judged, spellings)[0] for r in ranked)
    ]
    return Sample(
        judged,
        tuple(r.node.id for r in ranked),
        signs,
        np.array(grades),
        weights.subject(judged.query, question.vector),
    )


def learn_signals(samples: Iterable[Sample]) -> dict[str, float]:
    """The weights under which the better candidates of each question are most likely to be chosen."""
    columns = [NAMES.index(name) for name in LEARNED]
    chosen = [(s.signs[:, columns], 2.0**s.grades - 1) for s in samples if s.grades.any()]
    shares = [(signs, gains / gains.sum()) for signs, gains in chosen]

    def loss(weights: Array) -> tuple[float, Array]:
        total, slope = 0.0, np.zeros_like(weights)
        for signs, wanted in shares:
            points = signs @ weights
            chances = np.exp(points - points.max())
            chances /= chances.sum()
            total -= float(wanted @ np.log(chances + 1e-12))
            slope += signs.T @ (chances - wanted)
        return total / len(shares) + SHRINKAGE * float(weights @ weights) / 4, slope / len(
            shares
        ) + SHRINKAGE * weights / 2

    found = minimize(loss, np.ones(len(columns)), jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(columns))
    return {name: round(float(weight), 3) for name, weight in zip(LEARNED, found.x, strict=True)} | CHOSEN


def measure(
    samples: Sequence[Sample], signals: Mapping[str, float], broker: Broker, spellings: Mapping[str, set[str]]
) -> dict[str, float]:
    """hit@1, hit@5, MRR and nDCG@10 of these answerable questions under these weights."""
    vector = np.array([signals.get(name, 0.0) for name in NAMES])
    scored = []
    for s in (s for s in samples if s.judged.grades):
        order = sorted(range(len(s.ids)), key=lambda i: (-float(s.signs[i] @ vector), s.ids[i]))[:10]
        scored.append(score(grades_of([broker.all_names(s.ids[i]) for i in order], s.judged, spellings), s.judged))
    return {
        name: round(float(np.mean([asdict(s)[name] for s in scored])), 4) for name in ("hit1", "hit5", "mrr", "ndcg")
    }


def ablation(
    broker: Broker, judged: Sequence[Judged], spellings: Mapping[str, set[str]], progress: Callable[[int], None]
) -> dict[str, dict[str, float]]:
    """The measures under the weights as they are ('alle'), and with each signal switched off."""
    samples = []
    for question in judged:
        samples.append(sample(broker, question, spellings, broker.weights))
        progress(1)
    signals = broker.weights.signals
    without = {name: {**signals, name: 0.0} for name in NAMES if signals.get(name)}
    return {name: measure(samples, used, broker, spellings) for name, used in ({"alle": signals} | without).items()}


def _calibrate(samples: Sequence[Sample], signals: Mapping[str, float]) -> tuple[float, float]:
    """Slope and intercept of the chance that a candidate with some score was judged to help."""
    vector = np.array([signals[name] for name in NAMES])
    answerable = [s for s in samples if s.judged.grades]
    points = np.concatenate([s.signs @ vector for s in answerable])
    model = LogisticRegression(C=1e6).fit(points[:, None], np.concatenate([s.grades > 0 for s in answerable]))
    return round(float(model.coef_[0, 0]), 4), round(float(model.intercept_[0]), 4)


def _learn_refusal(samples: Sequence[Sample], weights: Weights) -> Weights:
    """When there is no good match: the chance of an answer, and the threshold that refuses REFUSED of what has none."""
    rows = [match.figures(_top(s, weights.signals), s.subject) for s in samples]
    names, values = list(rows[0]), [list(row.values()) for row in rows]
    answerable = np.array([bool(s.judged.grades) for s in samples])
    model = LogisticRegression(C=1.0, max_iter=1_000)
    chances = cross_val_predict(model, values, answerable, cv=FOLDS, method="predict_proba")[:, 1]
    model.fit(values, answerable)
    answer = {name: round(float(weight), 4) for name, weight in zip(names, model.coef_[0], strict=True)}
    return replace(
        weights,
        answer=answer | {"intercept": round(float(model.intercept_[0]), 4)},
        threshold=round(float(np.quantile(chances[~answerable], REFUSED)), 4),
    )


def _top(sample: Sample, signals: Mapping[str, float]) -> list[tuple[float, dict[str, float]]]:
    points = sample.signs @ np.array([signals[name] for name in NAMES])
    best = np.argsort(-points, kind="stable")[: match.JUDGED_BY]
    return [(float(points[i]), dict(zip(NAMES, sample.signs[i].tolist(), strict=True))) for i in best]


def write(weights: Weights, folder: Path) -> None:
    """weights.yaml, to read, and questions.npz; written beside and renamed, so that no reader sees half of it."""
    readable = {
        "obtained": weights.obtained,
        "signals": dict(weights.signals),
        "chance_of_match": list(weights.chance_of_match),
        "answer": dict(weights.answer),
        "threshold": weights.threshold,
    }
    (folder / "weights.new").write_text(yaml.safe_dump(readable, sort_keys=False, allow_unicode=True), "utf-8")
    with open(folder / "questions.new", "wb") as file:
        np.savez_compressed(
            file,
            kinds=np.array(weights.kinds),
            kind_weights=weights.kind_weights.astype(np.float16),
            subject_weights=weights.subject_weights.astype(np.float16),
            bridge_matrix=weights.bridge.matrix.astype(np.float16),
            bridge_questions=weights.bridge.questions.astype(np.float16),
            bridge_texts=weights.bridge.texts.astype(np.float16),
        )
    (folder / "questions.new").replace(folder / "questions.npz")
    (folder / "weights.new").replace(folder / "weights.yaml")
