"""Every header seen in a real export is taken for what it is, whole, trimmed, reordered or extended."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pytest

from custbehav_dagster.contract import Table, raw
from custbehav_dagster.sources.formats import Head, Match, recognise

EXPECTED = {
    "etsy_listings_24.csv": ("etsy_listings", "whole"),
    "etsy_sold_order_items_33.csv": ("etsy_sold_order_items", "en-US"),
    "etsy_sold_orders_en_gb_36.csv": ("etsy_sold_orders", "en-GB"),
    "etsy_sold_orders_en_us_36.csv": ("etsy_sold_orders", "en-US"),
    "klaviyo_profiles.csv": ("klaviyo_profiles", None),
    "mailchimp_subscribed.csv": ("mailchimp_audience", None),
    "mailchimp_unsubscribed.csv": ("mailchimp_audience", None),
    "shopify_customers_20_2022.csv": ("shopify_customers", "2022"),
    "shopify_customers_20_2023plus.csv": ("shopify_customers", "2023 and later"),
    "shopify_orders_73_2022.csv": ("shopify_orders", "73 columns"),
    "shopify_orders_78_2022.csv": ("shopify_orders", "78 columns"),
    "shopify_orders_79_2023.csv": ("shopify_orders", "79 columns"),
    "square_items_detail_35_2026.csv": ("square_items", None),
    "square_transactions.csv": ("square_transactions", None),
    "stripe_payments.csv": ("stripe_payments", None),
    "woocommerce_analytics_customers_12.csv": ("woocommerce_customers", None),
    "woocommerce_analytics_customers_15_2026.csv": ("woocommerce_customers", None),
    "woocommerce_analytics_orders_11.csv": ("woocommerce_orders", None),
    "woocommerce_webtoffee_orders.csv": ("webtoffee_orders", None),
}
"""The format of each header, and its variant where the columns alone tell it."""

OWN = {
    raw.CUSTOMERS: ("customer_id,email,name,signup_date,region,country,accepts_marketing", "own_customers"),
    raw.ORDERS: ("order_id,customer_id,email,ordered_at,gross_amount,currency,status", "own_orders"),
    raw.FEEDBACK: ("feedback_id,customer_id,order_id,created_at,text,rating", "own_feedback"),
    raw.SUBSCRIBERS: ("email,name,status,subscribed_at,unsubscribed_at", "own_subscribers"),
}


def header_in(folder: Path, name: str) -> tuple[str, ...]:
    """The header of a file; what a further column list only adds is put behind its fellow's."""
    if name == "mailchimp_unsubscribed.csv":
        first = header_in(folder, "mailchimp_subscribed.csv")
        return first + header_in(folder, "mailchimp_unsubscribed_extra.csv")
    with (folder / name).open(newline="") as file:
        return tuple(cell for cell in next(csv.reader(file)) if cell != "...")


def taken_for(header: tuple[str, ...]) -> Match:
    found = recognise(Head(header, ()))
    assert found.match is not None, found.note
    assert "could as well be" not in found.note
    return found.match


@pytest.fixture(scope="module")
def headers(real_data: Path) -> dict[str, tuple[str, ...]]:
    folder = real_data / "export_headers"
    names = {path.name for path in folder.iterdir()} - {"mailchimp_unsubscribed_extra.csv"}
    assert names == EXPECTED.keys() - {"mailchimp_unsubscribed.csv"}
    return {name: header_in(folder, name) for name in EXPECTED}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_real_header_is_recognised_beyond_doubt(headers: dict[str, tuple[str, ...]], name: str) -> None:
    match = taken_for(headers[name])
    expected_format, expected_variant = EXPECTED[name]
    assert (match.format.name, match.confidence) == (expected_format, 1.0)
    if expected_variant:
        assert match.variant == expected_variant


@pytest.mark.parametrize("name", EXPECTED)
def test_columns_may_be_reordered_and_more_may_be_there(
    headers: dict[str, tuple[str, ...]], name: str
) -> None:
    header = [*headers[name], "Imported by", "Margin", "Row colour", "birthday (customer.metafields.birth)"]
    random.Random(name).shuffle(header)
    shouted = tuple(f" {cell.upper()} " for cell in header)
    for changed in (tuple(header), shouted):
        assert taken_for(changed).format.name == EXPECTED[name][0]


@pytest.mark.parametrize("name", [name for name in EXPECTED if name.startswith(("etsy", "shopify"))])
def test_most_columns_may_be_cut_away_as_long_as_the_telling_ones_stay(
    headers: dict[str, tuple[str, ...]], name: str
) -> None:
    whole = taken_for(headers[name])
    required = [group for group in whole.format.groups if group.required]
    telling = [next(field for field in group.any_of if field in whole.columns) for group in required]
    kept = tuple(headers[name][whole.columns[field]] for field in telling)
    match = taken_for(kept)
    assert (match.format.name, match.missing) == (whole.format.name, ())
    assert match.confidence > 0.5


@pytest.mark.parametrize("table", OWN, ids=lambda table: table.noun)
def test_the_shops_own_tables_stay_its_own(table: Table) -> None:
    header, expected = OWN[table]
    assert taken_for(tuple(header.split(","))).format.name == expected


@pytest.mark.parametrize(
    ("header", "resembles"),
    [
        ("Sale Date,Order ID,Number of Items", "orders sold on Etsy but lacks the column Order Total"),
        ("Sale Date,Item Name,Quantity,Price,Listing ID", "items sold on Etsy but lacks the column Order ID"),
        ("reviewer,star_rating,review_of", "reviews on Etsy but lacks date_reviewed"),
        ("TITLE,PRICE,TAGS,MATERIALS,DESCRIPTION", "listings on Etsy but lacks the column CURRENCY_CODE"),
        ("Name,Financial Status,Total,Lineitem name,Lineitem price",
         "orders of a Shopify shop but lacks the column Created at"),
        ("First Name,Accepts Email Marketing,Accepts SMS Marketing,Phone,Tax Exempt,Default Address Zip",
         "customers of a Shopify shop but lacks the column Total Spent"),
    ],
)  # fmt: skip
def test_a_near_miss_is_named_with_what_it_lacks(header: str, resembles: str) -> None:
    found = recognise(Head(tuple(header.split(",")), ()))
    assert found.match is None
    assert resembles in found.note
