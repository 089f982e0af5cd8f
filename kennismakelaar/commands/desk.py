"""Commands for the desk."""

import click

from kennismakelaar.commands.terminal import Context, database_option, json_option, reported, say
from kennismakelaar.desk import casework
from kennismakelaar.desk.cases import State
from kennismakelaar.desk.casework import Chosen, Waiting
from kennismakelaar.moments import now


@click.command()
@click.option("--state", type=click.Choice([state.value for state in State]), help="Alleen zaken in deze stand.")
@click.option("--late", is_flag=True, help="Alleen zaken die te laat zijn.")
@json_option
@database_option
@click.pass_obj
@reported
def cases(context: Context, state: str | None, late: bool, as_data: bool) -> None:
    """Laat de zaken van het bureau zien; wat het eerst een stap nodig heeft, staat bovenaan.

    Voorbeeld: kennismakelaar cases --state nieuw
    """
    with context.broker() as broker:
        found = casework.waiting(broker.store, Chosen(State(state) if state else None, late=late), now())
    text = "\n".join(_line(one) for one in found) or "Er zijn geen zaken."
    say(as_data, text, {"cases": [_flat(one) for one in found]})


def _line(one: Waiting) -> str:
    clock = f"{'TE LAAT sinds' if one.late else 'vóór'} {one.due[:10]}" if one.due else "wacht niet op ons"
    who = one.case.assigned or "van niemand"
    return f"{one.case.id}  {one.case.state:11}  {clock}  ({who})  {one.case.question[:80]}"


def _flat(one: Waiting) -> dict[str, object]:
    """Without notes and history: those are read at the desk."""
    kept = ("id", "question", "state", "created", "since", "place", "assigned")
    return {name: getattr(one.case, name) for name in kept} | {"due": one.due, "late": one.late}
