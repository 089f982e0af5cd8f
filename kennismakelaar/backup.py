"""A whole database in one file, made while it is in use, and put back into either sort of database."""

import gzip
import json
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from kennismakelaar import transfer
from kennismakelaar.encode import Progress
from kennismakelaar.errors import NotFound, Refused
from kennismakelaar.model import Edge, Node, Record, as_json, edge_from, node_from
from kennismakelaar.store import Store

FORMAT = 1
"""Of the lines in the file; a file with a higher one is refused."""
TRIES = 5
"""Times to read the database again when it changed meanwhile."""


def write(store: Store, path: Path, progress: Progress = lambda done: None) -> dict[str, transfer.Tally]:
    """All nodes, edges and records of one moment into a new file that only we can read; what is in it.

    The database is read until two readings are the same: then nothing was written in between, and no change is in
    the file by half. Refused where the file exists, or writers are too busy.
    """
    if path.exists():
        raise Refused(f"{path} bestaat al. Kies een andere naam; een reservekopie wordt nooit overschreven.")
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        before = ""
        for _ in range(TRIES):
            after = _write_once(store, beside, progress)
            if after == before:
                found = transfer.tallies(Backup(beside))
                os.link(beside, path)
                return found
            before = after
    except OSError as error:
        raise Refused(f"{path} is niet te schrijven: {error.strerror}. Kies een andere plek of maak ruimte.") from error
    finally:
        beside.unlink(missing_ok=True)
    raise Refused("Er wordt nu te veel geschreven om een kopie van één moment te maken. Probeer het later opnieuw.")


def _write_once(store: Store, path: Path, progress: Progress) -> str:
    """The checksum of all lines."""
    total, count = sha256(), 0
    with open(path, "wb", opener=_private) as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as file:
        for line in _lines(store):
            total.update(line)
            count += 1
            file.write(line)
            progress(1)
        file.write(_line({"end": {"lines": count, "sha256": total.hexdigest()}}))
        file.flush()
        raw.flush()
        os.fsync(raw.fileno())
    return total.hexdigest()


def _private(path: str, flags: int) -> int:
    """There are contact data in it."""
    return os.open(path, flags, 0o600)


def _lines(store: Store) -> Iterator[bytes]:
    yield _line({"kennismakelaar": FORMAT})
    yield from (_line({"node": as_json(node)}) for node in store.nodes())
    yield from (_line({"edge": as_json(edge)}) for edge in store.edges())
    for one in store.records():
        yield _line({"record": {"kind": one.kind, "id": one.id, "body": one.body, "tags": one.tags}})


def _line(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, sort_keys=True).encode() + b"\n"


class Backup:
    """A backup that was found whole; read like a store."""

    def __init__(self, path: Path) -> None:
        """NotFound, or Refused where it is not one of ours, damaged, or of a newer version."""
        self.path = path
        if not path.is_file():
            raise NotFound(f"{path} bestaat niet.")
        total, count, end = sha256(), 0, None
        with self._refusing():
            for line in self._raw():
                if end is not None:
                    raise ValueError
                content = json.loads(line)
                if not count:
                    self._check_format(content)
                end = content.get("end")
                if end is None:
                    total.update(line)
                    count += 1
            if end != {"lines": count, "sha256": total.hexdigest()}:
                raise ValueError

    def nodes(self) -> Iterator[Node]:
        """In order of id."""
        yield from (node_from(found) for found in self._all("node"))

    def edges(self) -> Iterator[Edge]:
        """In order of source, kind, target."""
        yield from (edge_from(found) for found in self._all("edge"))

    def records(self) -> Iterator[Record]:
        """In order of kind and id."""
        yield from (Record(**found | {"tags": tuple(found["tags"])}) for found in self._all("record"))

    def _all(self, what: str) -> Iterator[dict[str, Any]]:
        with self._refusing():
            yield from (content[what] for content in map(json.loads, self._raw()) if what in content)

    def _raw(self) -> Iterator[bytes]:
        with gzip.open(self.path) as file:
            yield from file

    def _check_format(self, content: dict[str, Any]) -> None:
        if content["kennismakelaar"] > FORMAT:
            raise Refused(
                f"{self.path} is gemaakt met een nieuwere versie van Kennismakelaar. Werk het programma eerst bij."
            )

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        try:
            yield
        except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError, AttributeError) as error:
            raise Refused(
                f"{self.path} is geen reservekopie van Kennismakelaar, of is beschadigd. Er is niets veranderd; "
                "neem een andere kopie."
            ) from error


def restore(path: Path, store: Store, progress: Progress = lambda done: None) -> dict[str, transfer.Tally]:
    """All of a backup into an empty database, compared afterwards; what it has now. Safe to repeat after a break."""
    return transfer.copy(Backup(path), store, progress)
