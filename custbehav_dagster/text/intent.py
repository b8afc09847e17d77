"""How surely a public post asks for something that a small maker could make: weighted phrases.

A post is read by the phrases of `intent_rules.py`; each that is in it adds its weight, for or
against. The weights are a logistic regression fitted by `intent_training.py` and shipped in
`intent_weights.json` with a card of how they were made. Which posts are offered to the owner,
and with what product, belongs to `insights/leads.py`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, reduce
from operator import add
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir

from custbehav_dagster.text.intent_rules import FOR, RULES, Rule

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
    return (
        without_user_names(text.substr(0, READ_CHARACTERS))
        .lower()
        .re_replace(r"[\x{2018}\x{2019}\x{02BC}`]", "'")
    )


def without_user_names(text: ir.StringValue) -> ir.StringValue:
    """The text with `u/name` and `@name` taken out."""
    return text.re_replace(_USER_NAMES, r"\1")


def rule_hits(text: ir.StringValue) -> dict[str, ir.BooleanValue]:
    """For each rule, by name, whether a text made by `readable` says it."""
    return {rule.name: text.re_search(rule.pattern) for rule in RULES}


def intent_score(text: ir.StringValue, weights: Weights | None = None) -> ir.FloatingValue:
    """How surely a text made by `readable` asks for something made by hand, from 0 to 1.

    It is the probability of a set of posts of which 28 in 100 ask; elsewhere it only ranks.

    Args:
        text: a column made by `readable`; NULL stays NULL.
        weights: by default `shipped_weights()`.
    """
    known = weights or shipped_weights()
    said = [
        ibis.ifelse(text.re_search(rule.pattern), known.of_rule[rule.name], 0.0)
        for rule in RULES
        if known.of_rule[rule.name]
    ]
    log_odds = reduce(add, said, ibis.literal(known.start))
    return (1.0 / (1.0 + (-log_odds).exp())).round(4)


def reasons(text: ir.StringValue) -> ir.StringValue:
    """What a text made by `readable` says that speaks for a wish, in plain words: `names a budget; …`."""
    return _listed([ibis.ifelse(text.re_search(rule.pattern), rule.tells, None) for rule in FOR], "; ")


def telling_words(text: ir.StringValue) -> ir.StringValue:
    """The words themselves, one quote for each reason, at most 60 characters of each."""
    return _listed([_quote(text, rule) for rule in FOR], " … ")


def says(text: ir.StringValue, name: str) -> ir.BooleanValue:
    """Whether a text made by `readable` says what the rule of that name looks for."""
    return text.re_search(next(rule.pattern for rule in RULES if rule.name == name))


def _quote(text: ir.StringValue, rule: Rule) -> ir.StringValue:
    words = text.re_extract(rule.pattern, 0).strip().substr(0, _LONGEST_QUOTE)
    return ibis.ifelse(text.re_search(rule.pattern), words.re_replace(r"\s+", " "), None).nullif("")


def _listed(parts: list[ir.StringValue], mark: str) -> ir.StringValue:
    """The parts that are there, in order, with a mark between them."""
    together = reduce(add, [(ibis.literal(mark) + part).fill_null("") for part in parts])
    return together.substr(len(mark))
