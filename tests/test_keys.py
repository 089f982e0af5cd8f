"""Keys of programs that use the API."""

import json
from datetime import date

import pytest
from click.testing import CliRunner

from kennismakelaar import keys
from kennismakelaar.cli import main
from kennismakelaar.errors import NotFound, Refused, Unauthorised
from kennismakelaar.keys import Key, Scope
from kennismakelaar.store import Store

TODAY, TOMORROW = date(2026, 11, 25), date(2026, 11, 26)


def test_a_key_works_until_its_last_day_and_remembers_the_day_alone(store: Store) -> None:
    secret = keys.add(store, "zaaksysteem", (Scope.CASES_READ,), 1, TODAY)
    assert keys.check(store, secret, TODAY) == Key("zaaksysteem", (Scope.CASES_READ,), "2026-11-26", "")
    assert keys.check(store, secret, TOMORROW).used == "2026-11-25"
    with pytest.raises(Unauthorised):
        keys.check(store, secret, date(2026, 11, 27))
    with pytest.raises(Unauthorised):
        keys.check(store, secret + "x", TODAY)


def test_the_key_itself_is_nowhere_in_the_database(store: Store) -> None:
    secret = keys.add(store, "onderzoek", (Scope.READ,), 30, TODAY)
    kept = json.dumps([(record.id, dict(record.body), record.tags) for record in store.records()])
    assert secret.removeprefix(keys.PREFIX) not in kept


def test_using_a_key_is_no_change_of_the_graph(store: Store) -> None:
    secret, before = keys.add(store, "onderzoek", (Scope.READ,), 30, TODAY), store.revision()
    keys.check(store, secret, TODAY)
    assert store.revision() == before


def test_a_key_that_is_revoked_works_no_longer(store: Store) -> None:
    secret = keys.add(store, "onderzoek", (Scope.READ,), 30, TODAY)
    keys.revoke(store, "onderzoek")
    with pytest.raises(Unauthorised):
        keys.check(store, secret, TODAY)
    with pytest.raises(NotFound):
        keys.revoke(store, "onderzoek")


@pytest.mark.parametrize(("name", "days"), [("Met Hoofdletter", 30), ("dubbel", 30), ("lang", 800), ("kort", 0)])
def test_a_wrong_name_or_term_is_refused(store: Store, name: str, days: int) -> None:
    keys.add(store, "dubbel", (Scope.READ,), 30, TODAY)
    with pytest.raises(Refused):
        keys.add(store, name, (Scope.READ,), days, TODAY)


def test_the_commands_make_list_and_revoke(tmp_path_factory: pytest.TempPathFactory) -> None:
    database = f"sqlite:///{tmp_path_factory.mktemp('keys')}/graph.db"

    def run(*words: str) -> str:
        done = CliRunner().invoke(main, ["key", *words, "--database", database], env={"KENNISMAKELAAR_ENCODER": "none"})
        assert done.exit_code == 0, done.output
        return done.output

    secret = json.loads(run("add", "onderzoek", "--scope", "network", "--days", "90", "--json"))["key"]
    assert secret.startswith(keys.PREFIX)
    listed = run("list")
    assert "onderzoek: network; tot " in listed
    assert secret not in listed
    run("revoke", "onderzoek")
    assert run("list").startswith("Nog geen.")
