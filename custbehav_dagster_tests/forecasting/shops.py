"""Shops for tests: rows written out, a generated one, and the real ones in the shape of truth.orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from custbehav_dagster import contract
from custbehav_dagster.contract import Table


@dataclass(frozen=True)
class Shop:
    orders: ir.Table
    customers: ir.Table
    texts: ir.Table

    @property
    def tables(self) -> tuple[ir.Table, ir.Table, ir.Table]:
        return self.orders, self.customers, self.texts


def stored(
    con: ibis.BaseBackend, table: Table, rows: list[dict[str, Any]], name: str | None = None
) -> ir.Table:
    """`rows` as a table of the DuckDB file, with the types of the contract."""
    name = name or f"{table.layer}_{table.noun}"
    con.con.register("given", pa.Table.from_pylist(rows, schema=table.schema.to_pyarrow()))
    con.raw_sql(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM given")
    con.con.unregister("given")
    return con.table(name)


def kept(con: ibis.BaseBackend, name: str, expression: ir.Table) -> ir.Table:
    """`expression` as a table of the DuckDB file."""
    con.con.register("given", expression.to_pyarrow())
    con.raw_sql(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM given")
    con.con.unregister("given")
    return con.table(name)


def in_shop_currency(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its amounts in the shop's pounds too; those paid in another currency have no rate."""
    is_own = row["currency"] == "GBP"
    amounts = {f"shop_{name}": row[name] if is_own else None for name in ("gross_amount", "net_amount")}
    return {"shop_currency": "GBP", **amounts, **row}


def order(customer_id: str | None, day: str, amount: str = "10.00", **changes: Any) -> dict[str, Any]:
    """A completed order of `amount` at noon of `day`; `changes` replace columns."""
    row = {
        "order_id": f"{customer_id}-{day}",
        "customer_id": customer_id,
        "record_customer_id": customer_id,
        "ordered_at": datetime.fromisoformat(f"{day}T12:00:00"),
        "order_date": date.fromisoformat(day),
        "gross_amount": Decimal(amount),
        "refund_amount": Decimal(0),
        "net_amount": Decimal(amount),
        "currency": "GBP",
        "channel": "web",
        "status": "completed",
        "is_purchase": True,
        "is_gift": False,
        "is_synthetic": False,
    }
    return in_shop_currency({**row, **changes})


def refund(customer_id: str, day: str, net_amount: str) -> dict[str, Any]:
    """A refund as a record of its own."""
    return order(
        customer_id,
        day,
        order_id=f"refund-{customer_id}-{day}",
        status="refund",
        is_purchase=False,
        gross_amount=Decimal(0),
        refund_amount=abs(Decimal(net_amount)),
        net_amount=Decimal(net_amount),
    )


def customer(customer_id: str, **changes: Any) -> dict[str, Any]:
    row = {
        "customer_id": customer_id,
        "region": None,
        "accepts_marketing": False,
        "record_count": 1,
        "is_synthetic": False,
    }
    return {**row, **changes}


def text(
    customer_id: str | None, moment: str | None, sentiment: float = 0.5, **changes: Any
) -> dict[str, Any]:
    """Feedback of five words written at `moment` (UTC)."""
    row = {
        "text_id": f"{customer_id}-{moment}",
        "source_type": "internal_feedback",
        "customer_id": customer_id,
        "created_at": moment and datetime.fromisoformat(moment),
        "text": "it is a lovely mug",
        "text_clean": "it is a lovely mug",
        "text_stemmed": "love mug",
        "word_count": 5,
        "char_count": 18,
        "sentiment": sentiment,
        "sentiment_model": "vader",
        "rating": 5.0,
        "noise": 0.0,
        "is_synthetic": False,
        "provenance": "feedback.csv:2",
    }
    return {**row, **changes}


def shop_of(
    con: ibis.BaseBackend,
    orders: list[dict[str, Any]],
    customers: list[dict[str, Any]] | None = None,
    texts: list[dict[str, Any]] | None = None,
) -> Shop:
    """A shop of these rows; without `customers`, one plain record per buyer."""
    buyers = sorted({row["customer_id"] for row in orders if row["customer_id"]})
    return Shop(
        stored(con, contract.truth.ORDERS, orders),
        stored(con, contract.truth.CUSTOMERS, customers or [customer(buyer) for buyer in buyers]),
        stored(con, contract.truth.SINGLE_SOURCE_OF_TRUTH, texts or []),
    )


def toy_shop(con: ibis.BaseBackend, people: int, seed: int = 0, loyal_share: float = 0.3) -> Shop:
    """Two years of a shop where loyal people buy each month or so, and by web more often than the others.

    The others come back once in two years, if at all.
    """
    generator = np.random.default_rng(seed)
    start = date(2022, 1, 1)
    orders, customers = [], []
    for number in range(people):
        customer_id = f"c{number:05d}"
        customers.append(customer(customer_id, region=["Kent", "Devon", None][number % 3]))
        loyal = generator.random() < loyal_share
        day = float(generator.integers(0, 500))
        while day < 730:
            orders.append(
                order(
                    customer_id,
                    (start + timedelta(days=int(day))).isoformat(),
                    f"{generator.lognormal(3, 0.6):.2f}",
                    order_id=f"{customer_id}-{len(orders)}",
                    channel="web" if generator.random() < (0.8 if loyal else 0.4) else "etsy",
                )
            )
            day += 1 + generator.exponential(35 if loyal else 700)
    return shop_of(con, orders, customers)


def online_retail(con: ibis.BaseBackend, real_data: Path) -> Shop:
    """Online Retail II: one order per invoice; those that start with C are refunds."""
    lines = con.read_parquet(str(real_data / "online_retail_ii" / "lines.parquet")).distinct()
    invoices = lines.group_by("Invoice").aggregate(
        ordered_at=lines.InvoiceDate.min(),
        customer_id=lines["Customer ID"].max().cast("string"),
        country=lines.Country.max(),
        net_amount=(lines.Quantity * lines.Price).sum().round(2).cast("decimal(18, 2)"),
    )
    is_refund = invoices.Invoice.startswith("C")
    none = ibis.literal(Decimal(0), type="decimal(18, 2)")
    return _real_shop(
        con,
        invoices.mutate(
            order_id=invoices.Invoice,
            gross_amount=ibis.ifelse(is_refund, none, invoices.net_amount),
            refund_amount=ibis.ifelse(is_refund, invoices.net_amount.abs(), none),
            status=ibis.ifelse(is_refund, "refund", "completed"),
            is_purchase=~is_refund & (invoices.net_amount > 0),
        ),
    )


def cdnow(con: ibis.BaseBackend, real_data: Path) -> Shop:
    """CDNOW: one order per purchase."""
    purchases = con.read_parquet(str(real_data / "cdnow" / "cdnow_full.parquet"))
    amount = purchases.amount.cast("decimal(18, 2)")
    return _real_shop(
        con,
        purchases.select(
            order_id=ibis.row_number()
            .over(order_by=["customer_id", "date", "amount", "n_cds"])
            .cast("string"),
            customer_id=purchases.customer_id.cast("string"),
            ordered_at=purchases.date,
            country=ibis.null("string"),
            gross_amount=amount,
            refund_amount=ibis.literal(Decimal(0), type="decimal(18, 2)"),
            net_amount=amount,
            status=ibis.literal("completed"),
            is_purchase=amount > 0,
        ),
    )


def _real_shop(con: ibis.BaseBackend, orders: ir.Table) -> Shop:
    orders = kept(
        con,
        "truth_orders",
        contract.truth.ORDERS.conform(
            orders.mutate(
                order_date=orders.ordered_at.date(),
                currency=ibis.literal("GBP"),
                shop_currency=ibis.literal("GBP"),
                shop_gross_amount=orders.gross_amount,
                shop_net_amount=orders.net_amount,
                is_gift=ibis.literal(False),
                is_synthetic=ibis.literal(False),
            )
        ),
    )
    buyers = orders.filter(orders.customer_id.notnull())
    people = buyers.group_by("customer_id").aggregate(country=buyers.country.max())
    customers = people.mutate(
        accepts_marketing=ibis.literal(False), record_count=ibis.literal(1), is_synthetic=ibis.literal(False)
    )
    return Shop(
        orders,
        kept(con, "truth_customers", contract.truth.CUSTOMERS.conform(customers)),
        stored(con, contract.truth.SINGLE_SOURCE_OF_TRUTH, []),
    )
