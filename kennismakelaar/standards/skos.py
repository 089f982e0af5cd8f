"""The thesaurus in SKOS (W3C, 2009): themes as concepts, with the words of residents as other labels."""

from collections.abc import Iterable, Mapping, Sequence

from rdflib import RDF, SKOS, Graph, Literal, URIRef
from rdflib.namespace import DCTERMS

from kennismakelaar.model import Edge, Node
from kennismakelaar.standards.identity import page
from kennismakelaar.store import GraphStore

LICENCE = URIRef("https://creativecommons.org/publicdomain/zero/1.0/")
TITLE = {"nl": "Thema's van Kennismakelaar", "en": "Themes of Kennismakelaar"}
FORMATS: Mapping[str, str] = {"ttl": "turtle", "jsonld": "json-ld"}
"""Our ending for each form of rdflib."""
MEDIA: Mapping[str, str] = {"ttl": "text/turtle", "jsonld": "application/ld+json"}


def thesaurus(nodes: Iterable[Node], edges: Sequence[Edge], site: str) -> Graph:
    """A concept scheme of these themes; `edges` are the relations among them, others are passed over."""
    themes = {node.id: node for node in nodes}
    concepts = {id: URIRef(page(site, node)) for id, node in themes.items()}
    scheme, above = URIRef(f"{site}/thema"), _above(edges, themes)
    graph = Graph()
    graph.bind("skos", SKOS)
    graph.bind("dct", DCTERMS)
    graph.add((scheme, RDF.type, SKOS.ConceptScheme))
    graph.add((scheme, DCTERMS.license, LICENCE))
    for language, title in TITLE.items():
        graph.add((scheme, DCTERMS.title, Literal(title, language)))
    for id, node in themes.items():
        _describe(graph, concepts[id], node)
        graph.add((concepts[id], SKOS.inScheme, scheme))
        if not above[id]:
            graph.add((concepts[id], SKOS.topConceptOf, scheme))
            graph.add((scheme, SKOS.hasTopConcept, concepts[id]))
    for edge in edges:
        _tie(graph, concepts, edge, above)
    return graph


def of(store: GraphStore, site: str) -> Graph:
    """The thesaurus of a graph."""
    themes = {node.id: node for node in store.nodes("theme")}
    return thesaurus(themes.values(), list(store.edges(themes)), site)


def written(graph: Graph, form: str) -> str:
    """As text, in one of FORMATS."""
    return graph.serialize(format=FORMATS[form])


def _describe(graph: Graph, concept: URIRef, node: Node) -> None:
    """No label stands twice (SKOS integrity condition S13)."""
    graph.add((concept, RDF.type, SKOS.Concept))
    graph.add((concept, SKOS.notation, Literal(node.id)))
    graph.add((concept, SKOS.prefLabel, Literal(node.name, "nl")))
    for name in {*node.aliases, *node.texts("citizen_words")} - {node.name}:
        graph.add((concept, SKOS.altLabel, Literal(name, "nl")))
    for name, language in (("summary", "nl"), ("summary_en", "en")):
        if text := node.text(name):
            graph.add((concept, SKOS.definition, Literal(text, language)))


def _above(edges: Iterable[Edge], themes: Mapping[str, Node]) -> dict[str, set[str]]:
    """For each theme all that is broader, at any distance."""
    steps: dict[str, set[str]] = {id: set() for id in themes}
    for edge in edges:
        if edge.kind == "broader" and {edge.source, edge.target} <= themes.keys():
            steps[edge.source].add(edge.target)
    for id in steps:
        waiting = list(steps[id])
        while waiting:
            new = steps[waiting.pop()] - steps[id]
            steps[id] |= new
            waiting += new
    return steps


def _tie(graph: Graph, concepts: Mapping[str, URIRef], edge: Edge, above: Mapping[str, set[str]]) -> None:
    """What is above the other is not related to it as well (integrity condition S27)."""
    if not {edge.source, edge.target} <= concepts.keys():
        return
    source, target = concepts[edge.source], concepts[edge.target]
    if edge.kind == "broader":
        graph.add((source, SKOS.broader, target))
        graph.add((target, SKOS.narrower, source))
    if edge.kind == "related" and edge.target not in above[edge.source] and edge.source not in above[edge.target]:
        graph.add((source, SKOS.related, target))
        graph.add((target, SKOS.related, source))
