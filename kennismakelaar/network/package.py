"""A research package: views of the graph in every format, with all that a reader of a paper needs beside them."""

import errno
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kennismakelaar import neo4j_script
from kennismakelaar.config import Settings
from kennismakelaar.errors import Conflict, NotFound, Refused
from kennismakelaar.model import Change, Edge, Node, Record
from kennismakelaar.network import catalogue, codebook, formats, pseudonyms
from kennismakelaar.network.catalogue import Facts, File, Shown
from kennismakelaar.network.codebook import Entry, Figure
from kennismakelaar.network.frames import Frame, frame
from kennismakelaar.network.measures import Measured, measure, measures
from kennismakelaar.network.projections import project
from kennismakelaar.network.views import views
from kennismakelaar.paths import SEED_DATA
from kennismakelaar.store import RecordStore, Store

KEY = ("research", "pseudonym-key")
"""Kind and id of the record that holds the secret behind pseudonyms."""
FULL = "full"
"""The view that is the graph itself; only that can be loaded into Neo4j."""
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True)
class Published:
    """A graph as it leaves the house, in memory."""

    records: tuple[Node, ...]
    relations: tuple[Edge, ...]
    number: int

    def nodes(self) -> Iterator[Node]:
        """See Readable."""
        return iter(self.records)

    def edges(self) -> Iterator[Edge]:
        """See Readable."""
        return iter(self.relations)

    def revision(self) -> int:
        """See Readable."""
        return self.number


class Folder:
    """The files that were written so far; `described` gives tables their columns."""

    def __init__(self, path: Path) -> None:
        """The folder is there and empty."""
        self.path = path
        self.files: list[File] = []
        self.entries: list[Entry] = []

    def write(self, name: str, lines: Iterable[str], entries: Sequence[Entry] = ()) -> None:
        """A file, or a table with the entries of its columns; on the disk when this returns."""
        path, digest, size = self.path / name, hashlib.sha256(), 0
        path.parent.mkdir(exist_ok=True)
        with open(path, "wb") as file:
            for line in lines:
                data = line.encode()
                size += file.write(data)
                digest.update(data)
            file.flush()
            os.fsync(file.fileno())
        schema = codebook.schema_of(entries) if entries else None
        self.files.append(File(name, size, digest.hexdigest(), schema))
        self.entries += entries


def write(
    folder: Path, store: Store, settings: Settings, chosen: Sequence[str] = (), with_persons: bool = False
) -> Facts:
    """The package in a folder that is new or empty; nothing at all where something goes wrong.

    Without a choice all views that something stands in, apart from the one around a single record. People are under
    pseudonyms unless asked. The same graph gives the same bytes: there is no date but that of the data. Refused where
    the folder is not empty or cannot be written, a view does not exist or is empty; Conflict where the graph changed.
    """
    _refuse_full(folder)
    graph = read(store, with_persons)
    frames, empty = _frames(graph, chosen)
    with _beside(folder) as made:
        shown = [_write_view(made, each) for each in frames]
        if any(each.view == FULL for each in frames):
            _write_neo4j(made, graph)
        facts = Facts(graph.number, _last_day(graph), with_persons, shown, empty, **catalogue.publisher(settings))
        _write_about(made, facts)
    return facts


def read(store: Store, with_persons: bool = False) -> Published:
    """The graph as it may leave the house."""
    secret = b"" if with_persons else _secret(store)
    revision = store.revision()
    nodes, edges = list(store.nodes()), list(store.edges())
    if store.revision() != revision:
        raise Conflict("De graaf veranderde terwijl hij werd gelezen. Doe het nog eens.")
    if with_persons:
        return Published(tuple(nodes), tuple(edges), revision)
    return Published(*pseudonyms.published(nodes, edges, pseudonyms.make(nodes, edges, secret)), revision)


def _secret(store: RecordStore) -> bytes:
    """Made at the first package and kept with the papers of the desk, so that nobody can work out who is who."""
    try:
        kept = store.record(*KEY)
    except NotFound:
        kept = Record(*KEY, {"secret": secrets.token_hex(32)})
        store.write(Change(records=[kept]))
    return bytes.fromhex(kept.body["secret"])


def _refuse_full(folder: Path) -> None:
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise Refused(f"{folder} is niet leeg. Kies een nieuwe of lege map; er wordt niets overschreven.")
    except OSError as error:
        raise _translated(folder, error) from error


def _translated(folder: Path, error: OSError) -> Refused:
    if error.errno in NO_ROOM:
        return Refused(
            f"Er is geen ruimte genoeg voor {folder}. Er is niets bewaard. Maak ruimte of kies een andere schijf."
        )
    return Refused(f"{folder} is niet te schrijven: {error.strerror}. Er is niets bewaard. Kies een andere map.")


@contextmanager
def _beside(folder: Path) -> Iterator[Folder]:
    """A folder beside the one that is wanted, which takes its place when all went well, and else goes."""
    half = folder.absolute().with_name(f".{folder.absolute().name}.{os.getpid()}")
    try:
        half.mkdir(parents=True)
        yield Folder(half)
        half.rename(folder)
    except OSError as error:
        raise _translated(folder, error) from error
    finally:
        shutil.rmtree(half, ignore_errors=True)


def _frames(graph: Published, chosen: Sequence[str]) -> tuple[list[Frame], list[str]]:
    """The views to write, and the names of those that are empty; Refused where nothing is left."""
    if chosen:
        return [frame(project(view, graph)) for view in dict.fromkeys(chosen)], []
    if not graph.records:
        raise Refused("In de graaf staat nog niets. Vul hem eerst: kennismakelaar init.")
    frames, empty = [], []
    for view in views().values():
        if view.needs_around:
            continue
        if any(node.kind in view.kinds for node in graph.records):
            frames.append(frame(project(view.name, graph)))
        else:
            empty.append(view.name)
    return frames, empty


def _write_view(made: Folder, each: Frame) -> Shown:
    name = each.view
    made.write(f"{name}/{name}.gexf", formats.gexf(each))
    made.write(f"{name}/{name}.graphml", formats.graphml(each))
    made.write(f"{name}/{name}.net", formats.pajek(each))
    made.write(f"{name}/{name}-kind.clu", formats.partition(each))
    made.write(f"{name}/{name}.json", formats.node_link(each))
    nodes, edges = f"{name}/nodes.csv", f"{name}/edges.csv"
    made.write(nodes, formats.node_table(each), list(codebook.of_nodes(each, nodes)))
    made.write(edges, formats.edge_table(each), list(codebook.of_edges(each, edges)))
    figures = _write_measures(made, each)
    return Shown(name, each.graph.graph["label"], len(each.graph), each.graph.number_of_edges(), figures)


def _write_measures(made: Folder, each: Frame) -> tuple[Figure, ...]:
    """Tables with the measures of nodes and of pairs; what was taken, and what could not be, of the whole view."""
    taken: dict[str, dict[str, Measured]] = {"node": {}, "edge": {}, "graph": {}}
    figures = []
    for name, known in measures().items():
        try:
            found = measure(each.graph, name)
        except Refused as error:
            figures.append(Figure(each.view, name, "", {}, None, str(error), ""))
            continue
        taken[known.scope][name] = found
        value = codebook.figure(found.values) if isinstance(found.values, float) else ""
        figures.append(Figure(each.view, name, value, found.parameters, found.exact, found.note, found.note_en))
    file = f"{each.view}/measures.csv"
    lines = formats.table(_rows(["id"], sorted(each.graph), taken["node"]))
    made.write(file, lines, list(codebook.of_measures(taken["node"], file)))
    pairs = sorted({pair for found in taken["edge"].values() for pair in _values(found)})
    if pairs:
        file = f"{each.view}/pairs.csv"
        lines = formats.table(_rows(["source", "target"], pairs, taken["edge"]))
        made.write(file, lines, list(codebook.of_pairs(taken["edge"], file)))
    return tuple(figures)


def _values(found: Measured) -> Mapping[Any, float]:
    assert isinstance(found.values, dict)
    return found.values


def _rows(head: list[str], keys: Iterable[Any], taken: Mapping[str, Measured]) -> Iterator[list[str]]:
    yield [*head, *taken]
    values = [_values(found) for found in taken.values()]
    for key in keys:
        start = list(key) if isinstance(key, tuple) else [key]
        yield [*start, *(codebook.figure(column[key]) if key in column else "" for column in values)]


def _write_neo4j(made: Folder, graph: Published) -> None:
    made.write("neo4j/graph.cypher", neo4j_script.script(graph.records, graph.relations))
    for name, lines in neo4j_script.admin_files(graph.records, graph.relations):
        made.write(f"neo4j/{name}", lines)


def _write_about(made: Folder, facts: Facts) -> None:
    figures = [figure for view in facts.views for figure in view.figures]
    made.write("measures.csv", formats.table(codebook.measure_table(figures)))
    made.write("codebook.csv", formats.table([codebook.HEADER, *(entry.row() for entry in made.entries)]))
    made.write("codebook.md", codebook.markdown(made.entries, codebook.code_lists()))
    made.write("code_lists.csv", formats.table(codebook.code_lists()))
    made.write("LICENSE", [(SEED_DATA / "LICENSE").read_text("utf-8")])
    made.write("README.md", [catalogue.read_first(facts, "neo4j/graph.cypher" in {f.path for f in made.files})])
    data = list(made.files)
    made.write("datapackage.json", _json(catalogue.data_package(facts, data)))
    made.write("dcat.jsonld", _json(catalogue.record(facts, data)))
    made.write("SHA256SUMS", [f"{file.sha256}  {file.path}\n" for file in sorted(made.files, key=lambda f: f.path)])


def _json(content: Mapping[str, Any]) -> Iterator[str]:
    yield json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _last_day(graph: Published) -> str:
    return max((str(node.properties.get("verified_on", "")) for node in graph.records), default="")
