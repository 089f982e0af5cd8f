"""The sentences of a report in Dutch and in English, with numbers and days as people write them."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from kennismakelaar.errors import Refused
from kennismakelaar.language import LANGUAGES
from kennismakelaar.language import gettext as _
from kennismakelaar.schema import schema


class Words:
    """The sentences of report.yaml in one language."""

    def __init__(self, language: str) -> None:
        """Refused where there is no such language."""
        if language not in LANGUAGES:
            raise Refused(
                _("Taal %(language)r is er niet. Kies uit: %(known)s.", language=language, known=", ".join(LANGUAGES))
            )
        self.language = language

    def __call__(self, name: str, /, **values: object) -> str:
        """The sentence with what was worked out in it."""
        return str(texts()[name][self.language]).format(**values)

    def head(self, name: str) -> tuple[str, ...]:
        """The words of a list."""
        return tuple(texts()[name][self.language])

    def label(self, label: Mapping[str, str]) -> str:
        """A label of the schema or of a measure."""
        return label[self.language]

    def number(self, value: float, digits: int = 3) -> str:
        """As people of this language write it; whole numbers without decimals."""
        text = f"{int(value):,}" if value == int(value) else f"{value:,.{digits}f}"
        return text.translate(str.maketrans(",.", ".,")) if self.language == "nl" else text

    def count(self, name: str, number: int) -> str:
        """A number with what there are so many of."""
        one, more = self.head(name)
        return f"{self.number(number)} {one if number == 1 else more}"

    def day(self, day: str) -> str:
        """A day such as 2026-11-25 in words."""
        year, month, number = day.split("-")
        return f"{int(number)} {self.head('months')[int(month) - 1]} {year}"

    def both(self, words: Sequence[str]) -> str:
        """a, b and c."""
        *first, last = words
        return f"{', '.join(first)} {self('and')} {last}" if first else last

    def domain(self, code: str) -> str:
        """The label of a domain; of none, that it is unknown."""
        term = schema().vocabularies["domain"].get(code)
        return {"nl": term.nl, "en": term.en}[self.language] if term else self("unknown")


@cache
def texts() -> Mapping[str, Any]:
    """By name, and then by language; a list has words."""
    path = Path(__file__).with_name("templates") / "report.yaml"
    return dict(yaml.safe_load(path.read_text("utf-8")))
