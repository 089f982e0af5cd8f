"""The reconciliation service, for OpenRefine and others that match a spreadsheet with ours."""

import json
import re
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from kennismakelaar import personal, resolve
from kennismakelaar.errors import NotFound, Refused
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Node
from kennismakelaar.standards import reconcile as service
from web.access import csrf, limiter
from web.api.problems import open_to_all
from web.reply import broker, site

bp = Blueprint("reconcile", __name__)
csrf.exempt(bp)  # it changes nothing
bp.after_request(open_to_all)
OFTEN = "600 per minute"
"""Requests of one address, for each worker; a spreadsheet is sent in many small ones."""
CALLBACK = re.compile(r"[A-Za-z_$][\w$.]{0,99}", re.ASCII)
FRAMED = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; base-uri 'none'; frame-ancestors *"
"""A preview is shown inside the program of who matches; browsers take this before X-Frame-Options (CSP 3, 6.4.2.2)."""


@bp.get("/reconcile")
@bp.post("/reconcile")
@limiter.limit(OFTEN)
def start() -> Response:
    """What the service can do; candidates for ?queries=; values for ?extend=."""
    asked = request.values
    if "queries" in asked:
        return _told(service.answer(broker(), _json("queries")))
    if "extend" in asked:
        return _told(service.extend(broker(), _json("extend")))
    return _told(service.manifest(site()))


@bp.get("/reconcile/suggest/<any(entity, type, property):what>")
@limiter.limit(OFTEN)
def suggest(what: str) -> Response:
    """What begins with ?prefix=."""
    return _told(service.suggest(broker(), what, request.args.get("prefix", "")))


@bp.get("/reconcile/properties")
@limiter.limit(OFTEN)
def properties() -> Response:
    """What can be fetched for records of ?type=, at most ?limit= of them."""
    kind, limit = request.args.get("type", ""), request.args.get("limit", None, type=int)
    found = service.properties(kind)
    return _told({"type": kind, "properties": found[: max(0, limit)] if limit is not None else found})


@bp.get("/reconcile/preview")
@limiter.limit(OFTEN)
def preview() -> Response:
    """The record ?id= in a small frame."""
    node = _node(request.args.get("id", ""))
    response = make_response(render_template("preview.html", node=node, address=f"{site()}/{node.kind}/{node.id}"))
    response.headers["Content-Security-Policy"] = FRAMED
    return response


@bp.get("/id/<id>")
def by_id(id: str) -> AnyResponse:
    """The page of a record, for who knows its id and not its kind; a merged one leads on."""
    node = _node(id)
    return redirect(f"/{node.kind}/{node.id}", 303)


def _node(id: str) -> Node:
    try:
        node = broker().store.get(id)
    except NotFound:
        node = broker().store.get(resolve.redirect(broker().store, id))
    return personal.seen(node, by_staff=False)


def _json(name: str) -> Any:
    try:
        return json.loads(request.values[name])
    except (ValueError, RecursionError) as error:
        raise Refused(_("%(name)s is geen JSON.", name=name)) from error


def _told(data: Any) -> Response:
    """As JSON, or as a script that calls ?callback= with it (JSONP)."""
    response = jsonify(data)
    callback = request.values.get("callback", "")
    if not callback:
        return response
    if not CALLBACK.fullmatch(callback):
        raise Refused(_("callback moet de naam van een functie zijn."))
    return Response(f"/**/{callback}({response.get_data(as_text=True)});", mimetype="text/javascript")
