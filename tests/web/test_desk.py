"""Intake and desk over HTTP, on both stores: a question comes in, is worked on, and nothing leaves the table."""

import itertools
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from kennismakelaar import encode, users
from kennismakelaar.broker import Broker
from kennismakelaar.desk import cases, casework
from kennismakelaar.desk.cases import STEPS, Case, State
from kennismakelaar.model import Change
from kennismakelaar.moments import now
from kennismakelaar.store import Store
from kennismakelaar.store_embedded import EmbeddedStore
from kennismakelaar.users import Role
from kennismakelaar.weights import read
from tests.web.conftest import EDGES, NODES, SECRET, node
from tests.web.test_access import log_in, token
from web.app import create_app

FULL = node("organisation", "vol", "Vol Steunpunt", "Helpt met een buurtwinkel.", type="maatschappelijk", capacity=0)
TYPED = "Onze buurtwinkel gaat dicht. Bel 06-12345678, wie helpt ons?"
COUNTER = itertools.count()


def site_on(store: Store) -> FlaskClient:
    broker = Broker(store, encode.load("none"), replace(read(), threshold=0.0))
    broker.add([*NODES, FULL], EDGES)
    users.add(store, "anna", Role.STAFF, SECRET)
    return create_app(broker).test_client()


@pytest.fixture
def visitor(store: Store) -> FlaskClient:
    """A website on each store in turn."""
    return site_on(store)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One file for the tests that share a website."""
    with closing(EmbeddedStore(tmp_path_factory.mktemp("desk") / "graph.db")) as store:
        yield store


@pytest.fixture(scope="module")
def anna(kept: Store) -> FlaskClient:
    """Someone of the staff, logged in."""
    client = site_on(kept)
    assert log_in(client, "anna") == 303
    return client


def post(client: FlaskClient, address: str, **form: str) -> TestResponse:
    return client.post(address, data={"csrf_token": token(client, "/vraag-insturen"), **form})


def new_case(store: Store, **fields: Any) -> str:
    id = f"zaak-{next(COUNTER)}"
    at = now().isoformat()
    store.write(Change(records=[cases.as_record(replace(Case(id, TYPED[:28], at, at), **fields))]))
    return id


def do(client: FlaskClient, store: Store, id: str, what: str, **form: str) -> TestResponse:
    """A form of the page of a case, as it stands now."""
    return post(client, f"/bureau/zaak/{id}/{what}", **{"versie": str(casework.get(store, id).version)} | form)


def send(client: FlaskClient, **form: str) -> str:
    """The receipt code of a question that was sent."""
    page = post(client, "/vraag-insturen/verstuur", q=TYPED, sleutel=str(next(COUNTER)), **form)
    found = re.search(r'class="code">([A-Z2-9-]+)<', page.text)
    assert found, page.text
    return found[1]


def only_case(store: Store) -> Case:
    return cases.case_of(next(store.records(cases.KIND)))


def test_a_question_goes_from_the_form_to_the_desk_and_back_to_the_asker(visitor: FlaskClient, store: Store) -> None:
    checked = post(visitor, "/vraag-insturen", q=TYPED, plaats="zonnedam").text
    assert "Wij haalden persoonlijke gegevens uit uw vraag" in checked
    assert "Bel [telefoonnummer]" in checked
    code = send(visitor, plaats="zonnedam", email="jan@voorbeeld.nl")
    case = only_case(store)
    log_in(visitor, "anna")
    assert do(visitor, store, case.id, "match", match="steunpunt", oordeel="aangenomen").status_code == 303
    assert do(visitor, store, case.id, "stap", naar="verhelderd", reden="duidelijk").status_code == 303
    assert do(visitor, store, case.id, "toewijzen", aan="anna").status_code == 303
    assert do(visitor, store, case.id, "notitie", tekst="Bel ook de gemeente.").status_code == 303
    page = visitor.get(f"/bureau/zaak/{case.id}").text
    assert all(text in page for text in ("Bel ook de gemeente.", "duidelijk", "Steunpunt Dorpen", "van de vrager"))
    told = post(visitor, "/zaak", code=code).text
    assert "zoeken wie u kan helpen" in told
    assert not any(text in told for text in ("duidelijk", "Bel ook", "Steunpunt", "jan@", case.id))
    assert "U heeft deze vraag gestopt." in post(visitor, "/zaak/stoppen", code=code).text
    assert casework.get(store, case.id).state is State.DONE
    assert list(store.records("contact")) == []


def test_personal_details_are_in_no_record_and_in_no_page_of_the_desk(visitor: FlaskClient, store: Store) -> None:
    send(visitor, naam="Jan de Vries", telefoon="06-87654321")
    assert "12345678" not in str([record.body for record in store.records()])
    assert "87654321" in str([record.body for record in store.records("contact")])
    log_in(visitor, "anna")
    for page in ("/bureau", f"/bureau/zaak/{only_case(store).id}", f"/bureau/zaak/{only_case(store).id}.json"):
        text = visitor.get(page).text
        assert not any(detail in text for detail in ("12345678", "87654321", "Jan de Vries"))


def test_details_from_an_address_are_pointed_out_and_masked_in_the_form(anna: FlaskClient) -> None:
    page = anna.get("/vraag-insturen", query_string={"q": TYPED}).text
    assert "telefoonnummer: 06-12345678" in page
    assert "Bel [telefoonnummer], wie helpt ons?</textarea>" in page


def test_it_helps_already_keeps_a_number_and_nothing_else(visitor: FlaskClient, store: Store) -> None:
    assert "Helpt dit u al?" in post(visitor, "/vraag-insturen", q=TYPED).text
    assert "Fijn dat u verder kunt" in post(visitor, "/vraag-insturen/geholpen").text
    assert [(r.kind, r.body["number"]) for r in store.records() if r.kind not in ("audit", "user")] == [("helped", 1)]


def test_an_answer_to_a_follow_up_question_is_kept(anna: FlaskClient, kept: Store) -> None:
    page = post(anna, "/vraag-insturen", q=TYPED).text
    asked = re.findall(r'name="antwoord-(\w+)" value="([^"]+)"', page)
    assert 2 <= len(asked) <= 6
    factor, answer = asked[1]
    code = send(anna, **{f"antwoord-{factor}": answer, "antwoord-animo": "iets dat wij niet vroegen"})
    assert answer in post(anna, "/zaak", code=code).text
    assert "iets dat wij niet vroegen" not in post(anna, "/zaak", code=code).text


def test_danger_comes_first_on_the_intake_too(anna: FlaskClient) -> None:
    page = post(anna, "/vraag-insturen", q="er is brand in huis, wie helpt?").text
    assert page.index('href="tel:112"') < page.index("<h1>")


@pytest.mark.parametrize(
    "form", [{"q": ""}, {"q": "Wie helpt?", "plaats": "Verweggistan"}, {"q": "x", "thema": "raket"}]
)
def test_what_cannot_be_read_comes_back_in_the_form(anna: FlaskClient, form: dict[str, str]) -> None:
    page = post(anna, "/vraag-insturen", **form)
    assert page.status_code == 400
    assert 'role="alert"' in page.text
    assert all(f"{value}" in page.text for value in form.values())


def test_wrong_contact_data_keep_nothing_and_leave_the_form_filled(visitor: FlaskClient, store: Store) -> None:
    page = post(visitor, "/vraag-insturen/verstuur", q=TYPED, sleutel="a", naam="Jan", email="geen adres")
    assert page.status_code == 400
    assert 'value="Jan"' in page.text
    assert {r.kind for r in store.records()} == {"audit", "user"}


def test_a_form_that_was_sent_twice_is_one_question(visitor: FlaskClient, store: Store) -> None:
    for status in (200, 400):
        assert post(visitor, "/vraag-insturen/verstuur", q=TYPED, sleutel="zelfde").status_code == status
    assert len(list(store.records("case"))) == 1


def test_what_shows_a_code_is_not_kept_by_the_browser(anna: FlaskClient) -> None:
    page = post(anna, "/vraag-insturen/verstuur", q=TYPED, sleutel=str(next(COUNTER)))
    assert page.headers["Cache-Control"] == "no-store"
    assert "no-store" in post(anna, "/zaak", code=send(anna)).headers["Cache-Control"]


def test_a_wrong_code_is_told_and_a_code_is_never_in_an_address(anna: FlaskClient) -> None:
    assert post(anna, "/zaak", code="AAAA-BBBB-CCCC-DDDD").status_code == 404
    assert "Vul de code in" in anna.get(f"/zaak?code={send(anna)}").text


def test_no_good_match_leads_to_the_intake(unsure: FlaskClient, client: FlaskClient) -> None:
    for page in (
        unsure.get("/vraag?q=winkel&plaats=Zonnedam").text,
        client.get("/vraag?q=winkel&plaats=Zonnedam").text,
    ):
        assert 'href="/vraag-insturen?q=winkel&amp;plaats=Zonnedam"' in page
    assert "winkel</textarea>" in client.get("/vraag-insturen?q=winkel&plaats=Zonnedam").text


@pytest.mark.parametrize("page", ["/bureau", "/bureau.json", "/bureau/zaak/x", "/bureau/zaak/x/waarom-niet?naam=a"])
def test_the_desk_is_for_staff(client: FlaskClient, page: str) -> None:
    assert client.get(page).status_code in (302, 401)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.lists(st.sampled_from([*State, "onzin"]), min_size=1, max_size=6), reason=st.sampled_from(["goed", " "]))
def test_no_path_leaves_the_table_over_http(anna: FlaskClient, kept: Store, path: list[str], reason: str) -> None:
    id = new_case(kept)
    for to in path:
        before = casework.get(kept, id)
        allowed = to in list(STEPS[before.state]) and bool(reason.strip())
        status = do(anna, kept, id, "stap", naar=to, reden=reason).status_code
        after = casework.get(kept, id)
        assert status == (303 if allowed else 400)
        assert after == before if not allowed else after.state == to


def test_nothing_that_is_sent_changes_the_question(anna: FlaskClient, kept: Store) -> None:
    id = new_case(kept)
    for what, form in (
        ("stap", {"naar": "verhelderd", "reden": "ja"}),
        ("notitie", {"tekst": "let op"}),
        ("toewijzen", {"aan": "anna"}),
        ("match", {"match": "steunpunt", "oordeel": "aangenomen"}),
    ):
        assert do(anna, kept, id, what, question="Iets anders", vraag="Iets anders", **form).status_code == 303
    assert casework.get(kept, id).question == TYPED[:28]


def test_who_is_second_is_told_and_what_was_typed_is_not_lost(anna: FlaskClient, kept: Store) -> None:
    id = new_case(kept)
    old = str(casework.get(kept, id).version)
    assert do(anna, kept, id, "notitie", tekst="Eerst dit.").status_code == 303
    second = do(anna, kept, id, "stap", naar="verhelderd", reden="Mijn lange uitleg", versie=old)
    assert second.status_code == 409
    assert all(text in second.text for text in ("Iemand was u voor", "Mijn lange uitleg", "anna", "notitie"))
    assert casework.get(kept, id).state is State.NEW


def test_a_match_is_not_rejected_without_a_reason_and_a_full_helper_is_not_accepted(
    anna: FlaskClient, kept: Store
) -> None:
    id = new_case(kept)
    none = do(anna, kept, id, "match", match="steunpunt", oordeel="afgewezen")
    full = do(anna, kept, id, "match", match="vol", oordeel="aangenomen")
    odd = do(anna, kept, id, "match", match="steunpunt", oordeel="misschien")
    gone = do(anna, kept, id, "match", match="bestaat-niet", oordeel="aangenomen")
    assert [page.status_code for page in (none, full, odd, gone)] == [400, 400, 400, 404]
    assert "neemt nu geen nieuwe vragen aan" in full.text
    assert casework.get(kept, id).proposals == ()
    assert do(anna, kept, id, "match", match="steunpunt", oordeel="afgewezen", reden="te ver").status_code == 303
    assert "te ver" in anna.get(f"/bureau/zaak/{id}").text


def test_a_full_helper_has_no_button_and_says_why(anna: FlaskClient, kept: Store) -> None:
    page = anna.get(f"/bureau/zaak/{new_case(kept)}?soort=organisation").text
    card = next(part for part in page.split("<article") if 'id="m-vol"' in part)
    assert "neemt nu niets aan" in card
    assert 'value="aangenomen"' not in card


def test_a_record_is_added_by_hand(anna: FlaskClient, kept: Store) -> None:
    id = new_case(kept)
    page = anna.get(f"/bureau/zaak/{id}?erbij=gemeente zonn").text
    assert 'name="match" value="gemeente-zonnedam"' in page
    do(anna, kept, id, "match", match="gemeente-zonnedam", oordeel="aangenomen")
    judged = anna.get(f"/bureau/zaak/{id}.json").get_json()["judged"]
    assert [one["match"]["id"] for one in judged] == ["gemeente-zonnedam"]


def test_candidates_stand_side_by_side(anna: FlaskClient, kept: Store) -> None:
    address = f"/bureau/zaak/{new_case(kept)}/vergelijk"
    assert anna.get(f"{address}?match=steunpunt&match=vol").status_code == 200
    found = anna.get(f"{address}.json?match=steunpunt&match=vol").get_json()
    assert [one["match"]["id"] for one in found["suggestions"]] == ["steunpunt", "vol"]
    assert anna.get(f"{address}?match=steunpunt").status_code == 400


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("Zonnedam", "staat op plaats"),
        ("gemeente zonnedam", "staat op plaats"),
        ("zonne", "Welke bedoelt u?"),
        ("bestaat niet", "Wij kennen niets met de naam"),
        ("", "Naam"),
    ],
)
def test_why_not_is_explained(anna: FlaskClient, kept: Store, name: str, says: str) -> None:
    assert says in anna.get(f"/bureau/zaak/{new_case(kept)}/waarom-niet", query_string={"naam": name}).text


def test_the_list_can_be_chosen_from(anna: FlaskClient, kept: Store) -> None:
    mine = new_case(kept, state=State.GAP, place="zonnedam", assigned="anna")
    found = anna.get("/bureau.json?stand=lacune&plaats=Zonnedam&van=anna").get_json()
    assert [one["case"]["id"] for one in found["cases"]] == [mine]
    assert anna.get("/bureau.json?telaat=ja").get_json()["cases"] == []
    assert anna.get("/bureau?stand=onzin").status_code == 400
    assert mine in anna.get("/bureau?stand=lacune").text


def test_today_tells_what_waits_and_what_is_late(own: Broker, staff: FlaskClient) -> None:
    assert "Er wacht nu niets." in staff.get("/bureau").text
    new_case(own.store)
    new_case(own.store, since="2026-01-01T09:00:00+00:00", state=State.PROPOSED, assigned="anna")
    waits = staff.get("/bureau.json").get_json()["today"]
    assert (waits["new"], waits["late"], waits["own_late"], waits["letters"], waits["reports"]) == (1, 1, 1, 0, 0)
    assert len(staff.get("/bureau.json?van=anna&telaat=ja").get_json()["cases"]) == waits["own_late"]
    assert all(said in staff.get("/en/bureau").text for said in ("1 case is late", "1 new case is waiting"))


def test_the_pages_of_the_desk_are_there_on_both_stores(visitor: FlaskClient, store: Store) -> None:
    log_in(visitor, "anna")
    id = new_case(store)
    for page in ("", "?soort=organisation&plaats=Zonnedam", "/vergelijk?match=vol&match=tuin", "/waarom-niet?naam=vol"):
        address = f"/bureau/zaak/{id}{page.replace('tuin', 'buurttuin')}"
        assert visitor.get(address).status_code == 200
    assert visitor.get("/bureau").status_code == 200
