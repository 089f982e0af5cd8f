"""Learning circles: no hard rule is ever broken, nobody who could sit is left standing, and what fails has a name."""

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from kennismakelaar import encode
from kennismakelaar.broker import Broker
from kennismakelaar.cli import main
from kennismakelaar.desk import cases, circle_desk, circles
from kennismakelaar.desk.cases import Case, Step
from kennismakelaar.desk.circles import Circle, Participant, Plan, Rules, Topic
from kennismakelaar.errors import Refused
from kennismakelaar.model import Change, Edge, Node, Source, as_json
from kennismakelaar.store import Store
from kennismakelaar.weights import read

RULES = Rules(smallest=3, largest=5, askers=1, experienced=1, most=1, circles=3, regions=2)
TOWNS = ("", "assen", "emmen", "delft", "breda", "tilburg", "zwolle", "kampen")
PROVINCE = {
    "assen": "dr",
    "emmen": "dr",
    "delft": "zh",
    "breda": "nb",
    "tilburg": "nb",
    "zwolle": "ov",
    "kampen": "ov",
    "": "",
}
WHO = Step("2026-11-25T09:00:00+00:00", "anna", "")
SOURCES = (Source("nota", "1", "stated"),)


@st.composite
def instances(draw: st.DrawFn) -> tuple[list[Topic], dict[str, Participant], Rules]:
    """A few questions, up to a dozen people, some of whom sit in a circle already."""
    ids = [f"p{number}" for number in range(draw(st.integers(0, 12)))]
    towns = draw(st.lists(st.sampled_from(TOWNS), min_size=len(ids), max_size=len(ids)))
    people = {
        id: Participant(id, town, PROVINCE[town], draw(st.integers(0, 1))) for id, town in zip(ids, towns, strict=True)
    }
    topics = []
    for number in range(draw(st.integers(0, 3))):
        roles = {id: draw(st.sampled_from("avn")) for id in ids}
        fits = {id: draw(st.sampled_from((0.3, 0.6, 1.0))) for id in ids}
        asks, knows = ({id: fits[id] for id in ids if roles[id] == role} for role in "av")
        topics.append(Topic(f"t{number}", f"Vraag {number}?", asks, knows))
    return topics, people, replace(RULES, most=draw(st.integers(1, 2)))


def broken(plan: Plan, topics: list[Topic], people: dict[str, Participant], rules: Rules) -> list[str]:
    """Every hard rule that a plan breaks."""
    asked = {topic.id: topic for topic in topics}
    wrong = []
    for circle in plan.circles:
        members = (*circle.askers, *circle.experienced)
        towns = Counter(people[id].town for id in members if people[id].town)
        wrong += [] if rules.smallest <= len(set(members)) <= rules.largest else ["grootte"]
        wrong += [] if len(circle.askers) >= rules.askers else ["vragers"]
        wrong += [] if len(circle.experienced) >= rules.experienced else ["ervaring"]
        wrong += ["gemeente" for number in towns.values() if number > 1]
        wrong += [] if set(circle.askers) <= set(asked[circle.topic].askers) else ["wie vraagt"]
        wrong += [] if set(circle.experienced) <= set(asked[circle.topic].experienced) else ["wie weet"]
    load = Counter(id for circle in plan.circles for id in (*circle.askers, *circle.experienced))
    wrong += ["belasting" for id, number in load.items() if number + people[id].circles > rules.most]
    return wrong + ([] if len(plan.circles) <= rules.circles else ["aantal"])


def seated(made: tuple[Circle, ...] | list[Circle]) -> int:
    return len({id for circle in made for id in (*circle.askers, *circle.experienced)})


def greedy(topics: list[Topic], people: dict[str, Participant], rules: Rules) -> list[Circle]:
    """Question by question, the best fitting first, as a person with a list would do it."""
    load = {id: one.circles for id, one in people.items()}
    made: list[Circle] = []
    for topic in topics:
        towns, chosen = set[str](), {"a": list[str](), "e": list[str]()}
        for role, pool, least in (("a", topic.askers, rules.askers), ("e", topic.experienced, rules.experienced)):
            for id in sorted(pool, key=lambda id: (-pool[id], id)):
                room = rules.largest - sum(map(len, chosen.values())) - (rules.experienced if role == "a" else 0)
                if load[id] < rules.most and people[id].town not in towns and room > 0:
                    chosen[role].append(id)
                    towns |= {people[id].town} - {""}
            if len(chosen[role]) < least:
                break
        members = chosen["a"] + chosen["e"]
        enough = len(chosen["a"]) >= rules.askers and len(chosen["e"]) >= rules.experienced
        if enough and len(members) >= rules.smallest and len(made) < rules.circles:
            made.append(Circle(topic.id, topic.question, tuple(chosen["a"]), tuple(chosen["e"])))
            load |= {id: load[id] + 1 for id in members}
    return made


@settings(deadline=None, max_examples=60)
@given(instances())
def test_no_hard_rule_is_broken_and_greed_seats_no_more(
    instance: tuple[list[Topic], dict[str, Participant], Rules],
) -> None:
    topics, people, rules = instance
    plan = circles.plan(topics, people, rules)
    assert broken(plan, topics, people, rules) == []
    by_hand = greedy(topics, people, rules)
    assert broken(Plan(0, tuple(by_hand), ()), topics, people, rules) == []
    assert seated(plan.circles) >= seated(by_hand)
    assert {c.topic for c in plan.circles} | {u.topic for u in plan.unmet} == {t.id for t in topics}


def group(*towns: str, circles: int = 0) -> dict[str, Participant]:
    return {f"p{n}": Participant(f"p{n}", town, PROVINCE[town], circles) for n, town in enumerate(towns)}


def topic(people: dict[str, Participant], askers: int) -> Topic:
    ids = list(people)
    return Topic("t", "Hoe?", dict.fromkeys(ids[:askers], 1.0), dict.fromkeys(ids[askers:], 1.0))


@pytest.mark.parametrize(
    ("people", "askers", "rule", "why"),
    [
        (group("assen", "delft", "breda"), 0, "vragers", "vragers: 0 van de 1"),
        (group("assen", "delft", "breda"), 3, "ervaring", "ervaring: 0 van de 1"),
        (group("assen", "delft"), 1, "grootte", "grootte: 2 van de 3"),
        (group("assen", "assen", "delft"), 1, "grootte", "grootte: 2 van de 3"),
        (group("assen", "delft", "breda", circles=1), 1, "belasting", "te veel deelnemers zitten al in een kring"),
    ],
)
def test_what_cannot_be_met_is_named(people: dict[str, Participant], askers: int, rule: str, why: str) -> None:
    plan = circles.plan([topic(people, askers)], people, RULES)
    assert plan.circles == ()
    assert [(unmet.rule, unmet.why) for unmet in plan.unmet] == [(rule, why)]


def test_a_question_loses_its_people_to_others_or_to_the_number_of_circles() -> None:
    people = group("assen", "delft", "breda", "zwolle", "", "")
    one = Topic("a", "A?", {"p0": 1.0}, {"p1": 1.0, "p2": 1.0})
    same, other = replace(one, id="b"), Topic("c", "C?", {"p3": 1.0}, {"p4": 1.0, "p5": 1.0})
    (lost,) = circles.plan([one, same], people, RULES).unmet
    assert (lost.rule, "andere kringen" in lost.why) == ("belasting", True)
    (lost,) = circles.plan([one, other], people, replace(RULES, circles=1)).unmet
    assert (lost.rule, lost.why) == ("aantal", "er zijn al 1 kringen in dit voorstel")


def test_a_circle_is_spread_over_provinces_where_it_can_and_else_says_so() -> None:
    people = group("assen", "emmen", "", "", "delft")
    rules = replace(RULES, largest=3)
    (made,) = circles.plan([topic(people, 1)], people, rules).circles
    assert "p4" in made.experienced
    assert made.missed == ""
    alone = {id: one for id, one in people.items() if id != "p4"}
    (made,) = circles.plan([topic(alone, 1)], alone, rules).circles
    assert made.missed == "spreiding: 1 van de 2 provincies"


def test_the_same_seed_gives_the_same_plan_and_another_may_differ() -> None:
    people = {f"p{n}": Participant(f"p{n}") for n in range(12)}
    plans = [circles.plan([topic(people, 6)], people, RULES, seed) for seed in (1, 1, 2, 3, 4)]
    assert plans[0] == plans[1]
    assert len({plan.circles for plan in plans}) > 1


def graph() -> tuple[list[Node], list[Edge]]:
    """One open question that a municipality asks, and four who know about it in other places."""
    place = {"summary": "Een plaats.", "place_type": "stad"}
    org = {"summary": "Een club.", "type": "maatschappelijk"}
    question = {"summary": "Niemand weet het.", "question_status": "open"}
    nodes = [
        Node("vraag", "knowledge_question", "Hoe kan het?", sources=SOURCES, properties=question),
        Node("nota", "publication", "Nota", sources=SOURCES, properties={"summary": "Een nota.", "type": "beleid"}),
    ]
    edges = []
    for number, town in enumerate(("assen", "delft", "breda", "zwolle")):
        nodes.append(Node(town, "place", town.capitalize(), sources=SOURCES, properties=place))
        nodes.append(Node(f"club-{town}", "organisation", f"Club {town}", sources=SOURCES, properties=org))
        edges.append(Edge("located_in", f"club-{town}", town, SOURCES))
        edges.append(Edge("asks" if number == 0 else "answers", f"club-{town}", "vraag", SOURCES))
    return nodes, edges


@pytest.fixture
def broker(store: Store) -> Broker:
    broker = Broker(store, encode.load("none"), read())
    broker.add(*graph())
    return broker


def test_people_come_from_the_graph_and_from_open_cases(broker: Broker) -> None:
    now = datetime(2026, 11, 25, tzinfo=UTC).isoformat()
    waiting = Case("zaak-1", "Hoe dan?", now, now, cases.State.GAP, place="assen", gap="vraag")
    done = replace(waiting, id="zaak-2", state=cases.State.DONE)
    broker.store.write(Change(records=[cases.as_record(waiting), cases.as_record(done)]))
    (found,), people = (field := circle_desk.survey(broker)).topics, field.people
    assert set(found.askers) == {"club-assen", "zaak-1"}
    assert set(found.experienced) == {"club-delft", "club-breda", "club-zwolle"}
    assert (people["zaak-1"].town, people["club-delft"].town) == ("assen", "delft")


def test_who_takes_no_questions_is_not_asked_for_a_circle(broker: Broker) -> None:
    node = broker.store.get("club-delft")
    broker.add([replace(node, properties={**node.properties, "capacity": 0})], [])
    assert "club-delft" not in circle_desk.survey(broker).people


def test_an_accepted_circle_is_kept_once_and_counts_as_load(broker: Broker) -> None:
    (made,) = circle_desk.propose(broker, RULES).circles
    accepted = circle_desk.accept(broker, made, WHO)
    assert circle_desk.find(broker.store, accepted.id).circle == made
    with pytest.raises(Refused, match="al aangenomen"):
        circle_desk.accept(broker, made, WHO)
    (unmet,) = circle_desk.propose(broker, RULES).unmet
    assert unmet.rule == "belasting"


def test_a_size_that_cannot_be_is_refused(broker: Broker) -> None:
    with pytest.raises(Refused, match="9 tot 6"):
        circle_desk.propose(broker, Rules(smallest=9, largest=6))


def test_the_command_line_proposes_circles_gaps_and_letters(tmp_path: Path) -> None:
    environment = {"KENNISMAKELAAR_ENCODER": "none", "KENNISMAKELAAR_DATABASE": f"sqlite:///{tmp_path}/graph.db"}
    nodes, edges = graph()
    (tmp_path / "g.json").write_text(
        json.dumps({"nodes": [as_json(node) for node in nodes], "edges": [as_json(edge) for edge in edges]})
    )

    def run(*words: str) -> str:
        done = CliRunner().invoke(main, list(words), env=environment)
        assert done.exit_code == 0, done.output
        return done.output

    run("init", "--no-seed")
    run("import", str(tmp_path / "g.json"))
    (unmet,) = json.loads(run("circles", "--json"))["unmet"]
    assert unmet["why"] == "grootte: 4 van de 6; vragers: 1 van de 2"
    assert "Hoe kan het?" in run("circles", "--size", "3-5")
    assert json.loads(run("gaps", "--json"))["gaps"][0]["asking"]["places"] == ["Assen"]
    assert json.loads(run("gaps", "cluster", "--json")) == {"proposals": []}
    assert json.loads(run("digest", "--json")) == {"digests": [], "sent": False}
    wrong = CliRunner().invoke(main, ["circles", "--size", "veel"], env=environment)
    assert (wrong.exit_code, "bijvoorbeeld 6-10" in wrong.output) == (1, True)
