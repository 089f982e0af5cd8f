"""Every sort of page at 100,000 entities: time to first byte, size, and how many a second four workers serve.

python -m benchmarks.pages 100000        # on the graph that benchmarks/asking.py left in .cache/bench
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from flask import Flask

from benchmarks import peers
from benchmarks.asking import CACHE, ROOT
from benchmarks.graphs import Composed
from benchmarks.tables import median, save, spread
from kennismakelaar import weights
from kennismakelaar.broker import Broker
from kennismakelaar.store_embedded import EmbeddedStore
from web import access
from web.app import create_app

WORKERS, CLIENTS, SECONDS, LOOKS = 4, 8, 6.0, 5
PATIENCE = 400.0
PAGES = {
    "home": "/",
    "results": "/vraag?q={question}",
    "entity": "/organisation/movisie",
    "theme with most relations": "/theme/burgerparticipatie",
    "themes": "/thema",
    "list of a kind": "/soort/organisation",
    "kinds": "/soort",
    "publication as source": "/bron/doe-democratie-nota",
    "network": "/netwerk",
    "how it works": "/hoe-het-werkt",
    "about": "/over",
    "results as JSON": "/vraag.json?q={question}",
}
OFTEN = ("home", "results", "entity")


def website() -> Flask:
    """For gunicorn, in each worker."""
    folder = Path(os.environ["BENCH_FOLDER"])
    access.limiter.enabled = False
    data = peers.Data(folder)
    encoder = Composed(dict(zip(data.questions, np.array(data.asked), strict=True)))
    broker = Broker(EmbeddedStore(folder / "graph.db"), encoder, weights.read())
    broker.ask(data.questions[0])
    return create_app(broker)


class Site:
    """The server, and questions that have a vector."""

    def __init__(self, folder: Path) -> None:
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.questions = peers.Data(folder).questions
        self.turn = iter(range(10**9))
        command = [sys.executable, "-m", "gunicorn", "-w", str(WORKERS), "-k", "gthread", "--threads", "8", "-t", "600"]
        bind = ["-b", f"127.0.0.1:{self.port}", "benchmarks.pages:website()"]
        self.process = subprocess.Popen(
            [*command, *bind], cwd=ROOT, env=os.environ | {"BENCH_FOLDER": str(folder)}, stderr=subprocess.DEVNULL
        )

    def get(self, page: str) -> tuple[float, float, int, int]:
        """Seconds to the first byte and to the last, bytes and status."""
        path = PAGES[page].format(question=quote(self.questions[next(self.turn) % len(self.questions)]))
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as line:
            start = time.perf_counter()
            line.request("GET", path)
            answer = line.getresponse()
            first = time.perf_counter() - start
            size = len(answer.read())
            return first, time.perf_counter() - start, size, answer.status

    def wait(self) -> float:
        """Seconds until it answers."""
        start = time.perf_counter()
        while time.perf_counter() - start < PATIENCE:
            try:
                self.get("about")
                return time.perf_counter() - start
            except OSError:
                time.sleep(0.5)
        raise SystemExit("the website does not answer")

    def close(self) -> None:
        """The server and its workers."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def looked(site: Site, page: str) -> dict[str, Any]:
    """A row for one page."""
    found = [site.get(page) for _ in range(LOOKS)]
    firsts = [first for first, *_ in found]
    return {
        "page": page, "first byte, median (s)": median(firsts), "spread": spread(firsts), "slowest (s)": max(firsts),
        "bytes": found[-1][2], "status": found[-1][3],
    }  # fmt: skip


def rate(site: Site, page: str) -> float:
    """Requests a second, of so many clients that ask again at once."""
    done, end = [0] * CLIENTS, time.perf_counter() + SECONDS

    def ask(number: int) -> None:
        while time.perf_counter() < end:
            done[number] += site.get(page)[3] == 200

    clients = [threading.Thread(target=ask, args=(number,)) for number in range(CLIENTS)]
    start = time.perf_counter()
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    return sum(done) / (time.perf_counter() - start)


def main() -> None:
    """A table."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with closing(Site(CACHE / str(size))) as site:
        started = site.wait()
        rows = [looked(site, page) for page in PAGES]
        for row in rows:
            row["requests a second"] = rate(site, row["page"]) if row["page"] in OFTEN else ""
    targets: dict[str, float] = {}
    if size == 100_000:
        targets = {f"pages 100k: requests a second, {row['page']}": row["requests a second"] for row in rows[:3]}
        targets["pages 100k: slowest median time to first byte (s)"] = max(r["first byte, median (s)"] for r in rows)
    notes = (f"{WORKERS} workers, {CLIENTS} clients; the website answered {started:.0f} s after its start.",)
    save("pages", f"Pages at {size:,} entities", rows, targets, notes)


if __name__ == "__main__":
    main()
