"""All vectors of a model as one matrix, memory-mapped so that web workers share it."""

import json
import os
import sqlite3
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from kennismakelaar.model import Vector
from kennismakelaar.postings import gone_since, most_changed
from kennismakelaar.store import Ranking

NO_VECTORS: Vector = np.zeros((0, 0), np.float32)
VECTORS = """SELECT vector.id, node.kind, entry.row, vector.dimensions, length(vector.data)
    FROM vector JOIN node USING (id) JOIN entry USING (id)
    WHERE model = :model AND dimensions > 0 AND length(data) > 0"""


@dataclass(frozen=True)
class Matrix:
    """The passages of all nodes below each other, in order of node."""

    ids: tuple[str, ...]
    kinds: tuple[str, ...]
    ends: tuple[int, ...]
    rows: Vector
    """Shape (passages, dimensions)."""
    entries: tuple[int, ...] = ()
    """Of each node, the row of its entry."""

    @cached_property
    def place(self) -> dict[str, slice]:
        """The rows of each node."""
        return {id: slice(start, end) for id, start, end in zip(self.ids, (0, *self.ends), self.ends, strict=False)}

    @cached_property
    def starts(self) -> npt.NDArray[np.int64]:
        """The first row of each node."""
        return np.array((0, *self.ends[:-1]), np.int64)

    @cached_property
    def of_kind(self) -> dict[str, npt.NDArray[np.bool_]]:
        """For each kind, which nodes are of it."""
        kinds = np.array(self.kinds)
        return {kind: kinds == kind for kind in set(self.kinds)}

    def vectors(self, id: str) -> Vector:
        """The passages of one node."""
        return self.rows[self.place[id]]

    def cosines(self, vector: Vector, ids: Collection[str]) -> dict[str, Vector]:
        """Of each passage of the nodes that are here."""
        return {id: self.vectors(id) @ vector for id in ids if id in self.place}

    def nearest(self, vector: Vector, limit: int, kinds: Collection[str]) -> Ranking:
        """Exact: every row is compared."""
        if not self.rows.size:
            return []
        best = np.maximum.reduceat(self.rows @ vector, self.starts)
        if kinds:
            wanted = [self.of_kind[kind] for kind in kinds if kind in self.of_kind]
            best = np.where(np.any(wanted, axis=0), best, -np.inf) if wanted else np.full_like(best, -np.inf)
        top = np.argpartition(-best, min(limit, len(best)) - 1)[:limit]
        found = [(self.ids[i], float(best[i])) for i in top if best[i] > -np.inf]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))


EMPTY = Matrix((), (), (), NO_VECTORS)


@dataclass(frozen=True)
class Layered:
    """A matrix with what changed since it was made."""

    base: Matrix
    fresh: Matrix
    stale: frozenset[str]
    """Nodes whose rows in the base do not count any more."""

    def vectors(self, id: str) -> Vector:
        """The passages of one node."""
        return (self.fresh if id in self.stale or id not in self.base.place else self.base).vectors(id)

    def cosines(self, vector: Vector, ids: Collection[str]) -> dict[str, Vector]:
        """Of each passage of the nodes that are here."""
        kept = [id for id in ids if id not in self.stale]
        return self.base.cosines(vector, kept) | self.fresh.cosines(vector, ids)

    def nearest(self, vector: Vector, limit: int, kinds: Collection[str]) -> Ranking:
        """Exact as well."""
        kept = [pair for pair in self.base.nearest(vector, limit + len(self.stale), kinds) if pair[0] not in self.stale]
        found = [*kept, *self.fresh.nearest(vector, limit, kinds)]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:limit]


class VectorFile:
    """The matrices of one database, each in a file beside it that is made anew after much change."""

    def __init__(self, database: Path) -> None:
        """Reads nothing yet."""
        self._database = database
        self._bases: dict[str, tuple[int, Matrix]] = {}
        self._loaded: dict[str, tuple[int, Layered]] = {}

    def matrix(self, model: str, revision: int, db: sqlite3.Connection) -> Layered:
        """The vectors of this model as they were at this revision of the index."""
        known = self._loaded.get(model)
        if known is None or known[0] != revision:
            self._loaded[model] = known = revision, self._changed(model, revision, db)
        return known[1]

    def _changed(self, model: str, revision: int, db: sqlite3.Connection) -> Layered:
        """The base with what was indexed and deleted since; a new base where that is much, or there is none."""
        since, base = self._bases.get(model, (0, EMPTY))
        gone = set(gone_since(db, since))
        ids = [id for (id,) in db.execute("SELECT id FROM entry WHERE revision > ?", (since,))]
        if not base.ids or since > revision or len(ids) + len(gone) > most_changed(len(base.ids)):
            self._bases[model] = revision, self._load(model, revision, db)
            return Layered(self._bases[model][1], EMPTY, frozenset())
        lost = {id for id, row in zip(base.ids, base.entries, strict=True) if row in gone} if gone else set()
        return Layered(base, self._read(model, db, ids), frozenset([*lost, *ids]))

    def _load(self, model: str, revision: int, db: sqlite3.Connection) -> Matrix:
        """All, from the file if it is there."""
        found = db.execute(f"{VECTORS} ORDER BY vector.id", {"model": model}).fetchall()
        if not found:
            return EMPTY
        counts = [length // (4 * dimensions) for *_, dimensions, length in found]
        return _matrix(found, counts, self._rows(model, revision, db, found[0][3], sum(counts)))

    def _read(self, model: str, db: sqlite3.Connection, ids: Collection[str]) -> Matrix:
        """Those of some nodes."""
        some = f"{VECTORS} AND vector.id IN (SELECT value FROM json_each(:ids)) ORDER BY vector.id"
        found = db.execute(some, {"model": model, "ids": json.dumps(list(ids))}).fetchall()
        if not found:
            return EMPTY
        data = [
            db.execute("SELECT data FROM vector WHERE model = ? AND id = ?", (model, row[0])).fetchone()[0]
            for row in found
        ]
        rows = np.frombuffer(b"".join(data), "<f4").reshape(-1, found[0][3])
        return _matrix(found, [len(one) // (4 * found[0][3]) for one in data], rows)

    def _rows(self, model: str, revision: int, db: sqlite3.Connection, dimensions: int, count: int) -> Vector:
        folder = Path(f"{self._database}.vectors")
        path = folder / f"{model}-{revision}.npy"
        with suppress(OSError, ValueError):
            rows = np.load(path, mmap_mode="r")
            if rows.shape == (count, dimensions):
                return np.asarray(rows)
        blobs = db.execute(
            """SELECT data FROM vector JOIN entry USING (id) WHERE model = ? AND dimensions > 0 AND length(data) > 0
            ORDER BY id""",
            (model,),
        )
        rows = np.frombuffer(b"".join(data for (data,) in blobs), "<f4").reshape(count, dimensions)
        with suppress(OSError):
            _save(path, rows)
        return rows


def _matrix(found: Sequence[tuple[Any, ...]], counts: Sequence[int], rows: Vector) -> Matrix:
    ids, kinds, entries = (tuple(row[n] for row in found) for n in range(3))
    return Matrix(ids, kinds, tuple(int(end) for end in np.cumsum(counts)), rows, entries)


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
