"""The website is the same on both stores, and comes back by itself after the database was away."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from kennismakelaar import encode
from kennismakelaar.broker import Broker
from kennismakelaar.store import Store
from kennismakelaar.store_neo4j import Neo4jStore
from kennismakelaar.weights import read
from tests.conftest import PASSWORD, Server, free_port
from tests.web.conftest import EDGES, NODES
from tests.web.test_serve import PATIENCE, Serving, serve
from web.app import create_app

PAGES = (
    "/",
    "/vraag?q=onze+buurtwinkel+gaat+dicht",
    "/vraag.json?q=moestuin",
    "/initiative/dorpswinkel",
    "/thema",
    "/bron/samen-doen",
    "/soort/organisation",
    "/gezond",
)


def broker_on(store: Store) -> Broker:
    broker = Broker(store, encode.load("none"), replace(read(), threshold=0.0))
    broker.add(NODES, EDGES)
    return broker


@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_there_on_both_stores(store: Store, page: str) -> None:
    assert create_app(broker_on(store)).test_client().get(page).status_code == 200


def test_a_question_finds_the_same_on_both_stores(store: Store) -> None:
    answer = create_app(broker_on(store)).test_client().get("/vraag.json?q=onze+buurtwinkel+gaat+dicht").get_json()
    assert {"dorpswinkel", "buurtwinkel", "steunpunt"} <= {match["id"] for match in answer["matches"]}


@pytest.mark.neo4j
def test_pages_say_that_the_database_is_away_and_recover_by_themselves(victim: Server, on_victim: Neo4jStore) -> None:
    """Of a website that was there before, and of one that is started meanwhile, with workers of its own."""
    before = create_app(broker_on(on_victim)).test_client()
    assert before.get("/thema").status_code == 200
    victim.kill()
    read_on = before.get("/thema")
    assert (read_on.status_code, "Hoofdmenu" in read_on.text) == (200, True)
    assert "De database is nu even niet bereikbaar" in read_on.text
    away = before.get("/a-z")
    assert (away.status_code, away.headers["Retry-After"]) == (503, "10")
    assert "antwoordt niet. Kijk of de server draait" in away.text
    with started(victim) as meanwhile:
        for page in ("/thema", "/gezond"):
            status, said = meanwhile.get(page)
            assert (status, "antwoordt niet. Kijk of de server draait" in said) == (503, True)
        victim.start()
        assert before.get("/initiative/dorpswinkel").status_code == 200
        assert meanwhile.get("/initiative/dorpswinkel")[0] == 200


@contextmanager
def started(server: Server) -> Iterator[Serving]:
    port = free_port()
    with serve(server.url, port, KENNISMAKELAAR_NEO4J_PASSWORD=PASSWORD) as process:
        assert process.stdout is not None
        yield Serving(process, port, process.stdout.readline())
        process.terminate()
        process.communicate(timeout=PATIENCE)
