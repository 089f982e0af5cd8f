"""Workbooks of spreadsheets (XLSX), row by row."""

import datetime
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.cell import WriteOnlyCell

from kennismakelaar.errors import Refused
from kennismakelaar.imports.rows import COLUMNS, Form, Listing, Row, Sheet, check_unpacked, headers, table
from kennismakelaar.language import gettext as _

BROKEN = (
    *(OSError, EOFError, KeyError, ValueError, TypeError, IndexError, AttributeError, RuntimeError),
    *(ParseError, zipfile.BadZipFile, zlib.error),
)
"""What openpyxl and what unpacks for it raise on files that are not as they should be."""


def read(path: Path) -> Listing:
    """All sheets that have something in them; formulas count as what they gave. Refused where it is no workbook."""
    check_unpacked(path)
    with _opened(path) as book:
        names = [sheet.title for sheet in book.worksheets]
        tops = {name: next((cells for _, cells in _lines(book[name]) if any(cells)), ()) for name in names}
    sheets = tuple(_sheet(path, name, headers(top, name)) for name, top in tops.items() if top)
    if not sheets:
        raise Refused(_("In %(file)s staat niets. Kies een ander bestand.", file=path.name))
    return Listing(Form.XLSX, path, sheets)


def _sheet(path: Path, name: str, names: tuple[str, ...]) -> Sheet:
    def rows() -> Iterator[Row]:
        with _opened(path) as book:
            lines = _lines(book[name])
            next(cells for _, cells in lines if any(cells))
            yield from table(name, names, lines)

    return Sheet(name, names, rows)


def _lines(sheet: Any) -> Iterator[tuple[int, Sequence[str]]]:
    sheet.reset_dimensions()  # what a file says of its size may not be so
    for number, cells in enumerate(sheet.iter_rows(values_only=True, max_col=COLUMNS + 1), 1):
        yield number, [as_text(cell) for cell in cells]


def as_text(value: Any) -> str:
    """A value as a person would have typed it."""
    match value:
        case None:
            return ""
        case bool():
            return "ja" if value else "nee"
        case float() if value.is_integer():
            return str(int(value))
        case float():
            return str(value).replace(".", ",")
        case datetime.datetime() | datetime.date():
            return value.isoformat()[:10]
    return str(value)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """By its name openpyxl would refuse a workbook that is not called .xlsx."""
    try:
        with open(path, "rb") as file, closing(_book(file)) as book:
            yield book
    except BROKEN as error:
        raise Refused(
            _(
                "%(file)s is niet als werkblad te lezen. Open het in uw programma en sla het opnieuw op als .xlsx.",
                file=path.name,
            )
        ) from error


def _book(file: BinaryIO) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl tells of looks that it leaves out
        return openpyxl.load_workbook(file, read_only=True, data_only=True)


def write(path: Path, sheets: Iterable[tuple[str, Iterable[Sequence[str]]]]) -> None:
    """Each sheet with its rows; every cell is text, so that no program takes it for a formula."""
    book = openpyxl.Workbook(write_only=True)
    for name, rows in sheets:
        sheet = book.create_sheet(name or "Blad1")
        for cells in rows:
            sheet.append([_text_cell(sheet, cell) for cell in cells])
    book.save(path)


def _text_cell(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell
