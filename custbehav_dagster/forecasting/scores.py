"""Who will order again: a probability and its interval, a rank, a word and reasons for every person."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from custbehav_dagster import contract
from custbehav_dagster.contract.results import STATES
from custbehav_dagster.forecasting.artifacts import ModelFileError, load_model
from custbehav_dagster.forecasting.baselines import FrequencyRecencyRule
from custbehav_dagster.forecasting.classifiers import Classifier
from custbehav_dagster.forecasting.columns import COLUMNS
from custbehav_dagster.forecasting.contestants import BASELINES, Forecaster
from custbehav_dagster.forecasting.evaluation import read_outcome, rows_in
from custbehav_dagster.forecasting.intervals import shared_deviation
from custbehav_dagster.forecasting.order_days import OrderDays, day_number, read_order_days
from custbehav_dagster.forecasting.past import Past, log_odds_of
from custbehav_dagster.forecasting.people import LABELS, batches, flags, numbers, one_thread, read_people
from custbehav_dagster.forecasting.reasons import (
    REASON_COLUMNS,
    REASON_COUNT,
    facts_of_rank,
    reason_about,
    reasons_in_words,
    state_in_words,
    strongest_facts,
    strongest_reasons,
)
from custbehav_dagster.forecasting.states import (
    REFUSED_VERDICT,
    Standing,
    dates_of,
    evenly_spaced,
    find_standing,
    gift_buyers,
    named,
    verdicts_of,
)
from custbehav_dagster.forecasting.suppositions import FACTS, parts_of_forecast, parts_of_rule
from custbehav_dagster.forecasting.told import NAMES as FROM_ORDER_DAYS
from custbehav_dagster.forecasting.told import told_with_intervals
from custbehav_dagster.forecasting.training import MODEL_FILES
from custbehav_dagster.forecasting.worth import value_columns
from custbehav_dagster.insights.money import main_currency
from custbehav_dagster.settings import Settings

VALUE_COLUMNS = ("customer_id", "recency_days", "tenure_days", "order_count", "average_amount")
RULE_NAME = "rule: days since the last purchase"


@one_thread()
def score_people(
    features: ir.Table,
    dataset: ir.Table,
    evaluation: ir.Table,
    folder: Path,
    settings: Settings,
    orders: ir.Table | None = None,
) -> ir.Table:
    """One row per person of `features`, as contract.results.CHURN_SCORES says.

    The numbers are those of the winner of `evaluation`: a model from its file in
    `folder`, one that reads the days of `orders` (truth.orders), or a baseline learnt from
    `dataset` when no model beats it. When the evaluation was refused there are no
    probabilities, and the rank is by days since the last purchase, which is then the reason told;
    states there are even so.

    The interval of `p_return` is that of the probability; those of orders and spend are of what will
    come (`expectations`). Without `orders` everybody's are taken as evenly spaced, nothing is told
    of a year, and nobody buys gifts only.

    Raises:
        ModelFileError: the winner's file is missing, changed or holds no model.
        ValueError: the winner reads orders, and there are none.
    """
    outcome = read_outcome(evaluation)
    people = read_people(features, ["customer_id", "as_of", *COLUMNS, "average_amount", "is_synthetic"])
    shop = _read_shop(people, orders, settings)
    if outcome.winner is None:
        return _ranked_by_rule(people, shop, settings)
    newest = dataset.filter(dataset.cutoff == dataset.cutoff.max().as_scalar())
    known = read_people(newest, [*VALUE_COLUMNS, *LABELS, "cutoff"])
    if outcome.winner in FROM_ORDER_DAYS:
        forecaster: Forecaster = _from_order_days(outcome.winner, people, shop)
    else:
        forecaster = _forecaster(outcome.winner, known, folder, settings)
    return _told_by(forecaster, outcome.winner, people, known, shop, settings)


def _told_by(
    forecaster: Forecaster, winner: str, people: pa.Table, known: pa.Table, shop: Shop, settings: Settings
) -> ir.Table:
    """The scores by a forecaster, and by `known`, what returners bought before."""
    base_rate = float(flags(known, "returned").mean())
    p_return = forecaster.probabilities(people)
    low, high = forecaster.interval(people)
    shared = _shared_deviation(forecaster, people, shop)
    standing = find_standing(people, shop.days, shop.gift_only, p_return)
    columns = {
        "p_return": p_return,
        "p_return_low": low,
        "p_return_high": high,
        "p_churn": 1 - p_return,
        **value_columns(people, known, p_return, shared, settings.horizon_days, shop.past),
        "return_rank": _ranks(
            numbers(people, "recency_days"), -numbers(people, "order_count"), first=-p_return
        ),
        "shared_deviation": pa.array(np.full(people.num_rows, shared), from_pandas=True),
        "verdict": verdicts_of(standing.state, p_return),
        **_standing_columns(standing),
        **dict(zip(REASON_COLUMNS, _reasons(forecaster, people, p_return, base_rate).T, strict=True)),
    }
    scored = ibis.memtable(_with_columns(people, columns))
    return contract.results.CHURN_SCORES.conform(
        scored.mutate(
            horizon_days=ibis.literal(settings.horizon_days),
            reasons=reasons_in_words(scored, _without_reason(winner, base_rate), shop.currency),
            state_reason=state_in_words(scored),
            model=ibis.literal(winner),
        )
    )


def _shared_deviation(forecaster: Forecaster, people: pa.Table, shop: Shop) -> float:
    """Of the error all log-odds share: seasons and trends touch every forecast, whoever makes it."""
    if isinstance(forecaster, ToldOfAll) or shop.past is None or not people.num_rows:
        return float(getattr(forecaster, "shared_deviation", np.nan))
    return shared_deviation(shop.past, day_number(people.column("as_of")[0].as_py()))


@dataclass(frozen=True)
class Shop:
    """What is read of the orders: their days, who buys gifts only, the currency, and the shop's past."""

    days: OrderDays
    gift_only: np.ndarray
    currency: str
    past: Past | None


def _read_shop(people: pa.Table, orders: ir.Table | None, settings: Settings) -> Shop:
    if orders is None or not people.num_rows:
        nobody = np.zeros(people.num_rows, dtype=bool)
        return Shop(evenly_spaced(people), nobody, settings.currency, None)
    as_of = people.column("as_of")[0].as_py()
    days = read_order_days(orders, as_of)
    past = Past(days, settings.horizon_days, settings.random_seed)
    return Shop(days, gift_buyers(orders, people, as_of), main_currency(orders, settings.currency), past)


def _standing_columns(standing: Standing) -> dict[str, pa.Array]:
    return {
        "state": named(standing.state, STATES),
        "usual_gap_days": pa.array(standing.usual_gap),
        "next_order_due_date": dates_of(standing.next_due),
    }


@dataclass(frozen=True)
class ToldOfAll:
    """A forecast that was made of everybody at once, in the order of the people it was made for.

    `parts` are what each of suppositions.FACTS adds to their log-odds.
    """

    probability: np.ndarray
    low: np.ndarray
    high: np.ndarray
    shared_deviation: float
    parts: np.ndarray

    def probabilities(self, people: pa.Table) -> np.ndarray:
        """One probability per person."""
        return self.probability

    def interval(self, people: pa.Table) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper end of its 80% interval per person."""
        return self.low, self.high


def _from_order_days(winner: str, people: pa.Table, shop: Shop) -> ToldOfAll:
    if not people.num_rows:
        nobody = np.empty(0)
        return ToldOfAll(nobody, nobody, nobody, np.nan, np.empty((0, len(FACTS))))
    if shop.past is None:
        raise ValueError(f"The forecast '{winner}' reads the days of all orders, and was given none.")
    cutoff = day_number(people.column("as_of")[0].as_py())
    rows = rows_in(shop.past, people, cutoff)
    sure = told_with_intervals(shop.past, cutoff, winner)
    parts = parts_of_forecast(shop.past, cutoff, winner)
    return ToldOfAll(
        sure.probability[rows], sure.low[rows], sure.high[rows], sure.shared_deviation, parts[rows]
    )


def _forecaster(winner: str, known: pa.Table, folder: Path, settings: Settings) -> Forecaster:
    if winner in MODEL_FILES:
        path = folder / MODEL_FILES[winner]
        bundle = load_model(path)
        if bundle.get("refused"):
            raise ModelFileError(f"{path.name} holds no model: {bundle['refused']} Refresh to train it anew.")
        return Classifier.from_bundle(bundle)
    return BASELINES[winner](known, settings)


def _ranked_by_rule(people: pa.Table, shop: Shop, settings: Settings) -> ir.Table:
    recency, purchases = numbers(people, "recency_days"), numbers(people, "order_count")
    ranks = _ranks(-purchases, -numbers(people, "total_amount"), first=recency)
    standing = _standing_columns(find_standing(people, shop.days, shop.gift_only, None))
    scored = ibis.memtable(_with_columns(people, {"return_rank": ranks, **standing}))
    return contract.results.CHURN_SCORES.conform(
        scored.mutate(
            horizon_days=ibis.literal(settings.horizon_days),
            verdict=ibis.literal(REFUSED_VERDICT),
            reasons=facts_of_rank(scored),
            state_reason=state_in_words(scored),
            model=ibis.literal(RULE_NAME),
        )
    )


def _ranks(*ties: np.ndarray, first: np.ndarray) -> np.ndarray:
    """1 for the smallest `first`; ties by the others in turn, then by the order of the rows."""
    order = np.lexsort((*reversed(ties), first))
    ranks = np.empty(len(order), dtype="int64")
    ranks[order] = np.arange(1, len(order) + 1)
    return ranks


def _reasons(forecaster: Forecaster, people: pa.Table, p_return: np.ndarray, base_rate: float) -> np.ndarray:
    if isinstance(forecaster, ToldOfAll):
        return strongest_facts(forecaster.parts)
    if isinstance(forecaster, Classifier):
        reasons = np.zeros((people.num_rows, REASON_COUNT), dtype="int8")
        for rows, piece in batches(people):
            reasons[rows] = strongest_reasons(forecaster.contributions(piece), numbers(piece, "order_count"))
        return reasons
    if isinstance(forecaster, FrequencyRecencyRule):

        def ask(order_count: np.ndarray, recency: np.ndarray) -> np.ndarray:
            supposed = pa.table({"order_count": order_count, "recency_days": recency})
            return log_odds_of(forecaster.probabilities(supposed))

        return strongest_facts(
            parts_of_rule(ask, numbers(people, "order_count"), numbers(people, "recency_days"))
        )
    # Of the other baselines only the recency rule tells people apart.
    return reason_about("last_order", _log_odds(p_return) - _log_odds(np.array(base_rate)))


def _without_reason(winner: str, base_rate: float) -> str:
    share = f"{100 * base_rate:.0f} of 100 buyers return"
    if winner == "constant":
        return f"{share}, and nothing known tells who"
    return f"much like the average buyer: {share}"


def _log_odds(probability: np.ndarray) -> np.ndarray:
    return np.log(probability / (1 - probability))


def _with_columns(people: pa.Table, columns: dict[str, np.ndarray | pa.Array]) -> pa.Table:
    for name, values in columns.items():
        people = people.append_column(name, values if isinstance(values, pa.Array) else pa.array(values))
    return people
