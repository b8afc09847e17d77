"""The table churn.second_order: chances, ratios and verdicts, row by row."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np

from custbehav_dagster.contract.second_order import (
    EVERYBODY,
    LESS,
    MORE,
    NO_DIFFERENCE,
    SECOND_ORDER,
    TOO_FEW,
    WAITING,
)
from custbehav_dagster.forecasting.second_order.effects import Ratios, holm, ratios_of
from custbehav_dagster.forecasting.second_order.first_orders import (
    FirstOrders,
    Level,
    first_orders,
    read_first_orders,
)
from custbehav_dagster.forecasting.second_order.life_table import Z95, LifeTable, life_table
from custbehav_dagster.provenance import prefer_real
from custbehav_dagster.settings import Settings

STEP_DAYS = 30
LONGEST_WAIT = 720
TWO_YEARS = 730
FEWEST_PEOPLE = 20
FEWEST_EXPECTED = 3.0
"""With fewer people, or fewer second orders to be expected of them, nothing is said of a level."""
FEWEST_TIMED = 10
"""Second orders that must have been seen before their timing is told."""
LUCK = 0.05
"""Chance of any false finding in the whole table."""

Row = dict[str, Any]


def second_order(orders: ir.Table, items: ir.Table, as_of: date, settings: Settings) -> ir.Table:
    """What brings one-time buyers back, as contract.second_order.SECOND_ORDER says.

    Takes truth.orders and cleaned.order_items; purchases after `as_of` are not seen. People enter
    with their first order in the files: who bought before these begin counts as new.
    """
    import pyarrow as pa

    rows, is_synthetic = prefer_real(orders)
    found = read_first_orders(first_orders(rows, items, as_of, settings), items)
    told = [{**row, "is_synthetic": is_synthetic} for row in rows_of(found, settings.horizon_days)]
    schema = SECOND_ORDER.schema.to_pyarrow()
    return SECOND_ORDER.conform(ibis.memtable(pa.Table.from_pylist(told, schema=schema)))


def rows_of(found: FirstOrders, horizon: int) -> list[Row]:
    """All rows but for `is_synthetic`; `horizon` is the length in days within which shares are told."""
    if not len(found.people):
        return []
    table = life_table(found.days, found.came_back, found.people)
    everybody = _chance_row(EVERYBODY, "all", 0, horizon, table)
    rows = [{**everybody, **_timing(table), "all_second_orders": table.seen(0, table.last)}]
    rows += _level_rows(found, horizon)
    longest = min(table.last, LONGEST_WAIT)
    waiting = [
        _chance_row(WAITING, f"after {day} days", day, STEP_DAYS, table)
        for day in range(0, longest, STEP_DAYS)
    ]
    return rows + [row for row in waiting if row["share"] is not None]


def _chance_row(factor: str, level: str, after: int, within: int, table: LifeTable) -> Row:
    chance = table.chance(after, within)
    return {
        "factor": factor,
        "level": level,
        "from_day": after,
        "within_days": within,
        "people": table.waited(after) if after else round(table.waiting[0]),
        "second_orders": table.seen(after, within),
        "share": chance and chance.share,
        "share_low": chance and chance.low,
        "share_high": chance and chance.high,
    }


def _timing(table: LifeTable) -> Row:
    """Within how many days half, and four in five, of the second orders come."""
    limit = min(TWO_YEARS, table.well_watched(FEWEST_PEOPLE))
    seen = table.seen(0, limit)
    if seen < FEWEST_TIMED:
        return {}
    # As in the interval of a median by its ranks.
    half = Z95 / (2 * math.sqrt(seen))
    return {
        "half_within_days": table.within(0.5, limit),
        "half_low_days": table.within(max(0.5 - half, 0.0), limit),
        "half_high_days": table.within(min(0.5 + half, 1.0), limit),
        "most_within_days": table.within(0.8, limit),
    }


def _expected(found: FirstOrders) -> np.ndarray:
    """Second orders to be expected of each cell if all were alike.

    Who was there when the files begin is compared with their like only: among them are regulars of
    earlier years, and their season or product would get the credit (a stratified log-rank test).
    """
    expected = np.empty(len(found.people))
    for some in (found.is_early, ~found.is_early):
        table = life_table(found.days[some], found.came_back[some], found.people[some])
        expected[some] = found.people[some] * table.hazard[found.days[some]]
    return expected


def _level_rows(found: FirstOrders, horizon: int) -> list[Row]:
    """Rows of all levels, the commonest of each grouping first, with verdicts."""
    ratios = ratios_of(
        {name: level.number for name, level in found.levels.items()},
        {name: len(level.names) for name, level in found.levels.items()},
        found.people * found.came_back,
        _expected(found),
    )
    rows = [
        row
        for name, level in found.levels.items()
        for row in _rows_of_grouping(name, level, ratios[name], found, horizon)
    ]
    told = [row for row in rows if row["verdict"] is None]
    for row, luck in zip(told, holm(np.array([row["p_value"] for row in told])), strict=True):
        row["chance_of_luck"] = float(luck)
        is_sure = luck < LUCK and not row["ratio_low"] <= 1 <= row["ratio_high"]
        row["verdict"] = NO_DIFFERENCE if not is_sure else MORE if row["ratio"] > 1 else LESS
    return [{name: value for name, value in row.items() if name != "p_value"} for row in rows]


def _rows_of_grouping(name: str, level: Level, ratios: Ratios, found: FirstOrders, horizon: int) -> list[Row]:
    rows = []
    for number, label in enumerate(level.names):
        mine = level.number == number
        table = life_table(found.days[mine], found.came_back[mine], found.people[mine])
        row = {**_chance_row(name, label, 0, horizon, table), **_timing(table)}
        is_known = row["people"] >= FEWEST_PEOPLE and ratios.expected[number] >= FEWEST_EXPECTED
        row |= {
            "all_second_orders": round(ratios.observed[number]),
            "expected_second_orders": float(ratios.expected[number]),
            "ratio": float(ratios.ratio[number]),
            "ratio_low": float(ratios.low[number]),
            "ratio_high": float(ratios.high[number]),
            "p_value": float(ratios.p_value[number]),
            "verdict": None if is_known else TOO_FEW,
        }
        rows.append(row)
    return sorted(rows, key=lambda row: (-row["people"], row["level"]))
