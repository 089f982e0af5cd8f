"""Introductions on the website: what people see and do, and above all what nobody sees before both said yes."""

import logging
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import product
from typing import Any
from zipfile import ZipFile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kennismakelaar import encode, users
from kennismakelaar.broker import Broker
from kennismakelaar.config import Settings
from kennismakelaar.desk import cases, consent, contact, introductions, links, outcomes, post
from kennismakelaar.desk.cases import Case, Proposal, State, Step, Verdict
from kennismakelaar.desk.consent import Plan
from kennismakelaar.desk.contact import Contact
from kennismakelaar.desk.introductions import ANSWER_PAGE, OWN_PAGE, Answer, Introduction, Side, Stage
from kennismakelaar.desk.links import Link
from kennismakelaar.errors import Refused
from kennismakelaar.model import Change
from kennismakelaar.moments import moment
from kennismakelaar.store import Store
from kennismakelaar.store_embedded import EmbeddedStore
from kennismakelaar.users import Role
from kennismakelaar.weights import read
from tests.test_post import Box
from tests.test_post import served as smtp
from tests.web.conftest import EDGES, NODES, SECRET
from tests.web.test_access import log_in, token
from web import access
from web.app import create_app
from web.serve import run

QUESTION = "Wie helpt ons om de buurtwinkel open te houden?"
PURPOSE = "samen kijken of de winkel open kan blijven"
ASKER = ("Noortje Vraagster", "noortje-planted@voorbeeld.nl", "06 1111 1234")
HELPER = ("Hendrik Helpman", "hendrik-planted@voorbeeld.nl", "06 2222 5678")
OF = {Side.ASKER: ASKER, Side.HELPER: HELPER}
PLANTED = re.compile("|".join((*ASKER, *HELPER, "0611111234", "0622225678", "planted")))


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def desk(tmp_path: Any) -> Iterator[Broker]:
    """A desk of its own, with a colleague."""
    store = EmbeddedStore(tmp_path / "graph.db")
    with closing(Broker(store, encode.load("none"), replace(read(), threshold=0.0))) as broker:
        broker.add(NODES, EDGES)
        users.add(store, "anna", Role.STAFF, SECRET)
        yield broker


@pytest.fixture
def app(desk: Broker) -> Flask:
    return create_app(desk)


@pytest.fixture
def staff(app: Flask) -> FlaskClient:
    client = app.test_client()
    assert log_in(client, "anna") == 303
    return client


def add_case(store: Store, id: str) -> Case:
    """One that is ready for an introduction to 'steunpunt'."""
    at = now().isoformat(timespec="seconds")
    case = Case(id, QUESTION, at, at, State.CLARIFIED, place="zonnedam")
    case = cases.judge(case, Proposal("steunpunt", Verdict.ACCEPTED, "anna"), Step(at, "anna", ""))
    end = (now() + timedelta(days=200)).date().isoformat()
    reach = contact.keep(Contact(f"case/{id}", "om te antwoorden", end, *ASKER), now().date())
    store.write(Change(records=[cases.as_record(case), reach]))
    return case


def propose(store: Store, id: str, helper: str = "steunpunt") -> Introduction:
    if not any(record.id == id for record in store.records(cases.KIND)):
        add_case(store, id)
    end = (now() + timedelta(days=90)).date().isoformat()
    return consent.propose(store, Plan(id, helper, PURPOSE, end, *HELPER), "anna", now())


def key(store: Store, one: Introduction, side: Side, page: str = ANSWER_PAGE) -> str:
    """A personal link as it stands in a letter."""
    word, record = links.mint(Link(page, f"{one.id}/{side}", moment(now() + timedelta(days=30))))
    store.write(Change(records=[record]))
    return word


def say(store: Store, one: Introduction, side: Side, says: Answer) -> str:
    return consent.answer(store, key(store, one, side), says, "", now())


def all_stages(store: Store) -> dict[str, Introduction]:
    """An introduction in every stage but LINKED, and half way."""
    stages = ("open", "vrager", "helper", "nee", "weg", "stop", "stil", "voorbij")
    places = product(("zaak-open", "zaak-meer"), ("steunpunt", "gemeente-zonnedam", "winkels-open", "anna-voorbeeld"))
    made = {name: propose(store, *place) for name, place in zip(stages, places, strict=True)}
    over = made["voorbij"]
    say(store, made["vrager"], Side.ASKER, Answer.YES)
    say(store, made["helper"], Side.HELPER, Answer.YES)
    say(store, made["nee"], Side.ASKER, Answer.YES)
    say(store, made["nee"], Side.HELPER, Answer.NO)
    for one in (made["weg"], made["stop"], over):
        for side in Side:
            say(store, one, side, Answer.YES)
    consent.withdraw(store, key(store, made["weg"], Side.ASKER, OWN_PAGE), "", now())
    consent.stop(store, made["stop"].id, "anna", "vergissing", now())
    past = (now() - timedelta(days=1)).date().isoformat()
    for one, changes in ((over, {"until": past}), (made["stil"], {"answer_until": f"{past}T00:00:00+00:00"})):
        read_again = introductions.find(store, one.id)
        store.write(Change(records=[introductions.as_record(replace(read_again, **changes))]))  # type: ignore[arg-type]
    for outcome in outcomes.due(store, now() + timedelta(days=20)):
        outcomes.ask(store, outcome, now())
    found = {name: introductions.find(store, one.id) for name, one in made.items()}
    assert {one.stage(now()) for one in found.values()} == set(Stage) - {Stage.LINKED}
    return found


def addresses(app: Flask, store: Store) -> Iterator[str]:
    """Every address that can be asked for, with everything that could stand in it."""
    kept: dict[str, list[str]] = {}
    for record in store.records():
        kept.setdefault(record.kind, []).append(record.id)
    tokens = {page: [] for page in (ANSWER_PAGE, OWN_PAGE, outcomes.PAGE)}  # type: dict[str, list[str]]
    for id, side in product(kept[introductions.KIND], Side):
        one = introductions.find(store, id)
        for page in (ANSWER_PAGE, OWN_PAGE):
            tokens[page].append(key(store, one, side, page))
    for id in kept.get(outcomes.KIND, []):
        word, record = links.mint(Link(outcomes.PAGE, id, moment(now() + timedelta(days=9))))
        store.write(Change(records=[record]))
        tokens[outcomes.PAGE].append(word)
    special = {
        "/bureau/zaak/": kept["case"],
        "/bureau/kennismaking/": kept[introductions.KIND],
        "/bureau/post/": kept[post.KIND],
        **{f"{page}/": words for page, words in tokens.items()},
    }
    others = {"kind": ["organisation", "person"], "id": ["steunpunt", "zaak-open"], "document": ["samen-doen"]}
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        own = next((words for start, words in special.items() if rule.rule.startswith(f"{start}<")), None)
        choices = [own or others.get(name, ["II.1", "steunpunt"]) for name in sorted(rule.arguments)]
        for values in product(*choices):
            address = rule.rule
            for name, value in zip(sorted(rule.arguments), values, strict=True):
                address = re.sub(rf"<(\w+:)?{name}>", value, address)
            yield address


def shown(answer: TestResponse) -> str:
    """All that an answer tells; of a package, all its files."""
    if answer.mimetype != "application/zip":
        return answer.text
    with ZipFile(BytesIO(answer.data)) as package:
        return "\n".join(package.read(name).decode(errors="replace") for name in package.namelist())


def test_no_answer_shows_how_to_reach_anyone_before_both_said_yes(
    desk: Broker, app: Flask, staff: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    all_stages(desk.store)
    caplog.set_level(logging.DEBUG)
    found = sorted(set(addresses(app, desk.store)))
    opened = 0
    for client in (staff, app.test_client()):
        for address in found:
            answer = client.get(f"{address}?q=winkel&naam=steunpunt&helper=steunpunt&erbij=steun")
            opened += answer.status_code == 200
            leak = PLANTED.search(shown(answer)) or PLANTED.search(str(answer.headers))
            assert not leak, f"{address} shows {leak}"
    assert opened > 150
    assert not PLANTED.search(caplog.text)


def test_after_two_yeses_each_sees_the_other_and_nobody_else_sees_anything(
    desk: Broker, app: Flask, staff: FlaskClient
) -> None:
    one = propose(desk.store, "zaak-1")
    for side in Side:
        say(desk.store, one, side, Answer.YES)
    for side in Side:
        word = key(desk.store, one, side, OWN_PAGE)
        for suffix in ("", ".json"):
            text = app.test_client().get(f"{OWN_PAGE}/{word}{suffix}").text
            assert all(part in text for part in OF[side.other])
            assert not any(part in text for part in OF[side])
    for address in set(addresses(app, desk.store)):
        if not address.startswith(OWN_PAGE):
            assert not PLANTED.search(shown(staff.get(address))), address


def test_a_plan_that_is_refused_does_not_repeat_an_address(desk: Broker, staff: FlaskClient) -> None:
    add_case(desk.store, "zaak-1")
    address = "/bureau/zaak/zaak-1/kennismaking"
    typed = {"helper": "steunpunt", "doel": "samen kijken", "tot": "2020-01-01", "naam": HELPER[0], "email": HELPER[1]}
    answer = staff.post(address, data=typed | {"telefoon": HELPER[2], "csrf_token": token(staff, address)})
    assert answer.status_code == 400
    assert "einddatum" in answer.text
    assert "samen kijken" in answer.text
    assert not PLANTED.search(answer.text)


def test_from_proposal_to_outcome(desk: Broker, app: Flask, staff: FlaskClient) -> None:
    add_case(desk.store, "zaak-1")
    address = "/bureau/zaak/zaak-1/kennismaking"
    end = (now() + timedelta(days=90)).date().isoformat()
    typed = {"helper": "steunpunt", "doel": PURPOSE, "tot": end, "naam": HELPER[0], "email": HELPER[1]}
    made = staff.post(address, data=typed | {"csrf_token": token(staff, address)})
    assert made.status_code == 303
    (one,) = introductions.of_case(desk.store, "zaak-1")
    visitor = app.test_client()
    for side in Side:
        page = f"{ANSWER_PAGE}/{key(desk.store, one, side)}"
        shown = visitor.get(page).text
        assert all(part in shown for part in (QUESTION, PURPOSE, "e-mailadres"))
        done = visitor.post(page, data={"antwoord": "ja", "csrf_token": token(visitor, page)})
        assert done.location.startswith(OWN_PAGE)
        assert visitor.get(page).status_code == 404
    own = visitor.get(done.location).text
    assert ASKER[1] in own
    assert QUESTION in visitor.get(f"{done.location}/brief").text
    assert "gekoppeld" in staff.get(made.location).text
    (asked,) = [o for o in outcomes.due(desk.store, now() + timedelta(days=15)) if o.side is Side.ASKER]
    outcomes.ask(desk.store, asked, now())
    word, record = links.mint(Link(outcomes.PAGE, asked.id, moment(now() + timedelta(days=9))))
    desk.store.write(Change(records=[record]))
    page = f"{outcomes.PAGE}/{word}?antwoord=ja"
    assert re.search(r'value="ja" checked', visitor.get(page).text)
    assert outcomes.of_case(desk.store, "zaak-1")[0].said is None
    told = visitor.post(page, data={"antwoord": "ja", "woorden": "fijn", "csrf_token": token(visitor, page)})
    assert "Dank u wel" in told.text
    assert cases.case_of(desk.store.record(cases.KIND, "zaak-1")).state is State.DONE
    assert desk.store.get("steunpunt").properties["helped"] == 1


def test_with_a_mail_server_the_letters_are_sent_at_once_and_their_links_work(desk: Broker) -> None:
    add_case(desk.store, "zaak-1")
    address, box = "/bureau/zaak/zaak-1/kennismaking", Box()
    with smtp(box) as settings:
        client = create_app(desk, settings).test_client()
        log_in(client, "anna")
        end = (now() + timedelta(days=90)).date().isoformat()
        typed = {"helper": "steunpunt", "doel": PURPOSE, "tot": end, "naam": HELPER[0], "email": HELPER[1]}
        client.post(address, data=typed | {"csrf_token": token(client, address)})
    assert sorted(box.to) == sorted([ASKER[1], HELPER[1]])
    for mail in box.mail:
        (link,) = re.findall(r"https://kennis.voorbeeld.nl(/kennismaking/[\w-]+)", mail.get_content())
        assert PURPOSE in client.get(link).text
    assert {letter.state for letter in post.letters(desk.store)} == {post.State.SENT}


def test_taking_it_back_hides_everything_at_once(desk: Broker, app: Flask) -> None:
    one = propose(desk.store, "zaak-1")
    own = {side: f"{OWN_PAGE}/{say(desk.store, one, side, Answer.YES)}" for side in Side}
    visitor = app.test_client()
    assert HELPER[1] in visitor.get(own[Side.ASKER]).text
    page = own[Side.HELPER]
    visitor.post(f"{page}/intrekken", data={"waarom": "geen tijd", "csrf_token": token(visitor, page)})
    for address in (*own.values(), *(f"{page}/brief" for page in own.values())):
        assert not PLANTED.search(visitor.get(address).text)
    assert "ingetrokken" in visitor.get(page).text


def test_staff_read_letters_and_mark_them_as_sent(desk: Broker, staff: FlaskClient) -> None:
    one = propose(desk.store, "zaak-1")
    id = f"{one.id}-{Side.HELPER}-invite_helper"
    assert id in staff.get("/bureau/post").text
    page = f"/bureau/post/{id}"
    shown = staff.get(page).text
    assert QUESTION in shown
    assert post.PERSONAL in shown
    done = staff.post(page, data={"doe": "verstuurd", "csrf_token": token(staff, page)})
    assert done.status_code == 303
    assert post.find(desk.store, id).by == "anna"
    again = staff.post(page, data={"doe": "opnieuw", "csrf_token": token(staff, page)})
    assert again.status_code == 400


def test_staff_stop_an_introduction_with_a_reason(desk: Broker, staff: FlaskClient) -> None:
    one = propose(desk.store, "zaak-1")
    page = f"/bureau/kennismaking/{one.id}"
    csrf = {"csrf_token": token(staff, page)}
    assert staff.post(f"{page}/stop", data=csrf).status_code == 400
    assert staff.post(f"{page}/stop", data=csrf | {"reden": "dubbel"}).status_code == 303
    assert "stopgezet" in staff.get(page).text


def test_the_desk_is_for_staff_and_personal_pages_are_for_who_has_the_link(desk: Broker, app: Flask) -> None:
    one = propose(desk.store, "zaak-1")
    visitor = app.test_client()
    for address in (f"/bureau/kennismaking/{one.id}", "/bureau/post", "/bureau/zaak/zaak-1/kennismaking"):
        assert visitor.get(address).status_code == 302
    answer = visitor.get(f"{ANSWER_PAGE}/{key(desk.store, one, Side.ASKER)}")
    assert (answer.headers["Cache-Control"], answer.headers["X-Robots-Tag"]) == ("no-store", "noindex")
    assert visitor.get(f"{ANSWER_PAGE}/onzin").status_code == 404
    assert {rule.endpoint for rule in app.url_map.iter_rules() if not access.allowed(rule.endpoint)} == set()


def test_a_site_does_not_start_with_a_mail_server_that_cannot_work() -> None:
    with pytest.raises(Refused, match="KENNISMAKELAAR_MAIL_FROM"):
        run(Settings(smtp_host="mail.voorbeeld.nl"))
