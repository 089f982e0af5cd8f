"""The views of the graph that graph_schema/views.yaml defines."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from kennismakelaar.errors import SchemaError
from kennismakelaar.language import gettext as _
from kennismakelaar.paths import GRAPH_SCHEMA
from kennismakelaar.schema import schema

GRAPHS = ("graph", "digraph", "multidigraph")


@dataclass(frozen=True)
class View:
    """Which records a view has, and what ties them; the keys of an entry in views.yaml, which explains them."""

    name: str
    label: Mapping[str, str]
    description: Mapping[str, str]
    graph: str
    source: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    direct: tuple[str, ...] = ()
    through: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    tie: Mapping[str, str] = field(default_factory=dict)
    needs_around: bool = False

    @property
    def kinds(self) -> frozenset[str]:
        """Kinds of record that are in the view."""
        return frozenset({*self.source, *self.target} or schema().nodes)

    @property
    def is_whole(self) -> bool:
        """Shows relations as they are, and makes no ties of its own."""
        return not self.tie


def read(path: Path = GRAPH_SCHEMA / "views.yaml") -> Mapping[str, View]:
    """All views, checked against the schema; a key or kind that means nothing is a SchemaError."""
    return {name: _view(name, keys) for name, keys in yaml.safe_load(path.read_text("utf-8")).items()}


@cache
def views() -> Mapping[str, View]:
    """The views that ship with the program."""
    return read()


def _view(name: str, keys: Mapping[str, Any]) -> View:
    fields: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in keys.items()}
    try:
        view = View(name, **fields)
    except TypeError as error:
        raise SchemaError(
            _("graph_schema: views.yaml: %(name)s: %(error)s. Kijk de sleutels na.", name=name, error=error)
        ) from error
    kinds = {*view.source, *view.target, *view.through} - set(schema().nodes)
    relations = {*view.direct, *view.by} - set(schema().edges)
    if unknown := [*sorted(kinds), *sorted(relations), *({view.graph} - set(GRAPHS))]:
        raise SchemaError(
            _("graph_schema: views.yaml: %(name)s: %(known)s bestaat niet.", name=name, known=", ".join(unknown))
        )
    return view
