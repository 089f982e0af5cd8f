"""What every command needs: the settings, the broker, a progress bar, and errors as one line."""

import dataclasses
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from kennismakelaar.broker import Broker, open_broker
from kennismakelaar.config import Settings
from kennismakelaar.database import open_store
from kennismakelaar.errors import KennisError
from kennismakelaar.store import Store

P = ParamSpec("P")
R = TypeVar("R")
LONGEST_NAME = 80
"""Letters that are said of the name of a file that cannot be."""


class Context:
    """What every command needs: the settings and the terminal."""

    def __init__(self, settings: Settings) -> None:
        """Opens nothing yet."""
        self.settings = settings
        self.console = Console()

    @contextmanager
    def broker(self) -> Iterator[Broker]:
        """The broker, closed afterwards."""
        with closing(open_broker(self.settings)) as broker:
            yield broker

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The database by itself, for what needs no language model; closed afterwards."""
        with closing(open_store(self.settings.database, self.settings)) as store:
            yield store

    @contextmanager
    def progress(self, label: str, total: int | None) -> Iterator[Callable[[int], None]]:
        """A bar on standard error, on a terminal as well as in a log; it appears with the first thing that is done.

        The total is None where it is not known yet.
        """
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        bar = Progress(*columns, console=Console(stderr=True))
        task = bar.add_task(label, total=total)

        def advance(done: int) -> None:
            bar.start()
            bar.advance(task, done)

        try:
            yield advance
        finally:
            if bar.live.is_started:
                bar.stop()


def reported(command: Callable[P, R]) -> Callable[P, R]:
    """An error of ours, or of a file, is one line on standard error and exit code 1."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except KennisError as error:
            click.echo(f"kennismakelaar: {error}", err=True)
            sys.exit(1)
        except OSError as error:
            if error.filename is None:  # of the terminal, which click sees to
                raise
            name = str(error.filename)[:LONGEST_NAME]
            click.echo(f"kennismakelaar: {name} is niet te lezen of te schrijven: {error.strerror}.", err=True)
            sys.exit(1)

    return run


def database_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """--database may also stand behind the command."""

    def choose(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
        if value:
            context.obj.settings = dataclasses.replace(context.obj.settings, database=value)

    return click.option("--database", callback=choose, expose_value=False, help="Waar de graaf staat.")(command)


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """--json asks for one JSON object instead of text."""
    return click.option("--json", "as_data", is_flag=True, help="Antwoord als JSON.")(command)


def say(as_data: bool, text: str, data: Mapping[str, object]) -> None:
    """What a command has to say, for people or for programs."""
    click.echo(json.dumps(data, ensure_ascii=False) if as_data else text)
