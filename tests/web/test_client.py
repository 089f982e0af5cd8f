"""The client gives what a broker here gives, over a real connection."""

import inspect
import re
from contextlib import redirect_stdout
from io import StringIO
from types import SimpleNamespace

import pytest

from kennismakelaar import entities, resolve
from kennismakelaar.broker import Broker
from kennismakelaar.client import Client, snake
from kennismakelaar.entities import Filter
from kennismakelaar.errors import NotFound, Refused, StoreError, Unauthorised
from kennismakelaar.paths import ROOT
from kennismakelaar.schema import schema
from tests.conftest import free_port
from tests.web.conftest import NODES, QUESTION, served
from web.api.models import camel


@pytest.fixture
def there(site: str) -> Client:
    """The small graph, served."""
    return Client(site)


def test_it_has_the_functions_of_a_broker() -> None:
    for name in ("ask", "show", "similar"):
        assert inspect.signature(getattr(Client, name)) == inspect.signature(getattr(Broker, name))
    here = dict(inspect.signature(entities.neighbourhood).parameters)
    assert here.pop("broker")
    assert list(here.values()) == list(inspect.signature(Client.neighbourhood).parameters.values())[1:]


def test_answers_are_the_same_dataclasses(broker: Broker, there: Client) -> None:
    assert there.ask(QUESTION) == broker.ask(QUESTION)
    assert there.ask(QUESTION, "Zonnedam", ("initiative",), 1) == broker.ask(QUESTION, "Zonnedam", ("initiative",), 1)
    assert there.similar("dorpswinkel", 2) == broker.similar("dorpswinkel", 2)
    assert there.neighbourhood("zonnedam", depth=2) == entities.neighbourhood(broker, "zonnedam", depth=2)


def test_a_record_comes_with_its_relations(broker: Broker, there: Client) -> None:
    for one in NODES:
        (node, ties), (known, relations) = there.show(one.id), broker.show(one.id)
        assert node == known
        assert [(tie.edge, tie.sentence) for tie in ties] == [(tie.edge, tie.sentence) for tie in relations]
        assert [tie.other.name for tie in ties] == [tie.other.name for tie in relations]


def test_records_come_page_after_page(broker: Broker, there: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kennismakelaar.client.PAGE", 4)
    assert list(there.entities()) == list(broker.store.nodes())
    wanted = Filter(kind="initiative", theme="voorzieningen")
    assert [node.id for node in there.entities(wanted)] == entities.find(broker, wanted) == ["dorpswinkel"]


def test_errors_are_ours(there: Client) -> None:
    with pytest.raises(NotFound, match="'niets' bestaat niet"):
        there.show("niets")
    with pytest.raises(NotFound, match="Verweggistan"):
        there.ask(QUESTION, place="Verweggistan")
    with pytest.raises(Refused, match="question is leeg"):
        there.ask(" ")
    with pytest.raises(Unauthorised):
        Client(there.address, key="kmk_verzonnen").similar("dorpswinkel")
    with pytest.raises(Refused, match="geen adres"):
        Client("file:///etc/passwd")
    with pytest.raises(StoreError, match="geeft geen antwoord"):
        Client(f"http://127.0.0.1:{free_port()}").ask(QUESTION)


@pytest.mark.parametrize("opening", ["embedded"], indirect=True)
def test_the_id_of_a_merged_record_leads_on(own: Broker) -> None:
    resolve.merge(own, "dorpswinkel", "buurttuin", "anna")
    with served(own) as address:
        assert Client(address).show("buurttuin")[0].id == "dorpswinkel"


def test_every_name_of_the_schema_comes_back_from_camel_case() -> None:
    names = {name for kind in schema().nodes.values() for name in kind.properties}
    assert [name for name in sorted(names) if snake(*camel({name: 0})) != name] == []


def test_the_example_in_the_documentation_works(site: str) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "api.md").read_text("utf-8"), re.DOTALL)
    said, names = StringIO(), dict[str, object]()
    with redirect_stdout(said):
        exec(example.replace("https://kennis.voorbeeld.nl", site), names)
    shown = SimpleNamespace(**names)
    assert said.getvalue().startswith(f"{shown.best.name} (")
    assert said.getvalue().endswith("2 initiatives\n")
