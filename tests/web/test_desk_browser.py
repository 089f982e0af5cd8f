"""A case as people work on it, in a real browser: from the form of a visitor to a proposal at the desk."""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from kennismakelaar import encode, users
from kennismakelaar.broker import Broker
from kennismakelaar.desk import cases
from kennismakelaar.desk.cases import Case, Proposal, State, Verdict
from kennismakelaar.model import Change
from kennismakelaar.moments import now
from kennismakelaar.store_embedded import EmbeddedStore
from kennismakelaar.users import Role
from kennismakelaar.weights import read
from tests.web.conftest import EDGES, NODES, QUESTION, SECRET, node, served
from tests.web.test_browser import SIZES, fits, keep, violations, watched

pytestmark = pytest.mark.browser
TYPED = f"{QUESTION} Bel mij op 06-12345678."
FULL = node("organisation", "vol", "Vol Steunpunt", "Helpt met een buurtwinkel.", type="maatschappelijk", capacity=0)
OLD = node("organisation", "oud", "Oud Steunpunt", "Helpt met een buurtwinkel.", type="maatschappelijk")


ADMINISTRATION = (
    *("/privacy", "/account", "/inloggen/instellen", "/bureau/gebruikers", "/bureau/logboek", "/bureau/gegevens"),
    *("/bureau/kwaliteit?wat=no_website", "/en/bureau/kwaliteit", "/en/bureau/gebruikers"),
)
"""Pages that are looked at in one size and one colour scheme."""


def filled(broker: Broker) -> Broker:
    """With staff and cases in several states."""
    stale = replace(OLD, properties={**OLD.properties, "verified_on": "2022-03-01"})
    broker.add([*NODES, FULL, stale], EDGES)
    users.add(broker.store, "anna", Role.STAFF, SECRET)
    users.add(broker.store, "bea", Role.ADMIN, SECRET)
    users.add(broker.store, "tweede", Role.STAFF, SECRET)
    users.change(broker.store, "tweede", lambda body: {**body, "second": {"confirmed": True}})
    at = now().isoformat()
    first = Case("zaak-eerste", QUESTION, "2026-01-05T09:00:00+00:00", "2026-01-05T09:00:00+00:00", place="zonnedam")
    helped = (Proposal("aandelen", Verdict.ACCEPTED, "anna"),)
    shared = replace(first, id="zaak-oud", state=State.DONE, proposals=helped, shared=True, created=at, since=at)
    broker.store.write(Change(records=[cases.as_record(first), cases.as_record(shared)]))
    return broker


@pytest.fixture(scope="module")
def bureau(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a website of its own."""
    store = EmbeddedStore(tmp_path_factory.mktemp("desk") / "graph.db")
    with (
        closing(Broker(store, encode.load("none"), replace(read(), threshold=0.0))) as broker,
        served(filled(broker)) as address,
    ):
        yield address


@pytest.fixture(scope="module")
def session(bureau: str, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cookie of someone of the staff who logged in."""
    kept = tmp_path_factory.mktemp("session") / "state.json"
    with closing(browser.new_context(base_url=bureau)) as context:
        page = context.new_page()
        page.goto("/inloggen?verder=/bureau")
        page.get_by_label("Naam").fill("anna")
        page.get_by_label("Wachtwoord").fill(SECRET)
        page.get_by_role("button", name="Inloggen").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Bureau")
        context.storage_state(path=kept)
    return kept


@pytest.fixture
def page(browser: Browser, bureau: str, session: Path) -> Iterator[Page]:
    """A page of someone of the staff; it must do nothing that it may not do."""
    with opened(browser, bureau, session, "desktop") as page:
        yield page


@contextmanager
def opened(browser: Browser, bureau: str, session: Path, size: str) -> Iterator[Page]:
    """A page of one size, by someone who logged in."""
    width, height = SIZES[size]
    with closing(
        browser.new_context(viewport={"width": width, "height": height}, base_url=bureau, storage_state=session)
    ) as context:
        context.set_default_timeout(10_000)
        page, faults = watched(context, bureau)
        yield page
    assert [fault for fault in faults if "the server responded with a status of 40" not in fault] == []


def ask(page: Page) -> None:
    """From the home page to what is shown before sending."""
    page.goto("/")
    page.get_by_label("Wat wilt u doen of weten?").fill(TYPED)
    page.get_by_role("button", name="Zoek hulp").click()
    page.get_by_role("link", name="leg uw vraag voor aan een kennismakelaar").click()
    page.get_by_label("Wat speelt er?").fill(TYPED)
    page.get_by_label("Waar speelt het?").fill("Zonnedam")
    page.get_by_role("button", name="Verder").click()
    expect(page.locator("blockquote").first).to_have_text(f"{QUESTION} Bel mij op [telefoonnummer].")


def look(page: Page, name: str) -> None:
    """The state is kept in a picture, fits, and is accessible in light and dark."""
    keep(page, f"{name}-desktop")
    assert fits(page)
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, ["color-contrast"]) == []
    page.emulate_media(color_scheme="light")
    page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = false })")


def test_a_case_walks_from_question_to_proposal(page: Page) -> None:
    ask(page)
    look(page, "intake-check")
    page.get_by_role("radio").nth(1).check()
    page.get_by_label("E-mailadres").fill("jan@voorbeeld.nl")
    page.get_by_role("button", name="Vraag insturen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Uw vraag is binnen")
    look(page, "receipt")
    code = page.locator(".code").inner_text()

    page.goto("/bureau?stand=nieuw")
    look(page, "desk")
    page.get_by_role("link", name=re.compile("telefoonnummer")).click()
    page.get_by_label("Wie werkt hieraan?").select_option("anna")
    page.get_by_role("button", name="Wijs toe").click()
    page.get_by_label("Naar", exact=True).select_option("verhelderd")
    page.get_by_label("Waarom?", exact=True).fill("Duidelijke vraag.")
    page.get_by_role("button", name="Zet de stap").click()
    page.get_by_role("button", name="Neem aan Steunpunt Dorpen").click()
    page.get_by_label("Nieuwe notitie").fill("Vraag ook de gemeente.")
    page.get_by_role("button", name="Bewaar notitie").click()
    page.get_by_label("Naar", exact=True).select_option("voorgesteld")
    page.get_by_label("Waarom?", exact=True).fill("Steunpunt kent dit werk.")
    page.get_by_role("button", name="Zet de stap").click()
    expect(page.get_by_text("Steunpunt kent dit werk.")).to_be_visible()
    look(page, "case")

    page.goto("/zaak")
    page.get_by_label("Code", exact=True).fill(code.lower())
    page.get_by_role("button", name="Bekijk mijn vraag").click()
    expect(page.get_by_text("Wij vonden mensen of organisaties die kunnen helpen.").first).to_be_visible()
    look(page, "follow")


def test_staff_compare_and_ask_why_not(page: Page) -> None:
    page.goto("/bureau/zaak/zaak-eerste")
    for name in ("Steunpunt Dorpen", "buurtaandelen", "Dorpswinkel De Schakel"):
        page.get_by_label(f"Vergelijk {name}").check()
    page.get_by_role("button", name="Vergelijk wat is aangevinkt").click()
    expect(page.get_by_role("columnheader")).to_have_count(3)
    look(page, "compare")
    page.goto("/bureau/zaak/zaak-eerste?erbij=zonnedam")
    page.get_by_role("link", name="Waarom niet bij de matches? Zonnedam", exact=True).click()
    expect(page.get_by_text("staat op plaats")).to_be_visible()
    look(page, "why-not")


def test_who_comes_second_sees_what_happened_and_what_was_typed(page: Page) -> None:
    page.goto("/bureau/zaak/zaak-eerste")
    other = page.context.new_page()
    other.goto("/bureau/zaak/zaak-eerste")
    other.get_by_label("Nieuwe notitie").fill("Ik was eerst.")
    other.get_by_role("button", name="Bewaar notitie").click()
    expect(other.get_by_text("Ik was eerst.").first).to_be_visible()
    page.get_by_label("Nieuwe notitie").fill("Dit mag niet weg.")
    page.get_by_role("button", name="Bewaar notitie").click()
    expect(page.get_by_text("Dit mag niet weg.")).to_be_visible()
    look(page, "conflict")


def test_the_pages_fit_a_phone(browser: Browser, bureau: str, session: Path) -> None:
    case = "/bureau/zaak/zaak-eerste"
    addresses = {
        "intake": "/vraag-insturen",
        "follow-form": "/zaak",
        "desk": "/bureau",
        "case": f"{case}?soort=organisation",
        "compare": f"{case}/vergelijk?match=steunpunt&match=vol&match=oud&match=aandelen",
        "why-not": f"{case}/waarom-niet?naam=oud",
    }
    in_english = ("/bureau/post", "/bureau/meldingen", "/initiative/dorpswinkel/klopt-niet", "/melding")
    with opened(browser, bureau, session, "phone") as page:
        page.emulate_media(color_scheme="dark")
        ask(page)
        assert fits(page)
        for name, address in addresses.items():
            page.goto(address)
            assert fits(page), name
            page.goto(f"/en{address}")
            keep(page, f"{name}-phone-en")
            assert fits(page), name
            assert accessible(page), name
        for address in in_english:
            page.goto(f"/en{address}")
            assert fits(page), address
            assert accessible(page), address


def test_a_question_is_sent_in_english(browser: Browser, bureau: str, session: Path) -> None:
    """What only sending a form shows, on a phone and dark."""
    with opened(browser, bureau, session, "phone") as page:
        page.emulate_media(color_scheme="dark")
        page.goto("/en/vraag-insturen")
        page.get_by_label("What is going on?").fill(QUESTION)
        page.get_by_role("button", name="Continue").click()
        assert fits(page)
        assert accessible(page)
        page.get_by_role("button", name="Send in question").click()
        assert accessible(page)
        code = page.locator(".code").inner_text()
        page.goto("/en/zaak")
        page.get_by_label("Code", exact=True).fill(code)
        page.get_by_role("button", name="View my question").click()
        expect(page.locator("blockquote")).to_have_text(QUESTION)
        assert accessible(page)


def enter(page: Page, name: str) -> None:
    """Give name and password."""
    page.goto("/inloggen")
    page.get_by_label("Naam").fill(name)
    page.get_by_label("Wachtwoord").fill(SECRET)
    page.get_by_role("button", name="Inloggen").click()


def accessible(page: Page) -> bool:
    """Does axe-core find nothing?"""
    return violations(page) == []


def test_what_an_administrator_sees_is_accessible(browser: Browser, bureau: str) -> None:
    with closing(browser.new_context(viewport={"width": 360, "height": 740}, base_url=bureau)) as context:
        page = context.new_page()
        enter(page, "tweede")
        expect(page.get_by_role("heading", level=1)).to_have_text("Vul uw code in")
        assert accessible(page)
        enter(page, "bea")
        expect(page.get_by_role("link", name="bea")).to_be_visible()
        wrong = []
        for address in ADMINISTRATION:
            page.goto(address)
            wrong += [] if fits(page) and accessible(page) else [address]
        assert wrong == []


def test_the_desk_works_without_script(browser: Browser, bureau: str, session: Path) -> None:
    with closing(browser.new_context(java_script_enabled=False, base_url=bureau, storage_state=session)) as context:
        page = context.new_page()
        page.goto("/bureau")
        page.get_by_role("link", name=QUESTION).first.click()
        page.get_by_label("Nieuwe notitie").fill("Zonder script.")
        page.get_by_role("button", name="Bewaar notitie").click()
        expect(page.get_by_text("Zonder script.").first).to_be_visible()


def test_the_desk_can_be_walked_through_with_keys(page: Page) -> None:
    page.goto("/bureau")
    cases = page.locator("[data-list] h3 a")
    page.keyboard.press("j")  # the focus is not in the list
    expect(page.locator("body")).to_be_focused()
    page.keyboard.press("Alt+Shift+J")
    expect(cases.first).to_be_focused()
    page.keyboard.press("j")
    expect(cases.nth(1)).to_be_focused()
    page.keyboard.press("k")
    look(page, "desk-keys")
    page.goto("/bureau/zaak/zaak-eerste")
    page.keyboard.press("Alt+Shift+N")
    page.keyboard.type("njk")
    expect(page.get_by_label("Nieuwe notitie")).to_have_value("njk")
    page.get_by_label("Toetsen ook zonder Alt en Shift").uncheck()
    page.keyboard.press("Alt+Shift+J")
    page.keyboard.press("s")
    expect(page.locator("[data-list] h3 a").first).to_be_focused()
    page.keyboard.press("Alt+Shift+B")
    expect(page.get_by_role("heading", level=1)).to_have_text("Bureau")


def test_a_list_is_read_in_and_taken_back(page: Page, tmp_path: Path) -> None:
    rows = ("Naam;Omschrijving;Plaats", "Klusclub;Buren klussen.;Zonnedam", "Atelier;Kunst van buren.;Atlantis")
    (tmp_path / "lijst.csv").write_text("\n".join(rows), "utf-8")
    page.goto("/bureau/importeren")
    look(page, "import")
    page.get_by_label("Bestand").set_input_files(tmp_path / "lijst.csv")
    page.get_by_label("Waar komt de lijst vandaan?").fill("Lijst van de provincie")
    page.get_by_role("button", name="Verder naar de kolommen").click()
    page.get_by_label("Wat staat er op elke rij?").select_option("initiative")
    page.get_by_role("button", name="Stel kolommen voor bij deze soort").click()
    expect(page.get_by_label("Plaats", exact=True)).to_have_value(">located_in")
    look(page, "import-columns")
    page.get_by_role("button", name="Kijk wat er zou veranderen").click()
    expect(page.get_by_role("cell", name="Atlantis")).to_be_visible()
    look(page, "import-preview")
    page.get_by_role("button", name="Lees alleen de goede rijen in").click()
    expect(page.get_by_text("Deze lijst is ingelezen.")).to_be_visible()
    look(page, "import-run")
    page.get_by_role("button", name="Draai deze import terug").click()
    expect(page.get_by_text("Deze import is teruggedraaid.")).to_be_visible()
