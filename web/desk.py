"""The desk, for staff: the list of cases, one case with its matches, and every step of it."""

from collections.abc import Callable, Mapping

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from kennismakelaar import cases, desk, suggestions, today
from kennismakelaar.broker import ACTIE
from kennismakelaar.cases import Case, Proposal, State, Verdict
from kennismakelaar.desk import Chosen
from kennismakelaar.errors import Conflict, KennisError, NotFound, Refused
from kennismakelaar.followups import QUESTIONS
from kennismakelaar.language import gettext as _
from kennismakelaar.suggestions import Suggestions, Wanted
from web.access import current
from web.reply import broker, reply

bp = Blueprint("desk", __name__)


@bp.get("/bureau")
@bp.get("/bureau.json")
def listing() -> Response:
    """The cases, what is due first on top; ?stand=, ?plaats=, ?van= and ?telaat= choose."""
    asked, store = request.args, broker().store
    state = _state(asked["stand"]) if asked.get("stand") else None
    place = asked.get("plaats", "").strip()
    chosen = Chosen(state, broker().place(place) if place else "", asked.get("van", ""), bool(asked.get("telaat")))
    return reply(
        "cases.html",
        {
            "ok": True,
            "cases": desk.waiting(store, chosen, desk.now()),
            "numbers": desk.numbers(store),
            "chosen": chosen,
            "today": today.today(store, current().name, desk.now()),
            "place": place,
            "colleagues": desk.colleagues(store),
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
    return _done(id, lambda: desk.step(broker().store, id, _version(), _state(_typed("naar")), _by("reden")))


@bp.post("/bureau/zaak/<id>/toewijzen")
def assign(id: str) -> Response:
    """To a colleague, or back."""
    return _done(id, lambda: desk.assign(broker().store, id, _version(), _typed("aan"), _by()))


@bp.post("/bureau/zaak/<id>/notitie")
def note(id: str) -> Response:
    """For staff only."""
    return _done(id, lambda: desk.annotate(broker().store, id, _version(), _by("tekst")))


@bp.post("/bureau/zaak/<id>/match")
def judge(id: str) -> Response:
    """Accept or reject a match, also one that was added by hand."""

    def decide() -> Case:
        who = _by("reden")
        proposal = Proposal(_typed("match"), _verdict(_typed("oordeel")), who.who, who.why)
        return desk.judge(broker(), id, _version(), proposal, who)

    return _done(id, decide, "#matches")


@bp.get("/bureau/zaak/<id>/vergelijk")
@bp.get("/bureau/zaak/<id>/vergelijk.json")
def compare(id: str) -> Response:
    """Two to four records, ?match= each, side by side."""
    found = desk.get(broker().store, id)
    comparison = _suggestions(found).compare(request.args.getlist("match"))
    return reply("compare.html", {"ok": True, "case": found, **vars(comparison)})


@bp.get("/bureau/zaak/<id>/waarom-niet")
@bp.get("/bureau/zaak/<id>/waarom-niet.json")
def why_not(id: str) -> Response:
    """Why the record in ?naam= is not among the matches; a name that fits several shows them all."""
    found, name = desk.get(broker().store, id), request.args.get("naam", "")
    meant = suggestions.named(broker(), name)
    exact = [node for node in meant if name.strip().casefold() in (node.id, node.name.casefold())]
    one = exact[0] if exact else meant[0] if len(meant) == 1 else None
    told = _suggestions(found).why_not(one.id) if one else None
    return reply("why_not.html", {"ok": True, "case": found, "name": name, "meant": meant, "told": told})


@bp.errorhandler(Conflict)
def conflict(error: Conflict) -> Response:
    """What a colleague did in the meantime, and what was typed, so that nothing is lost."""
    now = desk.get(broker().store, (request.view_args or {}).get("id", ""))
    last = max((*now.notes, *now.history), key=lambda one: one.at, default=None)
    typed = request.form.get("reden") or request.form.get("tekst") or ""
    shown = {"ok": False, "error": str(error), "case": now, "last": last, "typed": typed}
    return reply("conflict.html", shown, error.status)


def _case(id: str, error: KennisError | None = None) -> Response:
    found = desk.get(broker().store, id)
    wanted, more = _wanted(), request.args.get("aantal", suggestions.FEW, type=int)
    matches, hand = _suggestions(found), request.args.get("erbij", "")
    shown = {
        "ok": error is None,
        "wrong": str(error) if error else "",
        "clock": desk.clock(found, desk.now()),
        "case": found,
        "steps": cases.STEPS[found.state],
        "colleagues": desk.colleagues(broker().store),
        "judged": matches.judged(),
        "matches": matches.shown(wanted, min(suggestions.MANY, max(1, more))),
        "wanted": wanted,
        "nothing": Wanted(),
        "few": suggestions.FEW,
        "many": suggestions.MANY,
        "by_hand": suggestions.named(broker(), hand) if hand else (),
        "factors": {one.question: one.factor for one in QUESTIONS if one.factor in ACTIE},
        "typed": request.form,
    }
    return reply("case.html", shown, error.status if error else 200)


def _done(id: str, act: Callable[[], Case], where: str = "") -> Response:
    """Do it and show the case; what is refused is told on the page, which keeps what was typed."""
    try:
        act()
    except (Refused, NotFound) as error:
        return _case(id, error)
    return redirect(f"/bureau/zaak/{id}{where}", 303)


def _suggestions(case: Case) -> Suggestions:
    return Suggestions(broker(), case, desk.now().date())


def _wanted() -> Wanted:
    asked: Mapping[str, str] = request.args
    place = asked.get("plaats", "").strip()
    names = {"kind": "soort", "domain": "domein", "offer": "biedt", "need": "zoekt"}
    return Wanted(place=broker().place(place) if place else "", **{k: asked.get(v, "") for k, v in names.items()})


def _by(field: str = "") -> cases.Step:
    return desk.by(current().name, _typed(field) if field else "")


def _typed(field: str) -> str:
    return request.form.get(field, "").strip()


def _version() -> int:
    return request.form.get("versie", 0, type=int)


def _state(text: str) -> State:
    try:
        return State(text)
    except ValueError as error:
        known = ", ".join(_(state) for state in State)
        raise Refused(_("Stand '%(name)s' bestaat niet. Kies uit: %(known)s.", name=text, known=known)) from error


def _verdict(text: str) -> Verdict:
    try:
        return Verdict(text)
    except ValueError as error:
        raise Refused(_("Kies of u deze match aanneemt of afwijst.")) from error
