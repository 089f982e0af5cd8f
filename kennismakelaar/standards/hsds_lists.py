"""Lists of HSDS: which records a request asks for, a page at a time."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from kennismakelaar.errors import NotFound, Refused
from kennismakelaar.kinds import THEMED
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Node
from kennismakelaar.standards import hsds
from kennismakelaar.standards.hsds import Directory, Row
from kennismakelaar.standards.identity import number
from kennismakelaar.text import fold

LARGEST = 500
"""Records on a page."""
Write = Callable[[Directory, Node], Row]


@dataclass(frozen=True)
class Resource:
    """A list of HSDS that holds a record for each node of some kinds."""

    kinds: tuple[str, ...]
    short: Write
    full: Write


RESOURCES: Mapping[str, Resource] = {
    "organizations": Resource(("organisation",), hsds.organization, hsds.full_organization),
    "services": Resource(hsds.SERVICES, hsds.service, hsds.full_service),
    "locations": Resource(("place",), hsds.location, hsds.location),
    "taxonomy_terms": Resource(("theme",), hsds.taxonomy_term, hsds.taxonomy_term),
}


@dataclass(frozen=True)
class Wanted:
    """What a request asks of a list; what is empty leaves nothing out."""

    search: str = ""
    term: str = ""
    """Number of a taxonomy term."""
    organization: str = ""
    """Number of an organization."""
    since: datetime | None = None
    page: int = 1
    size: int = 50
    full: bool = False


def listing(found: Directory, name: str, wanted: Wanted, changed: Mapping[str, datetime]) -> Row:
    """A page of a list (the object Page of the specification); Refused where there is no such page or size."""
    if not (1 <= wanted.size <= LARGEST and wanted.page >= 1):
        raise Refused(_("page begint bij 1, en per_page is van 1 tot %(largest)s.", largest=LARGEST))
    if name in RESOURCES:
        made = RESOURCES[name]
        write = made.full if wanted.full else made.short
        nodes = [node for node in found.of(*made.kinds) if _fits(found, node, wanted, changed)]
        return _page(len(nodes), wanted, lambda part: [write(found, node) for node in nodes[part]])
    rows = list(_others(found, name))
    return _page(len(rows), wanted, lambda part: rows[part])


def one(found: Directory, name: str, id: str) -> Row:
    """The whole record of this number, or NotFound."""
    if name in RESOURCES:
        node = found.by_number.get(id)
        if node and node.kind in RESOURCES[name].kinds:
            return RESOURCES[name].full(found, node)
    for row in _others(found, name):
        if row["id"] == id:
            return row
    raise NotFound(_("In %(name)s staat geen %(id)r.", name=name, id=id))


def _others(found: Directory, name: str) -> Iterator[Row]:
    """Lists whose records are no nodes."""
    if name == "taxonomies":
        yield hsds.taxonomy(found)
    if name == "service_at_locations":
        for node in found.of(*hsds.SERVICES):
            for edge, place in found.ends(node, "located_in"):
                yield hsds.service_at_location(found, edge, place)


def _fits(found: Directory, node: Node, wanted: Wanted, changed: Mapping[str, datetime]) -> bool:
    told = fold(" ".join((node.name, *node.aliases, node.text("summary"))))
    if not all(word in told for word in fold(wanted.search).split()):
        return False
    if wanted.since and node.id in changed and changed[node.id] < wanted.since:
        return False
    if wanted.term and wanted.term not in {number(end.id) for k in THEMED for _, end in found.ends(node, k)}:
        return False
    owner = hsds.provider(found, node) if wanted.organization else None
    return not wanted.organization or bool(owner and number(owner.id) == wanted.organization)


def _page(total: int, wanted: Wanted, rows: Callable[[slice], list[Row]]) -> Row:
    pages = ceil(total / wanted.size)
    start = (wanted.page - 1) * wanted.size
    shown = rows(slice(start, start + wanted.size))
    return {
        "total_items": total,
        "total_pages": pages,
        "page_number": wanted.page,
        "size": len(shown),
        "first_page": wanted.page == 1,
        "last_page": wanted.page >= pages,
        "empty": not shown,
        "contents": shown,
    }
