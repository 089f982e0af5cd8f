"""Where a list comes from: a publication in the graph, so that every record of the list can name its source."""

from dataclasses import dataclass

from kennismakelaar.edit import readable
from kennismakelaar.errors import Refused
from kennismakelaar.imports.rows import Row
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Node, Source
from kennismakelaar.store import Store
from kennismakelaar.text import fold

NUMBERED = "nummer "
"""Before the number that a record has in a list, where a source says where it stands."""


@dataclass(frozen=True)
class Origin:
    """The source of a list; `publication` is its record where the graph has none yet."""

    document: str
    file: str
    publication: Node | None = None

    def source(self, row: Row, number: str) -> Source:
        """Of one row: its number in the list itself where it has one, else where it stands."""
        where = f"{NUMBERED}{number}" if number else f"rij {row.number}"
        return Source(self.document, row.sheet or self.file, "stated", where)


def find(store: Store, name: str, file: str) -> Origin:
    """The publication of this name or id, or a new one; Refused where the name is empty or something else has it."""
    plain = " ".join(name.split())
    if not plain:
        raise Refused(_("Zeg waar de lijst vandaan komt, bijvoorbeeld: Lijst dorpswinkels van de provincie, 2026."))
    for node in store.nodes("publication"):
        if node.id == plain or fold(plain) in {fold(one) for one in (node.name, *node.aliases)}:
            return Origin(node.id, file)
    id = readable(plain)
    if any(store.nodes(ids=[id])):
        id = f"bron-{id}"[:60].strip("-")
    where = Source(id, file, "curated", "ingelezen lijst")
    words = {"type": "databank", "summary": f"Lijst die is ingelezen uit het bestand {file}."}
    return Origin(id, file, Node(id, "publication", plain, (), (where,), words))
