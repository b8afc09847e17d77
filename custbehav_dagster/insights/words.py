"""Insights about what customers write, and about how far the data can be trusted."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from custbehav_dagster.insights.evidence import sql_text
from custbehav_dagster.insights.insight import FLOOR, Facts, Insight
from custbehav_dagster.insights.left_out import rows_left_out, unusable_rows
from custbehav_dagster.insights.money import steady_sum
from custbehav_dagster.insights.statistics import wilson_interval
from custbehav_dagster.insights.wording import count, number, percent, quoted

POSITIVE_FROM, NEGATIVE_TO = 0.05, -0.05
"""Limits that VADER's authors give for its compound score."""
WORSE_BY = 0.1
RULES = {
    "missing_key": "a column that identifies them is empty",
    "min_fill_ratio": "too few of their cells are filled",
    "unreadable_date": "their date cannot be read",
    "unreadable_amount": "their amount cannot be read",
    "exact_duplicate": "they repeat another row exactly",
    "duplicate_key": "their number was used before",
    "overlapping_export": "another file has the same orders",
}


def positive_feedback(facts: Facts) -> Insight | None:
    """Which share of the shop's own feedback is positive."""
    rows = facts.scored_feedback
    sums = (
        rows.table.aggregate(
            texts=rows.table.count(),
            positive=(rows.table.sentiment >= POSITIVE_FROM).sum(),
            negative=(rows.table.sentiment <= NEGATIVE_TO).sum(),
        )
        .to_pyarrow()
        .to_pylist()[0]
    )
    if sums["texts"] < FLOOR:
        return None
    share = sums["positive"] / sums["texts"]
    return Insight(
        "positive_feedback",
        "words",
        f"{percent(share)} of {sums['texts']:,} texts of feedback are positive, "
        f"{percent(sums['negative'] / sums['texts'])} negative.",
        share,
        "share of texts",
        rows,
        "Answer the negative ones in person; ask the writers of positive ones whether you may quote them.",
        wilson_interval(sums["positive"], sums["texts"]),
        parameters={"texts": sums["texts"], "negative": sums["negative"] / sums["texts"]},
    )


def stars_disagree(facts: Facts) -> Insight | None:
    """How often the stars say one thing and the words another."""
    rows = facts.scored_feedback.where("rating IS NOT NULL", lambda t: t.rating.notnull())
    kind_words = (rows.table.rating <= 2) & (rows.table.sentiment >= POSITIVE_FROM)
    hard_words = (rows.table.rating >= 4) & (rows.table.sentiment <= NEGATIVE_TO)
    sums = (
        rows.table.aggregate(texts=rows.table.count(), kind=kind_words.sum(), hard=hard_words.sum())
        .to_pyarrow()
        .to_pylist()[0]
    )
    disagree = (sums["kind"] or 0) + (sums["hard"] or 0)
    if sums["texts"] < FLOOR or not disagree:
        return None
    share = disagree / sums["texts"]
    return Insight(
        "stars_disagree",
        "words",
        f"In {percent(share)} of {sums['texts']:,} rated texts stars and words disagree: "
        f"{sums['hard']:,} give 4 or 5 stars in negative words, "
        f"{sums['kind']:,} give 1 or 2 stars in positive ones.",
        share,
        "share of rated texts",
        rows,
        "Read a dozen of them: either the score misreads your customers, or the stars hide a wish.",
        wilson_interval(disagree, sums["texts"]),
        parameters={"texts": sums["texts"], "hard": sums["hard"], "kind": sums["kind"]},
    )


def worst_keyword(facts: Facts) -> Insight | None:
    """The frequent word of feedback that is said in the worst mood, when that is clearly below the rest."""
    feedback = facts.scored_feedback.table
    total = feedback.aggregate(texts=feedback.count(), mood=steady_sum(feedback.sentiment))
    sums = total.to_pyarrow().to_pylist()[0]
    own = facts.keywords.where(
        "source_type = 'internal_feedback'", lambda t: t.source_type == "internal_feedback"
    )
    frequent = own.table.filter(own.table.text_count >= FLOOR, own.table.average_sentiment.notnull())
    worst = frequent.order_by("average_sentiment", "stem").limit(1).to_pyarrow().to_pylist()
    if not sums["texts"] or not worst:
        return None
    mean = sums["mood"] / sums["texts"]
    if worst[0]["average_sentiment"] > mean - WORSE_BY:
        return None
    word = worst[0]
    mood = "worst" if word["average_sentiment"] < 0 else "least happy"
    rows = own.where(f"stem = {sql_text(word['stem'])}", lambda t: t.stem == word["stem"])
    return Insight(
        "worst_keyword",
        "words",
        f"Of the frequent words, {quoted(word['keyword'])} is said in the {mood} mood: "
        f"{count(word['text_count'], 'text')} with a mean of {number(word['average_sentiment'])}, "
        f"where all feedback has {number(mean)} (−1 to +1).",
        word["average_sentiment"],
        "mean sentiment",
        rows,
        f"Read the texts that hold {quoted(word['keyword'])} and mend what they name.",
        parameters={"word": word["keyword"], "texts": word["text_count"], "usual": mean},
    )


def orders_without_customer(facts: Facts) -> Insight | None:
    """Which share of the orders cannot be tied to a person."""
    rows = facts.purchases
    unknown = rows.table.customer_id.isnull().sum()
    sums = rows.table.aggregate(orders=rows.table.count(), unknown=unknown).to_pyarrow().to_pylist()[0]
    if sums["orders"] < FLOOR or not sums["unknown"]:
        return None
    share = sums["unknown"] / sums["orders"]
    return Insight(
        "orders_without_customer",
        "data",
        f"{percent(share)} of {sums['orders']:,} orders are not tied to a person, "
        "so nothing can be said about who placed them.",
        share,
        "share of orders",
        rows,
        "Export orders with e-mail address or customer number; ask for one at the till.",
        parameters={"orders": sums["orders"]},
    )


def rows_set_aside(facts: Facts) -> Insight | None:
    """How many rows of the files could not be used, and the commonest reason."""
    rows = facts.files
    files = rows.table
    sums = (
        files.aggregate(rows=files.rows_in.sum(), unreadable=files.rows_quarantined.sum())
        .to_pyarrow()
        .to_pylist()[0]
    )
    if (sums["rows"] or 0) < FLOOR:
        return None
    left_out = rows_left_out(facts.quarantine.table)
    unusable = sums["unreadable"] + left_out.unusable
    share = min(1.0, unusable / sums["rows"])
    by_rule = _commonest_rules(unusable_rows(facts.quarantine.table)) if left_out.unusable else []
    reason = f", most often because {RULES.get(by_rule[0]['rule'], by_rule[0]['rule'])}" if by_rule else ""
    told = f"All {sums['rows']:,} rows in your files could be used"
    if unusable:
        told = (
            f"{count(unusable, 'row')} of {sums['rows']:,} in your files could not be used "
            f"({percent(share)}){reason}"
        )
    if left_out.repeated:
        told += (
            f"; {count(left_out.repeated, 'row repeats', 'rows repeat')} what stands elsewhere, counted once"
        )
    return Insight(
        "rows_set_aside",
        "data",
        told + ".",
        share,
        "share of rows",
        rows,
        "See below, How far to trust the data: each reason is there, with its file."
        if unusable
        else "Nothing to do.",
        parameters={
            "unusable": unusable,
            "rows": sums["rows"],
            "rule": by_rule[0]["rule"] if by_rule else "",
            "repeated": left_out.repeated,
        },
    )


def _commonest_rules(quarantine: ir.Table) -> list[dict]:
    return (
        quarantine.group_by("rule")
        .aggregate(rows=lambda t: t.count())
        .order_by(ibis.desc("rows"), "rule")
        .to_pyarrow()
        .to_pylist()
    )
