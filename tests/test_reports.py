"""What people outside say is not right."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from kennismakelaar import encode, history, reports
from kennismakelaar.broker import Broker
from kennismakelaar.errors import Conflict, NotFound, Refused
from kennismakelaar.model import Change
from kennismakelaar.reports import State
from kennismakelaar.store import Store
from kennismakelaar.weights import read
from tests.test_history import BOEK, HUIS, STEUN, TUIN, with_values


@pytest.fixture
def broker(store: Store) -> Broker:
    """A graph of three, on both stores."""
    broker = Broker(store, encode.load("none"), read())
    broker.add([BOEK, TUIN, HUIS], [STEUN])
    return broker


def test_a_report_is_followed_from_the_code_to_the_answer(broker: Broker) -> None:
    made, code = reports.report(broker, "tuin", "De naam is veranderd.", {"name": ["De Tuin"]})
    assert reports.by_code(broker.store, code).state is State.OPEN
    assert reports.differences(broker.store, made) == {"name": ("Tuin", "De Tuin")}
    assert broker.store.get("tuin") == TUIN
    reports.accept(broker, made.id, "anna", "Dank u, het is aangepast.")
    assert broker.store.get("tuin").name == "De Tuin"
    ended = reports.by_code(broker.store, code)
    assert (ended.state, ended.answer) == (State.DONE, "Dank u, het is aangepast.")
    assert reports.listed(broker.store) == ()
    assert "De naam is veranderd." in history.of_node(broker.store, "tuin")[0].why


def test_the_code_itself_is_not_kept(broker: Broker) -> None:
    _, code = reports.report(broker, "tuin", "Dit klopt niet.")
    assert code not in str([record.body for record in broker.store.records()])


def test_what_was_changed_meanwhile_is_not_overwritten(broker: Broker) -> None:
    made, _ = reports.report(broker, "tuin", "Andere naam.", {"name": ["De Tuin"]})
    history.publish(broker, Change(nodes=[with_values(TUIN, note="let op")]), "bert", "")
    with pytest.raises(Conflict, match="bert"):
        reports.accept(broker, made.id, "anna", "Gedaan.")
    assert reports.find(broker.store, made.id).state is State.OPEN


def test_a_report_is_closed_once_and_with_an_answer(broker: Broker) -> None:
    made, _ = reports.report(broker, "tuin", "Dit klopt niet.")
    with pytest.raises(Refused, match="voorstel"):
        reports.accept(broker, made.id, "anna", "Gedaan.")
    with pytest.raises(Refused, match="antwoord"):
        reports.close(broker.store, made.id, State.DECLINED, "anna", " ")
    reports.close(broker.store, made.id, State.DECLINED, "anna", "Wij hebben het nagekeken: het klopt.")
    with pytest.raises(Refused, match="al afgehandeld door anna"):
        reports.close(broker.store, made.id, State.DONE, "bert", "Toch wel.")


@pytest.mark.parametrize(("text", "words"), [("  ", "wat er niet klopt"), ("x" * 2_001, "te lang")])
def test_an_empty_or_endless_report_is_refused(broker: Broker, text: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        reports.report(broker, "tuin", text)
    assert reports.listed(broker.store) == ()


def test_records_are_stale_after_a_year_and_never_looked_at_comes_first(broker: Broker) -> None:
    broker.add([with_values(HUIS, verified_on="2025-11-25"), with_values(BOEK, verified_on="2025-11-26")], [])
    assert [node.id for node in reports.stale(broker.store, date(2026, 11, 25))] == ["tuin", "huis"]


def test_still_right_is_one_step_and_kept_in_the_history(broker: Broker) -> None:
    reports.confirm(broker, ["tuin", "huis"], "anna")
    today = datetime.now(UTC).date().isoformat()
    assert {broker.store.get(id).text("verified_on") for id in ("tuin", "huis")} == {today}
    assert history.of_node(broker.store, "tuin")[0].fields == {"verified_on": (None, today)}


def test_a_link_outside_works_once_and_not_for_ever(broker: Broker) -> None:
    code, late = reports.ask_still_right(broker.store, "tuin"), reports.ask_still_right(broker.store, "huis")
    assert reports.asked(broker, code).id == "tuin"
    reports.still_right(broker, code)
    assert broker.store.get("tuin").text("verified_on")
    with pytest.raises(NotFound, match="al gebruikt"):
        reports.still_right(broker, code)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=61)), pytest.raises(NotFound):
        reports.asked(broker, late)
