"""`processed/SUMMARY.md`: the run in words, for those who read text rather than pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from custbehav_dagster.insights.wording import capitalized, count
from custbehav_dagster.reporting.content import Report
from custbehav_dagster.reporting.track_record import METRICS
from custbehav_dagster.wording.words import Words

if TYPE_CHECKING:
    from custbehav_dagster.figures.render import RenderedPicture


def write_summary(report: Report, pictures: Sequence[RenderedPicture]) -> str:
    """Write the summary as Markdown, every number from the run's own tables."""
    words = Words("en", report.currency)
    parts = [
        _opening(report, words),
        _this_week(report, words),
        _insights(report),
        _people(report, words),
        _models(report, words),
        _data(report, words),
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


def _opening(report: Report, words: Words) -> list[str]:
    title = words.text("title.dated", day=report.as_of) if report.as_of else words.text("title.plain")
    lines = [f"# {title}", ""]
    if report.is_synthetic:
        lines += [
            "> **Synthetic data.** This shop is made up; put your own files into data/raw and refresh.",
            "",
        ]
    if report.samples:
        names = words.write([words.name("source_names", name) for name in report.samples], "listed")
        lines += [f"> **Samples.** The texts of {names} are samples that ship with this program.", ""]
    for headline in report.doing.headlines:
        note = f" ({plain(words.text(headline.note))})" if headline.note else ""
        lines.append(f"- {words.text(headline.label)}: **{plain(words.text(headline.value))}**{note}")
    if report.doing.direction:
        lines.append(f"- {plain(words.text(report.doing.direction))}")
    return lines if report.doing.headlines else [*lines, plain(words.text(report.why_empty))]


def _this_week(report: Report, words: Words) -> list[str]:
    lines = ["## What to do this week", "", plain(words.text(report.this_week.consent)), ""]
    rows = []
    for action in report.this_week.actions:
        key = f"lists.{action.name}.title"
        title = words.text(key) if words.has(key) else action.name.replace("_", " ")
        worth = "unknown"
        if action.worth:
            low, high = (words.write(end, "money") for end in (action.worth.low, action.worth.high))
            worth = f"{words.write(action.worth.expected, 'money')} ({low} to {high})"
        file = action.file.removeprefix("../")
        rows.append(
            [
                plain(title) + (" *(synthetic)*" if action.is_synthetic else ""),
                words.write(action.people),
                worth,
                f"{words.write(action.begin, 'day')} to {words.write(action.until, 'day')}",
                f"[{file}]({file})",
            ]
        )
    header = ["What", "People", "Expected sales without a message (95% sure)", "When", "List"]
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


def _people(report: Report, words: Words) -> list[str]:
    lines = ["## Who is slipping away, and who the buyers are", ""]
    if not report.slipping.states:
        return [*lines, "No buyers yet."]
    verdicts = [
        [
            capitalized(words.name("states", row["state"])),
            words.write(row["people"]),
            words.write(row["worth"], "money"),
            plain(words.name("state_advice", row["state"])),
        ]
        for row in report.slipping.states
    ]
    segments = [
        [
            capitalized(plain(row["segment_name"])),
            words.write(row["people"]),
            words.write(row["share_of_people"], "percent"),
            words.write(row["share_of_amount"], "percent"),
            plain(row["what_to_do"]),
        ]
        for row in report.groups.rows
    ]
    header = ["Where they stand", "People", f"Expected sales within {report.horizon_days} days", "What to do"]
    lines += _table(header, verdicts)
    if not segments:
        return lines
    return [*lines, "", *_table(["Group", "People", "Of all people", "Of the money", "What to do"], segments)]


def _models(report: Report, words: Words) -> list[str]:
    record = report.track_record
    told = [words.text(grade.told) for grade in record.grades]
    if record.not_yet:
        told = [words.text(record.not_yet)]
    model = str(record.model.values.get("refusal") or words.text(record.model))
    lines = ["## How good the forecasts are", "", plain(model), "", *(f"- {plain(one)}" for one in told), ""]
    rows = [
        [
            capitalized(plain(words.name("models", contestant["model"]))),
            words.text(f"record.{contestant['kind']}"),
            *(
                words.write(value, "number 3")
                if (value := contestant["metrics"].get(metric)) is not None
                else "–"
                for metric in METRICS
            ),
        ]
        for contestant in record.contestants
    ]
    names = [words.text(f"metrics.{metric}") for metric in METRICS]
    return [*lines, *_table(["Contestant", "Kind", *names], rows)] if rows else lines


def _data(report: Report, words: Words) -> list[str]:
    lines, trust = ["## How far to trust the data", ""], report.trust
    if not trust.files:
        return [*lines, words.text("trust.nothing")]
    came, lost = count(trust.rows_in, "row"), count(trust.rows_unusable, "row")
    copies = count(trust.rows_repeated, "row repeats", "rows repeat")
    lines += [f"{came} came in; {lost} could not be used; {copies} what stands elsewhere and count once.", ""]
    lines += [
        f"- Not understood: {plain(f['source_file'])}. {plain(f['note'] or '')}" for f in trust.unknown_files
    ]
    lines += [""] if trust.unknown_files else []
    files = [
        [
            plain(file["source_file"]),
            plain(file["format"].replace("_", " ")),
            *(f"{file[name]:,}" for name in ("rows_in", "rows_kept", "rows_quarantined")),
            plain(file["note"] or ""),
        ]
        for file in trust.files
    ]
    lines += _table(["File", "Taken for", "Rows", "Kept", "Unreadable", "Note"], files)
    if trust.more_files:
        lines += ["", f"And {count(trust.more_files, 'more file', 'more files')}."]
    if trust.set_aside:
        rows = [
            [plain(row["file"]), plain(_reason(row, words)), f"{row['rows']:,}"] for row in trust.set_aside
        ]
        lines += ["", *_table(["File", "Why rows were set aside", "Rows"], rows)]
    return lines


def _reason(row: Mapping[str, Any], words: Words) -> str:
    if "rule" not in row:
        return str(row["reason"])
    names = {"table": words.name("raw_tables", row["table"]), "rule": words.name("rules", row["rule"])}
    return words.text("trust.by_rule", **names)


def _pictures(pictures: Sequence[RenderedPicture]) -> list[str]:
    if not pictures:
        return []
    lines = [f"- [{plain(p.title)}](plots/{p.name}.png): {plain(p.alt_text)}" for p in pictures]
    return ["## Pictures", "", *lines]
