"""Keeping the graph true, for staff: editing, new records, relations, history and undo."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from kennismakelaar import edit, happened, history, personal
from kennismakelaar.errors import KennisError, NotFound, Refused
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Change, Node
from kennismakelaar.users import VISITOR
from web.access import current
from web.records import kind_of, node_of
from web.reply import broker, by_staff, reply, reply_with
from web.typed import typed, version

bp = Blueprint("edit", __name__)


@bp.get("/<kind>/<id>/wijzig")
def form(kind: str, id: str) -> Response:
    """Everything that can be filled in for this record, and its relations."""
    return _form(node_of(kind, id))


@bp.post("/<kind>/<id>/wijzig")
def change(kind: str, id: str) -> Response:
    """Publish what was filled in; what is wrong is shown in the form, which keeps what was typed."""
    node = node_of(kind, id)
    try:
        wanted = edit.filled(node, request.form.to_dict(flat=False))
        if request.form.get("document"):
            wanted = _with_source(wanted)
        _publish(Change(nodes=[wanted]), node)
    except KennisError as error:
        return _form(node, error)
    return redirect(f"/{kind}/{id}", 303)


@bp.post("/<kind>/<id>/relatie")
def relate(kind: str, id: str) -> Response:
    """Add a relation, or take one away."""
    node = node_of(kind, id)
    try:
        if gone := request.form.get("weg"):
            _publish(Change(gone_edges=[_edge_key(gone)]), node)
        else:
            where = edit.source(broker(), request.form)
            tie = edit.tie(broker(), node, request.form.get("relatie", ""), request.form.get("ander", ""), where)
            _publish(Change(edges=[tie]), node)
    except KennisError as error:
        return _form(node, error)
    return redirect(f"/{kind}/{id}/wijzig#relaties", 303)


@bp.post("/<kind>/<id>/weg")
def remove(kind: str, id: str) -> Response:
    """Take the record away with its relations; the history can bring it back."""
    node = node_of(kind, id)
    try:
        if not typed("reden"):
            raise Refused(_("Schrijf op waarom dit record weg kan."))
        run = _publish(Change(gone_nodes=[id]), node)
    except KennisError as error:
        return _form(node, error)
    return redirect(f"/geschiedenis#{run}", 303)


@bp.get("/nieuw/<kind>")
def blank(kind: str) -> Response:
    """An empty form for a new record."""
    return _blank(kind)


@bp.post("/nieuw/<kind>")
def create(kind: str) -> Response:
    """Publish a new record; its source is part of the form."""
    try:
        name = request.form.get("name", "")
        wanted = edit.filled(
            Node(edit.new_id(broker(), name), kind_of(kind).name, name), request.form.to_dict(flat=False)
        )
        wanted = _with_source(wanted)
        history.publish(broker(), Change(nodes=[wanted]), current().name, typed("reden") or happened.NEW)
    except KennisError as error:
        return _blank(kind, error)
    return redirect(f"/{kind}/{wanted.id}", 303)


@bp.get("/geschiedenis")
@bp.get("/geschiedenis.json")
def runs() -> Response:
    """What was changed together, latest first."""
    return reply("runs.html", {"ok": True, "runs": history.runs(broker().store)[:100]})


@bp.get("/<kind>/<id>/geschiedenis")
@bp.get("/<kind>/<id>/geschiedenis.json")
def past(kind: str, id: str) -> Response:
    """All changes of one record, also of one that is gone; who did it and why is for colleagues."""
    found = history.of_node(broker().store, id)
    if current() is VISITOR:
        found = tuple(replace(one, who="", why="") for one in found)
    if not by_staff():
        found = tuple(replace(one, old=_public(one.old), new=_public(one.new)) for one in found)
    node = broker().snapshot.nodes([id]).get(id)
    if not found and node is None:
        raise NotFound(_("%(id)r is er niet en was er niet.", id=id))
    return reply("past.html", {"ok": True, "id": id, "kind": kind_of(kind).name, "node": node, "pasts": found})


def _public(flat: history.Flat | None) -> history.Flat | None:
    return flat and personal.seen_values(flat["kind"], flat, by_staff=False)


@bp.post("/geschiedenis/<run>/terug")
def undo(run: str) -> Response:
    """Take back all of a run."""
    done = history.undo(broker(), run, current().name)
    return redirect(f"/geschiedenis#{done}", 303)


def _publish(change: Change, node: Node) -> str:
    why = typed("reden") or happened.CHANGED_HERE
    return history.publish(broker(), change, current().name, why, {node.id: version()})


def _form(node: Node, error: KennisError | None = None) -> Response:
    """The form; after an error with what was typed."""
    edges = broker().snapshot.edges([node.id])[node.id]
    data: dict[str, Any] = _choices(node.kind, node, error) | {"edges": edges}
    data |= {"node": node, "version": history.version(broker().store, node.id), "ties": edit.ties(node.kind)}
    return reply_with(error, "edit.html", data)


def _blank(kind: str, error: KennisError | None = None) -> Response:
    return reply_with(error, "new.html", _choices(kind_of(kind).name, None, error) | {"kind": kind})


def _choices(kind: str, node: Node | None, error: KennisError | None) -> dict[str, Any]:
    publications = sorted((n.name, n.id) for n in broker().store.nodes("publication"))
    return {
        "typed": request.form if error else {},
        "fields": edit.fields(kind, node),
        "publications": publications,
    }


def _with_source(node: Node) -> Node:
    return replace(node, sources=(*node.sources, edit.source(broker(), request.form)))


def _edge_key(text: str) -> tuple[str, str, str]:
    try:
        kind, source, target = text.split(" ")
    except ValueError:
        raise Refused(_("Kies een relatie uit de lijst.")) from None
    return kind, source, target
