"""Lists of others, for staff: choose a file, say what its columns are, look at what would change, and write it."""

import io
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

from flask import Blueprint, redirect, request, send_file
from flask import Response as FlaskResponse
from werkzeug.wrappers import Response

from kennismakelaar import language
from kennismakelaar.broker import Broker
from kennismakelaar.edit import Field, fields
from kennismakelaar.errors import Conflict, KennisError, Refused
from kennismakelaar.imports import job, mapping, returned, runs, shelf
from kennismakelaar.imports.job import Job
from kennismakelaar.imports.mapping import Reading
from kennismakelaar.imports.rows import Form, Listing, Sheet
from kennismakelaar.imports.runs import Run
from kennismakelaar.imports.spool import Fate
from kennismakelaar.language import gettext as _
from web.access import current
from web.reply import broker, reply

bp = Blueprint("imports", __name__)
SHOWN = 25
"""Rows of each fate on the page with what would change."""
PATIENCE = 15.0
"""Seconds that a page waits for an import; a longer one goes on, and its own page tells how far it is."""


@bp.get("/bureau/importeren")
@bp.get("/bureau/importeren.json")
def form() -> Response:
    """A form for a file and its source, and what was imported before."""
    found = runs.everything(broker().store)
    known = sorted(mapping.sources(broker().store))
    return reply("imports.html", {"ok": True, "runs": found, "sources": known, "wrong": "", "typed": ""})


@bp.post("/bureau/importeren")
def upload() -> Response:
    """Keep the file and go on to its columns."""
    file, source = request.files.get("bestand"), " ".join(request.form.get("bron", "").split())
    try:
        if file is None or not file.filename:
            raise Refused(_("Kies een bestand."))
        if not source:
            raise Refused(_("Vul in waar de lijst vandaan komt."))
        content, id = file.read(), secrets.token_urlsafe(12)
        with TemporaryDirectory(prefix="kennismakelaar-") as folder:
            path = Path(folder) / shelf.file_name(file.filename)
            path.write_bytes(content)
            with job.opened(path):
                shelf.put(broker().store, id, path.name, content, source)
    except Refused as error:
        found = {"ok": False, "wrong": str(error), "typed": source, "runs": runs.everything(broker().store)}
        return reply("imports.html", found | {"sources": sorted(mapping.sources(broker().store))}, error.status)
    return redirect(f"/bureau/importeren/{id}", 303)


@contextmanager
def _waiting(id: str) -> Iterator[tuple[Listing, str]]:
    """The file that waits, opened, and where it comes from."""
    with TemporaryDirectory(prefix="kennismakelaar-") as folder:
        path = shelf.take(broker().store, id, Path(folder))
        with job.opened(path) as listing:
            yield listing, shelf.source(broker().store, id)


@bp.get("/bureau/importeren/<id>")
@bp.get("/bureau/importeren/<id>.json")
def columns(id: str) -> Response:
    """Each sheet with its columns, samples, and what each column is thought to be."""
    with _waiting(id) as (listing, source):
        if listing.form is Form.GRAPH:
            return redirect(f"/bureau/importeren/{id}/voorbeeld")
        readings = mapping.propose(listing, broker().store, source)
        sheets = [_sheet(sheet, readings[sheet.name]) for sheet in listing.sheets]
        return reply(
            "import_columns.html",
            {"ok": True, "id": id, "file": listing.path.name, "source": source, "sheets": sheets, "wrong": ""},
        )


def _sheet(sheet: Sheet, reading: Reading) -> dict[str, Any]:
    """What the form shows of a sheet."""
    found = {"name": sheet.name, "kind": reading.kind, "columns": [], "fixed": []}
    if not reading.kind:
        return found
    sample = mapping.samples(sheet)
    columns = [
        {"header": header, "samples": sample[header], "target": reading.columns.get(header, "")}
        for header in sheet.headers
    ]
    return found | {
        "columns": columns,
        "targets": mapping.targets(reading.kind),
        "fixed": [(field, reading.fixed.get(field.name, "")) for field in _missing(reading)],
    }


def _missing(reading: Reading) -> list[Field]:
    names = {name for name, _ in mapping.missing(reading.kind, reading)}
    return [field for field in fields(reading.kind) if field.name in names]


@bp.post("/bureau/importeren/<id>")
def choose(id: str) -> Response:
    """Keep what each column is, for this source; another kind is a new proposal."""
    with _waiting(id) as (listing, source):
        before = mapping.propose(listing, broker().store, source)
        found = {sheet.name: _chosen(number, sheet, before[sheet.name]) for number, sheet in enumerate(listing.sheets)}
        other = any(found[name].kind != before[name].kind for name in found)
        try:
            if request.form.get("doe") != "soort" and not other:
                mapping.check(listing, found)
        except Refused as error:
            sheets = [_sheet(sheet, found[sheet.name]) for sheet in listing.sheets]
            told = {"ok": False, "id": id, "file": listing.path.name, "source": source, "wrong": str(error)}
            return reply("import_columns.html", told | {"sheets": sheets}, error.status)
        mapping.keep(broker().store, source, found)
    on = request.form.get("doe") != "soort" and not other
    return redirect(f"/bureau/importeren/{id}{'/voorbeeld' if on else ''}", 303)


def _chosen(number: int, sheet: Sheet, before: Reading) -> Reading:
    """What the form says of a sheet."""
    kind = request.form.get(f"soort-{number}", before.kind)
    if kind != before.kind:
        return mapping.propose_for(sheet, kind, broker().store)
    columns = {header: request.form.get(f"kolom-{number}-{at}", "") for at, header in enumerate(sheet.headers)}
    start = f"vast-{number}-"
    fixed = {
        name.removeprefix(start): value for name, value in request.form.items() if name.startswith(start) and value
    }
    return Reading(kind, {header: target for header, target in columns.items() if target}, fixed)


@contextmanager
def _planned(id: str) -> Iterator[tuple[Job, str]]:
    with _waiting(id) as (listing, source):
        readings = mapping.propose(listing, broker().store, source)
        with job.planned(broker().store, listing, readings, source) as work:
            yield work, source


@bp.get("/bureau/importeren/<id>/voorbeeld")
@bp.get("/bureau/importeren/<id>/voorbeeld.json")
def preview(id: str) -> Response:
    """What would be new, changed, the same and refused; nothing is written."""
    with _planned(id) as (work, source):
        fates = (Fate.REFUSED, Fate.CHANGED, Fate.NEW)
        rows = {fate.value: list(work.spool.rows([fate], SHOWN)) for fate in fates}
        ties = {row.n: list(work.spool.edges(row.n)) for found in rows.values() for row in found}
        shown = {
            "ok": True,
            "id": id,
            "file": work.listing.path.name,
            "source": source,
            "own": work.listing.form is Form.GRAPH,
            "counts": work.spool.counts(),
            "rows": rows,
            "ties": ties,
            "plan": work.spool.digest(),
        }
        return reply("import_preview.html", shown)


@bp.get("/bureau/importeren/<id>/geweigerd")
def refused(id: str) -> FlaskResponse:
    """The refused rows as a file of the same form."""
    with _planned(id) as (work, _):
        name, content = _returned(work)
    return send_file(io.BytesIO(content), as_attachment=True, download_name=name)


def _returned(work: Job) -> tuple[str, bytes]:
    with TemporaryDirectory(prefix="kennismakelaar-") as folder:
        path = Path(folder) / returned.file_name(work.listing)
        returned.write(work.listing, work.spool, path)
        return path.name, path.read_bytes()


@bp.post("/bureau/importeren/<id>/weg")
def drop(id: str) -> Response:
    """Do not import this file after all."""
    shelf.drop(broker().store, id)
    return redirect("/bureau/importeren", 303)


class Writing(Thread):
    """An import that goes on when its page does not wait any longer."""

    def __init__(self, found: Broker, id: str, plan: str, who: str, good_only: bool) -> None:
        """What `write` was asked; `plan` is the digest of what the person saw."""
        super().__init__(daemon=True, name="import")
        self.found, self.file, self.plan, self.who, self.good_only = found, id, plan, who, good_only
        self.language = language.current()
        self.begun: Run | None = None
        self.fault: KennisError | None = None

    def run(self) -> None:
        """Plan once more, and write it if it is still what was shown; in the words in which it was shown."""
        language.speak(self.language)
        store = self.found.store
        try:
            with TemporaryDirectory(prefix="kennismakelaar-") as folder:
                path, source = shelf.take(store, self.file, Path(folder)), shelf.source(store, self.file)
                with job.opened(path) as listing:
                    readings = mapping.propose(listing, store, source)
                    with job.planned(store, listing, readings, source) as work:
                        self._write(work, path, source)
        except KennisError as error:
            self.fault = error

    def _write(self, work: Job, path: Path, source: str) -> None:
        if work.spool.digest() != self.plan:
            raise Conflict(_("De graaf is intussen veranderd. Kijk nog eens wat er nu zou gebeuren."))
        store, begun = self.found.store, runs.begin(work.spool, path, source, self.who, self.good_only)
        if begun.counts[Fate.REFUSED]:
            shelf.put(store, f"run-{begun.id}", *_returned(work), source)
        self.begun = begun
        runs.apply(self.found, begun, work.spool, work.origin)
        shelf.drop(store, self.file)


@bp.post("/bureau/importeren/<id>/schrijf")
def write(id: str) -> Response:
    """Write all of it or nothing, or only the good rows."""
    said = request.form.get("doe", "")
    if said not in ("alles", "goede"):
        raise Refused(_("Kies een van de knoppen: alles inlezen, of alleen de goede rijen."))
    writing = Writing(broker(), id, request.form.get("plan", ""), current().name, said == "goede")
    writing.start()
    writing.join(PATIENCE)
    if writing.fault:
        raise writing.fault
    return redirect(f"/bureau/ingelezen/{writing.begun.id}" if writing.begun else "/bureau/importeren", 303)


@bp.get("/bureau/ingelezen/<id>")
@bp.get("/bureau/ingelezen/<id>.json")
def run(id: str) -> Response:
    """One import: who, when, what, and whether the refused rows can still be had."""
    found = runs.find(broker().store, id)
    waits = any(broker().store.records(shelf.KIND, f"file:run-{id}"))
    return reply("import_run.html", {"ok": True, "run": found, "refused": waits})


@bp.get("/bureau/ingelezen/<id>/geweigerd")
def refused_then(id: str) -> FlaskResponse:
    """The rows that were refused, as they came back then."""
    with TemporaryDirectory(prefix="kennismakelaar-") as folder:
        path = shelf.take(broker().store, f"run-{id}", Path(folder))
        content = path.read_bytes()
    return send_file(io.BytesIO(content), as_attachment=True, download_name=path.name)


@bp.post("/bureau/ingelezen/<id>/terug")
def undo(id: str) -> Response:
    """Take an import back, except what was changed since."""
    runs.undo(broker(), id, current().name)
    return redirect(f"/bureau/ingelezen/{id}", 303)
