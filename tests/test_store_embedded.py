"""What only the store in a file must do: survive, refuse, and keep its files small."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from kennismakelaar.embedded_tables import VERSION
from kennismakelaar.errors import StoreRefused
from kennismakelaar.model import Node
from kennismakelaar.store_embedded import WAL_LIMIT, EmbeddedStore

WRITE_FOR_EVER = """
import sys
from pathlib import Path
from kennismakelaar.model import Node
from kennismakelaar.store_embedded import EmbeddedStore
store = EmbeddedStore(Path(sys.argv[1]))
for n in range(1_000_000):
    store.put([Node(f"n{n}", "theme", "x" * 2_000), Node(f"m{n}", "theme", "y")], [])
    print(n, flush=True)
"""


@pytest.mark.parametrize("acknowledged", [1, 20, 60])
def test_nothing_acknowledged_is_lost_when_a_writer_is_killed(tmp_path: Path, acknowledged: int) -> None:
    path = tmp_path / "graph.db"
    with subprocess.Popen([sys.executable, "-c", WRITE_FOR_EVER, path], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        last = [int(writer.stdout.readline()) for _ in range(acknowledged)][-1]
        os.kill(writer.pid, signal.SIGKILL)
        last = max([last, *(int(line) for line in writer.stdout.read().splitlines())])
    with closing(EmbeddedStore(path)) as store:
        found = {node.id for node in store.nodes()}
        assert found >= {f"n{n}" for n in range(last + 1)}
        assert len(found) == 2 * store.revision(), "half a write"
        store.put([Node("daarna", "theme", "Het werkt nog")], [])
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"
    EmbeddedStore(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE meta SET value = ? WHERE key = 'version'", (VERSION + 1,))
        db.commit()
    with pytest.raises(StoreRefused, match="nieuwere versie"):
        EmbeddedStore(path)


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "brief.txt"
    path.write_text("Beste lezer, " * 200)
    with pytest.raises(StoreRefused, match=r"brief\.txt is geen"):
        EmbeddedStore(path)
    assert path.read_text() == "Beste lezer, " * 200


def test_a_place_where_no_file_can_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bestand").touch()
    with pytest.raises(StoreRefused, match="niet te openen"):
        EmbeddedStore(tmp_path / "bestand" / "graph.db")
    with pytest.raises(StoreRefused, match="niet te openen"):
        EmbeddedStore(Path("/proc/nergens/graph.db"))


def test_the_folder_of_the_file_is_made(tmp_path: Path) -> None:
    path = tmp_path / "een" / "twee" / "graph.db"
    EmbeddedStore(path).close()
    assert path.exists()


def test_the_write_ahead_log_is_trimmed(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"
    with closing(EmbeddedStore(path)) as store:
        for n in range(20):
            store.put([Node(f"n{n}", "theme", "x" * (WAL_LIMIT // 10))], [])
        assert Path(f"{path}-wal").stat().st_size <= WAL_LIMIT
        assert len(list(store.nodes())) == 20


def test_a_closed_store_opens_again_by_itself(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "graph.db")
    store.put([Node("a", "theme", "A")], [])
    store.close()
    assert store.get("a").name == "A"
    store.close()
