"""Commands for the keys of the API."""

from datetime import date

import click

from kennismakelaar import keys
from kennismakelaar.commands.terminal import Context, database_option, json_option, reported, say
from kennismakelaar.keys import Scope


@click.group()
def key() -> None:
    """Sleutels waarmee programma's de API gebruiken.

    Voorbeeld: kennismakelaar key add zaaksysteem --scope cases:read
    """


@key.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([scope.value for scope in Scope]),
    default=[Scope.READ.value],
    show_default=True,
    help="Wat de sleutel mag; vaker te geven.",
)
@click.option("--days", default=365, show_default=True, help="Hoeveel dagen hij werkt.")
@json_option
@database_option
@click.pass_obj
@reported
def add(context: Context, name: str, scopes: tuple[str, ...], days: int, as_data: bool) -> None:
    """Maak een sleutel. Hij staat hier één keer; bewaar hem goed.

    Voorbeeld: kennismakelaar key add onderzoek --scope read --scope network --days 90
    """
    with context.broker() as broker:
        secret = keys.add(broker.store, name, tuple(Scope(one) for one in scopes), days, date.today())
    say(as_data, f"Sleutel {name}, nu één keer te zien:\n{secret}", {"name": name, "key": secret})


@key.command("list")
@json_option
@database_option
@click.pass_obj
@reported
def list_(context: Context, as_data: bool) -> None:
    """Laat zien welke sleutels er zijn; niet de sleutels zelf.

    Voorbeeld: kennismakelaar key list
    """
    with context.broker() as broker:
        found = list(keys.everyone(broker.store))
    lines = (f"{k.name}: {', '.join(k.scopes)}; tot {k.until}; laatst gebruikt: {k.used or 'nooit'}" for k in found)
    data = [{"name": k.name, "scopes": k.scopes, "until": k.until, "used": k.used} for k in found]
    say(as_data, "\n".join(lines) or "Nog geen. Maak er een met: key add NAAM", {"keys": data})


@key.command()
@click.argument("name")
@json_option
@database_option
@click.pass_obj
@reported
def revoke(context: Context, name: str, as_data: bool) -> None:
    """Trek een sleutel in: hij werkt dan niet meer.

    Voorbeeld: kennismakelaar key revoke onderzoek
    """
    with context.broker() as broker:
        keys.revoke(broker.store, name)
    say(as_data, f"Sleutel {name} werkt niet meer.", {"revoked": name})
