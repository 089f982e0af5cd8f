"""The website is the same on both stores, and comes back by itself after the database was away."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from kennismakelaar import encode
from kennismakelaar.broker import Broker
from kennismakelaar.store import Store
from kennismakelaar.store_neo4j import Neo4jStore
from kennismakelaar.weights import read
from tests.conftest import PASSWORD, running
from tests.web.conftest import EDGES, NODES
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
def test_a_page_says_that_the_database_is_away_and_recovers_without_a_new_app(tmp_path: Path) -> None:
    with (
        running(tmp_path / "home") as server,
        closing(Neo4jStore(server.url, "neo4j", PASSWORD, patience=1.0)) as store,
    ):
        client = create_app(broker_on(store)).test_client()
        assert client.get("/thema").status_code == 200
        server.kill()
        away = client.get("/thema")
        assert (away.status_code, away.headers["Retry-After"]) == (503, "10")
        assert server.url.removeprefix("bolt://") in away.get_data(as_text=True)
        server.start()
        assert client.get("/thema").status_code == 200
