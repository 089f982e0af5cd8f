"""While the graph database is away, visitors read on: pages as they were when last shown."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask, Response, current_app, render_template, request
from flask_babel import format_time

from kennismakelaar.moments import now
from web.access import current
from web.reply import broker

PAGES, OLDEST = 500, timedelta(hours=1)
"""How many are kept, and how long: the database may have changed since, where we cannot see it."""
READABLE = ("pages", "explore")
"""Blueprints of which pages are kept: what everyone may read. An answer is shown to who asks the same question only."""


@dataclass(frozen=True)
class Page:
    """A page as it was shown."""

    html: str
    at: datetime


class Kept:
    """The latest pages of one revision of the graph, by their address. Threads may share it."""

    def __init__(self) -> None:
        """None yet."""
        self._pages: OrderedDict[str, Page] = OrderedDict()
        self._revision = -1
        self._lock = threading.Lock()

    def keep(self, address: str, html: str, revision: int) -> None:
        """This page; those of another revision go, also because someone may have been erased since."""
        with self._lock:
            if revision != self._revision:
                self._pages.clear()
                self._revision = revision
            self._pages.pop(address, None)
            self._pages[address] = Page(html, now())
            if len(self._pages) > PAGES:
                self._pages.popitem(last=False)

    def find(self, address: str) -> Page | None:
        """The page at this address, unless it is too old."""
        page = self._pages.get(address)
        return page if page and now() - page.at < OLDEST else None


def add(app: Flask) -> None:
    """Keep what visitors are shown."""
    app.extensions["stand_in"] = Kept()
    app.after_request(_keep)


def page() -> Response | None:
    """What was last shown at this address, with a line that says so; None where nothing was kept."""
    kept: Kept = current_app.extensions["stand_in"]
    if not _is_readable() or not (found := kept.find(_address())):
        return None
    told = render_template("_away.html", time=format_time(found.at, "HH:mm"))
    return Response(found.html.replace("<main ", f"{told}<main ", 1), headers={"Cache-Control": "no-store"})


def _keep(response: Response) -> Response:
    is_new = response.status_code == 200 and not response.cache_control.no_store
    if is_new and response.mimetype == "text/html" and _is_readable():
        kept: Kept = current_app.extensions["stand_in"]
        kept.keep(_address(), response.get_data(as_text=True), broker().seen)
    return response


def _is_readable() -> bool:
    return request.method == "GET" and request.blueprint in READABLE and not current().name


def _address() -> str:
    return request.root_path + request.full_path
