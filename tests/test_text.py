"""The analysis of Dutch."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kennismakelaar import text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("waterschap", "waterschappen"),
        ("organisatie", "organisaties"),
        ("subsidie", "subsidies"),
        ("Coöperatie", "cooperatie"),
        ("buurtwinkel", "buurtwinkels"),
        ("vrijwilliger", "vrijwilligers"),
    ],
)
def test_two_forms_of_a_word_are_one_term(one: str, other: str) -> None:
    assert text.analyse(one)[0] == text.analyse(other)[0]


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("buurtcentrum", ("buurt", "centrum")),
        ("gemeentefusie", ("gemeente", "fusie")),
        ("dorpswinkel", ("dorp", "winkel")),
        ("wonen", ()),
        ("straat", ()),
        ("xyzzyplugh", ()),
    ],
)
def test_compounds_are_split_into_known_words(word: str, parts: tuple[str, ...]) -> None:
    assert text.split_compound(word) == parts


def test_the_part_of_a_compound_finds_the_whole() -> None:
    assert set(text.analyse("winkel")) & set(text.analyse("dorpswinkel"))


def test_stop_words_and_single_characters_carry_no_meaning() -> None:
    assert text.content_words("Wie kan ons helpen met de x?") == ["helpen"]


def test_grams_mark_the_ends_of_a_word() -> None:
    assert text.grams("bieb") == ["_bi", "bie", "ieb", "eb_", "_bie", "bieb", "ieb_", "_bieb", "bieb_"]


def test_a_typo_leaves_most_grams_in_common() -> None:
    right, wrong = set(text.grams("vrijwilligers")), set(text.grams("vrijwiligers"))
    assert len(right & wrong) / len(right) > 0.4


def test_spellings_of_a_name_are_the_same() -> None:
    assert text.same_name("Coöperatie 'De Hoop'!") == text.same_name("cooperatie de hoop")


@pytest.mark.parametrize("odd", ["", "   ", "!?", "\0", "🙂🙂", "ё" * 2_000, "\ud800"])
def test_odd_text_is_analysed_without_an_error(odd: str) -> None:
    assert isinstance(text.analyse(odd), list)
    assert isinstance(text.grams(odd), list)


def test_threads_that_stem_at_once_do_not_disturb_each_other() -> None:
    """The stemmer of the library keeps its word in itself; one for all threads gave errors and wrong stems."""
    stem, words = (
        text.stem.__wrapped__,
        sorted(set(text.tokens((Path(__file__).parent / "eval" / "own_train.tsv").read_text("utf-8")))),
    )
    switch = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as threads:
            found = list(threads.map(stem, words, chunksize=1))
    finally:
        sys.setswitchinterval(switch)
    assert found == [stem(word) for word in words]
