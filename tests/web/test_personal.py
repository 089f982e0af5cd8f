"""The page about people's data, and erasing someone on the website."""

import json
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from kennismakelaar import history, users
from kennismakelaar.broker import Broker
from kennismakelaar.config import Settings
from kennismakelaar.model import Change
from kennismakelaar.users import Role
from tests.web.conftest import SECRET, submit
from web.app import create_app

PAGE, ANNA = "/bureau/gegevens", "/person/anna-voorbeeld"


@pytest.fixture
def admin(own: Broker) -> FlaskClient:
    users.add(own.store, "beheer", Role.ADMIN, SECRET)
    client = create_app(own, Settings(secret_key="k" * 40)).test_client()
    submit(client, "/inloggen", naam="beheer", wachtwoord=SECRET)
    return client


def test_everyone_reads_what_is_kept_and_why(client: FlaskClient) -> None:
    assert "Autoriteit Persoonsgegevens" in client.get("/privacy").text
    assert {one["kind"] for one in json.loads(client.get("/privacy.json").text)["register"]} >= {"person", "contact"}


def test_an_administrator_finds_hands_over_and_erases_someone_after_being_sure(admin: FlaskClient) -> None:
    assert "vinden wij niemand" in submit(admin, PAGE, wie="niemand@voorbeeld.nl").text
    assert "Dit hebben wij" in submit(admin, PAGE, wie="anna-voorbeeld").text
    handed = submit(admin, PAGE, f"{PAGE}/overzicht.json", wie="anna-voorbeeld")
    assert json.loads(handed.text)["nodes"][0]["name"] == "Anna Voorbeeld"
    assert handed.headers["Cache-Control"] == "no-store"
    assert "vinkje" in submit(admin, PAGE, f"{PAGE}/wis", wie="anna-voorbeeld").text
    assert admin.get(ANNA).status_code == 200
    assert "Gewist." in submit(admin, PAGE, f"{PAGE}/wis", wie="anna-voorbeeld", zeker="ja").text
    assert admin.get(ANNA).status_code == 404
    log = admin.get("/bureau/logboek").text
    assert "gegevens van iemand gewist" in log
    assert "gegevens van iemand opgevraagd" in log
    assert "anna-voorbeeld" not in log


def test_what_staff_agreed_with_a_person_is_seen_by_staff_alone(own: Broker, admin: FlaskClient) -> None:
    node = own.store.get("anna-voorbeeld")
    changed = replace(node, properties={**node.properties, "capacity": 3})
    history.publish(own, Change(nodes=[changed]), "beheer", "afspraak")
    visitor = admin.application.test_client()
    addresses = (f"{ANNA}.json", ANNA, f"{ANNA}/geschiedenis.json", f"{ANNA}/geschiedenis")
    words = ('"capacity"', "vragen per maand", '"capacity"', "vragen per maand")
    for address, word in zip(addresses, words, strict=True):
        assert word not in visitor.get(address).text, address
    assert '"capacity"' in admin.get(f"{ANNA}.json").text
    assert '"capacity"' in admin.get(f"{ANNA}/geschiedenis.json").text
