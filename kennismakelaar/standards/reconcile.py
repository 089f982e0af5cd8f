"""Names of others matched with ours: the Reconciliation Service API 0.2 (W3C Entity Reconciliation CG, 2023)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from kennismakelaar import personal, resolve, text
from kennismakelaar.broker import Broker
from kennismakelaar.errors import Refused
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Node, Value
from kennismakelaar.schema import schema
from kennismakelaar.standards.identity import other

VERSION = "0.2"
MOST_QUERIES, MOST_CANDIDATES, MOST_IDS = 50, 50, 200
USUAL = 5
"""Candidates, where a query does not say how many."""
NEAR = 20
"""Records with the most alike runs of letters that are looked at for a name."""
OF_NAME = 0.8
"""Share of the name in a score where a query also gives properties."""
CERTAIN = 0.9
"""Score from which the one record with the same name is a match: with properties, at least half of them agree."""
FOUND = 1.0
"""Likeness of names that are the same but for legal forms, accents and capitals."""
PREVIEW = (430, 220)
"""Width and height of a preview, in pixels."""
Json = dict[str, Any]


def manifest(site: str) -> Json:
    """What this service can do."""
    suggest = {
        one: {"service_url": site, "service_path": f"/reconcile/suggest/{one}"}
        for one in ("entity", "type", "property")
    }
    return {
        "versions": [VERSION],
        "name": "Kennismakelaar",
        "identifierSpace": f"{site}/id/",
        "schemaSpace": f"{site}/soort/",
        "documentation": f"{site}/voor-ontwikkelaars",
        "defaultTypes": [type_of(kind) for kind in schema().nodes],
        "view": {"url": f"{site}/id/{{{{id}}}}"},
        "preview": {"url": f"{site}/reconcile/preview?id={{{{id}}}}", "width": PREVIEW[0], "height": PREVIEW[1]},
        "suggest": suggest,
        "extend": {
            "propose_properties": {"service_url": site, "service_path": "/reconcile/properties"},
            "property_settings": [],
        },
    }


def type_of(kind: str) -> Json:
    """A kind of record as a type of this service."""
    return {"id": kind, "name": schema().nodes[kind].label["nl"]}


def _known(broker: Broker) -> resolve.Known:
    return broker.snapshot.once("names to reconcile", lambda: resolve.Known(broker))


def answer(broker: Broker, queries: Any) -> Json:
    """Candidates for each query of a batch, best first; Refused where the batch is not as the specification has it."""
    if not isinstance(queries, dict) or len(queries) > MOST_QUERIES:
        raise Refused(
            _("queries moet een JSON-object zijn met ten hoogste %(most_queries)s vragen.", most_queries=MOST_QUERIES)
        )
    return {name: {"result": candidates(broker, _query(name, one))} for name, one in queries.items()}


@dataclass(frozen=True)
class Query:
    """One name to match."""

    name: str
    kinds: tuple[str, ...]
    limit: int
    values: tuple[tuple[str, tuple[str, ...]], ...]
    """Properties with what the row of the asker has for them."""


def _query(key: str, given: Any) -> Query:
    if not isinstance(given, dict) or not isinstance(given.get("query", ""), str):
        raise Refused(_("Vraag %(key)s: query ontbreekt of is geen tekst.", key=key))
    limit, kinds = given.get("limit", USUAL), given.get("type", ())
    if not isinstance(limit, int | float) or isinstance(limit, bool):
        raise Refused(_("Vraag %(key)s: limit is geen getal.", key=key))
    wanted = [kinds] if isinstance(kinds, str) else kinds
    if not isinstance(wanted, list | tuple) or not all(isinstance(kind, str) for kind in wanted):
        raise Refused(_("Vraag %(key)s: type moet een soort of een lijst van soorten zijn.", key=key))
    values = tuple(_values(key, given.get("properties", ())))
    name = given.get("query", "")[: text.LONGEST_QUESTION]
    return Query(name, tuple(wanted), max(1, min(MOST_CANDIDATES, int(limit))), values)


def _values(key: str, given: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    if not isinstance(given, list | tuple):
        raise Refused(_("Vraag %(key)s: properties moet een lijst zijn.", key=key))
    for one in given:
        if not isinstance(one, dict) or not isinstance(one.get("pid"), str) or "v" not in one:
            raise Refused(_("Vraag %(key)s: elke property heeft pid en v.", key=key))
        many = one["v"] if isinstance(one["v"], list) else [one["v"]]
        yield one["pid"], tuple(str(v.get("name") or v.get("id", "")) if isinstance(v, dict) else str(v) for v in many)


def candidates(broker: Broker, query: Query) -> list[Json]:
    """Records whose name is alike, best first; a match where one alone has the same name and nothing speaks against it."""
    nodes = [node for node in _near(broker, query) if not query.kinds or node.kind in query.kinds]
    likeness = {node.id: _likeness(broker, query, node) for node in nodes}
    scored = sorted(
        ((_score(broker, query, node, likeness[node.id]), node) for node in nodes), key=lambda one: (-one[0], one[1].id)
    )
    same = [node.id for score, node in scored if likeness[node.id] >= FOUND and score >= CERTAIN]
    return [
        _candidate(node, score, likeness[node.id], same == [node.id])
        for score, node in scored[: query.limit]
        if score > 0
    ]


def _near(broker: Broker, query: Query) -> list[Node]:
    phrase = tuple(text.stem(word) for word in text.tokens(query.name))
    ids = broker.snapshot.named(phrase)
    grams = text.grams(query.name)
    ids |= {id for id, _ in broker.store.lexical("grams", grams, NEAR, query.kinds)} if grams else set()
    ids.add(query.name)  # whoever already has our ids
    return [personal.seen(node, by_staff=False) for node in broker.snapshot.nodes(sorted(ids)).values()]


def _likeness(broker: Broker, query: Query, node: Node) -> float:
    """Of the name and the most alike name of the record, 0 to 1, as in looking for doubles (resolve.alike)."""
    if query.name == node.id:
        return FOUND
    asked = resolve.Compared(_known(broker), Node("", node.kind, query.name), node)
    return FOUND if resolve.same_name(asked) else min(0.99, asked.nearest[0])


def _score(broker: Broker, query: Query, node: Node, likeness: float) -> float:
    """With properties, a part of the score is the share of those of which a value is the same."""
    if not query.values:
        return likeness
    agree = [bool(_plain(values) & _plain(_texts(broker, node, pid))) for pid, values in query.values]
    return OF_NAME * likeness + (1 - OF_NAME) * sum(agree) / len(agree)


def _plain(values: Iterable[str]) -> set[str]:
    return {text.same_name(value) for value in values} - {""}


def _candidate(node: Node, score: float, likeness: float, match: bool) -> Json:
    return {
        "id": node.id,
        "name": node.name,
        "description": node.text("summary"),
        "score": round(100 * score, 1),
        "match": match,
        "type": [type_of(node.kind)],
        "features": [{"id": "name", "value": round(likeness, 3)}],
    }


def properties(kind: str = "") -> list[Json]:
    """What can be fetched of a kind, or of any kind: properties, and relations ('>kind' from it, '<kind' to it)."""
    kinds = [schema().nodes[kind]] if kind in schema().nodes else list(schema().nodes.values())
    hidden = {name for one in kinds for name in one.properties} - {
        name for one in kinds for name in personal.seen_values(one.name, one.properties, by_staff=False)
    }
    own = {name: rule.label["nl"] for one in kinds for name, rule in one.properties.items() if name not in hidden}
    names = {one.name for one in kinds}
    out = {f">{e.name}": e.label["nl"] for e in schema().edges.values() if names & set(e.source)}
    back = {f"<{e.name}": e.inverse["nl"] for e in schema().edges.values() if names & set(e.target)}
    return [{"id": id, "name": name} for id, name in (own | out | back).items()]


def extend(broker: Broker, wanted: Any) -> Json:
    """Values of properties of some records; Refused where it is not as the specification has it."""
    ids, asked = (wanted.get(name) if isinstance(wanted, dict) else None for name in ("ids", "properties"))
    if not isinstance(ids, list) or not isinstance(asked, list) or len(ids) > MOST_IDS:
        raise Refused(_("extend moet ids (ten hoogste %(most_ids)s) en properties hebben.", most_ids=MOST_IDS))
    pids = [one["id"] for one in asked if isinstance(one, dict) and isinstance(one.get("id"), str)]
    names = {one["id"]: one["name"] for one in properties()}
    if unknown := [pid for pid in pids if pid not in names] or (["?"] if len(pids) < len(asked) else []):
        raise Refused(_("Eigenschap %(value)r bestaat niet. Kijk in /reconcile/properties.", value=unknown[0]))
    nodes = broker.snapshot.nodes([id for id in ids if isinstance(id, str)])
    seen = {id: personal.seen(node, by_staff=False) for id, node in nodes.items()}
    rows = {str(id): {pid: _cells(broker, seen.get(str(id)), pid) for pid in pids} for id in ids}
    return {"meta": [_meta(pid, names[pid]) for pid in pids], "rows": rows}


def _meta(pid: str, name: str) -> Json:
    """A relation leads to records; where that is one kind alone, it says so."""
    edge = schema().edges.get(pid[1:]) if pid[0] in "<>" else None
    ends = (edge.target if pid[0] == ">" else edge.source) if edge else ()
    return {"id": pid, "name": name} | ({"type": type_of(ends[0])} if len(ends) == 1 else {})


def _cells(broker: Broker, node: Node | None, pid: str) -> list[Json]:
    if node is None:
        return []
    if pid[0] in "<>":
        return [{"id": end.id, "name": end.name} for end in _ends(broker, node, pid)]
    value = node.properties.get(pid, ())
    return [_cell(one, _type(node, pid)) for one in (value if isinstance(value, tuple) else (value,))]


def _type(node: Node, pid: str) -> str:
    rule = schema().nodes[node.kind].properties.get(pid)
    return rule.type if rule else "text"


def _cell(value: Value, type: str) -> Json:
    if type == "date":
        return {"date": f"{value}T00:00:00Z"}
    if isinstance(value, int):
        return {"int": value}
    return {"float": value} if isinstance(value, float) else {"str": str(value)}


def _ends(broker: Broker, node: Node, pid: str) -> Sequence[Node]:
    edges = [e for e in broker.snapshot.edges([node.id])[node.id] if e.kind == pid[1:]]
    ids = [other(e, node.id) for e in edges if (e.source == node.id) is (pid[0] == ">")]
    return list(broker.snapshot.nodes(ids).values())


def _texts(broker: Broker, node: Node, pid: str) -> list[str]:
    """Values of a property as texts; ends of a relation by all their names."""
    if pid[:1] in ("<", ">"):
        return [name for end in _ends(broker, node, pid) for name in (end.id, end.name, *end.aliases)]
    return [*node.texts(pid)] if pid in node.properties else []


def suggest(broker: Broker, what: str, prefix: str) -> Json:
    """Records, types or properties of which a word begins so, the shortest names first."""
    start = text.fold(prefix).strip()
    if what == "entity":
        found = [_suggested(node) for node in _beginning(broker, start)]
    else:
        listed = [type_of(kind) for kind in schema().nodes] if what == "type" else properties()
        found = [one for one in listed if start in text.fold(one["name"]) or start == one["id"]]
    return {"result": found}


def _beginning(broker: Broker, start: str) -> list[Node]:
    if not start:
        return []
    named = ((len(node.name), node.id, node) for node in _known(broker).nodes.values() if _begins(node, start))
    return [node for _, _, node in sorted(named, key=lambda one: one[:2])[:MOST_CANDIDATES]]


def _begins(node: Node, start: str) -> bool:
    return any(f" {start}" in f" {text.fold(name)}" for name in (node.name, *node.aliases, node.id))


def _suggested(node: Node) -> Json:
    return {"id": node.id, "name": node.name, "description": node.text("summary"), "notable": [type_of(node.kind)]}
