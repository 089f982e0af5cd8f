"""What was kept in Dutch is read by each in their own language."""

import pytest

from kennismakelaar import language
from kennismakelaar.happened import told


@pytest.mark.parametrize(
    ("kept", "english"),
    [
        ("nieuw → verhelderd", "new → clarified"),
        ("toegewezen aan anna", "assigned to anna"),
        ("steunpunt aangenomen", "steunpunt accepted"),
        ("stopgezet (kennismaking met Steunpunt Dorpen)", "stopped (introduction to Steunpunt Dorpen)"),
        ("begonnen met 3 vragen", "begun with 3 questions"),
        ("stand: open → onderzoek", "state: open → research"),
        ("De mailserver weigerde de mail (code 550).", "The mail server refused the mail (code 550)."),
        ("nee", "nee"),
        ("wat een collega zelf schreef", "wat een collega zelf schreef"),
        ("", ""),
    ],
)
def test_what_happened_is_told_in_the_language_of_the_reader(kept: str, english: str) -> None:
    with language.speaking("en"):
        assert told(kept) == english
    assert told(kept) == kept
