"""What deserves care in the graph: records that are stale, alone, without source or summary, perhaps twice, or reported."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from kennismakelaar import doctor, reports, resolve
from kennismakelaar.broker import Broker
from kennismakelaar.errors import NotFound
from kennismakelaar.language import gettext as _
from kennismakelaar.language import marked
from kennismakelaar.model import Node
from kennismakelaar.schema import schema
from kennismakelaar.store import Store


@dataclass(frozen=True)
class Seen:
    """What a rule may ask besides the record itself."""

    today: date
    tied: set[str]
    """Ids of what has a relation."""
    documents: set[str]
    """Ids that a source may name: publications, and what was merged into one."""


@dataclass(frozen=True)
class Matter:
    """A way in which a record can deserve care; without a rule, the papers of the desk tell it."""

    name: str
    label: str
    """Of the records, after their number."""
    advice: str
    rule: Callable[[Node, Seen], bool] | None = None


def _has_lost_source(node: Node, seen: Seen) -> bool:
    return any(source.document not in seen.documents for source in node.sources)


def _has_no_website(node: Node, seen: Seen) -> bool:
    return node.kind == "organisation" and not node.text("website")


MATTERS = (
    Matter(
        "stale",
        marked("een jaar of langer niet nagekeken"),
        marked("Lees het record en verander wat niet meer klopt. Klopt alles? Zeg dat bij ‘Klopt dit nog?’."),
        lambda node, seen: reports.is_stale(node, seen.today),
    ),
    Matter(
        "lonely",
        marked("zonder relaties"),
        marked("Niemand vindt dit via iets anders. Voeg een relatie toe, of haal het weg."),
        lambda node, seen: node.id not in seen.tied,
    ),
    Matter(
        "unsourced",
        marked("zonder bron"),
        marked("Wie leest, kan dit niet nakijken. Voeg een bron toe."),
        lambda node, seen: not node.sources,
    ),
    Matter(
        "lost_source",
        marked("met een bron die niet in de graaf staat"),
        marked("De bron wijst naar een publicatie die er niet is. Voeg de publicatie toe, of noem een andere bron."),
        _has_lost_source,
    ),
    Matter(
        "no_summary",
        marked("zonder beschrijving"),
        marked("Zonder beschrijving vindt de zoekmachine dit slecht. Schrijf een of twee zinnen."),
        lambda node, seen: not node.text("summary").strip(),
    ),
    Matter(
        "no_website",
        marked("organisaties zonder website"),
        marked("Wie wil bellen of schrijven, zoekt eerst de website. Vul haar in als zij er is."),
        _has_no_website,
    ),
    Matter(
        "twice",
        marked("misschien dubbel"),
        marked("Deze records lijken op een ander. Kies bij ‘Is dit dezelfde?’ of zij één zijn."),
    ),
    Matter(
        "reported",
        marked("met een melding die wacht"),
        marked("Iemand schreef dat hier iets niet klopt. Lees de melding en geef antwoord."),
    ),
)
"""In the order in which people see them."""


@dataclass(frozen=True)
class Spot:
    """A record that deserves care."""

    id: str
    kind: str
    verified_on: str
    """ISO 8601; empty: never."""


Found = Mapping[str, tuple[Spot, ...]]
"""By the name of a matter, what was checked longest ago first."""


@dataclass(frozen=True)
class Board:
    """The whole graph at a glance."""

    kinds: Mapping[str, int]
    """How many records there are of each kind, in the order of the schema."""
    found: Found
    pairs: int
    """Pairs that wait for someone to say whether they are the same."""
    pairs_at: str
    """When those were looked for; empty: never."""
    reports: int
    """Reports that wait for an answer."""

    def spots(self, matter: str, kind: str = "") -> tuple[Spot, ...]:
        """Those of one matter, or of all once for the empty name; NotFound for a matter or kind that does not exist."""
        known = [one.name for one in MATTERS]
        if matter and matter not in known:
            raise NotFound(_("%(what)r bestaat niet. Kies uit: %(known)s.", what=matter, known=", ".join(known)))
        if kind and kind not in self.kinds:
            raise NotFound(_("%(what)r bestaat niet. Kies uit: %(known)s.", what=kind, known=", ".join(self.kinds)))
        chosen = self.found[matter] if matter else _ordered({spot for found in self.found.values() for spot in found})
        return tuple(spot for spot in chosen if kind in ("", spot.kind))

    def counts(self, matter: str = "") -> Mapping[str, int]:
        """How many of each kind there are of one matter, or of any."""
        found = Counter(spot.kind for spot in self.spots(matter))
        return {kind: found[kind] for kind in self.kinds}

    def matters(self, ids: Iterable[str]) -> Mapping[str, tuple[Matter, ...]]:
        """All that each of these records deserves care for."""
        held = {one.name: {spot.id for spot in self.found[one.name]} for one in MATTERS}
        return {id: tuple(one for one in MATTERS if id in held[one.name]) for id in ids}


def board(broker: Broker, today: date) -> Board:
    """Reads the graph once, and again when it changed or the day did; the papers of the desk each time."""
    snapshot, store = broker.snapshot, broker.store
    kinds, found = snapshot.once(("quality", today), lambda: _of_graph(store, today))
    (pairs, at), waiting = resolve.waiting(store), reports.listed(store)
    ids = {"twice": {id for pair in pairs for id in pair}, "reported": {one.subject for one in waiting}}
    papers = {name: _ordered(map(_spot, snapshot.nodes(sorted(those)).values())) for name, those in ids.items()}
    return Board(kinds, {**found, **papers}, len(pairs), at, len(waiting))


def _of_graph(store: Store, today: date) -> tuple[Mapping[str, int], Found]:
    merged = {record.id for record in store.records(resolve.REDIRECT)}
    documents = {node.id for node in store.nodes("publication")} | merged
    seen, kinds = Seen(today, doctor.tied(store.edges()), documents), Counter[str]()
    found: dict[str, list[Spot]] = {one.name: [] for one in MATTERS}
    for node in store.nodes():
        kinds[node.kind] += 1
        for name in _wrong(node, seen):
            found[name].append(_spot(node))
    return {kind: kinds[kind] for kind in schema().nodes}, {name: _ordered(spots) for name, spots in found.items()}


def _wrong(node: Node, seen: Seen) -> Iterator[str]:
    yield from (one.name for one in MATTERS if one.rule and one.rule(node, seen))


def _spot(node: Node) -> Spot:
    return Spot(node.id, node.kind, node.text("verified_on"))


def _ordered(spots: Iterable[Spot]) -> tuple[Spot, ...]:
    return tuple(sorted(spots, key=lambda spot: (spot.verified_on, spot.id)))
