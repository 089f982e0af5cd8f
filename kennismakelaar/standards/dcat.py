"""What data there is here and how to get it: a catalogue in DCAT-AP-NL 3.0 (Geonovum, 2024)."""

from collections.abc import Mapping
from dataclasses import dataclass

from rdflib import DCTERMS, FOAF, RDF, XSD, BNode, Graph, Literal, Namespace, URIRef

from kennismakelaar import __version__
from kennismakelaar.config import Settings
from kennismakelaar.language import marked
from kennismakelaar.network.catalogue import AUTHORITY

DCAT = Namespace("http://www.w3.org/ns/dcat#")
"""rdflib's own does not know what version 3 added."""
VCARD, ADMS = Namespace("http://www.w3.org/2006/vcard/ns#"), Namespace("http://www.w3.org/ns/adms#")
TITLE = {"nl": "Kennisgraaf van Kennismakelaar", "en": "Knowledge graph of Kennismakelaar"}
SUMMARY = {
    "nl": "Wie en wat er is rond bewoners die zelf iets beginnen: organisaties, initiatieven, programma's, methoden, thema's, "
    "plaatsen, publicaties en kennisvragen, met hun relaties en bronnen. Mensen staan er onder een schuilnaam in.",
    "en": "Who and what there is around citizens who start something: organisations, initiatives, programmes, methods, "
    "themes, places, publications and questions, with relations and sources. People stand in it under a pseudonym.",
}
KEYWORDS = ("burgerinitiatief", "kennismakelaar", "burgerparticipatie", "bewoners")


@dataclass(frozen=True)
class Form:
    """A form in which the data can be had."""

    path: str
    title: str
    file_type: str
    """As the European list of file types calls it."""
    media: str


FORMS = (
    Form("/api/v1/export", marked("Alles, een record of relatie per regel (NDJSON)"), "JSON", "application/x-ndjson"),
    Form("/hsds/3.0/pakket.zip", marked("Organisaties en diensten (HSDS 3.0, CSV)"), "CSV", "application/zip"),
    Form("/themas.ttl", marked("Thema's (SKOS, Turtle)"), "RDF_TURTLE", "text/turtle"),
    Form("/themas.jsonld", marked("Thema's (SKOS, JSON-LD)"), "JSON_LD", "application/ld+json"),
)


@dataclass(frozen=True)
class Service:
    """A way to ask for the data piece by piece."""

    path: str
    description: str
    """Address of the document that says how."""
    title: Mapping[str, str]


SERVICES = (
    Service("/api/v1", "/api/v1/openapi.json", {"nl": "API van Kennismakelaar", "en": "API of Kennismakelaar"}),
    Service("/hsds/3.0", "/hsds/3.0/", {"nl": "HSDS 3.0 om te lezen", "en": "HSDS 3.0 read API"}),
    Service(
        "/reconcile", "/reconcile", {"nl": "Namen koppelen (Reconciliation API 0.2)", "en": "Reconciliation service"}
    ),
)


def catalogue(settings: Settings, site: str, modified: str) -> Graph:
    """The catalogue of this website; `modified` is the last day on which a record changed, or empty."""
    made = _Catalogue(settings, site)
    made.dataset(modified)
    made.services()
    return made.graph


class _Catalogue:
    """Statements about one website, added piece by piece."""

    def __init__(self, settings: Settings, site: str) -> None:
        self.graph, self.settings, self.site = Graph(), settings, site
        for prefix, space in (("dcat", DCAT), ("dct", DCTERMS), ("foaf", FOAF), ("vcard", VCARD), ("adms", ADMS)):
            self.graph.bind(prefix, space)
        self.me = URIRef(f"{site}/data/catalogus")
        self.data = URIRef(f"{site}/data/kennisgraaf")
        self.publisher = URIRef(settings.publisher_id or f"{site}/over#uitgever")
        self._agents()
        self.graph.add((self.me, RDF.type, DCAT.Catalog))
        self.graph.add((self.me, FOAF.homepage, URIRef(f"{site}/")))
        self._described(self.me, TITLE, SUMMARY)

    def _agents(self) -> None:
        self.graph.add((self.publisher, RDF.type, FOAF.Agent))
        self.graph.add((self.publisher, FOAF.name, Literal(self.settings.publisher_name, "nl")))
        self.contact = BNode("contact")
        self.graph.add((self.contact, RDF.type, VCARD.Kind))
        self.graph.add((self.contact, VCARD.fn, Literal(self.settings.publisher_name)))
        self.graph.add((self.contact, VCARD.hasEmail, URIRef(f"mailto:{self.settings.contact_mail}")))

    def _described(self, thing: URIRef, title: Mapping[str, str], summary: Mapping[str, str]) -> None:
        """What every thing in a catalogue says of itself."""
        for language in title:
            self.graph.add((thing, DCTERMS.title, Literal(title[language], language)))
            self.graph.add((thing, DCTERMS.description, Literal(summary[language], language)))
        self.graph.add((thing, DCTERMS.identifier, Literal(str(thing))))
        self.graph.add((thing, DCTERMS.publisher, self.publisher))
        self.graph.add((thing, DCTERMS.creator, self.publisher))
        self.graph.add((thing, DCAT.contactPoint, self.contact))
        self.graph.add((thing, DCTERMS.license, _listed("licence", "CC0")))
        self.graph.add((thing, DCTERMS.accessRights, _listed("access-right", "PUBLIC")))
        self.graph.add((thing, DCTERMS.language, _listed("language", "NLD")))
        for theme in ("SOCI", "GOVE"):
            self.graph.add((thing, DCAT.theme, _listed("data-theme", theme)))

    def dataset(self, modified: str) -> None:
        """The data, and every form in which they can be had."""
        self.graph.add((self.me, DCAT.dataset, self.data))
        self.graph.add((self.data, RDF.type, DCAT.Dataset))
        self._described(self.data, TITLE, SUMMARY)
        self.graph.add((self.data, DCAT.landingPage, URIRef(f"{self.site}/voor-ontwikkelaars")))
        self.graph.add((self.data, DCAT.version, Literal(__version__)))
        self.graph.add((self.data, ADMS.status, _listed("dataset-status", "COMPLETED")))
        self.graph.add((self.data, DCTERMS.accrualPeriodicity, _listed("frequency", "IRREG")))
        if modified:
            self.graph.add((self.data, DCTERMS.modified, Literal(modified, datatype=XSD.date)))
        for word in KEYWORDS:
            self.graph.add((self.data, DCAT.keyword, Literal(word, "nl")))
        for form in FORMS:
            self._distribution(form)

    def _distribution(self, form: Form) -> None:
        address = URIRef(self.site + form.path)
        thing = URIRef(f"{self.data}#{form.path.rpartition('/')[2]}")
        self.graph.add((self.data, DCAT.distribution, thing))
        self.graph.add((thing, RDF.type, DCAT.Distribution))
        self.graph.add((thing, DCTERMS.title, Literal(form.title, "nl")))
        self.graph.add((thing, DCAT.accessURL, address))
        self.graph.add((thing, DCAT.downloadURL, address))
        self.graph.add((thing, DCTERMS.license, _listed("licence", "CC0")))
        self.graph.add((thing, DCTERMS.format, _listed("file-type", form.file_type)))
        self.graph.add((thing, DCAT.mediaType, URIRef(f"https://www.iana.org/assignments/media-types/{form.media}")))

    def services(self) -> None:
        """Every way to ask for the data."""
        for service in SERVICES:
            thing = URIRef(f"{self.me}#{service.path.split('/')[1]}")
            self.graph.add((self.me, DCAT.service, thing))
            self.graph.add((thing, RDF.type, DCAT.DataService))
            self._described(thing, service.title, service.title)
            self.graph.add((thing, DCAT.endpointURL, URIRef(self.site + service.path)))
            self.graph.add((thing, DCAT.endpointDescription, URIRef(self.site + service.description)))
            self.graph.add((thing, DCAT.servesDataset, self.data))


def _listed(list: str, code: str) -> URIRef:
    return URIRef(f"{AUTHORITY}/{list}/{code}")
