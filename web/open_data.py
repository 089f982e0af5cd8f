"""The public graph for others: what it is and how to get it, for people and for programs."""

from typing import Any

from flask import Blueprint, Response, current_app, request
from rdflib import Graph

from kennismakelaar import entities, personal
from kennismakelaar.errors import NotFound
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Node
from kennismakelaar.standards import dcat, schema_org, sitemap, skos
from kennismakelaar.standards.identity import other
from web.api.problems import open_to_all
from web.records import node_of
from web.reply import broker, reply, settings, site

bp = Blueprint("open_data", __name__)
XML = "application/xml"
ROBOTS = ("/account", "/bureau", "/inloggen", "/melding", "/zaak", "/api/", "/hsds/", "/reconcile")
"""What is of no use in a search engine: pages for one person, and what is for programs."""


@bp.get("/voor-ontwikkelaars")
def developers() -> Response:
    """Every way to get the data, for people who make something with them."""
    return reply("developers.html", {"ok": True, "forms": dcat.FORMS, "site": site()})


@bp.get("/<kind>/<id>.jsonld")
def linked(kind: str, id: str) -> Response:
    """A record as schema.org."""
    return _data(current_app.json.dumps(linked_data(node_of(kind, id))), skos.MEDIA["jsonld"])


@bp.app_template_global()
def linked_data(node: Node) -> dict[str, Any]:
    """The same, for in its page."""
    edges = broker().snapshot.edges([node.id])[node.id]
    others = broker().snapshot.nodes([other(edge, node.id) for edge in edges])
    return schema_org.linked(personal.seen(node, by_staff=False), edges, others, site())


@bp.get("/themas.<any(ttl, jsonld):form>")
def themes(form: str) -> Response:
    """The thesaurus in SKOS."""
    return _graph(skos.of(broker().store, site()), form)


@bp.get("/data/catalogus.<any(ttl, jsonld):form>")
def catalogue(form: str) -> Response:
    """What data there is, in DCAT-AP-NL."""
    last = max(entities.modified(broker()).values(), default=None)
    return _graph(dcat.catalogue(settings(), site(), f"{last:%Y-%m-%d}" if last else ""), form)


@bp.get("/sitemap.xml")
def site_map() -> Response:
    """Every public page, or where the parts of that list are."""
    parts = sitemap.parts(_addresses())
    if len(parts) == 1:
        return Response(sitemap.written(parts[0]), mimetype=XML)
    named = [(f"{site()}/sitemap-{number}.xml", "") for number in range(1, len(parts) + 1)]
    return Response(sitemap.written(named, of_sitemaps=True), mimetype=XML)


@bp.get("/sitemap-<int:number>.xml")
def site_map_part(number: int) -> Response:
    """One part of a long list."""
    parts = sitemap.parts(_addresses())
    if not 1 <= number <= len(parts):
        raise NotFound(_("Deel %(number)s is er niet. Er zijn er %(number2)s.", number=number, number2=len(parts)))
    return Response(sitemap.written(parts[number - 1]), mimetype=XML)


@bp.get("/robots.txt")
def robots() -> Response:
    """What search engines may look at."""
    lines = ("User-agent: *", *(f"Disallow: {path}" for path in ROBOTS), f"Sitemap: {site()}/sitemap.xml")
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


def _addresses() -> list[tuple[str, str]]:
    """Without people: who they are need not be the first thing that a search engine tells of them."""
    nodes = (node for node in broker().store.nodes() if node.kind != "person")
    return sitemap.addresses(nodes, site(), entities.modified(broker()))


def _graph(graph: Graph, form: str) -> Response:
    return _data(skos.written(graph, form), skos.MEDIA[form])


def _data(text: str, media: str) -> Response:
    response = current_app.response_class(text, mimetype=media)
    response.add_etag()
    response.make_conditional(request)
    return open_to_all(response)
