"""Commands for the register of knowledge questions, learning circles, and letters to who follows something."""

import dataclasses

import click

from kennismakelaar.commands.terminal import Context, database_option, json_option, reported, say
from kennismakelaar.desk import circle_desk, follow, gap_facts, gap_proposals, post
from kennismakelaar.desk import gaps as register
from kennismakelaar.desk.circles import Rules
from kennismakelaar.errors import Refused
from kennismakelaar.moments import now


@click.group("gaps", invoke_without_command=True)
@json_option
@database_option
@click.pass_context
def gaps(context: click.Context, as_data: bool) -> None:
    """Laat de kennisvragen zien: wat nog niemand goed kan beantwoorden.

    Voorbeeld: kennismakelaar gaps --json
    """
    if context.invoked_subcommand is None:
        _listed(context.obj, as_data)


@reported
def _listed(context: Context, as_data: bool) -> None:
    with context.broker() as broker:
        asked = register.all_members(broker.store)
        found = [(one, gap_facts.asking(broker, one, asked.get(one.id, []))) for one in register.register(broker.store)]
    lines = [f"{one.state:12} {asking.number:3}  {one.question}  ({one.id})" for one, asking in found]
    data = [
        {"id": one.id, "question": one.question, "state": one.state, "asking": dataclasses.asdict(asking)}
        for one, asking in found
    ]
    say(as_data, "\n".join(lines) or "Er zijn nog geen kennisvragen.", {"gaps": data})


@gaps.command()
@json_option
@database_option
@click.pass_obj
@reported
def cluster(context: Context, as_data: bool) -> None:
    """Stel voor welke vragen zonder antwoord bij elkaar horen. Er verandert niets: staf beslist op de website.

    Voorbeeld: kennismakelaar gaps cluster
    """
    with context.broker() as broker:
        found = gap_proposals.proposals(broker)
    lines = [f"{one.what:9} {one.gap or '-'}: {', '.join(one.cases)}\n          {one.question}" for one in found]
    text = "\n".join(lines) or "Er is niets voor te stellen."
    say(as_data, text, {"proposals": [dataclasses.asdict(one) for one in found]})


@click.command("circles")
@click.option("--size", default="6-10", show_default=True, help="Hoeveel mensen in een kring, van en tot.")
@click.option("--seed", default=0, show_default=True, help="Kiest tussen voorstellen die even goed zijn.")
@json_option
@database_option
@click.pass_obj
@reported
def circles_(context: Context, size: str, seed: int, as_data: bool) -> None:
    """Stel leerkringen voor: wie kan met wie om tafel over welke vraag, en voor welke vraag het niet lukt.

    Voorbeeld: kennismakelaar circles --size 6-8
    """
    with context.broker() as broker:
        plan = circle_desk.propose(broker, rules_of(size), seed)
    lines = []
    for one in plan.circles:
        lines.append(f"{one.question}{f'  [{one.missed}]' if one.missed else ''}")
        lines.append(f"   vragen: {', '.join(one.askers)}\n   weten:  {', '.join(one.experienced)}")
    lines += [f"Niet mogelijk: {one.question} ({one.rule}: {one.why})" for one in plan.unmet]
    say(as_data, "\n".join(lines) or "Er zijn geen open kennisvragen.", dataclasses.asdict(plan))


def rules_of(size: str) -> Rules:
    """The rules with a size such as 6-10; Refused where it cannot be read."""
    low, _, high = size.partition("-")
    if not (low.isdecimal() and high.isdecimal()):
        raise Refused(f"Grootte {size!r} begrijpen wij niet. Schrijf bijvoorbeeld 6-10.")
    return Rules(smallest=int(low), largest=int(high))


@click.command("digest")
@click.option("--send", is_flag=True, help="Verstuur de mails ook.")
@json_option
@database_option
@click.pass_obj
@reported
def digest_(context: Context, send: bool, as_data: bool) -> None:
    """Laat zien wie nu mail hoort te krijgen over wat hij volgt. Draai dit elke dag (cron).

    Voorbeeld: kennismakelaar digest --send
    """
    settings, at = context.settings, now()
    with context.broker() as broker:
        if send:
            follow.take_back(broker, at)
        found = list(follow.due(broker, at))
        for one in found if send else ():
            letter = follow.write(broker, one, settings.site, at)
            if letter:
                post.deliver(broker.store, letter, settings, at)
    told = [{"follow": one.follow.id, "changed": [node.id for node in one.changed]} for one in found]
    lines = [f"{len(one.changed)} veranderd: {', '.join(node.id for node in one.changed[:5])}" for one in found]
    say(as_data, "\n".join(lines) or "Er is niets te melden.", {"digests": told, "sent": send})
