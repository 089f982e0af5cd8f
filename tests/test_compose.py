"""compose.yaml and the Dockerfile, as far as they can be checked without containers."""

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from kennismakelaar.config import PREFIX, Settings
from kennismakelaar.errors import Refused
from tests.conftest import SCRIPT

ROOT = Path(__file__).resolve().parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
SPECIFICATION = json.loads((ROOT / "tests" / "compose" / "compose-spec.json").read_text("utf-8"))


def test_the_file_follows_the_compose_specification() -> None:
    jsonschema.Draft202012Validator(SPECIFICATION).validate(COMPOSE)


def test_a_misspelt_key_would_be_noticed() -> None:
    wrong = COMPOSE | {"services": {"web": SERVICES["web"] | {"helthcheck": {}}}}
    with pytest.raises(jsonschema.ValidationError, match="helthcheck"):
        jsonschema.Draft202012Validator(SPECIFICATION).validate(wrong)


def test_every_setting_of_ours_exists() -> None:
    known = {f"{PREFIX}{field.name.upper()}{end}" for field in fields(Settings) for end in ("", "_FILE")}
    assert [name for service in SERVICES.values() for name in ours(service) if name not in known] == []


def ours(service: dict[str, Any]) -> list[str]:
    return [name for name in service.get("environment", {}) if name.startswith(PREFIX)]


def test_every_secret_volume_and_service_that_is_used_is_there() -> None:
    for service in SERVICES.values():
        assert set(service.get("secrets", ())) <= set(COMPOSE["secrets"])
        assert {volume.partition(":")[0] for volume in service.get("volumes", ())} <= set(COMPOSE["volumes"])
        assert set(service.get("depends_on", ())) <= set(SERVICES)
        files = {value for value in service.get("environment", {}).values() if value.startswith("/run/secrets/")}
        assert files <= {f"/run/secrets/{name}" for name in service["secrets"]}


def test_no_password_is_in_the_file_and_nothing_is_open_to_other_machines() -> None:
    named = [(name, value) for service in SERVICES.values() for name, value in service.get("environment", {}).items()]
    assert [name for name, _ in named if re.search("PASSWORD|AUTH|KEY", name) and not name.endswith("_FILE")] == []
    ports = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_the_image_of_neo4j_is_of_the_version_that_the_tests_run_on() -> None:
    tested = re.search(r"<neo4j.version>(\d+\.\d+)", (SCRIPT.parent / "pom.xml").read_text("utf-8"))
    assert tested
    assert SERVICES["neo4j"]["image"] == f"neo4j:{tested[1]}-community"


def test_the_dockerfile_copies_what_is_there_and_what_the_context_lets_through() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    assert set(copied()) == allowed
    assert [name for name in copied() if not (ROOT / name).exists()] == []


def copied() -> Iterator[str]:
    for line in (ROOT / "Dockerfile").read_text("utf-8").splitlines():
        if line.startswith("COPY "):
            yield from line.split()[1:-1]


def test_a_setting_may_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "neo4j_password"
    secret.write_text("geheim woord\n", "utf-8")
    environment = {"KENNISMAKELAAR_NEO4J_PASSWORD_FILE": str(secret)}
    assert Settings.from_env(environment).neo4j_password == "geheim woord"
    assert Settings.from_env(environment | {"KENNISMAKELAAR_NEO4J_PASSWORD": "ander"}).neo4j_password == "ander"
    secret.unlink()
    with pytest.raises(Refused, match="PASSWORD_FILE is .*neo4j_password': dat bestand is niet te lezen"):
        Settings.from_env(environment)
