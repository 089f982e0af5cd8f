"""docs/operate.md and deploy/: what they name is there."""

import re
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from kennismakelaar.cli import main
from kennismakelaar.config import PREFIX, Settings

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docs" / "operate.md").read_text("utf-8")
UNITS = sorted((ROOT / "deploy").glob("*.service")) + sorted((ROOT / "deploy").glob("*.timer"))


def test_every_command_and_option_it_names_is_there() -> None:
    blocks = "\n".join((*re.findall(r"```sh\n(.*?)```", TEXT, re.S), *re.findall(r"`([^`\n]+)`", TEXT)))
    named = re.findall(r"(?:^|&& )kennismakelaar ([a-z]+)\b([^\n#|&]*)", blocks, re.M)
    assert len(named) > 10
    for name, rest in named:
        command = main.get_command(None, name)  # type: ignore[arg-type]
        assert command is not None, name
        if name != "user":
            known = {option for parameter in command.params for option in parameter.opts}
            assert set(re.findall(r"--[a-z-]+", rest)) <= known, (name, rest)


def test_every_setting_and_file_it_names_is_there() -> None:
    known = {f"{PREFIX}{field.name.upper()}" for field in fields(Settings)} | {f"{PREFIX}NIGHTLY"}
    assert set(re.findall(rf"{PREFIX}[A-Z_]+", TEXT)) <= known
    files = re.findall(r"`((?:deploy|tests|docs)/[\w./-]+)`", TEXT) + [
        f"docs/{one}" for one in re.findall(r"\]\((\w+\.md)", TEXT)
    ]
    assert [name for name in files if not (ROOT / name).exists()] == []


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="this machine has no systemd")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """With a program that is there in the place of the one that an administrator installs."""
    for unit in UNITS:
        text = unit.read_text("utf-8").replace("/opt/kennismakelaar/bin/kennismakelaar", sys.executable)
        (tmp_path / unit.name).write_text(re.sub(r"^(User|Group|EnvironmentFile)=.*\n", "", text, flags=re.M))
    done = subprocess.run(
        ["systemd-analyze", "verify", *(tmp_path / unit.name for unit in UNITS)],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if "kennismakelaar" in line]
    assert (done.returncode, ours) == (0, [])
