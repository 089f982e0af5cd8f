"""A knowledge-broker graph and recommendation engine: who can help, and why."""

__version__ = "0.1.0"
