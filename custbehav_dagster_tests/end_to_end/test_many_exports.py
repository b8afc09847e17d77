"""Eight exports of six formats and a file nobody knows: one refresh, every order once, to the cent."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from custbehav_dagster.sources.synthetic.exports.etsy_order_items import write_etsy_order_items
from custbehav_dagster.sources.synthetic.exports.etsy_orders import write_etsy_orders
from custbehav_dagster.sources.synthetic.exports.shopify_customers import write_shopify_customers
from custbehav_dagster.sources.synthetic.exports.shopify_orders import write_shopify_orders
from custbehav_dagster.sources.synthetic.exports.stripe import write_stripe_payments
from custbehav_dagster.sources.synthetic.exports.truth import ExportShop, make_export_shop
from custbehav_dagster.sources.synthetic.exports.woocommerce_orders import write_woocommerce_orders
from custbehav_dagster_tests.end_to_end import state
from custbehav_dagster_tests.end_to_end.browser import keep_screenshot
from custbehav_dagster_tests.end_to_end.conftest import FinishedShop, MakeShop

if TYPE_CHECKING:
    from playwright.sync_api import Page

SHOPS = {"etsy": (150, 1), "shopify": (70, 2), "woocommerce": (60, 3)}
"""People and seed of what is sold on each platform."""

UNKNOWN = "till roll.csv"
FORMATS = {
    "etsy/EtsySoldOrders.csv": "etsy_sold_orders",
    "etsy autumn/EtsySoldOrders.csv": "etsy_sold_orders",
    "etsy lines/EtsySoldOrderItems.csv": "etsy_sold_order_items",
    "shopify/orders_export.csv": "shopify_orders",
    "shopify autumn/orders_export.csv": "shopify_orders",
    "shopify/customers_export.csv": "shopify_customers",
    "woo/wc-orders-report-export.csv": "woocommerce_orders",
    "woo/unified_payments.csv": "stripe_payments",
    UNKNOWN: "unknown",
}
Write = Callable[..., list[Path]]


def shop_of(platform: str) -> ExportShop:
    return make_export_shop(*SHOPS[platform])


def autumn_of(shop: ExportShop) -> ExportShop:
    """The orders of the last months, as a second export would have them."""
    orders = shop.orders[shop.orders["ordered_at"] >= datetime(2024, 9, 1, tzinfo=UTC)]
    return replace(
        shop,
        orders=orders,
        order_items=shop.order_items[shop.order_items["order_id"].isin(orders["order_id"])],
    )


def fill(raw: Path) -> None:
    etsy, shopify, woo = (shop_of(platform) for platform in SHOPS)
    writers: list[tuple[str, Write, ExportShop, Set[str]]] = [
        ("etsy", write_etsy_orders, etsy, {"swapped_dates"}),
        ("etsy autumn", write_etsy_orders, autumn_of(etsy), set()),
        ("etsy lines", write_etsy_order_items, etsy, set()),
        ("shopify", write_shopify_orders, shopify, set()),
        ("shopify autumn", write_shopify_orders, autumn_of(shopify), set()),
        ("shopify", write_shopify_customers, shopify, set()),
        ("woo", write_woocommerce_orders, woo, set()),
        ("woo", write_stripe_payments, woo, set()),
    ]
    for folder, write, shop, quirks in writers:
        (raw / folder).mkdir(exist_ok=True)
        write(shop, raw / folder, quirks=frozenset(quirks))
    (raw / UNKNOWN).write_text("when;what;how much\n1;2;3\n")


@pytest.fixture(scope="module")
def shop(made_once: MakeShop) -> FinishedShop:
    """The data directory after one refresh of the folder."""
    finished = made_once("many_exports", fill, shop_timezone="America/Los_Angeles", currency="USD")
    assert finished.exit_code == 0, finished.said[-4000:]
    return finished


@pytest.fixture(scope="module")
def snapshot(shop: FinishedShop) -> Path:
    return shop.data / "warehouse" / "snapshot.duckdb"


def test_each_file_is_told_with_what_it_was_taken_for_and_where_its_rows_went(snapshot: Path) -> None:
    files = state.query(
        snapshot,
        "SELECT source_file, format, rows_in, rows_kept, rows_quarantined, amount_in_file, amount_kept, note "
        "FROM raw.ingested_files",
    )
    assert {name: form for name, form, *_ in files} == FORMATS
    for name, _, into, kept, aside, money_in, money_kept, note in files:
        assert into == kept + aside, name
        assert money_in == money_kept, name
        assert (into > 0) == (name != UNKNOWN)
        assert note if name == UNKNOWN else True


def test_every_order_is_counted_once_and_worth_what_it_was(snapshot: Path) -> None:
    found = state.query(
        snapshot,
        "SELECT split_part(source_file, '/', 1), count(*), count(DISTINCT order_id), sum(net_amount) "
        "FROM cleaned.orders GROUP BY ALL",
    )
    truth = {platform: shop_of(platform).orders for platform in SHOPS}
    assert {folder: (rows, distinct, net) for folder, rows, distinct, net in found} == {
        folder: (len(orders), len(orders), Decimal(orders["net_amount"].sum()))
        for folder, orders in (
            ("etsy", truth["etsy"]),
            ("shopify", truth["shopify"]),
            ("woo", truth["woocommerce"]),
        )
    }
    ((in_truth, shop_net),) = state.query(snapshot, "SELECT count(*), sum(shop_net_amount) FROM truth.orders")
    assert in_truth == sum(len(orders) for orders in truth.values())
    assert shop_net == sum(Decimal(orders["net_amount"].sum()) for orders in truth.values())


def test_what_overlaps_is_in_the_quarantine_and_rows_balance(snapshot: Path) -> None:
    told = dict(
        state.query(
            snapshot,
            "SELECT split_part(source_file, '/', 1), count(*) FROM cleaned.quarantine "
            "WHERE raw_table = 'orders' AND rule = 'overlapping_export' GROUP BY ALL",
        )
    )
    autumn = {name: len(autumn_of(shop_of(name)).orders) for name in ("etsy", "shopify")}
    paid = (shop_of("woocommerce").orders["gross_amount"] > 0).sum()
    assert told == {
        "etsy autumn": autumn["etsy"],
        "etsy lines": len(shop_of("etsy").orders),
        "shopify autumn": autumn["shopify"],
        "woo": paid,
    }
    for noun in ("customers", "orders", "order_items", "feedback"):
        ((raw, kept, aside),) = state.query(
            snapshot,
            f"SELECT (SELECT count(*) FROM raw.{noun}), (SELECT count(*) FROM cleaned.{noun}), "
            f"(SELECT count(*) FROM cleaned.quarantine WHERE raw_table = '{noun}')",
        )
        assert raw == kept + aside, noun


def test_the_misread_dates_of_one_file_are_put_back_with_their_proof(snapshot: Path) -> None:
    orders = shop_of("etsy").orders
    zone = ZoneInfo("America/Los_Angeles")
    true_days = {
        row["order_id"]: row["ordered_at"].astimezone(zone).date() for row in orders.to_dict("records")
    }
    found = state.query(
        snapshot, "SELECT order_id, order_date FROM cleaned.orders WHERE source_file LIKE 'etsy/%'"
    )
    assert dict(found) == true_days
    ((before, after),) = state.query(
        snapshot,
        "SELECT value_before, value_after FROM cleaned.repair_proofs "
        "WHERE is_applied AND statistic = 'rank correlation of order number and date'",
    )
    assert before < 0.7
    assert after > 0.99


def test_the_page_tells_the_story_of_each_file(shop: FinishedShop, page: Page) -> None:
    page.set_viewport_size({"width": 1100, "height": 900})
    page.goto((shop.data / "processed" / "report" / "index.html").as_uri())
    table = page.get_by_role("table", name="Files that were read")
    told = {row.split("\t")[0]: row for row in table.inner_text().splitlines() if "\t" in row}
    assert set(FORMATS) <= set(told)
    assert "etsy sold orders" in told["etsy/EtsySoldOrders.csv"]
    assert UNKNOWN in told[UNKNOWN]
    keep_screenshot(page, "ingested_files", selector="[aria-label='Files that were read']", wait=200)
