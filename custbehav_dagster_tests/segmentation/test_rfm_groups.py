from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from custbehav_dagster import contract
from custbehav_dagster.contract.rules import judge
from custbehav_dagster.segmentation.kmeans import segment_customers
from custbehav_dagster.segmentation.rfm_groups import rfm_groups
from custbehav_dagster.segmentation.transitions import segment_transitions
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.forecasting.people import as_features, people_of, random_people
from custbehav_dagster_tests.forecasting.shops import kept, stored

SEGMENTS = contract.segments.CUSTOMERS_WITH_SEGMENTS


@pytest.fixture
def refresh(con, tmp_path):
    """Refresh the groups on a day, from people and the last table; gives the stored table."""
    links = stored(con, contract.truth.CUSTOMER_LINKS, [])

    def made(people, day, earlier=None, links=links):
        features = as_features(people, day)
        table = segment_customers(
            features, Settings(), tmp_path, SEGMENTS.empty() if earlier is None else earlier, links
        )
        table = kept(con, f"segments_{day.replace('-', '_')}", table)
        assert all(verdict.holds for verdict in judge(SEGMENTS, table))
        return table

    return made


def by_person(table):
    return {row["customer_id"]: row for row in table.to_pyarrow().to_pylist()}


def moves(table, earlier=None):
    transitions = segment_transitions(
        contract.segments.SEGMENT_TRANSITIONS.empty() if earlier is None else earlier, table
    )
    assert all(verdict.holds for verdict in judge(contract.segments.SEGMENT_TRANSITIONS, transitions))
    return transitions


def later(people, days):
    """The same people, nobody of whom bought since."""
    at = people.schema.get_field_index("recency_days")
    return people.set_column(at, "recency_days", [people.column("recency_days").to_numpy() + days])


def test_the_first_refresh_has_no_past(refresh):
    rows = by_person(refresh(random_people(150), "2024-06-30")).values()
    assert {(row["earlier_as_of"], row["earlier_rfm_segment"]) for row in rows} == {(None, None)}
    assert {row["rfm_method"] for row in rows} == {"k-means on log recency, frequency and money"}


def test_numbers_and_names_stay_with_the_same_people(refresh):
    people = random_people(150)
    first = refresh(people, "2024-06-30")
    second = by_person(refresh(later(people, 7), "2024-07-07", first))
    same = [
        row["rfm_segment_name"] == second[person]["rfm_segment_name"]
        for person, row in by_person(first).items()
    ]
    assert np.mean(same) >= 0.95
    for person, row in by_person(first).items():
        assert second[person]["earlier_as_of"] == date(2024, 6, 30)
        assert second[person]["earlier_rfm_segment"] == row["rfm_segment"]


def test_refreshing_a_day_twice_changes_nothing(refresh):
    people = random_people(150)
    first = refresh(people, "2024-06-30")
    second = refresh(later(people, 7), "2024-07-07", first)
    rows, history = by_person(second), moves(second).to_pyarrow().to_pylist()
    again = refresh(later(people, 7), "2024-07-07", second)
    assert by_person(again) == rows
    assert sorted(moves(again, moves(second)).to_pyarrow().to_pylist(), key=str) == sorted(history, key=str)


def test_a_day_before_the_last_refresh_has_no_past(refresh):
    people = random_people(150)
    newest = refresh(people, "2024-06-30")
    rows = by_person(refresh(people, "2024-01-31", newest)).values()
    assert {row["earlier_as_of"] for row in rows} == {None}


def test_of_people_who_turned_out_to_be_one_the_group_of_the_larger_record_counts(con, refresh):
    people = random_people(150)
    first = refresh(people, "2024-06-30")
    groups = by_person(first)
    large = max(groups.values(), key=lambda row: row["total_amount"])
    small = next(row for row in groups.values() if row["rfm_segment"] != large["rfm_segment"])
    merged = {
        "record_customer_id": large["customer_id"], "customer_id": small["customer_id"],
        "strict_customer_id": large["customer_id"], "loose_customer_id": small["customer_id"],
        "evidence": "same e-mail", "strength": 1.0,
    }  # fmt: skip
    links = stored(con, contract.truth.CUSTOMER_LINKS, [merged])
    rows = by_person(refresh(people, "2024-07-07", first, links))
    assert rows[small["customer_id"]]["earlier_rfm_segment"] == large["rfm_segment"]


def test_transitions_count_who_came_who_moved_and_who_stayed(con):
    def person(number, earlier, name, amount, **changes):
        earlier_number = {None: None, "new buyers": 0, "regulars": 1}[earlier]
        return {
            "customer_id": f"c{number}", "as_of": date(2024, 7, 7), "order_count": 1, "total_amount": amount,
            "recency_days": 3, "segment": 0, "segment_name": "all", "method": "k-means",
            "rfm_segment": int(name != "new buyers"), "rfm_segment_name": name, "is_synthetic": False,
            "earlier_as_of": date(2024, 6, 30), "earlier_rfm_segment": earlier_number,
            "earlier_rfm_segment_name": earlier, **changes,
        }  # fmt: skip

    people = [
        person(1, None, "new buyers", 10.0),
        person(2, "new buyers", "regulars", 20.0),
        person(3, "new buyers", "regulars", 30.0),
        person(4, "regulars", "regulars", 40.0),
        person(5, "regulars", "quiet regulars", 50.0, recency_days=7),
        # An old export came in since.
        person(6, None, "quiet regulars", 60.0, recency_days=300),
    ]
    old = {
        "as_of_from": date(2024, 6, 1), "as_of_to": date(2024, 6, 30), "from_segment": "new buyers",
        "to_segment": "regulars", "people": 9, "buyers": 9, "amount": 1.0, "has_moved": True,
        "is_synthetic": False,
    }  # fmt: skip
    of_today = {**old, "as_of_from": date(2024, 6, 30), "as_of_to": date(2024, 7, 7)}
    generated = {**old, "is_synthetic": True}
    history = stored(con, contract.segments.SEGMENT_TRANSITIONS, [old, of_today, generated])
    table = moves(stored(con, SEGMENTS, people), history).order_by("as_of_to", "from_segment", "to_segment")
    rows = [
        (
            row["from_segment"],
            row["to_segment"],
            row["people"],
            row["buyers"],
            row["amount"],
            row["has_moved"],
        )
        for row in table.to_pyarrow().to_pylist()
    ]
    assert rows == [
        ("new buyers", "regulars", 9, 9, 1.0, True),
        ("new buyers", "regulars", 2, 2, 50.0, True),
        ("not a buyer yet", "new buyers", 1, 1, 10.0, True),
        ("not known then", "quiet regulars", 1, 0, 60.0, True),
        # The same group under another name: nobody moved.
        ("regulars", "quiet regulars", 1, 0, 50.0, False),
        ("regulars", "regulars", 1, 1, 40.0, False),
    ]


def test_a_shop_too_small_gets_groups_by_rule_and_is_told_so(refresh):
    people = people_of(order_count=[1, 1, 2, 3], recency_days=[120, 121, 120, 121])
    rows = list(by_person(refresh(people, "2024-06-30")).values())
    assert [row["rfm_segment_name"] for row in rows] == [
        "new buyers",
        "one-time buyers",
        "occasional buyers",
        "lapsed occasional buyers",
    ]
    assert {row["rfm_method"] for row in rows} == {
        "rule: 4 buyers; k-means on log recency, frequency and money needs 60, 56 more"
    }


@pytest.mark.parametrize(("size", "begins"), [(59, "rule: 59 buyers"), (60, "k-means on log")])
def test_from_sixty_buyers_on_groups_are_found(refresh, size, begins):
    rows = by_person(refresh(random_people(size), "2024-06-30")).values()
    assert all(row["rfm_method"].startswith(begins) for row in rows)


def test_people_who_are_all_alike_are_grouped_by_rule(refresh):
    rows = by_person(refresh(people_of(order_count=[1] * 80), "2024-06-30")).values()
    assert {(row["rfm_segment_name"], row["rfm_method"].split(":")[0]) for row in rows} == {
        ("new buyers", "rule")
    }


def test_nobody_has_no_group(refresh):
    assert by_person(refresh(people_of(month=[1]).slice(0, 0), "2024-06-30")) == {}


def test_groups_made_anew_take_the_numbers_of_those_their_people_come_from():
    people = random_people(300)
    # Most are in one group, so that the groups are made anew.
    is_big = people.column("total_amount").to_numpy() > np.quantile(people.column("total_amount"), 0.8)
    earlier = pa.array(np.where(is_big, 9, 4))
    names = pa.array(np.where(is_big, "big spenders", "all others"))
    for column, day in (("as_of", date(2024, 7, 7)), ("earlier_as_of", date(2024, 6, 30))):
        people = people.append_column(column, pa.array([day] * 300))
    people = people.append_column("earlier_rfm_segment", earlier)
    people = people.append_column("earlier_rfm_segment_name", names)
    groups = rfm_groups(people, 120, 0)
    assert not groups.metrics["kept"]
    assert (groups.numbers[is_big] == 9).mean() > 0.5
    # The others get the first numbers that are free, and no name that is not true.
    assert set(groups.names) == {4, 9, *range(len(groups.names) - 2)}
    assert "all others" not in groups.names.values()
