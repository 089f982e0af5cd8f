"""The network on the website: as a page, as JSON, and in a browser, by hand, by keyboard and without script."""

import re
from collections.abc import Iterator
from contextlib import closing
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zipfile import ZipFile

import networkx as nx
import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect

from kennismakelaar.broker import Broker
from kennismakelaar.network import views
from kennismakelaar.store_embedded import EmbeddedStore
from tests.web.conftest import node
from tests.web.test_browser import SIZES, keep, violations, watched
from web import network
from web.app import create_app

FULL = "/netwerk?beeld=full"
AROUND = "/netwerk?rond=dorpswinkel"
WAY = f"{FULL}&van=Anna+Voorbeeld&naar=samen-doen"
LONG_WAY = f"{FULL}&van=buurtaandelen&naar=Zonnedam"
STATES = {
    "network-full": f"{FULL}&kleur=kind&grootte=betweenness",
    "network-around": f"{AROUND}&diepte=2&soort=organisation&soort=method",
    "network-way": LONG_WAY,
}
ROW = re.compile(r'<tr data-id="([^"]+)">')
LINE = re.compile(r'<tr>\s*<th scope="row">([^<]+)</th>\s*<td>([^<]+)</td>\s*<td>([^<]+)</td>')


def picture(client: FlaskClient, address: str) -> dict[str, Any]:
    """What the JSON twin of a page says of the picture."""
    path, _, query = address.partition("?")
    found: dict[str, Any] = client.get(f"{path}.json?{query}").get_json()["picture"]
    return found


def ids(client: FlaskClient, address: str) -> set[str]:
    return {dot["id"] for dot in picture(client, address)["dots"]}


@pytest.mark.parametrize("view", sorted(views()))
def test_every_view_has_a_page(client: FlaskClient, view: str) -> None:
    page = client.get(f"/netwerk?beeld={view}{'&rond=steunpunt' if view == 'ego' else ''}")
    assert page.status_code == 200
    assert views()[view].description["nl"] in unescape(page.text)


def test_the_network_is_the_same_on_both_stores(visitor: FlaskClient) -> None:
    assert len(picture(visitor, FULL)["dots"]) == 13
    assert "U ziet 13 records" in visitor.get(FULL).text


def test_tables_and_json_and_drawing_have_the_same_records_and_ties(client: FlaskClient) -> None:
    page, said = client.get(FULL).text, picture(client, FULL)
    assert sorted(ROW.findall(page)) == sorted(dot["id"] for dot in said["dots"])
    names = {dot["id"]: str(dot["name"]) for dot in said["dots"]}
    told = {(a.casefold(), b.casefold()) for a, _, b in LINE.findall(page)}
    assert told == {(names[tie["source"]].casefold(), names[tie["target"]].casefold()) for tie in said["lines"]}
    assert len(LINE.findall(page)) == len(said["lines"]) == 10
    drawing = page[page.index('id="plaat"') : page.index('id="doek"')]
    assert len(re.findall(r"<(?:circle|polygon) ", drawing)) == len(said["dots"])
    assert drawing.count("M", drawing.index(' d="'), drawing.index('"/>')) == len(said["lines"])


def test_a_long_table_goes_on_over_pages(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "PAGE_SIZE", 5)
    rows = [ROW.findall(client.get(f"{FULL}&pagina={page}").text) for page in (1, 2, 3)]
    assert [len(page) for page in rows] == [5, 5, 3]
    assert {id for page in rows for id in page} == ids(client, FULL)
    assert client.get(f"{FULL}&pagina=4").status_code == 404


def test_a_heading_of_a_table_sorts_it_and_keeps_the_view(client: FlaskClient) -> None:
    page = client.get(f"{FULL}&kleur=kind").text
    assert f'href="{FULL}&amp;kleur=kind&amp;sorteer=naam#records"' in page
    assert ROW.findall(client.get(f"{FULL}&sorteer=naam").text)[0] == "anna-voorbeeld"
    assert ROW.findall(page)[0] == "buurtwinkel"
    assert client.get(f"{FULL}&sorteer=kleur").status_code == 404


def test_a_view_can_be_narrowed(client: FlaskClient) -> None:
    assert ids(client, f"{FULL}&soort=method&soort=theme") == {"aandelen", "buurtwinkel", "voorzieningen"}
    assert ids(client, f"{FULL}&thema=buurtwinkel") == {"buurtwinkel", "dorpswinkel", "winkels-dicht"}
    assert ids(client, f"{FULL}&plaats=Zonnedam&soort=organisation") == {"gemeente-zonnedam"}
    assert "dorpswinkel" in ids(client, f"{FULL}&domein=gemeenschap")
    assert "buurttuin" not in ids(client, f"{FULL}&domein=gemeenschap")


def test_around_a_record_by_id_or_name_and_as_far_as_asked(client: FlaskClient) -> None:
    near = {"dorpswinkel", "buurtwinkel", "steunpunt", "aandelen"}
    assert ids(client, AROUND) == ids(client, f"/netwerk?rond={quote('dorpswinkel de schakel')}") == near
    assert ids(client, f"{AROUND}&diepte=2") == near | {"winkels-dicht", "voorzieningen", "gemeente-zonnedam"}


def test_every_record_leads_to_the_network_around_it(client: FlaskClient) -> None:
    assert 'href="/netwerk?rond=steunpunt"' in client.get("/organisation/steunpunt").text


def test_the_way_has_a_sentence_for_each_step(client: FlaskClient) -> None:
    assert "Anna Voorbeeld schreef Samen doen" in client.get(WAY).text
    steps = [step["sentence"] for step in client.get(LONG_WAY.replace("?", ".json?")).get_json()["way"]["steps"]]
    assert steps == [
        "Dorpswinkel De Schakel werkt met buurtaandelen",
        "Steunpunt Dorpen ondersteunt Dorpswinkel De Schakel",
        "Steunpunt Dorpen werkt samen met gemeente Zonnedam",
        "gemeente Zonnedam is te vinden in Zonnedam",
    ]


def test_where_there_is_no_way_the_page_says_so(client: FlaskClient) -> None:
    assert "geen weg van Anna Voorbeeld naar Zonnedam" in client.get(f"{FULL}&van=anna-voorbeeld&naar=Zonnedam").text
    outside = client.get("/netwerk?van=Steunpunt+Dorpen&naar=Zonnedam").text
    assert "Zonnedam staat niet in dit beeld" in outside
    assert 'href="/netwerk?van=Steunpunt+Dorpen&amp;naar=Zonnedam&amp;beeld=full#weg"' in outside
    assert "twee keer hetzelfde" in client.get(f"{FULL}&van=zonnedam&naar=Zonnedam").text


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("beeld=maan", 400, "Beeld 'maan' bestaat niet"),
        ("grootte=gewicht", 400, "Maat 'gewicht' bestaat niet"),
        ("kleur=paars", 400, "Kleur 'paars' bestaat niet"),
        ("soort=fiets", 400, "Soort 'fiets' bestaat niet"),
        ("domein=maan", 400, "Domein 'maan' bestaat niet"),
        ("plaats=Verweggistan", 400, "Plaats 'Verweggistan' kennen wij niet"),
        ("thema=maanreizen", 404, "'maanreizen' kennen wij niet"),
        ("rond=niemand", 404, "'niemand' kennen wij niet"),
        ("beeld=ego", 400, "Geef het id van dat record"),
        ("soort=theme", 400, "blijft er niets over"),
        ("van=niemand&naar=steunpunt", 404, "'niemand' kennen wij niet"),
    ],
)
def test_what_cannot_be_shown_is_told(client: FlaskClient, query: str, status: int, said: str) -> None:
    page = client.get(f"/netwerk?{query}")
    assert (page.status_code, client.get(f"/netwerk.json?{query}").status_code) == (status, status)
    assert said in unescape(page.text)
    assert 'href="/netwerk"' in page.text


def test_the_view_can_be_taken_along_without_names_of_people(client: FlaskClient) -> None:
    for name in network.FILES:
        assert f"/netwerk/download/{name}?beeld=full" in client.get(FULL).text
        taken = client.get(f"/netwerk/download/{name}?beeld=full")
        assert (taken.status_code, taken.headers["Content-Disposition"]) == (200, f'attachment; filename="{name}"')
        assert "dorpswinkel" in taken.text
        assert "anna" not in taken.text.casefold()
    graph = nx.parse_graphml(client.get("/netwerk/download/netwerk.graphml?beeld=full&soort=organisation").text)
    assert sorted(graph) == ["gemeente-zonnedam", "steunpunt"]
    assert client.get("/netwerk/download/netwerk.exe").status_code == 404
    assert "/netwerk/download/" not in client.get("/netwerk?rond=anna-voorbeeld").text


def test_an_empty_graph_is_told(broker: Broker, tmp_path: Path) -> None:
    with closing(EmbeddedStore(tmp_path / "leeg.db")) as store:
        page = create_app(Broker(store, broker.encoder, broker.weights)).test_client().get("/netwerk")
    assert page.status_code == 400
    assert "vul de graaf eerst" in page.text


def test_a_change_of_the_graph_is_in_the_next_picture(own: Broker) -> None:
    client = create_app(own).test_client()
    assert "nieuwe-club" not in ids(client, "/netwerk")
    own.add([node("organisation", "nieuwe-club", "Nieuwe Club", "Net begonnen.", type="maatschappelijk")], [])
    assert "nieuwe-club" in ids(client, "/netwerk")
    assert "Nieuwe Club staat los" in client.get("/netwerk").text


@pytest.fixture(params=SIZES)
def sized(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[tuple[Page, str]]:
    """A page of each size, that may not do what a page may not do: say an error, ask elsewhere."""
    width, height = SIZES[request.param]
    context = browser.new_context(viewport={"width": width, "height": height}, base_url=site)
    page, faults = watched(context, site)
    yield page, request.param
    context.close()
    assert faults == []


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    """A page of someone who wants no movement."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=site, reduced_motion="reduce")
    page, faults = watched(context, site)
    yield page
    context.close()
    assert faults == []


def drawn(page: Page, address: str) -> None:
    """Go there and wait for the drawing."""
    page.goto(address)
    page.wait_for_selector("#doek[data-ready]")


def count(page: Page, what: str) -> int:
    return int(page.evaluate(f"document.getElementById('doek')._cyreg.cy.{what}.length"))


@pytest.mark.browser
@pytest.mark.parametrize("state", STATES)
def test_every_state_is_accessible_and_fits(sized: tuple[Page, str], state: str) -> None:
    """In Dutch on a desktop, in English on a phone."""
    page, size = sized
    page.emulate_media(color_scheme="light")
    drawn(page, f"{'/en' if size == 'phone' else ''}{STATES[state]}")
    keep(page, f"{state}-{size}-light")
    page.locator("summary", has_text=re.compile("Toon een deel van het netwerk|Show a part of the network")).click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("#doek").focus()
    page.keyboard.press("Home")
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, ["color-contrast"]) == []
    keep(page, f"{state}-{size}-dark")


@pytest.mark.browser
def test_the_browser_draws_what_the_tables_say(page: Page) -> None:
    drawn(page, FULL)
    assert (count(page, "nodes()"), count(page, "edges()")) == (page.locator("tr[data-id]").count(), 10)


@pytest.mark.browser
def test_the_network_can_be_walked_by_keyboard(page: Page) -> None:
    drawn(page, FULL)
    page.get_by_role("button", name="Alles in beeld").focus()
    page.keyboard.press("Tab")
    expect(page.locator("#doek")).to_be_focused()
    assert "solid 3px" in page.evaluate("getComputedStyle(document.activeElement).outline")
    page.keyboard.press("Home")
    expect(page.locator(".net-said")).to_contain_text("Buurtwinkel: thema, groep 3, verbonden met 3")
    expect(page.locator("tr[aria-current]")).to_have_attribute("data-id", "buurtwinkel")
    walked = set()
    for key in ("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"):
        page.keyboard.press("Home")
        page.keyboard.press(key)
        walked.add(page.locator("tr[aria-current]").get_attribute("data-id"))
    assert len(walked) > 1
    assert walked <= {"buurtwinkel", "dorpswinkel", "voorzieningen", "winkels-dicht"}
    page.keyboard.press("Home")
    page.keyboard.press("Shift+Enter")
    expect(page).to_have_url(re.compile(r"/netwerk\?rond=buurtwinkel$"))
    page.wait_for_selector("#doek[data-ready]")
    page.locator("#doek").focus()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/theme/buurtwinkel$"))


@pytest.mark.browser
def test_a_record_can_be_looked_for_and_its_neighbours_followed(page: Page) -> None:
    drawn(page, FULL)
    page.get_by_label("Zoek in de tekening").fill("steunpunt")
    page.keyboard.press("Enter")
    expect(page.locator(".net-said")).to_contain_text("Steunpunt Dorpen: organisatie")
    page.locator("[data-neighbours]").get_by_role("button", name="Gemeente Zonnedam").click()
    expect(page.locator(".net-said")).to_contain_text("Gemeente Zonnedam")
    page.get_by_role("link", name="Toon het netwerk hieromheen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Het netwerk rond gemeente Zonnedam")


@pytest.mark.browser
def test_the_table_and_the_drawing_point_at_the_same_record(page: Page) -> None:
    drawn(page, FULL)
    page.locator("tr[data-id=aandelen] a").first.focus()
    expect(page.locator(".net-said")).to_contain_text("Buurtaandelen: methode")
    assert count(page, "nodes('.picked')") == 1


@pytest.mark.browser
def test_the_drawing_is_there_without_script(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=site)
    page = context.new_page()
    page.goto("/netwerk")
    expect(page.locator("#plaat")).to_be_visible()
    expect(page.locator("#doek")).to_be_hidden()
    page.get_by_label("Beeld", exact=True).select_option("full")
    page.get_by_role("button", name="Toon dit beeld").click()
    expect(page).to_have_url(re.compile("beeld=full"))
    page.get_by_label("Van", exact=True).fill("Anna Voorbeeld")
    page.get_by_label("Naar").fill("Samen doen. Een boek over buurten")
    page.get_by_role("button", name="Zoek de weg").click()
    expect(page.get_by_role("status")).to_contain_text("Anna Voorbeeld schreef Samen doen")
    keep(page, "network-no-script")
    context.close()


def test_the_research_package_is_a_download_the_same_twice_and_without_names_of_people(client: FlaskClient) -> None:
    first, second = (client.get("/netwerk/onderzoekspakket.zip") for _ in range(2))
    assert first.data == second.data
    with ZipFile(BytesIO(first.data)) as file:
        names = file.namelist()
        assert "onderzoekspakket/SHA256SUMS" in names
        assert any(name.endswith(".gexf") for name in names)
        assert not [name for name in names if b"Anna Voorbeeld" in file.read(name)]
