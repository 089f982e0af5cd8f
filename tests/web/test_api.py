"""The API: what it answers, that its document tells the same, and that it keeps the Dutch API Design Rules."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

from kennismakelaar import audit, history, keys, resolve
from kennismakelaar.broker import Broker
from kennismakelaar.config import Settings
from kennismakelaar.desk import intake
from kennismakelaar.desk.intake import Situation
from kennismakelaar.keys import Scope
from kennismakelaar.model import Change
from tests.web.conftest import NODES, QUESTION, node
from web import access
from web.api.operation import Operation
from web.api.operations import OPERATIONS
from web.app import create_app

BASE = "/api/v1"
EXAMPLES = int(os.environ.get("API_EXAMPLES", "8"))
"""Requests that are made up for each operation, of what may be sent and again of what may not; a nightly run takes more."""
EMBEDDED = pytest.mark.parametrize("opening", ["embedded"], indirect=True)
"""For what does not come near the database itself."""


@pytest.fixture
def secret(broker: Broker) -> Iterator[str]:
    """A key that may do everything."""
    yield keys.add(broker.store, "toets", tuple(Scope), 600, datetime.now(UTC).date())
    keys.revoke(broker.store, "toets")


@pytest.fixture(scope="session")
def document(broker: Broker) -> dict[str, Any]:
    """The OpenAPI document as a website gives it."""
    site = create_app(broker, Settings(address="https://kennis.voorbeeld.nl"))
    return dict(site.test_client().get(f"{BASE}/openapi.json").json or {})


def get(client: FlaskClient, path: str, secret: str = "", **headers: str) -> Any:
    shown = {"Authorization": f"Bearer {secret}"} if secret else {}
    return client.get(BASE + path, headers=shown | headers)


def post(client: FlaskClient, path: str, body: Any, secret: str = "") -> Any:
    return client.post(BASE + path, json=body, headers={"X-API-Key": secret} if secret else {})


def ids(answer: Any) -> list[str]:
    return [item["id"] for item in answer.json["items"]]


def case(broker: Broker) -> str:
    """The id of a new case."""
    return intake.send(broker, Situation("Wie helpt ons met een buurttuin?"), "a1", datetime.now(UTC))[0].id


# What it answers


def test_records_come_in_order_of_id_and_by_what_was_asked_for(client: FlaskClient) -> None:
    assert ids(get(client, "/entities")) == sorted(one.id for one in NODES)
    assert ids(get(client, "/entities?kind=initiative")) == ["buurttuin", "dorpswinkel"]
    assert ids(get(client, "/entities?place=Zonnedam")) == ["buurttuin", "gemeente-zonnedam", "zonnedam"]
    assert ids(get(client, "/entities?theme=voorzieningen&kind=initiative")) == ["dorpswinkel"]
    assert ids(get(client, "/entities?text=moestuin+grond")) == ["gemeente-zonnedam"]


def test_a_page_tells_where_the_others_are(client: FlaskClient) -> None:
    page = get(client, "/entities?pageSize=5&page=2")
    assert len(page.json["items"]) == 5
    assert page.json["total"] == len(NODES)
    links = re.findall(r'<http://localhost([^>]+)>; rel="(\w+)"', page.headers["Link"])
    assert {rel: address[-1] for address, rel in links} == {"first": "1", "prev": "1", "next": "3", "last": "3"}
    assert all("pageSize=5" in address for address, _ in links)


def test_a_record_has_its_relations_and_names_in_camel_case(client: FlaskClient) -> None:
    found = get(client, "/entities/dorpswinkel").json
    assert found["properties"]["verifiedOn"] == "2026-11-25"
    assert found["modified"] == "2026-11-25T00:00:00Z"
    assert found["address"] == "http://localhost/initiative/dorpswinkel"
    assert {relation["other"]["id"] for relation in found["relations"]} == {"aandelen", "buurtwinkel", "steunpunt"}


def test_who_has_a_record_already_gets_no_content(client: FlaskClient) -> None:
    first = get(client, "/entities/dorpswinkel")
    again = get(client, "/entities/dorpswinkel", **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.text) == (304, "")
    other = get(client, "/entities/buurttuin", **{"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200


def test_what_changed_since_a_moment_is_found_on_both_stores(own: Broker, visitor: FlaskClient) -> None:
    moved = node("initiative", "buurttuin", "Buurttuin Zonnehof", "Buren maken samen een grote moestuin.", "tuin")
    undated = replace(node("theme", "los", "los", "Nooit nagekeken."), properties={"summary": "Nooit nagekeken."})
    own.add([undated], [])
    before = get(visitor, "/entities/buurttuin").headers["ETag"]
    history.publish(own, Change(nodes=[moved]), "anna", "groter")
    assert ids(get(visitor, "/entities?modifiedSince=2026-11-25T00:00:01Z")) == ["buurttuin", "los"]
    assert get(visitor, "/entities?modifiedSince=2026-11-25T00:00:00Z").json["total"] == len(NODES) + 1
    assert get(visitor, "/entities/buurttuin").headers["ETag"] != before


@EMBEDDED
def test_the_id_of_a_merged_record_leads_on(own: Broker, visitor: FlaskClient) -> None:
    resolve.merge(own, "dorpswinkel", "buurttuin", "anna")
    answer = get(visitor, "/entities/buurttuin")
    assert (answer.status_code, answer.location) == (301, f"{BASE}/entities/dorpswinkel")
    assert get(visitor, "/entities/niets").status_code == 404


def test_around_a_record_stands_what_is_near(client: FlaskClient) -> None:
    one = get(client, "/entities/zonnedam/neighbourhood").json
    assert [found["id"] for found in one["entities"]] == ["zonnedam", "buurttuin", "gemeente-zonnedam"]
    assert {(edge["source"], edge["kind"]) for edge in one["relations"]} >= {("gemeente-zonnedam", "supports")}
    two = get(client, "/entities/zonnedam/neighbourhood?depth=2").json
    assert two["entities"][-1]["id"] == "steunpunt"
    few = get(client, "/entities/zonnedam/neighbourhood?depth=2&limit=2").json
    assert (len(few["entities"]), few["complete"], two["complete"]) == (2, False, True)


def test_a_question_gets_matches_whose_reasons_add_up(client: FlaskClient) -> None:
    answer = post(client, "/questions/ask", {"question": QUESTION, "kinds": ["initiative"]}).json
    best = answer["matches"][0]
    assert best["id"] == "dorpswinkel"
    assert sum(reason["points"] for reason in best["reasons"]) == pytest.approx(best["score"], abs=0.01)
    assert ids(get(client, "/entities/dorpswinkel/similar")) == ["buurttuin"]


def test_themes_and_views_are_listed(client: FlaskClient) -> None:
    themes = {theme["id"]: theme for theme in get(client, "/themes").json["items"]}
    assert themes["voorzieningen"]["narrower"] == ["buurtwinkel"]
    assert themes["buurtwinkel"]["words"] == ["kruidenier", "dorpswinkel"]
    assert "organisations" in {view["name"] for view in get(client, "/network/views").json["items"]}
    assert "betweenness" in {one["name"] for one in get(client, "/network/measures").json["items"]}


def test_a_measure_needs_a_key_and_knows_no_people(client: FlaskClient, secret: str) -> None:
    path = "/network/views/full/measures/degree"
    assert get(client, path).status_code == 401
    figures = {one["id"]: one["value"] for one in get(client, path, secret).json["items"]}
    assert figures["steunpunt"] == 2
    assert "anna-voorbeeld" not in figures
    assert len(get(client, "/network/views/full/measures/density", secret).json["items"]) == 1


def test_everything_comes_as_lines_without_names_of_people(client: FlaskClient) -> None:
    answer = get(client, "/export")
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert answer.content_type == "application/x-ndjson"
    assert sum(line["type"] == "entity" for line in lines) == len(NODES)
    assert "Anna Voorbeeld" not in answer.text


@EMBEDDED
def test_staff_systems_read_cases_and_take_steps_by_name(own: Broker, visitor: FlaskClient) -> None:
    id, today = case(own), datetime.now(UTC).date()
    reader = keys.add(own.store, "lezer", (Scope.CASES_READ,), 10, today)
    writer = keys.add(own.store, "zaaksysteem", (Scope.CASES_READ, Scope.CASES_WRITE), 10, today)
    shown = get(visitor, f"/cases/{id}", reader)
    assert shown.headers["Cache-Control"] == "no-store"
    assert "receipt" not in shown.json
    step = {"to": "verhelderd", "why": "gebeld", "version": shown.json["version"]}
    assert post(visitor, f"/cases/{id}/steps", step, reader).status_code == 403
    done = post(visitor, f"/cases/{id}/steps", step, writer)
    assert (done.json["state"], done.json["history"][-1]["who"]) == ("verhelderd", "sleutel zaaksysteem")
    late = post(visitor, f"/cases/{id}/steps", step, writer)
    assert (late.status_code, late.json["title"]) == (409, "Intussen veranderd")
    assert ids(get(visitor, "/cases?state=verhelderd", reader)) == [id]
    assert ids(get(visitor, "/cases?state=nieuw", reader)) == []
    assert {(row.who, row.about) for row in audit.rows(own.store)} == {
        ("sleutel lezer", id),
        ("sleutel zaaksysteem", id),
    }


@EMBEDDED
def test_what_only_staff_see_of_people_is_nowhere(own: Broker, visitor: FlaskClient) -> None:
    own.add([node("person", "anna-voorbeeld", "Anna Voorbeeld", "Schrijver.", capacity=3)], [])
    key = keys.add(own.store, "alles", tuple(Scope), 10, datetime.now(UTC).date())
    for path in ("/entities/anna-voorbeeld", "/entities?kind=person", "/export", "/entities/samen-doen/neighbourhood"):
        assert "capacity" not in get(visitor, path, key).text


# Who asks


@EMBEDDED
def test_a_session_is_no_key(staff: FlaskClient) -> None:
    assert staff.get("/bureau").status_code == 200
    assert get(staff, "/cases").status_code == 401


def test_a_key_that_does_not_work_is_told_also_where_none_is_needed(broker: Broker, client: FlaskClient) -> None:
    old = keys.add(broker.store, "oud", (Scope.READ,), 1, date(2020, 1, 1))
    for shown in (old, "kmk_verzonnen"):
        assert get(client, "/themes", shown).status_code == 401
    assert client.get(f"{BASE}/themes", headers={"Authorization": "Basic YTpi"}).status_code == 401
    assert get(client, "/themes").status_code == 200
    keys.revoke(broker.store, "oud")


def test_who_asks_too_often_waits_and_a_key_may_ask_more(
    broker: Broker, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.api.asker.OFTEN", {True: "9 per minute", False: "2 per minute"})
    monkeypatch.setattr(access.limiter, "enabled", True)
    client = create_app(broker).test_client()
    assert [get(client, "/themes").status_code for _ in range(3)] == [200, 200, 429]
    refused = get(client, "/themes")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.json["title"] == "Te vaak"
    assert {get(client, "/themes", secret).status_code for _ in range(5)} == {200}
    access.limiter.reset()


# What goes wrong


@pytest.mark.parametrize(
    ("path", "status"),
    [("/nergens", 404), ("/entities/", 404), ("/entities/x", 404), ("/entities?kind=x", 400), ("/cases", 401)],
)
def test_every_error_is_a_problem(client: FlaskClient, path: str, status: int) -> None:
    answer = get(client, path)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert answer.json["status"] == status
    assert answer.json["title"]
    assert answer.json["detail"]
    assert answer.headers["API-Version"] == "1.0.0"


def test_all_fields_that_are_wrong_are_told_together(client: FlaskClient) -> None:
    answer = get(client, "/entities?page=0&pageSize=veel&kind=dier&soort=theme&modifiedSince=2026")
    assert [wrong["name"] for wrong in answer.json["errors"]] == ["page", "pageSize", "kind", "modifiedSince", "soort"]
    body = post(client, "/questions/ask", {"question": " ", "kinds": "theme", "limit": "5"})
    assert [wrong["name"] for wrong in body.json["errors"]] == ["question", "kinds", "limit"]
    unknown = get(client, "/entities?place=Nergenshuizen&theme=niets")
    assert (unknown.status_code, len(unknown.json["errors"])) == (404, 2)


def test_other_methods_and_forms_are_refused(client: FlaskClient) -> None:
    wrong_method = client.delete(f"{BASE}/entities")
    assert wrong_method.status_code == 405
    assert {*wrong_method.headers["Allow"].split(", ")} == {"GET", "HEAD", "OPTIONS"}
    assert get(client, "/entities", Accept="text/csv").status_code == 406
    assert client.post(f"{BASE}/questions/ask", data="q=winkel").status_code == 415
    assert client.post(f"{BASE}/questions/ask", data="{", content_type="application/json").status_code == 400


# The document


def cases() -> list[Any]:
    """Each operation, with requests that should be taken, and where there is something to get wrong, that should not."""
    both = [(one, mode) for one in OPERATIONS for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)]
    wanted = [(one, mode) for one, mode in both if mode is GenerationMode.POSITIVE or one.query or one.body]
    return [pytest.param(one, mode, id=f"{one.name}-{mode.value}") for one, mode in wanted]


@pytest.mark.parametrize(("operation", "mode"), cases())
def test_it_does_what_its_document_says(app: Flask, secret: str, operation: Operation, mode: GenerationMode) -> None:
    """Schemathesis makes up requests and checks statuses, bodies, headers and media types against the document."""
    schema = schemathesis.openapi.from_wsgi(f"{BASE}/openapi.json", app)
    strategy = schema[operation.path][operation.method].as_strategy(generation_mode=mode)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def run(case: Any) -> None:
        case.call_and_validate(headers={"X-API-Key": secret})

    run()


def test_what_the_document_names_is_what_there_is(app: Flask, document: dict[str, Any]) -> None:
    rules = {rule.rule: rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("api.")}
    told = {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}
    there = {
        (re.sub(r"<(\w+)>", r"{\1}", path.removeprefix(BASE)), method)
        for path, rule in rules.items()
        if not path.endswith(("/openapi.json", "/docs"))
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert told == there


# The Dutch API Design Rules (Logius, version 2.1), as its linter checks them over the document


def responses(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, status and response of every operation."""
    for path, methods in document["paths"].items():
        for operation in methods.values():
            for status, response in operation["responses"].items():
                name = response.get("$ref", "").rpartition("/")[2]
                yield path, status, document["components"]["responses"][name] if name else response


def properties(document: dict[str, Any]) -> set[str]:
    return {name for schema in document["components"]["schemas"].values() for name in schema.get("properties", ())}


def parameters(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        one for methods in document["paths"].values() for single in methods.values() for one in single["parameters"]
    ]


def test_the_document_is_openapi_3_for_everyone_to_read(client: FlaskClient, document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.")
    assert get(client, "/openapi.json").headers["Access-Control-Allow-Origin"] == "*"
    assert {*document["info"]["contact"]} == {"name", "email", "url"}
    assert all(document["info"]["contact"].values())


def test_versions_are_semantic_and_their_first_number_is_in_the_address(document: dict[str, Any]) -> None:
    version = re.fullmatch(r"(\d+)\.\d+\.\d+", document["info"]["version"])
    assert version
    (server,) = document["servers"]
    assert server["url"] == f"https://kennis.voorbeeld.nl/api/v{version[1]}"


def test_paths_are_kebab_case_nouns_without_a_slash_at_the_end(document: dict[str, Any]) -> None:
    for path in document["paths"]:
        assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*|\{[a-z][a-zA-Z]*\}", part) for part in path[1:].split("/")), path
        assert path.split("/")[1] in {"entities", "themes", "questions", "network", "cases", "export"}


def test_keys_and_properties_are_camel_case(document: dict[str, Any]) -> None:
    names = properties(document) | {one["name"] for one in parameters(document)}
    assert all(re.fullmatch(r"[a-z]+([A-Z][a-z0-9]*)*", name) for name in names)


def test_only_standard_methods_are_used_and_get_has_no_body(document: dict[str, Any]) -> None:
    for methods in document["paths"].values():
        assert set(methods) <= {"get", "post", "put", "patch", "delete"}
        assert "requestBody" not in methods.get("get", {})


def test_every_response_has_its_version_in_a_header(document: dict[str, Any]) -> None:
    assert [place[:2] for place in responses(document) if "API-Version" not in place[2]["headers"]] == []


def test_every_error_has_the_shape_of_a_problem(document: dict[str, Any]) -> None:
    for path, status, response in responses(document):
        if int(status) >= 400:
            assert list(response["content"]) == ["application/problem+json"], (path, status)
    problem = document["components"]["schemas"]["Problem"]
    assert {"status", "title", "detail"} <= set(problem["required"])
    assert {status for _, status, _ in responses(document)} >= {"400", "401", "404", "406", "429"}
    assert all("400" in single["responses"] for methods in document["paths"].values() for single in methods.values())


def test_moments_say_that_they_are(document: dict[str, Any]) -> None:
    (since,) = [one for one in parameters(document) if one["name"] == "modifiedSince"]
    assert since["schema"]["format"] == "date-time"
    case = document["components"]["schemas"]["Case"]["properties"]
    assert {case[name]["format"] for name in ("created", "since")} == {"date-time"}


def test_every_operation_has_a_name_a_summary_and_a_description(document: dict[str, Any]) -> None:
    singles = [single for methods in document["paths"].values() for single in methods.values()]
    assert len({single["operationId"] for single in singles}) == len(singles)
    assert all(single["summary"] and single["tags"] for single in singles)
    assert all(response["description"] for _, _, response in responses(document))


def test_every_response_has_the_headers_that_protect(client: FlaskClient) -> None:
    headers = get(client, "/themes").headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cache-Control"]
