"""The queries in graph_schema/README.md run on the seed graph in a real server."""

import re

import pytest

from kennismakelaar import seed
from kennismakelaar.paths import GRAPH_SCHEMA
from kennismakelaar.store_neo4j import Neo4jStore
from tests.conftest import Server

pytestmark = pytest.mark.neo4j
QUERIES = re.findall(r"```cypher\n(.*?)```", (GRAPH_SCHEMA / "README.md").read_text("utf-8"), re.DOTALL)


def test_every_query_of_the_readme_finds_something_in_the_seed(neo4j_store: Neo4jStore, server: Server) -> None:
    neo4j_store.put(*seed.read())
    assert len(QUERIES) == 10
    empty = [query for query in QUERIES if not server.cypher(query)]
    assert empty == []
