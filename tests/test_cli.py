"""The commands that scripts depend on."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kennismakelaar.config import Settings
from kennismakelaar.errors import Refused
from tests.conftest import command

EVAL = Path(__file__).parent / "eval"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory, seed_path: Path) -> str:
    """A database with the seed."""
    path = tmp_path_factory.mktemp("cli") / "graph.db"
    shutil.copy(seed_path, path)
    return f"sqlite:///{path}"


def refused(*arguments: str) -> str:
    """The one clear line on standard error of a request that exits with 1."""
    done = command(*arguments)
    assert done.exit_code == 1, done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("kennismakelaar: ")
    return line


def test_ask_prints_one_object_with_the_promised_fields(database: str) -> None:
    answer = json.loads(
        command("ask", "Onze buurtwinkel gaat dicht, wie helpt?", "--json", "--database", database).stdout
    )
    assert answer["answered"] is True
    assert {"id", "kind", "name", "score", "reasons"} <= set(answer["matches"][0])
    assert {"signal", "points", "text", "source"} <= set(answer["matches"][0]["reasons"][0])
    for match in answer["matches"]:
        assert match["score"] == pytest.approx(sum(r["points"] for r in match["reasons"]), abs=1e-3)


def test_ask_takes_place_kind_and_limit(database: str) -> None:
    found = command(
        "ask",
        "een leeg gebouw voor de buurt",
        "--place",
        "Utrecht",
        "--kind",
        "organisation",
        "--kind",
        "initiative",
        "--limit",
        "4",
        "--json",
        "--database",
        database,
    )
    answer = json.loads(found.stdout)
    assert len(answer["matches"]) <= 4
    assert {m["kind"] for m in answer["matches"]} <= {"organisation", "initiative"}


def test_ask_from_a_file_prints_one_object_a_line(database: str, tmp_path: Path) -> None:
    (tmp_path / "q.txt").write_text("Onze bieb gaat dicht\n\nMijn paspoort is verlopen\n", "utf-8")
    lines = command("ask", "--from", str(tmp_path / "q.txt"), "--json", "--database", database).stdout.splitlines()
    assert [json.loads(line)["answered"] for line in lines] == [True, False]


def test_ask_shows_people_the_reasons_and_with_explain_the_whole_sum(database: str) -> None:
    short = command("ask", "Onze bieb gaat dicht", "--database", database).stdout
    whole = command("ask", "Onze bieb gaat dicht", "--explain", "--database", database).stdout
    assert "•" in short
    assert len(whole) > len(short)


def test_show_gives_a_node_with_relations_and_sources(database: str) -> None:
    node = json.loads(command("show", "platform31", "--json", "--database", database).stdout)
    assert node["name"] == "Platform31"
    assert node["sources"]
    assert {"kind", "source", "target", "sources", "sentence"} <= set(node["relations"][0])


def test_export_and_import_give_the_same_graph(database: str, tmp_path: Path) -> None:
    file, other = tmp_path / "graph.json", f"sqlite:///{tmp_path / 'other.db'}"
    assert command("export", "--format", "json", str(file), "--database", database).exit_code == 0
    assert {"id", "kind", "name", "aliases"} <= set(json.loads(file.read_text("utf-8"))["nodes"][0])
    assert command("init", "--no-seed", "--database", other).exit_code == 0
    assert command("import", str(file), "--database", other, KENNISMAKELAAR_ENCODER="none").exit_code == 0
    assert command("export", "--format", "json", "-", "--database", other).stdout == file.read_text("utf-8")


def test_evaluate_prints_the_measures(database: str, tmp_path: Path) -> None:
    lines = (EVAL / "dev_queries.tsv").read_text("utf-8").splitlines()
    (tmp_path / "few.tsv").write_text("\n".join([lines[0], *lines[1:8], lines[30]]), "utf-8")
    found = json.loads(command("evaluate", str(tmp_path / "few.tsv"), "--json", "--database", database).stdout)
    assert found["answerable"] == 7
    assert found["unanswerable"] == 1
    assert {"hit@1", "hit@5", "mrr", "ndcg@10", "answered", "refused", "by_group", "by_language"} <= set(found)


def test_init_again_changes_nothing(database: str) -> None:
    before = command("export", "-", "--database", database).stdout
    assert command("init", "--database", database).exit_code == 0
    assert command("export", "-", "--database", database).stdout == before


@pytest.mark.parametrize(
    "name", ["init", "ask", "show", "export", "import", "evaluate", "train", "serve", "copy", "doctor", "post"]
)
def test_every_command_has_help_with_an_example(name: str) -> None:
    assert "Voorbeeld: kennismakelaar" in command(name, "--help").stdout


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["ask", "  "], "leeg"),
        (["ask", "x" * 10_000], "te lang"),
        (["ask", "x", "--kind", "planeet"], "planeet"),
        (["ask", "x", "--place", "Atlantis"], "Atlantis"),
        (["show", "no-such"], "no-such"),
        (["import", "/no/such/file.json"], "niet te lezen"),
        (["evaluate", "/no/such/file.tsv"], "niet te lezen"),
    ],
)
def test_a_refused_request_is_one_clear_line(database: str, arguments: list[str], complaint: str) -> None:
    assert complaint in refused(*arguments, "--database", database)


def test_a_database_that_cannot_be_made_is_refused() -> None:
    assert "niet te openen" in refused("ask", "x", "--database", "sqlite:////proc/no/such.db")
    assert "geen goed adres" in refused("ask", "x", "--database", "mysql://localhost")


@pytest.mark.parametrize(
    ("arguments", "key"), [(["init"], "records"), (["links", "--limit", "2"], "links"), (["doctor"], "found")]
)
def test_what_a_command_says_can_be_had_as_json(database: str, arguments: list[str], key: str) -> None:
    assert key in json.loads(command(*arguments, "--json", "--database", database).stdout)


def test_a_process_exits_and_prints_as_the_command_says(database: str) -> None:
    program = [sys.executable, "-m", "kennismakelaar", "show"]
    shown = subprocess.run([*program, "platform31", "--database", database], capture_output=True, text=True, check=True)
    assert "Platform31" in shown.stdout
    missing = subprocess.run([*program, "no-such", "--database", database], capture_output=True, text=True, check=False)
    assert (missing.returncode, missing.stdout, missing.stderr.count("\n")) == (1, "", 1)


def test_wrong_usage_exits_with_two() -> None:
    assert command("ask").exit_code == 2
    assert command("no-such-command").exit_code == 2
    assert command("ask", "x", "--limit", "0").exit_code == 2


def test_a_broken_import_changes_nothing(database: str, tmp_path: Path) -> None:
    before = command("export", "-", "--database", database).stdout
    for content, complaint in (
        ("{", "geen JSON"),
        ("[]", "nodes"),
        ('{"nodes": [{"id": "a"}], "edges": []}', "record 1"),
        ('{"nodes": [{"id": "a", "kind": "theme", "name": "a"}], "edges": []}', "summary ontbreekt"),
    ):
        (tmp_path / "bad.json").write_text(content, "utf-8")
        assert complaint in refused("import", str(tmp_path / "bad.json"), "--database", database).replace("\n", " ")
    assert command("export", "-", "--database", database).stdout == before


def test_settings_come_from_the_environment() -> None:
    found = Settings.from_env({"KENNISMAKELAAR_PORT": "8080", "KENNISMAKELAAR_ENCODER": "none", "OTHER": "x"})
    assert (found.port, found.encoder, found.workers) == (8080, "none", Settings.workers)
    with pytest.raises(Refused, match="KENNISMAKELAAR_PORT is 'high': dat moet een getal zijn"):
        Settings.from_env({"KENNISMAKELAAR_PORT": "high"})


def test_a_command_does_not_wait_for_libraries_that_others_use() -> None:
    heavy = {"matplotlib", "networkx", "neo4j", "pandas", "rustworkx", "scipy", "sklearn", "flask"}
    code = "import sys, kennismakelaar.cli; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert heavy.isdisjoint(loaded)
