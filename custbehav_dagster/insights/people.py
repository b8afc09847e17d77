"""Insights about people: how often they buy, when they come back, who is slipping, how sure that is."""

from __future__ import annotations

import ibis

from custbehav_dagster.forecasting.evaluation import read_outcome
from custbehav_dagster.insights.insight import FLOOR, Facts, Insight
from custbehav_dagster.insights.returners import returners
from custbehav_dagster.insights.second_order import too_late
from custbehav_dagster.insights.statistics import auc_interval, wilson_interval
from custbehav_dagster.insights.wording import count, model_name, money, percent, quoted

SLIPPING = "slipping away"
"""Verdict of churn.scores for those who may still be won back."""


def bought_once(facts: Facts) -> Insight | None:
    """Which share of the buyers never came back so far."""
    rows = facts.known_purchases
    people = rows.table.group_by("customer_id").aggregate(orders=lambda t: t.count())
    sums = (
        people.aggregate(people=people.count(), once=(people.orders == 1).sum()).to_pyarrow().to_pylist()[0]
    )
    if sums["people"] < FLOOR:
        return None
    share = sums["once"] / sums["people"]
    return Insight(
        "bought_once",
        "customers",
        f"{percent(share)} of the {sums['people']:,} buyers have bought once so far.",
        share,
        "share of buyers",
        rows,
        "Put a card for the second order into each first parcel, and write once while it is remembered."
        if sums["once"]
        else "Nothing to do: everybody has come back.",
        wilson_interval(sums["once"], sums["people"]),
        parameters={"people": sums["people"], "once": sums["once"]},
    )


def best_segment(facts: Facts) -> Insight | None:
    """The group that brings most money for its size."""
    profiles = facts.segments.table.order_by("segment").to_pyarrow().to_pylist()
    known = [row for row in profiles if row["share_of_amount"] is not None]
    if len(known) < 2 or sum(row["people"] for row in known) < FLOOR:
        return None
    best = max(known, key=lambda row: row["share_of_amount"] - row["share_of_people"])
    return Insight(
        "best_segment",
        "customers",
        f"The group {quoted(best['segment_name'])} is {percent(best['share_of_people'])} of the buyers "
        f"({best['people']:,}) and brings {percent(best['share_of_amount'])} of the money.",
        best["share_of_amount"],
        "share of net amount",
        facts.segments.where(f"segment = {best['segment']}", lambda t: t.segment == best["segment"]),
        too_late(facts, best) or best["what_to_do"],
        parameters={"name": best["segment_name"], "people": best["people"], "share": best["share_of_people"]},
    )


def consent_proven(facts: Facts) -> Insight | None:
    """How many people may be written to."""
    rows = facts.customers
    sums = (
        rows.table.aggregate(people=rows.table.count(), proven=rows.table.accepts_marketing.sum())
        .to_pyarrow()
        .to_pylist()[0]
    )
    if sums["people"] < FLOOR:
        return None
    proven = sums["proven"] or 0
    share = proven / sums["people"]
    return Insight(
        "consent_proven",
        "customers",
        f"{percent(share) if proven else 'None'} of the {sums['people']:,} people"
        f"{f' ({proven:,}) have' if proven else ' has'} a proven consent to marketing mail.",
        share,
        "share of people",
        rows,
        "Ask for consent at the checkout and keep where it came from: only these people may be written to.",
        wilson_interval(proven, sums["people"]),
        parameters={"people": sums["people"], "proven": proven},
    )


def expected_returners(facts: Facts) -> Insight | None:
    """How many people can be expected to order again, and what that is worth."""
    rows = facts.scores.where("p_return IS NOT NULL", lambda t: t.p_return.notnull())
    found = returners(rows.table)
    if found.people < FLOOR:
        return None
    worth = f", worth about {money(found.worth, facts.currency)}" if found.worth is not None else ""
    return Insight(
        "expected_returners",
        "returns",
        f"About {found.expected:,.0f} of {found.people:,} people can be expected to order again within "
        f"{found.days} days (95% sure: between {found.low:,.0f} and {found.high:,.0f}){worth}.",
        found.expected,
        "people",
        rows,
        "Plan stock and packing for these orders; compare with what really came when the days are over.",
        (found.low, found.high),
        parameters={"people": found.people, "days": found.days, "worth": found.worth},
    )


def slipping_people(facts: Facts) -> Insight | None:
    """How many people may still be won back."""
    everybody = facts.scores.where("p_return IS NOT NULL", lambda t: t.p_return.notnull())
    rows = everybody.where(f"verdict = '{SLIPPING}'", lambda t: t.verdict == SLIPPING)
    people, slipping = everybody.count(), rows.count()
    if people < FLOOR or slipping == 0:
        return None
    p = rows.table.p_return
    low, high = rows.table.aggregate(low=p.min(), high=p.max()).to_pyarrow().to_pylist()[0].values()
    return Insight(
        "slipping_people",
        "returns",
        f"{count(slipping, 'person is', 'people are')} slipping away, of {people:,} buyers: "
        f"their chance of another order is {_from_to(percent(low), percent(high))}.",
        float(slipping),
        "people",
        rows,
        "Write to those who gave consent, the likeliest first (column return_rank of churn.scores).",
        parameters={
            "people": people,
            "lowest": low,
            "highest": high,
            "is_one_chance": percent(low) == percent(high),
        },
    )


def _from_to(low: str, high: str) -> str:
    return f"about {low}" if low == high else f"between {low} and {high}"


def model_over_guess(facts: Facts) -> Insight | None:
    """How well the forecasts in use tell returners from leavers, beside guessing and the simple rules."""
    rows = facts.evaluation.where(
        "metric = 'auc' AND fold = 'mean' AND value IS NOT NULL",
        lambda t: (t.metric == "auc") & (t.fold == "mean") & t.value.notnull(),
    )
    found = rows.table.order_by(ibis.desc("value"), "model").to_pyarrow().to_pylist()
    used = read_outcome(facts.evaluation.table).winner
    ours = next((row for row in found if row["model"] == used), None)
    rule = next((row for row in found if row["kind"] == "baseline"), None)
    if ours is None or rule is None or ours["people"] < FLOOR:
        return None
    leavers = ours["people"] - ours["returned_people"]
    if not ours["returned_people"] or not leavers:
        return None
    told = f"tells them apart in {ours['value'] * 100:.0f} of 100 pairs"
    if ours["kind"] == "baseline":
        sentence = f"Shown a returner and a leaver, the {model_name(ours['model'])} {told}, guessing in 50; "
        sentence += "no model's probabilities are better in this shop yet."
    else:
        sentence = f"Shown a returner and a leaver, the model in use ({model_name(ours['model'])}) {told}; "
        sentence += f"the best simple rule ({model_name(rule['model'])}) in {rule['value'] * 100:.0f}, "
        sentence += "guessing in 50."
    return Insight(
        "model_over_guess",
        "returns",
        sentence,
        ours["value"],
        "AUC",
        rows,
        "Trust the order of the list more than the single probability."
        if ours["value"] > rule["value"]
        else "Rank people by how long ago they bought: no model does better here yet.",
        auc_interval(ours["value"], ours["returned_people"], leavers),
        parameters={
            "model": ours["model"],
            "rule": rule["model"],
            "pairs": round(100 * ours["value"]),
            "rule_pairs": round(100 * rule["value"]),
            "beats": ours["value"] > rule["value"],
        },
    )
