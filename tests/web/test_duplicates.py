"""'Is dit dezelfde?' on the website."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from kennismakelaar.broker import Broker
from tests.web.conftest import submit


@pytest.fixture(autouse=True)
def double(own: Broker) -> None:
    """The garden once more, under almost the same name."""
    own.add([replace(own.store.get("buurttuin"), id="tuin-zonnehof", name="buurttuin zonnehof")], [])


def test_staff_say_which_stays_and_the_old_address_leads_on(staff: FlaskClient, visitor: FlaskClient) -> None:
    page = staff.get("/bureau/dubbel").text
    assert "Dezelfde naam: buurttuin zonnehof" in page
    submit(staff, "/bureau/dubbel", links="buurttuin", rechts="tuin-zonnehof", doe="links")
    assert visitor.get("/initiative/tuin-zonnehof").location == "/initiative/buurttuin"
    assert visitor.get("/initiative/tuin-zonnehof.json").location == "/initiative/buurttuin.json"
    submit(staff, "/bureau/dubbel", "/bureau/dubbel/tuin-zonnehof/los")
    assert visitor.get("/initiative/tuin-zonnehof").status_code == 200


def test_not_the_same_is_not_asked_again(staff: FlaskClient) -> None:
    submit(staff, "/bureau/dubbel", links="buurttuin", rechts="tuin-zonnehof", doe="niet dezelfde")
    assert "Wij zien geen records" in staff.get("/bureau/dubbel").text


def test_no_button_is_told_and_nothing_happens(staff: FlaskClient, own: Broker) -> None:
    assert submit(staff, "/bureau/dubbel", links="buurttuin", rechts="tuin-zonnehof").status_code == 400
    assert own.store.get("tuin-zonnehof")
