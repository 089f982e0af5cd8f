"""Following a question or a place: a feed, and letters for who asks for them."""

from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from feedgenerator import Atom1Feed
from flask import Blueprint, redirect, request
from flask import Response as FlaskResponse
from markupsafe import escape
from werkzeug.wrappers import Response

from kennismakelaar import happened
from kennismakelaar.desk import follow, post
from kennismakelaar.desk.follow import Entry, Follow, Period
from kennismakelaar.errors import KennisError
from kennismakelaar.language import current, root
from kennismakelaar.language import gettext as _
from kennismakelaar.moments import now
from web.access import limiter
from web.reply import broker, reply, reply_with, settings, site

bp = Blueprint("follow", __name__)
MANY = "30 per hour"
"""Things that one address may begin to follow, or ask letters for, for each worker."""
AUTHOR = "Kennismakelaar"


@bp.get("/volgen")
def form() -> Response:
    """What to follow: the question in ?q= or the place in ?plaats=."""
    return _form()


@bp.post("/volgen")
@limiter.limit(MANY)
def begin() -> Response:
    """Follow it; then on to the page with its feed."""
    try:
        made = follow.begin(broker(), request.form.get("q", ""), request.form.get("plaats", ""), now())
    except KennisError as error:
        return _form(error)
    return redirect(f"/volgen/{made.id}", 303)


@bp.get("/volgen/<id>")
@bp.get("/volgen/<id>.json")
def show(id: str) -> Response:
    """What changed, where the feed is, and a form for letters."""
    return _show(follow.refreshed(broker(), id, now()))


@bp.post("/volgen/<id>")
@limiter.limit(MANY)
def letters(id: str) -> Response:
    """Ask for letters: first one that asks whether the address is yours."""
    try:
        typed = request.form
        letter = follow.ask_for_letters(broker(), id, typed.get("email", ""), typed.get("periode", ""), now())
    except KennisError as error:
        return _show(follow.find(broker().store, id), error)
    post.deliver(broker().store, letter, settings(), now())
    return _show(follow.find(broker().store, id), asked=True)


@bp.get("/volgen/<id>.atom")
def feed(id: str) -> Response:
    """The feed (RFC 4287); who has it already gets an empty 304."""
    one = follow.refreshed(broker(), id, now())
    response = FlaskResponse(_atom(one), content_type=Atom1Feed.content_type)
    response.last_modified = datetime.fromisoformat(max(one.created, *(e.at for e in one.entries), one.created))
    response.add_etag()
    return response.make_conditional(request)


@bp.get("/volgen/bevestig/<token>")
def confirm(token: str) -> Response:
    """One button: a program that opens links in mail says yes to nothing."""
    one = follow.asked(broker(), follow.CONFIRM, token, now())
    return _answered(one, "bevestig", done=False)


@bp.post("/volgen/bevestig/<token>")
def confirmed(token: str) -> Response:
    """Yes: letters may come."""
    return _answered(follow.confirm(broker(), token, now()), "bevestig", done=True)


@bp.get("/volgen/stop/<token>")
def stop(token: str) -> Response:
    """One button, as above."""
    return _answered(follow.asked(broker(), follow.STOP, token, now()), "stop", done=False)


@bp.post("/volgen/stop/<token>")
def stopped(token: str) -> Response:
    """No more letters."""
    return _answered(follow.stop(broker(), token, now()), "stop", done=True)


def _form(error: KennisError | None = None) -> Response:
    typed = request.values
    shown = {
        "question": typed.get("q", ""),
        "place": typed.get("plaats", ""),
    }
    return reply_with(error, "follow_form.html", shown)


def _show(one: Follow, error: KennisError | None = None, asked: bool = False) -> Response:
    shown = {
        "asked": asked,
        "id": one.id,
        "what": follow.what(broker(), one),
        "is_place": bool(one.place),
        "created": one.created,
        "entries": one.entries,
        "letters": one.period if one.confirmed else None,
        "periods": list(Period),
    }
    return reply_with(error, "following.html", shown)


def _answered(one: Follow, act: str, done: bool) -> Response:
    shown = {
        "ok": True,
        "act": act,
        "done": done,
        "id": one.id,
        "what": follow.what(broker(), one),
        "period": one.period,
    }
    return reply("follow_answer.html", shown)


def _atom(one: Follow) -> str:
    here = site() + root(current())
    what = follow.what(broker(), one)
    made = Atom1Feed(
        title=f"Kennismakelaar: {what}",
        link=f"{here}/volgen/{one.id}",
        description="",
        subtitle=_("Wat er verandert bij wat u volgt"),
        feed_url=f"{here}/volgen/{one.id}.atom",
        feed_guid=_urn(one.id),
        author_name=AUTHOR,
        language=current(),
    )
    title, text = _("U volgt nu: %(what)s", what=what), _("Vanaf nu staat hier wat verandert.")
    first = Entry("", "", one.created, title, text, f"/volgen/{one.id}")
    for entry in (*one.entries, first):
        at = datetime.fromisoformat(entry.at)
        made.add_item(
            title=happened.told(entry.title),
            link=f"{here}{entry.link}",
            description=str(escape(entry.text)),
            unique_id=_urn(f"{one.id}/{entry.id}/{entry.digest}/{entry.at}"),
            pubdate=at,
            updateddate=at,
        )
    written: str = made.writeString("utf-8")
    return written


def _urn(name: str) -> str:
    """The same for the same name (RFC 4122, version 5), wherever the website stands."""
    return uuid5(NAMESPACE_URL, f"kennismakelaar/{name}").urn
