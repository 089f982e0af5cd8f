"""The register of what nobody can answer yet: each question once, who asks it, and what becomes of it."""

import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from kennismakelaar import happened, history, privacy
from kennismakelaar.broker import Broker
from kennismakelaar.desk import cases, casework, contact, post
from kennismakelaar.desk.cases import Case, Step
from kennismakelaar.desk.post import Letter
from kennismakelaar.errors import NotFound, Refused
from kennismakelaar.language import gettext as _
from kennismakelaar.language import marked
from kennismakelaar.model import Change, Node, Record
from kennismakelaar.moments import moment
from kennismakelaar.store import Store, changed_meanwhile, insisted

KIND, NODE = "gap", "knowledge_question"
"""Of the records that hold gaps; and of the nodes that are in the register from the start."""
LETTER = "gap_answered"
LETTER_TERM = timedelta(days=60)
"""After which it makes no sense any more to tell that there is an answer."""
LONGEST_SENTENCE, LONGEST_ANSWER = 250, 3_000
"""Letters."""


class State(StrEnum):
    """What is done about a gap; the values of the vocabulary question_status."""

    OPEN = marked("open")
    RESEARCH = marked("onderzoek")
    EXPERIMENT = marked("experiment")
    ANSWERED = marked("beantwoord")


@dataclass(frozen=True)
class Gap:
    """A question of one or more people that the graph does not answer; nothing in it is personal."""

    id: str
    """Of a knowledge question the id of its node."""
    question: str
    """In one sentence."""
    created: str
    state: State = State.OPEN
    owner: str = ""
    """Name of the colleague who sees to it."""
    answer: str = ""
    record: str = ""
    """Id of the node in which the answer can be read."""
    told: tuple[str, ...] = ()
    """Ids of the cases whose askers were told of the answer."""
    history: tuple[Step, ...] = ()
    version: int = 0
    """0 as long as nobody did anything with it: then it is kept nowhere but in the graph."""

    @property
    def is_closed(self) -> bool:
        """Did staff give the answer? What the note answered itself can still be closed with a better one."""
        return self.state is State.ANSWERED and bool(self.answer)


@dataclass(frozen=True)
class Found:
    """What staff found out: the answer, and the id of the record where it can be read."""

    answer: str
    record: str


@dataclass(frozen=True)
class Wish:
    """What staff want a gap to be."""

    question: str
    state: State
    owner: str = ""


def as_record(gap: Gap) -> Record:
    """For the store."""
    body = asdict(gap)
    return Record(KIND, body.pop("id"), body, (f"state:{gap.state}", f"owner:{gap.owner}"), body.pop("version"))


def gap_of(record: Record) -> Gap:
    """The opposite of as_record."""
    body: dict[str, Any] = dict(record.body)
    steps = tuple(Step(**one) for one in body.pop("history"))
    state, told = State(body.pop("state")), tuple(body.pop("told"))
    return Gap(id=record.id, version=record.version, state=state, told=told, history=steps, **body)


def register(store: Store) -> list[Gap]:
    """All gaps, by question: those that staff worked on, and the other knowledge questions of the graph."""
    nodes = {node.id: node for node in store.nodes(NODE)}
    kept = {record.id: _beside(gap_of(record), nodes.get(record.id)) for record in store.records(KIND)}
    fresh = {id: _fresh(node) for id, node in nodes.items() if id not in kept}
    return sorted((kept | fresh).values(), key=lambda gap: (gap.question.casefold(), gap.id))


def find(store: Store, id: str) -> Gap:
    """The gap, or NotFound."""
    node = next((one for one in store.nodes(ids=[id]) if one.kind == NODE), None)
    try:
        return _beside(gap_of(store.record(KIND, id)), node)
    except NotFound as error:
        if node is None:
            raise NotFound(_("Kennisvraag '%(id)s' bestaat niet. Kijk in de lijst van kennisvragen.", id=id)) from error
    return _fresh(node)


def _fresh(node: Node) -> Gap:
    return Gap(node.id, node.name, "", State(node.text("question_status")))


def _beside(gap: Gap, node: Node | None) -> Gap:
    """As the graph has it: where staff changed the node itself, that counts."""
    if node is None or gap.is_closed:
        return gap
    return replace(gap, state=State(node.text("question_status")))


def members(store: Store, id: str) -> list[Case]:
    """The cases that ask this, in order of id."""
    return [cases.case_of(record) for record in store.records(cases.KIND, f"gap:{id}")]


def all_members(store: Store) -> dict[str, list[Case]]:
    """The cases of every gap that has some."""
    found: dict[str, list[Case]] = defaultdict(list)
    for record in store.records(cases.KIND):
        if record.body["gap"]:
            found[record.body["gap"]].append(cases.case_of(record))
    return found


def start(broker: Broker, ids: Sequence[str], question: str, who: Step, out_of: str = "") -> Gap:
    """A new gap with these cases, which belong to no gap or to the one that they are split off from."""
    return insisted(lambda: _start(broker, ids, question, who, out_of))


def _start(broker: Broker, ids: Sequence[str], question: str, who: Step, out_of: str) -> Gap:
    store = broker.store
    asked = [_of(store, id, out_of) for id in dict.fromkeys(ids)]
    if not asked:
        raise Refused(_("Kies ten minste één vraag."))
    sentence = _sentence(question, asked)
    gap = Gap(f"kennisvraag-{who.at[2:10].replace('-', '')}-{secrets.token_hex(3)}", sentence, who.at)
    gap = _with(gap, replace(who, what=happened.BEGUN % {"what": _number(asked)}))
    records = [cases.as_record(_placed(case, gap.id, who)) for case in asked]
    if out_of:
        rest = find(store, out_of)
        if len(asked) == len(members(store, out_of)) and not list(store.nodes(ids=[out_of])):
            raise Refused(_("Splits een deel van de vragen af, niet allemaal."))
        records.append(
            as_record(_with(rest, replace(who, what=happened.SPLIT_OFF % {"what": _number(asked), "id": gap.id})))
        )
    store.write(Change(records=[*records, as_record(gap)]))
    return replace(gap, version=1)


def join(broker: Broker, id: str, ids: Sequence[str], who: Step) -> Gap:
    """Put cases with a gap; where it is answered already, their askers hear so at once."""
    return insisted(lambda: _join(broker, id, ids, who))


def _join(broker: Broker, id: str, ids: Sequence[str], who: Step) -> Gap:
    store, gap = broker.store, find(broker.store, id)
    placed = [_placed(_of(store, one), id, who) for one in dict.fromkeys(ids)]
    gap = _with(gap, replace(who, what=happened.JOINED % {"what": _number(placed)}))
    records = [cases.as_record(case) for case in placed if not gap.is_closed or case.id in gap.told]
    if gap.is_closed:
        gap, told = _tell(store, gap, placed, who)
        records += told
    store.write(Change(records=[*records, as_record(gap)]))
    return replace(gap, version=gap.version + 1)


def leave(broker: Broker, id: str, case: str, who: Step) -> Gap:
    """Take a case out of its gap; it stays a question without an answer."""
    return insisted(lambda: _leave(broker, id, case, who))


def _leave(broker: Broker, id: str, case: str, who: Step) -> Gap:
    found = _of(broker.store, case, id)
    gap = _with(find(broker.store, id), replace(who, what=happened.TAKEN_OUT))
    left = replace(found, gap="", history=(*found.history, replace(who, what=happened.NOT_AT_GAP % {"id": id})))
    broker.store.write(Change(records=[cases.as_record(left), as_record(gap)]))
    return replace(gap, version=gap.version + 1)


def change(broker: Broker, id: str, version: int, wish: Wish, who: Step) -> Gap:
    """Another sentence, state or owner; Conflict where a colleague changed it since `version`."""
    store, gap = broker.store, find(broker.store, id)
    if gap.version != version:
        raise changed_meanwhile(as_record(gap))
    casework.check_colleague(store, wish.owner)
    if (wish.state is State.ANSWERED) != (gap.state is State.ANSWERED):
        raise Refused(_("Sluit een kennisvraag met het antwoord erbij. Wat beantwoord is, gaat niet meer open."))
    sentence = gap.question if wish.question == gap.question else _sentence(wish.question, members(store, id))
    changed = [
        message % {"old": old, "new": new, "what": old or happened.NOBODY, "what_next": new or happened.NOBODY}
        for message, old, new in (
            (happened.SENTENCE, gap.question, sentence),
            (happened.STATE, gap.state, wish.state),
            (happened.OWNER, gap.owner, wish.owner),
        )
        if old != new
    ]
    if not changed:
        raise Refused(_("Er is niets veranderd."))
    made = replace(gap, question=sentence, state=wish.state, owner=wish.owner)
    return _written(broker, _with(made, replace(who, what="; ".join(changed))), [])


def close(broker: Broker, id: str, found: Found, who: Step) -> Gap:
    """Answer a gap: every asker is told in the same write, so once, whoever else closes it or where we are stopped.

    Closing again with the same answer changes nothing; with another one it is Refused.
    """
    return insisted(lambda: _close(broker, id, found, who))


def _close(broker: Broker, id: str, found: Found, who: Step) -> Gap:
    gap, answer = find(broker.store, id), privacy.mask(found.answer.strip())
    if not answer:
        raise Refused(_("Schrijf het antwoord op, in gewone taal. Iedereen die de vraag stelde, leest het."))
    if len(answer) > LONGEST_ANSWER:
        raise Refused(_("Het antwoord is te lang. Gebruik ten hoogste %(most)s tekens.", most=LONGEST_ANSWER))
    if gap.is_closed:
        if (gap.answer, gap.record) == (answer, found.record):
            return gap
        who_did = gap.history[-1].who
        raise Refused(_("Deze kennisvraag is al beantwoord door %(name)s. De vragers weten het al.", name=who_did))
    broker.store.get(found.record)
    closed = replace(gap, state=State.ANSWERED, answer=answer, record=found.record)
    told, records = _tell(broker.store, closed, members(broker.store, id), who)
    return _written(
        broker,
        _with(told, replace(who, what=happened.STATE % {"what": gap.state, "what_next": State.ANSWERED})),
        records,
    )


def _tell(store: Store, gap: Gap, asked: Iterable[Case], who: Step) -> tuple[Gap, list[Record]]:
    """The gap that knows who was told, with the cases and letters to write together with it."""
    waiting = [case for case in asked if case.id not in gap.told]
    today = datetime.fromisoformat(who.at).date()
    records = [cases.as_record(_answered(case, gap, who)) for case in waiting]
    reachable = [case for case in waiting if contact.has(store, contact.of_case(case.id), today)]
    records += [post.as_record(_letter(store, gap, case, who)) for case in reachable]
    return replace(gap, told=(*gap.told, *(case.id for case in waiting))), records


def _answered(case: Case, gap: Gap, who: Step) -> Case:
    """One step further where the case waits for this; a case that went on meanwhile gets a line in its history."""
    told = replace(who, what=happened.GAP_ANSWER % {"id": gap.id}, why=gap.answer)
    if case.state is cases.State.GAP:
        case = cases.step(case, cases.State.DONE, replace(who, why=happened.GAP_ANSWERED % {"id": gap.id}))
    return replace(case, history=(*case.history, told))


def _letter(store: Store, gap: Gap, case: Case, who: Step) -> Letter:
    """Its id is of this gap and this case, so that there can be no second one."""
    now, to = datetime.fromisoformat(who.at), contact.of_case(case.id)
    return Letter(
        id=f"{gap.id}-{case.id}",
        template=LETTER,
        to=to,
        reader=happened.ASKER,
        until=moment(now + LETTER_TERM),
        about=about(gap.id),
        values={"question": case.question, "answer": gap.answer, "record": store.get(gap.record).name},
        since=moment(now),
        language=contact.language_of(store, to, now.date()),
    )


def about(id: str) -> str:
    """What the letters of a gap are about."""
    return f"{KIND}/{id}"


def _written(broker: Broker, gap: Gap, records: Sequence[Record]) -> Gap:
    """Write it, and where it stands in the graph also its state there, with its history."""
    everything = [*records, as_record(gap)]
    for node in broker.store.nodes(ids=[gap.id]):
        if node.text("question_status") != gap.state:
            now = replace(node, properties={**node.properties, "question_status": str(gap.state)})
            why = happened.OF_GAP % {"what": gap.history[-1].what}
            history.publish(broker, Change(nodes=[now], records=everything), gap.history[-1].who, why)
            return replace(gap, version=gap.version + 1)
    broker.store.write(Change(records=everything))
    return replace(gap, version=gap.version + 1)


def _of(store: Store, id: str, gap: str = "") -> Case:
    """The case, if it belongs to this gap; to none where that is empty."""
    case = casework.get(store, id)
    if case.gap != gap:
        raise Refused(
            _("Zaak %(id)s hoort al bij kennisvraag %(gap)s.", id=id, gap=case.gap)
            if case.gap
            else _("Zaak %(id)s hoort hier niet (meer) bij.", id=id)
        )
    return case


def _placed(case: Case, gap: str, who: Step) -> Case:
    """With the gap; a case that was not without an answer yet takes that step of the table."""
    if case.state is not cases.State.GAP:
        case = cases.step(case, cases.State.GAP, who)
    return replace(case, gap=gap, history=(*case.history, replace(who, what=happened.AT_GAP % {"id": gap})))


def _sentence(question: str, asked: Iterable[Case]) -> str:
    """As it may stand on a public page; nobody's own words without consent."""
    clean = " ".join(question.split())
    if not clean:
        raise Refused(_("Schrijf de vraag op in één zin."))
    if len(clean) > LONGEST_SENTENCE:
        wrong = _(
            "De zin is te lang (%(length)s tekens). Gebruik ten hoogste %(most)s tekens.",
            length=len(clean),
            most=LONGEST_SENTENCE,
        )
        raise Refused(wrong)
    if privacy.find(clean):
        raise Refused(_("In de zin staat een persoonlijk gegeven. Haal het weg: deze zin komt op de website."))
    if any(clean.casefold() == case.question.casefold() for case in asked if not case.shared):
        wrong = _("Deze vrager gaf geen toestemming om de vraag te laten lezen. Schrijf haar in eigen woorden.")
        raise Refused(wrong)
    return clean


def _with(gap: Gap, done: Step) -> Gap:
    return replace(gap, history=(*gap.history, done))


def _number(asked: Sequence[Case]) -> str:
    return happened.ONE_QUESTION if len(asked) == 1 else happened.QUESTIONS % {"number": len(asked)}
