"""What people outside say is not right, followed to its end; and whether a record is still right."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from kennismakelaar import edit, happened, history
from kennismakelaar.broker import Broker
from kennismakelaar.errors import NotFound, Refused
from kennismakelaar.language import gettext as _
from kennismakelaar.language import marked
from kennismakelaar.model import Change, Node, Record, node_from
from kennismakelaar.moments import moment, now
from kennismakelaar.store import Store, held

KIND, LINK = "report", "still_right"
"""Of the records that hold reports, and links to a question whether a record is still right."""
LONGEST = 2_000
"""Letters of a report."""
FRESH = timedelta(days=365)
"""How long a record counts as right after someone looked at it."""
LINK_TERM = timedelta(days=60)
"""How long such a link works."""


class State(StrEnum):
    """Where a report stands."""

    OPEN = marked("open")
    DONE = marked("doorgevoerd")
    DECLINED = marked("niet doorgevoerd")


@dataclass(frozen=True)
class Report:
    """Something is not right with a record; perhaps with what it should be."""

    id: str
    subject: str
    text: str
    at: str
    receipt: str
    """Hash of the code with which the reporter comes back."""
    proposed: Mapping[str, Any] | None = None
    """The record in its flat form as it should be."""
    seen: int = 0
    """Version of the history of the record when the report was made."""
    state: State = State.OPEN
    answer: str = ""
    who: str = ""
    closed: str = ""
    version: int = 0


def report(broker: Broker, id: str, text: str, form: Mapping[str, Sequence[str]] | None = None) -> tuple[Report, str]:
    """Keep what someone says about a record, with the values it should have; the report and its receipt code."""
    node = broker.store.get(id)
    if not text.strip():
        raise Refused(_("Schrijf op wat er niet klopt. Eén zin is genoeg."))
    if len(text) > LONGEST:
        raise Refused(
            _(
                "Uw tekst is te lang (%(count)s tekens). Maak hem korter dan %(LONGEST)s tekens.",
                count=len(text),
                LONGEST=LONGEST,
            )
        )
    wanted = edit.filled(node, form) if form else node
    code, seen = secrets.token_urlsafe(9), history.version(broker.store, id)
    made = Report(
        f"{now():%Y%m%d}-{secrets.token_hex(4)}",
        id,
        text.strip(),
        moment(now()),
        _hash(code),
        None if wanted == node else history.flat(wanted),
        seen,
    )
    broker.store.write(Change(records=[_record(made)]))
    return made, code


def find(store: Store, id: str) -> Report:
    """The report, or NotFound."""
    return _report(store.record(KIND, id))


def by_code(store: Store, code: str) -> Report:
    """The report of a receipt code, or NotFound."""
    for record in store.records(KIND, f"receipt:{_hash(code.strip())}"):
        return _report(record)
    raise NotFound(_("Deze code kennen wij niet. Kijk of u hem helemaal hebt overgenomen."))


def listed(store: Store, state: State = State.OPEN) -> tuple[Report, ...]:
    """Reports in a state, the oldest first."""
    found = (_report(record) for record in store.records(KIND, f"state:{state}"))
    return tuple(sorted(found, key=lambda one: (one.at, one.id)))


def differences(store: Store, one: Report) -> Mapping[str, tuple[Any, Any]]:
    """What would change: the present and the proposed value by name."""
    if one.proposed is None:
        return {}
    past = history.Past("", one.subject, "", "", "", history.flat(store.get(one.subject)), dict(one.proposed))
    return past.fields


def accept(broker: Broker, id: str, who: str, answer: str) -> str:
    """Publish what was proposed and close the report, at once or not at all; the run of the history."""
    one = _open(broker.store, id)
    if one.proposed is None:
        raise Refused(_("In deze melding staat geen voorstel. Wijzig het record zelf en sluit daarna de melding."))
    change = Change(nodes=[node_from(one.proposed)], records=[_closed(one, State.DONE, who, answer)])
    return history.publish(broker, change, who, f"melding {id}: {one.text}", {one.subject: one.seen})


def close(store: Store, id: str, state: State, who: str, answer: str) -> None:
    """Close a report with an answer for the reporter; Refused without one."""
    if not answer.strip():
        raise Refused(_("Schrijf een antwoord voor wie dit meldde: wat is er gedaan, of waarom niet?"))
    if state is State.OPEN:
        raise Refused(_("Kies of de melding is doorgevoerd of niet."))
    store.write(Change(records=[_closed(_open(store, id), state, who, answer)]))


def _open(store: Store, id: str) -> Report:
    one = find(store, id)
    if one.state is not State.OPEN:
        raise Refused(_("Deze melding is al afgehandeld door %(who)s.", who=one.who))
    return one


def _closed(one: Report, state: State, who: str, answer: str) -> Record:
    return _record(replace(one, state=state, who=who, answer=answer.strip(), closed=moment(now())))


def is_stale(node: Node, today: date) -> bool:
    """Did nobody look at it for a year, or never?"""
    return node.text("verified_on") <= (today - FRESH).isoformat()


def stale(store: Store, today: date) -> tuple[Node, ...]:
    """Records that nobody looked at for a year, the longest ago first."""
    found = [node for node in store.nodes() if is_stale(node, today)]
    return tuple(sorted(found, key=lambda node: (node.text("verified_on"), node.id)))


def confirm(broker: Broker, ids: Sequence[str], who: str) -> str:
    """These records are still right today; the run of the history."""
    today = now().date().isoformat()
    nodes = [
        replace(node, properties={**node.properties, "verified_on": today})
        for node in broker.store.nodes(ids=list(ids))
        if node.text("verified_on") != today
    ]
    return history.publish(broker, Change(nodes=nodes), who, happened.STILL_RIGHT)


def ask_still_right(store: Store, id: str) -> str:
    """A code for a link with which someone outside says, once, that a record is still right."""
    store.get(id)
    code, until = secrets.token_urlsafe(24), moment(now() + LINK_TERM)
    store.write(Change(records=[Record(LINK, _hash(code), {"subject": id, "until": until})]))
    return code


def asked(broker: Broker, code: str) -> Node:
    """The record that a link asks about; NotFound where the link was used or is too old."""
    return broker.store.get(_link(broker.store, code).body["subject"])


def still_right(broker: Broker, code: str) -> None:
    """Use the link: the record is right today."""
    link = _link(broker.store, code)
    confirm(broker, [link.body["subject"]], "beheerder van dit record")
    broker.store.write(Change(gone_records=[(LINK, link.id)]))


def _link(store: Store, code: str) -> Record:
    record = held(store, LINK, _hash(code))
    if record is None or record.body["until"] < moment(now()):
        raise NotFound(_("Deze link is al gebruikt of niet meer geldig. Vraag ons om een nieuwe."))
    return record


def _hash(code: str) -> str:
    return sha256(code.encode()).hexdigest()


def _record(one: Report) -> Record:
    body = asdict(one)
    tags = (f"state:{one.state}", f"subject:{one.subject}", f"receipt:{one.receipt}")
    return Record(KIND, body.pop("id"), body, tags, body.pop("version"))


def _report(record: Record) -> Report:
    body = dict(record.body)
    return Report(id=record.id, version=record.version, **body | {"state": State(body["state"])})
