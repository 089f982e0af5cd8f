"""A question that nobody can answer, in a real browser: from the form of a visitor to a gap that is closed."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect

from kennismakelaar import encode, users
from kennismakelaar.broker import Broker
from kennismakelaar.model import Edge
from kennismakelaar.store_embedded import EmbeddedStore
from kennismakelaar.users import Role
from kennismakelaar.weights import read
from tests.web.conftest import EDGES, NODES, SECRET, node, served, source
from tests.web.test_browser import SIZES, check_in_english, fits, keep, violations, watched

pytestmark = pytest.mark.browser
ASKED = "Hoe delen wij met de hele straat één auto?"
SENTENCE = "Hoe deelt een straat samen een auto?"
ANSWER = "Begin met tien buren, en spreek af wie er rijdt."
CLUBS = {"asks": ("een", "twee"), "answers": ("drie", "vier")}


@pytest.fixture
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A website where nothing is a good enough match, with staff and with enough people for a circle."""
    store = EmbeddedStore(tmp_path_factory.mktemp("gaps") / "graph.db")
    with closing(Broker(store, encode.load("none"), replace(read(), threshold=1.1))) as broker:
        clubs = [
            node("organisation", f"club-{n}", f"Club {n}", "Een club.", type="overig")
            for n in (*CLUBS["asks"], *CLUBS["answers"])
        ]
        edges = [Edge(kind, f"club-{n}", "vraag-winkel", source()) for kind, names in CLUBS.items() for n in names]
        broker.add([*NODES, *clubs], [*EDGES, *edges])
        users.add(store, "anna", Role.STAFF, SECRET)
        with served(broker) as address:
            yield address


@pytest.fixture(params=SIZES)
def page(request: pytest.FixtureRequest, browser: Browser, office: str) -> Iterator[Page]:
    """A page of each size; it must do nothing that it may not do."""
    width, height = SIZES[request.param]
    with closing(browser.new_context(viewport={"width": width, "height": height}, base_url=office)) as context:
        context.set_default_timeout(10_000)
        page, faults = watched(context, office)
        yield page
    assert faults == []


def look(page: Page, name: str) -> None:
    """The state is kept in a picture, fits, and is accessible: light and, on a phone, in English and dark."""
    width = (page.viewport_size or {"width": 0})["width"]
    keep(page, f"{name}-{width}")
    if width == SIZES["phone"][0]:
        check_in_english(page)
    assert fits(page)
    assert violations(page) == []


def send(page: Page) -> str:
    """A visitor sends a question; the receipt code."""
    page.goto("/vraag-insturen")
    page.get_by_label("Wat speelt er?").fill(ASKED)
    page.get_by_role("button", name="Verder").click()
    page.get_by_role("button", name="Vraag insturen").click()
    return page.locator(".code").inner_text()


def log_in(page: Page, onward: str) -> None:
    page.goto(f"/inloggen?verder={onward}")
    page.get_by_label("Naam").fill("anna")
    page.get_by_label("Wachtwoord").fill(SECRET)
    page.get_by_role("button", name="Inloggen").click()


def test_a_question_without_an_answer_becomes_a_gap_that_is_closed(page: Page) -> None:
    code = send(page)
    log_in(page, "/bureau/kennisvragen")
    look(page, "gap-proposals")
    page.get_by_label("De vraag in één zin").last.fill(SENTENCE)
    page.get_by_role("button", name="Maak deze kennisvraag").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(SENTENCE)
    look(page, "gap-staff")
    page.get_by_label("Antwoord", exact=True).fill(ANSWER)
    page.get_by_label("Id van het record waarin meer staat").fill("steunpunt")
    page.get_by_role("button", name="Beantwoord en vertel het de vragers").click()
    expect(page.get_by_role("heading", name="Het antwoord")).to_be_visible()
    look(page, "gap-closed")
    page.goto("/zaak")
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Bekijk mijn vraag").click()
    expect(page.get_by_text(ANSWER)).to_be_visible()
    assert violations(page) == []


def test_a_circle_is_proposed(page: Page) -> None:
    log_in(page, "/leerkringen")
    page.get_by_label("Minste mensen").fill("4")
    page.get_by_role("button", name="Maak een voorstel").click()
    expect(page.get_by_role("heading", name="Wanneer houdt een buurtwinkel het vol?")).to_be_visible()
    look(page, "circle-proposal")


def test_a_place_is_followed(page: Page) -> None:
    page.goto("/volgen")
    page.get_by_label("Of een plaats").fill("Zonnedam")
    page.get_by_role("button", name="Volg deze plaats").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("U volgt: Zonnedam")
    look(page, "following")
    page.get_by_label("E-mailadres").fill("ik@voorbeeld.nl")
    page.get_by_role("button", name="Stuur mij mail").click()
    expect(page.get_by_role("status")).to_contain_text("mail met een link")
