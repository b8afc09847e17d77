"""No row is lost: what went in is what was kept and what was left out, with a reason."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from custbehav_dagster.cleaning.quarantine import UNEXPLAINED, quarantine_rejects
from custbehav_dagster.contract import cleaned, raw
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.cleaning.shop_rows import (
    RAW,
    Row,
    cleaned_shop,
    evidence_of,
    raw_tables,
    rows_of,
    table_of,
)

RULES = next(column.allowed for column in cleaned.QUARANTINE.columns if column.name == "rule") or ()

CELLS: dict[str, tuple[str | None, ...]] = {
    "customer_id": ("1", "1.0", "'2", "3", "", None, " "),
    "email": ("a@a.co", "A@A.CO", "not one", "", None),
    "name": ("ADA O'BRIEN", "bo", " ", None, "Ñandú 💐"),
    "order_id": ("1", "1.0", "2", "C536379", "", None, "x|y: z"),
    "feedback_id": ("1", "2", "", None),
    "product_id": ("mug", "POST", "D", "", None),
    "quantity": ("1", "-2", "0", "two", "", None),
    "rating": ("5", "8/10", "9", "bad", None),
    "text": ("Great!", "<b>no</b>", "<br>", "", None, "a\tb\nc"),
    "status": ("paid", "refunded", "refund", "cancelled", "odd", "", None),
}
DATES = (
    "2024-07-08",
    "13/02/2024",
    "02/03/2024",
    "31/02/2024",
    "soon",
    "1990-01-01",
    "2024-07-08T10:00Z",
    " ",
    None,
)
AMOUNTS = (
    "20.00",
    "20.00",
    "-20.00",
    "£1,234.50",
    "12,00 EUR",
    "(12.00)",
    "999999999.99",
    "1e400",
    "n/a",
    "",
    None,
)
CELLS |= dict.fromkeys(("signup_date", "ordered_at", "created_at"), DATES)
CELLS |= dict.fromkeys(("gross_amount", "refund_amount", "unit_price"), AMOUNTS)
OTHER = ("Kent", "yes", "no", " ", "", None, "it's 'quoted', and | barred")


def dirty_rows(noun: str) -> st.SearchStrategy[list[Row]]:
    """Rows of a raw table from cells that cleaning has to think about, in two files."""
    places = ("is_synthetic", "source_file", "source_line")
    names = [name for name in RAW[noun].column_names if name not in places]
    row = st.fixed_dictionaries({name: st.sampled_from(CELLS.get(name, OTHER)) for name in names})
    in_files = st.tuples(row, st.sampled_from(["a.csv", "b.csv"])).map(
        lambda it: it[0] | {"source_file": it[1]}
    )
    return st.lists(in_files, min_size=12, max_size=40)


@settings(max_examples=2, phases=[Phase.explicit, Phase.generate])
@given(st.fixed_dictionaries({noun: dirty_rows(noun) for noun in RAW}), st.sampled_from([0.0, 0.5, 1.0]))
def test_every_row_is_either_kept_or_left_out_once(shop: dict[str, Any], ratio: float) -> None:
    tables = raw_tables(**shop)
    found = cleaned_shop(tables, Settings(min_fill_ratio=ratio))
    left_out = rows_of(found["quarantine"])
    for noun, table in tables.items():
        places = Counter((row["source_file"], row["source_line"]) for row in rows_of(table))
        kept = Counter((row["source_file"], row["source_line"]) for row in rows_of(found[noun]))
        gone = Counter(
            (row["source_file"], row["source_line"]) for row in left_out if row["raw_table"] == noun
        )
        assert kept + gone == places, noun
    for row in left_out:
        assert row["rule"] in RULES, row
        assert row["reason"].endswith("."), row


def test_a_row_that_is_missing_without_a_rule_is_told_and_breaks_the_contract() -> None:
    row = {"customer_id": "1", "email": "a@a.co", "name": "Ada | Bo", "region": " ", "country": "GB"}
    tables = {"customers": table_of(raw.CUSTOMERS, [row])}
    kept = {"customers": table_of(cleaned.CUSTOMERS, [])}
    (found,) = rows_of(quarantine_rejects(tables, kept, evidence_of(tables, Settings()), Settings()))
    assert found["rule"] == UNEXPLAINED
    assert UNEXPLAINED not in RULES
    assert found["raw_text"] == "customer_id: 1 | email: a@a.co | name: Ada | Bo | country: GB"


COLUMN_OF_LINE = {
    2: ("missing_key", "order_id", "No order number."),
    3: ("unreadable_amount", "quantity", "The quantity 'two' is no number."),
    4: ("unreadable_amount", "unit_price", "The price 'cheap' is no amount."),
    5: ("missing_key", "unit_price", "No price, and no amount of the order to take it from."),
    7: (
        "exact_duplicate",
        None,
        "It repeats another line of the order word for word; the one kept is in lines.csv, line 6.",
    ),
    9: ("overlapping_export", "order_id", "The lines of order 1 are already kept from lines.csv."),
}


def test_every_line_left_out_names_its_column_in_a_sentence() -> None:
    good = {"order_id": "1", "product_id": "mug", "product": "Mug", "quantity": "1", "unit_price": "4.00"}
    lines = [{**good, "order_id": ""}, {**good, "quantity": "two"}, {**good, "unit_price": "cheap"},
             {**good, "unit_price": ""}, good, good, {**good, "quantity": "2"}]  # fmt: skip
    given_lines = [{**line, "source_file": "lines.csv"} for line in lines]
    given_lines += [
        {**good, "source_file": "other.csv"},
        {**good, "order_id": "2", "source_file": "other.csv"},
    ]
    tables = {"orders": table_of(raw.ORDERS, []), "order_items": table_of(raw.ORDER_ITEMS, given_lines)}
    found = rows_of(cleaned_shop(tables, Settings())["quarantine"], "source_line")
    assert {
        row["source_line"]: (row["rule"], row["column_name"], row["reason"]) for row in found
    } == COLUMN_OF_LINE
