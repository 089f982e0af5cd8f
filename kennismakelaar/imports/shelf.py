"""Files that wait in the database between two pages, so that every process of the website finds them."""

import base64
import zlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path, PurePosixPath

from kennismakelaar.errors import NotFound
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Change, Record
from kennismakelaar.moments import moment, now
from kennismakelaar.store import Store

KIND = "import_file"
"""Of the records that hold the pieces."""
PIECE = 2**19
"""Bytes of a piece."""
LONGEST_NAME = 50
"""Letters, so that a name of a file is never too long for one."""
KEPT = timedelta(days=7)
"""How long a file waits for its person to go on, or to take the refused rows along."""


def file_name(given: str) -> str:
    """What a file that someone sent is called: a name and never a way to elsewhere. The end stays, which tells what it is."""
    last = PurePosixPath(given.replace("\\", "/")).name
    return "".join(letter for letter in last if letter.isprintable())[-LONGEST_NAME:].lstrip(".") or "bestand"


def put(store: Store, id: str, name: str, content: bytes, source: str = "") -> None:
    """Keep a file under an id that is new, with where it comes from; files that nobody came back for go."""
    sweep(store)
    at = moment(now())
    pieces = [content[start : start + PIECE] for start in range(0, len(content), PIECE)]
    for place, piece in enumerate(pieces):
        body = {"name": name, "source": source, "at": at, "data": base64.b64encode(zlib.compress(piece)).decode()}
        store.write(Change(records=[Record(KIND, f"{id}:{place:05}", body, (f"file:{id}",))]))


def take(store: Store, id: str, folder: Path) -> Path:
    """The file in a folder, under its own name; NotFound where it is not kept any more."""
    path = folder / file_name(_first(store, id).body["name"])
    with open(path, "wb") as file:
        for piece in store.records(KIND, f"file:{id}"):
            file.write(zlib.decompress(base64.b64decode(piece.body["data"])))
    return path


def source(store: Store, id: str) -> str:
    """Where the file comes from, or NotFound."""
    return str(_first(store, id).body["source"])


def _first(store: Store, id: str) -> Record:
    for piece in store.records(KIND, f"file:{id}"):
        return piece
    raise NotFound(_("Dit bestand bewaren wij niet meer. Kies het opnieuw en begin weer."))


def drop(store: Store, id: str) -> None:
    """It is not needed any more."""
    _drop(store, store.records(KIND, f"file:{id}"))


def sweep(store: Store) -> None:
    """Drop what has waited too long."""
    long_ago = moment(now() - KEPT)
    _drop(store, (one for one in store.records(KIND) if one.body["at"] < long_ago))


def _drop(store: Store, pieces: Iterator[Record]) -> None:
    gone = [(KIND, piece.id) for piece in pieces]
    if gone:
        store.write(Change(gone_records=gone))
