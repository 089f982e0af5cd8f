"""The wheel holds the whole product, works from another folder, and is the same whoever builds it."""

import os
import subprocess
import sys
import tarfile
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copy
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

from kennismakelaar import __version__
from kennismakelaar.paths import ROOT
from tests.conftest import free_port

pytestmark = pytest.mark.slow
PAGE = "/initiative/dorpswinkel-sterksel"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A wheel of this checkout, and the source package; one right after the other, since someone may be writing in it."""
    folder = tmp_path_factory.mktemp("wheel")
    (packed,) = SdistBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    return build(ROOT, folder), Path(packed)


@pytest.fixture(scope="module")
def wheel(built: tuple[Path, Path]) -> Path:
    return built[0]


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Path:
    """Where pip puts it; the libraries that it needs are those of the tests."""
    target = wheel.parent / "site"
    said = ("install", "--disable-pip-version-check", "-q", "--no-compile", "--no-deps", "--target", str(target))
    subprocess.run([sys.executable, "-m", "pip", *said, str(wheel)], check=True)
    return target


def build(source: Path, target: Path) -> Path:
    """A wheel, in this process."""
    (made,) = WheelBuilder(str(source)).build(directory=str(target), versions=["standard"])
    return Path(made)


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


def test_it_holds_every_file_of_the_four_folders(installed: Path) -> None:
    """What a page or command needs and no list above names."""
    folders = ("kennismakelaar", "web", "graph_schema", "seed_data")
    kept = subprocess.run(["git", "ls-files", *folders], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert [name for name in kept.splitlines() if (ROOT / name).exists() and not (installed / name).exists()] == []


def test_the_version_is_that_of_the_package_and_stands_in_one_place(wheel: Path) -> None:
    assert wheel.name == f"kennismakelaar-{__version__}-py3-none-any.whl"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert ("version" in project, project["dynamic"]) == (False, ["version"])


def test_a_wheel_of_the_source_package_elsewhere_is_the_same_to_the_byte(
    built: tuple[Path, Path], tmp_path: Path
) -> None:
    """So the source package lacks nothing, and neither the folder nor the hour of building is in a wheel."""
    wheel, packed = built
    with tarfile.open(packed) as archive:
        archive.extractall(tmp_path, filter="data")
    source = tmp_path / f"kennismakelaar-{__version__}"
    os.utime(source / "kennismakelaar" / "cli.py", (1_000_000_000, 1_000_000_000))
    assert build(source, tmp_path).read_bytes() == wheel.read_bytes()


def test_the_website_is_served_from_another_folder(installed: Path, tmp_path: Path, seed_path: Path) -> None:
    copy(seed_path, tmp_path / "kennismakelaar.db")
    with served(installed, tmp_path) as address:
        assert "Dorpswinkel in Sterksel" in urlopen(address + PAGE, timeout=30).read().decode()


@contextmanager
def served(installed: Path, folder: Path) -> Iterator[str]:
    """What `kennismakelaar serve` serves when it is typed in that folder."""
    port = free_port()
    command = [sys.executable, "-m", "kennismakelaar", "serve", "--port", str(port), "--workers", "1"]
    environment = os.environ | {"PYTHONPATH": str(installed), "KENNISMAKELAAR_ENCODER": "none"}
    process = subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        yield answering(f"http://127.0.0.1:{port}", process)
    finally:
        process.terminate()
        process.communicate(timeout=60)


def answering(address: str, process: subprocess.Popen[str]) -> str:
    """The same address, when something answers there."""
    for _ in range(600):
        try:
            urlopen(f"{address}/health", timeout=30).close()
            return address
        except URLError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
    process.kill()
    pytest.fail(f"It does not answer: {process.communicate()[1]}")
