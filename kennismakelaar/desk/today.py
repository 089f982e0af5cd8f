"""What waits for staff today, and what of it is late: numbers, each of a list that the website shows."""

from dataclasses import dataclass
from datetime import datetime

from kennismakelaar import reports
from kennismakelaar.desk import cases, casework, post
from kennismakelaar.desk.cases import State
from kennismakelaar.store import Store


@dataclass(frozen=True)
class Today:
    """How many wait for a colleague."""

    new: int
    """Cases that nobody read yet."""
    late: int
    """Cases that wait longer than we promise."""
    own_late: int
    """Those of them that this colleague works on."""
    letters: int
    """Letters that are not sent yet."""
    stuck: int
    """Those of the letters that need a hand."""
    reports: int


def today(store: Store, who: str, at: datetime) -> Today:
    """For one colleague, at one moment."""
    every = [casework.clock(cases.case_of(record), at) for record in store.records(cases.KIND)]
    late = [one.case for one in every if one.late]
    letters = [letter.state for letter in post.letters(store)]
    return Today(
        new=sum(one.case.state is State.NEW for one in every),
        late=len(late),
        own_late=sum(case.assigned == who for case in late),
        letters=sum(state not in post.OVER for state in letters),
        stuck=sum(state in post.STUCK for state in letters),
        reports=len(reports.listed(store)),
    )
