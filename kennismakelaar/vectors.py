"""All vectors of a model as one matrix, memory-mapped so that web workers share it."""

import os
import sqlite3
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from kennismakelaar.model import Vector
from kennismakelaar.store import Ranking

NO_VECTORS: Vector = np.zeros((0, 0), np.float32)


@dataclass(frozen=True)
class Matrix:
    """The passages of all nodes below each other, in order of node."""

    ids: tuple[str, ...]
    kinds: tuple[str, ...]
    ends: tuple[int, ...]
    rows: Vector
    """Shape (passages, dimensions)."""

    @cached_property
    def place(self) -> dict[str, slice]:
        """The rows of each node."""
        return {id: slice(start, end) for id, start, end in zip(self.ids, (0, *self.ends), self.ends, strict=False)}

    def vectors(self, id: str) -> Vector:
        """The passages of one node."""
        return self.rows[self.place[id]]

    def nearest(self, vector: Vector, limit: int, kinds: Collection[str]) -> Ranking:
        """Exact: every row is compared."""
        if not self.rows.size:
            return []
        best = np.maximum.reduceat(self.rows @ vector, np.array((0, *self.ends[:-1])))
        if kinds:
            best = np.where(np.isin(self.kinds, list(kinds)), best, -np.inf)
        top = np.argpartition(-best, min(limit, len(best)) - 1)[:limit]
        found = [(self.ids[i], float(best[i])) for i in top if best[i] > -np.inf]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))


class VectorFile:
    """The matrices of one database, each in a file beside it that is made anew after a change."""

    def __init__(self, database: Path) -> None:
        """Reads nothing yet."""
        self._database = database
        self._loaded: dict[str, tuple[int, Matrix]] = {}

    def matrix(self, model: str, revision: int, db: sqlite3.Connection) -> Matrix:
        """The vectors of this model as they were at this revision of the index."""
        known = self._loaded.get(model)
        if known is None or known[0] != revision:
            self._loaded[model] = known = revision, self._load(model, revision, db)
        return known[1]

    def _load(self, model: str, revision: int, db: sqlite3.Connection) -> Matrix:
        found = db.execute(
            """SELECT vector.id, node.kind, vector.dimensions, length(vector.data) FROM vector
            JOIN node USING (id) WHERE model = ? AND dimensions > 0 AND length(data) > 0 ORDER BY vector.id""",
            (model,),
        ).fetchall()
        if not found:
            return Matrix((), (), (), NO_VECTORS)
        counts = [length // (4 * dimensions) for *_, dimensions, length in found]
        return Matrix(
            tuple(row[0] for row in found),
            tuple(row[1] for row in found),
            tuple(int(end) for end in np.cumsum(counts)),
            self._rows(model, revision, db, found[0][2], sum(counts)),
        )

    def _rows(self, model: str, revision: int, db: sqlite3.Connection, dimensions: int, count: int) -> Vector:
        folder = Path(f"{self._database}.vectors")
        path = folder / f"{model}-{revision}.npy"
        with suppress(OSError, ValueError):
            rows = np.load(path, mmap_mode="r")
            if rows.shape == (count, dimensions):
                return np.asarray(rows)
        blobs = db.execute(
            """SELECT data FROM vector WHERE model = ? AND dimensions > 0 AND length(data) > 0 ORDER BY id""", (model,)
        )
        rows = np.frombuffer(b"".join(data for (data,) in blobs), "<f4").reshape(count, dimensions)
        with suppress(OSError):
            _save(path, rows)
        return rows


def _save(path: Path, rows: Vector) -> None:
    """Written beside and renamed, so that no reader sees half a file; older revisions go."""
    path.parent.mkdir(exist_ok=True)
    beside = path.with_suffix(f".{os.getpid()}")
    with open(beside, "wb") as file:
        np.save(file, rows)
    beside.replace(path)
    for old in path.parent.glob(f"{path.stem.rsplit('-', 1)[0]}-*.npy"):
        if old != path:
            old.unlink(missing_ok=True)
