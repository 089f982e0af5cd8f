"""English under /en: the address says the language, and every address on a page stays in it."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response, request
from flask_babel import Babel

from kennismakelaar import happened, language

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]
OTHERS = language.LANGUAGES[1:]
"""Those with a prefix in the address; the first has none."""
OUR_ADDRESS = re.compile(
    rf'(?<!hreflang="nl")(\s(?:href|action|formaction|data-[a-z-]+))="/(?!/|static/|(?:{"|".join(OTHERS)})[/"])'
)


def add(app: Flask) -> None:
    """Take the language from the address, for what we say and for what templates say."""
    app.wsgi_app = _without_prefix(app.wsgi_app)  # type: ignore[method-assign, assignment]
    Babel(
        app,
        default_locale=language.LANGUAGES[0],
        default_translation_directories=str(language.TRANSLATIONS),
        locale_selector=language.current,
        default_timezone="Europe/Amsterdam",
    )
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.globals |= {"language": language.current, "in_language": in_language}
    app.jinja_env.filters |= {
        "capital": language.capital,
        "said": language.said,
        "date": language.date_in_words,
        "number": language.number,
        "told": happened.told,
        "translated": language.gettext,
    }
    app.before_request(_speak)
    app.after_request(_stay)
    app.teardown_request(_forget)


def asked_in(path: str) -> str:
    """The language that a whole address asks for, before it is read further."""
    first = path.lstrip("/").partition("/")[0]
    return first if first in OTHERS else language.LANGUAGES[0]


def in_language(wanted: str) -> str:
    """The address of this page in a language; of the first page where this one answers to a form."""
    prefix = language.root(wanted)
    if request.method != "GET":
        return f"{prefix}/"
    query = request.query_string.decode()
    return f"{prefix}{request.path}{'?' + query if query else ''}"


def _without_prefix(inner: Wsgi) -> Wsgi:
    """What is asked under /en is asked of the same page, with /en as the root of the website."""

    def outer(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if prefix := language.root(asked_in(path)):
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + prefix
            environ["PATH_INFO"] = f"/{path.lstrip('/').partition('/')[2]}"
        return inner(environ, start)

    return outer


def _speak() -> None:
    prefix = request.root_path.strip("/")
    language.speak(prefix if prefix in OTHERS else language.LANGUAGES[0])


def _forget(error: BaseException | None) -> None:
    """What comes after a request in the same thread begins in the first language."""
    language.speak(language.LANGUAGES[0])


def _stay(response: Response) -> Response:
    """One rule here, so that no template and no redirect can forget the language."""
    response.content_language.add(language.current())
    root = request.root_path.rstrip("/")
    if not root:
        return response
    if (location := response.headers.get("Location", "")).startswith("/") and not location.startswith(f"{root}/"):
        response.headers["Location"] = root + location
    if response.mimetype == "text/html" and not response.is_streamed and not response.direct_passthrough:
        response.set_data(OUR_ADDRESS.sub(rf'\1="{root}/', response.get_data(as_text=True)))
    return response
