"""Many at once, and stopping in the middle: a real server with several workers, for some seconds."""

import fcntl
import json
import signal
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.load import Load, ask, filled, run
from kennismakelaar import encode
from kennismakelaar.broker import Broker
from kennismakelaar.config import Settings
from kennismakelaar.store_embedded import EmbeddedStore
from kennismakelaar.weights import read
from tests.conftest import free_port
from tests.web.conftest import EDGES, NODES
from tests.web.test_serve import PATIENCE, Serving, start


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "graph.db"
    with closing(Broker(EmbeddedStore(path), encode.load("none"), read())) as broker:
        broker.add(NODES, EDGES)
    return path


@pytest.mark.slow
def test_many_at_once_get_an_answer_and_no_write_is_lost(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KENNISMAKELAAR_ENCODER", "none")
    found = run(Settings(database=f"sqlite:///{database}"), Load(seconds=5, visitors=40, staff=2, think=0.5))
    assert (found.faults, found.lost, found.stopped) == (0, set(), 0), found.answers
    assert found.answers["vraag 200"] > 20
    assert len(found.kept) >= 2


def test_stopping_finishes_what_runs_and_counts_are_of_all_workers(database: Path) -> None:
    """A write that waits for its turn when the server is told to stop is done and answered."""
    port, cookies, answers = free_port(), dict[str, str](), list[str]()
    address = "/initiative/dorpswinkel/klopt-niet"
    with start(database, port) as process:
        assert process.stdout is not None
        serving = Serving(process, port, process.stdout.readline())
        for _ in range(6):
            assert serving.get("/thema")[0] == 200
        counted = serving.get("/metrics")[1]
        assert 'kennismakelaar_requests_total{endpoint="pages.themes",method="GET",status="200"} 6.0' in counted
        assert "kennismakelaar_running 0.0" in counted
        report = filled(ask(port, "GET", address, cookies)[2], {"tekst": "Dit is nu een bakker."})
        with open(f"{database}.lock", "w") as queue:
            fcntl.flock(queue, fcntl.LOCK_EX)
            asking = threading.Thread(target=lambda: answers.append(ask(port, "POST", address, cookies, report)[0]))
            asking.start()
            while "kennismakelaar_running 1.0" not in serving.get("/metrics")[1]:
                time.sleep(0.02)
            process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
        asking.join(PATIENCE)
        said = process.communicate(timeout=PATIENCE)[0]
    with closing(EmbeddedStore(database)) as store:
        assert [report.body["text"] for report in store.records("report")] == ["Dit is nu een bakker."]
    assert (answers, process.returncode) == (["200"], 0)
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert [line["status"] for line in lines if line["endpoint"] == "pages.themes"] == [200] * 6
