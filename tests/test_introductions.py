"""Bringing two people together: both have to want it, and only then do they see how to reach each other."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from itertools import product
from pathlib import Path

import pytest

from kennismakelaar import language
from kennismakelaar.config import Settings
from kennismakelaar.desk import cases, consent, contact, introductions, links, post
from kennismakelaar.desk.cases import Case, State
from kennismakelaar.desk.consent import Plan
from kennismakelaar.desk.contact import Contact
from kennismakelaar.desk.introductions import ANSWER_PAGE, OWN_PAGE, Answer, Introduction, Side, Stage
from kennismakelaar.desk.links import Link
from kennismakelaar.errors import KennisError, NotFound, Refused
from kennismakelaar.model import Change, Node, Source
from kennismakelaar.store import Store
from kennismakelaar.store_embedded import EmbeddedStore

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
SOURCE = (Source("boek", "II.1", "stated"),)
HELPER = Node("steunpunt", "organisation", "Steunpunt Dorpen", sources=SOURCE, properties={"type": "maatschappelijk"})
PLACE = Node("zonnedam", "place", "Zonnedam", sources=SOURCE)
CASE = Case(
    "zaak-1",
    "Wie helpt ons met een buurtwinkel?",
    NOW.isoformat(),
    NOW.isoformat(),
    State.CLARIFIED,
    place="zonnedam",
)
ASKER = Contact("case/zaak-1", "om te antwoorden", "2026-09-01", "Noor Vrager", "noor@voorbeeld.nl", "06 1111 1111")
PLAN = Plan(
    "zaak-1",
    "steunpunt",
    "samen kijken of de winkel open kan blijven",
    "2026-06-01",
    "Hanna Helper",
    "hanna@voorbeeld.nl",
    "06 2222 2222",
)
SECRETS = {
    Side.ASKER: (ASKER.name, ASKER.email, ASKER.phone),
    Side.HELPER: (PLAN.name, PLAN.email, PLAN.phone),
}


def prepare(store: Store, case: Case = CASE) -> Store:
    store.put([HELPER, PLACE], [])
    store.write(Change(records=[cases.as_record(case), contact.keep(ASKER, NOW.date())]))
    return store


@pytest.fixture
def desk(store: Store) -> Store:
    """A case that is ready for an introduction."""
    return prepare(store)


def token(store: Store, one: Introduction, side: Side) -> str:
    """As it stands in the letter that invites this side."""
    word, record = links.mint(Link(ANSWER_PAGE, f"{one.id}/{side}", one.answer_until))
    store.write(Change(records=[record]))
    return word


def say(store: Store, one: Introduction, side: Side, says: Answer, now: datetime = LATER, why: str = "") -> str:
    return consent.answer(store, token(store, one, side), says, why, now)


def linked(store: Store) -> tuple[Introduction, dict[Side, str]]:
    """Both said yes."""
    one = consent.propose(store, PLAN, "anna", NOW)
    own = {side: say(store, one, side, Answer.YES) for side in Side}
    return introductions.find(store, one.id), own


def content(path: Path) -> str:
    """The text of a letter that was written out."""
    return str(message_from_bytes(path.read_bytes(), policy=policy.default).get_content())


def state(store: Store) -> State:
    return cases.case_of(store.record(cases.KIND, "zaak-1")).state


def test_a_proposal_asks_both_by_letter_and_moves_the_case(desk: Store) -> None:
    one = consent.propose(desk, PLAN, "anna", NOW)
    assert introductions.of_case(desk, "zaak-1") == [one]
    assert (state(desk), one.stage(NOW), one.by) == (State.PROPOSED, Stage.ASKED, "anna")
    asker, helper = (
        post.find(desk, f"{one.id}-{side}-invite_{word}") for side, word in zip(Side, ("asker", "helper"), strict=True)
    )
    said = post.read(helper).body
    assert all(part in said for part in (CASE.question, "uit Zonnedam", PLAN.purpose, "1 juni 2026", "16 maart 2026"))
    assert "Steunpunt Dorpen" in post.read(asker).body
    assert {asker.to, helper.to} == {"case/zaak-1", f"introduction/{one.id}"}


def test_each_gets_letters_in_the_language_that_they_used(desk: Store) -> None:
    desk.write(Change(records=[contact.keep(replace(ASKER, language="en", version=1), NOW.date())]))
    one = consent.propose(desk, PLAN, "anna", NOW)
    letters = {letter.to: letter for letter in post.about(desk, one.id)}
    asker, helper = letters["case/zaak-1"], letters[f"introduction/{one.id}"]
    assert (asker.language, post.read(asker).subject) == ("en", "May we introduce you to Steunpunt Dorpen?")
    assert (helper.language, post.read(helper).subject) == ("nl", "Wilt u meedenken over een vraag uit Zonnedam?")
    assert ("1 June 2026" in post.read(asker).body, "1 juni 2026" in post.read(helper).body) == (True, True)
    with language.speaking("en"):
        say(desk, one, Side.HELPER, Answer.YES)
    say(desk, one, Side.ASKER, Answer.YES)
    told = {letter.to: letter.language for letter in post.about(desk, one.id) if letter.template == "introduced"}
    assert told == {"case/zaak-1": "nl", f"introduction/{one.id}": "en"}


def test_one_yes_shows_nothing_and_two_show_both(desk: Store) -> None:
    one = consent.propose(desk, PLAN, "anna", NOW)
    first = say(desk, one, Side.HELPER, Answer.YES)
    assert introductions.own(desk, first, LATER)[2] is None
    second = say(desk, one, Side.ASKER, Answer.YES)
    for own, other in ((first, Side.ASKER), (second, Side.HELPER)):
        seen = introductions.own(desk, own, LATER)[2]
        assert seen is not None
        assert (seen.name, seen.email, seen.phone) == SECRETS[other]
    assert state(desk) is State.LINKED
    letters = [letter.template for letter in post.about(desk, one.id)]
    assert letters.count("introduced") == 2


def test_after_the_period_the_contact_data_are_on_no_page(desk: Store) -> None:
    _, own = linked(desk)
    last = datetime(2026, 6, 1, 23, tzinfo=UTC)
    assert introductions.own(desk, own[Side.ASKER], last)[2] is not None
    with pytest.raises(NotFound):
        introductions.own(desk, own[Side.ASKER], last + timedelta(hours=2))


@pytest.mark.parametrize("side", Side)
def test_who_says_no_ends_it_and_the_other_who_said_yes_is_told(desk: Store, side: Side) -> None:
    one = consent.propose(desk, PLAN, "anna", NOW)
    own = say(desk, one, side.other, Answer.YES)
    say(desk, one, side, Answer.NO, why="Bel mij op 06 1234 5678: geen tijd")
    told = introductions.find(desk, one.id)
    assert told.stage(LATER) is Stage.REFUSED
    assert told.parties[side].why == "Bel mij op [telefoonnummer]: geen tijd"
    assert introductions.own(desk, own, LATER)[2] is None
    assert post.find(desk, f"{one.id}-{side.other}-declined").state is post.State.WAITING
    assert state(desk) is State.PROPOSED
    assert contact.has(desk, f"introduction/{one.id}", LATER.date()) is (side is Side.ASKER)


@pytest.mark.parametrize("side", Side)
def test_a_yes_can_be_taken_back_at_any_time(desk: Store, side: Side) -> None:
    one, own = linked(desk)
    consent.withdraw(desk, own[side], "", LATER)
    assert introductions.find(desk, one.id).stage(LATER) is Stage.WITHDRAWN
    assert [introductions.own(desk, word, LATER)[2] for word in own.values()] == [None, None]
    assert state(desk) is State.PROPOSED
    kept = {letter.template: letter.state for letter in post.about(desk, one.id) if letter.reveal}
    assert kept == {"introduced": post.State.LAPSED}
    assert post.find(desk, f"{one.id}-{side.other}-withdrawn").state is post.State.WAITING
    with pytest.raises(Refused):
        consent.withdraw(desk, own[side], "", LATER)


def test_staff_can_stop_it_and_have_to_say_why(desk: Store) -> None:
    one, own = linked(desk)
    with pytest.raises(Refused, match="waarom"):
        consent.stop(desk, one.id, "anna", " ", LATER)
    consent.stop(desk, one.id, "anna", "verkeerde organisatie", LATER)
    assert introductions.own(desk, own[Side.ASKER], LATER)[2] is None
    with pytest.raises(Refused, match="stopgezet"):
        consent.stop(desk, one.id, "anna", "nog eens", LATER)


def test_an_invitation_is_answered_once_and_in_time(desk: Store) -> None:
    one = consent.propose(desk, PLAN, "anna", NOW)
    word = token(desk, one, Side.ASKER)
    consent.answer(desk, word, Answer.YES, "", LATER)
    for late in (word, token(desk, one, Side.HELPER)):
        with pytest.raises(NotFound):
            consent.answer(desk, late, Answer.YES, "", NOW + timedelta(days=15))
    assert introductions.find(desk, one.id).stage(NOW + timedelta(days=15)) is Stage.SILENT
    with pytest.raises(NotFound):
        consent.answer(desk, word, Answer.NO, "", LATER)


def test_the_link_to_answer_does_not_open_the_page_with_contact_data(desk: Store) -> None:
    one = consent.propose(desk, PLAN, "anna", NOW)
    with pytest.raises(NotFound):
        introductions.own(desk, token(desk, one, Side.ASKER), LATER)
    own, record = links.mint(Link(OWN_PAGE, f"{one.id}/{Side.ASKER}", one.answer_until))
    desk.write(Change(records=[record]))
    with pytest.raises(NotFound):
        consent.answer(desk, own, Answer.YES, "", LATER)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"purpose": " "}, "doel"),
        ({"until": "2026-03-02"}, "na vandaag"),
        ({"until": "2027-04-01"}, "een jaar"),
        ({"until": "morgen"}, "jaar-maand-dag"),
        ({"helper": "zonnedam"}, "kan niet kennismaken"),
        ({"email": ""}, "geen e-mailadres bekend"),
        ({"email": "hanna"}, "e-mailadres klopt niet"),
    ],
)
def test_a_wrong_plan_is_refused_and_nothing_is_kept(desk: Store, changes: dict[str, str], why: str) -> None:
    before = list(desk.records())
    with pytest.raises(Refused, match=why):
        consent.propose(desk, replace(PLAN, **changes), "anna", NOW)
    assert list(desk.records()) == before


@pytest.mark.parametrize("far", [State.NEW, State.GAP, State.DONE])
def test_a_case_that_is_not_ready_gets_no_introduction(store: Store, far: State) -> None:
    prepare(store, replace(CASE, state=far))
    with pytest.raises(Refused, match=far):
        consent.propose(store, PLAN, "anna", NOW)


def test_an_asker_without_an_address_and_a_helper_asked_twice_are_refused(desk: Store) -> None:
    consent.propose(desk, PLAN, "anna", NOW)
    with pytest.raises(Refused, match="loopt al"):
        consent.propose(desk, PLAN, "anna", NOW)
    desk.write(Change(gone_records=[(contact.KIND, "case/zaak-1")]))
    with pytest.raises(Refused, match="vrager heeft geen e-mailadres"):
        consent.propose(desk, replace(PLAN, helper="steunpunt"), "anna", NOW + timedelta(days=20))


def test_a_yes_to_someone_who_stopped_links_nobody(desk: Store) -> None:
    one = consent.propose(desk, PLAN, "anna", NOW)
    own = say(desk, one, Side.ASKER, Answer.YES)
    desk.write(Change(gone_records=[(contact.KIND, "case/zaak-1")]))
    with pytest.raises(Refused, match="gaat niet meer door"):
        say(desk, one, Side.HELPER, Answer.YES)
    assert introductions.own(desk, own, LATER)[2] is None
    say(desk, one, Side.HELPER, Answer.NO)


def test_a_helper_whose_address_is_kept_needs_no_new_one(desk: Store) -> None:
    kept = Contact("node/steunpunt", "om vragen te krijgen", "2027-01-01", email="vast@voorbeeld.nl")
    desk.write(Change(records=[contact.keep(kept, NOW.date())]))
    one = consent.propose(desk, replace(PLAN, email=""), "anna", NOW)
    say(desk, one, Side.HELPER, Answer.NO)
    assert contact.find(desk, "node/steunpunt", LATER.date()).email == "vast@voorbeeld.nl"


def test_a_helper_is_not_asked_beyond_what_was_agreed(desk: Store) -> None:
    desk.put([replace(HELPER, properties={**HELPER.properties, "capacity": 1})], [])
    consent.propose(desk, PLAN, "anna", NOW)
    other = replace(CASE, id="zaak-2")
    desk.write(Change(records=[cases.as_record(other), contact.keep(replace(ASKER, about="case/zaak-2"), NOW.date())]))
    with pytest.raises(Refused, match="overvraagd"):
        consent.propose(desk, replace(PLAN, case="zaak-2"), "anna", NOW)


def test_an_answer_counts_also_when_a_colleague_changes_the_case_meanwhile(
    desk: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = consent.propose(desk, PLAN, "anna", NOW)
    word, write, busy = token(desk, one, Side.ASKER), desk.write, [True]

    def meddle(change: Change) -> None:
        if busy.pop() if busy else False:
            case = cases.case_of(desk.record(cases.KIND, "zaak-1"))
            write(Change(records=[cases.as_record(cases.assign(case, "bert", case.history[-1]))]))
        write(change)

    monkeypatch.setattr(desk, "write", meddle)
    consent.answer(desk, word, Answer.YES, "", LATER)
    assert cases.case_of(desk.record(cases.KIND, "zaak-1")).assigned == "bert"
    assert introductions.find(desk, one.id).parties[Side.ASKER].answer is Answer.YES


def test_letters_bring_contact_data_to_the_other_side_and_only_when_both_agreed(desk: Store, tmp_path: Path) -> None:
    settings = Settings(address="https://kennis.voorbeeld.nl")
    one = consent.propose(desk, PLAN, "anna", NOW)
    say(desk, one, Side.ASKER, Answer.YES)

    def bodies(folder: str) -> dict[str, str]:
        paths = post.write_out(desk, tmp_path / folder, settings, LATER)
        return {path.stem: content(path) for path in paths}

    everything = "\n".join(bodies("voor").values())
    assert not any(secret in everything for words in SECRETS.values() for secret in words)
    say(desk, one, Side.HELPER, Answer.YES)
    after = bodies("na")
    for side in Side:
        text = after[f"{one.id}-{side}-introduced"]
        assert SECRETS[side.other][1] in text
        assert SECRETS[side][1] not in text


Act = Callable[[Store, Introduction, dict[Side, str]], None]


def _says(side: Side, says: Answer) -> Act:
    def act(store: Store, one: Introduction, own: dict[Side, str]) -> None:
        own[side] = say(store, one, side, says)

    return act


def _withdraws(side: Side) -> Act:
    return lambda store, one, own: consent.withdraw(store, own[side], "", LATER)


ACTS: dict[str, Act] = {
    **{f"{side} {says}": _says(side, says) for side in Side for says in (Answer.YES, Answer.NO)},
    **{f"{side} trekt in": _withdraws(side) for side in Side},
    "stop": lambda store, one, own: consent.stop(store, one.id, "anna", "daarom", LATER),
}


def test_whatever_happens_only_two_who_both_agree_see_each_other(tmp_path: Path) -> None:
    """All ways of three acts; the first is an answer, since before one there is nothing to take back."""
    store = prepare(EmbeddedStore(tmp_path / "graph.db"))
    seen = 0
    answers = [name for name in ACTS if name.endswith((Answer.YES, Answer.NO))]
    for number, path in enumerate(product(answers, ACTS, ACTS)):
        case = replace(CASE, id=f"zaak-{number}")
        reach = replace(ASKER, about=f"case/zaak-{number}")
        if number != 1:
            store.write(Change(records=[cases.as_record(case), contact.keep(reach, NOW.date())]))
        one = consent.propose(store, replace(PLAN, case=case.id), "anna", NOW)
        own: dict[Side, str] = {}
        agreed: set[Side] = set()
        over = False
        for name in path:
            try:
                ACTS[name](store, one, own)
            except (KennisError, KeyError):
                continue
            side = next((side for side in Side if name.startswith(side)), None)
            over |= side is None or not name.endswith(Answer.YES)
            agreed |= {side} if side and name.endswith(Answer.YES) else set()
        shown = {side: introductions.own(store, word, LATER)[2] for side, word in own.items()}
        expected = agreed == set(Side) and not over
        assert all((other is not None) is expected for other in shown.values()), path
        seen += expected
    assert seen == 14
    store.close()
