"""Order numbers that mean different orders on different platforms, or in lists of different counting.

Every shop system counts from 1 or 1001. A number that two of them share is qualified by its
platform (`woocommerce:1001`), and only such a number. Whether two lists that name no platform
mean the same orders is told by their dates.
"""

from __future__ import annotations

import itertools

import ibis
import ibis.expr.types as ir

from custbehav_dagster.cleaning.cells import has_content, identifier
from custbehav_dagster.cleaning.forensics.dates import read_days
from custbehav_dagster.cleaning.forensics.found import Found, RawTables, cells_of
from custbehav_dagster.cleaning.forensics.proof import Proof, Statistic
from custbehav_dagster.settings import Settings

RULE = "number_of_two_platforms"
COMPARED_ORDERS = 2_000
SAME_DAYS = 2
SAME_SHARE = 0.5
"""Lists that share numbers mean the same orders when at least so many of those bear the same day."""
MOST_SOURCES = 40
_FILE = "file "


def find_collisions(raw: RawTables, settings: Settings) -> Found:
    """Order numbers to qualify, in orders, order lines and feedback of the same platform."""
    orders = raw["orders"]
    sources = _sources(orders)
    repairs: list[ir.Table] = []
    proofs: list[Proof] = []
    if len(sources) < 2 or len(sources) > MOST_SOURCES:
        return Found()
    numbers = orders.mutate(_number=identifier(orders.order_id), _source=_source(orders))
    shared = _shared_numbers(numbers)
    if shared is None:
        return Found()
    for one, other in itertools.combinations(sources, 2):
        pair = shared.filter(shared._source.isin((one, other)))
        both = pair.group_by("_number").aggregate(_sources=pair._source.nunique())
        both = both.filter(both._sources == 2).select("_number")
        count = both.count().to_pyarrow().as_py()
        if not count:
            continue
        same = 0.0 if _are_platforms(one, other) else _same_days(numbers, both, one, other, settings)
        statistic = Statistic("share of the shared numbers with one and the same day", same, same)
        if same >= SAME_SHARE:
            continue
        for source in [name for name in (one, other) if not name.startswith(_FILE)] or [other]:
            found = _qualified(raw, source, both)
            repairs += [table.mutate(proof=ibis.literal(statistic.sentence)) for table in found]
            proofs.append(_proof(source, one if source == other else other, count, statistic))
    return Found(tuple(repairs), tuple(proofs))


def _source(orders: ir.Table) -> ir.StringValue:
    """The platform, else the file: whoever counts the orders."""
    platform = ibis.ifelse(has_content(orders.platform), orders.platform.strip().lower(), ibis.null("string"))
    return platform.coalesce(ibis.literal(_FILE) + orders.source_file)


def _sources(orders: ir.Table) -> list[str]:
    places = orders.select("platform", "source_file").distinct()
    found = places.select(source=_source(places)).distinct().to_pyarrow()["source"].to_pylist()
    return sorted(found)


def _are_platforms(one: str, other: str) -> bool:
    return not one.startswith(_FILE) and not other.startswith(_FILE)


def _shared_numbers(numbers: ir.Table) -> ir.Table | None:
    """Number and source of the orders whose number several sources use; None when there are none."""
    seen = numbers.filter(numbers._number.notnull()).select("_number", "_source").distinct()
    several = seen.group_by("_number").aggregate(_places=seen.count())
    found = seen.semi_join(several.filter(several._places > 1), "_number").to_pyarrow()
    return ibis.memtable(found) if found.num_rows else None


def _same_days(numbers: ir.Table, both: ir.Table, one: str, other: str, settings: Settings) -> float:
    """Of some of the numbers that both use, the share whose orders are of about the same day."""
    some = both.order_by("_number").limit(COMPARED_ORDERS)
    rows = numbers.filter(numbers._source.isin((one, other))).semi_join(some, "_number")
    rows = ibis.memtable(
        rows.select("source_file", "source_line", "_number", "_source", "ordered_at").to_pyarrow()
    )
    read = read_days(rows, settings, "ordered_at")
    first = read.filter(read._source == one).group_by("_number").aggregate(first=lambda t: t.ordered_at.min())
    second = (
        read.filter(read._source == other).group_by("_number").aggregate(second=lambda t: t.ordered_at.min())
    )
    pairs = first.inner_join(second, "_number")
    days = pairs.first.date().delta(pairs.second.date(), unit="day").abs()
    share = pairs.aggregate(share=(days <= SAME_DAYS).cast("float64").mean()).to_pyarrow()["share"][0].as_py()
    return share or 0.0


def _qualified(raw: RawTables, source: str, both: ir.Table) -> list[ir.Table]:
    """The cells of a source whose number is to be qualified, in each table that names orders."""
    name = source.removeprefix(_FILE)
    cells = []
    for noun in ("orders", "order_items", "feedback"):
        rows = raw[noun]
        rows = rows.mutate(_number=identifier(rows.order_id)).filter(_source(rows) == source)
        rows = rows.semi_join(both, "_number")
        cells.append(cells_of(rows, noun, "order_id", ibis.literal(f"{name}:") + rows._number, RULE, ""))
    return cells


def _proof(source: str, other: str, count: int, statistic: Statistic) -> Proof:
    note = (
        f"{count:,} order numbers of {source} are used by {other} too, for other orders; "
        f"they are told apart as {source.removeprefix(_FILE)}:number."
    )
    return Proof("orders", source.removeprefix(_FILE), "order_id", RULE, True, count, (statistic,), note)
