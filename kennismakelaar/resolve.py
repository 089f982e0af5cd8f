"""One thing under two names: which records may be the same, what people said of it, and merging them."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property

import numpy as np
from rapidfuzz import fuzz

from kennismakelaar import happened, history
from kennismakelaar.broker import Broker
from kennismakelaar.errors import Conflict, NotFound, Refused
from kennismakelaar.language import gettext as _
from kennismakelaar.language import ngettext
from kennismakelaar.model import Change, Edge, Node, Reason, Record, Value, Vector
from kennismakelaar.moments import moment, now
from kennismakelaar.store import Store, held
from kennismakelaar.text import fold, grams

VERDICT, REDIRECT = "verdict", "redirect"
"""Of the records with what people said of a pair, and with where the id of a merged record leads."""
LAST = "likely_pairs"
"""Of the one record with the pairs that were found last: finding them takes many seconds."""
SPELLED = 85
"""Likeness (rapidfuzz ratio, 0 to 100) from which two words count as one with a spelling error."""
NEAR = 8
"""Records with the most alike name that each record is compared with."""
LINE = 0.5
"""Chance from which a pair is proposed."""
LEGAL_FORMS = frozenset("stichting vereniging cooperatie coöperatie bv nv vof ua ba de het een van der".split())
"""Words that say nothing about which organisation it is."""
SHORT = {
    "gem": "gemeente",
    "st": "sint",
    "stg": "stichting",
    "ver": "vereniging",
    "min": "ministerie",
    "univ": "universiteit",
}
BIAS = -9.3
WEIGHTS = {
    "same_id": 15.0,
    "same_website": 0.4,
    "same_name": 2.4,
    "alike": 8.6,
    "initials": 0.8,
    "meaning": 7.0,
    "neighbours": 4.9,
    "other_number": -2.0,
    "other_place": -1.7,
}
"""Points for a full sign, fitted by benchmarks/duplicates.py on a noisy copy of the seed. A number in a register decides
by itself; the seed has none to learn from, so that one was set by hand."""


class Verdict(StrEnum):
    """What a person says of a pair."""

    SAME = "dezelfde"
    OTHER = "niet dezelfde"
    LATER = "later"


@dataclass(frozen=True)
class Pair:
    """Two records that may be one; the points of the reasons add up to the score."""

    left: Node
    right: Node
    score: float
    reasons: tuple[Reason, ...]

    @property
    def id(self) -> str:
        """The same for both orders."""
        return "|".join(sorted((self.left.id, self.right.id)))

    @property
    def chance(self) -> float:
        """That they are the same, 0 to 1."""
        return 1 / (1 + math.exp(-self.score))


class Known:
    """What comparing needs of a whole graph: its relations, and how rare each word is among the names."""

    def __init__(self, broker: Broker) -> None:
        """Reads all names."""
        self.broker = broker
        self.nodes = {node.id: node for node in broker.store.nodes()}
        self._count = Counter(word for node in self.nodes.values() for word in set(plain(node.name).split()))
        self._vectors: dict[str, Vector] = {}

    def rarity(self, word: str) -> float:
        """Inverse document frequency, log(1 + N/n), over names."""
        return math.log(1 + len(self.nodes) / max(1, self._count[word]))

    def cosine(self, left: Node, right: Node) -> float:
        """Of the description of the left and the nearest passage of the right; 0 without an encoder."""
        encoder = self.broker.encoder
        if left.id not in self._vectors:
            self._vectors[left.id] = encoder.passages([left.text("summary") or left.name])[0]
        vector = self._vectors[left.id]
        found = self.broker.store.cosines(encoder.id, vector, [right.id]) if vector.size else {}
        return float(max(found.get(right.id, np.zeros(1)), default=0.0))


class Compared:
    """Two records with what is known of them both."""

    def __init__(self, known: Known, left: Node, right: Node) -> None:
        """Reads their relations."""
        self.known, self.left, self.right = known, left, right
        self.edges = known.broker.snapshot.edges([left.id, right.id])
        self.names = [plain(left.name), plain(right.name)]
        self.all = [[plain(name) for name in (one.name, *one.aliases)] for one in (left, right)]

    @cached_property
    def nearest(self) -> tuple[float, str, str]:
        """How alike the most alike names are, and these names."""
        found = [(self.alike(self.names[0], name), self.names[0], name) for name in self.all[1]]
        return max(found + [(self.alike(self.names[1], name), self.names[1], name) for name in self.all[0]])

    def around(self, node: Node, kind: str = "") -> set[str]:
        """Ids of the neighbours, but not of the other one."""
        edges = [e for e in self.edges[node.id] if kind in ("", e.kind)]
        return {e.target if e.source == node.id else e.source for e in edges} - {self.left.id, self.right.id}

    def alike(self, left: str, right: str) -> float:
        """Soft TF-IDF of two names, 0 to 1: the rarity of the words that both have, spelling errors allowed.

        Cohen, Ravikumar & Fienberg (2003), A comparison of string distance metrics for name-matching tasks.
        """
        first, second = left.split(), right.split()
        pairs = [(a, b) for a in first for b in second if fuzz.ratio(a, b) >= SPELLED]
        rarity = {word: self.known.rarity(word) for word in (*first, *second)}
        for a, b in pairs:
            rarity[a] = rarity[b] = min(rarity[a], rarity[b])
        both = sum(rarity[w] for w in first if any(w == a for a, _ in pairs))
        both += sum(rarity[w] for w in second if any(w == b for _, b in pairs))
        return both / (sum(rarity[word] for word in (*first, *second)) or 1.0)


Sign = tuple[float, str] | None
"""How strong a sign is, 0 to 1, and the sentence for it."""


def same_id(pair: Compared) -> Sign:
    """The same number in a register of organisations, research institutes or researchers."""
    for name in ("kvk", "ror", "orcid"):
        left, right = (address(node.text(name)) for node in (pair.left, pair.right))
        if left and left == right:
            return 1.0, _("hetzelfde nummer (%(register)s): %(number)s", register=name, number=left)
    return None


def same_website(pair: Compared) -> Sign:
    """The same website; a weak sign, since one website may be of several records."""
    left, right = (address(node.text("website")) for node in (pair.left, pair.right))
    return (1.0, _("dezelfde website: %(address)s", address=left)) if left and left == right else None


def same_name(pair: Compared) -> Sign:
    """The name of one is a name of the other, but for legal forms, accents and capitals."""
    for name, others in ((pair.names[0], pair.all[1]), (pair.names[1], pair.all[0])):
        if name in others:
            return 1.0, _("dezelfde naam: %(name)s", name=name)
    return None


def alike(pair: Compared) -> Sign:
    """The most alike of the name of one and all names of the other; from .5 on."""
    best, left, right = pair.nearest
    told = _("namen lijken op elkaar: %(left)s en %(right)s", left=left, right=right)
    return ((best - 0.5) * 2, told) if best > 0.5 else None


def initials(pair: Compared) -> Sign:
    """One is called by the first letters of the other."""
    for names, others in (pair.all, pair.all[::-1]):
        short = {name for name in names if 2 <= len(name) <= 6 and " " not in name}
        for name in others:
            letters = "".join(word[0] for word in name.split())
            if len(letters) > 1 and letters in short:
                return 1.0, _("%(letters)s kan %(name)s zijn", letters=letters, name=name)
    return None


def meaning(pair: Compared) -> Sign:
    """Descriptions that mean the same to the language model: their cosine, from .85 on, where unrelated texts end.

    Asked only where the names are somewhat alike, since it takes the model.
    """
    if pair.nearest[0] < 0.3:
        return None
    strength = (pair.known.cosine(pair.left, pair.right) - 0.85) / 0.15
    return (min(1.0, strength), _("beschrijvingen betekenen hetzelfde")) if strength > 0 else None


def neighbours(pair: Compared) -> Sign:
    """The share of neighbours that both have (Jaccard, 1912)."""
    left, right = pair.around(pair.left), pair.around(pair.right)
    if not left & right:
        return None
    both = len(left & right)
    told = ngettext("dezelfde relaties met %(num)s ander record", "dezelfde relaties met %(num)s andere records", both)
    return both / len(left | right), told


def other_number(pair: Compared) -> Sign:
    """Numbers in the names that are not the same: two years, two parts, two streets."""
    numbers = [set(re.findall(r"\d+", node.name)) for node in (pair.left, pair.right)]
    if all(numbers) and not numbers[0] & numbers[1]:
        return 1.0, _("andere getallen in de naam")
    return None


def other_place(pair: Compared) -> Sign:
    """Both have a place, and not the same."""
    left, right = pair.around(pair.left, "located_in"), pair.around(pair.right, "located_in")
    return (1.0, _("een andere plaats")) if left and right and not left & right else None


SIGNS: Mapping[str, Callable[[Compared], Sign]] = {
    sign.__name__: sign
    for sign in (same_id, same_website, same_name, alike, initials, meaning, neighbours, other_number, other_place)
}


def compare(known: Known, left: Node, right: Node) -> Pair:
    """How likely two records are the same thing, and why."""
    compared = Compared(known, left, right)
    found = [(name, sign(compared)) for name, sign in SIGNS.items()]
    reasons = [Reason(name, WEIGHTS[name] * sign[0], sign[1]) for name, sign in found if sign]
    score = BIAS + sum(reason.points for reason in reasons)
    start = Reason("start", BIAS, _("zonder gegevens is het niet waarschijnlijk"))
    return Pair(left, right, score, (*sorted(reasons, key=lambda r: -abs(r.points)), start))


def suggest(broker: Broker, ids: Sequence[str] | None = None, line: float = LINE) -> list[Pair]:
    """Pairs that may be the same, most likely first; among all records, or with at least one of the ids.

    Pairs that a person decided on are left out, for ever.
    """
    decided = {record.id for record in broker.store.records(VERDICT)}
    known = Known(broker)
    found = (compare(known, left, right) for left, right in _candidates(known, ids))
    good = [pair for pair in found if pair.chance >= line and pair.id not in decided]
    return sorted(good, key=lambda pair: (-pair.score, pair.id))


def remember(store: Store, pairs: Sequence[Pair], now: datetime) -> None:
    """Keep which pairs of all records were found, for `waiting`."""
    last = next(store.records(LAST), Record(LAST, "last", {}))
    body = {"pairs": [sorted((pair.left.id, pair.right.id)) for pair in pairs], "at": moment(now)}
    with suppress(Conflict):  # another worker did so at the same moment
        store.write(Change(records=[replace(last, body=body)]))


def waiting(store: Store) -> tuple[tuple[tuple[str, str], ...], str]:
    """The pairs of ids that were found last and are still there and undecided, and when; empty where nobody looked."""
    last = next(store.records(LAST), Record(LAST, "last", {"pairs": [], "at": ""}))
    pairs = [(str(left), str(right)) for left, right in last.body["pairs"]]
    there = {node.id for node in store.nodes(ids={id for pair in pairs for id in pair})} if pairs else set()
    decided = {record.id for record in store.records(VERDICT)} if pairs else set()
    return tuple(p for p in pairs if there.issuperset(p) and "|".join(p) not in decided), str(last.body["at"])


def _candidates(known: Known, ids: Sequence[str] | None) -> Iterator[tuple[Node, Node]]:
    """Pairs of one kind with the same website, a same name, or names that share the most runs of letters."""
    nodes = known.nodes
    shared: dict[tuple[str, str], list[str]] = defaultdict(list)
    for node in nodes.values():
        keys = {plain(name) for name in (node.name, *node.aliases)} | {address(node.text("website"))}
        for key in keys - {""}:
            shared[node.kind, key].append(node.id)
    pairs = {(a, b) for group in shared.values() if len(group) < 50 for a in group for b in group if a < b}
    for id in nodes if ids is None else ids:
        node = nodes[id]
        near = known.broker.store.lexical("grams", grams(" ".join((node.name, *node.aliases))), NEAR, [node.kind])
        pairs |= {(min(id, other), max(id, other)) for other, _ in near if other != id}
    wanted = None if ids is None else set(ids)
    for a, b in sorted(pairs):
        if wanted is None or wanted & {a, b}:
            yield nodes[a], nodes[b]


def judge(store: Store, left: str, right: str, verdict: Verdict, who: str) -> None:
    """Keep what a person said of a pair; 'later' brings it back when the list is made anew."""
    store.get(left), store.get(right)
    if verdict is not Verdict.LATER:
        store.write(Change(records=[_verdict(store, left, right, verdict, who)]))


def _verdict(store: Store, left: str, right: str, verdict: Verdict, who: str) -> Record:
    id = "|".join(sorted((left, right)))
    body = {"verdict": verdict, "who": who, "at": moment(now())}
    versions = [record.version for record in store.records(VERDICT, f"pair:{id}")]
    return Record(VERDICT, id, body, (f"pair:{id}", f"verdict:{verdict}"), versions[0] if versions else 0)


def merge(broker: Broker, keep: str, gone: str, who: str) -> str:
    """Make one record of two: all names, sources and relations stay, the old id leads on; the run of the history.

    Where both have a value, that of the record that is kept counts; the history has the other.
    """
    if keep == gone:
        raise Refused(_("Kies twee verschillende records."))
    left, right = broker.store.get(keep), broker.store.get(gone)
    if left.kind != right.kind:
        raise Refused(
            _(
                "%(keep)s en %(gone)s zijn van een verschillende soort en kunnen niet één record zijn.",
                keep=keep,
                gone=gone,
            )
        )
    moved = [_moved(edge, gone, keep) for edge in broker.store.edges([gone])]
    there = {(e.kind, e.source, e.target): e for e in broker.store.edges([keep])}
    edges = [_joined(there.get((e.kind, e.source, e.target)), e) for e in moved if e.source != e.target]
    records = [
        _verdict(broker.store, keep, gone, Verdict.SAME, who),
        Record(REDIRECT, gone, {"to": keep}, (f"to:{keep}",), _version(broker.store, gone)),
    ]
    change = Change([_together(left, right)], edges, [history.bound(record) for record in records], [gone])
    return history.publish(broker, change, who, happened.MERGED % {"id": gone, "other": keep})


def split(broker: Broker, gone: str, who: str) -> None:
    """Take a merge back: the record stands by itself again, and the pair can be judged anew."""
    broker.store.record(REDIRECT, gone)
    changes = broker.store.record(history.KIND, gone).body["changes"]
    history.undo(broker, str(changes[-1]["run"]), who)


def redirect(store: Store, id: str) -> str:
    """Where the id of a merged record leads, or NotFound."""
    seen = [id]
    while True:
        try:
            to = str(store.record(REDIRECT, seen[-1]).body["to"])
        except NotFound:
            break
        if to in seen:
            break
        seen.append(to)
    if len(seen) == 1:
        raise NotFound(_("%(id)r bestaat niet in deze graaf.", id=id))
    return seen[-1]


def _together(left: Node, right: Node) -> Node:
    names = dict.fromkeys(name for name in (*left.aliases, right.name, *right.aliases) if name != left.name)
    values: dict[str, Value] = {**right.properties, **left.properties}
    for name, value in left.properties.items():
        other = right.properties.get(name)
        if isinstance(value, tuple) and isinstance(other, tuple):
            values[name] = tuple(dict.fromkeys((*value, *other)))
    sources = tuple(dict.fromkeys((*left.sources, *right.sources)))
    return replace(left, aliases=tuple(names), sources=sources, properties=values)


def _moved(edge: Edge, old: str, new: str) -> Edge:
    source, target = (new if id == old else id for id in (edge.source, edge.target))
    return replace(edge, source=source, target=target)


def _joined(there: Edge | None, edge: Edge) -> Edge:
    if there is None:
        return edge
    sources = tuple(dict.fromkeys((*there.sources, *edge.sources)))
    return replace(there, sources=sources, properties={**edge.properties, **there.properties})


def _version(store: Store, id: str) -> int:
    found = held(store, REDIRECT, id)
    return found.version if found else 0


def plain(name: str) -> str:
    """Folded, without legal forms, abbreviations written out."""
    words = [SHORT.get(word, word) for word in re.findall(r"\w+", fold(name))]
    return " ".join([word for word in words if word not in LEGAL_FORMS] or words)


def address(text: str) -> str:
    """A website without what does not matter."""
    return re.sub(r"^https?://(www\.)?|/+$", "", text.strip().lower())
