"""Commands for who studies the graph as a network."""

import json
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import click
import networkx as nx
from rich.table import Table

from kennismakelaar.commands.terminal import Context, database_option, json_option, reported, say
from kennismakelaar.errors import Refused
from kennismakelaar.language import capital
from kennismakelaar.network import Measure, Measured, Scope, measure, measures, package, project, published, views

USUAL = ("degree", "betweenness", "constraint", "communities")
"""Measures for who asks for none."""
BOOLEANS = {"ja": True, "nee": False, "true": True, "false": False}


@click.group()
def network() -> None:
    """Onderzoek de graaf als netwerk: wie verbindt wie.

    Voorbeeld: kennismakelaar network measures organisations --measure brokerage
    """


def scope_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Which part of a view; the command gets a Scope as its argument `scope`."""
    options = (
        click.option("--around", default="", metavar="ID", help="Alleen wat om dit record heen ligt."),
        click.option("--depth", default=1, show_default=True, help="Hoeveel stappen daar vandaan."),
        click.option("--since", type=int, metavar="JAAR", help="Laat weg wat voor dit jaar al voorbij was."),
        click.option("--until", type=int, metavar="JAAR", help="Laat weg wat na dit jaar begon."),
        click.option("--place", default="", metavar="PLAATS", help="Alleen wie in deze plaats of provincie werkt."),
        click.option("--domain", default="", help="Alleen dit domein: gemeenschap, markt of overheid."),
    )

    @wraps(command)
    def run(*args: Any, **given: Any) -> Any:
        names = ("around", "depth", "since", "until", "place", "domain")
        return command(*args, scope=Scope(**{name: given.pop(name) for name in names}), **given)

    for option in reversed(options):
        run = option(run)
    return run


@network.command("views")
@json_option
@click.pass_obj
@reported
def views_(context: Context, as_data: bool) -> None:
    """Laat zien welke beelden van het netwerk er zijn.

    Voorbeeld: kennismakelaar network views
    """
    if as_data:
        found = {view.name: {"label": view.label, "description": view.description} for view in views().values()}
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    table = Table("naam", "wat u ziet", box=None)
    for view in views().values():
        table.add_row(view.name, f"{view.label['nl'].capitalize()}. {view.description['nl']}")
    context.console.print(table, highlight=False)


@network.command("measures")
@click.argument("view", required=False)
@click.option("--measure", "names", multiple=True, metavar="NAAM", help="Welke maat; vaker mag.")
@click.option("--set", "settings", multiple=True, metavar="NAAM=WAARDE", help="Een keuze bij een maat, zoals by=type.")
@click.option(
    "--top", default=10, show_default=True, type=click.IntRange(1, 1_000), help="Hoeveel records in de tabel."
)
@scope_options
@json_option
@database_option
@click.pass_obj
@reported
def measures_(
    context: Context,
    view: str | None,
    names: tuple[str, ...],
    settings: tuple[str, ...],
    top: int,
    scope: Scope,
    as_data: bool,
) -> None:
    """Meet een beeld van het netwerk. Zonder beeld: laat zien welke maten er zijn.

    Voorbeeld: kennismakelaar network measures organisations --measure brokerage --measure constraint

    Voorbeeld: kennismakelaar network measures organisations --measure homophily --set by=type

    Voorbeeld: kennismakelaar network measures ego --around movisie --depth 2 --measure degree --json
    """
    if view is None:
        _explain(context, as_data)
        return
    with context.store() as store:
        graph = project(view, store, scope)
    names = names or USUAL
    chosen = _parameters(names, settings)
    with context.progress("Maten", len(names)) as progress:
        found = [(measure(graph, name, **chosen[name]), progress(1))[0] for name in names]
    if as_data:
        click.echo(json.dumps(_as_data(graph, found), ensure_ascii=False, indent=2))
        return
    _show(context, graph, found, top)


@network.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="MAP")
@click.option("--view", "chosen", multiple=True, metavar="BEELD", help="Alleen dit beeld; vaker mag.")
@click.option("--with-persons", is_flag=True, help="Mensen met hun naam. Anders staan zij er onder een pseudoniem.")
@json_option
@database_option
@click.pass_obj
@reported
def export(context: Context, folder: Path, chosen: tuple[str, ...], with_persons: bool, as_data: bool) -> None:
    """Schrijf een onderzoekspakket: elk beeld voor Gephi, R, Pajek en Neo4j, met codeboek, maten en controlegetallen.

    De map moet nieuw of leeg zijn. Dezelfde graaf geeft dezelfde bestanden.

    Voorbeeld: kennismakelaar network export pakket --view organisations --view questions
    """
    with context.store() as store:
        facts = package.write(folder, store, context.settings, chosen, with_persons)
    names = [view.name for view in facts.views]
    text = f"{folder}: {', '.join(names)}. Begin met README.md."
    say(as_data, text, {"folder": str(folder), "views": names, "empty": facts.empty, "revision": facts.revision})


@network.command("report")
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="BESTAND", help="Waar de pagina komt.")
@click.option("--view", default="organisations", show_default=True, metavar="BEELD", help="Over welk beeld.")
@click.option("--language", type=click.Choice(["nl", "en"]), default="nl", show_default=True, help="Taal.")
@click.option("--pictures", type=click.Path(path_type=Path), metavar="MAP", help="Ook elk plaatje als SVG en PNG.")
@click.option("--with-persons", is_flag=True, help="Mensen met hun naam. Anders staan zij er onder een pseudoniem.")
@json_option
@database_option
@click.pass_obj
@reported
def report_(
    context: Context, out: Path, view: str, language: str, pictures: Path | None, with_persons: bool, as_data: bool
) -> None:
    """Maak een verslag voor wie niets van netwerken hoeft te weten: één pagina met cijfers, plaatjes en uitleg.

    Voorbeeld: kennismakelaar network report --out verslag.html --pictures plaatjes
    """
    from kennismakelaar.network import report  # here, because matplotlib makes every start a second slower

    with context.store() as store:
        whole = published.read(store, with_persons)
    report.write(report.make(whole, view, language), out, pictures)
    beside = f" De plaatjes staan in {pictures}." if pictures else ""
    data = {"out": str(out), "view": view, "pictures": str(pictures) if pictures else None}
    say(as_data, f"Het verslag staat in {out}.{beside}", data)


def _explain(context: Context, as_data: bool) -> None:
    if as_data:
        found = [
            {"name": m.name, "label": m.label, "meaning": m.meaning, "scope": m.scope, "source": m.source}
            | {"parameters": m.parameters, "codes": m.codes}
            for m in measures().values()
        ]
        click.echo(json.dumps({"measures": found}, ensure_ascii=False, indent=2))
        return
    table = Table("naam", "wat het zegt", box=None)
    for row in measures().values():
        choices = ", ".join(f"{key}={value}" for key, value in row.parameters.items())
        table.add_row(row.name, row.meaning["nl"] + (f" [dim]Keuzes: {choices}.[/dim]" if choices else ""))
    context.console.print(table, highlight=False)


def _parameters(names: Sequence[str], settings: Sequence[str]) -> dict[str, dict[str, Any]]:
    """For each measure the settings that it has; Refused where none of them has one."""
    known = {name: measures()[name] for name in names if name in measures()}
    chosen: dict[str, dict[str, Any]] = {name: {} for name in names}
    for setting in settings:
        key, _, text = setting.partition("=")
        having = [row for row in known.values() if key in row.parameters]
        if not having:
            raise Refused(f"Geen van deze maten heeft een keuze {key!r}. Zie: kennismakelaar network measures.")
        for row in having:
            chosen[row.name][key] = _value(row, key, text)
    return chosen


def _value(row: Measure, key: str, text: str) -> Any:
    usual = row.parameters[key]
    try:
        return BOOLEANS[text.lower()] if isinstance(usual, bool) else type(usual)(text)
    except (KeyError, ValueError) as error:
        raise Refused(f"{key}={text} past niet bij {row.name}. Geef iets als {key}={usual}.") from error


def _as_data(graph: "nx.Graph[str]", found: Sequence[Measured]) -> dict[str, Any]:
    """Every value, not only the highest; those of pairs as lists of two ids and a number."""
    return {
        **graph.graph,
        "nodes": graph.number_of_nodes(),
        "edges": graph.number_of_edges(),
        "measures": [
            {"name": m.name, "parameters": m.parameters, "exact": m.exact, "note": m.note, "values": _plain(m)}
            for m in found
        ],
    }


def _plain(measured: Measured) -> object:
    if measured.scope == "edge":
        return [[*pair, value] for pair, value in measured.pairs.items()]
    return measured.values


def _show(context: Context, graph: "nx.Graph[str]", found: Sequence[Measured], top: int) -> None:
    label = graph.graph["label"]["nl"].capitalize()
    console = context.console
    console.print(f"[bold]{label}[/bold]: {len(graph)} records, {graph.number_of_edges()} banden", highlight=False)
    for measured in found:
        row = measures()[measured.name]
        estimated = "" if measured.exact else " (geschat)"
        figure = f": {_number(row, measured.figure)}" if measured.scope == "graph" else ""
        text = f"{row.meaning['nl']} {measured.note}".rstrip()
        console.print(f"[bold]{capital(row.label['nl'])}[/bold]{figure}{estimated}. {text}", highlight=False)
    nodes = [m for m in found if m.scope == "node"]
    if nodes:
        console.print(_node_table(graph, nodes, top), highlight=False)
    for measured in found:
        if measured.scope == "edge":
            console.print(_pair_table(graph, measured, top), highlight=False)


def _node_table(graph: "nx.Graph[str]", found: Sequence[Measured], top: int) -> Table:
    """Sorted by the first measure."""
    rows = [measures()[m.name] for m in found]
    values = [m.nodes for m in found]
    table = Table("record", *(row.label["nl"] for row in rows), box=None)
    order = sorted(values[0], key=lambda id: (-values[0][id], id))[:top]
    for id in order:
        cells = (_number(row, by_id[id]) if id in by_id else "" for row, by_id in zip(rows, values, strict=True))
        table.add_row(graph.nodes[id]["name"], *cells)
    return table


def _pair_table(graph: "nx.Graph[str]", measured: Measured, top: int) -> Table:
    row = measures()[measured.name]
    values = measured.pairs
    table = Table("van", "naar", row.label["nl"], box=None)
    for a, b in sorted(values, key=lambda pair: (-values[pair], pair))[:top]:
        table.add_row(graph.nodes[a]["name"], graph.nodes[b]["name"], _number(row, values[a, b]))
    return table


def _number(row: Measure, value: float) -> str:
    if row.codes:
        return row.codes[int(value)]["nl"]
    return f"{value:.0f}" if value.is_integer() else f"{value:.4f}".replace(".", ",")
