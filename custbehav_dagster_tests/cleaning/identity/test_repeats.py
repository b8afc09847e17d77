"""How many bought again, counted both ways."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import ibis
import pyarrow as pa

from custbehav_dagster.cleaning.identity import repeat_purchase_by_matching
from custbehav_dagster.contract import truth
from custbehav_dagster_tests.cleaning.shop_rows import Row


def table(contract: truth.Table, rows: list[Row]) -> ibis.Table:
    return ibis.memtable(pa.Table.from_pylist(rows, schema=contract.schema.to_pyarrow()))


def bought(number: int, record: str | None, day: int, **values: object) -> Row:
    usual = {"ordered_at": datetime(2024, 1, day), "order_date": date(2024, 1, day), "currency": "GBP",
             "gross_amount": Decimal(5), "refund_amount": Decimal(0), "net_amount": Decimal(5),
             "status": "completed", "is_purchase": True, "is_gift": False, "is_synthetic": False}  # fmt: skip
    return {**usual, "order_id": str(number), "record_customer_id": record, "customer_id": record, **values}


def link(record: str, loose: str) -> Row:
    return {"record_customer_id": record, "customer_id": loose, "strict_customer_id": record,
            "loose_customer_id": loose, "evidence": "own record", "strength": 1.0}  # fmt: skip


def test_repeat_buyers_are_counted_under_both_matchings() -> None:
    orders = [
        bought(1, "a", 1),
        bought(2, "b", 9),  # the same person as a, by loose matching only
        bought(3, "c", 1),
        bought(4, "c", 1),  # the same day: one visit
        bought(5, "d", 1),
        bought(6, "d", 2, is_purchase=False),
        bought(7, None, 3),
        bought(8, "e", 1),
        bought(9, "e", 2),
    ]
    links = [link("a", "a"), link("b", "a"), link("c", "c"), link("d", "d"), link("e", "e"), link("f", "f")]
    found = repeat_purchase_by_matching(table(truth.ORDERS, orders), table(truth.CUSTOMER_LINKS, links))
    rows = {row["matching"]: row for row in found.to_pyarrow().to_pylist()}
    assert {
        name: (row["people"], row["repeat_buyers"], row["repeat_share"]) for name, row in rows.items()
    } == {
        "strict": (5, 1, 0.2),
        "loose": (4, 2, 0.5),
    }
    assert {row["orders_of_nobody"] for row in rows.values()} == {1}


def test_a_shop_without_purchases_has_no_rows() -> None:
    found = repeat_purchase_by_matching(truth.ORDERS.empty(), truth.CUSTOMER_LINKS.empty())
    assert found.to_pyarrow().num_rows == 0
