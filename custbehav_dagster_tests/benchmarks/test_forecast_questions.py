"""The questions about forecasts run, at a size at which their figures mean little."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks.forecast_scale import ORDERS_PER_CUSTOMER, STAGES, forecast, make
from benchmarks.intervals import CUTOFF, generated_shop, intervals
from custbehav_dagster.warehouse.store import open_warehouse


def test_ranges_are_told_of_generated_shops_and_hopeless_ones_are_refused() -> None:
    section = intervals(shops=2, hopeless=2)
    assert [row[1] for row in section.rows[-2:]] == ["2", "2"]
    assert section.rows[-1][2] == "2"
    assert section.goals[1].is_met
    assert "by tenths of the" in section.notes


def test_a_generated_shop_has_buyers_who_came_first_before_the_day_it_is_asked_about() -> None:
    past = generated_shop(3, 500)
    assert len(past.moment(CUTOFF)) == 500
    assert len(past.days.day) > 600
    assert np.all(np.diff(past.days.person) >= 0)


@pytest.mark.slow
def test_a_large_shop_is_made_and_forecast_stage_by_stage(tmp_path) -> None:
    make(300, tmp_path)
    forecast(tmp_path)
    told = json.loads((tmp_path / "times.json").read_text())
    assert set(told) == {*STAGES, "orders"}
    assert 0.5 < told["orders"] / 300 / ORDERS_PER_CUSTOMER < 2
    with open_warehouse(tmp_path / "shop.duckdb") as warehouse:
        ((scored, unknown),) = warehouse.run(
            "SELECT count(*), count(*) FILTER (p_return IS NULL) FROM churn.scores"
        )
    assert (scored, unknown) == (300, 0)
