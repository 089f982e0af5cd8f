"""Personal details in what people type: found, named and masked before anything is kept."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kennismakelaar.errors import Refused
from kennismakelaar.language import gettext as _
from kennismakelaar.language import marked

PHONE_NATIONAL = re.compile(
    r"(?<![\w+.,€])(?!0[89]0)(?!0\d[-/.](?:0\d|1[0-2])[-/.](?:19|20)\d\d\b)\(?0[1-9](?:[ .\-/()]{0,2}\d){8}(?!\d)"
)
"""Ten digits; not a service number (0800, 0900) and not a date with more behind it."""
PHONE_INTERNATIONAL = re.compile(r"(?<![\w.:+])(?:\+|00)[1-9](?:[ .\-()]{0,2}\d){8,13}(?!\d)")
EMAIL = re.compile(r"(?<![\w.+'-])[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
"""Begins where a word begins: else a long word without an @ would be tried from each of its letters."""
LONGEST = 10_000
"""Letters that are looked through; more is refused, so that nobody keeps the machine busy with one text."""
NINE_DIGITS = re.compile(
    r"(?<![\d€,.])(?<!€ )(\d{3}[ .]?\d{3}[ .]?\d{3}|\d{4}[ .]\d{2}[ .]\d{3})(?![\d,]|[ .]\d{3}| ?(?:euro|miljoen))",
    re.I,
)
EIGHT_DIGITS = re.compile(r"(?:bsn|sofi-?nummer|burgerservicenummer)\W{1,3}(?:is\W+)?(\d{8})(?!\d)", re.I)
"""Old numbers have eight digits, as a date has: only with the word before it."""
IBAN = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}", re.I)
SHORTEST_IBAN = 15
POSTCODE = r"[1-9]\d{3}(?: ?(?!S[ADS]\b)[A-Z]{2}|(?!s[ads]\b)[a-z]{2})\b"
"""Four digits and two letters; with a space only in capitals, or every 'in 2013 en 14' would be one."""
ADDRESS = re.compile(
    rf"(?<!\d)(?:{POSTCODE}[ ,]*(?:(?:nr|nummer|huisnummer)\.? ?)?\d{{1,4}}(?:[ -]?[a-zA-Z]\b)?(?!\d)"
    rf"|(?<!\d)\d{{1,4}}(?:[ -]?[a-zA-Z])?,? +{POSTCODE})"
)
YEARS = re.compile(r"(?:19|20)\d\d (?:EN|OF|IN|TE|OM|OP)\b")
"""Looks like a postcode and is none."""


@dataclass(frozen=True)
class Found:
    """A personal detail in a text; `text` is what was typed and is shown to no one but who typed it."""

    kind: str
    text: str
    start: int
    end: int


def _phones(text: str) -> Iterator[tuple[int, int]]:
    for pattern in (PHONE_NATIONAL, PHONE_INTERNATIONAL):
        yield from (match.span() for match in pattern.finditer(text))


def _emails(text: str) -> Iterator[tuple[int, int]]:
    yield from (match.span() for match in EMAIL.finditer(text))


def _citizen_numbers(text: str) -> Iterator[tuple[int, int]]:
    for pattern in (NINE_DIGITS, EIGHT_DIGITS):
        yield from (match.span(1) for match in pattern.finditer(text) if passes_eleven(match[1]))


def _accounts(text: str) -> Iterator[tuple[int, int]]:
    """The longest run that passes, since a word may follow the number without a sign between."""
    for match in IBAN.finditer(text):
        for end in range(match.end(), match.start() + SHORTEST_IBAN - 1, -1):
            whole = end == len(text) or not text[end].isalnum()
            if whole and text[end - 1] != " " and passes_97(text[match.start() : end]):
                yield match.start(), end
                break


def _addresses(text: str) -> Iterator[tuple[int, int]]:
    yield from (match.span() for match in ADDRESS.finditer(text) if not YEARS.search(match[0]))


KINDS: dict[str, Callable[[str], Iterator[tuple[int, int]]]] = {
    marked("e-mailadres"): _emails,
    marked("rekeningnummer"): _accounts,
    marked("telefoonnummer"): _phones,
    marked("burgerservicenummer"): _citizen_numbers,
    marked("adres"): _addresses,
}
"""What we look for, as people call it; where two overlap, the first counts."""
MASK = re.compile(rf"\[(?:{'|'.join(KINDS)})\]")


def passes_eleven(number: str) -> bool:
    """The test of a citizen service number (Logisch Ontwerp BSN): weights 9 to 2 and -1, the sum divisible by 11."""
    digits = [int(d) for d in number if d.isdigit()]
    padded = [0] * (9 - len(digits)) + digits
    total = sum(d * weight for d, weight in zip(padded, (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=True))
    return any(digits) and total % 11 == 0


def passes_97(account: str) -> bool:
    """The test of an IBAN (ISO 13616, ISO 7064 mod 97-10): the number that its letters and digits spell leaves 1."""
    plain = account.replace(" ", "").upper()
    return int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


def find(text: str) -> tuple[Found, ...]:
    """The personal details in a text, in order, without overlap; Refused where it is too long."""
    if len(text) > LONGEST:
        raise Refused(
            _(
                "De tekst is te lang (%(number)s tekens). Gebruik ten hoogste %(longest)s tekens.",
                number=len(text),
                longest=LONGEST,
            )
        )
    found: list[Found] = []
    for kind, spans in KINDS.items():
        for start, end in spans(text):
            if all(end <= other.start or start >= other.end for other in found):
                found.append(Found(kind, text[start:end], start, end))
    return tuple(sorted(found, key=lambda one: one.start))


def mask(text: str) -> str:
    """The text with what kind of detail stood there in its place, such as [telefoonnummer]."""
    for one in reversed(find(text)):
        text = f"{text[: one.start]}[{one.kind}]{text[one.end :]}"
    return text


def without_masks(text: str) -> str:
    """The text to search with: a mask says nothing about the question."""
    return " ".join(MASK.sub(" ", text).split())
