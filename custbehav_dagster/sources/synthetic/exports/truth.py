"""The true tables of a made-up shop, which its exports are written from and compared with.

Small, in plain Python, the same for the same arguments. How a platform writes it down
belongs to the writers beside this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from custbehav_dagster.sources.synthetic.exports.goods import LISTING_COLUMNS, make_listings
from custbehav_dagster.sources.synthetic.exports.people import CUSTOMER_COLUMNS, make_people
from custbehav_dagster.sources.synthetic.exports.purchases import ITEM_COLUMNS, ORDER_COLUMNS, make_purchases
from custbehav_dagster.sources.synthetic.exports.voices import (
    FEEDBACK_COLUMNS,
    SUBSCRIBER_COLUMNS,
    make_feedback,
    make_subscribers,
)

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class ExportShop:
    """A shop as it truly is.

    Identifiers are text; money is `Decimal` with two places; moments end in `_at`, are aware
    and in UTC; what is absent is None (or NaT).

    Attributes:
        timezone: IANA name of the shop's clock.
        currency: ISO 4217 code of all amounts.
        customers: one row per account; guests have none. `customer_id` is a number of 13
            figures, `username` small letters and figures. `email` and `phone` may be None.
        orders: one row per order, oldest first. `order_id` is a number of 10 figures,
            `number` counts from 1001. The buyer's name, address, e-mail and phone are
            on the order; `customer_id` is None for guests. `recipient_*` differ from
            the buyer's for gifts only. goods_amount (all lines but tips) - discount_amount +
            shipping_amount + tax_amount + tip_amount = gross_amount; gross_amount -
            refund_amount = net_amount. `status` is completed, pending or cancelled; a
            cancelled order gave everything back; one given back in full is completed.
        order_items: lines in order, `line` from 1; `kind` is product, gift_wrap or tip;
            `discount_amount` is the line's part of the order's.
        feedback: reviews; `text` is '' in a third of them.
        subscribers: the mailing list; `status` is subscribed, unsubscribed or cleaned.
        listings: what the shop offers; `tags` and `materials` are comma separated.
    """

    timezone: str
    currency: str
    customers: pd.DataFrame
    orders: pd.DataFrame
    order_items: pd.DataFrame
    feedback: pd.DataFrame
    subscribers: pd.DataFrame
    listings: pd.DataFrame

    def items_of(self, order_id: str) -> pd.DataFrame:
        """The lines of one order."""
        return self.order_items[self.order_items["order_id"] == order_id]


def make_export_shop(
    people: int,
    seed: int,
    timezone: str = "America/Los_Angeles",
    currency: str = "USD",
    first_day: date = date(2023, 1, 2),
    last_day: date = date(2024, 12, 30),
    first_number: int = 1001,
) -> ExportShop:
    """Make a shop of so many buyers, about a quarter of them guests.

    The first thirteen orders show one peculiarity each (a tip, a gift, a full refund …),
    the later ones any mixture, so that some fifteen orders have them all. Orders and
    people count from `first_number`: two shops whose numbers do not meet share nobody.

    Raises:
        ValueError: fewer than one person, or the last day is before the first.
    """
    if people < 1 or last_day < first_day:
        raise ValueError("A shop needs at least one person and one day.")
    listings = make_listings(seed, currency)
    buyers = make_people(people, seed, timezone, first_day, first_number)
    orders, items = make_purchases(
        buyers, listings, seed, timezone, currency, (first_day, last_day), first_number
    )
    feedback = make_feedback(orders, items, seed, timezone)
    subscribers = make_subscribers(buyers, seed)
    accounts = [buyer for buyer in buyers if buyer["customer_id"]]
    frames = (
        (accounts, CUSTOMER_COLUMNS),
        (orders, ORDER_COLUMNS),
        (items, ITEM_COLUMNS),
        (feedback, FEEDBACK_COLUMNS),
        (subscribers, SUBSCRIBER_COLUMNS),
        (listings, LISTING_COLUMNS),
    )
    return ExportShop(timezone, currency, *(_frame(rows, columns) for rows, columns in frames))


def _frame(rows: list[dict[str, object]], columns: tuple[str, ...]) -> pd.DataFrame:
    import pandas as pd

    # As objects, so that None, Decimal and moments stay what they are.
    return pd.DataFrame({name: pd.Series([row[name] for row in rows], dtype=object) for name in columns})
