"""Reads graph_schema/ and says whether a node or an edge follows it."""

import datetime
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import yaml

from kennismakelaar.errors import SchemaError
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Edge, Node, Source, Value
from kennismakelaar.paths import GRAPH_SCHEMA

T = TypeVar("T")
Kind = TypeVar("Kind", "NodeKind", "EdgeKind")
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Property:
    """What a value must look like; `vocabulary` belongs to choice and choices."""

    type: str
    label: Mapping[str, str]
    required: bool = False
    vocabulary: str = ""


@dataclass(frozen=True)
class NodeKind:
    """graph_schema/nodes/NAME.yaml"""

    name: str
    label: Mapping[str, str]
    plural: Mapping[str, str]
    description: Mapping[str, str]
    properties: Mapping[str, Property]


@dataclass(frozen=True)
class EdgeKind:
    """graph_schema/edges/NAME.yaml; source and target are the kinds of node that may stand there."""

    name: str
    label: Mapping[str, str]
    inverse: Mapping[str, str]
    description: Mapping[str, str]
    source: tuple[str, ...]
    target: tuple[str, ...]
    properties: Mapping[str, Property]

    @property
    def is_symmetric(self) -> bool:
        """Read the same from both ends."""
        return self.label == self.inverse


@dataclass(frozen=True)
class Term:
    """A value of a vocabulary: its labels, and what people say when they mean it."""

    nl: str
    en: str
    words: tuple[str, ...]

    def __getitem__(self, language: str) -> str:
        """Its label in that language."""
        return {"nl": self.nl, "en": self.en}[language]


@dataclass(frozen=True)
class Schema:
    """All kinds and vocabularies."""

    nodes: Mapping[str, NodeKind]
    edges: Mapping[str, EdgeKind]
    vocabularies: Mapping[str, Mapping[str, Term]]

    def no_kind(self, name: str) -> str:
        """What to say of a kind of node that does not exist."""
        return _("Soort %(value)r bestaat niet. Kies uit: %(options)s.", value=name, options=", ".join(self.nodes))

    def refusal(self, thing: Node | Edge, kinds: Mapping[str, str]) -> str:
        """What check or check_edge would raise, in words; empty where the thing follows its kind."""
        try:
            if isinstance(thing, Node):
                self.check(thing)
            else:
                self.check_edge(thing, kinds)
        except SchemaError as error:
            return str(error)
        return ""

    def check(self, node: Node) -> None:
        """Raise SchemaError with every way in which the node does not follow its kind."""
        kind = self.nodes.get(node.kind)
        if kind is None:
            raise SchemaError("%s: %s" % (node.id, self.no_kind(node.kind)))
        wrong = [*_wrong_id(node.id), *self._wrong_values(kind.properties, node.properties)]
        wrong += [*self._wrong_sources(node.sources), *([] if node.name.strip() else [_("name ontbreekt")])]
        if wrong:
            raise SchemaError("%s %s: %s." % (node.kind, node.id, "; ".join(wrong)))

    def check_edge(self, edge: Edge, kinds: Mapping[str, str]) -> None:
        """Raise SchemaError where the edge does not follow its kind; `kinds` gives the kind of each id."""
        kind = self.edges.get(edge.kind)
        name = f"{edge.source} {edge.kind} {edge.target}"
        if kind is None:
            raise SchemaError(
                _(
                    "%(name)s: soort relatie %(kind)r bestaat niet. Kies uit %(options)s.",
                    name=name,
                    kind=edge.kind,
                    options=", ".join(self.edges),
                )
            )
        ends = ((edge.source, kind.source), (edge.target, kind.target))
        wrong = [_("%(id)s bestaat niet", id=id) for id, allowed in ends if id not in kinds]
        wrong += [
            _("%(id)s is %(kind)s, hier mag %(allowed)s", id=id, kind=kinds[id], allowed=f" {_('of')} ".join(allowed))
            for id, allowed in ends
            if id in kinds and kinds[id] not in allowed
        ]
        wrong += [*self._wrong_values(kind.properties, edge.properties), *self._wrong_sources(edge.sources)]
        if edge.source == edge.target:
            wrong.append(_("begin en eind zijn hetzelfde"))
        if wrong:
            raise SchemaError("%s: %s." % (name, "; ".join(wrong)))

    def _wrong_values(self, rules: Mapping[str, Property], values: Mapping[str, Value]) -> Iterable[str]:
        yield from (
            _("%(name)s ontbreekt", name=name) for name, rule in rules.items() if rule.required and name not in values
        )
        for name, value in values.items():
            if name not in rules:
                yield _("onbekende eigenschap %(name)r; dit mag: %(options)s", name=name, options=", ".join(rules))
            elif not self._fits(rules[name], value):
                wanted = f"{rules[name].type} {rules[name].vocabulary}".rstrip()
                yield _("%(name)s: %(value)r is geen %(wanted)s", name=name, value=value, wanted=wanted)

    def _fits(self, rule: Property, value: Value) -> bool:
        allowed = self.vocabularies.get(rule.vocabulary, {})
        match rule.type, value:
            case "choice", str():
                return value in allowed
            case "choices", tuple():
                return all(item in allowed for item in value)
        return bool(TYPES[rule.type](value))

    def _wrong_sources(self, sources: tuple[Source, ...]) -> Iterable[str]:
        if not sources:
            yield _("bron ontbreekt")
        for source in sources:
            if not (source.document and source.chapter):
                yield _("een bron noemt document en hoofdstuk")
            if source.known not in self.vocabularies["known"]:
                yield _("bron %(chapter)s: known is %(known)r", chapter=source.chapter, known=source.known)


def _wrong_id(id: str) -> Iterable[str]:
    if not ID.fullmatch(id):
        yield _("id %(id)r mag alleen kleine letters, cijfers en losse streepjes hebben", id=id)


def _is_date(value: Value) -> bool:
    try:
        datetime.date.fromisoformat(str(value))
    except ValueError:
        return False
    return True


TYPES: Mapping[str, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str) and bool(value.strip()),
    "texts": lambda value: isinstance(value, tuple) and all(isinstance(item, str) for item in value),
    "url": lambda value: isinstance(value, str) and bool(re.match(r"https?://\S+$", value)),
    "year": lambda value: isinstance(value, int) and 1000 <= value <= 2999,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "date": _is_date,
    "choice": lambda value: False,
    "choices": lambda value: False,
}


def read(folder: Path = GRAPH_SCHEMA) -> Schema:
    """All of graph_schema/, cross-checked; a key or reference that means nothing is a SchemaError."""
    try:
        return _read(folder)
    except (TypeError, AttributeError, KeyError) as error:
        raise SchemaError(
            _("graph_schema: %(error)s. Kijk na of elke sleutel het goede soort waarde heeft.", error=error)
        ) from error


def _read(folder: Path) -> Schema:
    vocabularies = {
        name: {key: _build(Term, f"{name}.{key}", value) for key, value in terms.items()}
        for name, terms in _yaml(folder / "vocabularies.yaml").items()
    }
    shared = _properties("shared.yaml", _yaml(folder / "shared.yaml"))
    nodes = {p.stem: _read_kind(NodeKind, p, shared) for p in sorted((folder / "nodes").glob("*.yaml"))}
    edges = {p.stem: _read_kind(EdgeKind, p, {}) for p in sorted((folder / "edges").glob("*.yaml"))}
    _cross_check(nodes, edges, vocabularies)
    return Schema(nodes, edges, vocabularies)


@cache
def schema() -> Schema:
    """The schema that ships with the program."""
    return read()


def _read_kind(cls: type[Kind], path: Path, shared: Mapping[str, Property]) -> Kind:
    """The file's keys must be exactly the fields of the class; its stem is the name."""
    keys = _yaml(path)
    properties = {**shared, **_properties(path.name, keys.pop("properties", None) or {})}
    return _build(cls, path.name, {"name": path.stem, "properties": properties, **keys})


def _properties(where: str, rules: Mapping[str, Any]) -> dict[str, Property]:
    return {name: _build(Property, f"{where}: {name}", rule) for name, rule in rules.items()}


def _build(cls: type[T], where: str, keys: Mapping[str, Any]) -> T:
    try:
        return cls(**{k: tuple(v) if isinstance(v, list) else v for k, v in keys.items()})
    except (TypeError, AttributeError) as error:
        raise SchemaError(
            _("graph_schema: %(where)s: %(error)s. Kijk de sleutels na.", where=where, error=error)
        ) from error


def _yaml(path: Path) -> dict[str, Any]:
    try:
        content = yaml.load(path.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise SchemaError(_("%(name)s is niet te lezen: %(error)s", name=path.name, error=error)) from error
    if not isinstance(content, dict):
        raise SchemaError(_("%(name)s: hier horen sleutels met waarden te staan.", name=path.name))
    return content


def _cross_check(
    nodes: Mapping[str, NodeKind], edges: Mapping[str, EdgeKind], vocabularies: Mapping[str, Mapping[str, Term]]
) -> None:
    kinds: list[NodeKind | EdgeKind] = [*nodes.values(), *edges.values()]
    for kind in kinds:
        for name, rule in kind.properties.items():
            if rule.type not in TYPES or (rule.vocabulary and rule.vocabulary not in vocabularies):
                raise SchemaError(
                    _(
                        "graph_schema: %(kind)s: %(name)s: type %(type)s %(vocabulary)s bestaat niet.",
                        kind=kind.name,
                        name=name,
                        type=rule.type,
                        vocabulary=rule.vocabulary,
                    )
                )
    for edge in edges.values():
        if unknown := {*edge.source, *edge.target} - set(nodes):
            raise SchemaError(
                _(
                    "graph_schema: %(name)s: soort %(options)s bestaat niet.",
                    name=edge.name,
                    options=", ".join(sorted(unknown)),
                )
            )
