"""What a researcher takes along: every format keeps every node, tie and attribute, and two runs give the same bytes."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import igraph
import networkx as nx
import pandas as pd
import pytest

from kennismakelaar.network import formats
from kennismakelaar.network.frames import Column, Frame, column_name, frame
from kennismakelaar.paths import ROOT
from kennismakelaar.schema import schema

ODD = "'een' \"twee\" <b>&amp; \\n \\ \t tab\nregel\r\nterug\rkaal ; | , é 🌻 \u200d "
WORDS = {"id": "a", "label": "b", "pid": "c", "id_": "d", "key": "e", "for": "f", "x": "g", "source": "h", "type": "i"}
LISTS = [["een", "twee, drie", '"vier"', "", "]", "vijf\nzes", "\\", " zeven "], [], ["null"], [""]]


def nasty(kind: type["nx.Graph[str]"]) -> "nx.Graph[str]":
    """Every attribute that could get lost, on nodes and on ties, and nodes without ties."""
    graph = kind(view="full", label={"nl": "het hele netwerk", "en": "the whole network"}, revision=7, scope={})
    graph.add_node("a", kind="theme", name=ODD, aliases=LISTS[0], sources=[], **WORDS)
    graph.add_node("b", kind="person", name="NA", aliases=[], note="", start=2012, value=3, start_=None)
    graph.add_node("c", kind="place", name='""', aliases=LISTS[2], value=1e-7, end=2**40, odd={"a": [1, None]})
    graph.add_node("zonder-band", kind="theme", name='"', aliases=LISTS[3], start=-1, good=True, odd=3)
    graph.add_node("0012", kind="theme", name="null", note=" ", value=-0.5, good=False, nul="a\0b\x1f")
    graph.add_edge("a", "b", kind="about", weight=0.5, through=["c"], note=ODD, **{"id": "x", "label": "y", "key": "z"})
    graph.add_edge("b", "c", kind="related", weight=1.0, through=[], note="")
    graph.add_edge("c", "0012", kind="related", weight=2, since=1999)
    if graph.is_multigraph():
        graph.add_edge("a", "b", key="cites", kind="cites", weight=1.0, since=2.5, source_="bron", target="t")
    return graph


@pytest.fixture(params=[nx.Graph, nx.DiGraph, nx.MultiDiGraph], ids=["graph", "digraph", "multidigraph"])
def sample(request: pytest.FixtureRequest) -> Frame:
    return frame(nasty(request.param))


def content(frame: Frame) -> dict[str, Any]:
    """Nodes and ties as any program should find them, under the names of the columns."""
    nodes = {id: _expected(frame.node_columns, values) for id, values in frame.nodes()}
    ties = [(a, b, _expected(frame.edge_columns, values)) for a, b, values in frame.edges()]
    return {"directed": frame.graph.is_directed(), "nodes": nodes, "ties": ties}


def _expected(columns: tuple[Column, ...], values: Any) -> dict[str, Any]:
    return {c.name: _without_controls(values[c.attribute]) for c in columns if values.get(c.attribute) is not None}


def _without_controls(value: Any) -> Any:
    return value.replace("\0", "\ufffd").replace("\x1f", "\ufffd") if isinstance(value, str) else value


def found(
    directed: bool, nodes: dict[str, dict[str, Any]], ties: list[tuple[str, str, dict[str, Any]]]
) -> dict[str, Any]:
    ordered = ties if directed else [(min(a, b), max(a, b), values) for a, b, values in ties]
    return {
        "directed": directed,
        "nodes": dict(sorted(nodes.items())),
        "ties": sorted(ordered, key=lambda tie: (tie[0], tie[1], tie[2]["kind"])),
    }


def plain(columns: tuple[Column, ...], row: dict[str, Any]) -> dict[str, Any]:
    """A row as a program read it, with lists out of their JSON and empty texts out of their quotation marks."""
    types = {column.name: column.type for column in columns}
    made = {}
    for name, value in row.items():
        if name not in types or value is None or value == "" or value != value:
            continue
        match types[name]:
            case "texts" | "json" if isinstance(value, str):
                value = json.loads(value, strict=False)
            case "text" if not value.strip('"'):
                value = value[1:-1]
            case "integer":
                value = int(value)
            case "number":
                value = float(value)
            case "boolean" if isinstance(value, str):
                value = value == "true"
        made[name] = value
    return made


def with_networkx(sample: Frame, graph: "nx.Graph[str]") -> dict[str, Any]:
    nodes = {id: plain(sample.node_columns, values) for id, values in graph.nodes(data=True)}
    ties = [(a, b, plain(sample.edge_columns, values)) for a, b, values in graph.edges(data=True)]
    return found(graph.is_directed(), nodes, ties)


def written(tmp_path: Path, name: str, lines: Iterator[str]) -> Path:
    path = tmp_path / name
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.writelines(lines)
    return path


def test_networkx_reads_the_gexf_without_a_difference(sample: Frame, tmp_path: Path) -> None:
    path = written(tmp_path, "a.gexf", formats.gexf(sample))
    assert with_networkx(sample, nx.read_gexf(path)) == content(sample)


def test_networkx_reads_the_graphml_without_a_difference(sample: Frame, tmp_path: Path) -> None:
    path = written(tmp_path, "a.graphml", formats.graphml(sample))
    read = nx.read_graphml(path, force_multigraph=sample.graph.is_multigraph())
    assert with_networkx(sample, read) == content(sample)


def test_igraph_reads_the_graphml_without_a_difference(sample: Frame, tmp_path: Path) -> None:
    path = written(tmp_path, "a.graphml", formats.graphml(sample))
    read = igraph.Graph.Read_GraphML(str(path))
    ids = read.vs["id"]
    nodes = {v["id"]: plain(sample.node_columns, v.attributes()) for v in read.vs}
    ties = [(ids[e.source], ids[e.target], plain(sample.edge_columns, e.attributes())) for e in read.es]
    assert found(read.is_directed(), nodes, ties) == content(sample)


def test_networkx_reads_the_json_without_a_difference(sample: Frame, tmp_path: Path) -> None:
    data = json.loads("".join(formats.node_link(sample)))
    read = nx.node_link_graph(data, edges="edges")
    assert type(read) is type(sample.graph)
    nodes, ties = dict(read.nodes(data=True)), list(read.edges(data=True))
    assert found(read.is_directed(), nodes, ties) == content(sample)
    assert read.graph == sample.graph.graph


def test_pandas_reads_the_tables_without_a_difference(sample: Frame, tmp_path: Path) -> None:
    nodes, edges = (
        pd.read_csv(written(tmp_path, name, lines), dtype=str, keep_default_na=False).to_dict("records")
        for name, lines in (("n.csv", formats.node_table(sample)), ("e.csv", formats.edge_table(sample)))
    )
    read = {row["id"]: plain(sample.node_columns, row) for row in nodes}
    ties = [(row["source"], row["target"], plain(sample.edge_columns, row)) for row in edges]
    assert found(sample.graph.is_directed(), read, ties) == content(sample)


@pytest.mark.parametrize("view", ["graph", "multidigraph"])
def test_networkx_and_igraph_read_ids_weights_and_kinds_of_the_pajek_file(view: str, tmp_path: Path) -> None:
    sample = frame(nasty({"graph": nx.Graph, "multidigraph": nx.MultiDiGraph}[view]))
    path = written(tmp_path, "a.net", formats.pajek(sample))
    ties = [(a, b, float(values["weight"]), values["kind"]) for a, b, values in sample.edges()]
    read = nx.read_pajek(path)
    assert list(read) == sorted(sample.graph)
    assert read.is_directed() == sample.graph.is_directed()
    assert sorted((a, b, values["weight"], values["l"]) for a, b, values in read.edges(data=True)) == sorted(ties)
    other = igraph.Graph.Read_Pajek(str(path))
    assert other.vs["name"] == sorted(sample.graph)
    assert sorted((other.vs[e.source]["name"], other.vs[e.target]["name"], e["weight"]) for e in other.es) == sorted(
        tie[:3] for tie in ties
    )


def test_the_pajek_partition_has_the_number_of_each_kind(sample: Frame) -> None:
    kinds = list(schema().nodes)
    expected = [kinds.index(values["kind"]) + 1 for _, values in sample.nodes()]
    assert "".join(formats.partition(sample)).split() == ["*Vertices", "5", *map(str, expected)]


def test_a_name_that_is_kept_for_something_else_gets_an_underscore_that_can_be_taken_off() -> None:
    names = ["id", "id_", "id__", "identity", "label", "start"]
    assert [column_name(name, ("id", "label")) for name in names] == [
        "id_",
        "id__",
        "id___",
        "identity",
        "label_",
        "start",
    ]


def test_the_gexf_follows_the_rules_of_version_1_3(sample: Frame) -> None:
    """https://gexf.net/1.3/gexf.xsd: elements, their order, and the types of attributes."""
    root = ElementTree.fromstring("".join(formats.gexf(sample)))
    allowed = {
        "gexf": ({"version"}, ["meta", "graph"]),
        "meta": ({"lastmodifieddate"}, ["creator", "description"]),
        "creator": (set(), []),
        "description": (set(), []),
        "graph": ({"defaultedgetype", "mode", "idtype"}, ["attributes", "attributes", "nodes", "edges"]),
        "attributes": ({"class", "mode"}, ["attribute"]),
        "attribute": ({"id", "title", "type"}, []),
        "nodes": (set(), ["node"]),
        "node": ({"id", "label"}, ["attvalues"]),
        "edges": (set(), ["edge"]),
        "edge": ({"id", "source", "target", "kind", "weight"}, ["attvalues"]),
        "attvalues": (set(), ["attvalue"]),
        "attvalue": ({"for", "value"}, []),
    }
    for element in root.iter():
        assert element.tag.startswith("{http://gexf.net/1.3}")
        attributes, children = allowed[element.tag.partition("}")[2]]
        assert set(element.attrib) <= attributes
        assert {child.tag.partition("}")[2] for child in element} <= set(children)
    assert {e.get("type") for e in root.iter("{http://gexf.net/1.3}attribute")} <= {
        "string", "liststring", "long", "double", "boolean"
    }  # fmt: skip


# Gephi itself


@pytest.fixture(scope="session")
def gephi() -> Callable[..., list[dict[str, Any]]]:
    """Opens files in Gephi and gives what Gephi then has; installed once."""
    subprocess.run([ROOT / "tests" / "install", "gephi"], check=True)
    (jar,) = (ROOT / ".cache" / "gephi").glob("*.jar")
    program = ROOT / "tests" / "gephi" / "Opened.java"

    def opened(*files: Path) -> list[dict[str, Any]]:
        options = ["-Djava.awt.headless=true", "-XX:TieredStopAtLevel=1", "-cp", str(jar)]
        java = ["java", *options, str(program), *map(str, files)]
        done = subprocess.run(java, capture_output=True, encoding="utf-8", check=False)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    return opened


def as_gephi_has_it(content: dict[str, Any]) -> dict[str, Any]:
    """Gephi takes the word null, and an empty text in a list, for nothing."""
    for id, values in content["nodes"].items():
        there = {name: value for name, value in values.items() if value != "null"}
        lists = {name: value for name, value in there.items() if isinstance(value, list)}
        emptied = {name: [None if item in ("", "null") else item for item in items] for name, items in lists.items()}
        content["nodes"][id] = there | emptied
    return content


def test_gephi_itself_opens_the_gexf_without_a_difference(
    gephi: Callable[..., list[dict[str, Any]]], tmp_path: Path
) -> None:
    samples = [frame(nasty(kind)) for kind in (nx.Graph, nx.DiGraph, nx.MultiDiGraph)]
    paths = [written(tmp_path, f"{n}.gexf", formats.gexf(sample)) for n, sample in enumerate(samples)]
    for sample, read in zip(samples, gephi(*paths), strict=True):
        assert read["issues"] == []
        nodes = {node["id"]: plain(sample.node_columns, node["values"]) for node in read["nodes"]}
        ties = [
            (e["source"], e["target"], plain(sample.edge_columns, {**e["values"], "weight": e["weight"]}))
            for e in read["edges"]
        ]
        assert found(read["directed"], nodes, ties) == as_gephi_has_it(content(sample))
        assert {node["id"]: node["label"] for node in read["nodes"]} == {
            id: values["name"] for id, values in sample.nodes()
        }
