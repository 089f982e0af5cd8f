"""Commands for what is held about people: the register, what is held about one person, erasing, and periods."""

import json
from collections import Counter

import click

from kennismakelaar import audit, personal, traces
from kennismakelaar import retention as periods
from kennismakelaar.commands.terminal import Context, database_option, json_option, reported, say
from kennismakelaar.moments import now


@click.group()
def privacy() -> None:
    """Gegevens van mensen: wat wij bewaren, wat wij over iemand hebben, en wissen.

    Voorbeeld: kennismakelaar privacy register
    """


@privacy.command()
@json_option
@reported
def register(as_data: bool) -> None:
    """Laat het register zien: welke gegevens, waarvoor, op welke grond, hoe lang en voor wie.

    Voorbeeld: kennismakelaar privacy register
    """
    entries = personal.register()
    say(as_data, personal.as_markdown(entries), {"register": [personal.as_data(one) for one in entries]})


@privacy.command()
@click.argument("who")
@database_option
@click.pass_obj
@reported
def export(context: Context, who: str) -> None:
    """Alles wat wij over iemand hebben, als JSON. WHO: id, e-mailadres, telefoonnummer of code van een vraag.

    Voorbeeld: kennismakelaar privacy export noor@voorbeeld.nl > noor.json
    """
    with context.broker() as broker:
        found = traces.find(broker.store, traces.who(broker.store, who), context.settings.exports)
        audit.note(broker.store, audit.SYSTEM, "gegevens van iemand opgevraagd")
    click.echo(json.dumps(found.as_data(), ensure_ascii=False, indent=1))


@privacy.command()
@click.argument("who")
@click.option("--apply", "for_real", is_flag=True, help="Wis echt; anders ziet u alleen wat er weg zou gaan.")
@json_option
@database_option
@click.pass_obj
@reported
def erase(context: Context, who: str, for_real: bool, as_data: bool) -> None:
    """Wis alles van iemand, overal. WHO: id, e-mailadres, telefoonnummer of code van een vraag.

    Voorbeeld: kennismakelaar privacy erase noor@voorbeeld.nl --apply
    """
    folder = context.settings.exports
    with context.broker() as broker:
        if for_real:
            counts = traces.erase(broker, who, audit.SYSTEM, now(), folder)
        else:
            counts = traces.find(broker.store, traces.who(broker.store, who), folder).counts()
    head = "Gewist:" if for_real else "Dit zou weg gaan. Met --apply gebeurt het echt:"
    text = "\n".join([head, *(f"- {count} {label}" for label, count in counts.items())])
    say(as_data, text, {"erased": for_real, "counts": counts})


@privacy.command()
@json_option
@database_option
@click.pass_obj
@reported
def purge(context: Context, as_data: bool) -> None:
    """Schrijf de bestanden van de database opnieuw, zonder wat gewist is.

    Voorbeeld: kennismakelaar privacy purge
    """
    with context.broker() as broker:
        broker.store.purge()
    say(as_data, "De bestanden bevatten niets meer van wat gewist is.", {"ok": True})


@click.command()
@click.option("--apply", "for_real", is_flag=True, help="Wis echt; anders ziet u alleen wat er weg zou gaan.")
@json_option
@database_option
@click.pass_obj
@reported
def retention(context: Context, for_real: bool, as_data: bool) -> None:
    """Wis wat wij niet langer mogen bewaren. De website doet dit zelf elke dag.

    Voorbeeld: kennismakelaar retention --apply
    """
    act = periods.apply if for_real else periods.plan
    with context.broker() as broker:
        found = act(broker.store, now())
    counts = Counter(one.why for one in found)
    head = f"{'Gewist' if for_real else 'Zou weg gaan'}: {len(found)}."
    lines = [head, *(f"- {count} keer: {why}" for why, count in sorted(counts.items()))]
    say(as_data, "\n".join(lines), {"applied": for_real, "gone": [vars(one) for one in found]})
