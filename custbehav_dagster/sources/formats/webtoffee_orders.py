"""WooCommerce orders as order-export plugins write them: a wide row per order, its lines side by side."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from custbehav_dagster.sources.amounts import MONEY, read_amount
from custbehav_dagster.sources.formats.base import PLACE, Cells, Field, Format, Group, Head, Records
from custbehav_dagster.sources.formats.buyers import (
    extra_kind,
    full_name,
    merged_lines,
    money_text,
    unit_price,
    with_buyers,
    written,
)
from custbehav_dagster.sources.formats.looks import looks_like_date, looks_like_number
from custbehav_dagster.sources.formats.woocommerce_orders import state

PLATFORM = "woocommerce"
MOST_LINES = 200
"""Lines of one order that are looked for in the header."""
BETWEEN = "\x1e"
NO_ACCOUNT = "0"

_NAMES = (
    "order_id", "order_number", "status", "order_currency", "transaction_id", "customer_id",
    "customer_user", "customer_email",
    "billing_first_name", "billing_last_name", "billing_email", "billing_phone", "billing_postcode",
    "billing_state", "billing_country", "shipping_first_name", "shipping_last_name", "shipping_postcode",
    "shipping_state", "shipping_country", "fee_items", "refund_items",
)  # fmt: skip
_AMOUNTS = ("order_total", "shipping_total", "tax_total", "cart_discount", "discount_total")
_LINE_PARTS = ("name", "id", "sku", "quantity", "total", "subtotal")


def _line_fields() -> list[Field]:
    fields = []
    for number in range(1, MOST_LINES + 1):
        fields.append(Field(f"line_{number}", (f"line_item_{number}",)))
        fields += [Field(f"{part}_{number}", (f"Product Item {number} {part}",)) for part in _LINE_PARTS]
    return fields


FIELDS = (
    *(Field(name, (name,)) for name in _NAMES),
    Field("order_date", ("order_date",), looks_like_date, "dates"),
    *(Field(name, (name,), looks_like_number, "amounts") for name in _AMOUNTS),
    *_line_fields(),
)


def _line(cells: Cells, number: int) -> ir.StructValue:
    """One line of each order: from its columns, else from the cell that packs them with `|` between."""
    packed = cells[f"line_{number}"]

    def part(column: str, pattern: str) -> ir.StringValue:
        return written(cells[f"{column}_{number}"]).coalesce(written(packed.re_extract(pattern, 1)))

    return ibis.struct(
        {
            "product": part("name", r"(?s)^name:(.*?)\|product_id:"),
            "sku": part("sku", r"\|sku:([^|]*)"),
            "product_number": part("id", r"\|product_id:(\d+)"),
            "quantity": part("quantity", r"\|quantity:(-?[\d.,]+)"),
            "total": part("total", r"\|total:(-?[\d.,]+)"),
            "subtotal": part("subtotal", r"\|sub_?total:(-?[\d.,]+)"),
        }
    )


def _goods(cells: Cells) -> ir.Table | None:
    numbers = [
        number
        for number in range(1, MOST_LINES + 1)
        if f"line_{number}" in cells or f"name_{number}" in cells
    ]
    if not numbers:
        return None
    lines = cells.select(
        order_id=_number(cells), line=ibis.array([_line(cells, number) for number in numbers])
    )
    lines = lines.unnest("line").unpack("line")
    units, total = read_amount(lines.quantity).fill_null(1), read_amount(lines.total)
    before = read_amount(lines.subtotal).coalesce(total)
    return lines.select(
        *("order_id", "product", *PLACE),
        product_id=lines.sku.coalesce(lines.product_number),
        units=units,
        unit_price=unit_price(before, units),
        discount=before - total,
        kind=extra_kind(lines.product).coalesce("product"),
    )


def _packed(column: ir.StringValue, first: str) -> ir.ArrayValue:
    """The entries packed into a cell, each of which begins with the key `first`; entries hold semicolons."""
    return column.fill_null("").re_replace(rf"(^|;){first}:", BETWEEN).split(BETWEEN)


def _fees(cells: Cells) -> ir.Table:
    fees = cells.select(order_id=_number(cells), fee=_packed(cells["fee_items"], "name"))
    fees = fees.unnest("fee")
    product = written(fees.fee.re_extract(r"(?s)^(.*?)\|total:", 1))
    return fees.select(
        *("order_id", *PLACE),
        product=product,
        product_id=ibis.null("string"),
        units=ibis.literal(1).cast(MONEY),
        unit_price=fees.fee.re_extract(r"\|total:(-?[\d.,]+)", 1).nullif(""),
        discount=ibis.null(MONEY),
        kind=extra_kind(product).coalesce("fee"),
    )


def _number(cells: Cells) -> ir.StringValue:
    return written(cells["order_number"]).coalesce(written(cells["order_id"]))


def _sum(entries: ir.ArrayValue, pattern: str) -> ir.DecimalValue:
    """Sum of the amounts that `pattern` finds in the entries; 0 when there are none."""
    amounts = entries.map(lambda entry: entry.re_extract(pattern, 1).nullif("").try_cast(MONEY))
    return amounts.filter(lambda amount: amount.notnull()).sums().cast(MONEY).fill_null(0)


def _orders(cells: Cells) -> ir.Table:
    fees = _packed(cells["fee_items"], "name")
    kinds = {
        kind: fees.filter(lambda fee, kind=kind: extra_kind(fee.re_extract(r"(?s)^(.*?)\|total:", 1)) == kind)
        for kind in ("tip", "gift_wrap")
    }
    account = written(cells["customer_user"]).coalesce(written(cells["customer_id"])).nullif(NO_ACCOUNT)
    recipient = full_name(cells["shipping_first_name"], cells["shipping_last_name"])
    given_back = _sum(_packed(cells["refund_items"], "amount"), r"^(-?[\d.]+)")
    return cells.select(
        order_id=_number(cells),
        # Accounts are numbered from 1 in every shop: alone, a number would be taken for another platform's.
        customer_id=ibis.literal(f"{PLATFORM}:") + account,
        email=written(cells["billing_email"]).coalesce(cells["customer_email"]),
        ordered_at=cells["order_date"],
        gross_amount=cells["order_total"],
        refund_amount=money_text(given_back.abs().nullif(0)),
        currency=cells["order_currency"],
        channel=ibis.literal(PLATFORM),
        status=state(cells["status"]),
        is_gift=ibis.ifelse(kinds["gift_wrap"].length() > 0, "yes", ibis.null("string")),
        region=written(cells["shipping_state"]).coalesce(cells["billing_state"]),
        country=written(cells["shipping_country"]).coalesce(cells["billing_country"]),
        discount_amount=written(cells["cart_discount"]).coalesce(cells["discount_total"]),
        shipping_amount=cells["shipping_total"],
        tax_amount=cells["tax_total"],
        tip_amount=money_text(_sum(kinds["tip"], r"\|total:(-?[\d.]+)").nullif(0)),
        recipient_name=recipient,
        recipient_postcode=cells["shipping_postcode"],
        reference=cells["transaction_id"],
        name=full_name(cells["billing_first_name"], cells["billing_last_name"]),
        phone=cells["billing_phone"],
        postcode=cells["billing_postcode"],
        billing_region=cells["billing_state"],
        billing_country=cells["billing_country"],
    )


def _tables(cells: Cells) -> Records:
    sales = _orders(cells)
    at_home = sales.mutate(region=sales.billing_region, country=sales.billing_country)
    _, customers = with_buyers(at_home, PLATFORM)
    orders, _ = with_buyers(sales, PLATFORM)
    tables = {"orders": orders, "customers": customers}
    parts = [_goods(cells), _fees(cells) if "fee_items" in cells else None]
    lines = [part for part in parts if part is not None]
    if lines:
        columns = lines[0].columns
        together = ibis.union(*(part.select(*columns) for part in lines)) if len(lines) > 1 else lines[0]
        together = together.mutate(currency=ibis.null("string"))
        tables["order_items"] = merged_lines(together, PLATFORM)
    return tables


def _variant(columns: Mapping[str, int], head: Head) -> str:
    return (
        "lines in columns" if "name_1" in columns else "lines packed" if "line_1" in columns else "no lines"
    )


WEBTOFFEE_ORDERS = Format(
    "webtoffee_orders",
    "orders of a WooCommerce export plugin",
    FIELDS,
    (
        Group("the column order_id or order_number", ("order_id", "order_number"), required=True),
        Group("the column order_date", ("order_date",), required=True),
        Group("the column order_total", ("order_total",), required=True),
        Group(
            "a billing column",
            ("billing_email", "billing_first_name", "billing_last_name", "billing_postcode"),
            required=True,
        ),
        Group(
            "the columns line_item_1, fee_items or shipping_total",
            ("line_1", "name_1", "fee_items", "shipping_total"),
            required=True,
        ),
    ),
    _tables,
    amount=lambda cells: read_amount(cells["order_total"]),
    currency=lambda cells: cells["order_currency"],
    variant=_variant,
)
