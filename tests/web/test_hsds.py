"""HSDS 3.0: what is read and the package follow the specification."""

import csv
import io
import json
from typing import Any
from zipfile import ZipFile

import jsonschema
import pytest
from flask.testing import FlaskClient

from kennismakelaar.standards import hsds
from kennismakelaar.standards.hsds import Directory
from kennismakelaar.standards.identity import number
from kennismakelaar.store import Store
from tests import hsds_schemas as schemas

BASE = "/hsds/3.0"
NAMES = {
    "organizations": "organization",
    "services": "service",
    "locations": "location",
    "service_at_locations": "service_at_location",
    "taxonomies": "taxonomy",
    "taxonomy_terms": "taxonomy_term",
}


def get(client: FlaskClient, path: str) -> Any:
    return client.get(BASE + path)


def check(thing: Any, schema: dict[str, Any]) -> None:
    jsonschema.validate(thing, schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)


@pytest.fixture(scope="module")
def directory(seeded: Store) -> Directory:
    """The first graph."""
    nodes = {node.id: node for node in seeded.nodes() if node.kind in hsds.KINDS}
    edges: dict[str, list[Any]] = {id: [] for id in nodes}
    for edge in seeded.edges():
        for end in {edge.source, edge.target} & nodes.keys():
            edges[end].append(edge)
    return Directory("https://kennis.voorbeeld.nl", nodes, {id: tuple(found) for id, found in edges.items()})


@pytest.mark.parametrize("name", NAMES)
def test_every_list_and_record_follows_the_schema(client: FlaskClient, name: str) -> None:
    page = get(client, f"/{name}").json
    check(page, schemas.page_of(NAMES[name]))
    assert not page["empty"] or name == "service_at_locations"
    full = f"{NAMES[name]}_full" if f"{NAMES[name]}_full" in schemas.DEFS else NAMES[name]
    for row in page["contents"]:
        check(get(client, f"/{name}/{row['id']}").json, schemas.of(full))
    check(get(client, f"/{name}?full=true").json, schemas.page_of(full))


def test_every_record_of_the_first_graph_follows_the_schema(directory: Directory) -> None:
    for kinds, write, name in (
        (("organisation",), hsds.full_organization, "organization_full"),
        (hsds.SERVICES, hsds.full_service, "service_full"),
        (("place",), hsds.location, "location"),
        (("theme",), hsds.taxonomy_term, "taxonomy_term"),
    ):
        rows = [write(directory, node) for node in directory.of(*kinds)]
        assert len(rows) > 50
        check(rows, {"type": "array", "items": {"$ref": f"#/$defs/{name}"}, "$defs": schemas.DEFS})


def test_a_service_has_its_organisation_place_and_themes(client: FlaskClient) -> None:
    garden = get(client, f"/services/{number('buurttuin')}").json
    assert [one["location"]["name"] for one in garden["service_at_locations"]] == ["Zonnedam"]
    shop = get(client, f"/services/{number('dorpswinkel')}").json
    assert [one["taxonomy_term"]["code"] for one in shop["attributes"]] == ["buurtwinkel"]
    assert shop["alert"].startswith("Wij weten niet zeker")


def test_lists_are_narrowed_and_come_in_pages(client: FlaskClient) -> None:
    def found(query: str) -> list[str]:
        return [row["name"] for row in get(client, f"/services?{query}").json["contents"]]

    assert found("search=moestuin") == ["Buurttuin Zonnehof"]
    assert found(f"taxonomy_term_id={number('buurtwinkel')}") == ["Dorpswinkel De Schakel"]
    assert found("modified_after=2026-11-26") == []
    page = get(client, "/services?per_page=2&page=2").json
    assert (page["total_items"], page["total_pages"], page["size"], page["last_page"]) == (3, 2, 1, True)


@pytest.mark.parametrize("query", ["page=0", "page=x", "per_page=501", "full=ja", "modified_after=gisteren"])
def test_a_wrong_question_is_told(client: FlaskClient, query: str) -> None:
    answer = get(client, f"/services?{query}")
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")


def test_a_number_of_something_else_is_not_found(client: FlaskClient) -> None:
    assert get(client, f"/services/{number('steunpunt')}").status_code == 404
    assert get(client, f"/organizations/{number('anna-voorbeeld')}").status_code == 404


def test_the_package_has_the_tables_with_what_they_must_have(directory: Directory) -> None:
    with ZipFile(io.BytesIO(hsds.package(directory))) as file:
        described = json.loads(file.read("datapackage.json"))
        tables = {
            one["name"]: list(csv.DictReader(io.StringIO(file.read(one["path"]).decode())))
            for one in described["resources"]
        }
    assert set(tables) == set(schemas.TABLES)
    for name, required in schemas.TABLES.items():
        assert all(row[column] for row in tables[name] for column in set(required.split()) - {"organization_id"}), name
        fields = next(one["schema"]["fields"] for one in described["resources"] if one["name"] == name)
        assert {*required.split()} <= {field["name"] for field in fields} or not tables[name]
        assert len({row["id"] for row in tables[name]}) == len(tables[name])
    there = {name: {row["id"] for row in rows} for name, rows in tables.items()}
    assert {row["organization_id"] for row in tables["services"]} - {""} <= there["organizations"]
    assert {row["service_id"] for row in tables["service_at_locations"]} <= there["services"]
    assert {row["taxonomy_term_id"] for row in tables["attributes"]} <= there["taxonomy_terms"]


def test_the_same_graph_gives_the_same_package(directory: Directory) -> None:
    assert hsds.package(directory) == hsds.package(directory)


def test_no_person_is_in_the_package(directory: Directory, seeded: Store) -> None:
    text = json.dumps(hsds.tables(directory))
    assert not any(number(node.id) in text for node in seeded.nodes("person"))
