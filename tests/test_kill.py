"""Fifty times a process is killed in the middle of its work: nothing it said is lost, nothing is half."""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from kennismakelaar.store import Store
from kennismakelaar.store_neo4j import Neo4jStore
from tests import kill
from tests.conftest import NIGHTLY, Opening, Server

TIMES = 5 if NIGHTLY else 1
KILLS = {"sqlite": 40 * TIMES, "neo4j": 10 * TIMES}
MOST, LONGEST = 7, 0.03
"""Things that a writer may say at most before it is killed, and the seconds that it goes on meanwhile."""
PATIENCE = 20.0
SERVERS = get_context("forkserver")
SERVERS.set_forkserver_preload(["tests.kill"])


@dataclass
class Writer:
    """A process that writes and tells what is done."""

    orders: kill.Orders
    process: ForkServerProcess = field(init=False)
    pipe: Connection = field(init=False)

    def __post_init__(self) -> None:
        self.pipe, other = SERVERS.Pipe(duplex=False)
        self.process = SERVERS.Process(target=kill.work, args=(self.orders, other), daemon=True)
        self.process.start()
        other.close()
        assert self.pipe.poll(PATIENCE)
        assert self.pipe.recv() == (kill.OPENED, "")

    def kill(self, said: int, pause: float) -> list[tuple[str, str]]:
        """As a power failure would, in the middle of what comes after this many things; what it told."""
        told = [self.pipe.recv() for _ in range(said)]
        time.sleep(pause)
        self.process.kill()
        return told + self.end()

    def end(self) -> list[tuple[str, str]]:
        """What it told until it ended by itself."""
        told = list(self._told())
        self.process.join(PATIENCE)
        self.process.close()
        self.pipe.close()
        return told

    def _told(self) -> Iterator[tuple[str, str]]:
        while True:
            try:
                yield self.pipe.recv()
            except EOFError:
                return


@pytest.mark.slow
def test_nothing_said_is_lost_and_nothing_is_half_when_writers_are_killed(
    store: Store, opening: Opening, tmp_path: Path
) -> None:
    """One is killed while the next is at work already."""
    sort = "neo4j" if isinstance(store, Neo4jStore) else "sqlite"
    kill.begin(store)
    chance = random.Random(sort)
    told: list[tuple[str, str]] = []
    writers = [Writer(kill.Orders(opening, tmp_path, 0))]
    for turn in range(1, KILLS[sort] + 1):
        if turn < KILLS[sort]:
            writers.append(Writer(kill.Orders(opening, tmp_path, turn)))
        told += writers.pop(0).kill(chance.randint(0, MOST), chance.uniform(0, LONGEST))
    assert {what for what, _ in told} == kill.SAID
    assert kill.faults(store, told) == []


if NIGHTLY:  # each takes 25 seconds; tests/test_store_neo4j.py kills a server in every run

    @pytest.mark.neo4j
    @pytest.mark.parametrize("turn", range(5))
    def test_nothing_said_is_lost_and_nothing_is_half_when_the_server_is_killed(
        victim: Server, on_victim: Neo4jStore, tmp_path: Path, turn: int
    ) -> None:
        kill.begin(on_victim)
        writer = Writer(kill.Orders(Opening(victim.url), tmp_path, turn))
        told = [writer.pipe.recv() for _ in range(10 + turn)]
        victim.kill()
        told += writer.end()
        victim.start()
        assert kill.faults(on_victim, told) == []
