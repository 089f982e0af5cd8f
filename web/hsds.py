"""HSDS 3.0 to read, and as a package; every address as the specification has it."""

from datetime import UTC, datetime

from flask import Blueprint, Response, jsonify, request

from kennismakelaar import entities
from kennismakelaar.errors import Refused
from kennismakelaar.language import gettext as _
from kennismakelaar.standards import hsds
from kennismakelaar.standards.hsds import Directory
from kennismakelaar.standards.hsds_lists import Wanted, listing, one
from web.access import limiter
from web.api.asker import OFTEN, SELDOM
from web.api.problems import open_to_all
from web.reply import broker, settings, site

bp = Blueprint("hsds", __name__, url_prefix=f"/hsds/{hsds.VERSION}")
LISTS = "any(organizations, services, locations, service_at_locations, taxonomies, taxonomy_terms)"
DOCUMENT = "https://raw.githubusercontent.com/openreferral/specification/3.0/schema/openapi.json"
"""The specification's own description of these addresses."""
YES_NO = {"true": True, "false": False}
bp.after_request(open_to_all)


@bp.get("/")
@limiter.limit(OFTEN[False])
def about() -> Response:
    """What this is."""
    publisher = {"name": settings().publisher_name, "email": settings().contact_mail, "website": f"{site()}/over"}
    return jsonify(
        version=hsds.VERSION,
        profile="https://docs.openreferral.org/en/v3.0.0/hsds/",
        openapi_url=DOCUMENT,
        description="Organisaties en diensten voor bewoners die zelf iets beginnen.",
        publisher=publisher,
    )


@bp.get(f"/<{LISTS}:name>")
@limiter.limit(OFTEN[False])
def listed(name: str) -> Response:
    """A page of a list; ?search=, ?taxonomy_term_id=, ?organization_id=, ?modified_after=, ?page=, ?per_page= and ?full= choose."""
    return _told(listing(_directory(), name, _wanted(), entities.modified(broker())))


@bp.get(f"/<{LISTS}:name>/<id>")
@limiter.limit(OFTEN[False])
def shown(name: str, id: str) -> Response:
    """One record with all that belongs to it."""
    return _told(one(_directory(), name, id))


@bp.get("/pakket.zip")
@limiter.limit(SELDOM[False])
def package() -> Response:
    """All tables as CSV in a data package."""
    headers = {"Content-Disposition": 'attachment; filename="kennismakelaar-hsds.zip"'}
    return Response(hsds.package(_directory()), mimetype="application/zip", headers=headers)


def _told(row: hsds.Row) -> Response:
    """Who has it already gets an empty 304."""
    response = jsonify(row)
    response.add_etag()
    response.make_conditional(request)
    return response


def _directory() -> Directory:
    return hsds.read(broker(), site())


def _wanted() -> Wanted:
    asked = request.args
    return Wanted(
        search=asked.get("search", ""),
        term=asked.get("taxonomy_term_id", ""),
        organization=asked.get("organization_id", ""),
        since=_moment(asked.get("modified_after", "")),
        page=_number("page", Wanted.page),
        size=_number("per_page", Wanted.size),
        full=_yes(asked.get("full", "false")),
    )


def _number(name: str, usual: int) -> int:
    text = request.args.get(name, str(usual))
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise Refused(_("%(name)s is %(text)r: dat moet een getal zijn.", name=name, text=text))
    return int(text)


def _yes(text: str) -> bool:
    if text not in YES_NO:
        raise Refused(_("full is %(text)r: dat moet true of false zijn.", text=text))
    return YES_NO[text]


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise Refused(
            _("modified_after is %(text)r: schrijf een moment zoals 2026-11-25T10:00:00Z.", text=text)
        ) from error
    return moment and (moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC))
