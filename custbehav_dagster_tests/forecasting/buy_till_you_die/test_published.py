"""The parameters published for the tenth of CDNOW's buyers that the literature uses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from custbehav_dagster.forecasting.buy_till_you_die.beta_geometric import BG_NBD, MBG_NBD
from custbehav_dagster.forecasting.buy_till_you_die.fitting import fit
from custbehav_dagster.forecasting.buy_till_you_die.forecast import expected_orders, probability_of_order
from custbehav_dagster.forecasting.buy_till_you_die.gamma_gamma import fit_gamma_gamma
from custbehav_dagster.forecasting.buy_till_you_die.histories import collapse, histories_of
from custbehav_dagster.forecasting.buy_till_you_die.pareto import PARETO_NBD

END = pd.Timestamp("1997-09-30")
SAMPLE = Path(__file__).with_name("cdnow_tenth.txt")
"""Which of the 23,570 buyers are in the sample of 2,357: no rule gives them from the published file."""


@pytest.fixture(scope="module")
def purchases(real_data):
    """One row per buyer of the sample and day up to the 39th week."""
    everything = pd.read_parquet(real_data / "cdnow" / "cdnow_full.parquet")
    sample = everything[everything.customer_id.isin([int(number) for number in SAMPLE.read_text().split()])]
    known = sample[sample.date <= END]
    return known.groupby(["customer_id", "date"], as_index=False).amount.sum()


@pytest.fixture(scope="module")
def weeks(purchases):
    """Histories in weeks."""
    days = purchases.groupby("customer_id").date.agg(["count", "min", "max"])
    return histories_of(
        days["count"] - 1, (days["max"] - days["min"]).dt.days / 7, (END - days["min"]).dt.days / 7
    )


@pytest.mark.parametrize(
    ("model", "parameters", "log_likelihood"),
    [
        (BG_NBD, [0.243, 4.414, 0.793, 2.426], -9582.4),
        (MBG_NBD, [0.525, 6.183, 0.891, 1.614], -9582.1),
        (PARETO_NBD, [0.553, 10.578, 0.606, 11.67], -9595.0),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_the_published_parameters_are_found(weeks, model, parameters, log_likelihood):
    assert len(weeks) == 2357
    fitted = fit(model, weeks)
    assert fitted.log_likelihood == pytest.approx(log_likelihood, abs=0.1)
    assert fitted.parameters == pytest.approx(parameters, abs=0.003 if model is PARETO_NBD else 0.001)


def test_people_who_never_came_back_make_few_distinct_histories(weeks):
    distinct, number = collapse(weeks)
    assert len(distinct) == 1016
    assert distinct.people.sum() == 2357
    assert (distinct.repeats[number] == weeks.repeats).all()
    assert (distinct.watched[number] == weeks.watched).all()


def test_the_published_forecast_for_one_person_is_found():
    # Fader, Hardie & Lee 2005, "Implementing the BG/NBD model in Excel", the first person, 39 weeks on.
    person = histories_of(np.array([2]), np.array([30.43]), np.array([38.86]))
    parameters = np.array([0.243, 4.414, 0.793, 2.426])
    assert expected_orders(BG_NBD, parameters, person, 39)[0] == pytest.approx(1.226, abs=0.001)


def test_one_time_buyers_are_told_a_lower_chance_the_longer_they_are_silent(weeks):
    fitted = fit(BG_NBD, weeks)
    silent = histories_of(np.zeros(3), np.zeros(3), np.array([4.0, 20.0, 39.0]))
    told = probability_of_order(BG_NBD, fitted.parameters, silent, 17.0)
    assert told[0] > told[1] > told[2] > 0
    # By whether they are alive, all three would be told one.
    assert (BG_NBD.probability_alive(fitted.parameters, silent) == 1).all()


def test_spend_per_order_is_what_was_published(purchases):
    repeats = purchases[purchases.date > purchases.groupby("customer_id").date.transform("min")]
    by_person = repeats.groupby("customer_id").amount.agg(["count", "mean"])
    by_person = by_person[by_person["mean"] > 0]
    assert len(by_person) == 946
    fitted = fit_gamma_gamma(by_person["count"].to_numpy(), by_person["mean"].to_numpy(), weak_prior=False)
    # Fader & Hardie 2013: p 6.25, q 3.74, v 15.45.
    assert [fitted.p, fitted.q, fitted.v] == pytest.approx([6.25, 3.74, 15.44], abs=0.03)
