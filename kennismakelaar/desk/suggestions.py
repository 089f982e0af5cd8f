"""The matches of a case as staff see them: with room, place and verdict; filtered, compared, and why one is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from kennismakelaar import match, text
from kennismakelaar.broker import Broker
from kennismakelaar.desk import capacity, followups
from kennismakelaar.desk.capacity import Room
from kennismakelaar.desk.cases import Case, Proposal
from kennismakelaar.errors import Refused
from kennismakelaar.language import gettext as _
from kennismakelaar.match import Ranked
from kennismakelaar.model import Match, Node
from kennismakelaar.search import Candidate, Question, compare

FEW, MANY = 8, 40
"""Matches that a case shows at first, and at most."""
LEAST, MOST = 2, 4
"""Candidates that can be compared."""
NAMES = 12
"""Records that are shown for a name that was typed."""


@dataclass(frozen=True)
class Wanted:
    """Which matches are shown; what is empty does not choose."""

    kind: str = ""
    place: str = ""
    """Id of a place; what lies in it counts, and what works nationwide does too."""
    domain: str = ""
    offer: str = ""
    need: str = ""


@dataclass(frozen=True)
class Suggestion:
    """A match with what staff must know before they propose it."""

    match: Match
    node: Node
    places: tuple[str, ...]
    """Names of where it works."""
    room: Room
    full: str
    """Why it cannot be proposed now; empty where it can."""
    verdict: Proposal | None
    """What was decided of it for this case."""


@dataclass(frozen=True)
class Row:
    """One signal in a comparison: the points and the sentence of each candidate, None where it is silent."""

    signal: str
    points: tuple[float | None, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """Candidates side by side; the points of all rows add up to their scores."""

    suggestions: tuple[Suggestion, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class WhyNot:
    """Where a record stands that was not among the matches shown."""

    suggestion: Suggestion
    position: int
    """From 1, in the order of score."""
    candidate: bool
    """Did the search bring it by itself?"""
    last: Match | None
    """The last one that is shown."""
    certainty: float
    """The chance, 0 to 1, that anything here helps with the question."""
    threshold: float
    """The chance below which there is no answer at all."""


class Suggestions:
    """The ranking of one case, made once; everything that is shown comes from it."""

    def __init__(self, broker: Broker, case: Case, today: date) -> None:
        """Searches and ranks."""
        self.broker, self.case, self.today = broker, case, today
        self.asked = question(broker, case)
        self.ranked = broker.rank(self.asked)

    def shown(self, wanted: Wanted = Wanted(), limit: int = FEW) -> tuple[Suggestion, ...]:
        """The best that are not judged yet, in order of score."""
        judged = {one.id for one in self.case.proposals}
        open_ = [one for one in self.ranked if one.node.id not in judged]
        return self._suggest([one for one in open_ if self._fits(one.node, wanted)][:limit])

    def judged(self) -> tuple[Suggestion, ...]:
        """What staff decided on, in that order, also what the search did not bring."""
        nodes = self.broker.snapshot.nodes([one.id for one in self.case.proposals])
        return self._suggest([self._rank(node) for node in nodes.values()])

    def compare(self, ids: Sequence[str]) -> Comparison:
        """Two to four records side by side; NotFound where one does not exist."""
        unique = list(dict.fromkeys(ids))
        if not LEAST <= len(unique) <= MOST:
            wrong = _(
                "Kies %(least)s tot %(most)s matches om te vergelijken. Nu zijn het er %(number)s.",
                least=LEAST,
                most=MOST,
                number=len(unique),
            )
            raise Refused(wrong)
        found = self._suggest([self._rank(self.broker.snapshot.node(id)) for id in unique])
        reasons = [{reason.signal: reason for reason in one.match.reasons} for one in found]
        names = dict.fromkeys(name for mapping in reasons for name in mapping)
        rows = [
            Row(
                name,
                tuple(r[name].points if name in r else None for r in reasons),
                tuple(r[name].text if name in r else "" for r in reasons),
            )
            for name in names
        ]
        return Comparison(found, tuple(sorted(rows, key=lambda row: -max(abs(p or 0.0) for p in row.points))))

    def why_not(self, id: str, wanted: Wanted = Wanted(), limit: int = FEW) -> WhyNot:
        """Where this record stands, beside the last that is shown; NotFound where it does not exist."""
        ranked = self._rank(self.broker.snapshot.node(id))
        above = self.shown(wanted, limit)
        return WhyNot(
            self._suggest([ranked])[0],
            1 + sum((-one.score, one.node.id) < (-ranked.score, id) for one in self.ranked if one.node.id != id),
            any(one.node.id == id for one in self.ranked),
            above[-1].match if above else None,
            round(match.certainty(self.asked, self.ranked, self.broker.weights), 4),
            self.broker.weights.threshold,
        )

    def _rank(self, node: Node) -> Ranked:
        """As the ranking has it; what the search did not bring is judged beside the candidates."""
        for one in self.ranked:
            if one.node.id == node.id:
                return one
        broker, alone = self.broker, Candidate(node.id)
        compare([alone], self.asked, broker.store, broker.encoder.id)
        everyone = [*(one.candidate for one in self.ranked), alone]
        ranked = match.rank(self.asked, everyone, broker.snapshot, broker.weights, self.today)
        return next(one for one in ranked if one.node.id == node.id)

    def _fits(self, node: Node, wanted: Wanted) -> bool:
        return (
            wanted.kind in ("", node.kind)
            and wanted.domain in ("", node.text("domain"))
            and (not wanted.offer or wanted.offer in node.texts("offer"))
            and (not wanted.need or wanted.need in node.texts("need"))
            and (not wanted.place or self._works_in(node, wanted.place))
        )

    def _works_in(self, node: Node, place: str) -> bool:
        nationwide = node.text("reach") in ("landelijk", "internationaal")
        return nationwide or any(place in self.broker.snapshot.lies_in(id) for id in [node.id, *self._located(node)])

    def _located(self, node: Node) -> list[str]:
        edges = self.broker.snapshot.edges([node.id])[node.id]
        return [edge.target for edge in edges if edge.kind == "located_in" and edge.source == node.id]

    def _suggest(self, ranked: Sequence[Ranked]) -> tuple[Suggestion, ...]:
        rooms = capacity.rooms(self.broker.store, [one.node for one in ranked], self.today)
        verdicts = {one.id: one for one in self.case.proposals}
        return tuple(self._suggestion(one, rooms[one.node.id], verdicts) for one in ranked)

    def _suggestion(self, ranked: Ranked, room: Room, verdicts: Mapping[str, Proposal]) -> Suggestion:
        node = ranked.node
        places = tuple(place.name for place in self.broker.snapshot.nodes(self._located(node)).values())
        full = capacity.why_full(node.name, room) if room.full else ""
        found = match.as_match(ranked, self.broker.weights, self.broker.snapshot)
        return Suggestion(found, node, places, room, full, verdicts.get(node.id))


def question(broker: Broker, case: Case) -> Question:
    """What we search with: the question, its place and themes, and the answers to follow-up questions."""
    return followups.understand(broker, case.question, case.place, case.themes, case.answers)


def named(broker: Broker, name: str) -> tuple[Node, ...]:
    """Records with this id, or whose name or an alias has all these words or beginnings of words; shortest first."""
    words, id = text.tokens(name), name.strip()
    found = [node for node in broker.store.nodes() if words and (node.id == id or _is_called(node, words))]
    return tuple(sorted(found, key=lambda node: (node.id != id, len(node.name), node.id))[:NAMES])


def _is_called(node: Node, words: Sequence[str]) -> bool:
    names = [text.tokens(name) for name in (node.name, *node.aliases)]
    return any(all(any(part.startswith(word) for part in name) for word in words) for name in names)
