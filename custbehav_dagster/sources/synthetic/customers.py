"""People of the made-up shop: what their record says, and the nature nobody sees.

Columns that begin with `true_` are the answers that tests compare with; they are
never written to files.

How people come back (in the manner of the buy-till-you-die models, with most
people having no wish to come back at all):

- *predictable* people are either regulars, who buy at a personal rate until they
  drop out for good, or one-off buyers, who hardly ever return. Being a regular
  is likelier with the mailing list, a first product that is used up and the
  shop's own web site; a late first parcel halves the rate.
- *unpredictable* people all have one and the same chance of returning at every
  moment, whatever they did before: nothing in the data tells them apart.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from custbehav_dagster.sources.synthetic import vocabulary
from custbehav_dagster.sources.synthetic.columns import (
    category_column,
    identifiers,
    joined,
    moments,
    picked,
    text_column,
)
from custbehav_dagster.sources.synthetic.randomness import shares, stream
from custbehav_dagster.sources.synthetic.seasons import Seasons
from custbehav_dagster.sources.synthetic.vocabulary import LAST_DAY

if TYPE_CHECKING:
    import pandas as pd

KINDS = ("predictable", "unpredictable")

SUBSCRIBED_SHARE = 0.3
LATE_FIRST_PARCEL_SHARE = 0.1
UNPREDICTABLE_SHARE = 0.25

# Rates are orders per average day.
_REGULAR_RATE, _REGULAR_SPREAD, _FASTEST_RATE = 1 / 50, 0.4, 1 / 20
_ONE_OFF_RATE = 0.008 / 365
_UNPREDICTABLE_RATE = 0.05 / 365
_LATE_FACTOR = 0.5
_LIFETIME = 900.0
"""Mean time in average days until a regular drops out."""
_LOG_ODDS = {"usual": -3.0, "subscribed": 1.4, "used up": 0.9, "website": 0.6, "market stall": -0.6}
"""What makes a regular."""

# With a fixed number of orders each, people begin early and place a second order soon.
_EARLY_SHARE, _SECOND_ORDER_SHARE = 0.2, 0.1


def generate_customers(
    count: int, seed: int, *, orders_per_customer: float | None = None, last_day: date = LAST_DAY
) -> pd.DataFrame:
    """Make `count` people, all of whom buy at least once in the three years up to `last_day`.

    Args:
        count: people, at least 1.
        seed: same seed, same people.
        orders_per_customer: mean orders per person, at least 1; from 2 on everybody
            buys again. None: about one buyer in ten does, as in a real gift shop.
        last_day: last day of the history, inclusive.

    Returns:
        One row per person: the columns of customers.csv, typed and clean, and
        `true_kind`, `true_is_regular`, `true_rate` and `true_dropout_rate` (per
        average day, see `seasons`), `true_began`, `true_settled` and `true_left`
        (average days since the start; between settled and left orders come at
        `true_rate`), `true_first_product` and `true_channel` (places in the lists
        of `vocabulary`), `true_first_late`.

    Raises:
        ValueError: `count` or `orders_per_customer` is below 1, or the seed is negative.
    """
    import pandas as pd

    if count < 1:
        raise ValueError(f"a made-up shop needs at least 1 customer, not {count}")
    if orders_per_customer is not None and not 1 <= orders_per_customer < np.inf:
        raise ValueError(f"orders_per_customer must be a number from 1 on, not {orders_per_customer}")
    seasons = Seasons(last_day)
    subscribed = stream(seed, "subscribed").random(count) < SUBSCRIBED_SHARE
    nature = _nature(seed, subscribed, everybody_returns=orders_per_customer is not None)
    life = _lives(seed, nature["true_rate"], nature["true_dropout_rate"], seasons, orders_per_customer)
    record = {**_names(seed, count), **_particulars(seed, subscribed, life["true_began"], seasons)}
    return pd.DataFrame({**record, **nature, **life})


def _nature(seed: int, subscribed: np.ndarray, everybody_returns: bool) -> dict[str, np.ndarray]:
    """What drives people: first product, channel, a late parcel, and the rate that follows."""
    random, count = stream(seed, "nature"), len(subscribed)
    product = random.choice(
        len(vocabulary.CATALOGUE), count, p=shares(product.weight for product in vocabulary.CATALOGUE)
    )
    channel = random.choice(len(vocabulary.CHANNELS), count, p=shares(vocabulary.CHANNELS.values()))
    is_late = random.random(count) < LATE_FIRST_PARCEL_SHARE
    is_unpredictable = random.random(count) < UNPREDICTABLE_SHARE
    log_odds = _log_odds_of_a_regular(subscribed, product, channel)
    is_regular = (random.random(count) < 1 / (1 + np.exp(-log_odds))) | everybody_returns
    personal = _REGULAR_RATE * np.exp(random.normal(0, _REGULAR_SPREAD, count))
    if everybody_returns:
        personal *= np.exp(0.5 * (log_odds - log_odds.mean()))
    rate = np.where(is_regular, np.minimum(personal, _FASTEST_RATE), _ONE_OFF_RATE)
    rate *= np.where(is_late, _LATE_FACTOR, 1)
    return {
        "true_kind": category_column(KINDS, is_unpredictable.astype(np.int8)),
        "true_is_regular": is_regular & ~is_unpredictable,
        "true_rate": np.where(
            is_unpredictable, _REGULAR_RATE if everybody_returns else _UNPREDICTABLE_RATE, rate
        ),
        "true_dropout_rate": np.where(is_regular & ~is_unpredictable, 1 / _LIFETIME, 0.0),
        "true_first_product": product.astype(np.int8),
        "true_channel": channel.astype(np.int8),
        "true_first_late": is_late,
    }


def _log_odds_of_a_regular(subscribed: np.ndarray, product: np.ndarray, channel: np.ndarray) -> np.ndarray:
    by_channel = np.array([_LOG_ODDS.get(name, 0.0) for name in vocabulary.CHANNELS])
    by_product = np.array([_LOG_ODDS["used up"] * product.is_used_up for product in vocabulary.CATALOGUE])
    return (
        _LOG_ODDS["usual"] + _LOG_ODDS["subscribed"] * subscribed + by_product[product] + by_channel[channel]
    )


def _lives(
    seed: int, rate: np.ndarray, dropout_rate: np.ndarray, seasons: Seasons, orders_per_customer: float | None
) -> dict[str, np.ndarray]:
    """When people begin and leave; with a fixed number of orders, the rates scaled to give it."""
    random, count, length = stream(seed, "lives"), len(rate), float(seasons.days)
    began = random.random(count) * length
    until_second = random.random(count) * length * _SECOND_ORDER_SHARE
    lifetime = random.exponential(_LIFETIME, count)
    if orders_per_customer is None:
        return {
            "true_began": began,
            "true_settled": began,
            "true_left": np.where(dropout_rate > 0, began + lifetime, np.inf),
        }
    began = began * _EARLY_SHARE
    certain = 2 if orders_per_customer >= 2 else 1
    settled = began + until_second if certain == 2 else began
    left = np.where(dropout_rate > 0, settled + lifetime, np.inf)
    expected = rate * (np.minimum(left, length) - settled)
    scale = count * (orders_per_customer - certain) / expected.sum()
    return {"true_began": began, "true_settled": settled, "true_left": left, "true_rate": rate * scale}


def _names(seed: int, count: int) -> dict[str, pd.api.extensions.ExtensionArray]:
    """Identifiers, names and mail addresses; the addresses lie in domains that belong to nobody."""
    random, numbers = stream(seed, "names"), np.arange(1, count + 1)
    first = picked(vocabulary.FIRST_NAMES, random.integers(0, len(vocabulary.FIRST_NAMES), count))
    last = picked(vocabulary.SURNAMES, random.integers(0, len(vocabulary.SURNAMES), count))
    domain = picked(
        vocabulary.MAIL_DOMAINS, random.choice(len(vocabulary.MAIL_DOMAINS), count, p=[0.7, 0.2, 0.1])
    )
    # The number keeps addresses apart where two people share a name.
    address = joined(
        pc.utf8_lower(joined(first, ".", last)), pa.array(numbers).cast(pa.string()), "@", domain
    )
    return {
        "customer_id": text_column(identifiers("C", numbers, width=6)),
        "name": text_column(joined(first, " ", last)),
        "email": text_column(address),
    }


def _particulars(
    seed: int, subscribed: np.ndarray, began: np.ndarray, seasons: Seasons
) -> dict[str, np.ndarray | pd.Categorical[str]]:
    """Sign-up day, place and consent."""
    random, count = stream(seed, "particulars"), len(subscribed)
    place = random.choice(len(vocabulary.PLACES), count, p=shares(vocabulary.PLACES.values()))
    # Some join the mailing list before they buy.
    days_before = np.where(subscribed & (random.random(count) < 0.3), random.integers(1, 60, count), 0)
    source = random.choice(
        len(vocabulary.CONSENT_SOURCES), count, p=shares(vocabulary.CONSENT_SOURCES.values())
    )
    return {
        "signup_date": moments(np.datetime64(seasons.first_day), seasons.day_numbers(began) - days_before),
        "region": category_column([region for region, _ in vocabulary.PLACES], place),
        "country": category_column([country for _, country in vocabulary.PLACES], place),
        "accepts_marketing": subscribed,
        "consent_source": category_column(vocabulary.CONSENT_SOURCES, np.where(subscribed, source, -1)),
    }
