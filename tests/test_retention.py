"""Nothing is kept longer than its period, and it goes by itself."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kennismakelaar import audit, retention
from kennismakelaar.desk import cases, contact, links
from kennismakelaar.desk.cases import Case, State
from kennismakelaar.desk.contact import Contact
from kennismakelaar.desk.links import Link
from kennismakelaar.model import Change, Record
from kennismakelaar.store import Store

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=731)


@pytest.fixture
def kept(store: Store) -> Store:
    """One of each that goes in time, and one of each that stays."""
    moment = NOW.isoformat(timespec="seconds")
    open_case = Case("zaak-open", "Een vraag", moment, moment)
    closed = replace(open_case, id="zaak-dicht", state=State.DONE)
    records = [
        cases.as_record(open_case),
        cases.as_record(closed),
        Record("introduction", "kennis-1", {}, ("case:zaak-dicht",)),
        Record("introduction", "kennis-2", {}, ("case:zaak-open",)),
        contact.keep(Contact("case/zaak-open", "om te antwoorden", "2026-06-01", email="a@voorbeeld.nl"), NOW.date()),
        links.mint(Link("/kennismaking", "kennis-1", "2026-06-01T00:00:00+00:00"))[1],
        audit.row("anna", "zaak gezien", "zaak-open", NOW),
        audit.row("anna", "zaak gezien", "zaak-open", LATER),
        Record("letter", "weg", {"state": "verstuurd", "since": moment}),
        Record("letter", "wacht", {"state": "wacht", "since": moment}),
        Record("report", "af", {"state": "doorgevoerd", "closed": moment}),
        Record("report", "open", {"state": "open", "closed": ""}),
    ]
    store.write(Change(records=records))
    return store


def there(store: Store) -> set[tuple[str, str]]:
    return {(record.kind, record.id) for record in store.records() if record.kind not in ("audit", "task")}


def test_what_is_over_goes_and_what_hangs_on_a_closed_case_goes_with_it(kept: Store) -> None:
    assert retention.plan(kept, NOW) == []
    planned = retention.plan(kept, LATER)
    assert len(planned) == 7
    assert len(there(kept)) == 10
    assert retention.apply(kept, LATER) == planned
    assert there(kept) == {
        ("case", "zaak-open"), ("introduction", "kennis-2"), ("letter", "wacht"), ("report", "open"),
    }  # fmt: skip
    assert {row.what for row in audit.rows(kept)} == {"zaak gezien", "bewaartermijn voorbij: 7 gewist"}


def test_contact_data_may_be_used_on_their_last_day_and_are_gone_the_day_after(kept: Store) -> None:
    assert "contact" not in {one.kind for one in retention.plan(kept, datetime(2026, 6, 1, 23, 59, tzinfo=UTC))}
    assert "contact" in {one.kind for one in retention.plan(kept, datetime(2026, 6, 2, 0, 1, tzinfo=UTC))}


def test_it_is_done_once_a_day_whichever_worker_asks(kept: Store) -> None:
    assert retention.daily(kept, LATER)
    assert retention.daily(kept, LATER + timedelta(hours=1)) is None
    assert retention.daily(kept, LATER + timedelta(days=1)) == []
