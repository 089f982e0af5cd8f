"""How good the answers are, on questions with judged answers."""

import csv
import math
import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from kennismakelaar.errors import Refused
from kennismakelaar.model import Answer
from kennismakelaar.text import same_name

COLUMNS = ("id", "group", "lang", "query", "relevant", "kinds", "note")
OTHER_KINDS = {"expert": "person", "municipality": "organisation", "website": "publication"}
"""Kinds that a file of questions may use for ours."""
SAMPLES = 1_000
"""Bootstrap samples of a 95% interval."""


@dataclass(frozen=True)
class Judged:
    """A question with the names that answer it: 2 answers the need by itself, 1 is useful. Empty: nothing does."""

    id: str
    group: str
    lang: str
    query: str
    grades: Mapping[str, int]
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Scored:
    """What one answerable question scored."""

    hit1: float
    hit5: float
    mrr: float
    ndcg: float


def read(path: Path) -> list[Judged]:
    """A file in the format of tests/eval/dev_queries.tsv; Refused names the line that is wrong."""
    try:
        with open(path, encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{path} is niet te lezen: {error}") from error
    if not rows or not set(COLUMNS[:5]) <= set(rows[0]):
        raise Refused(f"{path}: de eerste regel moet deze kolommen noemen, met tabs ertussen: {', '.join(COLUMNS)}.")
    return [_judged(row, f"{path}, regel {line}") for line, row in enumerate(rows, 2)]


def _judged(row: Mapping[str, str | None], where: str) -> Judged:
    relevant, kinds = row["relevant"] or "-", row.get("kinds") or "-"
    try:
        pairs = [] if relevant == "-" else [part.rsplit("=", 1) for part in relevant.split("|")]
        grades = {name: int(grade) for name, grade in pairs}
    except ValueError as error:
        raise Refused(f"{where}: relevant moet zijn Naam=2|Andere naam=1, of een streepje.") from error
    return Judged(
        row["id"] or "",
        row["group"] or "",
        row["lang"] or "",
        row["query"] or "",
        grades,
        () if kinds == "-" else tuple(_kind(kind) for kind in kinds.split("|")),
    )


def _kind(name: str) -> str:
    ours = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    return OTHER_KINDS.get(ours, ours)


def read_spellings(path: Path) -> dict[str, set[str]]:
    """Name → its other spellings, as compared names."""
    with open(path, encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file][1:]
    return {row[0]: {same_name(s) for s in row[2].split("|") if s} for row in rows}


def spellings_beside(path: Path) -> dict[str, set[str]]:
    """Those in dev_names.tsv, if that stands beside a file of questions."""
    beside = path.with_name("dev_names.tsv")
    return read_spellings(beside) if beside.exists() else {}


def grades_of(answer: Sequence[Sequence[str]], judged: Judged, spellings: Mapping[str, set[str]]) -> list[list[int]]:
    """For each match (given by its names) the grades of the judged names it stands for; each name counts once."""
    left = {name: {same_name(name)} | spellings.get(name, set()) for name in judged.grades}
    result = []
    for names in answer:
        mine = {same_name(n) for n in names}
        hit = [name for name, forms in left.items() if forms & mine]
        result.append([judged.grades[name] for name in hit])
        for name in hit:
            del left[name]
    return result


def score(found: Sequence[Sequence[int]], judged: Judged) -> Scored:
    """hit@1, hit@5, reciprocal rank and nDCG@10 (gain 2^grade - 1, discount log2(rank + 1))."""
    first = next((rank for rank, grades in enumerate(found, 1) if grades), None)
    gains = [max((2**g - 1 for g in grades), default=0) for grades in found[:10]]
    ideal = sorted((2**g - 1 for g in judged.grades.values()), reverse=True)[:10]
    return Scored(
        float(first == 1),
        float(first is not None and first <= 5),
        1 / first if first else 0.0,
        _dcg(gains) / _dcg(ideal),
    )


def _dcg(gains: Iterable[int]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))


def evaluate(
    questions: Sequence[Judged],
    answers: Sequence[Answer],
    names: Callable[[str], Sequence[str]],
    spellings: Mapping[str, set[str]],
) -> dict[str, object]:
    """The figures as a whole, by group and by language; `names` gives all names of a node."""
    pairs = list(zip(questions, answers, strict=True))
    scored = {q.id: score(grades_of([names(m.id) for m in a.matches], q, spellings), q) for q, a in pairs if q.grades}

    def figures(chosen: Sequence[tuple[Judged, Answer]]) -> dict[str, object]:
        return _figures(
            [scored[q.id] for q, _ in chosen if q.grades],
            [a.answered for q, a in chosen if q.grades],
            [not a.answered for q, a in chosen if not q.grades],
        )

    return figures(pairs) | {
        "by_group": {g: figures([p for p in pairs if p[0].group == g]) for g in sorted({q.group for q in questions})},
        "by_language": {v: figures([p for p in pairs if p[0].lang == v]) for v in sorted({q.lang for q in questions})},
        "by_length": {
            name: figures([p for p in pairs if low <= len(p[0].query.split()) < high])
            for name, low, high in (("1-3", 0, 4), ("4-12", 4, 13), ("13+", 13, 10_000))
        },
    }


def _figures(scored: Sequence[Scored], answered: Sequence[bool], refused: Sequence[bool]) -> dict[str, object]:
    measures = {"hit@1": "hit1", "hit@5": "hit5", "mrr": "mrr", "ndcg@10": "ndcg"}
    found: dict[str, object] = {"answerable": len(scored), "unanswerable": len(refused)}
    for name, field in measures.items():
        values = [float(getattr(s, field)) for s in scored]
        found[name] = round(fmean(values), 4) if values else None
        found[f"{name} 95%"] = _interval(values)
    found["answered"] = round(fmean(answered), 4) if answered else None
    found["refused"] = round(fmean(refused), 4) if refused else None
    return found


def _interval(values: Sequence[float]) -> list[float] | None:
    """The percentile bootstrap (Efron & Tibshirani, 1993, ch. 13), the same at every run."""
    if not values:
        return None
    draw = random.Random(2013)
    means = sorted(fmean(draw.choices(values, k=len(values))) for _ in range(SAMPLES))
    return [round(means[int(SAMPLES * 0.025)], 4), round(means[int(SAMPLES * 0.975)], 4)]
