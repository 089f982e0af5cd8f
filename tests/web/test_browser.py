"""The website as people use it, in a real browser; screenshots are kept in test-output/."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from kennismakelaar.paths import ROOT
from tests.web.conftest import QUESTION

pytestmark = pytest.mark.browser
SHOTS = ROOT / "test-output"
AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SIZES = {"desktop": (1280, 900), "phone": (360, 740)}
ZOOMED = (320, 256)
"""A desktop at 400 percent."""
STATES = {
    "home": "/",
    "answer": f"/vraag?q={quote(QUESTION)}",
    "refined": f"/vraag?q={quote(QUESTION)}&plaats=Zonnedam&soort=organisation&soort=initiative",
    "no-match": "/vraag?q=xyzzy",
    "danger": f"/vraag?q={quote('er is brand in huis')}",
    "themes": "/thema",
    "kinds": "/soort",
    "list": "/soort/organisation",
    "entity": "/initiative/dorpswinkel",
    "finding": "/finding/winkels-dicht",
    "source": "/bron/samen-doen",
    "chapter": "/bron/samen-doen/II.1",
    "about": "/over",
    "how": "/hoe-het-werkt",
    "gaps": "/kennisvragen",
    "gap": "/kennisvragen/vraag-winkel",
    "circles": "/leerkringen",
    "follow": "/volgen",
    "intake": "/vraag-insturen",
    "theme": "/theme/buurtwinkel",
    "map": "/kaart",
    "province": "/kaart/utrecht",
    "timeline": "/tijd",
    "names": "/a-z?letter=b",
    "glossary": "/woordenlijst",
    "accessibility": "/toegankelijkheid",
    "colophon": "/colofon",
    "developers": "/voor-ontwikkelaars",
    "follow-form": "/zaak",
    "not-found": "/nergens",
    "refused": "/vraag?q=tuin&plaats=Verweggistan",
}


def watched(context: BrowserContext, site: str) -> tuple[Page, list[str]]:
    """A page, and what it did that it may not do: errors in the console, requests to elsewhere."""
    page, faults = context.new_page(), list[str]()
    page.on("console", lambda said: faults.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(site) else faults.append(request.url))
    return page, faults


@pytest.fixture(scope="module")
def visit(browser: Browser, site: str) -> Iterator[BrowserContext]:
    """One visit for all tests that leave nothing behind: a new one starts another process of the browser."""
    with closing(browser.new_context(base_url=site)) as context:
        yield context


@pytest.fixture
def looked(visit: BrowserContext, site: str) -> Iterator[Page]:
    """A page on a desk; it must do nothing that it may not do."""
    page, faults = watched(visit, site)
    resize(page, *SIZES["desktop"])
    yield page
    page.close()
    assert [fault for fault in faults if "the server responded with a status of 40" not in fault] == []


@pytest.fixture(params=SIZES)
def sized(request: pytest.FixtureRequest, looked: Page) -> tuple[Page, str]:
    """The same in each size, with the name of that size."""
    resize(looked, *SIZES[request.param])
    return looked, request.param


def resize(page: Page, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    """A page of a desk."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=site)
    page, faults = watched(context, site)
    yield page
    context.close()
    assert faults == []


def violations(page: Page, rules: list[str] = RULES) -> list[str]:
    """What axe-core finds, with the element that has it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found: dict[str, Any] = page.evaluate("rules => axe.run({runOnly: rules, resultTypes: ['violations']})", rules)
    return [f"{v['id']}: {v['help']}: {node['html']}" for v in found["violations"] for node in v["nodes"]]


def keep(page: Page, name: str) -> None:
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


def fits(page: Page) -> bool:
    """Nothing is wider than the window, also with all that can be opened open."""
    page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def check_in_english(page: Page) -> None:
    """The same page in English and dark fits and is accessible; afterwards the page is as it was."""
    here = page.url
    site = here[: here.index("/", len("https://"))]
    page.emulate_media(color_scheme="dark")
    page.goto(f"{site}/en{here.removeprefix(site)}")
    assert fits(page)
    assert violations(page) == []
    page.emulate_media(color_scheme="light")
    page.goto(here)


@pytest.mark.parametrize("state", STATES)
def test_every_state_is_accessible_and_fits(looked: Page, state: str) -> None:
    """In Dutch and light on a desktop; on a phone and at 400 percent; in English and dark on a phone."""
    looked.goto(STATES[state])
    keep(looked, f"{state}-desktop-light")
    assert fits(looked)
    assert violations(looked) == []
    for size in (ZOOMED, SIZES["phone"]):
        resize(looked, *size)
        assert fits(looked)
    looked.emulate_media(color_scheme="dark")
    looked.goto("/en" + STATES[state])
    keep(looked, f"{state}-phone-dark-en")
    assert fits(looked)
    assert violations(looked) == []


def test_the_documentation_of_the_api_is_accessible_and_fits(browser: Browser, site: str) -> None:
    """One size and one look: it is long, and made of what other pages have too."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, base_url=site)
    page, faults = watched(context, site)
    page.goto("/api/v1/docs")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []
    context.close()
    assert faults == []


def walk(page: Page) -> None:
    """From a question to what helps, and on to where that is written."""
    page.goto("/")
    page.get_by_label("Wat wilt u doen of weten?").fill(QUESTION)
    page.get_by_role("button", name="Zoek hulp").click()
    expect(page.get_by_role("heading", name="Wie kan helpen", exact=True)).to_be_visible()
    page.get_by_role("link", name="Steunpunt Dorpen", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Steunpunt Dorpen")
    page.locator(".sources a").first.click()
    expect(page).to_have_url(re.compile(r"/bron/samen-doen#II\.1$"))
    expect(page.get_by_role("heading", name="Hoofdstuk II.1")).to_be_in_viewport()


def test_question_leads_to_help_and_to_the_source(sized: tuple[Page, str]) -> None:
    walk(sized[0])


def test_website_works_without_script(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=site)
    walk(context.new_page())
    context.close()


def test_score_adds_up_on_the_page(page: Page) -> None:
    page.goto(STATES["answer"])
    first = page.locator("article.match").first
    first.get_by_text("Zo is deze score opgebouwd").click()
    points = [float(text.replace(",", ".").replace("−", "-")) for text in first.locator("td.points").all_inner_texts()]
    assert sum(points[:-1]) == pytest.approx(points[-1], abs=0.005 * len(points))


def test_refining_keeps_the_question(page: Page) -> None:
    page.goto(STATES["answer"])
    page.get_by_text("Kies wat u zoekt").click()
    page.get_by_role("checkbox", name="methoden").check()
    page.get_by_role("button", name="Zoek hulp").click()
    expect(page.get_by_label("Wat wilt u doen of weten?")).to_have_value(QUESTION)
    expect(page.locator("article.match")).to_have_count(1)
    page.get_by_role("link", name="Alle soorten").click()
    expect(page.get_by_label("Wat wilt u doen of weten?")).to_have_value(QUESTION)
    assert page.locator("article.match").count() > 1


def test_keyboard_is_enough(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Naar de inhoud")).to_be_focused()
    expect(page.get_by_role("link", name="Naar de inhoud")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Wat wilt u doen of weten?")).to_be_focused()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Wie kan u helpen?")


def test_focus_can_be_seen(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outline")
    assert "solid 3px" in outline


def test_first_visit_is_light(page: Page) -> None:
    weights: dict[str, int] = {}
    page.on("response", lambda response: weights.update({response.url: len(response.body())}))
    page.goto("/", wait_until="networkidle")
    assert sum(size for url, size in weights.items() if url.endswith((".css", ".js"))) < 100_000


def test_print_shows_the_answer_and_not_the_controls(page: Page) -> None:
    page.goto(STATES["answer"])
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Zoek hulp")).to_be_hidden()
    expect(page.get_by_role("link", name="Steunpunt Dorpen", exact=True).first).to_be_visible()
    keep(page, "answer-print")
