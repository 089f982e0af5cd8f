"""A long list through an import: time and the most memory of each step, for one tenth of the rows and for all.

python -m benchmarks.imports 100000

By words alone (encoder none): with a language model, indexing takes its time for every record.
"""

import random
import resource
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from kennismakelaar import encode, seed, weights
from kennismakelaar.broker import Broker
from kennismakelaar.imports import job, mapping, runs
from kennismakelaar.store_embedded import EmbeddedStore

SYLLABLES = (
    "buurt dorp tuin winkel zorg huis club kamer markt plein school water energie rand hof werk fiets kunst".split()
)
PLACES = "Amsterdam Utrecht Zwolle Rotterdam Leeuwarden Tilburg Enschede Deventer".split()
MOST_UNDONE = 10_000
"""Rows up to which the import is taken back too; it takes as long again."""


def write(path: Path, rows: int) -> None:
    """A list of initiatives with names that differ."""
    chance = random.Random(2013)
    with open(path, "w", encoding="cp1252") as file:
        file.write("Nummer;Naam;Omschrijving;Plaats;Jaar;Website\n")
        for number in range(rows):
            name = " ".join(chance.choices(SYLLABLES, k=3)).capitalize()
            text = f"Bewoners doen samen iets met {' en '.join(chance.choices(SYLLABLES, k=6))}, één keer per week."
            site = f"https://voorbeeld.nl/{number}"
            file.write(
                f"B{number};{name} {number};{text};{chance.choice(PLACES)};{chance.randint(1990, 2026)};{site}\n"
            )


def measure(rows: int) -> None:
    """Plan, write and undo in this process."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "initiatieven.csv"
        write(path, rows)
        store = EmbeddedStore(Path(folder) / "graph.db")
        with closing(Broker(store, encode.load("none"), weights.read())) as broker:
            broker.add(*seed.read())
            _tell(f"{rows:,} rows, {path.stat().st_size / 2**20:.0f} MB; at the start {_memory():.0f} MB")
            began = time.perf_counter()
            with job.opened(path) as listing:
                readings = mapping.propose(listing, broker.store)
                with job.planned(broker.store, listing, readings, "Proef") as work:
                    _tell(f"planned in {time.perf_counter() - began:.1f} s, {_memory():.0f} MB: {work.spool.counts()}")
                    began = time.perf_counter()
                    run = runs.apply(
                        broker, runs.begin(work.spool, path, "Proef", "proef", False), work.spool, work.origin
                    )
            _tell(f"written ({run.written:,}) in {time.perf_counter() - began:.1f} s, {_memory():.0f} MB")
            if rows <= MOST_UNDONE:
                began = time.perf_counter()
                runs.undo(broker, run.id, "proef")
                _tell(f"undone in {time.perf_counter() - began:.1f} s, {_memory():.0f} MB")


def _tell(text: str) -> None:
    print(text, flush=True)


def _memory() -> float:
    """The most this process has had so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    wanted = int(sys.argv[1])
    if len(sys.argv) > 2:
        measure(wanted)
    else:
        for rows in (wanted // 10, wanted):
            subprocess.run([sys.executable, __file__, str(rows), "here"], check=True)
