"""Operations on cases, for the systems that staff work with."""

from kennismakelaar import audit
from kennismakelaar import entities as graph
from kennismakelaar.desk import casework
from kennismakelaar.desk.casework import Chosen, Waiting
from kennismakelaar.keys import Scope
from kennismakelaar.moments import now
from web.api import models
from web.api.asker import must_have
from web.api.graph import known
from web.reply import broker


def cases(query: models.CaseQuery) -> models.CasePage:
    """Those that were chosen; what is due first comes first."""
    wanted = query.place
    place = known({"place": lambda: graph.named(broker(), "place", wanted)})["place"] if wanted else ""
    chosen = Chosen(query.state, place, query.assigned or "", query.late)
    found = casework.waiting(broker().store, chosen, now())
    start = (query.page - 1) * query.page_size
    items = [_case(one) for one in found[start : start + query.page_size]]
    return models.CasePage(items=items, total=len(found), page=query.page, page_size=query.page_size)


def case(id: str) -> models.Case:
    """One case; the audit log has who saw it."""
    found = casework.get(broker().store, id)
    audit.note(broker().store, _who(Scope.CASES_READ), "zaak gezien", id)
    return _case(casework.clock(found, now()))


def step(id: str, body: models.NewStep) -> models.Case:
    """The next step of a case, taken by the key."""
    who = _who(Scope.CASES_WRITE)
    done = casework.step(broker().store, id, body.version, body.to, casework.by(who, body.why))
    audit.note(broker().store, who, "gedaan: stap in een zaak", id)
    return _case(casework.clock(done, now()))


def _who(scope: Scope) -> str:
    return f"sleutel {must_have(scope).name}"


def _case(one: Waiting) -> models.Case:
    """Without the hash of the receipt."""
    values = {name: value for name, value in vars(one.case).items() if name != "receipt"}
    return models.Case.model_validate(values | {"due": one.due or None, "late": one.late})
