"""The graph in forms that others agreed on, checked against what those forms ask."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from rdflib import RDF, SKOS, Graph, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCTERMS, FOAF, Namespace

from kennismakelaar.cli import main
from kennismakelaar.config import Settings
from kennismakelaar.model import Edge, Node
from kennismakelaar.standards import dcat, schema_org, sitemap, skos
from kennismakelaar.standards.identity import number, other
from kennismakelaar.store import Store

SITE = "https://kennis.voorbeeld.nl"
DCAT, VCARD = Namespace("http://www.w3.org/ns/dcat#"), Namespace("http://www.w3.org/2006/vcard/ns#")
MUST = {
    DCAT.Catalog: {
        DCTERMS.title: (1, 99),
        DCTERMS.description: (1, 99),
        DCTERMS.publisher: (1, 1),
        DCAT.contactPoint: (1, 1),
        DCAT.dataset: (1, 99),
    },
    DCAT.Dataset: {
        DCTERMS.title: (1, 99),
        DCTERMS.description: (1, 99),
        DCTERMS.accessRights: (1, 1),
        DCAT.contactPoint: (1, 1),
        DCTERMS.creator: (1, 99),
        DCTERMS.identifier: (1, 1),
        DCTERMS.publisher: (1, 1),
        DCAT.theme: (1, 99),
        DCAT.version: (0, 1),
        DCTERMS.modified: (0, 1),
    },
    DCAT.Distribution: {
        DCAT.accessURL: (1, 1),
        DCAT.downloadURL: (0, 1),
        DCTERMS.license: (1, 1),
        DCTERMS.format: (0, 1),
        DCAT.mediaType: (0, 1),
    },
    DCAT.DataService: {
        DCTERMS.title: (1, 99),
        DCTERMS.description: (1, 99),
        DCTERMS.accessRights: (1, 1),
        DCAT.contactPoint: (1, 1),
        DCTERMS.creator: (0, 1),
        DCAT.endpointDescription: (1, 1),
        DCAT.endpointURL: (1, 1),
        DCTERMS.identifier: (1, 1),
        DCTERMS.license: (1, 1),
        DCTERMS.publisher: (1, 1),
        DCAT.theme: (1, 99),
    },
    FOAF.Agent: {FOAF.name: (1, 99)},
    VCARD.Kind: {VCARD.fn: (1, 99), VCARD.hasEmail: (1, 1)},
}
"""How often each property must and may stand, from the SHACL shapes of DCAT-AP 3.0 and DCAT-AP-NL 3.0."""
SCHEMA_ORG = {
    "Organization": "url foundingDate dissolutionDate location parentOrganization funder founder knowsAbout",
    "Project": "url foundingDate dissolutionDate location parentOrganization funder founder",
    "Person": "url jobTitle affiliation knowsAbout",
    "CreativeWork": "url about author publisher citation datePublished isPartOf funder",
    "Place": "url containedInPlace",
    "DefinedTerm": "url inDefinedTermSet",
    "Observation": "url value unitText about datePublished",
    "Question": "url about",
}
"""Properties of schema.org, version 29, that each type may have, beside those of every thing."""
EVERY_THING = "@context @id @type name description alternateName mainEntityOfPage identifier sameAs".split()


@pytest.fixture(scope="module")
def thesaurus(seeded: Store) -> Graph:
    return skos.thesaurus(seeded.nodes("theme"), list(seeded.edges()), SITE)


@pytest.fixture(scope="module")
def catalogue() -> Graph:
    settings = Settings(publisher="Gemeente Zonnedam", contact="data@zonnedam.example")
    return dcat.catalogue(settings, SITE, "2026-11-25")


def theme(id: str, name: str, *words: str) -> Node:
    return Node(id, "theme", name, (), (), {"summary": "Een onderwerp.", "citizen_words": words})


# SKOS


def test_every_theme_is_a_concept_with_one_label_in_a_language(seeded: Store, thesaurus: Graph) -> None:
    concepts = set(thesaurus.subjects(RDF.type, SKOS.Concept))
    assert concepts == {URIRef(f"{SITE}/theme/{node.id}") for node in seeded.nodes("theme")}
    for concept in concepts:
        preferred = {str(label) for label in thesaurus.objects(concept, SKOS.prefLabel)}
        assert len(preferred) == 1
        assert not preferred & {str(label) for label in thesaurus.objects(concept, SKOS.altLabel)}
        assert (concept, SKOS.inScheme, URIRef(f"{SITE}/thema")) in thesaurus


def test_what_is_broader_is_not_related_as_well(thesaurus: Graph) -> None:
    for concept in thesaurus.subjects(RDF.type, SKOS.Concept):
        above = set(thesaurus.transitive_objects(concept, SKOS.broader)) - {concept}
        assert concept not in {up for one in above for up in thesaurus.objects(one, SKOS.broader)}
        assert not above & set(thesaurus.objects(concept, SKOS.related))


def test_words_of_residents_are_labels_and_both_directions_are_told() -> None:
    nodes = [
        theme("winkel", "buurtwinkel", "kruidenier", "buurtwinkel"),
        theme("alles", "voorzieningen"),
        theme("bus", "bus"),
    ]
    edges = [Edge("broader", "winkel", "alles"), Edge("related", "winkel", "bus"), Edge("related", "winkel", "alles")]
    graph = skos.thesaurus(nodes, [*edges, Edge("about", "x", "winkel")], SITE)
    shop, all_of_it, bus = (URIRef(f"{SITE}/theme/{id}") for id in ("winkel", "alles", "bus"))
    assert [str(label) for label in graph.objects(shop, SKOS.altLabel)] == ["kruidenier"]
    assert set(graph.objects(all_of_it, SKOS.narrower)) == {shop}
    assert set(graph.objects(bus, SKOS.related)) == set(graph.subjects(SKOS.related, bus)) == {shop}
    assert set(graph.objects(None, SKOS.hasTopConcept)) == {all_of_it, bus}


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # in the JSON-LD reader of rdflib 7 itself
def test_both_forms_say_the_same(catalogue: Graph) -> None:
    for graph in (skos.thesaurus([theme("winkel", "buurtwinkel", "kruidenier")], [], SITE), catalogue):
        read = [Graph().parse(data=skos.written(graph, form), format=skos.FORMATS[form]) for form in skos.FORMATS]
        assert isomorphic(*read)
        assert len(read[0]) == len(graph)


# DCAT-AP-NL


@pytest.mark.parametrize("kind", MUST, ids=lambda kind: kind.rpartition("#")[2].rpartition("/")[2])
def test_everything_in_the_catalogue_has_what_the_profile_asks(catalogue: Graph, kind: URIRef) -> None:
    things = set(catalogue.subjects(RDF.type, kind))
    assert things
    for thing in things:
        count = Counter(catalogue.predicates(thing, None))
        assert [p for p, (low, high) in MUST[kind].items() if not low <= count[p] <= high] == []


def test_the_catalogue_names_who_publishes(catalogue: Graph) -> None:
    (publisher,) = set(catalogue.objects(None, DCTERMS.publisher))
    assert [str(name) for name in catalogue.objects(publisher, FOAF.name)] == ["Gemeente Zonnedam"]
    (mail,) = set(catalogue.objects(None, VCARD.hasEmail))
    assert str(mail) == "mailto:data@zonnedam.example"
    registered = dcat.catalogue(Settings(publisher_id="https://register.example/gm1"), SITE, "")
    assert {str(one) for one in registered.objects(None, DCTERMS.publisher)} == {"https://register.example/gm1"}


# schema.org


def test_every_record_has_only_what_schema_org_knows_of_its_type(seeded: Store) -> None:
    nodes = {node.id: node for node in seeded.nodes()}
    edges: dict[str, list[Edge]] = {id: [] for id in nodes}
    for edge in seeded.edges():
        edges[edge.source].append(edge)
        edges[edge.target].append(edge)
    for id, node in nodes.items():
        ends = {end: nodes[end] for edge in edges[id] if (end := other(edge, id))}
        found = schema_org.linked(node, edges[id], ends, SITE)
        allowed = {*EVERY_THING, *SCHEMA_ORG[schema_org.TYPES[node.kind]].split()}
        assert set(found) <= allowed, id
        assert found["@id"] == f"{SITE}/{node.kind}/{id}"
        assert "" not in found.values()


def test_relations_are_told_in_the_words_of_schema_org() -> None:
    book = Node("boek", "publication", "Samen doen", (), (), {"summary": "Boek.", "type": "boek", "year": 2013})
    writer = Node("anna", "person", "Anna Voorbeeld", (), (), {"summary": "Schrijver.", "capacity": 3})
    town = Node(
        "zonnedam",
        "organisation",
        "gemeente Zonnedam",
        (),
        (),
        {"summary": "Gemeente.", "type": "gemeente", "kvk": "12345678"},
    )
    found = schema_org.linked(book, [Edge("authored", "anna", "boek")], {"anna": writer}, SITE)
    assert (found["@type"], found["datePublished"]) == ("Book", 2013)
    assert found["author"] == [{"@id": f"{SITE}/person/anna", "@type": "Person", "name": "Anna Voorbeeld"}]
    assert "capacity" not in schema_org.linked(writer, [], {}, SITE)
    told = schema_org.linked(town, [], {}, SITE)
    assert told["@type"] == "GovernmentOrganization"
    assert told["identifier"] == [{"@type": "PropertyValue", "propertyID": "KvK", "value": "12345678"}]


# Sitemap


def test_a_long_sitemap_is_cut_in_parts(seeded: Store) -> None:
    listed = sitemap.addresses(seeded.nodes("theme"), SITE, {"ambtenaar": datetime(2026, 1, 2, tzinfo=UTC)})
    parts = sitemap.parts(listed, largest=100)
    assert [len(part) for part in parts][:-1] == [100] * (len(parts) - 1)
    assert [address for part in parts for address in part] == listed
    space = {"s": sitemap.SPACE}
    read = ElementTree.fromstring(sitemap.written([(f"{SITE}/a?b=1&c=2", "2026-01-02")]))
    assert [one.text for one in read.findall("s:url/s:loc", space)] == [f"{SITE}/a?b=1&c=2"]
    assert [one.text for one in read.findall("s:url/s:lastmod", space)] == ["2026-01-02"]
    assert ElementTree.fromstring(sitemap.written([(SITE, "")], of_sitemaps=True)).tag.endswith("sitemapindex")


def test_numbers_are_the_same_everywhere_and_differ_for_each() -> None:
    assert number("movisie") == "6b21786d-a415-58f6-b66c-48c60c69bd44"
    assert len({number("a"), number("b"), number("a", "b")}) == 3


def test_the_thesaurus_is_exported_by_a_command(seed_path: Path, thesaurus: Graph) -> None:
    words = ["export", "-", "--format", "skos", "--database", f"sqlite:///{seed_path}"]
    environment = {"KENNISMAKELAAR_ENCODER": "none", "KENNISMAKELAAR_ADDRESS": SITE}
    done = CliRunner().invoke(main, words, env=environment)
    assert done.exit_code == 0, done.output
    assert len(Graph().parse(data=done.stdout, format="turtle")) == len(thesaurus)
