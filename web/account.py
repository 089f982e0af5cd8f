"""One's own account: the second step of logging in, another password; and logging in with an account elsewhere."""

from io import BytesIO

import segno
from flask import Blueprint, Response, redirect, request, session
from werkzeug.wrappers import Response as AnyResponse

from kennismakelaar import audit, second, users
from kennismakelaar.errors import KennisError, NotFound, Refused
from kennismakelaar.language import gettext as _
from kennismakelaar.language import marked
from kennismakelaar.moments import now
from kennismakelaar.users import VISITOR, Role
from web.access import TRIES, begin, current, limiter, ours
from web.reply import broker, reply, reply_with, settings

bp = Blueprint("account", __name__)
HALFWAY = 600
"""Seconds that someone who gave a password has for the second step."""
LEFT = marked("Log opnieuw in: u was te lang weg, of u hebt nog geen naam en wachtwoord ingevuld.")


def halfway() -> str:
    """Who gave a password and has yet to take the second step; empty where nobody did, or it is too long ago."""
    quiet = now().timestamp() - session.get("half_at", 0.0)
    return str(session.get("half", "")) if quiet < HALFWAY else ""


@bp.get("/inloggen/code")
@bp.post("/inloggen/code")
@limiter.limit(TRIES, methods=["POST"])
@limiter.limit("20 per hour", key_func=lambda: halfway() or "-", methods=["POST"])
def code() -> AnyResponse:
    """The code of the app, or a recovery code."""
    name = halfway()
    if not name:
        return reply("login_code.html", {"ok": False, "wrong": _(LEFT), "lost": True}, 400)
    if request.method == "GET":
        return reply("login_code.html", {"ok": True, "wrong": ""})
    try:
        second.check(broker().store, name, request.form.get("code", ""), now(), settings().secret_key)
    except Refused as error:
        audit.note(broker().store, Role.VISITOR, marked("tweede stap mislukt"), name)
        return reply("login_code.html", {"ok": False, "wrong": str(error)}, error.status)
    onward = ours(session.get("onward", ""))
    begin(name)
    return redirect(onward, 303)


def _who() -> str:
    """Who may set up a second step: who has logged in, or is on the way and has none yet."""
    name = current().name or halfway()
    if not name or users.find(broker().store, name).has_second:
        raise NotFound(_("U logt al in twee stappen in.") if name else _(LEFT))
    return name


@bp.get("/inloggen/instellen")
@bp.post("/inloggen/instellen")
@limiter.limit(TRIES, methods=["POST"])
def set_up() -> AnyResponse:
    """A picture for the app; the first code shows that it works, and the recovery codes are shown once."""
    name, store, key = _who(), broker().store, settings().secret_key
    secret = second.begin(store, name, key)
    shown = {"ok": True, "wrong": "", "secret": " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))}
    if request.method == "GET":
        return _unkept(reply("second.html", shown))
    try:
        codes = second.confirm(store, name, request.form.get("code", ""), now(), key)
    except Refused as error:
        return _unkept(reply("second.html", shown | {"ok": False, "wrong": str(error)}, error.status))
    onward = ours(session.get("onward", ""))
    begin(name)
    return _unkept(reply("second_done.html", {"ok": True, "codes": codes, "onward": onward}))


@bp.get("/inloggen/instellen.svg")
def picture() -> AnyResponse:
    """The secret as a QR code, made here: no other site sees it."""
    name, image = _who(), BytesIO()
    secret = second.begin(broker().store, name, settings().secret_key)
    made = segno.make(second.address(name, secret), error="m")
    made.save(image, kind="svg", scale=6, border=3, dark="#000", light="#fff", xmldecl=False)
    return _unkept(Response(image.getvalue(), mimetype="image/svg+xml"))


@bp.get("/account")
@bp.get("/account.json")
def show() -> AnyResponse:
    """Who one is here, another password, and the second step."""
    return _show()


@bp.post("/account")
@limiter.limit(TRIES)
def change() -> AnyResponse:
    """Another password, for who knows the present one; other sessions end."""
    name, store = current().name, broker().store
    try:
        _check_present(name)
        if request.form.get("nieuw", "") != request.form.get("nogmaals", ""):
            raise Refused(_("De twee nieuwe wachtwoorden zijn niet gelijk. Vul ze opnieuw in."))
        users.change_password(store, name, request.form.get("nieuw", ""), name)
    except Refused as error:
        return _show(error)
    begin(name)
    return redirect("/account?klaar=ja", 303)


def _check_present(name: str) -> None:
    try:
        users.check(broker().store, name, request.form.get("nu", ""))
    except Refused as error:
        raise Refused(_("Het wachtwoord van nu klopt niet.")) from error


def _show(error: KennisError | None = None) -> Response:
    one = current()
    shown = {
        "name": one.name,
        "role": one.role,
        "has_second": one.has_second,
        "has_password": one is not VISITOR and users.has_password(broker().store, one.name),
        "done": request.args.get("klaar") == "ja",
    }
    return reply_with(error, "account.html", shown)


def _unkept(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
