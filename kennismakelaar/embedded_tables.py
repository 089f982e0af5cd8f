"""The tables of the embedded database, how older files come up to date, and how what was deleted leaves the file."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from kennismakelaar.errors import StoreError

VERSION = 2
"""Of the tables below; a file with a higher one is refused."""

TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value NOT NULL);
CREATE TABLE node (id TEXT PRIMARY KEY, kind TEXT NOT NULL, digest TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX node_kind ON node (kind, id);
CREATE TABLE edge (source TEXT NOT NULL REFERENCES node (id) ON DELETE CASCADE, kind TEXT NOT NULL,
    target TEXT NOT NULL REFERENCES node (id) ON DELETE CASCADE, body TEXT NOT NULL,
    PRIMARY KEY (source, kind, target)) WITHOUT ROWID;
CREATE INDEX edge_target ON edge (target, kind, source);
CREATE TABLE entry (row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE REFERENCES node (id) ON DELETE CASCADE,
    kind TEXT NOT NULL, digest TEXT NOT NULL, passages TEXT NOT NULL);
CREATE VIRTUAL TABLE words USING fts5 (terms, tokenize = "unicode61 remove_diacritics 0 tokenchars '_'");
CREATE VIRTUAL TABLE grams USING fts5 (terms, tokenize = "unicode61 remove_diacritics 0 tokenchars '_'");
CREATE VIRTUAL TABLE word_count USING fts5vocab (words, row);
CREATE TABLE vector (model TEXT NOT NULL, id TEXT NOT NULL REFERENCES node (id) ON DELETE CASCADE,
    digest TEXT NOT NULL, dimensions INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (model, id));
CREATE TRIGGER entry_gone AFTER DELETE ON entry BEGIN
    DELETE FROM words WHERE rowid = old.row; DELETE FROM grams WHERE rowid = old.row; END;
INSERT INTO meta VALUES ('version', 1), ('revision', 0), ('vectors', 0);
"""
RECORDS = """
CREATE TABLE record (kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE TABLE record_tag (kind TEXT NOT NULL, tag TEXT NOT NULL, id TEXT NOT NULL,
    PRIMARY KEY (kind, tag, id), FOREIGN KEY (kind, id) REFERENCES record ON DELETE CASCADE) WITHOUT ROWID;
CREATE INDEX record_tag_id ON record_tag (kind, id);
"""
MIGRATIONS: Mapping[int, str] = {1: RECORDS}
"""SQL that brings a file from the version in the key to the next one."""


def statements(script: str) -> Iterator[str]:
    """The statements of a script, one by one."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def purge(path: Path) -> None:
    """Write file, search index and log anew, without what was deleted; the caller holds the lock of writers.

    Deleted rows stay in a file until something else takes their place, and deleted words in a search index until it
    is merged. StoreError where others read for so long that the log cannot be emptied: it can be done again.
    """
    with closing(sqlite3.connect(path, isolation_level=None, timeout=10)) as db:
        db.execute("PRAGMA secure_delete = ON")
        for index in ("words", "grams"):
            db.execute(f"INSERT INTO {index} ({index}) VALUES ('optimize')")
        db.execute("VACUUM")
        busy, _, _ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    for old in Path(f"{path}.vectors").glob("*"):
        old.unlink(missing_ok=True)
    if busy:
        raise StoreError(f"{path} is te druk om op te schonen. Doe het nog eens: kennismakelaar privacy purge.")
