"""Files that are written whole or not at all: beside the place that is wanted, which they take when all went well."""

import errno
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kennismakelaar.errors import Refused
from kennismakelaar.language import gettext as _

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True)
class File:
    """A file that was written, with the size in bytes and the SHA-256 of its content."""

    path: str
    size: int
    sha256: str

    @property
    def suffix(self) -> str:
        """What its name ends in."""
        return "." + self.path.rpartition(".")[2]


class Folder:
    """The files that were written so far, in order."""

    def __init__(self, path: Path) -> None:
        """The folder is there and empty."""
        self.path = path
        self.files: list[File] = []

    def write(self, name: str, parts: Iterable[str | bytes]) -> File:
        """On the disk when this returns; texts are written as UTF-8."""
        path, digest, size = self.path / name, hashlib.sha256(), 0
        path.parent.mkdir(exist_ok=True)
        with open(path, "wb") as file:
            for part in parts:
                data = part.encode() if isinstance(part, str) else part
                size += file.write(data)
                digest.update(data)
            file.flush()
            os.fsync(file.fileno())
        self.files.append(File(name, size, digest.hexdigest()))
        return self.files[-1]


def refuse_full(folder: Path) -> None:
    """Refused where there is something in a folder, or it is a file: before the work is done."""
    try:
        full = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    except OSError as error:
        raise refusal(folder, error) from error
    if full:
        raise Refused(
            _("%(folder)s is niet leeg. Kies een nieuwe of lege map; er wordt niets overschreven.", folder=folder)
        )


@contextmanager
def beside(folder: Path) -> Iterator[Folder]:
    """A folder that becomes the one that is wanted when all went well, and else goes.

    Refused where that one is not empty or cannot be written.
    """
    half = folder.absolute().with_name(f".{folder.absolute().name}.{os.getpid()}")
    try:
        refuse_full(folder)
        half.mkdir(parents=True)
        yield Folder(half)
        half.rename(folder)
    except OSError as error:
        raise refusal(folder, error) from error
    finally:
        shutil.rmtree(half, ignore_errors=True)


def refusal(path: Path, error: OSError) -> Refused:
    """Why a file or folder could not be written, and what to do."""
    if error.errno in NO_ROOM:
        return Refused(
            _(
                "Er is geen ruimte genoeg voor %(path)s. Er is niets bewaard. Maak ruimte of kies een andere schijf.",
                path=path,
            )
        )
    return Refused(
        _(
            "%(path)s is niet te schrijven: %(why)s. Er is niets bewaard. Kies een andere map.",
            path=path,
            why=error.strerror,
        )
    )
