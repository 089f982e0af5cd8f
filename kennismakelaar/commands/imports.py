"""The command that takes lists in, and takes them back."""

import dataclasses
from pathlib import Path

import click

from kennismakelaar.commands.terminal import Context, database_option, json_option, reported, say
from kennismakelaar.errors import Refused
from kennismakelaar.imports import job, mapping, returned, runs
from kennismakelaar.imports.mapping import Reading, Readings
from kennismakelaar.imports.rows import Form, Listing
from kennismakelaar.imports.spool import Fate, Planned, Spool
from kennismakelaar.moments import now
from kennismakelaar.schema import schema

SHOWN = 5
"""Rows of each fate that are shown before anything is written."""
WHO = "opdrachtregel"
"""Who did it, where nobody logs in."""


@click.command("import")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--source", default="", help="Waar de lijst vandaan komt. Onder deze naam wordt ook de indeling bewaard.")
@click.option("--kind", help=f"Wat voor records erin staan: {', '.join(schema().nodes)}.")
@click.option("--map", "columns", multiple=True, metavar="KOLOM=VELD", help="Lees een kolom als dit veld; vaker mag.")
@click.option("--set", "fixed", multiple=True, metavar="VELD=WAARDE", help="Geef alle nieuwe records deze waarde.")
@click.option("--apply", "go", is_flag=True, help="Schrijf het ook. Zonder dit ziet u alleen wat er zou gebeuren.")
@click.option("--good-rows", is_flag=True, help="Lees de goede rijen in, ook als er rijen geweigerd zijn.")
@click.option("--refused", type=click.Path(path_type=Path), help="Schrijf de geweigerde rijen naar dit bestand.")
@click.option("--list", "listed", is_flag=True, help="Laat zien wat er is ingelezen.")
@click.option("--undo", metavar="NUMMER", help="Draai een import terug.")
@json_option
@database_option
@click.pass_obj
@reported
def import_(context: Context, /, file: Path | None, as_data: bool, **options: object) -> None:
    """Lees een lijst in: CSV, XLSX, JSON, een HSDS-pakket of onze eigen export.

    Eerst ziet u wat er zou gebeuren; met --apply gebeurt het, helemaal of niet. Onze eigen export gaat er meteen in.

    Voorbeeld: kennismakelaar import winkels.csv --source "Lijst van de provincie" --kind initiative --apply
    """
    if options["listed"]:
        _list(context, as_data)
    elif options["undo"]:
        _undo(context, str(options["undo"]), as_data)
    elif file is None:
        raise click.UsageError(
            "Geef een bestand. Bijvoorbeeld: kennismakelaar import winkels.csv --source 'Lijst 2026'"
        )
    else:
        _import(context, file, as_data, options)


def _list(context: Context, as_data: bool) -> None:
    with context.broker() as broker:
        found = runs.everything(broker.store)
    lines = [f"{run.id}  {run.state}  {run.file}  {_counted(run.counts)}" for run in found]
    say(as_data, "\n".join(lines) or "Er is nog niets ingelezen.", {"runs": [dataclasses.asdict(run) for run in found]})


def _undo(context: Context, id: str, as_data: bool) -> None:
    with context.broker() as broker:
        run = runs.undo(broker, id, WHO)
    kept = f" Dit bleef, omdat het daarna is veranderd: {', '.join(run.kept)}." if run.kept else ""
    say(as_data, f"Import {id} is ongedaan gemaakt.{kept}", dataclasses.asdict(run))


def _import(context: Context, file: Path, as_data: bool, options: dict[str, object]) -> None:
    source = str(options["source"]) or file.stem
    with context.broker() as broker, job.opened(file) as listing:
        runs.clear(broker, now())
        readings = _readings(mapping.propose(listing, broker.store, source), options)
        with (
            context.progress("Rijen nakijken", None) as progress,
            job.planned(broker.store, listing, readings, source, progress) as work,
        ):
            refused = options["refused"]
            if isinstance(refused, Path) and work.spool.counts()[Fate.REFUSED]:
                returned.write(listing, work.spool, refused)
            if not (options["go"] or options["good_rows"] or listing.form is Form.GRAPH):
                _preview(as_data, listing, readings, work.spool)
                return
            run = runs.begin(work.spool, file, source, WHO, bool(options["good_rows"]))
            with context.progress("Records en relaties schrijven", work.spool.size()) as writing:
                run = runs.apply(broker, run, work.spool, work.origin, writing)
            if listing.form is not Form.GRAPH:
                mapping.keep(broker.store, source, readings)
    text = f"{file}: {_counted(run.counts)}. Terugdraaien: kennismakelaar import --undo {run.id}"
    say(as_data, text, dataclasses.asdict(run))


def _readings(proposed: Readings, options: dict[str, object]) -> Readings:
    """What was proposed, with what the command says of it."""
    found = dict(proposed)
    for name, reading in proposed.items():
        kind = str(options["kind"] or reading.kind)
        columns = dict(reading.columns) | _pairs(options["columns"])
        allowed = {target for target, _ in mapping.targets(kind)} if kind in schema().nodes else set()
        kept = {
            header: target for header, target in columns.items() if target in allowed or header not in reading.columns
        }
        given = _pairs(options["columns"])
        once = {header: target for header, target in kept.items() if header in given or target not in given.values()}
        found[name] = Reading(kind, once, {**reading.fixed, **_pairs(options["fixed"])})
    return found


def _pairs(given: object) -> dict[str, str]:
    pairs = [str(one).partition("=") for one in given] if isinstance(given, tuple) else []
    if wrong := [name for name, mark, _ in pairs if not mark]:
        raise Refused(f"{wrong[0]!r}: schrijf KOLOM=VELD of VELD=WAARDE, zoals 'Plaatsnaam=>located_in'.")
    return {name.strip(): value.strip() for name, _, value in pairs}


def _preview(as_data: bool, listing: Listing, readings: Readings, spool: Spool) -> None:
    rows = {fate.value: list(spool.rows([fate], SHOWN)) for fate in (Fate.NEW, Fate.CHANGED, Fate.REFUSED)}
    lines = [line for sheet in listing.sheets for line in _mapped(sheet.name, readings[sheet.name])]
    for fate, found in rows.items():
        lines += [f"{fate}:", *(f"  {_told(row)}" for row in found)] if found else []
    text = "\n".join([*lines, f"{_counted(spool.counts())}. Er is nog niets geschreven; dat doet --apply."])
    told = {fate: [dataclasses.asdict(row) for row in found] for fate, found in rows.items()}
    mapped = {name: dataclasses.asdict(reading) for name, reading in readings.items()}
    say(as_data, text, {"counts": spool.counts(), "mapping": mapped, "rows": told})


def _mapped(sheet: str, reading: Reading) -> list[str]:
    labels = dict(mapping.targets(reading.kind))
    named = [f"  {header} = {labels[target]}" for header, target in reading.columns.items()]
    return [f"{sheet or 'Kolommen'} ({schema().nodes[reading.kind].label['nl']}):", *named]


def _told(row: Planned) -> str:
    where = f"{row.sheet}, rij {row.line}" if row.sheet else f"rij {row.line}"
    return f"{where}: {row.name}{': ' + returned.why(row) if row.problems else ''}"


def _counted(counts: object) -> str:
    assert isinstance(counts, dict)
    return ", ".join(f"{number} {fate}" for fate, number in counts.items())
