"""Learning anew: what the desk learned helps, and what is wrong with it does not get in."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from threadpoolctl import threadpool_limits

from kennismakelaar.broker import Broker, open_broker
from kennismakelaar.cli import main
from kennismakelaar.config import Settings
from kennismakelaar.desk import cases
from kennismakelaar.desk.cases import Case, Proposal, State, Verdict
from kennismakelaar.evaluate import COLUMNS
from kennismakelaar.model import Change, Node, Source
from kennismakelaar.weights import read

SUBJECTS = "moestuin buurthuis zwembad speeltuin dorpswinkel bibliotheek molen kerk fanfare bakkerij haven".split()
KINDS = "organisation", "initiative", "method"
VERBS = "Hoe maken bewoners samen een", "Welke bewoners weten iets van een", "Bewoners willen samen een"
NODES = [
    Node(
        subject,
        KINDS[number % len(KINDS)],
        f"{subject.capitalize()} Vooruit",
        sources=(Source("boek", "II.1", "stated"),),
        properties={"summary": f"Bewoners maken samen een {subject}."}
        | ({"type": "maatschappelijk"} if KINDS[number % len(KINDS)] == "organisation" else {}),
    )
    for number, subject in enumerate(SUBJECTS)
]
TRAP = Node(
    "trap",
    "method",
    "Altijd Goed",
    sources=tuple(Source("boek", f"II.{n}", "stated") for n in range(1, 5)),
    properties={"summary": "Bewoners maken samen van alles."},
)
"""Has more sources than any other and answers no question."""
ELSEWHERE = (
    "Hoe laat eten bewoners van Tokio",
    "Welke laptop kopen bewoners",
    "Waar dansen bewoners",
    "Winnen bewoners de koers",
)


def question(number: int) -> str:
    return f"{VERBS[number % len(VERBS)]} {SUBJECTS[number % len(SUBJECTS)]}?"


@pytest.fixture
def database(tmp_path: Path) -> str:
    """A graph in which each question has one answer."""
    url = f"sqlite:///{tmp_path}/graph.db"
    with closing(open_broker(Settings(database=url, encoder="none"))) as broker:
        broker.add([*NODES, TRAP], [])
    return url


@pytest.fixture
def judged(tmp_path: Path) -> Path:
    """Questions that were judged with care."""
    good = [
        (f"g{n}", "initiator", "nl", question(n), f"{NODES[n].name}=2", NODES[n].kind, "") for n in range(len(NODES))
    ]
    none = [(f"n{n}", "initiator", "nl", f"{ELSEWHERE[n % 4]} {n}?", "-", "-", "") for n in range(6)]
    path = tmp_path / "judged.tsv"
    path.write_text("\n".join("\t".join(row) for row in (COLUMNS, *good, *none)), "utf-8")
    return path


def learned_by_desk(broker: Broker, answer: Callable[[int], str], number: int = 30) -> None:
    """Cases of which staff accepted an answer."""
    at = "2026-03-02T09:00:00+00:00"
    made = [
        Case(f"zaak-{n}", question(n), at, at, State.PROPOSED, proposals=(Proposal(answer(n), Verdict.ACCEPTED, "x"),))
        for n in range(number)
    ]
    broker.store.write(Change(records=[cases.as_record(case) for case in made]))


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Problems this small take longer with more."""
    with threadpool_limits(1):
        yield


def train(database: str, judged: Path, to: Path, **environment: str) -> Result:
    to.mkdir(exist_ok=True)
    env = {"KENNISMAKELAAR_ENCODER": "none", "KENNISMAKELAAR_DATABASE": database, **environment}
    return CliRunner().invoke(main, ["train", str(judged), "--to", str(to), "--json"], env=env)


def test_good_lessons_of_the_desk_are_kept_with_figures_of_before_and_after(
    database: str, judged: Path, tmp_path: Path
) -> None:
    with closing(open_broker(Settings(database=database, encoder="none"))) as broker:
        learned_by_desk(broker, lambda n: SUBJECTS[n % len(SUBJECTS)])
    done = train(database, judged, tmp_path / "new")
    assert done.exit_code == 0, done.output
    figures = json.loads(done.stdout)
    assert set(figures["before"]) == set(figures["after"]) == {"hit1", "hit5", "mrr", "ndcg"}
    assert figures["after"]["ndcg"] > 0.9
    assert "30 van het bureau" in read(tmp_path / "new").obtained


def test_bad_lessons_of_the_desk_are_refused_and_nothing_is_written(
    database: str, judged: Path, tmp_path: Path
) -> None:
    with closing(open_broker(Settings(database=database, encoder="none"))) as broker:
        learned_by_desk(broker, lambda n: TRAP.id)
    done = train(database, judged, tmp_path / "new")
    assert done.exit_code == 1
    assert "slechter" in done.stderr
    figures = json.loads(done.stdout)
    assert figures["after"]["ndcg"] < figures["before"]["ndcg"]
    assert list((tmp_path / "new").iterdir()) == []


def test_the_desk_teaches_nothing_where_outcomes_are_switched_off(database: str, judged: Path, tmp_path: Path) -> None:
    with closing(open_broker(Settings(database=database, encoder="none"))) as broker:
        learned_by_desk(broker, lambda n: TRAP.id)
    done = train(database, judged, tmp_path / "new", KENNISMAKELAAR_USE_OUTCOMES="nee")
    assert done.exit_code == 0, done.output
    assert "bureau" not in read(tmp_path / "new").obtained
