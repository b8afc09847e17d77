"""Exports of several platforms in one folder: each order once, its prices from the file that knows them."""

from __future__ import annotations

from pathlib import Path

import ibis

from custbehav_dagster.sources.synthetic.exports.newsletters import write_mailchimp_audience
from custbehav_dagster.sources.synthetic.exports.square import (
    square_sales,
    transaction_of,
    write_square_items,
    write_square_transactions,
)
from custbehav_dagster.sources.synthetic.exports.stripe import write_stripe_payments
from custbehav_dagster.sources.synthetic.exports.truth import make_export_shop
from custbehav_dagster.sources.synthetic.exports.webtoffee_orders import write_webtoffee_orders
from custbehav_dagster.sources.synthetic.exports.woocommerce_customers import write_woocommerce_customers
from custbehav_dagster.sources.synthetic.exports.woocommerce_orders import write_woocommerce_orders
from custbehav_dagster_tests.sources.formats.read_back import amounts, read_back, true_rows

WEB, STALL = make_export_shop(12, 5), make_export_shop(8, 6)


def test_a_web_shop_with_its_payments_and_a_market_stall_count_every_order_once(
    con: ibis.BaseBackend, tmp_path: Path
) -> None:
    folder = tmp_path / "raw"
    write_woocommerce_orders(WEB, folder, "en", {"refund_rows"})
    write_woocommerce_customers(WEB, folder)
    write_webtoffee_orders(WEB, folder)
    write_stripe_payments(WEB, folder, quirks={"metadata"})
    write_square_items(STALL, folder)
    write_square_transactions(STALL, folder)
    write_mailchimp_audience(WEB, folder)
    found = read_back(con, tmp_path, WEB)
    assert {row["format"] for row in found.files().values()} == {
        *("woocommerce_orders", "woocommerce_customers", "webtoffee_orders", "stripe_payments"),
        *("square_items", "square_transactions", "mailchimp_audience"),
    }
    orders = found.orders()
    web, stall = true_rows(WEB.orders), square_sales(STALL)
    assert set(orders) == {order["number"] for order in web} | {transaction_of(order) for order in stall}
    assert all(amounts(orders[order["number"]]) == amounts(order) for order in web)
    assert all(amounts(orders[transaction_of(order)]) == amounts(order) for order in stall)
    numbers = dict(zip(WEB.orders["order_id"], WEB.orders["number"], strict=True))
    written = {(row["order_id"], row["product"], row["unit_price"]) for row in found.items()}
    assert {
        (numbers[item["order_id"]], item["product"], item["unit_price"])
        for item in true_rows(WEB.order_items)
    } <= written
