"""The commands for who studies the graph as a network."""

import json
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kennismakelaar.cli import main
from kennismakelaar.model import Edge, Node, Source
from kennismakelaar.network import measures, views
from kennismakelaar.store import Store
from kennismakelaar.store_embedded import EmbeddedStore

SOURCE = (Source("nota", "II.1", "stated"),)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Three organisations around one initiative, and one alone."""
    path = tmp_path_factory.mktemp("cli") / "graph.db"
    with closing(EmbeddedStore(path)) as store:
        _fill(store)
    return f"sqlite:///{path}"


def _fill(store: Store) -> None:
    domains = {"anna": "markt", "buurt": "gemeenschap", "club": "gemeenschap", "dorp": "overheid"}
    organisations = [
        Node(id, "organisation", f"Stichting {id}", (), SOURCE, {"summary": id, "type": "overig", "domain": domain})
        for id, domain in domains.items()
    ]
    initiative = Node("tuin", "initiative", "De tuin", (), SOURCE, {"summary": "tuin"})
    ties = [Edge("supports", id, "tuin", SOURCE) for id in ("anna", "buurt")]
    store.put([*organisations, initiative], [*ties, Edge("partners_with", "buurt", "club", SOURCE)])


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["network", *arguments], catch_exceptions=False)


def refused(*arguments: str) -> str:
    """The one clear line on standard error of a request that exits with 1."""
    done = run(*arguments)
    assert done.exit_code == 1, done.output
    (line,) = done.stderr.splitlines()
    assert line.startswith("kennismakelaar: ")
    return line


def test_views_are_listed_with_what_they_show() -> None:
    assert set(json.loads(run("views", "--json").stdout)) == set(views())
    shown = run("views").stdout
    assert all(name in shown for name in views())


def test_measures_are_listed_with_what_they_mean() -> None:
    found = json.loads(run("measures", "--json").stdout)["measures"]
    assert [row["name"] for row in found] == list(measures())
    assert found[0]["meaning"]["nl"].startswith("Met hoeveel anderen")
    assert "resolution=1.0" in run("measures").stdout


def test_a_view_is_measured_with_every_value_in_json(database: str) -> None:
    names = ("degree", "bridges", "density")
    chosen = [argument for name in names for argument in ("--measure", name)]
    found = json.loads(run("measures", "organisations", *chosen, "--json", "--database", database).stdout)
    assert found["view"] == "organisations"
    assert (found["nodes"], found["edges"]) == (4, 2)
    degree, bridges, density = found["measures"]
    assert degree["values"] == {"anna": 1, "buurt": 2, "club": 1, "dorp": 0}
    assert bridges["values"] == [["anna", "buurt", 1], ["buurt", "club", 1]]
    assert density["values"] == pytest.approx(1 / 3)
    assert density["exact"] is True


def test_a_table_shows_the_highest_first(database: str) -> None:
    chosen = ("--measure", "degree", "--measure", "constraint", "--measure", "communities", "--measure", "bridges")
    lines = run("measures", "organisations", *chosen, "--top", "2", "--database", database).stdout.splitlines()
    at = next(number for number, line in enumerate(lines) if line.split()[:1] == ["record"])
    assert lines[at + 1].split()[:3] == ["Stichting", "buurt", "2"]
    assert lines[at + 2].split()[:3] == ["Stichting", "anna", "1"]
    assert lines[at + 3].split()[:1] == ["van"]


def test_without_a_measure_the_usual_ones_are_shown(database: str) -> None:
    shown = run("measures", "organisations", "--database", database).stdout
    assert "Organisaties die samenwerken: 4 records, 2 banden" in shown
    assert "ingeklemdheid" in shown
    assert "Voor 1 records zonder banden bestaat deze maat niet." in " ".join(shown.split())


def test_settings_reach_the_measures_that_have_them(database: str) -> None:
    chosen = ("--measure", "homophily", "--measure", "pagerank", "--set", "by=domain", "--set", "weighted=nee")
    found = json.loads(run("measures", "organisations", *chosen, "--json", "--database", database).stdout)
    assert [m["parameters"] for m in found["measures"]] == [{"by": "domain"}, {"weighted": False, "damping": 0.85}]


def test_a_scope_leaves_out_the_rest(database: str) -> None:
    found = json.loads(
        run("measures", "ego", "--around", "tuin", "--depth", "2", "--json", "--database", database).stdout
    )
    assert set(found["measures"][0]["values"]) == {"tuin", "anna", "buurt", "club"}
    found = json.loads(
        run(
            "measures", "organisations", "--domain", "markt", "--measure", "degree", "--json", "--database", database
        ).stdout
    )
    assert found["measures"][0]["values"] == {"anna": 0}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("organisaties",), "organisations"),
        (("ego",), "Geef het id"),
        (("experts",), "niets"),
        (("organisations", "--measure", "liefde"), "betweenness"),
        (("organisations", "--set", "kleur=rood"), "kleur"),
        (("organisations", "--measure", "pagerank", "--set", "damping=veel"), "damping=0.85"),
        (("organisations", "--measure", "pagerank", "--set", "weighted=misschien"), "weighted=True"),
        (("organisations", "--measure", "bow-tie"), "richting"),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(database: str, arguments: tuple[str, ...], says: str) -> None:
    assert says in refused("measures", *arguments, "--database", database)


def test_a_database_without_records_is_an_empty_view(tmp_path: Path) -> None:
    assert "niets" in refused("measures", "full", "--database", f"sqlite:///{tmp_path / 'leeg.db'}")
