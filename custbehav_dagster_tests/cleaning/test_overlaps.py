"""An order that several exports tell counts once, by the record that says most."""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from typing import Any

from custbehav_dagster.contract import raw
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.cleaning.shop_rows import Row, cleaned_shop, rows_of, table_of


def order(order_id: str, file: str, line: int = 2, **values: Any) -> Row:
    row = {"order_id": order_id, "ordered_at": "2024-07-08", "gross_amount": "20.00", "email": "ada@b.co"}
    return {**row, "source_file": file, "source_line": line, **values}


def line(order_id: str, file: str, line: int = 2, **values: Any) -> Row:
    row = {"order_id": order_id, "product": "Mug", "quantity": "1", "unit_price": "8.00"}
    return {**row, "source_file": file, "source_line": line, **values}


def cleaned(orders: list[Row], items: list[Row] | None = None) -> tuple[list[Row], list[Row], list[Row]]:
    """Orders, lines and quarantine of the shop, by file and line."""
    tables = {"orders": table_of(raw.ORDERS, orders), "order_items": table_of(raw.ORDER_ITEMS, items or [])}
    found = cleaned_shop(tables, Settings())
    place = ("source_file", "source_line")
    return tuple(rows_of(found[noun], *place) for noun in ("orders", "order_items", "quarantine"))  # type: ignore[return-value]


def test_a_monthly_and_a_yearly_file_count_an_order_once_and_the_fuller_record_stays() -> None:
    monthly = [order("1", "2024-07.csv"), order("2", "2024-07.csv", 3)]
    yearly = [order("1", "2024.csv", status="refunded", refund_amount="20.00"), order("3", "2024.csv", 3)]
    orders, _, left_out = cleaned(monthly + yearly)
    assert [(row["order_id"], row["source_file"], row["net_amount"]) for row in orders] == [
        ("2", "2024-07.csv", Decimal(20)),
        ("1", "2024.csv", Decimal(0)),
        ("3", "2024.csv", Decimal(20)),
    ]
    assert [(row["source_file"], row["rule"], row["reason"]) for row in left_out] == [
        (
            "2024-07.csv",
            "overlapping_export",
            "Another order has the order_id 1; the one kept is in 2024.csv, line 2. They differ: "
            "refund_amount 0 here, 20.00 there.",
        )
    ]


FULL = {"status": "paid", "channel": "web", "country": "UK", "region": "Kent", "customer_id": "7"}


REFUNDS: list[tuple[Row, Row, Any, str]] = [
    ({}, {"status": "Refunded"}, 0, "status paid here, refunded there"),
    ({}, {"status": "cancelled"}, 0, "status paid here, cancelled there"),
    ({}, {"refund_amount": "5,00", "channel": "web"}, 15, "refund_amount 0 here, 5,00 there"),
    (
        {"refund_amount": "5.00"},
        {"refund_amount": "12.50", "status": "paid"},
        Decimal("7.5"),
        "refund_amount 5.00 here, 12.50 there",
    ),
]


def test_the_record_that_knows_of_a_refund_stays_however_full_the_other_is() -> None:
    rows, kept, told = [], {}, {}
    names = [("a.csv", "b.csv"), ("b.csv", "a.csv"), ("a.csv", "a.csv")]
    for number, ((first, second), (early, late, net, differing)) in enumerate(product(names, REFUNDS), 1):
        key, later_file = f"{number}00", f"{number}{second}"
        rows += [order(key, f"{number}{first}", **(FULL | early)), order(key, later_file, 3, **late)]
        kept[key] = (3, net)
        told[key] = (
            f"Another order has the order_id {key}; the one kept is in {later_file}, line 3. "
            f"They differ: {differing}."
        )
    orders, _, left_out = cleaned(rows)
    assert {row["order_id"]: (row["source_line"], row["net_amount"]) for row in orders} == kept
    assert sorted(row["reason"] for row in left_out) == sorted(told.values())


def test_a_record_that_only_gives_money_back_does_not_take_the_place_of_its_order() -> None:
    refund = order("1", "refunds.csv", gross_amount="-20.00", refund_amount="20.00", status="refund")
    orders, _, left_out = cleaned([order("1", "orders.csv", **FULL), refund])
    assert [(row["source_file"], row["gross_amount"]) for row in orders] == [("orders.csv", Decimal(20))]
    assert left_out[0]["reason"].endswith(
        "They differ: gross_amount -20.00 here, 20.00 there; refund_amount 20.00 here, 0 there; "
        "status refund here, paid there."
    )


def test_the_total_of_an_order_export_goes_before_the_sum_of_its_lines() -> None:
    sold = order("7", "sold_orders.csv", gross_amount="23.50", status="completed")
    from_lines = order(
        "7", "sold_order_items.csv", gross_amount=None, channel="etsy", country="UK", region="Kent"
    )
    lines = [line("7", "sold_order_items.csv"), line("7", "sold_order_items.csv", 3, product="Bowl")]
    orders, items, left_out = cleaned([sold, from_lines], lines)
    assert [(row["source_file"], row["gross_amount"]) for row in orders] == [
        ("sold_orders.csv", Decimal("23.50"))
    ]
    assert [row["product"] for row in items] == ["Mug", "Bowl"]
    assert [(row["raw_table"], row["rule"]) for row in left_out] == [("orders", "overlapping_export")]


def test_the_lines_of_an_order_come_from_the_file_that_prices_them() -> None:
    packed = [line("7", "wc-orders.csv", unit_price=None)]
    priced = [line("7", "plugin.csv")]
    _, items, left_out = cleaned([order("7", "wc-orders.csv"), order("7", "plugin.csv")], packed + priced)
    assert [row["source_file"] for row in items] == ["plugin.csv"]
    assert [row["rule"] for row in left_out if row["raw_table"] == "order_items"] == ["overlapping_export"]


def payment(number: str, line: int = 2, **values: Any) -> Row:
    moment = {"ordered_at": "2024-07-08 10:00:20 UTC"}
    return order(number, "stripe.csv", line, **{"platform": "stripe", **moment, **values})


SOLD = order("1001", "woo.csv", platform="woocommerce", currency="GBP", ordered_at="2024-07-08 10:00:00 UTC")


PAYMENTS: list[tuple[Row, bool]] = [
    ({}, True),
    ({"email": "ADA{n}@b.co "}, True),
    ({"email": "x@y.co", "reference": "Order #{n}001"}, True),
    ({"email": None, "reference": "Ada's shop, order {n}001", "ordered_at": "2024-07-12"}, True),
    ({"email": None}, False),
    ({"gross_amount": "20.01"}, False),
    ({"currency": "EUR"}, False),
    ({"ordered_at": "2024-07-10 10:00:01 UTC"}, False),
    ({"email": None, "reference": "Order {n}002"}, False),
    ({"platform": "etsy"}, False),
]


def test_a_card_payment_is_left_out_only_with_evidence_that_it_pays_an_order() -> None:
    rows, told = [], []
    for number, (case, is_of_the_order) in enumerate(PAYMENTS, 1):
        who = {"email": f"ada{number}@b.co"}
        case = {name: value and value.format(n=number) for name, value in case.items()}
        sold = {**SOLD, **who, "order_id": f"{number}001", "source_file": f"woo{number}.csv"}
        rows += [sold, {**payment(f"ch_{number}"), **who, **case, "source_file": f"stripe{number}.csv"}]
        if is_of_the_order:
            told.append(
                f"It is the payment of order {number}001, which is kept from woo{number}.csv, line 2."
            )
    orders, _, left_out = cleaned(rows)
    assert sorted(row["reason"] for row in left_out) == sorted(told)
    assert sorted(row["order_id"] for row in orders) == sorted(
        [f"{number}001" for number in range(1, 11)]
        + [f"ch_{number}" for number, (_, is_of_the_order) in enumerate(PAYMENTS, 1) if not is_of_the_order]
    )


def test_two_equal_payments_of_one_day_are_not_both_taken_for_one_order() -> None:
    later = payment("ch_2", 3, ordered_at="2024-07-08 15:00:00 UTC")
    orders, _, left_out = cleaned([SOLD, payment("ch_1"), later])
    assert [row["order_id"] for row in orders] == ["ch_2", "1001"]
    assert [row["source_line"] for row in left_out] == [2]


def test_a_failed_and_a_good_payment_that_name_an_order_both_belong_to_it() -> None:
    failed = payment("ch_0", 3, status="failed", reference="1001")
    orders, _, left_out = cleaned([SOLD, payment("ch_1", reference="1001"), failed])
    assert [row["order_id"] for row in orders] == ["1001"]
    assert [row["rule"] for row in left_out] == ["overlapping_export"] * 2


def test_payments_without_a_shop_beside_them_are_the_orders() -> None:
    orders, _, left_out = cleaned([payment("ch_1"), payment("ch_2", 3)])
    assert [row["order_id"] for row in orders] == ["ch_1", "ch_2"]
    assert left_out == []


def test_lines_packed_into_one_record_stay_or_go_together() -> None:
    packed = [line("1", "a.csv"), line("1", "a.csv", product="Card"), line("1", "a.csv", product="Card")]
    again = [{**row, "source_line": 3} for row in packed]
    spoiled = [line("2", "a.csv", 4), line("2", "a.csv", 4, quantity="some")]
    orders = [order("1", "a.csv"), order("2", "a.csv", 4)]
    _, items, left_out = cleaned(orders, packed + again + spoiled)
    assert sorted((row["source_line"], row["product"]) for row in items) == [
        (2, "Card"),
        (2, "Card"),
        (2, "Mug"),
    ]
    told = [(row["source_line"], row["rule"]) for row in left_out if row["raw_table"] == "order_items"]
    assert told == [(3, "exact_duplicate")] * 3 + [(4, "unreadable_amount")] * 2


def test_packed_lines_of_an_overlapping_export_are_told_once_each() -> None:
    packed = [line("1", "a.csv", unit_price="4"), line("1", "a.csv", product="Card", unit_price="4")]
    again = [{**row, "source_file": "b.csv"} for row in packed]
    _, items, left_out = cleaned([order("1", "a.csv"), order("1", "b.csv")], packed + again)
    assert [row["source_file"] for row in items] == ["b.csv"] * 2
    assert [row["rule"] for row in left_out if row["raw_table"] == "order_items"] == [
        "overlapping_export"
    ] * 2


def test_lines_with_stock_codes_go_before_a_report_that_shares_one_sum_among_its_lines() -> None:
    orders = [order("7", "a_plugin.csv", status="completed"), order("7", "b_report.csv")]
    lines = [
        line("7", "a_plugin.csv", product_id="M1", unit_price="12.00"),
        line("7", "a_plugin.csv", 3, product="Bowl", product_id="B1", unit_price="8.00"),
        line("7", "b_report.csv", unit_price="10.00"),
        line("7", "b_report.csv", 3, product="Bowl", unit_price="10.00"),
        line("7", "b_report.csv", 4, product="Refund", quantity="-1", unit_price="5.00", kind="adjustment"),
    ]
    _, items, _ = cleaned(orders, lines)
    assert [(row["product"], row["unit_price"]) for row in items] == [("Mug", 12), ("Bowl", 8)]
