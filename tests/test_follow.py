"""Following: only what changed is told, at most once in a period, only to who said yes, and not what changed back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from kennismakelaar import encode, history
from kennismakelaar.broker import Broker
from kennismakelaar.config import Settings
from kennismakelaar.desk import contact, follow, links, post
from kennismakelaar.desk.follow import Follow, Period
from kennismakelaar.desk.links import Link
from kennismakelaar.errors import NotFound, Refused
from kennismakelaar.model import Change, Edge, Node, Source
from kennismakelaar.moments import moment
from kennismakelaar.store import Store
from kennismakelaar.weights import read

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
WEEK, DAY = timedelta(days=7), timedelta(days=1)
SITE = "https://kennis.voorbeeld.nl"
SOURCES = (Source("nota", "1", "stated"),)
QUESTION = "Wie helpt met een buurtwinkel?"


def node(kind: str, id: str, name: str, **properties: str) -> Node:
    return Node(id, kind, name, sources=SOURCES, properties={"summary": f"{name}.", **properties})


TUIN = node("initiative", "tuin", "Buurttuin")
HELPER = node("organisation", "steunpunt", "Steunpunt voor een buurtwinkel", type="maatschappelijk")


@pytest.fixture
def broker(store: Store) -> Broker:
    # every match counts as a good one here, whatever its score
    broker = Broker(store, encode.load("none"), replace(read(), threshold=0.0, chance_of_match=(1.0, 0.0)))
    nodes = [
        node("publication", "nota", "Nota", type="beleid"),
        node("place", "zonnedam", "Zonnedam", place_type="stad"),
        node("place", "oost", "Oost", place_type="buurt"),
        TUIN,
    ]
    edges = [Edge("part_of", "oost", "zonnedam", SOURCES), Edge("located_in", "tuin", "oost", SOURCES)]
    broker.add(nodes, edges)
    return broker


def say(broker: Broker, text: str) -> None:
    """Someone changes what is told of the garden."""
    changed = replace(broker.store.get("tuin"), properties={"summary": text})
    with time_machine.travel(NOW + timedelta(hours=1)):
        history.publish(broker, Change(nodes=[changed]), "anna", "klopte niet")


def token(broker: Broker, page: str, one: Follow) -> str:
    """As it would stand in a letter."""
    word, record = links.mint(Link(page, one.id, moment(NOW + timedelta(days=365))))
    broker.store.write(Change(records=[record]))
    return word


def with_letters(broker: Broker, question: str = "", place: str = "Zonnedam") -> Follow:
    one = follow.begin(broker, question, place, NOW)
    follow.ask_for_letters(broker, one.id, "ik@voorbeeld.nl", Period.WEEK, NOW)
    return follow.confirm(broker, token(broker, follow.CONFIRM, one), NOW)


def due(broker: Broker, now: datetime) -> list[list[str]]:
    return [[changed.id for changed in one.changed] for one in follow.due(broker, now)]


def send(broker: Broker, now: datetime) -> list[str]:
    """Ids of the letters that were written and sent by hand."""
    follow.take_back(broker, now)
    made = [letter for one in list(follow.due(broker, now)) if (letter := follow.write(broker, one, SITE, now))]
    return [post.mark_sent(broker.store, letter.id, "anna", now).id for letter in made]


def test_what_is_there_already_is_no_news(broker: Broker) -> None:
    one = follow.begin(broker, "", "zonnedam", NOW)
    assert set(one.seen) == {"zonnedam", "oost", "tuin"}
    assert follow.refreshed(broker, one.id, NOW).entries == ()


def test_a_place_tells_of_new_and_changed_records_also_in_its_parts(broker: Broker) -> None:
    one = follow.begin(broker, "", "Zonnedam", NOW)
    say(broker, "Een tuin met kippen.")
    broker.add([node("initiative", "koor", "Koor")], [Edge("located_in", "koor", "zonnedam", SOURCES)])
    found = {entry.title: entry for entry in follow.refreshed(broker, one.id, NOW + DAY).entries}
    assert set(found) == {"Gewijzigd: Buurttuin", "Nieuw: Koor"}
    assert found["Gewijzigd: Buurttuin"].at == history.of_node(broker.store, "tuin")[0].at
    assert found["Nieuw: Koor"].at == moment(NOW + DAY)


def test_a_question_tells_of_new_matches_alone(broker: Broker) -> None:
    one = follow.begin(broker, QUESTION, "", NOW)
    broker.add([HELPER], [])
    (entry,) = follow.refreshed(broker, one.id, NOW + DAY).entries
    assert (entry.title, entry.link) == ("Nieuw: Steunpunt voor een buurtwinkel", "/organisation/steunpunt")
    broker.add([replace(HELPER, properties={**HELPER.properties, "website": "https://voorbeeld.nl"})], [])
    assert len(follow.refreshed(broker, one.id, NOW + 2 * DAY).entries) == 1


def test_looking_twice_finds_a_change_once(broker: Broker) -> None:
    one = follow.begin(broker, "", "Zonnedam", NOW)
    say(broker, "Een tuin met kippen.")
    first = follow.refreshed(broker, one.id, NOW + DAY)
    assert follow.refreshed(broker, one.id, NOW + 2 * DAY) == first


def test_personal_details_in_a_question_are_not_kept(broker: Broker) -> None:
    assert "06" not in follow.begin(broker, "Een buurtwinkel? Bel 06 12345678", "", NOW).question
    with pytest.raises(Refused, match="een vraag of een plaats"):
        follow.begin(broker, "", " ", NOW)
    with pytest.raises(NotFound):
        follow.find(broker.store, "weg")


def test_nobody_gets_letters_without_saying_yes(broker: Broker) -> None:
    one = follow.begin(broker, "", "Zonnedam", NOW)
    letter = follow.ask_for_letters(broker, one.id, "ik@voorbeeld.nl", "week", NOW)
    say(broker, "Een tuin met kippen.")
    assert due(broker, NOW + 2 * WEEK) == []
    assert contact.clear(broker.store, (NOW + timedelta(days=8)).date()) == 1
    assert letter.link == Link(follow.CONFIRM, one.id, moment(NOW + WEEK))
    with pytest.raises(Refused, match="elke week of elke maand"):
        follow.ask_for_letters(broker, one.id, "ik@voorbeeld.nl", "uur", NOW)


def test_a_link_confirms_once(broker: Broker) -> None:
    one = follow.begin(broker, "", "Zonnedam", NOW)
    follow.ask_for_letters(broker, one.id, "ik@voorbeeld.nl", "week", NOW)
    word = token(broker, follow.CONFIRM, one)
    assert follow.confirm(broker, word, NOW).confirmed
    with pytest.raises(NotFound):
        follow.confirm(broker, word, NOW)
    with pytest.raises(Refused, match="al per mail"):
        follow.ask_for_letters(broker, one.id, "ander@voorbeeld.nl", "week", NOW)


def test_asking_again_before_saying_yes_replaces_the_address(broker: Broker) -> None:
    one = follow.begin(broker, "", "Zonnedam", NOW)
    follow.ask_for_letters(broker, one.id, "fout@voorbeeld.nl", "week", NOW)
    follow.ask_for_letters(broker, one.id, "goed@voorbeeld.nl", "maand", NOW)
    assert contact.find(broker.store, follow.about(one.id), NOW.date()).email == "goed@voorbeeld.nl"
    states = sorted(letter.state for letter in post.about(broker.store, follow.about(one.id)))
    assert states == [post.State.LAPSED, post.State.WAITING]


def test_at_most_one_letter_in_a_period(broker: Broker) -> None:
    with_letters(broker)
    say(broker, "Een tuin met kippen.")
    assert send(broker, NOW + WEEK - DAY) == []
    assert len(send(broker, NOW + WEEK)) == 1
    say(broker, "Een tuin met eenden.")
    assert send(broker, NOW + 2 * WEEK - DAY) == []
    assert due(broker, NOW + 2 * WEEK) == [["tuin"]]
    assert len(send(broker, NOW + 2 * WEEK)) == 1
    assert send(broker, NOW + 4 * WEEK) == []


def test_what_changed_back_is_not_told(broker: Broker) -> None:
    with_letters(broker)
    say(broker, "Een tuin met kippen.")
    say(broker, "Buurttuin.")
    assert due(broker, NOW + WEEK) == []


def test_a_letter_that_still_waits_tells_how_it_is_now_or_lapses(broker: Broker) -> None:
    with_letters(broker)
    say(broker, "Een tuin met kippen.")
    (one,) = follow.due(broker, NOW + WEEK)
    waiting = follow.write(broker, one, SITE, NOW + WEEK)
    assert waiting is not None
    assert due(broker, NOW + WEEK + DAY) == []
    say(broker, "Buurttuin.")
    assert send(broker, NOW + WEEK + DAY) == []
    assert post.find(broker.store, waiting.id).state is post.State.LAPSED


def test_of_two_who_send_at_once_one_writes(broker: Broker) -> None:
    with_letters(broker)
    say(broker, "Een tuin met kippen.")
    (one,), (same,) = follow.due(broker, NOW + WEEK), follow.due(broker, NOW + WEEK)
    made = [follow.write(broker, one, SITE, NOW + WEEK), follow.write(broker, same, SITE, NOW + WEEK + DAY)]
    assert made[1] is None
    assert len([letter for letter in post.letters(broker.store) if letter.template == "follow_digest"]) == 1


def test_a_letter_says_what_changed_and_how_to_stop(broker: Broker, tmp_path: Path) -> None:
    with_letters(broker)
    say(broker, "Een tuin met kippen.")
    (one,) = follow.due(broker, NOW + WEEK)
    letter = follow.write(broker, one, SITE, NOW + WEEK)
    assert letter is not None
    text = post.read(letter, f"{SITE}/volgen/stop/xyz").body
    assert f"- Buurttuin\n  {SITE}/initiative/tuin" in text
    assert f"{SITE}/volgen/stop/xyz" in text
    paths = post.write_out(broker.store, tmp_path, Settings(address=SITE), NOW + WEEK)
    assert [path.stem for path in paths] == [letter.id]


def test_one_click_stops_the_letters_and_erases_the_address(broker: Broker) -> None:
    one = with_letters(broker)
    say(broker, "Een tuin met kippen.")
    word = token(broker, follow.STOP, one)
    follow.stop(broker, word, NOW + DAY)
    follow.stop(broker, word, NOW + DAY)
    assert due(broker, NOW + 2 * WEEK) == []
    assert not contact.has(broker.store, follow.about(one.id), NOW.date())
    assert [entry.id for entry in follow.refreshed(broker, one.id, NOW + DAY).entries] == ["tuin"]
