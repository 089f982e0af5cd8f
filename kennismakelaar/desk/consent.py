"""Asking both sides whether they want to be introduced, and what follows from what they say."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from kennismakelaar import happened, language, privacy
from kennismakelaar.desk import capacity, cases, contact, links, post
from kennismakelaar.desk.cases import Case, State, Step
from kennismakelaar.desk.contact import Contact
from kennismakelaar.desk.introductions import (
    ANSWER_PAGE,
    KIND,
    OWN_PAGE,
    RUNNING,
    Answer,
    Introduction,
    Party,
    Side,
    Stage,
    as_record,
    find,
    letter_to,
    of_case,
    opened,
    own_link,
)
from kennismakelaar.desk.links import Link
from kennismakelaar.desk.post import Letter
from kennismakelaar.errors import Refused
from kennismakelaar.kinds import HELPERS
from kennismakelaar.language import gettext as _
from kennismakelaar.language import marked
from kennismakelaar.model import Change, Node, Record
from kennismakelaar.moments import moment
from kennismakelaar.store import Store, insisted

TIME_TO_ANSWER = timedelta(days=14)
LONGEST = timedelta(days=366)
"""The period in which two people may use each other's contact data."""
REACHABLE = timedelta(days=210)
"""How long after a yes we keep contact data, so that we can ask after half a year whether it helped."""
TO_INVITE = "om te vragen of u wilt kennismaken met iemand die een vraag heeft"
TO_FOLLOW = marked("om u te laten kennismaken, en om na twee weken en na een half jaar te vragen of het hielp")


@dataclass(frozen=True)
class Plan:
    """What staff fill in. Without an e-mail address, one that is kept for this helper is used."""

    case: str
    helper: str
    purpose: str
    until: str
    """The last day on which the two may use each other's contact data."""
    name: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)


def propose(store: Store, plan: Plan, by: str, now: datetime) -> Introduction:
    """Ask both sides, by letter; Refused where someone cannot be reached, is full, or the case is not that far."""
    case, helper = cases.case_of(store.record(cases.KIND, plan.case)), store.get(plan.helper)
    one = _planned(store, plan, case, helper, Step(moment(now), by, happened.PROPOSED))
    change = [as_record(one), *_reachable(store, plan, one, now)]
    change += capacity.ask(store, helper, case.id, now.date())
    change += [post.as_record(_invitation(store, one, side, now)) for side in Side]
    told = Step(moment(now), by, "", happened.INTRODUCTION % {"name": helper.name})
    is_first = case.state is State.CLARIFIED
    moved = cases.step(case, State.PROPOSED, told) if is_first else _noted(case, told, happened.PROPOSED)
    store.write(Change(records=[*change, cases.as_record(moved)]))
    return replace(one, version=1)


def _planned(store: Store, plan: Plan, case: Case, helper: Node, first: Step) -> Introduction:
    now = datetime.fromisoformat(first.at)
    if wrong := next(_wrong(store, plan, case, helper, now), None):
        raise Refused(wrong)
    id = f"kennismaking-{secrets.token_hex(4)}"
    parties = {
        Side.ASKER: Party(contact.of_case(case.id)),
        Side.HELPER: Party(f"{KIND}/{id}" if plan.email else contact.of_node(helper.id)),
    }
    return Introduction(
        id=id,
        case=case.id,
        question=case.question,
        place="".join(node.name for node in store.nodes(ids=[case.place])),
        helper=helper.id,
        helper_name=helper.name,
        purpose=" ".join(plan.purpose.split()),
        until=plan.until,
        answer_until=moment(now + TIME_TO_ANSWER),
        created=first.at,
        by=first.who,
        parties=parties,
        history=(first,),
    )


def _wrong(store: Store, plan: Plan, case: Case, helper: Node, now: datetime) -> Iterator[str]:
    """Why these two cannot be introduced."""
    if case.state not in (State.CLARIFIED, State.PROPOSED, State.LINKED):
        yield _(
            "Zaak %(id)s is %(state)s. Een kennismaking kan als de vraag verhelderd is.",
            id=case.id,
            state=_(case.state),
        )
    if helper.kind not in HELPERS:
        yield _("%(name)s kan niet kennismaken. Kies een organisatie, een programma of een persoon.", name=helper.name)
    if not plan.purpose.strip():
        yield _("Zeg met welk doel u deze twee aan elkaar voorstelt.")
    if not now.date() < _day(plan.until) <= now.date() + LONGEST:
        yield _("De einddatum moet na vandaag liggen, en ten hoogste een jaar verder.")
    others = [one for one in of_case(store, case.id) if one.helper == helper.id]
    if any(one.stage(now) in (Stage.ASKED, Stage.LINKED) for one in others):
        yield _("Voor deze zaak loopt al een kennismaking met %(name)s.", name=helper.name)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refused(_("De einddatum klopt niet. Schrijf hem als jaar-maand-dag, zoals 2026-12-31.")) from error


def _reachable(store: Store, plan: Plan, one: Introduction, now: datetime) -> list[Record]:
    """The new contact data of the helper, if staff gave them; Refused where one side has no e-mail address."""
    if not _can_be_mailed(store, one.parties[Side.ASKER].contact, now):
        raise Refused(
            _("De vrager heeft geen e-mailadres achtergelaten. Vraag het eerst, en leg het vast bij de zaak.")
        )
    if plan.email:
        end = (now + TIME_TO_ANSWER).date().isoformat()
        about = one.parties[Side.HELPER].contact
        return [contact.keep(Contact(about, TO_INVITE, end, plan.name, plan.email, plan.phone), now.date())]
    if not _can_be_mailed(store, one.parties[Side.HELPER].contact, now):
        raise Refused(_("Van %(name)s is geen e-mailadres bekend. Vul er een in.", name=one.helper_name))
    return []


def _can_be_mailed(store: Store, about: str, now: datetime) -> bool:
    return contact.has(store, about, now.date()) and bool(contact.find(store, about, now.date()).email)


def answer(store: Store, token: str, says: Answer, why: str, now: datetime) -> str:
    """Say yes or no, once; the token of the page where one can look and withdraw afterwards."""
    return insisted(lambda: _answer(store, token, says, why, now))


def _answer(store: Store, token: str, says: Answer, why: str, now: datetime) -> str:
    one, side, link = opened(store, ANSWER_PAGE, token, now)
    gone = not contact.has(store, one.parties[side.other].contact, now.date())  # who stopped with the question
    if one.stage(now) is not Stage.ASKED or (gone and says is Answer.YES):
        raise Refused(_("Deze kennismaking gaat niet meer door. U hoeft niets te doen."))
    if one.parties[side].answer is not Answer.NONE:
        wrong = _("U hebt hier al op geantwoord. In de mail die u toen kreeg, staat de link naar uw eigen pagina.")
        raise Refused(wrong)
    said = _said(one, side, says, why, now)
    own_token, page = links.mint(own_link(said, side))
    change = Change(records=[links.use_up(link, token, now), page])
    if says is Answer.YES:
        store.write(_agreed(store, said, side, change, now))
    else:
        store.write(_ended(store, said, side, change, now))
    return own_token


def _agreed(store: Store, one: Introduction, side: Side, change: Change, now: datetime) -> Change:
    """What to write when one side says yes: the second yes links the two."""
    records = [*change.records, _kept_longer(store, one, side, now)]
    what = happened.SAID_YES % {"name": one.helper_name}
    case = _noted(cases.case_of(store.record(cases.KIND, one.case)), Step(moment(now), side, ""), what)
    if one.parties[side.other].answer is not Answer.YES:
        letter = letter_to(one, side, "agreed", now)
        return Change(records=[*records, as_record(one), cases.as_record(case), post.as_record(letter)])
    if State.LINKED in cases.STEPS[case.state]:
        case = cases.step(
            case, State.LINKED, Step(moment(now), side, "", happened.INTRODUCTION % {"name": one.helper_name})
        )
    linked = replace(one, linked=moment(now))
    letters = [post.as_record(letter_to(linked, side, "introduced", now))]
    letters.append(post.as_record(_letter(store, linked, side.other, "introduced", now)))
    return Change(records=[*records, as_record(linked), cases.as_record(case), *letters])


def withdraw(store: Store, token: str, why: str, now: datetime) -> None:
    """Take a yes back, by who gave it; from then on neither sees how to reach the other."""
    insisted(lambda: _withdraw(store, token, why, now))


def _withdraw(store: Store, token: str, why: str, now: datetime) -> None:
    one, side, _link = opened(store, OWN_PAGE, token, now)
    if one.parties[side].answer is not Answer.YES or one.stopped:
        raise Refused(_("U kunt hier niets meer intrekken: u gaf geen toestemming, of zij is al voorbij."))
    store.write(_ended(store, _said(one, side, Answer.WITHDRAWN, why, now), side, Change(), now))


def stop(store: Store, id: str, by: str, why: str, now: datetime) -> None:
    """End an introduction for staff, whatever both said; who said yes is told."""
    if not why.strip():
        raise Refused(_("Zeg waarom u deze kennismaking stopzet."))
    one = find(store, id)
    if one.stage(now) not in RUNNING:
        raise Refused(_("Deze kennismaking is %(stage)s: er valt niets stop te zetten.", stage=_(one.stage(now))))
    told = Step(moment(now), by, happened.STOPPED, why)
    stopped = replace(one, stopped=moment(now), history=(*one.history, told))
    store.write(_ended(store, stopped, None, Change(), now))


def _ended(store: Store, one: Introduction, side: Side | None, change: Change, now: datetime) -> Change:
    """What to write when it ends: letters lapse, who said yes is told, the case comes back to staff."""
    told = one.history[-1]
    kept, gone = _let_go(store, one, side, now)
    records = [*change.records, as_record(one), *kept, *post.lapse(store, one.id, now)]
    template = "withdrawn" if one.linked else "declined"
    for to in (to for to in Side if to is not side and one.parties[to].answer is Answer.YES):
        records.append(post.as_record(_letter(store, one, to, template, now)))
    case = cases.case_of(store.record(cases.KIND, one.case))
    linked_elsewhere = any(o.id != one.id and o.stage(now) is Stage.LINKED for o in of_case(store, one.case))
    if one.linked and not linked_elsewhere and case.state is State.LINKED:
        case = cases.step(case, State.PROPOSED, told)
    case = _noted(case, told, happened.OF_INTRODUCTION % {"what": told.what, "name": one.helper_name})
    return Change(records=[*records, cases.as_record(case)], gone_records=gone)


def _let_go(
    store: Store, one: Introduction, side: Side | None, now: datetime
) -> tuple[list[Record], list[tuple[str, str]]]:
    """What to keep shorter and what to erase of contact data that were there for this introduction alone."""
    about = one.parties[Side.HELPER].contact
    if about != f"{KIND}/{one.id}" or not contact.has(store, about, now.date()):
        return [], []
    if side is Side.HELPER:
        return [], [(contact.KIND, about)]
    kept = contact.find(store, about, now.date())  # for the letter that says that it ended
    until = min(kept.until, (now + TIME_TO_ANSWER).date().isoformat())
    return [contact.keep(replace(kept, until=until), now.date())], []


def _said(one: Introduction, side: Side, says: Answer, why: str, now: datetime) -> Introduction:
    masked = privacy.mask(" ".join(why.split()))
    party = replace(one.parties[side], answer=says, at=moment(now), why=masked)
    what = happened.SAID % {"what": says} if says is not Answer.WITHDRAWN else happened.TAKEN_BACK
    told = Step(moment(now), side, what, masked)
    return replace(one, parties={**one.parties, side: party}, history=(*one.history, told))


def _kept_longer(store: Store, one: Introduction, side: Side, now: datetime) -> Record:
    """The contact data of who says yes here, in this language, kept as long as the page where they did so says."""
    kept = contact.find(store, one.parties[side].contact, now.date())
    until = max(kept.until, one.until, reachable_until(now))
    return contact.keep(replace(kept, until=until, purpose=_(TO_FOLLOW), language=language.current()), now.date())


def reachable_until(now: datetime) -> str:
    """The day until which contact data are kept of who says yes now."""
    return (now + REACHABLE).date().isoformat()


def proposed_until(now: datetime, days: int) -> str:
    """The day that a form proposes as the last."""
    return (now + timedelta(days=days)).date().isoformat()


def _invitation(store: Store, one: Introduction, side: Side, now: datetime) -> Letter:
    template = "invite_asker" if side is Side.ASKER else "invite_helper"
    link = Link(ANSWER_PAGE, f"{one.id}/{side}", one.answer_until)
    return replace(_letter(store, one, side, template, now), link=link, until=one.answer_until)


def _letter(store: Store, one: Introduction, to: Side, template: str, now: datetime) -> Letter:
    """In the language of who gets it; in Dutch for an address that staff gave just now."""
    with language.speaking(contact.language_of(store, one.parties[to].contact, now.date())):
        return letter_to(one, to, template, now)


def _noted(case: Case, told: Step, what: str) -> Case:
    """The case with a line in its history and no other change."""
    return replace(case, history=(*case.history, replace(told, what=what)))
