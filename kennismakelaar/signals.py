"""The signals by which a candidate is judged: each gives a value and the sentence a person reads."""

import datetime
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from kennismakelaar import language, text
from kennismakelaar.kinds import THEMED
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Edge, Entry, Node, Source
from kennismakelaar.schema import schema
from kennismakelaar.search import Candidate, Question
from kennismakelaar.snapshot import Snapshot

FEW = (4, 8, 16, 32)
"""Relations up to which a record is about something in particular, a quarter more for each."""
NATIONWIDE = 0.3
"""What a helper that works everywhere is worth when a place is asked for; one around the corner is 1."""


@dataclass(frozen=True)
class Sign:
    """What a signal found: its value, the sentence that says so, and where that can be read."""

    value: float
    say: Callable[[], str]
    """The sentence, made when someone reads it: most candidates are never shown."""
    source: Source | None = None


@dataclass(frozen=True)
class View:
    """Everything a signal may look at, for one question."""

    question: Question
    snapshot: Snapshot
    entries: Mapping[str, Entry]
    best_meanings: tuple[float, float]
    """Of the nearest candidate and of the next."""
    kinds: Mapping[str, float]
    """The chance that each kind is wanted."""
    said: Mapping[str, Mapping[str, str]]
    """For need, domain and rob_step: the values the question speaks of, with the word that says so."""
    places: Mapping[str, str]
    """The place asked for and all it lies in, with their names."""
    themes: Mapping[str, tuple[float, str]]
    """Themes of the question: how near (1 is named itself) and by which path."""
    today: datetime.date


Signal = Callable[[View, Candidate, Node], Sign | None]


def same_words(view: View, candidate: Candidate, node: Node) -> Sign | None:
    """The share of the question's words, weighted by rarity, that stand in the record."""
    entry = view.entries.get(node.id)
    idf = view.question.idf
    shared = set(idf) & set(entry.words if entry else ())
    if not shared:
        return None
    return Sign(
        sum(idf[t] for t in shared) / sum(idf.values()),
        lambda: _("zelfde woorden: %(words)s", words=", ".join(_as_typed(view.question.words, shared))),
        _first(node),
    )


def _as_typed(words: Sequence[str], terms: set[str]) -> list[str]:
    """The words of the question that gave these terms; a part of a compound is shown in it."""
    shown = []
    for word in dict.fromkeys(words):
        parts = [p for p in text.split_compound(word) if text.stem(p) in terms]
        if text.stem(word) in terms:
            shown.append(word)
        elif parts:
            shown.append(f"{'/'.join(parts)} (in {word})")
    return shown


def weight_of_words(view: View, candidate: Candidate, node: Node) -> Sign | None:
    """How strongly the shared words count here, beside the best candidate (BM25)."""
    return Sign(candidate.words, lambda: _("die woorden wegen zwaar in deze tekst")) if candidate.words else None


def similar_spelling(view: View, candidate: Candidate, node: Node) -> Sign | None:
    """Runs of letters in common: forgives typos and finds parts of compounds."""
    return Sign(candidate.grams, lambda: _("woorden lijken op die in de vraag")) if candidate.grams else None


def same_meaning(view: View, candidate: Candidate, node: Node) -> Sign | None:
    """How near the question lies to the text, by the language model."""
    value = max(0.0, (candidate.meaning - 0.8) * 10)
    if not value:
        return None
    return Sign(
        value,
        lambda: _("gaat over hetzelfde: “%(passage)s”", passage=_best_passage(view, candidate, node)),
        _first(node),
    )


def near_the_best(view: View, candidate: Candidate, node: Node) -> Sign | None:
    """How little it is behind the nearest of the others, or how far before: 1 is level with it, 1.5 at most."""
    nearest, next_one = view.best_meanings
    best_other = next_one if candidate.meaning == nearest else nearest
    value = min(1.5, 1 + (candidate.meaning - best_other) / 0.06)
    if value <= 0:
        return None
    return Sign(
        value,
        lambda: _("ligt dicht bij de vraag: “%(passage)s”", passage=_best_passage(view, candidate, node)),
        _first(node),
    )


def passage_hits(view: View, candidate: Candidate, node: Node) -> Sign | None:
    """One passage that is much nearer than the text as a whole."""
    if len(candidate.cosines) < 2:
        return None
    value = (max(candidate.cosines) - candidate.cosines[0]) * 10
    if value <= 0:
        return None
    return Sign(
        value, lambda: _("helpt bij: “%(passage)s”", passage=_best_passage(view, candidate, node)), _first(node)
    )


def fit(view: View, candidate: Candidate, node: Node) -> Sign | None:
    """Its best passage lies where the answers to such questions lie, as was learned (bridge)."""
    best = max(candidate.fits, default=0.0)
    if best <= 0:
        return None
    return Sign(
        best,
        lambda: _("past bij wat u vraagt: “%(passage)s”", passage=_passage(view, node, candidate.fits)),
        _first(node),
    )


def fit_as_a_whole(view: View, candidate: Candidate, node: Node) -> Sign | None:
    """All its passages together lie where the answers to such questions lie."""
    value = sum(candidate.fits) / len(candidate.fits) if candidate.fits else 0.0
    return Sign(value, lambda: _("ook de rest van de tekst past daarbij"), _first(node)) if value > 0 else None


def _best_passage(view: View, candidate: Candidate, node: Node) -> str:
    return _passage(view, node, candidate.cosines)


def _passage(view: View, node: Node, values: Sequence[float]) -> str:
    """The passage with the highest value, shortened."""
    entry = view.entries.get(node.id)
    if entry is None or not values:
        return node.name
    passage = entry.passages[values.index(max(values)) % len(entry.passages)]
    return passage if len(passage) <= 160 else passage[:157].rsplit(" ", 1)[0] + " …"


def named(view: View, candidate: Candidate, node: Node) -> Sign | None:
    """The question names it; a longer name leaves less doubt."""
    words = view.question.mentions.get(node.id)
    if not words or node.kind == "place":
        return None
    share = len(words.split()) / max(1, len(view.question.text.split()))
    return Sign(0.5 + 0.5 * min(1.0, share), lambda: _("u noemt het: %(words)s", words=words), _first(node))


def same_theme(view: View, candidate: Candidate, node: Node) -> Sign | None:
    """It is about a theme of the question, or is that theme."""
    if node.id in view.themes:
        own, named_by = view.themes[node.id]
        return Sign(own, lambda: _("is het thema van de vraag: %(path)s", path=named_by), _first(node))
    edges = [e for e in view.snapshot.leaving([node.id])[node.id] if e.kind in THEMED and e.target in view.themes]
    if not edges:
        return None
    edge = max(edges, key=lambda e: (view.themes[e.target][0], e.target))
    near, path = view.themes[edge.target]
    return Sign(near, lambda: _("thema: %(path)s", path=path), _first(edge))


def meets_need(view: View, candidate: Candidate, node: Node) -> Sign | None:
    """It offers what the question asks for."""
    met = [need for need in node.texts("offer") if need in view.said["need"]]
    if not met:
        return None
    return Sign(
        1.0,
        lambda: _("biedt %(offer)s (u schrijft: %(word)s)", offer=_needs(met), word=view.said["need"][met[0]]),
        _first(node),
    )


def _needs(needs: Sequence[str]) -> str:
    labels = schema().vocabularies["need"]
    return f" {_('en')} ".join(language.said(labels[need]) for need in needs)


def same_domain(view: View, candidate: Candidate, node: Node) -> Sign | None:
    """It works in the corner of the triangle (community, market, government) that the question speaks of."""
    if not _speaks_of("domain", view, node):
        return None
    return Sign(
        1.0,
        lambda: _("hoort bij het domein %(label)s (u schrijft: %(word)s)", **_shared("domain", view, node)),
        _first(node),
    )


def same_step(view: View, candidate: Candidate, node: Node) -> Sign | None:
    """It stands on the step of the participation stair that the question speaks of."""
    if not _speaks_of("rob_step", view, node):
        return None
    return Sign(
        1.0,
        lambda: _("staat op de trede %(label)s (u schrijft: %(word)s)", **_shared("rob_step", view, node)),
        _first(node),
    )


def _speaks_of(vocabulary: str, view: View, node: Node) -> bool:
    """Does the question speak of the value that the node has?"""
    return node.text(vocabulary) in view.said[vocabulary]


def _shared(vocabulary: str, view: View, node: Node) -> dict[str, str]:
    """The label of that value, and the word of the question that says so."""
    value = node.text(vocabulary)
    return {"label": language.said(schema().vocabularies[vocabulary][value]), "word": view.said[vocabulary][value]}


def wanted_kind(view: View, candidate: Candidate, node: Node) -> Sign | None:
    """The question sounds like one for this kind of thing; values are logarithms of chances."""
    chance = view.kinds.get(node.kind, 0.0)
    if not chance:
        return None
    return Sign(
        max(0.0, 1 + math.log10(chance) / 2),
        lambda: _("de vraag lijkt te gaan om een %(kind)s", kind=language.said(schema().nodes[node.kind].label)),
    )


def same_place(view: View, candidate: Candidate, node: Node) -> Sign | None:
    """Someone around the corner is easier to meet; a nationwide helper is near everyone."""
    if not view.places:
        return None
    if node.id in view.places:
        return Sign(1.0, lambda: _("is de plaats: %(place)s", place=node.name), _first(node))
    lies_in = ((edge, id) for edge in _places(view, node) for id in view.snapshot.lies_in(edge.target))
    near = next(((edge, view.places[id]) for edge, id in lies_in if id in view.places), None)
    if near:
        return Sign(1.0, lambda: _("ook in %(place)s", place=near[1]), _first(near[0]))
    if node.properties.get("reach") in ("landelijk", "internationaal"):
        return Sign(NATIONWIDE, lambda: _("werkt in heel Nederland"), _first(node))
    return None


def elsewhere(view: View, candidate: Candidate, node: Node) -> Sign | None:
    """It works in another place than the one asked for."""
    if not view.places or same_place(view, candidate, node):
        return None
    places = _places(view, node)
    return Sign(1.0, lambda: _("speelt op een andere plaats"), _first(places[0])) if places else None


def _places(view: View, node: Node) -> list[Edge]:
    return [e for e in view.snapshot.leaving([node.id])[node.id] if e.kind == "located_in"]


def neighbours(view: View, candidate: Candidate, node: Node) -> Sign | None:
    """It is tied in the graph to other strong candidates (personalised PageRank)."""
    edge = candidate.via
    if not candidate.rank or edge is None:
        return None
    value = math.sqrt(10 * (candidate.rank + candidate.echo)) - math.sqrt(10 * candidate.echo)
    return Sign(value, lambda: sentence(edge, view.snapshot), _first(edge))


def stands_out(view: View, candidate: Candidate, node: Node) -> Sign | None:
    """It is itself one of the strong candidates from which the graph is walked: its neighbours give its rank back."""
    if not candidate.echo:
        return None
    return Sign(math.sqrt(10 * candidate.echo), lambda: _("is een van de sterkste op woorden en betekenis samen"))


def specific(view: View, candidate: Candidate, node: Node) -> Sign | None:
    """It is tied to few others, so it is not about everything."""
    degree = view.snapshot.degrees([node.id])[node.id]
    value = sum(degree <= bound for bound in FEW) / len(FEW)
    return Sign(value, lambda: _("gaat over iets bepaalds, niet over van alles")) if value else None


def several_passages(view: View, candidate: Candidate, node: Node) -> Sign | None:
    """Not one but three of its texts lie near the question."""
    if len(candidate.cosines) < 3:
        return None
    value = (sum(sorted(candidate.cosines)[-3:]) / 3 - 0.8) * 10
    return Sign(value, lambda: _("meer dan één tekst past bij de vraag"), _first(node)) if value > 0 else None


def well_sourced(view: View, candidate: Candidate, node: Node) -> Sign | None:
    """More than one source says something about it."""
    number = len(node.sources)
    if number < 2:
        return None
    return Sign(math.log10(number), lambda: _("%(number)s bronvermeldingen", number=number), _first(node))


def out_of_date(view: View, candidate: Candidate, node: Node) -> Sign | None:
    """Nobody has checked the record for more than a year; the value is the number of years over one, at most 5."""
    verified = node.text("verified_on")
    if not verified:
        return Sign(1.0, lambda: _("nooit nagekeken"))
    years = (view.today - datetime.date.fromisoformat(verified)).days / 365
    if years <= 1:
        return None
    return Sign(min(5.0, years - 1), lambda: _("voor het laatst nagekeken op %(day)s", day=verified))


def outcome(view: View, candidate: Candidate, node: Node) -> Sign | None:
    """How often askers said that it helped: -0.5 (never) to 0.5 (always), near 0 while few have said so.

    The rule of succession (Laplace): one yes and one no are added before counting.
    """
    yes, no = (float(node.properties.get(name, 0)) for name in ("helped", "not_helped"))  # type: ignore[arg-type]
    if not yes + no:
        return None
    return Sign(
        (yes + 1) / (yes + no + 2) - 0.5,
        lambda: _("hielp %(yes)s van de %(times)s keer", yes=_count(yes), times=_count(yes + no)),
        _first(node),
    )


def _count(value: float) -> str:
    """Who was helped partly counts for half."""
    return language.number(value, 0 if value == int(value) else 1)


def no_room(view: View, candidate: Candidate, node: Node) -> Sign | None:
    """It has said that it takes no questions now."""
    return Sign(1.0, lambda: _("neemt nu geen nieuwe vragen aan")) if node.properties.get("capacity") == 0 else None


SIGNALS: Mapping[str, Signal] = {
    "words": same_words,
    "bm25": weight_of_words,
    "spelling": similar_spelling,
    "fit": fit,
    "fit_whole": fit_as_a_whole,
    "meaning": same_meaning,
    "nearest": near_the_best,
    "passage": passage_hits,
    "name": named,
    "theme": same_theme,
    "need": meets_need,
    "domain": same_domain,
    "rob_step": same_step,
    "kind": wanted_kind,
    "place": same_place,
    "elsewhere": elsewhere,
    "graph": neighbours,
    "strongest": stands_out,
    "specific": specific,
    "passages": several_passages,
    "evidence": well_sourced,
    "freshness": out_of_date,
    "capacity": no_room,
    "outcome": outcome,
}
"""To add a signal: write the function, name it here, run `kennismakelaar train`."""


def sentence(edge: Edge, snapshot: Snapshot) -> str:
    """A relation as a sentence."""
    names = snapshot.nodes([edge.source, edge.target])
    ends = [names[id].name if id in names else id for id in (edge.source, edge.target)]
    return f"{ends[0]} {language.said(schema().edges[edge.kind].label)} {ends[1]}"


def _first(thing: Node | Edge) -> Source | None:
    return thing.sources[0] if thing.sources else None
