"""Operations on the network as a whole: its views, and measures of them."""

from kennismakelaar.errors import NotFound
from kennismakelaar.language import gettext as _
from kennismakelaar.language import marked
from kennismakelaar.network import measure as measure_one
from kennismakelaar.network import measures as all_measures
from kennismakelaar.network import project, published
from kennismakelaar.network import views as all_views
from kennismakelaar.network.measures import Measured
from web.api import models
from web.reply import broker


def views() -> models.Views:
    """All views."""
    return models.Views(items=[models.View.model_validate(view) for view in all_views().values()])


def measures() -> models.Measures:
    """All measures."""
    return models.Measures(items=[models.Measure.model_validate(one) for one in all_measures().values()])


def measure(view: str, measure: str) -> models.Measured:
    """One measure of a view, with its usual parameters, on the graph with people under pseudonyms."""
    for wanted, there, what in ((view, all_views(), marked("Beeld")), (measure, all_measures(), marked("Maat"))):
        if wanted not in there:
            raise NotFound(
                _(
                    "%(what)s %(wanted)r bestaat niet. Kies uit: %(options)s.",
                    what=_(what),
                    wanted=wanted,
                    options=", ".join(there),
                )
            )
    found = measure_one(project(view, published.read(broker().store)), measure)
    return models.Measured(view=view, measure=measure, exact=found.exact, note=found.note, items=[*_figures(found)])


def _figures(found: Measured) -> list[models.Figure]:
    if found.scope == "graph":
        return [models.Figure(value=float(found.figure))]
    if found.scope == "edge":
        return [models.Figure(id=a, target=b, value=float(value)) for (a, b), value in sorted(found.pairs.items())]
    return [models.Figure(id=id, value=float(value)) for id, value in sorted(found.nodes.items())]
