"""What was decided before, so that nobody is on two lists of one week or asked again too soon.

Whoever gets on a list stays on it for the days in which its message makes sense
(STAY_DAYS), then rests from it (REST_DAYS from the decision), whether or not the
message was really sent: that is not known.
"""

from __future__ import annotations

import functools
import operator
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from custbehav_dagster.cleaning.identity.people import with_person
from custbehav_dagster.contract.actions import LIST_NAMES

STAY_DAYS = {
    "unhappy": 14,
    "gift_reminder": 28,
    "slipping": 14,
    "second_order": 14,
    "win_back": 14,
    "thank_loyal": 14,
    "never_bought": 14,
}
"""Days from the decision in which to write."""

REST_DAYS = {
    "unhappy": 60,
    "gift_reminder": 60,
    "slipping": 60,
    "second_order": 60,
    "win_back": 90,
    "thank_loyal": 180,
    "never_bought": 120,
}
"""Days from the decision until somebody may be on the same list anew; never below those of measuring."""


def past_decisions(history: ir.Table, customer_links: ir.Table, as_of: date) -> ir.Table:
    """Decisions of earlier days, with people as they are known now.

    Takes actions.list_history and truth.customer_links. Decisions of `as_of` itself are
    left out, so that a second refresh of a day decides the same again.
    """
    past = history.filter(history.decided_on < ibis.date(as_of))
    past = with_person(past, customer_links)
    return past.mutate(customer_id=past.person_id).drop("person_id")


def newest_by_list(past: ir.Table, addresses: ir.Table, as_of: date) -> ir.Table:
    """One row per `writes_to`: the day of the newest decision of each list that still counts, or NULL.

    Takes `past_decisions` and one row per person (`customer_id`, `writes_to`): people
    who share an address are one here. `running_lists` counts the lists of this week.
    """
    known = past.inner_join(addresses, "customer_id")
    counts = {
        f"on_{name}": known.decided_on.max(
            where=(known.list_name == name)
            & (known.decided_on > ibis.date(as_of - timedelta(days=REST_DAYS[name])))
        )
        for name in LIST_NAMES
    }
    newest = known.group_by("writes_to").aggregate(**counts)
    running = (_is_running(newest, name, as_of).cast("int8") for name in LIST_NAMES)
    return newest.mutate(running_lists=functools.reduce(operator.add, running))


def has_rested(people: ir.Table, name: str, as_of: date) -> ir.BooleanValue:
    """Whether somebody is new to this list, or still in the days of their stay."""
    decided = people[f"on_{name}"]
    return decided.isnull() | (decided > ibis.date(as_of - timedelta(days=STAY_DAYS[name])))


def is_taken(people: ir.Table, name: str, as_of: date) -> ir.BooleanValue:
    """Whether somebody was on another list on any day of this calendar week (from Monday)."""
    own = _is_running(people, name, as_of).cast("int8")
    return (people.running_lists - own).fill_null(0) > 0


def _is_running(people: ir.Table, name: str, as_of: date) -> ir.BooleanValue:
    monday = as_of - timedelta(days=as_of.weekday())
    # The last day on a list is the one before the stay ends.
    first = ibis.date(monday - timedelta(days=STAY_DAYS[name] - 1))
    return (people[f"on_{name}"] >= first).fill_null(False)
