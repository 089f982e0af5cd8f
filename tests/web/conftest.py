"""A small graph, a website on it, and a browser to look at it with."""

import re
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from kennismakelaar import encode, users
from kennismakelaar.broker import Broker
from kennismakelaar.model import Edge, Node, Source, Value
from kennismakelaar.store import Store
from kennismakelaar.store_embedded import EmbeddedStore
from kennismakelaar.users import Role
from kennismakelaar.weights import read
from web import access
from web.app import create_app

access.limiter.enabled = False  # one test of it puts it on
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SECRET = "een fiets vol paarse tulpen"
PARTS = {"winkel": "Buurtwinkel open houden", "tuin": "Tuin van iedereen"}


def source(part: str = "winkel", known: str = "stated") -> tuple[Source, ...]:
    """A source in the one publication of this graph."""
    return (Source("samen-doen", "II.1" if part == "winkel" else "Tot slot", known, PARTS[part]),)


def node(kind: str, id: str, name: str, summary: str, part: str = "winkel", **properties: Value) -> Node:
    """A node with a source and a day on which it was checked."""
    return Node(id, kind, name, (), source(part), {"summary": summary, "verified_on": "2026-11-25", **properties})


NODES = (
    node(
        "publication",
        "samen-doen",
        "Samen doen. Een boek over buurten",
        "Boek met verhalen van bewoners.",
        type="boek",
        year=2013,
        website="https://voorbeeld.nl/samen-doen",
    ),
    node(
        "initiative",
        "dorpswinkel",
        "Dorpswinkel De Schakel",
        "Bewoners namen de buurtwinkel over toen die dicht ging.",
        need=("geld", "ruimte"),
        domain="gemeenschap",
        situations=("Onze winkel gaat dicht, wat nu?",),
    ),
    node(
        "initiative",
        "buurttuin",
        "Buurttuin Zonnehof",
        "Buren maken samen een moestuin.",
        "tuin",
        note="De naam is door ons bedacht.",
    ),
    node(
        "organisation",
        "steunpunt",
        "Steunpunt Dorpen",
        "Helpt bewoners om een buurtwinkel of buurthuis over te nemen.",
        type="maatschappelijk",
        offer=("begeleiding", "geld"),
        reach="landelijk",
        website="https://voorbeeld.nl",
    ),
    node(
        "organisation",
        "gemeente-zonnedam",
        "gemeente Zonnedam",
        "De gemeente geeft grond voor een moestuin.",
        "tuin",
        type="gemeente",
    ),
    node("programme", "winkels-open", "Winkels Open", "Afspraak om de laatste winkel in een dorp open te houden."),
    node(
        "person",
        "anna-voorbeeld",
        "Anna Voorbeeld",
        "Schreef een boek over bewoners die een buurtwinkel beginnen.",
        role="schrijver",
    ),
    node(
        "method",
        "aandelen",
        "buurtaandelen",
        "Bewoners kopen samen aandelen, bijvoorbeeld om een winkel over te nemen.",
    ),
    node(
        "theme",
        "buurtwinkel",
        "buurtwinkel",
        "Een winkel in een dorp of buurt.",
        citizen_words=("kruidenier", "dorpswinkel"),
    ),
    node("theme", "voorzieningen", "voorzieningen", "Wat een dorp nodig heeft: een winkel, een school, een bus."),
    node(
        "finding",
        "winkels-dicht",
        "Een op de drie dorpen heeft geen winkel",
        "Van de dorpen heeft 33 procent geen buurtwinkel.",
        value=33.5,
        unit="procent van de dorpen",
        year=2012,
    ),
    node(
        "knowledge_question",
        "vraag-winkel",
        "Wanneer houdt een buurtwinkel het vol?",
        "Niemand weet het nog precies.",
        question_status="open",
    ),
    node("place", "zonnedam", "Zonnedam", "Een stad die niet bestaat.", "tuin", place_type="stad"),
)
EDGES = (
    Edge("about", "dorpswinkel", "buurtwinkel", source()),
    Edge("about", "winkels-dicht", "buurtwinkel", source()),
    Edge("broader", "buurtwinkel", "voorzieningen", source(known="curated")),
    Edge("supports", "steunpunt", "dorpswinkel", source()),
    Edge("uses_method", "dorpswinkel", "aandelen", source(known="implied")),
    Edge("authored", "anna-voorbeeld", "samen-doen", source()),
    Edge("located_in", "buurttuin", "zonnedam", source("tuin")),
    Edge("located_in", "gemeente-zonnedam", "zonnedam", source("tuin")),
    Edge("supports", "gemeente-zonnedam", "buurttuin", source("tuin")),
    Edge("partners_with", "steunpunt", "gemeente-zonnedam", source("tuin")),
)
QUESTION = "Onze buurtwinkel gaat dicht, wie kan ons helpen?"


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """Answers every question for which there is a candidate, by words alone."""
    store = EmbeddedStore(tmp_path_factory.mktemp("web") / "graph.db")
    with closing(Broker(store, encode.load("none"), replace(read(), threshold=0.0))) as broker:
        broker.add(NODES, EDGES)
        yield broker


@pytest.fixture
def app(broker: Broker) -> Flask:
    """The website on the small graph."""
    return create_app(broker)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Asks for pages without a server."""
    return app.test_client()


@pytest.fixture
def own(store: Store) -> Broker:
    """A broker whose graph a test may change, on both stores."""
    broker = Broker(store, encode.load("none"), replace(read(), threshold=0.0))
    broker.add(NODES, EDGES)
    return broker


@pytest.fixture
def visitor(own: Broker) -> FlaskClient:
    """A visitor of a website whose graph a test may change."""
    return create_app(own).test_client()


@pytest.fixture
def staff(own: Broker) -> FlaskClient:
    """A colleague who has logged in, on the same graph."""
    users.add(own.store, "anna", Role.STAFF, SECRET)
    client = create_app(own).test_client()
    submit(client, "/inloggen", naam="anna", wachtwoord=SECRET)
    return client


def submit(client: FlaskClient, page: str, to: str = "", **form: str | list[str]) -> TestResponse:
    """Fill in a form on a page and send it, with its token, to the page itself or elsewhere."""
    shown = client.get(page)
    found = re.search(r'name="csrf_token" value="([^"]+)"', shown.text)
    assert found, shown.text
    seen = re.search(r'name="versie" value="([^"]*)"', shown.text)
    hidden = {"csrf_token": found[1], **({"versie": seen[1]} if seen else {})}
    return client.post(to or page, data=hidden | form)


@pytest.fixture
def unsure(broker: Broker) -> FlaskClient:
    """A website that finds no match good enough."""
    return create_app(Broker(broker.store, broker.encoder, replace(broker.weights, threshold=1.1))).test_client()


@contextmanager
def served(broker: Broker) -> Iterator[str]:
    """The address of a website, served on the loopback address."""
    server = make_server("127.0.0.1", 0, create_app(broker), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="session")
def site(broker: Broker) -> Iterator[str]:
    """The website on the small graph."""
    with served(broker) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    assert Path(CHROMIUM).exists(), "Install it with: tests/install browser"
    with (
        sync_playwright() as playwright,
        closing(playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)) as browser,
    ):
        yield browser
