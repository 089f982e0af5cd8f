"""What a researcher takes along: every format keeps every node, tie and attribute, and two runs give the same bytes."""

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from resource import RLIMIT_FSIZE, getrlimit, setrlimit
from typing import Any
from xml.etree import ElementTree

import igraph
import networkx as nx
import pandas as pd
import pytest
from click.testing import CliRunner

from kennismakelaar import seed
from kennismakelaar.cli import main
from kennismakelaar.config import Settings
from kennismakelaar.errors import Refused
from kennismakelaar.model import Edge, Node, Source
from kennismakelaar.network import formats, measures, package, pseudonyms, published
from kennismakelaar.network.frames import Column, Frame, column_name, frame
from kennismakelaar.paths import ROOT
from kennismakelaar.schema import schema
from kennismakelaar.store import Store
from kennismakelaar.store_embedded import EmbeddedStore
from kennismakelaar.store_neo4j import Neo4jStore
from tests.conftest import Server

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
def gephi(tmp_path_factory: pytest.TempPathFactory, seed_package: Path) -> dict[str, dict[str, Any]]:
    """What Gephi has when it has opened our files, in one start; Gephi is installed once."""
    subprocess.run([ROOT / "tests" / "install", "gephi"], check=True)
    (jar,) = (ROOT / ".cache" / "gephi").glob("*.jar")
    folder = tmp_path_factory.mktemp("gephi")
    files = {kind.__name__: folder / f"{kind.__name__}.gexf" for kind in (nx.Graph, nx.DiGraph, nx.MultiDiGraph)}
    for kind in (nx.Graph, nx.DiGraph, nx.MultiDiGraph):
        written(folder, f"{kind.__name__}.gexf", formats.gexf(frame(nasty(kind))))
    files |= {view: seed_package / view / f"{view}.gexf" for view in ("full", "experts")}
    options = ["-Djava.awt.headless=true", "-XX:TieredStopAtLevel=1", "-cp", str(jar)]
    java = ["java", *options, str(ROOT / "tests" / "gephi" / "Opened.java"), *map(str, files.values())]
    done = subprocess.run(java, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return dict(zip(files, map(json.loads, done.stdout.splitlines()), strict=True))


def as_gephi_has_it(content: dict[str, Any]) -> dict[str, Any]:
    """Gephi takes the word null, and an empty text in a list, for nothing."""
    for id, values in content["nodes"].items():
        there = {name: value for name, value in values.items() if value != "null"}
        lists = {name: value for name, value in there.items() if isinstance(value, list)}
        emptied = {name: [None if item in ("", "null") else item for item in items] for name, items in lists.items()}
        content["nodes"][id] = there | emptied
    return content


def test_gephi_itself_opens_the_gexf_without_a_difference(gephi: dict[str, dict[str, Any]], sample: Frame) -> None:
    read = gephi[type(sample.graph).__name__]
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


# The package

VOETNOOT = Source("samen-doen", "II.3", "stated", "voetnoot 4, Anna van der Berg", "gesproken met mevrouw Van der Berg")


def village() -> tuple[list[Node], list[Edge]]:
    """A small graph in which someone's name stands in every place where it could stand."""
    source = (Source("samen-doen", "I.1", "stated", "Winkel"),)
    nodes = [
        Node("samen-doen", "publication", "Samen doen", ("Anna van der Bergs boek",), source, {
            "summary": "Boek van A. VAN DER BERG en Li Kafka over de buurt.", "type": "boek", "year": 2013,
            "website": "https://voorbeeld.nl/boek", "situations": ("wat schreef anna van der berg?", "kafka’s proces"),
        }),
        Node("anna-van-der-berg", "person", "Anna van der Berg", ("mevrouw Van der Berg", "Berg, A. van der"), (VOETNOOT,), {
            "summary": "Anna schreef over dorpen.", "role": "schrijver uit Zonnedam", "offer": ("kennis",),
            "website": "https://annavanderberg.nl", "verified_on": "2026-01-02",
        }),
        Node("li-kafka", "person", "Li Kafka", ("Kafka",), source, {"summary": "Onderzoeker.", "domain": "markt"}),
        Node("winkel", "initiative", "Dorpswinkel 🌻", (), (VOETNOOT,), {
            "summary": "Begonnen door Kafka en de bakker.", "website": "https://winkel.nl/li-kafka", "start": 2012,
            "verified_on": "2025-03-04", "need": ("geld",), "domain": "gemeenschap", "note": "Van der Berg twijfelt.",
        }),
        Node("stichting-kafka", "organisation", "Stichting Kafka", (), source, {
            "summary": "Helpt, net als Berg, A.", "type": "maatschappelijk", "domain": "gemeenschap",
        }),
        Node("gemeente", "organisation", "Gemeente Zonnedam", (), source, {
            "summary": "Gemeente in de bergen.", "type": "gemeente", "domain": "overheid", "offer": ("geld", "regels"),
        }),
        Node("winkels", "theme", "Winkels", (), source, {"summary": "Winkels in dorpen.", "citizen_words": ("Kafka-winkel",)}),
        Node("zonnedam", "place", "Zonnedam", (), source, {"summary": "Dorp.", "place_type": "dorp"}),
        Node("hoe-dan", "knowledge_question", "Hoe begin je een winkel?", (), source, {"summary": "Vraag.", "question_status": "open"}),
    ]  # fmt: skip
    edges = [
        Edge("authored", "anna-van-der-berg", "samen-doen", (VOETNOOT,)),
        Edge("authored", "li-kafka", "samen-doen", source),
        Edge("initiated", "li-kafka", "winkel", source, {"note": "zegt Li Kafka"}),
        Edge("supports", "stichting-kafka", "winkel", source),
        Edge("supports", "gemeente", "winkel", (*source, VOETNOOT)),
        Edge("located_in", "winkel", "zonnedam", source),
        Edge("about", "winkel", "winkels", source),
        Edge("about", "gemeente", "winkels", source),
        Edge("about", "hoe-dan", "winkels", source),
    ]
    return nodes, edges


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture
def filled(store: Store) -> Store:
    store.put(*village())
    return store


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[EmbeddedStore]:
    with closing(EmbeddedStore(tmp_path / "graph.db")) as store:
        store.put(*village())
        yield store


@pytest.fixture(scope="session")
def seed_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of two views of the first graph."""
    folder = tmp_path_factory.mktemp("research")
    with closing(EmbeddedStore(folder / "graph.db")) as store:
        store.put(*seed.read())
        package.write(folder / "package", store, Settings(), ("full", "experts"))
    return folder / "package"


@pytest.fixture(scope="session")
def village_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("village")
    settings = Settings(mail_from="Dorpsraad <post@voorbeeld.nl>", address="https://kennis.voorbeeld.nl")
    with closing(EmbeddedStore(folder / "graph.db")) as store:
        store.put(*village())
        package.write(folder / "package", store, settings)
    return folder / "package"


def test_two_runs_give_the_same_bytes(filled: Store, tmp_path: Path) -> None:
    for name in ("een", "twee"):
        package.write(tmp_path / name, filled, Settings())
    one, other = tree(tmp_path / "een"), tree(tmp_path / "twee")
    assert [name for name in {**one, **other} if one.get(name) != other.get(name)] == []
    assert "full/full.gexf" in one


def test_both_stores_give_the_same_package_apart_from_pseudonyms_and_revision(filled: Store, tmp_path: Path) -> None:
    package.write(tmp_path / "package", filled, Settings(), ("full",), with_persons=True)
    table = pd.read_csv(tmp_path / "package" / "full" / "nodes.csv", dtype=str, keep_default_na=False)
    nodes, _ = village()
    assert dict(zip(table["id"], table["name"], strict=True)) == {node.id: node.name for node in nodes}
    row = table.set_index("id").loc["anna-van-der-berg"]
    assert (row["role"], row["website"]) == ("schrijver uit Zonnedam", "https://annavanderberg.nl")


def test_no_name_of_a_person_is_left_in_any_file(village_package: Path) -> None:
    everything = b"\n".join(tree(village_package).values()).decode().casefold()
    for gone in ("kafka", "van der berg", "berg, a", "anna", "vanderberg", "schrijver"):
        assert gone not in everything, gone
    assert "dorpswinkel 🌻" in everything
    assert "gemeente in de bergen" in everything


def test_no_name_of_a_person_of_the_first_graph_is_left_in_any_file(seed_package: Path) -> None:
    everything = b"\n".join(tree(seed_package).values()).decode().casefold()
    nodes, _ = seed.read()
    people = [node for node in nodes if node.kind == "person"]
    names = {name.casefold() for person in people for name in (person.id, person.name, *person.aliases)}
    words = set(re.findall(r"\w+", everything))
    assert len(people) > 40
    assert [name for name in names if name in everything and (" " in name or name in words)] == []
    assert [name for name in names if name + "s" in words] == []
    summaries = [str(person.properties["summary"]).casefold() for person in people]
    assert [summary for summary in summaries if summary in everything] == []


def test_a_person_has_one_pseudonym_in_the_whole_package(village_package: Path) -> None:
    found = set(re.findall(r"persoon-[0-9a-f]{10}", b"\n".join(tree(village_package).values()).decode()))
    assert len(found - {"persoon-0a1b2c3d4e"}) == 2


def test_what_a_person_offers_stays_and_ties_stay(village_package: Path) -> None:
    data = json.loads((village_package / "full" / "full.json").read_text("utf-8"))
    people = [node for node in data["nodes"] if node["kind"] == "person"]
    assert sorted((person.get("offer"), person.get("domain")) for person in people if "offer" in person) == [
        (["kennis"], None)
    ]
    assert all(set(person) <= {"id", "kind", "name", "aliases", "sources", "offer", "domain"} for person in people)
    assert len(data["edges"]) == len(village()[1])


def test_pseudonyms_cannot_be_worked_out_without_the_secret_and_change_with_the_graph() -> None:
    nodes, edges = village()
    one, same = pseudonyms.make(nodes, edges, b"een"), pseudonyms.make(nodes, edges, b"een")
    other, less = pseudonyms.make(nodes, edges, b"twee"), pseudonyms.make(nodes, edges[1:], b"een")
    assert one.ids == same.ids
    assert not set(one.ids.values()) & {*other.ids.values(), *less.ids.values()}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Kafka's proces", "{kafka}'s proces"),
        ("motie-Kafka; KAFKA, kafkaësk", "motie-{kafka}; {kafka}, kafkaësk"),
        ("Anna  van der\nBerg", "{anna}"),
        ("mevrouw van der Bergs boek", "{anna} boek"),
        ("de berg op", "de berg op"),
        ("zie Berg, A. (2013)", "zie {anna}. (2013)"),
    ],
)
def test_a_name_is_found_however_it_is_written(written: str, expected: str) -> None:
    made = pseudonyms.make(*village(), b"geheim")
    known = {"kafka": made.ids["li-kafka"], "anna": made.ids["anna-van-der-berg"]}
    assert made.text(written) == expected.format(**known)


def test_the_secret_stays_at_home(embedded: EmbeddedStore, tmp_path: Path) -> None:
    package.write(tmp_path / "package", embedded, Settings(), ("full",))
    secret = str(embedded.record(*published.KEY).body["secret"])
    assert len(secret) == 64
    assert secret.encode() not in b"".join(tree(tmp_path / "package").values())


def test_with_persons_the_record_and_the_text_warn(embedded: EmbeddedStore, tmp_path: Path) -> None:
    package.write(tmp_path / "package", embedded, Settings(), ("full",), with_persons=True)
    assert "publiceer het niet zonder" in (tmp_path / "package" / "README.md").read_text("utf-8")
    record = json.loads((tmp_path / "package" / "dcat.jsonld").read_text("utf-8"))
    assert record["dct:accessRights"]["@id"].endswith("/RESTRICTED")


# What the package says about itself


def test_the_checksums_hold_for_every_file(village_package: Path) -> None:
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"],
        cwd=village_package,
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(done.stdout.splitlines()) == len(tree(village_package)) - 1


def test_every_table_follows_its_schema_and_ties_end_at_records(seed_package: Path) -> None:
    described = json.loads((seed_package / "datapackage.json").read_text("utf-8"))
    names = [resource["name"] for resource in described["resources"]]
    assert len(names) == len(set(names))
    tables = [resource for resource in described["resources"] if "schema" in resource]
    assert len(tables) == 8
    for resource in tables:
        table = pd.read_csv(seed_package / resource["path"], dtype=str, keep_default_na=False)
        fields = {field["name"]: field["type"] for field in resource["schema"]["fields"]}
        assert list(table) == list(fields), resource["path"]
        for name, type in fields.items():
            assert [cell for cell in table[name] if cell and not fits(cell, type)] == [], (resource["path"], name)
        if "source" in fields:
            ids = set(pd.read_csv(seed_package / resource["path"].split("/")[0] / "nodes.csv", dtype=str)["id"])
            assert {*table["source"], *table["target"]} <= ids
    for resource in described["resources"]:
        data = (seed_package / resource["path"]).read_bytes()
        assert resource["bytes"] == len(data)
        assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"


def fits(cell: str, type: str) -> bool:
    match type:
        case "integer":
            return re.fullmatch(r"-?\d+", cell) is not None
        case "number":
            return float(cell) == float(cell)
        case "array":
            return isinstance(json.loads(cell), list)
        case "date":
            return re.fullmatch(r"\d{4}-\d\d-\d\d", cell) is not None
    return type in ("string", "any", "boolean")


def test_the_codebook_explains_every_column_and_every_code(seed_package: Path) -> None:
    book = pd.read_csv(seed_package / "codebook.csv", dtype=str, keep_default_na=False)
    lists = pd.read_csv(seed_package / "code_lists.csv", dtype=str, keep_default_na=False)
    codes = {name: set(rows["code"]) for name, rows in lists.groupby("code_list")}
    assert (book["label_nl"] != "").all()
    assert not book["label_nl"].str.contains("niet in het schema").any()
    for path in ("full/nodes.csv", "full/edges.csv", "full/measures.csv", "experts/nodes.csv", "experts/edges.csv"):
        table = pd.read_csv(seed_package / path, dtype=str, keep_default_na=False)
        entries = book[book["file"] == path]
        assert set(table) == set(entries["column"])
        for _, entry in entries[entries["code_list"] != ""].iterrows():
            rows = table[table["kind"].isin(entry["kinds"].split())] if entry["kinds"] else table
            cells = rows[entry["column"]]
            used = {code for cell in cells if cell for code in (json.loads(cell) if cell[0] == "[" else [cell])}
            assert used <= codes[entry["code_list"]], entry["column"]


def test_the_table_of_measures_has_parameters_and_who_defined_them(village_package: Path) -> None:
    table = pd.read_csv(village_package / "measures.csv", dtype=str, keep_default_na=False)
    assert set(table["measure"]) == set(measures())
    assert (table["source"] != "").all()
    assert json.loads(table[table["measure"] == "communities"]["parameters"].iloc[0])["seed"]
    density = table[(table["view"] == "full") & (table["measure"] == "density")].iloc[0]
    assert float(density["value"]) == pytest.approx(9 / 72, abs=1e-6)


def test_the_catalogue_record_has_what_dcat_ap_nl_asks(village_package: Path) -> None:
    """What must be there according to the SHACL shapes of DCAT-AP-NL 3.0 and DCAT-AP 3.0."""
    record = json.loads((village_package / "dcat.jsonld").read_text("utf-8"))
    for name in ("title", "description", "identifier", "publisher", "creator", "accessRights"):
        assert record[f"dct:{name}"], name
    assert record["dcat:theme"]
    assert record["dcat:contactPoint"]["vcard:hasEmail"] == {"@id": "mailto:post@voorbeeld.nl"}
    assert record["dct:modified"]["@value"] == "2025-03-04"
    paths = [one["dcat:accessURL"]["@id"] for one in record["dcat:distribution"]]
    assert all((village_package / path).is_file() for path in paths)
    assert all(one["dct:license"]["@id"].endswith("/CC0") for one in record["dcat:distribution"])


def test_the_example_in_the_text_works(village_package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(village_package)
    (example,) = re.findall(r"```python\n(.*?)```", (village_package / "README.md").read_text("utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(example, names)
    assert len(names["graph"]) == len(names["nodes"]) == len(village()[0])
    assert names["nodes"]["sources"].map(type).eq(list).all()


@pytest.mark.parametrize("view", ["full", "experts"])
def test_gephi_itself_has_every_record_and_tie_of_the_package(
    gephi: dict[str, dict[str, Any]], seed_package: Path, view: str
) -> None:
    data = json.loads((seed_package / view / f"{view}.json").read_text("utf-8"))
    assert gephi[view]["issues"] == []
    assert len(gephi[view]["edges"]) == len(data["edges"])
    expected = {node.pop("id"): node for node in data["nodes"]}
    assert {node["id"]: node["values"] for node in gephi[view]["nodes"]} == expected


@pytest.mark.neo4j
def test_the_script_in_the_package_makes_the_same_graph_in_neo4j(
    neo4j_store: Neo4jStore, server: Server, village_package: Path
) -> None:
    for statement in (village_package / "neo4j" / "graph.cypher").read_text("utf-8").splitlines():
        server.cypher(statement.rstrip(";"))
    data = json.loads((village_package / "full" / "full.json").read_text("utf-8"))
    assert {node.id: node.name for node in neo4j_store.nodes()} == {node["id"]: node["name"] for node in data["nodes"]}
    assert [(e.source, e.kind, e.target) for e in neo4j_store.edges()] == sorted(
        (edge["source"], edge["kind"], edge["target"]) for edge in data["edges"]
    )


# What can go wrong


def test_a_folder_that_is_not_empty_is_refused_and_stays_as_it_is(embedded: EmbeddedStore, tmp_path: Path) -> None:
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "iets.txt").write_text("van mij")
    with pytest.raises(Refused, match="is niet leeg. Kies een nieuwe of lege map"):
        package.write(folder, embedded, Settings())
    assert tree(folder) == {"iets.txt": b"van mij"}


def test_an_empty_folder_is_filled(embedded: EmbeddedStore, tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    package.write(tmp_path / "package", embedded, Settings(), ("experts",))
    assert "experts/experts.gexf" in tree(tmp_path / "package")
    assert not (tmp_path / "package" / "neo4j").exists()


def test_without_room_nothing_is_left_behind(embedded: EmbeddedStore, tmp_path: Path) -> None:
    package.write(tmp_path / "eerst", embedded, Settings(), ("full",))
    before = sorted(path.name for path in tmp_path.iterdir())
    soft, hard = getrlimit(RLIMIT_FSIZE)
    setrlimit(RLIMIT_FSIZE, (9_000, hard))
    try:
        with pytest.raises(Refused, match="geen ruimte genoeg voor .*. Er is niets bewaard"):
            package.write(tmp_path / "package", embedded, Settings(), ("full",))
    finally:
        setrlimit(RLIMIT_FSIZE, (soft, hard))
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_a_folder_that_cannot_be_made_is_refused(embedded: EmbeddedStore, tmp_path: Path) -> None:
    (tmp_path / "bestand").write_text("")
    with pytest.raises(Refused, match="is niet te schrijven: Not a directory"):
        package.write(tmp_path / "bestand" / "package", embedded, Settings())


def test_a_view_that_does_not_exist_or_is_empty_is_refused(embedded: EmbeddedStore, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="Beeld 'vrienden' bestaat niet"):
        package.write(tmp_path / "package", embedded, Settings(), ("vrienden",))
    embedded.delete("hoe-dan")
    embedded.delete("winkel")
    with pytest.raises(Refused, match="staat met deze keuze niets"):
        package.write(tmp_path / "package", embedded, Settings(), ("initiatives",))
    assert not (tmp_path / "package").exists()


def test_without_a_choice_an_empty_view_is_named_and_left_out(embedded: EmbeddedStore, tmp_path: Path) -> None:
    embedded.delete("winkel")
    facts = package.write(tmp_path / "package", embedded, Settings())
    assert list(facts.empty) == ["initiatives"]
    assert not (tmp_path / "package" / "initiatives").exists()
    assert "niet in dit pakket: initiatives." in (tmp_path / "package" / "README.md").read_text("utf-8")


def test_an_empty_graph_is_refused(store: Store, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="staat nog niets"):
        package.write(tmp_path / "package", store, Settings())


# The command


def test_the_command_writes_the_same_bytes_in_another_process_and_says_where_to_begin(
    embedded: EmbeddedStore, tmp_path: Path
) -> None:
    package.write(tmp_path / "een", embedded, Settings(), ("full",))
    command = [sys.executable, "-m", "kennismakelaar", "network", "export", "twee", "--view", "full"]
    url = f"sqlite:///{embedded.path}"
    done = subprocess.run(
        [*command, "--database", url],
        cwd=tmp_path,
        env=os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "twee: full. Begin met README.md.\n"
    assert tree(tmp_path / "twee") == tree(tmp_path / "een")


def test_the_command_refuses_a_folder_with_something_in_it_in_one_line(embedded: EmbeddedStore, tmp_path: Path) -> None:
    url = f"sqlite:///{embedded.path}"
    done = CliRunner().invoke(main, ["network", "export", str(tmp_path), "--database", url])
    assert done.exit_code == 1
    assert done.stderr == (
        f"kennismakelaar: {tmp_path} is niet leeg. Kies een nieuwe of lege map; er wordt niets overschreven.\n"
    )
