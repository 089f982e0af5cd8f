"""For administrators: who may log in with which role, and the audit log."""

from collections.abc import Callable, Mapping
from datetime import date

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from kennismakelaar import audit, second, users
from kennismakelaar.errors import KennisError, Refused
from kennismakelaar.language import gettext as _
from kennismakelaar.users import Role
from web.access import current
from web.reply import broker, paged, reply, reply_with
from web.typed import typed

bp = Blueprint("people", __name__)
PAGE_SIZE = 100
"""Rows of the log on one page."""
ROLES = [role for role in Role if role is not Role.VISITOR]


@bp.get("/bureau/gebruikers")
@bp.get("/bureau/gebruikers.json")
def listing() -> Response:
    """Who may log in."""
    return _listing()


@bp.post("/bureau/gebruikers")
def add() -> Response:
    """Someone new, with a first password that they change themselves."""
    password = request.form.get("wachtwoord", "")
    return _done(lambda: users.add(broker().store, typed("naam"), _role(), password, current().name))


@bp.post("/bureau/gebruikers/<id>")
def change(id: str) -> Response:
    """Another role, a new password, the second step again, an account elsewhere, or the end."""
    store, by = broker().store, current().name
    acts: Mapping[str, Callable[[], object]] = {
        "rol": lambda: users.change_role(store, id, _role(), by),
        "wachtwoord": lambda: users.change_password(store, id, request.form.get("wachtwoord", ""), by),
        "tweede": lambda: second.reset(store, id, by),
        "koppel": lambda: users.link(store, id, typed("koppelcode").replace(" ", ""), by),
        "weg": lambda: users.remove(store, id, by),
    }
    return _done(acts.get(typed("doe"), _nothing))


def _nothing() -> object:
    raise Refused(_("Kies wat er met deze gebruiker moet gebeuren."))


def _role() -> Role:
    chosen = typed("rol")
    if chosen not in ROLES:
        raise Refused(_("Kies een rol: %(known)s.", known=", ".join(ROLES)))
    return Role(chosen)


def _done(act: Callable[[], object]) -> Response:
    try:
        act()
    except KennisError as error:
        return _listing(error)
    return redirect("/bureau/gebruikers", 303)


def _listing(error: KennisError | None = None) -> Response:
    found = [
        {"name": one.name, "role": one.role, "has_second": one.has_second, "linked": bool(one.identity)}
        for one in users.everyone(broker().store)
    ]
    return reply_with(error, "people.html", {"users": found, "roles_of_users": ROLES, "name": typed("naam")})


@bp.get("/bureau/logboek")
@bp.get("/bureau/logboek.json")
def log() -> Response:
    """Who saw or changed what, the latest first; ?wie= and ?dag= choose."""
    who, day = request.args.get("wie", "").strip(), request.args.get("dag", "").strip()
    found = audit.rows(broker().store, who, _day(day))
    shown, page, pages = paged(found, PAGE_SIZE)
    data = {"ok": True, "rows": shown, "total": len(found), "page": page, "pages": pages, "who": who, "day": day}
    return reply("audit.html", data)


def _day(typed: str) -> str:
    try:
        return date.fromisoformat(typed).isoformat() if typed else ""
    except ValueError as error:
        raise Refused(_("%(typed)r is geen dag. Schrijf een dag als 2026-11-25.", typed=typed)) from error
