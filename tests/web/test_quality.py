"""The quality board on the website."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from kennismakelaar.broker import Broker
from web import quality


def test_the_board_leads_to_the_form_of_each_record(staff: FlaskClient, own: Broker) -> None:
    own.add(
        [
            replace(
                own.store.get("steunpunt"),
                id="oud",
                name="oud steunpunt",
                properties={"summary": "x", "type": "maatschappelijk"},
            )
        ],
        [],
    )
    page = staff.get("/bureau/kwaliteit?wat=no_website&soort=organisation").text
    assert '<a href="/organisation/oud/wijzig">' in page
    assert "Organisaties zonder website: organisaties" in page
    said = staff.get("/bureau/kwaliteit.json").json
    assert said
    counts = {one["name"]: sum(one["counts"].values()) for one in said["matters"]}
    assert (counts["no_website"], counts["stale"], counts["lost_source"]) == (2, 1, 0)
    assert "Nog niemand zocht naar dubbele records" in page
    staff.get("/bureau/dubbel")
    assert "Gezocht op" in staff.get("/bureau/kwaliteit").text


def test_a_long_list_goes_on_over_pages(staff: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality, "PAGE_SIZE", 1)
    first, second = (staff.get(f"/bureau/kwaliteit.json?pagina={page}").json for page in (1, 2))
    assert first
    assert second
    assert first["rows"] != second["rows"]
    assert 'href="/bureau/kwaliteit?wat=&amp;soort=&amp;pagina=2#lijst"' in staff.get("/bureau/kwaliteit").text
    assert staff.get("/bureau/kwaliteit?pagina=99").status_code == 404
