"""The command line: one group, whose commands stand in commands/."""

import dataclasses
from importlib import import_module

import click

from kennismakelaar import __version__
from kennismakelaar.commands.terminal import Context, reported
from kennismakelaar.config import Settings

MODULES = {
    **dict.fromkeys(("ask", "export", "links", "show", "similar"), "asking"),
    **dict.fromkeys(("backup", "restore", "verify"), "backup"),
    "cases": "desk",
    **dict.fromkeys(("circles", "digest", "gaps"), "gaps"),
    "import": "imports",
    "key": "keys",
    **dict.fromkeys(("ablate", "evaluate", "seed-vectors", "train"), "measure"),
    "network": "network",
    **dict.fromkeys(("outcomes", "post"), "post"),
    **dict.fromkeys(("privacy", "retention"), "privacy"),
    **dict.fromkeys(("copy", "doctor", "init", "serve"), "setup"),
    "user": "users",
}
"""The module of each command; it is read when the command is asked for, so that each starts fast."""


class Commands(click.Group):
    """The commands of all modules."""

    def list_commands(self, context: click.Context) -> list[str]:
        """All names, in the order of the alphabet."""
        return sorted(MODULES)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """By the name that a user types."""
        if name not in MODULES:
            return None
        module = import_module(f"kennismakelaar.commands.{MODULES[name]}")
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
