"""How surely a public post asks for something that a small maker could make: weighted phrases.

A post is read by the phrases of `intent_rules.py`; each that is in it adds its weight, for or
against. The weights are a logistic regression fitted by `intent_training.py` and shipped in
`intent_weights.json` with a card of how they were made. Which posts are offered to the owner,
and with what product, belongs to `insights/leads.py`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir

from custbehav_dagster.text.intent_rules import RULES

WEIGHTS = Path(__file__).with_name("intent_weights.json")
ASKS_FROM = 0.5
"""Posts from this score on count as asking; fixed before the held-back half was looked at."""
READ_CHARACTERS = 600
"""A post says early what it wants; a long one holds every phrase somewhere."""
_USER_NAMES = r"(^|[^\w/])((/?u/|@)[A-Za-z0-9_.-]+)"
_LONGEST_QUOTE = 60


@dataclass(frozen=True)
class Weights:
    """What a fitted model adds up: a start, and a weight for each rule by its name."""

    start: float
    of_rule: dict[str, float]


@cache
def shipped_weights() -> Weights:
    """The weights that come with the package.

    Raises:
        ValueError: the file knows other rules than the code, so it was not made from it.
    """
    card: dict[str, Any] = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    of_rule = {str(name): float(weight) for name, weight in card["weights"].items()}
    if of_rule.keys() != {rule.name for rule in RULES}:
        raise ValueError(f"{WEIGHTS.name} was made from other rules; make it anew with intent_training.")
    return Weights(float(card["start"]), of_rule)


def readable(text: ir.StringValue) -> ir.StringValue:
    """The beginning of a post as the rules read it: lower case, straight apostrophes, nobody's user name."""
    shown = without_user_names(text.substr(0, READ_CHARACTERS)).lower()
    return shown.re_replace(r"[\x{2018}\x{2019}\x{02BC}`]", "'")


def without_user_names(text: ir.StringValue) -> ir.StringValue:
    """The text with `u/name` and `@name` taken out."""
    return text.re_replace(_USER_NAMES, r"\1")


def said_rules(posts: ir.Table) -> ir.Table:
    """One row per post and rule that it says: text_id, place (of the rule in RULES) and quote (its words).

    Takes text_id and `read`, a text made by `readable`. Each pattern is tried once.
    """
    quotes = ibis.array([posts.read.re_extract(rule.pattern, 0) for rule in RULES])
    numbered = posts.select("text_id", quote=quotes).unnest("quote", offset="place", keep_empty=False)
    return numbered.filter(numbered.quote != "").select("text_id", "place", "quote")


def intent_of(posts: ir.Table, weights: Weights | None = None) -> ir.Table:
    """How surely posts ask for something made by hand, and by which words; those without any are left out.

    Columns: text_id; intent_score from 0 to 1, the probability in a set of posts of which 28 in 100
    ask (elsewhere it only ranks); reasons, in plain words, and telling_words, quotes for each, both
    in the order of the rules; names_budget, names_day, is_to_order and is_gift.

    Args:
        posts: text_id and `read`, a text made by `readable`.
        weights: by default `shipped_weights()`.
    """
    known = weights or shipped_weights()
    said = said_rules(posts).join(_rule_table(known), "place")
    quote = said.quote.strip().substr(0, _LONGEST_QUOTE).re_replace(r"\s+", " ")
    reason = ibis.struct({"place": said.place, "tells": said.tells, "quote": quote})
    found = said.group_by("text_id").aggregate(
        log_odds=said.weight.sum() + known.start,
        reasons=reason.collect(where=said.speaks_for),
        names_budget=(said.name == "budget").any(),
        names_day=(said.name == "deadline").any(),
        is_to_order=(said.name == "made_for_me").any(),
        is_gift=(said.name == "gift").any(),
    )
    in_order = found.reasons.sort()
    return found.select(
        "text_id",
        "names_budget",
        "names_day",
        "is_to_order",
        "is_gift",
        intent_score=(1.0 / (1.0 + (-found.log_odds).exp())).round(4),
        reasons=in_order.map(lambda one: one["tells"]).join("; "),
        telling_words=in_order.map(lambda one: one["quote"]).join(" … "),
    )


def _rule_table(weights: Weights) -> ir.Table:
    return ibis.memtable(
        [
            {
                "place": place,
                "name": rule.name,
                "tells": rule.tells,
                "speaks_for": rule.speaks_for,
                "weight": weights.of_rule[rule.name],
            }
            for place, rule in enumerate(RULES)
        ]
    )
