"""The working file of an import: what each row becomes, on disk, so that a long list needs no more memory."""

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any

from kennismakelaar.history import Flat
from kennismakelaar.language import marked

TABLES = """
CREATE TABLE row (n INTEGER PRIMARY KEY, sheet TEXT, line INTEGER, cells TEXT, fate TEXT, id TEXT, name TEXT,
    old TEXT, new TEXT, problems TEXT);
CREATE INDEX row_fate ON row (fate, n);
CREATE INDEX row_id ON row (id);
CREATE TABLE key (kind TEXT, key TEXT, id TEXT, n INTEGER, PRIMARY KEY (key, kind, id)) WITHOUT ROWID;
CREATE TABLE tie (n INTEGER, relation TEXT, header TEXT, item TEXT);
CREATE TABLE edge (source TEXT, kind TEXT, target TEXT, n INTEGER, body TEXT, PRIMARY KEY (source, kind, target));
CREATE INDEX edge_n ON edge (n);
CREATE INDEX edge_target ON edge (target);
"""
AT_ONCE = 1_000
"""Rows that are held in memory while others are written."""


class Fate(StrEnum):
    """What becomes of a row."""

    NEW = marked("nieuw")
    CHANGED = marked("gewijzigd")
    SAME = marked("ongewijzigd")
    REFUSED = marked("geweigerd")


@dataclass(frozen=True)
class Problem:
    """Why a row is refused: the column and value, and what to do."""

    column: str
    value: str
    text: str


@dataclass(frozen=True)
class Planned:
    """A row with what becomes of it; `old` and `new` are nodes in their flat form."""

    n: int
    sheet: str
    line: int
    fate: Fate
    id: str
    name: str
    cells: dict[str, str] = field(default_factory=dict)
    old: Flat | None = None
    new: Flat | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def fields(self) -> Mapping[str, tuple[Any, Any]]:
        """What differs: the old and the new value by name."""
        old, new = self.old or {}, self.new or {}
        return {name: (old.get(name), new[name]) for name in new if old.get(name) != new[name]}


class Spool:
    """Rows, names and relations of one import in a file of its own, which goes when the import is done.

    One thread at a time; the website plans in one and writes in another.
    """

    def __init__(self, folder: Path) -> None:
        """In a folder that is thrown away."""
        self._db = sqlite3.connect(folder / "spool.db", isolation_level=None, check_same_thread=False)
        self._db.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN; {TABLES}")

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def add(self, rows: Iterable[Planned]) -> None:
        """Rows as they are known so far."""
        self._db.executemany("INSERT INTO row VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (_values(row) for row in rows))

    def add_keys(self, keys: Iterable[tuple[str, str, str, int | None]]) -> None:
        """Kind, key and id of what can be found by the key; with the number of its row if it is in the list."""
        self._db.executemany("INSERT OR IGNORE INTO key VALUES (?, ?, ?, ?)", keys)

    def find(self, key: str, kinds: Collection[str] = ()) -> list[tuple[str, str, int | None]]:
        """Id, kind and row (None in the graph) of what has the key, in order of kind and id."""
        found = self._db.execute("SELECT id, kind, n FROM key WHERE key = ? ORDER BY kind, id", (key,)).fetchall()
        return [(id, kind, n) for id, kind, n in found if not kinds or kind in kinds]

    def add_ties(self, ties: Iterable[tuple[int, str, str, str]]) -> None:
        """Row, relation, header and name of what is to be tied to a row."""
        self._db.executemany("INSERT INTO tie VALUES (?, ?, ?, ?)", ties)

    def ties(self) -> Iterator[tuple[Planned, str, str, str]]:
        """All ties with their row, also of rows that are refused, so that they tell all that is wrong."""
        sql = """SELECT tie.rowid, row.*, relation, header, item FROM tie JOIN row USING (n)
            WHERE tie.rowid > ? ORDER BY tie.rowid LIMIT ?"""
        last = 0
        while found := self._db.execute(sql, (last, AT_ONCE)).fetchall():
            for _, *cells in found:
                yield _planned(cells[:10]), *cells[10:]
            last = found[-1][0]

    def add_edges(self, edges: Iterable[tuple[str, str, str, int, str]]) -> None:
        """Source, kind, target, row and body (JSON) of relations to write; one that is there stays."""
        self._db.executemany("INSERT OR IGNORE INTO edge VALUES (?, ?, ?, ?, ?)", edges)

    def edges(self, n: int | None = None) -> Iterator[Flat]:
        """Relations to write, of one row or of all that are not refused, in the order of the file."""
        sql = "SELECT body FROM edge JOIN row USING (n) WHERE fate != ? AND (? IS NULL OR n = ?) ORDER BY n, edge.rowid"
        for (body,) in self._db.execute(sql, (Fate.REFUSED, n, n)):
            yield json.loads(body)

    def refuse(self, n: int, problems: Sequence[Problem]) -> None:
        """A row is refused after all, with these problems beside what it has."""
        (held,) = self._db.execute("SELECT problems FROM row WHERE n = ?", (n,)).fetchone()
        told = json.dumps(json.loads(held) + [asdict(problem) for problem in problems])
        self._db.execute("UPDATE row SET fate = ?, problems = ? WHERE n = ?", (Fate.REFUSED, told, n))

    def leaning(self) -> list[tuple[int, str]]:
        """Rows that are not refused but have a relation with a new one that is, with the name of that one."""
        sql = """SELECT edge.n, other.name FROM edge JOIN row ON row.n = edge.n
            JOIN row other ON other.id IN (edge.source, edge.target) AND other.n != edge.n
            WHERE row.fate != :refused AND other.fate = :refused AND other.old IS NULL
            AND NOT EXISTS (SELECT 1 FROM row fine WHERE fine.id = other.id AND fine.fate != :refused)
            GROUP BY edge.n"""
        return self._db.execute(sql, {"refused": Fate.REFUSED}).fetchall()

    def settle(self) -> None:
        """A row that changes no field but brings a relation is a change."""
        sql = "UPDATE row SET fate = ? WHERE fate = ? AND n IN (SELECT n FROM edge)"
        self._db.execute(sql, (Fate.CHANGED, Fate.SAME))

    def counts(self) -> dict[str, int]:
        """How many rows have each fate."""
        found = dict(self._db.execute("SELECT fate, count(*) FROM row GROUP BY fate"))
        return {fate.value: found.get(fate, 0) for fate in Fate}

    def size(self) -> int:
        """How many records and relations are to be written."""
        rows = "SELECT count(*) FROM row WHERE fate IN (?, ?) AND new IS NOT NULL AND new IS NOT old"
        edges = "SELECT count(*) FROM edge JOIN row USING (n) WHERE fate != ?"
        numbers = self._db.execute(f"SELECT ({rows}) + ({edges})", (Fate.NEW, Fate.CHANGED, Fate.REFUSED)).fetchone()
        return int(numbers[0])

    def rows(self, fates: Collection[Fate], limit: int = -1) -> Iterator[Planned]:
        """Those with one of the fates, in order of the file."""
        marks = ", ".join("?" * len(fates))
        sql = f"SELECT * FROM row WHERE fate IN ({marks}) ORDER BY n LIMIT ?"
        yield from (_planned(found) for found in self._db.execute(sql, (*fates, limit)))

    def digest(self) -> str:
        """The same for the same plan, so that what is written is what was shown."""
        total = sha256()
        for found in self._db.execute("SELECT n, fate, id, new, problems FROM row ORDER BY n"):
            total.update(repr(found).encode())
        for found in self._db.execute("SELECT source, kind, target FROM edge ORDER BY 1, 2, 3"):
            total.update(repr(found).encode())
        return total.hexdigest()


def _values(row: Planned) -> tuple[object, ...]:
    problems = json.dumps([asdict(problem) for problem in row.problems])
    old, new = (json.dumps(flat, ensure_ascii=False) if flat else None for flat in (row.old, row.new))
    cells = json.dumps(row.cells, ensure_ascii=False)
    return row.n, row.sheet, row.line, cells, row.fate, row.id, row.name, old, new, problems


def _planned(found: Sequence[object]) -> Planned:
    n, sheet, line, cells, fate, id, name, old, new, problems = found
    told = tuple(Problem(**problem) for problem in json.loads(str(problems)))
    before, after = (json.loads(str(flat)) if flat else None for flat in (old, new))
    return Planned(
        int(str(n)),
        str(sheet),
        int(str(line)),
        Fate(str(fate)),
        str(id),
        str(name),
        json.loads(str(cells)),
        before,
        after,
        told,
    )
