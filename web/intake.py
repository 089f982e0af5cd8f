"""A question for a broker, by a visitor without an account: sending it, following it, stopping."""

import secrets
from dataclasses import replace
from datetime import timedelta

from flask import Blueprint, request
from werkzeug.wrappers import Response

from kennismakelaar import privacy
from kennismakelaar.danger import danger
from kennismakelaar.desk import cases, followups, intake
from kennismakelaar.desk.cases import Case, State
from kennismakelaar.desk.contact import Contact
from kennismakelaar.desk.intake import Situation
from kennismakelaar.errors import KennisError
from kennismakelaar.language import current, marked
from kennismakelaar.language import gettext as _
from kennismakelaar.moments import now
from kennismakelaar.text import LONGEST_QUESTION
from web import gaps
from web.access import limiter
from web.reply import broker, reply, reply_with

bp = Blueprint("intake", __name__)
PURPOSE = marked("om u te vertellen hoe het met uw vraag staat, en om u te vragen of u met iemand wilt kennismaken")
"""What contact data are for, in the words that the asker reads."""
PERIODS = {"3": marked("3 maanden"), "6": marked("6 maanden"), "12": marked("1 jaar")}
"""Months that contact data may be kept."""
MONTH = timedelta(days=365) / 12
SENDS, LOOKS = "30 per hour", "10 per minute"
"""Questions that one address may send, and codes that it may try, for each worker."""


@bp.get("/vraag-insturen")
@bp.get("/vraag-insturen.json")
def form() -> Response:
    """An empty form, or one with what was asked in ?q=, ?plaats= and ?thema=."""
    return _form()


@bp.post("/vraag-insturen")
def check() -> Response:
    """What is there already, what is masked, and what we would like to know."""
    try:
        return _check(_read())
    except KennisError as error:
        return _form(error)


@bp.post("/vraag-insturen/geholpen")
def helped() -> Response:
    """What is there already helps; a number goes up and nothing else is kept."""
    intake.count_helped(broker().store, now().date())
    return reply("helped.html", {"ok": True})


@bp.post("/vraag-insturen/verstuur")
@limiter.limit(SENDS)
def send() -> Response:
    """Keep the question; the receipt code is shown this once."""
    try:
        situation = _read()
    except KennisError as error:
        return _form(error)
    reach = _contact()
    try:
        _, code = intake.send(broker(), situation, request.form.get("sleutel", ""), now(), reach)
    except KennisError as error:
        return _check(situation, error)
    response = reply("receipt.html", {"ok": True, "code": code, "days": _days(State.NEW), "reach": reach is not None})
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/zaak")
@bp.post("/zaak")
@limiter.limit(LOOKS, methods=["POST"])
def follow() -> Response:
    """How a question stands, by its code; the code travels in a form and never in an address."""
    if request.method == "GET":
        return reply("follow.html", {"ok": True, "wrong": "", "case": None})
    code = request.form.get("code", "")
    try:
        return _story(intake.find(broker().store, code), code)
    except KennisError as error:
        return reply("follow.html", {"ok": False, "wrong": str(error), "case": None}, error.status)


@bp.post("/zaak/stoppen")
@limiter.limit(LOOKS)
def stop() -> Response:
    """The asker does not want to go on."""
    code = request.form.get("code", "")
    try:
        return _story(intake.stop(broker().store, code, now()), code)
    except KennisError as error:
        return reply("follow.html", {"ok": False, "wrong": str(error), "case": None}, error.status)


def _read() -> Situation:
    """What was typed, with the answers that were chosen."""
    typed = request.form
    found = intake.read(broker(), typed.get("q", ""), typed.get("plaats", ""), typed.get("thema", ""))
    chosen = {one.question: typed.get(f"antwoord-{one.factor}", "") for one in followups.QUESTIONS}
    known = {one.question: (one.fine, one.weak) for one in followups.QUESTIONS}
    answers = {question: answer for question, answer in chosen.items() if answer in known[question]}
    return replace(found, answers=answers, shared=bool(typed.get("delen")))


def _contact() -> Contact | None:
    """The contact data that were filled in; None where all fields are empty."""
    name, email, phone = (request.form.get(field, "").strip() for field in ("naam", "email", "telefoon"))
    if not any((name, email, phone)):
        return None
    months = request.form.get("bewaren", "")
    end = now().date() + int(months if months in PERIODS else min(PERIODS, key=int)) * MONTH
    return Contact("", _(PURPOSE), end.isoformat(), name, email, phone, current())


def _form(error: KennisError | None = None) -> Response:
    typed = request.values
    shown = {
        "question": privacy.mask(typed.get("q", "")),
        "masked": privacy.find(typed.get("q", "")),
        "place": typed.get("plaats", ""),
        "theme": typed.get("thema", ""),
        "longest": LONGEST_QUESTION,
        "days": _days(State.NEW),
        "themes": [node.name for node in broker().store.nodes("theme")],
        "advice": danger(typed.get("q", "")),
    }
    return reply_with(error, "intake.html", shown)


def _check(situation: Situation, error: KennisError | None = None) -> Response:
    asked = followups.choose(broker(), situation.question, situation.place, situation.themes)
    shown = {
        "situation": situation,
        "masked": privacy.find(request.form.get("q", "")),
        "advice": danger(situation.question),
        "alike": intake.alike(broker(), situation),
        "questions": asked,
        "typed": request.form,
        "purpose": PURPOSE,
        "periods": PERIODS,
        "key": request.form.get("sleutel") or secrets.token_hex(),
    }
    return reply_with(error, "intake_check.html", shown)


def _story(case: Case, code: str) -> Response:
    """No names, notes, reasons or matches: those are for staff."""
    promised = cases.due(case)
    late = cases.is_late(case, now())
    response = reply(
        "follow.html",
        {
            "ok": True,
            "wrong": "",
            "code": code,
            "case": {"question": case.question, "state": case.state, "answers": case.answers},
            "story": intake.story(case),
            "found": gaps.answer_for(case),
            "promised": promised.date().isoformat() if promised and not late else "",
            "late": late,
            "may_stop": case.state is not State.DONE,
        },
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _days(state: State) -> int:
    term = cases.TERMS[state]
    return term.days if term else 0
