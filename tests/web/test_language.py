"""English under /en: the address says the language, and all that leads on stays in it."""

import re

import pytest
from flask.testing import FlaskClient

from kennismakelaar import language


def test_the_address_says_the_language(client: FlaskClient) -> None:
    dutch, english = client.get("/over"), client.get("/en/over")
    assert ('<html lang="nl">' in dutch.text, '<html lang="en">' in english.text) == (True, True)
    assert (dutch.headers["Content-Language"], english.headers["Content-Language"]) == ("nl", "en")


def test_every_link_on_an_english_page_stays_in_english(client: FlaskClient) -> None:
    found = re.findall(r'<(?:a|form)\b[^>]*\b(?:href|action)="(/[^"]*)"[^>]*>', client.get("/en/").text)
    assert [address for address in found if not address.startswith(("/en/", "/static/"))] == ["/"]


def test_each_page_leads_to_itself_in_the_other_language(client: FlaskClient) -> None:
    assert 'hreflang="en" href="/en/vraag?q=zwembad"' in client.get("/vraag?q=zwembad").text
    assert 'hreflang="nl" href="/vraag?q=zwembad"' in client.get("/en/vraag?q=zwembad").text


def test_a_redirect_stays_in_the_language(client: FlaskClient) -> None:
    assert client.get("/en/bureau").headers["Location"].startswith("/en/inloggen?")


def test_a_word_that_begins_like_a_language_is_no_language(client: FlaskClient) -> None:
    assert client.get("/energie").status_code == 404
    assert '<html lang="nl">' in client.get("/energie").text


@pytest.mark.parametrize(("language", "reason"), [("nl", "zelfde woorden"), ("en", "same words")])
def test_reasons_and_errors_follow_the_language_of_each_request(
    client: FlaskClient, language: str, reason: str
) -> None:
    root = "" if language == "nl" else f"/{language}"
    found = client.get(f"{root}/vraag.json?q=Onze buurtwinkel gaat dicht").json
    assert found
    assert any(reason in one["text"] for match in found["matches"] for one in match["reasons"])
    problem = client.get(f"{root}/api/v1/entities/nergens").json
    assert problem
    assert problem["title"] == {"nl": "Niet gevonden", "en": "Not found"}[language]


def test_the_language_ends_with_the_request(client: FlaskClient) -> None:
    client.get("/en/over")
    assert language.current() == "nl"
