"""create_app(): blueprints, errors to responses, and the headers of every response."""

import re
import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request
from flask_wtf.csrf import CSRFError
from markupsafe import Markup, escape
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix

from kennismakelaar import roles, signals
from kennismakelaar.broker import Broker
from kennismakelaar.config import Settings
from kennismakelaar.errors import KennisError, StoreError
from kennismakelaar.language import gettext as _
from kennismakelaar.language import marked
from kennismakelaar.model import Edge, Node
from kennismakelaar.schema import schema
from kennismakelaar.users import VISITOR
from web import (
    access,
    account,
    circles,
    desk,
    duplicates,
    edit,
    elsewhere,
    explore,
    follow,
    gaps,
    house,
    hsds,
    imports,
    intake,
    introductions,
    language,
    network,
    open_data,
    pages,
    people,
    personal,
    quality,
    reconcile,
    reports,
    stand_in,
    watch,
)
from web.api import problems, routes
from web.reply import Json, broker, reply

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",  # a question is in the address and is nobody else's business
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
BLUEPRINTS = (
    *(
        explore.bp,
        pages.bp,
        edit.bp,
        reports.bp,
        duplicates.bp,
        quality.bp,
        intake.bp,
        desk.bp,
        introductions.bp,
        network.bp,
    ),
    *(routes.bp, gaps.bp, circles.bp, follow.bp, account.bp, people.bp, elsewhere.bp, personal.bp, imports.bp),
    *(open_data.bp, hsds.bp, reconcile.bp),
)
HSTS = "max-age=31536000"
"""A year, told where the request came over https."""
LARGEST_REQUEST, LARGEST_FIELD, MOST_PARTS = 2 * 2**20, 500_000, 1_000
"""Bytes of what is sent to us, bytes of a field of a form that is no file, and parts of a form."""
OWN_HOSTS = ("localhost", "127.0.0.1", "[::1]")
"""Names of this machine for itself: who watches it asks there."""
SAID = {
    404: marked("Misschien is zij verplaatst, of staat er een fout in het adres."),
    401: marked("Log eerst in: dit is alleen voor medewerkers."),
    403: marked("U bent ingelogd, maar dit mag u niet zien of doen. Vraag het een beheerder."),
    413: marked("Dit is te groot om te versturen. Maak de tekst of het bestand kleiner."),
    405: marked("Dat kan niet op dit adres."),
    429: marked("U deed dit net al vaak. Wacht een minuut en probeer het opnieuw."),
    500: marked("Er ging iets mis bij ons. Het ligt niet aan u. Probeer het later nog eens."),
}
"""What we say of errors that are not ours, by status."""
EXPIRED = marked(
    "Dit formulier is te lang open blijven staan. Ga terug, laad de pagina opnieuw en verstuur het nog eens."
)
PHONE = re.compile(r"\b(112|113|0\d{3}-\d{4})\b(?!\.\w)")


class Website(Flask):
    """Keeps addresses and messages, which may name people, out of its log."""

    def log_exception(self, exc_info: Any) -> None:
        """Only what sort of fault it was, and where in the code."""
        watch.note_fault(exc_info[1])

    def send_static_file(self, filename: str) -> Response:
        """Ours, or of the house style."""
        settings: Settings = self.extensions["settings"]
        if settings.house_style and filename.startswith(house.FOLDER):
            return house.send(settings, filename.removeprefix(house.FOLDER))
        return super().send_static_file(filename)


def create_app(with_broker: Broker | Callable[[], Broker], settings: Settings | None = None, key: str = "") -> Flask:
    """The website of one graph. Without a key for sessions, here or in the settings, they end with this process."""
    app = Website(__name__)
    app.json = Json(app)
    app.extensions["kennismakelaar"] = with_broker
    app.extensions["settings"] = settings or Settings()
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals |= {
        "schema": schema(),
        "node_of": _node_of,
        "sentence": _sentence,
        "place_names": _place_names,
        "twin": _twin,
        "introductions_of": introductions.of_case,
        "house_style": house.files(settings or Settings()),
    }
    app.jinja_env.filters |= {
        "phones": _phones,
        "main_reasons": roles.main_reasons,
    }
    language.add(app)
    _harden(app, settings or Settings())
    access.guard(app, key or (settings and settings.secret_key) or secrets.token_hex(), settings or Settings())
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.register_error_handler(KennisError, _ours)
    app.register_error_handler(HTTPException, _theirs)
    app.after_request(_with_headers)
    stand_in.add(app)
    watch.watch(app)
    return app


def _harden(app: Flask, settings: Settings) -> None:
    """Which hosts and proxies are believed, and how much may be sent."""
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=0)  # type: ignore[method-assign]
    if host := urlsplit(settings.address).hostname:
        app.config["TRUSTED_HOSTS"] = [host, *OWN_HOSTS]
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_REQUEST, MAX_FORM_MEMORY_SIZE=LARGEST_FIELD, MAX_FORM_PARTS=MOST_PARTS)
    app.debug = False  # whatever FLASK_DEBUG says


def _ours(error: KennisError) -> Response:
    if problems.is_program():
        return problems.problem(error)
    if isinstance(error, StoreError) and (read_before := stand_in.page()):
        return read_before
    response = reply("error.html", {"ok": False, "error": str(error)}, error.status)
    if error.status == 503:
        response.headers["Retry-After"] = str(problems.RETRY_AFTER)
    return response


def _theirs(error: HTTPException) -> Response:
    if isinstance(error, SecurityError):  # no page: an address in it would be made of the host that is not ours
        return Response(_("Dit is niet het adres van deze website.") + "\n", 400, mimetype="text/plain")
    if problems.is_program():
        return problems.problem(error)
    status = error.code or 500
    said = EXPIRED if isinstance(error, CSRFError) else SAID.get(status, marked("Dit verzoek begrijpen wij niet."))
    return reply("error.html", {"ok": False, "error": _(said)}, status)


def _with_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = HSTS
    if request.endpoint != "static":
        # what only colleagues see is not kept by the browser that they share
        response.headers.setdefault("Cache-Control", "no-cache" if g.get("user", VISITOR) is VISITOR else "no-store")
    return response


def _node_of(id: str) -> Node | None:
    return broker().snapshot.nodes([id]).get(id)


def _sentence(edge: Edge) -> str:
    return signals.sentence(edge, broker().snapshot)


def _place_names() -> list[str]:
    return broker().snapshot.place_names


def _twin() -> str:
    """The address of this page as JSON; empty where it has none."""
    path = ("/index" if request.path == "/" else request.path) + ".json"
    try:
        endpoint, values = current_app.create_url_adapter(request).match(path, method="GET")  # type: ignore[union-attr]
    except HTTPException:
        return ""
    query = request.query_string.decode()
    same = (endpoint, values) == (request.endpoint, request.view_args)
    return (f"{path}?{query}" if query else path) if same else ""


def _phones(text: str) -> Markup:
    """The text with its phone numbers as links."""
    return Markup(PHONE.sub(r'<a href="tel:\1">\1</a>', str(escape(text))))
