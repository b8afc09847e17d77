"""What is true of the made-up shop and in no file of it, for tests to compare with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from custbehav_dagster.sources.synthetic.dirt import Dirt
from custbehav_dagster.sources.synthetic.orders import CANCELLED_SHARE
from custbehav_dagster.sources.synthetic.seasons import Seasons
from custbehav_dagster.sources.synthetic.soiling import struck_cells

if TYPE_CHECKING:
    import pandas as pd

HORIZON_DAYS = 120


@dataclass(frozen=True)
class Answers:
    """The clean tables with their `true_` columns, and what follows from them.

    `customers`, `orders` and `feedback` are as the `generate_` functions return
    them: the values that a perfect repair of the files would give.
    """

    customers: pd.DataFrame
    orders: pd.DataFrame
    feedback: pd.DataFrame
    dirt: Dirt
    seed: int
    last_day: date

    @cached_property
    def struck_cells(self) -> pd.DataFrame:
        """Every cell and row that dirt has struck in the three files, as `soiling.struck_cells` says."""
        import pandas as pd

        return pd.concat(
            [
                struck_cells(name, getattr(self, name), self.dirt, self.seed)
                for name in ("customers", "orders", "feedback")
            ],
            ignore_index=True,
        ).astype({"table": "category", "column": "category", "kind": "category"})

    def returning(self, as_of: date | None = None, horizon_days: int = HORIZON_DAYS) -> pd.DataFrame:
        """How likely each person who has begun to buy is to return within (as_of, as_of + horizon_days].

        The chance is what somebody would say who knows the person's nature and
        whether they have dropped out: 1 - exp(-rate * time) for the unpredictable,
        rate / (rate + dropout) * (1 - exp(-(rate + dropout) * time)) for others, in
        average days. Cancelled orders do not count as returning.

        Args:
            as_of: last known day, inclusive; None: `horizon_days` before the last
                day, so that what happened is known too.
            horizon_days: length of the window in calendar days.

        Returns:
            One row per person: `customer_id`, `kind` (predictable or
            unpredictable), `p_return`, and `returned`, whether it happened (empty
            when the window ends after the last day).

        Raises:
            ValueError: the window is not within what the shop's calendar covers.
        """
        import pandas as pd

        as_of = as_of or self.last_day - timedelta(days=horizon_days)
        end = as_of + timedelta(days=horizon_days)
        seasons = Seasons(self.last_day)
        now, then = seasons.at_end_of(as_of), seasons.at_end_of(end)
        people = self.customers
        rate = people["true_rate"].to_numpy() * (1 - CANCELLED_SHARE)
        leaving = people["true_dropout_rate"].to_numpy()
        either = np.maximum(rate + leaving, np.finfo(float).tiny)
        chance = rate / either * -np.expm1(-either * (then - now))
        has_settled = people["true_settled"].to_numpy() < now
        table = pd.DataFrame(
            {
                "customer_id": people["customer_id"],
                "kind": people["true_kind"],
                "p_return": np.where(people["true_left"].to_numpy() > now, chance, 0.0),
                "returned": self._returned(as_of, end) if end <= self.last_day else pd.NA,
            }
        ).astype({"returned": "boolean"})
        return table[has_settled].reset_index(drop=True)

    def _returned(self, as_of: date, end: date) -> np.ndarray:
        """Whether each person has an order, not cancelled, after `as_of` and up to the end of `end`."""
        day = self.orders["order_date"].to_numpy().astype("datetime64[D]")
        counts = (day > np.datetime64(as_of)) & (day <= np.datetime64(end))
        counts &= (self.orders["status"] != "cancelled").to_numpy()
        returned = np.zeros(len(self.customers), dtype=bool)
        returned[self.orders["true_customer"].to_numpy()[counts]] = True
        return returned
