"""Knowledge questions, learning circles and following, as visitors and staff use them."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers

from kennismakelaar.broker import Broker
from kennismakelaar.desk import cases, follow, gaps, intake, links, post
from kennismakelaar.desk.cases import Step
from kennismakelaar.desk.intake import Situation
from kennismakelaar.desk.links import Link
from kennismakelaar.model import Change, Edge
from kennismakelaar.moments import moment
from tests.web.conftest import NODES, node, source, submit

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
WHO = Step(NOW.isoformat(), "bea-van-het-bureau", "")
QUESTION = "Hoe delen wij met de straat een auto?"
SENTENCE = "Hoe deelt een buurt een auto?"
ATOM = "{http://www.w3.org/2005/Atom}"


def lack(broker: Broker, question: str = QUESTION, key: str = "a") -> tuple[str, str]:
    """A question that nobody can answer; id of the case and the code of its asker."""
    case, code = intake.send(broker, Situation(question, "zonnedam"), key, NOW)
    stepped = cases.step(case, cases.State.GAP, WHO)
    broker.store.write(Change(records=[cases.as_record(stepped)]))
    return case.id, code


def test_everyone_reads_the_register_and_it_tells_nothing_personal(own: Broker, visitor: FlaskClient) -> None:
    id, _ = lack(own)
    gap = gaps.start(own, [id], SENTENCE, WHO)
    told = visitor.get("/kennisvragen.json").json
    assert told is not None
    assert {one["gap"]["question"] for one in told["gaps"]} == {SENTENCE, "Wanneer houdt een buurtwinkel het vol?"}
    for page in ("/kennisvragen", "/kennisvragen.json", f"/kennisvragen/{gap.id}", f"/kennisvragen/{gap.id}.json"):
        shown = visitor.get(page)
        assert shown.status_code == 200
        assert not any(secret in shown.text for secret in (QUESTION, id, WHO.who))
    assert "Zonnedam" in visitor.get(f"/kennisvragen/{gap.id}").text


@pytest.mark.parametrize(
    ("query", "number"),
    [("", 2), ("?stand=open", 2), ("?stand=beantwoord", 0), ("?woord=winkel", 1), ("?plaats=Zonnedam", 1)],
)
def test_the_register_can_be_narrowed(own: Broker, visitor: FlaskClient, query: str, number: int) -> None:
    gaps.start(own, [lack(own)[0]], SENTENCE, WHO)
    told = visitor.get(f"/kennisvragen.json{query}").json
    assert told is not None
    assert len(told["gaps"]) == number


def test_a_long_register_comes_in_pages(own: Broker, visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    gaps.start(own, [lack(own)[0]], SENTENCE, WHO)
    monkeypatch.setattr("web.gaps.PAGE_SIZE", 1)
    assert [SENTENCE in visitor.get(f"/kennisvragen?pagina={page}").text for page in (1, 2)] == [True, False]
    assert visitor.get("/kennisvragen?pagina=3").status_code == 404


def test_a_case_becomes_a_gap_that_is_closed_and_the_asker_sees_the_answer(own: Broker, staff: FlaskClient) -> None:
    _, code = lack(own)
    proposed = staff.get("/bureau/kennisvragen").text
    (proposal,) = set(re.findall(r'action="/bureau/kennisvragen/(\w+)"', proposed))
    wrong = submit(staff, "/bureau/kennisvragen", f"/bureau/kennisvragen/{proposal}", vraag=QUESTION, doe="ja")
    assert (wrong.status_code, "eigen woorden" in wrong.text) == (400, True)
    made = submit(staff, "/bureau/kennisvragen", f"/bureau/kennisvragen/{proposal}", vraag=SENTENCE, doe="ja")
    page = made.headers["Location"]
    changed = submit(staff, page, vraag=SENTENCE, stand="onderzoek", eigenaar="anna")
    assert changed.status_code == 303
    assert "stand: open → onderzoek" in staff.get(page).text
    empty = submit(staff, page, f"{page}/antwoord", antwoord=" ", record="steunpunt")
    assert empty.status_code == 400
    form = {"antwoord": "Begin met tien buren.", "record": "steunpunt"}
    assert submit(staff, page, f"{page}/antwoord", **form).status_code == 303
    followed = submit(staff, "/zaak", code=code)
    assert "Begin met tien buren." in followed.text
    assert "Uw vraag is afgerond." in followed.text


def test_a_proposal_that_is_refused_is_gone(own: Broker, staff: FlaskClient) -> None:
    lack(own)
    (proposal,) = set(re.findall(r'action="/bureau/kennisvragen/(\w+)"', staff.get("/bureau/kennisvragen").text))
    submit(staff, "/bureau/kennisvragen", f"/bureau/kennisvragen/{proposal}", doe="niet")
    assert "Er is niets te beslissen" in staff.get("/bureau/kennisvragen").text


def test_only_staff_work_on_gaps_and_circles(visitor: FlaskClient) -> None:
    assert visitor.get("/bureau/kennisvragen.json").status_code == 401
    told = visitor.get("/leerkringen.json?voorstel=ja").json
    assert told is not None
    assert "circles" not in told
    for page in ("/kennisvragen/vraag-winkel", "/kennisvragen/vraag-winkel/antwoord", "/leerkringen"):
        assert visitor.post(page).status_code in (400, 401)


def meet(broker: Broker) -> None:
    """Two clubs that ask the open question, and two that know."""
    kinds = {"asks": ("een", "twee"), "answers": ("drie", "vier")}
    clubs = [
        node("organisation", f"club-{name}", f"Club {name}", "Een club.", type="overig")
        for name in (*kinds["asks"], *kinds["answers"])
    ]
    edges = [Edge(kind, f"club-{name}", "vraag-winkel", source()) for kind, names in kinds.items() for name in names]
    broker.add(clubs, edges)


def test_staff_accept_a_circle_and_print_an_invitation(own: Broker, staff: FlaskClient, visitor: FlaskClient) -> None:
    meet(own)
    page = "/leerkringen?voorstel=ja&van=4&tot=4&zaad=1"
    told = staff.get(page.replace("?", ".json?")).json
    assert told is not None
    (circle,) = told["circles"]
    form = {"voorstel": "ja", "van": "4", "tot": "4", "zaad": "1", "kring": circle["id"]}
    made = submit(staff, page, "/leerkringen", **form)
    assert made.status_code == 303
    printed = staff.get(made.headers["Location"]).text
    assert all(f"Club {name}" in printed for name in ("een", "twee", "drie", "vier"))
    again = submit(staff, page, "/leerkringen", **form)
    assert (again.status_code, "geldt niet meer" in again.text) == (404, True)
    assert "Wanneer houdt een buurtwinkel het vol?" in visitor.get("/leerkringen").text
    assert visitor.get(made.headers["Location"]).status_code == 302


def test_a_question_without_a_circle_says_why(own: Broker, staff: FlaskClient) -> None:
    meet(own)
    told = staff.get("/leerkringen.json?voorstel=ja").json
    assert told is not None
    assert [one["why"] for one in told["unmet"]] == ["grootte: 4 van de 6"]
    assert "grootte: 4 van de 6" in staff.get("/leerkringen?voorstel=ja").text


def feed(client: FlaskClient, page: str, headers: Headers | None = None) -> ElementTree.Element:
    return ElementTree.fromstring(client.get(page, headers=headers).data)


def test_a_feed_is_valid_and_its_ids_stay(own: Broker, visitor: FlaskClient) -> None:
    page = submit(visitor, "/volgen", plaats="Zonnedam").headers["Location"]
    first = feed(visitor, f"{page}.atom")
    assert first.tag == f"{ATOM}feed"
    assert [first.findtext(f"{ATOM}{name}") is not None for name in ("id", "title", "updated")] == [True] * 3
    assert first.find(f"{ATOM}author/{ATOM}name") is not None
    own.add([replace(NODES[2], name="Buurttuin <Zonnehof> & co")], [])
    second = feed(visitor, f"{page}.atom")
    entries = second.findall(f"{ATOM}entry")
    assert entries[0].findtext(f"{ATOM}title") == "Gewijzigd: Buurttuin <Zonnehof> & co"
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(set(ids)) == len(ids) == 2
    assert all(re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", str(id)) for id in ids)
    assert first.findtext(f"{ATOM}entry/{ATOM}id") == ids[1]
    assert second.findtext(f"{ATOM}updated") == entries[0].findtext(f"{ATOM}updated")


def test_a_feed_that_did_not_change_is_not_sent_again(own: Broker, visitor: FlaskClient) -> None:
    page = submit(visitor, "/volgen", plaats="Zonnedam").headers["Location"]
    got = visitor.get(f"{page}.atom")
    assert got.headers["Content-Type"].startswith("application/atom+xml")
    for header in ({"If-None-Match": got.headers["ETag"]}, {"If-Modified-Since": got.headers["Last-Modified"]}):
        again = visitor.get(f"{page}.atom", headers=header)
        assert (again.status_code, again.data) == (304, b"")
    own.add([replace(NODES[2], name="Buurttuin anders")], [])
    assert visitor.get(f"{page}.atom", headers={"If-None-Match": got.headers["ETag"]}).status_code == 200


def test_letters_come_after_yes_by_link_and_stop_by_link(own: Broker, visitor: FlaskClient) -> None:
    page = submit(visitor, "/volgen", q="Wie helpt met een buurtwinkel?").headers["Location"]
    asked = submit(visitor, page, email="ik@voorbeeld.nl", periode="week")
    assert "mail met een link" in asked.text
    assert "ik@voorbeeld.nl" not in visitor.get(page).text
    (letter,) = post.letters(own.store)
    assert letter.template == "follow_confirm"
    id = page.rpartition("/")[2]
    far = moment(datetime(2030, 1, 1, tzinfo=UTC))
    for address, said in (
        (follow.CONFIRM, "ten hoogste één mail per week"),
        (follow.STOP, "Wij hebben uw adres gewist"),
    ):
        word, record = links.mint(Link(address, id, far))
        own.store.write(Change(records=[record]))
        assert said not in visitor.get(f"{address}/{word}").text
        assert said in submit(visitor, f"{address}/{word}").text
    assert not follow.find(own.store, id).confirmed


def test_what_cannot_be_followed_is_told_on_the_form(visitor: FlaskClient) -> None:
    wrong = submit(visitor, "/volgen", plaats="Verweggistan")
    assert (wrong.status_code, "Verweggistan" in wrong.text) == (400, True)
    assert visitor.get("/volgen/weg.atom").status_code == 404
