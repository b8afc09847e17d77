"""Leads: are the first twenty posts of the list by people who look for something? Against a keyword list.

`python -m benchmarks --only leads`. Judged on the half of `labelled_posts.csv` that trained nothing.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import ibis
import pyarrow as pa

from benchmarks.corpora import real_data
from benchmarks.questions import Bench
from benchmarks.results import Goal, Section, seconds
from custbehav_dagster.contract import cleaned, raw, truth
from custbehav_dagster.insights.leads import leads as posts_that_ask
from custbehav_dagster.insights.statistics import share_difference, wilson_interval
from custbehav_dagster.settings import Settings
from custbehav_dagster.text.intent import ASKS_FROM, intent_of, readable
from custbehav_dagster.text.intent_rules import FOR, RULES
from custbehav_dagster.text.intent_training import LabelledPost, read_labelled, rule_matrix

if TYPE_CHECKING:
    import ibis.expr.types as ir

POSTS = Path(__file__).with_name("labelled_posts.csv")
FIRST = 20
RARE = 0.05
MANY = 100_000
KEYWORDS = (
    "looking for", "where can i buy", "where can i get", "where to buy", "want to buy", "gift for", "gift",
    "present for", "recommend", "handmade", "custom", "commission", "personalised", "budget",
    "does anyone sell", "anyone selling", "iso", "wtb",
)  # fmt: skip
"""What a person would type into an alert for such posts; one point each."""
COLUMNS = (
    "way", "of the first 20, leads", "95% interval", "average precision", "leads found", "others let in"
)  # fmt: skip


@dataclass(frozen=True)
class Judged:
    """How one way of ranking did: leads among the first, average precision, and what passes its bar."""

    first: float
    average_precision: float
    found: int
    let_in: int


def keyword_scores(texts: Sequence[str]) -> list[float]:
    """How many of KEYWORDS a text holds."""
    patterns = [re.compile(rf"\b{word}") for word in KEYWORDS]
    return [float(sum(bool(pattern.search(text.lower())) for pattern in patterns)) for text in texts]


def counted_rules(texts: Sequence[str]) -> list[float]:
    """Rules that speak for a wish less twice those against it: the rules with no model at all."""
    signs = [1.0 if rule in FOR else -2.0 for rule in RULES]
    return [sum(s * said for s, said in zip(signs, row, strict=True)) for row in rule_matrix(texts)]


def shipped_scores(texts: Sequence[str]) -> list[float]:
    """The score of the package."""
    ids = [str(place) for place in range(len(texts))]
    table = ibis.memtable({"text_id": ids, "text": list(texts)})
    told = intent_of(table.select("text_id", read=readable(table.text))).to_pyarrow().to_pylist()
    by_id = {row["text_id"]: float(row["intent_score"]) for row in told}
    # A post that says none of the rules is not told of: it asks for nothing.
    return [by_id.get(text_id, 0.0) for text_id in ids]


def leads_among_first(scores: Sequence[float], is_lead: Sequence[bool], first: int = FIRST) -> float:
    """Leads among the `first` highest scores; of posts tied at the end, as many as chance would give."""
    bar = sorted(scores, reverse=True)[first - 1]
    above = [lead for score, lead in zip(scores, is_lead, strict=True) if score > bar]
    tied = [lead for score, lead in zip(scores, is_lead, strict=True) if score == bar]
    return sum(above) + (first - len(above)) * sum(tied) / len(tied)


def agreement(posts: Sequence[LabelledPost]) -> tuple[int, float]:
    """Posts on which both readings differ, and Cohen's kappa."""
    of = len(posts)
    differ = sum(post.first_label != post.second_label for post in posts)
    one, two = (
        sum(labels) / of for labels in zip(*((p.first_label, p.second_label) for p in posts), strict=True)
    )
    by_chance = one * two + (1 - one) * (1 - two)
    return differ, (1 - differ / of - by_chance) / (1 - by_chance)


def leads(bench: Bench) -> Section:
    """The shipped score, the rules merely counted, and a keyword list, on posts that trained nothing."""
    posts = read_labelled(POSTS)
    held_back = [post for post in posts if post.is_held_back]
    texts, is_lead = [post.text for post in held_back], [post.is_lead for post in held_back]
    ways: dict[str, tuple[Callable[[Sequence[str]], list[float]], float]] = {
        "a keyword list": (keyword_scores, 1.0),
        "the rules, counted": (counted_rules, 1.0),
        "the score that is shipped": (shipped_scores, ASKS_FROM),
    }
    judged = {name: _judged(score(texts), is_lead, bar) for name, (score, bar) in ways.items()}
    number = sum(is_lead)
    rows = [_row(name, one, number, len(is_lead) - number) for name, one in judged.items()]
    ours, theirs = judged["the score that is shipped"], judged["a keyword list"]
    low, high = share_difference(int(ours.first), FIRST, round(theirs.first), FIRST)
    goal = Goal(
        "precision at 20 above that of the keyword list, by more than chance",
        f"{(ours.first - theirs.first) / FIRST:.2f} more (95% sure: {low:.2f} to {high:.2f})",
        low > 0,
    )
    notes = " ".join(
        [_about(posts, held_back), _when_rare(ours, number, len(is_lead)), _elsewhere(), _cost()]
    )
    return Section("Leads", COLUMNS, rows, [goal], notes)


def _judged(scores: list[float], is_lead: list[bool], bar: float) -> Judged:
    from sklearn.metrics import average_precision_score

    passing = [lead for score, lead in zip(scores, is_lead, strict=True) if score >= bar]
    return Judged(
        leads_among_first(scores, is_lead),
        float(average_precision_score(is_lead, scores)),
        sum(passing),
        len(passing) - sum(passing),
    )


def _row(name: str, one: Judged, leads_there: int, others: int) -> list[str]:
    low, high = wilson_interval(round(one.first), FIRST)
    return [
        name,
        f"{one.first:.1f} ({one.first / FIRST:.2f})",
        f"{low:.2f} to {high:.2f}",
        f"{one.average_precision:.3f}",
        f"{one.found} of {leads_there}",
        f"{one.let_in} of {others}",
    ]


def _about(posts: Sequence[LabelledPost], held_back: Sequence[LabelledPost]) -> str:
    differ, kappa = agreement(posts)
    asking = sum(post.is_lead for post in held_back)
    return (
        f"{len(posts)} posts written by us, {len(held_back)} held back by a hash of their identifier,"
        f" {asking} of these leads. Two readings by the same person, the second in another order without"
        f" the first labels, differ on {differ} posts (Cohen's kappa {kappa:.2f}): that says that the"
        " guideline was kept, not that another person would agree. Many leads were written so that no"
        " usual phrase is in them, and many others so that one is: in nature a keyword list does better."
    )


def _when_rare(one: Judged, leads_there: int, posts: int) -> str:
    others = posts - leads_there
    fewest, most = wilson_interval(one.let_in, others)
    shares = [
        _share_when_rare(one.found / leads_there, share) for share in (one.let_in / others, most, fewest)
    ]
    return (
        f"Were only {RARE:.0%} of posts leads, {shares[0]:.0%} of those over the bar would be"
        f" ({shares[1]:.0%} to {shares[2]:.0%}, by the interval of the last column)."
    )


def _share_when_rare(found: float, let_in: float) -> float:
    return RARE * found / (RARE * found + (1 - RARE) * let_in)


def _elsewhere() -> str:
    titles = _real_posts()
    if not titles:
        return "The listing of real posts is not at hand."
    passing = sum(score >= ASKS_FROM for score in shipped_scores(titles))
    return f"Of {len(titles)} real posts of a general listing, none of them a lead, {passing} pass the bar."


def _real_posts() -> list[str]:
    """Titles and texts of a recorded listing; none where it is not at hand."""
    path = real_data() / "reddit_listing" / "listing.json.gz"
    if not path.exists():
        return []
    listed = json.loads(gzip.decompress(path.read_bytes()))["data"]["children"]
    return [f"{post['data']['title']}\n\n{post['data'].get('selftext') or ''}" for post in listed]


def _cost() -> str:
    """What the table costs for very many posts, all of them recent."""
    posts = [post.text for post in read_labelled(POSTS)]
    texts = [posts[place % len(posts)] for place in range(MANY)]
    started = os.times()
    clock = time.perf_counter()
    found = made_table(texts).to_pyarrow().num_rows
    used = os.times()
    cpu = used.user + used.system - started.user - started.system
    return f"{MANY:,} posts: {seconds(cpu)} CPU, {seconds(time.perf_counter() - clock)} ({found:,} rows)."


def made_table(texts: Sequence[str]) -> ir.Table:
    """insights.leads of posts with these texts, all written yesterday, for a shop of three products."""
    yesterday, count = datetime(2026, 6, 29, 12), len(texts)
    ids = [f"p{place}" for place in range(count)]
    stored = pa.table({"post_id": ids, "text": list(texts)})
    table = ibis.memtable(stored)
    known = {"is_synthetic": ibis.literal(False), "provenance": ibis.literal("reddit api")}
    all_texts = truth.SINGLE_SOURCE_OF_TRUTH.conform(
        table.mutate(
            text_id=ibis.literal("reddit:") + table.post_id,
            source_type=ibis.literal("reddit"),
            created_at=ibis.literal(yesterday),
            text_clean=table.text.lower(),
            text_stemmed=table.text.lower(),
            word_count=ibis.literal(30),
            char_count=table.text.length(),
            noise=ibis.literal(0.0),
            sentiment_model=ibis.literal("vader"),
            **known,
        )
    )
    posts = raw.REDDIT_POSTS.conform(
        table.mutate(title=table.text.split("\n")[0], subreddit=ibis.literal("handmade"), **known)
    )
    rows = [
        {
            "order_id": "1",
            "product": name,
            "quantity": 1,
            "unit_price": 1,
            "line_amount": 1,
            "kind": "product",
        }
        for name in ("Stoneware Mug", "Baby Blanket", "Bobble Hat")
    ]
    items = cleaned.ORDER_ITEMS.conform(
        ibis.memtable(rows).mutate(
            is_synthetic=ibis.literal(False), source_file=ibis.literal("made"), product_id=ibis.null("string")
        )
    )
    return posts_that_ask(
        all_texts,
        posts,
        raw.WEB_CONTENT.empty(),
        items,
        raw.LISTINGS.empty(),
        date(2026, 6, 30),
        Settings(),
    )
