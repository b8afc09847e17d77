"""Rules about one table alone: nothing lost, days inside reason, samples named as samples.

What a contract implies for any table is in `rules`.
"""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir

from custbehav_dagster.contract.finding import Finding, Rule
from custbehav_dagster.contract.hindsight import no_column_is_the_answer, nothing_from_later

EARLIEST_YEAR = 1995
"""No web shop is older; a market stall's book that is would be typed in by hand."""
FILES_SHOWN = 50
"""Files whose own figures a check shows; the tables hold all."""


def _one_row(table: ir.Table) -> dict[str, Any]:
    (row,) = table.to_pyarrow().to_pylist()
    return row


def rows_accounted_for(files: ir.Table, quarantine: ir.Table) -> Finding:
    """Per file: records in = kept + quarantined, and the quarantine holds that many."""
    held = quarantine.group_by("source_file").aggregate(held=quarantine.count())
    joined = files.left_join(held, "source_file").mutate(held=ibis._.held.fill_null(0))
    wrong = joined.filter(
        (joined.rows_in != joined.rows_kept + joined.rows_quarantined)
        | (joined.rows_quarantined != joined.held)
    )
    total = _one_row(
        files.aggregate(
            files=files.count(),
            into=files.rows_in.sum(),
            kept=files.rows_kept.sum(),
            out=files.rows_quarantined.sum(),
        )
    )
    names = wrong.source_file.to_pyarrow().to_pylist()
    sentence = (
        f"{total['files']} files: {total['into'] or 0:,} records in = {total['kept'] or 0:,} kept "
        f"+ {total['out'] or 0:,} quarantined."
    )
    if names:
        sentence = f"Records are not accounted for in: {', '.join(names)}."
    each: dict[str, int | float | str] = {
        row["source_file"]: f"{row['rows_in']:,} in = {row['rows_kept']:,} kept "
        f"+ {row['rows_quarantined']:,} quarantined ({row['held']:,} in the table)"
        for row in joined.filter(joined.rows_in > 0)
        .order_by("source_file")
        .limit(FILES_SHOWN)
        .to_pyarrow()
        .to_pylist()
    }
    counts = {"files": total["files"], "files that do not balance": len(names)}
    return Finding(not names, sentence, counts | each)


def money_accounted_for(files: ir.Table, amounts: ir.Table) -> Finding:
    """Per file and currency: money in the file = kept + quarantined, and none set aside without a record."""
    told = amounts.left_join(files.select("source_file", "rows_quarantined"), "source_file")
    told = told.order_by("source_file", "currency").select(
        "source_file", "currency", "amount_in_file", "amount_kept", "amount_quarantined", "rows_quarantined"
    )
    wrong: list[str] = []
    numbers: dict[str, int | float | str] = {}
    for row in told.to_pyarrow().to_pylist():
        into, kept, aside = (row[f"amount_{where}"] for where in ("in_file", "kept", "quarantined"))
        said = f"{into:,.2f} in the file = {kept:,.2f} kept + {aside:,.2f} quarantined"
        if len(numbers) < FILES_SHOWN:
            numbers[f"{row['source_file']}, {row['currency']}"] = said
        if into != kept + aside or (aside and not row["rows_quarantined"]):
            wrong.append(f"{row['source_file']} ({said})")
    sums = amounts.group_by("currency").aggregate(
        **{name: amounts[f"amount_{name}"].sum() for name in ("in_file", "kept", "quarantined")}
    )
    sentence = "; ".join(
        f"{row['in_file']:,.2f} {row['currency']} in the files = {row['kept']:,.2f} kept "
        f"+ {row['quarantined']:,.2f} quarantined"
        for row in sums.order_by("currency").to_pyarrow().to_pylist()
    )
    if wrong:
        sentence = f"Money is not accounted for in: {', '.join(wrong)}"
    return Finding(not wrong, f"{sentence or 'No file holds money'}.", numbers)


def every_row_accounted_for(quarantine: ir.Table, *pairs: ir.Table) -> Finding:
    """Raw rows = cleaned rows + rows the cleaning set aside, for each shop table."""
    nouns = ("customers", "orders", "order_items", "feedback")
    raw, cleaned = pairs[: len(nouns)], pairs[len(nouns) :]
    numbers: dict[str, int | float | str] = {}
    lost = []
    for noun, before, after in zip(nouns, raw, cleaned, strict=True):
        aside = quarantine.filter(quarantine.raw_table == noun).count().to_pyarrow().as_py()
        into, kept = (table.count().to_pyarrow().as_py() for table in (before, after))
        numbers[noun] = f"{into:,} = {kept:,} kept + {aside:,} set aside"
        if into != kept + aside:
            lost.append(f"{noun}: {into:,} in, {kept:,} kept, {aside:,} set aside")
    sentence = "; ".join(lost) if lost else "; ".join(f"{noun}: {text}" for noun, text in numbers.items())
    return Finding(not lost, sentence + ".", numbers)


def no_order_lost(orders: ir.Table, cleaned: ir.Table) -> Finding:
    """Every cleaned order is in the truth; those without a person are counted, not dropped."""
    counted = _one_row(orders.aggregate(rows=orders.count(), orphans=orders.customer_id.isnull().sum()))
    expected = cleaned.count().to_pyarrow().as_py()
    orphans = counted["orphans"] or 0
    return Finding(
        counted["rows"] == expected,
        f"{counted['rows']:,} of {expected:,} orders; {orphans:,} are tied to no person.",
        {"orders": counted["rows"], "orders without a person": orphans},
    )


def dates_within_reason(orders: ir.Table) -> Finding:
    """No order before web shops, and none long after the newest bulk of orders."""
    newest = orders.order_date.quantile(0.999)
    limits = _one_row(
        orders.aggregate(first=orders.order_date.min(), last=orders.order_date.max(), bulk=newest)
    )
    if limits["last"] is None:
        return Finding(True, "There are no orders.")
    bulk = getattr(limits["bulk"], "date", lambda: limits["bulk"])()
    late = orders.filter(orders.order_date > ibis.literal(bulk) + ibis.interval(days=400))
    early = orders.filter(orders.order_date.year() < EARLIEST_YEAR)
    strange = late.count().to_pyarrow().as_py() + early.count().to_pyarrow().as_py()
    sentence = f"Orders from {limits['first']} to {limits['last']}."
    if strange:
        sentence += (
            f" {strange:,} lie outside reason: before {EARLIEST_YEAR}, "
            "or over a year after nearly all others."
        )
    return Finding(not strange, sentence, {"orders outside reason": strange})


def amounts_can_be_added(orders: ir.Table) -> Finding:
    """Every purchase has an amount in the shop's currency; the others are named with their currencies."""
    unpriced = orders.filter(orders.is_purchase & orders.shop_net_amount.isnull())
    by_currency = unpriced.group_by("currency").aggregate(orders=unpriced.count()).order_by("currency")
    rows = by_currency.to_pyarrow().to_pylist()
    if not rows:
        return Finding(True, "Every purchase has an amount in the shop's currency.")
    own = orders.shop_currency.max().to_pyarrow().as_py()
    told = ", ".join(f"{row['orders']:,} in {row['currency']}" for row in rows)
    return Finding(
        False,
        f"Orders without a rate to {own} are left out of every sum: {told}. Put a file with the columns "
        "date, currency and rate into data/raw.",
        {"orders left out of sums": sum(row["orders"] for row in rows)},
    )


def dates_read_one_way(evidence: ir.Table) -> Finding:
    """The order of day and month was decided by evidence wherever it matters."""
    guessed = evidence.filter((evidence.decided_by == "setting") & (evidence.ambiguous_values > 0))
    names = [f"{row['source_file']} ({row['column_name']})" for row in guessed.to_pyarrow().to_pylist()]
    if not names:
        return Finding(True, "The files themselves show the order of day and month.")
    return Finding(
        False,
        f"Dates like 03/04 could be read both ways and nothing in the file decides: {', '.join(names)}. "
        "Taken as the setting ambiguous_date_order says.",
        {"columns without evidence": len(names)},
    )


def files_recognised(files: ir.Table) -> Finding:
    """Every file in data/raw was recognised."""
    unknown = files.filter(files.format == "unknown").to_pyarrow().to_pylist()
    if not unknown:
        return Finding(True, "Every file was recognised.")
    told = [f"{row['source_file']}: {row['note'] or 'not recognised'}" for row in unknown]
    return Finding(False, " ".join(told), {"unknown files": len(unknown)})


def beats_constant_guess(evaluation: ir.Table) -> Finding:
    """At least one model has a lower mean log loss than guessing the average for everybody."""
    losses = evaluation.filter((evaluation.metric == "log_loss") & (evaluation.fold == "mean"))
    rows = losses.to_pyarrow().to_pylist()
    models = {
        row["model"]: row["value"] for row in rows if row["kind"] == "model" and row["value"] is not None
    }
    guesses = {
        row["model"]: row["value"] for row in rows if row["kind"] == "baseline" and row["value"] is not None
    }
    if not models or not guesses:
        note = next((row["note"] for row in rows if row["note"]), "There is nothing to compare.")
        return Finding(True, note)
    best, guess = min(models, key=models.__getitem__), min(guesses, key=guesses.__getitem__)
    return Finding(
        models[best] < guesses[guess],
        f"Log loss of the best model ({best}) {models[best]:.3f}, "
        f"of the best simple guess ({guess}) {guesses[guess]:.3f}.",
        {"best model": models[best], "best simple guess": guesses[guess]},
    )


DRIFTED = 3.0
"""Standard deviations; forecasts share a season, so less than this is no alarm."""
DRIFTED_SHARE = 0.2


def forecasts_hold(grades: ir.Table) -> Finding:
    """People came as often as was forecast, over all forecasts that do not overlap."""
    from custbehav_dagster.forecasting.ledger import drift_of

    rows = grades.to_pyarrow().to_pylist()
    if not rows:
        return Finding(True, "No forecast is due yet, so none can be graded.")
    drift = drift_of(rows)
    is_far = abs(drift.deviations) > DRIFTED
    is_far = is_far and abs(drift.actual - drift.expected) > DRIFTED_SHARE * drift.expected
    return Finding(
        not is_far,
        f"{drift.forecasts} forecasts apart in time: about {drift.expected:,.0f} people expected, "
        f"{drift.actual:,} came ({drift.deviations:+.1f} standard deviations).",
        {"expected": drift.expected, "came": drift.actual},
    )


_SHOP = ("customers", "orders", "order_items", "feedback")
_FEATURES_FROM = ("truth/orders", "truth/customers", "truth/single_source_of_truth")

RULES = (
    Rule("raw", "ingested_files", "rows_accounted_for", "Records in = kept + quarantined, file by file.",
         ("raw/ingested_files", "raw/quarantine"), rows_accounted_for, blocking=True),
    Rule("raw", "ingested_files", "money_accounted_for", "Money in = kept + set aside, by file and currency.",
         ("raw/ingested_files", "raw/file_amounts"), money_accounted_for, blocking=True),
    Rule("raw", "ingested_files", "files_recognised", "Every file was recognised.",
         ("raw/ingested_files",), files_recognised, warns_only=True),
    Rule("cleaned", "quarantine", "every_row_accounted_for", "Raw rows = cleaned rows + rows set aside.",
         ("cleaned/quarantine", *(f"raw/{noun}" for noun in _SHOP), *(f"cleaned/{noun}" for noun in _SHOP)),
         every_row_accounted_for, blocking=True),
    Rule("cleaned", "orders", "dates_within_reason", "No order lies centuries away.",
         ("cleaned/orders",), dates_within_reason, warns_only=True),
    Rule("cleaned", "date_evidence", "dates_read_one_way", "Evidence decides the order of day and month.",
         ("cleaned/date_evidence",), dates_read_one_way, warns_only=True),
    Rule("truth", "orders", "no_order_lost", "Every cleaned order is here, with or without a person.",
         ("truth/orders", "cleaned/orders"), no_order_lost, blocking=True),
    Rule("truth", "orders", "amounts_can_be_added", "Every purchase has an amount in the shop's currency.",
         ("truth/orders",), amounts_can_be_added, warns_only=True),
    Rule("features", "customer_features", "nothing_from_later", "No feature knows what came after its day.",
         ("features/customer_features", *_FEATURES_FROM), nothing_from_later, knows_settings=True),
    Rule("churn", "dataset", "nothing_from_later", "No feature knows what came after its cutoff.",
         ("churn/dataset", *_FEATURES_FROM), nothing_from_later, knows_settings=True),
    Rule("churn", "dataset", "no_column_is_the_answer", "No single feature tells nearly all who return.",
         ("churn/dataset",), no_column_is_the_answer, warns_only=True),
    Rule("churn", "evaluation", "beats_constant_guess", "The best model is better than a simple guess.",
         ("churn/evaluation",), beats_constant_guess, warns_only=True),
    Rule("churn", "forecast_grades", "forecasts_hold", "Earlier forecasts have come true.",
         ("churn/forecast_grades",), forecasts_hold, warns_only=True),
)  # fmt: skip
