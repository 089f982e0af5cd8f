"""The graph in Neo4j, from 5.26 on: one server, a cluster or Aura. Cypher is here and in neo4j_setup.py and neo4j_write.py alone."""

import logging
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np
from neo4j import READ_ACCESS, WRITE_ACCESS, GraphDatabase, ManagedTransaction, unit_of_work
from neo4j import exceptions as driver_errors

from kennismakelaar.errors import NotFound
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Change, Edge, Entry, Node, Record, Vector
from kennismakelaar.neo4j_errors import explained, no_address, too_old
from kennismakelaar.neo4j_rows import (
    correction,
    index_properties,
    labels,
    phrase,
    read_edge,
    read_record,
    sound_nodes,
    types,
    unique,
)
from kennismakelaar.neo4j_setup import (
    ALL,
    COUNT_RECORDS,
    COUNT_UP,
    ENTITY,
    INDEXES,
    PASSAGE,
    adopt,
    statements,
    vector_name,
    verify,
)
from kennismakelaar.neo4j_write import WITHOUT, put_graph, put_records, put_vectors, remove, remove_records
from kennismakelaar.store import Ranking
from kennismakelaar.vectors import NO_VECTORS

T = TypeVar("T")
logging.getLogger("neo4j").addHandler(logging.NullHandler())  # else each warning lands on stderr, beside our message
logging.getLogger("neo4j.notifications").setLevel(logging.ERROR)  # an empty database warns of every label it lacks
SCHEMES = re.compile(r"(neo4j|bolt)(\+s|\+ssc)?://")
OLDEST = (5, 26)
"""The first version of Neo4j with all the Cypher used here."""
LONGEST = 120.0
"""Seconds that one transaction may take on the server."""
CLAUSES = 1_000
"""Terms in one full-text query; Lucene refuses more than 1,024."""
COUNTED = 5_000
"""Nodes up to which a question counts all its runs of characters first, which takes 40 ms for a thousand nodes."""
AHEAD = 8
"""Passages to look at for each node that is wanted, since a node has several."""
SPARE = 100
"""More answers than wanted, so that equal scores at the end are cut in order of id."""
NEIGHBOURS = "CALL db.index.vector.queryNodes($name, $many, $vector) YIELD node AS p, score "
EVERY_PASSAGE = """MATCH (p:Passage) WHERE p[$name] IS NOT NULL
    WITH p, vector.similarity.cosine(p[$name], $vector) AS score """
DEGREES = """UNWIND $ids AS id MATCH (n:Entity {id: id})
    RETURN id, COUNT { MATCH (n)-[r]-(:Entity) WHERE type(r) IN $types }"""
OF_KINDS = """MATCH (p)-[:OF]->(n:Entity) WHERE $labels = [] OR any(label IN labels(n) WHERE label IN $labels)
    RETURN n.id AS id, 2 * max(score) - 1 AS score ORDER BY score DESC, id LIMIT $limit"""


class Neo4jStore:
    """A GraphStore and CandidateIndex on a server; safe to use from several threads.

    Every call is one session and one managed transaction, which the driver repeats for `patience` seconds while
    the server is silent, busy or changing leaders. What is written can be repeated without harm.
    """

    def __init__(self, url: str, user: str, password: str, database: str = "neo4j", patience: float = 4.0) -> None:
        """Connect; StoreGone or StoreRefused says at once what is wrong."""
        self.url, self.database = url, database
        self._ready: set[str] = set()
        self._bookmarks = GraphDatabase.bookmark_manager()
        with self._translated():
            if not SCHEMES.match(url):
                raise no_address(url)
            self._driver = GraphDatabase.driver(
                url,
                auth=(user, password),
                connection_timeout=patience,
                connection_acquisition_timeout=patience,
                max_transaction_retry_time=patience,
                liveness_check_timeout=0,
            )
        try:
            self._check_server()
        except BaseException:
            self.close()
            raise

    def _check_server(self) -> None:
        """Its version, and whether it lets us into the database; without repeating, so that it fails at once."""
        with (
            self._translated(),
            self._driver.session(database=self.database, default_access_mode=READ_ACCESS) as session,
        ):
            agent = session.run("RETURN 1").consume().server.agent
        version = re.match(r"Neo4j/(\d+)\.(\d+)", agent)
        if version is None or (int(version[1]), int(version[2])) < OLDEST:
            raise too_old(self.url, agent)

    def plan(self, vectors: Mapping[str, int]) -> list[str]:
        """See SharedStore."""
        present = {name for what in ("INDEXES", "CONSTRAINTS") for (name,) in self._read(f"SHOW {what} YIELD name")}
        return [statement for name, statement in statements(vectors).items() if name not in present]

    def prepare(self, vectors: Mapping[str, int]) -> list[str]:
        """See SharedStore. Waits until the indexes work."""
        missing = self.plan(vectors)
        for statement in missing:
            self._change(statement)
        if missing:
            self._read("CALL db.awaitIndexes($seconds)", seconds=int(LONGEST))
        self._ready |= {"", *(model for model, size in vectors.items() if size)}
        return missing

    def verify(self) -> list[str]:
        """See GraphStore."""
        return verify(self._read)

    def adopt(self) -> list[str]:
        """See SharedStore."""
        return adopt(self._read, self._change)

    def _ensure(self, vectors: Mapping[str, int]) -> None:
        """Before the first write: without the constraints one id could be made twice."""
        if not {"", *(model for model, size in vectors.items() if size)} <= self._ready:
            self.prepare(vectors)

    def put(self, nodes: Iterable[Node], edges: Iterable[Edge]) -> None:
        """See GraphStore."""
        self.write(Change(nodes, edges))

    def write(self, change: Change) -> None:
        """See RecordStore."""
        nodes = {node.id: node for node in change.nodes}
        edges = {(edge.kind, edge.source, edge.target): edge for edge in change.edges}
        gone, untied = list(change.gone_nodes), list(change.gone_edges)
        records, cleared = list(change.records), list(change.gone_records)
        self._ensure({})

        def work(tx: ManagedTransaction) -> None:
            if nodes or edges or gone or untied:
                tx.run(COUNT_UP)
                remove(tx, gone, untied)
                put_graph(tx, nodes.values(), edges.values())
            if records or cleared:
                tx.run(COUNT_RECORDS)
                remove_records(tx, cleared)
                put_records(tx, records)

        self._write(work)

    def record(self, kind: str, id: str) -> Record:
        """See RecordStore."""
        for row in self._read("MATCH (r:Record {key: $key}) RETURN r", key=f"{kind}/{id}"):
            return read_record(row[0])
        raise NotFound(_("%(kind)s %(id)r bestaat niet.", kind=kind, id=id))

    def records(self, kind: str | None = None, tag: str | None = None) -> Iterator[Record]:
        """See RecordStore."""
        rows = self._read(
            """MATCH (r:Record) WHERE ($kind IS NULL OR r.kind = $kind) AND ($tag IS NULL OR $tag IN r.tags)
            RETURN r ORDER BY r.kind, r.id""",
            kind=kind,
            tag=tag,
        )
        yield from (read_record(found) for (found,) in rows)

    def get(self, id: str) -> Node:
        """See GraphStore."""
        for node in self.nodes(ids=[id]):
            return node
        raise NotFound(_("%(id)r bestaat niet in deze graaf.", id=id))

    def nodes(self, kind: str | None = None, ids: Collection[str] | None = None) -> Iterator[Node]:
        """See GraphStore."""
        if kind is not None and kind not in labels():
            return
        label = f"{ENTITY}:{labels()[kind]}" if kind else ENTITY
        match = f"MATCH (n:{label})" if ids is None else f"UNWIND $ids AS id MATCH (n:{label} {{id: id}})"
        rows = self._read(f"{match} RETURN labels(n), {ALL} ORDER BY n.id", ids=unique(ids))
        yield from (node for row in rows for node in sound_nodes(*row))

    def edges(self, ids: Collection[str] | None = None) -> Iterator[Edge]:
        """See GraphStore."""
        some = "UNWIND $ids AS id MATCH (:Entity {id: id})-[r]-(:Entity) WITH DISTINCT r"
        return self._edges("MATCH (:Entity)-[r]->(:Entity)" if ids is None else some, ids)

    def size(self) -> int:
        """See GraphStore."""
        return int(self._read(f"MATCH (n:{ENTITY}) RETURN count(n)")[0][0])

    def changed(self, since: int) -> Iterator[Node]:
        """See GraphStore. All, since anyone may write here and the server keeps no revision of a node."""
        return self.nodes()

    def leaving(self, ids: Collection[str]) -> Iterator[Edge]:
        """See GraphStore."""
        return self._edges("UNWIND $ids AS id MATCH (:Entity {id: id})-[r]->(:Entity)", ids)

    def degrees(self, ids: Collection[str]) -> Mapping[str, int]:
        """See GraphStore."""
        found = self._read(DEGREES, ids=unique(ids), types=list(types().values()))
        return {id: degree for id, degree in found if degree}

    def _edges(self, match: str, ids: Collection[str] | None) -> Iterator[Edge]:
        rows = self._read(f"{match} RETURN startNode(r).id, type(r), endNode(r).id, properties(r)", ids=unique(ids))
        kinds = {type: kind for kind, type in types().items()}
        found = {(source, kinds[type], target): values for source, type, target, values in rows if type in kinds}
        for source, kind, target in sorted(found):
            yield read_edge(kind, source, target, found[source, kind, target])

    def delete(self, id: str) -> None:
        """See GraphStore."""

        def work(tx: ManagedTransaction) -> None:
            tx.run(COUNT_UP)
            done = tx.run(f"MATCH (n:Entity {{id: $id}}) {WITHOUT}", id=id)
            if not done.consume().counters.nodes_deleted:
                raise NotFound(_("%(id)r bestaat niet in deze graaf.", id=id))

        self._write(work)

    def purge(self) -> None:
        """See GraphStore. No client can: the server prunes its logs as it is set (docs/privacy.md)."""

    def revision(self) -> int:
        """See GraphStore."""
        return next((int(value) for (value,) in self._read("MATCH (m:Meta {key: 'revision'}) RETURN m.value")), 0)

    def close(self) -> None:
        """See GraphStore."""
        self._driver.close()

    def outdated(self, model: str) -> Iterator[Node]:
        """See CandidateIndex."""
        rows = self._read(
            f"""MATCH (n:Entity) WHERE NOT coalesce(n._index_digest = n.digest, false)
            OR NOT coalesce(n[$key] = n.digest, false) RETURN labels(n), {ALL} ORDER BY n.id""",
            key=f"_model_{model}",
        )
        yield from (node for row in rows for node in sound_nodes(*row))

    def index(self, model: str, entries: Iterable[Entry]) -> None:
        """See CandidateIndex."""
        known = sorted({entry.id: entry for entry in entries}.values(), key=lambda entry: entry.id)
        self._ensure({model: max((entry.vectors.shape[1] for entry in known), default=0)})
        nodes = [index_properties(entry, model) for entry in known]
        vectors = [
            {"id": entry.id, "n": n, "vector": row.tolist()}
            for entry in known
            for n, row in enumerate(entry.vectors)
            if row.any()
        ]
        self._write(lambda tx: put_vectors(tx, vector_name(model), nodes, vectors))

    def models(self) -> Mapping[str, int]:
        """See CandidateIndex."""
        return dict(
            self._read("""MATCH (n:Entity) UNWIND [key IN keys(n) WHERE key STARTS WITH '_model_'] AS key
            RETURN substring(key, 7) AS model, count(*) ORDER BY model""")
        )

    def lexical(self, field: str, terms: Sequence[str], limit: int, kinds: Collection[str] = ()) -> Ranking:
        """See CandidateIndex. More than a thousand terms are asked in parts, whose scores add up."""
        wanted = self._weighted(field, list(dict.fromkeys(terms)))
        only = f" +_kind:({' '.join(phrase(kind) for kind in sorted(kinds))})^0" if kinds else ""
        queries = [
            f"+_{field}:({' '.join(wanted[start : start + CLAUSES - len(kinds)])}){only}"
            for start in range(0, len(wanted), CLAUSES - len(kinds))
        ]
        return self._ranking(
            """UNWIND $queries AS query
            CALL db.index.fulltext.queryNodes($index, query, {limit: $many}) YIELD node, score
            RETURN node.id AS id, sum(score) AS score ORDER BY score DESC, id LIMIT $limit""",
            queries=queries,
            index=INDEXES[field],
            many=len(queries) * (limit + SPARE),
            limit=limit,
        )

    def nearest(self, model: str, vector: Vector, limit: int, kinds: Collection[str] = ()) -> Ranking:
        """See CandidateIndex. Looks further as long as the wanted kinds fill the list too little.

        In the end at every passage: an index of neighbours may overlook some, above all after deletions.
        """
        if not vector.any() or vector_name(model) not in self._vector_indexes():
            return []
        many = AHEAD * limit + SPARE
        only = [labels()[kind] for kind in kinds if kind in labels()]
        values = {"name": vector_name(model), "vector": vector.tolist(), "limit": limit, "labels": only}
        while True:
            found = self._ranking(NEIGHBOURS + OF_KINDS, many=many, **values)
            if len(found) >= limit:
                return found
            if many >= self._passages():
                return self._ranking(EVERY_PASSAGE + OF_KINDS, **values)
            many *= AHEAD

    def cosines(self, model: str, vector: Vector, ids: Collection[str]) -> Mapping[str, Vector]:
        """See CandidateIndex."""
        if not vector.any():
            return {}
        rows = self._read(
            """UNWIND $ids AS id MATCH (p:Passage)-[:OF]->(:Entity {id: id}) WHERE p[$name] IS NOT NULL
            RETURN id, collect([p.n, 2 * vector.similarity.cosine(p[$name], $vector) - 1])""",
            ids=unique(ids),
            name=vector_name(model),
            vector=vector.tolist(),
        )
        return {id: _in_place(pairs) for id, pairs in rows}

    def frequencies(self, terms: Collection[str]) -> Mapping[str, int]:
        """See CandidateIndex."""
        return self._counts("words", terms)

    def _counts(self, field: str, terms: Collection[str]) -> Mapping[str, int]:
        queries = {term: f"_{field}:{phrase(term)}" for term in terms if term.strip()}
        return dict(
            self._read(
                """UNWIND keys($queries) AS term
            CALL db.index.fulltext.queryNodes($index, $queries[term]) YIELD node
            RETURN term, count(node) ORDER BY term""",
                index=INDEXES[field],
                queries=queries,
            )
        )

    def _weighted(self, field: str, terms: Sequence[str]) -> list[str]:
        """The terms that occur, each with what corrects its weight: for Lucene a common term still says something."""
        total = self.size()
        if field != "words" and total > COUNTED:
            return [phrase(term) for term in terms if term.strip()]
        return [f"{phrase(term)}^{correction(n, total):.9f}" for term, n in self._counts(field, terms).items()]

    def entries(self, ids: Collection[str]) -> Mapping[str, Entry]:
        """See CandidateIndex."""
        rows = self._read(
            """UNWIND $ids AS id MATCH (n:Entity {id: id}) WHERE n._index_digest IS NOT NULL
            RETURN id, n._kind, n._index_digest, n._words, n._passages ORDER BY id""",
            ids=unique(ids),
        )
        return {
            id: Entry(id, kind, digest, tuple(words.split()), (), tuple(passages), NO_VECTORS)
            for id, kind, digest, words, passages in rows
        }

    def _vector_indexes(self) -> set[str]:
        return {name for (name,) in self._read("SHOW VECTOR INDEXES YIELD name")}

    def _passages(self) -> int:
        return int(self._read(f"MATCH (p:{PASSAGE}) RETURN count(p)")[0][0])

    def _ranking(self, statement: str, **values: object) -> Ranking:
        return [(id, score) for id, score in self._read(statement, **values)]

    def _read(self, statement: str, **values: object) -> list[Any]:
        return self._run(READ_ACCESS, lambda tx: list(tx.run(statement, values)))

    def _write(self, work: Callable[[ManagedTransaction], T]) -> T:
        return self._run(WRITE_ACCESS, work)

    def _change(self, statement: str, **values: object) -> list[Any]:
        return self._write(lambda tx: list(tx.run(statement, values)))

    def _run(self, access: str, work: Callable[[ManagedTransaction], T]) -> T:
        """What was written through this store is seen by its next read, on whichever server of a cluster."""
        with (
            self._translated(),
            self._driver.session(
                database=self.database, default_access_mode=access, bookmark_manager=self._bookmarks
            ) as session,
        ):
            execute = session.execute_read if access == READ_ACCESS else session.execute_write
            return execute(unit_of_work(timeout=LONGEST)(work))

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Driver errors as ours, with the server and what to do."""
        try:
            yield
        except (driver_errors.Neo4jError, driver_errors.DriverError) as error:
            if "Bookmark" in str(error):  # of a database that has since been put back or replaced
                self._bookmarks = GraphDatabase.bookmark_manager()
            raise explained(error, self.url, self.database) from error


def _in_place(pairs: Iterable[tuple[int, float]]) -> Vector:
    """Each cosine at the number of its passage; zero where the passage has no vector."""
    cosines = dict(pairs)
    return np.array([cosines.get(n, 0.0) for n in range(max(cosines) + 1)], np.float32)
