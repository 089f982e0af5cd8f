"""A report that anyone can read: the right things in it, in words, as table and as picture, the same each time."""

import os
import re
import string
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from resource import RLIMIT_FSIZE, getrlimit, setrlimit

import nbformat
import networkx as nx
import pytest
from nbclient import NotebookClient

from kennismakelaar import seed
from kennismakelaar.errors import Refused
from kennismakelaar.kinds import HELPERS, THEMED
from kennismakelaar.network import findings, published, report
from kennismakelaar.network.groups import communities
from kennismakelaar.network.published import Published
from kennismakelaar.network.report import Report
from kennismakelaar.network.words import Words, texts
from kennismakelaar.paths import ROOT
from kennismakelaar.store import Store
from kennismakelaar.store_embedded import EmbeddedStore
from tests.test_network_package import tree, village

PNG = b"\x89PNG\r\n\x1a\n"


class Tags(HTMLParser):
    """Every tag of a page with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def all(self, name: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.found if tag == name]


@pytest.fixture(scope="session")
def seed_graph() -> Published:
    nodes, edges = seed.read()
    ordered = sorted(nodes, key=lambda node: node.id), sorted(edges, key=lambda e: (e.source, e.kind, e.target))
    return Published(tuple(ordered[0]), tuple(ordered[1]), 1, False)


@pytest.fixture(scope="session")
def seed_report(seed_graph: Published) -> Report:
    return report.make(seed_graph)


@pytest.fixture(scope="session")
def hamlet() -> Published:
    """The small graph with people by name."""
    nodes, edges = village()
    return Published(tuple(nodes), tuple(edges), 1, False)


@pytest.fixture(scope="session")
def hamlet_report(hamlet: Published) -> Report:
    return report.make(hamlet, "full")


@pytest.fixture(scope="session")
def page(hamlet_report: Report) -> str:
    return hamlet_report.page()


@pytest.fixture
def filled(store: Store) -> Store:
    store.put(*village())
    return store


@pytest.fixture
def database(tmp_path: Path) -> str:
    with closing(EmbeddedStore(tmp_path / "graph.db")) as store:
        store.put(*village())
    return f"sqlite:///{tmp_path / 'graph.db'}"


def bridge() -> "nx.Graph[str]":
    """Two circles of three, one of the market and one of the government, and someone of the community between."""
    graph: nx.Graph[str] = nx.Graph(view="organisations", label={"nl": "x", "en": "x"}, revision=1)
    for circle, domain in (("abc", "markt"), ("xyz", "overheid"), ("m", "gemeenschap")):
        graph.add_nodes_from(circle, kind="organisation", domain=domain)
    ties = [("a", "b"), ("b", "c"), ("a", "c"), ("x", "y"), ("y", "z"), ("x", "z"), ("a", "m"), ("m", "x")]
    graph.add_edges_from(ties, kind="works_together", weight=1.0)
    return graph


# What was found


def test_the_first_broker_is_the_one_between_two_worlds_and_its_pairs_are_counted() -> None:
    """By hand: m stands between a and x. a stands between m and b, and m and c; x likewise."""
    found = {one.id: one for one in findings.brokers(bridge())}
    assert set(found) == {"a", "m", "x"}
    assert found["m"].roles == {"within": 0, "others": 0, "across": 0, "between": 1}
    assert found["a"].roles == {"within": 0, "others": 0, "across": 2, "between": 0}
    assert (found["a"].total, found["m"].total) == (2, 1)
    assert found["m"].domains == ("markt", "overheid")
    assert found["m"].contacts == 2


def test_communities_are_named_by_what_is_typical_of_them() -> None:
    graph = bridge()
    themes = {id: ["geld", "wonen"] for id in "abc"} | {id: ["geld", "zorg"] for id in "xyz"}
    first, second = sorted(findings.communities(graph, communities(graph), themes), key=lambda one: one.themes)
    assert {first.themes, second.themes} == {("wonen",), ("zorg",)}
    assert {*first.members, *second.members} == set("abcxyzm")
    assert min(first.inside, second.inside) == pytest.approx(3 / 4)


def test_every_record_is_counted_once_in_the_degrees(seed_graph: Published, seed_report: Report) -> None:
    assert findings.degrees(bridge()) == ((2, 5), (3, 2))
    (section,) = [one for one in seed_report.sections if one.name == "degrees"]
    organisations = [node for node in seed_graph.records if node.kind == "organisation"]
    assert sum(int(row[1]) for row in section.table.rows) == len(organisations)


def test_the_heat_map_counts_records_by_domain_and_theme(hamlet: Published) -> None:
    """The shop is of the community and the municipality of the government; both are about shops."""
    heat = findings.heat(hamlet.records, hamlet.relations)
    assert heat.themes == ("winkels",)
    assert dict(zip(heat.domains, heat.counts[0], strict=True)) == {"gemeenschap": 1, "markt": 0, "overheid": 1}


def test_a_gap_is_a_theme_with_more_open_questions_than_helpers(hamlet: Published) -> None:
    assert findings.gaps(hamlet.records, hamlet.relations) == ()
    without = tuple(edge for edge in hamlet.relations if edge.source != "gemeente")
    assert findings.gaps(hamlet.records, without) == (findings.Gap("winkels", 1, 0),)
    answered = [
        replace(node, properties={**node.properties, "question_status": "beantwoord"}) if node.id == "hoe-dan" else node
        for node in hamlet.records
    ]
    assert findings.gaps(answered, without) == ()


def test_the_gaps_of_the_first_graph_are_what_the_relations_say(seed_graph: Published) -> None:
    kinds = {node.id: node.kind for node in seed_graph.records}
    for gap in findings.gaps(seed_graph.records, seed_graph.relations, 3):
        about = {e.source for e in seed_graph.relations if e.target == gap.theme and e.kind in THEMED}
        assert gap.helpers == sum(kinds[id] in HELPERS for id in about)
        assert 0 < gap.questions <= sum(kinds[id] == "knowledge_question" for id in about)


# In words, as table and as picture


def test_every_picture_has_words_and_a_table(seed_report: Report) -> None:
    drawn = [section for section in seed_report.sections if section.picture]
    assert [section.name for section in drawn] == ["brokers", "communities", "map", "degrees", "heat", "gaps"]
    for section in drawn:
        assert all((section.lead, section.found, section.alt, section.table.rows)), section.name


def test_every_picture_comes_in_both_forms(hamlet_report: Report) -> None:
    files = dict(hamlet_report.pictures())
    drawn = [section.name for section in hamlet_report.sections if section.picture]
    assert list(files) == [f"{name}.{form}" for name in drawn for form in ("svg", "png")]
    assert all(files[f"{name}.svg"].startswith(b"<?xml") and files[f"{name}.png"].startswith(PNG) for name in drawn)
    assert {"map", "degrees", "heat"} <= set(drawn)


def test_every_row_has_a_cell_for_each_head(seed_report: Report) -> None:
    for section in seed_report.sections:
        assert {len(row) for row in section.table.rows} == {len(section.table.head)}, section.name
        assert section.table.numbers <= set(range(len(section.table.head)))


def test_the_map_has_every_record_in_its_table(seed_graph: Published, seed_report: Report) -> None:
    (section,) = [one for one in seed_report.sections if one.name == "map"]
    names = sorted(node.name for node in seed_graph.records if node.kind == "organisation")
    assert sorted(row[0] for row in section.table.rows) == names


def test_the_sentences_about_brokers_agree_with_the_table(seed_report: Report) -> None:
    (section,) = [one for one in seed_report.sections if one.name == "brokers"]
    first = section.table.rows[0]
    assert section.found[0].startswith(f"{first[0]} verbindt het meest: {first[2]} paren.")
    assert [name for name, _ in section.reasons] == [row[0] for row in section.table.rows]
    assert all(
        f"Staat tussen {row[2]} " in why for row, (_, why) in zip(section.table.rows, section.reasons, strict=True)
    )
    assert all(int(row[2]) == sum(map(int, row[3:7])) for row in section.table.rows)


def test_the_page_stands_by_itself(page: str) -> None:
    tags = Tags(page)
    assert tags.all("script") == tags.all("link") == tags.all("iframe") == []
    assert all(image["src"].startswith("data:image/svg+xml;base64,") and image["alt"] for image in tags.all("img"))
    assert all(link["href"].startswith("#") for link in tags.all("a"))
    assert "url(" not in page
    assert tags.all("html") == [{"lang": "nl"}]
    targets = {attributes["id"] for _, attributes in tags.found if "id" in attributes}
    assert {link["href"][1:] for link in tags.all("a")} <= targets


def test_what_is_written_in_a_record_is_text_and_never_markup(hamlet: Published) -> None:
    odd = [replace(node, name="<script>alert(1)</script> & $x$") for node in hamlet.records]
    page = report.make(replace(hamlet, records=tuple(odd)), "full").page()
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; $x$" in page


def test_the_report_speaks_english_too(hamlet: Published) -> None:
    made = report.make(hamlet, "full", "en")
    assert made.title == "Report on the network: the whole network"
    said = [sentence for section in made.sections for sentence in (section.lead, *section.found)]
    assert "The network has 9 records and 9 ties." in " ".join(said)
    assert not re.search(r"\b(het|een|zijn|staat)\b", " ".join(said))


def test_every_sentence_is_there_in_both_languages_with_the_same_figures_in_it() -> None:
    for name, said in texts().items():
        assert set(said) == {"nl", "en"}, name
        if isinstance(said["nl"], list):
            assert len(said["nl"]) == len(said["en"]), name
        else:
            nl, en = ({part[1] for part in string.Formatter().parse(said[one])} for one in ("nl", "en"))
            assert nl == en, name


@pytest.mark.parametrize(("language", "expected"), [("nl", "1.234,5 en 12"), ("en", "1,234.5 and 12")])
def test_numbers_are_written_as_in_the_language(language: str, expected: str) -> None:
    text = Words(language)
    assert text.both([text.number(1234.5, 1), text.number(12.0)]) == expected


def test_one_is_not_more() -> None:
    assert (Words("nl").count("pair", 1), Words("nl").count("pair", 2)) == ("1 paar", "2 paren")
    assert Words("nl").day("2026-01-02") == "2 januari 2026"


def test_a_view_without_ties_still_gets_a_report(hamlet: Published) -> None:
    bare = Published(hamlet.records, (), 1, False)
    made = report.make(bare, "organisations")
    assert [section.name for section in made.sections if section.picture] == ["degrees"]
    assert "niets te vertellen" in made.page()


# Who may be named


def test_people_are_under_pseudonyms_unless_asked(filled: Store) -> None:
    page = report.make(published.read(filled), "experts").page()
    assert "Kafka" not in page
    assert "Berg" not in page
    assert "onder een pseudoniem" in page
    named = report.make(published.read(filled, with_persons=True), "experts").page()
    assert "Li Kafka" in named
    assert "onder een pseudoniem" not in named


# The same each time, whole or not at all


def test_the_command_gives_the_same_bytes_in_another_process(
    hamlet_report: Report, database: str, tmp_path: Path
) -> None:
    command = "-m kennismakelaar network report --view full --with-persons --out verslag.html --pictures plaatjes"
    done = subprocess.run(
        [sys.executable, *command.split(), "--database", database],
        cwd=tmp_path,
        env=os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "Het verslag staat in verslag.html. De plaatjes staan in plaatjes.\n"
    assert (tmp_path / "verslag.html").read_text("utf-8") == hamlet_report.page()
    assert tree(tmp_path / "plaatjes") == dict(hamlet_report.pictures())


def test_a_report_that_is_there_is_replaced(hamlet_report: Report, page: str, tmp_path: Path) -> None:
    (tmp_path / "verslag.html").write_text("oud")
    report.write(hamlet_report, tmp_path / "verslag.html")
    assert (tmp_path / "verslag.html").read_text("utf-8") == page
    assert [path.name for path in tmp_path.iterdir()] == ["verslag.html"]


def test_without_room_neither_page_nor_pictures_are_left(hamlet_report: Report, tmp_path: Path) -> None:
    (tmp_path / "verslag.html").write_text("oud")
    soft, hard = getrlimit(RLIMIT_FSIZE)
    setrlimit(RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(Refused, match="geen ruimte genoeg voor .*. Er is niets bewaard"):
            report.write(hamlet_report, tmp_path / "verslag.html", tmp_path / "plaatjes")
    finally:
        setrlimit(RLIMIT_FSIZE, (soft, hard))
    assert tree(tmp_path) == {"verslag.html": b"oud"}
    assert not (tmp_path / "plaatjes").exists()


def test_pictures_that_are_there_are_never_overwritten(hamlet_report: Report, tmp_path: Path) -> None:
    (tmp_path / "mijn.txt").write_text("van mij")
    with pytest.raises(Refused, match="is niet leeg"):
        report.write(hamlet_report, tmp_path / "verslag.html", tmp_path)
    assert tree(tmp_path) == {"mijn.txt": b"van mij"}


def test_a_folder_is_no_file(hamlet_report: Report, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is een map. Geef de naam van een bestand"):
        report.write(hamlet_report, tmp_path)


def test_a_language_or_view_that_does_not_exist_is_refused(hamlet: Published) -> None:
    with pytest.raises(Refused, match="Taal 'fr' is er niet. Kies uit: nl, en"):
        report.make(hamlet, "full", "fr")
    with pytest.raises(Refused, match="Beeld 'vrienden' bestaat niet"):
        report.make(hamlet, "vrienden")


# The notebook


def test_the_notebook_shows_the_same_in_ten_lines(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = nbformat.reads((ROOT / "docs" / "netwerk.ipynb").read_text("utf-8"), as_version=4)  # type: ignore[no-untyped-call]
    lines = [line for cell in book.cells if cell.cell_type == "code" for line in cell.source.splitlines()]
    assert len(lines) == 10
    assert all(cell.outputs == [] for cell in book.cells if cell.cell_type == "code")
    monkeypatch.setenv("KENNISMAKELAAR_DATABASE", database)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    NotebookClient(book, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [output for cell in book.cells if cell.cell_type == "code" for output in cell.outputs]
    assert "Gemeente Zonnedam" in str(shown[0])
    assert any("image/svg+xml" in output.get("data", {}) for output in shown)
    assert any("## Waar hulp ontbreekt" in output.get("data", {}).get("text/markdown", "") for output in shown)
