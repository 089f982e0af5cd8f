"""Commands; each calls the broker and shows what it says."""

import dataclasses
import json
from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import TextIO

import click
from rich.console import Console
from rich.table import Table

from kennismakelaar import __version__, encode, export, index, roles, seed, transfer
from kennismakelaar.config import Settings
from kennismakelaar.database import open_store
from kennismakelaar.errors import Refused
from kennismakelaar.model import Answer, as_json
from kennismakelaar.schema import schema
from kennismakelaar.store import SharedStore, Store
from kennismakelaar.terminal import Context, database_option, json_option, reported, say

EXAMPLE = "Onze buurtwinkel gaat dicht. Kunnen we hem met de buurt overnemen?"
ELSEWHERE = {
    **dict.fromkeys(("backup", "restore", "verify"), "cli_backup"),
    "cases": "cli_desk",
    "import": "cli_import",
    **dict.fromkeys(("circles", "digest", "gaps"), "cli_gaps"),
    **dict.fromkeys(("ablate", "evaluate", "seed-vectors", "train"), "cli_measure"),
    "key": "cli_keys",
    "network": "cli_network",
    **dict.fromkeys(("outcomes", "post"), "cli_post"),
    **dict.fromkeys(("privacy", "retention"), "cli_privacy"),
    "user": "cli_users",
}
"""The module of each command that is not here; it is read when the command is asked for, so that the others start fast."""


class Commands(click.Group):
    """The commands of this module and those that stand elsewhere."""

    def list_commands(self, context: click.Context) -> list[str]:
        """All names, in the order of the alphabet."""
        return sorted({*super().list_commands(context), *ELSEWHERE})

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """By the name that a user types."""
        if name not in ELSEWHERE:
            return super().get_command(context, name)
        module = import_module(f"kennismakelaar.{ELSEWHERE[name]}")
        return next(one for one in vars(module).values() if isinstance(one, click.Command) and one.name == name)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.option("--database", help="Waar de graaf staat: sqlite:///bestand.db, neo4j://server of bolt://server:7687.")
@click.pass_context
@reported
def main(context: click.Context, database: str | None) -> None:
    """Kennismakelaar: wie kan mij helpen, en waarom?

    Voorbeeld: kennismakelaar ask "Onze buurtwinkel gaat dicht, wat kunnen we doen?"
    """
    settings = Settings.from_env()
    context.obj = Context(dataclasses.replace(settings, database=database) if database else settings)


@main.command()
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
            _show_answer(context.console, broker.ask(EXAMPLE, limit=3))


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


@main.command()
@click.argument("question", required=False)
@click.option("--place", help="De plaats waar het om gaat.")
@click.option("--kind", "kinds", multiple=True, help=f"Alleen deze soort; vaker mag. {', '.join(schema().nodes)}.")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 50), help="Hoeveel antwoorden.")
@click.option("--from", "source", type=click.File(encoding="utf-8"), help="Een bestand met op elke regel een vraag.")
@click.option("--explain", is_flag=True, help="Laat de hele optelsom van elke score zien.")
@json_option
@database_option
@click.pass_obj
@reported
def ask(
    context: Context,
    question: str | None,
    place: str | None,
    kinds: tuple[str, ...],
    limit: int,
    source: Iterator[str] | None,
    explain: bool,
    as_data: bool,
) -> None:
    """Stel een vraag in gewone taal.

    Voorbeeld: kennismakelaar ask "Wie helpt ons met een moestuin?" --place Rotterdam
    """
    if (question is None) == (source is None):
        raise click.UsageError(
            'Geef één vraag, of --from BESTAND. Bijvoorbeeld: kennismakelaar ask "wie kan mij helpen?"'
        )
    with context.broker() as broker:
        questions = [question] if question is not None else [line.strip() for line in source or () if line.strip()]
        for asked in questions:
            answer = broker.ask(asked, place, kinds, limit)
            if as_data or source:
                click.echo(json.dumps(dataclasses.asdict(answer), ensure_ascii=False))
            else:
                _show_answer(context.console, answer, explain)


def _show_answer(console: Console, answer: Answer, explain: bool = False) -> None:
    console.print(f"\n[bold]{answer.question}[/bold]")
    if answer.advice:
        console.print(answer.advice)
    for number, match in enumerate(answer.matches, 1):
        label = schema().nodes[match.kind].label["nl"]
        console.print(
            f"\n{number:2}. [bold]{match.name}[/bold] ({label})  score {match.score:.2f}, kans {match.chance:.0%}",
            highlight=False,
        )
        console.print(f"    {match.summary}", highlight=False)
        for reason in match.reasons if explain else roles.main_reasons(match.reasons):
            points = f"{reason.points:+.2f} " if explain else ""
            source = f" [dim]({reason.source})[/dim]" if reason.source else ""
            console.print(f"    • {points}{reason.text}{source}", highlight=False)


@main.command()
@click.argument("id")
@json_option
@database_option
@click.pass_obj
@reported
def show(context: Context, id: str, as_data: bool) -> None:
    """Laat een record zien, met zijn relaties en bronnen.

    Voorbeeld: kennismakelaar show platform31
    """
    with context.broker() as broker:
        node, relations = broker.show(id)
    if as_data:
        edges = [as_json(r.edge) | {"sentence": r.sentence} for r in relations]
        click.echo(json.dumps(as_json(node) | {"relations": edges}, ensure_ascii=False, indent=2))
        return
    context.console.print(
        f"[bold]{node.name}[/bold] ({schema().nodes[node.kind].label['nl']})\n{node.text('summary')}", highlight=False
    )
    table = Table("relatie", "bron", box=None)
    for relation in relations:
        table.add_row(relation.sentence, "; ".join(f"{s.chapter} {s.section}".strip() for s in relation.edge.sources))
    context.console.print(table)


@main.command("export")
@click.argument("file", type=click.Path(allow_dash=True))
@click.option(
    "--format", "form", type=click.Choice(["json", "cypher", "admin", "skos"]), default="json", show_default=True
)
@database_option
@click.pass_obj
@reported
def export_(context: Context, file: str, form: str) -> None:
    """Schrijf de hele graaf naar een bestand; - is het scherm.

    Met cypher wordt het een script voor Neo4j, met admin een map met bestanden voor neo4j-admin database import, met skos
    alleen de thema's in Turtle.

    Voorbeeld: kennismakelaar export --format json graaf.json
    """
    with context.broker() as broker:
        if form == "admin":
            names = export.write_admin(broker.store, Path(file))
            click.echo(f"{len(names)} bestanden. In {file}: neo4j-admin database import full neo4j @{names[-1]}")
            return
        if Path(file).is_dir():
            raise Refused(f"{file} is een map. Geef de naam van een bestand.")
        with click.open_file(file, "w", encoding="utf-8", atomic=file != "-") as out:
            _write(broker.store, form, context.settings.site, out)  # type: ignore[arg-type]


def _write(store: Store, form: str, site: str, file: TextIO) -> None:
    if form == "skos":
        from kennismakelaar.standards import skos  # here, because reading rdflib takes a while

        file.write(skos.written(skos.of(store, site), "ttl"))
    else:
        {"json": export.write_json, "cypher": export.write_cypher}[form](store, file)


@main.command()
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


@main.command()
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
    from kennismakelaar import doctor as doctors

    with context.store() as store:
        encoder = encode.load(context.settings.encoder)
        found = (doctors.mend if mend else doctors.check)(store, encoder)
        notes = doctors.notes(store, encoder, context.settings.database)
    say(as_data, "\n".join([*(found or ["Alles klopt."]), *notes]), {"found": found, "notes": notes})
    if found:
        raise Refused(f"Aantal dingen dat niet klopt: {len(found)}.")


@main.command()
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


@main.command()
@click.argument("id")
@click.option("--limit", default=5, show_default=True, type=click.IntRange(1, 50), help="Hoeveel.")
@json_option
@database_option
@click.pass_obj
@reported
def similar(context: Context, id: str, limit: int, as_data: bool) -> None:
    """Laat records zien die op dit record lijken, en wie een initiatief kan helpen.

    Voorbeeld: kennismakelaar similar dorpswinkel-sterksel
    """
    with context.broker() as broker:
        lists = {"Lijkt hierop": broker.similar(id, limit), "Kan helpen": broker.helpers(id, limit=limit)}
    shown = {title: [f"  {m.name} ({m.id}): {m.reasons[0].text}" for m in matches] for title, matches in lists.items()}
    text = "\n".join("\n".join((title, *lines)) for title, lines in shown.items())
    say(as_data, text, {title: [dataclasses.asdict(m) for m in matches] for title, matches in lists.items()})


@main.command()
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1_000), help="Hoeveel.")
@json_option
@database_option
@click.pass_obj
@reported
def links(context: Context, limit: int, as_data: bool) -> None:
    """Stel relaties voor die nog ontbreken; een medewerker beslist.

    Voorbeeld: kennismakelaar links --limit 10
    """
    with context.broker() as broker:
        found = broker.missing_links(limit)
    text = "\n".join(f"{sentence}?  (samen met: {', '.join(link.shared[:3])})" for link, sentence in found)
    say(as_data, text, {"links": [dataclasses.asdict(link) | {"sentence": sentence} for link, sentence in found]})
