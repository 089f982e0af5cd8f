"""Candidates to recommendations, each with its reasons, or an honest 'no'."""

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kennismakelaar import regions, text
from kennismakelaar.danger import danger
from kennismakelaar.language import gettext as _
from kennismakelaar.language import marked
from kennismakelaar.model import Answer, Match, Node, Reason, Source
from kennismakelaar.schema import schema
from kennismakelaar.search import Candidate, Question, find
from kennismakelaar.signals import SIGNALS, Sign, View
from kennismakelaar.snapshot import Snapshot
from kennismakelaar.store import Store
from kennismakelaar.weights import Weights, logistic

NEAR_THEME = 0.5
"""What a broader, narrower or related theme counts for, beside the theme itself."""
SAME_KIND = 0.15
"""Points a match loses for each better one of its kind, so that a list shows several roles."""
JUDGED_BY = 5
"""Best candidates by which we judge whether there is an answer."""
WORDS_ONLY = marked(
    "Zoeken op betekenis staat uit: er draait geen taalmodel. Dit antwoord is alleen op woorden gezocht."
)
NO_MATCH = marked(
    "Wij hebben geen goede match voor deze vraag. Vertel iets meer over wat u wilt beginnen, waar en met wie, "
    "of leg de vraag voor aan een kennismakelaar."
)


@dataclass(frozen=True)
class Ranked:
    """A candidate with what every signal says of it."""

    candidate: Candidate
    node: Node
    signs: Mapping[str, Sign]
    score: float


def rank(
    question: Question, candidates: Sequence[Candidate], snapshot: Snapshot, weights: Weights, today: datetime.date
) -> list[Ranked]:
    """All candidates by score, then id."""
    view = look(question, candidates, snapshot, weights, today)
    nodes = snapshot.nodes([c.id for c in candidates])
    ranked = []
    for candidate in candidates:
        node = nodes[candidate.id]
        signs = {name: sign for name, signal in SIGNALS.items() if (sign := signal(view, candidate, node))}
        score = sum(weights.signals.get(name, 0.0) * sign.value for name, sign in signs.items())
        ranked.append(Ranked(candidate, node, signs, score))
    return sorted(ranked, key=lambda r: (-r.score, r.node.id))


def look(
    question: Question, candidates: Sequence[Candidate], snapshot: Snapshot, weights: Weights, today: datetime.date
) -> View:
    """What the signals may look at."""
    ids = [c.id for c in candidates]
    snapshot.leaving(ids), snapshot.degrees(ids)
    meanings = [*sorted((c.meaning for c in candidates), reverse=True), 0.0, 0.0]
    return View(
        question,
        snapshot,
        snapshot.entries(ids),
        (meanings[0], meanings[1]),
        weights.kinds_of(question.text, question.vector),
        {name: speaks_of(question, name) for name in ("need", "domain", "rob_step")},
        places(question, snapshot),
        themes(question, snapshot),
        today,
    )


def speaks_of(question: Question, vocabulary: str) -> dict[str, str]:
    """Values of a vocabulary that the question speaks of, with the word that says so."""
    stems = {text.stem(w): w for w in reversed(question.words)}
    found = {}
    for value, term in schema().vocabularies[vocabulary].items():
        said = [stems[stem] for w in (value, *term.words) if (stem := text.stem(text.fold(w))) in stems]
        if said:
            found[value] = said[0]
    return found


def places(question: Question, snapshot: Snapshot) -> dict[str, str]:
    """The place asked for, or else those the question names, and what was or is the same ground, with their names.

    A country is everywhere.
    """
    ids = [question.place] if question.place else list(question.mentions)
    asked = [
        id for id, node in snapshot.nodes(ids).items() if node.kind == "place" and node.text("place_type") != "land"
    ]
    ground = dict.fromkeys(other for id in asked for other in regions.same_ground(snapshot, id))
    return {id: node.name for id, node in snapshot.nodes(ground).items()}


def themes(question: Question, snapshot: Snapshot) -> dict[str, tuple[float, str]]:
    """Themes the question names, in words of policy or of residents, and those next to them in the thesaurus."""
    nodes = snapshot.nodes(question.mentions)
    found = {
        id: (1.0, _("%(theme)s (u schrijft: %(words)s)", theme=node.name, words=question.mentions[id]))
        for id, node in nodes.items()
        if node.kind == "theme"
    }
    for id in list(found):
        for edge in snapshot.edges([id])[id]:
            other = edge.target if edge.source == id else edge.source
            if edge.kind in ("broader", "related") and other not in found:
                name = snapshot.nodes([other])[other].name
                found[other] = NEAR_THEME, _("%(theme)s, verwant aan %(other)s", theme=name, other=nodes[id].name)
    return found


def reasons(ranked: Ranked, weights: Weights, snapshot: Snapshot) -> tuple[Reason, ...]:
    """The share of every signal, largest first; together they are the score."""
    found = [
        Reason(name, round(weights.signals.get(name, 0.0) * sign.value, 4), sign.say(), *_cite(sign.source, snapshot))
        for name, sign in ranked.signs.items()
    ]
    return tuple(sorted((r for r in found if r.points), key=lambda r: (-r.points, r.signal)))


def _cite(source: Source | None, snapshot: Snapshot) -> tuple[str, str]:
    """A source as a person reads it, and where it can be opened."""
    if source is None:
        return "", ""
    document = snapshot.nodes([source.document]).get(source.document)
    parts = (document.name.split(".")[0] if document else source.document, source.chapter, source.section)
    return ", ".join(p for p in parts if p), f"/bron/{source.document}#{source.chapter}"


def as_match(ranked: Ranked, weights: Weights, snapshot: Snapshot) -> Match:
    """What a person gets to see; the score is the sum of the points that are shown."""
    why = reasons(ranked, weights, snapshot)
    return Match(
        ranked.node.id,
        ranked.node.kind,
        ranked.node.name,
        ranked.node.told("summary"),
        round(sum(r.points for r in why), 4),
        weights.chance(ranked.score),
        why,
    )


def varied(ranked: Sequence[Ranked], limit: int) -> list[Ranked]:
    """The best, each losing a little for every better one of its kind (a form of maximal marginal relevance)."""
    left, kinds = list(ranked[: 4 * limit]), Counter[str]()
    chosen: list[Ranked] = []
    while left and len(chosen) < limit:
        best = max(left, key=lambda r: r.score - SAME_KIND * kinds[r.node.kind])
        left.remove(best)
        chosen.append(best)
        kinds[best.node.kind] += 1
    return chosen


def recommend(
    question: Question,
    store: Store,
    snapshot: Snapshot,
    model: str,
    weights: Weights,
    today: datetime.date | None = None,
) -> list[Ranked]:
    """Every candidate, best first, whether or not it is good enough."""
    candidates = find(question, store, snapshot, model, question.kinds)
    return rank(question, candidates, snapshot, weights, today or datetime.date.today())


def answer(
    question: Question, ranked: Sequence[Ranked], snapshot: Snapshot, model: str, weights: Weights, limit: int
) -> Answer:
    """The best matches of a ranking, or none where the chance that anything helps is too small."""
    chance = certainty(question, ranked, weights)
    urgent, notice = danger(question.text), "" if question.vector.size else _(WORDS_ONLY)
    if urgent or chance < weights.threshold:
        return Answer(question.text, False, (), round(chance, 4), urgent or _(NO_MATCH), model, notice)
    matches = tuple(as_match(r, weights, snapshot) for r in varied(ranked, limit))
    return Answer(question.text, True, matches, round(chance, 4), "", model, notice)


def certainty(question: Question, ranked: Sequence[Ranked], weights: Weights) -> float:
    """The calibrated chance, 0 to 1, that something here helps: not the raw cosine, which cannot tell."""
    if not ranked:
        return 0.0
    top = [(r.score, {name: sign.value for name, sign in r.signs.items()}) for r in ranked[:JUDGED_BY]]
    found = figures(top, weights.subject(question.text, question.vector))
    return logistic(sum(weights.answer[name] * value for name, value in found.items()) + weights.answer["intercept"])


def figures(top: Sequence[tuple[float, Mapping[str, float]]], subject: float) -> dict[str, float]:
    """What the chance of an answer is judged by: scores and signals of the best candidates, and the subject."""
    scores = [score for score, _ in top]
    best = {
        name: max(signs.get(name, 0.0) for _, signs in top) for name in ("fit", "meaning", "passage", "words", "theme")
    }
    return {"best_score": scores[0], "mean_score": sum(scores) / len(scores), **best, "subject": subject}
