"""What keeps attackers out: hosts, https, sizes, formulas, statements, and a start that refuses what is not safe."""

import ast
import re
from dataclasses import fields
from pathlib import Path

import networkx as nx
import pytest
from flask.testing import FlaskClient

from kennismakelaar.broker import Broker
from kennismakelaar.config import Settings
from kennismakelaar.errors import Refused
from kennismakelaar.network import formats
from kennismakelaar.network.frames import frame
from kennismakelaar.paths import ROOT
from kennismakelaar.text import guarded, unguarded
from tests.web.conftest import submit
from web.app import create_app
from web.serve import session_key

ADDRESS = "https://kennis.voorbeeld.nl"
SAFE = Settings(host="0.0.0.0", secret_key="0123456789abcdef" * 4, address=ADDRESS, proxies=1)


def test_https_is_for_a_year_and_only_said_over_https(broker: Broker) -> None:
    client = create_app(broker).test_client()
    assert client.get("/", base_url="https://localhost").headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in client.get("/").headers


def test_a_proxy_is_believed_only_when_the_settings_say_so(broker: Broker) -> None:
    said = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7", "X-Forwarded-Host": "kwaad.voorbeeld"}
    believed = create_app(broker, Settings(proxies=1)).test_client().get("/inloggen", headers=said)
    assert "Secure" in believed.headers["Set-Cookie"]
    assert "kwaad.voorbeeld" not in believed.text
    assert "Secure" not in create_app(broker).test_client().get("/inloggen", headers=said).headers["Set-Cookie"]


@pytest.mark.parametrize(
    ("host", "status"), [("kennis.voorbeeld.nl", 200), ("127.0.0.1:8000", 200), ("kwaad.voorbeeld", 400), ("", 400)]
)
def test_a_host_that_is_not_ours_is_refused(broker: Broker, host: str, status: int) -> None:
    client = create_app(broker, Settings(address=ADDRESS)).test_client()
    assert client.get("/over", headers={"Host": host}).status_code == status


def test_what_is_too_large_or_has_too_many_parts_is_refused(broker: Broker) -> None:
    client = create_app(broker).test_client()
    assert client.post("/vraag-insturen", data={"q": "x" * 3_000_000}).status_code == 413
    assert client.post("/vraag-insturen", data={"q": "x" * 600_000}).status_code in (400, 413)
    many = {f"veld{number}": "x" for number in range(1_500)}
    parts = client.post("/vraag-insturen", data=many, content_type="multipart/form-data")
    assert parts.status_code == 413
    assert submit(client, "/vraag-insturen", q="x" * 400_000).status_code == 400


def test_no_variable_puts_the_website_in_debug_mode(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    assert not create_app(broker).debug


def test_a_browser_keeps_no_page_of_who_has_logged_in(staff: FlaskClient, visitor: FlaskClient) -> None:
    for page in ("/bureau", "/person/anna-voorbeeld", "/person/anna-voorbeeld.json"):
        assert staff.get(page).headers["Cache-Control"] == "no-store"
    assert visitor.get("/person/anna-voorbeeld").headers["Cache-Control"] == "no-cache"


def test_where_to_report_a_weakness_is_told_when_it_is_set(broker: Broker) -> None:
    settings = Settings(address=ADDRESS, security_contact="mailto:veilig@voorbeeld.nl")
    told = create_app(broker, settings).test_client().get("/.well-known/security.txt")
    assert told.mimetype == "text/plain"
    assert "Contact: mailto:veilig@voorbeeld.nl\nExpires: 20" in told.text
    assert f"Canonical: {ADDRESS}/.well-known/security.txt" in told.text
    assert create_app(broker).test_client().get("/.well-known/security.txt").status_code == 404


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"secret_key": ""}, "KENNISMAKELAAR_SECRET_KEY"),
        ({"secret_key": "geheim"}, "ten minste 32"),
        ({"secret_key": "a" * 40}, "te makkelijk"),
        ({"address": ""}, "KENNISMAKELAAR_ADDRESS"),
        ({"address": "http://kennis.voorbeeld.nl"}, "https://"),
        ({"proxies": 0}, "KENNISMAKELAAR_PROXIES"),
        ({"oidc_issuer": "http://login.voorbeeld.nl"}, "KENNISMAKELAAR_OIDC_ISSUER"),
        ({"oidc_roles": "staf"}, "groep=rol"),
    ],
)
def test_a_website_that_others_can_reach_starts_only_when_it_is_safe(changes: dict[str, object], why: str) -> None:
    values = {field.name: getattr(SAFE, field.name) for field in fields(Settings)} | changes
    with pytest.raises(Refused, match=why):
        session_key(Settings(**values))
    assert session_key(SAFE) == SAFE.secret_key


def test_secrets_have_no_default() -> None:
    secret = [field for field in fields(Settings) if re.search("secret|password|token|key", field.name)]
    assert {field.name for field in secret} >= {"secret_key", "neo4j_password", "smtp_password", "oidc_client_secret"}
    assert [field.name for field in secret if field.default] == []


@pytest.mark.parametrize("cell", ['=HYPERLINK("x")', "+31 6 1234", "@som", "-2+3", "\t=1", "\r=1", "-"])
def test_a_cell_that_a_spreadsheet_would_run_is_text_in_every_table(cell: str) -> None:
    graph = nx.DiGraph(name="x")
    graph.add_node("a", name=cell)
    quoted = cell.replace('"', '""')
    assert f"'{quoted}" in "".join(formats.node_table(frame(graph)))
    assert unguarded(guarded(cell)) == cell


@pytest.mark.parametrize("cell", ["-0.5", "+3", "1e-9", "-1,5", "gewoon", ""])
def test_a_number_stays_a_number(cell: str) -> None:
    assert guarded(cell) == cell


ASKING = {"execute", "executemany", "executescript", "run", "_read", "_write", "_change", "execute_query"}
STATEMENTS = {
    "where", "sql", "A_RECORD", "statement", "one", "among", "match", "table", "index", "pragma", "label",
    "others", "name", "type", "WITHOUT", "ALL", "LEFT", "ENTITY", "PASSAGE", "name_of", "_made", "quoted", "what",
    "TABLES", "VECTORS", "rows", "edges",
}  # fmt: skip
"""Names that may stand in a statement: parts that the program wrote itself, and names that went through the schema."""


def test_only_parameters_and_our_own_words_reach_a_statement() -> None:
    wrong = []
    for path in [*(ROOT / "kennismakelaar").glob("*.py"), ROOT / "kennismakelaar" / "imports" / "spool.py"]:
        if not {"sqlite3", "neo4j"} & set(_imported(path)) and "neo4j" not in path.name and "store" not in path.name:
            continue
        for call in (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)):
            if getattr(call.func, "attr", "") in ASKING and call.args:
                wrong += [f"{path.name}:{call.lineno} {name}" for name in _foreign(call.args[0])]
    assert wrong == []


def _foreign(statement: ast.expr) -> list[str]:
    """What is put into a statement and is not of the program itself."""
    if isinstance(statement, ast.BinOp) or (
        isinstance(statement, ast.Call) and getattr(statement.func, "attr", "") in ("format", "join", "replace")
    ):
        parts: list[ast.expr] = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
    elif isinstance(statement, ast.JoinedStr):
        parts = [value.value for value in statement.values if isinstance(value, ast.FormattedValue)]
    else:
        return []
    checked = ("name_of", "quoted")  # refuse, or put between quotation marks, whatever they get
    open_parts = [p for p in parts if not (isinstance(p, ast.Call) and getattr(p.func, "id", "") in checked)]
    names = [name for part in open_parts for name in {n.id for n in ast.walk(part) if isinstance(n, ast.Name)}]
    return sorted(set(names) - STATEMENTS)


def _imported(path: Path) -> list[str]:
    tree = ast.walk(ast.parse(path.read_text("utf-8")))
    return [a.name.split(".")[0] for node in tree if isinstance(node, ast.Import) for a in node.names] + [
        (node.module or "").split(".")[0]
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom)
    ]


def test_the_document_on_security_names_only_tests_that_exist() -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs" / "security.md").read_text("utf-8")))
    there = {
        node.name
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    assert len(named) > 20
    assert named - there == set()
