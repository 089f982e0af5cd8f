"""People under pseudonyms: who they are goes from their own records, and their names from all that is written."""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kennismakelaar.kinds import PERSON
from kennismakelaar.model import Edge, Node, Source, digest
from kennismakelaar.schema import schema

PARTICLES = frozenset("de den der het in la le op 't te ten ter van von".split())
"""Words that belong to a surname and stand before it."""
SHORTEST = 3
"""Letters from which a surname by itself says who it is."""
LENGTH = 10
"""Hexadecimal digits of a pseudonym: two people have the same one once in a million million pairs."""


@dataclass(frozen=True)
class Pseudonyms:
    """For each id of a person a pseudonym, and the patterns by which that person is found in texts."""

    ids: Mapping[str, str]
    names: Mapping[str, str]
    """Every form of a name, as _key writes it, to the pseudonym."""
    slugs: Mapping[str, str]
    """As names, as they stand in ids and web addresses."""
    signs: frozenset[str]
    """Of each form one word; a text with none of these has no names, which is quick to see."""
    pattern: re.Pattern[str]
    slug_pattern: re.Pattern[str]

    def text(self, text: str) -> str:
        """The text with pseudonyms for the names of people."""
        words = _words(text)
        if self.signs.isdisjoint(words) and self.signs.isdisjoint(word.removesuffix("s") for word in words):
            return text
        return self.pattern.sub(
            lambda found: self.names[_key(found[1] or found[2])], unicodedata.normalize("NFC", text)
        )

    def id(self, id: str) -> str:
        """The id; of a person the pseudonym, of something that bears someone's name one with the pseudonym in it."""
        if id in self.ids or self.signs.isdisjoint(id.split("-")):
            return self.ids.get(id, id)
        return self.slug_pattern.sub(lambda found: self.slugs[found[0]], id)

    def value(self, name: str, value: Any, kind: str) -> Any:
        """A property without names; None where an address gives a name away."""
        if kind == "url":
            plain = f"-{'-'.join(_words(str(value)))}-"
            return None if any(f"-{slug}-" in plain or slug.replace("-", "") in plain for slug in self.slugs) else value
        if isinstance(value, tuple):
            return tuple(self.text(item) for item in value)
        return self.text(value) if isinstance(value, str) else value


def make(nodes: Sequence[Node], edges: Iterable[Edge], secret: bytes) -> Pseudonyms:
    """Pseudonyms that hold for this graph with this secret (HMAC-SHA-256); another graph has others."""
    content = "".join(sorted([*map(digest, nodes), *map(digest, edges)]))
    key = hmac.digest(secret, content.encode(), "sha256")
    people = sorted((node for node in nodes if node.kind == PERSON), key=lambda node: node.id)
    ids = {node.id: f"persoon-{_hmac(key, node.id)}" for node in people}
    names: dict[str, str] = {}
    given: dict[str, None] = {}
    derived: dict[str, None] = {}
    for node in people:
        for name in (node.name, *node.aliases):
            given[name] = None
            for form in _surnames(name):
                (given if form.split()[0].casefold() in PARTICLES else derived)[form] = None
            for form in (name, *_surnames(name)):
                names.setdefault(_key(form), ids[node.id])
    slugs = {"-".join(_words(name)): pseudonym for name, pseudonym in _by_length(names)}
    slugs = {id: ids[id] for id in ids} | {slug: found for slug, found in slugs.items() if len(slug) >= SHORTEST}
    signs = frozenset(max(_words(name), key=len, default="") for name in names)
    bounded = re.compile(rf"(?<![^-])(?:{'|'.join(slug for slug, _ in _by_length(slugs)) or '(?!)'})(?![^-])")
    return Pseudonyms(ids, names, slugs, signs, _pattern(given, derived), bounded)


def _hmac(key: bytes, id: str) -> str:
    return hmac.new(key, id.encode(), hashlib.sha256).hexdigest()[:LENGTH]


def _by_length(found: Mapping[str, str]) -> list[tuple[str, str]]:
    """The longest first, so that no part of a name stays behind."""
    return sorted(found.items(), key=lambda pair: (-len(pair[0]), pair[0]))


def _key(name: str) -> str:
    """The same for all spellings that the pattern takes for one name."""
    return " ".join(_plain(name).split())


def _plain(text: str) -> str:
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.replace("’", "'"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).casefold()


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", _plain(text))


def _surnames(name: str) -> list[str]:
    """The surname of 'Anna van der Berg': 'van der Berg', and as a list of authors has it, 'Berg, A'."""
    words = name.split()
    start = next((i for i, word in enumerate(words[1:], 1) if word.casefold() in PARTICLES), len(words) - 1)
    if "," in name or start < 1 or len(words[-1]) < SHORTEST:
        return []
    return [" ".join(words[start:]), f"{words[-1]}, {words[0][0]}"]


def _pattern(given: Iterable[str], derived: Iterable[str]) -> re.Pattern[str]:
    """Names that were given in any case; a surname of one word that was not, only as names are written."""
    exact = "|".join(_form(name) for name in sorted(derived, key=lambda name: (-len(name), name)))
    loose = "|".join(_form(name) for name in sorted(given, key=lambda name: (-len(name), name)))
    if not loose:
        return re.compile(r"(?!)")
    return re.compile(rf"(?<!\w)(?:((?i:{loose}))|({exact or '(?!)'}))s?(?!\w)")


def _form(name: str) -> str:
    """A name with any space between its words, with or without its accents, its first particle with or without capital."""
    words = [_letters(word) for word in name.split()]
    if name.split()[0].casefold() in PARTICLES:
        words[0] = f"(?i:{words[0]})"
    return r"\s+".join(words)


def _letters(word: str) -> str:
    return "".join(
        re.escape(letter) if _plain(letter) == letter.casefold() else f"[{letter}{_bare(letter)}]"
        for letter in unicodedata.normalize("NFC", word).replace("’", "'")
    )


def _bare(letter: str) -> str:
    return unicodedata.normalize("NFKD", letter)[0]


def published(
    nodes: Iterable[Node], edges: Iterable[Edge], pseudonyms: Pseudonyms
) -> tuple[tuple[Node, ...], tuple[Edge, ...]]:
    """All records in order, with people under pseudonyms."""
    made = sorted((_node(node, pseudonyms) for node in nodes), key=lambda node: node.id)
    ties = (_edge(edge, pseudonyms) for edge in edges)
    return tuple(made), tuple(sorted(ties, key=lambda edge: (edge.source, edge.kind, edge.target)))


def _node(node: Node, pseudonyms: Pseudonyms) -> Node:
    rules = schema().nodes[node.kind].properties
    id = pseudonyms.id(node.id)
    if node.kind == PERSON:
        kept = {k: v for k, v in node.properties.items() if k in rules and rules[k].type in ("choice", "choices")}
        sources = tuple(replace(s, section="", note="") for s in node.sources)
        return Node(id, node.kind, id, (), _sources(sources, pseudonyms), kept)
    written = {k: pseudonyms.value(k, v, rules[k].type if k in rules else "") for k, v in node.properties.items()}
    properties = {name: value for name, value in written.items() if value is not None}
    aliases = tuple(dict.fromkeys(pseudonyms.text(alias) for alias in node.aliases))
    return Node(id, node.kind, pseudonyms.text(node.name), aliases, _sources(node.sources, pseudonyms), properties)


def _edge(edge: Edge, pseudonyms: Pseudonyms) -> Edge:
    sources = edge.sources
    if {edge.source, edge.target} & set(pseudonyms.ids):
        sources = tuple(replace(source, section="", note="") for source in sources)
    properties = {name: pseudonyms.value(name, value, "") for name, value in edge.properties.items()}
    ends = (pseudonyms.id(edge.source), pseudonyms.id(edge.target))
    return Edge(edge.kind, *ends, _sources(sources, pseudonyms), properties)


def _sources(sources: Iterable[Source], pseudonyms: Pseudonyms) -> tuple[Source, ...]:
    return tuple(
        replace(
            source,
            document=pseudonyms.id(source.document),
            chapter=pseudonyms.text(source.chapter),
            section=pseudonyms.text(source.section),
            note=pseudonyms.text(source.note),
        )
        for source in sources
    )
