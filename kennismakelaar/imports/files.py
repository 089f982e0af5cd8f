"""Opens a file of any form that we can read; which one it is, is told by what is in it."""

import zipfile
from pathlib import Path

from kennismakelaar.errors import NotFound, Refused
from kennismakelaar.imports import delimited, documents, hsds, workbook
from kennismakelaar.imports.rows import LARGEST, Listing, check_size, check_unpacked
from kennismakelaar.language import gettext as _

OLD_OFFICE = b"\xd0\xcf\x11\xe0"
"""The first bytes of .xls, and of a workbook with a password."""


def open_listing(path: Path, work: Path, largest: int = LARGEST) -> Listing:
    """The sheets of a CSV, XLSX or JSON file, or of a folder or zip with HSDS tables; Refused where it is none.

    `work` is a folder for what must be unpacked; it is needed as long as the listing.
    """
    if path.is_dir():
        if not hsds.is_package(path):
            raise Refused(
                _("%(path)s is een map zonder organizations.csv of services.csv (HSDS). Geef een bestand.", path=path)
            )
        return hsds.read(path, work)
    check_size(path, largest)
    try:
        with open(path, "rb") as file:
            start = file.read(1024)
    except OSError as error:
        raise NotFound(_("%(path)s is niet te lezen: %(why)s.", path=path, why=error.strerror)) from error
    if start.startswith(OLD_OFFICE):
        raise Refused(
            _(
                "%(file)s is een oud of beveiligd Excel-bestand. Sla het op als .xlsx, zonder wachtwoord.",
                file=path.name,
            )
        )
    if start.startswith(b"PK"):
        return _packed(path, work)
    text = start.decode("utf-8-sig", "ignore").lstrip()
    return documents.read(path) if text[:1] in ("[", "{") else delimited.read(path)


def _packed(path: Path, work: Path) -> Listing:
    check_unpacked(path)
    with zipfile.ZipFile(path) as packed:
        names = packed.namelist()
    if any(name.startswith("xl/") for name in names):
        return workbook.read(path)
    if hsds.is_package(path):
        return hsds.read(path, work)
    raise Refused(
        _(
            "%(file)s is een zip waar wij niets in herkennen. Geef een .csv, .xlsx, .json of HSDS-pakket.",
            file=path.name,
        )
    )
