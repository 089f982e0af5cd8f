"""Logging in with an account elsewhere, at a real OpenID Connect provider that runs beside the tests."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
import requests
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kennismakelaar import users
from kennismakelaar.broker import Broker
from kennismakelaar.config import Settings
from kennismakelaar.errors import Refused
from kennismakelaar.paths import ROOT
from kennismakelaar.users import Role
from tests.conftest import free_port
from tests.web.conftest import SECRET, submit
from web import elsewhere
from web.app import create_app

SITE = "https://kennis.voorbeeld.nl"
BACK = SITE + elsewhere.RETURN
CLIENT_SECRET = "alleen-voor-toetsen-van-hier"
START = "/inloggen/elders?verder=/bureau"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """The address of a provider, stopped afterwards."""
    port, home = free_port(), ROOT / ".cache" / "oidc"
    assert (home / "node_modules").exists(), "Install it with: tests/install oidc"
    command = ["node", str(ROOT / "tests" / "oidc" / "provider.mjs"), str(port), BACK]
    with subprocess.Popen(command, cwd=home, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            assert process.stdout is not None
            assert any(line.strip() == "ready" for line in process.stdout)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


@pytest.fixture
def staffed(broker: Broker) -> Iterator[Broker]:
    """Anna is there already; who comes afterwards is gone afterwards."""
    users.add(broker.store, "anna", Role.STAFF, SECRET)
    yield broker
    for one in list(users.everyone(broker.store)):
        users.change(broker.store, one.name, lambda body: {**body, "role": Role.STAFF})
        users.remove(broker.store, one.name)


@dataclass(frozen=True)
class Walk:
    """A website that knows the provider, and a browser that walks between the two."""

    client: FlaskClient

    def to_provider(self) -> str:
        """Where the website sends who wants to log in."""
        return str(self.client.get(START, base_url=SITE).location)

    def back(self, address: str) -> TestResponse:
        """What the website says to who comes back."""
        return self.client.get(address.removeprefix(SITE), base_url=SITE)

    def log_in(self, name: str) -> TestResponse:
        """All the way: to the provider, through its forms, and back."""
        return self.back(answered(self.to_provider(), name))


def answered(address: str, name: str) -> str:
    """Fill in the forms of the provider; the address on our site to which it sends us back."""
    with closing(requests.Session()) as browser:
        answer = browser.get(address, allow_redirects=False, timeout=20)
        for _ in range(12):
            if answer.is_redirect:
                onward = urljoin(answer.url, answer.headers["Location"])
                if onward.startswith(SITE):
                    return onward
                answer = browser.get(onward, allow_redirects=False, timeout=20)
                continue
            found = re.search(r'action="([^"]+)"', answer.text)
            assert found, answer.text
            form = {"prompt": "login" if 'name="login"' in answer.text else "consent", "login": name, "password": "x"}
            answer = browser.post(urljoin(answer.url, found[1]), form, allow_redirects=False, timeout=20)
    raise AssertionError("the provider never sent us back")


def walk(broker: Broker, issuer: str, secret: str = CLIENT_SECRET, groups: str = "") -> Walk:
    settings = Settings(
        secret_key="k" * 40,
        address=SITE,
        oidc_issuer=issuer,
        oidc_client_id="kennismakelaar",
        oidc_client_secret=secret,
        oidc_name="het account van uw gemeente",
        oidc_roles=groups,
    )
    return Walk(create_app(broker, settings).test_client())


def test_who_was_linked_gets_in_and_who_was_not_gets_a_code_for_the_administrator(staffed: Broker, issuer: str) -> None:
    site = walk(staffed, issuer)
    refused = site.log_in("anna")
    assert refused.status_code == 403, refused.text
    code = re.search(r'<p class="code">([0-9a-f ]{39})</p>', refused.text)
    assert code
    assert site.client.get("/bureau", base_url=SITE).status_code == 302
    users.link(staffed.store, "anna", code[1].replace(" ", ""), "baas")
    assert site.log_in("anna").location == "/bureau"
    assert site.client.get("/bureau", base_url=SITE).status_code == 200
    assert walk(staffed, issuer).log_in("bert").status_code == 403


def test_a_name_or_address_that_someone_else_has_here_opens_nothing(staffed: Broker, issuer: str) -> None:
    site = walk(staffed, issuer, groups="kennis-onderzoek=onderzoeker")
    assert site.log_in("anna+kennis-onderzoek").status_code == 303
    assert users.find(staffed.store, "anna").role is Role.STAFF
    (made,) = [one for one in users.everyone(staffed.store) if one.name != "anna"]
    assert made.role is Role.RESEARCHER
    assert made.name.startswith("elders-")
    with pytest.raises(Refused):
        users.check(staffed.store, made.name, "")


def test_a_group_gives_a_role_and_who_leaves_it_loses_it(staffed: Broker, issuer: str) -> None:
    groups = "kennis-beheer=beheerder, kennis-staf=medewerker"
    assert walk(staffed, issuer, groups=groups).log_in("bert+kennis-staf").status_code == 303
    assert users.find(staffed.store, "bert").role is Role.STAFF
    changed = walk(staffed, issuer, groups="kennis-staf=onderzoeker")
    assert changed.log_in("bert+kennis-staf").status_code == 303
    assert users.find(staffed.store, "bert").role is Role.RESEARCHER
    assert walk(staffed, issuer, groups="anders=medewerker").log_in("bert+kennis-staf").status_code == 403
    assert "bert" not in {one.name for one in users.everyone(staffed.store)}


def test_the_way_out_has_state_nonce_and_a_challenge_and_the_way_back_works_once(staffed: Broker, issuer: str) -> None:
    site = walk(staffed, issuer, groups="kennis-staf=medewerker")
    out = site.to_provider()
    asked = parse_qs(urlsplit(out).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert all(len(asked[name][0]) >= 16 for name in ("state", "nonce", "code_challenge"))
    back = answered(out, "cor+kennis-staf")
    assert walk(staffed, issuer).back(back).status_code == 400
    assert site.back(back.replace("state=", "state=x")).status_code == 400
    assert site.back(back).status_code == 303
    assert site.back(back).status_code == 400


def test_a_provider_that_refuses_us_or_the_person_is_told_in_words(staffed: Broker, issuer: str) -> None:
    refused = walk(staffed, issuer, secret="een geheim dat niet klopt").log_in("anna")
    assert refused.status_code == 400
    assert "niet gelukt" in refused.text
    site = walk(staffed, issuer)
    state = parse_qs(urlsplit(site.to_provider()).query)["state"][0]
    assert site.back(f"{elsewhere.RETURN}?error=access_denied&state={state}").status_code == 400


def test_a_provider_that_is_not_there_is_told_and_the_form_for_passwords_stays(staffed: Broker) -> None:
    site = walk(staffed, f"http://127.0.0.1:{free_port()}")
    assert site.client.get(START, base_url=SITE).status_code == 503
    page = site.client.get("/inloggen", base_url=SITE).text
    assert "Log in met het account van uw gemeente" in page
    assert 'name="wachtwoord"' in page


def test_without_a_provider_there_is_no_such_page(staffed: Broker) -> None:
    client = create_app(staffed).test_client()
    assert client.get(START).status_code == 404
    assert submit(client, "/inloggen", naam="anna", wachtwoord=SECRET).status_code == 303


@pytest.mark.parametrize("text", ["staf", "=medewerker", "staf=keizer", "staf=bezoeker"])
def test_a_table_of_groups_that_says_something_else_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="groep=rol"):
        elsewhere.roles(text)
