"""The owner's page: one HTML file without script, fonts or pictures from anywhere else."""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from custbehav_dagster.insights.wording import (
    capitalized,
    count,
    day,
    money,
    month_and_year,
    number,
    percent,
)
from custbehav_dagster.reporting.content import METRICS, Report

if TYPE_CHECKING:
    import jinja2

    from custbehav_dagster.figures.render import RenderedPicture

TOPICS = {
    "sales": "Sales",
    "customers": "Customers",
    "returns": "Coming back",
    "words": "What people say",
    "data": "The data",
}


def render_page(report: Report, pictures: Sequence[RenderedPicture]) -> str:
    """Write `processed/report/index.html`.

    Every text is escaped; the content-security policy forbids scripts, requests and
    any style but the one inside, which it knows by its hash.

    Args:
        report: what is told.
        pictures: shown in this order, embedded.
    """
    style = _environment().get_template("page.css").render()
    return (
        _environment()
        .get_template("page.html")
        .render(
            report=report,
            pictures=[_embedded(picture) for picture in pictures],
            style=style,
            style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
            metrics=METRICS,
            topics=TOPICS,
        )
    )


def _embedded(picture: RenderedPicture) -> dict[str, Any]:
    width, height = _size(picture.png)
    return {
        "name": picture.name,
        "title": picture.title,
        "alt_text": picture.alt_text,
        "is_synthetic": picture.is_synthetic,
        "rows": picture.rows,
        "width": width,
        "height": height,
        "address": f"data:image/png;base64,{base64.b64encode(picture.png).decode()}",
    }


def _size(png: bytes) -> tuple[int, int]:
    """Width and height in pixels, from the fixed place where a PNG keeps them."""
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")


@functools.cache
def _environment() -> jinja2.Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("custbehav_dagster.reporting", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        percent=percent,
        money=money,
        day=day,
        month=month_and_year,
        number=number,
        count=count,
        capitalized=capitalized,
    )
    return environment
