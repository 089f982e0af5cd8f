"""Staff keep the graph true on the website."""

import pytest
from flask.testing import FlaskClient

from kennismakelaar.broker import Broker
from tests.web.conftest import submit

RECORD = "/initiative/buurttuin"
PAGES = (f"{RECORD}/wijzig", "/nieuw/initiative", "/geschiedenis", "/bureau/meldingen", "/bureau/nakijken")


@pytest.mark.parametrize("page", PAGES)
def test_a_visitor_does_not_get_in(client: FlaskClient, page: str) -> None:
    assert client.get(page).location.startswith("/inloggen")


def test_a_change_is_on_the_page_and_in_the_history_and_can_be_taken_back(staff: FlaskClient, own: Broker) -> None:
    done = submit(staff, f"{RECORD}/wijzig", name="Buurttuin De Zon", need=["", "geld", "ruimte"], reden="nieuwe naam")
    assert (done.status_code, done.location) == (303, RECORD)
    assert "Buurttuin De Zon" in staff.get(RECORD).text
    past = staff.get(f"{RECORD}/geschiedenis").text
    for words in ("anna", "Nieuwe naam", "Buurttuin Zonnehof", "Buurttuin De Zon"):
        assert words in past
    run = staff.get("/geschiedenis.json").json["runs"][0][0]["run"]  # type: ignore[index]
    submit(staff, "/geschiedenis", f"/geschiedenis/{run}/terug")
    assert own.store.get("buurttuin").name == "Buurttuin Zonnehof"


def test_a_visitor_sees_what_changed_but_not_who_did_it_and_why(staff: FlaskClient, visitor: FlaskClient) -> None:
    submit(staff, f"{RECORD}/wijzig", name="Buurttuin De Zon", reden="geheime reden")
    for page in (f"{RECORD}/geschiedenis", f"{RECORD}/geschiedenis.json"):
        text = visitor.get(page).text
        assert "Buurttuin De Zon" in text
        assert "anna" not in text.lower()
        assert "reden" not in text


def test_a_wrong_value_is_told_and_what_was_typed_stays(staff: FlaskClient, own: Broker) -> None:
    done = submit(staff, f"{RECORD}/wijzig", name="Nieuwe naam", start="ooit", reden="x")
    assert done.status_code == 400
    assert "begonnen in: &#39;ooit&#39; is geen jaartal" in done.text
    assert 'value="Nieuwe naam"' in done.text
    assert own.store.get("buurttuin").name == "Buurttuin Zonnehof"


def test_a_form_that_was_open_too_long_does_not_overwrite_a_colleague(staff: FlaskClient, own: Broker) -> None:
    submit(staff, f"{RECORD}/wijzig", name="Eerste", reden="x")
    late = submit(staff, f"{RECORD}/wijzig", versie="0", name="Tweede", reden="x")
    assert late.status_code == 409
    assert own.store.get("buurttuin").name == "Eerste"


def test_a_new_record_needs_a_source_and_then_is_there(staff: FlaskClient, own: Broker) -> None:
    form = {"name": "Kas van iedereen", "summary": "Een kas.", "reden": "nieuw"}
    assert "De bron ontbreekt" in submit(staff, "/nieuw/initiative", **form).text
    done = submit(staff, "/nieuw/initiative", document="samen-doen", chapter="3", known="stated", **form)
    assert done.location == "/initiative/kas-van-iedereen"
    assert "kas-van-iedereen" in {match.id for match in own.ask("een kas beginnen").matches}


def test_a_relation_is_added_and_taken_away(staff: FlaskClient, own: Broker) -> None:
    form = {"document": "samen-doen", "chapter": "3", "known": "stated"}
    added = {"relatie": "<supports", "ander": "Steunpunt Dorpen"}
    submit(staff, f"{RECORD}/wijzig", f"{RECORD}/relatie", **added, **form)
    key = ("supports", "steunpunt", "buurttuin")
    assert key in {(e.kind, e.source, e.target) for e in own.store.edges()}
    submit(staff, f"{RECORD}/wijzig", f"{RECORD}/relatie", weg=" ".join(key))
    assert key not in {(e.kind, e.source, e.target) for e in own.store.edges()}


def test_a_record_goes_with_a_reason_and_its_history_stays(staff: FlaskClient) -> None:
    assert submit(staff, f"{RECORD}/wijzig", f"{RECORD}/weg", reden="").status_code == 400
    submit(staff, f"{RECORD}/wijzig", f"{RECORD}/weg", reden="gestopt")
    assert staff.get(RECORD).status_code == 404
    assert "Gestopt" in staff.get(f"{RECORD}/geschiedenis").text


def test_no_form_offers_data_that_are_not_there(staff: FlaskClient) -> None:
    for page in (f"{RECORD}/wijzig", "/nieuw/theme", "/inloggen"):
        assert "application/json" not in staff.get(page).text
    assert f'href="{RECORD}/geschiedenis.json"' in staff.get(f"{RECORD}/geschiedenis").text
