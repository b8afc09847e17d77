"""Who takes part in the contest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import pyarrow as pa

from custbehav_dagster.forecasting.baselines import (
    fit_constant,
    fit_frequency_recency_rule,
    fit_recency_rule,
)
from custbehav_dagster.forecasting.classifiers import fit_logistic, fit_naive_bayes
from custbehav_dagster.forecasting.told import NAMES as FROM_ORDER_DAYS
from custbehav_dagster.settings import Settings

Kind = Literal["model", "baseline"]


class Forecaster(Protocol):
    """Anything that tells how likely people are to return, and how sure it is of that."""

    def probabilities(self, people: pa.Table) -> np.ndarray:
        """One probability per person, strictly between 0 and 1."""

    def interval(self, people: pa.Table) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper end of its 80% interval per person."""


@dataclass(frozen=True)
class Contestant:
    """One entry that reads features: how it is called, what it is, how it learns."""

    name: str
    kind: Kind
    fit: Callable[[pa.Table, Settings], Forecaster]


CONTESTANTS = (
    Contestant("logistic", "model", fit_logistic),
    Contestant("naive_bayes", "model", fit_naive_bayes),
    Contestant("constant", "baseline", fit_constant),
    Contestant("recency_rule", "baseline", fit_recency_rule),
    Contestant("frequency_recency_rule", "baseline", fit_frequency_recency_rule),
)
BASELINES = {contestant.name: contestant.fit for contestant in CONTESTANTS if contestant.kind == "baseline"}
KINDS: dict[str, Kind] = {contestant.name: contestant.kind for contestant in CONTESTANTS} | dict.fromkeys(
    FROM_ORDER_DAYS, "model"
)
"""Every entry: those that read features, and those that read order days (`told`)."""
