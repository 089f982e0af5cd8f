"""One answer as a page or as JSON: the only place that chooses between them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from math import ceil
from typing import Any, TypeVar

from flask import Response, current_app, jsonify, make_response, render_template, request
from flask.json.provider import DefaultJSONProvider

from kennismakelaar import personal
from kennismakelaar.broker import Broker, Relation
from kennismakelaar.config import Settings
from kennismakelaar.errors import KennisError, NotFound
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Edge, Node, as_json

T = TypeVar("T")


def broker() -> Broker:
    """The broker that this app was made with, or that it opens as soon as its database is there."""
    found: Broker | Callable[[], Broker] = current_app.extensions["kennismakelaar"]
    return found if isinstance(found, Broker) else found()


def settings() -> Settings:
    """The settings that this app was made with."""
    found: Settings = current_app.extensions["settings"]
    return found


def site() -> str:
    """Where this website is found, without a slash at the end."""
    return settings().address.rstrip("/") or request.host_url.rstrip("/")


def by_staff() -> bool:
    """Is this for someone of the desk? Others do not see every field of a person."""
    found: Callable[[str], bool] = current_app.extensions["may"]
    return found("desk.listing")


def _seen(value: Any) -> Any:
    """A node, also in a list, as who asks may see it."""
    if isinstance(value, Node):
        return personal.seen(value, by_staff())
    return type(value)(map(_seen, value)) if type(value) in (list, tuple) else value


def reply(template: str, data: Mapping[str, Any], status: int = 200) -> Response:
    """The data in a template, or as they are where the address asks for JSON; of people what who asks may see."""
    shown = {name: _seen(value) for name, value in data.items()}
    response = jsonify(shown) if wants_json() else make_response(render_template(template, **shown, status=status))
    response.status_code = status
    return response


def reply_with(error: KennisError | None, template: str, data: Mapping[str, Any]) -> Response:
    """As reply, for a page with a form: `wrong` says what is wrong with what was sent, if anything is."""
    told = {"ok": error is None, "wrong": str(error) if error else ""}
    return reply(template, {**told, **data}, error.status if error else 200)


def paged(found: Sequence[T], size: int, argument: str = "pagina") -> tuple[Sequence[T], int, int]:
    """The page that the address asks for, with its number and how many there are; NotFound past the last."""
    page, pages = request.args.get(argument, 1, type=int), max(1, ceil(len(found) / size))
    if not 1 <= page <= pages:
        raise NotFound(_("Pagina %(page)s is er niet. De laatste pagina is %(pages)s.", page=page, pages=pages))
    return found[(page - 1) * size : page * size], page, pages


def wants_json() -> bool:
    """Told by the address, so that a link shows what one will get."""
    return request.path.endswith(".json") or request.path in ("/gezond", "/health", "/ready")


def _relation(relation: Relation) -> dict[str, Any]:
    other = relation.other
    return as_json(relation.edge) | {
        "sentence": relation.sentence,
        "other": {"id": other.id, "kind": other.kind, "name": other.name},
    }


def _node(node: Node) -> dict[str, object]:
    return as_json(personal.seen(node, by_staff()))


PLAIN: Mapping[type, Callable[[Any], Any]] = {Node: _node, Edge: as_json, Relation: _relation}
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
