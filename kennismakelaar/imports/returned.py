"""The rows that were refused, as a file of the same form that says why, to be mended and offered again."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

from kennismakelaar.imports import workbook
from kennismakelaar.imports.rows import WHY, Form, Listing, whys
from kennismakelaar.imports.spool import Fate, Planned, Spool
from kennismakelaar.language import gettext as _
from kennismakelaar.text import guarded

ENDINGS = {Form.CSV: ".csv", Form.JSON: ".json", Form.GRAPH: ".json", Form.XLSX: ".xlsx", Form.HSDS: ".xlsx"}
"""A package has several tables, so it comes back as a workbook."""


def file_name(listing: Listing) -> str:
    """Such as dorpswinkels-geweigerd.csv."""
    return _("%(name)s-geweigerd", name=listing.path.stem) + ENDINGS[listing.form]


def write(listing: Listing, spool: Spool, path: Path) -> None:
    """All refused rows, in order, with a last column that says why."""
    rows = spool.rows([Fate.REFUSED])
    if listing.form is Form.CSV:
        names = listing.sheets[0].headers
        with open(path, "w", encoding="utf-8-sig", newline="") as file:
            out = csv.writer(file, delimiter=";")
            out.writerow([*names, _(WHY)])
            out.writerows([guarded(cell) for cell in _cells(row, names)] for row in rows)
    elif ENDINGS[listing.form] == ".json":
        with open(path, "w", encoding="utf-8") as file:
            file.write("[")
            for number, row in enumerate(rows):
                file.write(",\n" if number else "\n")
                json.dump({**row.cells, _(WHY): why(row)}, file, ensure_ascii=False)
            file.write("\n]\n")
    else:
        workbook.write(path, ((sheet.name, _lines(sheet.name, sheet.headers, spool)) for sheet in listing.sheets))


def _lines(sheet: str, names: tuple[str, ...], spool: Spool) -> Iterator[list[str]]:
    yield [*names, _(WHY)]
    yield from (_cells(row, names) for row in spool.rows([Fate.REFUSED]) if row.sheet == sheet)


def _cells(row: Planned, names: tuple[str, ...]) -> list[str]:
    return [*(row.cells.get(name, "") if name not in whys() else "" for name in names), why(row)]


def why(row: Planned) -> str:
    """All problems of a row, each with its column and value."""
    return "; ".join(
        f"{f'{one.column}: ' if one.column else ''}{f'{one.value!r}: ' if one.value else ''}{one.text}"
        for one in row.problems
    )
