"""Ways to look around without a question: a map, years, letters, words, and what this website is."""

from flask import Blueprint

from kennismakelaar import language
from web.language import in_language
from web.reply import site

bp = Blueprint("explore", __name__)


@bp.app_template_global()
def here() -> str:
    """The whole address of this page, to share it by."""
    return site() + in_language(language.current())
