"""What is kept no longer than its period: one table of rules, shown first, and applied by itself once a day."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from kennismakelaar import audit, happened, reports
from kennismakelaar.desk import cases, contact, introductions, links, outcomes, post
from kennismakelaar.errors import Conflict
from kennismakelaar.imports import shelf
from kennismakelaar.model import Change, Record
from kennismakelaar.store import Store, held

TASK = "task"
"""Of the record that says on which day this was done last, so that one worker does it."""
CASE, AUDIT, LETTER, REPORT = (timedelta(days=days) for days in (730, 365, 90, 365))
"""How long: closed cases, rows of the log, letters that were sent, reports that were closed."""


@dataclass(frozen=True)
class Due:
    """A record whose period is over, and why."""

    kind: str
    id: str
    why: str


@dataclass(frozen=True)
class Rule:
    """Which records of a kind may be kept no longer."""

    why: str
    kind: str
    over: Callable[[Mapping[str, object], datetime], bool]


def _before(name: str, period: timedelta = timedelta(0)) -> Callable[[Mapping[str, object], datetime], bool]:
    """Is the moment or the day in this field longer ago than the period? A field that is empty is not."""

    def over(body: Mapping[str, object], now: datetime) -> bool:
        text, limit = str(body.get(name) or ""), (now - period).isoformat()
        return bool(text) and text < limit[: len(text)]

    return over


def _closed(state: str, since: str, states: tuple[str, ...], period: timedelta) -> Callable[..., bool]:
    def over(body: Mapping[str, object], now: datetime) -> bool:
        return body.get(state) in states and _before(since, period)(body, now)

    return over


RULES = (
    Rule("de laatste dag van deze contactgegevens is voorbij", contact.KIND, _before("until")),
    Rule("deze persoonlijke link is verlopen", links.KIND, _before("until")),
    Rule("deze link naar een vraag is verlopen", reports.LINK, _before("until")),
    Rule("deze brief is verstuurd of vervallen", post.KIND, _closed("state", "since", post.OVER, LETTER)),
    Rule("deze melding is afgehandeld", reports.KIND, _closed("state", "closed", tuple(reports.State)[1:], REPORT)),
    Rule("deze zaak is afgerond", cases.KIND, _closed("state", "since", (cases.State.DONE,), CASE)),
    Rule("dit bestand wachtte een week om ingelezen te worden", shelf.KIND, _before("at", shelf.KEPT)),
    Rule("deze regel van het logboek is oud", audit.KIND, _before("at", AUDIT)),
)
"""By kind of record. What hangs on a closed case goes with it."""
ALONG = (introductions.KIND, outcomes.KIND)
"""Kinds of record that go with their case."""


def plan(store: Store, now: datetime) -> list[Due]:
    """What would go now. Changes nothing."""
    found = [
        Due(rule.kind, record.id, rule.why)
        for rule in RULES
        for record in store.records(rule.kind)
        if rule.over(record.body, now)
    ]
    gone = [one.id for one in found if one.kind == cases.KIND]
    return [*found, *_along(store, gone)]


def _along(store: Store, closed: list[str]) -> Iterator[Due]:
    for case in closed:
        for kind in ALONG:
            yield from (Due(kind, r.id, "hoort bij een afgeronde zaak") for r in store.records(kind, f"case:{case}"))


def apply(store: Store, now: datetime) -> list[Due]:
    """Erase what is over, and write files anew where there was something; what went."""
    found = plan(store, now)
    if found:
        gone = [(one.kind, one.id) for one in found]
        row = audit.row(audit.SYSTEM, happened.PERIOD_OVER % {"number": len(gone)}, "", now)
        store.write(Change(records=[row], gone_records=gone))
        store.purge()
    return found


def daily(store: Store, now: datetime) -> list[Due] | None:
    """As apply, once a day whoever asks; None where it was done today."""
    day = now.date().isoformat()
    record = held(store, TASK, "retention") or Record(TASK, "retention", {"day": ""})
    if record.body["day"] == day:
        return None
    try:
        store.write(Change(records=[Record(TASK, record.id, {"day": day, "at": now.isoformat()}, (), record.version)]))
    except Conflict:  # another worker was first
        return None
    return apply(store, now)
