"""The graph in one SQLite file: several processes read and write at once, nothing acknowledged is lost."""

import fcntl
import json
import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from kennismakelaar.embedded_tables import (
    A_RECORD,
    DEGREES,
    LEFT,
    MIGRATIONS,
    TABLES,
    VERSION,
    body,
    listed,
    purge,
    read_record,
    statements,
    translated,
    where,
)
from kennismakelaar.errors import NotFound, StoreRefused
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Change, Edge, Entry, Node, Record, Vector, digest, edge_from, node_from
from kennismakelaar.postings import SMALL, PostingsFile
from kennismakelaar.store import Ranking, changed_meanwhile
from kennismakelaar.vectors import NO_VECTORS, Layered, VectorFile

WAL_LIMIT = 4 * 2**20
"""Bytes of write-ahead log after which a writer tidies up."""


class EmbeddedStore:
    """A GraphStore and CandidateIndex in a file.

    Writers queue on a lock file: SQLite's own busy handler can let one starve for seconds. Checkpoints happen
    only while that lock is held, because SQLite before 3.51.3 can damage a file when a checkpoint and a commit
    of two connections meet (sqlite.org, 'WAL-reset bug').
    """

    def __init__(self, path: Path) -> None:
        """Open the file, making it if it is absent; StoreRefused if it is of a newer version or not ours."""
        self.path = path
        self._lock = threading.RLock()
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._vectors = VectorFile(path)
        self._postings = {field: PostingsFile(path, field) for field in ("words", "grams")}
        with translated(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._prepare()

    def _prepare(self) -> None:
        with self._write() as db:
            if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
                for statement in statements(TABLES):
                    db.execute(statement)
            version = int(self._meta(db, "version"))
            if version > VERSION:
                raise StoreRefused(
                    _(
                        "%(path)s is gemaakt met een nieuwere versie (tabellen %(version)s, hier %(ours)s). "
                        "Werk Kennismakelaar bij of kies een ander bestand.",
                        path=self.path,
                        version=version,
                        ours=VERSION,
                    )
                )
            for step in range(version, VERSION):
                for statement in statements(MIGRATIONS[step]):
                    db.execute(statement)
            if version < VERSION:
                db.execute("UPDATE meta SET value = ? WHERE key = 'version'", (VERSION,))

    def put(self, nodes: Iterable[Node], edges: Iterable[Edge]) -> None:
        """See GraphStore."""
        with self._write() as db:
            self._put(db, nodes, edges)

    def _put(self, db: sqlite3.Connection, nodes: Iterable[Node], edges: Iterable[Edge]) -> None:
        revision = int(self._meta(db, "revision")) + 1
        db.executemany(
            "INSERT INTO node VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, "
            "digest = excluded.digest, body = excluded.body, revision = excluded.revision",
            ((n.id, n.kind, digest(n), body(n), revision) for n in nodes),
        )
        self._put_edges(db, edges)
        db.execute("UPDATE meta SET value = value + 1 WHERE key = 'revision'")

    def _put_edges(self, db: sqlite3.Connection, edges: Iterable[Edge]) -> None:
        now: list[Edge] = []

        def rows() -> Iterator[tuple[str, str, str, str]]:
            for edge in edges:
                now[:] = [edge]
                yield edge.source, edge.kind, edge.target, body(edge)

        try:
            db.executemany("INSERT OR REPLACE INTO edge VALUES (?, ?, ?, ?)", rows())
        except sqlite3.IntegrityError as error:
            raise NotFound(
                _(
                    "%(source)s %(kind)s %(target)s: een van beide bestaat niet. Voeg die eerst toe.",
                    source=now[0].source,
                    kind=now[0].kind,
                    target=now[0].target,
                )
            ) from error

    def get(self, id: str) -> Node:
        """See GraphStore."""
        for node in self.nodes(ids=[id]):
            return node
        raise NotFound(_("%(id)r bestaat niet in deze graaf.", id=id))

    def nodes(self, kind: str | None = None, ids: Collection[str] | None = None) -> Iterator[Node]:
        """See GraphStore."""
        among, values = where(("kind = ?", kind), ("id IN (SELECT value FROM json_each(?))", listed(ids)))
        for (found,) in self._read(f"SELECT body FROM node {among} ORDER BY id", values):
            yield node_from(json.loads(found))

    def edges(self, ids: Collection[str] | None = None) -> Iterator[Edge]:
        """See GraphStore."""
        one = "SELECT source, kind, target, body FROM edge"
        among = "IN (SELECT value FROM json_each(:ids))"
        sql = one if ids is None else f"{one} WHERE source {among} UNION {one} WHERE target {among}"
        for row in self._read(f"{sql} ORDER BY source, kind, target", {"ids": listed(ids)}):
            yield edge_from(json.loads(row[-1]))

    def size(self) -> int:
        """See GraphStore."""
        return next(int(count) for (count,) in self._read("SELECT count(*) FROM node"))

    def changed(self, since: int) -> Iterator[Node]:
        """See GraphStore."""
        for (found,) in self._read("SELECT body FROM node WHERE revision > ? ORDER BY id", (since,)):
            yield node_from(json.loads(found))

    def leaving(self, ids: Collection[str]) -> Iterator[Edge]:
        """See GraphStore."""
        sql = "SELECT body FROM edge WHERE source IN (SELECT value FROM json_each(?)) ORDER BY source, kind, target"
        for (found,) in self._read(sql, (listed(ids),)):
            yield edge_from(json.loads(found))

    def degrees(self, ids: Collection[str]) -> Mapping[str, int]:
        """See GraphStore."""
        return dict(self._read(DEGREES, {"ids": listed(ids)}))

    def delete(self, id: str) -> None:
        """See GraphStore."""
        with self._write() as db:
            if not db.execute("DELETE FROM node WHERE id = ?", (id,)).rowcount:
                raise NotFound(_("%(id)r bestaat niet in deze graaf.", id=id))
            db.execute("UPDATE meta SET value = value + 1 WHERE key IN ('revision', 'vectors')")

    def record(self, kind: str, id: str) -> Record:
        """See RecordStore."""
        for row in self._read(f"{A_RECORD} WHERE kind = ? AND id = ?", (kind, id)):
            return read_record(row)
        raise NotFound(_("%(kind)s %(id)r bestaat niet.", kind=kind, id=id))

    def records(self, kind: str | None = None, tag: str | None = None) -> Iterator[Record]:
        """See RecordStore."""
        of_kind = "TRUE" if kind is None else "kind = :kind"
        tagged = f"(SELECT kind, id FROM record_tag WHERE {of_kind} AND tag = :tag)"
        among = "" if tag is None else f"AND (kind, id) IN {tagged}"
        sql = f"{A_RECORD} WHERE {of_kind} {among} ORDER BY kind, id"
        yield from (read_record(row) for row in self._read(sql, {"kind": kind, "tag": tag}))

    def write(self, change: Change) -> None:
        """See RecordStore."""
        gone, untied = [(id,) for id in change.gone_nodes], list(change.gone_edges)
        nodes, edges = list(change.nodes), list(change.edges)
        with self._write() as db:
            db.executemany("DELETE FROM node WHERE id = ?", gone)
            db.executemany("DELETE FROM edge WHERE kind = ? AND source = ? AND target = ?", untied)
            db.executemany("DELETE FROM record WHERE kind = ? AND id = ?", change.gone_records)
            if gone or untied or nodes or edges:
                self._put(db, nodes, edges)
            for record in change.records:
                self._put_record(db, record)
            if gone:
                db.execute("UPDATE meta SET value = value + 1 WHERE key = 'vectors'")

    def _put_record(self, db: sqlite3.Connection, record: Record) -> None:
        told = json.dumps(record.body, ensure_ascii=False)
        key = (record.kind, record.id)
        found = db.execute("SELECT version, body FROM record WHERE kind = ? AND id = ?", key).fetchone()
        if found == (record.version + 1, told):
            return
        if (found or (0,))[0] != record.version:
            raise changed_meanwhile(record)
        db.execute("DELETE FROM record_tag WHERE kind = ? AND id = ?", key)
        db.execute(
            "INSERT INTO record VALUES (?, ?, ?, ?) ON CONFLICT (kind, id) "
            "DO UPDATE SET version = excluded.version, body = excluded.body",
            (*key, record.version + 1, told),
        )
        db.executemany("INSERT INTO record_tag VALUES (?, ?, ?)", ((record.kind, t, record.id) for t in {*record.tags}))

    def purge(self) -> None:
        """See GraphStore."""
        with translated(self.path), self._lock, open(f"{self.path}.lock", "w") as queue:
            fcntl.flock(queue, fcntl.LOCK_EX)
            purge(self.path)

    def revision(self) -> int:
        """See GraphStore."""
        with translated(self.path):
            return int(self._meta(self._connection(), "revision"))

    def verify(self) -> list[str]:
        """See GraphStore."""
        broken = [said for (said,) in self._read("PRAGMA integrity_check(10)") if said != "ok"]
        left = [(sort, n) for sort, sql in LEFT.items() for (n,) in self._read(sql) if n]
        return [
            *(f"Het bestand is beschadigd: {said}. Zet een reservekopie terug." for said in broken),
            *(f"{number} {sort}." for sort, number in left),
        ]

    def close(self) -> None:
        """See GraphStore."""
        with self._lock:
            for connection in self._connections:
                connection.close()
            self._connections.clear()
            self._local = threading.local()

    def outdated(self, model: str) -> Iterator[Node]:
        """See CandidateIndex."""
        sql = """SELECT node.body FROM node LEFT JOIN entry USING (id, digest)
            LEFT JOIN vector ON vector.id = node.id AND vector.digest = node.digest AND vector.model = ?
            WHERE entry.id IS NULL OR vector.id IS NULL ORDER BY node.id"""
        for (found,) in self._read(sql, (model,)):
            yield node_from(json.loads(found))

    def index(self, model: str, entries: Iterable[Entry]) -> None:
        """See CandidateIndex."""
        with self._write() as db:
            for entry in entries:
                self._index_one(db, model, entry)
            db.execute("UPDATE meta SET value = value + 1 WHERE key = 'vectors'")

    def _index_one(self, db: sqlite3.Connection, model: str, entry: Entry) -> None:
        if not db.execute("SELECT 1 FROM node WHERE id = ?", (entry.id,)).fetchone():
            return  # deleted while it was being encoded
        db.execute("DELETE FROM entry WHERE id = ?", (entry.id,))
        row = db.execute(
            """INSERT INTO entry (id, kind, digest, passages, revision)
            SELECT ?, ?, ?, ?, value + 1 FROM meta WHERE key = 'vectors'""",
            (entry.id, entry.kind, entry.digest, json.dumps(entry.passages, ensure_ascii=False)),
        ).lastrowid
        db.execute("INSERT INTO words (rowid, terms) VALUES (?, ?)", (row, " ".join(entry.words)))
        db.execute("INSERT INTO grams (rowid, terms) VALUES (?, ?)", (row, " ".join(entry.grams)))
        db.execute(
            "INSERT OR REPLACE INTO vector VALUES (?, ?, ?, ?, ?)",
            (model, entry.id, entry.digest, entry.vectors.shape[1], entry.vectors.astype("<f4").tobytes()),
        )

    def models(self) -> Mapping[str, int]:
        """See CandidateIndex."""
        return dict(self._read("SELECT model, count(*) FROM vector GROUP BY model ORDER BY model"))

    def lexical(self, field: str, terms: Sequence[str], limit: int, kinds: Collection[str] = ()) -> Ranking:
        """See CandidateIndex."""
        if not terms:
            return []
        with self._at_one_moment() as (db, revision):
            if db.execute("SELECT 1 FROM entry LIMIT 1 OFFSET ?", (SMALL,)).fetchone():
                return self._postings[field].lexical(db, revision, terms, limit, kinds)
        table = {"words": "words", "grams": "grams"}[field]
        match = " OR ".join('"' + term.replace('"', '""') + '"' for term in dict.fromkeys(terms))
        sql = f"""SELECT entry.id, -bm25({table}) AS score FROM {table} JOIN entry ON entry.row = {table}.rowid
            WHERE {table} MATCH :match
            AND (json_array_length(:kinds) = 0 OR entry.kind IN (SELECT value FROM json_each(:kinds)))
            ORDER BY score DESC, entry.id LIMIT :limit"""
        return list(self._read(sql, {"match": match, "kinds": listed(kinds), "limit": limit}))

    def nearest(self, model: str, vector: Vector, limit: int, kinds: Collection[str] = ()) -> Ranking:
        """See CandidateIndex."""
        return self._matrix(model).nearest(vector, limit, kinds)

    def cosines(self, model: str, vector: Vector, ids: Collection[str]) -> Mapping[str, Vector]:
        """See CandidateIndex."""
        return self._matrix(model).cosines(vector, ids)

    def frequencies(self, terms: Collection[str]) -> Mapping[str, int]:
        """See CandidateIndex."""
        sql = "SELECT term, doc FROM word_count WHERE term = ?"
        return {term: count for wanted in sorted(set(terms)) for term, count in self._read(sql, (wanted,))}

    def entries(self, ids: Collection[str]) -> Mapping[str, Entry]:
        """See CandidateIndex."""
        sql = """SELECT entry.id, entry.kind, entry.digest, words.terms, entry.passages FROM entry
            JOIN words ON words.rowid = entry.row WHERE entry.id IN (SELECT value FROM json_each(?))"""
        return {
            id: Entry(id, kind, digest, tuple(words.split()), (), tuple(json.loads(passages)), NO_VECTORS)
            for id, kind, digest, words, passages in self._read(sql, (listed(ids),))
        }

    def _matrix(self, model: str) -> Layered:
        with self._at_one_moment() as (db, revision):
            return self._vectors.matrix(model, revision, db)

    @contextmanager
    def _at_one_moment(self) -> Iterator[tuple[sqlite3.Connection, int]]:
        """A connection that sees no change meanwhile, and the revision of the index then."""
        with translated(self.path), self._lock:
            db = self._connection()
            db.execute("BEGIN")
            try:
                yield db, int(self._meta(db, "vectors"))
            finally:
                db.execute("COMMIT")

    def _read(self, sql: str, values: Sequence[object] | Mapping[str, object] = ()) -> Iterator[Any]:
        with translated(self.path):
            yield from self._connection().execute(sql, values)

    def _connection(self) -> sqlite3.Connection:
        """One for each thread, made after a fork."""
        if getattr(self._local, "connection", None) is None:
            db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=5)
            for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "wal_autocheckpoint = 0"):
                db.execute(f"PRAGMA {pragma}")
            self._local.connection = db
            self._connections.append(db)
        return cast(sqlite3.Connection, self._local.connection)

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        """One transaction, all or nothing, after waiting for its turn."""
        with translated(self.path), self._lock, open(f"{self.path}.lock", "w") as queue:
            fcntl.flock(queue, fcntl.LOCK_EX)
            db = self._connection()
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")
            self._tidy(db)

    def _tidy(self, db: sqlite3.Connection) -> None:
        log = Path(f"{self.path}-wal")
        if log.exists() and log.stat().st_size > WAL_LIMIT:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @staticmethod
    def _meta(db: sqlite3.Connection, key: str) -> str:
        return str(db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()[0])
