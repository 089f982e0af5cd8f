"""What to do with questions that nobody answers: begin a gap, join one, split one. A person decides, and that stays."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

import numpy as np

from kennismakelaar import privacy
from kennismakelaar.broker import Broker
from kennismakelaar.danger import danger
from kennismakelaar.desk import cases, clusters, gaps
from kennismakelaar.desk.cases import Case, State, Step, Verdict
from kennismakelaar.desk.clusters import Matrix
from kennismakelaar.desk.gaps import Gap
from kennismakelaar.errors import NotFound
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Change, Record
from kennismakelaar.store import RecordStore, held

REFUSED = "gap_refused"
"""Of the records that say which proposals staff did not want."""


class What(StrEnum):
    """What a proposal would do."""

    START = "nieuw"
    JOIN = "erbij"
    SPLIT = "splitsen"


@dataclass(frozen=True)
class Proposal:
    """What may be done; its id says what exactly, so that a refusal holds until something else is proposed."""

    id: str
    what: What
    gap: str
    """Id of the gap to join or split; empty for a new one."""
    cases: tuple[str, ...]
    question: str
    """Of the case that is most central: for staff only."""
    shared: bool
    """May others read that question?"""


def proposals(broker: Broker) -> list[Proposal]:
    """All that staff did not refuse: what to join first, then new gaps, the largest first, then what to split."""
    refused = {record.id for record in broker.store.records(REFUSED)}
    return [one for one in (*_joins_and_starts(broker), *_splits(broker)) if one.id not in refused]


def find(broker: Broker, id: str) -> Proposal:
    """A proposal that still holds, or NotFound."""
    for one in proposals(broker):
        if one.id == id:
            return one
    raise NotFound(_("Dit voorstel geldt niet meer. Misschien was een collega u voor. Kijk opnieuw in de lijst."))


def accept(broker: Broker, id: str, question: str, who: Step) -> Gap:
    """Do what is proposed; a new gap gets this sentence."""
    one = find(broker, id)
    if one.what is What.JOIN:
        return gaps.join(broker, one.gap, one.cases, who)
    return gaps.start(broker, one.cases, question, who, out_of=one.gap)


def refuse(broker: Broker, id: str, who: Step) -> None:
    """Never propose this again."""
    one = find(broker, id)
    broker.store.write(Change(records=[Record(REFUSED, one.id, {"proposal": asdict(one), "by": asdict(who)})]))


def take_out(broker: Broker, gap: str, case: str, who: Step) -> Gap:
    """Take a case out of a gap, and never propose it there again."""
    left = gaps.leave(broker, gap, case, who)
    id = _id(What.JOIN, gap, [case])
    if not _is_refused(broker.store, id):
        broker.store.write(Change(records=[Record(REFUSED, id, {"by": asdict(who)})]))
    return left


def _is_refused(store: RecordStore, id: str) -> bool:
    return held(store, REFUSED, id) is not None


def loose(broker: Broker) -> list[Case]:
    """Cases without an answer that belong to no gap, in order of id."""
    return [case for record in broker.store.records(cases.KIND) if _is_loose(broker, case := cases.case_of(record))]


def _is_loose(broker: Broker, case: Case) -> bool:
    """Without an answer: staff say so, or nobody looked at it yet and the graph has nothing good enough."""
    if case.gap or danger(case.question):
        return False
    if case.state is State.GAP:
        return True
    if case.state not in (State.NEW, State.CLARIFIED) or any(p.verdict is Verdict.ACCEPTED for p in case.proposals):
        return False
    return not broker.ask(privacy.without_masks(case.question)).answered


def _joins_and_starts(broker: Broker) -> Iterator[Proposal]:
    """Each loose case with the nearest gap that is near enough and not refused; the others in groups."""
    waiting = loose(broker)
    if not waiting:
        return
    refused = {record.id for record in broker.store.records(REFUSED)}
    nearest = _nearest(broker, waiting)
    left = []
    for case in waiting:
        near = [gap for gap in nearest[case.id] if _id(What.JOIN, gap, [case.id]) not in refused]
        if near:
            yield _proposal(What.JOIN, near[0], [case], 0)
            continue
        left.append(case)
    for group in sorted(_groups(broker, left), key=lambda group: (-len(group), group[0].id)):
        yield _proposal(What.START, "", group, _central(broker, group))


def _nearest(broker: Broker, waiting: Sequence[Case]) -> Mapping[str, list[str]]:
    """For each case the ids of the gaps that are near enough, nearest first: by the mean distance to its questions."""
    asked = gaps.all_members(broker.store)
    register = gaps.register(broker.store)
    owners = [(gap.id, gap.question) for gap in register]
    owners += [(gap.id, _bare(case)) for gap in register for case in asked.get(gap.id, [])]
    texts = [*(_bare(case) for case in waiting), *(question for _, question in owners)]
    apart = clusters.distances(texts, broker.encoder)[: len(waiting), len(waiting) :]
    columns: dict[str, list[int]] = defaultdict(list)
    for number, (id, _question) in enumerate(owners):
        columns[id].append(number)
    found = {}
    for case, row in zip(waiting, apart, strict=True):
        means = sorted((float(row[places].mean()), id) for id, places in columns.items())
        found[case.id] = [id for mean, id in means if mean <= clusters.nearness(broker.encoder)]
    return found


def _splits(broker: Broker) -> Iterator[Proposal]:
    """The smaller part of each gap whose questions turn out to ask more than one thing."""
    for id, asked in sorted(gaps.all_members(broker.store).items()):
        groups = sorted(_groups(broker, asked), key=lambda group: (-len(group), group[0].id))
        for group in groups[1:]:
            yield _proposal(What.SPLIT, id, group, _central(broker, group))


def _groups(broker: Broker, asked: Sequence[Case]) -> list[list[Case]]:
    found: dict[int, list[Case]] = defaultdict(list)
    for case, label in zip(asked, clusters.cluster([_bare(one) for one in asked], broker.encoder), strict=True):
        found[label].append(case)
    return list(found.values())


def _central(broker: Broker, group: Sequence[Case]) -> int:
    """Which question is nearest to all others (the medoid); the first of equals."""
    apart: Matrix = clusters.distances([_bare(case) for case in group], broker.encoder)
    return int(np.argmin(np.round(apart.mean(axis=1), 9)))


def _proposal(what: What, gap: str, group: Sequence[Case], central: int) -> Proposal:
    ids = tuple(case.id for case in group)
    return Proposal(_id(what, gap, ids), what, gap, ids, group[central].question, group[central].shared)


def _id(what: What, gap: str, ids: Sequence[str]) -> str:
    return hashlib.sha256("\n".join((what, gap, *sorted(ids))).encode()).hexdigest()[:16]


def _bare(case: Case) -> str:
    return privacy.without_masks(case.question)
