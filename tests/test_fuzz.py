"""Thousands of broken inputs: no fault of ours, no trace, and what is refused is refused in words.

2,000 in every run, always the same; with KENNISMAKELAAR_NIGHTLY=1 100,000 others. The API has schemathesis (tests/web/test_api.py).
"""

import gzip
import re
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from urllib.parse import quote, quote_from_bytes

import openpyxl
import pytest
import yaml
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from kennismakelaar import backup, encode, export, schema, seed, users
from kennismakelaar.broker import Broker
from kennismakelaar.cli import main
from kennismakelaar.errors import KennisError, SchemaError
from kennismakelaar.paths import GRAPH_SCHEMA
from kennismakelaar.store_embedded import EmbeddedStore
from kennismakelaar.users import Role
from kennismakelaar.weights import read
from tests.conftest import NIGHTLY
from tests.web.conftest import EDGES, NODES, SECRET
from web.app import create_app

ROOT = Path(__file__).resolve().parent.parent
SHARES = {"forms": 300, "addresses": 300, "uploads": 40, "commands": 100, "schema": 200, "seed": 260, "graph": 400}
SHARES |= {"copy": 400}
"""Inputs of each sort: 2,000 together."""
TIMES = 50 if NIGHTLY else 1
SKIPPED = {"serve", "train", "ablate", "evaluate", "seed-vectors", "network", "copy", "init", "digest"}
"""Commands that run for minutes, wait for ever or write outside the folder of the test."""
SLOW = {"network.research_package", "access.logout"}
NASTY = (
    *("", " ", "\0", "' OR 1=1 --", '"', "<script>alert(1)</script>", "{{7*7}}", "../../etc/passwd", "%00", "\r\nX: y"),
    *("-1", "0", "1", "99999999999999999999", "1e999", "NaN", "١٢٣", "2026-02-30", "9999-12-31", "=1+1", "null", "[]"),
    *(
        "é" * 3_000,
        "x" * 70_000,
        "a b c " * 2_000,
        "\U0001f600",
        "\ufeff",
        "\u202e",
        "ｎａａｍ",
        "zaak-1",
        "bolt://x:1",
    ),
    *(node.id for node in NODES),
    *("initiative", "organisation", "Zonnedam", "nieuw", "afgerond", "aangenomen", "medewerker", "beheerder", "ja"),
)
NAMES = sorted(
    {
        name
        for path in (ROOT / "web").glob("*.py")
        for name in re.findall(
            r'(?:form|args|values|typed|_typed)[^"\n]{0,12}[(\[]"([^"]{1,30})"', path.read_text("utf-8")
        )
    }
)
"""Of the fields that the website reads."""
values = st.one_of(
    st.sampled_from(NASTY).map(lambda text: text.encode("utf-8", "surrogatepass")), st.binary(max_size=40)
)
fields = st.lists(st.tuples(st.sampled_from(NAMES), values), max_size=8)


def many(sort: str) -> Callable[..., object]:
    """As often as the table says; the same each time, but in the night."""
    return settings(
        max_examples=SHARES[sort] * TIMES,
        derandomize=not NIGHTLY,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )


def encoded(pairs: list[tuple[str, bytes]]) -> str:
    """As a browser sends them, whatever the bytes."""
    return "&".join(f"{quote(name)}={quote_from_bytes(value)}" for name, value in pairs)


@dataclass
class Site:
    """The website, with an administrator who logs in again whenever that came to an end."""

    app: Flask
    broker: Broker
    client: FlaskClient = field(init=False)
    token: str = field(init=False, default="")
    turn: int = 0

    def __post_init__(self) -> None:
        self.log_in()

    def log_in(self) -> None:
        self.turn += 1
        users.add(self.broker.store, f"fuzz-{self.turn}", Role.ADMIN, SECRET)
        self.client = self.app.test_client()
        form = {"naam": f"fuzz-{self.turn}", "wachtwoord": SECRET, "csrf_token": self._token("/inloggen")}
        assert self.client.post("/inloggen", data=form).status_code == 303
        self.token = self._token("/over")

    def _token(self, page: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.client.get(page).text)
        assert found
        return found[1]

    def post(self, address: str, body: str) -> TestResponse:
        """A form with a right token."""
        kind = "application/x-www-form-urlencoded"
        answer = self.client.post(address, data=f"csrf_token={self.token}&{body}", content_type=kind)
        if "/inloggen" in answer.headers.get("Location", "") or answer.status_code in (401, 403):
            self.log_in()
        return answer

    def upload(self, name: str, content: bytes) -> TestResponse:
        """A list to be read in."""
        form = {"csrf_token": self.token, "bron": "Lijst", "bestand": (BytesIO(content), name)}
        return self.client.post("/bureau/importeren", data=form, content_type="multipart/form-data")

    def rules(self, method: str) -> list[Rule]:
        found = (rule for rule in self.app.url_map.iter_rules() if method in (rule.methods or ()))
        return sorted(
            (rule for rule in found if rule.endpoint not in SLOW and not rule.rule.startswith(("/api/", "/static/"))),
            key=lambda rule: rule.rule,
        )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    store = EmbeddedStore(tmp_path_factory.mktemp("fuzz") / "graph.db")
    with closing(Broker(store, encode.load("none"), replace(read(), threshold=0.0))) as broker:
        broker.add(NODES, EDGES)
        app = create_app(broker)
        app.config["PROPAGATE_EXCEPTIONS"] = False
        yield Site(app, broker)


def address(draw: st.DataObject, rule: Rule) -> str:
    """Of a rule, with parts that exist, that do not, and that cannot."""

    def part(found: re.Match[str]) -> str:
        value = draw.draw(values, found[1])
        return quote_from_bytes(value, safe="")[:2_000] or "leeg"

    return re.sub(r"<(?:\w+:)?(\w+)>", part, rule.rule)


def is_answered(answer: TestResponse) -> None:
    """A page or a refusal; never a fault of ours."""
    assert answer.status_code < 500, (answer.request.method, answer.request.path, answer.status)
    assert b"Traceback" not in answer.data
    answer.close()


@many("forms")
@given(st.data(), fields)
def test_a_broken_form_is_refused_in_words(site: Site, draw: st.DataObject, sent: list[tuple[str, bytes]]) -> None:
    rule = draw.draw(st.sampled_from(site.rules("POST")), "rule")
    is_answered(site.post(address(draw, rule), encoded(sent)))


@many("addresses")
@given(st.data(), fields)
def test_a_broken_address_is_refused_in_words(site: Site, draw: st.DataObject, sent: list[tuple[str, bytes]]) -> None:
    rule = draw.draw(st.sampled_from(site.rules("GET")), "rule")
    is_answered(site.client.get(f"{address(draw, rule)}?{encoded(sent)}"))


def _workbook() -> bytes:
    book, file = openpyxl.Workbook(), BytesIO()
    for cells in (["Naam", "Omschrijving", "Plaats"], ["Café Zuid", "Een café.", "Zonnedam"], ["Kas", None, 7]):
        book["Sheet"].append(cells)
    book.save(file)
    return file.getvalue()


LISTS = (
    "Naam;Omschrijving;Plaats;Jaar;need\r\nCafé Zuid;Een café.;Zonnedam;2015;geld, ruimte\r\nKas;;;;\r\n".encode(),
    b'[{"naam": "Cafe Zuid", "omschrijving": "Een cafe.", "plaats": ["Zonnedam"], "jaar": 2015}, {"naam": "Kas"}]',
    b"id,name,description\n1,Steunpunt,Helpt.\n",
    _workbook(),
)


@many("uploads")
@given(st.data())
def test_a_broken_file_is_refused_in_words(site: Site, draw: st.DataObject) -> None:
    """Where it can be read after all, so are its columns and what would become of it."""
    name = draw.draw(st.one_of(st.sampled_from(NASTY), st.text(max_size=20)))
    kept = site.upload(name, draw.draw(spoiled(draw.draw(st.sampled_from(LISTS)))))
    is_answered(kept)
    if kept.status_code == 303:
        is_answered(site.client.get(kept.location))
        is_answered(site.client.get(f"{kept.location}/voorbeeld"))
        is_answered(site.post(f"{kept.location}/weg", ""))


words = st.one_of(
    st.sampled_from([word for word in NASTY if "/" not in word and "\0" not in word and len(word) < 5_000]),
    st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), max_size=20),
)


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # the runner keeps what failed, files too
@many("commands")
@given(st.data())
def test_a_broken_command_line_is_one_clear_line(
    tmp_path_factory: pytest.TempPathFactory, site: Site, draw: st.DataObject
) -> None:
    names = [name for name in main.list_commands(None) if name not in SKIPPED]  # type: ignore[arg-type]
    name = draw.draw(st.sampled_from(names))
    command = main.get_command(None, name)  # type: ignore[arg-type]
    assert command is not None
    options = [text for one in command.params for text in one.opts if text.startswith("-") and text != "--database"]
    arguments = draw.draw(st.lists(st.one_of(st.sampled_from(options or ["--json"]), words), max_size=6))
    folder = tmp_path_factory.getbasetemp() / "commands"
    folder.mkdir(exist_ok=True)
    runner, environment = CliRunner(), {"KENNISMAKELAAR_ENCODER": "none"}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        done = runner.invoke(main, ["--database", "sqlite:///g.db", name, *arguments], env=environment, input="")
    assert done.exception is None or isinstance(done.exception, SystemExit), (name, arguments, done.exc_info)
    assert "Traceback" not in done.output


@pytest.mark.parametrize("command", ["verify", "restore", "import", "backup", "export"])
def test_a_name_that_no_file_can_have_is_one_clear_line(tmp_path: Path, command: str) -> None:
    given = ["--database", f"sqlite:///{tmp_path}/g.db", *command.split(), "é" * 3_000]
    done = CliRunner().invoke(main, given, env={"KENNISMAKELAAR_ENCODER": "none"})
    assert isinstance(done.exception, SystemExit), done.exc_info
    assert done.exit_code in (1, 2)
    assert len(done.stderr.splitlines()[-1]) < 7_000


PIECES = (b"", b"\0", b"\xff\xfe", b"{", b"}", b"[", b"]", b": ", b"- ", b"\n", b",", b"'", b'"', b"null", b"1e999", b"&a *a", b"!!python/name:os.system", b"0x1F", b"2026-11-25", b"~", b"<<: ", b"|\n", b"\t", b"true", b"-1", b"{}", b"[[[[")  # fmt: skip


@st.composite
def spoiled(draw: st.DrawFn, good: bytes) -> bytes:
    """A good file with one to four places spoiled: cut out, doubled, or something else in its stead."""
    content = good
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 60)))
        piece = draw(st.one_of(st.sampled_from(PIECES), st.binary(max_size=6), st.just(content[start:end] * 2)))
        content = content[:start] + piece + content[end:]
    return content


SCHEMA = {
    "vocabularies.yaml": (GRAPH_SCHEMA / "vocabularies.yaml").read_bytes()[:1_500].rpartition(b"\n")[0],
    "shared.yaml": (GRAPH_SCHEMA / "shared.yaml").read_bytes(),
    "nodes/theme.yaml": (GRAPH_SCHEMA / "nodes" / "theme.yaml").read_bytes(),
    "nodes/place.yaml": (GRAPH_SCHEMA / "nodes" / "place.yaml").read_bytes(),
    "edges/broader.yaml": (GRAPH_SCHEMA / "edges" / "broader.yaml").read_bytes(),
}
SEED = {
    "nodes/theme.yaml": yaml.safe_dump(
        [
            {
                "id": f"thema-{n}",
                "name": f"Thema {n}",
                "summary": "Iets.",
                "sources": [vars(s) for s in NODES[0].sources],
            }
            for n in range(2)
        ]
    ).encode(),
    "edges/broader.csv": ",".join(seed.EDGE_COLUMNS).encode() + b"\r\nthema-0,thema-1,samen-doen,II.1,,stated,\r\n",
}


def written(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@many("schema")
@given(st.data())
def test_a_broken_kind_is_a_schema_error(folder: Path, draw: st.DataObject) -> None:
    name = draw.draw(st.sampled_from(sorted(SCHEMA)))
    with suppress(SchemaError):
        schema.read(written(folder / "schema", SCHEMA | {name: draw.draw(spoiled(SCHEMA[name]))}))


@many("seed")
@given(st.data())
def test_a_broken_seed_is_a_schema_error(folder: Path, draw: st.DataObject) -> None:
    name = draw.draw(st.sampled_from(sorted(SEED)))
    with suppress(SchemaError):
        seed.read(written(folder / "seed", SEED | {name: draw.draw(spoiled(SEED[name]))}))


@pytest.fixture(scope="module")
def graph(folder: Path, site: Site) -> bytes:
    """An export of the small graph."""
    with open(folder / "whole.json", "w", encoding="utf-8") as file:
        export.write_json(site.broker.store, file)
    return (folder / "whole.json").read_bytes()


@many("graph")
@given(st.data())
def test_a_broken_graph_is_refused_whole(folder: Path, site: Site, graph: bytes, draw: st.DataObject) -> None:
    path = folder / "graaf.json"
    path.write_bytes(draw.draw(spoiled(graph)))
    with suppress(KennisError):
        site.broker.add(*export.read_json(path))


@pytest.fixture(scope="module")
def copied(folder: Path) -> bytes:
    """A backup of the small graph."""
    with closing(EmbeddedStore(folder / "whole.db")) as store:
        store.put(NODES, EDGES)
        backup.write(store, folder / "whole.gz")
    return (folder / "whole.gz").read_bytes()


@many("copy")
@given(st.data())
def test_a_broken_backup_is_refused_or_still_whole(folder: Path, copied: bytes, draw: st.DataObject) -> None:
    path = folder / "spoiled.gz"
    inside = draw.draw(st.booleans())
    content = gzip.decompress(copied) if inside else copied
    broken = draw.draw(spoiled(content))
    path.write_bytes(gzip.compress(broken, 1) if inside else broken)
    try:
        found = _all(path)
    except KennisError:
        return
    assert found == _all(folder / "whole.gz")


def _all(path: Path) -> list[object]:
    """What is read of a backup: whole, or not at all."""
    found = backup.Backup(path)
    return [*found.nodes(), *found.edges(), *found.records()]
