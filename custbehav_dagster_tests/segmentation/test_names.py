import pytest

from custbehav_dagster.segmentation.names import Typical, advice, base_of, kind_of, names_of
from custbehav_dagster.segmentation.rfm_groups import RULE_NAMES

HORIZON = 120


@pytest.mark.parametrize(
    ("days", "orders", "amount", "name"),
    [
        (60, 1, 20, "new buyers"),
        (61, 1, 20, "one-time buyers"),
        (240, 1, 20, "one-time buyers"),
        (241, 1, 20, "one-time buyers of long ago"),
        (120, 2, 40, "occasional buyers"),
        (121, 2, 40, "quiet occasional buyers"),
        (241, 4, 40, "lapsed occasional buyers"),
        (30, 5, 59, "regulars"),
        (30, 5, 60, "big spenders"),
        (241, 2, 60, "lapsed big spenders"),
        # Whoever bought once for much is no big spender yet.
        (30, 1, 600, "new buyers"),
    ],
)
def test_a_name_says_how_often_how_long_ago_and_whether_for_much(days, orders, amount, name):
    assert kind_of(Typical(days, orders, amount), 20, HORIZON) == name


@pytest.mark.parametrize(("days", "name"), [(90, "new buyers"), (91, "one-time buyers")])
def test_nobody_stays_new_for_as_long_as_forecasts_may_look_ahead(days, name):
    assert kind_of(Typical(days, 1, 20), 20, horizon_days=1095) == name


def named(groups, earlier=None):
    return names_of([Typical(*group) for group in groups], 20, HORIZON, earlier or [None] * len(groups))


def test_groups_of_one_kind_are_told_apart_by_what_differs_most():
    assert named([(200, 1, 10), (210, 1, 90)]) == [
        "one-time buyers, small amounts",
        "one-time buyers, large amounts",
    ]
    assert named([(90, 9, 500), (10, 9, 700)]) == ["big spenders, a while ago", "big spenders, lately"]
    assert named([(10, 9, 500), (12, 9, 900)]) == [
        "big spenders, large amounts",
        "big spenders, the largest amounts",
    ]
    assert len(set(named([(30, 9, 500)] * 5))) == 5


@pytest.mark.parametrize(("days", "name"), [(149, "occasional buyers"), (151, "quiet occasional buyers")])
def test_a_name_stays_while_it_is_nearly_true(days, name):
    assert named([(days, 3, 30)], ["occasional buyers"]) == [name]


def test_a_kept_name_is_not_given_twice():
    groups = [(125, 3, 30), (100, 3, 31)]
    names = named(groups, ["occasional buyers", None])
    assert names[0] == "occasional buyers"
    assert names[1] != names[0]
    assert base_of(names[1]) == "occasional buyers"


def test_every_name_has_advice_of_its_own_kind():
    kinds = {
        kind_of(Typical(days, orders, amount), 20, HORIZON)
        for days in (10, 200, 500)
        for orders in (1, 3, 9)
        for amount in (20, 90)
    }
    assert {*RULE_NAMES} <= kinds
    assert all(advice(kind).endswith(".") for kind in kinds)
    assert advice("lapsed big spenders, lately").startswith("Write to each by name and ask")
    assert advice("one-time buyers of long ago") != advice("one-time buyers")
