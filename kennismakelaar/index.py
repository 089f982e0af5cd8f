"""Keeps the index true to the graph: which texts of a node are searched, and their vectors."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from kennismakelaar import text
from kennismakelaar.encode import Encoder, Progress
from kennismakelaar.errors import EncoderError
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Entry, Node, Vector, digest
from kennismakelaar.paths import SEED_DATA
from kennismakelaar.schema import schema
from kennismakelaar.store import CandidateIndex

BATCH = 32
"""Nodes that are indexed in one transaction."""


def refresh(index: CandidateIndex, encoder: Encoder, progress: Progress = lambda done: None) -> int:
    """Index the nodes that changed since they were last indexed with this encoder; how many that were."""
    waiting = list(index.outdated(encoder.id))
    for start in range(0, len(waiting), BATCH):
        nodes = waiting[start : start + BATCH]
        index.index(encoder.id, entries(nodes, encoder))
        progress(len(nodes))
    return len(waiting)


def entries(nodes: Sequence[Node], encoder: Encoder) -> list[Entry]:
    """What the index is to keep of these nodes."""
    texts = [passages(node) for node in nodes]
    vectors = iter(_vectors([t for group in texts for t in group], encoder))
    return [
        Entry(
            node.id,
            node.kind,
            digest(node),
            tuple(text.analyse(searchable(node))),
            tuple(text.grams(searchable(node))),
            group,
            np.array([next(vectors) for _ in group], np.float32),
        )
        for node, group in zip(nodes, texts, strict=True)
    ]


def passages(node: Node) -> tuple[str, ...]:
    """The texts whose meaning is compared with a question: first the whole, second the names, then one by one."""
    kind = schema().nodes[node.kind]
    whole = f"{node.name} ({kind.label['nl']}). {node.text('summary')}"
    names = "; ".join((node.name, *node.aliases[:6]))
    rest = [
        *node.texts("situations"),
        node.text("summary_en"),
        node.text("known_so_far"),
        ", ".join(node.texts("citizen_words")),
    ]
    return tuple(dict.fromkeys((whole, names, *(t for t in rest if t))))


def searchable(node: Node) -> str:
    """All words by which a node may be found."""
    return " . ".join((node.name, *node.aliases, *passages(node)[2:], node.text("summary")))


def key(model: str, passage: str) -> str:
    """Under which a vector is kept: it belongs to one model and one text."""
    return hashlib.sha256(f"{model}\0{passage}".encode()).hexdigest()[:24]


def shipped_path(model: str) -> Path:
    """The vectors of the seed graph for one model."""
    return SEED_DATA / f"vectors-{model}.npz"


@cache
def shipped(model: str) -> Mapping[str, Vector]:
    """The vectors that ship with the seed graph, by key; empty for other models."""
    path = shipped_path(model)
    if not path.exists():
        return {}
    with np.load(path) as file:
        rows = file["vectors"].astype(np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)  # half precision left them a little off
        return dict(zip(file["keys"].tolist(), rows, strict=True))


def _vectors(texts: Sequence[str], encoder: Encoder) -> Vector:
    keys = [key(encoder.id, t) for t in texts]
    known = shipped(encoder.id)
    missing = [t for t, k in zip(texts, keys, strict=True) if k not in known]
    made = iter(encoder.passages(missing))
    rows = [known[k] if k in known else next(made) for k in keys]
    if any(len(row) != encoder.dimensions for row in rows):
        raise EncoderError(
            _(
                "Vectoren van %(id)s zijn niet alle even lang. Maak de index opnieuw met: kennismakelaar init.",
                id=encoder.id,
            )
        )
    return np.array(rows, np.float32).reshape(len(texts), encoder.dimensions)


def ship(nodes: Sequence[Node], encoder: Encoder, progress: Progress = lambda done: None) -> int:
    """Write the file of shipped vectors anew, encoding only what is not in it yet; how many vectors it holds."""
    texts = sorted({t for node in nodes for t in passages(node)})
    known = shipped(encoder.id)
    missing = [t for t in texts if key(encoder.id, t) not in known]
    made = dict(zip(missing, encoder.passages(missing, progress), strict=True))
    rows = [made[t] if t in made else known[key(encoder.id, t)] for t in texts]
    np.savez_compressed(
        shipped_path(encoder.id), keys=np.array([key(encoder.id, t) for t in texts]), vectors=np.array(rows, np.float16)
    )
    return len(texts)
