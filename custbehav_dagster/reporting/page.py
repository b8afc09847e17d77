"""The owner's page: one HTML file that asks nothing of the network, in the owner's language."""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from custbehav_dagster.insights.wording import capitalized
from custbehav_dagster.reporting.charts import charts_of
from custbehav_dagster.reporting.content import Report
from custbehav_dagster.reporting.footnotes import Footnotes, Source, source_of_insight
from custbehav_dagster.reporting.retention import FEW
from custbehav_dagster.reporting.said import FEWEST_COMPLAINERS
from custbehav_dagster.reporting.track_record import METRICS
from custbehav_dagster.reporting.translated import (
    advice_about_segment,
    said_insight,
    segment_name,
    tells_interval,
)
from custbehav_dagster.wording.words import Words

if TYPE_CHECKING:
    import jinja2

SECTIONS = (
    "doing",
    "week",
    "slipping",
    "segments",
    "cohorts",
    "said",
    "interest",
    "leads",
    "record",
    "trust",
)
"""Top to bottom."""
SHOWN = 2
"""Findings of a section that are open at once; the others are behind a line to click."""


def render_page(
    report: Report,
    language: str = "en",
    run: str = "",
    pictures: Mapping[str, str] | None = None,
    live: bool = False,
) -> str:
    """Write `processed/report/index.html`.

    Every text is escaped; the content-security policy forbids requests and any style or script
    but those inside, which it knows by their hashes. The page can be read without its script.

    Args:
        report: what is told.
        language: a language there is a catalogue of.
        run: name of the run that made the numbers.
        pictures: titles of the files in `processed/plots`, by name, to be linked.
        live: let the page ask its own server for news, and show itself anew when there are any.
    """
    words = Words(language, report.currency)
    notes = Footnotes()
    style = _source("page.css")
    scripts = [_source("sorting.js"), *([_source("live.js")] if live else [])]
    return _environment().get_template("page.html").render(
        report=report,
        words=words,
        t=words.html,
        w=words.cell,
        sections=SECTIONS,
        charts=charts_of(report, words),
        ref=functools.partial(_reference, notes, words),
        foreign=functools.partial(_foreign, words),
        example=lambda text: _foreign(words, f"“{text}”"),
        say=functools.partial(said_insight, words),
        model_said=_model_said(words, report),
        samples=words.write([words.name("source_names", name) for name in report.samples], "listed"),
        fewest_complainers=FEWEST_COMPLAINERS,
        few=FEW,
        segment_name=functools.partial(segment_name, words),
        segment_advice=functools.partial(advice_about_segment, words, report.horizon_days),
        insight_source=source_of_insight,
        tells_interval=tells_interval,
        shown=SHOWN,
        notes=notes,
        run=run,
        pictures=pictures or {},
        live=live,
        style=Markup(style),
        scripts=[Markup(script) for script in scripts],
        policy=_policy(style, scripts, live),
        metrics=METRICS,
    )  # fmt: skip


def render_waiting(language: str) -> str:
    """The page of a shop that no refresh has finished for yet; it shows the real one when there is one."""
    words = Words(language)
    style, scripts = _source("page.css"), [_source("live.js")]
    return (
        _environment()
        .get_template("waiting.html")
        .render(
            words=words,
            t=words.html,
            style=Markup(style),
            scripts=[Markup(script) for script in scripts],
            policy=_policy(style, scripts, live=True),
        )
    )


def _model_said(words: Words, report: Report) -> Markup:
    """How far the models are to be trusted; why there is none is told by the table in English."""
    message = report.track_record.model
    if message.values.get("refusal") and words.language == "en":
        return Markup("{}").format(message.values["refusal"])
    return words.html(message)


def _source(name: str) -> str:
    """A part of the page that is put in as it stands, without the blanks that only its writer needs."""
    text = _environment().get_template(name).render()
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def _policy(style: str, scripts: list[str], live: bool) -> str:
    def known(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    rules = [
        "default-src 'none'",
        f"style-src {known(style)}",
        f"script-src {' '.join(map(known, scripts))}",
        *(["connect-src 'self'"] if live else []),
        "base-uri 'none'",
        "form-action 'none'",
    ]
    return "; ".join(rules)


def _reference(notes: Footnotes, words: Words, *sources: Source | None) -> Markup:
    """Small numbers after a figure, each leading to the place that says where it comes from."""
    marks = Markup()
    for source in sources:
        if source is None:
            continue
        number = notes.number(source)
        told = words.text("sources.short", table=source.table, condition=source.condition)
        if source.rows is not None:
            told = words.text(
                "sources.long", table=source.table, condition=source.condition, rows=source.rows
            )
        marks += Markup('<a class="ref" href="#source-{}" title="{}" aria-label="{}">{}</a>').format(
            number, told, words.text("sources.label", number=number), words.write(number)
        )
    return Markup('<sup class="refs">{}</sup>').format(marks) if marks else marks


def _foreign(words: Words, text: str | None) -> Markup:
    """Words of tables, in English or as the owner wrote them, set apart where the page is not English."""
    if not words.is_persian:
        return Markup("<bdi>{}</bdi>").format(text or "")
    if re.search(r"[\u0600-\u06ff]", text or ""):
        return Markup("<bdi>{}</bdi>").format(text)
    return Markup('<bdi lang="en" dir="ltr">{}</bdi>').format(text or "")


@functools.cache
def _environment() -> jinja2.Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("custbehav_dagster.reporting", "templates"),
        autoescape=lambda name: (name or "").endswith(".html"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["capitalized"] = _capitalized
    return environment


def _capitalized(text: Any) -> Any:
    return Markup(capitalized(str(text))) if isinstance(text, Markup) else escape(capitalized(str(text)))
