"""What a user reads can be read in Dutch and in English, all of it."""

import ast
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from jinja2 import Environment

from kennismakelaar import language
from kennismakelaar.errors import KennisError, Refused

ROOT = Path(__file__).resolve().parent.parent
ENGLISH = language.TRANSLATIONS / "en" / "LC_MESSAGES"
TEMPLATES = sorted((ROOT / "web" / "templates").glob("*.html"))
SPOKEN = re.compile(r"(?:alt|title|placeholder|aria-label|description\" content)=\"(?!https?:)[^\"{]*[A-Za-z]{2}")
SAME = {"nofollow", "Kennismakelaar", "English", "Nederlands", "JSON", "CSV", "width", "initial"}
"""Words that are the same in both languages, or that nobody reads."""
COMMAND_LINE = {"commands", "client", "train", "evaluate", "doctor", "backup", "transfer", "seed"}
"""Modules, or the package of some, that speak only to who types commands or writes programs, in Dutch."""


def test_every_message_is_translated(tmp_path: Path) -> None:
    said = tmp_path / "messages.pot"
    run: Callable[[list[str]], None] = CommandLineInterface().run
    run(["pybabel", "-q", "extract", "-F", "pyproject.toml", "-k", "marked", "-o", str(said), "kennismakelaar", "web"])
    english = _catalogue()
    missing = [m.id for m in read_po(io.BytesIO(said.read_bytes())) if m.id and not _is_whole(english.get(_first(m)))]
    assert missing == []


def test_what_is_compiled_is_what_is_translated() -> None:
    compiled = read_mo(io.BytesIO((ENGLISH / "messages.mo").read_bytes()))
    assert _strings(compiled) == _strings(_catalogue())


def test_every_translation_names_the_same_values() -> None:
    english = _catalogue()
    assert [(m.id, str(error)) for m in english for error in m.check(english)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_a_template_says_nothing_in_one_language_only(path: Path) -> None:
    assert _bare(path.read_text("utf-8")) == []


def test_no_error_is_in_one_language_only() -> None:
    found = [
        (path.relative_to(ROOT).as_posix(), node.lineno)
        for folder in ("kennismakelaar", "web")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if not COMMAND_LINE & {path.stem, path.parent.name}
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Raise) and _is_plain(node.exc)
    ]
    assert found == []


def test_a_language_that_we_do_not_speak_is_refused() -> None:
    with pytest.raises(Refused, match="Taal 'fy' spreken wij niet"):
        language.speak("fy")


def test_dates_and_numbers_follow_the_language() -> None:
    assert (language.date_in_words("2026-05-01"), language.number(1234.5, 1)) == ("1 mei 2026", "1.234,5")
    with language.speaking("en"):
        assert (language.date_in_words("2026-05-01"), language.number(-1234.5, 1)) == ("1 May 2026", "−1,234.5")
    assert language.current() == "nl"


def _catalogue() -> Catalog:
    return read_po(io.BytesIO((ENGLISH / "messages.po").read_bytes()), locale="en")


def _strings(catalogue: Catalog) -> dict[str, list[str]]:
    return {_first(m): [m.string] if isinstance(m.string, str) else list(m.string or ()) for m in catalogue if m.id}


def _first(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _is_whole(message: Message | None) -> bool:
    if message is None or message.fuzzy:
        return False
    return all(message.string if isinstance(message.string, list | tuple) else (message.string,))


def _bare(source: str) -> list[str]:
    """Words in a template that are not inside trans or gettext."""
    environment = Environment(extensions=["jinja2.ext.i18n"])
    inside, text = False, list[str]()
    for _, token, value in environment.lex(source):
        if token == "name" and value in ("trans", "endtrans"):
            inside = value == "trans"
        elif token == "data" and not inside:
            text.append(value)
        elif token == "variable_begin":
            text.append("\0")
    html = re.sub(r"<(script|style)\b.*?</\1>", "", "".join(text), flags=re.S)
    spoken = [found[0] for found in SPOKEN.finditer(html)]
    words = re.findall(r"[A-Za-zÀ-ÿ]{2,}", re.sub(r"<[^>]*>|&\w+;", " ", html))
    return [*spoken, *(word for word in words if word not in SAME)]


def _is_plain(raised: ast.expr | None) -> bool:
    """Is it one of our errors with words that are not translated?"""
    ours = {cls.__name__ for cls in _all(KennisError)}
    if not isinstance(raised, ast.Call) or not isinstance(raised.func, ast.Name) or raised.func.id not in ours:
        return False
    first = raised.args[0] if raised.args else None
    return isinstance(first, ast.JoinedStr) or (isinstance(first, ast.Constant) and bool(first.value))


def _all(cls: type[KennisError]) -> list[type[KennisError]]:
    return [cls, *(below for direct in cls.__subclasses__() for below in _all(direct))]
