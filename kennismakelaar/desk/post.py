"""Letters to people: each is kept before it is sent, is sent at most once, and waits while the mail server is away.

A letter holds no address and no contact data. Whom it goes to, the personal link in it and the data that it brings
along are looked up at the moment of sending, so that what may no longer be used is not sent either.
"""

import secrets
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from enum import StrEnum
from pathlib import Path
from string import Template
from typing import Any

from kennismakelaar import happened
from kennismakelaar.config import Settings
from kennismakelaar.desk import contact, links, mail
from kennismakelaar.desk.links import Link
from kennismakelaar.desk.mail import Result
from kennismakelaar.errors import Conflict, NotFound, Refused
from kennismakelaar.language import LANGUAGES, marked, root, speaking
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Change, Record
from kennismakelaar.moments import moment
from kennismakelaar.store import RecordStore

KIND = "letter"
"""Of the records that hold letters."""
TEXTS = Path(__file__).parent / "letters"
"""LANGUAGE/NAME.txt: the subject, an empty line, the text; $name is filled in, $link and $contact only at sending."""
STALE = timedelta(minutes=15)
"""After which a letter that is on its way counts as lost sight of: the program stopped meanwhile."""
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=5), timedelta(days=1)
"""Before another try; the wait doubles each time."""
PERSONAL, HIDDEN = marked("(hier komt de persoonlijke link)"), marked("(hier komen de contactgegevens)")


class State(StrEnum):
    """Where a letter is, in the words that staff see, in Dutch."""

    WAITING = marked("wacht")
    SENDING = marked("onderweg")
    SENT = marked("verstuurd")
    UNCERTAIN = marked("onzeker")
    FAILED = marked("mislukt")
    LAPSED = marked("vervallen")


OVER = (State.SENT, State.LAPSED)
"""Of these letters nothing more is to be done."""
STUCK = (State.UNCERTAIN, State.FAILED)
"""About these someone has to decide."""


@dataclass(frozen=True)
class Letter:
    """What is to be sent to whom. Its id says what it is for: with the same id it is the same letter."""

    id: str
    template: str
    """Name of a text in letters/."""
    to: str
    """Whose contact data (`Contact.about`) say where it goes."""
    reader: str
    """Who that is in words that staff may read, such as 'de vrager'."""
    until: str
    """The last moment at which it makes sense to send it."""
    about: str = ""
    """What it belongs to, such as 'introduction/ID'."""
    values: Mapping[str, str] = field(default_factory=dict)
    """For the text."""
    link: Link | None = None
    reveal: str = ""
    """Whose contact data come along in the letter (`Contact.about`)."""
    state: State = State.WAITING
    tries: int = 0
    since: str = ""
    """When it came into its state."""
    wait_until: str = ""
    trouble: str = ""
    """What went wrong last, without an address, in Dutch."""
    by: str = ""
    """Who sent it by hand; or the claim of the process that is sending it."""
    language: str = LANGUAGES[0]
    """Of the text."""
    version: int = 0


@dataclass(frozen=True)
class Text:
    """What a letter says."""

    subject: str
    body: str


def read(letter: Letter, link: str = "", reveal: str = "") -> Text:
    """The letter as staff may read it, or with its link and contact data as it is sent."""
    subject, _line, body = (TEXTS / letter.language / f"{letter.template}.txt").read_text("utf-8").partition("\n\n")
    values = {**letter.values, "link": link or _(PERSONAL), "contact": reveal or _(HIDDEN)}
    return Text(Template(subject).substitute(values), Template(body).substitute(values))


def as_record(letter: Letter) -> Record:
    """To write together with what the letter is about."""
    read(letter)  # a text that lacks a value is found now and not when it is sent
    body = asdict(letter)
    tags = (f"state:{letter.state}", f"about:{letter.about}")
    return Record(KIND, body.pop("id"), body, tags, body.pop("version"))


def letter_of(record: Record) -> Letter:
    """The opposite of as_record."""
    body: dict[str, Any] = dict(record.body)
    link = Link(**body.pop("link")) if body["link"] else body.pop("link")
    state = State(body.pop("state"))
    return Letter(id=record.id, version=record.version, link=link, state=state, **body)


def find(store: RecordStore, id: str) -> Letter:
    """The letter, or NotFound."""
    return letter_of(store.record(KIND, id))


def letters(store: RecordStore, state: State | None = None) -> Iterator[Letter]:
    """Those in a state, or all, in order of id."""
    yield from (letter_of(record) for record in store.records(KIND, f"state:{state}" if state else None))


def about(store: RecordStore, subject: str) -> list[Letter]:
    """The letters that belong to something, in order of id."""
    return [letter_of(record) for record in store.records(KIND, f"about:{subject}")]


def send(store: RecordStore, letter: Letter, settings: Settings, now: datetime) -> Letter:
    """Keep the letter and try to send it; the same letter is not sent again."""
    try:
        return deliver(store, find(store, letter.id), settings, now)
    except NotFound:
        store.write(Change(records=[as_record(replace(letter, since=moment(now)))]))
    return deliver(store, find(store, letter.id), settings, now)


def send_waiting(store: RecordStore, settings: Settings, now: datetime) -> Counter[State]:
    """Try each letter that waits, and mark those lost sight of; how many came into which state."""
    lost = [one for one in letters(store, State.SENDING) if datetime.fromisoformat(one.since) + STALE < now]
    for letter in lost:
        with suppress(Conflict):  # another process saw it too
            _move(store, letter, now, state=State.UNCERTAIN, trouble=happened.LOST, by="")
    waiting = list(letters(store, State.WAITING))
    return Counter([*(State.UNCERTAIN for _ in lost), *(deliver(store, one, settings, now).state for one in waiting)])


def deliver(store: RecordStore, letter: Letter, settings: Settings, now: datetime) -> Letter:
    """Send one letter if it waits, its time has come and there is a mail server; the letter as it is afterwards."""
    if letter.state is not State.WAITING or letter.wait_until > moment(now):
        return letter
    try:
        if datetime.fromisoformat(letter.until) < now:
            return _move(store, letter, now, state=State.LAPSED, trouble=happened.TOO_LATE)
        if not mail.is_on(settings):
            return letter
        token, records = _linked(letter)
        made = _message(store, letter, settings, now, token)
        claimed = _move(store, letter, now, records, state=State.SENDING, by=secrets.token_hex(8))
    except NotFound:
        return _move(store, letter, now, state=State.LAPSED, trouble=happened.UNREACHABLE)
    except Conflict:  # another process is at it
        return find(store, letter.id)
    result, trouble = mail.hand_over(settings, made)
    try:
        return _after(store, claimed, result, trouble, now)
    except Conflict:  # it lapsed while it was on its way
        return find(store, letter.id)


def mark_sent(store: RecordStore, id: str, by: str, now: datetime) -> Letter:
    """Someone sent it by hand, or knows that it arrived."""
    return _decided(store, id, now, state=State.SENT, by=by, trouble="")


def try_again(store: RecordStore, id: str, by: str, now: datetime) -> Letter:
    """Someone knows that it did not arrive: it waits again."""
    return _decided(store, id, now, state=State.WAITING, by=by, trouble="", wait_until="")


def lapse(store: RecordStore, subject: str, now: datetime) -> list[Record]:
    """The letters about something that are not sent yet, as they must be written when they may not be sent any more."""
    return [
        as_record(replace(one, state=State.LAPSED, since=moment(now), trouble=happened.WITHDRAWN))
        for one in about(store, subject)
        if one.state not in OVER
    ]


def write_out(store: RecordStore, folder: Path, settings: Settings, now: datetime) -> list[Path]:
    """Each waiting letter as a file that a mail program opens (.eml), for who sends by hand; the files made."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for letter in letters(store, State.WAITING):
        token, records = _linked(letter)
        try:
            message = _message(store, letter, settings, now, token)
        except NotFound:
            continue
        store.write(Change(records=records))
        made.append(folder / f"{letter.id}.eml")
        made[-1].write_bytes(message.as_bytes())
    return made


def _linked(letter: Letter) -> tuple[str, list[Record]]:
    """A fresh token for the link of a letter, with its record; each try has its own, since only its hash is kept."""
    if letter.link is None:
        return "", []
    token, record = links.mint(letter.link)
    return token, [record]


def _message(store: RecordStore, letter: Letter, settings: Settings, now: datetime, token: str) -> EmailMessage:
    """NotFound where contact data that it needs may not be used."""
    to = contact.find(store, letter.to, now.date())
    if not to.email:
        raise NotFound(_("Er is geen e-mailadres."))
    other = contact.find(store, letter.reveal, now.date()) if letter.reveal else None
    link = f"{settings.site}{root(letter.language)}{letter.link.page}/{token}" if letter.link else ""
    with speaking(letter.language):
        text = read(letter, link, contact_lines(other) if other else "")
    return mail.message(settings, letter.id, to.email, text.subject, text.body)


def contact_lines(one: contact.Contact) -> str:
    """Name, e-mail and phone below each other, those that there are."""
    parts = ((_("Naam"), one.name), (_("E-mail"), one.email), (_("Telefoon"), one.phone))
    return "\n".join(f"{label}: {value}" for label, value in parts if value)


def _after(store: RecordStore, letter: Letter, result: Result, trouble: str, now: datetime) -> Letter:
    if result is Result.LATER:
        wait = min(FIRST_WAIT * 2 ** min(letter.tries, 20), LONGEST_WAIT)
        again = replace(letter, tries=letter.tries + 1, wait_until=moment(now + wait))
        return _move(store, again, now, state=State.WAITING, trouble=trouble, by="")
    state = {Result.SENT: State.SENT, Result.NEVER: State.FAILED, Result.UNKNOWN: State.UNCERTAIN}[result]
    return _move(store, letter, now, state=state, trouble=trouble, by="")


def _decided(store: RecordStore, id: str, now: datetime, **changes: Any) -> Letter:
    letter = find(store, id)
    if letter.state not in (State.WAITING, *STUCK):
        wrong = _("Brief %(id)s is %(state)s: daar valt niets meer aan te veranderen.", id=id, state=_(letter.state))
        raise Refused(wrong)
    return _move(store, letter, now, **changes)


def _move(
    store: RecordStore, letter: Letter, now: datetime, along: list[Record] | None = None, **changes: Any
) -> Letter:
    """The letter in its next state, written; Conflict where another was first."""
    moved = replace(letter, since=moment(now), **changes)
    store.write(Change(records=[as_record(moved), *(along or [])]))
    return replace(moved, version=letter.version + 1)
