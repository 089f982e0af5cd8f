"""Runs the website with gunicorn; each worker opens a broker of its own."""

import errno
import os
import secrets
import shutil
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.http import message

from kennismakelaar import retention
from kennismakelaar.broker import Broker, open_broker
from kennismakelaar.config import Settings
from kennismakelaar.database import open_store
from kennismakelaar.desk import mail
from kennismakelaar.errors import KennisError, Refused, StoreError, StoreGone
from kennismakelaar.imports import runs
from kennismakelaar.language import gettext as _
from kennismakelaar.moments import now
from web import elsewhere, watch
from web.app import create_app

THREADS = watch.RUNNING + watch.WAITING + 8
"""Of a worker: those that work, those that wait, and some that say at once that it is busy."""
HOUSEKEEPING = 3600
"""Seconds between two looks whether what may be kept no longer was erased today."""
SHORTEST_KEY = 32
"""Letters of the key that signs sessions, where others can reach the website."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")
PATIENCE = 10
"""Seconds that a stopping worker gets to finish its answers."""
LONGEST_LINE = 65_536
"""Bytes of an address: so that a question of 10,000 letters is refused by us, in words."""


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn, told by Settings and by nothing else."""

    def __init__(self, settings: Settings, listener: socket.socket, key: str) -> None:
        """Takes over the listener; the key signs sessions."""
        host, port = listener.getsockname()[:2]
        self.settings, self.key = settings, key
        self.address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        self.listener = f"fd://{listener.detach()}"
        super().__init__()

    def load_config(self) -> None:
        """No control socket, and no log of what people ask."""

        def ready(arbiter: Any) -> None:
            print(f"Kennismakelaar staat op {self.address} (stoppen met Ctrl+C)", flush=True)

        options = {
            "bind": self.listener,
            "workers": self.settings.workers,
            "threads": THREADS,
            "worker_class": "gthread",
            "graceful_timeout": PATIENCE,
            "control_socket_disable": True,
            "limit_request_line": LONGEST_LINE,
            "loglevel": "warning",
            "proc_name": "kennismakelaar",
            "when_ready": ready,
            "child_exit": _forget,
        }
        settings: Any = self.cfg
        for name, value in options.items():
            settings.set(name, value)

    def load(self) -> Flask:
        """Called in each worker after the fork: connections and model threads do not survive one."""
        watch.log_to()
        opening = Opening(self.settings)
        try:
            opening()
        except KennisError as error:
            print(f"kennismakelaar: {error}", file=sys.stderr, flush=True)
            if not isinstance(error, StoreGone):
                sys.exit(Arbiter.APP_LOAD_ERROR)
        threading.Thread(target=_keep_house, args=(opening,), daemon=True, name="retention").start()
        return create_app(opening, self.settings, self.key)


def _keep_house(opening: Callable[[], Broker]) -> None:
    """Erase what may be kept no longer, once a day by one of the workers, and take back imports that were cut off.

    What fails is tried again in an hour.
    """
    while True:
        try:
            retention.daily(opening().store, now())
            runs.clear(opening(), now())
        except KennisError as error:
            print(f"kennismakelaar: {error}", file=sys.stderr, flush=True)
        time.sleep(HOUSEKEEPING)


class Opening:
    """Opens the broker of a worker once, as soon as its database can be reached; until then every call raises StoreGone."""

    def __init__(self, settings: Settings) -> None:
        """Opens nothing yet."""
        self._settings = settings
        self._broker: Broker | None = None
        self._lock = threading.Lock()

    def __call__(self) -> Broker:
        """The broker; threads may ask at the same time."""
        with self._lock:
            if self._broker is None:
                broker = open_broker(self._settings)
                with suppress(StoreError):  # a database that can only be read is read as it is
                    broker.refresh()  # what a process that was killed wrote and did not index
                self._broker = broker
            return self._broker


def run(settings: Settings) -> None:
    """Serve until told to stop; Refused where the port cannot be used, the database refuses us or settings cannot work, before anything starts."""
    key = session_key(settings)
    mail.is_on(settings)
    with suppress(StoreGone):  # the pages say so, until it is back
        open_store(settings.database, settings).close()
    listener = listen(settings.host, settings.port)
    message.MAX_REQUEST_LINE = LONGEST_LINE  # gunicorn caps its setting limit_request_line at less
    server = os.getpid()
    counts = os.environ[watch.FOLDER] = tempfile.mkdtemp(prefix="kennismakelaar-")
    try:
        Server(settings, listener, key).run()
    except SystemExit as stop:
        # a worker passes here too, and tells the server by its exit code why it stopped
        if os.getpid() != server:
            sys.exit(stop.code)
        shutil.rmtree(counts, ignore_errors=True)
        sys.exit(min(1, int(stop.code or 0)))


def _forget(server: Any, worker: Any) -> None:
    """A worker that is gone no longer works on anything."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def session_key(settings: Settings) -> str:
    """What signs sessions, the same for all workers; Refused where others can reach a site that is not safe."""
    elsewhere.roles(settings.oidc_roles)
    if settings.host not in LOOPBACK and (wrong := next(_unsafe(settings), "")):
        raise Refused(_("Op %(host)s kunnen anderen bij de website. %(wrong)s", host=settings.host, wrong=wrong))
    return settings.secret_key or secrets.token_hex()


def _unsafe(settings: Settings) -> Iterator[str]:
    """Why this may not be reached by others, a sentence each."""
    address = urlsplit(settings.address)
    if len(settings.secret_key) < SHORTEST_KEY:
        yield (
            f"Zet daarvoor een geheime sleutel van ten minste {SHORTEST_KEY} tekens in KENNISMAKELAAR_SECRET_KEY, "
            "elke start dezelfde, bijvoorbeeld van: openssl rand -hex 32."
        )
    if len(set(settings.secret_key)) < 8:
        yield "KENNISMAKELAAR_SECRET_KEY is te makkelijk te raden. Neem er een van: openssl rand -hex 32."
    if not address.hostname:
        yield "Zet het adres waar mensen de website vinden in KENNISMAKELAAR_ADDRESS, zoals https://kennis.voorbeeld.nl."
    if address.scheme != "https" and address.hostname not in LOOPBACK:
        yield "KENNISMAKELAAR_ADDRESS moet met https:// beginnen: zet er een reverse proxy met een certificaat voor."
    if address.scheme == "https" and not settings.proxies:
        yield "De website staat achter een proxy (https). Zet KENNISMAKELAAR_PROXIES op het aantal, meestal 1."
    if settings.oidc_issuer and not settings.oidc_issuer.startswith("https://"):
        yield "KENNISMAKELAAR_OIDC_ISSUER moet met https:// beginnen."


def listen(host: str, port: int) -> socket.socket:
    """A socket on this address; Refused where it is taken, forbidden or does not exist."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise Refused(_refusal(error, host, port)) from error


def _refusal(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Poort {port} op {host} is al in gebruik. Stop het programma dat daar draait, "
            f"of kies een andere poort: kennismakelaar serve --port {port + 1}."
        )
    if error.errno == errno.EACCES:
        return (
            f"Poort {port} mag alleen de beheerder gebruiken. "
            "Kies een poort vanaf 1024: kennismakelaar serve --port 8000."
        )
    return f"Op adres {host} kan de website niet luisteren: {error.strerror}. Gebruik --host 127.0.0.1."
