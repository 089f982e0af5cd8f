"""Did it help? Both sides are asked twice; what askers say becomes evidence of quality and material to learn from."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from kennismakelaar import happened, history, language, privacy
from kennismakelaar.broker import Broker
from kennismakelaar.desk import cases, contact, introductions, links, post
from kennismakelaar.desk.cases import Case, State, Step, Verdict
from kennismakelaar.desk.introductions import Introduction, Side, Stage, letter_to
from kennismakelaar.desk.links import Link
from kennismakelaar.desk.post import Letter
from kennismakelaar.errors import Refused
from kennismakelaar.evaluate import Judged
from kennismakelaar.language import gettext as _
from kennismakelaar.language import marked
from kennismakelaar.model import Change, Node, Record
from kennismakelaar.moments import moment
from kennismakelaar.store import Store, insisted

KIND = "outcome"
"""Of the records that say that someone was asked, and what they answered."""
PAGE = "/hielp-het"
TIME_TO_ANSWER = timedelta(days=60)
GROUP = "bureau"
"""Of judged questions that come from the desk."""


class Round(StrEnum):
    """The moments at which we ask."""

    WEEKS = "twee-weken"
    HALF_YEAR = "half-jaar"


AFTER: Mapping[Round, timedelta] = {Round.WEEKS: timedelta(days=14), Round.HALF_YEAR: timedelta(days=182)}
"""How long after the introduction."""
AGO = {Round.WEEKS: marked("Twee weken geleden"), Round.HALF_YEAR: marked("Een half jaar geleden")}


class Said(StrEnum):
    """Whether it helped."""

    YES = marked("ja")
    PARTLY = marked("deels")
    NO = marked("nee")


WORTH: Mapping[Said, float] = {Said.YES: 1.0, Said.PARTLY: 0.5, Said.NO: 0.0}
"""What an answer adds to `helped`; the rest of 1 goes to `not_helped`."""
GRADE: Mapping[Said, int] = {Said.YES: 2, Said.PARTLY: 1, Said.NO: 0}
"""What an answer says of a match, in the grades of judged questions."""
LEADS_TO: Mapping[Said, State] = {Said.YES: State.DONE, Said.NO: State.PROPOSED}
"""Where a case goes after what the asker said, where the table of steps allows it."""


@dataclass(frozen=True)
class Outcome:
    """One question to one side of one introduction, with the answer; its id says which."""

    id: str
    introduction: str
    case: str
    helper: str
    side: Side
    round: Round
    asked: str
    said: Said | None = None
    words: str = ""
    at: str = ""
    version: int = 0


def as_record(one: Outcome) -> Record:
    """For the store; found by case and by helper."""
    body = asdict(one)
    return Record(KIND, body.pop("id"), body, (f"case:{one.case}", f"helper:{one.helper}"), body.pop("version"))


def outcome_of(record: Record) -> Outcome:
    """The opposite of as_record."""
    body = dict(record.body)
    said = Said(body["said"]) if body["said"] else None
    read = body | {"side": Side(body["side"]), "round": Round(body["round"]), "said": said}
    return Outcome(id=record.id, version=record.version, **read)


def of_case(store: Store, case: str) -> list[Outcome]:
    """Those of a case, in order of id."""
    return [outcome_of(record) for record in store.records(KIND, f"case:{case}")]


def due(store: Store, now: datetime) -> list[Outcome]:
    """Whom to ask now: each side once a round, while both still agree and the side can be reached.

    Where a round was missed, only the latest is asked.
    """
    asked = {record.id for record in store.records(KIND)}
    return [
        one
        for introduction in introductions.every(store)
        if introduction.linked and introduction.stage(now) in (Stage.LINKED, Stage.OVER)
        for one in _now_due(introduction, now)
        if one.id not in asked and contact.has(store, introduction.parties[one.side].contact, now.date())
    ]


def _now_due(one: Introduction, now: datetime) -> Iterator[Outcome]:
    linked = datetime.fromisoformat(one.linked)
    passed = [round for round, after in AFTER.items() if linked + after <= now]
    for side in Side if passed else ():
        id = f"{one.id}-{side}-{passed[-1]}"
        yield Outcome(id, one.id, one.case, one.helper, side, passed[-1], moment(now))


def ask(store: Store, one: Outcome, now: datetime) -> Letter:
    """Keep that they are asked, together with the letter that does; the letter."""
    introduction = introductions.find(store, one.introduction)
    with language.speaking(contact.language_of(store, introduction.parties[one.side].contact, now.date())):
        letter = _letter(introduction, one, now)
    store.write(Change(records=[as_record(one), post.as_record(letter)]))
    return replace(letter, version=1)


def _letter(introduction: Introduction, one: Outcome, now: datetime) -> Letter:
    until = moment(now + TIME_TO_ANSWER)
    template = "outcome_asker" if one.side is Side.ASKER else "outcome_helper"
    letter = letter_to(introduction, one.side, template, now)
    values = {**letter.values, "ago": _(AGO[one.round])}
    return replace(letter, id=one.id, until=until, values=values, link=Link(PAGE, one.id, until))


def asked(store: Store, token: str, now: datetime) -> tuple[Outcome, Introduction]:
    """What a personal link asks; NotFound where it does not work any more."""
    one = outcome_of(store.record(KIND, links.find(store, PAGE, token, now).about))
    return one, introductions.find(store, one.introduction)


def answer(broker: Broker, token: str, said: Said, words: str, now: datetime) -> Outcome:
    """Keep what someone says, once; what the asker says counts for the helper and moves the case."""
    return insisted(lambda: _answer(broker, token, said, words, now))


def _answer(broker: Broker, token: str, said: Said, words: str, now: datetime) -> Outcome:
    store = broker.store
    link = links.find(store, PAGE, token, now)
    one = outcome_of(store.record(KIND, link.about))
    if one.said:
        raise Refused(_("U hebt deze vraag al beantwoord. Dank u wel: u hoeft niets meer te doen."))
    told = replace(one, said=said, words=privacy.mask(" ".join(words.split())), at=moment(now))
    records = [as_record(told), links.use_up(link, token, now)]
    if told.side is Side.HELPER:
        store.write(Change(records=records))
        return told
    records.append(cases.as_record(_moved(cases.case_of(store.record(cases.KIND, told.case)), told)))
    node = _counted(store, told)
    if node is None:
        store.write(Change(records=records))
        return told
    history.publish(broker, Change(nodes=[node], records=records), "vrager", happened.TOLD)
    return told


def _moved(case: Case, told: Outcome) -> Case:
    """The case after what the asker said, with a line in its history."""
    to = LEADS_TO.get(told.said) if told.said else None
    by = Step(told.at, Side.ASKER, "", told.words or happened.HELPED % {"what": told.said})
    if to in cases.STEPS[case.state] and case.state is State.LINKED:
        return cases.step(case, State(to), by)
    return replace(case, history=(*case.history, replace(by, what=happened.HELPED % {"what": told.said})))


def _counted(store: Store, told: Outcome) -> Node | None:
    """The helper with its counts as they become: the one place where they change. None where nothing changes."""
    node = next(store.nodes(ids=[told.helper]), None)
    if node is None:
        return None
    helped, not_helped = tally([*_of_helper(store, told.helper), told])
    counts = {"helped": helped, "not_helped": not_helped}
    return None if counts == {k: node.properties.get(k) for k in counts} else _with(node, counts)


def _with(node: Node, counts: Mapping[str, float]) -> Node:
    return replace(node, properties={**node.properties, **counts})


def _of_helper(store: Store, helper: str) -> list[Outcome]:
    return [outcome_of(record) for record in store.records(KIND, f"helper:{helper}")]


def tally(outcomes: list[Outcome]) -> tuple[float, float]:
    """How often a helper helped and did not: one for each case, by the latest that its asker said; partly is half.

    What helpers say of themselves does not count.
    """
    latest: dict[str, Outcome] = {}
    for one in sorted((o for o in outcomes if o.said and o.side is Side.ASKER), key=lambda o: (o.at, o.id)):
        latest[one.case] = one
    worth = sum(WORTH[one.said] for one in latest.values() if one.said)
    return worth, len(latest) - worth


def judged(store: Store) -> list[Judged]:
    """What the desk learned, as judged questions: what helped is 2, what helped partly or was accepted is 1.

    What was rejected or did not help is worth nothing, as is all that nobody chose. A case without anything good is
    left out: it does not show that the graph has nothing.
    """
    found = []
    for record in store.records(cases.KIND):
        case = cases.case_of(record)
        grades = _grades(case, of_case(store, case.id))
        good = [node for node in store.nodes(ids=list(grades)) if grades[node.id]]
        if good:
            kinds = tuple(sorted({node.kind for node in good}))
            names = {node.name: grades[node.id] for node in good}
            found.append(Judged(case.id, GROUP, "nl", privacy.without_masks(case.question), names, kinds))
    return found


def _grades(case: Case, outcomes: list[Outcome]) -> dict[str, int]:
    accepted = {one.id: 1 for one in case.proposals if one.verdict is Verdict.ACCEPTED}
    told = sorted((one for one in outcomes if one.said and one.side is Side.ASKER), key=lambda one: (one.at, one.id))
    return accepted | {one.helper: GRADE[one.said] for one in told if one.said}
