"""Nothing is lost: a copy of everything, and back."""

import gzip
import json
import threading
from contextlib import closing, suppress
from pathlib import Path

import pytest
from click.testing import CliRunner

from kennismakelaar import backup, transfer
from kennismakelaar.cli import main
from kennismakelaar.errors import NotFound, Refused
from kennismakelaar.model import Change, Record
from kennismakelaar.store import Store
from kennismakelaar.store_embedded import EmbeddedStore
from tests.test_store import DORP, IN_DORP, TUIN

ZAAK = Record("case", "zaak-1", {"vraag": "Wie helpt? 🌻", "leeg": None}, ("nieuw",))


@pytest.fixture
def filled(store: Store) -> Store:
    """Some of everything, on both stores."""
    store.write(Change([DORP, TUIN], [IN_DORP], [ZAAK]))
    return store


@pytest.fixture
def copy(filled: Store, tmp_path: Path) -> Path:
    """A backup of it."""
    backup.write(filled, tmp_path / "kopie.gz")
    return tmp_path / "kopie.gz"


def test_what_is_put_back_is_what_there_was(filled: Store, copy: Path, tmp_path: Path) -> None:
    with closing(EmbeddedStore(tmp_path / "nieuw.db")) as other:
        backup.restore(copy, other)
        assert transfer.tallies(other) == transfer.tallies(filled)
        assert other.record("case", "zaak-1").body == ZAAK.body
        backup.restore(copy, other)
        assert transfer.tallies(other) == transfer.tallies(filled)


def test_two_backups_of_the_same_are_the_same_bytes(filled: Store, copy: Path, tmp_path: Path) -> None:
    backup.write(filled, tmp_path / "nog-een.gz")
    assert (tmp_path / "nog-een.gz").read_bytes() == copy.read_bytes()


def test_only_the_owner_can_read_it(copy: Path) -> None:
    assert copy.stat().st_mode & 0o077 == 0


def test_a_backup_is_not_put_over_what_is_there(copy: Path, tmp_path: Path) -> None:
    with closing(EmbeddedStore(tmp_path / "vol.db")) as other:
        other.put([TUIN.__class__("iets", "theme", "Iets")], [])
        with pytest.raises(Refused, match="lege database"):
            backup.restore(copy, other)
        assert [node.id for node in other.nodes()] == ["iets"]


def test_an_existing_file_is_never_overwritten(filled: Store, copy: Path) -> None:
    before = copy.read_bytes()
    with pytest.raises(Refused, match="bestaat al"):
        backup.write(filled, copy)
    assert copy.read_bytes() == before


def test_every_damage_is_found(copy: Path, tmp_path: Path) -> None:
    whole = copy.read_bytes()
    lines = gzip.decompress(whole).splitlines(keepends=True)
    newer = json.dumps({"kennismakelaar": backup.FORMAT + 1}).encode() + b"\n"
    damaged = {
        "cut": whole[: len(whole) // 2],
        "flipped": whole[:40] + bytes([whole[40] ^ 1]) + whole[41:],
        "line gone": gzip.compress(b"".join(lines[:1] + lines[2:])),
        "end gone": gzip.compress(b"".join(lines[:-1])),
        "line changed": gzip.compress(b"".join(lines).replace(b"Buurttuin", b"Buurthuis")),
        "more after the end": gzip.compress(b"".join([*lines, lines[1]])),
        "newer": gzip.compress(b"".join([newer, *lines[1:]])),
        "not ours": gzip.compress(b'{"nodes": []}\n'),
        "text": b"hallo",
        "empty": b"",
    }
    for content in damaged.values():
        path = tmp_path / "stuk.gz"
        path.write_bytes(content)
        with pytest.raises(Refused, match="Er is niets veranderd|nieuwere versie"):
            backup.Backup(path)
    with pytest.raises(NotFound):
        backup.Backup(tmp_path / "geen.gz")


def test_no_change_is_in_it_by_half_while_others_write(tmp_path: Path) -> None:
    with closing(EmbeddedStore(tmp_path / "druk.db")) as store:
        stop, store_two = threading.Event(), EmbeddedStore(tmp_path / "druk.db")

        def write() -> None:
            for n in range(200):
                pair = [Record("pair", f"{side}", {"n": n}, (), version=n) for side in "ab"]
                store_two.write(Change(records=pair))
                if stop.wait(0.002):
                    return

        writer = threading.Thread(target=write)
        writer.start()
        with suppress(Refused):  # where the writer is too busy; then there is no file
            backup.write(store, tmp_path / "kopie.gz")
        stop.set()
        writer.join()
        store_two.close()
        if (tmp_path / "kopie.gz").exists():
            assert len({record.body["n"] for record in backup.Backup(tmp_path / "kopie.gz").records()}) <= 1
        assert list(tmp_path.glob(".kopie*")) == []


def test_a_place_where_nothing_can_be_written_is_told(filled: Store, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="niet te schrijven"):
        backup.write(filled, tmp_path / "geen-map" / "kopie.gz")


def test_the_commands_make_check_and_put_back(tmp_path: Path) -> None:
    with closing(EmbeddedStore(tmp_path / "graph.db")) as store:
        store.write(Change([DORP, TUIN], [IN_DORP], [ZAAK]))

    def run(*words: str) -> str:
        done = CliRunner().invoke(main, words, env={"KENNISMAKELAAR_ENCODER": "none"})
        assert done.exit_code == 0, done.output
        return done.stdout

    file, new = str(tmp_path / "kopie.gz"), f"sqlite:///{tmp_path}/nieuw.db"
    run("backup", file, "--database", f"sqlite:///{tmp_path}/graph.db")
    counts = json.loads(run("verify", file, "--json"))["counts"]
    assert counts == {"case": 1, "initiative": 1, "located_in": 1, "place": 1}
    assert json.loads(run("restore", file, "--database", new, "--json"))["counts"] == counts
    assert "Buurttuin" in run("show", "buurttuin", "--database", new)
