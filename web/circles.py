"""Learning circles: staff see and accept proposals; everyone sees which circles there are."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from kennismakelaar.desk import circle_desk, circles
from kennismakelaar.desk.circles import Circle, Plan, Rules
from kennismakelaar.errors import KennisError, NotFound
from kennismakelaar.language import gettext as _
from web.access import may
from web.reply import broker, reply, reply_with
from web.typed import by, typed

bp = Blueprint("circles", __name__)
SIZES = range(2, 21)
"""People in a circle, as a form offers them."""


@bp.get("/leerkringen")
@bp.get("/leerkringen.json")
def listing() -> Response:
    """The circles that were accepted; for staff also a proposal, with ?van=, ?tot= and ?zaad=, if ?voorstel= is there."""
    return _listing()


@bp.post("/leerkringen")
def accept() -> Response:
    """Accept one circle of a proposal, which is made anew, so that nobody accepts what no longer holds."""
    wanted = typed("kring")
    try:
        found = [one for one in _plan().circles if circles.id_of(one) == wanted]
        if not found:
            wrong = _("Dit voorstel geldt niet meer, omdat er intussen iets veranderd is. Maak een nieuw voorstel.")
            raise NotFound(wrong)
        made = circle_desk.accept(broker(), found[0], by())
    except KennisError as error:
        return _listing(error)
    return redirect(f"/leerkringen/{made.id}", 303)


@bp.get("/leerkringen/<id>")
@bp.get("/leerkringen/<id>.json")
def invitation(id: str) -> Response:
    """An accepted circle, with an invitation to print."""
    found = circle_desk.find(broker().store, id)
    shown = {"ok": True, "id": id, "at": found.at, "who": found.who, "circle": _named(found.circle)}
    return reply("circle.html", shown)


def _listing(error: KennisError | None = None) -> Response:
    found = circle_desk.accepted(broker().store)
    rules = _rules()
    shown: dict[str, Any] = {
        "accepted": [
            {"id": one.id, "at": one.at, "question": one.circle.question, "topic": one.circle.topic} for one in found
        ],
        "rules": rules,
    }
    if may("circles.accept") and request.values.get("voorstel"):
        plan = _plan()
        shown |= {"seed": plan.seed, "circles": [_named(one) for one in plan.circles], "unmet": plan.unmet}
    return reply_with(error, "circles.html", shown)


def _plan() -> Plan:
    return circle_desk.propose(broker(), _rules(), request.values.get("zaad", 0, type=int))


def _rules() -> Rules:
    rules, asked = Rules(), request.values
    low, high = asked.get("van", rules.smallest, type=int), asked.get("tot", rules.largest, type=int)
    return replace(rules, smallest=low, largest=high) if {low, high} <= {*SIZES} else rules


def _named(circle: Circle) -> dict[str, Any]:
    """With names of participants; someone who asked without an account has none."""
    return {
        "id": circles.id_of(circle),
        "topic": circle.topic,
        "question": circle.question,
        "missed": circle.missed,
        "askers": [_who(id) for id in circle.askers],
        "experienced": [_who(id) for id in circle.experienced],
    }


def _who(id: str) -> dict[str, str]:
    node = broker().snapshot.nodes([id]).get(id)
    if node:
        return {"id": id, "name": node.name, "page": f"/{node.kind}/{id}"}
    return {"id": id, "name": _("een vrager (%(id)s)", id=id), "page": f"/bureau/zaak/{id}"}
