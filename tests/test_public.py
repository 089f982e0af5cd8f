"""The project can be found, judged and reused."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from kennismakelaar import __version__

ROOT = Path(__file__).resolve().parent.parent
PAPERS = ("LICENSE", "CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md", "GOVERNANCE.md", "CHANGELOG.md")


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


def test_everything_that_came_from_elsewhere_has_its_licence_beside_it() -> None:
    folders = [*(ROOT / "web" / "static").iterdir(), *(ROOT / "tests" / "web").iterdir()]
    vendored = [folder for folder in folders if folder.is_dir() and folder.name not in ("__pycache__",)]
    assert vendored
    for folder in vendored:
        assert list(folder.rglob("LICEN[CS]E*")), folder.name
        assert f"`{folder.relative_to(ROOT)}`" in (ROOT / "docs" / "licences.md").read_text("utf-8"), folder.name


def test_the_list_of_licences_is_what_is_installed() -> None:
    done = subprocess.run([sys.executable, ROOT / "docs" / "licences.py"], capture_output=True, text=True, check=True)
    assert done.stdout == (ROOT / "docs" / "licences.md").read_text("utf-8"), "Run: make licences"
