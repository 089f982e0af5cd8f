"""In which municipality and province something is, as far as the graph says."""

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
