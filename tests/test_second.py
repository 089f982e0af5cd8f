"""The second step of logging in: codes of an app and on paper, each used once."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from kennismakelaar import audit, second, users
from kennismakelaar.errors import Refused
from kennismakelaar.store import Store
from kennismakelaar.users import Role

SECRET = "een fiets vol paarse tulpen"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def paper(store: Store) -> list[str]:
    """Anna logs in in two steps from now on; her recovery codes."""
    users.add(store, "anna", Role.STAFF, SECRET)
    return second.confirm(store, "anna", at(store, NOW), NOW)


def at(store: Store, when: datetime) -> str:
    """What the app of Anna shows."""
    secret = store.record(users.KIND, "anna").body.get("second", {}).get("secret") or second.begin(store, "anna")
    return str(pyotp.TOTP(secret).at(when))


def test_a_code_works_once_and_an_older_one_not_after_it(store: Store, paper: list[str]) -> None:
    later = NOW + timedelta(minutes=5)
    second.check(store, "anna", at(store, later), later)
    for code in (
        at(store, later),
        at(store, later - timedelta(seconds=30)),
        at(store, NOW),
        "",
        "x" * 500,
        "１２３４５６",
    ):
        with pytest.raises(Refused, match="klopt niet"):
            second.check(store, "anna", code, later)
    second.check(store, "anna", at(store, later + timedelta(seconds=30)), later + timedelta(seconds=30))


def test_a_clock_may_be_half_a_minute_off_and_not_two(store: Store, paper: list[str]) -> None:
    later = NOW + timedelta(hours=1)
    with pytest.raises(Refused):
        second.check(store, "anna", at(store, later - timedelta(minutes=2)), later)
    second.check(store, "anna", at(store, later - timedelta(seconds=30)), later)


def test_a_recovery_code_works_once_however_it_is_typed_and_is_not_kept(store: Store, paper: list[str]) -> None:
    assert len(set(paper)) == second.CODES
    assert not any(code in str(store.record(users.KIND, "anna").body) for code in paper)
    second.check(store, "anna", paper[0].lower().replace("-", " "), NOW)
    with pytest.raises(Refused):
        second.check(store, "anna", paper[0], NOW)
    second.check(store, "anna", paper[1], NOW)


def test_who_lost_everything_sets_it_up_again_with_another_secret(store: Store, paper: list[str]) -> None:
    with pytest.raises(Refused, match="al in twee stappen"):
        second.begin(store, "anna")
    old = store.record(users.KIND, "anna").body["second"]["secret"]
    second.reset(store, "anna", "baas")
    assert not users.find(store, "anna").has_second
    assert second.begin(store, "anna") != old
    assert second.begin(store, "anna") == second.begin(store, "anna")
    assert {"tweede stap teruggezet", "tweede stap ingesteld"} < {row.what for row in audit.rows(store)}


def test_a_wrong_first_code_sets_up_nothing(store: Store) -> None:
    users.add(store, "anna", Role.STAFF, SECRET)
    second.begin(store, "anna")
    with pytest.raises(Refused):
        second.confirm(store, "anna", "000000", NOW)
    assert not users.find(store, "anna").has_second
