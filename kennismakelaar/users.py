"""Who may log in: names, roles and passwords."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from kennismakelaar.errors import NotFound, Refused
from kennismakelaar.model import Change, Record
from kennismakelaar.store import RecordStore

KIND = "user"
"""Of the records that hold users."""
NAME = re.compile(r"[a-z][a-z0-9.-]{1,39}")
SHORTEST_PASSWORD = 12
"""Letters; NIST SP 800-63B (2017) asks for length, not for a mix of signs."""
HASHER = PasswordHasher()
"""Argon2id with the parameters of RFC 9106, section 4, the second choice: 64 MiB."""
NOBODY = HASHER.hash("niemand")
"""Checked where there is no such user, so that an answer takes as long and tells nothing."""


class Role(StrEnum):
    """What someone is here for; a visitor has not logged in."""

    VISITOR = "bezoeker"
    STAFF = "medewerker"
    RESEARCHER = "onderzoeker"
    ADMIN = "beheerder"


@dataclass(frozen=True)
class User:
    """Someone at the website."""

    name: str
    role: Role


VISITOR = User("", Role.VISITOR)


def add(store: RecordStore, name: str, role: Role, password: str) -> User:
    """Make a user; Refused where the name is taken or wrong, or the password too weak."""
    if not NAME.fullmatch(name):
        raise Refused(f"Naam {name!r} kan niet. Gebruik kleine letters, cijfers, punt of streepje (2 tot 40 tekens).")
    if any(record.id == name for record in store.records(KIND)):
        raise Refused(f"Gebruiker {name!r} bestaat al. Kies een andere naam.")
    if len(password) < SHORTEST_PASSWORD:
        raise Refused(f"Het wachtwoord is te kort. Neem er een van ten minste {SHORTEST_PASSWORD} tekens.")
    if name in password.lower() or len(set(password)) < 5:
        raise Refused("Dit wachtwoord is te makkelijk te raden. Neem een zin die alleen u kent.")
    body = {"role": role, "password": HASHER.hash(password), "since": datetime.now(UTC).isoformat(timespec="seconds")}
    store.write(Change(records=[Record(KIND, name, body)]))
    return User(name, role)


def find(store: RecordStore, name: str) -> User:
    """The user, or NotFound."""
    return User(name, Role(store.record(KIND, name).body["role"]))


def everyone(store: RecordStore) -> Iterator[User]:
    """All users, by name."""
    yield from (User(record.id, Role(record.body["role"])) for record in store.records(KIND))


def remove(store: RecordStore, name: str) -> None:
    """They can no longer log in, and a session that is open ends; NotFound where there is no such user."""
    find(store, name)
    store.write(Change(gone_records=[(KIND, name)]))


def check(store: RecordStore, name: str, password: str) -> User:
    """The user with this password; Refused, in the same words and time, when name or password is wrong."""
    try:
        record: Record | None = store.record(KIND, name)
    except NotFound:
        record = None
    try:
        HASHER.verify(record.body["password"] if record else NOBODY, password)
    except VerificationError:
        record = None
    if record is None:
        raise Refused("Naam of wachtwoord klopt niet. Probeer het opnieuw of vraag een beheerder om hulp.")
    return User(name, Role(record.body["role"]))
