"""Amounts of foreign orders are converted by the owner's rates, or stay out of sums."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pytest

from custbehav_dagster.cleaning.currencies import clean_exchange_rates, shop_currency, with_shop_amounts
from custbehav_dagster.cleaning.orders import clean_orders
from custbehav_dagster.contract import cleaned, raw
from custbehav_dagster.contract.promises import amounts_can_be_added
from custbehav_dagster.settings import Settings
from custbehav_dagster.sources.inbox import has_shop_file, read_inbox
from custbehav_dagster_tests.cleaning.tables import Row, by, evidence_of, rows_of, stored


def order(order_id: str, day: str, currency: str = "EUR", amount: str = "100.00", **changes: Any) -> Row:
    row = {
        "order_id": order_id,
        "ordered_at": datetime.fromisoformat(day), "order_date": date.fromisoformat(day),
        "gross_amount": Decimal(amount), "refund_amount": Decimal(0), "net_amount": Decimal(amount),
        "currency": currency, "status": "completed", "is_gift": False, "imputed_columns": "",
    }  # fmt: skip
    return {**row, **changes}


def rates_of(con: ibis.BaseBackend, *rows: tuple[str | None, str, str], **knobs: Any) -> ir.Table:
    """Cleaned rates of rows day, currency, rate."""
    named = [dict(zip(("rate_date", "currency", "rate"), row, strict=True)) for row in rows]
    return clean_exchange_rates(stored(con, raw.EXCHANGE_RATES, *named), Settings(**knobs))


def shop_amounts(con: ibis.BaseBackend, orders: list[Row], rates: ir.Table) -> dict[str, tuple[Any, ...]]:
    priced = with_shop_amounts(stored(con, cleaned.ORDERS, *orders), rates, Settings())
    return by(priced, "order_id", "shop_currency", "shop_gross_amount", "shop_net_amount")


HOME = [order(f"home{number}", "2024-01-01", "GBP", "5.00") for number in range(3)]


def test_the_rate_is_the_newest_up_to_the_day_else_the_one_without_a_day(con: ibis.BaseBackend) -> None:
    rates = rates_of(
        con,
        ("2024-02-01", "EUR", "0.90"),
        ("2024-03-01", "eur ", "0,80"),
        (None, "EUR", "0.5"),
        (None, "JPY", "0.0053"),
    )
    orders = [
        order("before", "2024-01-31"), order("first day", "2024-02-01"), order("last day", "2024-02-29"),
        order("after", "2024-12-01", net_amount=Decimal("60.00")),
        order("yen", "2024-12-01", "JPY", "1999.00"),
    ]  # fmt: skip
    found = shop_amounts(con, HOME + orders, rates)
    assert found["before"] == ("GBP", Decimal("50.00"), Decimal("50.00"))
    assert found["first day"][1] == found["last day"][1] == Decimal("90.00")
    assert found["after"] == ("GBP", Decimal("80.00"), Decimal("48.00"))
    assert found["yen"][1] == Decimal("10.59")
    assert found["home0"] == ("GBP", Decimal("5.00"), Decimal("5.00"))


def test_an_order_without_a_rate_has_no_amount_to_add_and_is_told(con: ibis.BaseBackend) -> None:
    orders = stored(
        con, cleaned.ORDERS, *HOME, order("abroad", "2024-01-31"), order("far", "2024-01-31", "USD")
    )
    priced = with_shop_amounts(orders, rates_of(con, ("2024-02-01", "EUR", "0.90")), Settings())
    known = by(priced, "order_id", "shop_gross_amount", "shop_net_amount")
    assert known["abroad"] == known["far"] == (None, None)
    finding = amounts_can_be_added(priced.mutate(is_purchase=True))
    assert not finding.holds
    assert finding.sentence.startswith(
        "Orders without a rate to GBP are left out of every sum: 1 in EUR, 1 in USD."
    )
    assert amounts_can_be_added(priced.filter(priced.currency == "GBP").mutate(is_purchase=True)).holds


@pytest.mark.parametrize(
    ("orders", "rated", "own"),
    [
        ({"GBP": 10}, set(), "GBP"),
        ({"USD": 10}, set(), "USD"),
        ({"USD": 9, "EUR": 9}, set(), "EUR"),
        ({"GBP": 5, "USD": 5}, set(), "GBP"),
        ({"GBP": 4, "USD": 6}, set(), "USD"),
        ({"GBP": 4, "USD": 6}, {"USD"}, "GBP"),
        ({"USD": 6}, {"EUR"}, "USD"),
        ({}, set(), "GBP"),
    ],
)
def test_the_currency_of_sums_is_the_set_one_unless_most_orders_have_nothing_to_do_with_it(
    orders: dict[str, int], rated: set[str], own: str
) -> None:
    assert shop_currency(orders, rated, "GBP") == own


def test_a_currency_that_the_owner_set_is_never_overruled(con: ibis.BaseBackend) -> None:
    assert shop_currency({"USD": 10}, set(), "GBP", is_given=True) == "GBP"
    dollars = stored(con, cleaned.ORDERS, order("1", "2024-01-31", "USD"))
    none = rates_of(con)
    given = {"EUR": ("EUR", None), "GBP": ("GBP", None)}
    for setting, found in given.items():
        priced = with_shop_amounts(dollars, none, Settings(currency=setting))
        assert by(priced, "order_id", "shop_currency", "shop_net_amount") == {"1": found}, setting
    priced = with_shop_amounts(dollars, none, Settings())
    assert by(priced, "order_id", "shop_currency", "shop_net_amount") == {"1": ("USD", Decimal(100))}


@pytest.mark.parametrize(
    ("codes", "amounts", "setting", "taken"),
    [
        (["USD", "usd", "EUR", None], ["5"] * 4, None, "USD"),
        (["USD", "usd", "EUR", None], ["5"] * 4, "GBP", "GBP"),
        ([None, None], ["$5", "5.00"], None, "USD"),
        ([None, None], ["5", "5.00"], None, "GBP"),
        (["USD", None], ["5", "5"], "EUR", "EUR"),
    ],
)
def test_orders_that_name_no_currency_take_that_of_the_others_unless_one_was_set(
    con: ibis.BaseBackend, codes: list[str | None], amounts: list[str], setting: str | None, taken: str
) -> None:
    rows = [
        {"order_id": str(place), "ordered_at": "2024-03-09", "currency": code, "gross_amount": amount}
        for place, (code, amount) in enumerate(zip(codes, amounts, strict=True), start=1)
    ]
    given = {"currency": setting} if setting else {}
    orders, shop = stored(con, raw.ORDERS, *rows), Settings(min_fill_ratio=0, **given)
    found = clean_orders(orders, cleaned.ORDER_ITEMS.empty(), evidence_of(shop, orders=orders), shop)
    assert by(found, "order_id", "currency")[str(len(codes))] == taken


@pytest.mark.parametrize("rate", ["", "0", "-1", "nothing", "nan", None])
def test_what_is_no_rate_counts_for_none(con: ibis.BaseBackend, rate: str | None) -> None:
    assert rows_of(rates_of(con, (None, "EUR", rate), (None, "USD", "0.8")), "currency") == ["USD"]  # type: ignore[arg-type]


def test_a_rate_whose_day_cannot_be_read_is_not_taken_for_one_of_all_days(con: ibis.BaseBackend) -> None:
    assert rows_of(rates_of(con, ("someday", "EUR", "0.9")), "currency") == []


def test_a_file_of_rates_is_recognised_and_is_no_shop(con: ibis.BaseBackend, tmp_path: Path) -> None:
    folder = tmp_path / "data" / "raw"
    folder.mkdir(parents=True)
    (folder / "rates of our bank.csv").write_text(
        "date,currency,rate\n2024-01-01,EUR,0.85\n,USD,0.79\n2024-01-02,EUR,\n2024-01-03,Euro,0.9\n"
    )
    settings = Settings(data_dir=str(tmp_path / "data"))
    inbox = read_inbox(con, settings)
    (file,) = inbox.files.to_pyarrow().to_pylist()
    assert (file["format"], file["rows_in"], file["rows_kept"], file["rows_quarantined"]) == (
        "exchange_rates",
        4,
        2,
        2,
    )
    found = clean_exchange_rates(inbox.tables["exchange_rates"], settings)
    assert by(found, "currency", "rate_date", "rate") == {
        "EUR": (date(2024, 1, 1), Decimal("0.85")),
        "USD": (None, Decimal("0.79")),
    }
    inbox.close()
    assert not has_shop_file(settings)
