"""Orders of a shop whose sales rain is known to move, for measuring whether that is found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

PLACE = "London"
FIRST_DAY = date(2023, 1, 5)
YEAR_DAYS = 365.25
MEMORY_DAYS = 7
"""Orders of neighbouring days are alike, as they are in shops: a week shares its luck."""


@dataclass(frozen=True)
class RainyShop:
    """`orders` has one row per purchase, `weather` one per day, in the columns of their contracts."""

    orders: pd.DataFrame
    weather: pd.DataFrame
    last_day: date


def rainy_shop(
    seed: int, days: int = 900, orders_per_day: float = 2.0, rain_effect: float = 1.2
) -> RainyShop:
    """Orders of `days` days; on wet ones there are `rain_effect` times as many (1: rain does nothing).

    Season, growth and weeks of luck move them too; sunshine goes with dry days and winters
    are wetter, so that rain cannot be read off the season.
    """
    import pandas as pd

    random = np.random.default_rng(seed)
    number = np.arange(days)
    dates = [FIRST_DAY + timedelta(days=int(day)) for day in number]
    angle = 2 * np.pi * (np.array(dates, dtype="datetime64[D]").astype(int)) / YEAR_DAYS
    wet = _wet_days(random, 0.45 + 0.15 * np.cos(angle))
    luck = np.convolve(
        random.normal(0, 0.3, days + MEMORY_DAYS - 1), np.ones(MEMORY_DAYS) / MEMORY_DAYS, "valid"
    )
    expected = orders_per_day * np.exp(0.4 * np.cos(angle) + luck) * (1 + 0.0005 * number) * rain_effect**wet
    counts = random.poisson(expected)
    cold = np.convolve(random.normal(0, 6, days + 4), np.ones(5) / 5, "valid")
    weather = pd.DataFrame(
        {
            "weather_id": [f"{PLACE} {day}" for day in dates],
            "place": PLACE,
            "day": [day.isoformat() for day in dates],
            "precipitation_mm": np.where(wet, random.gamma(1, 5, days) + 1, 0.0),
            "temperature_celsius": 11 - 8 * np.cos(angle - 0.3) + cold,
            "sunshine_hours": np.clip(6 - 4 * np.cos(angle) - 2.5 * wet + random.normal(0, 2, days), 0, 16),
            "fetched_at": "2026-01-01T00:00:00+00:00",
            "is_synthetic": False,
            "provenance": "generated",
        }
    )
    return RainyShop(pd.DataFrame(_orders(dates, counts)), weather, dates[-1])


def _wet_days(random: np.random.Generator, chance: np.ndarray) -> np.ndarray:
    """Rain comes in spells: a wet day makes the next one likelier to be wet."""
    wet = np.zeros(len(chance), dtype=bool)
    for day, draw in enumerate(random.random(len(chance))):
        wet[day] = draw < chance[day] + (0.25 if day and wet[day - 1] else -0.15)
    return wet


def _orders(dates: list[date], counts: np.ndarray) -> dict[str, Any]:
    repeated = [day for day, count in zip(dates, counts, strict=True) for _ in range(count)]
    return {
        "order_date": repeated,
        "region": None,
        "country": "GB",
        "is_purchase": True,
        "is_synthetic": True,
    }
