"""The desk: the list, the steps, the matches, and helpers who are never asked too much."""

import json
import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kennismakelaar import encode, users
from kennismakelaar.broker import Broker
from kennismakelaar.cli import main
from kennismakelaar.desk import capacity, cases, casework, suggestions
from kennismakelaar.desk.cases import Case, Proposal, State, Step, Verdict
from kennismakelaar.desk.casework import Chosen
from kennismakelaar.desk.suggestions import Suggestions, Wanted
from kennismakelaar.errors import Conflict, NotFound, Refused
from kennismakelaar.model import Change, Node
from kennismakelaar.store import Store
from kennismakelaar.store_embedded import EmbeddedStore
from kennismakelaar.users import Role
from kennismakelaar.weights import read
from tests.conftest import Opening
from tests.web.conftest import EDGES, NODES, node

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
TODAY = NOW.date()
ANNA = Step(NOW.isoformat(), "anna", "", "dat past")
QUESTION = "Onze buurtwinkel gaat dicht, wie helpt ons?"


def helper(id: str, capacity: int | None = None, summary: str = "Helpt met een buurtwinkel.") -> Node:
    agreed: dict[str, Any] = {} if capacity is None else {"capacity": capacity}
    return node("organisation", id, id.capitalize(), summary, type="maatschappelijk", **agreed)


HELPERS = (helper("druk", 2), helper("vol", 0), helper("ruim"))


def case(id: str, **fields: object) -> Case:
    made = Case(id, QUESTION, NOW.isoformat(), NOW.isoformat())
    return replace(made, **fields)  # type: ignore[arg-type]


def keep(store: Store, *made: Case) -> None:
    store.write(Change(records=[cases.as_record(one) for one in made]))


def broker_on(store: Store) -> Broker:
    broker = Broker(store, encode.load("none"), replace(read(), threshold=0.0))
    broker.add([*NODES, *HELPERS], EDGES)
    return broker


@pytest.fixture
def broker(store: Store) -> Broker:
    """On each store in turn, with one case."""
    broker = broker_on(store)
    keep(store, case("zaak-1"))
    return broker


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """For tests that write nothing."""
    with closing(broker_on(EmbeddedStore(tmp_path_factory.mktemp("desk") / "graph.db"))) as broker:
        yield broker


def accept(broker: Broker, id: str, case: str, at: datetime = NOW) -> Case:
    version = casework.get(broker.store, case).version
    who = Step(at.isoformat(), "anna", "")
    return casework.judge(broker, case, version, Proposal(id, Verdict.ACCEPTED, "anna"), who)


def asked(store: Store) -> Counter[tuple[str, str]]:
    """How many cases each helper was asked for, by month."""
    return Counter({(r.body["helper"], r.body["month"]): len(r.body["cases"]) for r in store.records("asked")})


def test_a_step_of_the_table_is_kept_with_its_reason(store: Store) -> None:
    keep(store, case("zaak-1"))
    done = casework.step(store, "zaak-1", 1, State.CLARIFIED, ANNA)
    assert casework.get(store, "zaak-1") == done
    assert done.history == (Step(NOW.isoformat(), "anna", "nieuw → verhelderd", "dat past"),)


def test_a_step_without_a_reason_or_outside_the_table_changes_nothing(store: Store) -> None:
    keep(store, case("zaak-1"))
    with pytest.raises(Refused, match="waarom"):
        casework.step(store, "zaak-1", 1, State.CLARIFIED, replace(ANNA, why=""))
    with pytest.raises(Refused, match="kan niet naar gekoppeld"):
        casework.step(store, "zaak-1", 1, State.LINKED, ANNA)
    assert casework.get(store, "zaak-1") == case("zaak-1", version=1)


def test_who_decided_on_an_older_version_is_told(store: Store) -> None:
    keep(store, case("zaak-1"))
    casework.annotate(store, "zaak-1", 1, ANNA)
    with pytest.raises(Conflict, match="iemand anders"):
        casework.step(store, "zaak-1", 1, State.CLARIFIED, ANNA)
    assert casework.get(store, "zaak-1").state is State.NEW


def test_a_case_goes_to_a_colleague_and_to_nobody_else(store: Store) -> None:
    keep(store, case("zaak-1"))
    users.add(store, "bert", Role.STAFF, "een fiets vol paarse tulpen")
    users.add(store, "rens", Role.RESEARCHER, "een fiets vol paarse tulpen")
    with pytest.raises(Refused, match="rens"):
        casework.assign(store, "zaak-1", 1, "rens", ANNA)
    assert casework.assign(store, "zaak-1", 1, "bert", ANNA).assigned == "bert"
    assert casework.assign(store, "zaak-1", 2, "", ANNA).assigned == ""


def test_nothing_staff_do_changes_the_question(broker: Broker) -> None:
    casework.annotate(broker.store, "zaak-1", 1, ANNA)
    accept(broker, "ruim", "zaak-1")
    casework.step(broker.store, "zaak-1", 3, State.CLARIFIED, ANNA)
    assert casework.get(broker.store, "zaak-1").question == QUESTION


def test_a_missing_case_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound, match="zaak-9"):
        casework.get(store, "zaak-9")


def test_the_list_has_what_is_due_first_and_can_be_chosen_from(store: Store) -> None:
    old = (NOW - timedelta(days=3)).isoformat()
    keep(
        store,
        case("a", state=State.GAP),
        case("b", state=State.CLARIFIED, place="zonnedam"),
        case("c", assigned="anna"),
        case("d", since=old, place="zonnedam"),
    )

    def ids(chosen: Chosen) -> list[str]:
        return [one.case.id for one in casework.waiting(store, chosen, NOW)]

    assert ids(Chosen()) == ["d", "c", "b", "a"]
    assert ids(Chosen(State.NEW)) == ["d", "c"]
    assert ids(Chosen(place="zonnedam")) == ["d", "b"]
    assert ids(Chosen(State.NEW, place="zonnedam")) == ["d"]
    assert ids(Chosen(assigned="anna")) == ["c"]
    assert ids(Chosen(late=True)) == ["d"]
    assert casework.numbers(store) == dict.fromkeys(State, 0) | {State.NEW: 2, State.CLARIFIED: 1, State.GAP: 1}


def test_the_clock_tells_when_the_next_step_was_promised() -> None:
    assert casework.clock(case("a"), NOW) == casework.Waiting(case("a"), "2026-11-27T09:00:00+00:00", False)
    assert casework.clock(case("a"), NOW + timedelta(days=3)).late
    assert casework.clock(case("a", state=State.GAP), NOW).due == ""


def test_a_text_that_is_far_too_long_is_refused() -> None:
    with pytest.raises(Refused, match="te lang"):
        casework.by("anna", "x" * 2_001)


def test_a_helper_at_its_cap_is_not_proposed_and_the_reason_says_so(broker: Broker) -> None:
    keep(broker.store, case("zaak-2"), case("zaak-3"))
    accept(broker, "druk", "zaak-1")
    accept(broker, "druk", "zaak-2")
    with pytest.raises(Refused, match="overvraagd: al 2 van de 2"):
        accept(broker, "druk", "zaak-3")
    assert casework.get(broker.store, "zaak-3").proposals == ()
    shown = Suggestions(broker, casework.get(broker.store, "zaak-3"), TODAY).shown(limit=40)
    assert {one.node.id: bool(one.full) for one in shown if one.node in HELPERS} == {
        "druk": True,
        "vol": True,
        "ruim": False,
    }
    assert next(one.room for one in shown if one.node.id == "druk") == capacity.Room(2, 2, True)


def test_who_takes_no_questions_is_asked_none(broker: Broker) -> None:
    with pytest.raises(Refused, match="neemt nu geen nieuwe vragen aan"):
        accept(broker, "vol", "zaak-1")


def test_a_new_month_gives_new_room(broker: Broker) -> None:
    keep(broker.store, case("zaak-2"), case("zaak-3"))
    for id in ("zaak-1", "zaak-2"):
        accept(broker, "druk", id)
    accept(broker, "druk", "zaak-3", NOW + timedelta(days=10))
    assert asked(broker.store) == {("druk", "2026-11"): 2, ("druk", "2026-12"): 1}


def test_a_helper_counts_once_for_a_case_and_not_when_rejected_after_all(broker: Broker) -> None:
    accept(broker, "druk", "zaak-1")
    accept(broker, "druk", "zaak-1", NOW + timedelta(days=30))
    assert sum(asked(broker.store).values()) == 1
    no = Proposal("druk", Verdict.REJECTED, "anna", "te ver weg")
    casework.judge(broker, "zaak-1", 3, no, ANNA)
    assert sum(asked(broker.store).values()) == 0


def test_a_helper_that_was_linked_stays_counted(broker: Broker) -> None:
    accept(broker, "druk", "zaak-1")
    for version, state in enumerate((State.CLARIFIED, State.PROPOSED, State.LINKED), 2):
        casework.step(broker.store, "zaak-1", version, state, ANNA)
    casework.judge(broker, "zaak-1", 5, Proposal("druk", Verdict.REJECTED, "anna", "klikte niet"), ANNA)
    assert asked(broker.store) == {("druk", "2026-11"): 1}


def test_a_match_that_is_not_in_the_graph_is_not_found(broker: Broker) -> None:
    with pytest.raises(NotFound):
        accept(broker, "bestaat-niet", "zaak-1")


def test_no_cap_is_passed_in_a_thousand_questions(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Staff take the best match that still has room, as the page lets them; some try one that is full."""
    draw = random.Random(2013)
    caps = {f"helper-{i:02}": draw.choice([0, 1, 2, 5, 20]) for i in range(40)}
    with closing(broker_on(EmbeddedStore(tmp_path_factory.mktemp("many") / "graph.db"))) as broker:
        broker.add([helper(id, cap) for id, cap in caps.items()], [])
        ids = [f"zaak-{i:04}" for i in range(1_000)]
        keep(broker.store, *(case(id) for id in ids))
        refused = 0
        for i, id in enumerate(ids):
            try:
                accept(broker, draw.choice(sorted(caps)), id, NOW + timedelta(days=i // 34))
            except Refused:
                refused += 1
        found = asked(broker.store)
    assert sum(found.values()) == 1_000 - refused
    assert all(number <= caps[id] for (id, _), number in found.items())
    assert sum(found[id, "2026-12"] == cap for id, cap in caps.items() if cap) > 20


def test_no_cap_is_passed_by_many_who_ask_at_once(opening: Opening) -> None:
    with closing(broker_on(opening.open())) as broker:
        broker.add([helper("druk", 5)], [])
        ids = [f"zaak-{i:02}" for i in range(24)]
        keep(broker.store, *(case(id) for id in ids))

        def propose(id: str) -> str:
            try:
                accept(broker, "druk", id)
            except Refused:
                return ""
            return id

        with ThreadPoolExecutor(6) as threads:
            done = {id for id in threads.map(propose, ids) if id}
        assert asked(broker.store) == {("druk", "2026-11"): 5}
        assert {one.case.id for one in casework.waiting(broker.store, Chosen(), NOW) if one.case.proposals} == done
        assert len(done) == 5


def test_matches_can_be_chosen_by_what_they_are(one: Broker) -> None:
    found = Suggestions(one, case("zaak-1"), TODAY)

    def ids(**wanted: str) -> set[str]:
        return {each.node.id for each in found.shown(Wanted(**wanted), 40)}

    assert {"steunpunt", "dorpswinkel", "aandelen"} <= ids()
    assert ids(kind="method") == {"aandelen"}
    assert ids(domain="gemeenschap") == {"dorpswinkel"}
    assert ids(offer="begeleiding") == {"steunpunt"}
    assert ids(need="ruimte") == {"dorpswinkel"}
    assert ids(kind="method", offer="geld") == set()
    assert "steunpunt" in ids(place="zonnedam")
    assert "dorpswinkel" not in ids(place="zonnedam")


def test_what_was_judged_is_apart_from_what_is_open(broker: Broker) -> None:
    accept(broker, "steunpunt", "zaak-1")
    accept(broker, "zonnedam", "zaak-1")
    found = Suggestions(broker, casework.get(broker.store, "zaak-1"), TODAY)
    assert [each.node.id for each in found.judged()] == ["steunpunt", "zonnedam"]
    assert not {"steunpunt", "zonnedam"} & {each.node.id for each in found.shown(limit=40)}


def test_a_comparison_adds_up(one: Broker) -> None:
    found = Suggestions(one, case("zaak-1"), TODAY).compare(["steunpunt", "aandelen", "zonnedam"])
    for i, each in enumerate(found.suggestions):
        assert sum(row.points[i] or 0 for row in found.rows) == pytest.approx(each.match.score, abs=1e-6)
    assert [each.node.id for each in found.suggestions] == ["steunpunt", "aandelen", "zonnedam"]


@pytest.mark.parametrize("ids", [[], ["steunpunt"], ["steunpunt"] * 3, ["a", "b", "c", "d", "e"]])
def test_one_or_five_cannot_be_compared(one: Broker, ids: list[str]) -> None:
    with pytest.raises(Refused, match="2 tot 4"):
        Suggestions(one, case("zaak-1"), TODAY).compare(ids)


def test_why_not_tells_where_a_record_stands(one: Broker) -> None:
    found = Suggestions(one, case("zaak-1"), TODAY)
    shown = found.shown(limit=2)
    told = found.why_not("vraag-winkel", limit=2)
    assert told.candidate
    assert told.position > 2
    assert told.last == shown[-1].match
    assert told.suggestion.match.score < shown[-1].match.score
    assert 0 <= told.certainty <= 1
    assert found.why_not(shown[0].node.id).position == 1


def test_why_not_of_what_the_search_did_not_bring(one: Broker) -> None:
    found = Suggestions(one, case("zaak-1"), TODAY)
    told = found.why_not("zonnedam")
    assert not told.candidate
    assert told.position > suggestions.FEW
    assert told.suggestion.match.score < found.shown()[-1].match.score
    with pytest.raises(NotFound):
        found.why_not("bestaat-niet")


def test_a_record_that_was_long_not_checked_sinks_and_says_since_when(store: Store) -> None:
    broker = Broker(store, encode.load("none"), replace(read(), threshold=0.0))
    fresh = helper("aaa-vers", summary="Helpt met een buurtwinkel.")
    stale = replace(fresh, id="zzz-oud", properties={**fresh.properties, "verified_on": "2023-01-15"})
    broker.add([replace(stale, id="000-oud"), fresh, stale], [])
    found = Suggestions(broker, case("zaak-1"), date(2026, 11, 25)).shown()
    assert found[0].node.id == "aaa-vers"
    assert any("2023-01-15" in reason.text and reason.points < 0 for reason in found[1].match.reasons)


def test_records_are_found_by_id_or_by_the_beginnings_of_words(one: Broker) -> None:
    assert [each.id for each in suggestions.named(one, "steunp dorp")] == ["steunpunt"]
    assert suggestions.named(one, "gemeente-zonnedam")[0].id == "gemeente-zonnedam"
    assert suggestions.named(one, " ") == ()


def test_the_command_line_lists_the_cases(tmp_path: Path) -> None:
    with closing(EmbeddedStore(tmp_path / "graph.db")) as store:
        keep(store, case("zaak-1"), case("zaak-2", state=State.GAP), case("zaak-3", since="2026-01-01T09:00:00+00:00"))

    def run(*words: str) -> str:
        address = f"sqlite:///{tmp_path}/graph.db"
        environment = {"KENNISMAKELAAR_ENCODER": "none"}
        done = CliRunner().invoke(main, ["cases", "--database", address, *words], env=environment)
        assert done.exit_code == 0, done.output
        return done.output

    assert [line.split()[0] for line in run().splitlines()] == ["zaak-3", "zaak-1", "zaak-2"]
    found = json.loads(run("--state", "lacune", "--json"))["cases"]
    assert [(one["id"], one["due"], one["late"]) for one in found] == [("zaak-2", "", False)]
    assert "Er zijn geen zaken." in run("--state", "gekoppeld")
