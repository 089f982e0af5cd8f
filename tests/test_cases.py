"""The life of a case."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kennismakelaar.desk.cases import (
    STEPS,
    Case,
    Proposal,
    State,
    Step,
    Verdict,
    annotate,
    as_record,
    assign,
    case_of,
    due,
    is_late,
    judge,
    step,
)
from kennismakelaar.errors import Refused
from kennismakelaar.model import Change
from kennismakelaar.store import Store

DAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
BY = Step(DAY.isoformat(), "anna", "", "omdat het klopt")
CASE = Case("zaak-1", "Wie helpt ons met een buurttuin?", DAY.isoformat(), DAY.isoformat())


@given(st.lists(st.sampled_from(list(State)), max_size=12))
def test_no_path_leaves_the_table(path: list[State]) -> None:
    case = CASE
    for to in path:
        if to in STEPS[case.state]:
            case = step(case, to, BY)
            assert case.state is to
        else:
            with pytest.raises(Refused, match=case.state):
                step(case, to, BY)
    assert [one.what.split(" → ")[0] for one in case.history] == [
        State.NEW,
        *[one.what.split(" → ")[1] for one in case.history],
    ][: len(case.history)]


def test_every_state_can_be_reached_and_only_done_is_the_end() -> None:
    reached = {State.NEW}
    while more := {to for state in reached for to in STEPS[state]} - reached:
        reached |= more
    assert reached == set(State)
    assert [state for state, steps in STEPS.items() if not steps] == [State.DONE]


def test_a_step_is_kept_with_who_when_and_why() -> None:
    done = step(CASE, State.CLARIFIED, BY)
    assert done.history == (Step(DAY.isoformat(), "anna", "nieuw → verhelderd", "omdat het klopt"),)


def test_a_case_comes_back_from_the_store_as_it_was(store: Store) -> None:
    case = judge(assign(step(CASE, State.CLARIFIED, BY), "bert", BY), Proposal("movisie", Verdict.ACCEPTED, "anna"), BY)
    case = annotate(replace(case, answers={"Hoeveel mensen doen mee?": "zes"}, themes=("groen",)), BY)
    store.write(Change(records=[as_record(case)]))
    assert case_of(store.record("case", "zaak-1")) == replace(case, version=1)
    assert [r.id for r in store.records("case", "state:verhelderd")] == ["zaak-1"]
    assert [r.id for r in store.records("case", "assigned:bert")] == ["zaak-1"]


def test_a_match_is_not_rejected_without_a_reason() -> None:
    with pytest.raises(Refused, match="waarom"):
        judge(CASE, Proposal("movisie", Verdict.REJECTED, "anna"), BY)


def test_a_later_verdict_takes_the_place_of_an_earlier_one() -> None:
    case = judge(CASE, Proposal("movisie", Verdict.ACCEPTED, "anna"), BY)
    case = judge(case, Proposal("movisie", Verdict.REJECTED, "anna", "te ver weg"), BY)
    assert [(p.id, p.verdict) for p in case.proposals] == [("movisie", Verdict.REJECTED)]
    assert len(case.history) == 2


def test_a_closed_case_takes_no_more_matches() -> None:
    with pytest.raises(Refused, match="afgerond"):
        judge(step(CASE, State.DONE, BY), Proposal("movisie", Verdict.ACCEPTED, "anna"), BY)


def test_an_empty_note_is_refused() -> None:
    with pytest.raises(Refused, match="leeg"):
        annotate(CASE, replace(BY, why="  "))


def test_a_case_is_late_after_the_term_of_its_state_and_not_when_nobody_waits() -> None:
    assert not is_late(CASE, DAY + timedelta(days=2))
    assert is_late(CASE, DAY + timedelta(days=2, seconds=1))
    assert due(step(CASE, State.GAP, BY)) is None
    assert not is_late(step(CASE, State.GAP, BY), DAY + timedelta(days=900))
