"""A research package: views of the graph in every format, with all that a reader of a paper needs beside them."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from kennismakelaar import neo4j_script
from kennismakelaar.config import Settings
from kennismakelaar.errors import Refused
from kennismakelaar.language import gettext as _
from kennismakelaar.network import catalogue, codebook, formats
from kennismakelaar.network import folder as folders
from kennismakelaar.network.catalogue import Facts, Shown
from kennismakelaar.network.codebook import Entry, Figure
from kennismakelaar.network.folder import Folder
from kennismakelaar.network.frames import Frame, frame
from kennismakelaar.network.measures import Measured, measure, measures
from kennismakelaar.network.projections import project
from kennismakelaar.network.published import Published, read
from kennismakelaar.network.views import views
from kennismakelaar.paths import SEED_DATA
from kennismakelaar.store import Store

FULL = "full"
"""The view that is the graph itself; only that can be loaded into Neo4j."""


class Pack:
    """The files of a package, and of its tables what the columns hold."""

    def __init__(self, folder: Folder) -> None:
        """Nothing is written yet."""
        self.folder = folder
        self.tables: dict[str, Sequence[Entry]] = {}

    def write(self, name: str, lines: Iterable[str]) -> None:
        """A file."""
        self.folder.write(name, lines)

    def table(self, name: str, lines: Iterable[str], entries: Iterable[Entry]) -> None:
        """A table, with an entry for each column."""
        self.folder.write(name, lines)
        self.tables[name] = list(entries)


def write(
    folder: Path, store: Store, settings: Settings, chosen: Sequence[str] = (), with_persons: bool = False
) -> Facts:
    """The package in a folder that is new or empty; nothing at all where something goes wrong.

    Without a choice all views that something stands in, apart from the one around a single record. People are under
    pseudonyms unless asked. The same graph gives the same bytes: there is no date but that of the data. Refused where
    the folder is not empty or cannot be written, a view does not exist or is empty; Conflict where the graph changed.
    """
    folders.refuse_full(folder)
    graph = read(store, with_persons)
    frames, empty = _frames(graph, chosen)
    with folders.beside(folder) as place:
        made = Pack(place)
        shown = [_write_view(made, each) for each in frames]
        if any(each.view == FULL for each in frames):
            _write_neo4j(made, graph)
        who = (settings.publisher_name, settings.contact_mail, settings.address)
        facts = Facts(graph.number, graph.last_day, with_persons, shown, empty, *who)
        _write_about(made, facts)
    return facts


def _frames(graph: Published, chosen: Sequence[str]) -> tuple[list[Frame], list[str]]:
    """The views to write, and the names of those that are empty; Refused where nothing is left."""
    if chosen:
        return [frame(project(view, graph)) for view in dict.fromkeys(chosen)], []
    if not graph.records:
        raise Refused(_("In de graaf staat nog niets. Vul hem eerst: kennismakelaar init."))
    frames, empty = [], []
    for view in views().values():
        if view.needs_around:
            continue
        if any(node.kind in view.kinds for node in graph.records):
            frames.append(frame(project(view.name, graph)))
        else:
            empty.append(view.name)
    return frames, empty


def _write_view(made: Pack, each: Frame) -> Shown:
    name = each.view
    made.write(f"{name}/{name}.gexf", formats.gexf(each))
    made.write(f"{name}/{name}.graphml", formats.graphml(each))
    made.write(f"{name}/{name}.net", formats.pajek(each))
    made.write(f"{name}/{name}-kind.clu", formats.partition(each))
    made.write(f"{name}/{name}.json", formats.node_link(each))
    nodes, edges = f"{name}/nodes.csv", f"{name}/edges.csv"
    made.table(nodes, formats.node_table(each), codebook.of_nodes(each, nodes))
    made.table(edges, formats.edge_table(each), codebook.of_edges(each, edges))
    figures = _write_measures(made, each)
    return Shown(name, each.graph.graph["label"], len(each.graph), each.graph.number_of_edges(), figures)


def _write_measures(made: Pack, each: Frame) -> tuple[Figure, ...]:
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
    made.table(file, lines, codebook.of_measures(taken["node"], file))
    pairs = sorted({pair for found in taken["edge"].values() for pair in _values(found)})
    if pairs:
        file = f"{each.view}/pairs.csv"
        lines = formats.table(_rows(["source", "target"], pairs, taken["edge"]))
        made.table(file, lines, codebook.of_pairs(taken["edge"], file))
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


def _write_neo4j(made: Pack, graph: Published) -> None:
    made.write("neo4j/graph.cypher", neo4j_script.script(graph.records, graph.relations))
    for name, lines in neo4j_script.admin_files(graph.records, graph.relations):
        made.write(f"neo4j/{name}", lines)


def _write_about(made: Pack, facts: Facts) -> None:
    figures = [figure for view in facts.views for figure in view.figures]
    entries = [entry for columns in made.tables.values() for entry in columns]
    schemas = {name: codebook.schema_of(columns) for name, columns in made.tables.items()}
    made.write("measures.csv", formats.table(codebook.measure_table(figures)))
    made.write("codebook.csv", formats.table([codebook.HEADER, *(entry.row() for entry in entries)]))
    made.write("codebook.md", codebook.markdown(entries, codebook.code_lists()))
    made.write("code_lists.csv", formats.table(codebook.code_lists()))
    made.write("LICENSE", [(SEED_DATA / "LICENSE").read_text("utf-8")])
    made.write("README.md", [catalogue.read_first(facts)])
    files = list(made.folder.files)
    made.write("datapackage.json", _json(catalogue.data_package(facts, files, schemas)))
    made.write("dcat.jsonld", _json(catalogue.record(facts, files)))
    ordered = sorted(made.folder.files, key=lambda file: file.path)
    made.write("SHA256SUMS", [f"{file.sha256}  {file.path}\n" for file in ordered])


def _json(content: Mapping[str, Any]) -> Iterator[str]:
    yield json.dumps(content, ensure_ascii=False, indent=1) + "\n"
