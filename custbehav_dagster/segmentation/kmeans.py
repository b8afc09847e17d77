"""k-means on how often and for how much people bought: fitting, saving, and each person's group.

On the plain scale the few largest buyers take two of three groups and 93% of the
people share the third (Online Retail II and CDNOW), so both columns go through a
logarithm before they are standardised. Then the groups hold 20% to 54%, and agree
with those of resampled people (adjusted Rand index 0.96 and 0.98, plain 0.92 and 0.90).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from custbehav_dagster import contract
from custbehav_dagster.forecasting.artifacts import KMEANS_FILE, NOT_ABOUT_ONE_PERSON, placeholder, save_model
from custbehav_dagster.forecasting.people import flags, numbers, one_thread, read_people, sample_rows
from custbehav_dagster.segmentation.earlier import EARLIER, with_earlier_groups
from custbehav_dagster.segmentation.profiles import Middle, segment_names
from custbehav_dagster.segmentation.rfm_groups import rfm_groups
from custbehav_dagster.segmentation.rules import groups_by_rule, why_no_clusters
from custbehav_dagster.settings import Settings

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

FEATURES = ("order_count", "total_amount")
"""Columns the saved `scaler` takes, in this order, as raw numbers."""
K_MEANS = "k-means"
FITTED_PEOPLE = 50_000
"""Above this many people the groups are found in a sample of this size; everybody is then assigned."""
STARTS = 10
SILHOUETTE_PEOPLE = 2_000


@dataclass(frozen=True)
class Groups:
    """The group of each person, how it was found, and what is saved of it.

    Groups are numbered from 0 without a gap, by the mean amount of their people.
    """

    numbers: np.ndarray
    names: list[str]
    method: str
    bundle: dict[str, Any]
    metrics: dict[str, Any]


@one_thread()
def segment_customers(
    features: ir.Table,
    settings: Settings,
    folder: Path,
    earlier: ir.Table | None = None,
    customer_links: ir.Table | None = None,
) -> ir.Table:
    """One row per person of `features`, as contract.segments.CUSTOMERS_WITH_SEGMENTS says.

    `earlier` is that table as the last refresh left it; with `customer_links`
    (truth.customer_links) the groups by recency, frequency and money carry on from it.
    Saves the model as `kmeans_segment.joblib` in `folder`. A shop too small for
    k-means gets groups by rule, says so in `method`, and a placeholder for a model.
    """
    people = read_people(
        with_earlier_groups(features, earlier, customer_links),
        ["customer_id", "as_of", "order_count", "total_amount", "recency_days", "is_synthetic", *EARLIER],
    )
    groups = find_groups(people, settings)
    rfm = rfm_groups(people, settings.horizon_days, settings.random_seed)
    card = _card(people, groups, settings) | {"groups_by_recency_frequency_money": rfm.metrics}
    save_model(folder / KMEANS_FILE, groups.bundle, card)
    grouped = ibis.memtable(
        people.append_column("segment", pa.array(groups.numbers)).append_column(
            "rfm_segment", pa.array(rfm.numbers)
        )
    )
    return contract.segments.CUSTOMERS_WITH_SEGMENTS.conform(
        grouped.mutate(
            segment_name=_named(grouped.segment, dict(enumerate(groups.names))),
            method=ibis.literal(groups.method),
            rfm_segment_name=_named(grouped.rfm_segment, rfm.names),
            rfm_method=ibis.literal(rfm.method),
        )
    )


def _named(number: ir.IntegerColumn, names: dict[int, str]) -> ir.StringValue:
    return ibis.cases(*((number == its_number, name) for its_number, name in (names or {0: ""}).items()))


def find_groups(people: pa.Table, settings: Settings) -> Groups:
    """k-means with `settings.segment_count` groups, or the rule where there are too few people."""
    points = np.column_stack([numbers(people, name) for name in FEATURES])
    sample = points[sample_rows(len(points), FITTED_PEOPLE, settings.random_seed)]
    distinct = len(np.unique(np.maximum(sample, 0), axis=0))
    refusal = why_no_clusters(len(points), distinct, settings.segment_count)
    if refusal is None:
        return _by_kmeans(points, sample, settings)
    order = _by_mean_amount(groups_by_rule(points[:, 0], points[:, 1]), points)
    sentence = f"Not enough data: {refusal}."
    bundle = placeholder(sentence, {0: 1.0})
    return Groups(order, _names(points, order), f"rule: {refusal}", bundle, {})


def fit_scaler(points: np.ndarray) -> Pipeline:
    """log(1 + x) of both columns, amounts below zero as zero, then mean 0 and standard deviation 1."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    # The first step lets a reader hand over a list, an array or a data frame.
    to_numbers = FunctionTransformer(np.asarray, kw_args={"dtype": "float64"})
    not_below_zero = FunctionTransformer(np.clip, kw_args={"min": 0, "max": None})
    return make_pipeline(to_numbers, not_below_zero, FunctionTransformer(np.log1p), StandardScaler()).fit(
        points
    )


def _by_kmeans(points: np.ndarray, sample: np.ndarray, settings: Settings) -> Groups:
    from sklearn.cluster import KMeans

    scaler = fit_scaler(sample)
    scaled = scaler.transform(sample)
    model = KMeans(settings.segment_count, n_init=STARTS, random_state=settings.random_seed).fit(scaled)
    found = model.predict(scaler.transform(points))
    group = _by_mean_amount(found, points)
    # The model itself gives the numbers that the table shows, and keeps nobody's row.
    order = [int(found[np.argmax(group == number)]) for number in range(group.max() + 1)]
    model.cluster_centers_ = np.ascontiguousarray(model.cluster_centers_[order])
    del model.labels_
    names = _names(points, group)
    bundle = {"model": model, "scaler": scaler, "features": list(FEATURES), "segment_names": names}
    return Groups(group, names, K_MEANS, bundle, _metrics(model, scaled, settings.random_seed))


def _by_mean_amount(group: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Number the groups that have people from 0, by the mean amount of their people."""
    present, position = np.unique(group, return_inverse=True)
    means = np.bincount(position, points[:, 1], len(present)) / np.bincount(position, minlength=len(present))
    rank = np.empty(len(present), dtype="int64")
    rank[np.argsort(means, kind="stable")] = np.arange(len(present))
    return rank[position]


def _names(points: np.ndarray, group: np.ndarray) -> list[str]:
    if not len(points):
        return []
    middles = [Middle(*np.median(points[group == number], axis=0)) for number in range(group.max() + 1)]
    return segment_names(middles, Middle(*np.median(points, axis=0)))


def _metrics(model: Any, scaled: np.ndarray, seed: int) -> dict[str, Any]:
    from sklearn.metrics import silhouette_score

    few = scaled[sample_rows(len(scaled), SILHOUETTE_PEOPLE, seed)]
    labels = model.predict(few)
    several = 1 < len(np.unique(labels)) < len(few)
    return {
        "explained_share_of_variance": 1 - float(model.inertia_) / float((scaled**2).sum()),
        "silhouette": float(silhouette_score(few, labels)) if several else None,
    }


def _card(people: pa.Table, groups: Groups, settings: Settings) -> dict[str, Any]:
    sizes = np.bincount(groups.numbers, minlength=len(groups.names))
    days = people.column("as_of").unique().to_pylist()
    return {
        "model": K_MEANS,
        "question": "Which buyers are alike in how often and for how much they buy?",
        "refused": groups.bundle.get("refused"),
        "method": groups.method,
        "trained_on": {"people": people.num_rows, "as_of": str(max(days)) if days else None},
        "is_synthetic": bool(flags(people, "is_synthetic").any()),
        "features": list(FEATURES),
        "segments": [
            {"segment": number, "segment_name": name, "people": int(sizes[number])}
            for number, name in enumerate(groups.names)
        ],
        "settings": {"segment_count": settings.segment_count, "random_seed": settings.random_seed},
        "metrics": groups.metrics,
        "must_not_be_used_for": [
            NOT_ABOUT_ONE_PERSON,
            "another shop, or amounts in another currency",
            "telling who will return: a group says what people did, not what they will do",
        ],
    }
