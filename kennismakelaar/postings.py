"""BM25 in large graphs: which records have a term, and what it weighs there, in arrays that web workers share.

FTS5 weighs every record that has one of the terms, which for runs of letters is nearly all of them: 25 milliseconds a
question with 1,100 records, 1.7 seconds with 100,000. Arrays take 2 and 110. They are made of what FTS5 holds, are kept in files beside
the database, and stay in use after a change: what changed since is weighed by itself, until it is so much that they are
made anew.
"""

import json
import math
import os
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from kennismakelaar.store import Ranking

K1, B = 1.2, 0.75
"""As FTS5 has them."""
SMALL = 500
"""Records up to which FTS5 is quick enough."""
CHANGED = 1_000
"""Records that may have changed since the arrays were made: no more than a tenth of all, no less than a fiftieth."""
SAVED = ("rows", "offsets", "records", "weights")
Array = npt.NDArray[Any]


def most_changed(count: int) -> int:
    """How many of so many records may have changed before what was made of them is made anew."""
    return max(min(CHANGED, count // 10), count // 50)


def gone_since(db: sqlite3.Connection, revision: int) -> list[int]:
    """Rows of entries that were taken out of the index since; a row may have been given out again."""
    return [row for (row,) in db.execute("SELECT row FROM gone WHERE revision > ?", (revision,))]


@dataclass(frozen=True)
class Postings:
    """One field of all records as it was at a revision of the index."""

    revision: int
    ids: Sequence[str]
    kinds: Sequence[str]
    terms: Mapping[str, int]
    average: float
    """Terms of a record."""
    rows: Array
    """Of each record, in the table of entries."""
    offsets: Array
    """Where the postings of each term begin; one more than there are terms."""
    records: Array
    weights: Array
    """Of each posting: the number of the record, and how much the term tells there, before its rarity."""

    @cached_property
    def codes(self) -> tuple[Array, Mapping[str, int]]:
        """The kind of each record as a number."""
        names = sorted(set(self.kinds))
        place = {name: number for number, name in enumerate(names)}
        return np.array([place[kind] for kind in self.kinds], np.int8), place

    def rarity(self, term: str) -> float:
        """What FTS5 multiplies with: ln((N - n + 0.5) / (n + 0.5)), never below a millionth."""
        number = self.terms.get(term)
        n = 0 if number is None else int(self.offsets[number + 1] - self.offsets[number])
        return max(math.log((len(self.ids) - n + 0.5) / (n + 0.5)), 1e-6)

    def best(self, terms: Collection[str], limit: int, kinds: Collection[str], without: Collection[int]) -> Ranking:
        """The records that these terms fit best, apart from some rows."""
        scores = np.zeros(len(self.ids), np.float32)
        for term in terms:
            number = self.terms.get(term)
            if number is not None:
                part = slice(int(self.offsets[number]), int(self.offsets[number + 1]))
                scores[self.records[part]] += np.float32(self.rarity(term)) * self.weights[part]
        if kinds:
            codes, place = self.codes
            scores[~np.isin(codes, [place[kind] for kind in kinds if kind in place])] = 0
        if without:
            scores[np.isin(self.rows, list(without))] = 0
        top = np.argpartition(-scores, min(limit, len(scores) - 1))[: limit + 1]
        found = [(self.ids[i], float(scores[i])) for i in top if scores[i] > 0]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:limit]

    def score(self, counts: Mapping[str, int], length: int, terms: Collection[str]) -> float:
        """The same of a record that is not in the arrays, just as exact."""
        held = [term for term in terms if term in counts]
        told = weights(np.array([counts[term] for term in held], np.uint32), length, self.average)
        return sum(self.rarity(term) * float(weight) for term, weight in zip(held, told, strict=True))


def weights(counts: Array, length: int, average: float) -> Array:
    """How much terms tell that stand so often in a record of this length, before their rarity; as it is kept."""
    norm = K1 * (1 - B + B * length / average)
    return np.asarray(counts * (K1 + 1) / (counts + norm), np.float16)


class PostingsFile:
    """The arrays of one field of a database, in files beside it."""

    def __init__(self, database: Path, field: str) -> None:
        """Reads nothing yet."""
        self._folder, self._field = Path(f"{database}.vectors"), field
        self._known: Postings | None = None
        self._seen = -1
        self._gone: list[int] = []
        self._fresh: list[tuple[str, str, Mapping[str, int], int]] = []

    def lexical(
        self, db: sqlite3.Connection, revision: int, terms: Sequence[str], limit: int, kinds: Collection[str]
    ) -> Ranking:
        """BM25 at this revision of the index, as CandidateIndex has it."""
        if self._known is None or self._seen != revision:
            self._known = self._current(db, revision)
            self._gone = gone_since(db, self._known.revision)
            self._fresh = list(_fresh(db, self._field, self._known.revision))
            self._seen = revision
        known, wanted = self._known, list(dict.fromkeys(terms))
        found = known.best(wanted, limit, kinds, self._gone)
        newer = [
            (id, score)
            for id, kind, counts, length in self._fresh
            if not kinds or kind in kinds
            if (score := known.score(counts, length, wanted)) > 0
        ]
        return sorted([*found, *newer], key=lambda pair: (-pair[1], pair[0]))[:limit]

    def _current(self, db: sqlite3.Connection, revision: int) -> Postings:
        """What is known if it is near enough, else what another process made, else made now."""
        if self._known is not None and _serves(db, self._known, revision):
            return self._known
        known = self._read(revision)
        if known is not None and _serves(db, known, revision):
            return known
        return self._save(make(db, self._field, revision))

    def _path(self, revision: int | str, part: str) -> Path:
        return self._folder / f"{self._field}-{revision}.{part}"

    def _read(self, revision: int) -> Postings | None:
        """The newest there is of this revision or before."""
        made = [int(path.name.split("-")[1].split(".")[0]) for path in self._folder.glob(f"{self._field}-*.json")]
        with suppress(OSError, ValueError, KeyError):
            newest = max(one for one in made if one <= revision)
            told = json.loads(self._path(newest, "json").read_text("utf-8"))
            arrays = [np.asarray(np.load(self._path(newest, f"{name}.npy"), mmap_mode="r")) for name in SAVED]
            terms = {term: number for number, term in enumerate(told["terms"])}
            return Postings(newest, told["ids"], told["kinds"], terms, told["average"], *arrays)
        return None

    def _save(self, made: Postings) -> Postings:
        """Written beside and renamed, the one that names the others last; older ones go. As it was if that fails."""
        with suppress(OSError):
            self._folder.mkdir(exist_ok=True)
            for name in SAVED:
                self._write(made.revision, f"{name}.npy", getattr(made, name))
            told = {
                "ids": list(made.ids),
                "kinds": list(made.kinds),
                "terms": list(made.terms),
                "average": made.average,
            }
            beside = self._path(made.revision, f"json.{os.getpid()}")
            beside.write_text(json.dumps(told, ensure_ascii=False), "utf-8")
            beside.replace(self._path(made.revision, "json"))
            for old in self._folder.glob(f"{self._field}-*"):
                if not old.name.startswith(f"{self._field}-{made.revision}."):
                    old.unlink(missing_ok=True)
            return self._read(made.revision) or made
        return made

    def _write(self, revision: int, part: str, array: Array) -> None:
        beside = self._path(revision, f"{part}.{os.getpid()}")
        with open(beside, "wb") as file:
            np.save(file, array)
        beside.replace(self._path(revision, part))


def _serves(db: sqlite3.Connection, known: Postings, revision: int) -> bool:
    """Is it of this database, and did not too much change since?"""
    if known.revision > revision:
        return False
    gone = gone_since(db, known.revision)
    ((kept,),) = db.execute("SELECT count(*) FROM entry WHERE revision <= ?", (known.revision,)).fetchall()
    ((newer,),) = db.execute("SELECT count(*) FROM entry WHERE revision > ?", (known.revision,)).fetchall()
    lost = int(np.isin(known.rows, gone).sum()) if gone else 0
    return bool(kept + lost == len(known.ids) and newer + lost <= most_changed(len(known.ids)))


def _texts(db: sqlite3.Connection, table: str, since: int) -> Iterator[tuple[int, str, str, str]]:
    """Row, id, kind and terms of every entry that was indexed after a revision."""
    yield from db.execute(
        f"""SELECT entry.row, entry.id, entry.kind, {table}.terms FROM entry JOIN {table} ON {table}.rowid = entry.row
        WHERE entry.revision > ? ORDER BY entry.row""",
        (since,),
    )


def _fresh(db: sqlite3.Connection, field: str, since: int) -> Iterator[tuple[str, str, Mapping[str, int], int]]:
    for _, id, kind, text in _texts(db, field, since):
        terms = text.split()
        yield id, kind, Counter(terms), len(terms)


def make(db: sqlite3.Connection, field: str, revision: int) -> Postings:
    """The arrays of all entries."""
    ids, kinds, rows, lengths = [], [], [], []
    terms: dict[str, int] = {}
    told: list[Array] = []
    for row, id, kind, text in _texts(db, field, -1):
        counts = Counter(text.split())
        numbers = [terms.setdefault(term, len(terms)) for term in counts]
        told.append(np.array([numbers, list(counts.values())], np.uint32))
        ids.append(id)
        kinds.append(kind)
        rows.append(row)
        lengths.append(counts.total())
    average = max(1.0, sum(lengths) / max(1, len(lengths)))
    arrays = _by_term(told, lengths, average, len(terms))
    return Postings(revision, ids, kinds, terms, average, np.array(rows, np.int64), *arrays)


def _by_term(told: Sequence[Array], lengths: Sequence[int], average: float, terms: int) -> tuple[Array, Array, Array]:
    """From terms by record to records by term, without sorting: each record puts its terms at the end of theirs."""
    held = np.zeros(terms + 1, np.int64)
    for numbers, _ in told:
        held[numbers + 1] += 1
    offsets = np.cumsum(held)
    end = offsets[:-1].copy()
    records, kept = np.empty(offsets[-1], np.uint32), np.empty(offsets[-1], np.float16)
    for record, ((numbers, counts), length) in enumerate(zip(told, lengths, strict=True)):
        place = end[numbers]
        records[place] = record
        kept[place] = weights(counts, length, average)
        end[numbers] += 1
    return offsets, records, kept
