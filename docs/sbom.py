"""Writes dist/kennismakelaar.cdx.json: everything that is installed with the program, as CycloneDX 1.6. `make sbom`.

Names, versions and hashes are those of requirements/run.txt, licences as docs/licences.py reads them; what needs what comes
from what is installed. Packages for another system than this one are left out. The same input gives the same bytes.
"""

import importlib.metadata
import re
import sys
import uuid
from datetime import UTC, datetime

import licences
from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from kennismakelaar import __version__
from kennismakelaar.paths import ROOT

TARGET = ROOT / "dist" / "kennismakelaar.cdx.json"
PIN = re.compile(r"^(\S+==[^\\\n]+)\\?\n((?:\s+--hash=.+\n)+)", re.MULTILINE)
"""A requirement, and the lines with its hashes."""
VERSION = SchemaVersion.V1_6


def bill() -> Bom:
    """All components and what they need."""
    pins = [(Requirement(pin), hashes) for pin, hashes in PIN.findall(_pins())]
    parts = {canonicalize_name(pin.name): _part(pin, hashes) for pin, hashes in pins if _is_here(pin)}
    program = Component(
        name="kennismakelaar",
        version=__version__,
        type=ComponentType.APPLICATION,
        bom_ref="kennismakelaar",
        licenses=[LicenseFactory().make_from_string("EUPL-1.2")],
        purl=PackageURL("pypi", None, "kennismakelaar", __version__),
    )
    bom = Bom(components=parts.values(), serial_number=uuid.uuid5(uuid.NAMESPACE_URL, _pins() + __version__))
    bom.metadata.component = program
    bom.metadata.timestamp = datetime.fromtimestamp(0, UTC)
    for name, part in [("kennismakelaar", program), *parts.items()]:
        bom.register_dependency(part, [parts[one] for one in sorted(_needs(name)) if one in parts])
    return bom


def _part(pin: Requirement, hashes: str) -> Component:
    version = str(pin.specifier).removeprefix("==")
    return Component(
        name=pin.name,
        version=version,
        type=ComponentType.LIBRARY,
        bom_ref=pin.name,
        purl=PackageURL("pypi", None, canonicalize_name(pin.name), version),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=one) for one in re.findall(r"sha256:(\w+)", hashes)],
        licenses=[LicenseFactory().make_from_string(licences.licence(pin.name))],
    )


def _needs(name: str) -> set[NormalizedName]:
    """Names of what it asks for here; what only an extra asks for is left out."""
    asked = map(Requirement, importlib.metadata.requires(name) or ())
    return {canonicalize_name(one.name) for one in asked if _is_here(one)}


def _is_here(asked: Requirement) -> bool:
    """It is asked for on this system."""
    return asked.marker is None or asked.marker.evaluate({"extra": ""})


def _pins() -> str:
    return (ROOT / "requirements" / "run.txt").read_text("utf-8")


if __name__ == "__main__":
    written = make_outputter(bill(), OutputFormat.JSON, VERSION).output_as_string(indent=1)
    if wrong := JsonStrictValidator(VERSION).validate_str(written):
        sys.exit(f"not CycloneDX: {wrong}")
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(written + "\n", "utf-8")
