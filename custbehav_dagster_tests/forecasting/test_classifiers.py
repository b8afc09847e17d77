import numpy as np
import pytest

from custbehav_dagster.forecasting.classifiers import Classifier, fit_logistic, fit_naive_bayes
from custbehav_dagster.forecasting.columns import FEATURES, feature_matrix
from custbehav_dagster.forecasting.people import CERTAINTY_LIMIT
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.forecasting.people import people_of, random_people

FITS = pytest.mark.parametrize("fit", [fit_logistic, fit_naive_bayes])


def saved_model_says(classifier, people):
    scaled = classifier.scaler.transform(feature_matrix(people, classifier.category_codes))
    return classifier.model.predict_proba(scaled)[:, 1]


@FITS
def test_probabilities_are_those_of_the_saved_model(fit):
    classifier, others = fit(random_people(600), Settings()), random_people(100, seed=1)
    told = np.clip(saved_model_says(classifier, others), CERTAINTY_LIMIT, 1 - CERTAINTY_LIMIT)
    assert classifier.probabilities(others) == pytest.approx(told, abs=1e-12)


@FITS
def test_contributions_of_a_person_add_up_to_the_distance_from_the_average_person(fit):
    people = random_people(600)
    classifier = fit(people, Settings())
    likely = saved_model_says(classifier, people)
    log_odds = np.log(likely / (1 - likely))
    contributions = classifier.contributions(people)
    assert contributions.shape == (600, len(FEATURES))
    assert contributions.sum(axis=1) == pytest.approx(log_odds - log_odds.mean(), abs=1e-9)


@FITS
def test_what_says_nothing_weighs_little_and_what_says_much_weighs_much(fit):
    weights = dict(zip(FEATURES, fit(random_people(5000), Settings()).weight_per_deviation(), strict=True))
    assert weights["order_count"] > 0.2
    assert weights["recency_days"] < -0.2
    assert max(abs(weights[name]) for name in ("day_of_week", "month", "season", "channel_code")) < 0.1


@FITS
def test_intervals_hold_the_probability_and_narrow_with_people(fit):
    others = random_people(200, seed=1)
    widths = []
    for size in (100, 400, 1600):
        classifier = fit(random_people(size), Settings())
        probability = classifier.probabilities(others)
        low, high = classifier.interval(others)
        assert ((low > 0) & (low <= probability) & (probability <= high) & (high < 1)).all()
        widths.append((high - low).mean())
    assert widths[0] > 1.3 * widths[1] > 1.3**2 * widths[2]


@FITS
def test_intervals_are_as_wide_as_refitting_on_resampled_people_says(fit):
    people, others = random_people(800), random_people(200, seed=1)
    generator = np.random.default_rng(3)
    refitted = [
        fit(people.take(generator.integers(0, 800, 800)), Settings()).probabilities(others) for _ in range(40)
    ]
    low, high = np.quantile(refitted, [0.1, 0.9], axis=0)
    told_low, told_high = fit(people, Settings()).interval(others)
    assert (told_high - told_low).mean() == pytest.approx((high - low).mean(), rel=0.25)


@FITS
def test_nobody_is_certain_even_when_one_column_tells_all(fit):
    returned = [True] * 50 + [False] * 50
    people = people_of(
        recency_days=[1] * 50 + [390] * 50, order_count=[50] * 50 + [1] * 50, returned=returned
    )
    far_out = people_of(recency_days=[0, 9_000], order_count=[10_000, 1], total_amount=[1e9, -1e6])
    classifier = fit(people, Settings())
    for probability in (classifier.probabilities(far_out), *classifier.interval(far_out)):
        assert (probability >= CERTAINTY_LIMIT).all()
        assert (probability <= 1 - CERTAINTY_LIMIT).all()


@FITS
def test_a_bundle_gives_the_classifier_back(fit):
    classifier, others = fit(random_people(200), Settings()), random_people(50, seed=1)
    again = Classifier.from_bundle(classifier.bundle())
    assert (again.probabilities(others) == classifier.probabilities(others)).all()
    assert (np.array(again.interval(others)) == np.array(classifier.interval(others))).all()


@FITS
def test_many_people_are_scored_in_pieces_with_the_same_result(fit, monkeypatch):
    classifier, others = fit(random_people(200), Settings()), random_people(95, seed=1)
    whole = (classifier.probabilities(others), *classifier.interval(others))
    monkeypatch.setattr("custbehav_dagster.forecasting.people.BATCH_ROWS", 10)
    assert np.array([classifier.probabilities(others), *classifier.interval(others)]) == pytest.approx(
        np.array(whole), abs=1e-12
    )
