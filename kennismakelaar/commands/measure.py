"""Commands that measure and learn."""

import datetime
import json
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from kennismakelaar import encode, index, seed
from kennismakelaar import evaluate as measure
from kennismakelaar.commands.terminal import Context, database_option, json_option, reported, say
from kennismakelaar.desk import outcomes
from kennismakelaar.errors import Refused
from kennismakelaar.paths import MODELS


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--spellings", type=click.Path(path_type=Path, exists=True), help="Andere spellingen van namen (tsv).")
@json_option
@database_option
@click.pass_obj
@reported
def evaluate(context: Context, file: Path, spellings: Path | None, as_data: bool) -> None:
    """Meet hoe goed de antwoorden zijn op vragen met beoordeelde antwoorden.

    Voorbeeld: kennismakelaar evaluate tests/eval/dev_queries.tsv
    """
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


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@database_option
@click.pass_obj
@reported
def ablate(context: Context, file: Path, as_data: bool) -> None:
    """Meet wat elk signaal bijdraagt, door het uit te zetten; de uitkomst is een tabel in Markdown.

    Voorbeeld: kennismakelaar ablate tests/eval/own_test.tsv
    """
    from kennismakelaar import train as learning  # here, because scikit-learn makes every start a second slower

    judged = [question for question in measure.read(file) if question.grades]
    with context.broker() as broker, context.progress("Vragen stellen", len(judged)) as progress:
        found = learning.ablation(broker, judged, measure.spellings_beside(file), progress)
    rows = [f"| {name} | " + " | ".join(f"{value:.3f}" for value in row.values()) + " |" for name, row in found.items()]
    say(as_data, "\n".join(("| without | hit@1 | hit@5 | MRR | nDCG@10 |", "|---|---|---|---|---|", *rows)), found)


@click.command()
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option(
    "--to", type=click.Path(path_type=Path, file_okay=False), default=MODELS, help="Map voor de nieuwe gewichten."
)
@json_option
@database_option
@click.pass_obj
@reported
def train(context: Context, files: tuple[Path, ...], to: Path, as_data: bool) -> None:
    """Leer de gewichten opnieuw uit beoordeelde vragen, en uit wat het bureau leerde.

    Wat medewerkers aannamen en wat volgens vragers hielp, leert mee; gemeten wordt op de beoordeelde vragen uit de
    bestanden. Een slechter resultaat wordt niet bewaard.

    Voorbeeld: kennismakelaar train tests/eval/dev_queries.tsv tests/eval/own_train.tsv
    """
    from kennismakelaar import train as learning  # see ablate

    judged = [question for file in files for question in measure.read(file) if question.group != outcomes.GROUP]
    spelled = {name: forms for file in files for name, forms in measure.spellings_beside(file).items()}
    with context.broker() as broker:
        desk = outcomes.judged(broker.store) if context.settings.use_outcomes else []
        obtained = (
            f"{datetime.date.today()}: kennismakelaar train {' '.join(file.name for file in files)} "
            f"({len(judged)} vragen{f' en {len(desk)} van het bureau' if desk else ''})"
        )
        with context.progress("Vragen stellen", len(judged) + len(desk)) as progress:
            trained = learning.train(broker, judged + desk, spelled, obtained, progress)
    changes = [f"{name}: was {trained.before[name]:.3f}, wordt {value:.3f}" for name, value in trained.after.items()]
    say(as_data, "\n".join(changes), {"before": trained.before, "after": trained.after})
    if trained.is_worse():
        raise Refused("De nieuwe gewichten zijn slechter dan de oude. Ze zijn niet bewaard.")
    learning.write(trained.weights, to)
    click.echo(f"Bewaard in {to}.", err=True)


@click.command("seed-vectors")
@click.pass_obj
@reported
def seed_vectors(context: Context) -> None:
    """Maak de vectoren bij de startgraaf opnieuw, na een wijziging van seed_data.

    Voorbeeld: kennismakelaar seed-vectors
    """
    nodes, _ = seed.read()
    encoder = encode.load(context.settings.encoder)
    with context.progress("Teksten", sum(len(index.passages(node)) for node in nodes)) as progress:
        total = index.ship(nodes, encoder, progress)
    click.echo(f"{total} vectoren in {index.shipped_path(encoder.id).name}.")
