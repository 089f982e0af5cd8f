"""The desk, for staff: the list of cases, one case with its matches, and every step of it."""

from collections.abc import Callable, Mapping

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from kennismakelaar.desk import cases, casework, suggestions, today
from kennismakelaar.desk.cases import Case, Proposal, State, Verdict
from kennismakelaar.desk.casework import Chosen
from kennismakelaar.desk.followups import QUESTIONS
from kennismakelaar.desk.suggestions import Suggestions, Wanted
from kennismakelaar.errors import Conflict, KennisError, NotFound, Refused
from kennismakelaar.language import gettext as _
from kennismakelaar.moments import now
from web.access import current
from web.reply import broker, reply, reply_with
from web.typed import by, state, typed, version

bp = Blueprint("desk", __name__)


@bp.get("/bureau")
@bp.get("/bureau.json")
def listing() -> Response:
    """The cases, what is due first on top; ?stand=, ?plaats=, ?van= and ?telaat= choose."""
    asked, store = request.args, broker().store
    chosen_state = state(State, asked["stand"]) if asked.get("stand") else None
    place = asked.get("plaats", "").strip()
    chosen = Chosen(
        chosen_state, broker().place(place) if place else "", asked.get("van", ""), bool(asked.get("telaat"))
    )
    return reply(
        "cases.html",
        {
            "ok": True,
            "cases": casework.waiting(store, chosen, now()),
            "numbers": casework.numbers(store),
            "chosen": chosen,
            "today": today.today(store, current().name, now()),
            "place": place,
            "colleagues": casework.colleagues(store),
        },
    )


@bp.get("/bureau/zaak/<id>")
@bp.get("/bureau/zaak/<id>.json")
def case(id: str) -> Response:
    """One case with its history and matches; ?soort=, ?plaats=, ?domein=, ?biedt= and ?zoekt= choose matches."""
    return _case(id)


@bp.post("/bureau/zaak/<id>/stap")
def step(id: str) -> Response:
    """One step of the table, with a reason."""
    return _done(id, lambda: casework.step(broker().store, id, version(), state(State, typed("naar")), by("reden")))


@bp.post("/bureau/zaak/<id>/toewijzen")
def assign(id: str) -> Response:
    """To a colleague, or back."""
    return _done(id, lambda: casework.assign(broker().store, id, version(), typed("aan"), by()))


@bp.post("/bureau/zaak/<id>/notitie")
def note(id: str) -> Response:
    """For staff only."""
    return _done(id, lambda: casework.annotate(broker().store, id, version(), by("tekst")))


@bp.post("/bureau/zaak/<id>/match")
def judge(id: str) -> Response:
    """Accept or reject a match, also one that was added by hand."""

    def decide() -> Case:
        who = by("reden")
        proposal = Proposal(typed("match"), _verdict(typed("oordeel")), who.who, who.why)
        return casework.judge(broker(), id, version(), proposal, who)

    return _done(id, decide, "#matches")


@bp.get("/bureau/zaak/<id>/vergelijk")
@bp.get("/bureau/zaak/<id>/vergelijk.json")
def compare(id: str) -> Response:
    """Two to four records, ?match= each, side by side."""
    found = casework.get(broker().store, id)
    comparison = _suggestions(found).compare(request.args.getlist("match"))
    return reply("compare.html", {"ok": True, "case": found, **vars(comparison)})


@bp.get("/bureau/zaak/<id>/waarom-niet")
@bp.get("/bureau/zaak/<id>/waarom-niet.json")
def why_not(id: str) -> Response:
    """Why the record in ?naam= is not among the matches; a name that fits several shows them all."""
    found, name = casework.get(broker().store, id), request.args.get("naam", "")
    meant = suggestions.named(broker(), name)
    exact = [node for node in meant if name.strip().casefold() in (node.id, node.name.casefold())]
    one = exact[0] if exact else meant[0] if len(meant) == 1 else None
    told = _suggestions(found).why_not(one.id) if one else None
    return reply("why_not.html", {"ok": True, "case": found, "name": name, "meant": meant, "told": told})


@bp.errorhandler(Conflict)
def conflict(error: Conflict) -> Response:
    """What a colleague did in the meantime, and what was typed, so that nothing is lost."""
    found = casework.get(broker().store, (request.view_args or {}).get("id", ""))
    last = max((*found.notes, *found.history), key=lambda one: one.at, default=None)
    said = typed("reden") or typed("tekst")
    shown = {"ok": False, "error": str(error), "case": found, "last": last, "typed": said}
    return reply("conflict.html", shown, error.status)


def _case(id: str, error: KennisError | None = None) -> Response:
    found = casework.get(broker().store, id)
    wanted, more = _wanted(), request.args.get("aantal", suggestions.FEW, type=int)
    matches, hand = _suggestions(found), request.args.get("erbij", "")
    shown = {
        "clock": casework.clock(found, now()),
        "case": found,
        "steps": cases.STEPS[found.state],
        "colleagues": casework.colleagues(broker().store),
        "judged": matches.judged(),
        "matches": matches.shown(wanted, min(suggestions.MANY, max(1, more))),
        "wanted": wanted,
        "nothing": Wanted(),
        "few": suggestions.FEW,
        "many": suggestions.MANY,
        "by_hand": suggestions.named(broker(), hand) if hand else (),
        "factors": {one.question: one.factor for one in QUESTIONS},
        "typed": request.form,
    }
    return reply_with(error, "case.html", shown)


def _done(id: str, act: Callable[[], Case], where: str = "") -> Response:
    """Do it and show the case; what is refused is told on the page, which keeps what was typed."""
    try:
        act()
    except (Refused, NotFound) as error:
        return _case(id, error)
    return redirect(f"/bureau/zaak/{id}{where}", 303)


def _suggestions(case: Case) -> Suggestions:
    return Suggestions(broker(), case, now().date())


def _wanted() -> Wanted:
    asked: Mapping[str, str] = request.args
    place = asked.get("plaats", "").strip()
    names = {"kind": "soort", "domain": "domein", "offer": "biedt", "need": "zoekt"}
    return Wanted(place=broker().place(place) if place else "", **{k: asked.get(v, "") for k, v in names.items()})


def _verdict(text: str) -> Verdict:
    try:
        return Verdict(text)
    except ValueError as error:
        raise Refused(_("Kies of u deze match aanneemt of afwijst.")) from error
