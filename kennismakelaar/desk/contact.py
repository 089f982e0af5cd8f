"""Names and addresses of people: each kept for one purpose until one day, and in no other place than here."""

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta

from kennismakelaar.errors import NotFound, Refused
from kennismakelaar.language import LANGUAGES
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Change, Record
from kennismakelaar.store import RecordStore, held

KIND = "contact"
"""Of the records that hold contact data; the id of each says whom they belong to."""
CASE, NODE = "case", "node"
"""Before the id of what contact data are kept about: the question of an asker, or a helper in the graph."""
EMAIL = re.compile(r"[\w.+'-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.IGNORECASE | re.ASCII)
PHONE = re.compile(r"\+?[0-9(](?:[ ()-]?[0-9]){7,14}")
LONGEST = timedelta(days=731)
"""That contact data may be kept."""
LONGEST_TEXT = 200
"""Letters of a name or a purpose."""


@dataclass(frozen=True)
class Contact:
    """How someone can be reached. Who and what stands here never stands in an error, a log or a letter that waits."""

    about: str
    """Whom this reaches: `of_case` (who asked), `of_node` (a helper), 'follow/ID' (who follows something)."""
    purpose: str
    """In words that this person read when saying yes, such as 'om u te antwoorden op uw vraag'."""
    until: str
    """The last day (ISO 8601) on which these data may be used; afterwards they are gone."""
    name: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    language: str = LANGUAGES[0]
    """In which this person read our pages last, and so gets letters."""
    version: int = 0


def of_case(id: str) -> str:
    """Under which contact data are kept of who asked a question."""
    return f"{CASE}/{id}"


def of_node(id: str) -> str:
    """Under which contact data are kept of a helper."""
    return f"{NODE}/{id}"


def keep(contact: Contact, today: date) -> Record:
    """The record to write, checked; Refused says what is wrong with it, without repeating what was typed.

    Write it as it is for a new one. To replace what is there, give the contact the version that was read.
    """
    clean = replace(
        contact,
        purpose=" ".join(contact.purpose.split()),
        name=" ".join(contact.name.split()),
        email=contact.email.strip(),
        phone=" ".join(contact.phone.split()),
    )
    if wrong := next(_wrong(clean, today), None):
        raise Refused(wrong)
    body = asdict(clean)
    return Record(KIND, body.pop("about"), body, (), body.pop("version"))


def _wrong(contact: Contact, today: date) -> Iterator[str]:
    if not contact.email and not contact.phone:
        yield _("Vul een e-mailadres of een telefoonnummer in. Anders kunnen wij niemand bereiken.")
    if contact.email and not EMAIL.fullmatch(contact.email):
        yield _("Het e-mailadres klopt niet. Het hoort eruit te zien als naam@voorbeeld.nl.")
    if contact.phone and not PHONE.fullmatch(contact.phone):
        yield _("Het telefoonnummer klopt niet. Gebruik alleen cijfers, spaties en streepjes, zoals 06 1234 5678.")
    if not contact.purpose:
        yield _("Zeg waarvoor wij deze gegevens bewaren.")
    if max(len(contact.name), len(contact.purpose)) > LONGEST_TEXT:
        yield _("De naam of het doel is te lang. Gebruik ten hoogste %(most)s tekens.", most=LONGEST_TEXT)
    if not today <= date.fromisoformat(contact.until) <= today + LONGEST:
        yield _("De einddatum moet na vandaag liggen, en ten hoogste %(years)s jaar verder.", years=LONGEST.days // 365)


def find(store: RecordStore, about: str, today: date) -> Contact:
    """The contact data of someone, or NotFound where there are none or their last day has passed."""
    record = held(store, KIND, about)
    if record is None or date.fromisoformat(record.body["until"]) < today:
        raise NotFound(_("Er zijn geen contactgegevens, of de tijd waarvoor wij ze mochten bewaren is voorbij."))
    return Contact(about=record.id, version=record.version, **record.body)


def has(store: RecordStore, about: str, today: date) -> bool:
    """Can this person be reached?"""
    try:
        return bool(find(store, about, today))
    except NotFound:
        return False


def language_of(store: RecordStore, about: str, today: date) -> str:
    """In which someone gets letters; Dutch for who cannot be reached."""
    return find(store, about, today).language if has(store, about, today) else LANGUAGES[0]


def clear(store: RecordStore, today: date) -> int:
    """Erase what may no longer be kept; how many that were."""
    over = [(KIND, record.id) for record in store.records(KIND) if date.fromisoformat(record.body["until"]) < today]
    store.write(Change(gone_records=over))
    return len(over)
