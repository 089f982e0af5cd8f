"""Keys with which programs use the API: what each may do, until when, and how long ago it was used."""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from kennismakelaar.errors import Conflict, NotFound, Refused, Unauthorised
from kennismakelaar.language import gettext as _
from kennismakelaar.language import marked
from kennismakelaar.model import Change, Record
from kennismakelaar.store import RecordStore, held
from kennismakelaar.users import NAME

KIND = "key"
"""Of the records that hold keys; the id of each is the hash of the key, which itself is kept nowhere."""
PREFIX = "kmk_"
"""Of every key, so that people and programs that search for leaked secrets know what it is."""
RANDOM_BYTES = 32
"""So many that no hash of a key needs a salt, and none can be guessed."""
LONGEST = timedelta(days=731)
"""That a key may last."""


class Scope(StrEnum):
    """What a key is for."""

    READ = "read"
    NETWORK = "network"
    CASES_READ = "cases:read"
    CASES_WRITE = "cases:write"


MEANING = {
    Scope.READ: marked("alles lezen wat openbaar is, vaker achter elkaar dan zonder sleutel"),
    Scope.NETWORK: marked("maten van het netwerk laten uitrekenen"),
    Scope.CASES_READ: marked("zaken van het bureau lezen"),
    Scope.CASES_WRITE: marked("stappen zetten in zaken van het bureau"),
}


@dataclass(frozen=True)
class Key:
    """A key as we know it: not the key itself."""

    name: str
    scopes: tuple[Scope, ...]
    until: str
    """The last day (ISO 8601) on which it works."""
    used: str = ""
    """The last day on which it was used; empty: never."""


def add(store: RecordStore, name: str, scopes: tuple[Scope, ...], days: int, today: date) -> str:
    """Make a key and say it, once; Refused where the name is taken or wrong, or it would last too long."""
    if not NAME.fullmatch(name):
        raise Refused(
            _("Naam %(name)r kan niet. Gebruik kleine letters, cijfers, punt of streepje (2 tot 40 tekens).", name=name)
        )
    if any(key.name == name for key in everyone(store)):
        raise Refused(
            _(
                "Een sleutel met de naam %(name)r is er al. Kies een andere naam, of trek die sleutel eerst in.",
                name=name,
            )
        )
    if not timedelta() < timedelta(days=days) <= LONGEST:
        raise Refused(_("%(days)s dagen kan niet. Kies van 1 tot %(most)s.", days=days, most=LONGEST.days))
    secret = PREFIX + secrets.token_urlsafe(RANDOM_BYTES)
    until = (today + timedelta(days=days)).isoformat()
    body = {"name": name, "scopes": sorted(set(scopes)), "until": until, "used": ""}
    store.write(Change(records=[Record(KIND, _hash(secret), body)]))
    return secret


def everyone(store: RecordStore) -> Iterator[Key]:
    """All keys, by name."""
    yield from sorted((_key(record) for record in store.records(KIND)), key=lambda key: key.name)


def revoke(store: RecordStore, name: str) -> None:
    """The key works no longer; NotFound where there is none of that name."""
    found = [(KIND, record.id) for record in store.records(KIND) if record.body["name"] == name]
    if not found:
        raise NotFound(_("Een sleutel met de naam %(name)r is er niet.", name=name))
    store.write(Change(gone_records=found))


def check(store: RecordStore, secret: str, today: date) -> Key:
    """The key that was shown, which counts as used today; Unauthorised where it is none or its time has passed."""
    record = held(store, KIND, _hash(secret))
    if record is None or date.fromisoformat(record.body["until"]) < today:
        raise Unauthorised(_("Deze sleutel werkt niet, of niet meer. Vraag de beheerder om een nieuwe."))
    if record.body["used"] != today.isoformat():
        with suppress(Conflict):  # another process wrote the same day
            store.write(Change(records=[replace(record, body={**record.body, "used": today.isoformat()})]))
    return _key(record)


def _key(record: Record) -> Key:
    body = record.body
    return Key(body["name"], tuple(Scope(scope) for scope in body["scopes"]), body["until"], body["used"])


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
