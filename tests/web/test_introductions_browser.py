"""An introduction as people go through it, in a real browser: from a proposal at the desk to whether it helped."""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from kennismakelaar import encode, users
from kennismakelaar.broker import Broker
from kennismakelaar.config import Settings
from kennismakelaar.desk import cases, introductions, outcomes, post
from kennismakelaar.desk.cases import State
from kennismakelaar.desk.introductions import Answer, Side
from kennismakelaar.store_embedded import EmbeddedStore
from kennismakelaar.users import Role
from kennismakelaar.weights import read
from tests.web.conftest import EDGES, NODES, SECRET, served
from tests.web.test_browser import SIZES, check_in_english, fits, keep, violations, watched
from tests.web.test_introductions import ASKER, HELPER, PURPOSE, QUESTION, add_case, now, propose, say

pytestmark = pytest.mark.browser


@dataclass
class Desk:
    """A website with the store behind it."""

    address: str
    broker: Broker
    folder: Path
    cookie: Path

    def link(self, page: str, side: Side) -> str:
        """The personal link of one side to a page, as it stands in a letter; the letter counts as sent."""
        for path in post.write_out(self.broker.store, self.folder, Settings(address=self.address), now()):
            text = str(message_from_bytes(path.read_bytes(), policy=policy.default).get_content())
            found = re.search(rf"{self.address}({page}/[\w-]+)", text)
            if found and f"-{side}-" in path.stem:
                post.mark_sent(self.broker.store, path.stem, "anna", now())
                return found[1]
        raise AssertionError(f"No letter leads to {page}.")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Desk]:
    """With someone of the staff who logged in."""
    folder = tmp_path_factory.mktemp("introductions")
    store = EmbeddedStore(folder / "graph.db")
    with closing(Broker(store, encode.load("none"), replace(read(), threshold=0.0))) as broker:
        broker.add(NODES, EDGES)
        users.add(store, "anna", Role.STAFF, SECRET)
        with served(broker) as address, closing(browser.new_context(base_url=address)) as context:
            page = context.new_page()
            page.goto("/inloggen?verder=/bureau")
            page.get_by_label("Naam").fill("anna")
            page.get_by_label("Wachtwoord").fill(SECRET)
            page.get_by_role("button", name="Inloggen").click()
            expect(page.get_by_role("heading", level=1)).to_have_text("Bureau")
            context.storage_state(path=folder / "state.json")
            yield Desk(address, broker, folder / "post", folder / "state.json")


@pytest.fixture(params=["phone"])
def both(request: pytest.FixtureRequest, browser: Browser, desk: Desk) -> Iterator[tuple[Page, Page, str]]:
    """A page of staff and one of a visitor, with the name of their size; they must do nothing that they may not do."""
    width, height = SIZES[request.param]
    view = {"viewport": {"width": width, "height": height}, "base_url": desk.address}
    with (
        closing(browser.new_context(storage_state=desk.cookie, **view)) as inside,  # type: ignore[arg-type]
        closing(browser.new_context(**view)) as outside,  # type: ignore[arg-type]
    ):
        pages = [watched(context, desk.address) for context in (inside, outside)]
        yield pages[0][0], pages[1][0], request.param
        faults = [fault for _, found in pages for fault in found]
    assert [fault for fault in faults if "the server responded with a status of 40" not in fault] == []


def look(page: Page, name: str) -> None:
    """The state is kept in a picture, fits, and is accessible: light, and in English and dark."""
    keep(page, name)
    assert fits(page)
    assert violations(page) == []
    check_in_english(page)


def test_a_case_walks_from_proposal_to_outcome(both: tuple[Page, Page, str], desk: Desk) -> None:
    staff, visitor, size = both
    store, id = desk.broker.store, f"zaak-{size}"
    add_case(store, id)
    staff.goto(f"/bureau/zaak/{id}")
    staff.get_by_role("link", name="Stel een kennismaking voor").click()
    look(staff, f"propose-{size}")
    staff.get_by_label("Met welk doel?").fill(PURPOSE)
    staff.get_by_label("Naam van de contactpersoon").fill(HELPER[0])
    staff.get_by_label("E-mailadres").fill(HELPER[1])
    staff.get_by_role("button", name="Vraag het aan allebei").click()
    staff.goto("/bureau/post")
    look(staff, f"outbox-{size}")
    staff.get_by_role("link", name="Wilt u meedenken").first.click()
    look(staff, f"letter-{size}")

    for side in Side:
        visitor.goto(desk.link(introductions.ANSWER_PAGE, side))
        if side is Side.HELPER:
            look(visitor, f"invitation-{size}")
        visitor.get_by_role("button", name="Ja, ik wil kennismaken").click()
    look(visitor, f"own-{size}")
    expect(visitor.get_by_role("heading", level=1)).to_contain_text("U kunt kennismaken met")
    mine = visitor.get_by_text(re.compile("planted"))
    assert mine.count() == 1
    visitor.get_by_role("link", name="Een brief die klaar is om te sturen").click()
    look(visitor, f"own-letter-{size}")

    staff.goto(f"/bureau/zaak/{id}")
    expect(staff.locator(".match-meta .nl-data-badge").first).to_have_text("gekoppeld")
    for one in outcomes.due(store, now() + timedelta(days=15)):
        outcomes.ask(store, one, now())
    visitor.goto(desk.link(outcomes.PAGE, Side.ASKER) + "?antwoord=ja")
    look(visitor, f"outcome-{size}")
    visitor.get_by_role("button", name="Verstuur mijn antwoord").click()
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Dank u wel")
    visitor.goto(desk.link(outcomes.PAGE, Side.HELPER))
    visitor.get_by_role("radio", name="Ja", exact=False).first.check()
    visitor.get_by_role("button", name="Verstuur mijn antwoord").click()
    assert cases.case_of(store.record(cases.KIND, id)).state is State.DONE
    staff.goto(f"/bureau/kennismaking/{introductions.of_case(store, id)[0].id}")
    look(staff, f"introduction-done-{size}")


def test_a_yes_is_taken_back_without_script(browser: Browser, desk: Desk) -> None:
    one = propose(desk.broker.store, "zaak-terug")
    own = {side: say(desk.broker.store, one, side, Answer.YES) for side in Side}
    with closing(browser.new_context(java_script_enabled=False, base_url=desk.address)) as context:
        page = context.new_page()
        page.goto(f"{introductions.OWN_PAGE}/{own[Side.ASKER]}")
        expect(page.get_by_text(HELPER[1])).to_be_visible()
        page.get_by_role("button", name="Trek mijn toestemming in").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Uw toestemming is ingetrokken")
        assert ASKER[1] not in page.content()
        page.goto(f"{introductions.OWN_PAGE}/{own[Side.HELPER]}")
        expect(page.get_by_role("heading", level=1)).to_have_text("Deze kennismaking gaat niet door")


def test_a_printed_letter_is_nothing_but_the_letter(browser: Browser, desk: Desk) -> None:
    one = propose(desk.broker.store, "zaak-druk")
    own = {side: say(desk.broker.store, one, side, Answer.YES) for side in Side}
    with closing(browser.new_context(base_url=desk.address)) as context:
        page = context.new_page()
        page.goto(f"{introductions.OWN_PAGE}/{own[Side.ASKER]}/brief")
        page.emulate_media(media="print")
        expect(page.locator(".letter-text")).to_contain_text(QUESTION)
        expect(page.get_by_text("Neem de tekst over")).to_be_hidden()
        lines = page.locator(".letter-text").inner_text().splitlines()
        assert lines[0] == f"Beste {HELPER[0]},"
        assert lines[-1] == ASKER[0]
        assert not any(
            first == second == "" == third for first, second, third in zip(lines, lines[1:], lines[2:], strict=False)
        )
