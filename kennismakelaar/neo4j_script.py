"""The graph as a Cypher script, and as the files that neo4j-admin imports."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby

from kennismakelaar.model import Edge, Node, Value
from kennismakelaar.neo4j_rows import edge_properties, labels, name_of, node_properties, quoted, types
from kennismakelaar.neo4j_setup import COUNT_UP, ENTITY, statements

ESCAPES = str.maketrans({"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\u0000"})
SEPARATOR = "\x1f"
"""Between the items of a list: a character that no text has."""
OPTIONS = ("--multiline-fields=true", "--array-delimiter=U+001F", "--id-type=string")
"""How neo4j-admin must read the files."""
COLUMN_TYPES = {str: "string", bool: "boolean", int: "long", float: "double", list: "string[]"}


def script(nodes: Iterable[Node], edges: Iterable[Edge]) -> Iterator[str]:
    """Statements, one a line, that may be run again; the last one tells running websites that something changed."""
    yield f"{statements({})['entity_id']};\n"
    yield from (_node_statement(node) for node in nodes)
    yield from (_edge_statement(edge) for edge in edges)
    yield f"{COUNT_UP};\n"


def _node_statement(node: Node) -> str:
    label, values = name_of(labels(), node.kind), _literal(node_properties(node))
    return f"MERGE (n:{ENTITY} {{id: {_literal(node.id)}}}) SET n:{label}, n = {values};\n"


def _edge_statement(edge: Edge) -> str:
    ends = f"(a:{ENTITY} {{id: {_literal(edge.source)}}}), (b:{ENTITY} {{id: {_literal(edge.target)}}})"
    values = _literal(edge_properties(edge))
    return f"MATCH {ends} MERGE (a)-[r:{name_of(types(), edge.kind)}]->(b) SET r = {values};\n"


def _literal(value: object) -> str:
    """A value as Cypher text; strings stay on one line, and keys in one order, so that a graph has one script."""
    match value:
        case dict():
            return "{" + ", ".join(f"{quoted(key)}: {_literal(item)}" for key, item in sorted(value.items())) + "}"
        case list():
            return "[" + ", ".join(_literal(item) for item in value) + "]"
        case str():
            return "'" + value.translate(ESCAPES) + "'"
        case bool():
            return str(value).lower()
    return repr(value)


@dataclass
class Table:
    """One file: rows whose values fit the same columns."""

    columns: dict[str, type] = field(default_factory=dict)
    rows: list[Mapping[str, object]] = field(default_factory=list)

    def fits(self, row: Mapping[str, object]) -> bool:
        """A column of neo4j-admin has one type, and ours may hold 3 as well as 3.5."""
        return all(self.columns.get(key, type(value)) is type(value) for key, value in row.items())

    def lines(self) -> Iterator[str]:
        """The header and the rows; a column with a colon in its name has a meaning of its own."""
        headers = (key if ":" in key else f"{key}:{COLUMN_TYPES[type]}" for key, type in self.columns.items())
        yield ",".join(headers) + "\n"
        for row in self.rows:
            yield ",".join(_cell(row.get(key)) for key in self.columns) + "\n"


def _tables(rows: Iterable[Mapping[str, object]]) -> list[Table]:
    """As few files as the types of the values allow: nearly always one."""
    made: list[Table] = []
    for row in rows:
        table = next((table for table in made if table.fits(row)), None)
        if table is None:
            made.append(table := Table())
        table.columns |= {key: type(value) for key, value in row.items()}
        table.rows.append(row)
    return made


def _cell(value: object) -> str:
    """Nothing at all is an absent value; an empty text has quotation marks."""
    if value is None:
        return ""
    if isinstance(value, (int, float)):
        return str(value).lower() if isinstance(value, bool) else repr(value)
    text = SEPARATOR.join(value) if isinstance(value, list) else str(value)
    return '"' + text.replace('"', '""') + '"'


def admin_files(nodes: Iterable[Node], edges: Iterable[Edge]) -> Iterator[tuple[str, Iterator[str]]]:
    """Names and lines of nodes-KIND.csv and edges-KIND.csv; last of the file with the options for neo4j-admin."""
    options = list(OPTIONS)
    for kind, of_kind in groupby(sorted(nodes, key=_kind), _kind):
        for name, table in _named(f"nodes-{kind}", (_node_row(node) for node in of_kind)):
            options.append(f"--nodes={ENTITY}:{name_of(labels(), kind)}={name}")
            yield name, table.lines()
    for kind, of_type in groupby(sorted(edges, key=_kind), _kind):
        for name, table in _named(f"edges-{kind}", (_edge_row(edge) for edge in of_type)):
            options.append(f"--relationships={name_of(types(), kind)}={name}")
            yield name, table.lines()
    yield "import.args", (f"{option}\n" for option in options)


def _named(stem: str, rows: Iterable[Mapping[str, object]]) -> Iterator[tuple[str, Table]]:
    for number, table in enumerate(_tables(rows), 1):
        yield f"{stem}.csv" if number == 1 else f"{stem}-{number}.csv", table


def _kind(thing: Node | Edge) -> str:
    return thing.kind


def _node_row(node: Node) -> dict[str, object]:
    values = node_properties(replace(node, properties=_filled(node.properties)))
    return {"id:ID": values.pop("id")} | values


def _edge_row(edge: Edge) -> dict[str, object]:
    values = edge_properties(replace(edge, properties=_filled(edge.properties)))
    return {":START_ID": edge.source, ":END_ID": edge.target} | values


def _filled(properties: Mapping[str, Value]) -> dict[str, Value]:
    """Without empty lists: neo4j-admin makes no property of those."""
    return {key: value for key, value in properties.items() if value not in ((), ("",))}
