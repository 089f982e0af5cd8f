"""Pictures of a report, as SVG and PNG; the same figures give the same bytes."""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib
import networkx as nx
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ticker import MaxNLocator

from kennismakelaar.network.degrees import contacts

MAIN, SECOND, QUIET, INK = "#0f4f4d", "#f4b53f", "#b9c5c2", "#17211f"
COLOURS = ("#0f4f4d", "#d55e00", "#0072b2", "#f4b53f", "#7a3e9d", "#009e73", "#c2185b", "#56b4e9", "#6b4a00", "#8a8f00")
"""That people with any sort of colour vision can tell apart, together with the shapes."""
SHAPES = ("o", "s", "^", "D", "v", "p", "P", "X", "h", "<")
HATCHES = ("", "///", "...", "xxx")
SETTINGS: Any = {
    "text.parse_math": False,
    "svg.hashsalt": "kennismakelaar",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
}
DOTS = 160
"""To an inch, in a PNG."""
LONGEST = 42
"""Letters of a name in a picture."""
HEAT = LinearSegmentedColormap.from_list("heat", ["#ffffff", "#8fc4bb", MAIN])
BESIDE: Any = {"xytext": (0, 7), "textcoords": "offset points"}
PLATE: Any = {"boxstyle": "round,pad=0.15", "facecolor": "white", "alpha": 0.75, "edgecolor": "none"}
"""Behind a name, so that it can be read on lines."""
Draw = Callable[[Axes], None]


@dataclass(frozen=True)
class Picture:
    """A drawing of a size in inches, made when it is asked for; in it stands no date and no name of a program."""

    draw: Draw
    width: float
    height: float

    def svg(self) -> bytes:
        """With letters as shapes, so that it looks the same everywhere."""
        return self._saved("svg", metadata={"Date": None, "Creator": None})

    def png(self) -> bytes:
        """Of DOTS to the inch."""
        return self._saved("png", dpi=DOTS, metadata={"Software": None})

    def _saved(self, form: str, **settings: Any) -> bytes:
        content = io.BytesIO()
        with matplotlib.rc_context(SETTINGS):
            figure = Figure(figsize=(self.width, self.height), layout="constrained")
            self.draw(figure.add_subplot())
            figure.savefig(content, format=form, **settings)
        return content.getvalue()


def shown(name: str, longest: int = LONGEST) -> str:
    """A name as a picture can have it: not too long, and without signs that the letter has not."""
    font = get_font(findfont(FontProperties(family="DejaVu Sans")))
    drawn = "".join(sign for sign in " ".join(name.split()) if font.get_char_index(ord(sign)))
    return drawn if len(drawn) <= longest else f"{drawn[: longest - 1].rstrip()}…"


def bars(names: Sequence[str], parts: Mapping[str, Sequence[int]], label: str) -> Picture:
    """Lying bars from the top down; each is the sum of parts that have a colour and a hatching of their own."""

    def draw(axes: Axes) -> None:
        left = [0] * len(names)
        rows = range(len(names))
        styles = zip(parts.items(), (MAIN, SECOND, "#56b4e9", "#d55e00"), HATCHES, strict=False)
        for (part, values), colour, hatch in styles:
            axes.barh(rows, values, left=left, color=colour, edgecolor="white", hatch=hatch, label=part, height=0.72)
            left = [start + value for start, value in zip(left, values, strict=True)]
        for row, total in enumerate(left):
            axes.annotate(str(total), (total, row), xytext=(4, 0), textcoords="offset points", va="center")
        axes.set_yticks(rows, [shown(name) for name in names])
        axes.tick_params(left=False)
        axes.invert_yaxis()
        axes.set_xlabel(label)
        axes.margins(x=0.08)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        if len(parts) > 1:
            axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.4, -0.12), ncols=2)

    return Picture(draw, 8, 1.6 + 0.36 * len(names) + (0.3 if len(parts) > 1 else 0))


def grouped(names: Sequence[str], pair: Mapping[str, Sequence[int]], label: str) -> Picture:
    """Two lying bars for each name, the first above the second."""

    def draw(axes: Axes) -> None:
        for number, ((part, values), colour, hatch) in enumerate(
            zip(pair.items(), (SECOND, MAIN), HATCHES, strict=False)
        ):
            rows = [row + (number - 0.5) * 0.38 for row in range(len(names))]
            axes.barh(rows, values, height=0.36, color=colour, hatch=hatch, edgecolor="white", label=part)
            for row, value in zip(rows, values, strict=True):
                axes.annotate(
                    str(value), (value, row), xytext=(4, 0), textcoords="offset points", va="center", fontsize=8
                )
        axes.set_yticks(range(len(names)), [shown(name) for name in names])
        axes.tick_params(left=False)
        axes.invert_yaxis()
        axes.set_xlabel(label)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend(frameon=False, loc="lower right")

    return Picture(draw, 8, 1.4 + 0.42 * len(names))


def columns(counts: Sequence[tuple[int, int]], x_label: str, y_label: str) -> Picture:
    """How often each number occurs; where they run far apart, both axes count in tens, hundreds and so on."""

    def draw(axes: Axes) -> None:
        numbers, often = zip(*counts, strict=True)
        if numbers[-1] > 100:
            axes.scatter([number for number in numbers if number], often[-sum(map(bool, numbers)) :], color=MAIN, s=18)
            axes.set_xscale("log")
            axes.set_yscale("log")
        else:
            axes.bar(numbers, often, color=MAIN, width=0.8)
            for number, count in counts:
                axes.annotate(str(count), (number, count), ha="center", va="bottom", fontsize=8)
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel(x_label)
        axes.set_ylabel(y_label)

    return Picture(draw, 8, 3.8)


def grid(rows: Sequence[str], heads: Sequence[str], counts: Sequence[Sequence[int]]) -> Picture:
    """Darker is more; each square has its number."""

    def draw(axes: Axes) -> None:
        most = max(max(row) for row in counts)
        axes.imshow(counts, cmap=HEAT, vmin=0, vmax=max(most, 1), aspect="auto")
        for y, row in enumerate(counts):
            for x, count in enumerate(row):
                axes.text(x, y, str(count), ha="center", va="center", color="white" if count > most / 2 else INK)
        axes.set_xticks(range(len(heads)), [shown(head) for head in heads])
        axes.set_yticks(range(len(rows)), [shown(row) for row in rows])
        axes.tick_params(length=0, labeltop=True, labelbottom=False)
        for spine in axes.spines.values():
            spine.set_visible(False)

    return Picture(draw, 8, 0.9 + 0.36 * len(rows))


def network(
    graph: "nx.Graph[str]",
    places: Mapping[str, tuple[float, float]],
    groups: Mapping[str, int],
    labelled: Sequence[str],
) -> Picture:
    """Dots with their ties; group 0 is quiet, the others have a colour and a shape. A dot grows with its ties."""

    def draw(axes: Axes) -> None:
        axes.add_collection(
            LineCollection([(places[a], places[b]) for a, b in graph.edges()], colors=QUIET, linewidths=0.6)
        )
        for group in sorted(set(groups.values())):
            members = [id for id in graph if groups[id] == group]
            colour, shape = (QUIET, "o") if not group else (COLOURS[(group - 1) % 10], SHAPES[(group - 1) % 10])
            x, y = zip(*(places[id] for id in members), strict=True)
            sizes = [14 + 7 * len(contacts(graph, id)) for id in members]
            axes.scatter(x, y, s=sizes, c=colour, marker=shape, edgecolors="white", linewidths=0.6, zorder=2)
        for id in labelled:
            name = shown(str(graph.nodes[id]["name"]), 28)
            axes.annotate(name, places[id], **BESIDE, ha="center", fontsize=8, bbox=PLATE, zorder=3)
        axes.set_axis_off()
        axes.set_aspect("equal")
        axes.invert_yaxis()

    return Picture(draw, 10, 10)
