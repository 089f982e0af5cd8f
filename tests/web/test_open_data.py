"""What the website gives to other programs, and the reconciliation service by its protocol."""

import json
import re
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import jsonschema
import pytest
from flask.testing import FlaskClient

from kennismakelaar import resolve
from kennismakelaar.broker import Broker
from kennismakelaar.config import Settings
from kennismakelaar.standards import dcat, sitemap
from tests.web.conftest import node
from web import open_data
from web.app import create_app

EMBEDDED = pytest.mark.parametrize("opening", ["embedded"], indirect=True)
TEXT = {"type": "string"}
TYPE = {"type": "object", "properties": {"id": TEXT, "name": TEXT}, "required": ["id"]}
SERVICE = {"type": "object", "properties": {"service_url": TEXT, "service_path": TEXT}}
WITH_ID = {"type": "string", "pattern": r"\{\{id\}\}"}
MANIFEST = {
    "type": "object",
    "required": ["versions", "name", "identifierSpace", "schemaSpace"],
    "properties": {
        "versions": {"type": "array", "items": TEXT, "contains": {"const": "0.2"}},
        "name": TEXT,
        "identifierSpace": TEXT,
        "schemaSpace": TEXT,
        "documentation": TEXT,
        "view": {"type": "object", "properties": {"url": WITH_ID}, "required": ["url"]},
        "defaultTypes": {"type": "array", "items": TYPE, "uniqueItems": True},
        "suggest": {"type": "object", "properties": dict.fromkeys(("entity", "property", "type"), SERVICE)},
        "preview": {
            "type": "object",
            "properties": {"url": WITH_ID, "width": {"type": "integer"}, "height": {"type": "integer"}},
            "required": ["url", "width", "height"],
        },
        "extend": {
            "type": "object",
            "properties": {"propose_properties": SERVICE, "property_settings": {"type": "array"}},
        },
    },
    "additionalProperties": False,
}
RESULTS = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "required": ["result"],
        "properties": {
            "result": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["id", "name", "score"],
                    "properties": {
                        "id": TEXT,
                        "name": TEXT,
                        "description": TEXT,
                        "score": {"type": "number"},
                        "match": {"type": "boolean"},
                        "type": {"type": "array", "items": TYPE},
                        "features": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "properties": {"id": TEXT, "value": {"type": ["boolean", "number"]}},
                            },
                        },
                    },
                },
            }
        },
    },
}
SUGGESTED = {
    "type": "object",
    "required": ["result"],
    "properties": {
        "result": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "name"],
                "properties": {
                    "id": TEXT,
                    "name": TEXT,
                    "description": TEXT,
                    "notable": {"type": "array", "items": TYPE},
                },
            },
        }
    },
}
MOMENT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$"}
CELLS: list[dict[str, Any]] = [
    {"id": TEXT, "name": TEXT},
    {"str": TEXT},
    {"float": {"type": "number"}},
    {"int": {"type": "integer"}},
    {"date": MOMENT},
]
EXTENDED = {
    "type": "object",
    "required": ["rows", "meta"],
    "properties": {
        "meta": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "name"],
                "properties": {"id": TEXT, "name": TEXT, "type": TYPE},
            },
        },
        "rows": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": {
                    "type": "array",
                    "items": {
                        "oneOf": [
                            {"type": "object", "properties": one, "required": [*one], "additionalProperties": False}
                            for one in CELLS
                        ]
                    },
                },
            },
        },
    },
}
"""What the schemas of the Reconciliation Service API 0.2 ask, for what this service gives."""


def get(client: FlaskClient, path: str, **query: str) -> Any:
    return client.get(path, query_string=query)


def matched(client: FlaskClient, name: str, **more: Any) -> list[dict[str, Any]]:
    """Candidates for one name, after checking the answer."""
    answer = get(client, "/reconcile", queries=json.dumps({"q0": {"query": name, **more}}))
    assert answer.status_code == 200, answer.text
    jsonschema.validate(answer.json, RESULTS)
    found: list[dict[str, Any]] = answer.json["q0"]["result"]
    return found


# Pages and files


def test_the_page_of_a_record_holds_its_linked_data_and_its_twin_the_same(client: FlaskClient) -> None:
    html = client.get("/initiative/dorpswinkel").text
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    twin = get(client, "/initiative/dorpswinkel.jsonld")
    assert (twin.mimetype, json.loads(block)) == ("application/ld+json", twin.json or json.loads(twin.text))
    assert 'href="/initiative/dorpswinkel.jsonld" type="application/ld+json"' in html
    assert get(client, "/theme/dorpswinkel.jsonld").status_code == 404


@EMBEDDED
def test_a_name_cannot_break_out_of_the_data_in_a_page(own: Broker, visitor: FlaskClient) -> None:
    own.add([node("theme", "slim", "</script><script>alert(1)</script>", "Slim.")], [])
    assert "<script>alert" not in visitor.get("/theme/slim").text


def test_every_form_of_the_data_is_where_the_catalogue_says(client: FlaskClient) -> None:
    for form in dcat.FORMS:
        answer = client.get(form.path)
        assert (answer.status_code, answer.mimetype) == (200, form.media), form.path
    for service in dcat.SERVICES:
        assert client.get(service.description).status_code == 200
    for path in ("/data/catalogus.ttl", "/data/catalogus.jsonld"):
        answer = client.get(path)
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert client.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_every_page_in_the_sitemap_is_there_and_no_person(broker: Broker, client: FlaskClient) -> None:
    space = f"{{{sitemap.SPACE}}}loc"
    found = [one.text or "" for one in ElementTree.fromstring(client.get("/sitemap.xml").data).iter(space)]
    assert all(client.get(urlsplit(address).path).status_code == 200 for address in found)
    assert len(found) == broker.snapshot.size - 1 + len(sitemap.PAGES)
    assert not any("anna" in address for address in found)
    assert client.get("/sitemap-1.xml").status_code == 200
    assert client.get("/sitemap-2.xml").status_code == 404


def test_search_engines_are_told_where_the_sitemap_is(broker: Broker) -> None:
    site = create_app(broker, Settings(address="https://kennis.voorbeeld.nl/"))
    lines = site.test_client().get("/robots.txt").text.splitlines()
    assert lines[0] == "User-agent: *"
    assert "Sitemap: https://kennis.voorbeeld.nl/sitemap.xml" in lines
    assert all(f"Disallow: {path}" in lines for path in open_data.ROBOTS)


def test_the_page_for_developers_leads_everywhere(client: FlaskClient) -> None:
    html = client.get("/voor-ontwikkelaars").text
    links = {link for link in re.findall(r'href="(/[^"#]*)"', html) if not link.startswith("/static")}
    assert {form.path for form in dcat.FORMS} | {"/api/v1/docs", "/hsds/3.0/", "/sitemap.xml"} <= links
    assert [link for link in links if client.get(link).status_code != 200] == []


def test_the_documentation_names_every_operation_field_and_limit(client: FlaskClient) -> None:
    html, document = client.get("/api/v1/docs").text, client.get("/api/v1/openapi.json").json or {}
    assert all(f"{method.upper()} {path}" in html for path, methods in document["paths"].items() for method in methods)
    for name, schema in document["components"]["schemas"].items():
        assert f'id="{name}"' in html
        assert all(f"<code>{field}</code>" in html for field in schema.get("properties", ()))
    assert "None" not in re.sub("<[^>]+>", "", html)
    anchors = set(re.findall(r'href="#(\w+)"', html))
    assert anchors - {"inhoud"} <= set(re.findall(r'id="([\w-]+)"', html))


# Reconciliation


def test_the_manifest_follows_the_protocol(client: FlaskClient) -> None:
    answer = get(client, "/reconcile")
    jsonschema.validate(answer.json, MANIFEST)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    view = answer.json["view"]["url"].replace("{{id}}", "dorpswinkel")
    assert client.get(view).location == "/initiative/dorpswinkel"


def test_the_same_name_is_a_match_and_one_that_is_alike_is_not(client: FlaskClient) -> None:
    best = matched(client, "Stichting Steunpunt dorpen")[0]
    assert (best["id"], best["score"], best["match"]) == ("steunpunt", 100.0, True)
    typo = matched(client, "Steunpnt Dorpen")[0]
    assert (typo["id"], typo["match"]) == ("steunpunt", False)
    assert typo["score"] < 100
    assert [one["id"] for one in matched(client, "dorpswinkel") if one["match"]] == ["dorpswinkel"]
    assert matched(client, "xyzzy") == []


def test_types_limits_and_properties_narrow_it_down(client: FlaskClient) -> None:
    assert {one["type"][0]["id"] for one in matched(client, "dorpswinkel", type="initiative")} == {"initiative"}
    assert len(matched(client, "winkel", type=["theme", "programme"], limit=1)) == 1
    right, wrong = (
        matched(client, "Buurttuin Zonnehof", properties=[{"pid": ">located_in", "v": place}])[0]
        for place in ("Zonnedam", {"id": "elders"})
    )
    assert (right["score"], right["match"], wrong["match"]) == (100.0, True, False)
    assert wrong["score"] < right["score"]


def test_a_batch_comes_by_form_as_well(client: FlaskClient) -> None:
    queries = {f"q{number}": {"query": name} for number, name in enumerate(("buurtwinkel", "Zonnedam", ""))}
    answer = client.post("/reconcile", data={"queries": json.dumps(queries)})
    jsonschema.validate(answer.json, RESULTS)
    assert [len(one["result"]) > 0 for one in (answer.json or {}).values()] == [True, True, False]


@pytest.mark.parametrize(
    "queries",
    ["[]", "{", '{"q": 1}', '{"q": {"query": 1}}', '{"q": {"query": "a", "limit": "veel"}}', '{"q": {"query": "a", "type": 3}}',
     '{"q": {"query": "a", "properties": [{"pid": "x"}]}}', json.dumps({f"q{n}": {"query": "a"} for n in range(51)})],
)  # fmt: skip
def test_a_batch_that_is_not_right_is_refused(client: FlaskClient, queries: str) -> None:
    answer = get(client, "/reconcile", queries=queries)
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")


def test_a_script_of_elsewhere_is_called_back_by_a_name_alone(client: FlaskClient) -> None:
    answer = get(client, "/reconcile", callback="jQuery1_2.done")
    assert answer.mimetype == "text/javascript"
    assert json.loads(answer.text.removeprefix("/**/jQuery1_2.done(").removesuffix(");"))["name"] == "Kennismakelaar"
    assert get(client, "/reconcile", callback="alert(1)//").status_code == 400


@pytest.mark.parametrize(
    ("what", "prefix", "first"),
    [("entity", "dorps", "dorpswinkel"), ("type", "init", "initiative"), ("property", "is te vinden", ">located_in")],
)
def test_what_someone_begins_to_type_is_suggested(client: FlaskClient, what: str, prefix: str, first: str) -> None:
    answer = get(client, f"/reconcile/suggest/{what}", prefix=prefix)
    jsonschema.validate(answer.json, SUGGESTED)
    assert answer.json["result"][0]["id"] == first
    assert get(client, f"/reconcile/suggest/{what}", prefix="xyzzy").json["result"] == []


def test_values_are_fetched_for_records_that_were_matched(client: FlaskClient) -> None:
    names = ["summary", "need", "verified_on", "value", "year", ">located_in", "<supports", ">part_of"]
    wanted = {"ids": ["dorpswinkel", "buurttuin", "winkels-dicht", "niets"], "properties": [{"id": id} for id in names]}
    answer = get(client, "/reconcile", extend=json.dumps(wanted))
    jsonschema.validate(answer.json, EXTENDED)
    rows = answer.json["rows"]
    assert rows["dorpswinkel"]["need"] == [{"str": "geld"}, {"str": "ruimte"}]
    assert rows["dorpswinkel"]["<supports"] == [{"id": "steunpunt", "name": "Steunpunt Dorpen"}]
    assert rows["buurttuin"][">located_in"] == [{"id": "zonnedam", "name": "Zonnedam"}]
    assert (rows["winkels-dicht"]["value"], rows["winkels-dicht"]["year"]) == ([{"float": 33.5}], [{"int": 2012}])
    assert rows["niets"] == {name: [] for name in names}
    assert {"id": ">located_in", "type": {"id": "place", "name": "plaats"}}.items() <= answer.json["meta"][5].items()
    assert get(client, "/reconcile", extend='{"ids": ["a"], "properties": [{"id": "bsn"}]}').status_code == 400


@EMBEDDED
def test_what_only_staff_see_is_not_fetched_or_proposed(own: Broker, visitor: FlaskClient) -> None:
    own.add([node("person", "anna-voorbeeld", "Anna Voorbeeld", "Schrijver.", capacity=3)], [])
    proposed = get(visitor, "/reconcile/properties", type="person").json["properties"]
    assert "role" in {one["id"] for one in proposed}
    assert "capacity" not in {one["id"] for one in proposed}
    wanted = {"ids": ["anna-voorbeeld"], "properties": [{"id": "capacity"}]}
    answer = get(visitor, "/reconcile", extend=json.dumps(wanted))
    assert answer.json["rows"]["anna-voorbeeld"]["capacity"] == []


@EMBEDDED
def test_a_preview_may_be_framed_and_a_merged_id_leads_on(own: Broker, visitor: FlaskClient) -> None:
    resolve.merge(own, "dorpswinkel", "buurttuin", "anna")
    preview = get(visitor, "/reconcile/preview", id="buurttuin")
    assert "Dorpswinkel De Schakel" in preview.text
    assert preview.headers.getlist("Content-Security-Policy") == [preview.headers["Content-Security-Policy"]]
    assert "frame-ancestors *" in preview.headers["Content-Security-Policy"]
    assert visitor.get("/id/buurttuin").location == "/initiative/dorpswinkel"
    assert get(visitor, "/reconcile/preview", id="niets").status_code == 404
