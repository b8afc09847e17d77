"""Who gets which message: one table per list, one list per person and week, a tenth kept back.

Rules and their limits are in `rules`, what was decided before in `memory`. Days are
counted from `as_of`, never from the clock: the lists of an old export have windows
that lie in the past.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from custbehav_dagster import contract
from custbehav_dagster.actions.complaints import open_complaints
from custbehav_dagster.actions.consent import with_permission
from custbehav_dagster.actions.gifts import gift_dates
from custbehav_dagster.actions.holdout import held_back
from custbehav_dagster.actions.memory import has_rested, is_taken, newest_by_list, past_decisions
from custbehav_dagster.actions.overview import overview
from custbehav_dagster.actions.rules import MOST_PEOPLE, Rule, list_rules, second_order_window
from custbehav_dagster.contract.actions import LIST_NAMES, LISTS, UNHAPPY
from custbehav_dagster.provenance import prefer_real
from custbehav_dagster.settings import Settings

HOLDOUT, OVERVIEW = "holdout", "list_overview"
TITLES = r"(?i)^(mr|mrs|ms|miss|mx|dr|prof|sir|herr|frau|mme|m)\.?\s+"
NAME = r"^[\pL\pM\x{200c}-\x{200f}'’ʼ.\-]*\pL[\pL\pM\x{200c}-\x{200f}'’ʼ.\-]*$"
LONGEST_NAME = 40
_FEATURES = ("order_count", "recency_days", "inter_purchase_days", "first_order_date")
_VALUES = ("expected_value", "expected_value_low", "expected_value_high")
_SCORES = (
    "state", "p_return", "horizon_days", "next_order_due_date", *_VALUES,
)  # fmt: skip
_TOLD = {
    "action": "action",
    "reason": "reason",
    "suggested_product": "product",
    "write_from": "write_from",
    "write_until": "write_until",
}
"""Columns of a list by what a rule calls them."""


@dataclass(frozen=True)
class Known:
    """The tables that lists are made from, each as its contract says.

    `features` is features.customer_features, `scores` churn.scores, `segments`
    segments.customers_with_segments, `texts` truth.single_source_of_truth, `calendar`
    raw.calendar_events, `suggestions` insights.suggested_products, `history`
    actions.list_history as the last refresh left it, `customer_links` truth.customer_links.
    """

    customers: ir.Table
    features: ir.Table
    scores: ir.Table
    segments: ir.Table
    orders: ir.Table
    texts: ir.Table
    second_order: ir.Table
    calendar: ir.Table
    suggestions: ir.Table
    history: ir.Table
    customer_links: ir.Table


def build_lists(known: Known, as_of: date, settings: Settings) -> dict[str, ir.Table]:
    """The tables of layer actions by noun: `holdout`, `list_overview` and one per list of LIST_NAMES.

    Rows after `as_of` are not seen. Only people who may be written to (see `consent`) are
    on a list that is mailed, each on one only in a calendar week. What adds up: `holdout`
    has one row per person of all lists together, and each list is its file (see `formats`)
    plus the people held back.
    """
    people = _facts(known, as_of)
    facts = second_order_window(known.second_order), _bestseller(known.suggestions), as_of
    judged = _judged(people, list_rules(people, *facts), as_of)
    # Asked once, for all that follows; whoever fits no list, most people, stays where they are.
    judged = ibis.memtable(_slim(judged).to_pyarrow())
    chosen = _shortened(_one_row_per_address(judged))
    told = _told(chosen, list_rules(chosen, *facts)).to_pyarrow()
    names, persons = (told.column(column).to_pylist() for column in ("list_name", "customer_id"))
    drawn = held_back(persons, names, settings.random_seed)
    kept_back = pa.array(
        [lot and name != UNHAPPY for lot, name in zip(drawn, names, strict=True)], pa.bool_()
    )
    listed = ibis.memtable(told.append_column("held_back", kept_back))
    tables = {name: LISTS[name].conform(listed.filter(listed.list_name == name)) for name in LIST_NAMES}
    return {
        HOLDOUT: contract.actions.HOLDOUT.conform(listed.mutate(decided_on=ibis.date(as_of))),
        OVERVIEW: overview(judged, listed),
        **tables,
    }


def first_name(name: ir.StringValue) -> ir.StringValue:
    """The name to greet with: no title, the part after the comma of `Smith, Jane`; NULL for an initial.

    NULL too for what is no name but markup, a formula or a placeholder: it would be put into a message.
    """
    plain = name.strip()
    turned = ibis.ifelse(
        plain.contains(","), plain.re_extract(r",\s*([^,]*)$", 1).nullif("").coalesce(plain), plain
    )
    first = turned.strip().re_replace(TITLES, "").re_extract(r"^([^\s,]+)", 1)
    letters = first.re_replace(r"[.]", "")
    is_name = (letters.length() > 1) & (first.length() <= LONGEST_NAME) & first.re_search(NAME)
    return ibis.ifelse(is_name, first, ibis.null("string"))


def _facts(known: Known, as_of: date) -> ir.Table:
    """One row per person with what the rules look at; NULL where it is not known.

    `writes_to` is the address, or the person where there is none: one message each.
    """
    seen = known.orders.filter(known.orders.order_date <= as_of)
    rows, is_synthetic = prefer_real(known.customers)
    people = with_permission(rows, seen)
    people = people.filter((people.signup_date <= as_of) | people.signup_date.isnull())
    people = people.select(
        "customer_id",
        "signup_date",
        "is_synthetic",
        "has_ordered",
        "may_write",
        "is_marketplace_only",
        "accepts_marketing",
        email=ibis.ifelse(people.may_write, people.email, ibis.null("string")),
        first_name=first_name(people.name),
        writes_to=people.email.nullif("").coalesce("person " + people.customer_id),
    )
    today = known.features.filter(known.features.as_of == as_of)
    top = known.segments.segment.max().as_scalar()
    best = known.segments.filter((known.segments.segment == top) & (known.segments.segment > 0))
    for facts in (
        today.select("customer_id", *_FEATURES),
        known.scores.select("customer_id", *_SCORES),
        best.select("customer_id", is_best=ibis.literal(True)),
        known.suggestions.select("customer_id", suggested=known.suggestions.product),
        open_complaints(known.texts.filter(known.texts.is_synthetic == is_synthetic), as_of),
        gift_dates(seen, known.calendar, as_of),
    ):
        people = people.left_join(facts, "customer_id").drop("customer_id_right")
    past = past_decisions(known.history, known.customer_links, as_of)
    decided = newest_by_list(past, people.select("customer_id", "writes_to"), as_of)
    people = people.left_join(decided, "writes_to").drop("writes_to_right")
    return people.mutate(is_best=people.is_best.fill_null(False))


def _bestseller(suggestions: ir.Table) -> str | None:
    """What is suggested to most as a bestseller, for people of whom nothing is known."""
    best = suggestions.filter(suggestions.kind.startswith("bestseller")).group_by("product")
    rows = best.aggregate(people=lambda t: t.count()).order_by([ibis.desc("people"), "product"]).limit(1)
    found: list[dict[str, str]] = rows.to_pyarrow().to_pylist()
    return found[0]["product"] if found else None


def _judged(people: ir.Table, rules: tuple[Rule, ...], as_of: date) -> ir.Table:
    """For each rule, whether somebody fits it (`fits_…`) and may be put on its list now (`open_…`)."""
    columns: dict[str, ir.Value] = {}
    for rule in rules:
        # A complaint is not made to wait for anything.
        is_open = ibis.literal(True)
        if rule.name != UNHAPPY:
            is_open = people.may_write & has_rested(people, rule.name, as_of)
            is_open = is_open & ~is_taken(people, rule.name, as_of) & (rule.write_until > ibis.date(as_of))
        columns[f"fits_{rule.name}"] = rule.belongs.fill_null(False)
        columns[f"open_{rule.name}"] = (rule.belongs & is_open).fill_null(False)
    return people.mutate(**columns)


def _slim(judged: ir.Table) -> ir.Table:
    """Whoever fits a list, without texts where they may not be put on any: many take little room."""
    fitting = judged.filter(ibis.or_(*(judged[f"fits_{name}"] for name in LIST_NAMES)))
    is_open = ibis.or_(*(fitting[f"open_{name}"] for name in LIST_NAMES))
    texts = [name for name, kind in fitting.schema().items() if kind.is_string()]
    return fitting.mutate(**{name: ibis.ifelse(is_open, fitting[name], None) for name in texts})


def _one_row_per_address(judged: ir.Table) -> ir.Table:
    """The people some rule takes, each under the first that does; one of those who share an address."""
    cases = [(judged[f"open_{name}"], number) for number, name in enumerate(LIST_NAMES)]
    chosen = judged.mutate(priority=ibis.cases(*cases))
    chosen = chosen.filter(chosen.priority.notnull())
    turn = ibis.row_number().over(group_by="writes_to", order_by=["priority", "customer_id"])
    chosen = chosen.mutate(turn=turn)
    named = [(chosen.priority == number, name) for number, name in enumerate(LIST_NAMES)]
    stays = [(chosen.priority == n, chosen[f"on_{name}"].notnull()) for n, name in enumerate(LIST_NAMES)]
    return chosen.filter(chosen.turn == 0).mutate(list_name=ibis.cases(*named), stays=ibis.cases(*stays))


def _shortened(chosen: ir.Table) -> ir.Table:
    """As many of each list as are useful: who is on it already, then by what they are expected to spend.

    `in_line` is how many there would be.
    """
    place = ibis.row_number().over(
        group_by="list_name",
        order_by=[
            ibis.desc("stays"),
            ibis.desc("expected_value", nulls_first=False),
            ibis.desc("signup_date"),
            "customer_id",
        ],
    )
    in_line = chosen.count().over(ibis.window(group_by="list_name"))
    placed = chosen.mutate(place=place, in_line=in_line)
    most = ibis.cases(*((placed.list_name == name, most) for name, most in MOST_PEOPLE.items()))
    return placed.filter(placed.place < most)


def _told(chosen: ir.Table, rules: tuple[Rule, ...]) -> ir.Table:
    """What to say to each, by the rule that took them."""
    columns = {
        column: ibis.cases(*((chosen.list_name == rule.name, getattr(rule, of)) for rule in rules))
        for column, of in _TOLD.items()
    }
    told = chosen.mutate(**columns, order_id=chosen.complaint_order, text=chosen.complaint_text)
    too_late = (told.write_until + ibis.interval(days=1)).cast("string").substr(0, 10)
    told = told.mutate(window=ibis.literal("before ") + too_late).order_by("customer_id")
    columns_told = [name for name in LISTS[UNHAPPY].column_names if name != "held_back"]
    return told.select("list_name", "in_line", *columns_told)
