"""Who offers what and where, in the Human Services Data Specification 3.0 (openreferral.org).

Organisations are organizations, programmes and initiatives are services, places are locations, and the thesaurus is the
taxonomy. What HSDS has fields for and we do not know (addresses, phones, opening hours, costs, contacts) is left out.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from kennismakelaar import personal
from kennismakelaar.broker import Broker
from kennismakelaar.kinds import THEMED
from kennismakelaar.model import Edge, Node
from kennismakelaar.standards.identity import number, other, page
from kennismakelaar.text import guarded

VERSION = "3.0"
SERVICES = ("initiative", "programme")
KINDS = ("organisation", *SERVICES, "place", "theme")
PROVIDES = ("operates", "initiated", "part_of")
"""Relations with the organisation that a service is of, the surest first."""
UNSURE = "Wij weten niet zeker of dit nu bestaat. Vraag het na."
IDENTIFIERS: Mapping[str, tuple[str, str]] = {"kvk": ("NL-KVK", "company"), "ror": ("XI-ROR", "research organisation")}
"""Scheme (org-id.guide) and type by property."""
TAXONOMY = {
    "id": number("hsds", "taxonomy"),
    "name": "Thema's van Kennismakelaar",
    "description": "Onderwerpen rond bewoners die zelf iets beginnen, met woorden van bewoners naast woorden van beleid.",
}
Row = dict[str, Any]


@dataclass(frozen=True)
class Directory:
    """The part of a graph that HSDS can tell, with `site` for the addresses of pages."""

    site: str
    nodes: Mapping[str, Node]
    """By our id, in order of id."""
    edges: Mapping[str, tuple[Edge, ...]]
    """By the id of an end."""

    @cached_property
    def by_number(self) -> Mapping[str, Node]:
        """By the number of HSDS."""
        return {number(id): node for id, node in self.nodes.items()}

    def of(self, *kinds: str) -> list[Node]:
        """Those of some kinds, in order of id."""
        return [node for node in self.nodes.values() if node.kind in kinds]

    def ends(self, node: Node, kind: str, outward: bool = True) -> list[tuple[Edge, Node]]:
        """What a record is tied to along one kind of relation, in one direction."""
        edges = (e for e in self.edges[node.id] if e.kind == kind and (e.source == node.id) is outward)
        return [(e, self.nodes[id]) for e in edges if (id := other(e, node.id)) in self.nodes]


def read(broker: Broker, site: str) -> Directory:
    """The directory of the graph as it is now, as everyone may see it."""
    return Directory(site, *broker.snapshot.once("hsds", lambda: _listed(broker)))


def _listed(broker: Broker) -> tuple[Mapping[str, Node], Mapping[str, tuple[Edge, ...]]]:
    nodes = {n.id: personal.seen(n, by_staff=False) for n in broker.store.nodes() if n.kind in KINDS}
    return nodes, broker.snapshot.edges(nodes)


def organization(found: Directory, node: Node) -> Row:
    """An organisation without what is listed under it."""
    parents = [number(end.id) for _, end in found.ends(node, "part_of") if end.kind == "organisation"]
    return _filled(
        id=number(node.id),
        name=node.name,
        alternate_name="; ".join(node.aliases),
        description=node.text("summary"),
        website=node.text("website"),
        year_incorporated=node.properties.get("start"),
        uri=page(found.site, node),
        parent_organization_id=parents[0] if parents else None,
    )


def full_organization(found: Directory, node: Node) -> Row:
    """An organisation with its locations, themes, numbers and funders."""
    return _filled(
        **organization(found, node),
        locations=[location(found, end) for _, end in found.ends(node, "located_in")],
        organization_identifiers=[*_identifiers(node)],
        attributes=[*_attributes(found, node, "organization")],
        funding=[*_funding(found, node)],
    )


def service(found: Directory, node: Node) -> Row:
    """A programme or initiative with its organisation, without what is listed under it."""
    owner = provider(found, node)
    sure = node.text("status") in ("actief", "gestopt") or "end" in node.properties
    return _filled(
        id=number(node.id),
        name=node.name,
        alternate_name="; ".join(node.aliases),
        description=node.text("summary"),
        url=node.text("website"),
        status=_status(node),
        alert="" if sure else UNSURE,
        assured_date=node.text("verified_on"),
        organization=organization(found, owner) if owner else None,
    )


def full_service(found: Directory, node: Node) -> Row:
    """A service with where it is, its themes and funders."""
    return _filled(
        **service(found, node),
        service_at_locations=[service_at_location(found, edge, end) for edge, end in found.ends(node, "located_in")],
        attributes=[*_attributes(found, node, "service")],
        funding=[*_funding(found, node)],
    )


def provider(found: Directory, node: Node) -> Node | None:
    """The organisation that a service is of, or None where we know of none."""
    for kind in PROVIDES:
        for _, end in found.ends(node, kind, outward=kind == "part_of"):
            if end.kind == "organisation":
                return end
    return None


def location(found: Directory, node: Node) -> Row:
    """A place; of no place we have an address."""
    code = node.text("cbs_code")
    return _filled(
        id=number(node.id),
        location_type="physical",
        name=node.name,
        alternate_name="; ".join(node.aliases),
        description=node.text("summary"),
        external_identifier=code,
        external_identifier_type="CBS" if code else "",
    )


def service_at_location(found: Directory, edge: Edge, place: Node) -> Row:
    """That a service is in a place."""
    return {"id": _tie(edge), "location": location(found, place)}


def taxonomy(found: Directory) -> Row:
    """The one that there is."""
    return {**TAXONOMY, "uri": f"{found.site}/thema"}


def taxonomy_term(found: Directory, node: Node) -> Row:
    """A theme; where it has more than one that is broader, the first."""
    above = sorted(end.id for _, end in found.ends(node, "broader"))
    return _filled(
        id=number(node.id),
        code=node.id,
        name=node.name,
        description=node.text("summary"),
        parent_id=number(above[0]) if above else None,
        taxonomy=TAXONOMY["name"],
        taxonomy_detail=taxonomy(found),
        language="nl",
        taxonomy_id=TAXONOMY["id"],
        term_uri=page(found.site, node),
    )


def _status(node: Node) -> str:
    """One of the four words that HSDS has; it has none for not knowing, which the field alert tells."""
    if node.text("status") == "gestopt" or "end" in node.properties:
        return "defunct"
    return "inactive" if node.text("status") == "idee" else "active"


def _identifiers(node: Node) -> Iterator[Row]:
    for name, (scheme, type) in IDENTIFIERS.items():
        if value := node.text(name):
            known = {"identifier_scheme": scheme, "identifier_type": type, "identifier": value}
            yield {"id": number(node.id, name), **known}


def _attributes(found: Directory, node: Node, entity: str) -> Iterator[Row]:
    for kind in THEMED:
        for edge, theme in found.ends(node, kind):
            if theme.kind == "theme":
                yield {
                    "id": _tie(edge),
                    "link_id": number(node.id),
                    "taxonomy_term_id": number(theme.id),
                    "link_type": kind,
                    "link_entity": entity,
                    "taxonomy_term": taxonomy_term(found, theme),
                }


def _funding(found: Directory, node: Node) -> Iterator[Row]:
    for edge, funder in found.ends(node, "funds", outward=False):
        yield {"id": _tie(edge), "source": funder.name}


def _tie(edge: Edge) -> str:
    return number(edge.source, edge.kind, edge.target)


def _filled(**values: Any) -> Row:
    """Without what is not known."""
    return {name: value for name, value in values.items() if value not in ("", None, [])}


def tables(found: Directory) -> dict[str, list[Row]]:
    """The tables of a data package, each in order of our ids; ids in the place of what is nested."""
    made: dict[str, list[Row]] = {
        "organizations": [organization(found, node) for node in found.of("organisation")],
        "services": [_service_row(found, node) for node in found.of(*SERVICES)],
        "locations": [location(found, node) for node in found.of("place")],
        "taxonomies": [taxonomy(found)],
        "taxonomy_terms": [_without(taxonomy_term(found, n), "taxonomy_detail") for n in found.of("theme")],
        "service_at_locations": [],
        "attributes": [],
        "organization_identifiers": [],
        "funding": [],
    }
    for node in found.of("organisation", *SERVICES):
        entity = "organization" if node.kind == "organisation" else "service"
        owner = {f"{entity}_id": number(node.id)}
        made["attributes"] += [_without(one, "taxonomy_term") for one in _attributes(found, node, entity)]
        made["funding"] += [one | owner for one in _funding(found, node)]
        if entity == "organization":
            made["organization_identifiers"] += [one | owner for one in _identifiers(node)]
        else:
            ends = found.ends(node, "located_in")
            made["service_at_locations"] += [{"id": _tie(e), **owner, "location_id": number(p.id)} for e, p in ends]
    return made


def _service_row(found: Directory, node: Node) -> Row:
    """The specification asks for an organisation; of whom we know of none, the field is empty."""
    row = service(found, node)
    owner = row.pop("organization", {})
    return row | {"organization_id": owner.get("id", "")}


def _without(row: Row, name: str) -> Row:
    return {key: value for key, value in row.items() if key != name}


def package(found: Directory) -> bytes:
    """The tables as CSV in a zip, with a data package that names them; the same bytes for the same graph."""
    made, content = tables(found), io.BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as file:
        for name, rows in made.items():
            file.writestr(ZipInfo(f"{name}.csv"), _csv(rows), ZIP_DEFLATED)
        file.writestr(ZipInfo("datapackage.json"), _description(found, made), ZIP_DEFLATED)
    return content.getvalue()


def _columns(rows: Iterable[Row]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row)) or ["id"]


def _csv(rows: list[Row]) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, _columns(rows), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return file.getvalue()


def _cell(value: Any) -> Any:
    """What a spreadsheet would run is text."""
    return guarded(value) if isinstance(value, str) else value


def _description(found: Directory, made: Mapping[str, list[Row]]) -> str:
    """datapackage.json (Frictionless Data, version 1)."""
    described = {
        "profile": "tabular-data-package",
        "name": "kennismakelaar-hsds",
        "title": "Kennismakelaar: organisaties en diensten (HSDS 3.0)",
        "homepage": found.site,
        "licenses": [{"name": "CC0-1.0", "path": "https://creativecommons.org/publicdomain/zero/1.0/"}],
        "resources": [_resource(name, rows) for name, rows in made.items()],
    }
    return json.dumps(described, ensure_ascii=False, indent=1)


def _resource(name: str, rows: list[Row]) -> Row:
    numbers = {column for row in rows for column, value in row.items() if isinstance(value, int)}
    fields = [{"name": one, "type": "integer" if one in numbers else "string"} for one in _columns(rows)]
    schema = {"fields": fields, "primaryKey": "id"}
    return {
        "profile": "tabular-data-resource",
        "name": name,
        "path": f"{name}.csv",
        "encoding": "utf-8",
        "schema": schema,
    }
