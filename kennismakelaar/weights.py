"""What was learned from judged questions: the weight of each signal, and how to read a score as a chance."""

import math
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import yaml

from kennismakelaar import text
from kennismakelaar.bridge import Bridge
from kennismakelaar.errors import SchemaError
from kennismakelaar.language import gettext as _
from kennismakelaar.paths import MODELS

Numbers = npt.NDArray[np.float32]
BUCKETS = 8_192
"""Words and character runs of a question are hashed into this many features."""
BRIDGE = ("bridge_matrix", "bridge_questions", "bridge_texts")
"""Under which the parts of the bridge are kept."""


@dataclass(frozen=True)
class Weights:
    """Read from models/weights.yaml (signals) and models/questions.npz (what a question is about)."""

    obtained: str
    """How and from what these numbers were learned."""
    signals: Mapping[str, float]
    chance_of_match: tuple[float, float]
    """Slope and intercept: chance = logistic(slope * score + intercept)."""
    answer: Mapping[str, float]
    """Weights of the figures in match.certainty, with 'intercept'; chance = logistic of their sum."""
    threshold: float
    """The chance of an answer below which we say that there is no good match."""
    kinds: tuple[str, ...]
    kind_weights: Numbers
    """Shape (kinds, features); the last column is the intercept."""
    subject_weights: Numbers
    """Shape (features,): whether a question is about this field at all."""
    bridge: Bridge
    """From how people ask to how the graph tells."""

    def chance(self, score: float) -> float:
        """That a match with this score helps."""
        slope, intercept = self.chance_of_match
        return round(logistic(slope * score + intercept), 4)

    def kinds_of(self, question: str, vector: Numbers) -> dict[str, float]:
        """The chance of each kind to be wanted (multinomial logistic regression); they add up to 1."""
        logits = self.kind_weights @ self._features(question, vector)
        chances = np.exp(logits - logits.max())
        return dict(zip(self.kinds, (chances / chances.sum()).tolist(), strict=True))

    def subject(self, question: str, vector: Numbers) -> float:
        """Above 0 where the question sounds as if it is about this field (a logit)."""
        return float(self.subject_weights @ self._features(question, vector))

    def _features(self, question: str, vector: Numbers) -> Numbers:
        """Vectors of another encoder than the one learned from count for nothing."""
        dimensions = self.kind_weights.shape[1] - BUCKETS - 1
        return features(question, vector if vector.size == dimensions else np.zeros(dimensions, np.float32))


def features(question: str, vector: Numbers) -> Numbers:
    """Meaning (the vector) and wording (hashed words, pairs and character runs, unit length), then a 1."""
    words = text.tokens(question)
    pairs = [f"{a} {b}" for a, b in zip(["^", *words], [*words, "$"], strict=False)]
    wording = np.zeros(BUCKETS, np.float32)
    for group in (words, pairs, _runs(words)):
        share = _hashed(group)
        wording += share / (np.linalg.norm(share) or 1)
    return np.concatenate([2 * vector, wording / (np.linalg.norm(wording) or 1), [np.float32(1)]])


def _runs(words: Sequence[str]) -> list[str]:
    return [f"_{word}_"[i : i + 4] for word in words for i in range(len(word) - 1)]


def _hashed(tokens: Iterable[str]) -> Numbers:
    buckets = np.zeros(BUCKETS, np.float32)
    for token in tokens:
        buckets[zlib.crc32(token.encode()) % BUCKETS] += 1
    return np.sqrt(buckets)


def logistic(x: float) -> float:
    """1 / (1 + e^-x)"""
    return 1 / (1 + math.exp(-max(-500.0, min(500.0, x))))


@cache
def read(folder: Path = MODELS) -> Weights:
    """The weights in a folder; SchemaError where they cannot be read."""
    try:
        numbers = yaml.safe_load((folder / "weights.yaml").read_text("utf-8"))
        with np.load(folder / "questions.npz") as file:
            return Weights(
                **numbers | {"chance_of_match": tuple(numbers["chance_of_match"])},
                kinds=tuple(file["kinds"].tolist()),
                kind_weights=file["kind_weights"].astype(np.float32),
                subject_weights=file["subject_weights"].astype(np.float32),
                bridge=Bridge(*(file[name].astype(np.float32) for name in BRIDGE)),
            )
    except (OSError, TypeError, KeyError, ValueError, yaml.YAMLError) as error:
        raise SchemaError(
            _(
                "De gewichten in %(name)s zijn niet te lezen: %(error)s. Maak ze opnieuw met: kennismakelaar train.",
                name=folder.name,
                error=error,
            )
        ) from error
