"""Ways to look around: the card of an answer, the map, years, letters and words."""

from urllib.parse import quote

from flask.testing import FlaskClient

from tests.web.conftest import QUESTION

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
    assert {place["name"]: place["match"] and place["match"]["id"] for place in card}["help"] == "steunpunt"
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
