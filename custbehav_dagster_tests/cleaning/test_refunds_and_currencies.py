from __future__ import annotations

from decimal import Decimal

import ibis

from custbehav_dagster.cleaning.money import currency_of
from custbehav_dagster.cleaning.orders import clean_orders
from custbehav_dagster.contract import cleaned, raw
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.cleaning.tables import by, evidence_of, stored


def test_a_refund_may_stand_in_either_column_but_is_never_estimated(con: ibis.BaseBackend) -> None:
    day = {"customer_id": "C1", "ordered_at": "2024-03-09"}
    raw_orders = stored(
        con,
        raw.ORDERS,
        {"order_id": "order", **day, "gross_amount": "30", "status": "paid"},
        {"order_id": "amount", **day, "gross_amount": "20", "status": "refund"},
        {"order_id": "refund", **day, "refund_amount": "20", "status": "refund"},
        {"order_id": "neither", **day, "status": "refund"},
        {"order_id": "cancelled", **day, "status": "cancelled"},
    )
    items, shop = cleaned.ORDER_ITEMS.empty(), Settings(min_fill_ratio=0)
    found = clean_orders(raw_orders, items, evidence_of(shop, orders=raw_orders), shop)
    assert by(found, "order_id", "status", "gross_amount", "refund_amount", "imputed_columns") == {
        "order": ("completed", Decimal(30), Decimal(0), ""),
        "amount": ("refund", Decimal(0), Decimal(20), ""),
        "refund": ("refund", Decimal(0), Decimal(20), ""),
        "cancelled": ("cancelled", Decimal(0), Decimal(0), ""),
    }


def test_a_column_of_amounts_names_the_currency_of_each_row(con: ibis.BaseBackend) -> None:
    amounts = ["£5", "5.00", "5 EUR", None]
    orders = stored(con, raw.ORDERS, *({"gross_amount": text, "currency": "old"} for text in amounts))
    named = currency_of(orders, "gross_amount", "GBP")
    assert by(named, "source_line", "currency") == {2: "GBP", 3: None, 4: "EUR", 5: None}
    assert set(named.columns) == set(orders.columns)
