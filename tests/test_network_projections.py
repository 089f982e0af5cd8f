"""Views of the graph: what is in them, what ties it, and the same each time."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import networkx as nx
import pytest

from kennismakelaar.errors import NotFound, Refused, SchemaError
from kennismakelaar.model import Edge, Node, Source, Value
from kennismakelaar.network import Scope, project, views
from kennismakelaar.network.projections import HUB
from kennismakelaar.network.views import read
from kennismakelaar.store import Store
from kennismakelaar.store_embedded import EmbeddedStore

SOURCE = (Source("nota", "II.1", "stated", "Voorbeelden"),)


def node(id: str, kind: str, **properties: Value) -> Node:
    return Node(id, kind, id.capitalize(), (f"ook {id}",), SOURCE, {"summary": id, **properties})


def edge(source: str, kind: str, target: str) -> Edge:
    return Edge(kind, source, target, SOURCE)


NODES = [
    node("gemeente", "organisation", type="gemeente", domain="overheid", offer=("geld", "ruimte")),
    node("corporatie", "organisation", type="corporatie", domain="markt"),
    node("stichting", "organisation", type="maatschappelijk", domain="gemeenschap", end=2005),
    node("alleen", "organisation", type="overig"),
    node("tuin", "initiative", domain="gemeenschap", start=2010),
    node("winkel", "initiative"),
    node("groen", "theme"),
    node("buurt", "theme"),
    node("anna", "person"),
    node("bram", "person"),
    node("boek", "publication", type="boek", year=2012),
    node("hoe-dan", "knowledge_question", question_status="open"),
    node("utrecht", "place", place_type="stad"),
    node("provincie", "place", place_type="provincie"),
]
EDGES = [
    edge("gemeente", "funds", "tuin"),
    edge("corporatie", "supports", "tuin"),
    edge("stichting", "operates", "tuin"),
    edge("gemeente", "partners_with", "corporatie"),
    edge("corporatie", "operates", "winkel"),
    edge("tuin", "about", "groen"),
    edge("winkel", "about", "groen"),
    edge("tuin", "about", "buurt"),
    edge("anna", "authored", "boek"),
    edge("bram", "authored", "boek"),
    edge("anna", "knows_about", "groen"),
    edge("hoe-dan", "about", "groen"),
    edge("gemeente", "answers", "hoe-dan"),
    edge("gemeente", "located_in", "utrecht"),
    edge("tuin", "located_in", "utrecht"),
    edge("utrecht", "part_of", "provincie"),
]


@pytest.fixture
def graph(store: Store) -> Store:
    store.put(NODES, EDGES)
    return store


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The same graph where the test needs one store only, and does not change it."""
    with closing(EmbeddedStore(tmp_path_factory.mktemp("views") / "graph.db")) as store:
        store.put(NODES, EDGES)
        yield store


def test_full_has_every_record_and_relation_with_all_that_is_known(graph: Store) -> None:
    full = project("full", graph)
    assert isinstance(full, nx.MultiDiGraph)
    assert list(full) == sorted(n.id for n in NODES)
    assert full.nodes["gemeente"] == {
        "kind": "organisation",
        "name": "Gemeente",
        "aliases": ["ook gemeente"],
        "sources": ["nota, II.1, Voorbeelden"],
        "summary": "gemeente",
        "type": "gemeente",
        "domain": "overheid",
        "offer": ["geld", "ruimte"],
    }
    assert {(a, kind, b) for a, b, kind in full.edges(keys=True)} == {(e.source, e.kind, e.target) for e in EDGES}
    assert full.edges["tuin", "groen", "about"] == {
        "kind": "about",
        "weight": 1.0,
        "sources": ["nota, II.1, Voorbeelden"],
    }


def test_the_graph_says_what_it_is(graph: Store) -> None:
    made = project("organisations", graph, Scope(domain="markt"))
    assert made.graph["view"] == "organisations"
    assert made.graph["label"]["en"] == "organisations that work together"
    assert made.graph["revision"] == graph.revision()
    assert made.graph["scope"]["domain"] == "markt"


def test_organisations_are_tied_by_what_they_share_and_by_partnership(small: Store) -> None:
    made = project("organisations", small)
    assert type(made) is nx.Graph
    tied = made.edges["corporatie", "gemeente"]
    assert tied["through"] == ["tuin"]
    assert tied["direct"] == ["partners_with"]
    assert tied["kind"] == "works_together"
    assert tied["weight"] == pytest.approx(1 + 1 / 2)
    assert made.edges["gemeente", "stichting"]["weight"] == pytest.approx(1 / 2)
    assert "alleen" in made
    assert made.degree("alleen") == 0


def test_initiatives_are_tied_by_themes(small: Store) -> None:
    made = project("initiatives", small)
    assert list(made.edges(data="through")) == [("tuin", "winkel", ["groen"])]


def test_experts_are_tied_by_publications(small: Store) -> None:
    made = project("experts", small)
    assert list(made.edges(data="through")) == [("anna", "bram", ["boek"])]


def test_questions_get_ties_from_who_can_answer(small: Store) -> None:
    made = project("questions", small)
    assert isinstance(made, nx.DiGraph)
    assert dict(made.edges["gemeente", "hoe-dan"]) == {
        "kind": "can_answer",
        "weight": 1.0,
        "through": [],
        "direct": ["answers"],
    }
    assert {a for a, b in made.edges} == {"gemeente", "anna", "tuin", "winkel"}
    assert {b for a, b in made.edges} == {"hoe-dan"}


def test_organisations_and_themes_are_two_sides(small: Store) -> None:
    small_graph = project("organisation-themes", small)
    assert {small_graph.nodes[id]["kind"] for id in small_graph} == {"organisation", "theme"}
    assert nx.is_bipartite(small_graph)


@pytest.mark.parametrize(
    ("depth", "there"),
    [
        (0, {"groen"}),
        (1, {"groen", "tuin", "winkel", "anna", "hoe-dan"}),
        (2, {"groen", "tuin", "winkel", "anna", "hoe-dan", "gemeente", "corporatie", "stichting", "buurt"}),
    ],
)
def test_ego_reaches_as_many_steps_as_asked(small: Store, depth: int, there: set[str]) -> None:
    assert there <= set(project("ego", small, Scope(around="groen", depth=depth)))
    assert depth == 2 or there == set(project("ego", small, Scope(around="groen", depth=depth)))


def test_every_view_can_be_seen_from_one_record(small: Store) -> None:
    assert list(project("organisations", small, Scope(around="stichting"))) == ["corporatie", "gemeente", "stichting"]


def test_a_place_takes_what_lies_in_it_and_what_has_a_tie_to_that(graph: Store) -> None:
    for place in ("utrecht", "Provincie"):
        assert list(project("organisations", graph, Scope(place=place))) == ["gemeente"]
        assert list(project("initiatives", graph, Scope(place=place))) == ["tuin"]
        full = set(project("full", graph, Scope(place=place)))
        assert full == {"gemeente", "tuin", "groen", "buurt", "hoe-dan", "utrecht"}


def test_a_domain_takes_its_actors(small: Store) -> None:
    assert list(project("organisations", small, Scope(domain="markt"))) == ["corporatie"]
    assert set(project("full", small, Scope(domain="markt"))) == {"corporatie"}


def test_place_and_domain_must_hold_for_the_same_record(small: Store) -> None:
    with pytest.raises(Refused):
        project("organisations", small, Scope(place="utrecht", domain="markt"))


@pytest.mark.parametrize(
    ("scope", "gone"),
    [(Scope(since=2006), {"stichting"}), (Scope(until=2011), {"boek"}), (Scope(since=2013), {"stichting", "boek"})],
)
def test_a_period_leaves_out_what_is_known_to_fall_outside(small: Store, scope: Scope, gone: set[str]) -> None:
    assert {n.id for n in NODES} - set(project("full", small, scope)) == gone


def test_a_record_that_too_many_share_ties_nothing_and_is_named(tmp_path: Path) -> None:
    many = [node(f"initiatief-{n}", "initiative") for n in range(HUB + 1)]
    with closing(EmbeddedStore(tmp_path / "hub.db")) as store:
        store.put([*many, node("alles", "theme")], [edge(n.id, "about", "alles") for n in many])
        made = project("initiatives", store)
    assert made.number_of_edges() == 0
    assert made.graph["hubs"] == ["alles"]


def test_two_runs_give_the_same_order(tmp_path: Path) -> None:
    with closing(EmbeddedStore(tmp_path / "a.db")) as one, closing(EmbeddedStore(tmp_path / "b.db")) as other:
        one.put(NODES, EDGES)
        other.put(NODES[::-1], EDGES[::-1])
        for name in views():
            scope = Scope(around="tuin", depth=2) if name == "ego" else Scope()
            graphs = [project(name, store, scope) for store in (one, other)]
            assert list(graphs[0].nodes(data=True)) == list(graphs[1].nodes(data=True))
            assert list(graphs[0].edges(data=True)) == list(graphs[1].edges(data=True))
            assert list(graphs[0]) == sorted(graphs[0])


def test_every_view_of_the_first_graph_has_ties(seeded: Store) -> None:
    scopes = {"ego": Scope(around="movisie")}
    sizes = {name: project(name, seeded, scopes.get(name, Scope())).number_of_edges() for name in views()}
    assert sizes["full"] == len(list(seeded.edges()))
    assert min(sizes.values()) > 0


def test_without_a_store_the_database_of_the_settings_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(EmbeddedStore(tmp_path / "mine.db")) as store:
        store.put(NODES, EDGES)
    monkeypatch.setenv("KENNISMAKELAAR_DATABASE", f"sqlite:///{tmp_path / 'mine.db'}")
    assert len(project("full")) == len(NODES)


@pytest.mark.parametrize(
    ("view", "scope", "says"),
    [
        ("vriendschap", Scope(), "organisation-themes"),
        ("ego", Scope(), "Geef het id"),
        ("full", Scope(around="tuin", depth=-1), "0 of meer"),
        ("full", Scope(since=2010, until=2000), "Draai de jaren om"),
        ("full", Scope(domain="zee"), "gemeenschap, markt, overheid"),
        ("full", Scope(place="Atlantis"), "Atlantis"),
        ("experts", Scope(place="utrecht"), "niets"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_words(small: Store, view: str, scope: Scope, says: str) -> None:
    with pytest.raises(Refused, match=says):
        project(view, small, scope)


def test_around_an_unknown_record_is_not_found(small: Store) -> None:
    with pytest.raises(NotFound, match="nergens"):
        project("full", small, Scope(around="nergens"))


@pytest.mark.parametrize("wrong", ["kleur: rood", "source: [vogel]", "direct: [vliegt]", "graph: boom"])
def test_a_view_that_means_nothing_is_an_error(tmp_path: Path, wrong: str) -> None:
    lines = {"label": "label: {nl: x}", "description": "description: {nl: x}", "graph": "graph: graph"}
    lines[wrong.partition(":")[0]] = wrong
    (tmp_path / "views.yaml").write_text("x:\n" + "\n".join(f"  {line}" for line in lines.values()), "utf-8")
    with pytest.raises(SchemaError, match="views.yaml: x"):
        read(tmp_path / "views.yaml")
