"""The graph as a whole: views of it, measures of them, and which ties are missing.

>>> graph = project("organisations")
>>> measure(graph, "brokerage", by="domain").values
"""

from kennismakelaar.network.links import MissingLink, backtest, missing_links
from kennismakelaar.network.measures import Measure, Measured, measure, measures
from kennismakelaar.network.projections import Scope, project
from kennismakelaar.network.views import View, views

__all__ = [
    "Measure",
    "Measured",
    "MissingLink",
    "Scope",
    "View",
    "backtest",
    "measure",
    "measures",
    "missing_links",
    "project",
    "views",
]
