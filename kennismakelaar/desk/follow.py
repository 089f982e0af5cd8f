"""Following a question or a place: what changed since last time, in a feed and, if wanted, in a letter now and then."""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from kennismakelaar import happened, history, language, privacy
from kennismakelaar.broker import Broker
from kennismakelaar.desk import contact, links, post
from kennismakelaar.desk.contact import Contact
from kennismakelaar.desk.links import Link
from kennismakelaar.desk.post import Letter
from kennismakelaar.errors import Conflict, NotFound, Refused
from kennismakelaar.language import gettext as _
from kennismakelaar.language import marked
from kennismakelaar.model import Change, Node, Record, digest
from kennismakelaar.moments import moment
from kennismakelaar.roles import GOOD_ENOUGH
from kennismakelaar.store import RecordStore, held, insisted

KIND = "follow"
CONFIRM, STOP = "/volgen/bevestig", "/volgen/stop"
"""Pages of personal links."""
PURPOSE = marked("om u te vertellen wat er verandert bij wat u volgt")
TIME_TO_CONFIRM, LONGEST = timedelta(days=7), timedelta(days=365)
"""For the link in the first letter; and how long letters go on after someone said yes."""
DEPTH, SHOWN = 20, 50
"""Best matches that count for a question; and entries that a feed keeps."""


class Period(StrEnum):
    """How often a letter may come."""

    WEEK = marked("week")
    MONTH = marked("maand")


LENGTH: Mapping[Period, timedelta] = {Period.WEEK: timedelta(days=7), Period.MONTH: timedelta(days=30)}
State = Mapping[str, str]
"""What is followed as it is at one moment: of each record the digest; of a match only that it is there."""


@dataclass(frozen=True)
class Entry:
    """One change in a feed."""

    id: str
    """Id of the node."""
    digest: str
    at: str
    """When it was changed, if someone did so here; else when it was noticed."""
    title: str
    text: str
    link: str


@dataclass(frozen=True)
class Follow:
    """What someone follows. Nothing in it says who; an address is kept as contact data, and only after asking."""

    id: str
    created: str
    question: str = ""
    place: str = ""
    """Id of a place; either this or the question is empty."""
    revision: int = -1
    """Of the graph, when it was last looked at."""
    seen: State = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()
    """Latest first."""
    period: Period | None = None
    confirmed: str = ""
    """When the receiver said yes to letters; empty where nobody did."""
    sent: State = field(default_factory=dict)
    """As told in the last letter that was sent."""
    letter: str = ""
    """Id of the latest letter."""
    pending: State = field(default_factory=dict)
    """As told in that letter."""
    number: int = 0
    """Of letters so far."""
    version: int = 0


def as_record(one: Follow) -> Record:
    """For the store."""
    body = asdict(one)
    return Record(KIND, body.pop("id"), body, ("mail",) if one.confirmed else (), body.pop("version"))


def follow_of(record: Record) -> Follow:
    """The opposite of as_record."""
    body: dict[str, Any] = dict(record.body)
    entries = tuple(Entry(**entry) for entry in body.pop("entries"))
    period = Period(body.pop("period")) if body["period"] else body.pop("period")
    return Follow(id=record.id, version=record.version, entries=entries, period=period, **body)


def find(store: RecordStore, id: str) -> Follow:
    """What is followed under this id, or NotFound."""
    try:
        return follow_of(store.record(KIND, id))
    except NotFound as error:
        raise NotFound(_("Dit adres kennen wij niet. Misschien is iemand gestopt met volgen.")) from error


def begin(broker: Broker, question: str, place: str, now: datetime) -> Follow:
    """Follow a question or a place (its name); what is there now is not news. Refused where it is neither or both."""
    if bool(question.strip()) == bool(place.strip()):
        raise Refused(_("Kies wat u wilt volgen: een vraag of een plaats."))
    masked = privacy.mask(" ".join(question.split()))
    if question.strip():
        broker.understand(masked)
    id = broker.place(place) if place.strip() else ""
    made = Follow(secrets.token_urlsafe(12), moment(now), masked, id)
    now_there = state(broker, made)
    made = replace(made, seen=now_there, sent=now_there, revision=broker.snapshot.revision)
    broker.store.write(Change(records=[as_record(made)]))
    return replace(made, version=1)


def state(broker: Broker, one: Follow) -> State:
    """As it is now: the good matches of a question, or every record with the place or a part of it."""
    if one.question:
        matches = broker.ask(privacy.without_masks(one.question), limit=DEPTH).matches
        return {match.id: "" for match in sorted(matches, key=lambda m: m.id) if match.chance >= GOOD_ENOUGH}
    places, found = _inside(broker, one.place), set[str]()
    for edge in broker.store.edges(places):
        if edge.kind == "located_in" and edge.target in places:
            found.add(edge.source)
    return {node.id: digest(node) for node in broker.store.nodes(ids=sorted(found | places))}


def _inside(broker: Broker, place: str) -> set[str]:
    """The place with all that is part of it."""
    found, waiting = set[str](), [place]
    while waiting:
        id = waiting.pop()
        if id not in found:
            found.add(id)
            waiting += [e.source for e in broker.snapshot.edges([id])[id] if e.kind == "part_of" and e.target == id]
    return found


def news(before: State, after: State) -> list[str]:
    """Ids of what is new or different, in order; what is gone is no news, nor what changed back."""
    return sorted(id for id, mark in after.items() if before.get(id) != mark)


def refreshed(broker: Broker, id: str, now: datetime) -> Follow:
    """With what changed since it was last looked at; written where something did."""
    return insisted(lambda: _refreshed(broker, find(broker.store, id), now))


def _refreshed(broker: Broker, one: Follow, now: datetime) -> Follow:
    revision = broker.snapshot.revision
    if one.revision == revision:
        return one
    found = state(broker, one)
    fresh = [_entry(broker, one, id, found[id], now) for id in news(one.seen, found)]
    entries = tuple(sorted((*fresh, *one.entries), key=lambda e: (e.at, e.id), reverse=True)[:SHOWN])
    moved = replace(one, seen=found, entries=entries, revision=revision)
    broker.store.write(Change(records=[as_record(moved)]))
    return replace(moved, version=one.version + 1)


def _entry(broker: Broker, one: Follow, id: str, mark: str, now: datetime) -> Entry:
    node = broker.snapshot.node(id)
    changes = history.of_node(broker.store, id)
    at = changes[0].at if changes and changes[0].at >= one.created else moment(now)
    title = happened.NEW_ENTRY if id not in one.seen else happened.CHANGED_ENTRY
    return Entry(id, mark, at, title % {"name": node.name}, node.text("summary"), f"/{node.kind}/{node.id}")


def ask_for_letters(broker: Broker, id: str, email: str, period: str, now: datetime) -> Letter:
    """Keep the address for a week and ask it to say yes; no other letter is sent before that."""
    one = find(broker.store, id)
    if period not in list(Period):
        raise Refused(_("Kies of u elke week of elke maand mail wilt."))
    if one.confirmed:
        raise Refused(_("Dit krijgt iemand al per mail. Begin zelf opnieuw met volgen als u ook mail wilt."))
    until = now + TIME_TO_CONFIRM
    there = _kept(broker, one)
    reach = Contact(
        about(one.id), _(PURPOSE), until.date().isoformat(), email=email, language=language.current(), version=there
    )
    letter = Letter(
        id=f"volgen-{one.id}-{secrets.token_hex(3)}",
        template="follow_confirm",
        to=about(one.id),
        reader=happened.FOLLOWER,
        until=moment(until),
        about=about(one.id),
        values={"what": what(broker, one), "period": _(period)},
        link=Link(CONFIRM, one.id, moment(until)),
        since=moment(now),
        language=language.current(),
    )
    records = [as_record(replace(one, period=Period(period))), contact.keep(reach, now.date()), post.as_record(letter)]
    broker.store.write(Change(records=[*records, *post.lapse(broker.store, about(one.id), now)]))
    return replace(letter, version=1)


def _kept(broker: Broker, one: Follow) -> int:
    """The version of the contact data that are there; 0 where there are none."""
    kept = held(broker.store, contact.KIND, about(one.id))
    return kept.version if kept else 0


def what(broker: Broker, one: Follow) -> str:
    """What is followed, in words."""
    return one.question or broker.snapshot.node(one.place).name


def about(id: str) -> str:
    """Under which contact data of a follower are kept, and letters found."""
    return f"{KIND}/{id}"


def asked(broker: Broker, page: str, token: str, now: datetime) -> Follow:
    """What a personal link is about; NotFound where it does not work any more."""
    return find(broker.store, links.find(broker.store, page, token, now).about)


def confirm(broker: Broker, token: str, now: datetime) -> Follow:
    """The receiver says yes: letters may come, of what changes from now on."""
    link = links.find(broker.store, CONFIRM, token, now)
    one = find(broker.store, link.about)
    kept = contact.find(broker.store, about(one.id), now.date())
    there = state(broker, one)
    sure = replace(one, confirmed=moment(now), sent=there, pending={}, letter="")
    until = (now + LONGEST).date().isoformat()
    longer = contact.keep(replace(kept, until=until, language=language.current()), now.date())
    records = [as_record(sure), longer, links.use_up(link, token, now)]
    broker.store.write(Change(records=records))
    return replace(sure, version=one.version + 1)


def stop(broker: Broker, token: str, now: datetime) -> Follow:
    """No more letters: the address is erased at once; stopping again is no mistake. The feed goes on."""
    return insisted(lambda: _stop(broker, token, now))


def _stop(broker: Broker, token: str, now: datetime) -> Follow:
    one = asked(broker, STOP, token, now)
    stopped = replace(one, confirmed="", period=None, letter="", pending={})
    records = [as_record(stopped), *post.lapse(broker.store, about(one.id), now)]
    broker.store.write(Change(records=records, gone_records=[(contact.KIND, about(one.id))]))
    return stopped


@dataclass(frozen=True)
class Digest:
    """A letter that may be sent now: the records that changed, and the state that it tells of."""

    follow: Follow
    changed: tuple[Node, ...]
    state: State


def due(broker: Broker, now: datetime) -> Iterator[Digest]:
    """Whom to write now: at most once in a period, and only where something is not as it was told last."""
    for record in list(broker.store.records(KIND, "mail")):
        one = _settled(broker.store, follow_of(record))
        if not _may(broker.store, one, now):
            continue
        there = state(broker, one)
        changed = broker.snapshot.nodes(news(one.sent, there))
        if changed and not (_waits(broker.store, one) and one.pending == there):
            yield Digest(one, tuple(changed.values()), there)


def _settled(store: RecordStore, one: Follow) -> Follow:
    """What the last letter told counts as told once it is known to be sent, or may have been."""
    if one.letter and post.find(store, one.letter).state in (post.State.SENT, post.State.UNCERTAIN, post.State.SENDING):
        return replace(one, sent=one.pending)
    return one


def _may(store: RecordStore, one: Follow, now: datetime) -> bool:
    if one.period is None or not contact.has(store, about(one.id), now.date()):
        return False
    if not one.letter:
        return datetime.fromisoformat(one.confirmed) + LENGTH[one.period] <= now
    last = post.find(store, one.letter)
    return _waits(store, one) or datetime.fromisoformat(last.since) + LENGTH[one.period] <= now


def take_back(broker: Broker, now: datetime) -> int:
    """Let letters lapse that still wait while all that they tell changed back; how many that were."""
    gone = 0
    for record in list(broker.store.records(KIND, "mail")):
        one = follow_of(record)
        if _waits(broker.store, one) and not news(one.sent, state(broker, one)):
            broker.store.write(Change(records=post.lapse(broker.store, about(one.id), now)))
            gone += 1
    return gone


def _waits(store: RecordStore, one: Follow) -> bool:
    return bool(one.letter) and post.find(store, one.letter).state is post.State.WAITING


def write(broker: Broker, one: Digest, site: str, now: datetime) -> Letter | None:
    """Keep the letter; one that still waits lapses. None where another process was first."""
    follow, number = one.follow, one.follow.number + 1
    changed = replace(follow, letter=f"volgen-{follow.id}-{number}", pending=one.state, number=number)
    with language.speaking(contact.language_of(broker.store, about(follow.id), now.date())):
        letter = _letter(broker, one, changed.letter, site, now)
    waiting = [record for record in post.lapse(broker.store, about(follow.id), now) if record.id != letter.id]
    try:
        broker.store.write(Change(records=[as_record(changed), post.as_record(letter), *waiting]))
    except Conflict:
        return None
    return replace(letter, version=1)


def _letter(broker: Broker, one: Digest, id: str, site: str, now: datetime) -> Letter:
    root, follow = language.root(language.current()), one.follow
    period = follow.period or Period.MONTH
    lines = [f"- {node.name}\n  {site}{root}/{node.kind}/{node.id}" for node in one.changed[:SHOWN]]
    return Letter(
        id=id,
        template="follow_digest",
        to=about(follow.id),
        reader=happened.FOLLOWER,
        until=moment(now + LENGTH[period]),
        about=about(follow.id),
        values={"what": what(broker, follow), "changes": "\n".join(lines), "period": _(period)},
        link=Link(STOP, follow.id, moment(now + LONGEST)),
        since=moment(now),
        language=language.current(),
    )
