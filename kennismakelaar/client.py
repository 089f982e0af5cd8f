"""The graph of a website elsewhere: the same functions, and the same dataclasses, as of a Broker here.

>>> client = Client("https://kennis.voorbeeld.nl")
>>> client.ask("Wie helpt ons met een dorpswinkel?").matches[0].name
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

from kennismakelaar.broker import Relation
from kennismakelaar.entities import Filter, Neighbourhood
from kennismakelaar.errors import Conflict, Forbidden, KennisError, NotFound, Refused, StoreError, Unauthorised
from kennismakelaar.model import Answer, Edge, Match, Node, Reason, Source, Value

BASE = "/api/v1"
PAGE = 200
"""Records that are asked for at a time."""
ALL = Filter()
ERRORS: Mapping[int, type[KennisError]] = {
    one.status: one for one in (Refused, Unauthorised, Forbidden, NotFound, Conflict)
}
"""By the status of the answer; all others are a StoreError: try again later."""
Json = dict[str, Any]


class Client:
    """A website of Kennismakelaar. Opens no connection before it is asked something; threads may share it."""

    def __init__(self, address: str, key: str = "", patience: float = 30.0) -> None:
        """`key` is one of `kennismakelaar key add`, where one is needed; `patience` is in seconds."""
        if not address.startswith(("https://", "http://")):
            raise Refused(f"{address!r} is geen adres van een website. Schrijf het met https:// ervoor.")
        self.address, self.key, self.patience = address.rstrip("/"), key, patience

    def ask(self, question: str, place: str | None = None, kinds: Sequence[str] = (), limit: int = 10) -> Answer:
        """As Broker.ask; a place that is not known is NotFound."""
        body = {"question": question, "kinds": list(kinds), "limit": limit} | ({"place": place} if place else {})
        found = self._asked("/questions/ask", body=body)
        return Answer(**{**found, "matches": _matches(found["matches"])})

    def show(self, id: str) -> tuple[Node, tuple[Relation, ...]]:
        """As Broker.show; the id of a merged record leads on. Of the other end only id, kind and name are told."""
        found = self._asked(f"/entities/{quote(id, safe='')}")
        return _node(found), tuple(_relation(one) for one in found["relations"])

    def similar(self, id: str, limit: int = 5) -> tuple[Match, ...]:
        """As Broker.similar."""
        return _matches(self._asked(f"/entities/{quote(id, safe='')}/similar", {"limit": limit})["items"])

    def entities(self, wanted: Filter = ALL) -> Iterator[Node]:
        """The records that entities.find finds, in order of id; place and theme may be names too."""
        chosen = {
            "kind": wanted.kind,
            "place": wanted.place,
            "theme": wanted.theme,
            "text": wanted.text,
            "modifiedSince": wanted.modified_since.isoformat() if wanted.modified_since else "",
        }
        given = {name: value for name, value in chosen.items() if value}
        page = 1
        while True:
            found = self._asked("/entities", {**given, "page": page, "pageSize": PAGE})
            yield from map(_node, found["items"])
            if page * PAGE >= found["total"]:
                return
            page += 1

    def neighbourhood(self, id: str, depth: int = 1, limit: int = 500) -> Neighbourhood:
        """As entities.neighbourhood."""
        found = self._asked(f"/entities/{quote(id, safe='')}/neighbourhood", {"depth": depth, "limit": limit})
        nodes, edges = map(_node, found["entities"]), map(_edge, found["relations"])
        return Neighbourhood(tuple(nodes), tuple(edges), found["complete"])

    def _asked(self, path: str, query: Mapping[str, object] | None = None, body: Json | None = None) -> Json:
        """The answer as JSON; an error of ours where it is none."""
        address = f"{self.address}{BASE}{path}" + (f"?{urlencode(query)}" if query else "")
        data = None if body is None else json.dumps(body).encode()
        request = Request(address, data, {"Accept": "application/json"})
        if data:
            request.add_header("Content-Type", "application/json")
        if self.key:  # not to where an answer leads on
            request.add_unredirected_header("Authorization", f"Bearer {self.key}")
        try:
            with urlopen(request, timeout=self.patience) as answer:
                found: Json = json.load(answer)
                return found
        except HTTPError as error:
            with error:
                raise ERRORS.get(error.code, StoreError)(_said(error)) from None
        except (URLError, HTTPException, OSError, ValueError) as error:
            raise StoreError(f"{self.address} geeft geen antwoord. Probeer het later nog eens.") from error


def _said(error: HTTPError) -> str:
    try:
        return str(json.load(error)["detail"])
    except (ValueError, KeyError, TypeError):
        return f"De website zegt: {error.code} {error.reason}."


def snake(name: str) -> str:
    """The name in graph_schema of a name in camelCase."""
    return re.sub("[A-Z]", lambda capital: f"_{capital[0].lower()}", name)


def _properties(values: Json) -> dict[str, Value]:
    return {snake(name): tuple(value) if isinstance(value, list) else value for name, value in values.items()}


def _sources(listed: list[Json]) -> tuple[Source, ...]:
    return tuple(Source(**one) for one in listed)


def _node(found: Json) -> Node:
    named = (found["id"], found["kind"], found["name"], tuple(found["aliases"]))
    return Node(*named, _sources(found["sources"]), _properties(found["properties"]))


def _edge(found: Json) -> Edge:
    ends = (found["kind"], found["source"], found["target"])
    return Edge(*ends, _sources(found["sources"]), _properties(found["properties"]))


def _relation(found: Json) -> Relation:
    return Relation(_edge(found), Node(**found["other"]), found["sentence"])


def _matches(listed: list[Json]) -> tuple[Match, ...]:
    return tuple(Match(**{**one, "reasons": tuple(Reason(**reason) for reason in one["reasons"])}) for one in listed)
