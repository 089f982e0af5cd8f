"""Data about people: what we keep and why, for everyone; what is held about one person, and erasing, for administrators."""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from kennismakelaar import audit, personal, traces
from kennismakelaar.errors import KennisError, Refused
from kennismakelaar.language import gettext as _
from kennismakelaar.language import marked
from kennismakelaar.moments import now
from web.access import current
from web.reply import broker, reply, settings
from web.typed import typed

bp = Blueprint("personal", __name__)


@bp.get("/privacy")
@bp.get("/privacy.json")
def register() -> Response:
    """Which data we keep of people, why, on which ground, how long, and who sees them."""
    return reply("privacy.html", {"ok": True, "register": [personal.as_data(one) for one in personal.register()]})


@bp.get("/bureau/gegevens")
def form() -> Response:
    """A form for an id, an address, a number or a receipt code."""
    return _page({})


@bp.post("/bureau/gegevens")
def find() -> Response:
    """How much there is; what was typed is in no address and no log."""
    try:
        found = traces.find(broker().store, traces.who(broker().store, typed("wie")), settings().exports)
    except KennisError as error:
        return _page({"ok": False, "wrong": str(error)}, error.status)
    return _page({"counts": found.counts()})


@bp.post("/bureau/gegevens/overzicht.json")
def export() -> Response:
    """All that is held, to hand over to the person."""
    found = traces.find(broker().store, traces.who(broker().store, typed("wie")), settings().exports)
    audit.note(broker().store, current().name, marked("gegevens van iemand opgevraagd"))
    response = jsonify(found.as_data())
    response.headers["Content-Disposition"] = 'attachment; filename="overzicht.json"'
    return response


@bp.post("/bureau/gegevens/wis")
def erase() -> Response:
    """Everything goes, for who said so twice."""
    try:
        if request.form.get("zeker") != "ja":
            raise Refused(_("Zet eerst een vinkje bij ‘Ik weet het zeker’. Wissen kan niet ongedaan worden gemaakt."))
        done = traces.erase(broker(), typed("wie"), current().name, now(), settings().exports)
    except Refused as error:
        found = traces.find(broker().store, traces.who(broker().store, typed("wie")), settings().exports)
        return _page({"ok": False, "wrong": str(error), "counts": found.counts()}, error.status)
    except KennisError as error:
        return _page({"ok": False, "wrong": str(error)}, error.status)
    return _page({"done": done, "typed": ""})


def _page(shown: dict[str, Any], status: int = 200) -> Response:
    blank = {"ok": True, "wrong": "", "counts": {}, "done": {}, "typed": typed("wie")}
    return reply("erase.html", blank | shown, status)


@bp.after_request
def _unkept(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
