"""How good earlier forecasts were, in sentences: what was said, and what came of it."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from custbehav_dagster.insights.wording import day

MOST_TOLD = 4


def track_record(grades: ir.Table, ledger: ir.Table) -> list[str]:
    """The newest graded forecasts that do not overlap, or when the first will be graded.

    Takes churn.forecast_grades and churn.forecast_ledger.
    """
    rows = grades.order_by(ibis.desc("due_date")).to_pyarrow().to_pylist()
    told: list[str] = []
    earlier_than = None
    for row in rows:
        if earlier_than is not None and row["due_date"] > earlier_than:
            continue
        earlier_than = row["as_of"]
        hit = "as expected" if row["low"] <= row["actual"] <= row["high"] else "outside what was expected"
        told.append(
            f"On {day(row['as_of'])} we said that about {row['expected']:,.0f} of {row['people']:,} buyers "
            f"would order again by {day(row['due_date'])} "
            f"(80% sure: {row['low']:,.0f} to {row['high']:,.0f}); {row['actual']:,} did, {hit}."
        )
        if len(told) == MOST_TOLD:
            break
    return told or _not_yet(ledger)


def _not_yet(ledger: ir.Table) -> list[str]:
    first = ledger.filter(ledger.p_return.notnull()).due_date.min().to_pyarrow().as_py()
    if first is None:
        return ["No forecast with probabilities has been made yet, so there is none to grade."]
    return [f"No forecast is old enough to be graded. The first will be after {day(first)}."]
