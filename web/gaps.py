"""The register of knowledge questions: everyone reads it, staff work on it."""

from collections.abc import Callable

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from kennismakelaar.desk import cases, casework, gap_facts, gap_proposals, gaps, post
from kennismakelaar.desk.gaps import Found, Gap, State, Wish
from kennismakelaar.errors import Conflict, KennisError, NotFound, Refused
from kennismakelaar.moments import now
from kennismakelaar.text import fold
from web.access import may
from web.reply import broker, paged, reply, reply_with, settings
from web.typed import by, state, typed, version

bp = Blueprint("gaps", __name__)
PAGE_SIZE = 30


@bp.get("/kennisvragen")
@bp.get("/kennisvragen.json")
def listing() -> Response:
    """Every gap, in pages; ?stand=, ?plaats= and ?woord= choose."""
    wanted, word, place = (request.args.get(name, "").strip() for name in ("stand", "woord", "plaats"))
    asked = gaps.all_members(broker().store)
    found = [(gap, gap_facts.asking(broker(), gap, asked.get(gap.id, []))) for gap in gaps.register(broker().store)]
    town = broker().snapshot.node(broker().place(place)).name if place else ""
    chosen = [
        {"gap": _public(gap), "asking": asking}
        for gap, asking in found
        if wanted in ("", gap.state) and fold(word) in fold(gap.question) and (not town or town in asking.places)
    ]
    shown, page, pages = paged(chosen, PAGE_SIZE)
    return reply(
        "gaps.html",
        {
            "ok": True,
            "gaps": shown,
            "total": len(chosen),
            "page": page,
            "pages": pages,
            "numbers": {one: sum(gap.state is one for gap, _ in found) for one in State},
            "state": wanted,
            "word": word,
            "place": place,
            "places": sorted({name for _, asking in found for name in asking.places}),
        },
    )


@bp.get("/kennisvragen/<id>")
@bp.get("/kennisvragen/<id>.json")
def show(id: str) -> Response:
    """One gap: who asks, what is known, who stands nearest, what became of it."""
    return _show(id)


@bp.post("/kennisvragen/<id>")
def change(id: str) -> Response:
    """Another sentence, state or owner."""

    def act() -> Gap:
        wish = Wish(typed("vraag"), state(State, typed("stand")), typed("eigenaar"))
        return gaps.change(broker(), id, version(), wish, by("reden"))

    return _done(id, act)


@bp.post("/kennisvragen/<id>/antwoord")
def close(id: str) -> Response:
    """Answer it: everyone who asked hears so, once."""
    found = Found(typed("antwoord"), typed("record"))
    done = _done(id, lambda: gaps.close(broker(), id, found, by("reden")))
    _deliver(id)
    return done


@bp.post("/kennisvragen/<id>/eruit")
def take_out(id: str) -> Response:
    """One case does not belong here."""
    return _done(id, lambda: gap_proposals.take_out(broker(), id, typed("zaak"), by("reden")))


@bp.get("/bureau/kennisvragen")
@bp.get("/bureau/kennisvragen.json")
def proposals() -> Response:
    """What may become a gap, join one or be split off, for staff to decide."""
    return _proposals()


@bp.post("/bureau/kennisvragen/<id>")
def decide(id: str) -> Response:
    """Do what is proposed, or never propose it again."""
    try:
        if typed("doe") == "niet":
            gap_proposals.refuse(broker(), id, by("reden"))
            return redirect("/bureau/kennisvragen", 303)
        made = gap_proposals.accept(broker(), id, typed("vraag"), by("reden"))
    except (Refused, NotFound, Conflict) as error:
        return _proposals(error, id)
    _deliver(made.id)
    return redirect(f"/kennisvragen/{made.id}", 303)


def _proposals(error: KennisError | None = None, about: str = "") -> Response:
    found = gap_proposals.proposals(broker())
    store = broker().store
    shown = {
        "about": about,
        "typed": typed("vraag"),
        "proposals": [
            {
                "proposal": one,
                "cases": [casework.get(store, id) for id in one.cases],
                "gap": _public(gaps.find(store, one.gap)) if one.gap else None,
            }
            for one in found
        ],
    }
    return reply_with(error, "gap_proposals.html", shown)


def _show(id: str, error: KennisError | None = None) -> Response:
    gap = gaps.find(broker().store, id)
    asked = gaps.members(broker().store, id)
    shown = {
        "gap": _public(gap),
        "asking": gap_facts.asking(broker(), gap, asked),
        "known": gap_facts.known(broker(), gap),
        "story": [
            {"at": step.at, "text": step.what} for step in gap.history if step.what.startswith(("begonnen", "stand"))
        ],
    }
    if may("gaps.change"):
        shown |= {
            "cases": asked,
            "history": gap.history,
            "version": gap.version,
            "owner": gap.owner,
            "closed": gap.is_closed,
            "told": gap.told,
            "colleagues": casework.colleagues(broker().store),
            "states": [one for one in State if one is not State.ANSWERED],
            "typed": request.form,
        }
    return reply_with(error, "gap.html", shown)


def _public(gap: Gap) -> dict[str, str]:
    """What everyone may read of a gap: no case, no colleague."""
    return {name: str(getattr(gap, name)) for name in ("id", "question", "state", "answer", "record")}


def answer_for(case: cases.Case) -> dict[str, str] | None:
    """For the page on which an asker follows a question: the answer to the gap it belongs to."""
    if not case.gap:
        return None
    gap = gaps.find(broker().store, case.gap)
    return _public(gap) if gap.is_closed else None


def _done(id: str, act: Callable[[], Gap]) -> Response:
    """Do it and show the gap; what is refused is told on the page, which keeps what was typed."""
    try:
        act()
    except (Refused, NotFound, Conflict) as error:
        return _show(id, error)
    return redirect(f"/kennisvragen/{id}", 303)


def _deliver(id: str) -> None:
    """Try the letters now; what cannot be sent waits for `kennismakelaar post`."""
    for letter in post.about(broker().store, gaps.about(id)):
        post.deliver(broker().store, letter, settings(), now())
