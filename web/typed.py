"""What was typed or chosen in a form, read the same way on every page."""

from enum import StrEnum
from typing import TypeVar

from flask import request

from kennismakelaar.desk import casework
from kennismakelaar.desk.cases import Step
from kennismakelaar.errors import Refused
from kennismakelaar.language import gettext as _
from web.access import current

State = TypeVar("State", bound=StrEnum)


def typed(field: str) -> str:
    """Without spaces around it; empty where there is no such field."""
    return request.form.get(field, "").strip()


def version() -> int:
    """Which version of a thing someone looked at when they filled in the form."""
    return request.form.get("versie", 0, type=int)


def by(field: str = "") -> Step:
    """Who does this now, with the reason that stands in a field."""
    return casework.by(current().name, typed(field) if field else "")


def state(states: type[State], name: str) -> State:
    """The state of this name; Refused where there is none."""
    try:
        return states(name)
    except ValueError as error:
        known = ", ".join(_(one) for one in states)
        raise Refused(_("Stand '%(name)s' bestaat niet. Kies uit: %(known)s.", name=name, known=known)) from error
