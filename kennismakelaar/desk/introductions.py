"""Bringing an asker and a helper together: neither sees how to reach the other before both have said yes."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from kennismakelaar import happened
from kennismakelaar.desk import contact, links
from kennismakelaar.desk.cases import Step
from kennismakelaar.desk.contact import Contact
from kennismakelaar.desk.links import Link
from kennismakelaar.desk.post import Letter
from kennismakelaar.language import current, date_in_words, marked
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Record
from kennismakelaar.moments import moment
from kennismakelaar.store import Store

KIND = "introduction"
"""Of the records that hold introductions."""
ANSWER_PAGE, OWN_PAGE = "/kennismaking", "/mijn-kennismaking"
"""Where a personal link leads: to answer once, and afterwards to look and to withdraw."""


class Side(StrEnum):
    """The two who are brought together."""

    ASKER = marked("vrager")
    HELPER = marked("helper")

    @property
    def other(self) -> "Side":
        """The one across the table."""
        return Side.HELPER if self is Side.ASKER else Side.ASKER


class Answer(StrEnum):
    """What one side said."""

    NONE = marked("nog niets")
    YES = marked("ja")
    NO = marked("nee")
    WITHDRAWN = marked("ingetrokken")


class Stage(StrEnum):
    """Where an introduction stands, in the words that people see, in Dutch."""

    ASKED = marked("wacht op antwoord")
    SILENT = marked("niet op tijd beantwoord")
    LINKED = marked("gekoppeld")
    REFUSED = marked("gaat niet door")
    WITHDRAWN = marked("ingetrokken")
    STOPPED = marked("stopgezet")
    OVER = marked("voorbij")


RUNNING = (Stage.ASKED, Stage.SILENT, Stage.LINKED)
"""What can still be stopped, or a yes taken back in."""


@dataclass(frozen=True)
class Party:
    """One side: where it can be reached, and what it said."""

    contact: str
    """`Contact.about`."""
    answer: Answer = Answer.NONE
    at: str = ""
    why: str = ""


@dataclass(frozen=True)
class Introduction:
    """Who is introduced to whom, why, until when, and what both said."""

    id: str
    case: str
    question: str
    """As the case has it: the asker's own words."""
    place: str
    """Name of the place of the case; empty where none was given."""
    helper: str
    """Id of a node."""
    helper_name: str
    purpose: str
    until: str
    answer_until: str
    created: str
    by: str
    parties: Mapping[Side, Party]
    linked: str = ""
    """The moment at which both had said yes."""
    stopped: str = ""
    """The moment at which staff stopped it."""
    history: tuple[Step, ...] = ()
    version: int = 0

    def stage(self, now: datetime) -> Stage:
        """Where it stands; contact data are shown in LINKED alone."""
        answers = {party.answer for party in self.parties.values()}
        if self.stopped:
            return Stage.STOPPED
        if Answer.WITHDRAWN in answers:
            return Stage.WITHDRAWN
        if Answer.NO in answers:
            return Stage.REFUSED
        if answers == {Answer.YES}:
            return Stage.LINKED if now.date() <= date.fromisoformat(self.until) else Stage.OVER
        return Stage.ASKED if moment(now) <= self.answer_until else Stage.SILENT

    def name_of(self, side: Side) -> str:
        """How one side is called for the other and for staff."""
        return self.helper_name if side is Side.HELPER else _(happened.ASKER)


def as_record(one: Introduction) -> Record:
    """For the store; found by case and by helper."""
    body = asdict(one)
    return Record(KIND, body.pop("id"), body, (f"case:{one.case}", f"helper:{one.helper}"), body.pop("version"))


def introduction_of(record: Record) -> Introduction:
    """The opposite of as_record."""
    body: dict[str, Any] = dict(record.body)
    parties = body.pop("parties").items()
    body["parties"] = {Side(side): Party(**one | {"answer": Answer(one["answer"])}) for side, one in parties}
    body["history"] = tuple(Step(**one) for one in body["history"])
    return Introduction(id=record.id, version=record.version, **body)


def find(store: Store, id: str) -> Introduction:
    """The introduction, or NotFound."""
    return introduction_of(store.record(KIND, id))


def of_case(store: Store, case: str) -> list[Introduction]:
    """Those of one case, latest first."""
    found = [introduction_of(record) for record in store.records(KIND, f"case:{case}")]
    return sorted(found, key=lambda one: (one.created, one.id), reverse=True)


def every(store: Store) -> Iterator[Introduction]:
    """All of them, in order of id."""
    yield from (introduction_of(record) for record in store.records(KIND))


def invited(store: Store, token: str, now: datetime) -> tuple[Introduction, Side]:
    """What a personal link asks an answer to; NotFound where it does not work any more."""
    one, side, _ = opened(store, ANSWER_PAGE, token, now)
    return one, side


def own(store: Store, token: str, now: datetime) -> tuple[Introduction, Side, Contact | None]:
    """What someone who answered may see: how to reach the other only while both agree and the period runs."""
    one, side, _ = opened(store, OWN_PAGE, token, now)
    about = one.parties[side.other].contact
    may_see = one.stage(now) is Stage.LINKED and contact.has(store, about, now.date())
    return one, side, contact.find(store, about, now.date()) if may_see else None


def opened(store: Store, page: str, token: str, now: datetime) -> tuple[Introduction, Side, Link]:
    """The introduction behind a personal link, whose link it is, and the link; NotFound where it does not work."""
    link = links.find(store, page, token, now)
    id, _, side = link.about.rpartition("/")
    return find(store, id), Side(side), link


def own_link(one: Introduction, side: Side) -> Link:
    """To the page where one can look and withdraw, for as long as contact data may be used."""
    return Link(OWN_PAGE, f"{one.id}/{side}", end_of(one.until))


def end_of(day: str) -> str:
    """The last moment of a day."""
    return f"{day}T23:59:59+00:00"


ADVICE = {
    Side.ASKER: marked("Neem zelf contact op. Vertel kort wat u wilt beginnen, en wat u van de ander vraagt."),
    Side.HELPER: marked("De vrager neemt contact met u op. Hoort u een week niets? Neem dan zelf even contact op."),
}
"""Who takes the first step."""


def letter_to(one: Introduction, side: Side, template: str, now: datetime) -> Letter:
    """A letter to one side in the language that is spoken; 'introduced' brings along how to reach the other."""
    return Letter(
        id=f"{one.id}-{side}-{template}",
        template=template,
        to=one.parties[side].contact,
        reader=one.helper_name if side is Side.HELPER else happened.ASKER,
        until=end_of(one.until),
        about=one.id,
        values=letter_values(one, side),
        link=own_link(one, side) if template in ("agreed", "introduced") else None,
        reveal=one.parties[side.other].contact if template == "introduced" else "",
        since=moment(now),
        language=current(),
    )


def letter_values(one: Introduction, side: Side) -> dict[str, str]:
    """What the texts in letters/ may name."""
    return {
        "helper": one.helper_name,
        "other": one.name_of(side.other),
        "question": one.question,
        "from_place": _(" uit %(place)s", place=one.place) if one.place else "",
        "purpose": one.purpose,
        "until_text": date_in_words(one.until),
        "answer_by": date_in_words(one.answer_until[:10]),
        "advice": _(ADVICE[side]),
    }
