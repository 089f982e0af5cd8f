"""The second step of logging in: codes of an app and on paper, each used once."""

import json
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from kennismakelaar import audit, second, users, vault
from kennismakelaar.errors import Refused
from kennismakelaar.store import Store
from kennismakelaar.users import Role

SECRET = "een fiets vol paarse tulpen"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEY = "sleutel van deze website, 40 tekens lang"


@pytest.fixture
def paper(store: Store) -> list[str]:
    """Anna logs in in two steps from now on; her recovery codes."""
    users.add(store, "anna", Role.STAFF, SECRET)
    return second.confirm(store, "anna", at(store, NOW), NOW, KEY)


def at(store: Store, when: datetime) -> str:
    """What the app of Anna shows."""
    secret = vault.unseal(kept(store), KEY, "anna") or second.begin(store, "anna", KEY)
    return str(pyotp.TOTP(secret).at(when))


def kept(store: Store) -> str:
    """The secret of Anna as it stands in the database."""
    return str(store.record(users.KIND, "anna").body.get("second", {}).get("secret", ""))


def test_a_code_works_once_and_an_older_one_not_after_it(store: Store, paper: list[str]) -> None:
    later = NOW + timedelta(minutes=5)
    second.check(store, "anna", at(store, later), later, KEY)
    for code in (
        at(store, later),
        at(store, later - timedelta(seconds=30)),
        at(store, NOW),
        "",
        "x" * 500,
        "１２３４５６",
    ):
        with pytest.raises(Refused, match="klopt niet"):
            second.check(store, "anna", code, later, KEY)
    second.check(store, "anna", at(store, later + timedelta(seconds=30)), later + timedelta(seconds=30), KEY)


def test_a_clock_may_be_half_a_minute_off_and_not_two(store: Store, paper: list[str]) -> None:
    later = NOW + timedelta(hours=1)
    with pytest.raises(Refused):
        second.check(store, "anna", at(store, later - timedelta(minutes=2)), later, KEY)
    second.check(store, "anna", at(store, later - timedelta(seconds=30)), later, KEY)


def test_a_recovery_code_works_once_however_it_is_typed_and_is_not_kept(store: Store, paper: list[str]) -> None:
    assert len(set(paper)) == second.CODES
    assert not any(code in str(store.record(users.KIND, "anna").body) for code in paper)
    second.check(store, "anna", paper[0].lower().replace("-", " "), NOW, KEY)
    with pytest.raises(Refused):
        second.check(store, "anna", paper[0], NOW, KEY)
    second.check(store, "anna", paper[1], NOW, KEY)


def test_who_lost_everything_sets_it_up_again_with_another_secret(store: Store, paper: list[str]) -> None:
    with pytest.raises(Refused, match="al in twee stappen"):
        second.begin(store, "anna", KEY)
    old = vault.unseal(kept(store), KEY, "anna")
    second.reset(store, "anna", "baas")
    assert not users.find(store, "anna").has_second
    assert second.begin(store, "anna", KEY) != old
    assert second.begin(store, "anna", KEY) == second.begin(store, "anna", KEY)
    assert {"tweede stap teruggezet", "tweede stap ingesteld"} < {row.what for row in audit.rows(store)}


def test_a_wrong_first_code_sets_up_nothing(store: Store) -> None:
    users.add(store, "anna", Role.STAFF, SECRET)
    second.begin(store, "anna", KEY)
    with pytest.raises(Refused):
        second.confirm(store, "anna", "000000", NOW, KEY)
    assert not users.find(store, "anna").has_second


def test_the_secret_of_the_app_cannot_be_read_in_the_database_without_the_key_nor_used_for_another(
    store: Store, paper: list[str]
) -> None:
    secret = vault.unseal(kept(store), KEY, "anna")
    assert secret
    assert secret not in json.dumps([dict(record.body) for record in store.records()])
    assert vault.unseal(kept(store), KEY, "bert") is None
    assert vault.unseal(kept(store), "", "anna") is None
    assert vault.seal(secret, KEY, "anna") != kept(store)


def test_with_another_key_of_the_website_codes_of_the_app_say_so_and_recovery_codes_work(
    store: Store, paper: list[str]
) -> None:
    with pytest.raises(Refused, match="sleutel van de website is veranderd"):
        second.check(store, "anna", at(store, NOW), NOW, "een andere sleutel")
    second.check(store, "anna", paper[0], NOW, "een andere sleutel")


def test_a_secret_from_before_there_was_a_key_works_and_is_sealed_from_then_on(store: Store) -> None:
    users.add(store, "anna", Role.STAFF, SECRET)
    secret = second.begin(store, "anna", "")
    assert kept(store) == secret
    second.confirm(store, "anna", pyotp.TOTP(secret).at(NOW), NOW, "")
    later = NOW + timedelta(minutes=5)
    second.check(store, "anna", pyotp.TOTP(secret).at(later), later, KEY)
    assert vault.unseal(kept(store), KEY, "anna") == secret != kept(store)
