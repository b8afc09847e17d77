"""`processed/SUMMARY.md`: the run in words, for those who read text rather than pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from custbehav_dagster.insights.wording import capitalized, count, day, money, number, percent
from custbehav_dagster.reporting.content import METRICS, Report

if TYPE_CHECKING:
    from custbehav_dagster.figures.render import RenderedPicture


def write_summary(report: Report, pictures: Sequence[RenderedPicture]) -> str:
    """Write the summary as Markdown, every number from the run's own tables."""
    parts = [
        _opening(report),
        _this_week(report),
        _insights(report),
        _people(report),
        _models(report),
        _data(report),
        _pictures(pictures),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def plain(text: str) -> str:
    """Escape what Markdown or HTML would read as markup, and keep it on one line."""
    escaped = re.sub(r"([\\`*_\[\]|#~])", r"\\\1", " ".join(text.split()))
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [header, ["---"] * len(header), *rows]
    return ["| " + " | ".join(cells) + " |" for cells in lines]


def _opening(report: Report) -> list[str]:
    when = f" on {day(report.as_of)}" if report.as_of else ""
    lines = [f"# Your shop{when}", ""]
    if report.is_synthetic:
        lines += [
            "> **Synthetic data.** This shop is made up; put your own files into data/raw and refresh.",
            "",
        ]
    if report.samples:
        lines += [
            f"> **Samples.** The texts of {report.samples} are samples that ship with this program.",
            "",
        ]
    for headline in report.headlines:
        note = f" ({plain(headline.note)})" if headline.note else ""
        lines.append(f"- {headline.label}: **{plain(headline.value)}**{note}")
    return lines if report.headlines else [*lines, plain(report.why_empty)]


def _this_week(report: Report) -> list[str]:
    lines = ["## What to do this week", "", plain(report.this_week.consent), ""]
    rows = [
        [
            plain(action.title) + (" *(synthetic)*" if action.is_synthetic else ""),
            f"{action.people:,}",
            money(action.worth, report.currency) if action.worth is not None else "unknown",
            f"before {day(action.until)}",
            f"[{action.file.removeprefix('../')}]({action.file.removeprefix('../')})",
        ]
        for action in report.this_week.actions
    ]
    header = ["What", "People", "Expected sales without a message", "When", "List"]
    return [*lines, *_table(header, rows)] if rows else lines[:-1]


def _insights(report: Report) -> list[str]:
    lines = ["## What was found, and what to do", ""]
    if not report.insights:
        return [*lines, "Nothing yet: an insight needs at least 20 buyers, orders or texts behind it."]
    for insight in report.insights:
        mark = " *(synthetic)*" if insight["is_synthetic"] else ""
        rows, condition = count(insight["evidence_rows"], "row"), insight["evidence_filter"].replace("`", "")
        lines += [
            f"- **{plain(insight['sentence'])}**{mark}",
            f"  {plain(insight['what_to_do'])}",
            f"  ({rows} of `{insight['evidence_table']}` where `{condition}`)",
        ]
    return lines


def _people(report: Report) -> list[str]:
    lines = ["## Who is slipping away, and who the buyers are", ""]
    if not report.verdicts:
        return [*lines, "No buyers yet."]
    verdicts = [
        [
            capitalized(row["verdict"]),
            f"{row['people']:,}",
            money(row["worth"], report.currency) if row["worth"] is not None else "unknown",
            plain(row["what_to_do"]),
        ]
        for row in report.verdicts
    ]
    segments = [
        [
            capitalized(plain(row["segment_name"])),
            f"{row['people']:,}",
            percent(row["share_of_people"]),
            percent(row["share_of_amount"]) if row["share_of_amount"] is not None else "unknown",
            plain(row["what_to_do"]),
        ]
        for row in report.segments
    ]
    header = ["Verdict", "People", f"Expected sales within {report.horizon_days} days", "What to do"]
    lines += _table(header, verdicts)
    if not segments:
        return lines
    return [*lines, "", *_table(["Group", "People", "Of all people", "Of the money", "What to do"], segments)]


def _models(report: Report) -> list[str]:
    lines = ["## How good the forecasts are", "", plain(report.model_sentence), ""]
    lines += [*(f"- {plain(sentence)}" for sentence in report.track_record), ""]
    rows = [
        [
            capitalized(plain(contestant["name"])),
            "model" if contestant["kind"] == "model" else "simple rule",
            *(
                number(value, 3) if (value := contestant["metrics"].get(metric)) is not None else "–"
                for metric in METRICS
            ),
        ]
        for contestant in report.contestants
    ]
    return [*lines, *_table(["Contestant", "Kind", *METRICS.values()], rows)] if rows else lines


def _data(report: Report) -> list[str]:
    lines = ["## How far to trust the data", ""]
    if not report.files:
        return [*lines, "No file was read."]
    came, lost = count(report.rows_in, "row"), count(report.rows_unusable, "row")
    copies = count(report.rows_repeated, "row repeats", "rows repeat")
    lines += [f"{came} came in; {lost} could not be used; {copies} what stands elsewhere and count once.", ""]
    lines += [
        f"- Not understood: {plain(f['source_file'])}. {plain(f['note'] or '')}" for f in report.unknown_files
    ]
    lines += [""] if report.unknown_files else []
    files = [
        [
            plain(file["source_file"]),
            plain(file["format"].replace("_", " ")),
            f"{file['rows_in']:,}",
            f"{file['rows_kept']:,}",
            f"{file['rows_quarantined']:,}",
            plain(file["note"] or ""),
        ]
        for file in report.files
    ]
    lines += _table(["File", "Taken for", "Rows", "Kept", "Unreadable", "Note"], files)
    if report.more_files:
        lines += ["", f"And {count(report.more_files, 'more file', 'more files')}."]
    if report.set_aside:
        rows = [[plain(row["file"]), plain(row["reason"]), f"{row['rows']:,}"] for row in report.set_aside]
        lines += ["", *_table(["File", "Why rows were set aside", "Rows"], rows)]
    return lines


def _pictures(pictures: Sequence[RenderedPicture]) -> list[str]:
    if not pictures:
        return []
    lines = [f"- [{plain(p.title)}](plots/{p.name}.png): {plain(p.alt_text)}" for p in pictures]
    return ["## Pictures", "", *lines]
