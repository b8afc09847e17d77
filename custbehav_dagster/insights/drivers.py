"""Insights about what drives interest: praise, what complaints cost, what is said more, what goes together.

Each takes only what its table calls sure, so that a shop in which nothing is going on hears nothing.
"""

from __future__ import annotations

from typing import Any

import ibis

from custbehav_dagster.insights.aspects_words import ASPECT_WORDS
from custbehav_dagster.insights.evidence import Rows, sql_text
from custbehav_dagster.insights.insight import FLOOR, Facts, Insight
from custbehav_dagster.insights.statistics import wilson_interval
from custbehav_dagster.insights.wording import (
    count,
    listed,
    number,
    percent,
    quoted,
    share_or_count,
    source_name,
)

WORDS_TOLD = 3
FEWEST_PRAISES = 0.5
"""An aspect is praised when the lower end of its share of good texts is above this."""


def praised_most(facts: Facts) -> Insight | None:
    """The aspect of which people speak well most surely."""
    rows = facts.aspects.where(f"texts >= {FLOOR}", lambda t: t.texts >= FLOOR)
    told = rows.table.order_by("aspect").to_pyarrow().to_pylist()
    told = [row for row in told if row["aspect"] != "product"]
    best = max(told, key=lambda row: wilson_interval(row["praising_texts"], row["texts"])[0], default=None)
    if best is None:
        return None
    low, high = wilson_interval(best["praising_texts"], best["texts"])
    if low < FEWEST_PRAISES:
        return None
    about = _aspect(best["aspect"])
    return Insight(
        "praised_most",
        "words",
        f"People praise {about} most: {best['praising_texts']:,} of the {best['texts']:,} texts that name it "
        f"say something good of it ({percent(best['praising_texts'] / best['texts'])}).",
        best["praising_texts"] / best["texts"],
        "share of texts",
        _only(rows, "aspect", best["aspect"]),
        f"Say so where you sell: put {about} into titles and pictures, in your customers' own words.",
        (low, high),
        {"aspect": best["aspect"], "praising_texts": best["praising_texts"], "texts": best["texts"]},
    )


def complained_most(facts: Facts) -> Insight | None:
    """The aspect of which most texts complain, with the stars they give."""
    rows = facts.aspects.where(f"complaining_texts >= {FLOOR}", lambda t: t.complaining_texts >= FLOOR)
    told = rows.table.order_by(ibis.desc("complaining_texts"), "aspect").limit(1).to_pyarrow().to_pylist()
    if not told:
        return None
    row = told[0]
    about, share = _aspect(row["aspect"]), row["complaining_texts"] / row["texts_looked_at"]
    return Insight(
        "complained_most",
        "words",
        f"People complain of {about} most: {row['complaining_texts']:,} of {row['texts_looked_at']:,} texts "
        f"({percent(share)}) say something bad of it, {row['praising_texts']:,} something good.",
        share,
        "share of texts",
        _only(rows, "aspect", row["aspect"]),
        f"Read the sentences about {about} under What people say, and mend what comes up twice.",
        wilson_interval(row["complaining_texts"], row["texts_looked_at"]),
        {
            "aspect": row["aspect"],
            "complaining_texts": row["complaining_texts"],
            "texts": row["texts_looked_at"],
        },
    )


def complaints_cost(facts: Facts) -> Insight | None:
    """The complaint after which fewest people come back, where that is more than chance."""
    rows = facts.aspects.where(
        "is_return_sure AND return_difference_high < 0",
        lambda t: t.is_return_sure & (t.return_difference_high < 0),
    )
    told = rows.table.order_by(ibis.desc("people_lost"), "aspect").limit(1).to_pyarrow().to_pylist()
    if not told or told[0]["complainers"] + told[0]["others"] < FLOOR:
        return None
    row = told[0]
    about = _aspect(row["aspect"])
    back, others = (
        share_or_count(row[f"{side}_who_came_back"], row[side]) for side in ("complainers", "others")
    )
    low, high = row["people_lost_low"], row["people_lost_high"]
    return Insight(
        "complaints_cost",
        "returns",
        f"Of the {row['complainers']:,} people who complained of {about}, {back} came back within "
        f"{facts.settings.horizon_days} days, of the others {others}. Against others of the same season, "
        f"about {row['people_lost']:,.0f} people were lost (95% sure: between {low:,.0f} and {high:,.0f}).",
        row["people_lost"],
        "people",
        _only(rows, "aspect", row["aspect"]),
        f"Mend {about} first, and write to the next people who complain of it before they are gone.",
        (low, high),
        {
            name: row[name]
            for name in (
                "aspect",
                "complainers",
                "others",
                "people_lost",
                "people_lost_low",
                "people_lost_high",
            )
        },
    )


def complaints_grow(facts: Facts) -> Insight | None:
    """The complaint that is made clearly more often lately."""
    rows = facts.aspects.where(
        "is_complaint_change_sure AND complaint_ratio > 1",
        lambda t: t.is_complaint_change_sure & (t.complaint_ratio > 1),
    )
    told = rows.table.order_by(ibis.desc("complaint_ratio_low"), "aspect").limit(1).to_pyarrow().to_pylist()
    if not told:
        return None
    row = told[0]
    about = _aspect(row["aspect"])
    return Insight(
        "complaints_grow",
        "words",
        f"Complaints about {about} grow: {row['recent_complainers']:,} of {row['recent_writers']:,} people "
        f"who wrote in the last 90 days, {row['earlier_complainers']:,} of {row['earlier_writers']:,} in the "
        f"year before ({_times(row, 'complaint_ratio')}).",
        row["complaint_ratio"],
        "times as often",
        _only(rows, "aspect", row["aspect"]),
        f"Find out what changed about {about} in the last three months.",
        (row["complaint_ratio_low"], row["complaint_ratio_high"]),
        {"aspect": row["aspect"], "ratio": row["complaint_ratio"]},
    )


def rising_words(facts: Facts) -> Insight | None:
    """What the shop's own people say more often lately."""
    return _rising(
        facts, "rising_words", ("internal_feedback",), "Read these texts: something new is going on."
    )


def rising_in_public(facts: Facts) -> Insight | None:
    """What strangers write more often lately."""
    return _rising(
        facts,
        "rising_in_public",
        ("reddit", "web"),
        "See whether something you make answers to it, and say so.",
    )


def _rising(facts: Facts, name: str, sources: tuple[str, ...], advice: str) -> Insight | None:
    given = ", ".join(sql_text(source) for source in sources)
    rows = facts.trends.where(
        f"direction = 'rising' AND source_type IN ({given})",
        lambda t: (t.direction == "rising") & t.source_type.isin(sources),
    )
    told = rows.table.order_by("trend_rank", "source_type", "said").limit(WORDS_TOLD).to_pyarrow().to_pylist()
    if not told:
        return None
    first = told[0]
    told = [row for row in told if row["source_type"] == first["source_type"]]
    counts = f"{first['recent_texts']:,} of {first['recent_of']:,} lately"
    before = f"{first['earlier_texts']:,} of {first['earlier_of']:,} in the year before"
    first_word = f"{quoted(first['said'])}, " if len(told) > 1 else ""
    said = listed(quoted(row["said"]) for row in told)
    return Insight(
        name,
        "words",
        f"In {source_name(first['source_type'])} of the last 90 days {said} "
        f"{'is' if len(told) == 1 else 'are'} said clearly more often: {first_word}{counts}, {before} "
        f"({_times(first, 'ratio')}).",
        first["ratio"],
        "times as often",
        rows,
        advice,
        (first["ratio_low"], first["ratio_high"]),
        {"source_type": first["source_type"], "said": [row["said"] for row in told], "ratio": first["ratio"]},
    )


def bought_together(facts: Facts) -> Insight | None:
    """The two products that are most surely bought together."""
    rows = facts.affinity.where("kind = 'bought together'", lambda t: t.kind == "bought together")
    told = _first_pair(rows)
    if told is None:
        return None
    return Insight(
        "bought_together",
        "sales",
        f"{quoted(told['product'])} and {quoted(told['other_product'])} are bought together: "
        f"{told['both']:,} orders hold both, where chance would give {_few(told['expected'])}.",
        told["times_expected"],
        "times as often as by chance",
        rows,
        "Show each on the other's page, and offer both as a set.",
        (told["times_low"], told["times_high"]),
        {name: told[name] for name in ("product", "other_product", "both", "expected")},
    )


def bought_next(facts: Facts) -> Insight | None:
    """What people most surely buy after another product when they come back."""
    rows = facts.affinity.where("kind = 'bought next'", lambda t: t.kind == "bought next")
    told = _first_pair(rows)
    if told is None:
        return None
    share = share_or_count(told["both"], told["with_product"])
    return Insight(
        "bought_next",
        "sales",
        f"Of those who came back after buying {quoted(told['product'])}, {share} bought "
        f"{quoted(told['other_product'])} next; {percent(told['with_other'] / told['of_all'])} of all who "
        "came back did.",
        told["confidence"],
        "share of those who came back",
        rows,
        f"Write to the buyers of {quoted(told['product'])} about it; the table suggested_products has one "
        "product for each buyer.",
        (told["confidence_low"], told["confidence_high"]),
        {name: told[name] for name in ("product", "other_product", "both", "with_product")},
    )


def _first_pair(rows: Rows) -> dict[str, Any] | None:
    told = rows.table.order_by("affinity_rank", "product_key").limit(1).to_pyarrow().to_pylist()
    return told[0] if told and told[0]["of_all"] >= FLOOR else None


def _aspect(name: str) -> str:
    """An aspect inside a sentence: the lists' as they are, the shop's own words in quotation marks."""
    return name if name in ASPECT_WORDS else quoted(name)


def _only(rows: Rows, column: str, value: str) -> Rows:
    return rows.where(f"{column} = {sql_text(value)}", lambda t: t[column] == value)


def _times(row: dict[str, Any], name: str) -> str:
    low, middle, high = (number(row[f"{name}{end}"], 1) for end in ("_low", "", "_high"))
    return f"{middle} times as often; 95% sure: between {low} and {high} times"


def _few(expected: float) -> str:
    return count(round(expected), "order") if expected >= 1 else "less than one"
