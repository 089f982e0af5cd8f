"""The sections of a report: each says in words, in a picture and in a table what was found."""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx

from kennismakelaar.network import findings, plots
from kennismakelaar.network.degrees import contacts
from kennismakelaar.network.findings import Broker, Community
from kennismakelaar.network.layout import positions
from kennismakelaar.network.measures import measure, measures
from kennismakelaar.network.plots import Picture
from kennismakelaar.network.published import Published
from kennismakelaar.network.views import views
from kennismakelaar.network.words import Words

MOST = 1_000
"""Records on the map; of more, those with the most contacts."""
LABELS = 24
"""Names on the map."""
SHOWN = 10
"""Communities with a row, a colour and a shape of their own."""
EMPTY = 3
"""Empty squares that are named."""


@dataclass(frozen=True)
class Table:
    """Rows of text as they are shown; columns of numbers stand to the right."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Section:
    """A subject: what it is about, what was found, and the same as picture and as table."""

    name: str
    title: str
    lead: str
    found: tuple[str, ...]
    table: Table
    picture: Picture | None = None
    alt: str = ""
    reasons: tuple[tuple[str, str], ...] = ()
    """Names with why they stand in the table."""

    @property
    def source(self) -> str:
        """The picture as an address, so that the page asks nothing from elsewhere."""
        assert self.picture
        return "data:image/svg+xml;base64," + base64.b64encode(self.picture.svg()).decode()


@dataclass(frozen=True)
class Subject:
    """What the sections speak of."""

    graph: "nx.Graph[str]"
    whole: Published
    names: Mapping[str, str]
    """Of all records, also those that are not in the view."""
    numbers: Mapping[str, int]
    """For each record of the view the number of its community."""
    groups: tuple[Community, ...]
    """All communities that are worth the name, the largest first."""


def _key(subject: Subject, text: Words) -> Section:
    graph = subject.graph
    counts = [len(contacts(graph, id)) for id in graph]
    mean, alone = sum(counts) / len(counts), counts.count(0)
    known = {"nodes": text.count("records", len(graph)), "ties": text.count("ties", graph.number_of_edges())}
    known |= {"mean": text.number(mean, 1), "alone": text.count("records", alone)}
    found = (text("key_count", **known), text("key_note"))
    rows = tuple(
        (
            text.label(measures()[one.name].label),
            text.number(float(one.values)),  # type: ignore[arg-type]
            f"{text.label(measures()[one.name].meaning)} {_note(one, text)}".strip(),
        )
        for one in findings.key_figures(graph)
    )
    lead = text.label(views()[graph.graph["view"]].description)
    return Section("key", text("key_title"), lead, found, Table(text.head("key_head"), rows, frozenset({1})))


def _note(measured: Any, text: Words) -> str:
    return str(measured.note if text.language == "nl" else measured.note_en)


def _brokers(subject: Subject, text: Words) -> Section:
    found, names = findings.brokers(subject.graph), subject.names
    title, lead, head = text("brokers_title"), text("brokers_lead"), text.head("brokers_head")
    rows = tuple(_broker_row(one, subject, text) for one in found)
    table = Table(head, rows, frozenset(range(2, 8)))
    reasons = tuple((names[one.id], _why(one, text)) for one in found)
    pairs = [one for one in found if one.total]
    if not pairs:
        said = () if found else (text("nothing"),)
        return Section("brokers", title, lead, said, table, reasons=reasons)
    first = {"name": names[pairs[0].id], "pairs": text.count("pair", pairs[0].total), "role": _role(pairs[0], text)}
    found_out = [text("brokers_first", **first)]
    bridge = max(pairs, key=lambda one: (one.roles["across"] + one.roles["between"], one.total))
    crossing = bridge.roles["across"] + bridge.roles["between"]
    found_out += [text("brokers_bridge", name=names[bridge.id], pairs=text.count("pair", crossing))] if crossing else []
    shown = [names[one.id] for one in pairs]
    parts = {text(f"role_{role}"): [one.roles[role] for one in pairs] for role in findings.ROLES}
    picture = plots.bars(shown, parts, text("brokers_axis"))
    alt = text("brokers_alt", names=text.both(shown))
    return Section("brokers", title, lead, tuple(found_out), table, picture, alt, reasons)


def _broker_row(one: Broker, subject: Subject, text: Words) -> tuple[str, ...]:
    constraint = "" if one.constraint is None else text.number(one.constraint, 2)
    roles = (text.number(one.roles[role]) for role in findings.ROLES)
    return (subject.names[one.id], text.domain(one.domain), text.number(one.total), *roles, constraint)


def _why(one: Broker, text: Words) -> str:
    worlds = text.both([text.domain(domain) for domain in one.domains]) if one.domains else text("brokers_no_world")
    known = {"contacts": text.count("contacts", one.contacts), "worlds": worlds}
    if not one.total:
        return text("brokers_why_between", **known)
    return text("brokers_why", pairs=text.count("pair", one.total), role=_role(one, text), **known)


def _role(one: Broker, text: Words) -> str:
    return text("role_" + max(one.roles, key=lambda role: one.roles[role]))


def _communities(subject: Subject, text: Words) -> Section:
    groups, names = subject.groups[:SHOWN], subject.names
    title, lead = text("communities_title"), text("communities_lead")
    rows = tuple(
        (
            text("group", number=one.number),
            text.both([names[theme] for theme in one.themes]) if one.themes else text("unknown"),
            text.number(len(one.members)),
            ", ".join(names[id] for id in one.members[: findings.CENTRAL]),
            f"{one.inside:.0%}",
        )
        for one in groups
    )
    table = Table(text.head("communities_head"), rows, frozenset({2, 4}))
    if not groups:
        return Section("communities", title, lead, (text("nothing"),), table)
    labels = [_group_name(one, subject, text) for one in groups]
    stable = measure(subject.graph, "community-stability").values
    first = {"size": text.count("members", len(groups[0].members)), "central": names[groups[0].members[0]]}
    found = [
        text("communities_first", name=labels[0], **first),
        text("communities_stable", share=f"{float(stable) * 100:.0f}"),  # type: ignore[arg-type]
    ]
    if len(subject.groups) > SHOWN:
        found.append(text("communities_more", count=len(subject.groups), shown=SHOWN))
    sizes = {text("communities_axis"): [len(one.members) for one in groups]}
    picture = plots.bars(labels, sizes, text("communities_axis"))
    alt = text("communities_alt", names=text.both(labels))
    return Section("communities", title, lead, tuple(found), table, picture, alt)


def _group_name(one: Community, subject: Subject, text: Words) -> str:
    """Its two most typical themes, or its number."""
    return ", ".join(subject.names[theme] for theme in one.themes[:2]) or text("group", number=one.number)


def _degrees(subject: Subject, text: Words) -> Section:
    graph, counts = subject.graph, findings.degrees(subject.graph)
    busiest = sorted(((len(contacts(graph, id)), id) for id in graph), key=lambda pair: (-pair[0], pair[1]))
    total, half = sum(count for count, _ in busiest), busiest[len(busiest) // 2][0]
    found = [text("degrees_first", name=subject.names[busiest[0][1]], most=busiest[0][0], half=half)]
    if total:
        found.append(text("degrees_share", share=f"{sum(count for count, _ in busiest[:10]) / total:.0%}".rstrip("%")))
    head = text.head("degrees_head")
    rows = tuple((text.number(count), text.number(often)) for count, often in counts)
    picture = plots.columns(counts, *head)
    table = Table(head, rows, frozenset({0, 1}))
    lead, alt = text("degrees_lead"), text("degrees_alt")
    return Section("degrees", text("degrees_title"), lead, tuple(found), table, picture, alt)


def _heat(subject: Subject, text: Words) -> Section:
    heat, names = findings.heat(subject.whole.records, subject.whole.relations), subject.names
    heads = tuple(text.domain(domain) for domain in heat.domains)
    rows = tuple(
        (names[theme], *map(text.number, counts)) for theme, counts in zip(heat.themes, heat.counts, strict=True)
    )
    table = Table((*text.head("heat_head"), *heads), rows, frozenset(range(1, len(heads) + 1)))
    title, lead = text("heat_title"), text("heat_lead")
    if not rows:
        return Section("heat", title, lead, (text("nothing"),), table)
    squares = [
        (count, names[theme], head)
        for theme, counts in zip(heat.themes, heat.counts, strict=True)
        for head, count in zip(heads, counts, strict=True)
    ]
    count, theme, domain = max(squares, key=lambda square: square[0])
    found = [text("heat_first", theme=theme, domain=domain, count=text.count("records", count))]
    empty = [text("heat_pair", theme=theme, domain=head) for count, theme, head in squares if not count]
    found += [text("heat_empty", pairs=text.both(empty[:EMPTY]))] if empty else []
    picture = plots.grid([names[theme] for theme in heat.themes], heads, heat.counts)
    return Section("heat", title, lead, tuple(found), table, picture, text("heat_alt"))


def _map(subject: Subject, text: Words) -> Section:
    order = sorted(subject.graph, key=lambda id: (-len(contacts(subject.graph, id)), id))
    tied = [id for id in order if contacts(subject.graph, id)]
    title, lead = text("map_title"), text("map_lead")
    rows = tuple(_map_row(id, subject, text) for id in order[:MOST])
    table = Table(text.head("map_head"), rows, frozenset({3}))
    if not tied:
        return Section("map", title, lead, (text("nothing"),), table)
    graph = subject.graph.subgraph(sorted(tied[:MOST])).copy()
    largest, *others = sorted(map(len, nx.connected_components(nx.Graph(graph))), reverse=True)
    found = [text("map_parts", largest=text.count("records", largest), parts=text.number(len(others)))]
    alone = len(order) - len(tied)
    found += [text("map_alone", alone=text.count("records", alone))] if alone else []
    found += [text("map_part", shown=text.number(MOST))] if len(tied) > MOST else []
    places = positions(graph, subject.numbers)
    groups = {id: _group_of(subject).get(id, 0) for id in graph}
    picture = plots.network(graph, places, groups, _labelled(graph, places, order))
    alt = text("map_alt", nodes=text.number(len(graph)))
    return Section("map", title, lead, tuple(found), table, picture, alt)


def _group_of(subject: Subject) -> dict[str, int]:
    """For each member of a group that is named, the place of that group."""
    return {id: place for place, one in enumerate(subject.groups[:SHOWN], 1) for id in one.members}


def _map_row(id: str, subject: Subject, text: Words) -> tuple[str, ...]:
    tied = text.number(len(contacts(subject.graph, id)))
    group = next((one for one in subject.groups if id in one.members), None)
    name = _group_name(group, subject, text) if group else ""
    shape = text.head("shapes")[_group_of(subject).get(id, 0)] if tied != "0" else ""
    return (subject.names[id], name, shape, tied)


def _labelled(graph: "nx.Graph[str]", places: Mapping[str, tuple[float, float]], order: Sequence[str]) -> list[str]:
    """The busiest, as long as names stay apart."""
    wide, high = (max(max(axis) - min(axis) for axis in zip(*places.values(), strict=True)) / part for part in (5, 45))
    found: list[str] = []
    for id in order:
        x, y = places.get(id, (0.0, 0.0))
        free = all(abs(places[other][0] - x) > wide or abs(places[other][1] - y) > high for other in found)
        if id in graph and free and len(found) < LABELS:
            found.append(id)
    return found


def _gaps(subject: Subject, text: Words) -> Section:
    found, names = findings.gaps(subject.whole.records, subject.whole.relations), subject.names
    rows = tuple((names[one.theme], text.number(one.questions), text.number(one.helpers)) for one in found)
    table = Table(text.head("gaps_head"), rows, frozenset({1, 2}))
    title, lead = text("gaps_title"), text("gaps_lead")
    if not found:
        return Section("gaps", title, lead, (text("nothing"),), table)
    worst = found[0]
    said = text(
        "gaps_first",
        theme=names[worst.theme],
        questions=text.count("questions", worst.questions),
        helpers=worst.helpers,
    )
    shown = [names[one.theme] for one in found]
    pair = {
        text("gaps_questions"): [one.questions for one in found],
        text("gaps_helpers"): [one.helpers for one in found],
    }
    picture = plots.grouped(shown, pair, text("gaps_axis"))
    return Section("gaps", title, lead, (said,), table, picture, text("gaps_alt", names=text.both(shown)))


def _method(subject: Subject, text: Words) -> Section:
    used = ("brokerage", "betweenness", "constraint", "communities", *findings.KEY)
    rows = tuple(
        (
            text.label(known.label),
            ", ".join(f"{name}={value}" for name, value in known.parameters.items() if value != ""),
            known.source,
        )
        for known in (measures()[name] for name in used)
    )
    return Section("method", text("method_title"), text("method_lead"), (), Table(text.head("method_head"), rows))


SECTIONS: Sequence[Callable[[Subject, Words], Section]] = (
    _key,
    _brokers,
    _communities,
    _map,
    _degrees,
    _heat,
    _gaps,
    _method,
)
