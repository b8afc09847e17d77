"""Does a feature know what happened after its cutoff? Found by taking the later rows away.

Features are computed anew from nothing but what lay before the cutoff and must come out the same; and
no feature alone may tell nearly all who returned from those who did not.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import ibis
import ibis.expr.types as ir
import numpy as np

from custbehav_dagster import contract
from custbehav_dagster.forecasting.features import customer_features
from custbehav_dagster.forecasting.people import LABELS
from custbehav_dagster.settings import Settings

MOST_PEOPLE = 5_000
"""So many people, chosen by their hash, find a fault that touches one in a thousand."""
CLOSE = 1e-6
IMPLAUSIBLE_AUC = 0.99
FEWEST_OF_EACH = 20
"""With fewer who returned, or who did not, a feature may tell them apart by luck."""
NOT_FEATURES = (*LABELS, "churned", "customer_id", "cutoff", "as_of", "horizon_days", "is_synthetic")


def changed_without_the_future(
    known: ir.Table, day: str, orders: ir.Table, customers: ir.Table, texts: ir.Table, settings: Settings
) -> tuple[int, dict[str, int]]:
    """How many rows of the newest day there are, and in how many each column is another without later rows.

    Takes churn.dataset or features.customer_features, the name of the column that holds the last day
    seen, and the tables that features are made from. A column that the features no longer
    have is not looked at. Customer records carry no day: what they learnt later is not found here.
    """
    sampled = _sampled(known)
    cutoff = known[day].max().to_pyarrow().as_py()
    if cutoff is None:
        return 0, {}
    mine = sampled.filter(sampled[day] == ibis.date(cutoff))
    anew = _without_later(mine, orders, customers, texts, cutoff, settings)
    (row,) = _differences(mine, anew).to_pyarrow().to_pylist()
    looked_at = row.pop("rows")
    return looked_at, {column: rows for column, rows in row.items() if rows}


def telling_too_much(dataset: ir.Table) -> dict[str, float]:
    """Columns of churn.dataset that alone tell returners apart implausibly well, with their AUC.

    The AUC is that of the newest cutoff, read in the direction that is better.
    """
    from scipy.stats import rankdata

    newest = dataset.filter(dataset.cutoff == dataset.cutoff.max().as_scalar())
    names = [
        name
        for name, kind in newest.schema().items()
        if name not in NOT_FEATURES and (kind.is_numeric() or kind.is_boolean())
    ]
    some = _sampled(newest)
    rows = some.select("returned", **{name: some[name].cast("float64") for name in names}).to_pyarrow()
    returned = rows["returned"].to_numpy().astype(bool)
    found = {}
    for name in names:
        value = rows[name].to_numpy()
        known = ~np.isnan(value)
        came, size = returned[known].sum(), known.sum()
        if min(came, size - came) < FEWEST_OF_EACH:
            continue
        ranks = rankdata(value[known])[returned[known]].sum() - came * (came + 1) / 2
        auc = float(ranks / (came * (size - came)))
        if max(auc, 1 - auc) >= IMPLAUSIBLE_AUC:
            found[name] = max(auc, 1 - auc)
    return found


def _sampled(known: ir.Table) -> ir.Table:
    people = known.select("customer_id").distinct()
    chosen = people.order_by([people.customer_id.hash(), people.customer_id]).limit(MOST_PEOPLE)
    return known.semi_join(chosen, "customer_id")


def _without_later(
    mine: ir.Table, orders: ir.Table, customers: ir.Table, texts: ir.Table, cutoff: date, settings: Settings
) -> ir.Table:
    """The features of these people from a shop that ends on the cutoff."""
    people = mine.select("customer_id").union(_first_placed(orders), distinct=True)
    until = orders.filter(orders.order_date <= ibis.date(cutoff)).semi_join(people, "customer_id")
    midnight = datetime.combine(cutoff + timedelta(days=1), time(), settings.timezone)
    end = ibis.timestamp(midnight.astimezone(UTC).replace(tzinfo=None))
    written = texts.filter(texts.created_at < end)
    return customer_features(until, customers, written.semi_join(people, "customer_id"), cutoff, settings)


def _first_placed(orders: ir.Table) -> ir.Table:
    """Who first gave a place with an order: whether anybody did decides how places are taken."""
    placed = orders.filter(
        orders.customer_id.notnull(), ibis.coalesce(orders.region, orders.country).notnull()
    )
    return placed.order_by("order_date", "customer_id").limit(1).select("customer_id")


def _differences(mine: ir.Table, anew: ir.Table) -> ir.Table:
    """One row: rows, and by column how many differ; `customer_id` where nothing was bought by then."""
    columns = [
        name
        for name in contract.truth.CUSTOMER_FEATURES.column_names
        if name in mine.columns and name not in NOT_FEATURES
    ]
    names = {f"{name}_anew": name for name in columns}
    other = anew.select(person="customer_id", **{new: anew[name] for new, name in names.items()})
    joined = mine.left_join(other, mine.customer_id == other.person)
    differing = {
        name: (joined.person.notnull() & _differ(joined[name], joined[new])).sum().fill_null(0)
        for new, name in names.items()
    }
    return joined.aggregate(
        rows=joined.count(), customer_id=joined.person.isnull().sum().fill_null(0), **differing
    )


def _differ(one: ir.Value, other: ir.Value) -> ir.BooleanValue:
    if one.type().is_floating():
        apart = (one - other).abs() > CLOSE * ibis.greatest(1.0, one.abs())
        return (one.isnull() != other.isnull()) | apart.fill_null(False)
    return ~one.identical_to(other)
