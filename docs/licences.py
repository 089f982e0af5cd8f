"""Prints docs/licences.md: the licence of everything that is installed with the program or ships inside it."""

import importlib.metadata
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAME = re.compile(r"([a-z0-9_.-]+)==", re.IGNORECASE)
ALLOWED = re.compile(r"MIT|BSD|Apache|PSF|Python Software Foundation|MPL|Mozilla|ISC|Zlib|CC0|Unlicense")
"""Licences that go together with the EUPL 1.2 (its appendix, and permissive ones)."""
VENDORED = (
    ("`web/static/font`", "Source Sans 3, by Adobe", "OFL-1.1"),
    ("`web/static/vendor/cytoscape`", "Cytoscape.js", "MIT"),
    (
        "`web/static/vendor/nl-design-system`, joined to `web/static/components.css`",
        "Components of NL Design System, by its community, Frameless and the municipality of Utrecht",
        "EUPL-1.2",
    ),
    (
        "`web/templates/_provinces.html`",
        "Outlines of the provinces, by MapSVG and Victor Cazanave, simplified",
        "CC-BY-4.0",
    ),
    ("`tests/web/axe`", "axe-core, in tests alone", "MPL-2.0"),
    ("`tests/citation`", "JSON schema of the Citation File Format, in tests alone", "CC-BY-4.0"),
    ("`tests/compose`", "JSON schema of the Compose specification, in tests alone", "Apache-2.0"),
)
HEAD = """# Licences

The program is under the [EUPL 1.2](../LICENSE), the graph in `seed_data/` under [CC0 1.0](../seed_data/LICENSE).
`make licences` makes this page from what is installed, and stops at a licence that does not go together with ours.
Tools that only check it and are no part of it (`make test`, `make check`; among them hadolint, GPL-3.0) are not in the list.

| where | what | licence |
|---|---|---|
"""


def licence(name: str) -> str:
    """As the package says it; LookupError where it says nothing that we allow."""
    said = importlib.metadata.metadata(name)
    classifiers = [c.split("::")[-1].strip() for c in said.get_all("Classifier", []) if c.startswith("License ::")]
    found = said.get("License-Expression") or ", ".join(classifiers) or str(said.get("License", "")).split("\n")[0]
    if not ALLOWED.search(found):
        raise LookupError(f"{name}: licence {found!r} is not one that we allow.")
    return found


def page() -> str:
    """The whole page; packages for another system than this one are left out."""
    lines = (ROOT / "requirements" / "run.txt").read_text("utf-8").splitlines()
    names = sorted({match[1].lower() for line in lines if (match := NAME.match(line)) and "== 'win32'" not in line})
    rows = "".join(f"| {where} | {what} | {licence} |\n" for where, what, licence in VENDORED)
    return f"{HEAD}{rows}\n| package | licence |\n|---|---|\n" + "".join(f"| {n} | {licence(n)} |\n" for n in names)


if __name__ == "__main__":
    print(page(), end="")
