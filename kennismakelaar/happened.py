"""Short sentences that are kept in Dutch, such as what happened to a case, and read by each in their own language."""

import re
from functools import cache

from kennismakelaar.language import LANGUAGES, current, marked
from kennismakelaar.language import gettext as _

STEP = marked("%(what)s → %(what_next)s")
ASSIGNED = marked("toegewezen aan %(name)s")
GIVEN_BACK = marked("teruggegeven")
NOTE = marked("notitie")
JUDGED = marked("%(id)s %(what)s")
STOPPED_BY_ASKER = marked("De vrager wil niet verder.")
PROPOSED = marked("voorgesteld")
INTRODUCTION = marked("kennismaking met %(name)s")
SAID = marked("zei %(what)s")
SAID_YES = marked("zei ja tegen de kennismaking met %(name)s")
TAKEN_BACK = marked("trok de toestemming in")
STOPPED = marked("stopgezet")
OF_INTRODUCTION = marked("%(what)s (kennismaking met %(name)s)")
HELPED = marked("hielp het? %(what)s")
TOLD = marked("een vrager vertelde of dit hielp")
ONE_QUESTION = marked("één vraag")
QUESTIONS = marked("%(number)s vragen")
BEGUN = marked("begonnen met %(what)s")
JOINED = marked("%(what)s erbij")
SPLIT_OFF = marked("%(what)s afgesplitst naar %(id)s")
TAKEN_OUT = marked("een vraag hoort hier niet bij")
AT_GAP = marked("bij kennisvraag %(id)s")
NOT_AT_GAP = marked("niet bij kennisvraag %(id)s")
GAP_ANSWER = marked("antwoord op kennisvraag %(id)s")
GAP_ANSWERED = marked("kennisvraag %(id)s is beantwoord")
SENTENCE = marked("vraag: %(old)s → %(new)s")
STATE = marked("stand: %(what)s → %(what_next)s")
OWNER = marked("eigenaar: %(what)s → %(what_next)s")
NOBODY = marked("niemand")
OF_GAP = marked("kennisvraag: %(what)s")
NEW_ENTRY = marked("Nieuw: %(name)s")
CHANGED_ENTRY = marked("Gewijzigd: %(name)s")
ASKER = marked("de vrager")
FOLLOWER = marked("iemand die iets volgt")
LOST = marked("Het programma stopte terwijl de mail onderweg was.")
TOO_LATE = marked("Niet op tijd verstuurd.")
UNREACHABLE = marked("De contactgegevens zijn er niet meer.")
WITHDRAWN = marked("Ingetrokken.")
NO_SERVER = marked("De mailserver is niet te gebruiken (%(error)s).")
HUNG_UP = marked("De mailserver verbrak de verbinding.")
BROKEN_OFF = marked("De verbinding brak af terwijl de mail werd verstuurd.")
MAIL_REFUSED = marked("De mailserver weigerde de mail (code %(code)s).")
MERGED = marked("samengevoegd: %(id)s is %(other)s")
READ_IN = marked("ingelezen uit %(file)s (%(id)s)")
TAKEN_BACK_RUN = marked("ongedaan gemaakt: %(id)s")
USER_MADE = marked("gebruiker gemaakt als %(what)s")
ROLE_BECOMES = marked("rol wordt %(what)s")
PERIOD_OVER = marked("bewaartermijn voorbij: %(number)s gewist")
USED = marked("gedaan: %(id)s")
NEW = marked("nieuw")
CHANGED_HERE = marked("gewijzigd op de website")
STILL_RIGHT = marked("klopt nog")
IN_DETAIL = (
    *(MERGED, READ_IN, TAKEN_BACK_RUN, USER_MADE, ROLE_BECOMES, PERIOD_OVER, USED),
    *(OF_GAP, NO_SERVER, MAIL_REFUSED, SAID_YES, OF_INTRODUCTION, INTRODUCTION, ASSIGNED, NEW_ENTRY, CHANGED_ENTRY),
    *(SENTENCE, STATE, OWNER, GAP_ANSWERED, GAP_ANSWER, NOT_AT_GAP, AT_GAP, SPLIT_OFF, BEGUN, JOINED, QUESTIONS),
    *(HELPED, SAID, STEP),
)
"""Those with values, the most particular first; a value that is called `what` is said in the language too."""
ALONE = frozenset(
    {
        *(GIVEN_BACK, NOTE, STOPPED_BY_ASKER, PROPOSED, TAKEN_BACK, STOPPED, TOLD, ONE_QUESTION, TAKEN_OUT, NOBODY),
        *(ASKER, FOLLOWER, LOST, TOO_LATE, UNREACHABLE, WITHDRAWN, HUNG_UP, BROKEN_OFF),
        *(NEW, CHANGED_HERE, STILL_RIGHT),
    }
)
"""Those without values."""
VERDICT = re.compile(r"(?P<id>\S+) (?P<what>aangenomen|afgewezen)")


def told(text: str) -> str:
    """What was kept, in the language that is spoken; what a person wrote, as it stands."""
    if current() == LANGUAGES[0] or not text:
        return text
    for message, pattern in _patterns():
        if found := pattern.fullmatch(text):
            values = found.groupdict()
            return _(message, **{name: _part(v) if name.startswith("what") else v for name, v in values.items()})
    return _(text) if text in ALONE else text


def _part(value: str) -> str:
    """A sentence in a sentence, or the code of a state."""
    said = told(value)
    return _(value) if said == value else said


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    detailed = [(message, re.compile(_pattern(message), re.DOTALL)) for message in IN_DETAIL]
    return ((JUDGED, VERDICT), *detailed)


def _pattern(message: str) -> str:
    return re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.+)", re.escape(message))
