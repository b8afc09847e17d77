"""Findings in the owner's language, said anew from their numbers; in English where that is not possible.

Tables hold their sentences in English. An insight carries its numbers beside the
sentence, so that a catalogue can word it; a segment is worded from its own row.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from custbehav_dagster.segmentation.profiles import silence
from custbehav_dagster.wording.catalogue import NoSuchText
from custbehav_dagster.wording.words import Message, Words

LEVEL = re.compile(r"level (\d+) of (\d+)")


def said_insight(words: Words, insight: Mapping[str, Any], part: str) -> Markup:
    """The `sentence` or the advice (`what_to_do`) of a row of insights.practical_insights."""
    of_the_row = {"value": insight["value"], "low": insight["value_low"], "high": insight["value_high"]}
    values = of_the_row | json.loads(insight.get("parameters") or "{}")
    return say_or_english(words, f"insights.{insight['insight_id']}.{part}", values, insight[part])


def tells_interval(insight: Mapping[str, Any]) -> bool:
    """Whether an interval stands beside the sentence: for shares and counts whose sentence has none."""
    has_one = insight["value_low"] is not None and insight["value_high"] is not None
    is_plain = insight["unit"].startswith("share") or insight["unit"] in ("days", "people", "orders")
    return has_one and is_plain and "sure" not in insight["sentence"]


def say_or_english(words: Words, key: str, values: Mapping[str, Any], in_english: str) -> Markup:
    """The catalogue's text; what the table says, set apart as English, where the catalogue has none."""
    if words.has(key):
        try:
            return words.html(Message(key, values))
        except NoSuchText:
            # A finding of an earlier version may lack a number that the sentence needs.
            pass
    if words.language == "en":
        return Markup("{}").format(in_english)
    return Markup('<span class="foreign" lang="en" dir="ltr">{}</span>').format(in_english)


def segment_name(words: Words, name: str) -> str:
    """Name of a group, such as `regulars, small amounts`."""
    parts = []
    for part in name.split(", "):
        found = LEVEL.fullmatch(part)
        if found and words.has("segment_level"):
            part = words.text("segment_level", level=int(found[1]), levels=int(found[2]))
        parts.append(words.name("segment_names", part))
    return ("، " if words.is_persian else ", ").join(parts)


def advice_about_segment(words: Words, horizon_days: int, row: Mapping[str, Any], by_recency: bool) -> Markup:
    """What to do about a group, from its row of segments.rfm_profiles or segments.segment_profiles."""
    kind = row["segment_name"].split(", ")[0].removesuffix(" too")
    values = {
        "people": row["people"],
        "share": row["share_of_amount"],
        "days": row["median_recency_days"],
        "silence": silence(row["median_recency_days"], horizon_days),
    }
    part = "rfm_advice" if by_recency else "segment_advice"
    return say_or_english(words, f"{part}.{kind}", values, row["what_to_do"])
