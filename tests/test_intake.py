"""A question without an account: what is alike, what we ask, what is kept, and how it stands."""

import json
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kennismakelaar import encode
from kennismakelaar.broker import Broker
from kennismakelaar.desk import cases, contact, followups, intake
from kennismakelaar.desk.cases import Case, Proposal, State, Step, Verdict
from kennismakelaar.desk.contact import Contact
from kennismakelaar.desk.intake import Situation
from kennismakelaar.desk.suggestions import Suggestions
from kennismakelaar.errors import NotFound, Refused
from kennismakelaar.model import Change, Edge
from kennismakelaar.store import Store
from kennismakelaar.store_embedded import EmbeddedStore
from kennismakelaar.weights import read
from tests.web.conftest import EDGES, NODES, node, source

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
TYPED = "Onze buurtwinkel gaat dicht. Bel Jan op 06-12345678 of mail jan@voorbeeld.nl, bsn 111222333."
MONEY = node(
    "organisation", "geldfonds", "Fonds voor Buurten", "Geeft een bijdrage.", type="maatschappelijk", offer=("geld",)
)
ANSWER = Edge("answers", "dorpswinkel", "vraag-winkel", source())


def broker_on(store: Store) -> Broker:
    broker = Broker(store, encode.load("none"), replace(read(), threshold=0.0))
    broker.add([*NODES, MONEY], [*EDGES, ANSWER])
    return broker


@pytest.fixture
def broker(store: Store) -> Broker:
    """On each store in turn."""
    return broker_on(store)


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """For tests that write nothing."""
    with closing(broker_on(EmbeddedStore(tmp_path_factory.mktemp("intake") / "graph.db"))) as broker:
        yield broker


def everything(store: Store) -> str:
    return json.dumps([[record.id, dict(record.body), record.tags] for record in store.records()])


def send(broker: Broker, situation: Situation, key: str = "formulier") -> tuple[Case, str]:
    return intake.send(broker, situation, key, NOW)


def test_personal_details_are_in_nothing_that_is_kept(broker: Broker) -> None:
    case, _ = send(broker, intake.read(broker, TYPED, "zonnedam", "Kruidenier"))
    assert case.question == (
        "Onze buurtwinkel gaat dicht. Bel Jan op [telefoonnummer] of mail [e-mailadres], bsn [burgerservicenummer]."
    )
    assert (case.place, case.themes) == ("zonnedam", ("buurtwinkel",))
    assert not re.search("12345678|jan@|111222333", everything(broker.store))


def test_what_was_not_masked_before_is_masked_when_it_is_kept(broker: Broker) -> None:
    case, _ = send(broker, Situation(TYPED))
    assert "12345678" not in case.question + everything(broker.store)


def test_the_receipt_finds_the_case_and_is_kept_nowhere(broker: Broker) -> None:
    case, code = send(broker, intake.read(broker, "Wie helpt onze buurtwinkel?"))
    assert re.fullmatch("([A-Z2-9]{4}-){3}[A-Z2-9]{4}", code)
    assert code not in everything(broker.store)
    assert code.replace("-", "") not in everything(broker.store)
    assert intake.find(broker.store, code.lower().replace("-", " ")) == case
    for wrong in ("", "AAAA-BBBB-CCCC-DDDD", case.id, case.receipt):
        with pytest.raises(NotFound, match="code"):
            intake.find(broker.store, wrong)


def test_the_same_form_is_kept_once(broker: Broker) -> None:
    situation = intake.read(broker, "Wie helpt onze buurtwinkel?")
    send(broker, situation)
    with pytest.raises(Refused, match="al ontvangen"):
        send(broker, situation)
    send(broker, situation, "een ander formulier")
    assert len(list(broker.store.records("case"))) == 2


def test_contact_data_are_kept_apart_and_with_the_case_or_not_at_all(broker: Broker) -> None:
    reach = Contact("", "om u te antwoorden", "2027-05-01", "Jan", "jan@voorbeeld.nl")
    situation = intake.read(broker, "Wie helpt onze buurtwinkel?")
    with pytest.raises(Refused, match="e-mailadres"):
        intake.send(broker, situation, "a", NOW, replace(reach, email="geen adres"))
    assert list(broker.store.records()) == []
    case, _ = intake.send(broker, situation, "a", NOW, reach)
    assert contact.find(broker.store, contact.of_case(case.id), NOW.date()).email == "jan@voorbeeld.nl"
    assert "Jan" not in json.dumps(dict(broker.store.record("case", case.id).body))


def test_who_stops_ends_the_case_and_contact_data_go(broker: Broker) -> None:
    reach = Contact("", "om u te antwoorden", "2027-05-01", email="jan@voorbeeld.nl")
    case, code = intake.send(broker, intake.read(broker, "Wie helpt onze buurtwinkel?"), "a", NOW, reach)
    stopped = intake.stop(broker.store, code, NOW)
    assert stopped.state is State.DONE
    assert not contact.has(broker.store, contact.of_case(case.id), NOW.date())
    assert intake.story(intake.find(broker.store, code))[-1].text == "U heeft deze vraag gestopt."
    with pytest.raises(Refused, match="al afgerond"):
        intake.stop(broker.store, code, NOW)


def test_the_story_for_the_asker_has_no_names_notes_or_reasons() -> None:
    by = Step(NOW.isoformat(), "anna", "", "vervelende vraag")
    case = cases.step(Case("zaak-1", "?", NOW.isoformat(), NOW.isoformat()), State.CLARIFIED, by)
    case = cases.annotate(
        cases.judge(cases.assign(case, "bert", by), Proposal("x", Verdict.REJECTED, "anna", "te duur"), by), by
    )
    lines = intake.story(cases.step(case, State.GAP, by))
    assert [line.text for line in lines] == [intake.TOLD[s] for s in (State.NEW, State.CLARIFIED, State.GAP)]


def test_an_earlier_question_is_shown_when_it_was_answered_and_may_be_read(broker: Broker) -> None:
    now = NOW.isoformat()
    shared = Case("zaak-1", "Kunnen wij de buurtwinkel zelf openhouden?", now, now, State.DONE, shared=True)
    helped = (Proposal("steunpunt", Verdict.ACCEPTED, "anna"), Proposal("aandelen", Verdict.REJECTED, "anna", "nee"))
    ones = [
        replace(shared, proposals=helped),
        replace(shared, id="zaak-2", proposals=helped, shared=False),
        replace(shared, id="zaak-3", proposals=helped, state=State.NEW),
        replace(shared, id="zaak-4"),
        replace(shared, id="zaak-5", proposals=helped, question="Wie helpt ons met bijen op het dak?"),
    ]
    broker.store.write(Change(records=[cases.as_record(one) for one in ones]))
    found = intake.alike(broker, Situation("De buurtwinkel openhouden, kan dat?")).earlier
    assert [(one.question, [n.id for n in one.answers]) for one in found] == [(shared.question, ["steunpunt"])]


def test_a_known_question_comes_with_what_answers_it_and_matches_come_too(one: Broker) -> None:
    found = intake.alike(
        Broker(one.store, one.encoder, replace(one.weights, chance_of_match=(1.0, 0.0))),
        Situation("Wanneer houdt een buurtwinkel het vol?"),
    )
    assert [(known.node.id, [n.id for n in known.answers]) for known in found.known] == [
        ("vraag-winkel", ["dorpswinkel"])
    ]
    assert 0 < len(found.answer.matches) <= intake.FEW


def test_who_is_helped_already_is_counted_and_nothing_else_is_kept(broker: Broker) -> None:
    assert [intake.count_helped(broker.store, NOW.date()) for _ in range(3)] == [1, 2, 3]
    record = next(broker.store.records())
    assert (record.kind, record.id, set(record.body)) == ("helped", "2026-11", {"number", "mark"})
    assert intake.count_helped(broker.store, (NOW + timedelta(days=10)).date()) == 1


@pytest.mark.parametrize(
    ("question", "place", "theme", "why"),
    [
        ("", "", "", "nog geen vraag"),
        ("06-12345678", "", "", "nog geen vraag"),
        ("x" * 1001, "", "", "te lang"),
        ("Wie helpt?", "Verweggistan", "", "Verweggistan"),
        ("Wie helpt?", "", "ruimtevaart", "ruimtevaart"),
    ],
)
def test_what_cannot_be_read_is_refused(one: Broker, question: str, place: str, theme: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        intake.read(one, question, place, theme)


def test_we_ask_at_most_three_things_and_the_one_that_changes_most_first(one: Broker) -> None:
    found = followups.choose(one, "Onze buurtwinkel gaat dicht")
    assert 0 < len(found) <= followups.MOST
    assert [f.change for f in found] == sorted((f.change for f in found), reverse=True)
    assert all(0 < f.change <= 1 for f in found)
    assert found[0].factor == "toerusting"


def test_we_do_not_ask_what_was_said_already(one: Broker) -> None:
    assert "toerusting" not in [f.factor for f in followups.choose(one, "Wie geeft geld voor onze buurtwinkel?")]


def test_nothing_is_asked_where_no_answer_changes_anything(tmp_path: Path) -> None:
    with closing(Broker(EmbeddedStore(tmp_path / "graph.db"), encode.load("none"), read())) as broker:
        broker.add([node("theme", "buurtwinkel", "buurtwinkel", "Een winkel.")], [])
        assert followups.choose(broker, "Onze buurtwinkel gaat dicht") == ()


def test_an_answer_changes_the_matches_of_the_case(broker: Broker) -> None:
    money = next(f for f in followups.QUESTIONS if f.factor == "toerusting")
    situation = intake.read(broker, "Onze buurtwinkel gaat dicht")
    orders, signs = [], []
    for answer in (money.fine, money.weak):
        case, _ = send(broker, replace(situation, answers={money.question: answer}), answer)
        kept = cases.case_of(broker.store.record("case", case.id))
        ranked = Suggestions(broker, kept, NOW.date()).ranked
        orders.append([one.node.id for one in ranked])
        signs.append(next(one.signs for one in ranked if one.node.id == "geldfonds"))
    assert orders[0] != orders[1]
    assert "need" not in signs[0]
    assert signs[1]["need"].say() == "biedt geld (u schrijft: geld)"


def test_a_theme_that_was_chosen_counts_in_the_matches(one: Broker) -> None:
    asked = followups.understand(one, "Wat kunnen wij doen in ons dorp?", themes=("buurtwinkel",))
    assert any("theme" in ranked.signs for ranked in one.rank(asked))


def test_a_long_question_with_answers_still_fits(one: Broker) -> None:
    answers = {f.question: f.weak for f in followups.QUESTIONS}
    assert followups.understand(one, "winkel " * 142, answers=answers).text.endswith("geld regels begeleiding")


@pytest.mark.parametrize(
    ("one", "other", "overlap"), [("abc", "abc", 1.0), ("abc", "xyz", 0.0), ("ab", "ba", 0.5), ("", "", 1.0)]
)
def test_overlap_of_two_rankings(one: str, other: str, overlap: float) -> None:
    assert followups.average_overlap(one, other) == overlap
