"""A list read in by staff, from file to undo."""

import io
import json

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kennismakelaar.broker import Broker
from kennismakelaar.imports import shelf
from tests.web.conftest import submit

LIST = """Naam;Omschrijving;Plaats
Dorpswinkel De Schakel;Nu ook met een café.;Zonnedam
Klusclub <b>Zuid</b>;Buren klussen voor elkaar.;Zonnedam
"""
WRONG = LIST + "Atelier;Kunst van buren.;Atlantis\n"


def upload(staff: FlaskClient, text: str, name: str = "lijst.csv", source: str = "Lijst 2026") -> TestResponse:
    return submit(staff, "/bureau/importeren", bestand=(io.BytesIO(text.encode()), name), bron=source)  # type: ignore[arg-type]


def to_preview(staff: FlaskClient, text: str) -> str:
    """The address of the page that tells what would change."""
    page = upload(staff, text).location
    choice = submit(staff, page, **{"soort-0": "initiative", "doe": "soort"})
    assert choice.location == page
    columns = {"kolom-0-0": "name", "kolom-0-1": "summary", "kolom-0-2": ">located_in"}
    on = submit(staff, page, **columns, **{"soort-0": "initiative", "doe": "verder"})
    assert on.location == f"{page}/voorbeeld"
    return str(on.location)


def test_a_list_goes_from_file_to_columns_to_preview_and_in(staff: FlaskClient, own: Broker) -> None:
    page = upload(staff, LIST).location
    shown = staff.get(page).text
    assert "Nu ook met een café." in shown
    assert "relatie: is te vinden in" in shown
    preview = to_preview(staff, LIST)
    told = staff.get(preview).text
    assert "Klusclub &lt;b&gt;Zuid&lt;/b&gt;" in told
    assert "<del>Bewoners namen de buurtwinkel over toen die dicht ging.</del>" in told
    assert "Dorpswinkel De Schakel is te vinden in Zonnedam" in told
    assert own.store.get("dorpswinkel").text("summary").startswith("Bewoners")
    plan = staff.get(f"{preview}.json").json
    assert plan
    done = submit(staff, preview, preview.replace("voorbeeld", "schrijf"), plan=plan["plan"], doe="alles")
    assert done.location.startswith("/bureau/ingelezen/")
    run = staff.get(f"{done.location}.json").json
    assert run
    assert (run["run"]["state"], run["run"]["who"], run["run"]["counts"]["nieuw"]) == ("klaar", "anna", 1)
    assert own.store.get("dorpswinkel").text("summary") == "Nu ook met een café."
    assert "lijst.csv" in staff.get("/bureau/importeren").text
    assert "Lijst 2026" in staff.get("/bureau/importeren").text
    undone = submit(staff, done.location, f"{done.location}/terug")
    assert "teruggedraaid" in staff.get(undone.location).text
    assert own.store.get("dorpswinkel").text("summary").startswith("Bewoners")


def test_good_rows_go_and_the_others_come_back(staff: FlaskClient, own: Broker) -> None:
    preview = to_preview(staff, WRONG)
    page = staff.get(preview).text
    assert "Dit kennen wij niet als plaats" in page
    assert 'value="alles"' not in page
    plan = staff.get(f"{preview}.json").json
    assert plan
    write = preview.replace("voorbeeld", "schrijf")
    all_of_it = submit(staff, preview, write, plan=plan["plan"], doe="alles")
    assert (all_of_it.status_code, "1 rij is geweigerd" in all_of_it.text) == (400, True)
    assert not list(own.store.nodes(ids=["klusclub-b-zuid-b"]))
    done = submit(staff, preview, write, plan=plan["plan"], doe="goede")
    back = staff.get(f"{done.location}/geweigerd")
    assert "Atelier;Kunst van buren.;Atlantis;\"Plaats: 'Atlantis': dit kennen wij niet" in back.data.decode(
        "utf-8-sig"
    )
    assert "attachment; filename=lijst-geweigerd.csv" in back.headers["Content-Disposition"]
    assert list(own.store.nodes(ids=["klusclub-b-zuid-b"]))


def test_a_list_is_read_in_in_english_as_it_was_shown(staff: FlaskClient, own: Broker) -> None:
    preview = f"/en{to_preview(staff, WRONG)}"
    assert "We do not know this as place" in staff.get(preview).text
    plan = staff.get(f"{preview}.json").json
    assert plan
    done = submit(staff, preview, preview.replace("voorbeeld", "schrijf"), plan=plan["plan"], doe="goede")
    assert done.location.startswith("/en/bureau/ingelezen/")
    back = staff.get(f"{done.location}/geweigerd")
    assert "Plaats;Why refused" in back.data.decode("utf-8-sig")
    assert "lijst-refused.csv" in back.headers["Content-Disposition"]
    assert list(own.store.nodes(ids=["klusclub-b-zuid-b"]))


def test_what_changed_since_it_was_shown_is_not_written(staff: FlaskClient, own: Broker) -> None:
    preview = to_preview(staff, LIST)
    answer = submit(staff, preview, preview.replace("voorbeeld", "schrijf"), plan="van gisteren", doe="alles")
    assert (answer.status_code, "intussen veranderd" in answer.text) == (409, True)
    assert not list(own.store.nodes(ids=["klusclub-b-zuid-b"]))


@pytest.mark.parametrize(
    ("text", "name", "source", "complaint"),
    [
        ("", "leeg.csv", "Lijst", "leeg.csv is leeg"),
        (LIST, "", "Lijst", "Kies een bestand"),
        (LIST, "lijst.csv", " ", "waar de lijst vandaan komt"),
        ("[{", "kapot.json", "Lijst", "geen JSON"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_on_the_form(
    staff: FlaskClient, own: Broker, text: str, name: str, source: str, complaint: str
) -> None:
    answer = upload(staff, text, name, source)
    assert (answer.status_code, complaint in answer.text) == (400, True)
    assert not list(own.store.records(shelf.KIND))


def test_columns_that_cannot_be_are_told_and_a_file_can_be_thrown_away(staff: FlaskClient, own: Broker) -> None:
    page = upload(staff, LIST).location
    columns = {"kolom-0-0": "name", "kolom-0-1": "name", "kolom-0-2": ""}
    kind = staff.get(f"{page}.json").json
    assert kind
    answer = submit(staff, page, **columns, **{"soort-0": kind["sheets"][0]["kind"], "doe": "verder"})
    assert (answer.status_code, "twee kolommen zijn naam" in answer.text) == (400, True)
    submit(staff, page, f"{page}/weg")
    assert staff.get(page).status_code == 404


def test_our_own_export_needs_no_columns(staff: FlaskClient, own: Broker) -> None:
    node = {"id": "nieuw", "kind": "theme", "name": "nieuw", "summary": "Iets nieuws.", "sources": []}
    source = {"document": "samen-doen", "chapter": "II.1", "known": "stated"}
    text = json.dumps({"nodes": [node | {"sources": [source]}], "edges": []})
    page = upload(staff, text, "graaf.json").location
    assert staff.get(page).location == f"{page}/voorbeeld"
    assert "<strong>1</strong> nieuw" in staff.get(f"{page}/voorbeeld").text
