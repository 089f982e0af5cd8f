"""The measures, on answers whose scores can be worked out by hand."""

import math
from pathlib import Path

import pytest

from kennismakelaar.errors import Refused
from kennismakelaar.evaluate import Judged, evaluate, grades_of, read, read_spellings, score
from kennismakelaar.model import Answer, Match

EVAL = Path(__file__).parent / "eval"
QUESTION = Judged("q", "staff", "nl", "vraag", {"Aedes": 2, "Coöperatie": 1}, ())


def test_a_match_counts_by_name_alias_or_spelling_whatever_its_case() -> None:
    answer = [["iets anders"], ["AEDES", "vereniging"], ["de cooperatie"], ["Aedes"]]
    assert grades_of(answer, QUESTION, {"Coöperatie": {"de cooperatie"}}) == [[], [2], [1], []]


def test_ndcg_follows_gain_and_discount() -> None:
    found = score([[], [2], [1]], QUESTION)
    ideal = 3 + 1 / math.log2(3)
    assert found.ndcg == pytest.approx((3 / math.log2(3) + 1 / 2) / ideal)
    assert (found.hit1, found.hit5, found.mrr) == (0, 1, 0.5)


def test_a_perfect_answer_scores_one_and_an_empty_one_nothing() -> None:
    assert score([[2], [1]], QUESTION).ndcg == pytest.approx(1)
    assert score([], QUESTION).ndcg == 0


def test_refusals_are_counted_apart_and_by_group() -> None:
    nothing = Judged("n", "initiator", "en", "weather", {}, ())
    match = Match("aedes", "organisation", "Aedes", "", 1.0, 0.9, ())
    answers = [Answer("vraag", True, (match,), 0.9, "", "none"), Answer("weather", False, (), 0.1, "no", "none")]
    found = evaluate([QUESTION, nothing], answers, lambda id: ["Aedes"], {})
    assert (found["hit@1"], found["answered"], found["refused"]) == (1, 1, 1)
    assert found["by_group"]["initiator"]["refused"] == 1  # type: ignore[index]
    assert found["by_group"]["initiator"]["hit@1"] is None  # type: ignore[index]
    assert found["hit@1 95%"] == [1, 1]


def test_the_judged_files_are_read_whole() -> None:
    counts = {name: len(read(EVAL / f"{name}.tsv")) for name in ("dev_queries", "own_train", "own_test")}
    assert counts == {"dev_queries": 70, "own_train": 650, "own_test": 240}
    assert read(EVAL / "dev_queries.tsv")[32].kinds == ("person", "publication")
    assert "bzk" in read_spellings(EVAL / "dev_names.tsv")["Ministerie van Binnenlandse Zaken en Koninkrijksrelaties"]


def test_nothing_is_both_learned_from_and_measured_on() -> None:
    learned = {q.query for name in ("dev_queries", "own_train") for q in read(EVAL / f"{name}.tsv")}
    assert not learned & {q.query for q in read(EVAL / "own_test.tsv")}


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("a\tb\n1\t2\n", "kolommen"),
        ("", "kolommen"),
        ("id\tgroup\tlang\tquery\trelevant\nq\ts\tnl\tvraag\tAedes\n", "regel 2: relevant moet zijn"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_the_line(tmp_path: Path, content: str, complaint: str) -> None:
    (tmp_path / "q.tsv").write_text(content, "utf-8")
    with pytest.raises(Refused, match=complaint):
        read(tmp_path / "q.tsv")
