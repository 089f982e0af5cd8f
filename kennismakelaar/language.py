"""The language in which we speak: Dutch as it stands in the code, English from translations/."""

import ast
import datetime
import gettext as catalogues
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from kennismakelaar.errors import Refused

TRANSLATIONS = Path(__file__).resolve().parent / "translations"
LANGUAGES = ("nl", "en")
"""ISO 639-1; the first is the language of the messages in the code."""
_spoken: ContextVar[str] = ContextVar("language", default=LANGUAGES[0])


class Labels(Protocol):
    """What has a text for each language, such as the label of a kind."""

    def __getitem__(self, language: str, /) -> str:
        """The text in that language."""


def current() -> str:
    """The language of this request or command."""
    return _spoken.get()


def speak(language: str) -> None:
    """From here on, in this request or command, in this language; Refused for one that we do not speak."""
    if language not in LANGUAGES:
        options = ", ".join(LANGUAGES)
        raise Refused(
            gettext("Taal %(language)r spreken wij niet. Kies uit: %(options)s.", language=language, options=options)
        )
    _spoken.set(language)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """What is said inside is in this language, whatever is spoken around it: a letter to someone else."""
    before = current()
    speak(language)
    try:
        yield
    finally:
        _spoken.set(before)


def root(language: str) -> str:
    """The beginning of every address in a language; empty for the first."""
    return "" if language == LANGUAGES[0] else f"/{language}"


def gettext(message: str, **values: object) -> str:
    """The message in the language that is spoken, with values for its %(names)s."""
    said = _catalogue(current()).gettext(message)
    return said % values if values else said


def marked(message: str) -> str:
    """The message as it stands, listed for translation: for a table made at import, and translated where it is shown."""
    return message


def ngettext(one: str, many: str, num: int, **values: object) -> str:
    """The same for a number of things, with %(num)s for the number."""
    return _catalogue(current()).ngettext(one, many, num) % {"num": num, **values}


def said(labels: Labels) -> str:
    """The label in the language that is spoken."""
    return labels[current()]


def date_in_words(day: str) -> str:
    """A day (ISO 8601) as people write it, such as 1 mei 2026."""
    from babel.dates import format_date  # here, because it makes every start of the program slower

    return format_date(datetime.date.fromisoformat(day), "d MMMM y", locale=current())


def number(value: float, decimals: int = 0) -> str:
    """With the signs of the language for thousands and decimals, and a minus that is not a hyphen."""
    from babel.numbers import format_decimal  # as above

    return format_decimal(round(value, decimals), f"#,##0.{'0' * decimals}", locale=current()).replace("-", "−")


def capital(text: str) -> str:
    """As it stands at the start of a sentence."""
    return text[:1].upper() + text[1:]


def with_docstrings(file: Any, keywords: Any, comment_tags: Any, options: Any) -> Iterator[tuple[Any, ...]]:
    """For pybabel: the messages of a file of which the docstrings of classes are read by users as well."""
    from babel.messages.extract import extract_python  # as above

    yield from extract_python(file, keywords, comment_tags, options)
    file.seek(0)
    for node in ast.parse(file.read()).body:
        if isinstance(node, ast.ClassDef) and (said := ast.get_docstring(node)):
            yield node.lineno, None, said, []


@cache
def _catalogue(language: str) -> catalogues.NullTranslations:
    return catalogues.translation("messages", TRANSLATIONS, [language], fallback=True)
