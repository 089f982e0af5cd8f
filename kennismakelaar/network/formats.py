"""A graph in the formats of programs for network analysis, as lines of text, the same each time."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from kennismakelaar.network.frames import Attributes, Column, Frame, cell, clean, cleaned, values
from kennismakelaar.schema import schema
from kennismakelaar.text import guarded

GEXF_TYPES = {"text": "string", "texts": "liststring", "json": "string", "integer": "long", "number": "double"}
GRAPHML_TYPES = {"integer": "long", "number": "double"}
"""The rest is a string, also true and false: igraph takes an absent boolean for false."""
XML = '<?xml version="1.0" encoding="UTF-8"?>\n'


def gexf(frame: Frame) -> Iterator[str]:
    """GEXF 1.3 (https://gexf.net). The kind of an edge is also its `kind` there, so that Gephi keeps parallel edges."""
    direction = "directed" if frame.graph.is_directed() else "undirected"
    yield XML
    yield '<gexf xmlns="http://gexf.net/1.3" version="1.3">\n'
    yield f"<meta><creator>Kennismakelaar</creator><description>{escape(_about(frame))}</description></meta>\n"
    yield f'<graph defaultedgetype="{direction}" mode="static" idtype="string">\n'
    for place, columns in (("node", frame.node_columns), ("edge", _unweighted(frame.edge_columns))):
        yield from _gexf_attributes(place, columns)
    yield "<nodes>\n"
    for id, attributes in frame.nodes():
        known = f"id={quoteattr(clean(id))} label={quoteattr(clean(str(attributes.get('name') or id)))}"
        yield f"<node {known}>{_gexf_values('n', frame.node_columns, attributes)}</node>\n"
    yield "</nodes>\n<edges>\n"
    for number, (source, target, attributes) in enumerate(frame.edges()):
        ends = f"source={quoteattr(clean(source))} target={quoteattr(clean(target))}"
        kind = clean(str(attributes.get("kind") or "tie"))
        known = f'id="e{number}" {ends} kind={quoteattr(kind)} weight="{float(attributes.get("weight", 1.0))!r}"'
        yield f"<edge {known}>{_gexf_values('e', _unweighted(frame.edge_columns), attributes)}</edge>\n"
    yield "</edges>\n</graph>\n</gexf>\n"


def _about(frame: Frame) -> str:
    label = frame.graph.graph.get("label", {})
    return clean(": ".join((frame.view, str(label.get("nl", "")))))


def _unweighted(columns: Iterable[Column]) -> tuple[Column, ...]:
    """A weight has a place of its own in GEXF and Pajek."""
    return tuple(column for column in columns if column.name != "weight")


def _gexf_attributes(place: str, columns: Sequence[Column]) -> Iterator[str]:
    if columns:
        yield f'<attributes class="{place}" mode="static">\n'
        for number, column in enumerate(columns):
            kind = GEXF_TYPES.get(column.type, column.type)
            yield f'<attribute id="{place[0]}{number}" title={quoteattr(clean(column.name))} type="{kind}"/>\n'
        yield "</attributes>\n"


def _gexf_values(place: str, columns: Sequence[Column], attributes: Attributes) -> str:
    numbers = {column: number for number, column in enumerate(columns)}
    found = [
        f'<attvalue for="{place}{numbers[column]}" value={quoteattr(_gexf_cell(column, value))}/>'
        for column, value in values(columns, attributes)
    ]
    return f"<attvalues>{''.join(found)}</attvalues>" if found else ""


def _gexf_cell(column: Column, value: Any) -> str:
    """Gephi reads lists as JSON without escaped control characters, so those stand as they are."""
    if column.type != "texts":
        return cell(column, value)
    items = (clean(item).replace("\\", "\\\\").replace('"', '\\"') for item in value)
    return "[" + ", ".join(f'"{item}"' for item in items) + "]"


def graphml(frame: Frame) -> Iterator[str]:
    """GraphML (Brandes et al., 2002), which has no lists: those are JSON arrays."""
    yield XML
    yield '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
    for place, columns in (("node", frame.node_columns), ("edge", frame.edge_columns)):
        for number, column in enumerate(columns):
            name, kind = quoteattr(clean(column.name)), GRAPHML_TYPES.get(column.type, "string")
            yield f'<key id="{place[0]}{number}" for="{place}" attr.name={name} attr.type="{kind}"/>\n'
    direction = "directed" if frame.graph.is_directed() else "undirected"
    yield f'<graph id={quoteattr(frame.view)} edgedefault="{direction}">\n<desc>{escape(_about(frame))}</desc>\n'
    for id, attributes in frame.nodes():
        yield f"<node id={quoteattr(clean(id))}>{_graphml_values('n', frame.node_columns, attributes)}</node>\n"
    for number, (source, target, attributes) in enumerate(frame.edges()):
        ends = f"source={quoteattr(clean(source))} target={quoteattr(clean(target))}"
        yield f'<edge id="e{number}" {ends}>{_graphml_values("e", frame.edge_columns, attributes)}</edge>\n'
    yield "</graph>\n</graphml>\n"


def _graphml_values(place: str, columns: Sequence[Column], attributes: Attributes) -> str:
    numbers = {column: number for number, column in enumerate(columns)}
    return "".join(
        f'<data key="{place}{numbers[column]}">{escape(cell(column, value), {chr(13): "&#13;"})}</data>'
        for column, value in values(columns, attributes)
    )


def pajek(frame: Frame) -> Iterator[str]:
    """Pajek .net: ids, weights and kinds of tie, since it has no place for more; the same order as nodes.csv."""
    numbers = {id: number for number, (id, _) in enumerate(frame.nodes(), 1)}
    yield f"*Vertices {len(numbers)}\n"
    for id, number in numbers.items():
        yield f"{number} {_pajek_text(id)}\n"
    yield "*Arcs\n" if frame.graph.is_directed() else "*Edges\n"
    for source, target, attributes in frame.edges():
        weight, kind = float(attributes.get("weight", 1.0)), _pajek_text(str(attributes.get("kind") or "tie"))
        yield f"{numbers[source]} {numbers[target]} {weight!r} l {kind}\n"


def _pajek_text(text: str) -> str:
    """Pajek has no way to write a quotation mark in a text."""
    return '"' + " ".join(clean(text).replace('"', "'").split()) + '"'


def partition(frame: Frame) -> Iterator[str]:
    """Pajek .clu: for each vertex of the .net the number of its kind, which code_lists.csv explains; 0 is none."""
    numbers = {kind: number for number, kind in enumerate(schema().nodes, 1)}
    yield f"*Vertices {len(frame.graph)}\n"
    for _, attributes in frame.nodes():
        yield f"{numbers.get(attributes.get('kind', ''), 0)}\n"


def node_table(frame: Frame) -> Iterator[str]:
    """CSV with a header; `id` and the columns."""
    yield _line(["id", *(clean(column.name) for column in frame.node_columns)])
    for id, attributes in frame.nodes():
        yield _line([clean(id), *_cells(frame.node_columns, attributes)])


def edge_table(frame: Frame) -> Iterator[str]:
    """CSV with a header; `source`, `target` and the columns."""
    yield _line(["source", "target", *(clean(column.name) for column in frame.edge_columns)])
    for source, target, attributes in frame.edges():
        yield _line([clean(source), clean(target), *_cells(frame.edge_columns, attributes)])


def table(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """CSV of rows that are text already."""
    return (_line(row) for row in rows)


def _cells(columns: Sequence[Column], attributes: Attributes) -> list[str]:
    present = {column: cell(column, value) for column, value in values(columns, attributes)}
    return [present.get(column, "") for column in columns]


def _line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow([guarded(cell) for cell in cells])
    return line.getvalue()


def node_link(frame: Frame) -> Iterator[str]:
    """JSON that networkx.node_link_graph(data, edges="edges") reads; lists stay lists, what is absent is absent."""
    graph = frame.graph
    known = {"directed": graph.is_directed(), "multigraph": graph.is_multigraph(), "graph": cleaned(dict(graph.graph))}
    yield json.dumps(known, ensure_ascii=False, sort_keys=True)[:-1] + ',\n"nodes": ['
    rows = ({"id": clean(id)} | _row(frame.node_columns, attributes) for id, attributes in frame.nodes())
    yield from _records(rows)
    yield '],\n"edges": ['
    yield from _records(
        {"source": clean(source), "target": clean(target)}
        | ({"key": attributes.get("kind", number)} if graph.is_multigraph() else {})
        | _row(frame.edge_columns, attributes)
        for number, (source, target, attributes) in enumerate(frame.edges())
    )
    yield "]}\n"


def _row(columns: Sequence[Column], attributes: Attributes) -> dict[str, Any]:
    return {column.name: cleaned(value) for column, value in values(columns, attributes)}


def _records(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    for number, row in enumerate(rows):
        yield (",\n" if number else "\n") + json.dumps(row, ensure_ascii=False)
