"""Shops for tests of reports, and how a report of them is gathered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import ibis

from custbehav_dagster.reporting.content import Report, gather_report
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.insights.given import (
    Rows,
    file,
    insights_of,
    segment,
    small_shop,
    text,
    warehouse,
)

AS_OF = date(2024, 12, 31)
HOSTILE = '<img src=x onerror="alert(1)"><script>alert(2)</script>\'"&amp;{{ 7*7 }}'


def gathered(
    con: ibis.BaseBackend, rows: dict[str, Rows], as_of: date | None = AS_OF, last_day: date | None = None
) -> Report:
    tables = warehouse(con, **rows)
    if as_of is not None:
        tables["insights.practical_insights"] = insights_of(tables, as_of)
    return gather_report(tables, as_of, Settings(as_of=last_day))


def lead(words: str, link: str | None) -> dict[str, Any]:
    """One row of insights.leads."""
    return {
        "text_id": "t", "lead_rank": 1, "source_type": "reddit", "title": words, "text": words, "link": link,
        "created_at": datetime(2024, 12, 1), "age_days": 30, "intent_score": 0.9, "reasons": words,
        "telling_words": words, "product": words, "products": 1, "names_budget": True, "names_day": False,
        "what_to_answer": words, "is_synthetic": False,
    }  # fmt: skip


def interesting() -> dict[str, Rows]:
    """One row of each table that tells what moves interest, so that every part of the page has something."""
    real = {"is_synthetic": False}
    share = {"share": 0.2, "share_low": 0.1, "share_high": 0.3}
    ratio = {"ratio": 1.5, "ratio_low": 1.1, "ratio_high": 2.0}
    return {
        "insights__leads": [lead("Looking for a mug", "https://www.reddit.com/r/mugs/1")],
        "insights__topics": [
            {"source_type": "internal_feedback", "topic": 1, "topic_name": "glaze and handle", "texts": 9,
             "texts_looked_at": 200, "average_rating": 4.5, "is_change_sure": True,
             "best_example": "Lovely glaze.",
             **share, **ratio, **real}
        ],
        "insights__trends": [
            {"source_type": "internal_feedback", "kind": "word", "said": "matte", "direction": "rising",
             "recent_texts": 9, "recent_of": 50, "earlier_texts": 3, "earlier_of": 90, "questions": 40,
             "recent_from": date(2024, 10, 3), "trend_rank": 1, **ratio, **real}
        ],
        "insights__product_affinity": [
            {"kind": kind, "product_key": "mug", "product": "Mug", "other_key": other, "other_product": other,
             "counted": "people", "both": 8, "with_product": 14, "with_other": 15, "of_all": 129,
             "support": 0.1, "confidence": 0.5, "confidence_low": 0.3, "confidence_high": 0.7, "lift": 4.0,
             "expected": 1.6, "times_expected": 4.9, "times_low": 2.1, "times_high": 9.7, "affinity_rank": 1,
             **real}
            for kind, other in (("bought again", "mug"), ("bought together", "plate"))
        ],
        "insights__context_effects": [
            {"factor": factor, "kind": "calendar", "compared": "told", "days": 100, "such_days": 9,
             "orders": 50,
             "is_sure": factor == "Christmas", **ratio, **real}
            for factor in ("Christmas", "Founders' Fair")
        ],
        "churn__second_order": [
            {"factor": "channel", "level": "market stall", "from_day": 0, "within_days": 120, "people": 40,
             "second_orders": 9, "verdict": "come back more often", **share, **ratio, **real}
        ],
        "segments__segment_transitions": [
            {"as_of_from": date(2024, 11, 30), "as_of_to": AS_OF, "from_segment": "regulars",
             "to_segment": "lapsed regulars", "people": 3, "amount": 90.0, **real}
        ],
    }  # fmt: skip


def hostile_shop() -> dict[str, Rows]:
    shop = small_shop()
    shop["raw__ingested_files"] = [file(f"{HOSTILE}.csv", 100, note=HOSTILE)]
    shop["raw__quarantine"] = [
        {"source_file": HOSTILE, "source_line": 4, "reason": HOSTILE, "raw_text": "a-secret@example.com"}
    ]
    shop["segments__segment_profiles"] = [segment(0, HOSTILE, 20, 0.6, 0.1), segment(1, "b", 10, 0.4, 0.9)]
    shop["insights__keywords"][1]["keyword"] = HOSTILE
    shop["insights__leads"] = [lead(HOSTILE, "javascript:alert(1)")]
    for number, person in enumerate(shop["truth__customers"]):
        person |= {"email": f"secret{number}@example.com", "name": f"Secret Name {number}"}
    shop["truth__single_source_of_truth"] += [text(999, HOSTILE, -0.9)]
    return shop


def made_up(rows: dict[str, Rows]) -> dict[str, Rows]:
    return {
        name: [{**row, "is_synthetic": True} for row in given] if not name.endswith("quarantine") else given
        for name, given in rows.items()
    }
