"""The routes of the API, its document, and the page for who makes a program with it."""

from collections.abc import Callable

from flask import Blueprint, Response, jsonify

from web.access import csrf, limiter
from web.api.asker import often, seldom, who
from web.api.document import BASE, document
from web.api.operation import Operation, view
from web.api.operations import OPERATIONS
from web.api.problems import with_version
from web.reply import reply, settings, site

bp = Blueprint("api", __name__, url_prefix=BASE)
csrf.exempt(bp)  # no cookie counts here: nobody can be made to ask something unknowingly


def _limited(operation: Operation) -> Callable[..., Response]:
    rate, scope = (seldom, "api-dear") if operation.dear else (often, "api")
    limited: Callable[..., Response] = limiter.shared_limit(rate, scope, key_func=who)(view(operation))
    return limited


for _operation in OPERATIONS:
    _path = _operation.path.replace("{", "<").replace("}", ">")
    bp.add_url_rule(_path, _operation.name, _limited(_operation), methods=[_operation.method])
bp.after_request(with_version)


@bp.get("/openapi.json")
def openapi() -> Response:
    """The document, for everyone and every site."""
    return jsonify(document(settings(), site()))


@bp.get("/docs")
def docs() -> Response:
    """The same to read."""
    return reply("api.html", {"ok": True, "document": document(settings(), site())})
