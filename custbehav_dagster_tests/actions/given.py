"""A few people with orders, scores and groups, as the tables that lists are made from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir

from custbehav_dagster import contract
from custbehav_dagster.actions.lists import build_lists
from custbehav_dagster.forecasting.features import customer_features
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.forecasting.shops import customer, order, shop_of, stored

AS_OF = date(2026, 11, 20)


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


def tables(
    con: ibis.BaseBackend, *people: Person, extra_customers: tuple[dict[str, Any], ...] = ()
) -> dict[str, ir.Table]:
    """The arguments of `build_lists` by name, as tables of a DuckDB file."""
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
    shop = shop_of(con, orders, [*records, *extra_customers])
    buyers = [person for person in people if person.days_ago]
    results = contract.results
    return {
        "customers": shop.customers,
        "features": customer_features(shop.orders, shop.customers, shop.texts, AS_OF, Settings()),
        "scores": stored(
            con, results.CHURN_SCORES, [score(p.customer_id, **(p.score or {})) for p in buyers]
        ),
        "segments": stored(
            con, contract.segments.CUSTOMERS_WITH_SEGMENTS, [group(p.customer_id, p.segment) for p in buyers]
        ),
        "orders": shop.orders,
    }


def lists_of(con: ibis.BaseBackend, *people: Person, **options: Any) -> dict[str, list[dict[str, Any]]]:
    """The rows of each table of layer actions."""
    built = build_lists(**tables(con, *people, **options), as_of=AS_OF, settings=Settings())
    return {noun: table.to_pyarrow().to_pylist() for noun, table in built.items()}


def list_by_person(built: dict[str, list[dict[str, Any]]]) -> dict[str, str]:
    """Which list each person is on, from the lists themselves."""
    pairs = [(row["customer_id"], noun) for noun, rows in built.items() if noun != "holdout" for row in rows]
    assert len(pairs) == len(dict(pairs)), "somebody is on two lists"
    return dict(pairs)
