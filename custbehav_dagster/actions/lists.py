"""Who gets which message: one table per list, one list per person, a tenth kept back.

Rules and their limits are in `rules`. Days are counted from `as_of`, never from the
clock: the lists of an old export have windows that lie in the past.
"""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from custbehav_dagster import contract
from custbehav_dagster.actions.consent import people_to_write_to
from custbehav_dagster.actions.holdout import held_back
from custbehav_dagster.actions.rules import Rule, list_rules, second_order_window
from custbehav_dagster.contract.actions import LIST_NAMES, LISTS
from custbehav_dagster.provenance import prefer_real
from custbehav_dagster.settings import Settings

HOLDOUT = "holdout"
TITLES = r"(?i)^(mr|mrs|ms|miss|mx|dr|prof|sir|herr|frau|mme|m)\.?\s+"
_FEATURES = ("order_count", "recency_days", "inter_purchase_days", "first_order_date")
_SCORES = ("verdict", "p_return", "horizon_days", "expected_value")


def build_lists(
    customers: ir.Table,
    features: ir.Table,
    scores: ir.Table,
    segments: ir.Table,
    orders: ir.Table,
    as_of: date,
    settings: Settings,
) -> dict[str, ir.Table]:
    """The tables of layer actions by noun: `holdout` and one per list of LIST_NAMES.

    Takes truth.customers, features.customer_features, churn.scores,
    segments.customers_with_segments and truth.orders; rows after `as_of` are not seen.

    Only people who may be written to (see `consent`) are on a list, each on one only.
    What adds up: `holdout` has one row per person of all lists together, and each list
    is its file (see `formats`) plus the people held back.
    """
    seen = orders.filter(orders.order_date <= as_of)
    today = features.filter(features.as_of == as_of)
    people = _facts(customers, today, scores, segments, seen, as_of)
    rules = list_rules(people, second_order_window(seen, today), as_of)
    chosen = _one_row_per_address(people, rules).to_pyarrow()
    names, persons = (chosen.column(column).to_pylist() for column in ("list_name", "customer_id"))
    kept_back = pa.array(held_back(persons, names, settings.random_seed), pa.bool_())
    listed = ibis.memtable(chosen.append_column("held_back", kept_back))
    tables = {name: LISTS[name].conform(listed.filter(listed.list_name == name)) for name in LIST_NAMES}
    return {
        HOLDOUT: contract.actions.HOLDOUT.conform(listed.mutate(decided_on=ibis.date(as_of))),
        **tables,
    }


def first_name(name: ir.StringValue) -> ir.StringValue:
    """The name to greet with: no title, the part after the comma of `Smith, Jane`; NULL for an initial."""
    plain = name.strip()
    turned = ibis.ifelse(
        plain.contains(","), plain.re_extract(r",\s*([^,]*)$", 1).nullif("").coalesce(plain), plain
    )
    first = turned.strip().re_replace(TITLES, "").re_extract(r"^([^\s,]+)", 1)
    letters = first.re_replace(r"[.]", "")
    return ibis.ifelse(letters.length() > 1, first, ibis.null("string"))


def _facts(
    customers: ir.Table, today: ir.Table, scores: ir.Table, segments: ir.Table, seen: ir.Table, as_of: date
) -> ir.Table:
    """One row per person who may be written to, with what the rules look at; NULL where it is not known."""
    rows, _ = prefer_real(customers)
    people = people_to_write_to(rows, seen)
    people = people.filter((people.signup_date <= as_of) | people.signup_date.isnull())
    people = people.select(
        "customer_id",
        "email",
        "signup_date",
        "is_synthetic",
        "has_ordered",
        first_name=first_name(people.name),
    )
    top = segments.segment.max().as_scalar()
    best = segments.filter((segments.segment == top) & (segments.segment > 0))
    for facts in (
        today.select("customer_id", *_FEATURES),
        scores.select("customer_id", *_SCORES),
        best.select("customer_id", is_best=ibis.literal(True)),
    ):
        people = people.left_join(facts, "customer_id").drop("customer_id_right")
    return people.mutate(is_best=people.is_best.fill_null(False))


def _one_row_per_address(people: ir.Table, rules: tuple[Rule, ...]) -> ir.Table:
    """The people some rule takes, each under the first that does; one of those who share an address."""
    ranked = list(enumerate(rules))
    chosen = people.mutate(
        priority=ibis.cases(*((rule.belongs, number) for number, rule in ranked)),
        list_name=ibis.cases(*((rule.belongs, rule.name) for rule in rules)),
        action=ibis.cases(*((rule.belongs, rule.action) for rule in rules)),
        reason=ibis.cases(*((rule.belongs, rule.reason) for rule in rules)),
        window=ibis.cases(*((rule.belongs, rule.window) for rule in rules)),
    )
    chosen = chosen.filter(chosen.priority.notnull())
    turn = ibis.row_number().over(group_by=chosen.email, order_by=[chosen.priority, chosen.customer_id])
    columns = [c for c in LISTS[LIST_NAMES[0]].column_names if c != "held_back"]
    numbered = chosen.mutate(turn=turn)
    return numbered.filter(numbered.turn == 0).order_by("customer_id").select("list_name", *columns)
