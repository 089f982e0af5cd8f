"""What a research package says about itself: a data package, a catalogue record, and a text to read first."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader

from kennismakelaar import __version__
from kennismakelaar.network.codebook import Figure
from kennismakelaar.network.folder import File

MEDIA = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".gexf": "application/xml",
    ".graphml": "application/xml",
    ".md": "text/markdown",
}
"""Of other files it is text/plain."""
FORMATS = {".csv": "CSV", ".json": "JSON", ".gexf": "XML", ".graphml": "XML"}
"""As the European list of file types calls them; of other files it is TXT."""
AUTHORITY = "http://publications.europa.eu/resource/authority"
CC0 = {"name": "CC0-1.0", "path": "https://creativecommons.org/publicdomain/zero/1.0/", "title": "CC0 1.0 Universal"}
CONTEXT = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
TITLE = {"nl": "Netwerk van Kennismakelaar", "en": "Network of Kennismakelaar"}
SUMMARY = {
    "nl": "Wie en wat er is rond burgers die zelf iets beginnen, en wat hen verbindt: beelden van een kennisgraaf.",
    "en": "Who and what there is around citizens who start something themselves, and what ties them: views of a graph.",
}


@dataclass(frozen=True)
class Shown:
    """A view in the package; `label` in Dutch (nl) and English (en)."""

    name: str
    label: Mapping[str, str]
    nodes: int
    ties: int
    figures: tuple[Figure, ...]
    """Of the measures that were taken."""


@dataclass(frozen=True)
class Facts:
    """What is known of a package as a whole."""

    revision: int
    modified: str
    """The last day on which a record was verified, such as 2026-11-25; empty where none was."""
    with_persons: bool
    views: Sequence[Shown]
    empty: Sequence[str]
    """Views that nothing stands in."""
    publisher: str
    mail: str
    address: str


def data_package(facts: Facts, files: Iterable[File], schemas: Mapping[str, Any]) -> dict[str, Any]:
    """datapackage.json (Frictionless Data, version 1): every file has a hash, and a table its schema."""
    return {
        "profile": "data-package",
        "name": "kennismakelaar-network",
        "title": TITLE["nl"],
        "description": SUMMARY["en"],
        "version": f"{facts.revision}",
        **({"created": f"{facts.modified}T00:00:00Z"} if facts.modified else {}),
        "licenses": [CC0],
        "contributors": [{"title": facts.publisher, "role": "publisher"}],
        "resources": [_resource(file, schemas.get(file.path)) for file in files],
    }


def _resource(file: File, schema: Any) -> dict[str, Any]:
    known: dict[str, Any] = {
        "name": file.path.lower().replace("/", "-").replace(".", "-").replace("_", "-"),
        "path": file.path,
        "mediatype": MEDIA.get(file.suffix, "text/plain"),
        "encoding": "utf-8",
        "bytes": file.size,
        "hash": f"sha256:{file.sha256}",
    }
    if schema is None:
        return known
    dialect = {"delimiter": ",", "lineTerminator": "\n", "quoteChar": '"', "doubleQuote": True, "header": True}
    return known | {"profile": "tabular-data-resource", "format": "csv", "dialect": dialect, "schema": schema}


def record(facts: Facts, files: Sequence[File]) -> dict[str, Any]:
    """A record for a data catalogue: DCAT-AP-NL 3.0 (Geonovum, 2024) as JSON-LD; addresses are relative to this file."""
    content = "".join(f"{file.sha256} {file.path}\n" for file in files)
    identifier = uuid.uuid5(uuid.NAMESPACE_URL, content).urn
    agent = {"@type": "foaf:Agent", "foaf:name": facts.publisher}
    contact: dict[str, Any] = {"@type": "vcard:Organization", "vcard:fn": facts.publisher}
    contact |= {"vcard:hasEmail": {"@id": f"mailto:{facts.mail}"}} if facts.mail else {}
    contact |= {"vcard:hasURL": {"@id": facts.address}} if facts.address else {}
    return {
        "@context": CONTEXT,
        "@id": identifier,
        "@type": "dcat:Dataset",
        "dct:identifier": identifier,
        "dct:title": _texts(TITLE),
        "dct:description": _texts(SUMMARY),
        "dcat:version": str(facts.revision),
        **({"dct:modified": {"@value": facts.modified, "@type": "xsd:date"}} if facts.modified else {}),
        "dct:accessRights": _known("access-right", "RESTRICTED" if facts.with_persons else "PUBLIC"),
        "dct:language": [_known("language", code) for code in ("NLD", "ENG")],
        "dct:creator": agent,
        "dct:publisher": agent,
        "dcat:contactPoint": contact,
        "dcat:theme": [_known("data-theme", code) for code in ("SOCI", "GOVE")],
        "dcat:keyword": _keywords(facts),
        "adms:status": _known("dataset-status", "COMPLETED"),
        "dcat:distribution": [_distribution(file) for file in files],
    }


def _known(list: str, code: str) -> dict[str, str]:
    return {"@id": f"{AUTHORITY}/{list}/{code}"}


def _texts(texts: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"@value": text, "@language": language} for language, text in texts.items()]


def _keywords(facts: Facts) -> list[dict[str, str]]:
    return [text for view in facts.views for text in _texts(view.label)]


def _distribution(file: File) -> dict[str, Any]:
    return {
        "@type": "dcat:Distribution",
        "dct:title": file.path,
        "dcat:accessURL": {"@id": file.path},
        "dcat:downloadURL": {"@id": file.path},
        "dct:license": _known("licence", "CC0"),
        "dct:format": _known("file-type", FORMATS.get(file.suffix, "TXT")),
        "dcat:mediaType": {
            "@id": f"https://www.iana.org/assignments/media-types/{MEDIA.get(file.suffix, 'text/plain')}"
        },
        "dcat:byteSize": {"@value": str(file.size), "@type": "xsd:nonNegativeInteger"},
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "http://spdx.org/rdf/terms#checksumAlgorithm_sha256"},
            "spdx:checksumValue": {"@value": file.sha256, "@type": "xsd:hexBinary"},
        },
    }


def read_first(facts: Facts) -> str:
    """README.md of the package: what it is, what may be done with it, and how its files are read."""
    known = {"title": TITLE, "summary": SUMMARY, "version": __version__, "views": facts.views}
    pages = Environment(loader=PackageLoader("kennismakelaar.network"), keep_trailing_newline=True)
    return pages.get_template("package.md").render(facts=facts, **known)
