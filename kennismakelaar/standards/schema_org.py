"""A record as schema.org JSON-LD, for search engines and others who read pages."""

from collections.abc import Iterable, Mapping
from typing import Any

from kennismakelaar.model import Edge, Node
from kennismakelaar.standards.identity import other, page

TYPES: Mapping[str, str] = {
    "organisation": "Organization",
    "initiative": "Project",
    "programme": "Project",
    "person": "Person",
    "method": "DefinedTerm",
    "theme": "DefinedTerm",
    "place": "Place",
    "publication": "CreativeWork",
    "finding": "Observation",
    "knowledge_question": "Question",
}
NARROWER: Mapping[str, str] = {
    **dict.fromkeys(("gemeente", "provincie", "rijk"), "GovernmentOrganization"),
    "kenniscentrum": "ResearchOrganization",
    "onderwijs": "EducationalOrganization",
    "maatschappelijk": "NGO",
    "boek": "Book",
    "rapport": "Report",
    "proefschrift": "Thesis",
    "artikel": "Article",
    "website": "WebSite",
    "databank": "Dataset",
    "stad": "City",
    "provincie_place": "AdministrativeArea",  # a province as an organisation is another thing
    "land": "Country",
}
"""By the type of an organisation, publication or place, where schema.org has a word for it."""
FIELDS: Mapping[str, str] = {
    "website": "url",
    "role": "jobTitle",
    "year": "datePublished",
    "value": "value",
    "unit": "unitText",
}
NUMBERS: Mapping[str, str] = {"kvk": "KvK", "cbs_code": "CBS"}
LIVES: Mapping[str, str] = {"start": "foundingDate", "end": "dissolutionDate"}
ACTORS = ("Organization", "Project")
"""A project is an organisation in schema.org."""
TIES: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("about", "out"): {"CreativeWork": "about", "Question": "about", "Observation": "about"},
    ("knows_about", "out"): {"Person": "knowsAbout", "Organization": "knowsAbout"},
    ("located_in", "out"): dict.fromkeys(ACTORS, "location"),
    ("part_of", "out"): {
        **dict.fromkeys(ACTORS, "parentOrganization"),
        "CreativeWork": "isPartOf",
        "Place": "containedInPlace",
    },
    ("authored", "in"): {"CreativeWork": "author"},
    ("published", "in"): {"CreativeWork": "publisher"},
    ("cites", "out"): {"CreativeWork": "citation"},
    ("affiliated_with", "out"): {"Person": "affiliation"},
    ("funds", "in"): {**dict.fromkeys(ACTORS, "funder"), "CreativeWork": "funder"},
    ("initiated", "in"): dict.fromkeys(ACTORS, "founder"),
}
"""For each relation, seen from one end, its name by the type of the record; what schema.org has no word for is left out."""
NEEDS: Mapping[str, tuple[str, ...]] = {
    "parentOrganization": ("organisation", "initiative", "programme"),
    "isPartOf": ("publication",),
    "containedInPlace": ("place",),
    "affiliation": ("organisation", "initiative", "programme"),
}
"""Kinds that may stand at the other end, where schema.org does not take every kind of ours."""


def linked(node: Node, edges: Iterable[Edge], others: Mapping[str, Node], site: str) -> dict[str, Any]:
    """The record with the relations that schema.org has a word for; `others` has what stands at their other ends."""
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@id": page(site, node),
        "@type": _type(node),
        "name": node.name,
        "description": node.text("summary"),
        "alternateName": list(node.aliases),
        "mainEntityOfPage": page(site, node),
        "identifier": [
            {"@type": "PropertyValue", "propertyID": label, "value": node.text(name)}
            for name, label in NUMBERS.items()
            if node.text(name)
        ],
        "sameAs": [link for name in ("ror", "orcid") if (link := node.text(name))],
        **{name: node.properties[ours] for ours, name in FIELDS.items() if ours in node.properties},
    }
    if TYPES[node.kind] in ACTORS:
        found |= {name: str(node.properties[ours]) for ours, name in LIVES.items() if ours in node.properties}
    if node.kind == "theme":
        found["inDefinedTermSet"] = f"{site}/thema"
    return {name: value for name, value in (found | _ties(node, edges, others, site)).items() if value not in ("", [])}


def _type(node: Node) -> str:
    narrow = {"publication": "type", "organisation": "type", "place": "place_type"}.get(node.kind, "")
    value = node.text(narrow) if narrow else ""
    return NARROWER.get(f"{value}_{node.kind}", NARROWER.get(value, TYPES[node.kind]))


def _ties(node: Node, edges: Iterable[Edge], others: Mapping[str, Node], site: str) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for edge in edges:
        end = others.get(other(edge, node.id))
        name = TIES.get((edge.kind, "out" if edge.source == node.id else "in"), {}).get(TYPES[node.kind])
        if end and name and end.kind in NEEDS.get(name, (end.kind,)):
            found.setdefault(name, []).append({"@id": page(site, end), "@type": _type(end), "name": end.name})
    return {name: sorted(ends, key=lambda one: one["@id"]) for name, ends in found.items()}
