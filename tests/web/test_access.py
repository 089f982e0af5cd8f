"""Who may do what on the website."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kennismakelaar import users
from kennismakelaar.broker import Broker
from kennismakelaar.config import Settings
from kennismakelaar.users import Role
from tests.web.conftest import SECRET
from web import access
from web.app import create_app
from web.serve import session_key


def token(client: FlaskClient, page: str = "/inloggen") -> str:
    """The token of the forms on a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    assert found
    return found[1]


def log_in(client: FlaskClient, name: str, password: str = SECRET, onward: str = "/over") -> int:
    """The status of the answer to the form."""
    form = {"naam": name, "wachtwoord": password, "verder": onward, "csrf_token": token(client)}
    return client.post("/inloggen", data=form).status_code


@pytest.fixture
def anna(broker: Broker) -> Iterator[str]:
    """A colleague."""
    users.add(broker.store, "anna", Role.STAFF, SECRET)
    yield "anna"
    users.remove(broker.store, "anna")


@pytest.fixture
def guarded(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A website with a page for staff."""
    monkeypatch.setattr(access, "PERMISSIONS", {**access.PERMISSIONS, "staff": access.DESK, "staff_json": access.DESK})
    app = create_app(broker)
    app.add_url_rule("/alleen-staf", "staff", lambda: access.current().name)
    app.add_url_rule("/alleen-staf.json", "staff_json", lambda: "{}")
    app.add_url_rule("/vergeten", "forgotten", lambda: "niemand mag dit zien")
    return app.test_client()


def test_every_address_has_an_entry_in_the_table(app: Flask) -> None:
    missing = [rule.endpoint for rule in app.url_map.iter_rules() if not access.allowed(rule.endpoint)]
    assert missing == []


def test_an_address_without_an_entry_is_for_nobody(guarded: FlaskClient, anna: str) -> None:
    log_in(guarded, anna)
    assert guarded.get("/vergeten").status_code == 403


def test_a_visitor_is_sent_to_the_form_and_a_program_is_told(guarded: FlaskClient) -> None:
    page = guarded.get("/alleen-staf?a=1")
    assert (page.status_code, page.location) == (302, "/inloggen?verder=%2Falleen-staf%3Fa%3D1")
    assert guarded.get("/alleen-staf.json").status_code == 401


def test_who_logs_in_gets_further_until_logging_out(guarded: FlaskClient, anna: str) -> None:
    assert log_in(guarded, anna) == 303
    assert guarded.get("/alleen-staf").text == "anna"
    guarded.post("/uitloggen", data={"csrf_token": token(guarded)})
    assert guarded.get("/alleen-staf").status_code == 302


def test_a_researcher_does_not_get_on_the_desk(broker: Broker, guarded: FlaskClient) -> None:
    users.add(broker.store, "rens", Role.RESEARCHER, SECRET)
    log_in(guarded, "rens")
    assert guarded.get("/alleen-staf").status_code == 403
    users.remove(broker.store, "rens")


def test_a_session_ends_with_the_user(broker: Broker, guarded: FlaskClient) -> None:
    users.add(broker.store, "bert", Role.STAFF, SECRET)
    log_in(guarded, "bert")
    users.remove(broker.store, "bert")
    assert guarded.get("/alleen-staf").status_code == 302


def test_a_wrong_password_is_told_and_the_name_stays(client: FlaskClient, anna: str) -> None:
    form = {"naam": anna, "wachtwoord": "iets anders dan dat", "csrf_token": token(client)}
    answer = client.post("/inloggen", data=form)
    assert answer.status_code == 400
    assert 'value="anna"' in answer.text
    assert "klopt niet" in answer.text
    assert "iets anders dan dat" not in answer.text


def test_a_form_without_its_token_is_refused(client: FlaskClient, anna: str) -> None:
    answer = client.post("/inloggen", data={"naam": anna, "wachtwoord": SECRET})
    assert answer.status_code == 400
    assert "laad de pagina opnieuw" in answer.text


@pytest.mark.parametrize("onward", ["https://elders.nl", "//elders.nl", "/\\elders.nl", "elders", "/a\nb"])
def test_after_logging_in_one_stays_on_this_site(client: FlaskClient, anna: str, onward: str) -> None:
    form = {"naam": anna, "wachtwoord": SECRET, "verder": onward, "csrf_token": token(client)}
    assert client.post("/inloggen", data=form).location == "/"


def test_who_tries_too_often_has_to_wait(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access.limiter, "enabled", True)
    client = create_app(broker).test_client()
    form = {"naam": "niemand", "wachtwoord": "fout", "csrf_token": token(client)}
    statuses = [client.post("/inloggen", data=form).status_code for _ in range(11)]
    assert statuses == [400] * 10 + [429]


def test_the_cookie_is_for_this_host_alone_and_not_for_scripts(client: FlaskClient, anna: str) -> None:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/inloggen", base_url="https://localhost").text)
    assert found
    form = {"naam": anna, "wachtwoord": SECRET, "csrf_token": found[1]}
    cookie = client.post("/inloggen", data=form, base_url="https://localhost").headers["Set-Cookie"]
    assert cookie.startswith("__Host-kennismakelaar=")
    assert all(word in cookie for word in ("HttpOnly", "SameSite=Lax", "Secure", "Path=/"))
    assert "Domain" not in cookie


def test_on_ones_own_machine_a_key_is_made_at_each_start() -> None:
    assert len(session_key(Settings())) == 64
