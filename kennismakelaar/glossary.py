"""The words of this website, explained: those of graph_schema/glossary.yaml, and the kinds of record."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from kennismakelaar.alphabet import order
from kennismakelaar.errors import SchemaError
from kennismakelaar.language import LANGUAGES, said
from kennismakelaar.language import gettext as _
from kennismakelaar.paths import GRAPH_SCHEMA
from kennismakelaar.schema import schema


@dataclass(frozen=True)
class Word:
    """A word in each language and what it means; `see` is a page that shows more, or empty."""

    name: str
    term: Mapping[str, str]
    means: Mapping[str, str]
    see: str = ""


def read(path: Path = GRAPH_SCHEMA / "glossary.yaml") -> tuple[Word, ...]:
    """All entries of the file; a key that means nothing, or a language that lacks, is a SchemaError."""
    return tuple(_word(name, keys) for name, keys in yaml.safe_load(path.read_text("utf-8")).items())


def words() -> list[Word]:
    """Those of the file and the kinds of record, in the order of the language that is spoken."""
    kinds = [Word(kind.name, kind.label, kind.description, f"/soort/{kind.name}") for kind in schema().nodes.values()]
    return sorted([*_shipped(), *kinds], key=lambda word: (order(said(word.term)), word.name))


@cache
def _shipped() -> tuple[Word, ...]:
    return read()


def _word(name: str, keys: Mapping[str, Any]) -> Word:
    try:
        word = Word(name, **keys)
        if all(set(labels) == set(LANGUAGES) for labels in (word.term, word.means)):
            return word
    except TypeError as error:
        raise SchemaError(
            _("graph_schema: glossary.yaml: %(name)s: %(error)s. Kijk de sleutels na.", name=name, error=error)
        ) from error
    raise SchemaError(_("graph_schema: glossary.yaml: %(name)s: noem elke taal.", name=name))
