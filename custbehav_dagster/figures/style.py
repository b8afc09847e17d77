"""How every picture looks: colours, fonts, headline, the mark of synthetic data.

Drawing goes through `matplotlib.figure.Figure`; pyplot keeps global state and is never used.
"""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from custbehav_dagster.insights.wording import ISOLATES, MINUS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

# The palette of Okabe and Ito, which stays distinguishable with every common colour blindness.
BLUE, ORANGE, GREEN, VERMILLION = "#0072B2", "#E69F00", "#009E73", "#D55E00"
SKY, PURPLE, YELLOW = "#56B4E9", "#CC79A7", "#F0E442"
INK, GREY, PALE = "#222222", "#8C8C8C", "#E6E6E6"

SIZE_INCHES = (8.0, 4.9)
DOTS_PER_INCH = 120
HEADLINE_WIDTH, NOTE_WIDTH = 66, 102
SYNTHETIC_MARK = "synthetic data"

_STYLE = {
    "font.family": ["DejaVu Sans"],
    "font.size": 11,
    # A dollar sign in a title or a keyword is a dollar sign, not the start of a formula.
    "text.parse_math": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.labelsize": 11,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": PALE,
    "grid.linewidth": 0.8,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 10.5,
    "ytick.labelsize": 10.5,
    "legend.frameon": False,
    "legend.fontsize": 10.5,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
}


@dataclass(frozen=True)
class Labels:
    """What a drawing says beside its numbers."""

    is_synthetic: bool
    rows: int
    """Rows of the table that the picture was made from."""


@contextmanager
def drawing_style() -> Iterator[None]:
    """Use our look, whatever matplotlibrc says, for creating and for rendering a figure."""
    import matplotlib.style

    with matplotlib.style.context(_STYLE, after_reset=True):
        yield


@functools.cache
def _drawable_codes() -> frozenset[int]:
    from matplotlib import font_manager, ft2font

    return frozenset(ft2font.FT2Font(font_manager.findfont("DejaVu Sans")).get_charmap())


def drawable(text: str, longest: int = 40) -> str:
    """Leave out what the font cannot draw and control characters, and shorten to `longest` characters."""
    codes = _drawable_codes()
    kept = "".join(
        sign if sign in ISOLATES or (ord(sign) in codes and sign.isprintable()) else " " for sign in text
    )
    kept = " ".join(kept.split())
    return kept if len(kept) <= longest else kept[: longest - 1].rstrip() + "…"


def canvas(
    headline: str, note: str, labels: Labels, height_inches: float = SIZE_INCHES[1], **grid: Any
) -> tuple[Figure, list[Axes]]:
    """Make a figure with a headline, a note below it, and axes (`grid` goes to `Figure.subplots`).

    The sentence in words (for those who cannot see the picture) is the figure's label.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(SIZE_INCHES[0], height_inches))
    headline_lines = _balanced_lines(drawable(headline, 240), HEADLINE_WIDTH)
    note_lines = textwrap.wrap(drawable(note, 320), NOTE_WIDTH)
    points = height_inches * 72
    note_top = 12 + 19 * len(headline_lines)
    head = note_top + 15 * len(note_lines) + 4
    foot = 24 if labels.is_synthetic else 4
    room = (0.005, foot / points, 0.985, 1 - (head + foot) / points)
    figure.set_layout_engine("constrained", rect=room, wspace=0.05)
    headline_style: dict[str, Any] = {"size": 14, "weight": "bold", "va": "top", "linespacing": 1.15}
    figure.text(0.015, 1 - 12 / points, "\n".join(headline_lines), **headline_style)
    note_style: dict[str, Any] = {"size": 10, "color": "#555555", "va": "top", "linespacing": 1.2}
    figure.text(0.015, 1 - note_top / points, "\n".join(note_lines), **note_style)
    mark = f" ({SYNTHETIC_MARK})" if labels.is_synthetic else ""
    if mark:
        box = {"facecolor": "#A8430B", "edgecolor": "none", "boxstyle": "square,pad=0.3"}
        mark_style: dict[str, Any] = {"size": 10, "weight": "bold", "color": "white", "ha": "right"}
        figure.text(0.988, 6 / points, SYNTHETIC_MARK.upper(), va="bottom", bbox=box, **mark_style)
    figure.set_label(f"{headline}{mark}. {note}".replace("..", "."))
    return figure, list(figure.subplots(**{"squeeze": False, **grid}).flat)


def _balanced_lines(text: str, width: int) -> list[str]:
    """Break a text into as few lines as `width` allows, of about the same length."""
    lines = textwrap.wrap(text, width)
    while width > 20 and len(textwrap.wrap(text, width - 1)) == len(lines):
        width -= 1
    return textwrap.wrap(text, width)


def legend_above(axes: Axes, columns: int) -> None:
    """Put the legend between the note and the axes, where it hides nothing."""
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=columns, borderaxespad=0.3, columnspacing=1.5)


def write_beside(
    axes: Axes, text: str, x: float, y: float, right: float = 5, up: float = 0, **look: Any
) -> None:
    """Write a short text next to a point, `right` and `up` of it in points."""
    placed: dict[str, Any] = {"va": "center", "size": 10.5, **look}
    axes.annotate(text, (x, y), xytext=(right, up), textcoords="offset points", **placed)


def nothing_yet(headline: str, advice: str, labels: Labels) -> Figure:
    """Make the picture that stands in while there is nothing to draw: it says so, and what to do."""
    figure, (axes,) = canvas(headline, "There is nothing to draw here so far.", labels, height_inches=2.6)
    axes.set_axis_off()
    axes.text(
        0.5,
        0.55,
        "\n".join(textwrap.wrap(advice, 52)),
        ha="center",
        va="center",
        size=13,
        color="#555555",
        transform=axes.transAxes,
        linespacing=1.4,
    )
    figure.set_label(f"{headline}. {advice}")
    return figure


def count_axis(axis: Axis, steps: int = 6) -> None:
    """Put whole numbers with thousands separators on an axis, in about `steps` steps."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins=steps, integer=True, min_n_ticks=1, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))


def percent_axis(axis: Axis) -> None:
    """Write shares of 1 as percentages on an axis."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value * 100:.3g}%".replace("-", MINUS)))


def month_axis(axes: Axes, months: Sequence[date]) -> None:
    """Label positions 0, 1, 2 … by month, at most twelve of them, each year named once."""
    step = next(step for step in (1, 2, 3, 4, 6, 12, 24, 60, 120) if len(months) <= step * 12 or step == 120)
    first = next((i for i, month in enumerate(months) if (month.month - 1) % min(step, 12) == 0), 0)
    ticks = list(range(first, len(months), step))
    names, year = [], None
    for position in ticks:
        month = months[position]
        names.append(f"{month:%b}\n{month.year}" if month.year != year else f"{month:%b}")
        year = month.year
    axes.set_xticks(ticks, names)
    margin = max(0.7, (6 - len(months)) / 2)
    axes.set_xlim(-margin, len(months) - 1 + margin)


def leave_headroom(axes: Axes, highest: float) -> None:
    """End the upright axis a little above the highest bar."""
    axes.set_ylim(0, 1.06 * highest)


def thin_spines(axes: Axes, grid: str = "y") -> None:
    """Keep only the grid lines of one axis, and no tick marks."""
    axes.grid(False, axis="x" if grid == "y" else "y")
    axes.tick_params(length=0)
