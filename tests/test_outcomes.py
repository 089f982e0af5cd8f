"""Did it help? Everyone is asked once a round; what askers say counts once for each case, and can be switched off."""

import json
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from click.testing import CliRunner

from kennismakelaar import encode, history
from kennismakelaar.broker import Broker, open_broker
from kennismakelaar.cli import main
from kennismakelaar.config import Settings
from kennismakelaar.desk import cases, consent, contact, links, outcomes, post
from kennismakelaar.desk.cases import Proposal, State, Step, Verdict
from kennismakelaar.desk.introductions import Answer, Introduction, Side
from kennismakelaar.desk.links import Link
from kennismakelaar.desk.outcomes import Outcome, Round, Said
from kennismakelaar.errors import NotFound, Refused
from kennismakelaar.model import Change, Node
from kennismakelaar.moments import moment
from kennismakelaar.store import Store
from kennismakelaar.weights import read
from tests.test_introductions import ASKER, CASE, HELPER, LATER, NOW, PLAN, content, linked, prepare, say

WEEKS, HALF_YEAR = LATER + timedelta(days=14), LATER + timedelta(days=182)


@pytest.fixture
def broker(store: Store) -> Broker:
    """A desk on which one introduction was made."""
    broker = Broker(prepare(store), encode.load("none"), read())
    summary = {"summary": "Helpt bewoners met een winkel."}
    place = {"summary": "Een stad.", "place_type": "stad"}
    zonnedam = replace(store.get("zonnedam"), properties=place)
    broker.add([replace(HELPER, properties={**HELPER.properties, **summary}), zonnedam], [])
    return broker


def another(broker: Broker, number: int) -> Introduction:
    """One more case with the same helper, in which both said yes."""
    case = replace(CASE, id=f"zaak-{number}")
    reach = contact.keep(replace(ASKER, about=f"case/{case.id}"), NOW.date())
    broker.store.write(Change(records=[cases.as_record(case), reach]))
    one = consent.propose(broker.store, replace(PLAN, case=case.id), "anna", NOW)
    for side in Side:
        say(broker.store, one, side, Answer.YES)
    return one


def asked(broker: Broker, now: datetime) -> list[Outcome]:
    found = outcomes.due(broker.store, now)
    for one in found:
        outcomes.ask(broker.store, one, now)
    return found


def tell(broker: Broker, one: Outcome, said: Said, words: str = "", now: datetime = WEEKS) -> Outcome:
    word, record = links.mint(Link(outcomes.PAGE, one.id, moment(now + timedelta(days=60))))
    broker.store.write(Change(records=[record]))
    return outcomes.answer(broker, word, said, words, now)


def of_asker(found: list[Outcome]) -> Outcome:
    return next(one for one in found if one.side is Side.ASKER)


def counts(broker: Broker) -> tuple[object, object]:
    node = broker.store.get("steunpunt")
    return node.properties.get("helped"), node.properties.get("not_helped")


def state(broker: Broker) -> State:
    return cases.case_of(broker.store.record(cases.KIND, "zaak-1")).state


def test_both_sides_are_asked_after_two_weeks_and_after_half_a_year_and_never_twice(broker: Broker) -> None:
    linked(broker.store)
    assert outcomes.due(broker.store, WEEKS - timedelta(seconds=1)) == []
    assert [(one.side, one.round) for one in asked(broker, WEEKS)] == [(side, Round.WEEKS) for side in Side]
    assert asked(broker, WEEKS) == asked(broker, WEEKS + timedelta(days=30)) == []
    assert [(one.side, one.round) for one in asked(broker, HALF_YEAR)] == [(side, Round.HALF_YEAR) for side in Side]
    assert asked(broker, HALF_YEAR + timedelta(days=9)) == []


def test_a_round_that_was_missed_is_not_made_up_for(broker: Broker) -> None:
    linked(broker.store)
    assert {one.round for one in asked(broker, HALF_YEAR)} == {Round.HALF_YEAR}
    assert asked(broker, HALF_YEAR) == []


def test_who_withdrew_is_not_asked(broker: Broker) -> None:
    _, own = linked(broker.store)
    consent.withdraw(broker.store, own[Side.HELPER], "", LATER)
    assert asked(broker, WEEKS) == []


def test_who_cannot_be_reached_is_not_asked(broker: Broker) -> None:
    linked(broker.store)
    broker.store.write(Change(gone_records=[(contact.KIND, "case/zaak-1")]))
    assert [one.side for one in asked(broker, WEEKS)] == [Side.HELPER]


def test_the_letter_has_a_link_for_each_answer(broker: Broker, tmp_path: Path) -> None:
    linked(broker.store)
    asked(broker, WEEKS)
    paths = post.write_out(broker.store, tmp_path, Settings(address="https://kennis.voorbeeld.nl"), WEEKS)
    text = next(content(path) for path in paths if path.stem.endswith("vrager-twee-weken"))
    assert all(f"?antwoord={said}" in text for said in Said)


def test_a_yes_of_the_asker_ends_the_case_and_counts_for_the_helper(broker: Broker) -> None:
    linked(broker.store)
    tell(broker, of_asker(asked(broker, WEEKS)), Said.YES)
    assert (state(broker), counts(broker)) == (State.DONE, (1, 0))


def test_a_no_of_the_asker_brings_the_case_back_to_staff(broker: Broker) -> None:
    linked(broker.store)
    tell(broker, of_asker(asked(broker, WEEKS)), Said.NO, "Zij belden niet terug, ook niet naar 06 1234 5678")
    assert (state(broker), counts(broker)) == (State.PROPOSED, (0, 1))
    last = cases.case_of(broker.store.record(cases.KIND, "zaak-1")).history[-1]
    assert last.why == "Zij belden niet terug, ook niet naar [telefoonnummer]"


def test_partly_is_half_and_leaves_the_case_where_it_is(broker: Broker) -> None:
    linked(broker.store)
    tell(broker, of_asker(asked(broker, WEEKS)), Said.PARTLY)
    assert (state(broker), counts(broker)) == (State.LINKED, (0.5, 0.5))


def test_a_case_counts_once_by_what_its_asker_said_last(broker: Broker) -> None:
    linked(broker.store)
    tell(broker, of_asker(asked(broker, WEEKS)), Said.YES)
    tell(broker, of_asker(asked(broker, HALF_YEAR)), Said.NO, now=HALF_YEAR)
    assert counts(broker) == (0, 1)
    assert state(broker) is State.DONE


def test_what_a_helper_says_does_not_count_for_itself(broker: Broker) -> None:
    linked(broker.store)
    helper = next(one for one in asked(broker, WEEKS) if one.side is Side.HELPER)
    tell(broker, helper, Said.YES)
    assert (state(broker), counts(broker)) == (State.LINKED, (None, None))


def test_every_change_of_the_counts_is_in_the_history_without_the_case(broker: Broker) -> None:
    linked(broker.store)
    another(broker, 2)
    for one in asked(broker, WEEKS):
        tell(broker, one, Said.YES)
    pasts = history.of_node(broker.store, "steunpunt")
    assert [past.fields["helped"] for past in pasts] in ([(1.0, 2.0), (None, 1.0)], [(None, 1.0), (1.0, 2.0)])
    assert not any("zaak" in past.why for past in pasts)


def test_an_answer_is_given_once(broker: Broker) -> None:
    linked(broker.store)
    one = of_asker(asked(broker, WEEKS))
    word, record = links.mint(Link(outcomes.PAGE, one.id, moment(HALF_YEAR)))
    broker.store.write(Change(records=[record]))
    outcomes.answer(broker, word, Said.YES, "", WEEKS)
    with pytest.raises(NotFound):
        outcomes.answer(broker, word, Said.NO, "", WEEKS)
    with pytest.raises(Refused, match="al beantwoord"):
        tell(broker, one, Said.NO)
    assert counts(broker) == (1, 0)


def test_a_helper_that_left_the_graph_keeps_its_outcome_on_the_desk(broker: Broker) -> None:
    linked(broker.store)
    found = asked(broker, WEEKS)
    broker.delete("steunpunt")
    assert tell(broker, of_asker(found), Said.YES).said is Said.YES
    assert state(broker) is State.DONE


def test_outcomes_count_in_the_ranking_and_can_be_switched_off(tmp_path: Path) -> None:
    summary = {"summary": "Helpt bewoners met een buurtwinkel.", "type": "maatschappelijk"}
    nodes = [replace(HELPER, id=id, name=name, properties=summary) for id, name in (("a", "Aap"), ("b", "Beer"))]
    nodes[1] = replace(nodes[1], properties={**summary, "helped": 2.5, "not_helped": 0.5})
    settings = Settings(database=f"sqlite:///{tmp_path}/graph.db", encoder="none")
    answers = {}
    for on in (True, False):
        with closing(open_broker(replace(settings, use_outcomes=on))) as broker:
            broker.weights = replace(broker.weights, threshold=0.0)
            broker.add(nodes, [])
            answers[on] = broker.ask("Wie helpt met een buurtwinkel?").matches
    assert [match.id for match in answers[True]] == ["b", "a"]
    assert [match.id for match in answers[False]] == ["a", "b"]
    (reason,) = [r for r in answers[True][0].reasons if r.signal == "outcome"]
    assert reason.text == "hielp 2,5 van de 3 keer"
    assert not any(r.signal == "outcome" for match in answers[False] for r in match.reasons)


def test_a_switch_is_yes_or_no() -> None:
    assert not Settings.from_env({"KENNISMAKELAAR_USE_OUTCOMES": "nee"}).use_outcomes
    assert Settings.from_env({"KENNISMAKELAAR_USE_OUTCOMES": "1"}).use_outcomes
    with pytest.raises(Refused, match="KENNISMAKELAAR_USE_OUTCOMES"):
        Settings.from_env({"KENNISMAKELAAR_USE_OUTCOMES": "misschien"})


def test_the_desk_gives_judged_questions_to_learn_from(broker: Broker) -> None:
    linked(broker.store)
    tell(broker, of_asker(asked(broker, WEEKS)), Said.YES)
    by = Step(NOW.isoformat(), "anna", "")
    other = Node("tuin", "initiative", "Buurttuin", sources=HELPER.sources, properties={"summary": "Een tuin."})
    broker.add([other], [])
    judged = replace(CASE, id="zaak-9", question="Wie weet iets van tuinen?")
    judged = cases.judge(judged, Proposal("tuin", Verdict.ACCEPTED, "anna"), by)
    judged = cases.judge(judged, Proposal("steunpunt", Verdict.REJECTED, "anna", "past niet"), by)
    nothing = cases.judge(replace(CASE, id="zaak-8"), Proposal("tuin", Verdict.REJECTED, "anna", "past niet"), by)
    broker.store.write(Change(records=[cases.as_record(judged), cases.as_record(nothing)]))
    found = {one.id: one for one in outcomes.judged(broker.store)}
    assert set(found) == {"zaak-1", "zaak-9"}
    assert (found["zaak-1"].grades, found["zaak-1"].kinds) == ({"Steunpunt Dorpen": 2}, ("organisation",))
    assert found["zaak-9"].grades == {"Buurttuin": 1}


def test_the_command_line_asks_who_is_due_once_and_sends_what_waits(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path}/graph.db", encoder="none")
    with closing(open_broker(settings)) as opened:
        linked(prepare(opened.store))

    def run(*words: str) -> dict[str, Any]:
        environment = {"KENNISMAKELAAR_ENCODER": "none", "KENNISMAKELAAR_DATABASE": settings.database}
        done = CliRunner().invoke(main, [*words, "--json"], env=environment)
        assert done.exit_code == 0, done.output
        return dict(json.loads(done.output))

    with time_machine.travel(WEEKS):
        assert [one["side"] for one in run("outcomes", "due")["due"]] == list(Side)
        assert len(run("outcomes", "due", "--send")["due"]) == 2
        assert run("outcomes", "due", "--send")["due"] == []
        assert run("post")["letters"] == {"vervallen": 2, "wacht": 5}
        written = run("post", "--to", str(tmp_path / "uit"))["written"]
    assert len(written) == 5
    with time_machine.travel(NOW + timedelta(days=500)):
        assert run("post")["erased"] > 2
