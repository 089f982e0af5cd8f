"""Follow-up questions from the ACTIE model, asked only where the answer changes the matches.

The model: Denters, Tonkens, Verhoeven & Bakker (2012), Burgers maken hun buurt, Platform31.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from kennismakelaar import privacy, text
from kennismakelaar.broker import ACTIE, Broker
from kennismakelaar.language import marked
from kennismakelaar.match import speaks_of
from kennismakelaar.schema import schema
from kennismakelaar.search import Question

MOST = 3
"""Questions that we ask at most."""
DEPTH = 10
"""Matches from the top that are compared."""


@dataclass(frozen=True)
class FollowUp:
    """A question about one factor; the answer `weak` means that the asker needs what helps most there."""

    factor: str
    question: str
    fine: str
    weak: str
    change: float = 0.0
    """How much the top of the matches differs between the two answers, 0 to 1."""


QUESTIONS = (
    FollowUp(
        "animo",
        marked("Zijn er genoeg mensen die meedoen?"),
        marked("Ja, genoeg"),
        marked("Nee, wij zoeken nog mensen"),
    ),
    FollowUp(
        "contacten",
        marked("Kent u mensen of organisaties die u verder kunnen brengen?"),
        marked("Ja, die kennen wij"),
        marked("Nee, wij zoeken nog contacten"),
    ),
    FollowUp(
        "toerusting",
        marked("Heeft u genoeg geld voor uw plan?"),
        marked("Ja, genoeg voor nu"),
        marked("Nee, wij zoeken nog geld"),
    ),
    FollowUp(
        "inbedding",
        marked("Past uw plan in de regels en afspraken van de gemeente?"),
        marked("Ja, daar hebben wij geen last van"),
        marked("Nee, wij lopen tegen regels aan"),
    ),
    FollowUp(
        "empathie",
        marked("Denkt er iemand met u mee, bij de gemeente of een organisatie?"),
        marked("Ja, wij worden goed geholpen"),
        marked("Nee, wij zoeken begeleiding"),
    ),
)
"""One for each factor, in the order of the model."""


def understand(
    broker: Broker,
    question: str,
    place: str = "",
    themes: Collection[str] = (),
    answers: Mapping[str, str] | None = None,
) -> Question:
    """The question as we search with it: its place (id), its themes (ids), and what its answers say is needed."""
    needs = needed(answers or {})
    labels = schema().vocabularies["need"]
    bare = privacy.without_masks(question)[: text.LONGEST_QUESTION - sum(len(labels[need].nl) + 1 for need in needs)]
    asked = broker.understand(" ".join((bare, *(labels[need].nl for need in needs))))
    named = {id: node.name for id, node in broker.snapshot.nodes(themes).items()}
    return replace(asked, place=place, mentions={**named, **asked.mentions})


def needed(answers: Mapping[str, str]) -> list[str]:
    """What the asker needs, by the answers to follow-up questions."""
    return [ACTIE[one.factor] for one in QUESTIONS if answers.get(one.question) == one.weak]


def choose(broker: Broker, question: str, place: str = "", themes: Collection[str] = ()) -> tuple[FollowUp, ...]:
    """The questions that matter most here; none about what the asker already said, or that change nothing."""
    asked = understand(broker, question, place, themes)
    said = speaks_of(asked, "need")
    before = [ranked.node.id for ranked in broker.rank(asked)[:DEPTH]]
    found = []
    for one in QUESTIONS:
        if ACTIE[one.factor] not in said:
            needing = understand(broker, question, place, themes, {one.question: one.weak})
            after = [ranked.node.id for ranked in broker.rank(needing)[:DEPTH]]
            found.append(replace(one, change=round(1 - average_overlap(before, after), 4)))
    return tuple(sorted((one for one in found if one.change), key=lambda one: -one.change)[:MOST])


def average_overlap(one: Sequence[str], other: Sequence[str]) -> float:
    """How alike two rankings are: the share they have in common, averaged over all depths; 1 is the same.

    Fagin, Kumar & Sivakumar (2003), Comparing top k lists: the top counts most.
    """
    depths = range(1, max(len(one), len(other)) + 1)
    shares = [len(set(one[:depth]) & set(other[:depth])) / depth for depth in depths]
    return sum(shares) / len(shares) if shares else 1.0
