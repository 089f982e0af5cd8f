"""Learning circles: who could learn from whom around one question, as an assignment problem (HiGHS, through scipy)."""

import hashlib
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from kennismakelaar.language import gettext as _
from kennismakelaar.language import marked

NODES = 400
"""Of the search tree, after which the best plan so far will do; a limit in seconds would not give the same plan twice."""
JITTER = 1e-3
"""At most this much is added to how well someone fits, by chance of the seed, to choose among equals."""

GROUP, ASKERS, EXPERIENCED = marked("grootte"), marked("vragers"), marked("ervaring")
"""Names of rules."""


@dataclass(frozen=True)
class Participant:
    """Someone who may join; `town` and `province` are ids of places, empty where the graph does not say."""

    id: str
    town: str = ""
    province: str = ""
    circles: int = 0
    """In how many circles already."""


@dataclass(frozen=True)
class Topic:
    """A shared question, with how well each participant fits it (0 to 1)."""

    id: str
    question: str
    askers: Mapping[str, float] = field(default_factory=dict)
    experienced: Mapping[str, float] = field(default_factory=dict)
    """Nobody is both: who asks it, asks it."""


@dataclass(frozen=True)
class Rules:
    """What a plan must keep to; `regions` is a wish, the others are hard."""

    smallest: int = 6
    largest: int = 10
    askers: int = 2
    experienced: int = 2
    most: int = 1
    """Circles for one participant."""
    circles: int = 8
    """At most, in one plan."""
    regions: int = 3
    """Provinces in one circle."""


@dataclass(frozen=True)
class Circle:
    """A group that fits the rules; askers and experienced hold ids of participants."""

    topic: str
    question: str
    askers: tuple[str, ...]
    experienced: tuple[str, ...]
    missed: str = ""
    """The wish that could not be met, in words."""


@dataclass(frozen=True)
class Unmet:
    """A question without a circle: the rule that stands in the way, and how."""

    topic: str
    question: str
    rule: str
    why: str


@dataclass(frozen=True)
class Plan:
    """What is proposed, and what could not be."""

    seed: int
    circles: tuple[Circle, ...]
    unmet: tuple[Unmet, ...]


class Model:
    """Variables and constraints of a mixed integer program, by name."""

    def __init__(self) -> None:
        """Nothing in it yet."""
        self.names: dict[Any, int] = {}
        self._upper: list[float] = []
        self._rows: list[tuple[dict[int, float], float, float]] = []

    def whole(self, name: Any, upper: float = 1) -> int:
        """The number of an integer variable from 0 to `upper`, made where it is new."""
        if name not in self.names:
            self.names[name] = len(self.names)
            self._upper.append(upper)
        return self.names[name]

    def between(self, low: float, terms: Iterable[tuple[int, float]], high: float) -> None:
        """Low <= the sum of the terms <= high."""
        row: dict[int, float] = {}
        for variable, factor in terms:
            row[variable] = row.get(variable, 0) + factor
        self._rows.append((row, low, high))

    def smallest(self, costs: Mapping[int, float], **options: float) -> dict[Any, int] | None:
        """The values by which the costs are least, or None where the constraints cannot be met together."""
        from scipy.optimize import Bounds, LinearConstraint, milp  # here, because they make every start slower
        from scipy.sparse import coo_array

        price = np.zeros(len(self.names))
        for variable, cost in costs.items():
            price[variable] += cost
        entries = [(number, v, f) for number, (row, _, _) in enumerate(self._rows) for v, f in row.items()]
        rows, columns, factors = zip(*entries, strict=True)
        matrix = coo_array((factors, (rows, columns)), shape=(len(self._rows), len(self.names))).tocsr()
        limits = LinearConstraint(matrix, [low for _, low, _ in self._rows], [high for _, _, high in self._rows])
        found = milp(
            price, integrality=np.ones(len(price)), bounds=Bounds(0, self._upper), constraints=limits, options=options
        )
        return None if found.x is None else {name: round(found.x[number]) for name, number in self.names.items()}


def plan(topics: Sequence[Topic], people: Mapping[str, Participant], rules: Rules, seed: int = 0) -> Plan:
    """As many people as possible in circles that break no hard rule; then as good a fit and spread as can be found.

    The same for the same topics, people, rules and seed.
    """
    chance = random.Random(seed)
    jitter = {(t.id, id): JITTER * chance.random() for t in topics for id in sorted({*t.askers, *t.experienced})}
    values = _solve(topics, people, rules, jitter) if topics else {}
    made = tuple(_circle(topic, people, rules, values) for topic in topics if values.get(("open", topic.id)))
    has = {circle.topic for circle in made}
    full = len(made) >= rules.circles
    return Plan(seed, made, tuple(_why_not(topic, people, rules, full) for topic in topics if topic.id not in has))


def _solve(
    topics: Sequence[Topic], people: Mapping[str, Participant], rules: Rules, jitter: Mapping[tuple[str, str], float]
) -> dict[Any, int]:
    model = Model()
    for topic in topics:
        _hard(model, topic, people, rules)
        _spread(model, topic, people, rules)
    model.between(0, [(model.whole(("open", t.id)), 1) for t in topics], rules.circles)
    seats = _seats(model)
    for id, places in seats.items():
        model.between(0, [(place, 1) for place in places], max(0, rules.most - people[id].circles))
        model.between(0, [*((place, 1) for place in places), (model.whole(("in", id)), -1)], len(places))
    inside = [model.whole(("in", id)) for id in seats]
    first = model.smallest(dict.fromkeys(inside, -1.0)) if inside else {}
    if not first:
        return {}
    model.between(sum(first[("in", id)] for id in seats), [(one, 1) for one in inside], len(inside))
    costs = {model.whole(("short", t.id)): 1.0 for t in topics}
    for name, number in list(model.names.items()):
        if name[0] == "seat":
            topic = next(t for t in topics if t.id == name[1])
            costs[number] = -_fit(topic, name[2]) - jitter[name[1], name[2]]
    return model.smallest(costs, node_limit=NODES, mip_rel_gap=0.01) or first


def _seats(model: Model) -> dict[str, list[int]]:
    """The seats that each participant may take."""
    found: dict[str, list[int]] = {}
    for name, number in model.names.items():
        if name[0] == "seat":
            found.setdefault(name[2], []).append(number)
    return found


def _fit(topic: Topic, id: str) -> float:
    return topic.askers.get(id, 0.0) or topic.experienced.get(id, 0.0)


def _seat(model: Model, topic: Topic, id: str) -> int:
    return model.whole(("seat", topic.id, id))


def _hard(model: Model, topic: Topic, people: Mapping[str, Participant], rules: Rules, slack: bool = False) -> None:
    """Size, askers, experienced and one for each town; with slack, the first three may fall short at a price."""
    open_ = model.whole(("open", topic.id))
    everyone = [*topic.askers, *topic.experienced]
    for rule, ids, least in (
        (GROUP, everyone, rules.smallest),
        (ASKERS, list(topic.askers), rules.askers),
        (EXPERIENCED, list(topic.experienced), rules.experienced),
    ):
        terms = [*((_seat(model, topic, id), 1.0) for id in ids), (open_, -float(least))]
        if slack:
            terms.append((model.whole(("lacks", rule), least), 1.0))
        model.between(0, terms, np.inf)
    model.between(-np.inf, [*((_seat(model, topic, id), 1.0) for id in everyone), (open_, -float(rules.largest))], 0)
    for town in sorted({people[id].town for id in everyone} - {""}):
        seats = [(_seat(model, topic, id), 1.0) for id in everyone if people[id].town == town]
        model.between(-np.inf, [*seats, (open_, -1.0)], 0)


def _spread(model: Model, topic: Topic, people: Mapping[str, Participant], rules: Rules) -> None:
    """How many provinces a circle falls short of the wish."""
    everyone = [*topic.askers, *topic.experienced]
    counted = []
    for province in sorted({people[id].province for id in everyone} - {""}):
        here = model.whole(("province", topic.id, province))
        seats = [(_seat(model, topic, id), 1.0) for id in everyone if people[id].province == province]
        model.between(0, [*seats, (here, -1.0)], np.inf)
        counted.append((here, 1.0))
    short = model.whole(("short", topic.id), rules.regions)
    open_ = model.whole(("open", topic.id))
    model.between(0, [*counted, (short, 1.0), (open_, -float(rules.regions))], np.inf)


def _circle(topic: Topic, people: Mapping[str, Participant], rules: Rules, values: Mapping[Any, int]) -> Circle:
    def seated(ids: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(id for id in ids if values[("seat", topic.id, id)]))

    made = Circle(topic.id, topic.question, seated(topic.askers), seated(topic.experienced))
    provinces = {people[id].province for id in (*made.askers, *made.experienced)} - {""}
    if len(provinces) >= rules.regions:
        return made
    return replace(
        made, missed=_("spreiding: %(found)s van de %(wanted)s provincies", found=len(provinces), wanted=rules.regions)
    )


def _why_not(topic: Topic, people: Mapping[str, Participant], rules: Rules, full: bool) -> Unmet:
    """The rules that cannot be met for this question, were it the only one; else what took its people."""
    lacks = _lacks(topic, people, rules, lambda one: True)
    if lacks:
        return Unmet(topic.id, topic.question, *lacks)
    if _lacks(topic, people, rules, lambda one: one.circles < rules.most):
        return Unmet(topic.id, topic.question, "belasting", _("te veel deelnemers zitten al in een kring"))
    if full:
        return Unmet(
            topic.id, topic.question, "aantal", _("er zijn al %(number)s kringen in dit voorstel", number=rules.circles)
        )
    return Unmet(topic.id, topic.question, "belasting", _("de deelnemers zijn in dit voorstel nodig in andere kringen"))


def _lacks(
    topic: Topic, people: Mapping[str, Participant], rules: Rules, may: Callable[[Participant], bool]
) -> tuple[str, str] | None:
    """The rules that fall short in the circle that falls short least, and by how much; None where all can be met."""
    alone = replace(
        topic,
        askers={id: fit for id, fit in topic.askers.items() if may(people[id])},
        experienced={id: fit for id, fit in topic.experienced.items() if may(people[id])},
    )
    model = Model()
    _hard(model, alone, people, rules, slack=True)
    model.between(1, [(model.whole(("open", topic.id)), 1)], 1)
    values = model.smallest({number: 1.0 for name, number in model.names.items() if name[0] == "lacks"}) or {}
    least = {GROUP: rules.smallest, ASKERS: rules.askers, EXPERIENCED: rules.experienced}
    short = {rule: values.get(("lacks", rule), least[rule]) for rule in least}
    found = [
        _("%(rule)s: %(found)s van de %(wanted)s", rule=_(rule), found=least[rule] - lack, wanted=least[rule])
        for rule, lack in short.items()
        if lack
    ]
    return (", ".join(rule for rule, lack in short.items() if lack), "; ".join(found)) if found else None


def id_of(circle: Circle) -> str:
    """The same for the same question and people."""
    text = "\n".join((circle.topic, *circle.askers, "", *circle.experienced))
    return f"leerkring-{hashlib.sha256(text.encode()).hexdigest()[:10]}"
