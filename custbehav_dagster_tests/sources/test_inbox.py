"""From a folder of files to raw tables, with each record and amount accounted for."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import ibis
import pytest

from custbehav_dagster.contract import raw
from custbehav_dagster.settings import Settings
from custbehav_dagster.sources import inbox as module
from custbehav_dagster.sources.inbox import SHOP_TABLES, has_shop_file, read_inbox
from custbehav_dagster.sources.manifest import record_generated
from custbehav_dagster_tests.sources.inbox_folder import (
    CUSTOMERS,
    FEEDBACK,
    ORDERS,
    account,
    check_balance,
    put,
    rows,
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "raw").mkdir()
    return Settings(data_dir=str(tmp_path))


def test_files_become_the_tables_that_their_contents_tell(con: ibis.BaseBackend, settings: Settings) -> None:
    put(settings, "a.txt", ORDERS)
    put(settings, "deep/er/b.csv", CUSTOMERS)
    put(settings, "c", FEEDBACK)
    put(settings, "list.csv", "email,name,status,subscribed_at\nann@example.org,Ann,subscribed,2024-01-05\n")
    inbox = read_inbox(con, settings)
    assert inbox.has_real_shop_file
    tables = inbox.tables
    found = rows(
        tables["orders"],
        "order_id",
        "customer_id",
        "ordered_at",
        "gross_amount",
        "source_file",
        "source_line",
    )
    assert found == [
        ("007", "C1", "2024-01-05", "£12.50", "a.txt", 2),
        ("O2", None, "06/01/2024", "3", "a.txt", 3),
    ]  # fmt: skip
    assert rows(tables["order_items"], "order_id", "product", "quantity", "unit_price") == [
        ("007", "Mug", None, None),
        ("O2", None, None, None),
    ]
    assert rows(tables["customers"], "customer_id", "name", "email", "source_file") == [
        ("1", "Ann Lee", "ann@example.org", "deep/er/b.csv"),
        ("2", "Day", None, "deep/er/b.csv"),
    ]
    assert rows(tables["feedback"], "feedback_id", "text", "rating", "source_line") == [
        ("1", "Lovely,\nreally", "5", 2),
        ("2", None, "3", 4),
    ]
    assert rows(tables["subscribers"], "email", "name", "status") == [
        ("ann@example.org", "Ann", "subscribed")
    ]
    assert not any(flag for table in tables.values() for (flag,) in rows(table, "is_synthetic"))
    check_balance(inbox)


@pytest.mark.parametrize("has_files", [True, False])
def test_all_tables_keep_to_the_contract_also_when_empty(
    con: ibis.BaseBackend, settings: Settings, has_files: bool
) -> None:
    if has_files:
        put(settings, "a.csv", ORDERS + "1,2\n")
        put(settings, "b.csv", "text,label\nFine,1\n")
    inbox = read_inbox(con, settings)
    contracts = {noun: getattr(raw, noun.upper()) for noun in inbox.tables}
    named = [
        *((contracts[noun], table) for noun, table in inbox.tables.items()),
        (raw.SENTIMENT_PUBLIC, inbox.sentences),
        (raw.INGESTED_FILES, inbox.files),
        (raw.QUARANTINE, inbox.quarantine),
    ]
    assert sorted(inbox.tables) == sorted(table.noun for table in SHOP_TABLES)
    for contract, table in named:
        assert table.columns == tuple(contract.column_names)
        assert [str(kind).lstrip("!") for kind in table.schema().types] == [
            str(kind).lstrip("!") for kind in contract.schema.types
        ]
        assert table.to_pyarrow().num_rows >= 0


def test_a_folder_that_is_not_there_is_an_empty_inbox(con: ibis.BaseBackend, tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path / "nowhere"))
    assert not has_shop_file(settings)
    assert rows(read_inbox(con, settings).files) == []


def test_invoice_lines_become_items_orders_and_customers(con: ibis.BaseBackend, settings: Settings) -> None:
    put(settings, "retail.csv", "\n".join([
        "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country",
        "489434,85048,GLASS BALL,12,2009-12-01 07:45:00,6.95,13085.0,United Kingdom",
        "489434,79323P,PINK LIGHTS,2,2009-12-01 07:45:00,6.75,13085.0,United Kingdom",
        "C489435,85048,GLASS BALL,-1,2009-12-02 08:00:00,6.95,13085.0,United Kingdom",
        "489436,POST,POSTAGE,1,2009-12-03 08:00:00,3.00,,France",
    ]))  # fmt: skip
    inbox = read_inbox(con, settings)
    assert rows(
        inbox.tables["order_items"], "order_id", "product_id", "quantity", "unit_price", "source_line"
    ) == [
        ("489434", "85048", "12", "6.95", 2),
        ("489434", "79323P", "2", "6.75", 3),
        ("C489435", "85048", "-1", "6.95", 4),
        ("489436", "POST", "1", "3.00", 5),
    ]
    assert rows(
        inbox.tables["orders"], "order_id", "customer_id", "status", "country", "gross_amount", "source_line"
    ) == [
        ("489434", "13085", "completed", "United Kingdom", None, 2),
        ("C489435", "13085", "refund", "United Kingdom", None, 4),
        ("489436", None, "completed", "France", None, 5),
    ]
    assert rows(inbox.tables["customers"], "customer_id", "country", "source_line") == [
        ("13085", "United Kingdom", 2)
    ]
    row = account(inbox)["retail.csv"]
    assert (row["format"], row["variant"], row["rows_kept"]) == ("online_retail", "II", 4)
    assert row["amount_in_file"] == row["amount_kept"] == Decimal("92.95")


def test_the_real_online_retail_file_is_read_whole(
    con: ibis.BaseBackend, settings: Settings, real_data: Path
) -> None:
    source = real_data / "online_retail_ii" / "lines.parquet"
    con.raw_sql(f"COPY (FROM '{source}') TO '{settings.raw_path / 'retail.csv'}' (HEADER)")
    inbox = read_inbox(con, settings)
    row = account(inbox)["retail.csv"]
    assert (row["rows_in"], row["rows_kept"], row["rows_quarantined"]) == (326_314, 326_314, 0)
    assert row["amount_in_file"] == row["amount_kept"]
    expected = con.read_parquet(source)
    by_code = expected.group_by("StockCode").aggregate(lines=ibis._.count(), units=ibis._.Quantity.sum())
    items = inbox.tables["order_items"]
    ours = items.group_by("product_id").aggregate(
        lines=items.count(), units=items.quantity.cast("int64").sum()
    )
    assert (
        by_code.order_by("StockCode").to_pyarrow().columns == ours.order_by("product_id").to_pyarrow().columns
    )
    assert inbox.tables["customers"].count().execute() == expected["Customer ID"].nunique().execute()
    assert inbox.tables["orders"].count().execute() == expected.Invoice.nunique().execute()


def test_labelled_sentences_are_kept_once_each_and_are_no_shop(
    con: ibis.BaseBackend, settings: Settings
) -> None:
    put(settings, "said.csv", "text,label\nLovely,1\nAwful,0\nLovely,1\n,0\n")
    inbox = read_inbox(con, settings)
    assert not inbox.has_real_shop_file
    assert not has_shop_file(settings)
    assert sorted(rows(inbox.sentences, "text", "label", "source", "provenance", "is_synthetic")) == [
        ("Awful", "0", "said.csv", "said.csv", False),
        ("Lovely", "1", "said.csv", "said.csv", False),
    ]
    assert rows(inbox.quarantine, "source_line", "column_name", "reason", "raw_text") == [
        (5, "text", "The record has no text.", ",0")
    ]
    check_balance(inbox)


def test_generated_shop_files_are_synthetic_until_one_is_edited(
    con: ibis.BaseBackend, settings: Settings
) -> None:
    orders, customers = put(settings, "orders.csv", ORDERS), put(settings, "customers.csv", CUSTOMERS)
    record_generated(settings.raw_path, [orders, customers])
    before = read_inbox(con, settings)
    assert not has_shop_file(settings)
    assert not before.has_real_shop_file
    assert rows(before.tables["orders"], "is_synthetic") == [(True,), (True,)]
    assert all(row["is_synthetic"] for row in account(before).values())

    customers.write_text(CUSTOMERS.replace("Ann", "Anne"))
    after = read_inbox(con, settings)
    assert has_shop_file(settings)
    assert after.has_real_shop_file
    assert rows(after.tables["orders"]) == []
    assert rows(after.tables["customers"], "name", "is_synthetic") == [("Anne Lee", False), ("Day", False)]
    left_out = account(after)["orders.csv"]
    assert (left_out["format"], left_out["rows_in"], left_out["is_synthetic"]) == ("own_orders", 0, True)
    assert "left out" in left_out["note"]
    check_balance(after)


def test_a_copy_of_a_generated_file_is_still_generated(con: ibis.BaseBackend, settings: Settings) -> None:
    record_generated(settings.raw_path, [put(settings, "orders.csv", ORDERS)])
    put(settings, "my orders.csv", ORDERS)
    assert not has_shop_file(settings)


def test_what_the_other_extractors_wrote_is_not_listed_until_it_is_changed(
    con: ibis.BaseBackend, settings: Settings
) -> None:
    header = ",".join(raw.REDDIT_POSTS.column_names)
    posts = put(
        settings, "reddit_posts.csv", f"{header}\n1,handmade,,Title,Body,2024-01-05,5,1,/r/,false,api\n"
    )
    said = put(settings, "sentiment_public.csv", "text,label\nLovely,1\n")
    more = put(settings, "reddit_posts.json", "[]")
    record_generated(settings.raw_path, [posts, said, more])
    assert account(read_inbox(con, settings)) == {}
    posts.write_text(posts.read_text().replace("Title", "Other"))
    row = account(read_inbox(con, settings))["reddit_posts.csv"]
    assert (row["format"], row["rows_in"]) == ("reddit_posts", 0)
    assert "fetches it anew" in row["note"]


def test_the_same_bytes_are_read_once(con: ibis.BaseBackend, settings: Settings) -> None:
    put(settings, "a.csv", ORDERS)
    put(settings, "b.csv", ORDERS)
    inbox = read_inbox(con, settings)
    assert {name for (name,) in rows(inbox.tables["orders"], "source_file")} == {"a.csv"}
    assert account(inbox)["b.csv"]["note"] == "It is the same as a.csv and was not read again."
    check_balance(inbox)


def test_a_header_without_records_is_a_shop_file_of_no_rows(
    con: ibis.BaseBackend, settings: Settings
) -> None:
    put(settings, "orders.csv", "order_id,date,amount")
    inbox = read_inbox(con, settings)
    assert has_shop_file(settings)
    assert account(inbox)["orders.csv"]["note"] == "It has a header and no records."
    assert rows(inbox.tables["orders"]) == []


def test_columns_that_are_there_twice_or_not_used_are_said(con: ibis.BaseBackend, settings: Settings) -> None:
    put(settings, "orders.csv", "order_id,date,amount,amount,Wrapping,\n1,2024-01-05,3,9,red,\n")
    inbox = read_inbox(con, settings)
    assert rows(inbox.tables["orders"], "gross_amount") == [("3",)]
    assert account(inbox)["orders.csv"]["note"] == (
        "More than one column is called amount; the first of them counts. Not used: Wrapping."
    )


def test_staged_files_go_with_the_inbox(con: ibis.BaseBackend, settings: Settings) -> None:
    put(settings, "orders.csv", ORDERS.encode("utf-16"))
    folder = settings.warehouse_path.parent
    inbox = read_inbox(con, settings)
    assert [path.suffix for path in folder.iterdir()] == [".parquet"]
    assert all(path.name.startswith(".") for path in folder.iterdir())
    inbox.close()
    assert list(folder.iterdir()) == []


def test_many_files_make_one_table(con: ibis.BaseBackend, settings: Settings) -> None:
    for number in range(120):
        put(settings, f"month {number:03}.csv", f"order_id,date,amount\n{number},2024-01-05,1\n")
    inbox = read_inbox(con, settings)
    assert [int(name) for (name,) in rows(inbox.tables["orders"], "order_id")] == list(range(120))


def test_the_same_folder_gives_the_same_tables_twice(con: ibis.BaseBackend, settings: Settings) -> None:
    put(settings, "a.csv", ORDERS + "1,2\n")
    put(settings, "b.csv", CUSTOMERS)
    first, second = read_inbox(con, settings), read_inbox(con, settings)
    assert first.files.to_pyarrow().equals(second.files.to_pyarrow())
    assert first.quarantine.to_pyarrow().equals(second.quarantine.to_pyarrow())
    for noun, table in first.tables.items():
        assert table.to_pyarrow().equals(second.tables[noun].to_pyarrow())


def test_the_tables_of_the_inbox_are_those_of_the_contract() -> None:
    assert {table.layer for table in module.SHOP_TABLES} == {"raw"}
