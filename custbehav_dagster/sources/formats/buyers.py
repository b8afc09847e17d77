"""What formats of sales have in common: who bought, equal lines, names of extras, figures made of figures."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from custbehav_dagster.sources.amounts import MONEY
from custbehav_dagster.sources.formats.base import PLACE
from custbehav_dagster.sources.formats.platforms import guest_identifier, is_mail_address
from custbehav_dagster.sources.parts import place_of

FILE = ("source_file", "is_synthetic")
PERSON = ("name", "postcode", "phone", "region", "country")
"""Columns of a sale about its buyer that `with_buyers` understands, beside `customer_id` and `email`."""

_EXTRAS = {
    "tip": r"tips?|gratuity|trinkgeld|pourboire|propina|mancia|fooi",
    "gift_wrap": r"gift[ -]?wrap(ping)?|gift box|geschenkverpackung|emballage cadeau|papel de regalo|"
    r"confezione regalo|cadeauverpakking",
    "shipping": r"shipping|postage|delivery|versand|livraison|env[ií]o|spedizione|verzending",
}


def written(column: ir.StringValue) -> ir.StringValue:
    """The cell without white space at its ends; NULL when nothing is left."""
    return column.strip().nullif("")


def full_name(first: ir.StringValue, last: ir.StringValue) -> ir.StringValue:
    """Both names with a space between; NULL when neither is there."""
    return written(first.fill_null("") + " " + last.fill_null(""))


def extra_kind(product: ir.StringValue) -> ir.StringValue:
    """Which extra a line's whole name says it is: tip, gift_wrap or shipping; NULL for anything else."""
    name = product.lower().strip()
    return ibis.cases(
        *((name.re_search(f"^(?:{words})$"), kind) for kind, words in _EXTRAS.items()),
        else_=ibis.null("string"),
    )


def money_text(amount: ir.NumericValue) -> ir.StringValue:
    """A computed amount as text, to four decimals; NULL stays NULL."""
    return amount.cast(MONEY).cast("string")


def whole_text(quantity: ir.NumericValue) -> ir.StringValue:
    """A quantity as text, without decimals that say nothing."""
    return money_text(quantity).re_replace(r"\.?0+$", "")


def unit_price(total: ir.DecimalValue, quantity: ir.NumericValue) -> ir.StringValue:
    """The price of one unit as text; NULL when there are none."""
    units = quantity.cast("float64").abs().nullif(0.0)
    return money_text((total.abs().cast("float64") / units).round(4))


def merged_lines(lines: ir.Table, platform: str) -> ir.Table:
    """Equal lines of one record as one line of so many units: they are no copies of each other.

    Args:
        lines: `order_id, product_id, product, unit_price, currency, kind` as text, `units` and
            `discount` as decimals, and the place of the record. Lines without a number
            or with neither product nor stock code are left out.
        platform: name of the platform.
    """
    lines = lines.filter(lines.order_id.notnull() & (lines.product.notnull() | lines.product_id.notnull()))
    lines = lines.mutate(is_return=lines.units < 0)
    same = ("order_id", "product_id", "product", "unit_price", "currency", "kind", *PLACE)
    merged = lines.group_by(*same, "is_return").aggregate(
        units=lines.units.sum(), discount=lines.discount.sum()
    )
    within_record = ibis.window(
        group_by=["source_file", "source_line"],
        order_by=["product", "product_id", "unit_price", "kind", "is_return"],
    )
    merged = merged.mutate(
        line_number=(ibis.row_number().over(within_record) + 1).cast("string"),
        quantity=whole_text(merged.units),
        discount_amount=money_text(merged.discount),
    )
    return merged.mutate(platform=ibis.literal(platform)).order_by("source_file", "source_line", "product")


def with_buyers(sales: ir.Table, platform: str) -> tuple[ir.Table, ir.Table]:
    """Tell who bought, and make a customer record of each buyer.

    A sale with neither identifier nor mail address, but a name or telephone, is of a
    guest of its own, `guest:<platform>:<order_id>`: whether two guests are one person is
    decided later, by evidence. One that says nothing about the buyer stays without.

    Args:
        sales: one row per order and file, with `order_id`, `customer_id`, `email`, the columns
            `PERSON` (a missing one is NULL) and the place of the record.
        platform: name of the platform.

    Returns:
        The sales with `customer_id` settled (NULL where the mail address is the
        identifier) and `platform`; and one customer record per buyer and file, with
        the first values that the sales give.
    """
    missing = {name: ibis.null("string") for name in PERSON if name not in sales.columns}
    sales = sales.mutate(**missing).mutate(email=written(sales.email), platform=ibis.literal(platform))
    sales = sales.mutate(name=written(sales.name), phone=written(sales.phone))
    is_told = sales.name.notnull() | sales.phone.notnull()
    guest = guest_identifier(platform, sales.order_id, place_of(sales))
    no_one = ibis.null("string")
    has_mail = is_mail_address(sales.email)
    unnamed = ibis.cases((has_mail, no_one), (is_told, guest), else_=no_one)
    sales = sales.mutate(customer_id=written(sales.customer_id).coalesce(unnamed))
    address = ibis.ifelse(has_mail, sales.email.lower(), no_one)
    known = sales.mutate(buyer=sales.customer_id.coalesce(address))
    known = known.filter(known.buyer.notnull())
    firsts = {name: known[name].argmin(known.source_line) for name in ("customer_id", "email", *PERSON)}
    people = known.group_by("buyer", "platform", *FILE).aggregate(
        **firsts, source_line=known.source_line.min()
    )
    return sales, people.order_by("source_file", "source_line").drop("buyer")
