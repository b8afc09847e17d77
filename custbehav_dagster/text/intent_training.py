"""The weights of `intent.py`, made from the labelled posts.

`python -m custbehav_dagster.text.intent_training` writes them, the same ones each time.

The posts are halved by a hash of their identifier. One half makes the weights; the other is held
back and only `benchmarks/leads.py` looks at it.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis

from custbehav_dagster.text.intent import WEIGHTS, Weights, readable, said_rules
from custbehav_dagster.text.intent_rules import RULES

PENALTY = 1.0
"""Inverse strength of the ridge penalty; picked among 0.1 to 3 by cross-validation on the training half."""
DECIMALS = 3


@dataclass(frozen=True)
class LabelledPost:
    """A post with the labels of both readings."""

    post_id: str
    text: str
    first_label: bool
    second_label: bool

    @property
    def is_lead(self) -> bool:
        """Both readings say that it asks."""
        return self.first_label and self.second_label

    @property
    def is_held_back(self) -> bool:
        """It belongs to the half that trains nothing."""
        return hashlib.sha256(self.post_id.encode()).digest()[0] % 2 == 1


def read_labelled(path: Path) -> list[LabelledPost]:
    """Posts of a CSV with the columns post_id, title, body, first_label and second_label (1 or 0)."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            LabelledPost(
                row["post_id"],
                f"{row['title']}\n\n{row['body']}",
                row["first_label"] == "1",
                row["second_label"] == "1",
            )
            for row in csv.DictReader(file)
        ]


def rule_matrix(texts: Sequence[str]) -> list[list[float]]:
    """One row per text: 1 for each rule that it says, in the order of RULES."""
    posts = ibis.memtable({"text_id": [str(place) for place in range(len(texts))], "text": list(texts)})
    said = said_rules(posts.select("text_id", read=readable(posts.text))).to_pyarrow().to_pylist()
    matrix = [[0.0] * len(RULES) for _ in texts]
    for row in said:
        matrix[int(row["text_id"])][row["place"]] = 1.0
    return matrix


def fit(posts: Sequence[LabelledPost]) -> Weights:
    """Logistic regression with a ridge penalty on which rules a post says.

    A rule that turned out to weigh against its own sense is left without weight.
    """
    from sklearn.linear_model import LogisticRegression

    matrix = rule_matrix([post.text for post in posts])
    model = LogisticRegression(C=PENALTY, solver="newton-cholesky", tol=1e-8)
    model.fit(matrix, [post.is_lead for post in posts])
    of_rule = {}
    for rule, weight in zip(RULES, model.coef_[0], strict=True):
        makes_sense = (weight > 0) == rule.speaks_for
        of_rule[rule.name] = round(float(weight), DECIMALS) if makes_sense else 0.0
    return Weights(round(float(model.intercept_[0]), DECIMALS), of_rule)


def card_of(posts: Sequence[LabelledPost], weights: Weights) -> dict[str, Any]:
    """The file that is shipped: the weights, and how they were made."""
    return {
        "what": "log-odds that a public post asks for something a small maker could make",
        "method": f"logistic regression, ridge penalty, C = {PENALTY:g}; rules of text/intent_rules.py",
        "trained_on": "training half of benchmarks/labelled_posts.csv, written and labelled by this project",
        "posts": len(posts),
        "asking_posts": sum(post.is_lead for post in posts),
        "not_for": "telling how many of all posts ask; texts that are no posts; deciding about people",
        "start": weights.start,
        "weights": weights.of_rule,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the weights; give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m custbehav_dagster.text.intent_training")
    parser.add_argument("--posts", type=Path, default=Path("benchmarks/labelled_posts.csv"))
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    chosen = parser.parse_args(arguments)
    posts = [post for post in read_labelled(chosen.posts) if not post.is_held_back]
    card = card_of(posts, fit(posts))
    chosen.out.write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
