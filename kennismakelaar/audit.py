"""Who saw or changed what: rows that are only added, never changed, and go after a period. No personal content in them."""

import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from kennismakelaar import moments
from kennismakelaar.model import Change, Record
from kennismakelaar.store import RecordStore

KIND = "audit"
"""Of the records that hold rows; nothing else writes this kind."""
SYSTEM = "kennismakelaar"
"""Who did what the program does by itself."""


@dataclass(frozen=True)
class Row:
    """One thing that someone saw or did."""

    id: str
    """Its moment and some chance, so that rows sort by time and no row can be written twice."""
    at: str
    who: str
    """Name of a user, or 'bezoeker', or SYSTEM."""
    what: str
    about: str = ""
    """Id of a case, an introduction, a user: never a name, an address or a text."""


def row(who: str, what: str, about: str = "", now: datetime | None = None) -> Record:
    """To write together with what was done."""
    at = (now or moments.now()).astimezone(UTC)
    made = Row(f"{at:%Y%m%d-%H%M%S-%f}-{secrets.token_hex(4)}", moments.moment(at), who, what, about)
    body = asdict(made)
    return Record(
        KIND, body.pop("id"), body, (f"day:{made.at[:10]}", f"who:{who}", *([f"about:{about}"] if about else []))
    )


def note(store: RecordStore, who: str, what: str, about: str = "", now: datetime | None = None) -> None:
    """Write a row by itself."""
    store.write(Change(records=[row(who, what, about, now)]))


def rows(store: RecordStore, who: str = "", day: str = "") -> tuple[Row, ...]:
    """Those of a user, or of a day (ISO 8601), or all; the latest first."""
    tag = f"who:{who}" if who else f"day:{day}" if day else None
    found = (Row(id=record.id, **record.body) for record in store.records(KIND, tag))
    return tuple(sorted((one for one in found if one.at.startswith(day)), key=lambda one: one.id, reverse=True))
