"""What the errors of the Neo4j driver mean, in words fit to show a user."""

import re

from kennismakelaar.errors import StoreError, StoreGone, StoreRefused, Uncertain


def explained(error: Exception, where: str) -> StoreError:
    """Ours for one of the driver: the server, what is wrong, what to do, and what the driver said last."""
    reason = str(getattr(error, "message", None) or error)
    told = f"{type(error).__name__} {getattr(error, 'code', '')} {reason}"
    problem, what = next((problem, what) for pattern, problem, what in PROBLEMS if re.search(pattern, told))
    last = reason.splitlines()[-1] if reason else type(error).__name__
    return problem(f"{where} {what} [{last}]")


PROBLEMS: tuple[tuple[str, type[StoreError], str], ...] = (
    (
        r"^IncompleteCommit",
        Uncertain,
        "viel weg tijdens het bewaren: misschien is het gelukt. Doe het nog eens; dat kan geen kwaad.",
    ),
    (
        r"^WriteServiceUnavailable|'WRITE' server|NotALeader",
        StoreGone,
        "heeft nu geen server die schrijft (geen leider). Lezen kan; probeer het schrijven straks weer.",
    ),
    (
        r"^(ConfigurationError|AuthConfiguration|Certificate|UnsupportedServer)",
        StoreRefused,
        "past niet bij de instellingen. Kijk KENNISMAKELAAR_DATABASE na.",
    ),
    (r"DatabaseUnavailable", StoreGone, "is nog niet klaar met starten, of staat stil. Probeer het straks weer."),
    (
        r"^(\w*ServiceUnavailable|SessionExpired|Connection)",
        StoreGone,
        "antwoordt niet. Kijk of de server draait en of KENNISMAKELAAR_DATABASE klopt; dan werkt alles vanzelf weer.",
    ),
    (
        r"AuthenticationRateLimit",
        StoreRefused,
        "laat even niemand toe na te veel foute wachtwoorden. Kijk KENNISMAKELAAR_NEO4J_PASSWORD na en wacht even.",
    ),
    (
        r"ReadOnly|read-only|read only",
        StoreRefused,
        "is alleen-lezen. Laat de beheerder schrijven toestaan of kies een andere database.",
    ),
    (
        r"Security\.(Forbidden|AuthorizationViolation)",
        StoreRefused,
        "geeft deze gebruiker te weinig rechten. Vraag de beheerder erom.",
    ),
    (
        r"Security\.",
        StoreRefused,
        "kent deze gebruiker of dit wachtwoord niet. Kijk KENNISMAKELAAR_NEO4J_USER en _PASSWORD na.",
    ),
    (r"DatabaseNotFound", StoreRefused, "bestaat niet. Kijk KENNISMAKELAAR_NEO4J_DATABASE na."),
    (
        r"Constraint(Creation|Validation)Failed",
        StoreRefused,
        "heeft dingen met hetzelfde id. Zoek ze met kennismakelaar doctor en haal er een weg.",
    ),
    (r"no such .* index|IndexNotFound", StoreError, "mist een zoekindex. Voer kennismakelaar init uit."),
    (
        r"TransactionTimedOut|LockClientStopped|Transaction\.Terminated",
        StoreError,
        "deed er te lang over; er is niets veranderd. Probeer het later weer.",
    ),
    (r"TransientError", StoreError, "is te druk; er is niets veranderd. Probeer het straks weer."),
    (r"", StoreError, "kan dit niet uitvoeren."),
)
"""What a driver error means: the first pattern that fits its class, code and message."""
