"""Commands for who may log in."""

from pathlib import Path

import click

from kennismakelaar import audit, second, users
from kennismakelaar.commands.terminal import Context, database_option, json_option, reported, say

ROLES = [role.value for role in users.Role if role is not users.Role.VISITOR]


password_option = click.option(
    "--password-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True),
    help="Bestand met het wachtwoord (- is de invoer); anders wordt erom gevraagd.",
)


def _password(file: Path | None) -> str:
    if file is None:
        return str(click.prompt("Wachtwoord", hide_input=True, confirmation_prompt=True))
    with click.open_file(str(file)) as opened:
        return str(opened.readline()).rstrip("\r\n")


@click.group()
def user() -> None:
    """Wie mag inloggen op de website.

    Voorbeeld: kennismakelaar user add anna --role medewerker
    """


@user.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default=ROLES[0], show_default=True, help="Wat iemand mag.")
@password_option
@json_option
@database_option
@click.pass_obj
@reported
def add(context: Context, name: str, role: str, password_file: Path | None, as_data: bool) -> None:
    """Maak een gebruiker.

    Voorbeeld: kennismakelaar user add anna --role medewerker
    """
    password = _password(password_file)
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


@user.command()
@click.argument("name")
@click.argument("role", type=click.Choice(ROLES))
@json_option
@database_option
@click.pass_obj
@reported
def role(context: Context, name: str, role: str, as_data: bool) -> None:
    """Geef iemand een andere rol; wie ingelogd is, moet opnieuw inloggen.

    Voorbeeld: kennismakelaar user role anna beheerder
    """
    with context.broker() as broker:
        users.change_role(broker.store, name, users.Role(role), audit.SYSTEM)
    say(as_data, f"{name} is nu {role}.", {"name": name, "role": role})


@user.command()
@click.argument("name")
@password_option
@json_option
@database_option
@click.pass_obj
@reported
def password(context: Context, name: str, password_file: Path | None, as_data: bool) -> None:
    """Geef iemand een nieuw wachtwoord; wie ingelogd is, moet opnieuw inloggen.

    Voorbeeld: kennismakelaar user password anna
    """
    typed = _password(password_file)
    with context.broker() as broker:
        users.change_password(broker.store, name, typed, audit.SYSTEM)
    say(as_data, f"{name} heeft een nieuw wachtwoord.", {"name": name})


@user.command("reset-second")
@click.argument("name")
@json_option
@database_option
@click.pass_obj
@reported
def reset_second(context: Context, name: str, as_data: bool) -> None:
    """Laat iemand de tweede stap van inloggen opnieuw instellen.

    Voorbeeld: kennismakelaar user reset-second anna
    """
    with context.broker() as broker:
        second.reset(broker.store, name, audit.SYSTEM)
    say(as_data, f"{name} stelt de tweede stap opnieuw in.", {"name": name})
