"""Commands that keep a copy of everything, and put it back."""

from pathlib import Path

import click

from kennismakelaar import backup as backups
from kennismakelaar import transfer
from kennismakelaar.commands.terminal import Context, database_option, json_option, reported, say

FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("file", type=FILE)
@json_option
@database_option
@click.pass_obj
@reported
def backup(context: Context, file: Path, as_data: bool) -> None:
    """Maak een reservekopie van alles, ook terwijl de website draait.

    Er staan gegevens van mensen in: bewaar het bestand veilig.

    Voorbeeld: kennismakelaar backup kopie-2026-11-25.gz
    """
    with context.store() as store:
        found = backups.write(store, file)
    say(as_data, f"{file}: {_counted(found)}.", {"file": str(file), "counts": _counts(found)})


@click.command()
@click.argument("file", type=FILE)
@json_option
@database_option
@click.pass_obj
@reported
def restore(context: Context, file: Path, as_data: bool) -> None:
    """Zet een reservekopie in een lege database, van welke soort ook.

    Voorbeeld: kennismakelaar restore kopie-2026-11-25.gz --database sqlite:///nieuw.db
    """
    with context.broker() as broker:
        found = backups.restore(file, broker.store)
        with context.progress("Index bijwerken", broker.snapshot.size) as progress:
            broker.refresh(progress)
    text = f"{context.settings.database}: {_counted(found)}, gelijk aan de kopie."
    say(as_data, text, {"database": context.settings.database, "counts": _counts(found)})


@click.command()
@click.argument("file", type=FILE)
@json_option
@click.pass_obj
@reported
def verify(context: Context, file: Path, as_data: bool) -> None:
    """Kijk of een reservekopie heel is. Verandert niets.

    Voorbeeld: kennismakelaar verify kopie-2026-11-25.gz
    """
    found = transfer.tallies(backups.Backup(file))
    say(as_data, f"{file} is heel: {_counted(found)}.", {"file": str(file), "counts": _counts(found)})


def _counts(found: dict[str, transfer.Tally]) -> dict[str, int]:
    return {kind: tally.count for kind, tally in found.items()}


def _counted(found: dict[str, transfer.Tally]) -> str:
    return f"{sum(tally.count for tally in found.values())} dingen van {len(found)} soorten"
