"""The pages of the reference, each made from what the program itself reads: none of it is written twice."""

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

import click
import yaml

from kennismakelaar import errors, weights
from kennismakelaar.cli import main
from kennismakelaar.config import PREFIX, Settings
from kennismakelaar.paths import GRAPH_SCHEMA, ROOT
from kennismakelaar.schema import Property, schema
from kennismakelaar.signals import SIGNALS
from kennismakelaar.users import Role
from web.access import PERMISSIONS
from web.api.document import document

SETTING = re.compile(r"^\| `(KENNISMAKELAAR_\w+)` \|(?:[^|]|\\\|)*\| (.+) \|$", re.MULTILINE)
"""A row of the table of settings in README.md: its variable and what it is."""
LINK = re.compile(r"\]\((?!https?:)")
"""The beginning of a link to a file, as README.md has it."""
LIMITS = {"minimum": "from", "maximum": "to", "maxLength": "at most", "default": "default"}
"""How the page of the API says what a JSON schema says."""
WIDTH = 84
"""Of the lines in the help of a command."""


def pages() -> Iterator[tuple[str, str]]:
    """The name and the Markdown of each page."""
    for name, page in PAGES.items():
        yield f"{name}.md", page()


def kinds() -> str:
    """The kinds of node with their properties, and the vocabularies."""
    shared = yaml.safe_load((GRAPH_SCHEMA / "shared.yaml").read_text("utf-8"))
    parts = [
        "# Kinds of record\nFrom `graph_schema/nodes/`. Every record also has `id`, `name`, `aliases`, at least one source, and:\n",
        _properties({name: Property(**rule) for name, rule in shared.items()}),
    ]
    for kind in schema().nodes.values():
        own = {name: rule for name, rule in kind.properties.items() if name not in shared}
        parts += [
            f"\n## {kind.name}\n*{kind.label['nl']}, {kind.label['en']}*. {kind.description['en']}\n",
            _properties(own),
        ]
    parts.append("\n## Vocabularies\nThe values of a `choice`, from `graph_schema/vocabularies.yaml`.\n")
    terms = ((f"`{name}`", _listed(terms)) for name, terms in schema().vocabularies.items())
    return "\n".join([*parts, _table(("vocabulary", "values"), terms)])


def relations() -> str:
    """The kinds of edge."""
    rows = (
        (
            f"`{one.name}`",
            one.label["nl"],
            one.inverse["nl"],
            _listed(one.source),
            _listed(one.target),
            one.description["en"],
        )
        for one in schema().edges.values()
    )
    head = "# Relations\nFrom `graph_schema/edges/`. Every relation has at least one source.\n\n"
    return head + _table(("relation", "reads", "the other way", "from", "to", "means"), rows)


def settings() -> str:
    """Variables, types and defaults from the dataclass; what each is from the README."""
    said = dict(SETTING.findall(LINK.sub("](../../", (ROOT / "README.md").read_text("utf-8"))))
    rows = (
        (f"`{name}`", type(one.default).__name__, _value(one.default), said[name])
        for one in fields(Settings)
        for name in [PREFIX + one.name.upper()]
    )
    head = "# Settings\nOf the environment. With `_FILE` behind it, a variable names a file that holds the value.\n\n"
    return head + _table(("variable", "type", "default", "what it is"), rows)


def commands() -> str:
    """The help of every command."""
    head = "# Commands\nWhat `--help` says, for every command.\n"
    return "\n".join([head, *_help(main, click.Context(main, info_name="kennismakelaar", terminal_width=WIDTH))])


def _help(command: click.Command, context: click.Context) -> Iterator[str]:
    said = command.get_help(context)
    yield f"## {context.command_path}\n```text\n{said}\n```\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from _help(inner, click.Context(inner, parent=context, info_name=name, terminal_width=WIDTH))


def signals() -> str:
    """Each signal with its weight."""
    learned = weights.read()
    rows = (
        (f"`{name}`", f"{learned.signals[name]:+.3f}", inspect.getdoc(signal) or "") for name, signal in SIGNALS.items()
    )
    head = f"# Signals and their weights\nA score is the sum of weight × value. Learned {learned.obtained}.\n\n"
    return head + _table(("signal", "weight", "its value"), rows)


def faults() -> str:
    """The tree of errors, with what the website answers."""
    tree = (errors.__doc__ or "").partition("\n\n")[2].strip()
    known = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.KennisError)]
    rows = ((f"`{one.__name__}`", str(one.status), inspect.getdoc(one) or "") for one in known)
    head = "# Errors\nOn the command line each is one line and exit code 1.\n"
    return f"{head}\n```text\n{tree}\n```\n\n" + _table(("error", "HTTP status", "when"), rows)


def permissions() -> str:
    """Who may ask for what."""
    rows = ((f"`{name}`", *("yes" if role in may else "" for role in Role)) for name, may in PERMISSIONS.items())
    head = "# Permissions\nBy endpoint, from `web/access.py`; `name.*` is what is not named. What is not here is for nobody.\n\n"
    return head + _table(("endpoint", *(str(role) for role in Role)), rows)


def api() -> str:
    """The operations of the API, from its OpenAPI document."""
    told = document(Settings(), "https://kennis.voorbeeld.nl")
    parts = [f"# The API\nFrom its OpenAPI document, version {told['info']['version']}, under `/api/v1`.\n"]
    for path, operations in told["paths"].items():
        for method, one in operations.items():
            parts.append(f"## {method.upper()} {path}\n{one['summary']}. Answers: {_listed(one['responses'])}.\n")
            rows = [(f"`{p['name']}`", p["in"], _shape(p["schema"]), p.get("description", "")) for p in _inputs(one)]
            parts.append(_table(("parameter", "in", "shape", "what it is"), rows) if rows else "")
    parts.append("## Shapes\n")
    for name, shape in told["components"]["schemas"].items():
        required = shape.get("required", ())
        rows = [
            (f"`{key}`", _shape(value), "yes" if key in required else "", value.get("description", ""))
            for key, value in shape.get("properties", {}).items()
        ]
        parts.append(f"### {name}\n{shape.get('description', '')}\n")
        parts.append(_table(("field", "shape", "always", "what it is"), rows) if rows else _shape(shape))
    return "\n".join(parts)


def _inputs(operation: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Its parameters, and its body as one more."""
    body = operation.get("requestBody")
    content = [body["content"]["application/json"]] if body else []
    return [*operation.get("parameters", ()), *({"name": "body", "in": "body"} | one for one in content)]


def _shape(schema: Mapping[str, Any]) -> str:
    """A JSON schema in a few words."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if options := schema.get("anyOf"):
        return " or ".join(_shape(one) for one in options)
    if values := schema.get("enum"):
        return _listed(values)
    if "items" in schema:
        return f"list of {_shape(schema['items'])}"
    said = [str(schema.get("format", schema.get("type", "anything")))]
    said += [f"{word} {schema[key]}" for key, word in LIMITS.items() if key in schema]
    return ", ".join(said)


def _properties(properties: Mapping[str, Property]) -> str:
    rows = (
        (f"`{name}`", rule.type + (f" of `{rule.vocabulary}`" if rule.vocabulary else ""), *_labels(rule))
        for name, rule in properties.items()
    )
    return (
        _table(("property", "type", "Dutch", "English", "required"), rows)
        if properties
        else "No properties of its own."
    )


def _labels(rule: Property) -> tuple[str, str, str]:
    return rule.label["nl"], rule.label["en"], "yes" if rule.required else ""


def _listed(names: Iterable[object]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _value(default: object) -> str:
    return f"`{default}`" if default != "" else ""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split()) if "\\|" not in text else text


PAGES: Mapping[str, Callable[[], str]] = {
    "kinds": kinds,
    "relations": relations,
    "settings": settings,
    "commands": commands,
    "signals": signals,
    "errors": faults,
    "permissions": permissions,
    "api": api,
}
