"""The second step of logging in: a code of an app (TOTP, RFC 6238), or a recovery code on paper."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pyotp

from kennismakelaar import audit, users, vault
from kennismakelaar.errors import Refused
from kennismakelaar.language import gettext as _
from kennismakelaar.language import marked
from kennismakelaar.store import RecordStore
from kennismakelaar.users import Body

ISSUER = "Kennismakelaar"
PERIOD, AROUND = 30, 1
"""Seconds that a code holds; and how many periods a clock may be off."""
CODES, LETTERS = 10, "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Recovery codes, and the signs in them: none that look alike."""
OTHER_KEY = marked(
    "Codes van uw app werken hier niet meer, want de sleutel van de website is veranderd. Log in met een herstelcode, of "
    "vraag een beheerder om de tweede stap terug te zetten."
)
WRONG = marked("Deze code klopt niet, of is al gebruikt. Wacht op de volgende code in uw app en probeer het opnieuw.")


def begin(store: RecordStore, name: str, key: str) -> str:
    """A secret for the app, the same until it was confirmed; Refused where there is a second step already.

    `key` is the lasting key of the website, here and below; empty where it has none.
    """
    found = _second(store, name)
    if found.get("confirmed"):
        raise Refused(_("U logt al in twee stappen in. Een beheerder kan dat opnieuw laten instellen."))
    if not _secret(found, name, key):
        sealed = vault.seal(pyotp.random_base32(), key, name)
        fresh = {"secret": sealed, "confirmed": False, "last": 0, "codes": []}
        users.change(
            store, name, lambda body: body if _secret(body.get("second", {}), name, key) else {**body, "second": fresh}
        )
    return _secret(_second(store, name), name, key)


def address(name: str, secret: str) -> str:
    """What the app reads from the picture."""
    return pyotp.TOTP(secret, interval=PERIOD, name=name, issuer=ISSUER).provisioning_uri()


def confirm(store: RecordStore, name: str, code: str, now: datetime, key: str) -> list[str]:
    """From now on logging in asks for a code; the recovery codes, which are kept nowhere else."""
    made = [_recovery_code() for _ in range(CODES)]

    def confirmed(body: Body) -> Body:
        found = body.get("second", {})
        step = _step(_secret(found, name, key), found, code, now)
        if found.get("confirmed") or not step:
            raise Refused(_(WRONG))
        second = {**found, "confirmed": True, "last": step, "codes": [_hash(one) for one in made]}
        return {**body, "second": second, "sessions": {}}

    users.change(store, name, confirmed, audit.row(name, marked("tweede stap ingesteld"), name, now))
    return made


def check(store: RecordStore, name: str, code: str, now: datetime, key: str) -> None:
    """Use up a code of the app or a recovery code; Refused where it is wrong or was used before.

    A secret that was kept before the website had a key is sealed with it from then on.
    """

    def used(body: Body) -> Body:
        found = body.get("second", {})
        secret = _secret(found, name, key)
        if step := _step(secret, found, code, now):
            return {**body, "second": {**found, "last": step, "secret": vault.seal(secret, key, name)}}
        left = [one for one in found.get("codes", ()) if not secrets.compare_digest(one, _hash(code))]
        if len(left) == len(found.get("codes", ())):
            raise Refused(_(WRONG if secret or not found else OTHER_KEY))
        return {**body, "second": {**found, "codes": left}}

    users.change(store, name, used)


def reset(store: RecordStore, name: str, by: str) -> None:
    """Who lost phone and paper sets it up again; open sessions end."""
    row = audit.row(by, marked("tweede stap teruggezet"), name)
    users.change(store, name, lambda body: {**body, "second": {}, "sessions": {}}, row)


def _secret(found: Mapping[str, Any], name: str, key: str) -> str:
    """What the app and we know; empty where there is none, or it cannot be read with this key."""
    return vault.unseal(found.get("secret", ""), key, name) or ""


def _step(secret: str, found: Mapping[str, Any], code: str, now: datetime) -> int:
    """The period whose code this is, if it is later than that of the last code that was used; else 0."""
    plain = "".join(code.split())
    if not secret:
        return 0
    generator, present = pyotp.TOTP(secret, interval=PERIOD), int(now.timestamp()) // PERIOD
    around = range(present - AROUND, present + AROUND + 1)
    fits = [step for step in around if secrets.compare_digest(generator.generate_otp(step).encode(), plain.encode())]
    return next((step for step in fits if step > found["last"]), 0)


def _second(store: RecordStore, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = store.record(users.KIND, name).body.get("second") or {}
    return found


def _recovery_code() -> str:
    letters = "".join(secrets.choice(LETTERS) for _ in range(16))
    return "-".join(letters[i : i + 4] for i in range(0, 16, 4))


def _hash(code: str) -> str:
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()
