"""In which municipality and province something is, as far as the graph says."""

from collections.abc import Iterable
from dataclasses import dataclass

from kennismakelaar.model import Node
from kennismakelaar.snapshot import Snapshot

TOWNS = ("stad", "dorp")
"""Types of place that stand for the municipality around them; a neighbourhood belongs to one."""


def town(snapshot: Snapshot, place: str) -> Node | None:
    """The town or village of a place; None for a province, a country, or what the graph does not place."""
    return _first(snapshot, place, TOWNS)


def province(snapshot: Snapshot, place: str) -> Node | None:
    """The province of a place, or None."""
    return _first(snapshot, place, ("provincie",))


def same_ground(snapshot: Snapshot, place: str) -> list[str]:
    """The place, the municipality of a village, and the municipalities that these took the place of or gave way to."""
    found = [place]
    if snapshot.node(place).text("place_type") == "dorp":
        parts = [e.target for e in snapshot.edges([place])[place] if e.kind == "part_of" and e.source == place]
        found += [id for id, node in snapshot.nodes(parts).items() if node.text("place_type") == "stad"]
    for id in list(found):
        found += [
            e.target if e.source == id else e.source for e in snapshot.edges([id])[id] if e.kind == "successor_of"
        ]
    return list(dict.fromkeys(found))


def home(snapshot: Snapshot, id: str) -> str:
    """Where a node is found, as the id of a place; empty where the graph does not say, or says more than one."""
    places = [edge.target for edge in snapshot.edges([id])[id] if edge.kind == "located_in" and edge.source == id]
    return places[0] if len(places) == 1 else ""


def _first(snapshot: Snapshot, place: str, types: tuple[str, ...]) -> Node | None:
    around = snapshot.nodes(snapshot.lies_in(place) if place else ())
    return next((node for node in around.values() if node.text("place_type") in types), None)


@dataclass(frozen=True)
class Province:
    """One of the twelve; `name` is for addresses, `code` of the CBS."""

    name: str
    code: str
    nl: str
    en: str

    def __getitem__(self, language: str) -> str:
        """What people call it in that language."""
        return {"nl": self.nl, "en": self.en}[language]


PROVINCES = (
    Province("groningen", "PV20", "Groningen", "Groningen"),
    Province("friesland", "PV21", "Friesland", "Friesland"),
    Province("drenthe", "PV22", "Drenthe", "Drenthe"),
    Province("overijssel", "PV23", "Overijssel", "Overijssel"),
    Province("flevoland", "PV24", "Flevoland", "Flevoland"),
    Province("gelderland", "PV25", "Gelderland", "Gelderland"),
    Province("utrecht", "PV26", "Utrecht", "Utrecht"),
    Province("noord-holland", "PV27", "Noord-Holland", "North Holland"),
    Province("zuid-holland", "PV28", "Zuid-Holland", "South Holland"),
    Province("zeeland", "PV29", "Zeeland", "Zeeland"),
    Province("noord-brabant", "PV30", "Noord-Brabant", "North Brabant"),
    Province("limburg", "PV31", "Limburg", "Limburg"),
)


@dataclass(frozen=True)
class Spot:
    """A place, and what is found in that place itself, by name."""

    place: Node
    records: tuple[Node, ...]


@dataclass(frozen=True)
class Ground:
    """A province with its places, those with most first; one without a province is what lies in none of the twelve."""

    province: Province | None
    spots: tuple[Spot, ...]

    def records(self) -> int:
        """How many different records are found here."""
        return len({node.id for spot in self.spots for node in spot.records})


def grounds(snapshot: Snapshot, places: Iterable[Node]) -> tuple[Ground, ...]:
    """The twelve provinces from north to south, then what lies in none, such as other countries."""
    found: dict[str, list[Spot]] = {}
    for place in places:
        around = province(snapshot, place.id)
        code = around.text("cbs_code") if around else ""
        found.setdefault(code, []).append(Spot(place, _found_in(snapshot, place.id)))
    known = {each.code for each in PROVINCES}
    rest = [spot for code, spots in found.items() if code not in known for spot in spots]
    drawn = [Ground(each, _ordered(found.get(each.code, []))) for each in PROVINCES]
    return (*drawn, Ground(None, _ordered(rest)))


def _found_in(snapshot: Snapshot, place: str) -> tuple[Node, ...]:
    ids = [e.source for e in snapshot.edges([place])[place] if e.kind == "located_in" and e.target == place]
    return tuple(sorted(snapshot.nodes(ids).values(), key=lambda node: (node.name.casefold(), node.id)))


def _ordered(spots: Iterable[Spot]) -> tuple[Spot, ...]:
    return tuple(sorted(spots, key=lambda spot: (-len(spot.records), spot.place.name.casefold(), spot.place.id)))
