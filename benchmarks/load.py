"""Visitors who ask and staff who write, all at once, against a server with several workers.

    KENNISMAKELAAR_DATABASE=sqlite:////tmp/load.db .venv/bin/python -m benchmarks.load --minutes 10

The database is one that `kennismakelaar init` made and that may be thrown away: users and cases are added to it. Starts
the server, asks from this process, stops the server, and then looks in the database for every note that was acknowledged.
"""

import argparse
import dataclasses
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import quote, urlencode

from kennismakelaar import users
from kennismakelaar.config import Settings
from kennismakelaar.database import open_store
from kennismakelaar.desk import cases
from kennismakelaar.desk.cases import Case
from kennismakelaar.evaluate import read
from kennismakelaar.model import Change
from kennismakelaar.users import Role

QUESTIONS = Path(__file__).resolve().parent.parent / "tests" / "eval" / "own_train.tsv"
SECRET = "een lange zin voor de meting"
PATIENCE = 60.0


@dataclasses.dataclass(frozen=True)
class Load:
    """How much of everything."""

    seconds: float
    visitors: int = 100
    staff: int = 4
    workers: int = 2
    think: float = 2.0
    """Seconds between two questions of one visitor, on average."""


@dataclasses.dataclass
class Measured:
    """What came of it."""

    answers: Counter[str] = dataclasses.field(default_factory=Counter)
    """By who asked and status; 'afgebroken' where there was no answer."""
    times: list[float] = dataclasses.field(default_factory=list)
    """Seconds of each question that was answered with 200."""
    kept: set[str] = dataclasses.field(default_factory=set)
    """Notes that were acknowledged."""
    lost: set[str] = dataclasses.field(default_factory=set)
    memory: list[int] = dataclasses.field(default_factory=list)
    """Megabytes of all workers together, over time."""
    stopped: int | None = None
    """Exit code of the server."""

    def at(self, share: float) -> float:
        """The time within which this share of the questions was answered."""
        return sorted(self.times)[int(share * (len(self.times) - 1))]

    @property
    def faults(self) -> int:
        """Answers from 500 on that are not 'too busy', and those that never came."""
        return sum(n for what, n in self.answers.items() if re.search(r"afgebroken|5(?!03)\d\d", what))


def run(settings: Settings, load: Load) -> Measured:
    """Everything, from making users to counting what was lost."""
    prepare(settings, load)
    measured, end = Measured(), threading.Event()
    port = _free_port()
    command = [sys.executable, "-m", "kennismakelaar", "--database", settings.database, "serve"]
    command += ["--port", str(port), "--workers", str(load.workers)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        server.stdout.readline()
        threading.Thread(target=server.stdout.read, daemon=True).start()  # its log
        tasks = [threading.Thread(target=_visit, args=(port, n, load, measured, end)) for n in range(load.visitors)]
        tasks += [threading.Thread(target=_write, args=(port, n, measured, end)) for n in range(load.staff)]
        for task in tasks:
            task.start()
        _watch(server.pid, load.seconds, measured)
        end.set()
        for task in tasks:
            task.join(PATIENCE)
        server.send_signal(signal.SIGTERM)
        measured.stopped = server.wait(PATIENCE)
    with closing(open_store(settings.database, settings)) as store:
        there = {note.why for record in store.records(cases.KIND) for note in cases.case_of(record).notes}
    measured.lost = measured.kept - there
    return measured


def prepare(settings: Settings, load: Load) -> None:
    """A colleague and a case for each of the staff."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    with closing(open_store(settings.database, settings)) as store:
        there = {user.name for user in users.everyone(store)}
        for n in range(load.staff):
            if f"lader-{n}" not in there:
                users.add(store, f"lader-{n}", Role.STAFF, SECRET)
                made = Case(f"zaak-lader-{n}", "Onze buurtwinkel gaat dicht, wie helpt ons?", now, now)
                store.write(Change(records=[cases.as_record(made)]))


def _visit(port: int, number: int, load: Load, measured: Measured, end: threading.Event) -> None:
    chance, questions = random.Random(number), [q.query for q in read(QUESTIONS)]
    end.wait(chance.uniform(0, load.think))
    while not end.is_set():
        began = time.perf_counter()
        status, wait, _ = ask(port, "GET", "/vraag?q=" + quote(chance.choice(questions)))
        measured.answers[f"vraag {status}"] += 1
        if status == "200":
            measured.times.append(time.perf_counter() - began)
        end.wait(wait or chance.uniform(0, 2 * load.think))


def _write(port: int, number: int, measured: Measured, end: threading.Event) -> None:
    """Notes on one case, each on the version that the page showed."""
    cookies: dict[str, str] = {}
    form = {"naam": f"lader-{number}", "wachtwoord": SECRET}
    while not _send(port, cookies, "/inloggen", "/inloggen", form)[0].startswith("3") and not end.is_set():
        end.wait(1)
    page, count = f"/bureau/zaak/zaak-lader-{number}", 0
    while not end.is_set():
        count += 1
        note = f"notitie {number}-{count}-{os.getpid()}"
        status, wait = _send(port, cookies, page, f"{page}/notitie", {"tekst": note})
        measured.answers[f"notitie {status}"] += 1
        if status == "303":
            measured.kept.add(note)
        end.wait(wait or 0.5)


def _send(port: int, cookies: dict[str, str], page: str, to: str, form: dict[str, str]) -> tuple[str, float]:
    """Load the page, fill in the form, send it."""
    status, wait, text = ask(port, "GET", page, cookies)
    if "csrf_token" not in text:
        return f"pagina {status}", wait
    status, wait, _ = ask(port, "POST", to, cookies, filled(text, form))
    return status, wait


def filled(page: str, form: dict[str, str]) -> str:
    """What a browser sends of a page with a form: what is hidden in it, and what was typed."""
    found = {name: re.search(rf'name="{name}" value="([^"]*)"', page) for name in ("csrf_token", "versie")}
    return urlencode({name: value[1] for name, value in found.items() if value} | form)


def ask(
    port: int, method: str, address: str, cookies: dict[str, str] | None = None, body: str = ""
) -> tuple[str, float, str]:
    """Status, seconds to wait before trying again, and the page."""
    cookies = {} if cookies is None else cookies
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())} if cookies else {}
    if method == "POST":
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    try:
        with closing(HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
            connection.request(method, address, body or None, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
    except (OSError, HTTPException):
        return "afgebroken", 1.0, ""
    for cookie in answer.headers.get_all("Set-Cookie", []):
        name, _, rest = cookie.partition("=")
        cookies[name] = rest.partition(";")[0]
    return str(answer.status), float(answer.headers.get("Retry-After", 0)), text


def _watch(server: int, seconds: float, measured: Measured) -> None:
    """Memory of the workers, sixty times."""
    for _ in range(60):
        time.sleep(seconds / 60)
        children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
        measured.memory.append(sum(_resident(child) for child in children) // 1024)


def _resident(pid: str) -> int:
    """Kilobytes; 0 where the process is gone."""
    try:
        return int(re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[0])
    except (OSError, IndexError):
        return 0


def _free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        return int(probe.getsockname()[1])


def main() -> None:
    """A Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--visitors", type=int, default=100)
    parser.add_argument("--staff", type=int, default=4)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--think", type=float, default=2.0)
    asked = parser.parse_args()
    load = Load(60 * asked.minutes, asked.visitors, asked.staff, asked.workers, asked.think)
    found = run(Settings.from_env(), load)
    print("| what | measured |\n|---|---|")
    for what, number in sorted(found.answers.items()):
        print(f"| {what} | {number} |")
    if found.times:
        print(f"| questions a second | {len(found.times) / load.seconds:.1f} |")
        print(f"| p50, p95, p99 of a question | {found.at(0.5):.2f}, {found.at(0.95):.2f}, {found.at(0.99):.2f} s |")
    print(f"| faults: 5xx but 503, and no answer | {found.faults} |")
    print(f"| notes acknowledged, lost | {len(found.kept)}, {len(found.lost)} |")
    tenths = found.memory[:: max(1, len(found.memory) // 10)]
    print(f"| MB of all workers, over time | {', '.join(map(str, [*tenths, found.memory[-1]]))} |")
    print(f"| exit code of the server when told to stop | {found.stopped} |")


if __name__ == "__main__":
    main()
