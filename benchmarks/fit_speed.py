"""How long one fit of each buy-till-you-die model takes, on the people of CDNOW."""

from __future__ import annotations

import time
from datetime import date

import numpy as np

from benchmarks.results import Goal
from benchmarks.shop import ROOT
from custbehav_dagster.forecasting.buy_till_you_die.fitting import fit
from custbehav_dagster.forecasting.moments import moment_at
from custbehav_dagster.forecasting.order_days import OrderDays, day_number
from custbehav_dagster.forecasting.past import MODELS
from custbehav_dagster.forecasting.people import one_thread

TENTH = ROOT / "custbehav_dagster_tests" / "forecasting" / "buy_till_you_die" / "cdnow_tenth.txt"
END_OF_WEEK_39 = date(1997, 9, 30)
MOST_SECONDS = {"the tenth of CDNOW that was published on": 0.1, "all of CDNOW": 0.5}
FITS = 5


@one_thread()
def speed_goals(cdnow: OrderDays) -> list[Goal]:
    """CPU seconds of one fit of each model, without a prior (the median of FITS)."""
    tenth = np.flatnonzero(np.isin(cdnow.people.to_numpy(), TENTH.read_text().split()))
    goals = []
    for (name, most), some in zip(MOST_SECONDS.items(), (cdnow.of(tenth), cdnow), strict=True):
        histories = moment_at(some, day_number(END_OF_WEEK_39), 120).histories
        for model in MODELS.values():
            taken = []
            for _ in range(FITS):
                started = time.process_time()
                fit(model, histories)
                taken.append(time.process_time() - started)
            found = float(np.median(taken))
            promise = f"{model.name} fitted to {name}, {len(histories):,} people: under {most} s of CPU"
            goals.append(Goal(promise, f"{found:.3f} s", found < most))
    return goals
