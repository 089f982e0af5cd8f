"""Personal links: who has one may open one page, without an account. Only the hash of its token is kept."""

import hashlib
import secrets
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from kennismakelaar.errors import NotFound
from kennismakelaar.language import gettext as _
from kennismakelaar.language import marked
from kennismakelaar.model import Change, Record
from kennismakelaar.store import RecordStore

KIND = "link"
"""Of the records that hold links; the id of each is the hash of its token."""
BITS = 192
"""Of chance in a token: so many that no hash of it needs a salt."""
DEAD = marked(
    "Deze link werkt niet, of niet meer. Hij is verlopen of al gebruikt, of er mist een stukje van. "
    "Kijk in de laatste mail die u van ons kreeg, of vraag de kennismakelaar om een nieuwe."
)


@dataclass(frozen=True)
class Link:
    """What a token opens."""

    page: str
    """The address before the token, such as '/kennismaking'."""
    about: str
    """What is on that page, in words of whoever made the link."""
    until: str
    """The last moment (ISO 8601, UTC) at which it works."""
    used: str = ""
    """The moment at which it was used up."""
    version: int = 0


def mint(link: Link) -> tuple[str, Record]:
    """A new token, and the record that must be written before anyone gets it."""
    token = secrets.token_urlsafe(BITS // 8)
    return token, _as_record(link, _hash(token))


def find(store: RecordStore, page: str, token: str, now: datetime) -> Link:
    """What the token opens on this page; NotFound, in the same words, where it opens nothing or nothing any more."""
    try:
        record = store.record(KIND, _hash(token))
    except NotFound as error:
        raise NotFound(_(DEAD)) from error
    link = Link(**record.body, version=record.version)
    if link.page != page or link.used or datetime.fromisoformat(link.until) < now:
        raise NotFound(_(DEAD))
    return link


def use_up(link: Link, token: str, now: datetime) -> Record:
    """To write together with what it was used for: of two who use it at once, one gets a Conflict."""
    return _as_record(replace(link, used=f"{now.isoformat()} {secrets.token_hex(4)}"), _hash(token))


def clear(store: RecordStore, now: datetime) -> int:
    """Erase links that no longer work; how many that were."""
    over = [(KIND, r.id) for r in store.records(KIND) if datetime.fromisoformat(r.body["until"]) < now]
    store.write(Change(gone_records=over))
    return len(over)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _as_record(link: Link, hash: str) -> Record:
    body = asdict(link)
    return Record(KIND, hash, body, (f"about:{link.about}",), body.pop("version"))
