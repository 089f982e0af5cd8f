"""What a page of results shows: the answer, its card, and the themes by which it can be refined."""

from dataclasses import dataclass

from kennismakelaar import roles, thesaurus
from kennismakelaar.broker import Broker
from kennismakelaar.model import Answer

CARD_DEPTH = 40
"""Matches among which the card of an answer looks for each role."""
THEMES = 6
"""Themes that are offered to refine by."""


@dataclass(frozen=True)
class Wanted:
    """What someone asks for; `place` is a name, `theme` an id, and what is empty does not matter."""

    question: str
    place: str = ""
    kinds: tuple[str, ...] = ()
    theme: str = ""
    limit: int = 10


@dataclass(frozen=True)
class Results:
    """The card and the themes come from more matches than the answer shows."""

    answer: Answer
    card: tuple[roles.Place, ...]
    themes: tuple[thesaurus.Common, ...]


def results(broker: Broker, wanted: Wanted) -> Results:
    """As Broker.ask, of the theme and its narrower ones alone where one is named; Refused where it does not exist."""
    snapshot = broker.snapshot
    asked = broker.understand(wanted.question, wanted.place or None, wanted.kinds)
    ranked = broker.rank(asked)
    if wanted.theme:
        within = set(thesaurus.under(snapshot, wanted.theme))
        ranked = [each for each in ranked if thesaurus.themes_of(snapshot, each.node.id) & within]
    deep = broker.answer(asked, ranked, CARD_DEPTH).matches
    return Results(
        broker.answer(asked, ranked, wanted.limit),
        roles.card(deep, snapshot.nodes([match.id for match in deep])),
        tuple(
            theme
            for theme in thesaurus.shared(snapshot, [match.id for match in deep], THEMES + 1)
            if theme.id != wanted.theme
        )[:THEMES],
    )
