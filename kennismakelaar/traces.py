"""All that is held about one person, wherever it stands: to hand over, or to erase."""

import gzip
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from kennismakelaar import audit, erased, users
from kennismakelaar.broker import Broker
from kennismakelaar.desk import cases, contact, intake, introductions, links, post
from kennismakelaar.errors import NotFound, Refused
from kennismakelaar.imports import shelf
from kennismakelaar.kinds import PERSON
from kennismakelaar.language import gettext as _
from kennismakelaar.language import marked
from kennismakelaar.model import Change, Edge, Node, Record, as_json, edge_from, node_from
from kennismakelaar.store import Store, insisted

GONE = "[gewist]"
"""What stands where a name, an address or an id of the person stood."""
KEPT = frozenset({erased.KIND, erased.KEY, users.KIND})
"""Kinds of record in which nothing is looked for: hashes, and who may log in, which an administrator ends."""
SEALED = shelf.KIND
"""Pieces of files that wait to be imported: nobody can look in them, so all of them go."""


@dataclass(frozen=True)
class Person:
    """Someone, by all that we can find them with."""

    node: str = ""
    """Id of a person in the graph; empty where they are not in it."""
    cases: tuple[str, ...] = ()
    """Ids of the questions that they asked."""
    contacts: tuple[str, ...] = ()
    """Under which contact data of theirs are kept (`Contact.about`)."""
    words: tuple[str, ...] = ()
    """What they are called and where they can be reached: looked for in everything."""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Finds any of the words as a whole; the longest first."""
        ordered = sorted(self.words, key=lambda word: (-len(word), word))
        return re.compile("|".join(rf"(?<![\w-]){re.escape(word)}(?![\w-])" for word in ordered) or r"(?!)", re.I)

    @property
    def keys(self) -> frozenset[str]:
        """What records that belong to this person carry as a part of their id or as a tag."""
        return frozenset({f"case:{id}" for id in self.cases} | ({f"helper:{self.node}"} if self.node else set()))


@dataclass(frozen=True)
class Traces:
    """What is held: what belongs to the person and goes, and what only mentions them and stays without the mention."""

    person: Person
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    records: tuple[Record, ...]
    mentions: tuple[Node | Edge | Record, ...]
    files: tuple[Path, ...]

    def as_data(self) -> dict[str, Any]:
        """For the person: all of it, as JSON can hold it."""
        mentioned = [asdict(one) if isinstance(one, Record) else as_json(one) for one in self.mentions]
        return {
            "nodes": [as_json(node) for node in self.nodes],
            "edges": [as_json(edge) for edge in self.edges],
            "records": [asdict(record) for record in self.records],
            "mentioned_in": mentioned,
            "files": [path.name for path in self.files],
        }

    def counts(self) -> dict[str, int]:
        """How many there are of each sort, in the words that people see."""
        return {
            _("records van de graaf"): len(self.nodes),
            _("relaties"): len(self.edges),
            _("papieren van het bureau"): len(self.records),
            _("vermeldingen elders"): len(self.mentions),
            _("bestanden met exports"): len(self.files),
        }


def who(store: Store, text: str) -> Person:
    """The person with this id, e-mail address, telephone number or receipt code; NotFound where we know nobody."""
    typed = text.strip()
    found = _by_node(store, typed) or _by_contact(store, typed) or _by_receipt(store, typed)
    if found is None:
        raise NotFound(
            _(
                "Hierbij vinden wij niemand. Zoek op het id van een persoon in de graaf, een e-mailadres, een "
                "telefoonnummer of de code van een vraag."
            )
        )
    return found


def _by_node(store: Store, id: str) -> Person | None:
    node = next(iter(store.nodes(ids=[id])), None)
    if node is None:
        return None
    if node.kind != PERSON:
        raise Refused(
            _("%(id)s is geen persoon. Wissen kan alleen voor mensen; haal dit record weg op zijn eigen pagina.", id=id)
        )
    mine = [record for record in store.records(contact.KIND) if record.id == contact.of_node(id)]
    invited = [one.parties[introductions.Side.HELPER].contact for one in introductions.every(store) if one.helper == id]
    mine += [record for record in store.records(contact.KIND) if record.id in invited and record not in mine]
    words = {node.id, *_names(node.name, *node.aliases), node.text("orcid")}
    return _person(node.id, (), mine, words)


def _by_contact(store: Store, text: str) -> Person | None:
    digits = "".join(sign for sign in text if sign.isdigit())
    mine = [record for record in store.records(contact.KIND) if _reaches(record.body, text, digits)]
    if not mine:
        return None
    about = [record.id.partition("/") for record in mine]
    asked = tuple(id for what, _, id in about if what == contact.CASE)
    node = next((id for what, _, id in about if what == contact.NODE), "")
    known = _by_node(store, node) if any(one.kind == PERSON for one in store.nodes(ids=[node])) else None
    words = {text} | (set(known.words) if known else set())
    return _person(known.node if known else "", asked, mine, words)


def _reaches(body: Mapping[str, Any], text: str, digits: str) -> bool:
    phone = "".join(sign for sign in body["phone"] if sign.isdigit())
    by_mail = "@" in text and body["email"].casefold() == text.casefold()
    return by_mail or (len(digits) >= 8 and bool(phone) and phone[-9:] == digits[-9:])


def _by_receipt(store: Store, code: str) -> Person | None:
    try:
        case = intake.find(store, code)
    except NotFound:
        return None
    mine = [record for record in store.records(contact.KIND) if record.id == contact.of_case(case.id)]
    return _person("", (case.id,), mine, set())


def _person(node: str, asked: tuple[str, ...], mine: Iterable[Record], words: set[str]) -> Person:
    found = list(mine)
    for record in found:
        words |= {record.body["email"], record.body["phone"], *_names(record.body["name"])}
    return Person(node, asked, tuple(record.id for record in found), tuple(sorted(words - {""})))


def _names(*names: str) -> Iterator[str]:
    """Those of two words or more: a first name alone is that of many."""
    yield from (name for name in names if len(name.split()) > 1)


def find(store: Store, person: Person, folder: str = "") -> Traces:
    """Everything in the database and in the folder with exports."""
    own = tuple(store.nodes(ids=[person.node])) if person.node else ()
    ties = tuple(store.edges(ids=[person.node])) if person.node else ()
    papers = [record for record in store.records() if record.kind not in KEPT]
    mine = _mine(papers, person)
    ids = {(record.kind, record.id) for record in mine}
    around: list[Node | Edge | Record] = [node for node in store.nodes() if node.id != person.node]
    around += [edge for edge in store.edges() if person.node not in (edge.source, edge.target)]
    around += [record for record in papers if (record.kind, record.id) not in ids]
    mentions = tuple(one for one in around if person.pattern.search(_text(one)))
    return Traces(person, own, ties, tuple(mine), mentions, tuple(_files(folder, person)))


def _mine(papers: Iterable[Record], person: Person) -> list[Record]:
    """Records about the person, and what hangs on those: links and letters of an introduction, for one."""
    listed = list(papers)
    found = {(r.kind, r.id): r for r in listed if _belongs(r, person)}
    about = {r.id for r in found.values() if r.kind in (introductions.KIND, cases.KIND)} | set(person.contacts)
    for record in listed:
        subject = str(record.body.get("about", ""))
        if record.kind in (post.KIND, links.KIND) and {subject, subject.rpartition("/")[0], *_ends(record)} & about:
            found[record.kind, record.id] = record
    return [found[key] for key in sorted(found)]


def _ends(record: Record) -> Iterator[str]:
    """Who a letter goes to, and whose data it brings along."""
    yield from (str(record.body[name]) for name in ("to", "reveal") if record.body.get(name))


def _belongs(record: Record, person: Person) -> bool:
    if record.kind == contact.KIND:
        return record.id in person.contacts
    if record.kind == cases.KIND:
        return record.id in person.cases
    return bool(person.keys & set(record.tags)) or bool(person.pattern.search(record.id))


def _text(thing: Node | Edge | Record) -> str:
    body = (thing.id, dict(thing.body), thing.tags) if isinstance(thing, Record) else as_json(thing)
    return json.dumps(body, ensure_ascii=False)


def _files(folder: str, person: Person) -> Iterator[Path]:
    """Exports that have the person in them, also inside gzip and zip; Refused where a database stands among them."""
    if folder and any(Path(folder).rglob("*.db*")):
        raise Refused(
            _("In de map met exports (%(folder)s) staat een database. Kies een map met alleen exports.", folder=folder)
        )
    for path in sorted(Path(folder).rglob("*")) if folder and person.words else ():
        if path.is_file() and any(person.pattern.search(part.decode("utf-8", "replace")) for part in _parts(path)):
            yield path


def _parts(path: Path) -> Iterator[bytes]:
    """What is in a file; of an archive all that is in it."""
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                yield from (archive.read(name) for name in archive.namelist())
        elif path.suffix == ".gz":
            yield gzip.decompress(path.read_bytes())
        else:
            yield path.read_bytes()
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        raise Refused(
            _("%(path)s is niet te lezen, dus ook niet op gegevens na te kijken. Haal het weg.", path=path)
        ) from error


def erase(broker: Broker, text: str, by: str, now: datetime, folder: str = "") -> dict[str, int]:
    """Everything of this person goes, at once or not at all; how many things that were.

    Then database and search index are written anew, so that no file holds what was deleted.
    """
    done = insisted(lambda: _erase(broker, who(broker.store, text), by, now, folder))
    for path in done.files:
        path.unlink(missing_ok=True)
    broker.refresh()
    broker.store.purge()
    return done.counts()


def _erase(broker: Broker, person: Person, by: str, now: datetime, folder: str) -> Traces:
    store, found = broker.store, find(broker.store, person, folder)
    clean = [_without(one, person) for one in found.mentions]
    marks = [mark for node in found.nodes for mark in erased.marks(store, node, now)]
    row = audit.row(by, marked("gegevens van iemand gewist"), "", now)
    store.write(
        Change(
            nodes=[one for one in clean if isinstance(one, Node)],
            edges=[one for one in clean if isinstance(one, Edge)],
            records=[*(one for one in clean if isinstance(one, Record)), *marks, row],
            gone_nodes=[node.id for node in found.nodes],
            gone_records=[*((r.kind, r.id) for r in found.records), *((SEALED, r.id) for r in store.records(SEALED))],
        )
    )
    return found


def _without(thing: Node | Edge | Record, person: Person) -> Node | Edge | Record:
    """The same without the words of the person."""
    if isinstance(thing, Record):
        tags = tuple(sorted({person.pattern.sub(GONE, tag) for tag in thing.tags}))
        return replace(thing, body=_cleaned(dict(thing.body), person), tags=tags)
    flat = _cleaned(as_json(thing), person)
    return node_from(flat) if isinstance(thing, Node) else edge_from(flat)


def _cleaned(value: Any, person: Person) -> Any:
    if isinstance(value, str):
        return person.pattern.sub(GONE, value)
    if isinstance(value, Mapping):
        return {person.pattern.sub(GONE, key): _cleaned(one, person) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(one, person) for one in value]
    return value
