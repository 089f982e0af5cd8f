"""JSON: a list of objects, a line for each object, lists by name, or our own export."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kennismakelaar.errors import Refused
from kennismakelaar.imports.rows import Form, Listing, Row, Sheet, headers, row
from kennismakelaar.imports.workbook import as_text
from kennismakelaar.language import gettext as _

BLOCK, LARGEST_OBJECT = 2**16, 2**20
"""Characters that are read at once, and of one object in a list."""
LARGEST_WHOLE = 60 * 2**20
"""Bytes of a file that must be read as a whole, since it is not a list."""


def read(path: Path) -> Listing:
    """The lists in the file as sheets; `Form.GRAPH` without sheets for our own export."""
    if _starts_with(path) == "[" or _is_lines(path):
        return Listing(Form.JSON, path, (_streamed(path),))
    content = whole(path)
    if {"nodes", "edges"} & set(content):
        return Listing(Form.GRAPH, path, ())
    lists = {name: found for name, found in content.items() if _is_list(found)}
    if not lists:
        raise Refused(
            _(
                "%(file)s: hier hoort een lijst van records te staan, of nodes en edges uit onze eigen export.",
                file=path.name,
            )
        )
    return Listing(Form.JSON, path, tuple(_kept(name, found) for name, found in lists.items()))


def _is_list(found: Any) -> bool:
    return isinstance(found, list) and bool(found) and all(isinstance(one, dict) for one in found)


def whole(path: Path) -> dict[str, Any]:
    """The one object of a file."""
    if path.stat().st_size > LARGEST_WHOLE:
        raise Refused(
            _("%(file)s is te groot om in één keer te lezen. Maak er een lijst van: [{...}, {...}].", file=path.name)
        )
    try:
        content = json.loads(path.read_text("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Refused(_("%(file)s is geen JSON in UTF-8. Sla het zo op.", file=path.name)) from error
    except (json.JSONDecodeError, RecursionError) as error:
        values = {"line": error.lineno, "sign": error.colno} if isinstance(error, json.JSONDecodeError) else {}
        at = _(", regel %(line)s, teken %(sign)s", **values) if values else ""
        raise Refused(
            _(
                "%(file)s%(at)s: dit is geen JSON. Kijk daar of er een teken te veel of te weinig is.",
                file=path.name,
                at=at,
            )
        ) from error
    return content if isinstance(content, dict) else {}


def _starts_with(path: Path) -> str:
    with open(path, encoding="utf-8-sig", errors="replace") as file:
        return file.read(BLOCK).lstrip()[:1]


def _is_lines(path: Path) -> bool:
    """Two objects, one after the other."""
    with open(path, encoding="utf-8-sig", errors="replace") as file:
        start = file.read(BLOCK).lstrip()
    try:
        _, end = json.JSONDecoder().raw_decode(start)
    except (json.JSONDecodeError, RecursionError):
        return False
    return start[end:].lstrip()[:1] == "{"


def _streamed(path: Path) -> Sheet:
    """All objects are read once for their keys, and again for each time that the rows are asked for."""
    keys: dict[str, None] = {}
    for one in objects(path):
        keys |= dict.fromkeys(_flat(one))
    if not keys:
        raise Refused(
            _("%(file)s: de lijst is leeg. Er horen objecten in te staan, of nodes en edges.", file=path.name)
        )
    return Sheet("", headers(list(keys), path.name), lambda: _rows("", objects(path)))


def _kept(name: str, found: list[dict[str, Any]]) -> Sheet:
    keys = dict.fromkeys(key for one in found for key in _flat(one))
    return Sheet(name, headers(list(keys), name), lambda: _rows(name, iter(found)))


def _rows(sheet: str, found: Iterator[Any]) -> Iterator[Row]:
    for number, one in enumerate(found, 1):
        problem = "" if isinstance(one, dict) else _("dit is geen object met namen en waarden")
        yield row(sheet, number, _flat(one).items(), problem)


def _flat(one: Any, before: str = "") -> dict[str, str]:
    """Keys and texts of an object: what is nested is called 'address.city', lists are joined with a semicolon."""
    found: dict[str, str] = {}
    for key, value in one.items() if isinstance(one, dict) else ():
        name = " ".join(f"{before}{key}".split())
        if isinstance(value, dict):
            found |= _flat(value, f"{name}.")
        elif isinstance(value, list):
            found[name] = "; ".join(as_text(item) for item in value if not isinstance(item, dict | list))
        else:
            found[name] = as_text(value)
    return found


def objects(path: Path) -> Iterator[Any]:
    """The objects of a list, or of a file with an object on each line, one at a time."""
    decode, count = json.JSONDecoder().raw_decode, 0
    try:
        with open(path, encoding="utf-8-sig") as file:
            held = file.read(BLOCK).lstrip().removeprefix("[")
            at = 0
            while True:
                at = _next(held, at)
                if held[at : at + 1] == "]":
                    return
                try:
                    one, at = decode(held, at)
                except (json.JSONDecodeError, RecursionError) as error:
                    more = file.read(BLOCK)
                    if not more and not held[at:].strip():
                        return
                    if not more or len(held) - at > LARGEST_OBJECT:
                        raise Refused(
                            _(
                                "%(file)s, record %(count)s: dit is geen JSON. Kijk dat record na.",
                                file=path.name,
                                count=count + 1,
                            )
                        ) from error
                    held, at = held[at:] + more, 0
                    continue
                count += 1
                yield one
    except UnicodeDecodeError as error:
        raise Refused(_("%(file)s is geen JSON in UTF-8. Sla het zo op.", file=path.name)) from error


def _next(held: str, at: int) -> int:
    while at < len(held) and held[at] in " \t\r\n,":
        at += 1
    return at
