"""From a table to a PNG: pick the rows, draw, encode, save, and check that it is not blank."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

from custbehav_dagster.figures.registry import PICTURES, Picture
from custbehav_dagster.figures.style import DOTS_PER_INCH, Labels, drawing_style, nothing_yet
from custbehav_dagster.insights.evidence import end_of_day
from custbehav_dagster.provenance import prefer_real
from custbehav_dagster.warehouse.files import atomic_write

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from custbehav_dagster.settings import Settings

THUMBNAIL_SHRINKS = 2
BLANK_BELOW = 0.003
"""A picture with a smaller share of inked pixels is blank; a single line of text has about 0.005."""


@dataclass(frozen=True)
class RenderedPicture:
    """A finished picture.

    `png` is 960 pixels wide. `alt_text` says in words what is seen. `rows` is the
    number of rows of the table it was made from.
    """

    name: str
    title: str
    png: bytes
    alt_text: str
    is_synthetic: bool
    rows: int

    @cached_property
    def thumbnail(self) -> bytes:
        """The picture as a PNG 480 pixels wide, small enough for metadata."""
        return _shrink(self.png)


def seen_until(table: ir.Table, as_of: date | None, settings: Settings) -> ir.Table:
    """Leave out orders and texts after `as_of`, the last known day; rows without a date stay."""
    if as_of is None:
        return table
    if "order_date" in table.columns:
        return table.filter(table.order_date <= ibis.date(as_of))
    if "created_at" in table.columns:
        end = ibis.timestamp(end_of_day(as_of, settings))
        return table.filter(table.created_at.isnull() | (table.created_at < end))
    return table


def _draw(picture: Picture, table: ir.Table, settings: Settings) -> tuple[Figure, Labels]:
    rows, is_synthetic = prefer_real(picture.narrow(table))
    labels = Labels(is_synthetic=is_synthetic, rows=int(rows.count().to_pyarrow().as_py()))
    if labels.rows:
        numbers = picture.aggregate(rows, settings)
        if len(numbers):
            return picture.draw(numbers, labels), labels
    return nothing_yet(picture.empty, picture.advice, labels), labels


def _encode(figure: Figure, notes: dict[str, str]) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image, PngImagePlugin

    figure.set_dpi(DOTS_PER_INCH)
    canvas = FigureCanvasAgg(figure)
    # `savefig` would draw every figure twice: once to lay it out, once for the picture.
    canvas.draw()
    words = PngImagePlugin.PngInfo()
    for name, text in notes.items():
        words.add_text(name, text)
    image = Image.frombuffer("RGBA", canvas.get_width_height(), canvas.buffer_rgba(), "raw", "RGBA", 0, 1)
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, format="PNG", pnginfo=words, dpi=(DOTS_PER_INCH, DOTS_PER_INCH))
    return buffer.getvalue()


def _shrink(png: bytes) -> bytes:
    from PIL import Image

    with Image.open(io.BytesIO(png)) as image:
        small = image.convert("RGB").reduce(THUMBNAIL_SHRINKS)
    # 64 colours are enough for flat charts and keep the thumbnail within a few kilobytes.
    buffer = io.BytesIO()
    small.quantize(64, dither=Image.Dither.NONE).save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def render(
    name: str, tables: Mapping[str, ir.Table], settings: Settings, as_of: date | None = None
) -> RenderedPicture:
    """Draw one picture of `PICTURES` from the tables it reads, given as {'layer.noun': table}.

    Rows after `as_of` (default: the setting) are not seen. When the table holds
    real rows, synthetic ones are left out; when it holds only synthetic ones, the
    picture says so in its corner. A table without rows gives a picture that says
    what is missing.

    Raises:
        KeyError: there is no such picture, or a table it reads is not given.
    """
    picture = PICTURES[name]
    table = seen_until(tables[picture.table], as_of or settings.as_of, settings)
    with drawing_style():
        figure, labels = _draw(picture, table, settings)
        notes = {
            "Description": str(figure.get_label()),
            "Synthetic": str(labels.is_synthetic),
            "Rows": str(labels.rows),
        }
        png = _encode(figure, notes)
    return _picture(name, png, notes)


def save_picture(picture: RenderedPicture, folder: Path) -> Path:
    """Write `<folder>/<name>.png`, all or nothing, and return its path."""
    path = folder / f"{picture.name}.png"
    atomic_write(path, picture.png)
    return path


def load_picture(name: str, folder: Path) -> RenderedPicture:
    """Read a saved picture back, with what it says of itself.

    Raises:
        LookupError: it has not been drawn yet.
    """
    from PIL import Image

    path = folder / f"{name}.png"
    if not path.is_file():
        raise LookupError(f"The picture {name} has not been drawn yet; materialize plots/{name} first.")
    png = path.read_bytes()
    with Image.open(io.BytesIO(png)) as image:
        notes = {str(key): str(value) for key, value in image.info.items()}
    return _picture(name, png, notes)


def _picture(name: str, png: bytes, notes: dict[str, str]) -> RenderedPicture:
    return RenderedPicture(
        name=name,
        title=PICTURES[name].title,
        png=png,
        alt_text=notes["Description"],
        is_synthetic=notes["Synthetic"] == "True",
        rows=int(notes["Rows"]),
    )


def is_blank(png: bytes) -> bool:
    """Tell whether a picture shows nothing: hardly any pixel differs from the background.

    The background is the colour of most pixels.

    Raises:
        PIL.UnidentifiedImageError: the bytes are no picture.
    """
    from PIL import Image

    with Image.open(io.BytesIO(png)) as image:
        colours = image.convert("RGB").getcolors(maxcolors=image.width * image.height) or []
        pixels = image.width * image.height
    background = max(how_many for how_many, _ in colours)
    return (pixels - background) / pixels < BLANK_BELOW
