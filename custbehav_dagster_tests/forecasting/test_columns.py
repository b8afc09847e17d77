import numpy as np
import pandas as pd
import pytest

from custbehav_dagster.forecasting.columns import (
    COLUMN_SHARES,
    FEATURES,
    feature_matrix,
    fit_scaler,
    learn_category_codes,
)
from custbehav_dagster_tests.forecasting.people import people_of, random_people


def test_categories_are_numbered_by_frequency_and_ties_by_the_alphabet():
    people = people_of(channel=["web", "fair", "etsy", "web", None, None, None], region=["Kent"] * 7)
    assert learn_category_codes(people) == {
        "channel": {"web": 0, "etsy": 1, "fair": 2},
        "region": {"Kent": 0},
    }


def test_unknown_and_missing_categories_share_the_number_after_the_last():
    codes = {"channel": {"web": 0, "etsy": 1}, "region": {}}
    matrix = feature_matrix(people_of(channel=["etsy", "web", "new", None]), codes)
    assert matrix[:, FEATURES.index("channel_code")].tolist() == [1, 0, 2, 2]
    assert matrix[:, FEATURES.index("region_code")].tolist() == [0, 0, 0, 0]


def test_only_the_thirty_most_frequent_categories_get_a_number_of_their_own():
    people = people_of(channel=[f"channel {number:02d}" for number in range(40)])
    assert len(learn_category_codes(people)["channel"]) == 30


@pytest.mark.parametrize(("season", "code"), [("winter", 0), ("spring", 1), ("summer", 2), ("autumn", 3)])
def test_seasons_are_numbered_from_winter(season, code):
    matrix = feature_matrix(people_of(season=[season]), {"channel": {}, "region": {}})
    assert matrix[0, FEATURES.index("season")] == code


def test_scaled_columns_have_mean_0_and_their_share_as_standard_deviation():
    people = random_people(500)
    matrix = feature_matrix(people, learn_category_codes(people))
    scaled = fit_scaler(matrix).transform(matrix)
    assert scaled.mean(axis=0) == pytest.approx(np.zeros(len(FEATURES)), abs=1e-9)
    assert scaled.std(axis=0) == pytest.approx(COLUMN_SHARES)


def test_the_scaler_takes_a_list_an_array_and_a_data_frame_and_amounts_below_zero():
    people = random_people(50)
    matrix = feature_matrix(people, learn_category_codes(people))
    matrix[0, FEATURES.index("total_amount")] = -25.0
    scaler = fit_scaler(matrix)
    scaled = scaler.transform(matrix)
    assert np.isfinite(scaled).all()
    assert (scaler.transform(matrix.tolist()) == scaled).all()
    assert (scaler.transform(pd.DataFrame(matrix, columns=list(FEATURES))) == scaled).all()
