"""The wheel holds the whole product and works from another folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the contents of a freshly built wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT))
    (wheel,) = folder.glob("*.whl")
    _run(
        sys.executable,
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-deps",
        "--target",
        str(folder / "site"),
        str(wheel),
    )
    return folder / "site"


def test_the_four_folders_stand_side_by_side(installed: Path) -> None:
    for name in (
        "kennismakelaar/py.typed",
        "kennismakelaar/network/templates/report.html",
        "kennismakelaar/network/templates/package.md",
        "kennismakelaar/network/templates/report.yaml",
        "kennismakelaar/models/weights.yaml",
        "kennismakelaar/compound_parts.txt",
        "web/templates/base.html",
        "web/static/app.css",
        "graph_schema/nodes/theme.yaml",
        "seed_data/nodes/theme.yaml",
    ):
        assert (installed / name).exists(), name


def test_a_page_is_served_from_another_folder(installed: Path, tmp_path: Path) -> None:
    program = """
import kennismakelaar, pathlib
from kennismakelaar.broker import open_broker
from kennismakelaar.config import Settings
from kennismakelaar import seed
from web.app import create_app
assert pathlib.Path(kennismakelaar.__file__).is_relative_to(%r)
broker = open_broker(Settings(database="sqlite:///graph.db", encoder="none"))
broker.add(*seed.read())
print(create_app(broker).test_client().get("/initiative/dorpswinkel-sterksel").status_code)
""" % str(installed)
    assert _run(sys.executable, "-c", program, folder=tmp_path, path=installed).strip() == "200"
    assert "Voorbeeld" in _run(sys.executable, "-m", "kennismakelaar", "--help", folder=tmp_path, path=installed)


def _run(*command: str, folder: Path = ROOT, path: Path = ROOT) -> str:
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "PYTHONPATH": str(path)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
