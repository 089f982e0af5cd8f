"""What whoever keeps the website running sees of it, and what it does when it is too busy."""

import io
import json
import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NoReturn

import pytest
from flask.testing import FlaskClient

from kennismakelaar.broker import Broker
from kennismakelaar.config import Settings
from kennismakelaar.errors import StoreGone
from web import watch
from web.app import create_app

PLANTED = ("Bea-Geheim", "bea@geheim.nl", "mijn-buurvrouw-is-ziek", "personal-link-9f8e")


def gone() -> NoReturn:
    raise StoreGone("De database antwoordt niet. Kijk of de server draait.")


def broken() -> NoReturn:
    raise ValueError(f"onverwacht bij {PLANTED[0]}")


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What a process of the website writes in its log."""
    stream, logger = io.StringIO(), logging.getLogger("web")
    before = logger.handlers, logger.propagate, logger.level
    watch.log_to(stream)
    yield stream
    logger.handlers, logger.propagate, logger.level = before[0], before[1], before[2]


def test_alive_asks_nothing_of_the_database_and_ready_does(client: FlaskClient) -> None:
    away = create_app(gone).test_client()
    assert [away.get(page).status_code for page in ("/health", "/ready")] == [200, 503]
    assert client.get("/ready").json == {"ok": True, "revision": client.get("/ready").json["revision"]}  # type: ignore[index]


def test_a_request_keeps_the_id_that_a_proxy_gave_if_it_is_well_formed(client: FlaskClient) -> None:
    given = client.get("/health", headers={"X-Request-ID": "abc-12345678"})
    assert given.headers["X-Request-ID"] == "abc-12345678"
    for bad in ("kort", 'x"y z <b> aaaaaa', "a" * 65):
        made = client.get("/health", headers={"X-Request-ID": bad}).headers["X-Request-ID"]
        assert made != bad
        assert watch.GOOD_ID.fullmatch(made)


def test_the_log_has_a_line_for_each_request_and_nothing_of_people(broker: Broker, lines: io.StringIO) -> None:
    client = create_app(broker).test_client()
    client.get(f"/vraag?q={PLANTED[2]}+{PLANTED[1]}", headers={"X-Request-ID": "abc-12345678"})
    client.get(f"/uitnodiging/{PLANTED[3]}")
    client.get(f"/nergens/{PLANTED[0]}", headers={"User-Agent": PLANTED[0]})
    client.post("/inloggen", data={"naam": PLANTED[0], "wachtwoord": PLANTED[2]})
    create_app(broken).test_client().get(f"/vraag?q={PLANTED[2]}")
    told = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert {"time", "level", "what", "id", "endpoint", "method", "status", "ms"} == set(told[0])
    assert (told[0]["id"], told[0]["endpoint"], told[0]["status"]) == ("abc-12345678", "pages.ask", 200)
    assert (told[-2]["what"], told[-2]["error"]) == ("fault", "ValueError")
    assert (told[-1]["level"], told[-1]["status"]) == ("error", 500)
    assert [planted for planted in PLANTED if planted in lines.getvalue()] == []


def test_a_fault_shows_a_visitor_no_trace(lines: io.StringIO) -> None:
    answer = create_app(broken).test_client().get("/vraag?q=winkel")
    assert (answer.status_code, "Er ging iets mis bij ons" in answer.text) == (500, True)
    assert "Traceback" not in answer.text
    assert "onverwacht" not in answer.text


def test_counts_are_by_endpoint_and_never_by_address(broker: Broker) -> None:
    client = create_app(broker).test_client()
    client.get(f"/vraag?q={PLANTED[2]}")
    client.get(f"/initiative/{PLANTED[3]}")
    text = client.get("/metrics").text
    assert 'kennismakelaar_requests_total{endpoint="pages.ask",method="GET",status="200"} 1.0' in text
    assert 'endpoint="pages.show",method="GET",status="404"' in text
    assert 'kennismakelaar_request_seconds_count{endpoint="pages.ask"} 1.0' in text
    assert [planted for planted in PLANTED if planted in text] == []


def test_counts_are_for_this_machine_or_for_who_has_the_token(broker: Broker) -> None:
    here, elsewhere = create_app(broker).test_client(), {"REMOTE_ADDR": "203.0.113.9"}
    assert here.get("/metrics").status_code == 200
    assert here.get("/metrics", environ_base=elsewhere).status_code == 403
    assert here.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 403
    guarded = create_app(broker, Settings(metrics_token="een-lang-woord")).test_client()
    assert guarded.get("/metrics").status_code == 403
    token = {"Authorization": "Bearer een-lang-woord"}
    assert guarded.get("/metrics", headers=token, environ_base=elsewhere).status_code == 200


def test_beyond_its_limit_a_worker_says_at_once_that_it_is_busy(broker: Broker) -> None:
    """One request works, one waits, the third hears 503; the two are answered afterwards."""
    at_work, go_on = threading.Semaphore(0), threading.Event()

    def slow() -> Broker:
        at_work.release()
        go_on.wait(10)
        return broker

    app = create_app(slow)
    app.extensions["watch"].gate = watch.Gate(1, 1)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(lambda: app.test_client().get("/thema"))
        at_work.acquire(timeout=10)
        second = pool.submit(lambda: app.test_client().get("/thema"))
        while app.extensions["watch"].gate._places._value:
            pass
        third = app.test_client().get("/thema")
        alive = app.test_client().get("/health")
        go_on.set()
    assert (third.status_code, third.headers["Retry-After"]) == (503, str(watch.RETRY_AFTER))
    assert "Het is nu erg druk" in third.text
    assert [first.result().status_code, second.result().status_code, alive.status_code] == [200, 200, 200]
    assert "kennismakelaar_busy_total 1.0" in app.test_client().get("/metrics").text
