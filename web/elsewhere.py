"""Logging in with an account elsewhere: OpenID Connect (authorization code with PKCE, state and nonce), by Authlib."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from flask import Blueprint, Response, current_app, redirect, request, session
from werkzeug.wrappers import Response as AnyResponse

from kennismakelaar import audit, users
from kennismakelaar.config import Settings
from kennismakelaar.errors import NotFound, ProviderGone, Refused
from kennismakelaar.language import gettext as _
from kennismakelaar.language import marked
from kennismakelaar.users import Role, User
from web.access import TRIES, begin, limiter, ours
from web.reply import broker, reply, settings, site

bp = Blueprint("elsewhere", __name__)
RETURN = "/inloggen/elders/terug"
PATIENCE = 10.0
"""Seconds before a silent provider counts as gone."""
UNSIGNED = ("none", "HS256", "HS384", "HS512")
"""Ways to sign that anyone, or anyone with our secret, could use."""
FAILED = marked("Het inloggen met een account elders is niet gelukt. Probeer het opnieuw.")


@bp.get("/inloggen/elders")
@limiter.limit(TRIES)
def start() -> AnyResponse:
    """On to the provider; afterwards back, and on to ?verder=."""
    session["onward"] = ours(request.args.get("verder", ""))
    try:
        answer: AnyResponse = _provider().authorize_redirect(site() + RETURN)
    except _errors() as error:
        raise ProviderGone(
            _("De dienst waarmee u wilt inloggen, antwoordt niet. Probeer het later opnieuw.")
        ) from error
    return answer


@bp.get(RETURN)
@limiter.limit(TRIES)
def back() -> AnyResponse:
    """Back from the provider: who it is, and whether they may log in here."""
    try:
        claims = _provider().authorize_access_token().get("userinfo")
    except _errors() as error:
        raise Refused(_(FAILED)) from error
    if not claims or not claims.get("sub"):
        raise Refused(_(FAILED))
    identity = users.identity_of(claims["iss"], claims["sub"])
    found, onward = _user(identity, claims), ours(session.get("onward", ""))
    if found is None:
        return _unknown(identity)
    begin(found.name)
    return redirect(onward, 303)


def _user(identity: str, claims: Mapping[str, Any]) -> User | None:
    """Whom an administrator linked, or who has a group with a role; never by an e-mail address, which others may give."""
    found, role = users.by_identity(broker().store, identity), role_of(settings(), claims)
    if found is None and role is not None:
        return users.add_from_elsewhere(broker().store, _free_name(identity, claims), role, identity)
    if found and settings().oidc_roles and not users.has_password(broker().store, found.name):
        if role is None:
            users.remove(broker().store, found.name)
            return None
        if role is not found.role:
            users.change_role(broker().store, found.name, role, audit.SYSTEM)
    return found


def role_of(settings: Settings, claims: Mapping[str, Any]) -> Role | None:
    """The role that the groups of a person give; where there are several the first of the setting."""
    groups = claims.get(settings.oidc_claim) or ()
    given = {groups} if isinstance(groups, str) else set(groups)
    return next((role for group, role in roles(settings.oidc_roles).items() if group in given), None)


@cache
def roles(text: str) -> Mapping[str, Role]:
    """'GROUP=ROLE, GROUP=ROLE' as a table; Refused where it says something else."""
    found = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        group, _sign, role = (part.strip() for part in pair.rpartition("="))
        if not group or role not in list(Role) or role == Role.VISITOR:
            raise Refused(
                _("KENNISMAKELAAR_OIDC_ROLES: %(pair)r moet groep=rol zijn, zoals kennis-staf=medewerker.", pair=pair)
            )
        found[group] = Role(role)
    return found


def _free_name(identity: str, claims: Mapping[str, Any]) -> str:
    """How they are called there, where that is a name here and nobody has it; else something that is free."""
    name = str(claims.get("preferred_username", "")).lower()
    taken = {one.name for one in users.everyone(broker().store)}
    return name if users.NAME.fullmatch(name) and name not in taken else f"elders-{identity[:12]}"


def _unknown(identity: str) -> Response:
    """A code with which an administrator links them: it opens nothing."""
    session.clear()
    return reply("unknown.html", {"ok": False, "code": " ".join(identity[i : i + 4] for i in range(0, 32, 4))}, 403)


def _provider() -> Any:
    """The client of the provider, made once for each website; NotFound where there is none."""
    chosen = settings()
    if not chosen.oidc_issuer:
        raise NotFound(_("Inloggen met een account elders kan hier niet."))
    if "oidc" not in current_app.extensions:
        current_app.extensions["oidc"] = _made(chosen)
    client = current_app.extensions["oidc"]
    known = client.load_server_metadata()
    if known.get("issuer", "").rstrip("/") != chosen.oidc_issuer.rstrip("/"):
        raise Refused(_(FAILED))
    offered = known.get("id_token_signing_alg_values_supported") or ["RS256"]
    known["id_token_signing_alg_values_supported"] = [name for name in offered if name not in UNSIGNED]
    return client


def _made(chosen: Settings) -> Any:
    try:
        from authlib.integrations.flask_client import OAuth
    except ImportError as error:
        raise Refused(_("Inloggen met OpenID Connect vraagt: pip install 'kennismakelaar[oidc]'.")) from error
    return OAuth(current_app).register(
        "elsewhere",
        client_id=chosen.oidc_client_id,
        client_secret=chosen.oidc_client_secret,
        server_metadata_url=f"{chosen.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid profile", "code_challenge_method": "S256", "default_timeout": PATIENCE},
    )


def _errors() -> tuple[type[Exception], ...]:
    """What goes wrong between us and a provider."""
    from authlib.common.errors import AuthlibBaseError
    from joserfc.errors import JoseError
    from requests import RequestException

    return (AuthlibBaseError, JoseError, RequestException, ValueError)
