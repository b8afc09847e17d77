"""A shop's customers as the report of WooCommerce Analytics tells them."""

from __future__ import annotations

from collections.abc import Set
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from custbehav_dagster.sources.synthetic.exports.writing import FILE_QUIRKS, local_text, records, write_table

if TYPE_CHECKING:
    from custbehav_dagster.sources.synthetic.exports.truth import ExportShop

_TWELVE = ("Name", "Username", "Last Active", "Sign Up", "Email", "Orders", "Total Spend", "AOV",
           "Country / Region", "City", "Region", "Postal Code")  # fmt: skip
HEADERS = {
    "12 columns": _TWELVE,
    "with telephones": (*_TWELVE, "Billing Phone", "Shipping Phone", "Role"),
    "fr": ("Nom", "Identifiant", "Dernière activité", "Inscription", "E-mail", "Commandes",
           "Dépenses totales", "VMC", "Pays / Région", "Ville", "Région", "Code postal"),
}  # fmt: skip
VARIANTS = tuple(HEADERS)
QUIRKS = FILE_QUIRKS | {"iso_times"}


def write_woocommerce_customers(
    shop: ExportShop, folder: Path, variant: str = "with telephones", quirks: Set[str] = frozenset()
) -> list[Path]:
    """Write wc-customers-report-export.csv with the people who have an account."""
    names = HEADERS[variant]
    rows = [
        dict(zip(names, _cells(shop, person, quirks), strict=False)) for person in records(shop.customers)
    ]
    return [write_table(folder / "wc-customers-report-export.csv", names, rows, quirks)]


def _cells(shop: ExportShop, person: dict[str, Any], quirks: Set[str]) -> list[str]:
    own = shop.orders[shop.orders["customer_id"] == person["customer_id"]]
    spent = sum(own["net_amount"], Decimal("0.00"))
    moment = "%Y-%m-%dT%H:%M:%S" if "iso_times" in quirks else "%Y-%m-%d %H:%M:%S"
    joined = local_text(person["signup_at"], shop.timezone, moment)
    return [
        person["name"],
        person["username"],
        local_text(own["ordered_at"].max(), shop.timezone, moment),
        joined,
        person["email"] or "",
        str(len(own)),
        f"{spent}",
        f"{spent / max(len(own), 1):.2f}",
        person["country_code"],
        person["city"],
        person["region_code"] or "",
        person["postcode"],
        person["phone"] or "",
        "",
        "customer",
    ]
