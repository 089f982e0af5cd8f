"""How long until 5,000 records and 25,000 ties are drawn, and how smooth is it then? On the machine it runs on.

python -m benchmarks.drawing
"""

import logging
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import Page, sync_playwright

from benchmarks.tables import save
from kennismakelaar import encode
from kennismakelaar.broker import Broker
from kennismakelaar.model import Edge
from kennismakelaar.store_embedded import EmbeddedStore
from kennismakelaar.weights import read
from tests.web.conftest import CHROMIUM, FLAGS, node, served, source

NODES, TIES, GROUPS = 5_000, 25_000, 50
INSIDE = 0.85
"""Share of the ties within a group."""
SECONDS = 3
WATCH = """() => {
  window.frames_seen = [];
  let last = performance.now();
  const step = now => { window.frames_seen.push(now - last); last = now; requestAnimationFrame(step); };
  requestAnimationFrame(step);
}"""


@contextmanager
def filled() -> Iterator[str]:
    """The address of a website with that many organisations, in groups; most ties are within one."""
    draw = random.Random(2013)
    nodes = [
        node("organisation", f"club-{n}", f"Club nummer {n}", "Een club.", type="maatschappelijk") for n in range(NODES)
    ]
    pairs = set[tuple[int, int]]()
    while len(pairs) < TIES:
        a = draw.randrange(NODES)
        b = draw.randrange(NODES // GROUPS) * GROUPS + a % GROUPS if draw.random() < INSIDE else draw.randrange(NODES)
        if a < b:
            pairs.add((a, b))
    edges = [Edge("partners_with", f"club-{a}", f"club-{b}", source()) for a, b in sorted(pairs)]
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(Broker(EmbeddedStore(Path(folder) / "graph.db"), encode.load("none"), read())) as broker,
    ):
        broker.add(nodes, edges)
        with served(broker) as address:
            yield address


def fetched(address: str) -> tuple[float, int]:
    """Seconds and bytes."""
    start = time.perf_counter()
    with urlopen(address) as answer:
        size = len(answer.read())
    return time.perf_counter() - start, size


def drawn(page: Page, address: str) -> tuple[float, float, float]:
    """Seconds until the server's picture is there, until the browser has drawn its own, and how much of that is work."""
    tools = page.context.new_cdp_session(page)
    tools.send("Performance.enable", {"timeDomain": "threadTicks"})
    start = time.perf_counter()
    page.goto(address, wait_until="domcontentloaded")
    seen = time.perf_counter() - start
    page.wait_for_selector("#doek[data-ready]", timeout=120_000)
    ready = time.perf_counter() - start
    work = {one["name"]: one["value"] for one in tools.send("Performance.getMetrics")["metrics"]}["TaskDuration"]
    return seen, ready, float(work)


def dragged(page: Page) -> tuple[float, float]:
    """Milliseconds that the median frame lasts while someone drags the drawing about, and that 95% stay within."""
    box = page.locator("#doek").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + 20
    page.evaluate(WATCH)
    page.mouse.move(x, y)
    page.mouse.down()
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        page.mouse.move(x + 150, y + 60, steps=10)
        page.mouse.move(x - 150, y, steps=10)
    page.mouse.up()
    frames = sorted(page.evaluate("window.frames_seen"))
    return frames[len(frames) // 2], frames[int(len(frames) * 0.95)]


def main() -> int:
    """A table; with other work on the machine times are longer."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    rows: list[dict[str, object]] = []
    with filled() as address, sync_playwright() as playwright:
        for what, path in (("page, first time", ""), ("page, again", ""), ("JSON", ".json")):
            seconds, size = fetched(f"{address}/netwerk{path}")
            rows.append({"what": f"{what}, fetched", "measured": seconds, "unit": f"s ({size:,} bytes)"})
        with closing(playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)) as browser:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            seen, ready, work = drawn(page, f"{address}/netwerk")
            median, most = dragged(page)
    rows += [
        {"what": "server's picture there", "measured": seen, "unit": "s"},
        {"what": "drawn by the browser", "measured": ready, "unit": "s"},
        {"what": "processor time of the page", "measured": work, "unit": "s"},
        {"what": "median frame while dragging", "measured": median, "unit": "ms"},
        {"what": "95% of frames within", "measured": most, "unit": "ms"},
    ]
    targets = {
        "network page: seconds until 5,000 nodes are drawn": ready,
        "network page: frames a second while dragging": 1000 / median,
    }
    save("drawing", f"The page of a network of {NODES:,} records and {TIES:,} ties, in Chromium", rows, targets)
    return 0


if __name__ == "__main__":
    sys.exit(main())
