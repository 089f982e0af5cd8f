"""'Is dit dezelfde?': pairs of records that may be one, for staff to decide."""

from contextlib import suppress

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from kennismakelaar import resolve
from kennismakelaar.errors import Refused, StoreError
from kennismakelaar.language import gettext as _
from kennismakelaar.moments import now
from kennismakelaar.resolve import Verdict
from web.access import current
from web.reply import broker, reply

bp = Blueprint("duplicates", __name__)
SHOWN = 20
"""Pairs on the page."""


@bp.get("/bureau/dubbel")
@bp.get("/bureau/dubbel.json")
def pairs() -> Response:
    """The most likely pairs, each with its reasons; and what was merged, which can be taken back."""
    found = resolve.suggest(broker())
    with suppress(StoreError):  # a database that can only be read still shows its pairs
        resolve.remember(broker().store, found, now())
    merged = [(record.id, record.body["to"]) for record in broker().store.records(resolve.REDIRECT)]
    return reply("duplicates.html", {"ok": True, "total": len(found), "pairs": found[:SHOWN], "merged": merged})


@bp.post("/bureau/dubbel")
def decide() -> Response:
    """The same (which one stays?), not the same, or later."""
    said, left, right = request.form.get("doe", ""), request.form.get("links", ""), request.form.get("rechts", "")
    if said == "links":
        resolve.merge(broker(), left, right, current().name)
    elif said == "rechts":
        resolve.merge(broker(), right, left, current().name)
    elif said in (Verdict.OTHER, Verdict.LATER):
        resolve.judge(broker().store, left, right, Verdict(said), current().name)
    else:
        raise Refused(_("Kies een van de knoppen: welke blijft, niet dezelfde, of later."))
    return redirect("/bureau/dubbel", 303)


@bp.post("/bureau/dubbel/<id>/los")
def split(id: str) -> Response:
    """Take a merge back."""
    resolve.split(broker(), id, current().name)
    return redirect("/bureau/dubbel", 303)
