"""A few people with orders, scores and groups, as the tables that lists are made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import ibis

from custbehav_dagster import contract
from custbehav_dagster.actions.lists import Known, build_lists
from custbehav_dagster.contract.actions import LISTS
from custbehav_dagster.forecasting.features import customer_features
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.forecasting.shops import customer, order, shop_of, stored

AS_OF = date(2026, 11, 20)
"""A Friday."""

Rows = Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Person:
    """Days before AS_OF of each order, and what is known beside; `score` replaces columns of churn.scores."""

    customer_id: str
    days_ago: tuple[int, ...] = ()
    score: dict[str, Any] | None = None
    segment: int = 0
    record: dict[str, Any] | None = None
    order: dict[str, Any] | None = None


def agreed(customer_id: str, **changes: Any) -> dict[str, Any]:
    """A record whose consent is proven."""
    row = {
        "email": f"{customer_id}@example.com",
        "name": f"{customer_id.title()} Doe",
        "accepts_marketing": True,
    }
    return customer(customer_id, **{**row, "consent_source": "newsletter", **changes})


def score(customer_id: str, **changes: Any) -> dict[str, Any]:
    row = {
        "customer_id": customer_id,
        "as_of": AS_OF,
        "horizon_days": 120,
        "return_rank": 1,
        "state": "active",
        "verdict": "not enough data",
        "reasons": "",
        "model": "rule",
        "is_synthetic": False,
    }
    return {**row, **changes}


def group(customer_id: str, segment: int) -> dict[str, Any]:
    row = {
        "customer_id": customer_id,
        "as_of": AS_OF,
        "order_count": 1,
        "total_amount": 10.0,
        "recency_days": 1,
    }
    named = {"segment": segment, "segment_name": "group", "method": "k-means", "is_synthetic": False}
    return {**row, **named}


def known(
    con: ibis.BaseBackend,
    *people: Person,
    extra_customers: Rows = (),
    texts: Rows = (),
    calendar: Rows = (),
    history: Rows = (),
    second_order: Rows = (),
    suggestions: Rows = (),
    same_person: dict[str, str] | None = None,
) -> Known:
    """What lists are made from, as tables of a DuckDB file."""
    orders = [
        order(
            person.customer_id,
            (AS_OF - timedelta(days=days)).isoformat(),
            **{"order_id": f"{person.customer_id}-{number}", **(person.order or {})},
        )
        for person in people
        for number, days in enumerate(person.days_ago)
    ]
    records = [agreed(person.customer_id, **(person.record or {})) for person in people]
    shop = shop_of(con, orders, [*records, *extra_customers], list(texts))
    buyers = [person for person in people if person.days_ago]
    links = [
        {"record_customer_id": record, "customer_id": person}
        for record, person in (same_person or {}).items()
    ]
    results, segments = contract.results, contract.segments
    return Known(
        customers=shop.customers,
        features=customer_features(shop.orders, shop.customers, shop.texts, AS_OF, Settings()),
        scores=stored(con, results.CHURN_SCORES, [score(p.customer_id, **(p.score or {})) for p in buyers]),
        segments=stored(
            con, segments.CUSTOMERS_WITH_SEGMENTS, [group(p.customer_id, p.segment) for p in buyers]
        ),
        orders=shop.orders,
        texts=shop.texts,
        second_order=stored(con, contract.second_order.SECOND_ORDER, list(second_order)),
        calendar=stored(con, contract.outside.CALENDAR_EVENTS, list(calendar)),
        suggestions=stored(con, contract.interest.SUGGESTED_PRODUCTS, list(suggestions)),
        history=stored(con, contract.actions.LIST_HISTORY, list(history)),
        customer_links=stored(con, contract.truth.CUSTOMER_LINKS, links),
    )


def lists_of(
    con: ibis.BaseBackend, *people: Person, as_of: date = AS_OF, **options: Any
) -> dict[str, list[dict[str, Any]]]:
    """The rows of each table of layer actions."""
    built = build_lists(known(con, *people, **options), as_of=as_of, settings=Settings())
    return {noun: table.to_pyarrow().to_pylist() for noun, table in built.items()}


def list_by_person(built: dict[str, list[dict[str, Any]]]) -> dict[str, str]:
    """Which list each person is on, from the lists themselves."""
    pairs = [(row["customer_id"], noun) for noun, rows in built.items() if noun in LISTS for row in rows]
    assert len(pairs) == len(dict(pairs)), "somebody is on two lists"
    return dict(pairs)
