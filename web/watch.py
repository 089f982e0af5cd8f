"""For whoever keeps the website running: alive and ready, what is counted, one line of log a request, and a limit to how much runs at once."""

import hmac
import json
import logging
import os
import re
import secrets
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import PurePath
from traceback import extract_tb
from typing import Any, TextIO

from flask import Blueprint, Flask, Response, current_app, g, jsonify, request

from kennismakelaar import __version__, language
from kennismakelaar.errors import Forbidden
from kennismakelaar.language import gettext as _
from web.language import asked_in
from web.reply import broker, settings

RUNNING, WAITING = 4, 20
"""Requests that a worker works on at once, and that may wait for it; with them full, the next hears that it is busy."""
LONGEST_WAIT = 10.0
"""Seconds that a request waits for its turn."""
RETRY_AFTER = 5
"""Seconds after which it makes sense to try again when it was busy."""
ALWAYS = ("/health", "/ready", "/metrics", "/static/")
"""What is answered however busy it is."""
GOOD_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
"""Of a request, when a proxy gave one; any other is replaced, so that nobody writes what they like in the log."""
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Names where workers keep their counts, so that each can tell those of all."""
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ID, ENDPOINT = "kennismakelaar.id", "kennismakelaar.endpoint"

bp = Blueprint("watch", __name__)
log = logging.getLogger("web.requests")
Start = Callable[..., Any]


class Metrics:
    """What is counted. By endpoint and never by address: addresses hold questions and personal links."""

    def __init__(self) -> None:
        """The library looks for FOLDER when it is imported, so it is imported here: in a worker, after that was made."""
        import prometheus_client

        self._library = prometheus_client
        self.registry = prometheus_client.CollectorRegistry()
        self.answers = prometheus_client.Counter(
            "kennismakelaar_requests", "Answers by endpoint, method and status.", ["endpoint", "method", "status"],
            registry=self.registry,
        )  # fmt: skip
        self.seconds = prometheus_client.Histogram(
            "kennismakelaar_request_seconds", "Seconds from arrival to answer.", ["endpoint"], registry=self.registry
        )
        self.running = prometheus_client.Gauge(
            "kennismakelaar_running", "Requests being worked on.", registry=self.registry, multiprocess_mode="livesum"
        )
        self.busy = prometheus_client.Counter(
            "kennismakelaar_busy", "Requests that were told that it is too busy.", registry=self.registry
        )

    def text(self) -> bytes:
        """The counts of all workers together, as Prometheus reads them."""
        registry = self.registry
        if FOLDER in os.environ:
            from prometheus_client.multiprocess import MultiProcessCollector

            registry = self._library.CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return self._library.generate_latest(registry)


class Gate:
    """Lets RUNNING requests through at once; WAITING more wait for their turn."""

    def __init__(self, running: int, waiting: int) -> None:
        """Both at least one."""
        self._turns = threading.Semaphore(running)
        self._places = threading.Semaphore(running + waiting)

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """Whether the request may go on; False at once where no place is left, or after LONGEST_WAIT."""
        if not self._places.acquire(blocking=False):
            yield False
            return
        try:
            if not self._turns.acquire(timeout=LONGEST_WAIT):
                yield False
                return
            try:
                yield True
            finally:
                self._turns.release()
        finally:
            self._places.release()


class Watch:
    """Around the whole website: an id, a turn, a count and a line of log for each request."""

    def __init__(self, app: Flask) -> None:
        """Takes the place of the app for the server."""
        self._inner = app.wsgi_app
        self._pages = {code: _page_in(code, app) for code in language.LANGUAGES}
        self.gate, self.metrics = Gate(RUNNING, WAITING), Metrics()

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        """One request."""
        began, said = time.perf_counter(), [500]
        given = str(environ.get("HTTP_X_REQUEST_ID", ""))
        environ[ID] = given if GOOD_ID.fullmatch(given) else secrets.token_hex(8)

        def begin(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            said[0] = int(status[:3])
            return start(status, [*headers, ("X-Request-ID", environ[ID])], *rest)

        try:
            return self._answer(environ, begin)
        finally:
            self._tell(environ, said[0], time.perf_counter() - began)

    def _answer(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", ""))
        if path.removeprefix(f"/{asked_in(path)}").startswith(ALWAYS):
            return self._inner(environ, start)
        with self.gate.turn() as may:
            if not may:
                return self._busy(environ, start)
            self.metrics.running.inc()
            try:
                return self._inner(environ, start)
            finally:
                self.metrics.running.dec()

    def _busy(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        self.metrics.busy.inc()
        environ[ENDPOINT] = "druk"
        page = self._pages[asked_in(str(environ.get("PATH_INFO", "")))]
        headers = [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(page))),
            ("Content-Security-Policy", "default-src 'none'; style-src 'self'"),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-store"),
            ("Retry-After", str(RETRY_AFTER)),
        ]
        start("503 Service Unavailable", headers)
        return [page]

    def _tell(self, environ: dict[str, Any], status: int, seconds: float) -> None:
        endpoint = str(environ.get(ENDPOINT, "geen"))
        method = environ["REQUEST_METHOD"] if environ["REQUEST_METHOD"] in METHODS else "andere"
        self.metrics.answers.labels(endpoint, method, str(status)).inc()
        self.metrics.seconds.labels(endpoint).observe(seconds)
        level = logging.INFO if status < 500 else logging.WARNING if status == 503 else logging.ERROR
        told = {"id": environ[ID], "endpoint": endpoint, "method": method, "status": status}
        log.log(level, "request", extra={"told": told | {"ms": round(1000 * seconds, 1)}})


def _page_in(code: str, app: Flask) -> bytes:
    """Made before it is needed: when it is busy there is no time for it."""
    with app.app_context(), language.speaking(code):
        return app.jinja_env.get_template("busy.html").render().encode()


class Lines(logging.Formatter):
    """One JSON object a line. Of an error its sort and the places in the code, never its text: that may name people."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, what happened and the facts with it."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "what": record.getMessage(),
            **getattr(record, "told", {}),
        }
        return json.dumps(line, ensure_ascii=False)


def watch(app: Flask) -> None:
    """Put all this on a website."""
    watched = Watch(app)
    app.extensions["watch"] = watched
    app.wsgi_app = watched  # type: ignore[assignment, method-assign]
    app.before_request(_note_endpoint)
    app.register_blueprint(bp)


def log_to(stream: TextIO = sys.stdout) -> None:
    """Lines of log, of this process."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Lines())
    logger = logging.getLogger("web")
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel(logging.INFO)


def note_fault(error: BaseException | None) -> None:
    """A fault of ours in the log: what it is and where, without its text and without the address that was asked."""
    trace = extract_tb(error.__traceback__) if error else ()
    places = [f"{PurePath(place.filename).name}:{place.lineno} {place.name}" for place in trace]
    told = {"id": request.environ.get(ID, ""), "endpoint": request.endpoint, "error": type(error).__name__}
    log.error("fault", extra={"told": told | {"places": places}})


def _note_endpoint() -> None:
    request.environ[ENDPOINT] = request.endpoint or "geen"
    g.request_id = request.environ[ID]


@bp.get("/health")
def alive() -> Response:
    """Does the process live? Asks nothing of the database."""
    return jsonify(ok=True, version=__version__)


@bp.get("/ready")
def ready() -> Response:
    """Can questions be answered: are the database and its index there? Else 503, with why."""
    store = broker().store
    revision = store.revision()
    store.lexical("words", ["gereed"], 1)
    return jsonify(ok=True, revision=revision)


@bp.get("/metrics")
def metrics() -> Response:
    """What is counted; for this machine alone, or with the token of the settings."""
    token = settings().metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
    is_here = request.remote_addr in ("127.0.0.1", "::1") and "X-Forwarded-For" not in request.headers
    if not (hmac.compare_digest(given, token.encode()) if token else is_here):
        raise Forbidden(_("De cijfers zijn alleen voor wie de website beheert. Zie KENNISMAKELAAR_METRICS_TOKEN."))
    counted: Watch = current_app.extensions["watch"]
    return Response(counted.metrics.text(), mimetype="text/plain; version=0.0.4")
