"""Pictures of people and models: segments, chances of coming back, how good the models are."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import ibis.expr.types as ir

from custbehav_dagster.figures.style import (
    BLUE,
    GREY,
    ORANGE,
    Labels,
    canvas,
    count_axis,
    drawable,
    legend_above,
    percent_axis,
    thin_spines,
    write_beside,
)
from custbehav_dagster.insights.wording import count, model_name, number, percent, quoted

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from custbehav_dagster.settings import Settings

METRICS = {
    "auc": ("ranking (AUC)", "more is better"),
    "average_precision": ("finding returners\n(average precision)", "more is better"),
    "brier": ("error of the probability\n(Brier score)", "less is better"),
}
MOST_SEGMENTS = 10


def segment_shares(profiles: ir.Table, settings: Settings) -> pd.DataFrame:
    """Take each segment's size and its shares of people and of money."""
    return (
        profiles.order_by("segment")
        .select("segment", "segment_name", "people", "share_of_people", "share_of_amount")
        .limit(MOST_SEGMENTS)
        .to_pyarrow()
        .to_pandas()
    )


def _segment_headline(segments: pd.DataFrame) -> str:
    lead = segments["share_of_amount"] - segments["share_of_people"]
    if len(segments) == 1 or lead.isna().all():
        biggest = segments.sort_values("people").iloc[-1]
        name = quoted(drawable(biggest["segment_name"]))
        return f"{name} holds {percent(biggest['share_of_people'])} of the people"
    best = segments.assign(lead=lead).sort_values("lead", na_position="first").iloc[-1]
    return (
        f"{quoted(drawable(best['segment_name']))}: {percent(best['share_of_people'])} of the people, "
        f"{percent(best['share_of_amount'])} of the money"
    )


def draw_segment_distribution(segments: pd.DataFrame, labels: Labels) -> Figure:
    """Draw each segment's share of the people beside its share of the money."""
    people = count(segments["people"].sum(), "person", "people")
    figure, (axes,) = canvas(
        _segment_headline(segments),
        f"{people} with at least one purchase, by segment.",
        labels,
        height_inches=2.4 + 0.75 * len(segments),
    )
    positions = range(len(segments))
    for column, offset, colour, name in (
        ("share_of_people", -0.2, ORANGE, "share of people"),
        ("share_of_amount", 0.2, BLUE, "share of money (net amount)"),
    ):
        shares: list[float] = segments[column].astype(float).fillna(0).tolist()
        axes.barh([place + offset for place in positions], shares, height=0.38, color=colour, label=name)
        for place, share, known in zip(positions, shares, segments[column].notna(), strict=True):
            text = percent(share) if known else "unknown"
            write_beside(axes, text, max(share, 0), place + offset, size=10)
    names = [
        f"{textwrap.fill(drawable(row['segment_name']), 20)}\n({count(row['people'], 'person', 'people')})"
        for row in segments.to_dict("records")
    ]
    axes.set_yticks(positions, names)
    axes.set_ylim(len(segments) - 0.5, -0.5)
    largest = max(segments["share_of_people"].max(), segments["share_of_amount"].fillna(0).max())
    axes.set_xlim(min(0, segments["share_of_amount"].fillna(0).min()), 1.08 * largest)
    percent_axis(axes.xaxis)
    legend_above(axes, 2)
    thin_spines(axes, grid="x")
    return figure


def probability_bins(scores: ir.Table, settings: Settings) -> pd.DataFrame:
    """Count people by their probability of returning, in 20 bins; `expected` is the sum of probabilities."""
    return (
        scores.mutate(bin=(scores.p_return * 20).floor().cast("int64").clip(upper=19))
        .group_by("bin")
        .aggregate(
            people=lambda t: t.count(),
            expected=lambda t: t.p_return.sum(),
            horizon_days=lambda t: t.horizon_days.max(),
        )
        .order_by("bin")
        .to_pyarrow()
        .to_pandas()
    )


def draw_return_probability_distribution(bins: pd.DataFrame, labels: Labels) -> Figure:
    """Draw how many people have which probability of ordering again."""
    people, expected = bins["people"].sum(), bins["expected"].sum()
    headline = (
        f"About {expected:,.0f} of {people:,} people can be expected to order again "
        f"within {bins['horizon_days'].max()} days"
    )
    unlikely = bins.loc[bins["bin"] < 5, "people"].sum()
    note = (
        f"{count(unlikely, 'person has', 'people have')} less than one chance in four. "
        "The expected number is the sum of all probabilities."
    )
    figure, (axes,) = canvas(headline, note, labels)
    axes.bar(bins["bin"] / 20 + 0.025, bins["people"], width=0.045, color=BLUE)
    axes.set_xlim(-0.01, 1.01)
    axes.set_xlabel("probability of at least one more order")
    axes.set_ylabel("people")
    axes.margins(y=0.1)
    percent_axis(axes.xaxis)
    count_axis(axes.yaxis)
    thin_spines(axes)
    return figure


def metrics_of_contestants(evaluation: ir.Table, settings: Settings) -> pd.DataFrame:
    """Take every fold's value and the mean of the measures that are drawn."""
    columns = ("model", "kind", "fold", "metric", "value")
    values = evaluation.select(*columns).order_by("kind", "model", "metric", "fold").to_pyarrow().to_pandas()
    # Without a mean there is nothing to compare; contestants without one are left out.
    return values[values["model"].isin(values.loc[values["fold"] == "mean", "model"])]


def _comparison_headline(means: pd.DataFrame) -> str:
    ranking = means[means["metric"] == "auc"].set_index("model")
    models, baselines = (ranking.loc[ranking["kind"] == kind, "value"] for kind in ("model", "baseline"))
    if models.empty:
        return "How good the models are, beside simple rules"
    best = float(models.max())
    if not baselines.empty and best <= float(baselines.max()):
        rule = number(float(baselines.max()))
        return f"No model beats the best simple rule at ranking ({number(best)} against {rule})"
    rule = (
        f"the best simple rule in {float(baselines.max()) * 100:.0f}, " if (baselines > 0.505).any() else ""
    )
    pairs = f"{best * 100:.0f} of 100 pairs"
    return f"The best model puts a returner above a leaver in {pairs}; {rule}guessing in 50"


def draw_churn_models_vs_baselines(values: pd.DataFrame, labels: Labels) -> Figure:
    """Draw each measure of each contestant: the mean as a large dot, the folds as strokes."""
    from matplotlib.ticker import MaxNLocator

    means = values[values["fold"] == "mean"]
    shown = [metric for metric in METRICS if metric in set(means["metric"])]
    contestants = means.drop_duplicates("model").sort_values(["kind", "model"], ascending=[False, True])
    places = {model: place for place, model in enumerate(contestants["model"])}
    note = "Dot: mean; strokes: single tests in the past. Grey: simple rules without a model, to beat."
    grid: dict[str, Any] = {"ncols": len(shown), "sharey": True}
    height = 3.0 + 0.42 * len(places)
    figure, panels = canvas(_comparison_headline(means), note, labels, height_inches=height, **grid)
    for axes, metric in zip(panels, shown, strict=True):
        _contestant_dots(
            axes, values[values["metric"] == metric], places, decimals=3 if metric == "brier" else 2
        )
        axes.set_xlabel("\n".join(METRICS[metric]))
        axes.margins(x=0.2)
        axes.set_ylim(len(places) - 0.5, -0.7)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=4))
        thin_spines(axes, grid="x")
    panels[0].set_yticks(list(places.values()), [drawable(model_name(model), 24) for model in places])
    return figure


def _contestant_dots(axes: Axes, values: pd.DataFrame, places: dict[str, int], decimals: int) -> None:
    for row in values.to_dict("records"):
        place, colour = places[row["model"]], BLUE if row["kind"] == "model" else GREY
        if row["fold"] == "mean":
            axes.scatter(row["value"], place, s=95, color=colour, edgecolor="white", zorder=4)
            write_beside(
                axes,
                number(row["value"], decimals),
                row["value"],
                place,
                right=0,
                up=13,
                ha="center",
                size=9.5,
            )
        else:
            axes.scatter(row["value"], place, s=110, marker="|", color=colour, zorder=3)
