"""The two models of the main job: logistic regression and Gaussian naive Bayes.

Both see the same ten columns and end as one sum per person: log-odds of returning =
weights * terms, where the terms are the scaled columns (and, for naive Bayes,
their squares). Probability, interval and reasons all come from that one sum.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from custbehav_dagster.forecasting.columns import (
    COLUMN_SHARES,
    FEATURES,
    CategoryCodes,
    feature_matrix,
    fit_scaler,
    learn_category_codes,
)
from custbehav_dagster.forecasting.people import (
    NORMAL_QUANTILE_90,
    batches,
    bounded,
    flags,
    row_batches,
    sample_rows,
)
from custbehav_dagster.settings import Settings

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

RIDGE_STRENGTH = 10.0
"""Prior precision of a weight per standard deviation. 1, which scikit-learn takes, lost 0.03 to 0.07
log loss on 60 people and won nothing on 20,000 (Online Retail II, CDNOW)."""
VARIANCE_SMOOTHING = 1.0
"""Share of the largest variance that naive Bayes adds to each. Its columns tell much the same; taken
for independent they make it far too sure: log loss 0.78 without, 0.54 with (Online Retail II)."""
SMALLEST_VARIANCE = 1e-9
BOOTSTRAP_DRAWS = 100
BOOTSTRAP_PEOPLE = 10_000


@dataclass(frozen=True)
class Classifier:
    """A fitted model with what it needs to read people.

    `weights` holds the constant, one weight per scaled column and, for naive Bayes,
    one per square; `covariance` is how uncertain they are together; `averages` are
    the mean terms of the people it was trained on.
    """

    model: Any
    scaler: Pipeline
    category_codes: CategoryCodes
    weights: np.ndarray
    covariance: np.ndarray
    averages: np.ndarray

    def probabilities(self, people: pa.Table) -> np.ndarray:
        """Probability of returning, within the limits of `bounded`."""
        log_odds = np.empty(people.num_rows)
        for rows, piece in batches(people):
            log_odds[rows] = self._terms(piece) @ self.weights
        return bounded(_logistic(log_odds))

    def interval(self, people: pa.Table) -> tuple[np.ndarray, np.ndarray]:
        """80% interval of the probability, from the uncertainty of the weights (delta method).

        It says how well the probability is known, not how the one person will decide.
        """
        low, high = np.empty(people.num_rows), np.empty(people.num_rows)
        for rows, piece in batches(people):
            terms = self._terms(piece)
            log_odds = terms @ self.weights
            variance = np.sum((terms @ self.covariance) * terms, axis=1)
            margin = NORMAL_QUANTILE_90 * np.sqrt(np.maximum(variance, 0))
            low[rows], high[rows] = _logistic(log_odds - margin), _logistic(log_odds + margin)
        return bounded(low), bounded(high)

    def contributions(self, people: pa.Table) -> np.ndarray:
        """What each of FEATURES adds to a person's log-odds, against the average person of training."""
        parts = (self._terms(people) - self.averages)[:, 1:] * self.weights[1:]
        return parts.reshape(people.num_rows, -1, len(FEATURES)).sum(axis=1)

    def weight_per_deviation(self) -> np.ndarray:
        """Change of the log-odds per standard deviation of each of FEATURES, at the average person."""
        return self.weights[1 : len(FEATURES) + 1] * COLUMN_SHARES

    def bundle(self) -> dict[str, Any]:
        """What is saved: `scaler` takes FEATURES as raw numbers, `model` takes what it gives."""
        parts = {field.name: getattr(self, field.name) for field in fields(self)}
        return {**parts, "features": list(FEATURES)}

    @classmethod
    def from_bundle(cls, bundle: dict[str, Any]) -> Classifier:
        """Take back what `bundle` gave."""
        return cls(**{field.name: bundle[field.name] for field in fields(cls)})

    def _terms(self, people: pa.Table) -> np.ndarray:
        scaled = self.scaler.transform(feature_matrix(people, self.category_codes))
        return _terms_of(scaled, squares=len(self.weights) > len(FEATURES) + 1)


def fit_logistic(people: pa.Table, settings: Settings) -> Classifier:
    """Ridge logistic regression; the weights' covariance is that of the Laplace approximation."""
    from sklearn.linear_model import LogisticRegression

    codes, scaler, scaled = _learn_scaling(people)
    model = LogisticRegression(C=1 / RIDGE_STRENGTH, solver="newton-cholesky", max_iter=200)
    model.fit(scaled, flags(people, "returned"))
    weights = np.concatenate([model.intercept_, model.coef_[0]])
    # The constant has no prior, each weight that of the ridge.
    precision = np.diag([0.0] + [RIDGE_STRENGTH] * len(FEATURES))
    for rows in row_batches(len(scaled)):
        terms = _terms_of(scaled[rows], squares=False)
        likely = _logistic(terms @ weights)
        precision += (terms * (likely * (1 - likely))[:, None]).T @ terms
    averages = np.concatenate([[1.0], scaled.mean(axis=0)])
    return Classifier(model, scaler, codes, weights, np.linalg.inv(precision), averages)


def fit_naive_bayes(people: pa.Table, settings: Settings) -> Classifier:
    """Gaussian naive Bayes; the weights' covariance comes from a Bayesian bootstrap of the people."""
    from sklearn.naive_bayes import GaussianNB

    codes, scaler, scaled = _learn_scaling(people)
    returned = flags(people, "returned")
    model = GaussianNB(var_smoothing=VARIANCE_SMOOTHING).fit(scaled, returned)
    # Where all people are alike every variance is 0, and has no logarithm.
    model.var_ = np.maximum(model.var_, SMALLEST_VARIANCE)
    left_part, returned_part = _gaussian_part(model.theta_, model.var_)
    weights = returned_part - left_part
    weights[0] += np.log(model.class_prior_[1] / model.class_prior_[0])
    covariance = _bootstrap_covariance(scaled, returned, float(model.epsilon_), settings.random_seed)
    averages = np.concatenate([[1.0], scaled.mean(axis=0), (scaled**2).mean(axis=0)])
    return Classifier(model, scaler, codes, weights, covariance, averages)


def _learn_scaling(people: pa.Table) -> tuple[CategoryCodes, Pipeline, np.ndarray]:
    """Category codes, scaler and the scaled columns of the people they were learnt from."""
    codes = learn_category_codes(people)
    matrix = feature_matrix(people, codes)
    scaler = fit_scaler(matrix)
    for rows in row_batches(len(matrix)):  # in place: a million people fill 80 MB, not three times that
        matrix[rows] = scaler.transform(matrix[rows])
    return codes, scaler, matrix


def _terms_of(scaled: np.ndarray, squares: bool) -> np.ndarray:
    constant = np.ones((len(scaled), 1))
    return np.hstack([constant, scaled, scaled**2] if squares else [constant, scaled])


def _logistic(log_odds: np.ndarray) -> np.ndarray:
    from scipy.special import expit

    return expit(log_odds)


def _gaussian_part(means: np.ndarray, variances: np.ndarray) -> np.ndarray:
    """One class's part of the weights: constant, slopes, squares. Columns are the last axis."""
    constant = -0.5 * (np.log(variances) + means**2 / variances).sum(axis=-1, keepdims=True)
    return np.concatenate([constant, means / variances, -0.5 / variances], axis=-1)


def _bootstrap_covariance(
    scaled: np.ndarray, returned: np.ndarray, smoothing: float, seed: int
) -> np.ndarray:
    """Covariance of the weights when the people of each class are weighted at random (Rubin 1981).

    Of a class above BOOTSTRAP_PEOPLE a sample is drawn, and its covariance made
    smaller by the share that the sample is of the class.
    """
    generator = np.random.default_rng(seed)
    covariance = np.zeros((2 * scaled.shape[1] + 1,) * 2)
    for label in (False, True):
        members = scaled[returned == label]
        chosen = members[sample_rows(len(members), BOOTSTRAP_PEOPLE, seed)]
        draws = generator.standard_exponential((BOOTSTRAP_DRAWS, len(chosen)))
        draws /= draws.sum(axis=1, keepdims=True)
        means = draws @ chosen
        variances = np.maximum(draws @ chosen**2 - means**2 + smoothing, SMALLEST_VARIANCE)
        covariance += np.cov(_gaussian_part(means, variances), rowvar=False) * (len(chosen) / len(members))
        # The log-odds of the class shares, which are counts.
        covariance[0, 0] += 1 / len(members)
    return covariance
