"""seed_data/ to nodes and edges."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from kennismakelaar.errors import SchemaError
from kennismakelaar.model import Edge, Node, Source, check_shape, node_from
from kennismakelaar.paths import SEED_DATA
from kennismakelaar.schema import Schema, schema

EDGE_COLUMNS = ["source", "target", "document", "chapter", "section", "known", "note"]


def read(folder: Path = SEED_DATA) -> tuple[list[Node], list[Edge]]:
    """All nodes (nodes/KIND.yaml) and edges (edges/KIND.csv), checked; SchemaError names file and record."""
    nodes = [node for path in sorted((folder / "nodes").glob("*.yaml")) for node in _nodes(path, schema())]
    kinds: dict[str, str] = {}
    for node in nodes:
        if node.id in kinds:
            raise SchemaError(f"seed_data: {node.id} staat er twee keer in ({kinds[node.id]} en {node.kind}).")
        kinds[node.id] = node.kind
    edges = [edge for path in sorted((folder / "edges").glob("*.csv")) for edge in _edges(path)]
    for edge in edges:
        schema().check_edge(edge, kinds)
    return nodes, edges


def _nodes(path: Path, rules: Schema) -> Iterator[Node]:
    for number, record in enumerate(_records(path), 1):
        try:
            node = node_from({"kind": path.stem, **record})
            check_shape(node)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise SchemaError(f"{path.name}, record {number}: {error}. Kijk de sleutels na.") from error
        rules.check(node)
        yield node


def _records(path: Path) -> list[dict[str, Any]]:
    try:
        records = yaml.load(path.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise SchemaError(f"{path.name} is niet te lezen: {error}") from error
    if not isinstance(records, list):
        raise SchemaError(f"{path.name}: hier hoort een lijst van records te staan.")
    return records


def _edges(path: Path) -> list[Edge]:
    """One row for each source of an edge."""
    try:
        return _read_edges(path)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SchemaError(f"{path.name} is niet te lezen: {error}") from error


def _read_edges(path: Path) -> list[Edge]:
    sources: dict[tuple[str, str], list[Source]] = {}
    with open(path, encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if rows.fieldnames != EDGE_COLUMNS:
            raise SchemaError(f"{path.name}: de kolommen moeten zijn: {', '.join(EDGE_COLUMNS)}.")
        for row in rows:
            if None in row or None in row.values():
                raise SchemaError(
                    f"{path.name}, regel {rows.line_num}: deze rij heeft niet precies {len(EDGE_COLUMNS)} velden."
                )
            pair = row.pop("source"), row.pop("target")
            sources.setdefault(pair, []).append(Source(**row))
    return [Edge(path.stem, *pair, tuple(found)) for pair, found in sources.items()]
