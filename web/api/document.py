"""The OpenAPI 3.1 document, made of the table of operations."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic.json_schema import models_json_schema

from kennismakelaar.config import Settings
from kennismakelaar.keys import MEANING
from kennismakelaar.language import gettext as _
from kennismakelaar.language import marked
from web.api.models import Problem, Shape
from web.api.operation import JSON, LINES, Operation
from web.api.operations import OPERATIONS
from web.api.problems import MEDIA, TITLES, VERSION

BASE = "/api/v1"
REF = "#/components/schemas/{model}"
EVERYWHERE = (400, 401, 405, 406, 429, 500, 503)
"""Statuses that every operation can have."""
DESCRIPTION = marked(
    """Wie kan helpen, en waarom: de kennisgraaf van Kennismakelaar voor programma's.

Wat openbaar is, leest u zonder sleutel. Met een sleutel mag u vaker vragen; zaken en maten van het netwerk vragen er altijd
een. Stuur hem mee in de kop `Authorization: Bearer` of `X-API-Key`. Namen zijn Engels, zoals in graph_schema; teksten zijn
Nederlands. Contactgegevens staan nergens in."""
)
MOVED = {
    "description": marked("Dit record is samengevoegd met een ander"),
    "headers": {
        "API-Version": {"$ref": "#/components/headers/API-Version"},
        "Location": {"description": marked("Waar het nu staat."), "schema": {"type": "string"}},
    },
}
FOR_PEOPLE = ("description", "summary")
"""What in the document is text to read."""
HEADERS: Mapping[str, str] = {
    "API-Version": marked("De hele versie van deze API."),
    "ETag": marked("Stuur hem mee in If-None-Match: is er niets veranderd, dan volgt 304 zonder inhoud."),
    "Link": marked("Adressen van het eerste, vorige, volgende en laatste deel (RFC 8288)."),
}


def document(settings: Settings, address: str) -> dict[str, Any]:
    """The document of the API at this address of the website, in the language that is spoken."""
    made: dict[str, Any] = _said(_document(settings, address))
    return made


def _said(part: Any) -> Any:
    """With everything that is there for people in the language that is spoken."""
    if isinstance(part, list):
        return [_said(one) for one in part]
    if not isinstance(part, dict):
        return part
    return {
        name: _(value) if name in FOR_PEOPLE and isinstance(value, str) and value else _said(value)
        for name, value in part.items()
    }


def _document(settings: Settings, address: str) -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Kennismakelaar",
            "version": VERSION,
            "description": DESCRIPTION,
            "contact": contact(settings, address),
            "license": {
                "name": _("CC0 1.0 (de gegevens)"),
                "url": "https://creativecommons.org/publicdomain/zero/1.0/deed.nl",
            },
        },
        "servers": [{"url": f"{address}{BASE}"}],
        "tags": [{"name": _(name)} for name in dict.fromkeys(one.tag for one in OPERATIONS)],
        "paths": _paths(),
        "components": {
            "schemas": _schemas(),
            "headers": {name: {"description": said, "schema": {"type": "string"}} for name, said in HEADERS.items()},
            "responses": {"301": MOVED} | {str(status): _problem(status) for status in TITLES},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": _scopes()},
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": _scopes()},
            },
        },
    }


def contact(settings: Settings, address: str) -> dict[str, str]:
    """Whom to write to about this website, else about the program."""
    return {"name": settings.publisher_name, "email": settings.contact_mail, "url": f"{address}/over"}


def _scopes() -> str:
    scopes = "; ".join(f"{scope}: {_(said)}" for scope, said in MEANING.items())
    return _("Waarvoor een sleutel kan zijn: %(scopes)s", scopes=scopes)


def _shapes() -> list[tuple[type[Shape], Any]]:
    inward: list[tuple[type[Shape], Any]] = [(one.body, "validation") for one in OPERATIONS if one.body]
    return [*inward, *((one.answer, "serialization") for one in OPERATIONS if one.answer), (Problem, "serialization")]


def _schemas() -> dict[str, Any]:
    return models_json_schema(_shapes(), by_alias=True, ref_template=REF)[1]["$defs"]  # type: ignore[no-any-return]


def _paths() -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for one in OPERATIONS:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one)
    return paths


def _operation(one: Operation) -> dict[str, Any]:
    statuses = sorted({*EVERYWHERE, *one.errors, *((403,) if one.scope else ()), *((413, 415) if one.body else ())})
    found: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.summary,
        "tags": [_(one.tag)],
        "parameters": [*_path_parameters(one), *_query_parameters(one)],
        "responses": {"200": _good(one)}
        | {str(status): {"$ref": f"#/components/responses/{status}"} for status in statuses},
        "security": [{"bearer": [one.scope]}, {"key": [one.scope]}] if one.scope else [{}, {"bearer": []}, {"key": []}],
    }
    if one.body:
        schema = {"$ref": REF.format(model=one.body.__name__)}
        found["requestBody"] = {"required": True, "content": {JSON: {"schema": schema}}}
    return found


def _path_parameters(one: Operation) -> list[dict[str, Any]]:
    names = re.findall(r"\{(\w+)\}", one.path)
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _query_parameters(one: Operation) -> list[dict[str, Any]]:
    schema = one.query.model_json_schema(by_alias=True) if one.query else {}
    return [_query_parameter(name, dict(values), schema) for name, values in schema.get("properties", {}).items()]


def _query_parameter(name: str, values: dict[str, Any], whole: Mapping[str, Any]) -> dict[str, Any]:
    """An address has no null: what may be left out is not required, and that says it."""
    for part in values.pop("anyOf", ()):
        if part.get("type") != "null":
            values = part | values
    if "$ref" in values:
        values = whole["$defs"][values.pop("$ref").rpartition("/")[2]] | values
    described = values.pop("description", "")
    wanted = {
        "name": name,
        "in": "query",
        "schema": {k: v for k, v in values.items() if k != "title" and v is not None},
    }
    return wanted | ({"description": described} if described else {})


def _good(one: Operation) -> dict[str, Any]:
    schema = {"$ref": REF.format(model=one.answer.__name__)} if one.answer else {"type": "string"}
    names = ["API-Version"]
    names += ["ETag"] if one.method == "GET" and one.media != LINES else []
    names += ["Link"] if one.answer and "page_size" in one.answer.model_fields else []
    return {
        "description": (one.answer.__doc__ if one.answer else "") or one.summary,
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
        "content": {one.media: {"schema": schema}},
    }


def _problem(status: int) -> dict[str, Any]:
    return {
        "description": TITLES[status],
        "headers": {"API-Version": {"$ref": "#/components/headers/API-Version"}},
        "content": {MEDIA: {"schema": {"$ref": REF.format(model="Problem")}}},
    }
