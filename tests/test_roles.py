"""The part a record plays."""

import pytest

from kennismakelaar import roles
from kennismakelaar.model import Edge, Match, Node, Reason, Source
from kennismakelaar.schema import schema


def match(id: str, kind: str) -> Match:
    return Match(id, kind, id, "", 1.0, 0.5, ())


@pytest.mark.parametrize("kind", schema().nodes)
def test_every_kind_has_one_role(kind: str) -> None:
    assert sum(kind in role.kinds for role in roles.ROLES) == 1


def test_groups_come_in_a_fixed_order_and_keep_that_of_the_matches() -> None:
    groups = roles.group([match("b", "theme"), match("z", "organisation"), match("a", "programme")])
    assert [(g.name, g.matches) for g in groups] == [("helpen", ("z", "a")), ("kennis", ("b",))]


def test_main_reasons_can_be_looked_up_and_quote_nothing_twice() -> None:
    reasons = [
        Reason("bm25", 3.0, "die woorden wegen zwaar"),
        Reason("meaning", 2.0, "gaat over: “een winkel”", "boek, I"),
        Reason("passage", 1.0, "helpt bij: “een winkel”", "boek, I"),
        Reason("place", 0.5, "ook in Ulrum", "boek, II"),
        Reason("elsewhere", -1.0, "speelt elders", "boek, II"),
    ]
    assert [r.signal for r in roles.main_reasons(reasons)] == ["meaning", "place", "bm25"]


def test_edge_is_read_from_either_end() -> None:
    edge = Edge("supports", "a", "b")
    assert (roles.seen_from(edge, "a"), roles.seen_from(edge, "b")) == ("ondersteunt", "wordt ondersteund door")


def test_sections_hold_what_rests_on_a_publication() -> None:
    here, there = Source("boek", "II", "stated", "deel"), Source("ander", "I", "stated")
    nodes = [Node("a", "theme", "a", (), (here, here)), Node("b", "theme", "b", (), (there,))]
    edge = Edge("related", "a", "b", (here, there))
    assert roles.sections("boek", nodes, [edge]) == (roles.Section("II", "deel", ("a",), (edge,)),)
