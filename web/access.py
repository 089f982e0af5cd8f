"""Who may do what: the one table of permissions, sessions, and logging in with a password."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from urllib.parse import urlencode

from flask import Blueprint, Flask, abort, current_app, g, redirect, request, session
from flask.sessions import SecureCookieSessionInterface
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response as AnyResponse

from kennismakelaar import audit, happened, users
from kennismakelaar.config import Settings
from kennismakelaar.errors import NotFound, Refused, StoreError
from kennismakelaar.language import marked
from kennismakelaar.moments import now
from kennismakelaar.users import VISITOR, Role, User
from web.reply import broker, reply, settings, wants_json

EVERYONE: Collection[Role] = frozenset(Role)
KNOWN: Collection[Role] = frozenset(Role) - {Role.VISITOR}
DESK: Collection[Role] = frozenset({Role.STAFF, Role.ADMIN})
RESEARCH: Collection[Role] = frozenset({Role.RESEARCHER, Role.ADMIN})
ADMIN: Collection[Role] = frozenset({Role.ADMIN})
PERMISSIONS: Mapping[str, Collection[Role]] = {
    "static": EVERYONE,
    "watch.*": EVERYONE,
    "access.login": EVERYONE,
    "access.logout": EVERYONE,
    "account.code": EVERYONE,
    "account.set_up": EVERYONE,
    "account.picture": EVERYONE,
    "account.*": KNOWN,
    "elsewhere.*": EVERYONE,
    "people.*": ADMIN,
    "personal.register": EVERYONE,
    "personal.*": ADMIN,
    "pages.*": EVERYONE,
    "explore.*": EVERYONE,
    "network.whole": RESEARCH,
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
    "quality.*": DESK,
    "imports.*": DESK,
    "gaps.listing": EVERYONE,
    "gaps.show": EVERYONE,
    "gaps.*": DESK,
    "circles.listing": EVERYONE,
    "circles.*": DESK,
    "follow.*": EVERYONE,
    "api.*": EVERYONE,
    "hsds.*": EVERYONE,
    "open_data.*": EVERYONE,
    "reconcile.*": EVERYONE,
}
"""Who may ask for each endpoint; 'name.*' stands for all of a blueprint that are not named. What is not here is for nobody."""
AUDITED: Mapping[str, str] = {
    "desk.case": marked("zaak gezien"),
    "introductions.show": marked("kennismaking gezien"),
    "introductions.own": marked("contactgegevens gezien via persoonlijke link"),
    "introductions.own_letter": marked("contactgegevens gezien via persoonlijke link"),
}
"""Pages that leave a row in the audit log when they are looked at; what is sent by who has logged in always does."""
IDLE, TOUCH = timedelta(hours=1), timedelta(minutes=5)
"""How long a session lives when nothing is asked; and how old the note of the last time may be."""
TRIES, TRIES_OF_ONE = "10 per minute", "30 per hour"
"""Times that one address may try to log in, and that it may be tried for one name."""

bp = Blueprint("access", __name__)
csrf = CSRFProtect()
limiter = Limiter(get_remote_address)


class Sessions(SecureCookieSessionInterface):
    """Over https the cookie goes over https alone, and to this host alone; on one's own machine there is no https."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """As the request that made it."""
        return request.is_secure

    def get_cookie_name(self, app: Flask) -> str:
        """Browsers let no other host, and no page without https, set a cookie whose name begins with __Host-."""
        name = super().get_cookie_name(app)
        return f"__Host-{name}" if request.is_secure else name


def guard(app: Flask, secret: str, settings: Settings) -> None:
    """Put logging in, permissions and protected forms on a website."""
    longest = int(users.LONGEST_SESSION.total_seconds())
    app.secret_key = secret
    app.session_interface = Sessions()
    app.config.update(
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_NAME="kennismakelaar",
        PERMANENT_SESSION_LIFETIME=longest,
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_TIME_LIMIT=longest,
        WTF_CSRF_SSL_STRICT=False,
        RATELIMIT_STORAGE_URI=settings.limits,
    )
    csrf.init_app(app)
    limiter.init_app(app)
    app.register_blueprint(bp)
    app.before_request(_permit)
    app.after_request(_audit)
    app.jinja_env.globals |= {"user": current, "may": may}
    app.extensions["may"] = may


def current() -> User:
    """Who asks; VISITOR where nobody has logged in, or the session has ended."""
    if "user" not in g:
        g.user = VISITOR  # also for the page that says that the database is away
        g.user = _from_session()
    found: User = g.user
    return found


def _from_session() -> User:
    if "user" not in session:
        return VISITOR
    at = now()
    try:
        found = users.find(broker().store, session["user"])
    except NotFound:
        found = VISITOR
    quiet = at.timestamp() - session.get("seen", 0.0)
    if quiet > IDLE.total_seconds() or not users.is_open(found, session.get("code", ""), at):
        session.clear()
        return VISITOR
    if quiet > TOUCH.total_seconds():
        session["seen"] = at.timestamp()
    return found


def begin(name: str) -> None:
    """Log someone in who proved who they are: nothing of the session before stays."""
    at = now()
    session.clear()
    session.permanent = True
    session.update({"user": name, "code": users.begin_session(broker().store, name, at), "seen": at.timestamp()})
    g.pop("user", None)


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
    if wants_json() or request.method not in ("GET", "HEAD"):
        abort(401)
    return redirect("/inloggen?" + urlencode({"verder": request.full_path.rstrip("?")}))


def _audit(response: AnyResponse) -> AnyResponse:
    """After each request: what was seen that not everyone may see, and what was sent by who has logged in."""
    endpoint = request.endpoint or ""
    seen = request.method == "GET" and endpoint in AUDITED
    sent = request.method == "POST" and g.get("user", VISITOR) is not VISITOR and not endpoint.startswith("access.")
    if response.status_code >= 400 or not (seen or sent):
        return response
    what = AUDITED.get(endpoint, happened.USED % {"id": endpoint})
    about = "" if "token" in (request.view_args or {}) else str((request.view_args or {}).get("id", ""))
    try:
        audit.note(broker().store, current().name or Role.VISITOR, what, about)
    except StoreError:  # reading goes on from what is there when nothing can be written
        current_app.logger.warning("audit: %s is not in the log: the database cannot be written", endpoint)
    return response


@bp.get("/inloggen")
@bp.post("/inloggen")
@limiter.limit(TRIES, methods=["POST"])
@limiter.limit(TRIES_OF_ONE, key_func=lambda: request.form.get("naam", "").strip()[:80] or "-", methods=["POST"])
def login() -> AnyResponse:
    """A form for name and password; afterwards on to ?verder=, on this site alone, perhaps by way of a second step."""
    onward = ours(request.values.get("verder", ""))
    shown = {"ok": True, "onward": onward, "wrong": "", "name": "", "elsewhere": settings().oidc_name}
    if request.method == "GET":
        return reply("login.html", shown)
    name = request.form.get("naam", "").strip()
    try:
        found = users.check(broker().store, name, request.form.get("wachtwoord", ""))
    except Refused as error:
        _note_failure(name)
        return reply("login.html", shown | {"ok": False, "wrong": str(error), "name": name}, error.status)
    needs = settings().second_factor and found.role in DESK
    if found.has_second or needs:
        session.clear()
        session.update({"half": found.name, "half_at": now().timestamp(), "onward": onward})
        return redirect("/inloggen/code" if found.has_second else "/inloggen/instellen", 303)
    begin(found.name)
    return redirect(onward, 303)


def _note_failure(name: str) -> None:
    """Of a user there is; what else was typed may be a password, and is kept nowhere."""
    if any(one.name == name for one in users.everyone(broker().store)):
        audit.note(broker().store, Role.VISITOR, marked("inloggen mislukt"), name)


def ours(address: str) -> str:
    """The address if it is a path on this site, else the home page."""
    is_path = address.startswith("/") and address[1:2] not in ("/", "\\") and "\\" not in address
    return address if is_path and address.isprintable() else "/"


@bp.post("/uitloggen")
def logout() -> AnyResponse:
    """The session ends, also for who copied its cookie."""
    if current() is not VISITOR:
        users.end_session(broker().store, current().name, session["code"])
    session.clear()
    return redirect("/", 303)
