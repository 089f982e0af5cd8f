"""Commands; each calls the broker and shows what it says."""

import dataclasses
import datetime
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from kennismakelaar import __version__, encode, export, index, seed, transfer
from kennismakelaar.broker import Broker, open_broker, open_store
from kennismakelaar.config import Settings
from kennismakelaar.errors import KennisError, Refused
from kennismakelaar.model import Answer, as_json
from kennismakelaar.paths import MODELS
from kennismakelaar.schema import schema
from kennismakelaar.store import SharedStore

P = ParamSpec("P")
R = TypeVar("R")
EXAMPLE = "Onze buurtwinkel gaat dicht. Kunnen we hem met de buurt overnemen?"


class Context:
    """What every command needs: the settings and the terminal."""

    def __init__(self, settings: Settings) -> None:
        """Opens nothing yet."""
        self.settings = settings
        self.console = Console()

    @contextmanager
    def broker(self) -> Iterator[Broker]:
        """The broker, closed afterwards."""
        broker = open_broker(self.settings)
        try:
            yield broker
        finally:
            broker.close()

    @contextmanager
    def progress(self, label: str, total: int) -> Iterator[Callable[[int], None]]:
        """A bar on standard error, on a terminal as well as in a log."""
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task(label, total=total)
            yield lambda done: bar.advance(task, done)


def _reported(command: Callable[P, R]) -> Callable[P, R]:
    """An error of ours is one line on standard error and exit code 1."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except KennisError as error:
            click.echo(f"kennismakelaar: {error}", err=True)
            sys.exit(1)

    return run


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.option("--database", help="Waar de graaf staat: sqlite:///bestand.db, neo4j://server of bolt://server:7687.")
@click.pass_context
@_reported
def main(context: click.Context, database: str | None) -> None:
    """Kennismakelaar: wie kan mij helpen, en waarom?

    Voorbeeld: kennismakelaar ask "Onze buurtwinkel gaat dicht, wat kunnen we doen?"
    """
    settings = Settings.from_env()
    context.obj = Context(dataclasses.replace(settings, database=database) if database else settings)


def _database_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """--database may also stand behind the command."""

    def choose(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
        if value:
            context.obj.settings = dataclasses.replace(context.obj.settings, database=value)

    return click.option("--database", callback=choose, expose_value=False, help="Waar de graaf staat.")(command)


@main.command()
@click.option("--no-seed", is_flag=True, help="Maak een lege database, zonder de startgraaf.")
@click.option("--dry-run", is_flag=True, help="Laat zien wat er zou veranderen, en verander niets.")
@_database_option
@click.pass_obj
@_reported
def init(context: Context, no_seed: bool, dry_run: bool) -> None:
    """Maak de database, met de startgraaf erin. Nog eens draaien kan geen kwaad.

    Voorbeeld: kennismakelaar init --database sqlite:///buurt.db
    """
    if dry_run:
        click.echo("\n".join(_planned(context.settings, not no_seed)) or "Alles staat klaar: er verandert niets.")
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
        click.echo(f"{context.settings.database}: {broker.snapshot.size} records.")


def _planned(settings: Settings, with_seed: bool) -> list[str]:
    """What init would do, a line each."""
    scheme, _, path = settings.database.partition(":///")
    nodes, edges = seed.read()
    seeding = [f"De startgraaf komt erin: {len(nodes)} records en {len(edges)} relaties."] if with_seed else []
    if scheme == "sqlite" and path and not Path(path).exists():
        return [f"{path} wordt gemaakt.", *seeding]
    encoder = encode.load(settings.encoder)
    with closing(open_store(settings.database, settings)) as store:
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
@click.option("--json", "as_data", is_flag=True, help="Antwoord als JSON.")
@_database_option
@click.pass_obj
@_reported
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
        for reason in match.reasons if explain else match.reasons[:3]:
            points = f"{reason.points:+.2f} " if explain else ""
            source = f" [dim]({reason.source})[/dim]" if reason.source else ""
            console.print(f"    • {points}{reason.text}{source}", highlight=False)


@main.command()
@click.argument("id")
@click.option("--json", "as_data", is_flag=True, help="Antwoord als JSON.")
@_database_option
@click.pass_obj
@_reported
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
@click.option("--format", "form", type=click.Choice(["json", "cypher", "admin"]), default="json", show_default=True)
@_database_option
@click.pass_obj
@_reported
def export_(context: Context, file: str, form: str) -> None:
    """Schrijf de hele graaf naar een bestand; - is het scherm.

    Met cypher wordt het een script voor Neo4j, met admin een map met bestanden voor neo4j-admin database import.

    Voorbeeld: kennismakelaar export --format json graaf.json
    """
    with context.broker() as broker:
        if form == "admin":
            names = export.write_admin(broker.store, Path(file))
            click.echo(f"{len(names)} bestanden. In {file}: neo4j-admin database import full @{names[-1]} neo4j")
            return
        if Path(file).is_dir():
            raise Refused(f"{file} is een map. Geef de naam van een bestand.")
        write = {"json": export.write_json, "cypher": export.write_cypher}[form]
        with click.open_file(file, "w", encoding="utf-8", atomic=file != "-") as out:
            write(broker.store, out)  # type: ignore[arg-type]


@main.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@_database_option
@click.pass_obj
@_reported
def import_(context: Context, file: Path) -> None:
    """Lees een bestand dat met export is gemaakt. Alles gaat erin, of niets.

    Voorbeeld: kennismakelaar import graaf.json
    """
    nodes, edges = export.read_json(file)
    with context.broker() as broker, context.progress("Records lezen", len(nodes)) as progress:
        broker.add(nodes, edges, progress)
    click.echo(f"{len(nodes)} records en {len(edges)} relaties gelezen uit {file}.")


@main.command()
@click.argument("source", metavar="VAN")
@click.argument("target", metavar="NAAR")
@click.pass_obj
@_reported
def copy(context: Context, source: str, target: str) -> None:
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
    table = Table("soort", "aantal", "controlegetal", box=None)
    for kind, tally in written.items():
        table.add_row(kind, str(tally.count), f"{tally.checksum:032x}")
    context.console.print(table)


@main.command()
@click.option("--mend", is_flag=True, help="Herstel wat zonder mensen kan: neem wijzigingen over, werk de index bij.")
@_database_option
@click.pass_obj
@_reported
def doctor(context: Context, mend: bool) -> None:
    """Kijk of de graaf klopt: soorten, relaties, bronnen en index, ook na wijzigingen in Neo4j zelf.

    Voorbeeld: kennismakelaar doctor --mend
    """
    settings = context.settings
    with closing(open_store(settings.database, settings)) as store:
        encoder = encode.load(settings.encoder)
        found = transfer.mend(store, encoder) if mend else transfer.check(store, encoder)
    click.echo("\n".join(found) or "Alles klopt.")
    if found:
        raise Refused(f"Aantal dingen dat niet klopt: {len(found)}.")


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--spellings", type=click.Path(path_type=Path, exists=True), help="Andere spellingen van namen (tsv).")
@click.option("--json", "as_data", is_flag=True, help="Antwoord als JSON.")
@_database_option
@click.pass_obj
@_reported
def evaluate(context: Context, file: Path, spellings: Path | None, as_data: bool) -> None:
    """Meet hoe goed de antwoorden zijn op vragen met beoordeelde antwoorden.

    Voorbeeld: kennismakelaar evaluate tests/eval/dev_queries.tsv
    """
    from kennismakelaar import evaluate as measure

    questions = measure.read(file)
    spelled = measure.read_spellings(spellings) if spellings else measure.spellings_beside(file)
    with context.broker() as broker:
        with context.progress("Vragen stellen", len(questions)) as progress:
            answers = [(broker.ask(q.query), progress(1))[0] for q in questions]
        found = measure.evaluate(questions, answers, broker.all_names, spelled)
    if as_data:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    table = Table("", "vragen", "hit@1", "hit@5", "MRR", "nDCG@10", "beantwoord", "terecht geweigerd")
    parts: dict[str, Any] = found
    rows = {"alle": parts} | parts["by_group"] | parts["by_language"] | parts["by_length"]
    for name, figures in rows.items():
        table.add_row(
            name, *(str(figures[k]) for k in ("answerable", "hit@1", "hit@5", "mrr", "ndcg@10", "answered", "refused"))
        )
    context.console.print(table)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@_database_option
@click.pass_obj
@_reported
def ablate(context: Context, file: Path) -> None:
    """Meet wat elk signaal bijdraagt, door het uit te zetten; de uitkomst is een tabel in Markdown.

    Voorbeeld: kennismakelaar ablate tests/eval/own_test.tsv
    """
    from kennismakelaar import evaluate as measure
    from kennismakelaar import train as learning

    judged = [question for question in measure.read(file) if question.grades]
    with context.broker() as broker, context.progress("Vragen stellen", len(judged)) as progress:
        found = learning.ablation(broker, judged, measure.spellings_beside(file), progress)
    click.echo("| without | hit@1 | hit@5 | MRR | nDCG@10 |\n|---|---|---|---|---|")
    for name, figures in found.items():
        click.echo(f"| {name} | " + " | ".join(f"{figures[m]:.3f}" for m in ("hit1", "hit5", "mrr", "ndcg")) + " |")


@main.command()
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option(
    "--to", type=click.Path(path_type=Path, file_okay=False), default=MODELS, help="Map voor de nieuwe gewichten."
)
@_database_option
@click.pass_obj
@_reported
def train(context: Context, files: tuple[Path, ...], to: Path) -> None:
    """Leer de gewichten opnieuw uit beoordeelde vragen; een slechter resultaat wordt niet bewaard.

    Voorbeeld: kennismakelaar train tests/eval/dev_queries.tsv tests/eval/own_train.tsv
    """
    from kennismakelaar import evaluate as measure
    from kennismakelaar import train as learning

    judged = [question for file in files for question in measure.read(file)]
    spelled = {name: forms for file in files for name, forms in measure.spellings_beside(file).items()}
    obtained = (
        f"{datetime.date.today()}: kennismakelaar train {' '.join(file.name for file in files)} ({len(judged)} vragen)"
    )
    with context.broker() as broker, context.progress("Vragen stellen", len(judged)) as progress:
        trained = learning.train(broker, judged, spelled, obtained, progress)
    for name, value in trained.after.items():
        click.echo(f"{name}: was {trained.before[name]:.3f}, wordt {value:.3f}")
    if trained.after["ndcg"] < trained.before["ndcg"] - learning.TOLERANCE:
        raise Refused("De nieuwe gewichten zijn slechter dan de oude. Ze zijn niet bewaard.")
    learning.write(trained.weights, to)
    click.echo(f"Bewaard in {to}.")


@main.command()
@click.option("--host", help="Adres waarop de website luistert.")
@click.option("--port", type=click.IntRange(1, 65_535), help="Poort.")
@click.option("--workers", type=click.IntRange(1, 64), help="Aantal processen.")
@_database_option
@click.pass_obj
@_reported
def serve(context: Context, host: str | None, port: int | None, workers: int | None) -> None:
    """Start de website.

    Voorbeeld: kennismakelaar serve --port 8000
    """
    from web.serve import run

    given = {k: v for k, v in (("host", host), ("port", port), ("workers", workers)) if v is not None}
    run(dataclasses.replace(context.settings, **given))  # type: ignore[arg-type]


@main.command()
@_database_option
@click.pass_obj
@_reported
def example(context: Context) -> None:
    """Laat één voorbeeldvraag zien met het antwoord.

    Voorbeeld: kennismakelaar example
    """
    with context.broker() as broker:
        _show_answer(context.console, broker.ask(EXAMPLE, limit=3))


@main.command("seed-vectors")
@click.pass_obj
@_reported
def seed_vectors(context: Context) -> None:
    """Maak de vectoren bij de startgraaf opnieuw, na een wijziging van seed_data.

    Voorbeeld: kennismakelaar seed-vectors
    """
    nodes, _ = seed.read()
    encoder = encode.load(context.settings.encoder)
    with context.progress("Teksten", sum(len(index.passages(node)) for node in nodes)) as progress:
        total = index.ship(nodes, encoder, progress)
    click.echo(f"{total} vectoren in {index.shipped_path(encoder.id).name}.")
