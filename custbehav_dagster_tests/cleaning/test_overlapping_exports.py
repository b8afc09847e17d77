"""Two exports of one shop, written as the platforms do, give each order once and its true amount."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import ibis
import pytest

from custbehav_dagster.settings import Settings
from custbehav_dagster.sources.inbox import read_inbox
from custbehav_dagster.sources.synthetic.exports.shopify_orders import write_shopify_orders
from custbehav_dagster.sources.synthetic.exports.square import write_square_items, write_square_transactions
from custbehav_dagster.sources.synthetic.exports.stripe import write_stripe_payments
from custbehav_dagster.sources.synthetic.exports.truth import make_export_shop
from custbehav_dagster.sources.synthetic.exports.webtoffee_orders import write_webtoffee_orders
from custbehav_dagster.sources.synthetic.exports.woocommerce_orders import write_woocommerce_orders
from custbehav_dagster_tests.cleaning.shop_rows import RAW, cleaned_shop, rows_of, settled

Write = Callable[..., list[Path]]
NOT_ON_SQUARE = ("cancelled", "pending")
"""A till knows only what was paid."""

PAIRS: dict[str, tuple[Write, Write]] = {
    "square": (write_square_items, write_square_transactions),
    "shopify and its payments": (write_shopify_orders, write_stripe_payments),
    "woocommerce and a plugin": (write_woocommerce_orders, write_webtoffee_orders),
}


@pytest.mark.parametrize("pair", PAIRS)
def test_every_order_counts_once_with_its_true_amount(
    con: ibis.BaseBackend, tmp_path: Path, pair: str
) -> None:
    shop = make_export_shop(14, 5)
    for number, write in enumerate(PAIRS[pair]):
        (tmp_path / "raw" / str(number)).mkdir(parents=True)
        write(shop, tmp_path / "raw" / str(number))
    settings = Settings(data_dir=str(tmp_path), shop_timezone=shop.timezone, currency=shop.currency)
    inbox = read_inbox(con, settings)
    raw = {noun: settled(inbox.tables[noun]) for noun in RAW}
    inbox.close()
    found = cleaned_shop(raw, settings)
    truth = [
        row
        for row in shop.orders.to_dict("records")
        if pair != "square" or row["status"] not in NOT_ON_SQUARE
    ]
    orders = rows_of(found["orders"])
    assert sorted(row["net_amount"] for row in orders) == sorted(Decimal(row["net_amount"]) for row in truth)
    assert len({row["order_id"] for row in orders}) == len(truth)
    assert len({row["source_file"] for row in rows_of(found["order_items"])}) == 1
    for noun, table in raw.items():
        aside = [row for row in rows_of(found["quarantine"]) if row["raw_table"] == noun]
        assert len(rows_of(table)) == len(rows_of(found[noun])) + len(aside), noun
