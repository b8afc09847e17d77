"""How long people usually wait between orders, of a shop and of a person."""

import numpy as np
import pytest

from custbehav_dagster.forecasting.usual_gaps import (
    PRIOR_LOG_MEAN,
    first_waits,
    learn_gaps,
    own_gaps,
    waits_between,
)
from custbehav_dagster_tests.forecasting.days import days_of


def regular(people, gap, orders, start=0):
    return {f"p{gap:03d}-{n:04d}": [start + gap * k for k in range(orders)] for n in range(people)}


def test_a_first_wait_ends_with_the_second_order_or_is_still_open():
    waited, again = first_waits(days_of({"ann": [0, 30, 31], "ben": [10], "cid": [90, 95]}), 100)
    assert (waited.tolist(), again.tolist()) == ([30, 90, 5], [True, False, True])


def test_the_waits_of_one_person_are_not_mixed_with_those_of_the_next():
    waits, person = waits_between(days_of({"ann": [0, 30, 45], "ben": [10], "cid": [90, 95]}))
    assert (waits.tolist(), person.tolist()) == ([30, 15, 5], [0, 0, 2])


def test_without_anybody_who_came_back_the_usual_wait_of_the_trade_is_taken():
    shop = learn_gaps(days_of({"ann": [0], "ben": [5]}), 100)
    assert shop.days_at(0.5) == pytest.approx(np.exp(PRIOR_LOG_MEAN), rel=0.05)


def test_waits_that_are_still_open_make_the_usual_wait_longer():
    # Each of 400 waits 300 days on average; asked early, only the short waits have ended.
    generator = np.random.default_rng(0)
    waits = np.ceil(generator.exponential(300, 400)).astype(int)
    first = generator.integers(0, 600, 400)
    shop = {
        f"c{n:03d}": [int(a), int(a + w)] if a + w <= 700 else [int(a)]
        for n, (a, w) in enumerate(zip(first, waits, strict=True))
    }
    ended = [days[1] - days[0] for days in shop.values() if len(days) == 2]
    half = learn_gaps(days_of(shop), 700).days_at(0.5)
    assert np.median(ended) < 160 < half < 260
    assert half == pytest.approx(300 * np.log(2), rel=0.2)


def test_many_waits_of_ones_own_outweigh_and_one_order_gives_the_waits_of_the_shop():
    shop = regular(100, 60, 2) | {"monthly": list(range(0, 930, 30)), "once": [0]}
    days = days_of(shop)
    usual = learn_gaps(days, 930)
    own = own_gaps(days, 930, usual)
    monthly, once, pair = (sorted(shop).index(name) for name in ("monthly", "once", "p060-0000"))
    assert own.waits[[monthly, once, pair]].tolist() == [30, 0, 1]
    assert own.usual[monthly] == pytest.approx(30, rel=0.2)
    assert own.usual[once] == pytest.approx(usual.days_at(0.5), rel=0.01)
    assert own.usual[monthly] < own.usual[pair] < 66


@pytest.mark.parametrize("silent", [0, 1, 20, 60, 200, 2_000])
def test_the_longer_the_silence_the_later_and_sooner_for_who_comes_often(silent):
    shop = regular(30, 20, 12) | regular(30, 90, 3) | {f"x{n:03d}": [0] for n in range(60)}
    days = days_of(shop)
    usual = learn_gaps(days, 300)
    positions = [own_gaps(days, 220 + later, usual).position for later in (silent, silent + 10)]
    assert ((positions[0] >= 0) & (positions[1] <= 1)).all()
    assert (positions[1] >= positions[0]).all()
    often, once = sorted(shop).index("p020-0000"), sorted(shop).index("x000")
    # 220 days after its one order nobody is as early as who comes each 20 days on the day of their last.
    assert silent or positions[0][often] < 0.05 < positions[0][once]
