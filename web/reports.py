"""'Klopt dit niet?' and 'klopt nog': what outside and staff say about a record."""

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from kennismakelaar import edit, reports
from kennismakelaar.errors import KennisError
from kennismakelaar.moments import now
from kennismakelaar.reports import State
from web.access import current, limiter
from web.reply import broker, reply, reply_with, site

bp = Blueprint("reports", __name__)
MANY = "20 per hour"
"""Reports from one address, for each worker."""
SHOWN = 50
"""Records on the page of what is to be looked at again."""


@bp.get("/<kind>/<id>/klopt-niet")
def form(kind: str, id: str) -> Response:
    """What is not right, and if someone knows, what it should be."""
    return _form(id)


@bp.post("/<kind>/<id>/klopt-niet")
@limiter.limit(MANY)
def send(kind: str, id: str) -> Response:
    """Keep the report for staff; the reporter gets a code to follow it."""
    typed = request.form.get("veld", "")
    values = {typed: request.form.getlist("waarde")} if typed else None
    try:
        _, code = reports.report(broker(), id, request.form.get("tekst", ""), values)
    except KennisError as error:
        return _form(id, error)
    return reply("reported.html", {"ok": True, "code": code, "node": broker().store.get(id)})


@bp.get("/melding")
@bp.post("/melding")
@limiter.limit("30 per minute", methods=["POST"])
def follow() -> Response:
    """Where a report stands, by its code; the code travels in a form, not in an address."""
    code, found, wrong = request.form.get("code", ""), None, ""
    if request.method == "POST":
        try:
            found = reports.by_code(broker().store, code)
        except KennisError as error:
            wrong = str(error)
    return reply("report.html", {"ok": not wrong, "report": found, "wrong": wrong}, 404 if wrong else 200)


@bp.get("/klopt-nog/<code>")
def ask(code: str) -> Response:
    """The record as we have it, and one button."""
    return reply("still_right.html", {"ok": True, "node": reports.asked(broker(), code), "code": code, "done": False})


@bp.post("/klopt-nog/<code>")
def answer(code: str) -> Response:
    """It is still right."""
    node = reports.asked(broker(), code)
    reports.still_right(broker(), code)
    return reply("still_right.html", {"ok": True, "node": node, "code": code, "done": True})


@bp.get("/bureau/meldingen")
@bp.get("/bureau/meldingen.json")
def queue() -> Response:
    """What waits for a look, each with what would change."""
    store = broker().store
    waiting = [(one, reports.differences(store, one)) for one in reports.listed(store) if _is_there(one.subject)]
    closed = [*reports.listed(store, State.DONE), *reports.listed(store, State.DECLINED)]
    return reply(
        "reports.html", {"ok": True, "waiting": waiting, "closed": sorted(closed, key=lambda one: one.closed)[-20:]}
    )


@bp.post("/bureau/meldingen/<id>")
def decide(id: str) -> Response:
    """Publish what was proposed, or close the report with an answer."""
    who, said = current().name, request.form.get("antwoord", "")
    if request.form.get("doe") == "overnemen":
        reports.accept(broker(), id, who, said or "Dank u. Wij hebben het aangepast.")
    else:
        state = State.DONE if request.form.get("doe") == "gedaan" else State.DECLINED
        reports.close(broker().store, id, state, who, said)
    return redirect("/bureau/meldingen", 303)


@bp.get("/bureau/nakijken")
@bp.get("/bureau/nakijken.json")
def stale() -> Response:
    """What nobody looked at for a year."""
    found = reports.stale(broker().store, now().date())
    return reply("stale.html", {"ok": True, "total": len(found), "nodes": found[:SHOWN], "link": ""})


@bp.post("/bureau/nakijken")
def confirm() -> Response:
    """What was ticked is still right."""
    reports.confirm(broker(), request.form.getlist("id"), current().name)
    return redirect("/bureau/nakijken", 303)


@bp.post("/bureau/nakijken/<id>/link")
def link(id: str) -> Response:
    """A link with which someone outside says, once, that a record is still right."""
    code = reports.ask_still_right(broker().store, id)
    address = f"{site()}/klopt-nog/{code}"
    found = reports.stale(broker().store, now().date())
    shown = {"ok": True, "total": len(found), "nodes": found[:SHOWN], "link": address, "about": broker().store.get(id)}
    return reply("stale.html", shown)


def _form(id: str, error: KennisError | None = None) -> Response:
    node = broker().store.get(id)
    shown = {
        "typed": request.form if error else {},
        "node": node,
        "fields": edit.fields(node.kind, node),
    }
    return reply_with(error, "report_form.html", shown)


def _is_there(id: str) -> bool:
    return bool(broker().snapshot.nodes([id]))
