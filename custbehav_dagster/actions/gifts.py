"""Whose time for a gift comes soon: those who gave one at this time of last year, before its season."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from custbehav_dagster.actions.words import said_day, text_of

NO_PRESENTS = ("Black Friday", "Back to school")
"""Seasons of the calendar in which people buy for themselves."""

LEAD_DAYS = 14
"""Days before people begin to shop for a season from which a reminder makes sense."""

POST_DAYS = 7
"""Days that a parcel needs; no reminder later than this before the last day of shopping."""

YEAR_DAYS = 365
ANNIVERSARY_FROM, ANNIVERSARY_TO = 8, 28
"""A gift outside every season is reminded of so many days before it is a year old."""


@dataclass(frozen=True)
class ComingSeason:
    """A gift season to write for now, and when people shopped for it a year ago."""

    event: str
    day: date
    write_from: date
    write_until: date
    past_start: date
    past_day: date


def coming_seasons(calendar: ir.Table, as_of: date) -> list[ComingSeason]:
    """The seasons of raw.calendar_events for which to write on the day after `as_of`, soonest first."""
    seasons = calendar.filter(calendar.kind == "gift season", ~calendar.event.isin(NO_PRESENTS))
    rows = seasons.order_by("day", "event").to_pyarrow().to_pylist()
    by_year = {(row["event"], row["day"].year): row for row in rows}
    tomorrow, found = as_of + timedelta(days=1), []
    for row in rows:
        before = by_year.get((row["event"], row["day"].year - 1))
        first = row["window_start"] - timedelta(days=LEAD_DAYS)
        last = row["window_end"] - timedelta(days=POST_DAYS)
        if before and first <= tomorrow <= last:
            found.append(
                ComingSeason(row["event"], row["day"], first, last, before["window_start"], before["day"])
            )
    return found


def gift_dates(orders: ir.Table, calendar: ir.Table, as_of: date) -> ir.Table:
    """One row per person to remind: `customer_id`, `gift_reason`, `gift_until`.

    Takes truth.orders up to `as_of` and raw.calendar_events. Whoever has ordered since
    the reminders of this season began has thought of it.
    """
    bought = orders.filter(orders.is_purchase, orders.customer_id.notnull())
    gifts = bought.filter(bought.is_gift).select("customer_id", gift_date="order_date")
    seasons = coming_seasons(calendar, as_of)
    parts = [_of_season(gifts, bought, season) for season in seasons]
    parts.append(_of_own_day(gifts, bought, calendar, as_of))
    found = ibis.union(*parts) if len(parts) > 1 else parts[0]
    turn = ibis.row_number().over(group_by="customer_id", order_by=["gift_until", "gift_reason"])
    numbered = found.mutate(turn=turn)
    return numbered.filter(numbered.turn == 0).drop("turn")


def _of_season(gifts: ir.Table, bought: ir.Table, season: ComingSeason) -> ir.Table:
    given = gifts.filter(gifts.gift_date.between(ibis.date(season.past_start), ibis.date(season.past_day)))
    people = given.group_by("customer_id").aggregate(gift_date=given.gift_date.max())
    since = bought.filter(bought.order_date >= ibis.date(season.write_from))
    people = people.anti_join(since, "customer_id")
    reason = text_of(
        "Sent a gift on ", said_day(people.gift_date), f", before {season.event}; the next is on "
    )
    return people.select(
        "customer_id",
        gift_reason=reason + ibis.literal(f"{said_day(season.day)}."),
        gift_until=ibis.date(season.write_until),
    )


def _of_own_day(gifts: ir.Table, bought: ir.Table, calendar: ir.Table, as_of: date) -> ir.Table:
    """Gifts that are a year old soon and belong to no season: a birthday, it may be."""
    first = as_of + timedelta(days=ANNIVERSARY_FROM - YEAR_DAYS)
    last = as_of + timedelta(days=ANNIVERSARY_TO - YEAR_DAYS)
    given = gifts.filter(gifts.gift_date.between(ibis.date(first), ibis.date(last)))
    for row in _seasons_between(calendar, first, last):
        given = given.filter(~given.gift_date.between(ibis.date(row[0]), ibis.date(row[1])))
    people = given.group_by("customer_id").aggregate(gift_date=given.gift_date.min())
    since = bought.filter(bought.order_date > ibis.date(as_of - timedelta(days=ANNIVERSARY_TO)))
    people = people.anti_join(since, "customer_id")
    until = (people.gift_date + ibis.interval(days=YEAR_DAYS - POST_DAYS)).cast("date")
    return people.select(
        "customer_id",
        gift_reason=text_of("Sent a gift on ", said_day(people.gift_date), "; the day may come round again."),
        gift_until=until,
    )


def _seasons_between(calendar: ir.Table, first: date, last: date) -> list[tuple[date, date]]:
    rows = calendar.filter(
        calendar.kind == "gift season",
        ~calendar.event.isin(NO_PRESENTS),
        calendar.window_start <= ibis.date(last),
        calendar.day >= ibis.date(first),
    )
    columns = rows.select("window_start", "day").order_by("window_start").to_pyarrow().to_pylist()
    return [(row["window_start"], row["day"]) for row in columns]
