"""The real server, as a process of its own."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from kennismakelaar import encode
from kennismakelaar.broker import Broker
from kennismakelaar.store_embedded import EmbeddedStore
from kennismakelaar.weights import read
from tests.conftest import free_port
from tests.web.conftest import EDGES, NODES

PATIENCE = 20.0
"""Seconds within which the server must have started or stopped."""


@dataclass(frozen=True)
class Serving:
    """A server that said where it is."""

    process: subprocess.Popen[str]
    port: int
    said: str

    def get(self, address: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{address}", timeout=PATIENCE) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()


def start(database: Path, port: int, **environment: str) -> subprocess.Popen[str]:
    return serve(f"sqlite:///{database}", port, **environment)


def serve(url: str, port: int, **environment: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "kennismakelaar", "--database", url, "serve", "--port", str(port)]
    env = os.environ | {"KENNISMAKELAAR_ENCODER": "none"} | environment
    return subprocess.Popen(command, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "graph.db"
    with closing(Broker(EmbeddedStore(path), encode.load("none"), read())) as broker:
        broker.add(NODES, EDGES)
    return path


@pytest.fixture
def serving(database: Path) -> Iterator[Serving]:
    port = free_port()
    with start(database, port) as process:
        assert process.stdout is not None
        yield Serving(process, port, process.stdout.readline())
        process.kill()


def test_server_says_where_it_is_and_answers(serving: Serving) -> None:
    assert f"http://127.0.0.1:{serving.port}" in serving.said
    assert serving.get("/gezond")[0] == 200
    status, html = serving.get("/initiative/dorpswinkel")
    assert status == 200
    assert "Dorpswinkel De Schakel" in html


def test_long_question_is_refused_by_us_and_not_by_the_server(serving: Serving) -> None:
    status, html = serving.get("/vraag?q=" + "%C3%A9" * 10_000)
    assert status == 400
    assert "De vraag is te lang" in html


def test_server_stops_when_told_and_leaves_nothing_behind(serving: Serving) -> None:
    serving.get("/gezond")
    workers = children(serving.process.pid)
    assert workers
    serving.process.send_signal(signal.SIGTERM)
    assert serving.process.wait(PATIENCE) == 0
    assert not [pid for pid in workers if Path(f"/proc/{pid}").exists()]
    with pytest.raises(urllib.error.URLError):
        serving.get("/gezond")


def test_worker_that_dies_is_replaced(serving: Serving) -> None:
    serving.get("/gezond")
    before = children(serving.process.pid)
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE
    while not set(children(serving.process.pid)) - set(before) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert serving.get("/gezond")[0] == 200


def test_port_in_use_is_said_before_anything_starts(database: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = int(taken.getsockname()[1])
        out, error = finish(start(database, port))
    assert out == ""
    assert error == (
        f"kennismakelaar: Poort {port} op 127.0.0.1 is al in gebruik. Stop het programma dat daar draait, "
        f"of kies een andere poort: kennismakelaar serve --port {port + 1}.\n"
    )


def test_database_of_a_newer_version_is_refused_before_anything_starts(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE meta SET value = 999 WHERE key = 'version'")
        connection.commit()
    out, error = finish(start(database, free_port()))
    assert out == ""
    assert error.startswith("kennismakelaar: ")
    assert error.count("\n") == 1


def test_unknown_encoder_is_refused(database: Path) -> None:
    _, error = finish(start(database, free_port(), KENNISMAKELAAR_ENCODER="toverbal", KENNISMAKELAAR_WORKERS="1"))
    assert "Encoder 'toverbal' bestaat niet" in error
    assert "Traceback" not in error


def finish(process: subprocess.Popen[str]) -> tuple[str, str]:
    """What a server that will not start says; its exit code is 1."""
    with process:
        try:
            out, error = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
    assert process.returncode == 1
    return out, error
