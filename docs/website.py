"""Makes the documentation as a website in .cache/docs/site: `make docs`. Nothing is fetched and nothing is published.

The pages are the Markdown files of this repository at the place where they stand, so that their links work on a code
platform and on the site alike; the reference is made here and is nowhere else.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import reference

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / ".cache" / "docs" / "source"
"""`docs_dir` in mkdocs.yml."""
PAGES = ("*.md", "docs/**/*.md", "graph_schema/*.md", "seed_data/*.md", "tests/eval/*.md", "benchmarks/*.md")
BESIDE = (
    "LICENSE",
    "seed_data/LICENSE",
    "docs/*.svg",
    "docs/*.css",
    "docs/images/*",
    "docs/*.ipynb",
    "benchmarks/results/*",
)
"""What the pages show or link to."""


def assemble() -> None:
    """All pages in one folder, as mkdocs wants them."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    for pattern in (*PAGES, *BESIDE, "publiccode.yml", "CITATION.cff"):
        for path in ROOT.glob(pattern):
            target = SOURCE / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    folder = SOURCE / "docs" / "reference"
    folder.mkdir()
    for name, text in reference.pages():
        (folder / name).write_text(text, "utf-8")


if __name__ == "__main__":
    assemble()
    command = (sys.executable, "-m", "mkdocs", "build", "--strict")
    known = os.environ | {"NO_MKDOCS_2_WARNING": "1"}  # docs/decisions/0005-documentation.md
    sys.exit(subprocess.run(command, cwd=ROOT, env=known, check=False).returncode)
