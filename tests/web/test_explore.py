"""Ways to look around: the card of an answer, the map, years, letters and words."""

from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from kennismakelaar import ego, glossary, timeline
from kennismakelaar.broker import Broker, Relation
from kennismakelaar.errors import SchemaError
from kennismakelaar.language import speaking
from kennismakelaar.model import Edge
from kennismakelaar.schema import schema
from kennismakelaar.timeline import Event
from tests.web.conftest import NODES, QUESTION

ASK = f"/vraag?q={quote(QUESTION)}"


def _json(client: FlaskClient, address: str) -> dict[str, object]:
    path, _, query = address.partition("?")
    found = client.get(f"{path}.json?{query}").json
    assert isinstance(found, dict)
    return found


def test_the_card_names_the_best_match_of_each_sort_with_its_source_or_says_that_there_is_none(
    client: FlaskClient,
) -> None:
    html, data = client.get(ASK).text, _json(client, ASK)
    shown = html[html.index('id="bemiddelkaart"') : html.index("</dl>")]
    card = data["card"]
    assert isinstance(card, list)
    for place in card:
        assert (place["match"] is None) == (place["reason"] is None)
        assert place["match"] is None or f'/{place["match"]["kind"]}/{place["match"]["id"]}"' in shown
        assert place["match"] is None or place["reason"]["source"] in shown
    assert {place["name"]: place["match"] and place["match"]["id"] for place in card}["example"] == "dorpswinkel"
    assert shown.count("nog niets dat goed past") == sum(place["match"] is None for place in card)


def test_a_theme_narrows_the_answer_with_what_stands_under_it_and_keeps_the_question(client: FlaskClient) -> None:
    wide, narrow = _json(client, ASK + "&thema=voorzieningen"), _json(client, ASK + "&thema=buurtwinkel")
    ids = [{m["id"] for m in data["matches"]} for data in (wide, narrow)]  # type: ignore[attr-defined]
    assert ids[0] == {"dorpswinkel", "winkels-dicht", "buurtwinkel", "voorzieningen"}
    assert ids[1] == ids[0] - {"voorzieningen"}
    html = client.get(ASK + "&thema=buurtwinkel").text
    assert f">{QUESTION}</textarea>" in html
    assert 'name="thema" value="buurtwinkel" checked' in html


def test_a_theme_that_does_not_exist_is_refused_in_words(client: FlaskClient) -> None:
    answer = client.get(ASK + "&thema=zonnedam")
    assert (answer.status_code, "Thema &#39;zonnedam&#39; kennen wij niet" in answer.text) == (400, True)


def test_the_map_counts_what_its_table_and_the_page_of_a_province_count(client: FlaskClient) -> None:
    data, html = _json(client, "/kaart"), client.get("/kaart").text
    provinces = data["provinces"]
    assert isinstance(provinces, list)
    assert len(provinces) == html.count('<a href="/kaart/') / 2 == 12
    assert [(p["places"], p["records"]) for p in provinces if p["name"] == "utrecht"] == [(0, 0)]
    assert 'aria-label="Utrecht 0"' in html
    assert _json(client, "/kaart/utrecht")["spots"] == next(p["spots"] for p in provinces if p["name"] == "utrecht")
    assert client.get("/kaart/atlantis").status_code == 404


def test_years_are_told_newest_first_and_of_one_kind_where_asked(client: FlaskClient) -> None:
    data, of_kind = _json(client, "/tijd"), _json(client, "/tijd?soort=finding")
    assert [list(each["years"]) for each in (data, of_kind)] == [["2013", "2012"], ["2012"]]  # type: ignore[call-overload]
    assert data["bars"] == [
        {"year": 2012, "count": 1, "and_before": False},
        {"year": 2013, "count": 1, "and_before": False},
    ]
    html = client.get("/tijd").text
    assert html.index('id="jaar-2013"') < html.index('id="jaar-2012"')
    assert client.get("/tijd?soort=person").status_code == 404


def test_every_name_and_alias_stands_under_its_letter(client: FlaskClient) -> None:
    said = [each["said"] for each in _json(client, "/a-z?letter=b")["names"]]  # type: ignore[attr-defined]
    assert said == ["buurtaandelen", "Buurttuin Zonnehof", "buurtwinkel"]
    assert client.get("/a-z?letter=b&pagina=2").status_code == 404


def test_every_word_is_explained_in_both_languages(client: FlaskClient) -> None:
    assert "Een overzicht boven aan een antwoord" in client.get("/woordenlijst").text
    english = client.get("/en/woordenlijst").text
    assert "A summary on top of an answer" in english
    assert all(f'id="{kind}"' in english for kind in schema().nodes)


def test_a_word_without_a_language_is_refused(tmp_path: Path) -> None:
    (tmp_path / "words.yaml").write_text("zaak: {term: {nl: zaak, en: case}, means: {nl: Een vraag.}}\n", "utf-8")
    with speaking("nl"), pytest.raises(SchemaError, match=r"glossary\.yaml: zaak: noem elke taal"):
        glossary.read(tmp_path / "words.yaml")


@pytest.mark.parametrize("years", [(), (2013,), (1900, 1975, 2011, 2013, 2013)])
def test_bars_count_every_event_once_and_leave_no_year_out(years: tuple[int, ...]) -> None:
    bars = timeline.bars([Event(year, "year", "boek", "publication", "Boek") for year in sorted(years, reverse=True)])
    assert sum(bar.count for bar in bars) == len(years)
    assert [bar.year for bar in bars] == list(range(bars[0].year, 2014)) if years else bars == ()
    assert len(bars) <= timeline.SPAN + 1


def test_the_page_of_a_theme_says_where_it_stands_and_what_is_about_it(client: FlaskClient) -> None:
    html = client.get("/theme/buurtwinkel").text
    block = html[html.index('id="thesaurus"') : html.index('id="relaties"')]
    for said in (
        "Ruimer",
        "/theme/voorzieningen",
        ">kruidenier</a>",
        "/initiative/dorpswinkel",
        "/finding/winkels-dicht",
    ):
        assert said in block
    assert "Smaller" not in block
    assert 'id="thesaurus"' not in client.get("/initiative/dorpswinkel").text


def test_a_drawing_shows_each_neighbour_once_and_says_how_many_it_leaves_out() -> None:
    edge = Edge("about", "a", "b")
    many = [Relation(edge, replace(NODES[0], id=f"n{i}", name=f"n{i}"), "") for i in range(30)]
    few = [many[0], Relation(edge, NODES[1], "")]
    star = ego.star({"gaat over": many, "werkt met": few})
    ids = [spot.node.id for spot in star.spots if spot.node]
    assert (star.drawn, star.total, len(ids), len(set(ids))) == (ego.MOST, 31, ego.MOST, ego.MOST)
    assert NODES[1].id in ids
    assert all(0 < spot.y < star.height for spot in star.spots)
    places = [(spot.x, spot.y) for spot in star.spots]
    assert len(places) == len(set(places))
    assert ego.star({}).drawn == 0


def test_the_worked_example_is_the_sum_of_a_real_answer(client: FlaskClient, broker: Broker) -> None:
    data = _json(client, "/hoe-het-werkt")
    best = broker.ask(str(data["example"]), limit=1).matches[0]
    worked = data["worked"]
    assert isinstance(worked, dict)
    assert (worked["id"], worked["score"]) == (best.id, best.score)
    html = client.get("/hoe-het-werkt").text
    assert html[html.index('id="voorbeeld"') : html.index('id="kans"')].count("<tr>") == len(best.reasons) + 2
