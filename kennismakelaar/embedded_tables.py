"""The tables of the embedded database, how older files come up to date, and how what was deleted leaves the file, and what went wrong."""

import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from kennismakelaar.errors import StoreError, StoreRefused
from kennismakelaar.language import gettext as _
from kennismakelaar.language import marked
from kennismakelaar.model import Edge, Node, Record, as_json

VERSION = 3
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
CHANGES = """
ALTER TABLE node ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
CREATE INDEX node_revision ON node (revision);
ALTER TABLE entry ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
CREATE INDEX entry_revision ON entry (revision);
CREATE TABLE gone (row INTEGER PRIMARY KEY, revision INTEGER NOT NULL);
CREATE TRIGGER entry_left AFTER DELETE ON entry BEGIN
    INSERT OR REPLACE INTO gone SELECT old.row, value + 1 FROM meta WHERE key = 'vectors'; END;
"""
"""At which revision a node was written, an entry indexed or taken out: what was made of the others stays in use."""
MIGRATIONS: Mapping[int, str] = {1: RECORDS, 2: CHANGES}
"""SQL that brings a file from the version in the key to the next one."""


A_RECORD = """SELECT kind, id, version, body,
    (SELECT json_group_array(tag) FROM record_tag t WHERE t.kind = record.kind AND t.id = record.id) FROM record"""
LEFT = {
    "relaties hebben een kant die er niet is": """SELECT count(*) FROM edge
        WHERE source NOT IN (SELECT id FROM node) OR target NOT IN (SELECT id FROM node)""",
    "plaatsen in de index zijn van een record dat er niet is": "SELECT count(*) FROM entry WHERE id NOT IN (SELECT id FROM node)",
    "vectoren zijn van een record dat er niet is": "SELECT count(*) FROM vector WHERE id NOT IN (SELECT id FROM node)",
    "teksten in de index zijn van niemand": """SELECT (SELECT count(*) FROM words WHERE rowid NOT IN (SELECT row FROM entry))
        + (SELECT count(*) FROM grams WHERE rowid NOT IN (SELECT row FROM entry))""",
}
"""What nothing may be left of, each with how to count it."""
READ_ONLY = marked(
    "Lezen gaat door zolang dat kan; er is niets geschreven. Geef dit programma schrijfrechten op het bestand en op de map, "
    "of geef met --database een plek op waar u mag schrijven."
)
SAID = {
    "readonly": READ_ONLY,
    "locked": marked("Iemand anders schrijft. Probeer het zo nog eens."),
    **dict.fromkeys(
        ("full", "I/O"),
        marked(
            "Waarschijnlijk is de schijf vol of stuk. Er is niets half geschreven: maak ruimte en doe het nog eens."
        ),
    ),
}
"""What to do, by a part of what SQLite says."""
DEGREES = """WITH wanted AS (SELECT value FROM json_each(:ids))
    SELECT id, count(*) FROM (SELECT source AS id FROM edge WHERE source IN wanted
    UNION ALL SELECT target FROM edge WHERE target IN wanted) GROUP BY id"""
"""How many edges touch each of some ids."""


def where(*conditions: tuple[str, str | None]) -> tuple[str, list[str]]:
    """The conditions that have a value, with those values."""
    used = [(sql, value) for sql, value in conditions if value is not None]
    return " AND ".join(sql for sql, value in used) and "WHERE " + " AND ".join(sql for sql, value in used), [
        value for sql, value in used
    ]


def listed(ids: Collection[str] | None) -> str | None:
    """As json_each takes them."""
    return None if ids is None else json.dumps(sorted(ids))


def body(thing: Node | Edge) -> str:
    """As nodes and edges are kept."""
    return json.dumps(as_json(thing), ensure_ascii=False)


def read_record(row: tuple[str, str, int, str, str]) -> Record:
    """A paper of the desk, of a row with its tags."""
    kind, id, version, told, tags = row
    return Record(kind, id, json.loads(told), tuple(sorted(json.loads(tags))), version)


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
        busy, *_log = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    for old in Path(f"{path}.vectors").glob("*"):
        old.unlink(missing_ok=True)
    if busy:
        raise StoreError(
            _("%(path)s is te druk om op te schonen. Doe het nog eens: kennismakelaar privacy purge.", path=path)
        )


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Driver and file errors as ours, with the path and what to do."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if "not a database" in str(error) or "malformed" in str(error):
            raise StoreRefused(
                _(
                    "%(path)s is geen (heel) bestand van Kennismakelaar: %(error)s. Kies een ander bestand of "
                    "zet een reservekopie terug.",
                    path=path,
                    error=error,
                )
            ) from error
        what = next((said for sign, said in SAID.items() if sign in str(error)), marked("Probeer het opnieuw."))
        raise StoreError(
            _("%(path)s: schrijven of lezen lukt niet (%(error)s). %(what)s", path=path, error=error, what=_(what))
        ) from error
    except PermissionError as error:
        raise StoreRefused(
            _(
                "%(path)s mag hier alleen gelezen worden, of niet eens dat. %(read_only)s",
                path=path,
                read_only=_(READ_ONLY),
            )
        ) from error
    except OSError as error:
        raise StoreRefused(
            _(
                "%(path)s is niet te openen: %(strerror)s. Geef met --database een plek op waar u mag schrijven.",
                path=path,
                strerror=error.strerror,
            )
        ) from error
