"""Ten questions that the page alone answers, with their answers for one shop, as a page of the documentation.

`CUSTBEHAV_DATA_DIR=… python -m custbehav_dagster.reporting.ten_questions` answers them for the
shop in that folder and writes docs/ten-questions.md; a test answers them again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from custbehav_dagster.insights.wording import capitalized
from custbehav_dagster.reporting.content import Report
from custbehav_dagster.wording.words import Words

DOCUMENT = Path("docs/ten-questions.md")


@dataclass(frozen=True)
class Question:
    """What somebody asks, the part of the page that tells, and the words there that answer it."""

    asked: str
    section: str
    answer: Callable[[Report, Words], list[str]]


def _headline(place: int) -> Callable[[Report, Words], list[str]]:
    def told(report: Report, words: Words) -> list[str]:
        one = report.doing.headlines[place]
        return [words.text(one.value), *([words.text(one.note)] if one.note else [])]

    return told


def _direction(report: Report, words: Words) -> list[str]:
    return [words.text(report.doing.direction)] if report.doing.direction else []


def _first_list(report: Report, words: Words) -> list[str]:
    if not report.this_week.actions:
        return [words.text(report.this_week.consent)]
    action = report.this_week.actions[0]
    return [
        words.text(f"lists.{action.name}.title"),
        words.text("week.people", people=action.people),
        words.text("week.window", begin=action.begin, until=action.until),
    ]


def _worth(report: Report, words: Words) -> list[str]:
    return [
        words.text(
            "week.worth", worth=worth.expected, low=worth.low, high=worth.high, days=report.horizon_days
        )
        for action in report.this_week.actions[:1]
        if (worth := action.worth)
    ]


def _consent(report: Report, words: Words) -> list[str]:
    return [words.text(report.this_week.consent)]


def _slipping(report: Report, words: Words) -> list[str]:
    return [
        words.text("week.people", people=row["people"])
        for row in report.slipping.states
        if row["state"] == "slipping"
    ]


def _biggest_group(report: Report, words: Words) -> list[str]:
    best = max(report.groups.rows, key=lambda row: row["share_of_amount"] or 0)
    return [capitalized(best["segment_name"]), words.write(best["share_of_amount"], "percent")]


def _complaint(report: Report, words: Words) -> list[str]:
    worst = max(report.said.aspects, key=lambda row: (row["complaining_texts"], row["aspect"]))
    return [
        capitalized(words.name("aspects", worst["aspect"])),
        words.write(worst["complaining_texts"]),
        words.write(worst["texts"]),
    ]


def _trust(report: Report, words: Words) -> list[str]:
    trust = report.trust
    return [
        words.write(trust.rows_in, "count row"),
        f"{words.write(trust.rows_unusable, 'count row')} could not be used",
    ]


def _record(report: Report, words: Words) -> list[str]:
    record = report.track_record
    return [words.text(record.not_yet)] if record.not_yet else [words.text(record.grades[0].told)]


QUESTIONS = (
    Question("How much did the shop sell in the last twelve months, and is that more than before?", "doing",
             _headline(0)),
    Question("How many people have ever bought, and how many of them came back?", "doing", _headline(2)),
    Question("Are sales rising or falling, when December's rush is left aside?", "doing", _direction),
    Question("What is to be done first this week, for how many people, until when?", "week", _first_list),
    Question("What are these people expected to spend if nobody writes to them?", "week", _worth),
    Question("How many people may be written to at all?", "week", _consent),
    Question("How many people are slipping away?", "slipping", _slipping),
    Question("Which group of buyers brought most of the money, and which share?", "segments", _biggest_group),
    Question("What do people complain of most: in how many texts, of how many that name it?", "said",
             _complaint),
    Question("How good were earlier forecasts?", "record", _record),
)  # fmt: skip
"""Nobody needs more than the page for them."""


def answers(report: Report) -> list[tuple[Question, list[str]]]:
    """Each question with the words of the page that answer it."""
    words = Words("en", report.currency)
    return [(question, question.answer(report, words)) for question in QUESTIONS]


def document(report: Report, people: int) -> str:
    """The questions and answers as Markdown."""
    words = Words("en", report.currency)
    lines = [
        "# Ten questions the page answers",
        "",
        f"For somebody who knows neither Dagster nor Python and has only `processed/report/index.html`. The "
        f"answers are those of the synthetic shop of {people:,} people "
        f"(`CUSTBEHAV_SYNTHETIC_CUSTOMERS={people}`); a test answers them anew from the tables and looks "
        "for each answer in its part of the page.",
        "",
    ]
    for number, (question, told) in enumerate(answers(report), start=1):
        lines += [
            f"{number}. **{question.asked}**  ",
            f"   {'; '.join(told)}  ",
            f"   *Where: {words.text(f'{question.section}.title')}.*",
        ]
    return "\n".join(lines) + "\n"


def write_document() -> None:
    """Answer the questions for the shop of the settings and write DOCUMENT."""
    from custbehav_dagster.reporting.live_page import report_from_snapshot
    from custbehav_dagster.settings import Settings

    settings = Settings()
    DOCUMENT.write_text(
        document(report_from_snapshot(settings), settings.synthetic_customers), encoding="utf-8"
    )


if __name__ == "__main__":
    write_document()
