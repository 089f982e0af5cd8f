"""Packages of the Human Services Data Specification (openreferral.org, version 3): their tables as our sheets."""

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from kennismakelaar.errors import Refused
from kennismakelaar.imports import delimited, documents
from kennismakelaar.imports.rows import Form, Listing, Row, Sheet, check_unpacked
from kennismakelaar.language import gettext as _

TABLES = ("organizations", "services", "locations", "addresses", "service_at_locations")
"""What we read of a package; a location is an address, of which we keep the town."""
ORGANISATION, TOWN, NUMBER = "organization_name", "town", "external id"
"""Columns that we add: names in the place of ids; and what we call the id of the package, since it is none of ours."""


def is_package(path: Path) -> bool:
    """A folder or zip with a table of organisations or services."""
    return bool({"organizations", "services"} & {Path(name).stem for name in _names(path)})


def read(path: Path, work: Path) -> Listing:
    """The organisations and services, each service with the name of its organisation and the town of its locations."""
    folder = path if path.is_dir() else _unpacked(path, work)
    found = {name: _table(folder, name) for name in TABLES}
    organisations, services = found["organizations"], found["services"]
    if not (organisations or services):
        raise Refused(_("%(file)s: in dit pakket staan geen organizations en geen services.", file=path.name))
    sheets = [replace(one, name=name) for name, one in found.items() if one and name == "organizations"]
    if services:
        sheets.append(_with_names(services, _names_of(organisations), _towns(found)))
    return Listing(Form.HSDS, path, tuple(_named(sheet) for sheet in sheets))


def _named(sheet: Sheet) -> Sheet:
    """With the name of its table in every row, and the id of the package as a number in the source."""

    def rows() -> Iterator[Row]:
        for row in sheet.rows():
            cells = {NUMBER if name == "id" else name: cell for name, cell in row.cells.items()}
            yield replace(row, sheet=sheet.name, cells=cells)

    return Sheet(sheet.name, tuple(NUMBER if name == "id" else name for name in sheet.headers), rows)


def _names(path: Path) -> list[str]:
    if path.is_dir():
        return [one.name for one in path.iterdir() if one.suffix in (".csv", ".json")]
    try:
        with zipfile.ZipFile(path) as packed:
            return [name for name in packed.namelist() if name.endswith((".csv", ".json"))]
    except (OSError, zipfile.BadZipFile) as error:
        raise Refused(_("%(file)s is beschadigd en niet uit te pakken. Maak het opnieuw.", file=path.name)) from error


def _unpacked(path: Path, work: Path) -> Path:
    """Only the tables that we know, under their own name, whatever folder they say they are in."""
    check_unpacked(path)
    folder = work / "hsds"
    folder.mkdir(exist_ok=True)
    try:
        with zipfile.ZipFile(path) as packed:
            for member in packed.infolist():
                name = Path(member.filename).name
                if Path(name).stem in TABLES and Path(name).suffix in (".csv", ".json"):
                    (folder / name).write_bytes(packed.read(member))
    except (OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise Refused(
            _("%(file)s is beschadigd of met een wachtwoord beschermd. Maak het opnieuw.", file=path.name)
        ) from error
    return folder


def _table(folder: Path, name: str) -> Sheet | None:
    for read, ending in ((delimited.read, "csv"), (documents.read, "json")):
        path = folder / f"{name}.{ending}"
        if path.exists() and path.stat().st_size:
            return read(path).sheets[0]
    return None


def _names_of(table: Sheet | None) -> dict[str, str]:
    return {row.cells.get("id", ""): row.cells.get("name", "") for row in (table.rows() if table else ())}


def _towns(found: dict[str, Sheet | None]) -> dict[str, str]:
    """The towns of each service, by way of its locations and their addresses."""
    cities: dict[str, str] = {}
    for row in _rows(found["addresses"]):
        cities.setdefault(row.cells.get("location_id", ""), row.cells.get("city", ""))
    towns: dict[str, dict[str, None]] = {}
    for row in _rows(found["service_at_locations"]):
        city = cities.get(row.cells.get("location_id", ""), "")
        if city:
            towns.setdefault(row.cells.get("service_id", ""), {})[city] = None
    return {service: "; ".join(names) for service, names in towns.items()}


def _rows(table: Sheet | None) -> Iterator[Row]:
    return table.rows() if table else iter(())


def _with_names(services: Sheet, organisations: dict[str, str], towns: dict[str, str]) -> Sheet:
    def rows() -> Iterator[Row]:
        for row in services.rows():
            owner = row.cells.get("organization_id", "")
            name = organisations.get(owner, row.cells.get("organization.name", ""))
            added = {ORGANISATION: name, TOWN: towns.get(row.cells.get("id", ""), "")}
            yield replace(row, cells={**row.cells, **{key: value for key, value in added.items() if value}})

    return Sheet("services", (*services.headers, ORGANISATION, TOWN), rows)
