"""Themes as a thesaurus: what stands above, below and beside one, and what is about it."""

from collections.abc import Iterable
from dataclasses import dataclass

from kennismakelaar.errors import Refused
from kennismakelaar.kinds import THEMED
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Node
from kennismakelaar.snapshot import Snapshot


@dataclass(frozen=True)
class Entry:
    """A theme with its neighbours by name; `above` is all that is wider, nearest first."""

    above: tuple[Node, ...]
    narrower: tuple[Node, ...]
    related: tuple[Node, ...]
    about: tuple[Node, ...]


@dataclass(frozen=True)
class Common:
    """A theme that several records share; `count` says how many."""

    id: str
    name: str
    count: int


def entry(snapshot: Snapshot, theme: str) -> Entry:
    """What the thesaurus says of a theme."""
    edges = snapshot.edges([theme])[theme]
    below = [e.source for e in edges if e.kind == "broader" and e.target == theme]
    beside = [e.target if e.source == theme else e.source for e in edges if e.kind == "related"]
    about = [e.source for e in edges if e.kind in THEMED and e.target == theme]
    above = snapshot.nodes(_walk(snapshot, theme, up=True)[1:])
    return Entry(tuple(above.values()), *(_by_name(snapshot, ids) for ids in (below, beside, about)))


def under(snapshot: Snapshot, theme: str) -> list[str]:
    """The theme and all that are narrower, nearest first; Refused where there is no such theme."""
    node = snapshot.nodes([theme]).get(theme)
    if node is None or node.kind != "theme":
        raise Refused(_("Thema %(name)s kennen wij niet. Kies een thema uit de lijst.", name=repr(theme)))
    return _walk(snapshot, theme, up=False)


def themes_of(snapshot: Snapshot, id: str) -> set[str]:
    """Ids of the themes that a record is about, knows about or is an example of; a theme is about itself."""
    around = {id, *(e.target for e in snapshot.leaving([id])[id] if e.kind in THEMED)}
    return {other for other, node in snapshot.nodes(around).items() if node.kind == "theme"}


def shared(snapshot: Snapshot, ids: Iterable[str], limit: int) -> tuple[Common, ...]:
    """The themes that most of these records have, each of at least two of them, by number and then name."""
    counts: dict[str, int] = {}
    for id in ids:
        for theme in themes_of(snapshot, id):
            counts[theme] = counts.get(theme, 0) + 1
    nodes = snapshot.nodes([id for id, count in counts.items() if count > 1])
    found = [Common(id, node.name, counts[id]) for id, node in nodes.items()]
    return tuple(sorted(found, key=lambda c: (-c.count, c.name, c.id))[:limit])


def _walk(snapshot: Snapshot, theme: str, up: bool) -> list[str]:
    """The theme and all that are wider, or all that are narrower."""
    found: list[str] = []
    waiting = [theme]
    while waiting:
        if (id := waiting.pop(0)) in found:
            continue
        found.append(id)
        steps = [
            (e.source, e.target) if up else (e.target, e.source)
            for e in snapshot.edges([id])[id]
            if e.kind == "broader"
        ]
        waiting += [to for start, to in steps if start == id]
    return found


def _by_name(snapshot: Snapshot, ids: Iterable[str]) -> tuple[Node, ...]:
    return tuple(
        sorted(snapshot.nodes(list(dict.fromkeys(ids))).values(), key=lambda node: (node.name.casefold(), node.id))
    )
