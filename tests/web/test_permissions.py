"""Every address with every role and every method: what the table of permissions says is what happens."""

import re
from collections.abc import Iterator, Mapping
from typing import cast

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from kennismakelaar import users
from kennismakelaar.broker import Broker
from kennismakelaar.users import Role
from tests.web.conftest import SECRET
from web import access
from web.app import create_app

NAMES: Mapping[Role, str] = {
    Role.STAFF: "walk-medewerker",
    Role.RESEARCHER: "walk-onderzoeker",
    Role.ADMIN: "walk-beheerder",
}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SENT = frozenset({"POST", "PUT", "PATCH", "DELETE"})
VALUES: Mapping[str, object] = {
    **{"kind": "initiative", "id": "dorpswinkel", "document": "samen-doen", "chapter": "II.1"},
    **{"form": "ttl", "what": "entity", "number": 1},
}
"""For the parts of addresses; others get a word that opens nothing."""
LISTED: Mapping[str, Mapping[str, object]] = {"hsds.listed": {"name": "services"}, "hsds.shown": {"name": "services"}}
"""Where a name is one of a list."""
QUESTIONS = frozenset({"reconcile.start"})
"""What is sent there is a question and changes nothing."""
SLOW = frozenset({"network.research_package"})
"""Takes seconds, and is looked at in a test of its own."""


def log_in(client: FlaskClient, name: str, password: str = SECRET) -> None:
    """As someone does at the form."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/inloggen").text)
    assert found
    form = {"naam": name, "wachtwoord": password, "csrf_token": found[1]}
    assert client.post("/inloggen", data=form).status_code == 303


@pytest.fixture(scope="module")
def walked(broker: Broker) -> Iterator[tuple[Flask, Mapping[Role, FlaskClient]]]:
    """The website, and a client of each role who has logged in."""
    app = create_app(broker)
    clients = {Role.VISITOR: app.test_client()}
    for role, name in NAMES.items():
        users.add(broker.store, name, role, SECRET)
        clients[role] = app.test_client()
        log_in(clients[role], name)
    yield app, clients
    for name in NAMES.values():
        users.change(broker.store, name, lambda body: {**body, "role": Role.STAFF})
        users.remove(broker.store, name)


def rules(app: Flask) -> list[Rule]:
    """Without the API: that asks for keys and not for roles, and has a walk of its own."""
    found = (rule for rule in app.url_map.iter_rules() if rule.endpoint not in SLOW)
    return [rule for rule in found if not rule.rule.startswith("/api/")]


def address(app: Flask, rule: Rule) -> str:
    """An address that this rule takes."""
    known = {**VALUES, **LISTED.get(rule.endpoint, {})}
    values = {name: known.get(name, "geen-bestaand-ding") for name in rule.arguments}
    return app.url_map.bind("localhost").build(rule.endpoint, values, method=_method(rule))


def _method(rule: Rule) -> str:
    return next(iter(sorted(rule.methods or {"GET"})))


def test_every_address_has_an_entry_in_the_table_and_no_entry_is_without_address(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert [endpoint for endpoint in sorted(endpoints) if not access.allowed(endpoint)] == []
    groups = {f"{endpoint.rpartition('.')[0]}.*" for endpoint in endpoints}
    assert set(access.PERMISSIONS) - endpoints - groups == set()


@pytest.mark.parametrize("role", Role)
def test_a_role_gets_where_the_table_says_and_nowhere_else(
    walked: tuple[Flask, Mapping[Role, FlaskClient]], role: Role
) -> None:
    app, clients = walked
    wrong = []
    for rule in rules(app):
        path = address(app, rule)
        for method in sorted(set(METHODS) & (rule.methods or set())):
            answer = clients[role].open(path, method=method)
            stopped = answer.status_code in (401, 403) or (answer.location or "").startswith("/inloggen?verder=")
            if stopped is (role in access.allowed(_endpoint(app, path, method))) and not _has_no_token(method, answer):
                wrong.append((role, method, path, answer.status_code))
    assert wrong == []


def _endpoint(app: Flask, path: str, method: str) -> str:
    """What answers there: OPTIONS may belong to another rule with the same address."""
    return cast(str, app.url_map.bind("localhost").match(path, method)[0])


def _has_no_token(method: str, answer: TestResponse) -> bool:
    """A form without its token is refused before anything else is looked at: that is a way of stopping too."""
    return method in SENT and answer.status_code == 400


@pytest.mark.parametrize("role", Role)
def test_what_is_sent_without_the_token_of_a_form_changes_nothing(
    walked: tuple[Flask, Mapping[Role, FlaskClient]], role: Role
) -> None:
    app, clients = walked
    wrong = [
        (rule.endpoint, method)
        for rule in rules(app)
        for method in sorted(SENT & (rule.methods or set()))
        if rule.endpoint not in QUESTIONS
        if clients[role].open(address(app, rule), method=method).status_code not in (400, 401, 403)
    ]
    assert wrong == []


@pytest.mark.parametrize("role", Role)
def test_what_is_sent_with_a_token_is_stopped_for_who_may_not(
    walked: tuple[Flask, Mapping[Role, FlaskClient]], role: Role
) -> None:
    app, clients = walked
    found = re.search(r'name="csrf_token" value="([^"]+)"', clients[role].get("/vraag-insturen").text)
    assert found
    headers = {"X-CSRFToken": found[1]}
    wrong = [
        (rule.endpoint, method)
        for rule in rules(app)
        for method in sorted(SENT & (rule.methods or set()))
        if role not in access.allowed(rule.endpoint)
        and clients[role].open(address(app, rule), method=method, headers=headers).status_code not in (401, 403)
    ]
    assert wrong == []


def test_a_method_that_an_address_does_not_have_is_refused(
    walked: tuple[Flask, Mapping[Role, FlaskClient]],
) -> None:
    app, clients = walked
    offered: dict[str, set[str]] = {}
    for rule in rules(app):
        offered.setdefault(address(app, rule), set()).update(rule.methods or ())
    for path, methods in offered.items():
        for method in {"PUT", "PATCH", "DELETE"} - methods:
            assert clients[Role.ADMIN].open(path, method=method).status_code in (404, 405), (method, path)
