"""What is bought together, what is bought next, and what is bought again.

Large orders hold more of everything, so two products meet there without having anything to do
with each other. What is told here is more often together than the sizes of the orders
explain, and more than chance, all pairs of products asked at once.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

from custbehav_dagster.contract import interest
from custbehav_dagster.insights.comparisons import ALLOWED
from custbehav_dagster.insights.statistics import Z95
from custbehav_dagster.provenance import prefer_real

if TYPE_CHECKING:
    import pandas as pd

LARGEST_ORDER = 60
"""Orders of more different products are a reseller's or a stock list: they are left out of all counts."""
MOST_PRODUCTS = 1_000
"""So many of the most bought products are compared: half a million pairs."""
FEWEST_WITH_PRODUCT = 10
"""A product in fewer orders, or bought by fewer people, is not compared."""
FEWEST_WITH_BOTH = 5
"""A pair in fewer orders, or of fewer people, is not told."""
MOST_TOLD = 5_000
"""So many rows of each kind are kept, the surest first."""


def sold_products(orders: ir.Table, items: ir.Table, as_of: date) -> ir.Table:
    """Which order holds which product, once each; real lines only, if there are any.

    Columns: order_id, customer_id, order_date, product_key (stock code, or the name in lower
    case). Returned lines, postage and the like are left out. The other functions read it several
    times: it is better kept than made anew.

    Args:
        orders: truth.orders; those after `as_of` are not seen.
        items: cleaned.order_items.
        as_of: last known day.
    """
    lines, is_synthetic = _lines(items)
    held = lines.select("order_id", "product_key").distinct()
    kept = orders.filter(
        orders.is_purchase, orders.is_synthetic == is_synthetic, orders.order_date <= ibis.date(as_of)
    )
    return held.join(kept.select("order_id", "customer_id", "order_date"), "order_id")


def product_names(items: ir.Table) -> ir.Table:
    """One row per product: product_key, product (the name it is sold by most) and is_synthetic.

    Takes cleaned.order_items. A product without a name is called by its stock code.
    """
    lines, is_synthetic = _lines(items)
    names = lines.group_by("product_key", "product").aggregate(times=lambda t: t.count())
    by_times = ibis.window(
        group_by=names.product_key,
        order_by=[names.product.isnull(), names.times.desc(), names.product.asc()],
    )
    names = names.mutate(place=ibis.row_number().over(by_times)).filter(lambda t: t.place == 0)
    return names.select(
        "product_key",
        product=names.product.coalesce(names.product_key),
        is_synthetic=ibis.literal(is_synthetic),
    )


def _lines(items: ir.Table) -> tuple[ir.Table, bool]:
    lines, is_synthetic = prefer_real(items)
    lines = lines.filter(lines.kind == "product", lines.quantity > 0)
    lines = lines.mutate(product_key=lines.product_id.coalesce(lines.product.lower()))
    return lines.filter(lines.product_key.notnull()), is_synthetic


def product_affinity(sold: ir.Table, names: ir.Table) -> ir.Table:
    """Pairs of products, keeping contract.interest.PRODUCT_AFFINITY; empty without order lines.

    Takes what `sold_products` and `product_names` give.

    `expected` is what a shop would see in which every order and every product kept its size but
    were matched at random (Chung and Lu, 2002), among orders of like size; p of as many or more is
    Poisson's, and of the pairs told at most one in twenty is there by chance (Benjamini and
    Hochberg, 1995).
    Bought next compares a person's last two days of purchase, so that each person counts once.
    """
    import pandas as pd

    found = [_told(kind, _met(*sides)) for kind, sides in _sides(sold).items()]
    told = pd.concat([one for one in found if len(one)] or found[:1])
    if told.empty:
        return interest.PRODUCT_AFFINITY.empty()
    table = ibis.memtable(told).join(names, "product_key")
    others = names.select(other_key="product_key", other_product="product")
    return interest.PRODUCT_AFFINITY.conform(table.join(others, "other_key"))


def _sides(sold: ir.Table) -> dict[str, tuple[ir.Table, ir.Table]]:
    """By kind: what is held (`unit`, `product_key`), and what is held with it or next."""
    in_order = sold.select("product_key", unit=sold.order_id)
    days = sold.filter(sold.customer_id.notnull()).select("customer_id", "order_date").distinct()
    newest_first = ibis.window(group_by=days.customer_id, order_by=days.order_date.desc())
    days = days.mutate(back=ibis.row_number().over(newest_first)).filter(lambda t: t.back < 2)
    people = days.filter(days.back == 1).select("customer_id")
    days = days.semi_join(people, "customer_id")
    by_day = sold.join(days, ["customer_id", "order_date"])
    last, next_to_last = (
        by_day.filter(by_day.back == back).select("product_key", unit=by_day.customer_id).distinct()
        for back in (0, 1)
    )
    return {"bought together": (in_order, in_order), "bought next": (next_to_last, last)}


def _met(held: ir.Table, other: ir.Table) -> pd.DataFrame:
    """How often each product of the one side meets each of the other, in one query.

    Beside the counts of the pair and what is `expected` of it: `units` (orders or people) and
    `questions` (pairs compared).
    """
    is_same = held is other
    units = _units(held, other)
    held = held.join(units.select("unit", "size_class"), "unit")
    other = held if is_same else other.join(units.select("unit", "size_class"), "unit")
    first, second = _frequent(held), _frequent(other)
    left = held.join(first, "product_key").select("unit", "product_key", "with_product")
    right = other.join(second, "product_key").select(
        "unit", other_key="product_key", with_other="with_product"
    )
    pairs = left.join(right, "unit")
    if is_same:
        pairs = pairs.filter(pairs.product_key < pairs.other_key)
    counted = pairs.group_by("product_key", "other_key", "with_product", "with_other").aggregate(
        both=lambda t: t.count()
    )
    counted = counted.filter(counted.both >= FEWEST_WITH_BOTH)
    expected = _expected(counted.select("product_key", "other_key"), held, other, units, is_same)
    asked = first.count().as_scalar() * second.count().as_scalar()
    return (
        counted.join(expected, ["product_key", "other_key"])
        .mutate(units=units.count().as_scalar(), questions=asked // 2 if is_same else asked)
        .to_pandas()
    )


def _units(held: ir.Table, other: ir.Table) -> ir.Table:
    """Orders, or people, with the number of products of both sides and the class of it; no giants."""
    sizes = held.group_by("unit").aggregate(size=lambda t: t.count())
    others = sizes if held is other else other.group_by("unit").aggregate(size=lambda t: t.count())
    both = sizes.join(others.select("unit", other_size="size"), "unit")
    both = both.filter(both.size <= LARGEST_ORDER, both.other_size <= LARGEST_ORDER)
    return both.mutate(size_class=(both.size + both.other_size).log2().floor().cast("int64"))


def _expected(pairs: ir.Table, held: ir.Table, other: ir.Table, units: ir.Table, is_same: bool) -> ir.Table:
    """How many would have both, were products and orders of like size matched at random."""
    matched = units.size * (units.other_size - 1 if is_same else units.other_size)
    scales = units.group_by("size_class").aggregate(
        scale=matched.sum() / (units.size.sum() * units.other_size.sum())
    )
    ones = held.group_by("product_key", "size_class").aggregate(ones=lambda t: t.count())
    others = other.group_by("product_key", "size_class").aggregate(others=lambda t: t.count())
    others = others.select("size_class", "others", other_key="product_key")
    met = pairs.join(ones, "product_key").join(others, ["other_key", "size_class"]).join(scales, "size_class")
    return met.group_by("product_key", "other_key").aggregate(
        expected=(met.ones * met.others * met.scale).sum()
    )


def _frequent(held: ir.Table) -> ir.Table:
    counted = held.group_by("product_key").aggregate(with_product=lambda t: t.count())
    enough = counted.filter(counted.with_product >= FEWEST_WITH_PRODUCT)
    return enough.order_by([enough.with_product.desc(), enough.product_key]).limit(MOST_PRODUCTS)


def _told(kind: str, pairs: pd.DataFrame) -> pd.DataFrame:
    """The pairs that are more than chance, with their figures; each way round for what is bought together."""
    import numpy as np
    import pandas as pd
    from scipy.special import pdtrc

    pairs["p"] = pdtrc(pairs.both.to_numpy() - 1.0, pairs.expected.to_numpy())
    pairs = pairs.sort_values(["p", "both", "product_key", "other_key"], ascending=[True, False, True, True])
    allowed = ALLOWED * np.arange(1, len(pairs) + 1) / pairs.questions.max()
    below = np.flatnonzero(pairs.p.to_numpy() <= allowed)
    pairs = pairs.head(int(below[-1]) + 1 if len(below) else 0)
    pairs = pairs[pairs.both > pairs.expected]
    if kind == "bought together":
        turned = pairs.rename(
            columns={
                "product_key": "other_key",
                "other_key": "product_key",
                "with_product": "with_other",
                "with_other": "with_product",
            }
        )
        pairs = pd.concat([pairs, turned], ignore_index=True).sort_values(
            ["p", "both"], ascending=[True, False], kind="stable"
        )
    pairs = pairs.head(MOST_TOLD).assign(kind=kind, of_all=lambda t: t.units)
    pairs["counted"] = "orders" if kind == "bought together" else "people"
    pairs.loc[pairs.product_key == pairs.other_key, "kind"] = "bought again"
    return _with_figures(pairs).drop(columns=["p", "units", "questions"])


def _with_figures(pairs: pd.DataFrame) -> pd.DataFrame:
    import numpy as np

    found = pairs.assign(
        support=pairs.both / pairs.of_all,
        confidence=pairs.both / pairs.with_product,
        lift=pairs.both * pairs.of_all / (pairs.with_product * pairs.with_other),
        times_expected=pairs.both / pairs.expected,
    )
    # Wilson's interval, as in `statistics`, for a whole column.
    weight = Z95**2 / pairs.with_product
    centre = (found.confidence + weight / 2) / (1 + weight)
    half = (
        Z95
        / (1 + weight)
        * np.sqrt(
            found.confidence * (1 - found.confidence) / pairs.with_product + weight / (4 * pairs.with_product)
        )
    )
    found["confidence_low"], found["confidence_high"] = (centre - half).clip(0), (centre + half).clip(upper=1)
    # Limits of a Poisson count (Byar's).
    low, high = pairs.both, pairs.both + 1
    found["times_low"] = low * (1 - 1 / (9 * low) - Z95 / (3 * np.sqrt(low))) ** 3 / pairs.expected
    found["times_high"] = high * (1 - 1 / (9 * high) + Z95 / (3 * np.sqrt(high))) ** 3 / pairs.expected
    found["affinity_rank"] = found.groupby("kind").cumcount() + 1
    return found
