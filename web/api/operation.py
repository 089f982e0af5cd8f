"""One row of the table of operations, and how a request becomes its answer."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar
from urllib.parse import urlencode

from flask import Response, current_app, request, stream_with_context
from pydantic import ValidationError
from werkzeug.exceptions import NotAcceptable, UnsupportedMediaType

from kennismakelaar.keys import Scope
from web.api import asker
from web.api.models import Shape
from web.api.problems import invalid

JSON, LINES = "application/json", "application/x-ndjson"
S = TypeVar("S", bound=Shape)


@dataclass(frozen=True)
class Operation:
    """What the API can do at one address; texts are Dutch."""

    path: str
    """Below /api/v1, with parameters as in OpenAPI, such as /entities/{id}."""
    run: Callable[..., "Shape | Iterator[str]"]
    """Takes the parameters of the path by name, and `query` or `body` where there is one."""
    summary: str
    answer: type[Shape] | None
    """None for lines of JSON."""
    tag: str
    method: Literal["GET", "POST"] = "GET"
    query: type[Shape] | None = None
    body: type[Shape] | None = None
    scope: Scope | None = None
    """What a key must be for; None: no key is needed."""
    dear: bool = False
    """Takes so much work that it may be asked less often."""
    errors: tuple[int, ...] = ()
    """Statuses that it has beside those of every operation."""

    @property
    def name(self) -> str:
        """The operationId."""
        return self.run.__name__

    @property
    def media(self) -> str:
        """The media type of a good answer."""
        return JSON if self.answer else LINES


def view(operation: Operation) -> Callable[..., Response]:
    """The function that Flask calls for an operation."""

    def answer(**path: str) -> Response:
        asker.key()
        if operation.scope:
            asker.must_have(operation.scope)
        if request.accept_mimetypes and not request.accept_mimetypes[operation.media]:
            raise NotAcceptable
        given: dict[str, Any] = dict(path)
        if operation.query:
            given["query"] = _query(operation.query)
        elif request.args:
            _query(Shape)
        if operation.body:
            given["body"] = _body(operation.body)
        return _shown(operation, operation.run(**given))

    answer.__name__ = operation.name
    return answer


def _query(shape: type[S]) -> S:
    """The query of the address; a parameter that is given twice is not right, since only one can count."""
    values = {name: found[0] if len(found) == 1 else found for name, found in request.args.lists()}
    try:
        return shape.model_validate(values, by_alias=True, by_name=False)
    except ValidationError as error:
        raise invalid(error) from error


def _body(shape: type[S]) -> S:
    if request.mimetype != JSON:
        raise UnsupportedMediaType
    try:
        return shape.model_validate_json(request.get_data(), strict=True, by_alias=True, by_name=False)
    except ValidationError as error:
        raise invalid(error) from error


def _shown(operation: Operation, found: "Shape | Iterator[str]") -> Response:
    """With an ETag, so that who has it already gets an empty 304; papers of the desk are kept nowhere."""
    if not isinstance(found, Shape):
        return Response(stream_with_context(found), content_type=LINES)
    text = json.dumps(found.model_dump(mode="json", by_alias=True, exclude_none=True), ensure_ascii=False)
    response = current_app.response_class(text, content_type=JSON)
    response.headers["Vary"] = "Accept, Authorization, X-API-Key"
    if operation.scope:
        response.headers["Cache-Control"] = "no-store"
    if operation.method == "GET":
        _link_pages(response, found)
        response.add_etag()
        response.make_conditional(request)
    return response


def _link_pages(response: Response, found: Shape) -> None:
    """Where the first, previous, next and last part of a list are (RFC 8288)."""
    values: Mapping[str, Any] = vars(found)
    if "page_size" not in values:
        return
    page, last = values["page"], max(1, -(-values["total"] // values["page_size"]))
    places = {"first": 1, "prev": page - 1, "next": page + 1, "last": last}
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "page"]
    links = (
        f'<{request.base_url}?{urlencode([*kept, ("page", number)])}>; rel="{rel}"'
        for rel, number in places.items()
        if 1 <= number <= last
    )
    response.headers["Link"] = ", ".join(links)
