"""Rain that moves orders is found, what does nothing is not, and few data are told as such."""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pytest

from custbehav_dagster import contract
from custbehav_dagster.insights.context.days import Days, order_days, season_columns, unusual
from custbehav_dagster.insights.context.effects import context_effects
from custbehav_dagster.insights.context.regression import deviance, fit_counts
from custbehav_dagster.sources.gift_calendar import calendar_events
from custbehav_dagster.sources.synthetic.rainy_shop import PLACE, RainyShop, rainy_shop


def typed(frame: pd.DataFrame) -> ir.Table:
    """Orders as a table; a column without any value is one of texts."""
    return ibis.memtable(frame).mutate(region=lambda t: t.region.cast("string"))


def effects_of(
    con: ibis.BaseBackend, shop: RainyShop, places: tuple[str, ...] = (PLACE,)
) -> list[dict[str, Any]]:
    years = range(shop.last_day.year - 2, shop.last_day.year + 2)
    events = ibis.memtable(calendar_events(years, "GB"))
    table = context_effects(typed(shop.orders), ibis.memtable(shop.weather), events, places, shop.last_day)
    assert table.schema() == contract.context.CONTEXT_EFFECTS.schema
    return con.to_pyarrow(table).to_pylist()


def test_rain_that_lifts_orders_by_a_fifth_is_found_and_its_interval_holds_it(con: ibis.BaseBackend) -> None:
    rain = next(row for row in effects_of(con, rainy_shop(3, orders_per_day=4)) if row["factor"] == "rain")
    assert rain["is_sure"]
    assert 1 < rain["ratio_low"] < 1.2 < rain["ratio_high"]
    assert rain["is_synthetic"]


@pytest.mark.parametrize("seed", range(4))
def test_where_nothing_moves_orders_nothing_is_said(con: ibis.BaseBackend, seed: int) -> None:
    rows = effects_of(con, rainy_shop(seed, rain_effect=1.0))
    assert {row["factor"] for row in rows} >= {"rain", "warmth", "sunshine", "Christmas", "Mother's Day"}
    assert [row["factor"] for row in rows if row["is_sure"]] == []


def test_a_young_shop_is_told_how_much_is_missing(con: ibis.BaseBackend) -> None:
    rows = effects_of(con, rainy_shop(1, days=100))
    assert all(row["ratio"] is None and not row["is_sure"] for row in rows)
    rain = next(row for row in rows if row["factor"] == "rain")
    assert rain["note"] == "80 more days are needed"


def test_weather_that_is_not_known_is_not_looked_at(con: ibis.BaseBackend) -> None:
    rows = effects_of(con, rainy_shop(1, days=400), places=())
    assert {row["kind"] for row in rows} == {"calendar"}


def test_an_archive_that_never_tells_the_sunshine_still_tells_the_rain(con: ibis.BaseBackend) -> None:
    shop = rainy_shop(1, days=100)
    shop.weather["sunshine_hours"] = np.nan
    notes = {row["factor"]: row["note"] for row in effects_of(con, shop) if row["kind"] == "weather"}
    assert notes["rain"] == notes["warmth"] == "80 more days are needed"
    assert notes["sunshine"] == "the weather archive does not tell it for most of these days"


def test_a_shop_without_orders_has_no_rows(con: ibis.BaseBackend) -> None:
    shop = rainy_shop(1, days=10)
    nobody = typed(shop.orders).filter(ibis.literal(False))
    events = ibis.memtable(calendar_events([2023], "GB"))
    table = context_effects(nobody, ibis.memtable(shop.weather), events, (PLACE,), shop.last_day)
    assert con.to_pyarrow(table).num_rows == 0


def test_orders_belong_to_the_place_they_name_else_to_the_first(con: ibis.BaseBackend) -> None:
    days = [date(2024, 1, 1), date(2024, 1, 1), date(2024, 1, 3), date(2024, 1, 9)]
    orders = pd.DataFrame({"order_date": days, "region": ["leeds", None, "Hull", "Leeds"], "country": "GB"})
    counted = order_days(typed(orders), date(2024, 1, 5), ["London", "Leeds"])
    assert counted is not None
    assert counted.counts.tolist() == [1, 0, 1, 0, 0, 1, 0, 0, 0, 0]
    assert counted.place.tolist() == [0] * 5 + [1] * 5


def test_the_fit_finds_planted_numbers_and_errors_grow_when_days_are_alike() -> None:
    random = np.random.default_rng(1)
    design = np.column_stack([np.ones(4_000), random.normal(size=4_000)])
    shared = np.repeat(random.normal(0, 0.5, 400), 10)
    days = np.arange(4_000)
    alone = random.poisson(np.exp(design @ [0.5, 0.3]))
    fit = fit_counts(design, alone, days)
    assert fit.coefficients == pytest.approx([0.5, 0.3], abs=0.05)
    alike = fit_counts(design, random.poisson(np.exp(design @ [0.5, 0.3] + shared)), days)
    assert alike.covariance[0, 0] > 3 * fit.covariance[0, 0]
    assert deviance(alone, fit.expected(design)) < deviance(alone, np.full(4_000, alone.mean()))


def test_with_a_year_of_days_a_wave_is_no_effect_of_what_comes_with_it() -> None:
    day = np.arange(1_100)
    wave = np.cos(2 * np.pi * (np.datetime64("2024-01-01", "D") + day).astype(int) / 365.25)
    season = season_columns(Days(date(2024, 1, 1), day, np.zeros(1_100, int), np.ones(1_100)))
    assert np.abs(unusual(wave, season)).max() < 1e-6
    young = season_columns(Days(date(2024, 1, 1), day[:90], np.zeros(90, int), np.ones(90)))
    assert young.shape[1] < season.shape[1]
