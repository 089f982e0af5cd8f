"""Commands for who may log in."""

from pathlib import Path

import click

from kennismakelaar import users
from kennismakelaar.terminal import Context, database_option, json_option, reported, say

ROLES = [role.value for role in users.Role if role is not users.Role.VISITOR]


@click.group()
def user() -> None:
    """Wie mag inloggen op de website.

    Voorbeeld: kennismakelaar user add anna --role medewerker
    """


@user.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default=ROLES[0], show_default=True, help="Wat iemand mag.")
@click.option(
    "--password-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True),
    help="Bestand met het wachtwoord (- is de invoer); anders wordt erom gevraagd.",
)
@json_option
@database_option
@click.pass_obj
@reported
def add(context: Context, name: str, role: str, password_file: Path | None, as_data: bool) -> None:
    """Maak een gebruiker.

    Voorbeeld: kennismakelaar user add anna --role medewerker
    """
    if password_file:
        with click.open_file(str(password_file)) as file:
            password = file.readline().rstrip("\r\n")
    else:
        password = click.prompt("Wachtwoord", hide_input=True, confirmation_prompt=True)
    with context.broker() as broker:
        made = users.add(broker.store, name, users.Role(role), password)
    say(as_data, f"{made.name} kan nu inloggen als {made.role}.", {"name": made.name, "role": made.role})


@user.command("list")
@json_option
@database_option
@click.pass_obj
@reported
def list_(context: Context, as_data: bool) -> None:
    """Laat zien wie mag inloggen.

    Voorbeeld: kennismakelaar user list
    """
    with context.broker() as broker:
        found = list(users.everyone(broker.store))
    text = "\n".join(f"{one.name} ({one.role})" for one in found) or "Nog niemand. Maak iemand met: user add NAAM"
    say(as_data, text, {"users": [{"name": one.name, "role": one.role} for one in found]})


@user.command()
@click.argument("name")
@json_option
@database_option
@click.pass_obj
@reported
def remove(context: Context, name: str, as_data: bool) -> None:
    """Laat iemand niet meer inloggen.

    Voorbeeld: kennismakelaar user remove anna
    """
    with context.broker() as broker:
        users.remove(broker.store, name)
    say(as_data, f"{name} kan niet meer inloggen.", {"removed": name})
