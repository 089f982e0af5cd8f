"""Sitemaps (sitemaps.org, protocol 0.9) of the public pages, in parts where there are many."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from xml.sax.saxutils import escape

from kennismakelaar.model import Node
from kennismakelaar.standards.identity import page

LARGEST = 50_000
"""Addresses in one file."""
SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
PAGES = (
    "/",
    "/soort",
    "/thema",
    "/kennisvragen",
    "/netwerk",
    "/hoe-het-werkt",
    "/over",
    "/voor-ontwikkelaars",
    "/leerkringen",
)
"""Pages that are not of one record."""


def addresses(nodes: Iterable[Node], site: str, changed: Mapping[str, datetime]) -> list[tuple[str, str]]:
    """Every public page, each with the day on which it changed, or nothing where that is not known."""
    records = [(page(site, node), f"{changed[node.id]:%Y-%m-%d}" if node.id in changed else "") for node in nodes]
    return [*((site + path, "") for path in PAGES), *records]


def parts(listed: Sequence[tuple[str, str]], largest: int = LARGEST) -> list[Sequence[tuple[str, str]]]:
    """The addresses in as many files as are needed."""
    return [listed[start : start + largest] for start in range(0, max(1, len(listed)), largest)]


def written(listed: Iterable[tuple[str, str]], of_sitemaps: bool = False) -> str:
    """A sitemap, or an index of sitemaps."""
    whole, one = ("sitemapindex", "sitemap") if of_sitemaps else ("urlset", "url")
    lines = (f"<{one}><loc>{escape(address)}</loc>{_day(day)}</{one}>\n" for address, day in listed)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{whole} xmlns="{SPACE}">\n{"".join(lines)}</{whole}>\n'


def _day(day: str) -> str:
    return f"<lastmod>{day}</lastmod>" if day else ""
