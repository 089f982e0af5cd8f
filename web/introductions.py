"""Introductions: staff propose them; who is invited says yes or no, looks, takes it back, and tells whether it helped."""

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from kennismakelaar.desk import casework, consent, contact, introductions, outcomes, post
from kennismakelaar.desk.cases import Verdict
from kennismakelaar.desk.consent import Plan
from kennismakelaar.desk.introductions import RUNNING, Answer, Introduction, Side, Stage
from kennismakelaar.desk.outcomes import Said
from kennismakelaar.errors import KennisError, NotFound, Refused
from kennismakelaar.kinds import HELPERS
from kennismakelaar.language import gettext as _
from kennismakelaar.language import marked
from kennismakelaar.moments import now
from web.access import current
from web.reply import broker, reply, reply_with, settings
from web.typed import typed

bp = Blueprint("introductions", __name__)
PERIOD = 90
"""Days that a form proposes for using each other's contact data."""
SHOWN = 50
"""Letters that were sent or lapsed last."""
LABELS = {"name": marked("naam"), "email": marked("e-mailadres"), "phone": marked("telefoonnummer")}


@bp.get("/bureau/zaak/<id>/kennismaking")
@bp.get("/bureau/zaak/<id>/kennismaking.json")
def form(id: str) -> Response:
    """Who to introduce (?helper=), why and until when."""
    return _form(id)


@bp.post("/bureau/zaak/<id>/kennismaking")
def propose(id: str) -> Response:
    """Ask both sides; what is refused is told on the page, which does not repeat contact data."""
    plan = Plan(id, *map(typed, ("helper", "doel", "tot", "naam", "email", "telefoon")))
    try:
        made = consent.propose(broker().store, plan, current().name, now())
    except KennisError as error:
        return _form(id, error)
    _send(made.id)
    return redirect(f"/bureau/kennismaking/{made.id}", 303)


def _form(id: str, error: KennisError | None = None) -> Response:
    case = casework.get(broker().store, id)
    accepted = [one.id for one in case.proposals if one.verdict is Verdict.ACCEPTED]
    helpers = [node for node in broker().snapshot.nodes(accepted).values() if node.kind in HELPERS]
    shown = {
        "case": case,
        "helpers": [(node, contact.has(broker().store, contact.of_node(node.id), now().date())) for node in helpers],
        "helper": request.values.get("helper", ""),
        "purpose": request.form.get("doel", ""),
        "until": request.form.get("tot", "") or consent.proposed_until(now(), PERIOD),
        "days": consent.TIME_TO_ANSWER.days,
    }
    return reply_with(error, "propose.html", shown)


@bp.get("/bureau/kennismaking/<id>")
@bp.get("/bureau/kennismaking/<id>.json")
def show(id: str) -> Response:
    """How an introduction stands, for staff: no contact data, whatever both said."""
    return _show(id)


@bp.post("/bureau/kennismaking/<id>/stop")
def stop(id: str) -> Response:
    """End it, with a reason."""
    try:
        consent.stop(broker().store, id, current().name, request.form.get("reden", ""), now())
    except Refused as error:
        return _show(id, error)
    _send(id)
    return redirect(f"/bureau/kennismaking/{id}", 303)


def _show(id: str, error: KennisError | None = None) -> Response:
    store, one = broker().store, _found(id)
    letters = sorted(post.about(store, id), key=lambda letter: (letter.since, letter.id))
    told = [outcome for outcome in outcomes.of_case(store, one.case) if outcome.introduction == id]
    shown = {
        "introduction": one,
        "stage": one.stage(now()),
        "may_stop": one.stage(now()) in RUNNING,
        "letters": letters,
        "subjects": {letter.id: post.read(letter).subject for letter in letters},
        "outcomes": told,
    }
    return reply_with(error, "introduction.html", shown)


def _found(id: str) -> Introduction:
    try:
        return introductions.find(broker().store, id)
    except NotFound as error:
        raise NotFound(_("Kennismaking '%(id)s' bestaat niet. Kijk bij de zaak.", id=id)) from error


@bp.get("/bureau/post")
@bp.get("/bureau/post.json")
def outbox() -> Response:
    """Letters: first those that need a hand."""
    found = sorted(post.letters(broker().store), key=lambda letter: (letter.since, letter.id), reverse=True)
    done = [letter for letter in found if letter.state in post.OVER]
    waiting = [letter for letter in found if letter.state not in post.OVER]
    data = {"ok": True, "waiting": waiting, "done": done[:SHOWN], "mail_server": bool(settings().smtp_host)}
    return reply("outbox.html", data | {"subjects": {one.id: post.read(one).subject for one in waiting + done[:SHOWN]}})


@bp.get("/bureau/post/<id>")
@bp.get("/bureau/post/<id>.json")
def letter(id: str) -> Response:
    """One letter as staff may read it: without address, personal link or contact data."""
    return _letter(id)


@bp.post("/bureau/post/<id>")
def handle(id: str) -> Response:
    """Sent by hand, or to be tried again."""
    act = {"verstuurd": post.mark_sent, "opnieuw": post.try_again}.get(request.form.get("doe", ""))
    try:
        if act is None:
            raise Refused(_("Kies wat er met deze brief gebeurde."))
        act(broker().store, id, current().name, now())
    except Refused as error:
        return _letter(id, error)
    return redirect("/bureau/post", 303)


def _letter(id: str, error: KennisError | None = None) -> Response:
    one = post.find(broker().store, id)
    shown = {"letter": one, "text": post.read(one), "may_change": one.state not in post.OVER}
    return reply_with(error, "letter.html", shown)


@bp.get("/kennismaking/<token>")
@bp.get("/kennismaking/<token>.json")
def invitation(token: str) -> Response:
    """Who asks what, for which purpose and until when; looking at it changes nothing."""
    return _invitation(token)


@bp.post("/kennismaking/<token>")
def answer(token: str) -> Response:
    """Yes or no, once; then on to one's own page."""
    says = {"ja": Answer.YES, "nee": Answer.NO}.get(request.form.get("antwoord", ""))
    try:
        if says is None:
            raise Refused(_("Kies ja of nee."))
        one, _side = introductions.invited(broker().store, token, now())
        own_token = consent.answer(broker().store, token, says, request.form.get("waarom", ""), now())
    except Refused as error:
        return _invitation(token, error)
    _send(one.id)
    return redirect(f"{introductions.OWN_PAGE}/{own_token}", 303)


def _invitation(token: str, error: KennisError | None = None) -> Response:
    one, side = introductions.invited(broker().store, token, now())
    shown = _seen_by(one, side) | {
        "open": one.stage(now()) is Stage.ASKED,
        "shares": _shares(one, side),
        "kept_until": max(consent.reachable_until(now()), one.until),
    }
    return reply_with(error, "invitation.html", shown)


@bp.get("/mijn-kennismaking/<token>")
@bp.get("/mijn-kennismaking/<token>.json")
def own(token: str) -> Response:
    """What became of it; how to reach the other, only while both agree."""
    return _own(token)


@bp.post("/mijn-kennismaking/<token>/intrekken")
def withdraw(token: str) -> Response:
    """Take a yes back."""
    one, _side, _other = introductions.own(broker().store, token, now())
    try:
        consent.withdraw(broker().store, token, request.form.get("waarom", ""), now())
    except Refused as error:
        return _own(token, error)
    _send(one.id)
    return redirect(f"{introductions.OWN_PAGE}/{token}", 303)


@bp.get("/mijn-kennismaking/<token>/brief")
@bp.get("/mijn-kennismaking/<token>/brief.json")
def own_letter(token: str) -> Response:
    """A letter to the other that is ready to print; there is none before both agree."""
    one, side, other = introductions.own(broker().store, token, now())
    mine = one.parties[side].contact
    if other is None or not contact.has(broker().store, mine, now().date()):
        raise NotFound(_("Er is geen brief: u heeft elkaars gegevens niet, of niet meer."))
    me = contact.find(broker().store, mine, now().date())
    return reply("own_letter.html", _seen_by(one, side) | {"ok": True, "to": _plain(other), "sender": _plain(me)})


def _own(token: str, error: KennisError | None = None) -> Response:
    one, side, other = introductions.own(broker().store, token, now())
    stage = one.stage(now())
    shown = _seen_by(one, side) | {
        "said": one.parties[side].answer,
        "reach": _plain(other) if other else None,
        "may_withdraw": one.parties[side].answer is Answer.YES and stage in RUNNING,
        "advice": introductions.ADVICE[side],
    }
    return reply_with(error, "own.html", shown)


def _seen_by(one: Introduction, side: Side) -> dict[str, object]:
    """What one side may see of an introduction."""
    return {
        "side": side,
        "other": one.name_of(side.other),
        "helper": one.helper_name,
        "question": one.question,
        "place": one.place,
        "purpose": one.purpose,
        "until": one.until,
        "answer_until": one.answer_until[:10],
        "stage": one.stage(now()),
    }


def _shares(one: Introduction, side: Side) -> list[str]:
    """What the other gets to see after two yeses: which sorts of data, not the data."""
    about = one.parties[side].contact
    if not contact.has(broker().store, about, now().date()):
        return []
    found = contact.find(broker().store, about, now().date())
    return [_(label) for name, label in LABELS.items() if getattr(found, name)]


def _plain(one: contact.Contact) -> dict[str, str]:
    return {"name": one.name, "email": one.email, "phone": one.phone}


@bp.get("/hielp-het/<token>")
@bp.get("/hielp-het/<token>.json")
def outcome(token: str) -> Response:
    """The question, with the answer of ?antwoord= chosen already; a program that opens links in mail sends nothing."""
    return _outcome(token)


@bp.post("/hielp-het/<token>")
def tell(token: str) -> Response:
    """Keep the answer, once."""
    try:
        if request.form.get("antwoord") not in list(Said):
            raise Refused(_("Kies eerst een antwoord."))
        said = Said(request.form["antwoord"])
        told = outcomes.answer(broker(), token, said, request.form.get("woorden", ""), now())
    except Refused as error:
        return _outcome(token, error)
    return reply("told.html", {"ok": True, "side": told.side, "said": told.said})


def _outcome(token: str, error: KennisError | None = None) -> Response:
    asked, one = outcomes.asked(broker().store, token, now())
    shown = _seen_by(one, asked.side) | {
        "round": asked.round,
        "chosen": request.values.get("antwoord", ""),
        "words": request.form.get("woorden", ""),
    }
    return reply_with(error, "outcome.html", shown)


@bp.after_request
def _keep_to_yourself(response: Response) -> Response:
    """Nothing of these pages stays in a cache or a search engine."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def of_case(id: str) -> list[tuple[Introduction, Stage]]:
    """For the page of a case: its introductions with where they stand."""
    return [(one, one.stage(now())) for one in introductions.of_case(broker().store, id)]


def _send(id: str) -> None:
    """Try the letters of an introduction now; what cannot be sent waits for `kennismakelaar post`."""
    for one in post.about(broker().store, id):
        post.deliver(broker().store, one, settings(), now())
