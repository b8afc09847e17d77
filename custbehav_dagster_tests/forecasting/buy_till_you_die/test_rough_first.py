"""Fits that begin with a part of the histories arrive where those that begin from nothing do."""

from __future__ import annotations

import numpy as np
import pytest

from custbehav_dagster.forecasting.buy_till_you_die import fitting
from custbehav_dagster.forecasting.buy_till_you_die.beta_geometric import BG_NBD, MBG_NBD
from custbehav_dagster.forecasting.buy_till_you_die.fitting import Model, fit
from custbehav_dagster.forecasting.buy_till_you_die.histories import Histories, collapse, histories_of
from custbehav_dagster.forecasting.buy_till_you_die.pareto import PARETO_NBD
from custbehav_dagster.forecasting.buy_till_you_die.priors import TRADE_PRIORS


def _buyers(count: int) -> Histories:
    """People of different rates who stop at different times, as the models think of them."""
    draw = np.random.default_rng(3)
    watched = np.ceil(draw.uniform(30, 700, count))
    lasting = np.minimum(draw.exponential(draw.gamma(1.5, 200, count)), watched)
    repeats = draw.poisson(draw.gamma(0.8, 0.012, count) * lasting).astype(float)
    last = np.where(repeats > 0, np.ceil(lasting * draw.beta(repeats + 1, 1)), 0.0)
    return histories_of(repeats, np.minimum(last, watched), watched)


@pytest.mark.parametrize("model", [BG_NBD, MBG_NBD, PARETO_NBD], ids=lambda model: model.name)
def test_the_parameters_agree_within_a_twentieth_of_their_uncertainty(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    buyers = _buyers(16_000)
    assert len(collapse(buyers)[0]) > fitting.ROUGH_FIRST
    quick = fit(model, buyers, TRADE_PRIORS[model.name])
    monkeypatch.setattr(fitting, "ROUGH_FIRST", 10**9)
    whole = fit(model, buyers, TRADE_PRIORS[model.name])
    uncertain = np.sqrt(np.diag(whole.covariance))
    assert np.abs(np.log(quick.parameters / whole.parameters) / uncertain).max() < 0.05


def test_a_way_that_does_not_arrive_is_left_for_the_whole_search(monkeypatch: pytest.MonkeyPatch) -> None:
    buyers = _buyers(16_000)
    monkeypatch.setattr(fitting, "ROUGH_FIRST", 10**9)
    whole = fit(BG_NBD, buyers)
    monkeypatch.setattr(fitting, "ROUGH_FIRST", 0)
    monkeypatch.setattr(fitting, "MOST_STEPS", 0)
    assert fit(BG_NBD, buyers).parameters.tolist() == whole.parameters.tolist()
