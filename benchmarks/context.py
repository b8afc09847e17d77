"""Weather that moves orders: how often it is found, and how often something is made up.

`python -m benchmarks --only context`. The shops are generated, so that what rain does is known.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis

from benchmarks.results import Goal, Section
from custbehav_dagster.insights.context.effects import ALLOWED, context_effects
from custbehav_dagster.sources.gift_calendar import calendar_events
from custbehav_dagster.sources.synthetic.rainy_shop import PLACE, rainy_shop

SHOPS = 100
EFFECTS = (1.2, 1.0)
SIZES = (1.0, 2.0, 4.0)
"""Orders per day over 900 days: about 1,200, 2,400 and 4,800 orders."""
COLUMNS = ("orders", "rain does", "rain found", "interval holds it", "other weather told", "calendar told")


@dataclass
class Told:
    """Of SHOPS shops: in how many each was so."""

    orders: int = 0
    found: int = 0
    held: int = 0
    other_weather: int = 0
    calendar: int = 0


def context(_: object) -> Section:
    """Rain that lifts orders by a fifth, and rain that does nothing, in shops of three sizes."""
    told = {(size, effect): _told(size, effect) for size in SIZES for effect in EFFECTS}
    rows = [
        (
            f"{result.orders // SHOPS:,}",
            f"{effect - 1:+.0%}",
            f"{result.found} of {SHOPS}",
            f"{result.held} of {SHOPS}",
            f"{result.other_weather} of {SHOPS}",
            f"{result.calendar} of {SHOPS}",
        )
        for (_, effect), result in told.items()
    ]
    held = min(result.held for result in told.values()) / SHOPS
    made_up = max(r.found + r.other_weather for (_, effect), r in told.items() if effect == 1) / SHOPS
    goals = [
        Goal("intervals hold what rain does in at least 95%", f"{held:.0%} at worst", held >= 1 - ALLOWED),
        Goal(
            "weather told where there is nothing, at most 5%", f"{made_up:.0%} at worst", made_up <= ALLOWED
        ),
    ]
    note = "Season, growth and weeks of luck move these shops too; sun and rain go together, as outdoors."
    return Section("What weather does", COLUMNS, rows, goals, note)


def _told(size: float, effect: float) -> Told:
    backend = ibis.duckdb.connect()
    told = Told()
    events = ibis.memtable(calendar_events(range(2021, 2027), "GB"))
    for seed in range(SHOPS):
        shop = rainy_shop(seed, orders_per_day=size, rain_effect=effect)
        orders = ibis.memtable(shop.orders).mutate(region=lambda t: t.region.cast("string"))
        table = context_effects(orders, ibis.memtable(shop.weather), events, (PLACE,), shop.last_day)
        rows = backend.to_pyarrow(table).to_pylist()
        rain = next(row for row in rows if row["factor"] == "rain")
        told.orders += len(shop.orders)
        told.found += rain["is_sure"]
        told.held += rain["ratio_low"] <= effect <= rain["ratio_high"]
        told.other_weather += any(
            row["is_sure"] for row in rows if row["kind"] == "weather" and row["factor"] != "rain"
        )
        told.calendar += any(row["is_sure"] for row in rows if row["kind"] == "calendar")
    return told
