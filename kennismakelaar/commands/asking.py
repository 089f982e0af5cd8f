"""Commands that ask the graph something: a question, a record, what is like it, what may be missing, all of it."""

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import click
from rich.console import Console
from rich.table import Table

from kennismakelaar import export, roles
from kennismakelaar.commands.terminal import Context, database_option, json_option, reported, say
from kennismakelaar.errors import Refused
from kennismakelaar.model import Answer, as_json
from kennismakelaar.schema import schema
from kennismakelaar.store import Store


@click.command()
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
                show_answer(context.console, answer, explain)


def show_answer(console: Console, answer: Answer, explain: bool = False) -> None:
    """An answer to read; with all points of each score where that is asked."""
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


@click.command()
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


@click.command()
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


@click.command()
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


@click.command("export")
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
