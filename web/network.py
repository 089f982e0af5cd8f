"""The network to look at: a drawing, the same as tables and in words, and the way from one record to another."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from io import BytesIO, StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from flask import Blueprint, Response, current_app, request
from flask.blueprints import BlueprintSetupState

from kennismakelaar import export, personal
from kennismakelaar.errors import NotFound
from kennismakelaar.language import gettext as _
from kennismakelaar.language import marked, ngettext, said
from kennismakelaar.network import Scope, formats, measures, package, published, views
from kennismakelaar.network.choice import COLOURS, Choice, checked, chosen, sizes
from kennismakelaar.network.frames import Frame, frame
from kennismakelaar.network.picture import Dot, Gallery, Line, Picture
from kennismakelaar.network.way import way
from kennismakelaar.schema import schema
from kennismakelaar.text import fold
from web.access import limiter
from web.reply import broker, paged, reply, settings

bp = Blueprint("network", __name__)
PAGE_SIZE = 100
"""Rows of a table on one page."""
DEPTHS = (1, 2, 3)
COLOUR_LABELS = dict(zip(COLOURS, (marked("groep"), marked("soort"), marked("domein")), strict=True))
Order = Mapping[str, Callable[..., object]]


OFTEN = "10 per minute"
"""Downloads by one address, for each worker."""
SELDOM = "6 per hour"
"""Research packages for one address, for each worker: one takes many seconds."""
FILES: Mapping[str, tuple[str, Callable[[Frame], Iterator[str]]]] = {
    "netwerk.graphml": ("application/graphml+xml", formats.graphml),
    "netwerk.gexf": ("application/gexf+xml", formats.gexf),
    "records.csv": ("text/csv", formats.node_table),
    "verbindingen.csv": ("text/csv", formats.edge_table),
}


@dataclass(frozen=True)
class Table:
    """A page of rows: places in `dots` or `lines` of the picture, in the chosen order."""

    order: str
    page: int
    pages: int
    rows: tuple[int, ...]


@bp.record_once
def _open(state: BlueprintSetupState) -> None:
    state.app.extensions["gallery"] = Gallery()


@bp.get("/netwerk")
@bp.get("/netwerk.json")
def show() -> Response:
    """The part of the network that the address asks for, and the way from ?van= to ?naar=."""
    gallery: Gallery = current_app.extensions["gallery"]
    shown = gallery.show(_choice(), broker().store)
    start, end = (request.args.get(name, "").strip() for name in ("van", "naar"))
    picture = shown.picture
    return reply(
        "network.html",
        {
            "ok": True,
            "choice": shown.choice,
            "picture": picture,
            "way": way(shown.graph, broker().store, start, end) if start and end else None,
            "table": _table("sorteer", "pagina", picture.dots, _dot_orders(picture)),
            "tie_table": _table("relatiesorteer", "relatiepagina", picture.lines, _line_orders(picture)),
        },
    )


@bp.get("/netwerk/download/<name>")
@limiter.limit(OFTEN)
def download(name: str) -> Response:
    """The graph of the view as a file for other programs, with people under pseudonyms."""
    if name not in FILES:
        raise NotFound(_("Bestand %(name)r is er niet. Kies uit: %(known)s.", name=name, known=", ".join(FILES)))
    mimetype, lines = FILES[name]
    public = published.read(broker().store)
    graph, _left_out = chosen(checked(_choice(), public), public)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response("".join(lines(frame(graph))), mimetype=mimetype, headers=headers)


@bp.get("/netwerk/onderzoekspakket.zip")
@limiter.limit(SELDOM)
def research_package() -> Response:
    """All views with codebook, measures and checksums; the same graph gives the same bytes."""
    with TemporaryDirectory() as place:
        folder = Path(place) / "onderzoekspakket"
        package.write(folder, broker().store, settings())
        content = BytesIO()
        with ZipFile(content, "w", ZIP_DEFLATED) as file:
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                file.writestr(ZipInfo(str(path.relative_to(place))), path.read_bytes(), ZIP_DEFLATED)
    headers = {"Content-Disposition": 'attachment; filename="onderzoekspakket.zip"'}
    return Response(content.getvalue(), mimetype="application/zip", headers=headers)


@bp.get("/netwerk/graaf.json")
@limiter.limit(OFTEN)
def whole() -> Response:
    """For researchers: every record and relation with its sources and with names of people, as `export` writes it."""
    content, graph = StringIO(), published.read(broker().store, with_persons=True)
    public = tuple(personal.seen(node, by_staff=False) for node in graph.records)
    export.write_json(replace(graph, records=public), content)
    headers = {"Content-Disposition": 'attachment; filename="graaf.json"'}
    return Response(content.getvalue(), mimetype="application/json", headers=headers)


def _choice() -> Choice:
    """What the address asks for; around a record the view is the network around it, unless it says otherwise."""
    asked = request.args
    around = asked.get("rond", "").strip()
    scope = Scope(
        around=around,
        depth=asked.get("diepte", 1, type=int),
        since=asked.get("vanaf", None, type=int),
        until=asked.get("tot", None, type=int),
        place=asked.get("plaats", "").strip(),
        domain=asked.get("domein", ""),
    )
    return Choice(
        view=asked.get("beeld", "") or ("ego" if around else Choice.view),
        kinds=tuple(asked.getlist("soort")),
        theme=asked.get("thema", "").strip(),
        scope=scope,
        size=asked.get("grootte", "") or Choice.size,
        colour=asked.get("kleur", "") or Choice.colour,
    )


def _table(order: str, page: str, things: tuple[Dot, ...] | tuple[Line, ...], orders: Order) -> Table:
    chosen = request.args.get(order, next(iter(orders)))
    if chosen not in orders:
        raise NotFound(
            _("Sorteren op %(chosen)r kan niet. Kies uit: %(known)s.", chosen=chosen, known=", ".join(orders))
        )
    rows = sorted(range(len(things)), key=lambda place: (orders[chosen](things[place]), place))
    shown, number, pages = paged(rows, PAGE_SIZE, page)
    return Table(chosen, number, pages, tuple(shown))


def _dot_orders(picture: Picture) -> Order:
    return {
        "verbindingen": lambda dot: -dot.ties,
        "naam": lambda dot: fold(dot.name),
        "soort": lambda dot: said(schema().nodes[dot.kind].label),
        "groep": lambda dot: dot.group,
        "waarde": lambda dot: (dot.value is None, -(dot.value or 0)),
    }


def _line_orders(picture: Picture) -> Order:
    return {
        "van": lambda line: fold(picture.names[line.source]),
        "relatie": lambda line: tie_label(picture.view, line.kind),
        "naar": lambda line: fold(picture.names[line.target]),
        "sterkte": lambda line: -line.weight,
    }


@bp.app_template_global()
def tie_label(view: str, kind: str) -> str:
    """What a tie says."""
    chosen = views()[view]
    return said(schema().edges[kind].label if chosen.is_whole else chosen.tie)


@bp.app_template_global()
def network_choices() -> Mapping[str, Mapping[str, str]]:
    """What the form offers, each with its label."""
    return {
        "beeld": {name: said(view.label) for name, view in views().items()},
        "domein": {name: said(term) for name, term in schema().vocabularies["domain"].items()},
        "grootte": {name: said(measures()[name].label) for name in sizes()},
        "uitleg": {name: said(measures()[name].meaning) for name in sizes()},
        "kleur": {name: _(label) for name, label in COLOUR_LABELS.items()},
        "diepte": {str(depth): ngettext("%(num)s stap", "%(num)s stappen", depth) for depth in DEPTHS},
    }


@bp.app_template_global()
def network_address(path: str = "/netwerk", **changes: object) -> str:
    """This view with other values for some parameters; None leaves one out."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if value and name not in changes]
    query = urlencode([*kept, *((name, value) for name, value in changes.items() if value is not None)])
    return f"{path}?{query}" if query else path
