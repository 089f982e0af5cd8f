"""The queries in graph_schema/README.md run on the seed graph in a real server."""

import re

import pytest

from kennismakelaar.paths import GRAPH_SCHEMA
from tests.conftest import Server

pytestmark = pytest.mark.neo4j
QUERIES = re.findall(r"```cypher\n(.*?)```", (GRAPH_SCHEMA / "README.md").read_text("utf-8"), re.DOTALL)


def test_every_query_of_the_readme_finds_something_in_the_seed(seed_server: Server) -> None:
    assert len(QUERIES) == 10
    empty = [query for query in QUERIES if not seed_server.cypher(query)]
    assert empty == []
