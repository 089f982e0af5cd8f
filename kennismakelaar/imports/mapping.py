"""Which column of a list is which property or relation: proposed, changed by a person, kept for each source."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice

from rapidfuzz import fuzz

from kennismakelaar.edit import KEPT, readable, ties
from kennismakelaar.errors import Refused
from kennismakelaar.imports.rows import Listing, Sheet, whys
from kennismakelaar.imports.values import items, spoken
from kennismakelaar.language import gettext as _
from kennismakelaar.language import said
from kennismakelaar.model import Change, Record
from kennismakelaar.schema import Property, schema
from kennismakelaar.store import Store, held
from kennismakelaar.text import fold, same_name

KIND = "import_mapping"
"""Of the records that keep the mapping of a source."""
NUMBER = "number"
"""The target of a column with the number that a thing has in the source itself."""
ALIKE = 88
"""Likeness (rapidfuzz ratio, 0 to 100) from which a header is taken for a label with a spelling error."""
SAMPLE, MOST = 60, 0.6
"""Rows that are looked at, and the share of them that must look like something."""
SYNONYMS: Mapping[str, str] = {
    "id": "id",
    NUMBER: "nummer, nr, code, sleutel, external id, extern id, bronnummer",
    "name": "naam, titel, title, organisatienaam, naam organisatie, naam initiatief, initiatief, organisatie, project",
    "aliases": "andere naam, ook bekend als, afkorting, alternate name, alternatieve naam, roepnaam, alias",
    "summary": "beschrijving, omschrijving, samenvatting, description, toelichting, over, korte omschrijving, wat",
    "summary_en": "english description, beschrijving engels, summary en",
    "website": "website, url, site, web, internet, webadres, link, homepage",
    "start": "begonnen in, startjaar, jaar, begin, opgericht, oprichtingsjaar, sinds, start, year incorporated",
    "end": "geëindigd in, eindjaar, gestopt, einde, end year",
    "kvk": "kvk, kvk nummer, kamer van koophandel, dossiernummer",
    "type": "soort, type, categorie, category, rechtsvorm, soort organisatie",
    ">located_in": "plaats, gemeente, woonplaats, stad, town, city, vestigingsplaats, locatie, provincie, municipality",
    ">about": "thema, onderwerp, topic, thema's, onderwerpen, theme, subject",
    "<operates": "organization name, uitvoerder, aanbieder",
}
"""What columns are called beside the labels of the schema."""


@dataclass(frozen=True)
class Reading:
    """How to read one sheet; a sheet without a kind is passed over."""

    kind: str
    columns: Mapping[str, str]
    """Target of each header; columns that are not used are left out."""
    fixed: Mapping[str, str]
    """What every row has that has no column, by target."""


Readings = Mapping[str, Reading]
"""By name of the sheet."""


def targets(kind: str) -> tuple[tuple[str, str], ...]:
    """What a column can be for a kind, with the words for it."""
    rules = schema().nodes[kind].properties
    own = (
        ("name", _("naam")),
        ("aliases", _("ook bekend als")),
        ("id", _("id in onze graaf")),
        (NUMBER, _("nummer in de bron")),
    )
    values = ((name, said(rule.label)) for name, rule in rules.items() if name not in KEPT)
    return (*own, *values, *((tie, _("relatie: %(label)s", label=label)) for tie, label in ties(kind)))


def missing(kind: str, mapping: Reading) -> tuple[tuple[str, Property], ...]:
    """Required properties without a column: every row gets the same value, or new rows are refused."""
    rules = schema().nodes[kind].properties
    return tuple((name, rule) for name, rule in rules.items() if rule.required and name not in mapping.columns.values())


def propose(listing: Listing, store: Store, source: str = "") -> Readings:
    """As it was kept for the source, else by headers and by what is in the columns."""
    kept, known = kept_for(store, source), _known(store)
    return {sheet.name: _again(sheet, kept) or _guess(sheet, listing, known) for sheet in listing.sheets}


def propose_for(sheet: Sheet, kind: str, store: Store) -> Reading:
    """By headers and content, for a kind that a person chose; a sheet without a kind is passed over."""
    if not kind:
        return Reading("", {}, {})
    if kind not in schema().nodes:
        raise Refused(schema().no_kind(kind))
    return Reading(kind, _columns(kind, sheet.headers, samples(sheet, SAMPLE), _known(store)), {})


def _known(store: Store) -> Mapping[str, Collection[str]]:
    return {kind: _names(store, kind) for kind in ("place", "theme")}


def _again(sheet: Sheet, kept: Readings) -> Reading | None:
    """What was kept for a sheet of this name, as far as its columns are still there."""
    found = kept.get(sheet.name)
    if found is not None and not found.kind:
        return found
    if found is None or not set(found.columns) & set(sheet.headers):
        return None
    return Reading(found.kind, {h: t for h, t in found.columns.items() if h in sheet.headers}, found.fixed)


def _guess(sheet: Sheet, listing: Listing, known: Mapping[str, Collection[str]]) -> Reading:
    sample = samples(sheet, SAMPLE)
    guesses = {kind: _columns(kind, sheet.headers, sample, known) for kind in schema().nodes}
    named = _said(f"{sheet.name} {listing.path.stem}")

    def worth(kind: str) -> tuple[bool, int]:
        return kind in named, len(set(guesses[kind].values()) & {name for name, _ in targets(kind)})

    best = max(guesses, key=lambda kind: (worth(kind), kind == "organisation", kind == "initiative"))
    return Reading(best, guesses[best], {})


def _said(text: str) -> set[str]:
    """Kinds of which a name of a file or sheet has the label."""
    words = set(re.findall(r"[a-z']+", fold(text)))
    synonyms = {"programme": {"services", "diensten", "service"}, "organisation": {"organizations", "organization"}}
    return {
        name
        for name, kind in schema().nodes.items()
        if words
        & ({fold(label) for label in (*kind.label.values(), *kind.plural.values())} | synonyms.get(name, set()))
    }


def _columns(
    kind: str, names: Sequence[str], sample: Mapping[str, Sequence[str]], known: Mapping[str, Collection[str]]
) -> dict[str, str]:
    """A target for each header where there is one; each target once, the best header first."""
    allowed = {target for target, _ in targets(kind)}
    scores = (
        (_likeness(name, target, kind), name, target) for name in names for target in allowed if name not in whys()
    )
    found: dict[str, str] = {}
    for score, name, target in sorted(scores, key=lambda s: (-s[0], s[1], s[2])):
        if score >= ALIKE and name not in found and target not in found.values():
            found[name] = target
    if "name" not in found.values():
        rest = [name for name in names if name not in found and {"naam", "name"} & set(same_name(name).split())]
        found |= dict.fromkeys(rest[:1], "name")
    for name in names:
        target = _by_content(sample.get(name, ()), kind, known) if name not in {*found, *whys()} else ""
        if target in allowed and target not in found.values():
            found[name] = target
    return found


def _likeness(header: str, target: str, kind: str) -> float:
    rules = schema().nodes[kind].properties
    labels = [*rules[target].label.values(), target] if target in rules else [target]
    said = [*labels, *SYNONYMS.get(target, "").split(", ")]
    plain = same_name(header.replace("_", " "))
    return max(fuzz.ratio(plain, same_name(one.replace("_", " "))) for one in said)


def _by_content(cells: Sequence[str], kind: str, known: Mapping[str, Collection[str]]) -> str:
    """What most of the cells look like; empty where that is nothing."""
    looks: Mapping[str, Callable[[str], object]] = {
        "website": lambda cell: re.match(r"(https?://|www\.)\S+$", cell),
        "kvk": lambda cell: re.fullmatch(r"\d{8}", cell),
        "start": lambda cell: re.fullmatch(r"(19|20)\d\d", cell),
        ">located_in": lambda cell: all(fold(item) in known["place"] for item in items(cell)),
        ">about": lambda cell: all(fold(item) in known["theme"] for item in items(cell)),
        "summary": lambda cell: len(cell) > 60,
        "type": lambda cell: _is_type(kind, cell),
    }
    if not cells:
        return ""
    return next((target for target, looks_so in looks.items() if _share(looks_so, cells) >= MOST), "")


def _share(looks_so: Callable[[str], object], cells: Sequence[str]) -> float:
    return sum(bool(looks_so(cell)) for cell in cells) / len(cells)


def _is_type(kind: str, cell: str) -> bool:
    rule = schema().nodes[kind].properties.get("type")
    return rule is not None and fold(cell) in spoken(rule.vocabulary)


def _names(store: Store, kind: str) -> set[str]:
    return {fold(name) for node in store.nodes(kind) for name in (node.name, *node.aliases)}


def samples(sheet: Sheet, rows: int = 3) -> dict[str, list[str]]:
    """What stands in the first rows of each column."""
    found: dict[str, list[str]] = {name: [] for name in sheet.headers}
    for row in islice(sheet.rows(), rows):
        for name, cell in row.cells.items():
            found[name].append(cell)
    return found


def check(listing: Listing, mappings: Readings) -> None:
    """Refused where a mapping does not fit the file or the schema, or says nothing of the name."""
    used = {sheet.name: mappings[sheet.name] for sheet in listing.sheets if sheet.name in mappings}
    if not any(mapping.kind for mapping in used.values()):
        raise Refused(_("Kies voor ten minste één blad wat voor soort records erin staan."))
    for name, mapping in used.items():
        where = _("Blad %(name)s: ", name=name) if name else ""
        if mapping.kind:
            _check_sheet(where, mapping)


def _check_sheet(where: str, mapping: Reading) -> None:
    if mapping.kind not in schema().nodes:
        raise Refused(where + schema().no_kind(mapping.kind))
    allowed, chosen = {target for target, _ in targets(mapping.kind)}, list(mapping.columns.values())
    if wrong := [target for target in (*chosen, *mapping.fixed) if target not in allowed]:
        raise Refused(
            _(
                "%(where)s%(wrong)r bestaat niet voor %(kind)s. Kies uit: %(known)s.",
                where=where,
                wrong=wrong[0],
                kind=mapping.kind,
                known=", ".join(sorted(allowed)),
            )
        )
    once = [target for target in chosen if target[0] not in "<>"]
    if twice := [target for target in once if once.count(target) > 1]:
        raise Refused(
            _(
                "%(where)stwee kolommen zijn %(value)s. Kies er één.",
                where=where,
                value=dict(targets(mapping.kind))[twice[0]],
            )
        )
    if not {"name", "id"} & set(chosen):
        raise Refused(_("%(where)sgeen kolom is de naam. Kies welke kolom de naam is.", where=where))


def keep(store: Store, source: str, mappings: Readings) -> None:
    """For the next list of this source."""
    id = readable(source)
    kept = held(store, KIND, id)
    body = {"source": source, "sheets": {name: asdict(mapping) for name, mapping in mappings.items()}}
    store.write(Change(records=[Record(KIND, id, body, (), kept.version if kept else 0)]))


def kept_for(store: Store, source: str) -> Readings:
    """What was kept for a source; empty where nothing was."""
    kept = held(store, KIND, readable(source)) if source else None
    return {name: Reading(**mapping) for name, mapping in kept.body["sheets"].items()} if kept else {}


def sources(store: Store) -> Iterator[str]:
    """Names of the sources of which a mapping is kept."""
    yield from (record.body["source"] for record in store.records(KIND))
