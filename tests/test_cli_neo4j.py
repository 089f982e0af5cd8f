"""The commands on a Neo4j server."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from kennismakelaar.schema import schema
from kennismakelaar.store_embedded import EmbeddedStore
from tests.conftest import Server, command
from tests.web.conftest import EDGES, NODES

pytestmark = pytest.mark.neo4j
SHOP = "Onze buurtwinkel gaat dicht. Kunnen we hem met de buurt overnemen?"


def said(*arguments: str, **environment: str) -> str:
    done = command(*arguments, **environment)
    assert done.exit_code == 0, done.stderr
    return done.stdout


def test_init_first_tells_what_it_would_make_and_makes_nothing(server: Server) -> None:
    server.bare()
    planned = json.loads(said("init", "--dry-run", "--json", "--database", server.url))["planned"]
    assert len([line for line in planned if line.startswith("CREATE CONSTRAINT")]) == 4
    assert len([line for line in planned if "_name IF NOT EXISTS" in line]) == len(schema().nodes)
    assert any("CREATE VECTOR INDEX" in line for line in planned)
    assert planned[-1].startswith("De startgraaf komt erin: ")
    assert (server.indexes(), server.cypher("MATCH (n) RETURN n")) == (set(), [])


def test_after_init_nothing_is_left_to_do(seed_server: Server) -> None:
    assert json.loads(said("init", "--dry-run", "--json", "--database", seed_server.url)) == {"planned": []}


def test_ask_answers_as_with_a_file(seed_server: Server, seed_path: Path) -> None:
    answers = [
        json.loads(said("ask", SHOP, "--json", "--limit", "5", "--database", url))
        for url in (seed_server.url, f"sqlite:///{seed_path}")
    ]
    assert answers[0]["answered"] is True
    assert [match["id"] for match in answers[0]["matches"]] == [match["id"] for match in answers[1]["matches"]]


def test_doctor_finds_nothing_in_the_first_graph(seed_server: Server) -> None:
    assert json.loads(said("doctor", "--json", "--database", seed_server.url))["found"] == []


def test_export_writes_the_script_that_a_file_gives(seed_server: Server, seed_path: Path, tmp_path: Path) -> None:
    scripts = [tmp_path / "neo4j.cypher", tmp_path / "file.cypher"]
    for url, script in zip((seed_server.url, f"sqlite:///{seed_path}"), scripts, strict=True):
        said("export", "--format", "cypher", str(script), "--database", url)
    assert scripts[0].read_text("utf-8") == scripts[1].read_text("utf-8")


def test_a_graph_goes_to_the_server_and_back(server: Server, tmp_path: Path) -> None:
    server.wipe()
    first, last = tmp_path / "first.db", tmp_path / "last.db"
    with closing(EmbeddedStore(first)) as store:
        store.put(NODES, EDGES)
    words = {"KENNISMAKELAAR_ENCODER": "none"}
    there = json.loads(said("copy", f"sqlite:///{first}", server.url, "--json", **words))
    back = json.loads(said("copy", server.url, f"sqlite:///{last}", "--json", **words))
    assert there == back
    assert sum(count for count, _ in there.values()) == len(NODES) + len(EDGES)
    with closing(EmbeddedStore(first)) as one, closing(EmbeddedStore(last)) as other:
        assert list(one.nodes()) == list(other.nodes())
        assert list(one.edges()) == list(other.edges())
    server.cypher("MATCH (n {id: 'dorpswinkel'}) SET n.summary = 'Nu een fietspad.'")
    done = command("doctor", "--json", "--database", server.url, **words)
    assert (done.exit_code, len(json.loads(done.stdout)["found"])) == (1, 1)
    assert "dorpswinkel is in Neo4j veranderd" in done.stdout


def test_a_wrong_password_is_one_clear_line(server: Server) -> None:
    done = command("ask", SHOP, "--database", server.url, KENNISMAKELAAR_NEO4J_PASSWORD="fout-fout")
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "Kijk KENNISMAKELAAR_NEO4J_USER en _PASSWORD na" in done.stderr
