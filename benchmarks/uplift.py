"""What writing is worth: is a planted effect measured back, and is none seen where there is none?

`python -m benchmarks --only uplift`. First whole half-years of a shop whose lists are made, written
and remembered each week, and whose people answer to the files; then many shops of which only
the counts are drawn.
"""

from __future__ import annotations

import csv
import random
import tempfile
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
import pyarrow as pa

from benchmarks.questions import Bench
from benchmarks.results import Goal, Section
from custbehav_dagster import contract
from custbehav_dagster.actions.formats import write_list
from custbehav_dagster.actions.lists import Known, build_lists
from custbehav_dagster.actions.uplift import MEASURE_DAYS, measure_uplift, remember_decisions
from custbehav_dagster.forecasting.features import customer_features
from custbehav_dagster.insights.statistics import share_difference
from custbehav_dagster.settings import Settings

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from custbehav_dagster.contract import Table

START = date(2026, 1, 5)
WEEKS = 22
PEOPLE = 500
BASE = 0.10
"""Share of people who order within MEASURE_DAYS without any message."""
DRAWS = 2_000
LIST = "slipping"
LATE_DAYS = 40


@dataclass(frozen=True)
class Measured:
    """The true difference, and what was measured of it."""

    truth: float
    row: dict[str, Any]

    @property
    def holds(self) -> bool:
        """The interval has the true difference in it."""
        return bool(self.row["difference_low"] <= self.truth <= self.row["difference_high"])


def half_year(effect: float, seed: int) -> Measured:
    """A shop whose people order more, by `effect`, after they came into the file of a week."""
    luck = random.Random(seed)
    people = [f"p{seed}-{number}" for number in range(PEOPLE)]
    orders = [_order(who, START - timedelta(days=days)) for who in people for days in (100, 200)]
    history = contract.actions.LIST_HISTORY.empty()
    links = contract.truth.CUSTOMER_LINKS.empty()
    written: dict[str, date] = {}
    week_share = 1 - (1 - BASE) ** (7 / MEASURE_DAYS)
    settings = Settings(random_seed=seed)
    with tempfile.TemporaryDirectory() as folder:
        for week in range(WEEKS):
            as_of = START + timedelta(weeks=week)
            known = _known(people, [row for row in orders if row["order_date"] <= as_of], history, as_of)
            lists = build_lists(known, as_of, settings)
            write_list(lists[LIST], LIST, Path(folder))
            decided = remember_decisions(history, lists["holdout"], links, as_of)
            history = ibis.memtable(decided.to_pyarrow())
            for who in _in_file(Path(folder) / "mailchimp" / f"{LIST}.csv"):
                is_new = who not in written or as_of - written[who] >= timedelta(days=MEASURE_DAYS)
                if is_new:
                    written[who] = as_of
                    if luck.random() < effect:
                        orders.append(_order(who, as_of + timedelta(days=luck.randint(1, MEASURE_DAYS))))
            orders += [
                _order(who, as_of + timedelta(days=luck.randint(1, 7)))
                for who in people
                if luck.random() < week_share
            ]
    end = START + timedelta(weeks=WEEKS)
    measured = measure_uplift(history, _table(contract.truth.ORDERS, orders), end).to_pyarrow().to_pylist()
    (row,) = (row for row in measured if row["list_name"] == LIST)
    return Measured(effect * (1 - BASE), row)


def share_of_intervals(people: int, effect: float) -> tuple[float, float]:
    """Of DRAWS lists of so many people: how many intervals hold the effect, how many leave out zero."""
    luck = np.random.default_rng(people)
    left_out = np.clip(luck.binomial(people, 0.1, DRAWS), 1, None)
    listed_came, left_out_came = (
        luck.binomial(people - left_out, BASE + effect),
        luck.binomial(left_out, BASE),
    )
    counts = zip(listed_came, people - left_out, left_out_came, left_out, strict=True)
    ends = np.array([share_difference(*map(int, four)) for four in counts])
    holds = (ends[:, 0] <= effect) & (effect <= ends[:, 1])
    return float(holds.mean()), float(((ends[:, 0] > 0) | (ends[:, 1] < 0)).mean())


def uplift(bench: Bench) -> Section:
    """Whole half-years with and without an effect, and how often the interval is right."""
    rows, shops = [], []
    for effect, seed in ((0.0, 1), (0.0, 2), (0.2, 1), (0.2, 2)):
        found = half_year(effect, seed)
        shops.append((effect, found))
        told = found.row
        rows.append([
            f"half a year, seed {seed}", f"{told['people_listed'] + told['people_held_back']}",
            f"{100 * found.truth:.0f}",
            f"{100 * told['difference']:.1f} ({100 * told['difference_low']:.1f} to "
            f"{100 * told['difference_high']:.1f})",
            "yes" if found.holds else "no", "yes" if told["difference_low"] > 0 else "no",
        ])  # fmt: skip
    held, alarms = [], []
    for people in (60, 200, 600, 3_000):
        for effect in (0.0, 0.05, 0.15):
            holds, shown = share_of_intervals(people, effect)
            held.append(holds)
            alarms += [shown] if effect == 0 else []
            rows.append(
                [f"{DRAWS:,} lists", str(people), f"{100 * effect:.0f}", "", f"{holds:.1%}", f"{shown:.1%}"]
            )
    goals = (
        Goal("the interval of half a year holds the planted effect", _counted(shops),
             all(found.holds for _, found in shops)),
        Goal("19 in 20 intervals hold the effect (18.8 at the least)", f"{min(held):.1%} to {max(held):.1%}",
             min(held) >= 0.94),
        Goal("no effect is seen one time in twenty at most (5.5% with luck)", f"{max(alarms):.1%}",
             max(alarms) <= 0.055),
    )  # fmt: skip
    columns = ("what", "decisions", "true points", "measured (95%)", "interval holds it", "leaves out zero")
    notes = (
        "Each week the lists are made and written, and what was decided is remembered; people answer to the "
        f"file that lies there. {BASE:.0%} order within {MEASURE_DAYS} days anyway; a tenth is left out."
    )
    return Section("What writing is worth: a planted effect measured back", columns, rows, goals, notes)


def _counted(shops: list[tuple[float, Measured]]) -> str:
    return f"{sum(found.holds for _, found in shops)} of {len(shops)}"


def _in_file(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return [row["Email Address"].split("@")[0] for row in csv.DictReader(file)]


def _table(table: Table, rows: list[dict[str, Any]]) -> ir.Table:
    return ibis.memtable(pa.Table.from_pylist(rows, schema=table.schema.to_pyarrow()))


def _order(person: str, day: date) -> dict[str, Any]:
    amount = Decimal("20.00")
    return {
        "order_id": f"{person}-{day}", "customer_id": person, "order_date": day, "gross_amount": amount,
        "ordered_at": datetime.combine(day, time(12)), "refund_amount": Decimal(0), "net_amount": amount,
        "currency": "GBP", "shop_currency": "GBP", "shop_gross_amount": amount, "shop_net_amount": amount,
        "channel": "web", "status": "completed", "is_purchase": True, "is_gift": False, "is_synthetic": False,
    }  # fmt: skip


def _known(people: list[str], orders: list[dict[str, Any]], history: ir.Table, as_of: date) -> Known:
    """The tables of that day; whoever has not ordered for LATE_DAYS is slipping."""
    truth, results = contract.truth, contract.results
    last = {
        row["customer_id"]: row["order_date"] for row in sorted(orders, key=lambda row: row["order_date"])
    }
    customers = _table(truth.CUSTOMERS, [
        {"customer_id": who, "email": f"{who}@example.com", "accepts_marketing": True, "record_count": 1,
         "is_synthetic": False} for who in people
    ])  # fmt: skip
    ordered, texts = _table(truth.ORDERS, orders), truth.SINGLE_SOURCE_OF_TRUTH.empty()
    scores = [
        {"customer_id": who, "as_of": as_of, "is_synthetic": False,
         "state": "slipping" if (as_of - last[who]).days > LATE_DAYS else "active"} for who in people
    ]  # fmt: skip
    return Known(
        customers=customers,
        features=customer_features(ordered, customers, texts, as_of, Settings()),
        scores=_table(results.CHURN_SCORES, scores),
        segments=contract.segments.CUSTOMERS_WITH_SEGMENTS.empty(),
        orders=ordered,
        texts=texts,
        second_order=contract.second_order.SECOND_ORDER.empty(),
        calendar=contract.outside.CALENDAR_EVENTS.empty(),
        suggestions=contract.interest.SUGGESTED_PRODUCTS.empty(),
        history=history,
        customer_links=truth.CUSTOMER_LINKS.empty(),
    )
