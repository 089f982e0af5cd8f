"""The graph as a whole: views of it, who connects whom, and which ties are missing."""

from kennismakelaar.network.links import MissingLink, backtest, missing_links
from kennismakelaar.network.projections import Scope, project
from kennismakelaar.network.views import View, views

__all__ = ["MissingLink", "Scope", "View", "backtest", "missing_links", "project", "views"]
