"""How many questions a helper takes in a month, and how many it was asked: nobody is asked beyond that."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from kennismakelaar.errors import Refused
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Node, Record
from kennismakelaar.store import RecordStore

KIND = "asked"
"""Of the records that say for which cases a helper was asked: one for each helper and month.

It is written in one Change with the case, so that of two who ask at once one gets a Conflict and looks again.
"""


@dataclass(frozen=True)
class Room:
    """What a helper may still be asked this month."""

    cap: int | None
    """New questions a month; None where nothing was agreed."""
    asked: int
    full: bool


def room(cap: int | None, asked: int) -> Room:
    """With whether it is full."""
    return Room(cap, asked, cap is not None and asked >= cap)


def cap_of(helper: Node) -> int | None:
    """As agreed with this helper; None where nothing was agreed."""
    agreed = helper.properties.get("capacity")
    return int(agreed) if isinstance(agreed, int | float) else None


def rooms(store: RecordStore, helpers: Iterable[Node], today: date) -> dict[str, Room]:
    """The room of each, this month."""
    month = store.records(KIND, f"month:{today:%Y-%m}")
    asked = {record.body["helper"]: len(record.body["cases"]) for record in month}
    return {helper.id: room(cap_of(helper), asked.get(helper.id, 0)) for helper in helpers}


def ask(store: RecordStore, helper: Node, case: str, today: date) -> list[Record]:
    """What to write with the case that the helper is proposed for; Refused where that is one too many.

    A helper is asked once for a case, however often it is proposed, also in a later month.
    """
    records = list(store.records(KIND, f"helper:{helper.id}"))
    if any(case in record.body["cases"] for record in records):
        return []
    month = f"{today:%Y-%m}"
    fresh = Record(KIND, f"{helper.id}/{month}", {"helper": helper.id, "month": month, "cases": []})
    record = next((one for one in records if one.id == fresh.id), fresh)
    now = room(cap_of(helper), len(record.body["cases"]))
    if now.full:
        raise Refused(why_full(helper.name, now))
    body = {**record.body, "cases": [*record.body["cases"], case]}
    return [replace(record, body=body, tags=(f"helper:{helper.id}", f"month:{month}"))]


def release(store: RecordStore, helper: str, case: str) -> list[Record]:
    """What to write where the helper will not be asked for this case after all."""
    found = [record for record in store.records(KIND, f"helper:{helper}") if case in record.body["cases"]]
    left = [[one for one in record.body["cases"] if one != case] for record in found]
    return [replace(record, body={**record.body, "cases": ids}) for record, ids in zip(found, left, strict=True)]


def why_full(name: str, now: Room) -> str:
    """The reason, for staff."""
    if now.cap == 0:
        return _("%(name)s neemt nu geen nieuwe vragen aan. Kies iemand anders.", name=name)
    return _(
        "%(name)s is nu overvraagd: al %(asked)s van de %(most)s vragen deze maand. Kies iemand anders of wacht.",
        name=name,
        asked=now.asked,
        most=now.cap,
    )
