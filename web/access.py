"""Who may do what: logging in, and the one table of permissions."""

from collections.abc import Collection, Mapping
from urllib.parse import urlencode

from flask import Blueprint, Flask, abort, g, redirect, request, session
from flask.sessions import SecureCookieSessionInterface
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response as AnyResponse

from kennismakelaar import users
from kennismakelaar.errors import NotFound, Refused
from kennismakelaar.users import VISITOR, Role, User
from web.reply import broker, reply, wants_json

EVERYONE: Collection[Role] = frozenset(Role)
DESK: Collection[Role] = frozenset({Role.STAFF, Role.ADMIN})
PERMISSIONS: Mapping[str, Collection[Role]] = {
    "static": EVERYONE,
    "access.login": EVERYONE,
    "access.logout": EVERYONE,
    "pages.*": EVERYONE,
    "network.*": EVERYONE,
    "intake.*": EVERYONE,
    "desk.*": DESK,
    "edit.past": EVERYONE,
    "edit.*": DESK,
    "introductions.invitation": EVERYONE,
    "introductions.answer": EVERYONE,
    "introductions.own": EVERYONE,
    "introductions.own_letter": EVERYONE,
    "introductions.withdraw": EVERYONE,
    "introductions.outcome": EVERYONE,
    "introductions.tell": EVERYONE,
    "introductions.*": DESK,
    "reports.form": EVERYONE,
    "reports.send": EVERYONE,
    "reports.follow": EVERYONE,
    "reports.ask": EVERYONE,
    "reports.answer": EVERYONE,
    "reports.*": DESK,
    "duplicates.*": DESK,
    "gaps.listing": EVERYONE,
    "gaps.show": EVERYONE,
    "gaps.*": DESK,
    "circles.listing": EVERYONE,
    "circles.*": DESK,
    "follow.*": EVERYONE,
}
"""Who may ask for each endpoint; 'name.*' stands for all of a blueprint that are not named. What is not here is for nobody."""
SESSION = 8 * 3600
"""Seconds that a session lasts: a working day."""
TRIES = "10 per minute"
"""Times that one address may try to log in, for each worker."""

bp = Blueprint("access", __name__)
csrf = CSRFProtect()
limiter = Limiter(get_remote_address, storage_uri="memory://")


class Sessions(SecureCookieSessionInterface):
    """Over https the cookie goes over https alone; on one's own machine there is no https."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """As the request that made it."""
        return request.is_secure


def guard(app: Flask, secret: str) -> None:
    """Put logging in, permissions and protected forms on a website."""
    app.secret_key = secret
    app.session_interface = Sessions()
    app.config.update(
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_NAME="kennismakelaar",
        PERMANENT_SESSION_LIFETIME=SESSION,
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_TIME_LIMIT=SESSION,
        WTF_CSRF_SSL_STRICT=False,
    )
    csrf.init_app(app)
    limiter.init_app(app)
    app.register_blueprint(bp)
    app.before_request(_permit)
    app.jinja_env.globals |= {"user": current, "may": may}


def current() -> User:
    """Who asks; VISITOR where nobody has logged in, or who did is no longer a user."""
    if "user" not in g:
        g.user = VISITOR  # also for the page that says that the database is away
        g.user = _from_session()
    found: User = g.user
    return found


def _from_session() -> User:
    if "user" not in session:
        return VISITOR
    try:
        return users.find(broker().store, session["user"])
    except NotFound:
        session.clear()
        return VISITOR


def may(endpoint: str) -> bool:
    """May who asks now use this endpoint?"""
    return current().role in allowed(endpoint)


def allowed(endpoint: str) -> Collection[Role]:
    """The roles of an endpoint; none where the table does not have it."""
    return PERMISSIONS.get(endpoint, PERMISSIONS.get(f"{endpoint.rpartition('.')[0]}.*", ()))


def _permit() -> AnyResponse | None:
    """Before each request: nobody gets further than their role allows."""
    if request.endpoint is None or allowed(request.endpoint) is EVERYONE or may(request.endpoint):
        return None
    if current() is not VISITOR:
        abort(403)
    if wants_json() or request.method != "GET":
        abort(401)
    return redirect("/inloggen?" + urlencode({"verder": request.full_path.rstrip("?")}))


@bp.get("/inloggen")
@bp.post("/inloggen")
@limiter.limit(TRIES, methods=["POST"])
def login() -> AnyResponse:
    """A form for name and password; afterwards on to ?verder=, on this site alone."""
    onward = _ours(request.values.get("verder", ""))
    if request.method == "GET":
        return reply("login.html", {"ok": True, "onward": onward, "wrong": "", "name": ""})
    name = request.form.get("naam", "").strip()
    try:
        found = users.check(broker().store, name, request.form.get("wachtwoord", ""))
    except Refused as error:
        return reply("login.html", {"ok": False, "onward": onward, "wrong": str(error), "name": name}, error.status)
    session.clear()
    session.permanent = True
    session["user"] = found.name
    return redirect(onward, 303)


def _ours(address: str) -> str:
    """The address if it is a path on this site, else the home page."""
    is_path = address.startswith("/") and address[1:2] not in ("/", "\\") and "\\" not in address
    return address if is_path and address.isprintable() else "/"


@bp.post("/uitloggen")
def logout() -> AnyResponse:
    """The session ends."""
    session.clear()
    return redirect("/", 303)
