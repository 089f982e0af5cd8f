"""Files that wait in the database between two pages, so that every process of the website finds them."""

import base64
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kennismakelaar.errors import NotFound
from kennismakelaar.model import Change, Record
from kennismakelaar.store import Store

KIND = "import_file"
"""Of the records that hold the pieces."""
PIECE = 2**19
"""Bytes of a piece."""
KEPT = timedelta(days=1)
"""How long a file waits for its person to go on."""


def put(store: Store, id: str, name: str, content: bytes) -> None:
    """Keep a file under an id that is new; files that nobody came back for go."""
    sweep(store)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    pieces = [content[start : start + PIECE] for start in range(0, len(content), PIECE)]
    for place, piece in enumerate(pieces):
        body = {"name": name, "at": at, "data": base64.b64encode(zlib.compress(piece)).decode()}
        store.write(Change(records=[Record(KIND, f"{id}:{place:05}", body, (f"file:{id}",))]))


def take(store: Store, id: str, folder: Path) -> Path:
    """The file in a folder, under its own name; NotFound where it is not kept any more."""
    pieces = list(store.records(KIND, f"file:{id}"))
    if not pieces:
        raise NotFound("Dit bestand bewaren wij niet meer. Kies het opnieuw en begin weer.")
    path = folder / (Path(pieces[0].body["name"]).name or "bestand")
    with open(path, "wb") as file:
        for piece in pieces:
            file.write(zlib.decompress(base64.b64decode(piece.body["data"])))
    return path


def drop(store: Store, id: str) -> None:
    """It is not needed any more."""
    _drop(store, store.records(KIND, f"file:{id}"))


def sweep(store: Store) -> None:
    """Drop what has waited too long, except what belongs to a run."""
    long_ago = (datetime.now(UTC) - KEPT).isoformat(timespec="seconds")
    _drop(store, (one for one in store.records(KIND) if one.body["at"] < long_ago and not one.id.startswith("run-")))


def _drop(store: Store, pieces: Iterator[Record]) -> None:
    gone = [(KIND, piece.id) for piece in pieces]
    if gone:
        store.write(Change(gone_records=gone))
