"""Dutch words: the one analysis that both stores index and every question goes through."""

import re
import threading
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import snowballstemmer

LONGEST_QUESTION = 1_000
"""Characters of a question that are read; more only slows the encoder down."""

STOP_WORDS = frozenset(
    """aan al alle als altijd ben bij bijvoorbeeld daar dan dat de deze die dit doe doen door dus een eens eigen en er
    ergens erg even gaan gaat ge geen gewoon graag had hebben heeft heel hem het hier hij hoe hun ik in is ja je jij
    jou jouw jullie kan komen komt kun kunnen kunt laat laten maar maken meer met mij mijn moet moeten mogen na naar
    niet niets nog nu of om ons onze ook op over te ten ter toch toe tot uit u uw van veel voor vooral waar waarom
    wanneer was wat we weer wel welk welke wel werd wie wij wil willen word worden wordt zal ze zelf zich zij zijn zo
    zonder zou zouden
    a about an and any are as at be been by can could do does for from get has have how i if in into is it its me my
    of on or our out should so some than that the their them there they this to us want was we were what when where
    which who why will with would you your""".split()
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet takes for a formula (OWASP, 'CSV injection')."""
_NUMBER = re.compile(r"[-+]?[0-9]*[.,]?[0-9]+(?:[eE][-+]?[0-9]+)?")
_WORD = re.compile(r"[^\W_]+")
_LINKS = ("", "s", "e", "en", "n")
_SHORTEST_PART = 4


class _Own(threading.local):
    """A stemmer for each thread: it keeps the word that it works on in itself."""

    def __init__(self) -> None:
        self.stemmer: Any = snowballstemmer.stemmer("dutch")


_own = _Own()


def fold(text: str) -> str:
    """Lower case, without accents; so that 'Coöperatie' and 'cooperatie' are one."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def tokens(text: str) -> list[str]:
    """The folded words of a text, in order."""
    return _WORD.findall(fold(text))


def content_words(text: str) -> list[str]:
    """The folded words that carry meaning: no stop words, no single characters."""
    return [word for word in tokens(text) if word not in STOP_WORDS and len(word) > 1]


def analyse(text: str) -> list[str]:
    """The stems of the content words, each followed by the stems of its parts if it is a compound."""
    return [term for word in content_words(text) for term in _terms(word)]


@lru_cache(maxsize=100_000)
def _terms(word: str) -> tuple[str, ...]:
    parts = split_compound(word)
    return (stem(word), *(stem(part) for part in parts))


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The Snowball stem (Porter, snowballstem.org, algorithm 'dutch')."""
    return str(_own.stemmer.stemWord(word))


@lru_cache(maxsize=100_000)
def split_compound(word: str) -> tuple[str, ...]:
    """The two parts of a Dutch compound, the longest known last part first; empty if it is none.

    Both parts must be known words; a linking s, e, en or n between them is dropped.
    """
    known = compound_parts()
    for cut in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1):
        head, tail = word[:cut], word[cut:]
        if tail in known and (first := _known_head(head, known)):
            return first, tail
    return ()


def _known_head(head: str, known: frozenset[str]) -> str:
    for link in _LINKS:
        bare = head.removesuffix(link) if link else head
        if len(bare) >= _SHORTEST_PART and bare in known:
            return bare
    return ""


@cache
def compound_parts() -> frozenset[str]:
    """The words that may stand in a compound, from the list beside this module."""
    return frozenset(files("kennismakelaar").joinpath("compound_parts.txt").read_text("utf-8").split())


@lru_cache(maxsize=20_000)
def _word_grams(word: str) -> tuple[str, ...]:
    padded = f"_{word}_"
    return tuple(padded[i : i + n] for n in (3, 4, 5) for i in range(len(padded) - n + 1))


def grams(text: str) -> list[str]:
    """Runs of 3 to 5 characters of each content word, its ends marked; forgiving of typos and inflection."""
    return [gram for word in content_words(text) for gram in _word_grams(word)]


def same_name(text: str) -> str:
    """Equal for two spellings of a name that differ in case, accents, punctuation or spaces only."""
    return " ".join(tokens(text))


def guarded(cell: str) -> str:
    """A cell of CSV that no spreadsheet will run; a number stays one."""
    return f"'{cell}" if cell.startswith(FORMULA) and not _NUMBER.fullmatch(cell) else cell


def unguarded(cell: str) -> str:
    """The opposite of guarded."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(FORMULA) else cell
