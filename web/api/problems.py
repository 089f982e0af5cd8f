"""What goes wrong in the API, as application/problem+json (RFC 9457)."""

from collections.abc import Mapping
from time import time
from typing import Any

from flask import Response, current_app, request
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from kennismakelaar.errors import KennisError
from kennismakelaar.language import gettext as _
from kennismakelaar.language import marked
from web.access import limiter
from web.api.models import Problem, Wrong

API, PROGRAMS = "/api/", ("/api/", "/hsds/", "/reconcile")
"""Addresses of the API, and all that are for programs."""
VERSION = "1.0.0"
"""Of the API (semver.org): the first number is in the address as well."""
MEDIA = "application/problem+json"
RETRY_AFTER = 10
"""Seconds after which it makes sense to try again when the graph database was away."""
TITLES = {
    400: marked("Dit verzoek klopt niet"),
    401: marked("Sleutel nodig"),
    403: marked("Deze sleutel mag dat niet"),
    404: marked("Niet gevonden"),
    405: marked("Dat kan niet op dit adres"),
    406: marked("Die vorm hebben wij niet"),
    409: marked("Intussen veranderd"),
    413: marked("Te groot"),
    415: marked("Die vorm lezen wij niet"),
    429: marked("Te vaak"),
    500: marked("Er ging iets mis bij ons"),
    503: marked("Even niet beschikbaar"),
}
DETAILS = {
    404: marked("Op dit adres is niets. Kijk in /api/v1/openapi.json wat er is."),
    405: marked("Gebruik een van de methoden die in de kop Allow staan."),
    413: marked("Het verzoek is te groot."),
    429: marked(
        "U vroeg dit net al vaak. Wacht zoveel seconden als in de kop Retry-After staat, of vraag een sleutel."
    ),
    500: marked("Het ligt niet aan u. Probeer het later nog eens."),
}
"""Of errors that are not ours, by status."""
SAID = {
    "missing": marked("is verplicht"),
    "extra_forbidden": marked("bestaat niet"),
    "string_too_short": marked("is te kort: ten minste {min_length} tekens"),
    "string_too_long": marked("is te lang: ten hoogste {max_length} tekens"),
    "string_pattern_mismatch": marked("is leeg"),
    "string_type": marked("moet tekst zijn"),
    "list_type": marked("moet een lijst zijn"),
    "int_type": marked("moet een geheel getal zijn"),
    "bool_type": marked("moet true of false zijn"),
    "greater_than_equal": marked("is te klein: ten minste {ge}"),
    "less_than_equal": marked("is te groot: ten hoogste {le}"),
    "literal_error": marked("bestaat niet; kies uit: {expected}"),
    "enum": marked("bestaat niet; kies uit: {expected}"),
    "json_invalid": marked("is geen JSON"),
    "model_type": marked("moet een JSON-object zijn"),
    "value_error": "{error}",
}
"""What we say of a field, by the kind of error of pydantic."""


class Invalid(KennisError):
    """Fields of a request that are not right, all of them together."""

    status = 400

    def __init__(self, errors: Mapping[str, str]) -> None:
        told = "; ".join(f"{name} {said}" for name, said in errors.items())
        super().__init__(_("Niet alle velden kloppen: %(told)s", told=told))
        self.errors = errors


class Unknown(Invalid):
    """Names in a request that we do not know, or that may be more than one thing, all of them together."""

    status = 404


def invalid(error: ValidationError) -> Invalid:
    """The same in our words; the field of a body as a whole is called 'body'."""
    return Invalid({".".join(map(str, one["loc"])) or "body": _said(one) for one in error.errors()})


def _said(error: Any) -> str:
    said = _(SAID.get(error["type"], marked("klopt niet")))
    return said.format(**error.get("ctx", {})).replace(" or ", f" {_('of')} ")


def is_program() -> bool:
    """Is this a request for what is there for programs?"""
    return request.path.startswith(PROGRAMS)


def problem(error: KennisError | HTTPException) -> Response:
    """The response for an error."""
    status = error.status if isinstance(error, KennisError) else error.code or 500
    detail = (
        str(error)
        if isinstance(error, KennisError)
        else _(DETAILS.get(status, marked("Dit verzoek begrijpen wij niet.")))
    )
    wrong = error.errors.items() if isinstance(error, Invalid) else ()
    shape = Problem(
        status=status,
        title=_(TITLES.get(status, marked("Fout"))),
        detail=detail,
        errors=[Wrong(name=name, detail=said) for name, said in wrong],
    )
    body = shape.model_dump(by_alias=True, exclude_defaults=True)
    response = Response(current_app.json.dumps(body), status, content_type=MEDIA)
    response.headers.extend(_headers(error, status))
    return with_version(response)


def _headers(error: KennisError | HTTPException, status: int) -> dict[str, str]:
    if status == 401:
        return {"WWW-Authenticate": "Bearer"}
    if status == 503:
        return {"Retry-After": str(RETRY_AFTER)}
    if status == 429 and limiter.current_limit:
        return {"Retry-After": str(max(1, int(limiter.current_limit.reset_at - time())))}
    if isinstance(error, HTTPException):
        return {name: value for name, value in error.get_headers() if name == "Allow"}
    return {}


def with_version(response: Response) -> Response:
    """What every response of the API carries."""
    if request.path.startswith(API):
        response.headers["API-Version"] = VERSION
    return open_to_all(response)


def open_to_all(response: Response) -> Response:
    """Other sites may read it: nothing here depends on a cookie."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "API-Version, ETag, Link, Retry-After"
    response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type, If-None-Match, X-API-Key"
    return response
