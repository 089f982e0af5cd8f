"""What staff do with a case. Each step says which version it was decided on: nobody overwrites a colleague."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from kennismakelaar import users
from kennismakelaar.broker import Broker
from kennismakelaar.desk import capacity, cases, introductions
from kennismakelaar.desk.cases import Case, Proposal, State, Step, Verdict
from kennismakelaar.errors import Conflict, NotFound, Refused
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Change, Node, Record
from kennismakelaar.moments import moment, now
from kennismakelaar.store import RecordStore, Store, changed_meanwhile
from kennismakelaar.users import Role

TRIES = 25
"""Times that a proposal is written when others propose the same helper for other cases."""
LONGEST_TEXT = 2_000
"""Letters of a reason or a note."""


@dataclass(frozen=True)
class Waiting:
    """A case in the list, with its clock; `due` is empty where nobody waits for us."""

    case: Case
    due: str
    late: bool


@dataclass(frozen=True)
class Chosen:
    """Which cases a list shows; what is empty does not choose."""

    state: State | None = None
    place: str = ""
    """Id of a place."""
    assigned: str = ""
    late: bool = False


def by(who: str, why: str = "", at: datetime | None = None) -> Step:
    """Who does something now, and why."""
    if len(why) > LONGEST_TEXT:
        wrong = _(
            "De tekst is te lang (%(length)s tekens). Gebruik ten hoogste %(most)s tekens.",
            length=len(why),
            most=LONGEST_TEXT,
        )
        raise Refused(wrong)
    return Step(moment(at or now()), who, "", why.strip())


def waiting(store: RecordStore, chosen: Chosen, at: datetime) -> list[Waiting]:
    """The cases that were chosen: what is due first comes first, what nobody waits for comes last."""
    tag = f"state:{chosen.state}" if chosen.state else f"place:{chosen.place}" if chosen.place else None
    found = (clock(cases.case_of(record), at) for record in store.records(cases.KIND, tag))
    return sorted(
        (one for one in found if _is_chosen(one, chosen)), key=lambda one: (not one.due, one.due, one.case.id)
    )


def clock(case: Case, at: datetime) -> Waiting:
    """The case with when its next step should have been taken."""
    end = cases.due(case)
    return Waiting(case, moment(end) if end else "", cases.is_late(case, at))


def _is_chosen(one: Waiting, chosen: Chosen) -> bool:
    return (
        chosen.place in ("", one.case.place)
        and chosen.assigned in ("", one.case.assigned)
        and (one.late or not chosen.late)
        and chosen.state in (None, one.case.state)
    )


def numbers(store: RecordStore) -> dict[State, int]:
    """How many cases there are in each state, in the order of the states."""
    found = Counter(record.body["state"] for record in store.records(cases.KIND))
    return {state: found[state] for state in State}


def get(store: RecordStore, id: str) -> Case:
    """The case, or NotFound."""
    try:
        return cases.case_of(store.record(cases.KIND, id))
    except NotFound as error:
        raise NotFound(_("Zaak '%(id)s' bestaat niet. Kijk in de lijst van zaken.", id=id)) from error


def change(
    store: RecordStore,
    id: str,
    version: int,
    make: Callable[[Case], Case],
    along: Callable[[Case], Iterable[Record]] = lambda case: (),
) -> Case:
    """Write what `make` makes of the case, and what goes along with it, as one.

    Conflict where the case is no longer at this version. Where only a record that goes along was written by another,
    both are made anew.
    """
    for _try in range(TRIES):
        case = get(store, id)
        if case.version != version:
            raise changed_meanwhile(cases.as_record(case))
        made = make(case)
        try:
            store.write(Change(records=[cases.as_record(made), *along(case)]))
        except Conflict:
            continue
        return replace(made, version=version + 1)
    raise Conflict(_("Het is nu erg druk bij deze zaak of deze helper. Probeer het zo nog eens."))


def step(store: RecordStore, id: str, version: int, to: State, who: Step) -> Case:
    """One step of the table, with a reason; Refused for any other."""
    if not who.why:
        raise Refused(_("Schrijf op waarom u deze stap zet. Zo kan een collega het later begrijpen."))
    return change(store, id, version, lambda case: cases.step(case, to, who))


def assign(store: RecordStore, id: str, version: int, to: str, who: Step) -> Case:
    """Give the case to a colleague, or back with an empty name; Refused where it is no one of the staff."""
    check_colleague(store, to)
    return change(store, id, version, lambda case: cases.assign(case, to, who))


def colleagues(store: RecordStore) -> list[str]:
    """Names of who may work on cases."""
    return [user.name for user in users.everyone(store) if user.role in (Role.STAFF, Role.ADMIN)]


def check_colleague(store: RecordStore, name: str) -> None:
    """Refused where it is no one of the staff; an empty name is nobody, which may be."""
    if name and name not in colleagues(store):
        raise Refused(_("'%(name)s' werkt niet op dit bureau. Kies een collega uit de lijst.", name=name))


def annotate(store: RecordStore, id: str, version: int, note: Step) -> Case:
    """Add a note that only staff read."""
    return change(store, id, version, lambda case: cases.annotate(case, note))


def judge(broker: Broker, id: str, version: int, proposal: Proposal, who: Step) -> Case:
    """Accept or reject a match; NotFound where it is not in the graph, Refused where a helper would pass its cap."""
    node = broker.store.get(proposal.id)
    today = datetime.fromisoformat(who.at).date()

    def along(case: Case) -> Iterable[Record]:
        return _asked(broker.store, case, node, proposal.verdict, today)

    return change(broker.store, id, version, lambda case: cases.judge(case, proposal, who), along)


def _asked(store: Store, case: Case, helper: Node, verdict: Verdict, today: date) -> list[Record]:
    """Accepting takes a place with the helper; rejecting gives it back, unless the helper was asked already."""
    if verdict is Verdict.ACCEPTED:
        return capacity.ask(store, helper, case.id, today)
    was_asked = any(one.helper == helper.id for one in introductions.of_case(store, case.id))
    return [] if was_asked or case.state is State.LINKED else capacity.release(store, helper.id, case.id)
