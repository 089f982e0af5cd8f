"""Lists of others: read in any form, mapped, planned, written whole or not at all, and taken back."""

import json
import re
import shlex
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from kennismakelaar import edit, encode, erased, history, resolve
from kennismakelaar.broker import Broker
from kennismakelaar.commands.imports import import_
from kennismakelaar.commands.terminal import Context
from kennismakelaar.config import Settings
from kennismakelaar.errors import Conflict, NotFound, Refused
from kennismakelaar.imports import files, job, mapping, returned, runs, shelf
from kennismakelaar.imports import rows as files_rows
from kennismakelaar.imports.delimited import encoding
from kennismakelaar.imports.mapping import Reading
from kennismakelaar.imports.rows import WHY, Form, Listing, Row
from kennismakelaar.imports.runs import Run, State
from kennismakelaar.imports.spool import Fate, Planned
from kennismakelaar.model import Change, Edge
from kennismakelaar.paths import ROOT
from kennismakelaar.store import Store
from kennismakelaar.store_embedded import EmbeddedStore
from kennismakelaar.weights import read as read_weights
from tests.web.conftest import EDGES, NODES, source

LIST = """Naam;Omschrijving;Plaats;Jaar;Website
Dorpswinkel De Schakel;Bewoners namen de winkel over.;Zonnedam;2011;schakel.nl
Café Zuid;Een buurtcafé van vrijwilligers.;Zonnedam;2015;
"""
WRONG = LIST + "Atelier;Kunst van buren.;Atlantis;twee;\n"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A graph that no test of this module changes."""
    with closing(_broker(EmbeddedStore(tmp_path_factory.mktemp("imports") / "graph.db"))) as broker:
        yield broker


@pytest.fixture
def own(store: Store) -> Broker:
    """A graph that a test may change, on both stores."""
    return _broker(store)


@pytest.fixture
def single(tmp_path: Path) -> Iterator[Broker]:
    """A graph that a test may change, in a file."""
    with closing(_broker(EmbeddedStore(tmp_path / "graph.db"))) as broker:
        yield broker


def _broker(store: Store) -> Broker:
    broker = Broker(store, encode.load("none"), read_weights())
    broker.add(NODES, EDGES)
    return broker


def write(folder: Path, text: str | bytes, name: str = "lijst.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def rows(listing: Listing, sheet: int = 0) -> list[Row]:
    return list(listing.sheets[sheet].rows())


def plan(broker: Broker, path: Path, kind: str = "initiative", **changed: object) -> list[Planned]:
    """Every row with what would become of it."""
    with job.opened(path) as listing:
        readings = _readings(broker, listing, kind, changed)
        with job.planned(broker.store, listing, readings, "Lijst van de provincie") as work:
            return list(work.spool.rows(list(Fate)))


def take_in(broker: Broker, path: Path, kind: str = "initiative", good_only: bool = False) -> Run:
    """The list written."""
    with job.opened(path) as listing:
        readings = _readings(broker, listing, kind, {})
        with job.planned(broker.store, listing, readings, "Lijst van de provincie") as work:
            run = runs.begin(work.spool, path, "Lijst van de provincie", "anna", good_only)
            return runs.apply(broker, run, work.spool, work.origin)


def _readings(broker: Broker, listing: Listing, kind: str, changed: dict[str, object]) -> dict[str, Reading]:
    found = mapping.propose(listing, broker.store)
    return {name: replace(reading, kind=kind, **changed) for name, reading in found.items()}  # type: ignore[arg-type]


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_separator_and_encoding_are_recognised(tmp_path: Path, separator: str, code: str) -> None:
    path = write(tmp_path, LIST.replace(";", separator).encode(code))
    with job.opened(path) as listing:
        assert listing.sheets[0].headers == ("Naam", "Omschrijving", "Plaats", "Jaar", "Website")
        assert [row.cells["Naam"] for row in rows(listing)] == ["Dorpswinkel De Schakel", "Café Zuid"]
        assert [row.number for row in rows(listing)] == [2, 3]


def test_an_accent_far_down_the_file_tells_the_encoding(tmp_path: Path) -> None:
    path = write(tmp_path, b"naam\n" + b"gewoon\n" * 400_000 + "café\n".encode("cp1252"))
    assert encoding(path) == "cp1252"


def test_a_workbook_gives_its_sheets_with_what_formulas_gave(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for name in ("Winkels", "Leeg"):
        book.create_sheet(name)
    del book["Sheet"]
    for cells in (["Naam", "Jaar", "Deel"], [None], ["Café Zuid", 2015, 1.5]):
        book["Winkels"].append(cells)
    book.save(tmp_path / "lijst.xlsx")
    with job.opened(tmp_path / "lijst.xlsx") as listing:
        assert [sheet.name for sheet in listing.sheets] == ["Winkels"]
        assert rows(listing) == [Row("Winkels", 3, {"Naam": "Café Zuid", "Jaar": "2015", "Deel": "1,5"})]


@pytest.mark.parametrize(
    "text",
    [
        '[{"naam": "Een", "adres": {"plaats": "Zonnedam"}, "thema": ["a", "b"]}, {"naam": "Twee", "jaar": 2013}]',
        '{"naam": "Een", "adres": {"plaats": "Zonnedam"}, "thema": ["a", "b"]}\n{"naam": "Twee", "jaar": 2013}\n',
        '{"lijst": [{"naam": "Een", "adres": {"plaats": "Zonnedam"}, "thema": ["a", "b"]}, {"naam": "Twee", "jaar": 2013}]}',
    ],
)
def test_json_is_a_list_lines_or_lists_by_name(tmp_path: Path, text: str) -> None:
    with job.opened(write(tmp_path, text, "lijst.json")) as listing:
        assert listing.sheets[0].headers == ("naam", "adres.plaats", "thema", "jaar")
        assert rows(listing)[0].cells == {"naam": "Een", "adres.plaats": "Zonnedam", "thema": "a; b"}


def package(folder: Path) -> dict[str, str]:
    return {
        "organizations.csv": "id,name,description,website\no1,Stichting Zon,Helpt buren.,https://zon.nl\n",
        "services.csv": "id,organization_id,name,description\ns1,o1,Klusdienst,Buren klussen voor elkaar.\n",
        "locations.csv": "id,name\nl1,Het gebouw\n",
        "addresses.csv": "id,location_id,city\na1,l1,Zonnedam\n",
        "service_at_locations.csv": "id,service_id,location_id\nx,s1,l1\n",
    }


def test_a_package_of_services_becomes_organisations_and_programmes_with_their_place(
    kept: Broker, tmp_path: Path
) -> None:
    path = tmp_path / "pakket.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for name, text in package(tmp_path).items():
            packed.writestr(f"map/{name}", text)
    with job.opened(path) as listing:
        readings = mapping.propose(listing, kept.store)
        assert {name: reading.kind for name, reading in readings.items()} == {
            "organizations": "organisation",
            "services": "programme",
        }
        organisations = replace(readings["organizations"], fixed={"type": "maatschappelijk"})
        with job.planned(kept.store, listing, {**readings, "organizations": organisations}, "Gids") as work:
            assert [row.problems for row in work.spool.rows([Fate.REFUSED])] == []
            edges = {(e["source"], e["kind"], e["target"]) for e in work.spool.edges()}
    assert edges == {("klusdienst", "located_in", "zonnedam"), ("stichting-zon", "operates", "klusdienst")}


def test_what_is_no_list_is_refused_in_words(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "foto.zip", "w") as packed:
        packed.writestr("foto.png", b"\x89PNG")
    for name, content, complaint in (
        ("leeg.csv", b"", "leeg"),
        ("foto.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)), "geen tekst"),
        ("oud.xls", b"\xd0\xcf\x11\xe0\xa1\xb1", "Sla het op als .xlsx"),
        ("kapot.json", b'[{"a": 1}, {"b": ', "record 2"),
        ("kapot.xlsx", b"PK\x03\x04 en verder niets", "geen tekst|te lezen|herkennen|beschadigd|Zet die erboven"),
        ("niets.csv", b"\n\n;;\n", "namen van kolommen"),
    ):
        with pytest.raises(Refused, match=complaint), job.opened(write(tmp_path, content, name)):
            pass
    with pytest.raises(Refused, match="herkennen"), job.opened(tmp_path / "foto.zip"):
        pass
    with pytest.raises(Refused, match="niet te lezen"), job.opened(tmp_path / "weg.csv"):
        pass


def test_a_file_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        zipfile.ZipFile(tmp_path / "bom.xlsx", "w", zipfile.ZIP_DEFLATED) as packed,
        packed.open("xl/a.xml", "w") as out,
    ):
        for _ in range(5):
            out.write(bytes(2**20))
    assert (tmp_path / "bom.xlsx").stat().st_size < 2**13
    monkeypatch.setattr(files_rows, "UNPACKED", 4 * 2**20)
    with pytest.raises(Refused, match="wordt uitgepakt 5 MB; er mag 4 MB"), job.opened(tmp_path / "bom.xlsx"):
        pass
    with pytest.raises(Refused, match="te groot"):
        files.open_listing(write(tmp_path, LIST), tmp_path, largest=10)


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml"])
def test_a_workbook_that_names_something_to_be_filled_in_is_refused(tmp_path: Path, part: str) -> None:
    book = openpyxl.Workbook()
    for cells in (["Naam", "Omschrijving"], ["Café Zuid", "Een café."]):
        book["Sheet"].append(cells)
    book.save(tmp_path / "good.xlsx")
    entity = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    with zipfile.ZipFile(tmp_path / "good.xlsx") as good, zipfile.ZipFile(tmp_path / "bad.xlsx", "w") as bad:
        for name in good.namelist():
            content = good.read(name)
            start = content.index(b"?>") + 2 if content.startswith(b"<?xml") else 0
            bad.writestr(name, content[:start] + entity + content[start:] if name == part else content)
    with pytest.raises(Refused, match="niet als werkblad te lezen"), job.opened(tmp_path / "bad.xlsx") as listing:
        rows(listing)


def test_a_mapping_is_proposed_by_header_and_by_what_is_in_the_columns(kept: Broker, tmp_path: Path) -> None:
    text = (
        "Naam van de organisatie,Omschrijvng,x1,x2,x3,x4\n"
        "Zon,Kort,https://zon.nl,12345678,Zonnedam,buurtwinkel\n"
        "Maan,Kort,www.maan.nl,87654321,zonnedam,Voorzieningen\n"
    )
    with job.opened(write(tmp_path, text, "organisaties.csv")) as listing:
        found = mapping.propose(listing, kept.store)[""]
    assert found.kind == "organisation"
    assert found.columns == {
        "Naam van de organisatie": "name",
        "Omschrijvng": "summary",
        "x1": "website",
        "x2": "kvk",
        "x3": ">located_in",
        "x4": ">about",
    }


def test_a_mapping_is_kept_for_the_source_and_proposed_again(single: Broker, tmp_path: Path) -> None:
    with job.opened(write(tmp_path, LIST)) as listing:
        mine = {"": Reading("method", {"Naam": "name", "Omschrijving": "note", "Weg": "summary"}, {"summary": "Leeg."})}
        mapping.keep(single.store, "De Gids", mine)
        mapping.keep(single.store, "De Gids", mine)
        again = mapping.propose(listing, single.store, "de gids")
    assert again == {"": Reading("method", {"Naam": "name", "Omschrijving": "note"}, {"summary": "Leeg."})}


@pytest.mark.parametrize(
    ("reading", "complaint"),
    [
        (Reading("", {}, {}), "ten minste één blad"),
        (Reading("planeet", {}, {}), "planeet"),
        (Reading("theme", {"Naam": "name", "Plaats": "cbs_code"}, {}), "cbs_code"),
        (Reading("theme", {"Naam": "name", "Plaats": "name"}, {}), "twee kolommen"),
        (Reading("theme", {"Plaats": "note"}, {}), "geen kolom is de naam"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused(kept: Broker, tmp_path: Path, reading: Reading, complaint: str) -> None:
    with (
        job.opened(write(tmp_path, LIST)) as listing,
        pytest.raises(Refused, match=complaint),
        job.planned(kept.store, listing, {"": reading}, "Lijst"),
    ):
        pass


def test_a_plan_tells_new_and_changed_and_writes_nothing(kept: Broker, tmp_path: Path) -> None:
    before = kept.store.revision()
    shop, cafe = plan(kept, write(tmp_path, LIST))
    assert (shop.fate, shop.id, cafe.fate, cafe.id) == (Fate.CHANGED, "dorpswinkel", Fate.NEW, "cafe-zuid")
    assert shop.old
    assert shop.new
    assert {name for name in shop.new if shop.new[name] != shop.old.get(name)} == {
        "summary",
        "start",
        "website",
        "sources",
    }
    assert shop.new["website"] == "https://schakel.nl"
    assert shop.new["need"] == shop.old["need"]
    assert cafe.new
    assert cafe.new["sources"] == [
        {
            "document": "lijst-van-de-provincie",
            "chapter": "lijst.csv",
            "known": "stated",
            "section": "rij 3",
            "note": "",
        }
    ]
    assert kept.store.revision() == before


def test_a_refused_row_tells_column_value_and_what_to_do(kept: Broker, tmp_path: Path) -> None:
    refused = plan(kept, write(tmp_path, WRONG))[2]
    assert (refused.fate, refused.line) == (Fate.REFUSED, 4)
    assert [(one.column, one.value) for one in refused.problems] == [("Jaar", "twee"), ("Plaats", "Atlantis")]
    assert "vier cijfers" in refused.problems[0].text
    assert "voeg het eerst toe" in refused.problems[1].text


CASES = [
    ("Naam,Omschrijving\nZon,\n", "mag niet leeg"),
    ("Naam,Omschrijving\n,Iets\n", "naam ontbreekt"),
    ("Naam,Omschrijving\nZon,Iets\nzon,Anders\n", "eerdere rij"),
    ("Naam,Omschrijving\nDe Schakel,Iets,en nog iets\n", "meer velden"),
    ("id,Naam,Omschrijving\nHoofd Letter,Zon,Iets\n", "kleine letters"),
    ("id,Naam,Omschrijving\nsteunpunt,Zon,Iets\n", "al van een organisatie"),
    ("Naam,Omschrijving,Site\nZon,Iets,geen adres\n", "schrijf een adres"),
    ("Naam,Omschrijving,Zoekt\nZon,Iets,goud\n", "kies uit"),
    ("Naam,Omschrijving,Nagekeken op\nZon,Iets,31-02-2026\n", "schrijf een datum"),
    (f"Naam,Omschrijving\nZon,{'x' * 20_001}\n", "langer dan"),
]


@pytest.mark.parametrize(("text", "complaint"), CASES)
def test_every_fault_in_a_row_is_told_and_none_stops_the_program(
    kept: Broker, tmp_path: Path, text: str, complaint: str
) -> None:
    found = plan(kept, write(tmp_path, text))
    assert any(complaint in one.text for row in found for one in row.problems), found


def test_a_name_that_can_be_two_records_is_refused(single: Broker, tmp_path: Path) -> None:
    single.add([replace(single.store.get("buurttuin"), id="tweede-tuin")], [])
    (row,) = plan(single, write(tmp_path, "Naam,Omschrijving\nBuurttuin Zonnehof,Iets\n"))
    assert "buurttuin, tweede-tuin" in row.problems[0].text


def test_a_row_is_known_by_number_or_website_with_a_name_alike(single: Broker, tmp_path: Path) -> None:
    text = (
        "Naam,Omschrijving,Site\nSteunpunt voor Dorpen,Iets,http://www.voorbeeld.nl/\nHeel anders,Iets,voorbeeld.nl\n"
    )
    first, second = plan(single, write(tmp_path, text), "organisation", fixed={"type": "maatschappelijk"})
    assert (first.id, first.fate, second.fate) == ("steunpunt", Fate.CHANGED, Fate.NEW)
    assert first.new
    assert first.new["type"] == "maatschappelijk"
    single.add([edit.filled(single.store.get("steunpunt"), {"kvk": ["12345678"]})], [])
    text = "Naam,Omschrijving,KvK\nNieuwe Naam,Iets,12345678\n"
    (row,) = plan(single, write(tmp_path, text), "organisation", fixed={"type": "maatschappelijk"})
    assert row.new
    assert (row.id, row.new["name"], row.new["aliases"]) == ("steunpunt", "Nieuwe Naam", ["Steunpunt Dorpen"])


def test_the_same_name_in_another_place_is_another_thing(single: Broker, tmp_path: Path) -> None:
    single.add([replace(single.store.get("zonnedam"), id="maandam", name="Maandam")], [])
    text = "Naam,Omschrijving,Plaats\nBuurttuin Zonnehof,Ook een tuin.,{}\n"
    (here,) = plan(single, write(tmp_path, text.format("Zonnedam")))
    (there,) = plan(single, write(tmp_path, text.format("Maandam")))
    assert (here.id, here.fate) == ("buurttuin", Fate.CHANGED)
    assert (there.id, there.fate) == ("buurttuin-zonnehof", Fate.NEW)


def test_rows_may_name_each_other_and_fall_together(kept: Broker, tmp_path: Path) -> None:
    text = "Naam,Omschrijving,Is onderdeel van,Jaar\nTak,Iets,Stam,\nStam,Iets,Wortel,\nWortel,Iets,,{}\n"
    path = write(tmp_path, text.format("2013"))
    columns = {"Naam": "name", "Omschrijving": "summary", "Is onderdeel van": ">part_of", "Jaar": "start"}
    assert {row.fate for row in plan(kept, path, columns=columns)} == {Fate.NEW}
    found = plan(kept, write(tmp_path, text.format("gisteren")), columns=columns)
    assert {row.fate for row in found} == {Fate.REFUSED}


def test_a_run_writes_all_with_source_and_history(own: Broker, tmp_path: Path) -> None:
    run = take_in(own, write(tmp_path, LIST))
    assert (run.state, run.who, run.counts[Fate.NEW], run.counts[Fate.CHANGED]) == (State.DONE, "anna", 1, 1)
    assert own.store.get("cafe-zuid").sources[0].document == "lijst-van-de-provincie"
    assert own.store.get("lijst-van-de-provincie").kind == "publication"
    assert ("located_in", "cafe-zuid", "zonnedam") in {
        (e.kind, e.source, e.target) for e in own.store.edges(["cafe-zuid"])
    }
    assert own.ask("Een buurtcafé van vrijwilligers").matches[1].id == "cafe-zuid"
    assert history.of_node(own.store, "dorpswinkel")[0].who == "anna"
    assert runs.everything(own.store) == (run,)
    assert {row.fate for row in plan(own, tmp_path / "lijst.csv")} == {Fate.SAME}
    with pytest.raises(Refused, match="niets nieuws"):
        take_in(own, tmp_path / "lijst.csv")


def test_a_run_is_undone_to_what_was(own: Broker, tmp_path: Path) -> None:
    before = list(own.store.nodes()), list(own.store.edges())
    run = take_in(own, write(tmp_path, LIST))
    assert runs.undo(own, run.id, "bob").kept == ()
    assert (list(own.store.nodes()), list(own.store.edges())) == before
    with pytest.raises(Refused, match="al ongedaan gemaakt"):
        runs.undo(own, run.id, "bob")


def test_undo_leaves_what_was_changed_or_tied_since_and_tells_it(own: Broker, tmp_path: Path) -> None:
    run = take_in(own, write(tmp_path, LIST + "Klusclub;Buren klussen.;;;\nKlaverblad;Buren eten samen.;;;\n"))
    changed = edit.filled(own.store.get("cafe-zuid"), {"summary": ["Nu een eetcafé."]})
    tied = Edge("supports", "steunpunt", "klusclub", source())
    history.publish(own, Change([changed], [tied]), "carla", "nieuws")
    found = runs.undo(own, run.id, "bob")
    assert found.kept == ("cafe-zuid", "klusclub", "lijst-van-de-provincie")
    assert own.store.get("cafe-zuid").text("summary") == "Nu een eetcafé."
    assert own.store.get("dorpswinkel").text("start") == ""
    with pytest.raises(NotFound):
        own.store.get("klaverblad")


def test_an_import_whose_program_was_stopped_is_taken_back_when_it_was_silent_for_an_hour(
    single: Broker, tmp_path: Path
) -> None:
    class Stopped(BaseException):
        """As a signal that nothing catches."""

    def stop(done: int) -> None:
        raise Stopped

    before, path = list(single.store.nodes()), write(tmp_path, LIST)
    with job.opened(path) as listing:
        readings = _readings(single, listing, "initiative", {})
        with job.planned(single.store, listing, readings, "Lijst") as work, pytest.raises(Stopped):
            runs.apply(single, runs.begin(work.spool, path, "Lijst", "anna", False), work.spool, work.origin, stop)
    assert list(single.store.nodes()) != before
    now = datetime.now(UTC)
    assert runs.clear(single, now + timedelta(minutes=50)) == ()
    (run,) = runs.clear(single, now + timedelta(minutes=70))
    assert (run.state, run.kept, list(single.store.nodes())) == (State.UNDONE, (), before)


def test_one_bad_row_stops_all_unless_the_good_ones_may_go(single: Broker, tmp_path: Path) -> None:
    path = write(tmp_path, WRONG)
    with pytest.raises(Refused, match="1 rij is geweigerd, dus er is niets ingelezen. De eerste: rij 4"):
        take_in(single, path)
    assert not list(single.store.nodes(ids=["cafe-zuid"]))
    run = take_in(single, path, good_only=True)
    assert run.good_only
    assert single.store.get("cafe-zuid")
    assert not list(single.store.nodes(ids=["atelier"]))


def test_a_run_that_breaks_halfway_is_taken_back(
    single: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = list(single.store.nodes())
    monkeypatch.setattr(runs, "BATCH", 1)
    written = 0

    def broken(done: int) -> None:
        nonlocal written
        written += done
        if written > 1:
            raise OSError("de schijf is vol")

    path = write(tmp_path, LIST)
    with job.opened(path) as listing:
        readings = _readings(single, listing, "initiative", {})
        with job.planned(single.store, listing, readings, "Lijst") as work, pytest.raises(OSError, match="vol"):
            runs.apply(single, runs.begin(work.spool, path, "Lijst", "anna", False), work.spool, work.origin, broken)
    assert list(single.store.nodes()) == before
    (run,) = runs.everything(single.store)
    assert (run.state, run.said) == (State.FAILED, "de schijf is vol")


def test_a_run_that_is_undone_while_it_writes_stops(single: Broker, tmp_path: Path) -> None:
    path = write(tmp_path, LIST)
    with job.opened(path) as listing:
        readings = _readings(single, listing, "initiative", {})
        with job.planned(single.store, listing, readings, "Lijst") as work:
            run = runs.begin(work.spool, path, "Lijst", "anna", False)

            def undo(done: int) -> None:
                if runs.find(single.store, run.id).state is State.BUSY:
                    runs.undo(single, run.id, "bob")

            with pytest.raises(Conflict, match="ongedaan"):
                runs.apply(single, run, work.spool, work.origin, undo)
    assert not list(single.store.nodes(ids=["cafe-zuid", "lijst"]))


@pytest.mark.parametrize("form", [Form.CSV, Form.XLSX, Form.JSON])
def test_refused_rows_come_back_in_the_same_form_can_be_mended_and_offered_again(
    single: Broker, tmp_path: Path, form: Form
) -> None:
    path = _in_form(tmp_path, form, ["=1+1 Atelier", "Kunst, 'van' buren; echt.", "Zonnedam", "twee"])
    back = tmp_path / "terug" / path.name
    back.parent.mkdir()
    with job.opened(path) as listing:
        readings = _readings(single, listing, "initiative", {})
        with job.planned(single.store, listing, readings, "Lijst") as work:
            assert returned.file_name(listing).endswith(path.suffix)
            returned.write(listing, work.spool, back)
    assert b"=1+1" not in back.read_bytes().replace(b"'=1+1", b"").replace(b'"=1+1', b"")
    with job.opened(back) as listing:
        (row,) = rows(listing)
        assert "Jaar: 'twee': schrijf een jaartal" in row.cells[WHY]
        assert row.cells["Naam"] == "=1+1 Atelier"
        assert (
            mapping.propose(listing, single.store)[listing.sheets[0].name].columns
            == readings[listing.sheets[0].name].columns
        )
    mended = tmp_path / "heel.csv"
    mended.write_text(
        "Naam;Omschrijving;Plaats;Jaar;Waarom geweigerd\nAtelier;Kunst.;Zonnedam;2013;was fout\n", "utf-8"
    )
    assert plan(single, mended)[0].fate is Fate.NEW


def _in_form(folder: Path, form: Form, cells: list[str]) -> Path:
    names = ["Naam", "Omschrijving", "Plaats", "Jaar"]
    path = folder / f"lijst.{form}"
    if form is Form.CSV:
        path.write_text(";".join(names) + "\n" + ";".join(f'"{cell}"' for cell in cells) + "\n", "utf-8")
    elif form is Form.JSON:
        path.write_text(json.dumps([dict(zip(names, cells, strict=True))]), "utf-8")
    else:
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.append(names)
        sheet.append(cells)
        sheet["A2"].data_type = "s"
        book.save(path)
    return path


def test_who_was_erased_is_a_refused_row_and_is_passed_over_in_an_export(single: Broker, tmp_path: Path) -> None:
    person = single.store.get("anna-voorbeeld")
    single.delete(person.id)
    single.store.write(Change(records=erased.marks(single.store, person, datetime.now(UTC))))
    (row,) = plan(single, write(tmp_path, "Naam,Omschrijving\nAnna Voorbeeld,Schrijft.\n"), "person")
    assert "op verzoek gewist" in row.problems[0].text
    path = write(tmp_path, json.dumps({"nodes": [history.flat(person)], "edges": []}), "graaf.json")
    with job.opened(path) as listing, job.planned(single.store, listing, {}, "") as work:
        assert set(work.spool.counts().values()) == {0}


def test_a_likely_double_is_new_and_is_proposed_for_judging(single: Broker, tmp_path: Path) -> None:
    take_in(single, write(tmp_path, "Naam;Omschrijving;Plaats\nBuurttuin Zonehof;Buren maken een moestuin.;Zonnedam\n"))
    assert "buurttuin|buurttuin-zonehof" in {pair.id for pair in resolve.suggest(single)}


def test_a_number_in_the_source_finds_the_row_again_under_another_name(single: Broker, tmp_path: Path) -> None:
    take_in(single, write(tmp_path, "Nummer;Naam;Omschrijving\nA7;Klusclub;Buren klussen.\n"))
    again, other = plan(
        single,
        write(tmp_path, "Nummer;Naam;Omschrijving\nA7;De Klussers;Buren klussen.\nA8;Klusclub;Een andere club.\n"),
    )
    assert (again.id, again.fate) == ("klusclub", Fate.CHANGED)
    assert (other.id, other.fate) == ("klusclub-a8", Fate.NEW)


def test_our_own_export_is_planned_and_can_be_undone(single: Broker, tmp_path: Path) -> None:
    node = replace(single.store.get("dorpswinkel"), id="tweede", name="Tweede winkel")
    nodes = [history.flat(single.store.get("dorpswinkel")), history.flat(node)]
    edge = history.flat(Edge("about", "tweede", "buurtwinkel", source()))
    path = write(tmp_path, json.dumps({"nodes": nodes, "edges": [edge]}), "graaf.json")
    with job.opened(path) as listing, job.planned(single.store, listing, {}, "") as work:
        assert listing.form is Form.GRAPH
        assert work.spool.counts() == {"nieuw": 2, "gewijzigd": 0, "ongewijzigd": 1, "geweigerd": 0}
        run = runs.apply(single, runs.begin(work.spool, path, "", "anna", False), work.spool, None)
    assert [e.target for e in single.store.edges(["tweede"])] == ["buurtwinkel"]
    runs.undo(single, run.id, "anna")
    assert not list(single.store.nodes(ids=["tweede"]))


def test_a_workbook_is_read_whatever_it_is_called_and_refused_when_it_was_damaged(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for number in range(200):
        book["Sheet"].append([f"Naam {number}", f"Omschrijving {number}"])
    book.save(tmp_path / "lijst.xlsx")
    content = (tmp_path / "lijst.xlsx").read_bytes()
    with job.opened(write(tmp_path, content, "lijst")) as listing:
        assert len(rows(listing)) == 199
    start = content.index(b"xl/worksheets/sheet1.xml") + 300
    for place in range(start, start + 40):
        damaged = content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]
        with pytest.raises(Refused), job.opened(write(tmp_path, damaged, "lijst.xlsx")) as listing:
            rows(listing)


def test_a_package_that_was_damaged_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "heel.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("services.csv", "id,name\n" + "".join(f"{n},Dienst {n * 7919}\n" for n in range(300)))
    content = (tmp_path / "heel.zip").read_bytes()
    for place in range(60, 100):
        damaged = content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]
        with pytest.raises(Refused), job.opened(write(tmp_path, damaged, "pakket.zip")):
            pass


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("Café's 2026.csv", "Café's 2026.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Mijn lijsten\\winkels.xlsx", "winkels.xlsx"),
        ("lijst\0\r\n.csv", "lijst.csv"),
        ("é" * 300 + ".csv", "é" * 46 + ".csv"),
        *((nothing, "bestand") for nothing in ("..", ".", "/", "a/..", "")),
    ],
)
def test_a_file_that_is_sent_has_a_name_and_no_way_to_elsewhere(given: str, name: str) -> None:
    assert shelf.file_name(given) == name


def test_a_file_waits_in_the_database_and_old_ones_go(
    own: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = bytes(range(256)) * 5_000
    shelf.put(own.store, "een", "../lijst.csv", content)
    path = shelf.take(own.store, "een", tmp_path)
    assert (path, path.read_bytes()) == (tmp_path / "lijst.csv", content)
    monkeypatch.setattr(shelf, "KEPT", -shelf.KEPT)
    shelf.put(own.store, "twee", "lijst.csv", b"x")
    with pytest.raises(NotFound, match="Kies het opnieuw"):
        shelf.take(own.store, "een", tmp_path)


def test_the_example_in_the_docs_is_what_the_command_says(seeded: Store, tmp_path: Path) -> None:
    text = (ROOT / "docs" / "import.md").read_text("utf-8")
    (example,) = re.findall(r"```csv\n(.*?)```", text, re.DOTALL)
    ((command, said),) = re.findall(r"```\n\$ kennismakelaar (import .*?)\n(.*?)```", text, re.DOTALL)
    write(tmp_path, example.encode("cp1252"), "winkels.csv")
    broker = Broker(seeded, encode.load("none"), read_weights())
    arguments = [str(tmp_path / one) if one == "winkels.csv" else one for one in shlex.split(command)[1:]]
    context = Given(Settings(), broker)
    assert CliRunner().invoke(import_, arguments, obj=context).stdout == said


class Given(Context):
    """A terminal with a broker that is there already."""

    def __init__(self, settings: Settings, found: Broker) -> None:
        """Which broker that is."""
        super().__init__(settings)
        self.found = found

    @contextmanager
    def broker(self) -> Iterator[Broker]:
        """It stays open."""
        yield self.found
