"""What is missing for a forecast, and when it will likely be there."""

import numpy as np
import pytest

from custbehav_dagster.forecasting.gate import likely_sentence, refusal_sentence, season_sentence
from custbehav_dagster.forecasting.past import Past
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.forecasting.days import days_of

AS_OF = 19_723  # 1 January 2024
NEVER = "At the pace of the last year that will take more than three years"
HORIZON = Settings().horizon_days


def buyers(every: float, returning_every: int, length: int = 900, wait: int = 50):
    """A new buyer every so many days; each so-many-th orders once more, after `wait` days."""
    shop = {}
    for number, day in enumerate(np.arange(AS_OF - length, AS_OF, every).astype(int)):
        again = bool(number % returning_every == 0 and day + wait <= AS_OF)
        shop[f"c{number:05d}"] = [int(day)] + [int(day) + wait] * again
    return days_of(shop)


def state_of(days) -> tuple[int, int]:
    """People who had bought a horizon ago, and how many of them came since."""
    starts = np.flatnonzero(np.diff(days.person, prepend=-1))
    early = days.person[starts][days.day[starts] <= AS_OF - HORIZON]
    return len(early), len(np.intersect1d(early, days.person[days.day > AS_OF - HORIZON]))


def told(days) -> str | None:
    return likely_sentence(days, AS_OF, *state_of(days), Settings())


def test_a_shop_that_grows_into_it_is_told_the_month():
    # Each sixth comes back, and a buyer comes each day: a few weeks more make ten of them.
    days = buyers(every=1, returning_every=6, length=200)
    assert refusal_sentence(*state_of(days), Settings())
    assert told(days).startswith("At the pace of the last year that is likely around ")
    assert told(days).endswith(" 2024.")


def test_more_buyers_of_whom_none_return_are_no_promise():
    assert told(buyers(every=1, returning_every=10_000)).startswith(NEVER)


def test_a_shop_whose_buyers_come_back_at_once_or_never_does_not_grow_into_it():
    # A line through the share of all buyers would promise it: twice the people, twice the returners.
    # But who came back does so in the first months, and those months hold as many people each year.
    days = buyers(every=5, returning_every=12)
    people, returned = state_of(days)
    assert 0 < returned < 10 < people
    assert told(days).startswith(NEVER)


def test_where_it_may_go_either_way_the_chance_is_told():
    assert told(buyers(every=2, returning_every=12, length=400, wait=90)) == (
        "At the pace of the last year the chance that there are enough within three years is about 3 in 10."
    )


def test_nobody_new_is_no_pace():
    old = days_of({"ann": [AS_OF - 900]})
    assert likely_sentence(old, AS_OF, 1, 0, Settings()).startswith(NEVER)


def test_where_nothing_is_missing_nothing_is_said():
    assert likely_sentence(buyers(1, 3), AS_OF, 500, 100, Settings()) is None


@pytest.mark.parametrize(
    ("people", "returned", "start"),
    [
        (0, 0, "Not enough data: nobody had bought 120 days before the last known day; a forecast needs at"),
        (1, 1, "Not enough data: one person had bought 120 days before the last known day, and everybody"),
        (
            99,
            0,
            "Not enough data: 99 people had bought 120 days before the last known day, and nobody ordered",
        ),
    ],
)
def test_nobody_and_everybody_are_words(people, returned, start):
    assert refusal_sentence(people, returned, Settings()).startswith(start)


@pytest.mark.parametrize(
    ("days_of_the_year", "returned"),
    [([350], True), ([350, 60], False), ([350, 100, 220], False)],
    ids=["Christmas alone", "spring too", "all year"],
)
def test_a_shop_of_one_season_is_told_nothing_of_another(days_of_the_year, returned):
    # Three of four buy in each of their seasons; 24 December, and the last Christmas has been.
    shop = {
        f"c{n:02d}": [365 * year + day for year in range(4) for day in days_of_the_year if (n + year) % 4]
        for n in range(60)
    }
    sentence = season_sentence(Past(days_of(shop), HORIZON, 0), 365 * 3 + 357, Settings())
    assert (sentence is not None) is returned
    if sentence:
        assert "a year ago nobody of 60 people ordered again, in the last 120 days 45 of 60" in sentence


def test_a_few_who_stayed_away_a_year_ago_are_no_season():
    # Nobody of 40 a year ago, one in five now: luck, or a shop that has grown.
    old = {f"a{n:02d}": [n % 20] for n in range(40)}
    new = {f"b{n:02d}": [250, 400 if n % 5 == 0 else 251] for n in range(160)}
    assert season_sentence(Past(days_of(old | new), HORIZON, 0), 385, Settings()) is None
