"""CSV in any encoding and with any separator, row by row."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from charset_normalizer import from_bytes

from kennismakelaar.errors import Refused
from kennismakelaar.imports.rows import Form, Listing, Row, Sheet, headers, table
from kennismakelaar.language import gettext as _

MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
"""What some programs put before the text, with the encoding that it tells."""
LIKELY = ["cp1252", "cp850", "mac_roman", "utf_16_le", "utf_16_be"]
"""Encodings besides UTF-8 in which Dutch lists come."""
SEPARATORS = ";,\t|"
SAMPLE, BLOCK = 200, 2**20
"""Lines by which the separator is told; bytes that are decoded at once."""


def read(path: Path) -> Listing:
    """A CSV file as one sheet; Refused where it is no text or has no header."""
    code = encoding(path)
    with _lines(path, code) as file:
        mark = _separator(file, path.name)
    with _lines(path, code) as file, _refusing(path):
        first = next((cells for cells in csv.reader(file, delimiter=mark) if any(c.strip() for c in cells)), [])
    names = headers(first, path.name)

    def rows() -> Iterator[Row]:
        with _lines(path, code) as file, _refusing(path):
            numbered = enumerate(csv.reader(file, delimiter=mark), 1)
            next(cells for _, cells in numbered if any(c.strip() for c in cells))
            yield from table("", names, numbered)

    return Listing(Form.CSV, path, (Sheet("", names, rows),))


def encoding(path: Path) -> str:
    """By its mark, else UTF-8 if all of it is, else what is most likely; Refused where it is no text."""
    decoder, rest = codecs.getincrementaldecoder("utf-8")(), b""
    with open(path, "rb") as file:
        start = file.read(4)
        for mark, name in MARKS.items():
            if start.startswith(mark):
                return name
        file.seek(0)
        while block := file.read(BLOCK):
            rest = block
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                break
        else:
            if b"\0" not in start:
                return "utf-8"
    best = from_bytes(rest[: BLOCK // 4], cp_isolation=LIKELY).best()
    if best is None or ("utf_16" not in best.encoding and b"\0" in rest):
        raise Refused(_("%(file)s is geen tekst. Sla het op als CSV (UTF-8) of als .xlsx.", file=path.name))
    return "cp1252" if best.encoding == "cp1250" else best.encoding


def _separator(file: io.TextIOBase, name: str) -> str:
    """The one that gives most lines the same number of fields, more than one; a comma where none does."""
    sample = [line for line, _ in zip(file, range(SAMPLE), strict=False)]
    if any(sign < " " and sign not in "\t\r\n\f\v" for line in sample for sign in line):
        raise Refused(_("%(name)s is geen tekst. Sla het op als CSV (UTF-8) of als .xlsx.", name=name))

    def evenness(mark: str) -> tuple[int, int]:
        try:
            counts = Counter(len(cells) for cells in csv.reader(sample, delimiter=mark) if cells)
        except csv.Error:
            return 0, 0
        fields, lines = max(counts.items(), key=lambda pair: (pair[0] > 1, pair[1], pair[0]), default=(1, 0))
        return (lines, fields) if fields > 1 else (0, 0)

    best = max(SEPARATORS, key=evenness)
    return best if evenness(best)[0] else ","


@contextmanager
def _lines(path: Path, code: str) -> Iterator[io.TextIOWrapper]:
    with open(path, encoding=code, errors="replace", newline="") as file:
        yield file


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    try:
        yield
    except csv.Error as error:
        raise Refused(
            _(
                "%(file)s is niet als CSV te lezen (%(error)s). Kijk of er een aanhalingsteken te weinig is.",
                file=path.name,
                error=error,
            )
        ) from error
