"""A shop's customers as Shopify exports them."""

from __future__ import annotations

from collections.abc import Set
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from custbehav_dagster.sources.synthetic.exports.writing import (
    FILE_QUIRKS,
    as_spreadsheet_number,
    money_text,
    records,
    with_apostrophe,
    write_table,
)

if TYPE_CHECKING:
    from custbehav_dagster.sources.synthetic.exports.truth import ExportShop

HEADERS = {
    "2022": (
        "First Name", "Last Name", "Email", "Accepts Email Marketing", "Company", "Address1", "Address2",
        "City", "Province", "Province Code", "Country", "Country Code", "Zip", "Phone",
        "Accepts SMS Marketing", "Total Spent", "Total Orders", "Tags", "Note", "Tax Exempt",
    ),
    "2023 and later": (
        "Customer ID", "First Name", "Last Name", "Email", "Accepts Email Marketing",
        "Default Address Company", "Default Address Address1", "Default Address Address2",
        "Default Address City", "Default Address Province Code", "Default Address Country Code",
        "Default Address Zip", "Default Address Phone", "Phone", "Accepts SMS Marketing", "Total Spent",
        "Total Orders", "Note", "Tax Exempt", "Tags",
    ),
}  # fmt: skip
VARIANTS = tuple(HEADERS)
METAFIELDS = ("birthday (customer.metafields.facts.birth_date)", "Favourite colour")
QUIRKS = FILE_QUIRKS | {"apostrophes", "spoiled_ids", "metafield_columns"}


def write_shopify_customers(
    shop: ExportShop, folder: Path, variant: str = "2023 and later", quirks: Set[str] = frozenset()
) -> list[Path]:
    """Write customers_export.csv with the people who have an account."""
    header = HEADERS[variant] + (METAFIELDS if "metafield_columns" in quirks else ())
    rows = [_row(shop, customer, quirks) for customer in records(shop.customers)]
    return [write_table(folder / "customers_export.csv", header, rows, quirks)]


def _row(shop: ExportShop, customer: dict[str, Any], quirks: Set[str]) -> dict[str, str]:
    mark = with_apostrophe if "apostrophes" in quirks else lambda text: text or ""
    number = customer["customer_id"]
    own = shop.orders[shop.orders["customer_id"] == number]
    address = {
        "Address1": customer["street"],
        "City": customer["city"],
        "Province": customer["region"] or "",
        "Province Code": customer["region_code"] or "",
        "Country": customer["country"],
        "Country Code": customer["country_code"],
        "Zip": mark(customer["postcode"]),
    }
    return {
        "Customer ID": as_spreadsheet_number(number) if "spoiled_ids" in quirks else mark(number),
        "First Name": customer["first_name"],
        "Last Name": customer["last_name"],
        "Email": customer["email"] or "",
        "Accepts Email Marketing": "yes" if customer["accepts_marketing"] else "no",
        **address,
        **{f"Default Address {name}": cell for name, cell in address.items()},
        "Default Address Address1": customer["street"],
        "Phone": mark(customer["phone"]),
        "Accepts SMS Marketing": "no",
        "Total Spent": money_text(sum(own["net_amount"], Decimal("0.00"))),
        "Total Orders": str(len(own)),
        "Tax Exempt": "no",
        METAFIELDS[0]: "1990-05-06",
        METAFIELDS[1]: "sea green",
    }
