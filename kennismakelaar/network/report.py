"""A report on the network that needs no knowledge of networks: one page, with pictures, tables and plain sentences."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader

from kennismakelaar import __version__
from kennismakelaar.errors import Refused
from kennismakelaar.language import gettext as _
from kennismakelaar.network import findings, folder
from kennismakelaar.network.groups import communities, themes_of
from kennismakelaar.network.projections import project
from kennismakelaar.network.published import Published
from kennismakelaar.network.sections import SECTIONS, Section, Subject
from kennismakelaar.network.views import views
from kennismakelaar.network.words import Words


@dataclass(frozen=True)
class Report:
    """All sections in one language."""

    language: str
    title: str
    lead: str
    about: tuple[str, ...]
    tiles: tuple[tuple[str, str], ...]
    """The main figures: value and name."""
    sections: tuple[Section, ...]

    def page(self) -> str:
        """HTML that stands by itself: no script, and nothing from elsewhere."""
        pages = Environment(loader=PackageLoader("kennismakelaar.network"), autoescape=True, trim_blocks=True)
        return pages.get_template("report.html").render(report=self, text=Words(self.language))

    def pictures(self) -> Iterator[tuple[str, bytes]]:
        """Name and content of each file: every picture as SVG and as PNG."""
        for section in self.sections:
            if section.picture:
                yield f"{section.name}.svg", section.picture.svg()
                yield f"{section.name}.png", section.picture.png()


def make(whole: Published, view: str = "organisations", language: str = "nl") -> Report:
    """The report on one view; heat map and gaps are of the whole graph. Refused where the view is unknown or empty.

    `whole` is what package.read gives, which has people under pseudonyms unless asked otherwise.
    """
    text, graph = Words(language), project(view, whole)
    numbers = communities(graph)
    groups = findings.communities(graph, numbers, themes_of(graph, whole.relations))
    subject = Subject(graph, whole, {node.id: node.name for node in whole.records}, numbers, groups)
    day = whole.last_day
    verified = text("verified", day=text.day(day)) if day else ""
    about = [text("data", revision=whole.number, verified=verified, version=__version__)]
    about += [text("persons")] if whole.has_pseudonyms else []
    title = text("title", view=text.label(views()[view].label))
    sections = tuple(part(subject, text) for part in SECTIONS)
    return Report(language, title, text("lead"), tuple(about), _tiles(subject, text), sections)


def _tiles(subject: Subject, text: Words) -> tuple[tuple[str, str], ...]:
    gaps = findings.gaps(subject.whole.records, subject.whole.relations, limit=len(subject.names))
    counts = (len(subject.graph), subject.graph.number_of_edges(), len(subject.groups), len(gaps))
    return tuple(zip(map(text.number, counts), text.head("tiles"), strict=True))


def write(report: Report, out: Path, pictures: Path | None = None) -> None:
    """The page in a file, and the pictures in a folder that is new or empty; both or neither.

    Refused where they cannot be written, or the folder is not empty. A file that is there is replaced.
    """
    if out.is_dir():
        raise Refused(
            _(
                "%(out)s is een map. Geef de naam van een bestand, zoals %(example)s.",
                out=out,
                example=out / "verslag.html",
            )
        )
    half = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        half.write_text(report.page(), "utf-8")
        if pictures is not None:
            with folder.beside(pictures) as made:
                for name, content in report.pictures():
                    made.write(name, [content])
        half.replace(out)
    except OSError as error:
        raise folder.refusal(out, error) from error
    finally:
        half.unlink(missing_ok=True)
