"""Every measure by its name: what it means, where its definition comes from, and how to work it out."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any, cast

import networkx as nx
import yaml

from kennismakelaar import language
from kennismakelaar.errors import Refused
from kennismakelaar.language import gettext as _
from kennismakelaar.network import (
    betweenness,
    brokerage,
    communities,
    degrees,
    influence,
    mixing,
    paths,
    prediction,
    structure,
)
from kennismakelaar.network.arrays import Result, Values, arrays

FUNCTIONS: Mapping[str, Callable[..., Result]] = {
    "degree": degrees.degree,
    "in-degree": degrees.in_degree,
    "out-degree": degrees.out_degree,
    "strength": degrees.strength,
    "betweenness": betweenness.betweenness,
    "closeness": paths.closeness,
    "harmonic": paths.harmonic,
    "eigenvector": influence.eigenvector,
    "pagerank": influence.pagerank,
    "hub": influence.hub,
    "authority": influence.authority,
    "k-core": degrees.core,
    "clustering": degrees.clustering,
    "constraint": brokerage.constraint,
    "effective-size": brokerage.effective_size,
    "brokerage": partial(brokerage.brokerage, role="total"),
    **{f"brokerage-{role}": partial(brokerage.brokerage, role=role) for role in brokerage.ROLES},
    "articulation-points": brokerage.articulation_points,
    "communities": communities.communities,
    "bow-tie": structure.bow_tie,
    "bridges": brokerage.bridges,
    "resource-allocation": prediction.resource_allocation,
    "adamic-adar": prediction.adamic_adar,
    "embedding": prediction.embedding,
    "density": structure.density,
    "components": structure.components,
    "path-length": paths.path_length,
    "diameter": paths.diameter,
    "mean-clustering": degrees.mean_clustering,
    "transitivity": degrees.transitivity,
    "small-world": structure.small_world,
    "modularity": communities.modularity,
    "community-stability": communities.stability,
    "degree-assortativity": mixing.degree_assortativity,
    "attribute-assortativity": mixing.attribute_assortativity,
    "homophily": mixing.homophily,
    **{f"{method}-auc": partial(prediction.auc, method=method) for method in prediction.SCORES},
}
BOUNDS: Mapping[str, tuple[float, float]] = {
    "damping": (0.0, 0.999),
    "draws": (1, 100),
    "limit": (1, 1_000_000),
    "resolution": (0.001, 1_000.0),
    "runs": (2, 1_000),
    "seed": (0, 2**32 - 1),
}
"""Of parameters that are numbers, both ends included."""


@dataclass(frozen=True)
class Measure:
    """A row of measures.yaml with its function."""

    name: str
    label: Mapping[str, str]
    """In Dutch (nl) and English (en), as all texts here."""
    meaning: Mapping[str, str]
    """One sentence for who is no expert."""
    scope: str
    """What has a value: node, edge (a pair of nodes) or graph."""
    source: str
    """Who defined it: author, year, title."""
    codes: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    """Where values are numbers of categories: what each stands for."""

    @property
    def function(self) -> Callable[..., Result]:
        """Takes arrays and the parameters."""
        return FUNCTIONS[self.name]

    @property
    def parameters(self) -> Mapping[str, Any]:
        """What can be chosen, with the usual value."""
        found = list(inspect.signature(self.function).parameters.values())[1:]
        fixed = self.function.keywords if isinstance(self.function, partial) else {}
        return {parameter.name: parameter.default for parameter in found if parameter.name not in fixed}


@dataclass(frozen=True)
class Measured:
    """A measure of one graph."""

    name: str
    values: Values
    """By node id, by pair of ids, or one figure; what has no value (a constraint without ties) is left out."""
    parameters: Mapping[str, Any]
    """All of them, also those that were not given."""
    exact: bool
    """No for an estimate."""
    note: str
    """In Dutch: what was estimated, how and with which error, or what was left out; often empty."""
    note_en: str
    """The same in English."""

    @property
    def said(self) -> str:
        """The note in the language that is spoken."""
        return {"nl": self.note, "en": self.note_en}[language.current()]

    @property
    def scope(self) -> str:
        """What has a value: node, edge or graph."""
        return measures()[self.name].scope

    @property
    def nodes(self) -> dict[str, float]:
        """The values of a measure of nodes."""
        return cast(dict[str, float], self.values)

    @property
    def pairs(self) -> dict[tuple[str, str], float]:
        """The values of a measure of pairs (edge)."""
        return cast(dict[tuple[str, str], float], self.values)

    @property
    def figure(self) -> float:
        """The value of a measure of the graph."""
        return cast(float, self.values)


@cache
def measures() -> Mapping[str, Measure]:
    """All measures, in the order in which people see them."""
    texts = yaml.safe_load(Path(__file__).with_name("measures.yaml").read_text("utf-8"))
    return {name: Measure(name, **row) for name, row in texts.items()}


def measure(graph: "nx.Graph[str]", name: str, **parameters: Any) -> Measured:
    """Work out one measure of any networkx graph with ids that are texts.

    Refused where the measure or a parameter does not exist, the graph is empty, or the measure cannot be had of it.
    """
    chosen = measures().get(name)
    if chosen is None:
        raise Refused(_("Maat %(name)r bestaat niet. Kies uit: %(known)s.", name=name, known=", ".join(measures())))
    if not len(graph):
        raise Refused(_("Dit netwerk is leeg. Er valt niets te meten."))
    used = {**chosen.parameters, **_checked(chosen, parameters)}
    found = chosen.function(arrays(graph), **used)
    return Measured(name, found.values, used, found.exact, found.note, found.note_en)


def _checked(chosen: Measure, given: Mapping[str, Any]) -> Mapping[str, Any]:
    for name, value in given.items():
        if name not in chosen.parameters:
            known = ", ".join(chosen.parameters) or _("geen")
            told = {"name": chosen.name, "parameter": name, "known": known}
            raise Refused(_("De maat %(name)r heeft geen parameter %(parameter)r. Dit kan: %(known)s.", **told))
        _check_value(name, value, chosen.parameters[name])
    return given


def _check_value(name: str, value: Any, usual: Any) -> None:
    fits = (int, float) if type(usual) is float else (type(usual),)
    if type(value) not in fits:
        raise Refused(_("%(name)s: %(value)r past niet. Geef iets als %(usual)r.", name=name, value=value, usual=usual))
    low, high = BOUNDS.get(name, (value, value))
    if not low <= value <= high:
        bounds = {"name": name, "value": value, "low": low, "high": high}
        raise Refused(_("%(name)s: %(value)r kan niet. Kies van %(low)s tot %(high)s.", **bounds))
