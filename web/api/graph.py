"""Operations on the graph: records, what is like them and around them, questions, themes, and all of it as lines."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from flask import abort, redirect, request

from kennismakelaar import entities as graph
from kennismakelaar import personal, resolve
from kennismakelaar.entities import Filter
from kennismakelaar.errors import NotFound, Refused
from kennismakelaar.model import Edge, Node
from kennismakelaar.network import published
from web.api import models
from web.api.models import Shape
from web.api.problems import Unknown
from web.reply import broker, site


def entities(query: models.EntityQuery) -> models.EntityPage:
    """Those that were asked for, a page at a time."""
    ids = graph.find(broker(), _filter(query))
    start = (query.page - 1) * query.page_size
    shown = broker().snapshot.nodes(ids[start : start + query.page_size])
    items = [entity(node) for node in shown.values()]
    return models.EntityPage(items=items, total=len(ids), page=query.page, page_size=query.page_size)


def _filter(query: models.EntityQuery) -> Filter:
    """With ids for names; all names that are not known are told together."""
    names = {"place": query.place, "theme": query.theme}
    ids = known({name: partial(graph.named, broker(), name, wanted) for name, wanted in names.items() if wanted})
    return Filter(query.kind or "", ids.get("place", ""), ids.get("theme", ""), query.text or "", query.modified_since)


def known(fields: Mapping[str, Callable[[], str]]) -> dict[str, str]:
    """What each field means; Unknown where one or more mean nothing."""
    found, wrong = {}, {}
    for name, read in fields.items():
        try:
            found[name] = read()
        except (NotFound, Refused) as error:
            wrong[name] = str(error)
    if wrong:
        raise Unknown(wrong)
    return found


def show(id: str) -> models.EntityWithRelations:
    """One record; the id of a merged one leads on."""
    try:
        node, relations = broker().show(id)
    except NotFound:
        abort(redirect(f"{request.path.rpartition('/')[0]}/{resolve.redirect(broker().store, id)}", 301))
    shown = [
        models.Relation(**_edge(one.edge), sentence=one.sentence, other=models.Other.model_validate(one.other))
        for one in relations
    ]
    return models.EntityWithRelations(**_entity(node), relations=shown)


def similar(id: str, query: models.Many) -> models.Matches:
    """Records of the same kind that are most like it."""
    return models.Matches(items=[models.Match.model_validate(one) for one in broker().similar(id, query.limit)])


def neighbourhood(id: str, query: models.Around) -> models.Neighbourhood:
    """What stands around it."""
    found = graph.neighbourhood(broker(), id, query.depth, query.limit)
    return models.Neighbourhood(
        entities=[entity(node) for node in found.nodes],
        relations=[models.Edge(**_edge(edge)) for edge in found.edges],
        complete=found.complete,
    )


def ask(body: models.Question) -> models.Answer:
    """Matches for a question, each with its reasons."""
    if body.place:
        known({"place": lambda: broker().place(body.place or "")})
    return models.Answer.model_validate(broker().ask(body.question, body.place, body.kinds, body.limit))


def themes() -> models.Themes:
    """The whole thesaurus, in order of id."""
    nodes = list(broker().store.nodes("theme"))
    edges = broker().snapshot.edges([node.id for node in nodes])
    return models.Themes(items=[_theme(node, edges[node.id]) for node in nodes])


def _theme(node: Node, edges: Iterable[Edge]) -> models.Theme:
    steps = [edge for edge in edges if edge.kind == "broader"]
    ties = [edge for edge in edges if edge.kind == "related"]
    return models.Theme(
        id=node.id,
        name=node.name,
        description=node.text("summary"),
        words=list(node.texts("citizen_words")),
        broader=sorted(edge.target for edge in steps if edge.source == node.id),
        narrower=sorted(edge.source for edge in steps if edge.target == node.id),
        related=sorted({edge.target if edge.source == node.id else edge.source for edge in ties}),
    )


def export() -> Iterator[str]:
    """Every record and relation as a line of JSON, people under a pseudonym."""
    return _lines(published.read(broker().store), graph.modified(broker()))


def _lines(whole: published.Published, dates: Mapping[str, datetime]) -> Iterator[str]:
    for node in whole.nodes():
        yield _line("entity", models.Entity(**_entity(node, dates)))
    for edge in whole.edges():
        yield _line("relation", models.Edge(**_edge(edge)))


def _line(type: str, shape: Shape) -> str:
    values = {"type": type, **shape.model_dump(mode="json", by_alias=True, exclude_none=True)}
    return json.dumps(values, ensure_ascii=False) + "\n"


def entity(node: Node) -> models.Entity:
    """A record as the API shows it."""
    return models.Entity(**_entity(node))


def _entity(node: Node, dates: Mapping[str, datetime] | None = None) -> dict[str, Any]:
    """What everyone may see, whoever asks."""
    changed = (graph.modified(broker()) if dates is None else dates).get(node.id)
    return vars(personal.seen(node, by_staff=False)) | {
        "address": f"{site()}/{node.kind}/{node.id}",
        "modified": changed,
    }


def _edge(edge: Edge) -> dict[str, Any]:
    return dict(vars(edge))
