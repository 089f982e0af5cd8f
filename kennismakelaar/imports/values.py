"""One cell as a value of the schema, or a sentence that says what to write instead."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache

from kennismakelaar.edit import PARSERS
from kennismakelaar.language import gettext as _
from kennismakelaar.language import said, speaking
from kennismakelaar.model import Value
from kennismakelaar.schema import Property, schema
from kennismakelaar.text import fold

LIST = re.compile(r"[;|\n]")
"""What stands between the items of a cell that holds several."""


def items(cell: str) -> tuple[str, ...]:
    """What a cell with several things holds, each once."""
    return tuple(dict.fromkeys(part.strip() for part in LIST.split(cell) if part.strip()))


def read(rule: Property, cell: str) -> Value:
    """The value of a cell that is not empty; ValueError says what to write instead."""
    return READERS.get(rule.type, _text)(rule, cell)


def _text(rule: Property, cell: str) -> Value:
    return " ".join(cell.split())


def _texts(rule: Property, cell: str) -> Value:
    return items(cell)


def _url(rule: Property, cell: str) -> Value:
    if " " in cell or "." not in cell:
        raise ValueError(_("schrijf een adres, zoals https://voorbeeld.nl"))
    return cell if re.match(r"https?://", cell) else f"https://{cell}"


def _year(rule: Property, cell: str) -> Value:
    if not re.fullmatch(r"[12]\d{3}", cell):
        raise ValueError(_("schrijf een jaartal met vier cijfers, zoals 2013"))
    return int(cell)


def _number(rule: Property, cell: str) -> Value:
    try:
        return _dutch_number(cell)
    except ValueError as error:
        raise ValueError(_("schrijf een getal, zoals 12 of 12,5")) from error


def _dutch_number(cell: str) -> Value:
    """What a list says does not depend on who reads it in."""
    with speaking("nl"):
        return PARSERS["number"]([cell])


def _date(rule: Property, cell: str) -> Value:
    """As ISO 8601 has it, or day, month and year."""
    found = re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", cell)
    try:
        return (date(int(found[3]), int(found[2]), int(found[1])) if found else date.fromisoformat(cell)).isoformat()
    except ValueError as error:
        raise ValueError(_("schrijf een datum, zoals 2026-11-25 of 25-11-2026")) from error


def _choice(rule: Property, cell: str) -> Value:
    known = spoken(rule.vocabulary)
    if fold(cell) not in known:
        labels = ", ".join(dict.fromkeys(said(term) for term in schema().vocabularies[rule.vocabulary].values()))
        raise ValueError(_("kies uit: %(labels)s", labels=labels))
    return known[fold(cell)]


def _choices(rule: Property, cell: str) -> Value:
    parts = [part.strip() for part in re.split(r"[;|,\n]", cell) if part.strip()]
    return tuple(dict.fromkeys(str(_choice(rule, part)) for part in parts))


@cache
def spoken(vocabulary: str) -> Mapping[str, str]:
    """The values of a vocabulary by themselves and by their labels, folded."""
    terms = schema().vocabularies[vocabulary].items()
    return {fold(said): value for value, term in terms for said in (term.en, term.nl, value)}


READERS: Mapping[str, Callable[[Property, str], Value]] = {
    "texts": _texts,
    "url": _url,
    "year": _year,
    "number": _number,
    "date": _date,
    "choice": _choice,
    "choices": _choices,
}
"""By type; all else is a line of text."""
