"""The report on the network, opened as a file in a real browser; screenshots are kept in test-output/."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from kennismakelaar.network import report
from kennismakelaar.network.published import Published
from tests.test_network_package import village
from tests.web.test_browser import AXE, RULES, SIZES, keep, violations

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report on the small graph."""
    nodes, edges = village()
    out = tmp_path_factory.mktemp("report") / "verslag.html"
    report.write(report.make(Published(tuple(nodes), tuple(edges), 1, False), "full"), out)
    return out


@pytest.mark.parametrize("size", SIZES)
def test_the_report_fits_asks_nothing_from_elsewhere_and_is_accessible(browser: Browser, file: Path, size: str) -> None:
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height})
    page, asked = context.new_page(), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: asked.append(said.text))
    page.goto(file.as_uri())
    keep(page, f"report-{size}")
    page.evaluate(AXE)
    assert violations(page, RULES) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [url for url in asked if not url.startswith("data:image/svg+xml")] == [file.as_uri()]
    context.close()
