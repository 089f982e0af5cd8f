"""The use cases, and open_broker(), which puts the parts together."""

import threading
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kennismakelaar import encode, erased, index, match, search, text
from kennismakelaar.config import Settings
from kennismakelaar.database import open_store
from kennismakelaar.encode import Encoder, Progress
from kennismakelaar.errors import Refused
from kennismakelaar.kinds import HELPERS
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Answer, Change, Edge, Match, Node
from kennismakelaar.schema import schema
from kennismakelaar.signals import sentence
from kennismakelaar.snapshot import Snapshot
from kennismakelaar.store import Store
from kennismakelaar.weights import Weights
from kennismakelaar.weights import read as read_weights

if TYPE_CHECKING:
    from kennismakelaar.network import MissingLink

PATIENCE = 0.2
"""Seconds between two looks at how far a change of encoder is."""
ACTIE = {
    "animo": "mensen",
    "contacten": "netwerk",
    "toerusting": "geld",
    "inbedding": "regels",
    "empathie": "begeleiding",
}
"""The factors of the ACTIE model, each with the need that helps most where it is weak."""


@dataclass(frozen=True)
class Relation:
    """An edge seen from one of its ends."""

    edge: Edge
    other: Node
    sentence: str


class Broker:
    """Asks, shows and keeps one graph. Threads may share it."""

    def __init__(self, store: Store, encoder: Encoder, weights: Weights) -> None:
        """The store is open and the encoder loaded."""
        self.store, self.weights = store, weights
        self.encoder = encoder
        self.embedded = 0
        """Nodes that a change of encoder has done so far."""
        self._change: threading.Thread | None = None
        self._snapshot: Snapshot | None = None
        self._lock = threading.Lock()

    def ask(self, question: str, place: str | None = None, kinds: Sequence[str] = (), limit: int = 10) -> Answer:
        """Matches for a question in plain words; Refused where it cannot be read, or a kind or place is unknown."""
        asked = self.understand(question, place, kinds)
        return self.answer(asked, self.rank(asked), limit)

    def answer(self, asked: search.Question, ranked: Sequence[match.Ranked], limit: int) -> Answer:
        """What a ranking of rank() comes to."""
        return match.answer(asked, ranked, self.snapshot, self.encoder.id, self.weights, limit)

    def similar(self, id: str, limit: int = 5) -> tuple[Match, ...]:
        """Records of the same kind that are most like this one, or NotFound."""
        node = self.snapshot.node(id)
        return self._for(node, node.text("summary"), (node.kind,), limit)

    def experts(self, question: str, limit: int = 5) -> tuple[Match, ...]:
        """People who published or spoke about what the question is about."""
        return self.ask(question, kinds=("person",), limit=limit).matches

    def helpers(self, id: str, weak: Collection[str] = (), limit: int = 5) -> tuple[Match, ...]:
        """Who can help this initiative, by what it needs and by the factors of the ACTIE model that it is weak in.

        The model: Denters, Tonkens, Verhoeven & Bakker (2012), Burgers maken hun buurt, Platform31.
        """
        if unknown := set(weak) - set(ACTIE):
            raise Refused(
                _(
                    "Factor %(value)r bestaat niet. Kies uit: %(options)s.",
                    value=sorted(unknown)[0],
                    options=", ".join(ACTIE),
                )
            )
        node = self.snapshot.node(id)
        labels = schema().vocabularies["need"]
        needs = [labels[need].nl for need in (*node.texts("need"), *(ACTIE[factor] for factor in weak))]
        return self._for(node, " ".join((node.text("summary"), *dict.fromkeys(needs))), HELPERS, limit)

    def _for(self, node: Node, description: str, kinds: Sequence[str], limit: int) -> tuple[Match, ...]:
        """Matches for a record instead of a question; a record always has some, so no threshold."""
        asked = self.understand(description[: text.LONGEST_QUESTION], None, kinds)
        others = [ranked for ranked in self.rank(asked) if ranked.node.id != node.id][:limit]
        return tuple(match.as_match(ranked, self.weights, self.snapshot) for ranked in others)

    def rank(self, asked: search.Question) -> list[match.Ranked]:
        """Every candidate for a question that was understood, best first, whether or not it is good enough."""
        return match.recommend(asked, self.store, self.snapshot, self.encoder.id, self.weights)

    def missing_links(self, limit: int = 20) -> tuple[tuple["MissingLink", str], ...]:
        """Relations that may be missing, most likely first, each with a sentence; a person decides."""
        from kennismakelaar.network import missing_links  # here, because it makes every start of the program slower

        found = missing_links(self.store, limit)
        return tuple((link, sentence(Edge(link.kind, link.source, link.target), self.snapshot)) for link in found)

    def understand(self, question: str, place: str | None = None, kinds: Sequence[str] = ()) -> search.Question:
        """The question analysed; Refused where it is empty or too long, or a kind or place is unknown."""
        cleaned = " ".join(question.split())
        if not cleaned:
            raise Refused(_("De vraag is leeg. Vertel in een paar woorden wat u wilt doen of weten."))
        if len(cleaned) > text.LONGEST_QUESTION:
            raise Refused(
                _(
                    "De vraag is te lang (%(number)s tekens). Maak haar korter dan %(longest_question)s tekens.",
                    number=len(cleaned),
                    longest_question=text.LONGEST_QUESTION,
                )
            )
        if unknown := [kind for kind in kinds if kind not in schema().nodes]:
            raise Refused(schema().no_kind(unknown[0]))
        asked = search.understand(cleaned, self.store, self.snapshot, self.encoder, self.weights.bridge)
        return replace(asked, place=self.place(place) if place else "", kinds=tuple(kinds))

    def place(self, name: str) -> str:
        """The id of a place by its name; Refused where there is none."""
        for id in self.named(name, "place"):
            return id
        raise Refused(
            _("Plaats %(name)r kennen wij niet. Controleer de spelling of noem de gemeente of provincie.", name=name)
        )

    def named(self, name: str, kind: str) -> list[str]:
        """Ids of the records of this kind that have a name of these words, in order."""
        phrase = tuple(text.stem(word) for word in text.tokens(name))
        found = self.snapshot.nodes(self.snapshot.named(phrase))
        return sorted(id for id, node in found.items() if node.kind == kind)

    @property
    def snapshot(self) -> Snapshot:
        """What was read of the graph; anew after a change, also one made by another process."""
        with self._lock:
            if self._snapshot is None or self._snapshot.revision != self.store.revision():
                self._snapshot = Snapshot(self.store, self._snapshot)
            return self._snapshot

    @property
    def seen(self) -> int:
        """The revision of the graph that was last read, without asking the database; -1 before the first time."""
        return self._snapshot.revision if self._snapshot else -1

    def show(self, id: str) -> tuple[Node, tuple[Relation, ...]]:
        """A node with its relations, or NotFound."""
        node = self.store.get(id)
        edges = self.snapshot.edges([id])[id]
        others = self.snapshot.nodes([e.target if e.source == id else e.source for e in edges])
        found = [
            Relation(e, others[e.target if e.source == id else e.source], sentence(e, self.snapshot)) for e in edges
        ]
        return node, tuple(sorted(found, key=lambda r: (r.edge.kind, r.edge.source != id, r.other.name)))

    def add(self, nodes: Iterable[Node], edges: Iterable[Edge], progress: Progress = lambda done: None) -> int:
        """Check against the schema, write all or nothing, and index; how many nodes were indexed.

        Who was erased on request is passed over, with their relations.
        """
        kept, ties, _ = erased.without(self.store, list(nodes), list(edges))
        return self.write(Change(kept, ties), progress)

    def write(self, change: Change, progress: Progress = lambda done: None) -> int:
        """As add, for all that can be written together; the nodes and edges of the change are lists."""
        kinds = {node.id: node.kind for node in change.nodes}
        ends = {end for e in change.edges for end in (e.source, e.target)} - set(kinds)
        kinds |= {node.id: node.kind for node in self.store.nodes(ids=ends)}
        for node in change.nodes:
            schema().check(node)
        erased.refuse(self.store, change.nodes)
        for edge in change.edges:
            schema().check_edge(edge, kinds)
        self.store.write(change)
        return self.refresh(progress)

    def refresh(self, progress: Progress = lambda done: None) -> int:
        """Index what changed and is not indexed yet, also by another process; how many nodes that were."""
        return index.refresh(self.store, self.encoder, progress)

    def change_encoder(self, encoder: Encoder) -> None:
        """Embed the graph anew in the background; the old index serves until the new one is whole."""

        def embed() -> None:
            index.refresh(self.store, encoder, self._count)
            self.encoder = encoder

        self.embedded = 0
        self._change = threading.Thread(target=embed, daemon=True, name="embed")
        self._change.start()

    def _count(self, done: int) -> None:
        self.embedded += done

    def wait(self, progress: Progress = lambda done: None) -> None:
        """Until a change of encoder is done."""
        told = 0
        while self._change is not None and self._change.is_alive():
            self._change.join(PATIENCE)
            progress(self.embedded - told)
            told = self.embedded

    def delete(self, id: str) -> None:
        """The node with its edges and its place in the index; NotFound where there is none."""
        self.store.delete(id)

    def all_names(self, id: str) -> tuple[str, ...]:
        """Name and aliases."""
        node = self.snapshot.node(id)
        return (node.name, *node.aliases)

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()


def open_broker(settings: Settings) -> Broker:
    """The broker of one database; where its index is of another encoder, that one serves while the change goes on."""
    weights = read_weights()
    if not settings.use_outcomes:
        weights = replace(weights, signals={**weights.signals, "outcome": 0.0})
    store, wanted = open_store(settings.database, settings), encode.load(settings.encoder)
    models = store.models()
    whole = max(models, key=lambda id: (models[id], id == wanted.id), default=wanted.id)
    if whole == wanted.id:
        return Broker(store, wanted, weights)
    broker = Broker(store, encode.of_index(whole), weights)
    broker.change_encoder(wanted)
    return broker
