"""Two years of a real shop's invoices: honest dates stay, and half of what a swap can hit comes back."""

from __future__ import annotations

from pathlib import Path

import ibis
import ibis.expr.types as ir
import pytest

from custbehav_dagster.cleaning.forensics.dates import find_damaged_dates
from custbehav_dagster.contract import raw
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.cleaning.tables import by, written

Con = ibis.BaseBackend


def invoices(con: Con, real_data: Path) -> ir.Table:
    """Number, day and place of each invoice, in the order they were written."""
    lines = con.read_parquet(str(real_data / "online_retail_ii" / "lines.parquet"))
    found = lines.group_by(order_id="Invoice").aggregate(moment=lines.InvoiceDate.min())
    in_order = ibis.row_number().over(order_by=[found.moment, found.order_id])
    return written(con, found.mutate(source_line=in_order + 2))


def as_raw(con: Con, table: ir.Table, ordered_at: ir.StringValue) -> ir.Table:
    place = {"source_file": ibis.literal("invoices.csv"), "is_synthetic": ibis.literal(False)}
    return written(con, raw.ORDERS.conform(table.mutate(ordered_at=ordered_at, **place)))


@pytest.mark.parametrize("pattern", ["%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M", "%m/%d/%y"])
def test_no_real_date_is_touched(con: Con, real_data: Path, pattern: str) -> None:
    table = invoices(con, real_data)
    cells, proofs = find_damaged_dates(as_raw(con, table, table.moment.strftime(pattern)), Settings())
    assert cells is None
    assert proofs == []


def test_every_second_swap_in_real_dates_is_found_and_nothing_else(con: Con, real_data: Path) -> None:
    table = invoices(con, real_data)
    is_hit = (table.moment.day() <= 12) & (table.moment.day() != table.moment.month())
    is_hit &= table.source_line % 2 == 0
    right, wrong = table.moment.strftime("%Y-%m-%d"), table.moment.strftime("%Y-%d-%m")
    cells, (proof,) = find_damaged_dates(as_raw(con, table, ibis.ifelse(is_hit, wrong, right)), Settings())
    assert cells is not None
    truth = by(written(con, table.filter(is_hit).mutate(right=right)), "source_line", "right")
    assert {row["source_line"]: row["after"] for row in cells.to_pylist()} == truth
    assert len(truth) > 2_500
    assert proof.statistics[0].before < 0.96
    assert proof.statistics[0].after > 0.999
