"""One answer as a page or as JSON: the only place that chooses between them."""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from flask import Response, current_app, jsonify, make_response, render_template, request
from flask.json.provider import DefaultJSONProvider

from kennismakelaar.broker import Broker, Relation
from kennismakelaar.config import Settings
from kennismakelaar.model import Edge, Node, as_json


def broker() -> Broker:
    """The broker that this app was made with, or that it opens as soon as its database is there."""
    found: Broker | Callable[[], Broker] = current_app.extensions["kennismakelaar"]
    return found if isinstance(found, Broker) else found()


def settings() -> Settings:
    """The settings that this app was made with."""
    found: Settings = current_app.extensions["settings"]
    return found


def reply(template: str, data: Mapping[str, Any], status: int = 200) -> Response:
    """The data in a template, or as they are where the address asks for JSON."""
    response = jsonify(data) if wants_json() else make_response(render_template(template, **data, status=status))
    response.status_code = status
    return response


def wants_json() -> bool:
    """Told by the address, so that a link shows what one will get."""
    return request.path.endswith(".json") or request.path in ("/gezond", "/health", "/ready")


def _relation(relation: Relation) -> dict[str, Any]:
    other = relation.other
    return as_json(relation.edge) | {
        "sentence": relation.sentence,
        "other": {"id": other.id, "kind": other.kind, "name": other.name},
    }


PLAIN: Mapping[type, Callable[[Any], Any]] = {Node: as_json, Edge: as_json, Relation: _relation}
"""Dataclasses that look different in JSON from what they are; all others show their fields."""


class Json(DefaultJSONProvider):
    """Knows our dataclasses; keeps the order of fields and the letters of names."""

    sort_keys = False
    ensure_ascii = False
    mimetype = "application/json"

    @staticmethod
    def default(thing: Any) -> Any:
        """What the encoder does not know itself."""
        if type(thing) in PLAIN:
            return PLAIN[type(thing)](thing)
        if is_dataclass(thing):
            return {field.name: getattr(thing, field.name) for field in fields(thing)}
        return DefaultJSONProvider.default(thing)
