"""The life of a question that people work on: its states, and every step that may be taken."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from kennismakelaar import happened
from kennismakelaar.errors import Refused
from kennismakelaar.language import gettext as _
from kennismakelaar.language import marked
from kennismakelaar.model import Record

KIND = "case"
"""Of the records that hold cases."""


class State(StrEnum):
    """Where a case stands, in the words that people see, in Dutch."""

    NEW = marked("nieuw")
    CLARIFIED = marked("verhelderd")
    PROPOSED = marked("voorgesteld")
    LINKED = marked("gekoppeld")
    DONE = marked("afgerond")
    GAP = marked("lacune")


STEPS: Mapping[State, tuple[State, ...]] = {
    State.NEW: (State.CLARIFIED, State.GAP, State.DONE),
    State.CLARIFIED: (State.PROPOSED, State.GAP, State.DONE),
    State.PROPOSED: (State.LINKED, State.CLARIFIED, State.GAP, State.DONE),
    State.LINKED: (State.DONE, State.PROPOSED, State.GAP),
    State.GAP: (State.CLARIFIED, State.DONE),
    State.DONE: (),
}
"""Every step there is. To DONE from the start: the asker is helped already, or stops."""
TERMS: Mapping[State, timedelta | None] = {
    State.NEW: timedelta(days=2),
    State.CLARIFIED: timedelta(days=5),
    State.PROPOSED: timedelta(days=10),
    State.LINKED: timedelta(days=14),
    State.GAP: None,
    State.DONE: None,
}
"""How long a case may wait for the next step; None where nobody waits for us."""


@dataclass(frozen=True)
class Step:
    """What happened to a case: who did what, when and why."""

    at: str
    who: str
    what: str
    why: str = ""


class Verdict(StrEnum):
    """What staff decided about a match."""

    ACCEPTED = marked("aangenomen")
    REJECTED = marked("afgewezen")


@dataclass(frozen=True)
class Proposal:
    """A match that staff looked at for this case."""

    id: str
    verdict: Verdict
    who: str
    why: str = ""


@dataclass(frozen=True)
class Case:
    """A question with its history. The question is the asker's own: staff add notes and never change it."""

    id: str
    question: str
    created: str
    """Moments are ISO 8601 in UTC, to the second."""
    since: str
    """When it came into its present state."""
    state: State = State.NEW
    place: str = ""
    """Id of a place node; empty where none was given."""
    themes: tuple[str, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    """What the asker said to follow-up questions, by question."""
    assigned: str = ""
    """Name of the colleague who works on it."""
    receipt: str = ""
    """Hash of the code with which the asker comes back."""
    shared: bool = False
    """The asker agreed that others may read the question and what helped."""
    gap: str = ""
    """Id of the gap that it became part of."""
    proposals: tuple[Proposal, ...] = ()
    notes: tuple[Step, ...] = ()
    """For staff only."""
    history: tuple[Step, ...] = ()
    version: int = 0


def step(case: Case, to: State, by: Step) -> Case:
    """The case in its next state; Refused where the table has no such step. `by.what` is filled in here."""
    if to not in STEPS[case.state]:
        allowed = ", ".join(_(state) for state in STEPS[case.state]) or _("geen enkele")
        wrong = _(
            "Zaak %(id)s is %(state)s en kan niet naar %(to)s. Mogelijk is: %(allowed)s.",
            **_named(case),
            to=_(to),
            allowed=allowed,
        )
        raise Refused(wrong)
    done = replace(by, what=happened.STEP % {"what": case.state, "what_next": to})
    return replace(case, state=to, since=by.at, history=(*case.history, done))


def _named(case: Case) -> dict[str, str]:
    """For messages."""
    return {"id": case.id, "state": _(case.state)}


def assign(case: Case, to: str, by: Step) -> Case:
    """The case with a colleague who works on it; an empty name gives it back."""
    done = replace(by, what=happened.ASSIGNED % {"name": to} if to else happened.GIVEN_BACK)
    return replace(case, assigned=to, history=(*case.history, done))


def annotate(case: Case, note: Step) -> Case:
    """The case with a note that only staff read."""
    if not note.why.strip():
        raise Refused(_("De notitie is leeg. Schrijf op wat uw collega's moeten weten."))
    return replace(case, notes=(*case.notes, replace(note, what=happened.NOTE)))


def judge(case: Case, proposal: Proposal, by: Step) -> Case:
    """The case with a verdict on one match, in the place of an earlier one; Refused without a reason to reject it."""
    if case.state in (State.DONE, State.GAP):
        raise Refused(_("Zaak %(id)s is %(state)s: er valt niets meer voor te stellen.", **_named(case)))
    if proposal.verdict is Verdict.REJECTED and not proposal.why.strip():
        raise Refused(_("Zeg waarom deze match niet past. Daar leren de volgende voorstellen van."))
    others = tuple(one for one in case.proposals if one.id != proposal.id)
    done = replace(by, what=happened.JUDGED % {"id": proposal.id, "what": proposal.verdict}, why=proposal.why)
    return replace(case, proposals=(*others, proposal), history=(*case.history, done))


def due(case: Case) -> datetime | None:
    """When the next step should have been taken; None where nobody waits for us."""
    term = TERMS[case.state]
    return None if term is None else datetime.fromisoformat(case.since) + term


def is_late(case: Case, now: datetime) -> bool:
    """Has the asker waited longer than we promise?"""
    end = due(case)
    return end is not None and now > end


def as_record(case: Case) -> Record:
    """For the store; found by state, by who works on it, by its receipt and by its gap."""
    body = asdict(case)
    tags: tuple[str, ...] = (f"state:{case.state}", f"assigned:{case.assigned}")
    tags += (f"receipt:{case.receipt}", f"place:{case.place}")
    tags += ("shared",) if case.shared else ()
    tags += (f"gap:{case.gap}",) if case.gap else ()
    return Record(KIND, body.pop("id"), body, tags, body.pop("version"))


def case_of(record: Record) -> Case:
    """The opposite of as_record."""
    body: dict[str, Any] = dict(record.body)
    body["state"] = State(body["state"])
    body["themes"] = tuple(body["themes"])
    body["proposals"] = tuple(Proposal(**one | {"verdict": Verdict(one["verdict"])}) for one in body["proposals"])
    for name in ("notes", "history"):
        body[name] = tuple(Step(**one) for one in body[name])
    return Case(id=record.id, version=record.version, **body)
