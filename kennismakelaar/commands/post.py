"""Commands for letters, and for asking whether it helped; both may be run every few minutes (cron)."""

from pathlib import Path

import click

from kennismakelaar.commands.terminal import Context, database_option, json_option, reported, say
from kennismakelaar.desk import contact, links, mail, outcomes
from kennismakelaar.desk import post as letters
from kennismakelaar.desk.introductions import Side
from kennismakelaar.desk.post import State
from kennismakelaar.moments import now


@click.command()
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Schrijf wat wacht als .eml in deze map, om zelf te versturen.",
)
@json_option
@database_option
@click.pass_obj
@reported
def post(context: Context, folder: Path | None, as_data: bool) -> None:
    """Verstuur de brieven die wachten, en wis contactgegevens en links waarvan de tijd voorbij is.

    Voorbeeld: kennismakelaar post
    """
    settings, at = context.settings, now()
    with context.broker() as broker:
        erased = contact.clear(broker.store, at.date()) + links.clear(broker.store, at)
        if folder:
            paths = letters.write_out(broker.store, folder, settings, at)
            text = f"{len(paths)} brieven in {folder}. Zet ze na het versturen op 'verstuurd': /bureau/post."
            say(as_data, text, {"written": [path.name for path in paths], "erased": erased})
            return
        sent = letters.send_waiting(broker.store, settings, at)
    said = [f"{number} {state}" for state, number in sorted(sent.items())] or ["Geen brieven."]
    if sent[State.WAITING] and not mail.is_on(settings):
        said.append("Er is geen mailserver ingesteld. Staf leest en verstuurt brieven zelf: /bureau/post.")
    say(as_data, "\n".join(said), {"letters": dict(sent), "erased": erased})


@click.group("outcomes")
def outcomes_() -> None:
    """Vragen of een kennismaking hielp.

    Voorbeeld: kennismakelaar outcomes due --send
    """


@outcomes_.command()
@click.option("--send", is_flag=True, help="Stel de vragen ook, per brief.")
@json_option
@database_option
@click.pass_obj
@reported
def due(context: Context, send: bool, as_data: bool) -> None:
    """Laat zien aan wie wij nu horen te vragen of het hielp: na twee weken en na een half jaar.

    Voorbeeld: kennismakelaar outcomes due --send
    """
    settings, at = context.settings, now()
    with context.broker() as broker:
        found = outcomes.due(broker.store, at)
        for one in found if send else ():
            letters.deliver(broker.store, outcomes.ask(broker.store, one, at), settings, at)
    who = {Side.ASKER: "de vrager", Side.HELPER: "de helper"}
    said = [f"{one.case}: {who[one.side]}, na {one.round.replace('-', ' ')} ({one.helper})" for one in found]
    asked = [{"case": one.case, "side": one.side, "round": one.round, "helper": one.helper} for one in found]
    say(as_data, "\n".join(said) or "Nu hoeven wij het niemand te vragen.", {"due": asked, "sent": send})
