"""Customer records as literal rows, and which of them are taken for one person."""

from __future__ import annotations

from typing import Any

from custbehav_dagster.cleaning.identity import link_customers
from custbehav_dagster.contract import cleaned, raw
from custbehav_dagster_tests.cleaning.shop_rows import Row, rows_of, table_of


def record(customer_id: str, name: str | None = None, **values: Any) -> Row:
    """A record without consent; what is not told is empty."""
    usual = {"accepts_marketing": False, "imputed_columns": ""}
    return {**usual, "customer_id": customer_id, "name": name, **values}


def links_of(*records: Row, raw_orders: tuple[Row, ...] = (), **options: Any) -> dict[str, Row]:
    """truth.customer_links by record."""
    found = link_customers(
        table_of(cleaned.CUSTOMERS, records),
        table_of(cleaned.ORDERS, ()),
        raw_orders=table_of(raw.ORDERS, raw_orders),
        **options,
    )
    return {row["record_customer_id"]: row for row in rows_of(found)}


def people_of(*records: Row, matching: str = "loose", **options: Any) -> set[frozenset[str]]:
    """The records of each person."""
    groups: dict[str, set[str]] = {}
    for name, link in links_of(*records, **options).items():
        groups.setdefault(link[f"{matching}_customer_id"], set()).add(name)
    return {frozenset(group) for group in groups.values()}
