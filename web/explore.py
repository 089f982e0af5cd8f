"""Ways to look around without a question: a map, years, letters, words, and what this website is."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, request

from kennismakelaar import __version__, alphabet, ego, glossary, language, regions, roles, thesaurus, timeline
from kennismakelaar.alphabet import Name
from kennismakelaar.broker import Relation
from kennismakelaar.ego import Star
from kennismakelaar.errors import NotFound
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Node
from kennismakelaar.regions import Ground
from kennismakelaar.roles import Role
from kennismakelaar.schema import schema
from kennismakelaar.thesaurus import Entry
from kennismakelaar.timeline import Event
from web.language import in_language
from web.reply import broker, paged, reply, settings, site

bp = Blueprint("explore", __name__)
PAGE_SIZE = 100
"""Lines of a long list on one page."""
TESTED = "2026-11-25"
"""When accessibility was last looked at as a whole, by people and by tests."""


@bp.app_template_global()
def here() -> str:
    """The whole address of this page, to share it by."""
    return site() + in_language(language.current())


@bp.app_template_global()
def star_of(relations: Mapping[str, Sequence[Relation]]) -> Star:
    """The drawing of a record and those around it."""
    return ego.star(relations)


@bp.app_template_global()
def entry_of(theme: str) -> Entry:
    """What the thesaurus says of a theme."""
    return thesaurus.entry(broker().snapshot, theme)


@bp.app_template_global()
def by_role(nodes: Sequence[Node]) -> list[tuple[Role, list[Node]]]:
    """The records that play each role, of the roles that occur."""
    found = [(role, [node for node in nodes if node.kind in role.kinds]) for role in roles.told()]
    return [(role, played) for role, played in found if played]


@bp.get("/kaart")
@bp.get("/kaart.json")
def provinces() -> Response:
    """The provinces with how much of what we know is found in each, on a map and in a table."""
    *drawn, rest = _grounds()
    rows = [{"name": each.province.name, **_ground(each)} for each in drawn if each.province]
    return reply("map.html", {"ok": True, "provinces": rows, "elsewhere": _ground(rest)["spots"]})


@bp.get("/kaart/<name>")
@bp.get("/kaart/<name>.json")
def province(name: str) -> Response:
    """The places of one province, and what is found in each."""
    for ground in _grounds():
        if ground.province and ground.province.name == name:
            return reply("province.html", {"ok": True, "name": name, **_ground(ground)})
    names = ", ".join(each.name for each in regions.PROVINCES)
    raise NotFound(_("Provincie %(name)s bestaat niet. Kies uit: %(names)s.", name=repr(name), names=names))


@bp.get("/tijd")
@bp.get("/tijd.json")
def years() -> Response:
    """What happened when, newest first, of one kind with ?soort=, in pages."""
    kind = request.args.get("soort", "")
    every = _events()
    known = {event.kind for event in every}
    kinds = [name for name in schema().nodes if name in known]
    if kind and kind not in kinds:
        raise NotFound(
            _("Van soort %(kind)s kennen wij geen jaren. Kies uit: %(kinds)s.", kind=repr(kind), kinds=", ".join(kinds))
        )
    found = [event for event in every if kind in ("", event.kind)]
    shown, page, pages = paged(found, PAGE_SIZE)
    told = {year: list(group) for year, group in groupby(shown, lambda event: event.year)}
    return reply(
        "timeline.html",
        {
            "ok": True,
            "kind": kind,
            "kinds": kinds,
            "bars": timeline.bars(found),
            "years": {year: [{"what": e.what, **_told(e)} for e in group] for year, group in told.items()},
            "total": len(found),
            "page": page,
            "pages": pages,
        },
    )


@bp.get("/a-z")
@bp.get("/a-z.json")
def names() -> Response:
    """Every name and alias that begins with ?letter=, in pages."""
    every = _names()
    letter = request.args.get("letter", "") or next((each for each in every if each.isalpha()), alphabet.NO_LETTER)
    shown, page, pages = paged(every.get(letter, []), PAGE_SIZE)
    return reply(
        "names.html",
        {"ok": True, "letter": letter, "letters": list(every), "names": shown, "page": page, "pages": pages},
    )


@bp.get("/woordenlijst")
@bp.get("/woordenlijst.json")
def words() -> Response:
    """The words of this website, explained."""
    return reply("glossary.html", {"ok": True, "words": glossary.words()})


@bp.get("/toegankelijkheid")
@bp.get("/toegankelijkheid.json")
def accessibility() -> Response:
    """How far everyone can use this website, and where to say that you cannot."""
    return reply("accessibility.html", {"ok": True, "contact": settings().contact, "tested": TESTED})


@bp.get("/colofon")
@bp.get("/colofon.json")
def colophon() -> Response:
    """Who made this of what, under which licences."""
    data = {"publisher": settings().publisher, "contact": settings().contact, "version": __version__}
    return reply("colophon.html", {"ok": True, **data, "encoder": broker().encoder.id, "size": broker().snapshot.size})


def _names() -> dict[str, list[Name]]:
    return broker().snapshot.once("alphabet", lambda: alphabet.names(broker().store.nodes()))


def _events() -> list[Event]:
    return broker().snapshot.once("timeline", lambda: timeline.events(broker().store.nodes()))


def _grounds() -> tuple[Ground, ...]:
    return regions.grounds(broker().snapshot, broker().store.nodes("place"))


def _ground(ground: Ground) -> dict[str, Any]:
    spots = [{**_told(spot.place), "records": [_told(node) for node in spot.records]} for spot in ground.spots]
    said = {"code": ground.province.code, "label": language.said(ground.province)} if ground.province else {}
    return {**said, "places": len(spots), "records": ground.records(), "spots": spots}


def _told(node: Node | Event) -> dict[str, str]:
    """What a list says of a record."""
    return {"id": node.id, "kind": node.kind, "name": node.name}
