"""The UCI Online Retail layout: invoice lines of a gift shop, cancellations numbered C…"""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from custbehav_dagster.sources.amounts import read_amount
from custbehav_dagster.sources.formats.base import Cells, Field, Format, Group, Head, Records, plain_name
from custbehav_dagster.sources.formats.looks import looks_like_date, looks_like_number

FIELDS = (
    Field("order_id", ("Invoice", "InvoiceNo")),
    Field("product_id", ("StockCode",)),
    Field("product", ("Description",)),
    Field("quantity", ("Quantity",), looks_like_number, "numbers"),
    Field("ordered_at", ("InvoiceDate",), looks_like_date, "dates"),
    Field("unit_price", ("Price", "UnitPrice"), looks_like_number, "amounts"),
    Field("customer_id", ("Customer ID",)),
    Field("country", ("Country",)),
)


def _variant(columns: Mapping[str, int], head: Head) -> str:
    number = columns.get("order_id")
    name = "" if number is None else plain_name(head.header[number])
    # A mapping may name any column.
    return {"invoice": "II", "invoiceno": "I"}.get(name, "")


def _without_decimals(column: ir.StringValue) -> ir.StringValue:
    """'13085.0' -> '13085': spreadsheets and pandas make decimals of numbers in a column with gaps."""
    return column.re_replace(r"\.0+$", "")


def _tables(cells: Cells) -> Records:
    """Each record is an order line; orders and customers take the first values that their records give."""
    lines = cells.select(
        *("order_id", "product_id", "product", "quantity", "unit_price", "ordered_at", "country"),
        customer_id=_without_decimals(cells["customer_id"]),
    )
    firsts = {"country": lines.country.argmin(lines.source_line), "source_line": lines.source_line.min()}
    file = ("source_file", "is_synthetic")
    orders = lines.group_by("order_id", *file).aggregate(
        customer_id=lines.customer_id.argmin(lines.source_line),
        ordered_at=lines.ordered_at.argmin(lines.source_line),
        **firsts,
    )
    is_cancellation = orders.order_id.upper().startswith("C")
    orders = orders.mutate(status=ibis.ifelse(is_cancellation, "refund", "completed"))
    customers = lines.group_by("customer_id", *file).aggregate(**firsts)
    return {
        "order_items": lines.drop("ordered_at", "country", "customer_id"),
        "orders": orders.filter(orders.order_id.notnull()).order_by("source_file", "source_line"),
        "customers": customers.filter(customers.customer_id.notnull()).order_by("source_file", "source_line"),
    }


def _amount(cells: Cells) -> ir.DecimalValue:
    return read_amount(cells["quantity"]) * read_amount(cells["unit_price"])


ONLINE_RETAIL = Format(
    "online_retail",
    "invoice lines in the Online Retail layout",
    FIELDS,
    (
        Group("the column Invoice", ("order_id",), required=True),
        Group("the column StockCode", ("product_id",), required=True),
        Group("the column Description", ("product",)),
        Group("the column Quantity", ("quantity",), required=True),
        Group("the column InvoiceDate", ("ordered_at",), required=True),
        Group("the column Price", ("unit_price",), required=True),
        Group("the column Customer ID", ("customer_id",)),
        Group("the column Country", ("country",)),
    ),
    _tables,
    amount=_amount,
    variant=_variant,
)
