"""Both stores for every test that asks for one. The Neo4j server is a real one, started once for the whole run."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import neo4j
import pytest

from kennismakelaar import seed
from kennismakelaar.neo4j_rows import quoted
from kennismakelaar.store import Store
from kennismakelaar.store_embedded import EmbeddedStore
from kennismakelaar.store_neo4j import Neo4jStore

SCRIPT = Path(__file__).parent / "neo4j" / "neo4j-server"
PASSWORD = "alleen-voor-toetsen"


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
        try:
            yield
        finally:
            os.kill(self.pid, signal.SIGCONT)

    def run(self, command: str) -> str:
        environment = os.environ | {
            "NEO4J_HOME_DIR": str(self.home),
            "NEO4J_BOLT_PORT": str(self.port),
            "NEO4J_PASSWORD": PASSWORD,
            "NEO4J_FAST": "1",
            "NEO4J_HEAP": "512m",
            "NEO4J_PAGECACHE": "64m",
            "NEO4J_OWNER": str(os.getpid()),
        }
        done = subprocess.run([SCRIPT, command], env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.fail(f"neo4j-server {command}: {done.stdout}{done.stderr}")
        return done.stdout

    def cypher(self, statement: str, **values: object) -> list[dict[str, object]]:
        """As someone with Cypher at hand would, past the store."""
        with neo4j.GraphDatabase.driver(self.url, auth=("neo4j", PASSWORD), notifications_min_severity="OFF") as driver:
            return [record.data() for record in driver.execute_query(statement, values, database_="neo4j").records]

    def wipe(self) -> None:
        """No nodes, and no indexes of models; the other indexes stay, since they take seconds to make."""
        self.cypher("MATCH (n) DETACH DELETE n")
        for row in self.cypher("SHOW VECTOR INDEXES YIELD name"):
            self.cypher(f"DROP INDEX {quoted(str(row['name']))}")


def _is_running(pid: int) -> bool:
    return "(java) Z" not in Path(f"/proc/{pid}/stat").read_text()


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
        server.stop()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The one server of this run."""
    with running(tmp_path_factory.mktemp("neo4j")) as server:
        yield server


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
