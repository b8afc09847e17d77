"""Records and money in equal records and money kept and quarantined."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path

import ibis
import pytest
from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from custbehav_dagster.settings import Settings
from custbehav_dagster.sources.inbox import read_inbox
from custbehav_dagster.sources.manifest import generating
from custbehav_dagster.sources.synthetic.shop import generate_shop, write_shop
from custbehav_dagster_tests.sources.inbox_folder import account, check_balance, put, rows


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "raw").mkdir()
    return Settings(data_dir=str(tmp_path))


def test_the_money_of_a_file_is_counted_in_and_kept(con: ibis.BaseBackend, settings: Settings) -> None:
    put(
        settings,
        "a.csv",
        "order_id,date,amount,email\n"
        '1,2024-01-05,"1,000.50",a@b.c\n'
        "2,2024-01-06,£2,a@b.c\n"
        "3,2024-01-07,4\n"
        "4,2024-01-08,free,a@b.c\n"
        "5,2024-01-09\n",
    )
    inbox = read_inbox(con, settings)
    row = account(inbox)["a.csv"]
    assert (row["amount_in_file"], row["amount_kept"]) == (Decimal("1006.5"), Decimal("1002.5"))
    assert row["note"] == (
        "1 record kept without a readable amount. The amount of 1 quarantined record could not be told. "
        "2 records of 5 in quarantine."
    )
    assert rows(inbox.quarantine, "source_line", "column_name", "raw_text") == [
        (4, "email", "3,2024-01-07,4"),
        (6, "amount", "5,2024-01-09"),
    ]
    check_balance(inbox)


def test_amounts_too_large_to_add_up_are_said_and_do_not_fail(
    con: ibis.BaseBackend, settings: Settings
) -> None:
    put(settings, "a.csv", "order_id,date,amount\n" + "1,2024-01-05,99999999999999\n" * 2)
    row = account(read_inbox(con, settings))["a.csv"]
    assert (row["amount_in_file"], row["note"]) == (None, "Its amounts are too large to be added up.")


def test_a_generated_shop_is_read_whole(con: ibis.BaseBackend, settings: Settings) -> None:
    shop = generate_shop(60, seed=3)
    with generating(settings.raw_path) as folder:
        write_shop(shop, folder)
    inbox = read_inbox(con, settings)
    assert [row["rows_in"] for row in account(inbox).values()] == [
        len(shop.customers),
        len(shop.feedback),
        len(shop.orders),
    ]
    assert rows(inbox.quarantine) == []
    assert {flag for table in inbox.tables.values() for (flag,) in rows(table, "is_synthetic")} == {True}


OPEN_QUOTE = 'x,"2024-01-05,1,'
DIRT = ["1,2", "1,2,3,4,5", "1,2,3,4,", OPEN_QUOTE, 'x,"a"b,1,2', "x,\0,1,2", "", "  "]


@hypothesis_settings(max_examples=12)
@given(
    st.lists(st.tuples(st.text("Oé, \"'\n", min_size=1, max_size=6), st.integers(-999, 99_999)), max_size=9),
    st.lists(st.tuples(st.integers(0, 9), st.sampled_from(DIRT)), max_size=4),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_rows_and_money_balance_whatever_the_dirt(
    con: ibis.BaseBackend,
    settings: Settings,
    orders: list[tuple[str, int]],
    dirt: list[tuple[int, str]],
    encoding: str,
    line_end: str,
) -> None:
    # A quote left open can be closed by the next name that has a line end: then both are one sound record.
    assume(not (OPEN_QUOTE in [line for _, line in dirt] and any("\n" in name for name, _ in orders)))
    good = [(name, "2024-01-05", f"{cents / 100:.2f}", "Mug") for name, cents in orders]
    records = [written([order], line_end) for order in good]
    for place, line in dirt:
        records.insert(min(place, len(records)), line + line_end)
    # Good orders at both ends show the format, however many of the others are broken.
    sound = written([("Z", "2024-01-05", "1.00", "Cup")] * 9, line_end)
    text = f"order_id,date,amount,product{line_end}" + sound + "".join(records) + sound
    put(settings, "orders.csv", text.encode(encoding))
    inbox = read_inbox(con, settings)
    found = account(inbox)["orders.csv"]
    check_balance(inbox)
    dirty = sum(1 for _, line in dirt if line.strip())
    assert (found["rows_in"], found["rows_quarantined"]) == (len(good) + 18 + dirty, dirty)
    kept = rows(inbox.tables["orders"], "order_id", "ordered_at", "gross_amount")
    assert kept[9:-9] == [order[:3] for order in good]
    assert found["amount_kept"] == sum(Decimal(order[2]) for order in good) + 18
    inbox.close()


def written(records: list[tuple[str, ...]], line_end: str) -> str:
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator=line_end).writerows(records)
    return file.getvalue()
