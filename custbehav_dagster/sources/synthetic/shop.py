"""The made-up shop as a whole: make it, and write its three files.

The number libraries are loaded when a shop is made, not when this module is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from custbehav_dagster.sources.synthetic.dirt import CELL_DIRT, Dirt
from custbehav_dagster.sources.synthetic.vocabulary import LAST_DAY
from custbehav_dagster.warehouse.files import atomic_path

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from custbehav_dagster.sources.synthetic.answers import Answers

ORDER_OF_FILES = ("customers", "orders", "feedback")


@dataclass(frozen=True)
class SyntheticShop:
    """A made-up shop: its files' content, and `answers`, which no file holds.

    `customers`, `orders` and `feedback` are the files cell by cell, all text, an
    empty cell being a missing value. They are made when asked for; `blocks` gives
    the same rows some at a time.
    """

    answers: Answers

    @cached_property
    def customers(self) -> pd.DataFrame:
        """Rows of customers.csv."""
        return self._whole("customers")

    @cached_property
    def orders(self) -> pd.DataFrame:
        """Rows of orders.csv."""
        return self._whole("orders")

    @cached_property
    def feedback(self) -> pd.DataFrame:
        """Rows of feedback.csv."""
        return self._whole("feedback")

    def blocks(self, name: str) -> Iterator[pa.Table]:
        """The rows of one file (`name` is customers, orders or feedback), some at a time, as Arrow text."""
        from custbehav_dagster.sources.synthetic.soiling import file_blocks

        return file_blocks(name, getattr(self.answers, name), self.answers.dirt, self.answers.seed)

    def _whole(self, name: str) -> pd.DataFrame:
        import pandas as pd
        import pyarrow as pa

        return pa.concat_tables(self.blocks(name)).to_pandas(
            types_mapper={pa.string(): pd.StringDtype(na_value=float("nan"))}.get
        )


def generate_shop(
    count: int,
    seed: int,
    *,
    orders_per_customer: float | None = None,
    feedback_per_customer: float | None = None,
    last_day: date = LAST_DAY,
    dirt: Dirt = Dirt(),  # noqa: B008 (frozen)
) -> SyntheticShop:
    """Make a shop with `count` customers and three years of history up to `last_day`.

    Args:
        count: people, at least 1.
        seed: same arguments, same shop, byte for byte.
        orders_per_customer: None for a shop in which 86 to 95 of 100 buyers buy once;
            a number, at least 1, for exactly so many orders per person on average.
        feedback_per_customer: None for about three reviews in ten orders; a number
            for exactly so many per person on average, at most one per order.
        last_day: last day of the history, inclusive.
        dirt: how often each kind of dirt strikes the files.

    Raises:
        ValueError: a number is out of its limits; the message says which.
    """
    from custbehav_dagster.sources.synthetic.answers import Answers
    from custbehav_dagster.sources.synthetic.customers import generate_customers
    from custbehav_dagster.sources.synthetic.feedback import generate_feedback
    from custbehav_dagster.sources.synthetic.orders import generate_orders

    customers = generate_customers(count, seed, orders_per_customer=orders_per_customer, last_day=last_day)
    orders = generate_orders(customers, seed, orders_per_customer=orders_per_customer, last_day=last_day)
    reviews = None if feedback_per_customer is None else round(count * feedback_per_customer)
    feedback = generate_feedback(orders, seed, count=reviews, last_day=last_day)
    return SyntheticShop(Answers(customers, orders, feedback, dirt, seed, last_day))


def write_shop(
    shop: SyntheticShop,
    folder: Path,
    *,
    customers_name: str = "customers.csv",
    orders_name: str = "orders.csv",
    feedback_name: str = "feedback.csv",
) -> list[Path]:
    """Write the three files of the shop into `folder`, each all or nothing; the answers stay out.

    UTF-8, commas, line feeds, quotes only where a cell needs them.

    Returns:
        The paths of customers, orders and feedback, in this order.
    """
    paths = [folder / name for name in (customers_name, orders_name, feedback_name)]
    for name, path in zip(ORDER_OF_FILES, paths, strict=True):
        _write_csv(shop.blocks(name), list(CELL_DIRT[name]), path)
    return paths


def _write_csv(blocks: Iterator[pa.Table], columns: list[str], path: Path) -> None:
    from custbehav_dagster.sources.synthetic.columns import csv_lines

    with atomic_path(path) as temporary, temporary.open("wb") as file:
        file.write((",".join(columns) + "\n").encode())
        for block in blocks:
            file.write(csv_lines(block))
