"""Logging in in two steps, sessions that end, and the pages of administrators."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import time_machine
from flask.testing import FlaskClient

from kennismakelaar import audit, users, vault
from kennismakelaar.broker import Broker
from kennismakelaar.config import Settings
from kennismakelaar.users import Role
from tests.web.conftest import SECRET, submit
from web.app import create_app

OTHER = "twee fietsen vol gele tulpen"
STRICT = Settings(second_factor=True, secret_key="k" * 40)


@pytest.fixture
def people(broker: Broker) -> Iterator[Broker]:
    """Anna works at the desk, Beheer looks after the website."""
    for name, role in (("anna", Role.STAFF), ("beheer", Role.ADMIN)):
        users.add(broker.store, name, role, SECRET)
    yield broker
    for one in list(users.everyone(broker.store)):
        users.change(broker.store, one.name, lambda body: {**body, "role": Role.STAFF})
        users.remove(broker.store, one.name)


def client_of(broker: Broker, name: str, settings: Settings | None = None) -> FlaskClient:
    """Someone who gave name and password."""
    client = create_app(broker, settings or Settings(secret_key="k" * 40)).test_client()
    assert submit(client, "/inloggen", naam=name, wachtwoord=SECRET, verder="/bureau").status_code == 303
    return client


def code_on(page: str) -> str:
    """What the app shows after it took the secret of the page."""
    found = re.search(r'<p class="code">([A-Z2-7 ]+)</p>', page)
    assert found
    return pyotp.TOTP(found[1].replace(" ", "")).now()


def test_who_must_have_a_second_step_sets_it_up_before_getting_anywhere(people: Broker) -> None:
    client = client_of(people, "anna", STRICT)
    assert client.get("/bureau").status_code == 302
    page = client.get("/inloggen/instellen").text
    assert client.get("/inloggen/instellen.svg").data.startswith(b"<svg")
    assert "klopt niet" in submit(client, "/inloggen/instellen", code="12345").text
    done = submit(client, "/inloggen/instellen", code=code_on(page))
    assert people.store.record(users.KIND, "anna").body["second"]["secret"].startswith(vault.MARK)
    codes = re.findall(r"[A-Z2-9]{4}(?:-[A-Z2-9]{4}){3}", done.text)
    assert len(codes) == 10
    assert done.headers["Cache-Control"] == "no-store"
    assert client.get("/bureau").status_code == 200

    again = client_of(people, "anna", STRICT)
    assert again.get("/bureau").status_code == 302
    assert again.get("/inloggen/instellen").status_code == 404
    assert submit(again, "/inloggen/code", code="000000").status_code == 400
    assert submit(again, "/inloggen/code", code=codes[0]).location == "/bureau"
    assert again.get("/bureau").status_code == 200


def test_the_second_step_is_only_there_for_who_gave_a_password_just_now(people: Broker) -> None:
    stranger = create_app(people, STRICT).test_client()
    assert stranger.get("/inloggen/code").status_code == 400
    assert stranger.get("/inloggen/instellen").status_code == 404
    late = client_of(people, "anna", STRICT)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=11)):
        assert late.get("/inloggen/instellen").status_code == 404


@pytest.mark.parametrize(("after", "status"), [(timedelta(minutes=50), 200), (timedelta(minutes=70), 302)])
def test_a_session_ends_when_nothing_is_asked_for_an_hour(people: Broker, after: timedelta, status: int) -> None:
    client = client_of(people, "anna")
    with time_machine.travel(datetime.now(UTC) + after):
        assert client.get("/bureau").status_code == status


def test_a_session_ends_after_a_working_day_also_when_it_is_used(people: Broker) -> None:
    client, start = client_of(people, "anna"), datetime.now(UTC)
    for half in range(1, 16):
        with time_machine.travel(start + timedelta(minutes=30 * half)):
            assert client.get("/bureau").status_code == 200
    with time_machine.travel(start + timedelta(hours=8, seconds=1)):
        assert client.get("/bureau").status_code == 302


def test_a_cookie_that_was_copied_does_not_work_after_logging_out(people: Broker) -> None:
    client, thief = client_of(people, "anna"), None
    cookie = client.get_cookie("kennismakelaar")
    assert cookie is not None
    thief = client.application.test_client()
    thief.set_cookie("kennismakelaar", cookie.value)
    assert thief.get("/bureau").status_code == 200
    submit(client, "/bureau", "/uitloggen")
    assert thief.get("/bureau").status_code == 302


def test_nothing_of_the_session_before_logging_in_stays(people: Broker) -> None:
    client = create_app(people, Settings(secret_key="k" * 40)).test_client()
    client.get("/inloggen")
    before = client.get_cookie("kennismakelaar")
    submit(client, "/inloggen", naam="anna", wachtwoord=SECRET)
    after = client.get_cookie("kennismakelaar")
    assert before is not None
    assert after is not None
    assert before.value != after.value


def test_another_password_ends_the_other_sessions_and_not_this_one(people: Broker) -> None:
    here, elsewhere = client_of(people, "anna"), client_of(people, "anna")
    wrong = submit(here, "/account", nu="iets anders dan dat", nieuw=OTHER, nogmaals=OTHER)
    assert "van nu klopt niet" in wrong.text
    assert "niet gelijk" in submit(here, "/account", nu=SECRET, nieuw=OTHER, nogmaals=SECRET).text
    assert submit(here, "/account", nu=SECRET, nieuw=OTHER, nogmaals=OTHER).status_code == 303
    assert here.get("/bureau").status_code == 200
    assert elsewhere.get("/bureau").status_code == 302
    assert users.check(people.store, "anna", OTHER).name == "anna"


def test_an_administrator_adds_someone_changes_the_role_and_ends_it(people: Broker) -> None:
    admin, page = client_of(people, "beheer"), "/bureau/gebruikers"
    assert submit(admin, page, naam="rens", rol="onderzoeker", wachtwoord=SECRET).status_code == 303
    rens = client_of(people, "rens")
    assert rens.get("/netwerk/graaf.json").status_code == 200
    assert rens.get("/bureau").status_code == 403
    submit(admin, page, f"{page}/rens", doe="rol", rol="medewerker")
    assert rens.get("/bureau").status_code == 302
    assert client_of(people, "rens").get("/bureau").status_code == 200
    submit(admin, page, f"{page}/rens", doe="weg")
    assert "rens" not in {one.name for one in users.everyone(people.store)}
    assert "Kies een rol" in submit(admin, page, naam="piet", rol="keizer", wachtwoord=SECRET).text
    assert "Kies wat er" in submit(admin, page, f"{page}/anna", doe="").text


def test_the_last_administrator_stays(people: Broker) -> None:
    admin, page = client_of(people, "beheer"), "/bureau/gebruikers"
    for form in ({"doe": "weg"}, {"doe": "rol", "rol": "medewerker"}):
        assert "de enige beheerder" in submit(admin, page, f"{page}/beheer", **form).text
    assert admin.get(page).status_code == 200


def test_the_log_says_who_did_what_and_nothing_that_was_typed(people: Broker) -> None:
    admin = client_of(people, "beheer")
    submit(admin, "/inloggen", naam="anna", wachtwoord="een geheim dat fout is")
    submit(admin, "/inloggen", naam="een geheim dat fout is", wachtwoord="")
    submit(admin, "/bureau/gebruikers", "/bureau/gebruikers/anna", doe="rol", rol="onderzoeker")
    found = [(row.who, row.what, row.about) for row in audit.rows(people.store)]
    assert ("bezoeker", "inloggen mislukt", "anna") in found
    assert ("beheer", "rol wordt onderzoeker", "anna") in found
    shown = admin.get("/bureau/logboek")
    assert "rol wordt onderzoeker" in shown.text
    assert "geheim" not in shown.text
    assert admin.get("/bureau/logboek?dag=gisteren").status_code == 400
    assert admin.get("/bureau/logboek.json?wie=niemand").json == {
        "ok": True, "rows": [], "total": 0, "page": 1, "pages": 1, "who": "niemand", "day": ""
    }  # fmt: skip
