"""What visitors get, as a page and as JSON."""

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, unquote, urldefrag

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kennismakelaar import encode, signals
from kennismakelaar.broker import Broker
from kennismakelaar.errors import StoreGone
from kennismakelaar.schema import schema
from kennismakelaar.store_embedded import EmbeddedStore
from kennismakelaar.weights import read
from tests.web.conftest import NODES, QUESTION, node
from web.app import HEADERS, create_app
from web.pages import PAGE_SIZE

ASK = f"/vraag?q={quote(QUESTION)}"
PAGES = (
    "/",
    ASK,
    "/thema",
    "/soort",
    "/soort/organisation",
    "/initiative/dorpswinkel",
    "/bron/samen-doen",
    "/bron/samen-doen/II.1",
    "/over",
    "/hoe-het-werkt",
    "/kaart",
    "/kaart/utrecht",
    "/tijd",
    "/a-z?letter=b",
    "/woordenlijst",
    "/toegankelijkheid",
    "/colofon",
)


class Page(HTMLParser):
    """What a test wants to know of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append((tag, values))
        self.ids += [id for id in [values.get("id")] if id]
        self.links += [href for href in [values.get("href")] if href and tag in ("a", "link")]


def twin(address: str) -> str:
    path, _, query = address.partition("?")
    return f"{'/index' if path == '/' else path}.json{'?' + query if query else ''}"


@pytest.mark.parametrize("address", PAGES)
def test_every_page_has_a_json_twin(client: FlaskClient, address: str) -> None:
    page, data = client.get(address), client.get(twin(address))
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert (data.status_code, data.mimetype) == (200, "application/json")
    assert data.json is not None
    assert data.json["ok"] is True
    assert twin(address) in Page(page.text).links


@pytest.mark.parametrize("address", [*PAGES, "/nergens", "/vraag?q="])
def test_every_page_has_the_same_frame(client: FlaskClient, address: str) -> None:
    html = client.get(address).text
    page = Page(html)
    names = [tag for tag, _ in page.tags]
    assert '<html lang="nl">' in html
    assert [names.count(tag) for tag in ("h1", "main", "title")] == [1, 1, 1]
    assert any(values.get("role") == "search" for _, values in page.tags)
    assert "#inhoud" in page.links
    assert len(page.ids) == len(set(page.ids))


@pytest.mark.parametrize("address", PAGES)
def test_nothing_is_inline_or_from_outside(client: FlaskClient, address: str) -> None:
    for tag, values in Page(client.get(address).text).tags:
        assert not {name for name in values if name == "style" or name.startswith("on")}
        assert tag != "style"
        if values.get("type") == "application/ld+json" and tag == "script":
            continue  # data, never run
        assert tag != "script" or values.get("src")
        if tag in ("script", "img", "link"):
            assert (values.get("src") or values.get("href") or "").startswith("/")


@pytest.mark.parametrize("address", ["/", ASK, twin(ASK), "/nergens", "/vraag?q=", "/gezond", "/static/app.css"])
def test_every_response_has_the_headers(client: FlaskClient, address: str) -> None:
    with client.get(address) as response:
        assert HEADERS.items() <= dict(response.headers).items()
    assert "unsafe" not in HEADERS["Content-Security-Policy"]


def test_every_link_leads_to_a_page_and_a_place_on_it(client: FlaskClient) -> None:
    wanted, seen = ["/", ASK, "/nergens"], dict[str, Page]()
    links = set()
    while wanted:
        address = wanted.pop()
        if address in seen or address.startswith("/en/"):
            continue  # the same pages: test_language.py
        with client.get(address) as response:
            assert response.status_code == (404 if address == "/nergens" else 200), address
            seen[address] = Page(response.get_data(as_text=True) if response.mimetype == "text/html" else "")
        found = {link if link.startswith("/") else address + link for link in seen[address].links if link[0] in "/#"}
        links |= found
        wanted += [url for url in (urldefrag(link).url for link in found) if _is_new_sort(url, seen)]
    for link in links:
        url, fragment = urldefrag(link)
        assert url not in seen or not fragment or unquote(fragment) in seen[url].ids, link
    assert {f"/{n.kind}/{n.id}" for n in NODES} <= set(seen)


def _is_new_sort(url: str, seen: Mapping[str, object]) -> bool:
    """Of one page with other words behind the question mark, two are enough."""
    path, mark, _ = url.partition("?")
    return not mark or sum(address.startswith(f"{path}?") for address in seen) < 2


def test_answer_shows_on_page_what_is_in_the_json(client: FlaskClient) -> None:
    html, data = client.get(ASK).text, client.get(twin(ASK)).json
    assert data is not None
    assert data["question"] == QUESTION
    assert data["answered"]
    for match in data["matches"]:
        assert f'href="/{match["kind"]}/{match["id"]}"' in html
        assert sum(reason["points"] for reason in match["reasons"]) == pytest.approx(match["score"])
    grouped = [id for group in data["groups"] for id in group["matches"]]
    assert sorted(grouped) == sorted(match["id"] for match in data["matches"])


def test_matches_stand_under_their_role(client: FlaskClient) -> None:
    html = client.get(ASK + "&aantal=30").text.partition("</dl>")[2]  # below the card
    heads = ["Wie kan helpen", "Wie weet hier iets van", "Vergelijkbare initiatieven", "Methoden", "Kennis en cijfers"]
    places = [html.index(f'-kop">{head}</h2>') for head in heads]
    assert places == sorted(places)
    helper, person = (html.index(f'href="/{id}"') for id in ("organisation/steunpunt", "person/anna-voorbeeld"))
    assert places[0] < helper < places[1] < person < places[2]


def test_reason_shows_where_it_can_be_read(client: FlaskClient) -> None:
    assert '<a href="/bron/samen-doen#II.1">Samen doen, II.1, Buurtwinkel open houden</a>' in client.get(ASK).text


def test_refining_keeps_the_question(client: FlaskClient) -> None:
    html = client.get(ASK + "&plaats=Zonnedam&soort=organisation&soort=initiative").text
    assert f">{QUESTION}</textarea>" in html
    assert 'value="Zonnedam"' in html
    assert re.findall(r'value="(\w+)" checked', html) == ["initiative", "organisation"]
    data = client.get(twin(ASK + "&soort=organisation")).json
    assert data is not None
    assert {match["kind"] for match in data["matches"]} == {"organisation"}


def test_more_can_be_asked_for_but_not_everything(client: FlaskClient) -> None:
    few, more, all_ = (client.get(twin(ASK + extra)).json for extra in ("&aantal=2", "&aantal=30", "&aantal=99999"))
    assert few is not None
    assert more is not None
    assert all_ is not None
    assert len(few["matches"]) == 2 < len(more["matches"])
    assert all_["limit"] == 30


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?q=", "De vraag is leeg"),
        ("", "De vraag is leeg"),
        ("?q=" + "a" * 10_000, "te lang"),
        ("?q=tuin&plaats=Verweggistan", "Verweggistan"),
        ("?q=tuin&soort=kabouter", "kabouter"),
    ],
)
def test_bad_question_is_refused_in_words(client: FlaskClient, query: str, said: str) -> None:
    page, data = client.get("/vraag" + query), client.get("/vraag.json" + query)
    assert (page.status_code, data.status_code) == (400, 400)
    assert said in page.text
    assert data.json is not None
    assert set(data.json) == {"ok", "error"}
    assert data.json["ok"] is False
    assert said in data.json["error"]


def test_unknown_place_keeps_the_question_and_offers_a_way_on(client: FlaskClient) -> None:
    html = client.get("/vraag?q=tuin&plaats=Verweggistan").text
    assert ">tuin</textarea>" in html
    assert "/vraag?q=tuin" in Page(html).links


def test_danger_comes_first(client: FlaskClient) -> None:
    html = client.get("/vraag?q=" + quote("er is brand in huis")).text
    assert html.index('role="alert"') < html.index("<h1>")
    assert '<a href="tel:112">112</a>' in html


def test_no_match_is_said_with_a_way_onward(unsure: FlaskClient) -> None:
    html, data = unsure.get(ASK + "&plaats=Zonnedam").text, unsure.get(twin(ASK)).json
    assert "Geen goede match" in html
    assert ASK in Page(html).links
    assert data is not None
    assert (data["answered"], data["matches"], data["groups"]) == (False, [], [])


def test_question_is_shown_as_text(client: FlaskClient) -> None:
    html = client.get("/vraag?q=" + quote('winkel <script>alert("x")</script>')).text
    assert "<script>alert" not in html


def test_entity_shows_its_relations_from_both_ends(client: FlaskClient) -> None:
    html, data = client.get("/initiative/dorpswinkel").text, client.get("/initiative/dorpswinkel.json").json
    assert data is not None
    assert list(data["relations"]) == ["gaat over", "wordt ondersteund door", "werkt met"]
    relation = data["relations"]["wordt ondersteund door"][0]
    assert relation["other"] == {"id": "steunpunt", "kind": "organisation", "name": "Steunpunt Dorpen"}
    assert relation["sentence"] in html
    assert "blijkt eruit" in html


def test_entity_shows_its_values_in_dutch(client: FlaskClient) -> None:
    html = client.get("/initiative/dorpswinkel").text
    for text in ("geld, ruimte", "gemeenschap", "25 november 2026", "Onze winkel gaat dicht, wat nu?"):
        assert text in html
    assert "33,50</strong> procent van de dorpen" in client.get("/finding/winkels-dicht").text
    assert "De naam is door ons bedacht." in client.get("/initiative/buurttuin").text


@pytest.mark.parametrize(
    "address",
    [
        "/nergens",
        "/kabouter/x",
        "/initiative/bestaat-niet",
        "/organisation/dorpswinkel",
        "/soort/kabouter",
        "/soort/organisation?pagina=99",
        "/bron/bestaat-niet",
        "/bron/samen-doen/IX",
    ],
)
def test_what_is_not_there_is_404(client: FlaskClient, address: str) -> None:
    page = client.get(address)
    assert page.status_code == 404
    assert "Deze pagina is er niet" in page.text
    assert client.get(twin(address)).json is not None


def test_wrong_method_is_405(client: FlaskClient) -> None:
    assert client.post("/vraag").status_code == 405


def test_store_that_is_away_is_503_and_says_when_to_return(app: Flask) -> None:
    def away() -> str:
        raise StoreGone("De database antwoordt niet.")

    app.add_url_rule("/weg", "pages.away", away)
    app.add_url_rule("/weg.json", "pages.away", away)
    page, data = app.test_client().get("/weg"), app.test_client().get("/weg.json")
    assert (page.status_code, page.headers["Retry-After"]) == (503, "10")
    assert "Even niet bereikbaar" in page.text
    assert data.json == {"ok": False, "error": "De database antwoordt niet."}


def test_fault_of_ours_tells_nothing_of_the_inside(app: Flask) -> None:
    def broken() -> str:
        raise RuntimeError("geheim")

    app.add_url_rule("/stuk", "pages.broken", broken)
    page = app.test_client().get("/stuk")
    assert page.status_code == 500
    assert "geheim" not in page.text


def test_theme_shows_words_of_residents_and_themes_around_it(client: FlaskClient) -> None:
    html = client.get("/thema").text
    assert "Bewoners zeggen ook: kruidenier, dorpswinkel" in html
    assert 'Valt onder: <a href="/theme/voorzieningen">' in html
    assert 'Omvat: <a href="/theme/buurtwinkel">' in html


def test_long_list_is_in_pages_and_by_letter(tmp_path: Path) -> None:
    broker = Broker(EmbeddedStore(tmp_path / "graph.db"), encode.load("none"), read())
    names = [f"Aa {i}" for i in range(PAGE_SIZE)] + ["Émile", "‘t Zand"]
    broker.add([NODES[0], *(node("place", f"p-{i}", name, "x", place_type="dorp") for i, name in enumerate(names))], [])
    client = create_app(broker).test_client()
    last, letter = client.get("/soort/place.json?pagina=2").json, client.get("/soort/place.json?letter=e").json
    assert last is not None
    assert letter is not None
    assert [n["name"] for n in last["nodes"]] == ["Émile", "‘t Zand"]
    assert (last["pages"], last["letters"]) == (2, ["a", "e", "t"])
    assert [n["name"] for n in letter["nodes"]] == ["Émile"]
    assert "/soort/place?pagina=2" in Page(client.get("/soort/place").text).links
    broker.close()


def test_source_shows_per_chapter_what_rests_on_it(client: FlaskClient) -> None:
    data = client.get("/bron/samen-doen.json").json
    assert data is not None
    parts = [(section["chapter"], section["title"]) for section in data["sections"]]
    assert parts == [("II.1", "Buurtwinkel open houden"), ("Tot slot", "Tuin van iedereen")]
    assert "dorpswinkel" in data["sections"][0]["nodes"]
    assert "Steunpunt Dorpen ondersteunt Dorpswinkel De Schakel" in client.get("/bron/samen-doen/II.1").text


def test_every_signal_is_explained_in_dutch(app: Flask, client: FlaskClient) -> None:
    module = app.jinja_env.get_template("_part.html").module
    assert set(module.SIGNALS) == set(signals.SIGNALS)  # type: ignore[attr-defined]
    assert set(module.FIGURES) == set(read().answer)  # type: ignore[attr-defined]
    assert client.get("/hoe-het-werkt").text.count("</tr>") >= len(signals.SIGNALS)


def test_weights_are_shown_as_they_are(client: FlaskClient) -> None:
    data = client.get("/hoe-het-werkt.json").json
    assert data is not None
    assert data["signals"] == dict(read().signals)
    assert data["threshold"] == 0.0


def test_every_kind_can_be_browsed(client: FlaskClient) -> None:
    links = Page(client.get("/soort").text).links
    assert {f"/soort/{kind}" for kind in schema().nodes} <= set(links)


def test_health_is_told(client: FlaskClient) -> None:
    data = client.get("/gezond").json
    assert data is not None
    assert data["ok"] is True
    assert data["records"] == len(NODES)
