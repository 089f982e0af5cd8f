"""The house style of who runs the website: a folder with tokens of NL Design System, which come after ours."""

from pathlib import Path

from flask import Response, send_from_directory

from kennismakelaar.config import Settings
from kennismakelaar.errors import Refused
from kennismakelaar.language import gettext as _

FOLDER = "huisstijl/"
"""Where its files are, below the address of ours."""
TOKENS, DARK, MARK = "theme.css", "dark.css", "mark.svg"


def files(settings: Settings) -> frozenset[str]:
    """Which of the files that we look for it has; none without a house style. Refused if the tokens are missing."""
    if not settings.house_style:
        return frozenset()
    found = frozenset(name for name in (TOKENS, DARK, MARK) if (Path(settings.house_style) / name).is_file())
    if TOKENS not in found:
        folder = settings.house_style
        raise Refused(_("KENNISMAKELAAR_HOUSE_STYLE is %(folder)r: daar staat geen theme.css.", folder=folder))
    return found


def send(settings: Settings, name: str) -> Response:
    """A file of the house style, also one that its tokens name, such as a font."""
    return send_from_directory(Path(settings.house_style).resolve(), name)
