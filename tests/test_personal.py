"""The register of personal data: whole, the same as the docs, and kept to."""

import ast
from dataclasses import fields
from pathlib import Path

import pytest

from kennismakelaar import personal, reports
from kennismakelaar.audit import Row
from kennismakelaar.desk import cases, contact, follow, introductions, links, outcomes, post
from kennismakelaar.errors import SchemaError
from kennismakelaar.model import Node
from kennismakelaar.paths import GRAPH_SCHEMA, ROOT
from kennismakelaar.schema import schema

NOBODY = frozenset(
    "verdict redirect history_papers helped still_right task gap key erased_key research import import_step "
    "import_mapping import_file likely_pairs person knowledge_question".split()
)
"""Kinds of record (and of node, where a module names one) in which nothing is about a person in particular."""
CLASSES = {
    "contact": contact.Contact,
    "case": cases.Case,
    "introduction": introductions.Introduction,
    "outcome": outcomes.Outcome,
    "letter": post.Letter,
    "link": links.Link,
    "follow": follow.Follow,
    "report": reports.Report,
    "audit": Row,
}


def kinds_in_code() -> set[str]:
    """What modules call their records: constants in capitals with the name of a kind."""
    found = set()
    for path in (ROOT / "kennismakelaar").rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        if not any(isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Record" for node in ast.walk(tree)):
            continue
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant | ast.Tuple):
                values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
                targets = node.targets[0].elts if isinstance(node.targets[0], ast.Tuple) else node.targets
                names = [getattr(target, "id", "") for target in targets]
                if {"KIND", "LINK", "HELPED", "VERDICT", "TASK"} & set(names):
                    found |= {str(value.value) for value in values if isinstance(value, ast.Constant)}
    return found


def test_every_kind_of_record_is_in_the_register_or_known_to_be_about_nobody() -> None:
    known = {one.kind for one in personal.register() if one.place == "record"}
    assert kinds_in_code() - known - NOBODY == set()
    assert known & NOBODY == set()


@pytest.mark.parametrize("kind", CLASSES)
def test_the_fields_in_the_register_are_those_that_are_kept(kind: str) -> None:
    named = {name for one in personal.register() if one.kind == kind for name in one.fields}
    assert named == {field.name for field in fields(CLASSES[kind])} - {"version"} - ({"id"} - named)


def test_a_new_property_of_a_person_without_a_purpose_stops_the_program(tmp_path: Path) -> None:
    text = (GRAPH_SCHEMA / "personal.yaml").read_text("utf-8")
    changes = {
        "website": "orcid staat er niet in",
        "orcid, orcid, website": "twee keer",
        "orcid, x, website": "x bestaat",
    }
    for there, why in changes.items():
        (tmp_path / "personal.yaml").write_text(text.replace("orcid, website", there))
        with pytest.raises(SchemaError, match=why):
            personal.read(tmp_path / "personal.yaml", schema())


def test_what_only_staff_may_see_is_not_there_for_others() -> None:
    node = Node("anna", "person", "Anna", (), (), {"summary": "Schrijft.", "capacity": 2})
    assert personal.seen(node, by_staff=True) == node
    assert dict(personal.seen(node, by_staff=False).properties) == {"summary": "Schrijft."}
    organisation = Node("o", "organisation", "O", (), (), {"capacity": 2})
    assert personal.seen(organisation, by_staff=False) == organisation


def test_the_docs_have_the_register_as_it_is() -> None:
    assert personal.as_markdown(personal.register()) in (ROOT / "docs" / "privacy.md").read_text("utf-8")
