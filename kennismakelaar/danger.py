"""Words that point to danger: the right helpline comes before anything else."""

import re

from kennismakelaar.language import gettext as _
from kennismakelaar.language import marked
from kennismakelaar.text import fold

HELPLINES: tuple[tuple[str, str], ...] = (
    (
        r"\b(zelfmoord|suicid\w*|zelfdoding|einde aan mijn leven|wil(?: niet meer leven| dood)|kill myself|end my life)\b",
        marked(
            "Denkt u aan zelfdoding? Bel 113 of 0800-0113 (gratis, dag en nacht) of chat op 113.nl. Bij direct gevaar: bel 112."
        ),
    ),
    (
        r"\b(slaat mij|slaat me|mishandel\w*|huiselijk geweld|kindermishandeling|verkracht\w*|aangerand|stalk\w*|hits me|abus(?:e|es|ed|ive))\b",
        marked(
            "Is er geweld thuis of een vermoeden daarvan? Bel Veilig Thuis: 0800-2000 (gratis, dag en nacht). Bij direct gevaar: bel 112."
        ),
    ),
    (
        r"\b(pijn op (?:de|zijn|haar|mijn) borst|hartaanval|hartinfarct|beroerte|bewusteloos|reageert niet meer|ademt niet|geen adem|stikt|vergiftig\w*"
        r"|bloedt hevig|overdosis|chest pain|heart attack|stroke|unconscious|not breathing|overdose|choking)\b",
        marked(
            "Is iemands leven in gevaar? Bel nu 112. Is het dringend maar niet levensbedreigend, bel dan uw huisarts of de huisartsenpost."
        ),
    ),
    (
        r"\b(er is brand|staat in brand|brand in (?:huis|de)|ruik(?:en)? gas|gaslucht|gaslek|inbreker|wordt overvallen|met een mes|schiet\w* op|house is on fire"
        r"|smell gas|gas leak|there is a fire|breaking in|with a knife|with a gun)\b",
        marked(
            "Is er nu gevaar? Ga naar een veilige plek en bel 112. Is er geen haast, dan is de politie bereikbaar op 0900-8844."
        ),
    ),
)
"""A pattern over the folded question, and what to say. Numbers: 112.nl, 113.nl, veiligthuis.nl, politie.nl."""


def danger(question: str) -> str:
    """What to read first when a question points to danger; empty where it does not."""
    folded = fold(question)
    return next((_(advice) for pattern, advice in HELPLINES if re.search(pattern, folded)), "")
