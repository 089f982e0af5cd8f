"""The project can be found, judged and reused."""

import json
import re
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator

from kennismakelaar import __version__

ROOT = Path(__file__).resolve().parent.parent
PAPERS = ("LICENSE", "CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md", "GOVERNANCE.md", "CHANGELOG.md")

MANDATORY = {
    "publiccodeYmlVersion",
    "name",
    "url",
    "platforms",
    "categories",
    "developmentStatus",
    "softwareType",
    "description",
    "legal",
    "maintenance",
    "localisation",
}


@pytest.mark.parametrize("name", [*PAPERS, "seed_data/LICENSE", ".github/pull_request_template.md"])
def test_what_a_public_project_needs_is_there(name: str) -> None:
    assert len((ROOT / name).read_text("utf-8").split()) > 20


@pytest.mark.parametrize(("name", "field"), [("publiccode.yml", "softwareVersion"), ("CITATION.cff", "version")])
def test_the_version_is_the_same_everywhere(name: str, field: str) -> None:
    assert yaml.safe_load((ROOT / name).read_text("utf-8"))[field] == __version__


def test_the_licence_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    public = yaml.safe_load((ROOT / "publiccode.yml").read_text("utf-8"))
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert {project["license"], public["legal"]["license"], cited["license"]} == {"EUPL-1.2"}
    assert "EUROPEAN UNION PUBLIC LICENCE v. 1.2" in (ROOT / "LICENSE").read_text("utf-8")


def test_the_citation_follows_its_schema() -> None:
    schema = json.loads((ROOT / "tests" / "citation" / "cff-1.2.0.json").read_text("utf-8"))
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert [error.message for error in Draft7Validator(schema).iter_errors(cited)] == []


def test_publiccode_yml_has_what_its_standard_asks() -> None:
    """As the standard tells it, version 0.4; its own parser cannot be installed with the tests."""
    public = yaml.safe_load((ROOT / "publiccode.yml").read_text("utf-8"))
    assert set(public) >= MANDATORY
    assert public["developmentStatus"] in {"concept", "development", "beta", "stable", "obsolete"}
    assert public["softwareType"] == "standalone/web"
    assert public["maintenance"]["type"] == "community"
    assert public["maintenance"]["contacts"][0]["name"]
    assert {"localisationReady", "availableLanguages"} <= set(public["localisation"])
    for said in public["description"].values():
        assert len(said["shortDescription"]) <= 150 <= len(said["longDescription"]) <= 10_000
        assert all(len(feature) <= 100 for feature in said["features"])


def test_no_criterion_of_the_standard_for_public_code_is_passed_over() -> None:
    text = (ROOT / "docs" / "public-code.md").read_text("utf-8")
    rows = re.findall(r"^\| ([MS]) \| .+ \| (\*\*(?:yes|partly|no)\*\*.*|not applicable: .+) \|$", text, re.MULTILINE)
    assert Counter(kind for kind, _ in rows) == {"M": 46, "S": 51}


def test_everything_that_came_from_elsewhere_has_its_licence_beside_it() -> None:
    static = ROOT / "web" / "static"
    folders = [*static.iterdir(), *(static / "vendor").iterdir(), *(ROOT / "tests" / "web").iterdir()]
    vendored = [folder for folder in folders if folder.is_dir() and folder.name not in ("__pycache__", "vendor")]
    assert vendored
    for folder in vendored:
        assert list(folder.rglob("LICEN[CS]E*")), folder.name
        assert f"`{folder.relative_to(ROOT)}`" in (ROOT / "docs" / "licences.md").read_text("utf-8"), folder.name


def test_the_list_of_licences_is_what_is_installed() -> None:
    done = subprocess.run([sys.executable, ROOT / "docs" / "licences.py"], capture_output=True, text=True, check=True)
    assert done.stdout == (ROOT / "docs" / "licences.md").read_text("utf-8"), "Run: make licences"
