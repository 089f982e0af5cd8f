"""The components, our theme for them, and the house style of who runs the website."""

import re
import runpy
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

from kennismakelaar.broker import Broker
from kennismakelaar.config import Settings
from kennismakelaar.errors import Refused
from kennismakelaar.paths import ROOT
from web.app import create_app

STATIC = ROOT / "web" / "static"
COMPONENTS = runpy.run_path(str(ROOT / "docs" / "components.py"))
ASKED, SET = re.compile(r"var\(\s*(--[\w-]+)"), re.compile(r"^\s*(--[\w-]+):", re.M)
(EXAMPLE,) = re.findall(r"```css\n(.*?)```", (ROOT / "docs" / "house-style.md").read_text("utf-8"), re.S)


def test_the_stylesheet_has_what_the_templates_use() -> None:
    assert (STATIC / "components.css").read_text("utf-8") == COMPONENTS["sheet"](), "make components"


def test_every_class_of_a_component_is_one_that_it_has() -> None:
    known = re.findall(r"\.((?:nl|utrecht)-[\w-]+)", (STATIC / "components.css").read_text("utf-8"))
    assert COMPONENTS["used"]() - set(known) == set()


@pytest.mark.parametrize("selector", [".a .b", ".a:not(:has(> :where(.c, .d)))", "p", ".a:hover::after"])
def test_a_rule_stays_if_a_page_can_meet_it(selector: str) -> None:
    kept = COMPONENTS["kept"](f"{selector},.c{{color:red}}@media print{{.a.c{{color:red}}}}", {"a", "b"})
    assert kept == f"{selector}{{color:red}}"


def test_our_themes_set_only_what_is_asked() -> None:
    sheets = {path.name: path.read_text("utf-8") for path in STATIC.glob("*.css")}
    asked = set(ASKED.findall("".join(sheets.values()) + (STATIC / "network.js").read_text("utf-8")))
    assert [name for name in SET.findall(sheets["theme.css"] + EXAMPLE) if name not in asked] == []
    assert set(SET.findall(sheets["theme-dark.css"])) <= set(SET.findall(sheets["theme.css"] + sheets["network.css"]))


def test_a_house_style_comes_after_ours_with_its_mark_and_stays_light(broker: Broker, tmp_path: Path) -> None:
    (tmp_path / "theme.css").write_text(EXAMPLE)
    (tmp_path / "mark.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    client = create_app(broker, Settings(house_style=str(tmp_path))).test_client()
    page = client.get("/").text
    links = re.findall(r'rel="stylesheet" href="/static/([^"]+)"', page)
    assert links == ["components.css", "theme.css", "huisstijl/theme.css", "app.css"]
    assert 'content="light"' in page
    assert page.count("/static/huisstijl/mark.svg") == 2
    assert client.get("/static/huisstijl/theme.css", buffered=True).text == EXAMPLE
    assert client.get("/static/huisstijl/../app.css", buffered=True).status_code == 404
    assert client.get("/static/theme.css", buffered=True).status_code == 200


def test_a_house_style_with_a_dark_side_shows_it(broker: Broker, tmp_path: Path) -> None:
    for name in ("theme.css", "dark.css"):
        (tmp_path / name).write_text(EXAMPLE)
    page = create_app(broker, Settings(house_style=str(tmp_path))).test_client().get("/").text
    assert 'huisstijl/dark.css" media="screen and (prefers-color-scheme: dark)"' in page
    assert 'content="light dark"' in page


def test_a_house_style_without_tokens_is_refused(broker: Broker, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"theme\.css"):
        create_app(broker, Settings(house_style=str(tmp_path)))


@pytest.mark.browser
def test_the_tokens_of_the_example_reach_the_page(browser: Browser, site: str) -> None:
    """A page with the tokens that the documentation tells, after ours."""

    def after_ours(route: Route) -> None:
        ours = route.fetch()
        route.fulfill(response=ours, body=f"{ours.text()}\n{EXAMPLE}")

    page = browser.new_page(base_url=site)
    page.route("**/static/theme.css", after_ours)
    page.goto("/")
    assert _colour(page, ".ask .nl-button--primary", "background-color") == "rgb(1, 87, 155)"
    assert _colour(page, ".top", "border-top-color") == "rgb(1, 87, 155)"
    assert _colour(page, ".hero", "background-color") == "rgb(238, 244, 250)"
    page.close()


def _colour(page: Page, selector: str, name: str) -> str:
    return str(page.locator(selector).evaluate("(element, name) => getComputedStyle(element)[name]", name))
