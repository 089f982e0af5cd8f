"""A question from someone without an account: what is alike already, sending it, and how it stands."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from kennismakelaar import happened, match, privacy, text
from kennismakelaar.broker import Broker
from kennismakelaar.desk import cases, contact, followups
from kennismakelaar.desk.cases import Case, State, Step
from kennismakelaar.desk.contact import Contact
from kennismakelaar.errors import Conflict, NotFound, Refused
from kennismakelaar.language import gettext as _
from kennismakelaar.language import marked
from kennismakelaar.model import Answer, Change, Node, Record
from kennismakelaar.moments import moment
from kennismakelaar.roles import GOOD_ENOUGH
from kennismakelaar.store import RecordStore, held, insisted

HELPED = "helped"
"""Of the records that count who was helped before sending anything: one for each month, with a number and no more."""
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 16
"""Of a receipt: 31^16 codes, so many that no hash of one needs a salt."""
ALIKE = 0.5
"""The share of the words, weighted by rarity, from which an earlier question is shown as alike."""
FEW = 3
"""Earlier questions, knowledge questions and matches that are shown before sending, of each."""
ASKER = "vrager"
"""Who did a step that was no one of the staff."""


@dataclass(frozen=True)
class Situation:
    """What a visitor tells; personal details are masked already."""

    question: str
    place: str = ""
    """Id of a place."""
    themes: tuple[str, ...] = ()
    """Ids of themes."""
    answers: Mapping[str, str] = field(default_factory=dict)
    """To follow-up questions, by question."""
    shared: bool = False
    """Others may read the question and what helped."""


@dataclass(frozen=True)
class Earlier:
    """A question that someone asked before, with what helped."""

    question: str
    answers: tuple[Node, ...]


@dataclass(frozen=True)
class Known:
    """A question in the graph that may be the same, with what answers it."""

    node: Node
    answers: tuple[Node, ...]


@dataclass(frozen=True)
class Alike:
    """What there is already for a situation."""

    earlier: tuple[Earlier, ...]
    known: tuple[Known, ...]
    answer: Answer


@dataclass(frozen=True)
class Line:
    """What happened to a question, for who asked it: no names, no notes."""

    at: str
    text: str


TOLD: Mapping[State, str] = {
    State.NEW: marked("Wij hebben uw vraag ontvangen."),
    State.CLARIFIED: marked("Wij hebben uw vraag gelezen en zoeken wie u kan helpen."),
    State.PROPOSED: marked("Wij vonden mensen of organisaties die kunnen helpen."),
    State.LINKED: marked("Wij brachten u met iemand in contact."),
    State.DONE: marked("Uw vraag is afgerond."),
    State.GAP: marked("Niemand heeft nog een antwoord. Wij zoeken verder, ook bij onderzoekers."),
}
"""What a state means for who asked."""


def read(broker: Broker, question: str, place: str = "", theme: str = "") -> Situation:
    """What was typed, masked and looked up; Refused where the question cannot be read or a name is unknown."""
    masked = privacy.mask(" ".join(question.split()))
    if not privacy.without_masks(masked):
        raise Refused(_("Vertel in een paar zinnen wat u wilt doen of weten. Nu staat er nog geen vraag."))
    broker.understand(masked)
    return Situation(masked, broker.place(place) if place.strip() else "", _themes(broker, theme))


def _themes(broker: Broker, name: str) -> tuple[str, ...]:
    if not name.strip():
        return ()
    for id in broker.named(name, "theme"):
        return (id,)
    raise Refused(_("Thema '%(name)s' kennen wij niet. Kies er een uit de lijst, of laat het vak leeg.", name=name))


def alike(broker: Broker, situation: Situation) -> Alike:
    """Earlier questions that were answered, questions in the graph, and matches."""
    place = broker.snapshot.node(situation.place).name if situation.place else None
    bare = privacy.without_masks(situation.question)
    ranked = broker.rank(followups.understand(broker, bare, situation.place, situation.themes))
    known = [one.node for one in ranked if one.node.kind == "knowledge_question" and _is_near(broker, one)]
    return Alike(
        _earlier(broker, bare),
        tuple(Known(node, _answers(broker, node.id)) for node in known[:FEW]),
        broker.ask(bare, place, limit=FEW),
    )


def _is_near(broker: Broker, ranked: match.Ranked) -> bool:
    """Is it good enough to stand by itself?"""
    return broker.weights.chance(ranked.score) >= GOOD_ENOUGH


def _answers(broker: Broker, id: str) -> tuple[Node, ...]:
    edges = broker.snapshot.edges([id])[id]
    ids = [edge.source for edge in edges if edge.kind == "answers" and edge.target == id]
    return tuple(broker.snapshot.nodes(ids).values())


def _earlier(broker: Broker, question: str) -> tuple[Earlier, ...]:
    """Those whose asker let others read them, that were linked or done, and share enough words."""
    asked = broker.understand(question)
    total = sum(asked.idf.values())
    found = []
    for record in broker.store.records(cases.KIND, "shared"):
        case = cases.case_of(record)
        shared = set(asked.idf) & set(text.analyse(case.question))
        share = sum(asked.idf[term] for term in shared) / total if total else 0.0
        if share >= ALIKE and (helped := _helped(broker, case)):
            found.append((share, case.id, Earlier(case.question, helped)))
    return tuple(one for _share, _id, one in sorted(found, key=lambda one: (-one[0], one[1]))[:FEW])


def _helped(broker: Broker, case: Case) -> tuple[Node, ...]:
    """What was proposed to a case that got an answer."""
    if case.state not in (State.LINKED, State.DONE):
        return ()
    ids = [one.id for one in case.proposals if one.verdict is cases.Verdict.ACCEPTED]
    return tuple(broker.snapshot.nodes(ids).values())


def count_helped(store: RecordStore, today: date) -> int:
    """One more who was helped by what is there already; how many this month. Nothing of who or what is kept."""
    return insisted(lambda: _count_helped(store, f"{today:%Y-%m}"))


def _count_helped(store: RecordStore, month: str) -> int:
    record = held(store, HELPED, month) or Record(HELPED, month, {"number": 0})
    number = int(record.body["number"]) + 1
    counted = {"number": number, "mark": secrets.token_hex(4)}  # so that two who count at once do not say the same
    store.write(Change(records=[replace(record, body=counted)]))
    return number


def send(
    broker: Broker, situation: Situation, key: str, now: datetime, reach: Contact | None = None
) -> tuple[Case, str]:
    """Keep the question; the case and the receipt code, which is kept nowhere.

    `key` is of the form that was sent: Refused where it was sent before. Contact data are kept apart, and only
    together with the case.
    """
    at, code = moment(now), _code()
    case = Case(
        id=f"zaak-{now:%y%m%d}-{_hash(key)[:8]}",
        question=privacy.mask(situation.question),
        created=at,
        since=at,
        place=situation.place,
        themes=situation.themes,
        answers=situation.answers,
        receipt=_hash(code),
        shared=situation.shared,
    )
    records = [cases.as_record(case)]
    if reach is not None:
        records.append(contact.keep(replace(reach, about=contact.of_case(case.id)), now.date()))
    try:
        broker.store.write(Change(records=records))
    except Conflict as error:
        raise Refused(_("Deze vraag hebben wij al ontvangen. U hoeft haar niet nog eens te sturen.")) from error
    return replace(case, version=1), code


def _code() -> str:
    """In groups of four, without letters and digits that look alike."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
    return "-".join(letters[i : i + 4] for i in range(0, CODE_LENGTH, 4))


def _hash(code: str) -> str:
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def find(store: RecordStore, code: str) -> Case:
    """The case with this receipt, however its code was typed; NotFound says the same of every wrong one."""
    record = next(store.records(cases.KIND, f"receipt:{_hash(code)}"), None) if code.strip() else None
    if record is None:
        raise NotFound(_("Bij deze code hoort geen vraag. Controleer de code: vier groepjes van vier tekens."))
    return cases.case_of(record)


def story(case: Case) -> tuple[Line, ...]:
    """What happened, oldest first, in words for who asked."""
    lines = [Line(case.created, _(TOLD[State.NEW]))]
    for one in case.history:
        _from, arrow, to = one.what.partition(" → ")
        if arrow and to in list(State):
            stopped = to == State.DONE and one.who == ASKER
            lines.append(Line(one.at, _("U heeft deze vraag gestopt.") if stopped else _(TOLD[State(to)])))
    return tuple(lines)


def stop(store: RecordStore, code: str, now: datetime) -> Case:
    """The asker stops; contact data are erased in the same moment. Refused where the case was over already."""
    return insisted(lambda: _stop(store, code, now))


def _stop(store: RecordStore, code: str, now: datetime) -> Case:
    case = find(store, code)
    if case.state is State.DONE:
        raise Refused(_("Deze vraag is al afgerond. U hoeft niets meer te doen."))
    stopped = cases.step(case, State.DONE, Step(moment(now), ASKER, "", happened.STOPPED_BY_ASKER))
    gone = [(contact.KIND, contact.of_case(case.id))]
    store.write(Change(records=[cases.as_record(stopped)], gone_records=gone))
    return stopped
