"""Made-up shops with and without effects on what people say and buy, for the benchmark of topics."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa

from custbehav_dagster.contract import cleaned, truth
from custbehav_dagster.text.words import unify_words

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import numpy as np

PEOPLE = 1_500
FIRST_DAY, LAST_DAY = date(2023, 1, 1), date(2025, 6, 30)
PRAISES = (
    "The glaze is lovely.",
    "The colour is beautiful.",
    "Great quality.",
    "The seller was very helpful.",
    "Fast delivery, thank you.",
    "A perfect gift.",
)
COMPLAINTS = (
    "The handle is ugly.",
    "The colour is dull and sad.",
    "Poor quality.",
    "The price is terrible.",
    "The size is bad.",
)
LATE = "The delivery was terribly late."
NEW_PHRASE = "Is it dishwasher safe?"


@dataclass(frozen=True)
class Shop:
    """Tables of a made-up shop."""

    texts: ir.Table
    orders: ir.Table
    items: ir.Table


def made_shop(seed: int, late_factor: float = 1.0, *, is_new: bool = False, is_paired: bool = False) -> Shop:
    """A shop of PEOPLE buyers.

    Args:
        seed: same seed, same shop.
        late_factor: what a complaint of late delivery does to the chance of coming back.
        is_new: lately every tenth text asks something that nobody asked before.
        is_paired: who buys the first product has a third of a chance to take the second with it.
    """
    import numpy as np

    random = np.random.default_rng(seed)
    orders: list[dict[str, Any]] = []
    texts: list[dict[str, Any]] = []
    items: list[dict[str, Any]] = []
    for person in range(PEOPLE):
        day = FIRST_DAY + timedelta(days=int(random.integers(0, 880)))
        faithful = random.beta(1, 3)
        for _ in range(8):
            if day > LAST_DAY:
                break
            number = len(orders)
            orders.append(_order(number, person, day))
            items += _lines(number, random, is_paired)
            is_late = random.random() < (0.3 if day.month == 12 else 0.12)
            writes = random.random() < 0.6
            if writes:
                words = _words(random, is_late, is_new and day > LAST_DAY - timedelta(days=80))
                texts.append(_text(number, person, day + timedelta(days=3), words))
            chance = faithful * (0.6 if day.month == 12 else 1)
            chance *= late_factor if writes and is_late else 1
            if random.random() >= chance:
                break
            day += timedelta(days=int(random.integers(10, 110)))
    return Shop(
        stored(truth.SINGLE_SOURCE_OF_TRUTH, texts),
        stored(truth.ORDERS, orders),
        stored(cleaned.ORDER_ITEMS, items),
    )


def stored(table: Any, rows: list[dict[str, Any]]) -> ir.Table:
    """Rows as a table that keeps its contract."""
    return table.conform(ibis.memtable(pa.Table.from_pylist(rows, schema=table.schema.to_pyarrow())))


def _words(random: np.random.Generator, is_late: bool, asks: bool) -> str:
    said = [PRAISES[int(random.integers(0, len(PRAISES)))]]
    if random.random() < 0.3:
        said.append(COMPLAINTS[int(random.integers(0, len(COMPLAINTS)))])
    if is_late:
        said.append(LATE)
    if asks and random.random() < 0.1:
        said.append(NEW_PHRASE)
    return " ".join(said)


def _text(number: int, person: int, day: date, words: str) -> dict[str, Any]:
    clean = "".join(sign for sign in words.lower() if sign.isalpha() or sign == " ")
    return {
        "text_id": f"internal_feedback:{number}",
        "source_type": "internal_feedback",
        "customer_id": f"p{person}",
        "order_id": f"o{number}",
        "created_at": _noon(day),
        "text": words,
        "text_clean": clean,
        "text_stemmed": unify_words([clean], {}, "stem")[0],
        "sentiment": 0.0,
        "is_synthetic": False,
    }


def _order(number: int, person: int, day: date) -> dict[str, Any]:
    return {
        "order_id": f"o{number}",
        "customer_id": f"p{person}",
        "ordered_at": _noon(day),
        "order_date": day,
        "refund_amount": 0,
        "status": "completed",
        "is_purchase": True,
        "is_synthetic": False,
    }


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12))


def _lines(number: int, random: np.random.Generator, is_paired: bool) -> Iterator[dict[str, Any]]:
    """Products by popularity; some orders are small and some large."""
    size = 1 + int(random.geometric(0.35 if random.random() < 0.8 else 0.08))
    products = {int(40 * random.random() ** 2) for _ in range(size)}
    if is_paired and 10 in products and random.random() < 1 / 3:
        products.add(30)
    for product in sorted(products):
        yield {
            "order_id": f"o{number}",
            "product_id": f"S{product:02d}",
            "product": f"Product {product}",
            "quantity": 1.0,
            "kind": "product",
            "is_synthetic": False,
        }
