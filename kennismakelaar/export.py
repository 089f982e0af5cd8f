"""The graph in the formats other programs read, and back."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

from kennismakelaar import neo4j_script
from kennismakelaar.errors import Refused
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Edge, Node, as_json, check_shape, edge_from, node_from
from kennismakelaar.store import GraphStore, Readable


def write_json(store: Readable, file: TextIO) -> None:
    """{"nodes": [...], "edges": [...]}, one record a line, in a fixed order."""
    file.write('{"nodes": [')
    _write_records(file, store.nodes())
    file.write('],\n"edges": [')
    _write_records(file, store.edges())
    file.write("]}\n")


def _write_records(file: TextIO, records: Iterable[Node | Edge]) -> None:
    for number, record in enumerate(records):
        file.write((",\n" if number else "\n") + json.dumps(as_json(record), ensure_ascii=False))


def write_cypher(store: GraphStore, file: TextIO) -> None:
    """A script for cypher-shell or the Neo4j browser, that makes the same graph and may be run again."""
    file.writelines(neo4j_script.script(store.nodes(), store.edges()))


def write_admin(store: GraphStore, folder: Path) -> list[str]:
    """Files for neo4j-admin, which fills an empty database, apart from empty lists; the names of the files.

    In the folder: neo4j-admin database import full neo4j @import.args
    """
    names = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, lines in neo4j_script.admin_files(store.nodes(), store.edges()):
            with open(folder / name, "w", encoding="utf-8", newline="") as file:
                file.writelines(lines)
            names.append(name)
    except OSError as error:
        raise Refused(
            _("%(folder)s is niet te schrijven: %(why)s. Kies een andere map.", folder=folder, why=error.strerror)
        ) from error
    return names


def read_json(path: Path) -> tuple[list[Node], list[Edge]]:
    """What write_json wrote; Refused says what is wrong with the file."""
    try:
        content = json.loads(path.read_text("utf-8"))
        return list(_records(content, "nodes", node_from)), list(_records(content, "edges", edge_from))
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(_("%(path)s is niet te lezen: %(error)s", path=path, error=error)) from error
    except json.JSONDecodeError as error:
        raise Refused(
            _(
                "%(path)s, regel %(line)s, teken %(colno)s: dit is geen JSON (%(msg)s).",
                path=path,
                line=error.lineno,
                colno=error.colno,
                msg=error.msg,
            )
        ) from error
    except (ValueError, RecursionError) as error:
        raise Refused(
            _("%(path)s: hierin staat een getal dat te groot is, of te veel haken in elkaar.", path=path)
        ) from error


def _records(content: Any, part: str, make: Any) -> Iterator[Any]:
    if not isinstance(content, dict) or not isinstance(content.get(part), list):
        raise Refused(
            _(
                'Het bestand moet er zo uitzien: {"nodes": [...], "edges": [...]}; %(part)s ontbreekt of is geen '
                "lijst.",
                part=part,
            )
        )
    for number, record in enumerate(content[part], 1):
        try:
            made = make(record)
            check_shape(made)
            yield made
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Refused(
                _(
                    "%(part)s, record %(number)s: %(error)s ontbreekt of klopt niet.",
                    part=part,
                    number=number,
                    error=error,
                )
            ) from error
