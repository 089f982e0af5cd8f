"""What visitors see: ask, browse, look up, and how it works."""

from datetime import timedelta
from itertools import groupby

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from kennismakelaar import __version__, language, resolve, roles
from kennismakelaar.alphabet import letter as letter_of
from kennismakelaar.alphabet import order
from kennismakelaar.broker import Relation
from kennismakelaar.danger import danger
from kennismakelaar.errors import NotFound
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Node
from kennismakelaar.moments import now
from kennismakelaar.results import Wanted, results
from web.records import check_kind, kind_of
from web.reply import broker, paged, reply, settings, site, wants_json

bp = Blueprint("pages", __name__)
FEW, MANY = 10, 30
"""Matches that an answer shows at first, and at most."""
ALIKE = 3
"""Records like this one on its page."""
PAGE_SIZE = 50
SECURITY_DAYS = 180
"""That what security.txt says holds; it is made anew at each look."""
EXAMPLES = {
    "nl": (
        "Onze buurtwinkel gaat dicht. Kunnen we hem met de buurt overnemen?",
        "Wij willen met vrijwilligers het zwembad openhouden",
        "Hoe laten we bewoners meebeslissen over geld voor de wijk?",
        "Wie helpt ons om zelf energie op te wekken in ons dorp?",
        "Hoeveel gemeenten doen aan maatschappelijk aanbesteden?",
    ),
    "en": (
        "We want to keep the swimming pool open with volunteers",
        "How do we start a village shop with volunteers?",
        "How do we let residents decide on a budget for the neighbourhood?",
        "Who helps us to generate our own energy in our village?",
        "How many municipalities use public procurement for social goals?",
    ),
}
"""Questions that work, in each language."""


@bp.get("/")
@bp.get("/index.json")
def home() -> Response:
    """The question box, with questions that work."""
    return reply("home.html", {"ok": True, "examples": EXAMPLES[language.current()], "size": broker().snapshot.size})


@bp.get("/vraag")
@bp.get("/vraag.json")
def ask() -> Response:
    """Matches for the question in ?q=, near ?plaats=, about ?thema=, of each ?soort=; ?aantal= asks for more of them."""
    limit = min(MANY, max(1, request.args.get("aantal", FEW, type=int)))
    place, kinds = request.args.get("plaats", "").strip(), request.args.getlist("soort")
    wanted = Wanted(request.args.get("q", ""), place, tuple(kinds), request.args.get("thema", ""), limit)
    found = results(broker(), wanted)
    return reply(
        "ask.html",
        {
            "ok": True,
            **vars(found.answer),
            "place": place,
            "kinds": kinds,
            "theme": wanted.theme,
            "limit": limit,
            "urgent": bool(danger(wanted.question)),
            "card": found.card,
            "themes": found.themes,
            "groups": roles.group(found.answer.matches),
        },
    )


@bp.get("/thema")
@bp.get("/thema.json")
def themes() -> Response:
    """All themes by letter, with the words of residents and the themes above and below."""
    found = sorted(broker().store.nodes("theme"), key=_by_name)
    edges = broker().snapshot.edges([node.id for node in found])
    steps = {id: [edge for edge in touching if edge.kind == "broader"] for id, touching in edges.items()}
    above = {id: [edge.target for edge in step if edge.source == id] for id, step in steps.items()}
    below = {id: [edge.source for edge in step if edge.target == id] for id, step in steps.items()}
    return reply(
        "themes.html",
        {
            "ok": True,
            "broader": above,
            "narrower": below,
            "themes": {letter: list(nodes) for letter, nodes in groupby(found, _letter)},
        },
    )


@bp.get("/soort")
@bp.get("/soort.json")
def kinds() -> Response:
    """What there is to browse."""
    return reply("kinds.html", {"ok": True, "roles": roles.told()})


@bp.get("/soort/<kind>")
@bp.get("/soort/<kind>.json")
def browse(kind: str) -> Response:
    """Everything of one kind, by name, in pages; ?letter= shows one letter."""
    found = sorted(broker().store.nodes(kind_of(kind).name), key=_by_name)
    letter = request.args.get("letter", "")
    shown = [node for node in found if not letter or _letter(node) == letter]
    nodes, page, pages = paged(shown, PAGE_SIZE)
    letters = sorted({_letter(node) for node in found})
    return reply(
        "kind.html",
        {
            "ok": True,
            "kind": kind,
            "letter": letter,
            "letters": letters,
            "page": page,
            "pages": pages,
            "total": len(shown),
            "nodes": nodes,
        },
    )


@bp.get("/<kind>/<id>")
@bp.get("/<kind>/<id>.json")
def show(kind: str, id: str) -> AnyResponse:
    """One record, with its relations by what they say; the id of a merged one leads on."""
    kind_of(kind)
    try:
        node, relations = broker().show(id)
    except NotFound:
        merged = broker().store.get(resolve.redirect(broker().store, id))
        return redirect(f"/{merged.kind}/{merged.id}{'.json' if wants_json() else ''}", 301)
    check_kind(node, kind)
    ties: dict[str, list[Relation]] = {}
    for relation in relations:
        ties.setdefault(roles.seen_from(relation.edge, id), []).append(relation)
    return reply("show.html", {"ok": True, "node": node, "relations": ties, "similar": broker().similar(id, ALIKE)})


@bp.get("/bron/<document>")
@bp.get("/bron/<document>.json")
def source(document: str) -> Response:
    """A publication as a source: per chapter what rests on it."""
    node, found = _sections(document)
    return reply("source.html", {"ok": True, "node": node, "sections": found})


@bp.get("/bron/<document>/<chapter>")
@bp.get("/bron/<document>/<chapter>.json")
def chapter(document: str, chapter: str) -> Response:
    """One chapter of a publication, with each relation in full."""
    node, found = _sections(document)
    inside = [section for section in found if section.chapter == chapter]
    if not inside:
        raise NotFound(_("Op hoofdstuk %(chapter)r van %(name)s rust hier niets.", chapter=chapter, name=node.name))
    return reply("chapter.html", {"ok": True, "node": node, "chapter": chapter, "sections": inside})


@bp.get("/over")
@bp.get("/over.json")
def about() -> Response:
    """What this is and for whom."""
    return reply("about.html", {"ok": True, "size": broker().snapshot.size, "version": __version__})


@bp.get("/hoe-het-werkt")
@bp.get("/hoe-het-werkt.json")
def how() -> Response:
    """How a score comes about, with every weight."""
    weights, example = broker().weights, EXAMPLES[language.current()][0]
    return reply(
        "how.html",
        {
            "ok": True,
            "obtained": weights.obtained,
            "signals": weights.signals,
            "answer": weights.answer,
            "chance_of_match": weights.chance_of_match,
            "threshold": weights.threshold,
            "encoder": broker().encoder.id,
            "example": example,
            "worked": next(iter(broker().ask(example, limit=1).matches), None),
        },
    )


@bp.get("/gezond")
def health() -> Response:
    """For whoever watches the server: can the graph be read?"""
    return reply(
        "", {"ok": True, "version": __version__, "records": broker().snapshot.size, "encoder": broker().encoder.id}
    )


@bp.get("/.well-known/security.txt")
def security() -> Response:
    """Where weaknesses can be reported (RFC 9116); there is none where the settings name no address."""
    contact = settings().security_contact
    if not contact:
        raise NotFound(_("Er is geen adres ingesteld om kwetsbaarheden te melden."))
    until = (now() + timedelta(days=SECURITY_DAYS)).strftime("%Y-%m-%dT00:00:00Z")
    lines = (f"Contact: {contact}", f"Expires: {until}", "Preferred-Languages: nl, en")
    canonical = f"Canonical: {site()}/.well-known/security.txt"
    return Response("\n".join((*lines, canonical, "")), mimetype="text/plain")


def _sections(document: str) -> tuple[Node, tuple[roles.Section, ...]]:
    store = broker().store
    return store.get(document), roles.sections(document, store.nodes(), store.edges())


def _by_name(node: Node) -> tuple[str, str]:
    return order(node.name), node.id


def _letter(node: Node) -> str:
    return letter_of(node.name)
