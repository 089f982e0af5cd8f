"""What the API takes and gives, as shapes: they check what comes in, write what goes out, and describe both."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from kennismakelaar.desk.cases import State
from kennismakelaar.entities import DEEPEST
from kennismakelaar.language import gettext as _
from kennismakelaar.language import marked
from kennismakelaar.schema import schema
from kennismakelaar.text import LONGEST_QUESTION

LARGEST_PAGE = 500
MOST_AROUND = 2_000
MOST_MATCHES = 50
WHOLE, YES_NO = re.compile(r"-?[0-9]{1,9}"), re.compile(r"true|false")
KINDS = tuple(schema().nodes)
Kind = Literal[KINDS]  # type: ignore[valid-type]
Value = str | int | float | list[str]
WithZone = Annotated[datetime, BeforeValidator(lambda text: _moment(text))]
Whole = Annotated[int, BeforeValidator(lambda text: _only(text, WHOLE))]
YesNo = Annotated[bool, BeforeValidator(lambda text: _only(text, YES_NO))]
"""In an address a number or a yes is a text, and only one way of writing it is right."""
Number = Annotated[int, BeforeValidator(lambda value: _whole(value))]
"""In JSON 5.0 is a whole number as well."""


class Shape(BaseModel):
    """In JSON names are in camelCase; a name that is not known is an error."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="forbid", from_attributes=True, allow_inf_nan=False
    )


def camel(values: Any) -> dict[str, Any]:
    """Properties of a record with their names in camelCase."""
    return {to_camel(name): value for name, value in values.items()}


Properties = Annotated[dict[str, Value], BeforeValidator(camel)]


class Source(Shape):
    """Waar een record of relatie op rust."""

    document: str = Field(description=marked("Id van de publicatie."))
    chapter: str
    known: str = Field(
        description=marked("Hoe wij het weten: stated, implied of curated, zoals in de vocabulaire 'known'.")
    )
    section: str = ""
    note: str = ""


class Entity(Shape):
    """Een record van de kennisgraaf."""

    id: str
    kind: Kind
    name: str
    aliases: list[str] = []
    sources: list[Source] = []
    properties: Properties = Field(description=marked("Wat graph_schema bij deze soort noemt, met namen in camelCase."))
    address: str = Field(description=marked("Adres van de pagina."), json_schema_extra={"format": "uri"})
    modified: datetime | None = Field(
        None, description=marked("Laatste wijziging of controle, in UTC; soms niet bekend.")
    )


class Other(Shape):
    """Het andere eind van een relatie."""

    id: str
    kind: Kind
    name: str


class Edge(Shape):
    """Een relatie tussen twee records."""

    kind: str
    source: str
    target: str
    sources: list[Source] = []
    properties: Properties = Field({}, validate_default=True)


class Relation(Edge):
    """Een relatie, gezien van een van haar einden."""

    sentence: str
    other: Other


class EntityWithRelations(Entity):
    """Een record met zijn relaties."""

    relations: list[Relation]


class EntityPage(Shape):
    """Een deel van een lijst van records."""

    items: list[Entity]
    total: int
    page: int
    page_size: int


class Reason(Shape):
    """Het aandeel van één kenmerk in een score."""

    signal: str
    points: float
    text: str
    source: str = ""
    link: str = ""


class Match(Shape):
    """Een suggestie; de punten van de redenen zijn samen de score."""

    id: str
    kind: Kind
    name: str
    summary: str
    score: float
    chance: float = Field(description=marked("De kans, 0 tot 1, dat dit helpt."))
    reasons: list[Reason]


class Matches(Shape):
    """Suggesties, de beste eerst."""

    items: list[Match]


class Answer(Shape):
    """Het antwoord op een vraag: suggesties, of een eerlijk nee."""

    question: str
    answered: bool
    matches: list[Match]
    chance: float = Field(description=marked("De kans, 0 tot 1, dat er iets bij zit dat helpt."))
    advice: str = Field(description=marked("Lees dit eerst: een hulplijn, een weg verder, of niets."))
    encoder: str
    notice: str = ""


class Neighbourhood(Shape):
    """Wat in een paar stappen te bereiken is, met de relaties daartussen."""

    entities: list[Entity]
    relations: list[Edge]
    complete: bool = Field(description=marked("Nee als er meer was dan gevraagd."))


class Theme(Shape):
    """Een onderwerp van de thesaurus."""

    id: str
    name: str
    description: str
    words: list[str] = Field(description=marked("Woorden die bewoners gebruiken."))
    broader: list[str]
    narrower: list[str]
    related: list[str]


class Themes(Shape):
    """De hele thesaurus."""

    items: list[Theme]


class View(Shape):
    """Een beeld van het netwerk."""

    name: str
    label: dict[str, str]
    description: dict[str, str]
    graph: str


class Views(Shape):
    """Alle beelden."""

    items: list[View]


class Measure(Shape):
    """Een maat van een netwerk."""

    name: str
    label: dict[str, str]
    meaning: dict[str, str]
    scope: str
    source: str


class Measures(Shape):
    """Alle maten."""

    items: list[Measure]


class Figure(Shape):
    """De waarde van een record, van een paar records (met target), of van het hele netwerk (zonder id)."""

    id: str = ""
    target: str = ""
    value: float


class Measured(Shape):
    """Een maat van een beeld. Mensen staan er onder een schuilnaam in."""

    view: str
    measure: str
    exact: bool = Field(description=marked("Nee bij een schatting."))
    note: str
    items: list[Figure]


class Step(Shape):
    """Wat er met een zaak gebeurde."""

    at: str
    who: str
    what: str
    why: str = ""


class Proposal(Shape):
    """Een suggestie waarover het bureau besliste."""

    id: str
    verdict: str
    who: str
    why: str = ""


class Case(Shape):
    """Een vraag waar het bureau aan werkt. Contactgegevens staan er niet in."""

    id: str
    question: str
    created: datetime
    since: datetime
    state: State
    place: str
    themes: list[str]
    answers: dict[str, str]
    assigned: str
    shared: bool
    gap: str
    proposals: list[Proposal]
    notes: list[Step]
    history: list[Step]
    version: int
    due: datetime | None = None
    late: bool


class CasePage(Shape):
    """Een deel van de lijst van zaken; wat het eerst verloopt staat bovenaan."""

    items: list[Case]
    total: int
    page: int
    page_size: int


class Wrong(Shape):
    """Wat er mis is met één veld."""

    name: str
    detail: str


class Problem(Shape):
    """Een fout (RFC 9457)."""

    status: int
    title: str
    detail: str
    errors: list[Wrong] = []


class Paging(Shape):
    """Welk deel van een lijst."""

    page: Whole = Field(1, ge=1, le=1_000_000)
    page_size: Whole = Field(50, ge=1, le=LARGEST_PAGE)


class EntityQuery(Paging):
    """Welke records."""

    kind: Kind | None = None
    place: str | None = Field(
        None, min_length=1, max_length=100, description=marked("Id of naam; ook wat daarbinnen ligt.")
    )
    theme: str | None = Field(
        None, min_length=1, max_length=100, description=marked("Id of naam; ook smallere thema's.")
    )
    text: str | None = Field(
        None, min_length=1, max_length=200, description=marked("Al deze woorden staan in het record.")
    )
    modified_since: WithZone | None = Field(
        None,
        description=marked(
            "Alleen wat sinds dit moment veranderde, of waarvan wij dat niet weten. Zonder tijdzone is het UTC."
        ),
        json_schema_extra={"examples": ["2026-11-25T10:00:00Z"]},
    )


class Many(Shape):
    """Hoeveel suggesties."""

    limit: Whole = Field(5, ge=1, le=MOST_MATCHES)


class Around(Shape):
    """Hoe ver rond een record."""

    depth: Whole = Field(1, ge=1, le=DEEPEST)
    limit: Whole = Field(500, ge=1, le=MOST_AROUND)


class Question(Shape):
    """Een vraag in gewone taal."""

    question: str = Field(min_length=1, max_length=LONGEST_QUESTION, pattern=r"\S")
    place: str | None = Field(None, min_length=1, max_length=100, description=marked("Naam van een plaats."))
    kinds: list[Kind] = Field([], description=marked("Alleen deze soorten; leeg voor alle."))
    limit: Number = Field(10, ge=1, le=MOST_MATCHES)


class CaseQuery(Paging):
    """Welke zaken."""

    state: State | None = None
    place: str | None = Field(None, min_length=1, max_length=100, description=marked("Id of naam van een plaats."))
    assigned: str | None = Field(None, min_length=1, max_length=40)
    late: YesNo = False


class NewStep(Shape):
    """De volgende stap van een zaak."""

    to: State
    why: str = Field(min_length=1, max_length=2_000, pattern=r"\S")
    version: Number = Field(
        ge=0, description=marked("De versie waarop dit besluit rust; is zij veranderd, dan volgt 409.")
    )


def _moment(text: Any) -> Any:
    """What a date-time looks like; pydantic would also take seconds since 1970, and no time zone for the zone of here."""
    if not isinstance(text, str) or len(text) < len("2026-11-25T10:00"):
        raise ValueError(_("schrijf een moment zoals 2026-11-25T10:00:00Z"))
    try:
        return text if datetime.fromisoformat(text).tzinfo else f"{text}Z"
    except ValueError as error:
        raise ValueError(_("schrijf een moment zoals 2026-11-25T10:00:00Z")) from error


def _only(text: Any, form: re.Pattern[str]) -> Any:
    if isinstance(text, str) and not form.fullmatch(text):
        raise ValueError(_("%(text)r past hier niet", text=text))
    return text


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value
