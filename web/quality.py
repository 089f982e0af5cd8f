"""The quality board, for staff: what deserves care in the graph, by kind, each record with its edit form."""

from collections.abc import Sequence

from flask import Blueprint, request
from werkzeug.wrappers import Response

from kennismakelaar import quality
from kennismakelaar.language import gettext as _
from kennismakelaar.moments import now
from kennismakelaar.quality import MATTERS, Board, Spot
from web.reply import broker, paged, reply

bp = Blueprint("quality", __name__)
PAGE_SIZE = 50
"""Records of the list on one page."""


@bp.get("/bureau/kwaliteit")
@bp.get("/bureau/kwaliteit.json")
def board() -> Response:
    """How much deserves care, by kind; the records of ?wat=, of ?soort=, at ?pagina=."""
    found = quality.board(broker(), now().date())
    matter, kind = request.args.get("wat", ""), request.args.get("soort", "")
    spots = found.spots(matter, kind)
    shown, page, pages = paged(spots, PAGE_SIZE)
    chosen = {"matter": matter, "kind": kind, "total": len(spots), "page": page, "pages": pages}
    return reply("quality.html", {"ok": True, **_counted(found), "chosen": chosen, "rows": _rows(found, shown)})


def _counted(found: Board) -> dict[str, object]:
    return {
        "kinds": found.kinds,
        "any": found.counts(),
        "matters": [
            {"name": one.name, "label": _(one.label), "advice": _(one.advice), "counts": found.counts(one.name)}
            for one in MATTERS
        ],
        "pairs": found.pairs,
        "pairs_at": found.pairs_at,
        "reports": found.reports,
    }


def _rows(found: Board, shown: Sequence[Spot]) -> list[dict[str, object]]:
    nodes, matters = broker().snapshot.nodes([spot.id for spot in shown]), found.matters(spot.id for spot in shown)
    return [
        {
            "id": spot.id,
            "kind": spot.kind,
            "name": nodes[spot.id].name,
            "verified_on": spot.verified_on,
            "matters": [one.name for one in matters[spot.id]],
            "edit": f"/{spot.kind}/{spot.id}/wijzig",
        }
        for spot in shown
    ]
