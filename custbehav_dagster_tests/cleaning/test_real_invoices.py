"""Two years of a real giftware shop's invoice lines, where the data are at hand."""

from __future__ import annotations

from pathlib import Path

import ibis
import pytest

from custbehav_dagster.cleaning.identity import link_customers, truth_customers, truth_orders
from custbehav_dagster.cleaning.orders import clean_order_items, clean_orders
from custbehav_dagster.cleaning.quarantine import quarantine_rejects
from custbehav_dagster.contract import cleaned, raw
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.cleaning.tables import by, evidence_of, rows_of, written


@pytest.fixture
def invoices(con: ibis.BaseBackend, real_data: Path) -> dict[str, ibis.Table]:
    """The lines as raw.order_items, and one row of raw.orders per invoice."""
    lines = con.read_parquet(real_data / "online_retail_ii" / "lines.parquet")
    lines = lines.select(
        order_id="Invoice", product_id="StockCode", product="Description",
        quantity=lines.Quantity.cast("string"), unit_price=lines.Price.cast("string"),
        customer_id=lines["Customer ID"].cast("string"), ordered_at=lines.InvoiceDate.cast("string"),
        country="Country", is_synthetic=ibis.literal(False), source_file=ibis.literal("lines.csv"),
        source_line=ibis.row_number() + 2,
    )  # fmt: skip
    lines = written(con, lines)
    orders = lines.group_by("order_id").aggregate(
        **{name: lines[name].min() for name in ("customer_id", "ordered_at", "country", "source_line")}
    )
    orders = orders.mutate(
        status=ibis.ifelse(orders.order_id.startswith("C"), "refund", "completed"),
        is_synthetic=False, source_file=ibis.literal("lines.csv"),
    )  # fmt: skip
    return {
        "order_items": written(con, raw.ORDER_ITEMS.conform(lines)),
        "orders": written(con, raw.ORDERS.conform(orders)),
        "customers": raw.CUSTOMERS.empty(),
        "feedback": raw.FEEDBACK.empty(),
    }


def test_every_line_of_a_real_shop_is_kept_or_explained(
    con: ibis.BaseBackend, invoices: dict[str, ibis.Table]
) -> None:
    shop = Settings()
    tables = {noun: invoices[noun] for noun in ("orders", "order_items")}
    evidence = evidence_of(shop, **tables)
    items = written(con, clean_order_items(tables["order_items"], tables["orders"], shop))
    orders = written(con, clean_orders(tables["orders"], items, evidence, shop))
    left_out = written(
        con, quarantine_rejects(tables, {"orders": orders, "order_items": items}, evidence, shop)
    )

    rules = left_out.group_by("raw_table", "rule").aggregate(rows=left_out.count())
    assert set(rows_of(rules, "raw_table", "rule", "rows")) == {
        ("order_items", "exact_duplicate", 3_908),
        ("orders", "unreadable_amount", 1),
    }
    assert items.count().to_pyarrow().as_py() == 326_314 - 3_908
    states = by(orders.group_by("status").aggregate(rows=orders.count()), "status", "rows")
    assert states == {"completed": 11_871, "refund": 2_297, "unknown": 1_814}
    kinds = by(items.group_by("kind").aggregate(rows=items.count()), "kind", "rows")
    assert kinds == {"product": 318_864, "adjustment": 2_188, "shipping": 1_227, "discount": 100, "fee": 27}
    # What the lines add up to is what the orders paid and gave back, but for the one order left out.
    kept_lines = items.semi_join(orders, "order_id")
    difference = orders.net_amount.sum().as_scalar() - kept_lines.line_amount.sum().as_scalar()
    assert abs(float(difference.to_pyarrow().as_py())) < 1.0

    no_records = cleaned.CUSTOMERS.empty()
    links = written(con, link_customers(no_records, orders))
    people = truth_customers(no_records, links, orders)
    purchases = truth_orders(orders, links).filter(lambda order: order.is_purchase)
    assert people.count().to_pyarrow().as_py() == 1_782
    assert purchases.count().to_pyarrow().as_py() == 11_870
