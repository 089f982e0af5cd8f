"""What becomes of each row: new, changed, the same or refused. Nothing is written in the graph."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rapidfuzz import fuzz

from kennismakelaar import erased, export, resolve
from kennismakelaar.edit import readable
from kennismakelaar.encode import Progress
from kennismakelaar.errors import NotFound, Refused
from kennismakelaar.history import flat
from kennismakelaar.imports.drafts import Draft, as_changed, as_new, draft, keys_of
from kennismakelaar.imports.mapping import Reading, Readings, missing
from kennismakelaar.imports.origin import NUMBERED, Origin
from kennismakelaar.imports.rows import Listing, Row
from kennismakelaar.imports.spool import Fate, Planned, Problem, Spool
from kennismakelaar.language import gettext as _
from kennismakelaar.language import said
from kennismakelaar.model import Edge, Node
from kennismakelaar.resolve import address, plain
from kennismakelaar.schema import schema
from kennismakelaar.store import Store, batches

BATCH = 500
"""Rows that are looked up together."""
ALIKE = 85
"""Likeness of names (rapidfuzz token set ratio, 0 to 100) from which two records with one website are the same."""


def make(listing: Listing, readings: Readings, origin: Origin, planner: "Planner", progress: Progress) -> None:
    """Plan all rows of a list into the spool of the planner."""
    planner.learn(origin)
    for sheet in listing.sheets:
        reading = readings.get(sheet.name)
        if reading is not None and reading.kind:
            for rows in batches(sheet.rows(), BATCH):
                planner.take(rows, reading, origin)
                progress(len(rows))
    planner.tie(origin)
    planner.settle()


@dataclass
class Planner:
    """A graph, read only, and the spool in which the plan grows."""

    store: Store
    spool: Spool
    count: int = 0
    """Rows so far."""

    def learn(self, origin: Origin) -> None:
        """By what each record of the graph can be found, also by its number in this source."""
        for node in self.store.nodes():
            numbers = [s.section for s in node.sources if s.document == origin.document]
            keys = [*keys_of(node), *(f"source:{number}" for number in numbers)]
            keys += [f"numbered:{node.id}"] if any(number.startswith(NUMBERED) for number in numbers) else []
            self.spool.add_keys((node.kind, key, node.id, None) for key in keys)

    def take(self, rows: Sequence[Row], reading: Reading, origin: Origin) -> None:
        """A batch of rows, without their relations."""
        drafts = [draft(row, reading) for row in rows]
        found = [self._match(made) if not made.problems else (None, ()) for made in drafts]
        olds = {node.id: node for node in self.store.nodes(ids={id for id, _ in found if id})}
        for made, (id, problems) in zip(drafts, found, strict=True):
            self.count += 1
            self._plan(replace(made, problems=(*made.problems, *problems)), olds.get(id or ""), reading, origin)

    def _plan(self, made: Draft, old: Node | None, reading: Reading, origin: Origin) -> None:
        """One row, matched: compared, checked, and put in the spool with its ties."""
        source = origin.source(made.row, made.number)
        problems = list(made.problems)
        id = old.id if old else made.id or ("" if problems else self._new_id(made))
        node = as_changed(made, old, source) if old else as_new(made, id, source)
        if not problems:
            problems += self._claimed(made, id, old is None)
            problems += [*_wrong(node, reading, new=old is None), *self._erased(node)]
        before, after = (flat(old) if old else None), flat(node)
        fate = Fate.NEW if old is None else Fate.SAME if before == after else Fate.CHANGED
        row = made.row
        name = made.name or node.name or id
        planned = Planned(self.count, row.sheet, row.number, fate, id, name, dict(row.cells), before, after)
        if problems:
            planned = replace(planned, fate=Fate.REFUSED, problems=tuple(problems))
        self.spool.add([planned])
        if not problems:
            keys = [*keys_of(node), f"claim:{id}"] if old is None else [f"claim:{id}"]
            self.spool.add_keys((made.kind, key, id, self.count) for key in keys)
        self.spool.add_ties((self.count, *tie) for tie in made.ties)

    def _erased(self, node: Node) -> Iterator[Problem]:
        """Who asked to be erased does not come back."""
        try:
            erased.refuse(self.store, [node])
        except Refused:
            yield Problem("", node.name, _("deze persoon is op verzoek gewist en komt niet terug; haal de rij weg"))

    def _match(self, made: Draft) -> tuple[str | None, tuple[Problem, ...]]:
        """The record of the graph that a row is surely about, if any; or why that cannot be told."""
        if made.id:
            return self._by_id(made)
        for key in ([f"source:{NUMBERED}{made.number}"] if made.number else []) + list(made.keys):
            if found := [id for id, _, n in self.spool.find(key, [made.kind]) if n is None]:
                return found[0], ()
        if made.number and (same := self._named(made)) and self._numbered(same[0]):
            return None, ()
        found = [id for id in self._named(made) if not self._elsewhere(made, id)]
        if len(found) > 1:
            text = _(
                "dit kan meer dan één record zijn: %(known)s; zet een van deze id's in een kolom id",
                known=", ".join(found),
            )
            return None, (Problem("", made.name, text),)
        return (found[0], ()) if found else (self._by_website(made), ())

    def _by_id(self, made: Draft) -> tuple[str | None, tuple[Problem, ...]]:
        id = made.id
        if not self.spool.find(f"id:{id}"):
            try:
                id = resolve.redirect(self.store, id)
            except NotFound:
                return None, ()
        kinds = [kind for _, kind, n in self.spool.find(f"id:{id}") if n is None]
        if kinds and made.kind not in kinds:
            label = said(schema().nodes[kinds[0]].label)
            return None, (Problem("", made.id, _("dit id is al van een %(label)s; kies een ander", label=label)),)
        return id if kinds else None, ()

    def _named(self, made: Draft) -> list[str]:
        return [id for id, _, n in self.spool.find(f"name:{plain(made.name)}", [made.kind]) if n is None]

    def _numbered(self, id: str) -> bool:
        """The record has another number in this source, so it is another thing."""
        return any(n is None for _, _, n in self.spool.find(f"numbered:{id}"))

    def _elsewhere(self, made: Draft, id: str) -> bool:
        """The row says a place, the record has one, and neither lies in the other."""
        said = {
            place
            for relation, _, item in made.ties
            if relation == ">located_in"
            for place, _, _ in self.spool.find(f"name:{plain(item)}", ["place"])
        }
        has = (
            {e.target for e in self.store.edges(ids=[id]) if e.kind == "located_in" and e.source == id}
            if said
            else set()
        )
        return bool(said and has) and not self._around(said) & has and not said & self._around(has)

    def _around(self, places: set[str]) -> set[str]:
        """The places and all they are part of."""
        found, waiting = set(places), set(places)
        while waiting:
            edges = list(self.store.edges(ids=waiting))
            waiting = {e.target for e in edges if e.kind == "part_of" and e.source in waiting} - found
            found |= waiting
        return found

    def _by_website(self, made: Draft) -> str | None:
        """The only one with this website, if its name is alike as well; a website may be of several records."""
        found = self.spool.find(f"website:{address(str(made.values.get('website', '')))}", [made.kind])
        if len(found) != 1 or found[0][2] is not None:
            return None
        alike = fuzz.token_set_ratio(plain(made.name), plain(self.store.get(found[0][0]).name))
        return found[0][0] if alike >= ALIKE else None

    def _claimed(self, made: Draft, id: str, new: bool) -> Iterator[Problem]:
        """Two rows about one thing are refused, since nobody can tell which is right."""
        rows = [n for _, _, n in self.spool.find(f"claim:{id}")]
        if not rows and new and not (made.id or made.number):
            rows = [n for _, _, n in self.spool.find(f"name:{plain(made.name)}", [made.kind]) if n is not None]
        if rows:
            text = _("een eerdere rij gaat hier ook over; voeg ze samen, of geef elke rij een eigen id of nummer")
            yield Problem("", made.name or id, text)

    def _new_id(self, made: Draft) -> str:
        base = readable(made.name)
        tries = [base, *([f"{base}-{readable(made.number)}"] if made.number else [])]
        number = 2
        while self.spool.find(f"id:{tries[0]}"):
            tries = tries[1:] or [f"{base}-{number}"]
            number += 1
        return tries[0]

    def tie(self, origin: Origin) -> None:
        """Look up what each row names; a row that names what we do not know is refused."""
        for row, relation, header, item in self.spool.ties():
            source = origin.source(Row(row.sheet, row.line, {}), "")
            found = self._other(row, relation, item)
            if isinstance(found, str) and row.fate is Fate.REFUSED:
                continue
            if isinstance(found, str):
                ends = (row.id, found) if relation[0] == ">" else (found, row.id)
                self._add_edge(Edge(relation[1:], *ends, (source,)), row)
            else:
                self.spool.refuse(row.n, [replace(found, column=header, value=item)])

    def _other(self, row: Planned, relation: str, item: str) -> str | Problem:
        """The id of what is meant by a name, or why that cannot be told."""
        rule = schema().edges[relation[1:]]
        kinds = rule.target if relation[0] == ">" else rule.source
        found = self.spool.find(f"id:{item}", kinds) or self.spool.find(f"name:{plain(item)}", kinds)
        ids = [id for id, _, _ in found if id != row.id]
        if len(ids) == 1:
            return ids[0]
        labels = _(" of ").join(said(schema().nodes[kind].label) for kind in kinds)
        if not ids:
            return Problem(
                "",
                "",
                _("dit kennen wij niet als %(labels)s; kijk de spelling na of voeg het eerst toe", labels=labels),
            )
        return Problem(
            "", "", _("dit kan meer dan één ding zijn: %(known)s; schrijf een van deze id's", known=", ".join(ids))
        )

    def _add_edge(self, edge: Edge, row: Planned) -> None:
        """Unless it is in the graph, which only a row about what is there can have."""
        there = (edge.kind, edge.source, edge.target)
        if row.old and any((e.kind, e.source, e.target) == there for e in self.store.edges(ids=[row.id])):
            return
        body = json.dumps(flat(edge), ensure_ascii=False)
        self.spool.add_edges([(edge.source, edge.kind, edge.target, row.n, body)])

    def keep(
        self, sheet: str, line: int, thing: Node | Edge, old: Node | Edge | None, wrong: tuple[Problem, ...]
    ) -> None:
        """A record or relation as it is, with what is wrong with it."""
        self.count += 1
        before, after = (flat(old) if old else None), flat(thing)
        fate = Fate.REFUSED if wrong else Fate.NEW if old is None else Fate.SAME if before == after else Fate.CHANGED
        cells = {"record": json.dumps(after, ensure_ascii=False)}
        if isinstance(thing, Node):
            self.spool.add([Planned(self.count, sheet, line, fate, thing.id, thing.name, cells, before, after, wrong)])
            return
        id = f"{thing.source} {thing.kind} {thing.target}"
        self.spool.add([Planned(self.count, sheet, line, fate, id, id, cells, problems=wrong)])
        if fate in (Fate.NEW, Fate.CHANGED):
            self.spool.add_edges([(thing.source, thing.kind, thing.target, self.count, cells["record"])])

    def settle(self) -> None:
        """Refuse what leans on a row that was refused, until nothing does."""
        while leaning := self.spool.leaning():
            for n, name in leaning:
                text = _("de rij waar dit naar verwijst, is geweigerd; herstel die eerst")
                self.spool.refuse(n, [Problem("", name, text)])
        self.spool.settle()


def _wrong(node: Node, reading: Reading, new: bool) -> Iterator[Problem]:
    """What is missing or does not follow the schema."""
    gaps = [said(rule.label) for name, rule in missing(node.kind, reading) if name not in node.properties]
    headers = {target: header for header, target in reading.columns.items()}
    rules = schema().nodes[node.kind].properties
    empty = [headers[n] for n, rule in rules.items() if rule.required and n in headers and n not in node.properties]
    for label in gaps if new else ():
        yield Problem("", "", _("%(label)s ontbreekt; kies een kolom of geef alle rijen dezelfde waarde", label=label))
    for header in empty:
        yield Problem(header, "", _("dit mag niet leeg zijn; vul het in"))
    if not gaps and not empty:
        yield from _refusal(node, {})


def of_graph(path: Path, planner: Planner) -> None:
    """As make(), for our own export: each record and relation is a row, with the sources that it has.

    Who was erased is passed over.
    """
    nodes, edges, _ = erased.without(planner.store, *export.read_json(path))
    olds = {node.id: node for node in planner.store.nodes(ids=[node.id for node in nodes])}
    there = {(e.kind, e.source, e.target): e for e in planner.store.edges(ids=list(olds))} if olds else {}
    ends = {end for edge in edges for end in (edge.source, edge.target)}
    kinds = {node.id: node.kind for node in (*planner.store.nodes(ids=ends), *nodes)}
    for line, node in enumerate(nodes, 1):
        planner.keep("nodes", line, node, olds.get(node.id), _refusal(node, kinds))
    for line, edge in enumerate(edges, 1):
        old = there.get((edge.kind, edge.source, edge.target))
        planner.keep("edges", line, edge, old, _refusal(edge, kinds))


def _refusal(thing: Node | Edge, kinds: Mapping[str, str]) -> tuple[Problem, ...]:
    said = schema().refusal(thing, kinds)
    return (Problem("", "", said),) if said else ()
