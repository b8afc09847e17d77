"""What groups of buyers are worth: their sizes, whether they come out again, what they say of the future.

Each day sees nothing that came after it. Beside ours: k-means on raw count and amount, the
usual way, and gradient boosting on the same three figures, the most that can be explained.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from benchmarks.forecasts import read_cdnow, read_online_retail
from benchmarks.results import Goal, Section
from custbehav_dagster.forecasting.order_days import EPOCH, OrderDays, day_number
from custbehav_dagster.forecasting.people import one_thread
from custbehav_dagster.segmentation.agreement import adjusted_rand, explained_share
from custbehav_dagster.segmentation.rfm import find, nearest, positions
from custbehav_dagster.segmentation.rfm_groups import RfmGroups, rfm_groups

HORIZON, WEEK = 120, 7
DRAWS = 20
COLUMNS = (
    "shop", "last day seen", "buyers", "groups", "smallest", "largest", "agreement", "explained",
    "reachable", "names kept", "raw k-means: largest", "raw k-means: explained",
)  # fmt: skip


@dataclass(frozen=True)
class Trial:
    """A shop, the last days that groups may see, and the least share of future spend to explain."""

    name: str
    read: Callable[[], OrderDays | None]
    days: tuple[date, ...]
    least_explained: float = 0.30


TRIALS = (
    Trial(
        "Online Retail II",
        read_online_retail,
        (date(2011, 2, 10), date(2011, 4, 11), date(2011, 6, 10), date(2011, 8, 11)),
    ),
    Trial("CDNOW", read_cdnow, (date(1997, 9, 30), date(1997, 12, 14), date(1998, 3, 2))),
)


@dataclass(frozen=True)
class Measured:
    """One shop on one day."""

    buyers: int
    sizes: np.ndarray
    agreement: float
    explained: float
    reachable: float
    names_kept: float
    raw_largest: float
    raw_explained: float


def segments(bench: object) -> Section:
    """Groups of the shops that are there, on several days of each."""
    rows, goals = [], []
    for trial in TRIALS:
        orders = trial.read()
        if orders is None:
            continue
        with one_thread():
            measured = [_measure(orders, day) for day in trial.days]
        rows += [_row(trial.name, day, one) for day, one in zip(trial.days, measured, strict=True)]
        goals += _goals(trial, measured)
    notes = (
        f"Agreement: mean adjusted Rand index with the groups of {DRAWS} draws with replacement, the"
        " number of groups chosen anew in each. Explained: share of the variance of log(1 + spend in"
        f" the next {HORIZON} days) by the groups' means. Reachable: the same by gradient boosting on"
        " recency, frequency and money, cross-validated. Names kept: of those who bought nothing in"
        " one more week, the share whose group bears the same name."
    )
    return Section("Segments", COLUMNS, rows, goals, notes)


def _figures(orders: OrderDays, day: int) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of the buyers by then, and the recency, count and amount of each."""
    seen = orders.until(day)
    size = len(seen)
    count = np.bincount(seen.person, seen.orders, size)
    last = np.full(size, -1, dtype="int64")
    np.maximum.at(last, seen.person, seen.day)
    buyers = np.flatnonzero(count > 0)
    amount = np.bincount(seen.person, seen.amount, size)
    return buyers, np.column_stack([day - last, count, amount])[buyers]


def _groups(figures: np.ndarray, earlier: RfmGroups | None, place: np.ndarray) -> RfmGroups:
    """Groups of these people; `place` is the number of each among those of `earlier`, -1 for new ones."""
    numbers: list[int | None] = [None] * len(figures)
    names: list[str | None] = [None] * len(figures)
    if earlier is not None:
        told = [None if at < 0 else int(earlier.numbers[at]) for at in place]
        numbers, names = told, [None if number is None else earlier.names[number] for number in told]
    people = pa.table(
        {
            "recency_days": figures[:, 0],
            "order_count": figures[:, 1],
            "total_amount": figures[:, 2],
            "as_of": pa.repeat(EPOCH + timedelta(WEEK), len(figures)),
            "earlier_as_of": pa.repeat(EPOCH, len(figures)),
            "earlier_rfm_segment": pa.array(numbers, "int64"),
            "earlier_rfm_segment_name": pa.array(names, "string"),
        }
    )
    return rfm_groups(people, HORIZON, 0)


def _measure(orders: OrderDays, day: date) -> Measured:
    from sklearn.cluster import KMeans
    from sklearn.preprocessing import StandardScaler

    end = day_number(day)
    buyers, figures = _figures(orders, end)
    coming = (orders.day > end) & (orders.day <= end + HORIZON)
    spend = np.log1p(np.bincount(orders.person[coming], orders.amount[coming], len(orders)))[buyers]
    made = _groups(figures, None, np.full(len(figures), -1))
    scaled = StandardScaler().fit_transform(figures[:, 1:])
    raw = KMeans(3, n_init=10, random_state=0).fit_predict(scaled)
    return Measured(
        buyers=len(buyers),
        sizes=np.unique(made.numbers, return_counts=True)[1] / len(buyers),
        agreement=_agreement(positions(figures[:, 0], figures[:, 1], figures[:, 2], HORIZON), made.numbers),
        explained=explained_share(made.numbers, spend),
        reachable=_reachable(figures, spend),
        names_kept=_names_kept(orders, end, buyers, figures, made),
        raw_largest=np.bincount(raw).max() / len(raw),
        raw_explained=explained_share(raw, spend),
    )


def _agreement(points: np.ndarray, group: np.ndarray) -> float:
    generator = np.random.default_rng(1)
    agreed = []
    for _ in range(DRAWS):
        found = find(points[generator.integers(0, len(points), len(points))], seed=0)
        agreed.append(adjusted_rand(group, nearest(points, found.centres)) if found else 0.0)
    return float(np.mean(agreed))


def _reachable(figures: np.ndarray, spend: np.ndarray) -> float:
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.model_selection import cross_val_predict

    model = HistGradientBoostingRegressor(max_iter=60, max_leaf_nodes=8, learning_rate=0.08, random_state=0)
    told = cross_val_predict(model, figures, spend, cv=5)
    return float(1 - ((spend - told) ** 2).sum() / ((spend - spend.mean()) ** 2).sum())


def _names_kept(
    orders: OrderDays, end: int, buyers: np.ndarray, figures: np.ndarray, made: RfmGroups
) -> float:
    later, figures_later = _figures(orders, end + WEEK)
    place = np.full(len(orders), -1)
    place[buyers] = np.arange(len(buyers))
    after = _groups(figures_later, made, place[later])
    now = np.searchsorted(later, buyers)
    unchanged = figures_later[now, 1] == figures[:, 1]
    same = [
        made.names[int(before)] == after.names[int(then)]
        for before, then in zip(made.numbers[unchanged], after.numbers[now][unchanged], strict=True)
    ]
    return float(np.mean(same))


def _row(name: str, day: date, one: Measured) -> tuple[str, ...]:
    shares = (one.sizes.min(), one.sizes.max())
    return (
        name,
        day.isoformat(),
        f"{one.buyers:,}",
        str(len(one.sizes)),
        *(f"{share:.1%}" for share in shares),
        f"{one.agreement:.3f}",
        f"{one.explained:.3f}",
        f"{one.reachable:.3f}",
        f"{one.names_kept:.1%}",
        f"{one.raw_largest:.1%}",
        f"{one.raw_explained:.3f}",
    )


def _goals(trial: Trial, measured: list[Measured]) -> list[Goal]:
    smallest = min(one.sizes.min() for one in measured)
    largest = max(one.sizes.max() for one in measured)
    agreement = float(np.mean([one.agreement for one in measured]))
    explained = float(np.mean([one.explained for one in measured]))
    reachable = float(np.mean([one.reachable for one in measured]))
    kept = min(one.names_kept for one in measured)
    found = f"{explained:.3f}; {reachable:.3f} can be reached"
    return [
        Goal(f"{trial.name}: smallest group at least 5%", f"{smallest:.1%}", smallest >= 0.05),
        Goal(f"{trial.name}: largest group at most 60%", f"{largest:.1%}", largest <= 0.60),
        Goal(f"{trial.name}: mean agreement at least 0.93", f"{agreement:.3f}", agreement >= 0.93),
        Goal(
            f"{trial.name}: mean explained at least {trial.least_explained:.2f}",
            found,
            explained >= trial.least_explained,
        ),
        Goal(f"{trial.name}: names kept by at least 95% on each day", f"{kept:.1%}", kept >= 0.95),
    ]
