"""'Klopt dit niet?' on the website, to its end."""

import re
from dataclasses import replace

from flask.testing import FlaskClient

from kennismakelaar import reports
from kennismakelaar.broker import Broker
from tests.web.conftest import submit

RECORD = "/initiative/buurttuin"


def sent(visitor: FlaskClient, **form: str) -> str:
    """The code that a visitor gets after a report."""
    page = submit(visitor, f"{RECORD}/klopt-niet", **form).text
    found = re.search(r'class="code"><strong>([^<]+)<', page)
    assert found, page
    return found[1]


def test_a_report_goes_from_visitor_to_staff_and_back(visitor: FlaskClient, staff: FlaskClient, own: Broker) -> None:
    code = sent(visitor, tekst="De tuin heet anders.", veld="name", waarde="De Zonnehof")
    assert "kijkt er nog naar" in submit(visitor, "/melding", code=code).text
    queue = staff.get("/bureau/meldingen").text
    for words in ("De tuin heet anders.", "<del>Buurttuin Zonnehof</del>", "<ins>De Zonnehof</ins>"):
        assert words in queue
    (waiting,) = reports.listed(own.store)
    submit(staff, "/bureau/meldingen", f"/bureau/meldingen/{waiting.id}", doe="overnemen", antwoord="Dank u wel!")
    assert own.store.get("buurttuin").name == "De Zonnehof"
    assert "Dank u wel!" in submit(visitor, "/melding", code=code).text


def test_a_report_without_words_and_a_wrong_code_are_told(visitor: FlaskClient) -> None:
    assert submit(visitor, f"{RECORD}/klopt-niet", tekst=" ").status_code == 400
    assert submit(visitor, "/melding", code="verzonnen").status_code == 404


def test_a_report_that_is_not_followed_gets_an_answer(visitor: FlaskClient, staff: FlaskClient, own: Broker) -> None:
    code = sent(visitor, tekst="Er staat een spelfout.")
    (waiting,) = reports.listed(own.store)
    to = f"/bureau/meldingen/{waiting.id}"
    assert submit(staff, "/bureau/meldingen", to, doe="niet", antwoord="").status_code == 400
    submit(staff, "/bureau/meldingen", to, doe="niet", antwoord="Wij zien geen fout.")
    assert "Wij zien geen fout." in submit(visitor, "/melding", code=code).text


def test_staff_confirm_what_is_old_with_one_click(staff: FlaskClient, own: Broker) -> None:
    own.add([replace(own.store.get("buurttuin"), properties={"summary": "Een tuin.", "verified_on": "2020-01-01"})], [])
    assert "Buurttuin Zonnehof" in staff.get("/bureau/nakijken").text
    submit(staff, "/bureau/nakijken", id=["buurttuin"])
    assert "Alles is in het laatste jaar nagekeken" in staff.get("/bureau/nakijken").text


def test_someone_outside_confirms_once_by_a_link(visitor: FlaskClient, staff: FlaskClient, own: Broker) -> None:
    own.add([replace(own.store.get("buurttuin"), properties={"summary": "Een tuin.", "verified_on": "2020-01-01"})], [])
    page = submit(staff, "/bureau/nakijken", "/bureau/nakijken/buurttuin/link").text
    link = re.search(r"http://localhost(/klopt-nog/[\w-]+)", page)
    assert link
    assert "Dank u wel" in submit(visitor, link[1]).text
    assert own.store.get("buurttuin").text("verified_on") > "2026"
    assert visitor.get(link[1]).status_code == 404
