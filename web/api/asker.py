"""Which program asks: by its key alone, never by a cookie."""

from flask import g, request
from flask_limiter.util import get_remote_address

from kennismakelaar import keys
from kennismakelaar.errors import Forbidden, Unauthorised
from kennismakelaar.keys import Key, Scope
from kennismakelaar.language import gettext as _
from kennismakelaar.moments import now
from web.reply import broker

OFTEN, SELDOM = {True: "1200 per minute", False: "120 per minute"}, {True: "300 per minute", False: "20 per minute"}
"""How often, with and without a key, for each worker; the second of what takes much work."""


def key() -> Key | None:
    """The key that the request shows, or None; Unauthorised where it shows one that does not work."""
    if "api_key" not in g:
        secret = _secret()
        g.api_key = keys.check(broker().store, secret, now().date()) if secret else None
    found: Key | None = g.api_key
    return found


def must_have(scope: Scope) -> Key:
    """The key, which is for this; Unauthorised without one, Forbidden with another."""
    found = key()
    if found is None:
        raise Unauthorised(
            _("Hiervoor is een sleutel nodig. Stuur hem mee in de kop Authorization: Bearer of X-API-Key.")
        )
    if scope not in found.scopes:
        raise Forbidden(
            _(
                "De sleutel %(name)s is er niet voor om te vragen wat %(scope)s vraagt. Vraag de beheerder.",
                name=found.name,
                scope=scope,
            )
        )
    return found


def who() -> str:
    """Whom to count for: the key, or the address where there is none that works."""
    try:
        found = key()
    except Unauthorised:
        found = None
    return f"key/{found.name}" if found else get_remote_address()


def often() -> str:
    """How often this asker may ask."""
    return OFTEN[who().startswith("key/")]


def seldom() -> str:
    """How often this asker may ask what takes much work."""
    return SELDOM[who().startswith("key/")]


def _secret() -> str:
    """What stands behind Bearer; any other sort of Authorization is a key that does not work."""
    if shown := request.headers.get("Authorization"):
        return shown.removeprefix("Bearer ").strip() or shown
    return request.headers.get("X-API-Key", "").strip()
