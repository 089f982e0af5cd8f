"""Personal details in a question: found and masked, and nothing else."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kennismakelaar.errors import Refused
from kennismakelaar.privacy import LONGEST, find, mask, passes_97, passes_eleven, without_masks

TYPED = {
    "Bel mij op 06-12345678 als het kan": "Bel mij op [telefoonnummer] als het kan",
    "Ik ben bereikbaar op 06 12 34 56 78.": "Ik ben bereikbaar op [telefoonnummer].",
    "Mijn nummer: 0612345678": "Mijn nummer: [telefoonnummer]",
    "tel (010) 123 45 67": "tel [telefoonnummer]",
    "whatsapp +31 6 1234 5678 of 0031612345678": "whatsapp [telefoonnummer] of [telefoonnummer]",
    "vraag het +32 470 12 34 56": "vraag het [telefoonnummer]",
    "Mail naar Jan.de-Vries+buurt@voorbeeld.co.nl, graag": "Mail naar [e-mailadres], graag",
    "mijn bsn is 111222333": "mijn bsn is [burgerservicenummer]",
    "BSN 123.456.782 hoort bij mij": "BSN [burgerservicenummer] hoort bij mij",
    "bsn: 12345672": "bsn: [burgerservicenummer]",
    "Stort op NL91 ABNA 0417 1643 00 alstublieft": "Stort op [rekeningnummer] alstublieft",
    "nl91abna0417164300 is onze rekening": "[rekeningnummer] is onze rekening",
    "Wij wonen op 1234 AB 12 in het dorp": "Wij wonen op [adres] in het dorp",
    "1234ab, nr. 7": "[adres]",
    "Dorpsstraat 12a, 1234 AB Zonnedam": "Dorpsstraat [adres] Zonnedam",
}
HARMLESS = (
    "In 2013 en 14 andere jaren deden 1200 mensen mee",
    "Tussen 1998 en 2013 IN 40 DORPEN",
    "Het kost 12.500 euro, of € 1.234.567,89 in totaal",
    "Wij zoeken 123456782 euro",
    "€ 111222333 is te veel",
    "Bel 112, 113, 0800-2000 of 0900-8844",
    "Op 01-02-2013 10 mensen, op 05-11-2026 om 19:30 uur",
    "Van 20130612 tot 20140612",
    "Er zijn 408 gemeenten en 16.800.000 inwoners (2013)",
    "Onze wijk heeft postcode 1234 en de buurt heet 1234 AB",
    "Artikel 3:14 en hoofdstuk II.1, bladzijde 12-15",
    "Isbn 978-90-12-34567-8 staat in de kast",
    "Wat is de kans, 1 op 987654321?",
)


@pytest.mark.parametrize(("typed", "masked"), TYPED.items())
def test_personal_details_are_masked(typed: str, masked: str) -> None:
    assert mask(typed) == masked


@pytest.mark.parametrize("typed", HARMLESS)
def test_years_money_and_public_numbers_stay(typed: str) -> None:
    assert [one.text for one in find(typed)] == []


@pytest.mark.parametrize("number", ["111222333", "123456782"])
def test_a_citizen_number_passes_and_with_one_digit_wrong_it_does_not(number: str) -> None:
    assert passes_eleven(number)
    assert not any(passes_eleven(number[:-1] + digit) for digit in "0123456789" if digit != number[-1])
    assert not passes_eleven("000000000")


def test_an_account_passes_and_with_one_letter_wrong_it_does_not() -> None:
    assert passes_97("NL91 ABNA 0417 1643 00")
    assert not passes_97("NL91 ABNA 0417 1643 01")
    assert mask("NL91ABNA0417164301") == "NL91ABNA0417164301"


@given(st.text(max_size=200))
def test_what_is_masked_once_has_nothing_left_to_mask(typed: str) -> None:
    assert mask(mask(typed)) == mask(typed)


def test_a_mask_is_no_part_of_what_is_searched() -> None:
    assert without_masks(mask("Wie helpt? Bel 0612345678 of mail a@b.nl")) == "Wie helpt? Bel of mail"


@pytest.mark.parametrize("piece", ["x", "06", "a@b.nl ", "1234AB1", "NL91", "+", "a."])
def test_no_text_keeps_the_machine_busy(piece: str) -> None:
    start = time.process_time()
    find((piece * LONGEST)[:LONGEST])
    assert time.process_time() - start < 2.0
    with pytest.raises(Refused, match="te lang"):
        find(piece * (LONGEST + 1))
