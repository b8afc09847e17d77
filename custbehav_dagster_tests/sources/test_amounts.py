"""Amounts as files write them."""

from __future__ import annotations

from decimal import Decimal

import ibis
import pytest

from custbehav_dagster.sources.amounts import read_amount


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12.50", "12.5"),
        ("£12.50", "12.5"),
        ("12,50", "12.5"),
        ("1,234", "1234"),
        ("1,234.50", "1234.5"),
        ("1.234,50 €", "1234.5"),
        ("-3.00", "-3"),
        ("-£3.00", "-3"),
        ("(3.00)", "-3"),
        ("3.00-", "-3"),
        (" 7 ", "7"),
        ("", None),
        (None, None),
        ("free", None),
        ("£", None),
        ("1.2.3", None),
        ("999999999999999999", None),
    ],
)
def test_an_amount_is_understood_or_none(con: ibis.BaseBackend, text: str | None, amount: str | None) -> None:
    table = ibis.memtable({"text": [text]}, schema={"text": "string"})
    found = con.execute(read_amount(table.text))
    assert list(found.dropna()) == ([] if amount is None else [Decimal(amount)])
