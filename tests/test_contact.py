"""Contact data: kept for a purpose, until a day, and never repeated in what goes wrong."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kennismakelaar.desk import contact
from kennismakelaar.desk.contact import Contact
from kennismakelaar.errors import KennisError, NotFound, Refused
from kennismakelaar.model import Change
from kennismakelaar.store import Store

TODAY = date(2026, 3, 2)
NOOR = Contact(
    "case/zaak-1",
    "om te antwoorden op uw vraag",
    "2026-06-01",
    "Noor de Vries",
    "noor@voorbeeld.nl",
    "06 1234 5678",
)


def keep(store: Store, one: Contact = NOOR) -> None:
    store.write(Change(records=[contact.keep(one, TODAY)]))


def test_what_is_kept_is_found_until_its_last_day_and_not_after(store: Store) -> None:
    keep(store)
    assert contact.find(store, "case/zaak-1", date(2026, 6, 1)) == replace(NOOR, version=1)
    with pytest.raises(NotFound, match="voorbij"):
        contact.find(store, "case/zaak-1", date(2026, 6, 2))
    assert not contact.has(store, "case/zaak-1", date(2026, 6, 2))
    assert not contact.has(store, "case/zaak-2", TODAY)


def test_what_may_no_longer_be_kept_is_erased(store: Store) -> None:
    keep(store)
    keep(store, replace(NOOR, about="case/zaak-2", until="2027-01-01"))
    assert contact.clear(store, date(2026, 6, 2)) == 1
    assert [record.id for record in store.records(contact.KIND)] == ["case/zaak-2"]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"email": "", "phone": ""}, "e-mailadres of een telefoonnummer"),
        ({"email": "noor@voorbeeld"}, "e-mailadres klopt niet"),
        ({"email": "noor@voorbeeld.nl\nBcc: iedereen@voorbeeld.nl"}, "e-mailadres klopt niet"),
        ({"phone": "bel me maar"}, "telefoonnummer klopt niet"),
        ({"purpose": " "}, "waarvoor"),
        ({"name": "x" * 201}, "te lang"),
        ({"until": "2026-03-01"}, "einddatum"),
        ({"until": "2029-03-01"}, "einddatum"),
    ],
)
def test_wrong_contact_data_are_refused_in_words_that_do_not_repeat_them(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(Refused, match=why) as refusal:
        contact.keep(replace(NOOR, **changes), TODAY)
    assert not any(value and value in str(refusal.value) for value in changes.values() if len(value) > 1)


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=30))
def test_whatever_is_typed_gives_a_record_or_a_refusal_without_it(name: str, email: str, phone: str) -> None:
    one = Contact("case/zaak-1", "om te antwoorden", "2026-06-01", name, email, phone)
    said = ""
    try:
        said = "".join(contact.keep(one, TODAY).body[key] for key in ("name", "email", "phone"))
    except KennisError as error:
        assert len(email) < 8 or email not in str(error)  # noqa: PT017
    assert "\n" not in said


def test_contact_data_do_not_show_when_python_prints_them() -> None:
    assert not any(secret in repr(NOOR) for secret in (NOOR.name, NOOR.email, NOOR.phone))


def test_a_longer_period_replaces_what_is_there(store: Store) -> None:
    keep(store)
    read = contact.find(store, NOOR.about, TODAY)
    keep(store, replace(read, until=str(TODAY + timedelta(days=300))))
    assert contact.find(store, NOOR.about, TODAY).until == "2026-12-27"
