"""What a file of any form is made of: sheets with headers and rows, and how large all of it may be."""

import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from kennismakelaar.errors import Refused
from kennismakelaar.language import LANGUAGES, marked, speaking
from kennismakelaar.language import gettext as _
from kennismakelaar.text import unguarded

LARGEST = 200 * 2**20
"""Bytes of a file."""
UNPACKED = 500 * 2**20
"""Bytes of all that is packed in a file together."""
COLUMNS, LONGEST_CELL = 200, 20_000
"""Columns of a sheet, and characters of a cell."""
WHY = marked("Waarom geweigerd")
"""The column that tells why a row was refused, in a file that is given back, in the language of who reads it."""


@cache
def whys() -> frozenset[str]:
    """What the column that tells why a row was refused is called, in every language."""
    found = set()
    for one in LANGUAGES:
        with speaking(one):
            found.add(_(WHY))
    return frozenset(found)


class Form(StrEnum):
    """What sort of file it is."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"
    HSDS = "hsds"
    GRAPH = "graaf"


@dataclass(frozen=True)
class Row:
    """One row; `number` is the one that a spreadsheet shows beside it, and counts records in JSON."""

    sheet: str
    number: int
    cells: Mapping[str, str]
    """By header; empty cells are left out."""
    problem: str = ""
    """Why the row cannot be read, if so."""


@dataclass(frozen=True)
class Sheet:
    """A table in the file."""

    name: str
    headers: tuple[str, ...]
    rows: Callable[[], Iterator[Row]]
    """All rows that are not empty, read from the file at each call."""


@dataclass(frozen=True)
class Listing:
    """A file that was opened."""

    form: Form
    path: Path
    sheets: tuple[Sheet, ...]


def check_size(path: Path, largest: int) -> None:
    """Refused where the file is not there, empty or too large, or holds more than it should when unpacked."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise Refused(
            _("%(path)s is niet te lezen: %(why)s. Controleer de naam.", path=path, why=error.strerror)
        ) from error
    if not size:
        raise Refused(_("%(file)s is leeg. Kies een ander bestand.", file=path.name))
    if size > largest:
        raise Refused(
            _(
                "%(file)s is te groot (%(size).0f MB). Het mag %(most).0f MB zijn; deel het op.",
                file=path.name,
                size=size / 2**20,
                most=largest / 2**20,
            )
        )


def check_unpacked(path: Path) -> None:
    """Refused where a packed file is broken, or unpacks to more than anyone's list (a zip bomb).

    The sizes in the file can be trusted: unpacking stops at them.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            size = sum(member.file_size for member in packed.infolist())
    except (OSError, zipfile.BadZipFile, ValueError) as error:
        raise Refused(_("%(file)s is beschadigd en niet uit te pakken. Sla het opnieuw op.", file=path.name)) from error
    if size > UNPACKED:
        raise Refused(
            _(
                "%(file)s wordt uitgepakt %(size).0f MB; er mag %(most).0f MB in zitten. Neem alleen de kolommen en "
                "rijen over die u nodig hebt.",
                file=path.name,
                size=size / 2**20,
                most=UNPACKED / 2**20,
            )
        )


def headers(names: Sequence[str], where: str) -> tuple[str, ...]:
    """Header cells as names that differ; Refused where there are none, or too many to be a list."""
    found: list[str] = []
    for place, name in enumerate(names, 1):
        plain = " ".join(name.split()) or _("kolom %(number)s", number=place)
        found.append(plain if plain not in found else f"{plain} ({place})")
    while found and not names[len(found) - 1].strip():
        found.pop()
    if not found:
        raise Refused(_("%(where)s: de eerste rij heeft geen namen van kolommen. Zet die erboven.", where=where))
    if len(found) > COLUMNS:
        raise Refused(
            _(
                "%(where)s heeft %(count)s kolommen; %(most)s is het meeste. Neem alleen over wat nodig is.",
                where=where,
                count=len(found),
                most=COLUMNS,
            )
        )
    return tuple(found)


def table(sheet: str, names: tuple[str, ...], lines: Iterable[tuple[int, Sequence[str]]]) -> Iterator[Row]:
    """Numbered lines of cells as rows."""
    for number, cells in lines:
        if any(cell.strip() for cell in cells):
            over = [cell for cell in cells[len(names) :] if cell.strip()]
            problem = (
                _("er zijn meer velden dan kolommen; na de laatste kolom staat %(cell)r", cell=over[0][:40])
                if over
                else ""
            )
            yield row(sheet, number, zip(names, cells, strict=False), problem)


def row(sheet: str, number: int, cells: Iterable[tuple[str, str]], problem: str = "") -> Row:
    """A row of its cells, trimmed, without the mark that keeps a spreadsheet from taking text for a formula."""
    kept = {name: plain for name, cell in cells if (plain := unguarded(cell.strip()))}
    long = [name for name, cell in kept.items() if len(cell) > LONGEST_CELL]
    if long and not problem:
        problem = _("%(name)s is langer dan %(most)s tekens", name=long[0], most=LONGEST_CELL)
    return Row(sheet, number, kept, problem)
