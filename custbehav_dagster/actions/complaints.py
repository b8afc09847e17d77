"""Who is unhappy and waits for an answer: their newest words to the shop were bad, and not long ago.

An answer to a complaint is service to one person, not advertising: nobody is left out of
it by lot, and the list has no form that a mail tool imports.
"""

from __future__ import annotations

from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from custbehav_dagster.actions.words import said_day, text_of

COMPLAINT_DAYS = 30
"""An older complaint is past answering."""

FEW_STARS = 2
BAD_MOOD = -0.5
"""Mood of a text without stars from which on it is taken for a complaint."""

LONGEST_QUOTE = 200
"""Characters of the words that are shown."""


def open_complaints(texts: ir.Table, as_of: date) -> ir.Table:
    """One row per person whose newest feedback is a complaint of the last COMPLAINT_DAYS.

    Takes truth.single_source_of_truth. Columns: `customer_id`, `complained_on`,
    `complaint` (in words), `complaint_order`, `complaint_text`.
    """
    own = texts.filter(
        texts.source_type == "internal_feedback", texts.customer_id.notnull(), texts.created_at.notnull()
    )
    own = own.mutate(complained_on=own.created_at.date())
    first = ibis.date(as_of - timedelta(days=COMPLAINT_DAYS))
    own = own.filter(own.complained_on.between(first, ibis.date(as_of)))
    turn = ibis.row_number().over(
        group_by=own.customer_id, order_by=[own.created_at.desc(), own.rating.asc(), own.text_id]
    )
    newest = own.mutate(turn=turn)
    newest = newest.filter(newest.turn == 0)
    is_bad = (newest.rating <= FEW_STARS).fill_null(
        newest.rating.isnull() & (newest.sentiment <= BAD_MOOD).fill_null(False)
    )
    bad = newest.filter(is_bad)
    stars = bad.rating.round().cast("int64")
    gave = ibis.ifelse(stars == 1, "Gave 1 star on ", text_of("Gave ", stars, " stars on "))
    day = said_day(bad.complained_on)
    about = text_of(", for order ", bad.order_id).coalesce("")
    line = bad.text.re_replace(r"\s+", " ").strip()
    return bad.select(
        "customer_id",
        "complained_on",
        complaint=gave.coalesce("Wrote angrily on ") + day + about + ".",
        complaint_order=bad.order_id,
        complaint_text=ibis.ifelse(
            line.length() > LONGEST_QUOTE, line.substr(0, LONGEST_QUOTE) + "…", line
        ).nullif(""),
    )
