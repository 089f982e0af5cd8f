"""Which database a URL names."""

from pathlib import Path

from kennismakelaar.config import Settings
from kennismakelaar.errors import Refused
from kennismakelaar.language import gettext as _
from kennismakelaar.store import Store
from kennismakelaar.store_embedded import EmbeddedStore


def open_store(url: str, settings: Settings) -> Store:
    """The database that a URL names; Refused where it names none."""
    scheme, _sign, rest = url.partition("://")
    if scheme == "sqlite" and rest.startswith("/") and len(rest) > 1:
        # as elsewhere: sqlite:///file is relative to the working folder, sqlite:////file is absolute
        return EmbeddedStore(Path(rest[1:]))
    if scheme.split("+")[0] in ("neo4j", "bolt"):
        from kennismakelaar.store_neo4j import Neo4jStore

        return Neo4jStore(
            url, settings.neo4j_user, settings.neo4j_password, settings.neo4j_database, settings.neo4j_patience
        )
    raise Refused(
        _(
            "Database %(url)r is geen goed adres. Gebruik sqlite:///bestand.db, neo4j://server of bolt://server:7687.",
            url=url,
        )
    )
