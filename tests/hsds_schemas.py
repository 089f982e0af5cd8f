"""JSON Schemas of HSDS 3.0, written from the lists of fields in its specification (openreferral.org).

Stricter than the specification: a field that it does not have is an error here, so that nothing of ours slips in.
"""

from typing import Any

UUID = {"type": "string", "format": "uuid"}
URI = {"type": "string", "format": "uri"}
TEXT = {"type": "string"}
DAY = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}


def _object(required: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": required.split(),
        "additionalProperties": False,
    }


def _list(name: str) -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": f"#/$defs/{name}"}}


NAMED = {"id": UUID, "name": TEXT, "alternate_name": TEXT, "description": TEXT}
ATTACHED = {"attributes": _list("attribute"), "funding": _list("funding")}
ORGANIZATION = NAMED | {
    "email": {"type": "string", "format": "email"},
    "website": URI,
    "year_incorporated": {"type": "number"},
    "legal_status": TEXT,
    "logo": TEXT,
    "uri": URI,
    "parent_organization_id": TEXT,
}
SERVICE = NAMED | {
    "url": URI,
    "email": {"type": "string", "format": "email"},
    "status": {"enum": ["active", "inactive", "defunct", "temporarily closed"]},
    "interpretation_services": TEXT,
    "application_process": TEXT,
    "fees_description": TEXT,
    "accreditations": TEXT,
    "eligibility_description": TEXT,
    "minimum_age": {"type": "number"},
    "maximum_age": {"type": "number"},
    "assured_date": DAY,
    "assurer_email": {"type": "string", "format": "email"},
    "alert": TEXT,
    "organization": {"$ref": "#/$defs/organization"},
}
DEFS = {
    "organization": _object("id name description", **ORGANIZATION),
    "organization_full": _object(
        "id name description",
        **ORGANIZATION,
        **ATTACHED,
        locations=_list("location"),
        organization_identifiers=_list("organization_identifier"),
    ),
    "service": _object("id name status", **SERVICE),
    "service_full": _object("id name status", **SERVICE, **ATTACHED, service_at_locations=_list("service_at_location")),
    "location": _object(
        "id location_type",
        **NAMED,
        location_type={"enum": ["physical", "postal", "virtual"]},
        url=URI,
        transportation=TEXT,
        latitude={"type": "number"},
        longitude={"type": "number"},
        external_identifier=TEXT,
        external_identifier_type=TEXT,
    ),
    "service_at_location": _object("id", id=UUID, description=TEXT, location={"$ref": "#/$defs/location"}),
    "organization_identifier": _object(
        "id identifier_type identifier", id=UUID, identifier_scheme=TEXT, identifier_type=TEXT, identifier=TEXT
    ),
    "funding": _object("id", id=UUID, source=TEXT),
    "attribute": _object(
        "id",
        id=UUID,
        link_id=TEXT,
        taxonomy_term_id=TEXT,
        link_type=TEXT,
        link_entity=TEXT,
        value=TEXT,
        taxonomy_term={"$ref": "#/$defs/taxonomy_term"},
    ),
    "taxonomy": _object("id name description", id=UUID, name=TEXT, description=TEXT, uri=URI, version=TEXT),
    "taxonomy_term": _object(
        "id name description",
        id=UUID,
        code=TEXT,
        name=TEXT,
        description=TEXT,
        parent_id=TEXT,
        taxonomy=TEXT,
        taxonomy_detail={"$ref": "#/$defs/taxonomy"},
        language=TEXT,
        taxonomy_id=TEXT,
        term_uri=URI,
    ),
}
TABLES = {
    "organizations": "id name description",
    "services": "id organization_id name status",
    "locations": "id location_type",
    "service_at_locations": "id service_id location_id",
    "organization_identifiers": "id organization_id identifier_type identifier",
    "attributes": "id link_id taxonomy_term_id link_entity",
    "taxonomies": "id name description",
    "taxonomy_terms": "id name description",
    "funding": "id",
}
"""Columns that each table of a data package must have."""


def page_of(name: str) -> dict[str, Any]:
    """The schema of a page of a list of these."""
    whole = {"type": "integer"}
    yes = {"type": "boolean"}
    page = _object(
        "empty contents",
        total_items=whole,
        total_pages=whole,
        page_number=whole,
        size=whole,
        first_page=yes,
        last_page=yes,
        empty=yes,
        contents=_list(name),
    )
    return page | {"$defs": DEFS}


def of(name: str) -> dict[str, Any]:
    """The schema of one of these."""
    return {"$ref": f"#/$defs/{name}", "$defs": DEFS}
