"""Rules about features: none of them may know what came after the day it stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis.expr.types as ir

from custbehav_dagster.contract.finding import Finding

if TYPE_CHECKING:
    from custbehav_dagster.settings import Settings


def nothing_from_later(
    known: ir.Table, orders: ir.Table, customers: ir.Table, texts: ir.Table, *, settings: Settings
) -> Finding:
    """Features are the same when the shop's tables end on the day they were to be known."""
    from custbehav_dagster.forecasting.hindsight import changed_without_the_future

    day = "cutoff" if "cutoff" in known.columns else "as_of"
    rows, changed = changed_without_the_future(known, day, orders, customers, texts, settings)
    told = ", ".join(f"{column} ({count:,} rows)" for column, count in sorted(changed.items()))
    sentence = f"{rows:,} rows come out the same from what was known on their day alone."
    if changed:
        sentence = f"Of {rows:,} rows, these columns know what happened later: {told}."
    return Finding(not changed, sentence, {"rows looked at": rows, **changed})


def no_column_is_the_answer(dataset: ir.Table) -> Finding:
    """No single feature tells returners from the others implausibly well."""
    from custbehav_dagster.forecasting.hindsight import telling_too_much

    found = telling_too_much(dataset)
    told = ", ".join(f"{column} (in {auc * 100:.1f} of 100 pairs)" for column, auc in sorted(found.items()))
    sentence = "No single column tells who returns."
    if found:
        sentence = f"Too good to be known beforehand: {told} tells who returns. Look how it is made."
    return Finding(not found, sentence, dict(found))
