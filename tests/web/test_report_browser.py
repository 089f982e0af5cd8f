"""The report on the network, opened as a file in a real browser; screenshots are kept in test-output/."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser

from kennismakelaar.network import report
from kennismakelaar.network.published import Published
from tests.test_network_package import village
from tests.web.test_browser import SIZES, keep, violations

pytestmark = pytest.mark.browser


SHOWN: Mapping[str, tuple[str, Literal["light", "dark"]]] = {"desktop": ("nl", "light"), "phone": ("en", "dark")}


@pytest.mark.parametrize("size", SHOWN)
def test_the_report_fits_asks_nothing_from_elsewhere_and_is_accessible(
    browser: Browser, tmp_path: Path, size: str
) -> None:
    """Of the small graph."""
    (width, height), (language, scheme) = SIZES[size], SHOWN[size]
    nodes, edges = village()
    file = tmp_path / "verslag.html"
    report.write(report.make(Published(tuple(nodes), tuple(edges), 1, False), "full", language), file)
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page, asked = context.new_page(), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: asked.append(said.text))
    page.goto(file.as_uri())
    keep(page, f"report-{size}")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [url for url in asked if not url.startswith("data:image/svg+xml")] == [file.as_uri()]
    context.close()
