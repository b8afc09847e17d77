"""First orders of a made-up shop whose truth is known."""

from __future__ import annotations

import numpy as np

from custbehav_dagster.forecasting.second_order.first_orders import FirstOrders, Level

PRODUCTS = ("mug", "card", "ring", "soap", "scarf", "print", "bowl", "bag")
SIZES = np.array([4, 3, 2, 2, 1, 1, 1, 1]) / 15
MEAN_WAIT = 60


def made_up(
    people: int, seed: int, ring: float = 1.0, web: float = 1.0, rings_on_web: float = 0.5
) -> tuple[FirstOrders, float]:
    """A shop where 15 of 100 come back in the end, and what a ring first truly makes of that.

    Who first bought a ring comes back `ring` times as often, who came by web `web` times;
    `rings_on_web` of rings are bought there, of other things half.
    """
    generator = np.random.default_rng(seed)
    product = generator.choice(len(PRODUCTS), people, p=SIZES)
    is_ring = product == PRODUCTS.index("ring")
    on_web = generator.random(people) < np.where(is_ring, rings_on_web, 0.5)
    watched = generator.integers(0, 730, people)
    by_ring, by_web = np.where(is_ring, ring, 1.0), np.where(on_web, web, 1.0)
    # Hazards in proportion: cumulated from first order to forever they sum to 0.15 times the ratio.
    needed = generator.exponential(1, people) / (0.15 * by_ring * by_web)
    waited = np.where(needed < 1, np.ceil(-MEAN_WAIT * np.log(np.maximum(1 - needed, 1e-12))), np.inf)
    waited = np.maximum(waited, 1)
    came = waited <= watched
    exposure = by_web * (1 - np.exp(-watched / MEAN_WAIT))
    levels = {
        "first product": Level(product, list(PRODUCTS)),
        "channel": Level(on_web.astype("int64"), ["etsy", "web"]),
        "season": Level(generator.integers(0, 4, people), ["autumn", "spring", "summer", "winter"]),
        "gift": Level((generator.random(people) < 0.2).astype("int64"), ["no gift", "gift"]),
    }
    days = np.where(came, waited, watched).astype("int64")
    truth = ring * exposure.sum() / (by_ring * exposure).sum()
    return FirstOrders(days, came, np.ones(people), np.zeros(people, dtype=bool), levels), float(truth)
