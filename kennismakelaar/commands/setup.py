"""Commands for who sets up a database and keeps it: make it, copy it, look whether all is well, serve it."""

import dataclasses
from contextlib import closing
from pathlib import Path

import click

from kennismakelaar import encode, index, seed, transfer
from kennismakelaar.commands.asking import show_answer
from kennismakelaar.commands.terminal import Context, database_option, json_option, reported, say
from kennismakelaar.database import open_store
from kennismakelaar.errors import Refused
from kennismakelaar.store import SharedStore

EXAMPLE = "Onze buurtwinkel gaat dicht. Kunnen we hem met de buurt overnemen?"


@click.command()
@click.option("--no-seed", is_flag=True, help="Maak een lege database, zonder de startgraaf.")
@click.option("--dry-run", is_flag=True, help="Laat zien wat er zou veranderen, en verander niets.")
@click.option("--example", is_flag=True, help="Laat daarna één voorbeeldvraag zien met het antwoord.")
@json_option
@database_option
@click.pass_obj
@reported
def init(context: Context, no_seed: bool, dry_run: bool, example: bool, as_data: bool) -> None:
    """Maak de database, met de startgraaf erin. Nog eens draaien kan geen kwaad.

    Voorbeeld: kennismakelaar init --database sqlite:///buurt.db
    """
    if dry_run:
        planned = _planned(context, not no_seed)
        say(as_data, "\n".join(planned) or "Alles staat klaar: er verandert niets.", {"planned": planned})
        return
    with context.broker() as broker:
        if not no_seed and broker.snapshot.size == 0:
            nodes, edges = seed.read()
            with context.progress("Startgraaf laden", len(nodes)) as progress:
                broker.add(nodes, edges, progress)
        with context.progress("Index bijwerken", broker.snapshot.size) as progress:
            broker.wait(progress)
            broker.refresh(progress)
        if isinstance(broker.store, SharedStore):
            broker.store.prepare({broker.encoder.id: broker.encoder.dimensions})
        database, size = context.settings.database, broker.snapshot.size
        say(as_data, f"{database}: {size} records.", {"database": database, "records": size})
        if example:
            show_answer(context.console, broker.ask(EXAMPLE, limit=3))


def _planned(context: Context, with_seed: bool) -> list[str]:
    """What init would do, a line each."""
    scheme, _, path = context.settings.database.partition(":///")
    nodes, edges = seed.read()
    seeding = [f"De startgraaf komt erin: {len(nodes)} records en {len(edges)} relaties."] if with_seed else []
    if scheme == "sqlite" and path and not Path(path).exists():
        return [f"{path} wordt gemaakt.", *seeding]
    encoder = encode.load(context.settings.encoder)
    with context.store() as store:
        planned = store.plan({encoder.id: encoder.dimensions}) if isinstance(store, SharedStore) else []
        waiting = sum(1 for _ in store.outdated(encoder.id))
        if next(store.nodes(), None) is None:
            return [*planned, *seeding]
    return [*planned, *([f"{waiting} records krijgen een index voor {encoder.id}."] if waiting else [])]


@click.command()
@click.argument("source", metavar="VAN")
@click.argument("target", metavar="NAAR")
@json_option
@click.pass_obj
@reported
def copy(context: Context, source: str, target: str, as_data: bool) -> None:
    """Kopieer de hele graaf naar een andere, lege database en vergelijk. Nog eens draaien kan geen kwaad.

    Voorbeeld: kennismakelaar copy sqlite:///buurt.db neo4j://server
    """
    settings = context.settings
    with closing(open_store(source, settings)) as one, closing(open_store(target, settings)) as other:
        total = sum(tally.count for tally in transfer.tallies(one).values())
        if not total:
            raise Refused(f"In {source} staat niets. Controleer het adres.")
        with context.progress("Kopiëren", total) as progress:
            written = transfer.copy(one, other, progress)
        encoder = encode.load(settings.encoder)
        with context.progress("Index bijwerken", sum(1 for _ in other.outdated(encoder.id))) as progress:
            index.refresh(other, encoder, progress)
    tallies = {kind: (tally.count, f"{tally.checksum:032x}") for kind, tally in written.items()}
    text = "\n".join(f"{kind:20} {count:>8} {checksum}" for kind, (count, checksum) in tallies.items())
    say(as_data, text, tallies)


@click.command()
@click.option(
    "--fix",
    "--mend",
    "mend",
    is_flag=True,
    help="Herstel wat zonder mensen kan: neem wijzigingen over, werk de index bij.",
)
@json_option
@database_option
@click.pass_obj
@reported
def doctor(context: Context, mend: bool, as_data: bool) -> None:
    """Kijk of alles klopt: soorten, relaties, bronnen, index, papieren, taalmodel en schijf. Verandert niets zonder --fix.

    Voorbeeld: kennismakelaar doctor --fix
    """
    from kennismakelaar import doctor as doctors  # here, because it makes every start slower

    with context.store() as store:
        encoder = encode.load(context.settings.encoder)
        found = (doctors.mend if mend else doctors.check)(store, encoder)
        notes = doctors.notes(store, encoder, context.settings.database)
    say(as_data, "\n".join([*(found or ["Alles klopt."]), *notes]), {"found": found, "notes": notes})
    if found:
        raise Refused(f"Aantal dingen dat niet klopt: {len(found)}.")


@click.command()
@click.option("--host", help="Adres waarop de website luistert.")
@click.option("--port", type=click.IntRange(1, 65_535), help="Poort.")
@click.option("--workers", type=click.IntRange(1, 64), help="Aantal processen.")
@database_option
@click.pass_obj
@reported
def serve(context: Context, host: str | None, port: int | None, workers: int | None) -> None:
    """Start de website.

    Voorbeeld: kennismakelaar serve --port 8000
    """
    from web.serve import run

    given = {k: v for k, v in (("host", host), ("port", port), ("workers", workers)) if v is not None}
    run(dataclasses.replace(context.settings, **given))  # type: ignore[arg-type]
