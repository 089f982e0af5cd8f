"""What the errors of the Neo4j driver mean, in words fit to show a user."""

import re

from kennismakelaar.errors import StoreError, StoreGone, StoreRefused, Uncertain
from kennismakelaar.language import gettext as _
from kennismakelaar.language import marked


def explained(error: Exception, url: str, database: str) -> StoreError:
    """Ours for one of the driver: the server, what is wrong, what to do, and what the driver said last."""
    reason = str(getattr(error, "message", None) or error)
    told = f"{type(error).__name__} {getattr(error, 'code', '')} {reason}"
    problem, what = next((problem, what) for pattern, problem, what in PROBLEMS if re.search(pattern, told))
    last = reason.splitlines()[-1] if reason else type(error).__name__
    where = _("Neo4j op %(url)s (database %(database)s)", url=url, database=database)
    return problem(f"{where} {_(what)} [{last}]")


def no_address(url: str) -> StoreRefused:
    """For what is no address of a server."""
    return StoreRefused(_("%(url)s is geen adres van Neo4j: dat begint met neo4j://, neo4j+s:// of bolt://.", url=url))


def too_old(url: str, agent: str) -> StoreRefused:
    """For a server that cannot do what we need."""
    return StoreRefused(
        _(
            "Op %(url)s draait %(agent)s; nodig is Neo4j 5.26 of nieuwer. Werk de server bij.",
            url=url,
            agent=agent,
        )
    )


PROBLEMS: tuple[tuple[str, type[StoreError], str], ...] = (
    (
        r"^IncompleteCommit",
        Uncertain,
        marked("viel weg tijdens het bewaren: misschien is het gelukt. Doe het nog eens; dat kan geen kwaad."),
    ),
    (
        r"^WriteServiceUnavailable|'WRITE' server|NotALeader",
        StoreGone,
        marked("heeft nu geen server die schrijft (geen leider). Lezen kan; probeer het schrijven straks weer."),
    ),
    (
        r"^(ConfigurationError|AuthConfiguration|Certificate|UnsupportedServer)",
        StoreRefused,
        marked("past niet bij de instellingen. Kijk KENNISMAKELAAR_DATABASE na."),
    ),
    (
        r"DatabaseUnavailable",
        StoreGone,
        marked("is nog niet klaar met starten, of staat stil. Probeer het straks weer."),
    ),
    (
        r"^(\w*ServiceUnavailable|SessionExpired|Connection)",
        StoreGone,
        marked(
            "antwoordt niet. Kijk of de server draait en of KENNISMAKELAAR_DATABASE klopt; dan werkt alles vanzelf weer."
        ),
    ),
    (
        r"AuthenticationRateLimit",
        StoreRefused,
        marked(
            "laat even niemand toe na te veel foute wachtwoorden. Kijk KENNISMAKELAAR_NEO4J_PASSWORD na en wacht even."
        ),
    ),
    (
        r"ReadOnly|read-only|read only",
        StoreRefused,
        marked("is alleen-lezen. Laat de beheerder schrijven toestaan of kies een andere database."),
    ),
    (
        r"Security\.(Forbidden|AuthorizationViolation)",
        StoreRefused,
        marked("geeft deze gebruiker te weinig rechten. Vraag de beheerder erom."),
    ),
    (
        r"Security\.",
        StoreRefused,
        marked("kent deze gebruiker of dit wachtwoord niet. Kijk KENNISMAKELAAR_NEO4J_USER en _PASSWORD na."),
    ),
    (r"DatabaseNotFound", StoreRefused, marked("bestaat niet. Kijk KENNISMAKELAAR_NEO4J_DATABASE na.")),
    (
        r"Constraint(Creation|Validation)Failed",
        StoreRefused,
        marked("heeft dingen met hetzelfde id. Zoek ze met kennismakelaar doctor en haal er een weg."),
    ),
    (r"no such .* index|IndexNotFound", StoreError, marked("mist een zoekindex. Voer kennismakelaar init uit.")),
    (
        r"TransactionTimedOut|LockClientStopped|Transaction\.Terminated",
        StoreError,
        marked("deed er te lang over; er is niets veranderd. Probeer het later weer."),
    ),
    (r"TransientError", StoreError, marked("is te druk; er is niets veranderd. Probeer het straks weer.")),
    (r"", StoreError, marked("kan dit niet uitvoeren.")),
)
"""What a driver error means: the first pattern that fits its class, code and message."""
