"""All that the API can do: the one table that its routes and its document both follow from."""

from kennismakelaar.keys import Scope
from kennismakelaar.language import marked
from web.api import casework, graph, measuring, models
from web.api.operation import Operation

RECORDS, QUESTIONS = marked("Records"), marked("Vragen")
NETWORK, CASES = marked("Netwerk"), marked("Zaken")
"""Under which the document lists them."""
OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "/entities",
        graph.entities,
        marked("Zoek records"),
        models.EntityPage,
        RECORDS,
        query=models.EntityQuery,
        errors=(404,),
    ),
    Operation(
        "/entities/{id}",
        graph.show,
        marked("Eén record met zijn relaties"),
        models.EntityWithRelations,
        RECORDS,
        errors=(301, 404),
    ),
    Operation(
        "/entities/{id}/similar",
        graph.similar,
        marked("Records die hierop lijken"),
        models.Matches,
        RECORDS,
        query=models.Many,
        dear=True,
        errors=(404,),
    ),
    Operation(
        "/entities/{id}/neighbourhood",
        graph.neighbourhood,
        marked("Wat er rond een record staat"),
        models.Neighbourhood,
        RECORDS,
        query=models.Around,
        errors=(404,),
    ),
    Operation("/themes", graph.themes, marked("De thesaurus"), models.Themes, RECORDS),
    Operation(
        "/export", graph.export, marked("De hele graaf, een record of relatie per regel"), None, RECORDS, dear=True
    ),
    Operation(
        "/questions/ask",
        graph.ask,
        marked("Stel een vraag in gewone taal"),
        models.Answer,
        QUESTIONS,
        "POST",
        body=models.Question,
        errors=(404,),
        dear=True,
    ),
    Operation("/network/views", measuring.views, marked("Beelden van het netwerk"), models.Views, NETWORK),
    Operation("/network/measures", measuring.measures, marked("Maten van een netwerk"), models.Measures, NETWORK),
    Operation(
        "/network/views/{view}/measures/{measure}",
        measuring.measure,
        marked("Reken een maat van een beeld uit"),
        models.Measured,
        NETWORK,
        scope=Scope.NETWORK,
        dear=True,
        errors=(404,),
    ),
    Operation(
        "/cases",
        casework.cases,
        marked("Zaken van het bureau"),
        models.CasePage,
        CASES,
        query=models.CaseQuery,
        scope=Scope.CASES_READ,
        errors=(404,),
    ),
    Operation(
        "/cases/{id}", casework.case, marked("Eén zaak"), models.Case, CASES, scope=Scope.CASES_READ, errors=(404,)
    ),
    Operation(
        "/cases/{id}/steps",
        casework.step,
        marked("Zet een stap in een zaak"),
        models.Case,
        CASES,
        "POST",
        body=models.NewStep,
        scope=Scope.CASES_WRITE,
        errors=(404, 409),
    ),
)
