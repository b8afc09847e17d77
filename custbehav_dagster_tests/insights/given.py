"""Rows for tests, in tables of the DuckDB file that are named as in the warehouse."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from custbehav_dagster.contract import (
    TABLES,
    Table,
    actions,
    cleaned,
    insights,
    raw,
    results,
    second_order,
    segments,
    truth,
)
from custbehav_dagster.insights.practical import practical_insights
from custbehav_dagster.reporting.content import READS
from custbehav_dagster.settings import Settings

USED = (
    truth.ORDERS,
    truth.CUSTOMERS,
    truth.SINGLE_SOURCE_OF_TRUTH,
    results.CHURN_SCORES,
    results.CHURN_EVALUATION,
    results.FORECAST_GRADES,
    results.FORECAST_LEDGER,
    segments.SEGMENT_PROFILES,
    insights.KEYWORDS,
    insights.ASPECTS,
    insights.COHORTS,
    insights.PRACTICAL_INSIGHTS,
    raw.INGESTED_FILES,
    raw.QUARANTINE,
    cleaned.QUARANTINE,
    cleaned.REPAIRS,
    cleaned.ORDER_ITEMS,
    second_order.SECOND_ORDER,
    actions.UPLIFT,
    *actions.LISTS.values(),
)

USED += tuple(
    table for (layer, noun), table in TABLES.items() if f"{layer}.{noun}" in READS and table not in USED
)

Rows = list[dict[str, Any]]


def stored(con: ibis.BaseBackend, table: Table, rows: Rows) -> ir.Table:
    """`rows` as the table `layer.noun`, with the types of the contract."""
    con.raw_sql(f"CREATE SCHEMA IF NOT EXISTS {table.layer}")
    con.con.register("given", pa.Table.from_pylist(rows, schema=table.schema.to_pyarrow()))
    con.raw_sql(f"CREATE OR REPLACE TABLE {table.layer}.{table.noun} AS SELECT * FROM given")
    con.con.unregister("given")
    return con.table(table.noun, database=table.layer)


def warehouse(con: ibis.BaseBackend, **rows: Rows) -> dict[str, ir.Table]:
    """All tables by 'layer.noun'; `orders=[…]` fills truth.orders, what is not named is empty."""
    named = {name.replace("__", "."): given for name, given in rows.items()}
    tables = {}
    for table in USED:
        full_name = f"{table.layer}.{table.noun}"
        given = named.pop(full_name, None)
        tables[full_name] = stored(con, table, given or [])
    assert not named, f"no such tables: {named.keys()}"
    assert all(TABLES[tuple(name.split("."))] for name in tables)  # type: ignore[index]
    return tables


def insights_of(tables: dict[str, ir.Table], as_of: date, **further: ir.Table) -> ir.Table:
    """Practical insights of the tables of `warehouse`."""
    return practical_insights(
        orders=tables["truth.orders"],
        customers=tables["truth.customers"],
        texts=tables["truth.single_source_of_truth"],
        scores=tables["churn.scores"],
        evaluation=tables["churn.evaluation"],
        segments=tables["segments.segment_profiles"],
        keywords=tables["insights.keywords"],
        files=tables["raw.ingested_files"],
        quarantine=tables["cleaned.quarantine"],
        as_of=as_of,
        settings=Settings(),
        **further,
    )


def in_shop_currency(row: dict[str, Any], own: str = "GBP") -> dict[str, Any]:
    """The row with its amounts in the shop's currency too; those paid in another have no rate."""
    is_own = row["currency"] == own
    amounts = {f"shop_{name}": row[name] if is_own else None for name in ("gross_amount", "net_amount")}
    return {"shop_currency": own, **amounts, **row}


def order(number: int, person: str | None, day: str, amount: str = "10.00", **changes: Any) -> dict[str, Any]:
    """A completed order at noon of `day`; `changes` replace columns."""
    row = {
        "order_id": f"o{number}",
        "customer_id": person,
        "record_customer_id": person,
        "ordered_at": datetime.fromisoformat(f"{day}T12:00:00"),
        "order_date": date.fromisoformat(day),
        "gross_amount": Decimal(amount),
        "refund_amount": Decimal(0),
        "net_amount": Decimal(amount),
        "currency": "GBP",
        "status": "completed",
        "is_purchase": True,
        "is_gift": False,
        "is_synthetic": False,
    }
    return in_shop_currency({**row, **changes})


def refund(number: int, person: str | None, day: str, amount: str) -> dict[str, Any]:
    """A refund that comes as a record of its own."""
    return order(
        number,
        person,
        day,
        gross_amount=Decimal(0),
        refund_amount=Decimal(amount),
        net_amount=-Decimal(amount),
        status="refund",
        is_purchase=False,
    )


def text(
    number: int, words: str, sentiment: float = 0.5, day: str | None = "2024-03-05", **changes: Any
) -> dict[str, Any]:
    """A text of the shop's own feedback, scored as told; `changes` replace columns."""
    from custbehav_dagster.text.words import unify_words

    clean = words.lower()
    row = {
        "text_id": f"t{number}",
        "source_type": "internal_feedback",
        "created_at": datetime.fromisoformat(f"{day}T12:00:00") if day else None,
        "text": words,
        "text_clean": clean,
        "text_stemmed": unify_words([clean], {}, "stem")[0],
        "word_count": len(clean.split()),
        "char_count": len(words),
        "sentiment": sentiment,
        "sentiment_model": "told",
        "noise": 0.02,
        "is_synthetic": False,
        "provenance": "feedback.csv:1",
    }
    return {**row, **changes}


def score(
    number: int, p_return: float | None, verdict: str = "slipping away", **changes: Any
) -> dict[str, Any]:
    """One row of churn.scores."""
    row = {
        "customer_id": f"p{number}",
        "as_of": date(2024, 12, 31),
        "horizon_days": 120,
        "p_return": p_return,
        "p_churn": None if p_return is None else 1 - p_return,
        "expected_value": None if p_return is None else 100 * p_return,
        "expected_value_year": None if p_return is None else 250 * p_return,
        "value_year_deviation": None if p_return is None else 100.0,
        "expected_orders_year": None if p_return is None else 2 * p_return,
        "orders_year_deviation": None if p_return is None else 1.0,
        "shared_total_year_deviation": None if p_return is None else 0.2,
        "state": "slipping" if verdict == "slipping away" else "due",
        "return_rank": number + 1,
        "verdict": verdict,
        "reasons": "bought once",
        "model": "logistic",
        "is_synthetic": False,
    }
    return {**row, **changes}


def evaluation(metric: str, **values: float) -> Rows:
    """Mean values of one measure by contestant, over 200 people of whom 80 returned."""
    kinds = {"logistic": "model", "naive_bayes": "model", "constant": "baseline", "recency_rule": "baseline"}
    return [
        {
            "model": model,
            "kind": kinds[model],
            "fold": fold,
            "metric": metric,
            "value": value,
            "people": 200,
            "returned_people": 80,
            "is_synthetic": False,
        }
        for model, value in values.items()
        for fold in ("1", "2", "mean")
    ]


def segment(
    number: int, name: str, people: int, share_of_people: float, share_of_amount: float | None
) -> dict[str, Any]:
    """One row of segments.segment_profiles."""
    return {
        "segment": number,
        "segment_name": name,
        "people": people,
        "share_of_people": share_of_people,
        "share_of_amount": share_of_amount,
        "median_order_count": 1.0,
        "median_total_amount": 25.5,
        "median_recency_days": 40.0,
        "what_to_do": "Write to them once.",
        "is_synthetic": False,
    }


def keyword(number: int, word: str, texts: int, mood: float, **changes: Any) -> dict[str, Any]:
    """One row of insights.keywords, said in `texts` of 200 texts."""
    row = {
        "source_type": "internal_feedback",
        "keyword": word,
        "stem": word,
        "text_count": texts,
        "share_of_texts": texts / 200,
        "average_sentiment": mood,
        "keyword_rank": number,
        "is_synthetic": False,
    }
    return {**row, **changes}


def file(name: str, rows: int, unreadable: int = 0, **changes: Any) -> dict[str, Any]:
    """One row of raw.ingested_files."""
    row = {
        "source_file": name,
        "sha256": "0" * 64,
        "format": "own_columns",
        "variant": None,
        "rows_in": rows,
        "rows_kept": rows - unreadable,
        "rows_quarantined": unreadable,
        "is_synthetic": False,
        "note": None,
    }
    return {**row, **changes}


def left_out(rule: str, times: int) -> Rows:
    """Rows of cleaned.quarantine."""
    row = {"raw_table": "orders", "source_file": "orders.csv", "rule": rule, "reason": "told"}
    return [{**row, "source_line": line} for line in range(2, times + 2)]


def small_shop() -> dict[str, Rows]:
    """Two years of 30 people: everybody buys in December, the first ten also in March."""
    orders = [
        order(number, f"p{person}", day, amount="20.00")
        for number, (person, day) in enumerate(
            (person, f"{year}-{month}")
            for year in (2023, 2024)
            for month, people in (("03-10", 10), ("12-05", 30))
            for person in range(people)
        )
    ]
    orders += [order(1000 + n, None, "2024-06-01", amount="5.00") for n in range(4)]
    orders += [refund(2000, "p1", "2024-12-20", "40.00"), order(3000, "p1", "2023-01-01", amount="1.00")]
    texts = [
        text(n, f"lovely mug number {n}", sentiment=0.6, day=f"2024-{n % 12 + 1:02d}-10", rating=5.0)
        for n in range(30)
    ] + [
        text(100 + n, f"cracked mug again {n}", sentiment=-0.4, day=f"2023-{n % 12 + 1:02d}-10", rating=4.0)
        for n in range(20)
    ]
    people = [
        {"customer_id": f"p{n}", "accepts_marketing": n < 6, "record_count": 1, "is_synthetic": False}
        for n in range(30)
    ]
    scores = [score(n, 0.1 + n / 100, "slipping away" if n < 15 else "may come back") for n in range(30)]
    contest = (
        evaluation("auc", logistic=0.75, naive_bayes=0.7, constant=0.5, recency_rule=0.68)
        + evaluation("log_loss", logistic=0.5, naive_bayes=0.6, constant=0.66, recency_rule=0.58)
        + evaluation("brier", logistic=0.19, naive_bayes=0.2, constant=0.24, recency_rule=0.21)
        + evaluation("average_precision", logistic=0.6, naive_bayes=0.55, constant=0.4, recency_rule=0.5)
    )
    return {
        "truth__orders": orders,
        "truth__customers": people,
        "truth__single_source_of_truth": texts,
        "churn__scores": scores,
        "churn__evaluation": contest,
        "segments__segment_profiles": [
            segment(0, "one-time buyers", 20, 2 / 3, 0.4),
            segment(1, "regulars", 10, 1 / 3, 0.6),
        ],
        "insights__keywords": [
            keyword(1, "mug", 50, 0.2),
            keyword(2, "cracked", 20, -0.4),
            keyword(3, "lovely", 30, 0.6),
        ],
        "raw__ingested_files": [file("orders.csv", 90, unreadable=2), file("feedback.csv", 50)],
        "raw__quarantine": [
            {
                "source_file": "orders.csv",
                "source_line": line,
                "reason": "It has 5 cells, not 9.",
                "raw_text": "secret",
            }
            for line in (4, 9)
        ],
        "cleaned__quarantine": left_out("exact_duplicate", 3),
    }
