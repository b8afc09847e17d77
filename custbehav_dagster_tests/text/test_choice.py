"""A trained scorer is used for texts of its own kind once it has won there, and forgotten with its texts."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pytest

from custbehav_dagster.contract import cleaned
from custbehav_dagster.contract.truth import SENTIMENT_SCORERS
from custbehav_dagster.settings import Settings
from custbehav_dagster.text import choice
from custbehav_dagster.text.choice import (
    Chosen,
    choose_scorers,
    labelled_texts,
    model_path,
    scorers_by_domain,
)
from custbehav_dagster.text.scorers import ANY_SOURCE
from custbehav_dagster.text.sentiment import SENTIMENT_MODEL
from custbehav_dagster.text.sentiment_contest import compare, measures
from custbehav_dagster.text.trained import fold_of, train, words_with_negation

GOOD = ("keeps its shape", "fits like a glove", "worth every penny", "just as pictured", "will order again")
BAD = ("fell apart", "runs small", "went straight back", "nothing like the picture", "want my money back")


def reviews(count: int, seed: int = 1, rated_at_random: bool = False) -> list[dict[str, Any]]:
    """Reviews in words that VADER knows nothing of; 4 in 5 are good."""
    chance = random.Random(seed)
    rows = []
    for number in range(count):
        is_good = number % 5 > 0
        said = " and ".join(chance.sample(GOOD if is_good else BAD, 2))
        stars = chance.choice([1.0, 5.0]) if rated_at_random else (5.0 if is_good else 1.0)
        rows.append({"text": f"The mug number {number} {said}.", "rating": stars, "is_synthetic": False})
    return rows


@pytest.fixture(scope="module")
def many() -> list[dict[str, Any]]:
    return reviews(400)


def contests(
    folder: Path, own: list[dict[str, Any]], before: Chosen | None = None, **knobs: Any
) -> tuple[Chosen, dict[str, dict[str, Any]]]:
    """Hold the contests that are due, and give the rows by domain."""
    schema = cleaned.FEEDBACK.schema.to_pyarrow()
    feedback = ibis.memtable(pa.Table.from_pylist(own, schema=schema))
    labelled = labelled_texts(feedback, cleaned.PUBLIC_TEXTS.empty())
    earlier: ir.Table = before.scorers if before else SENTIMENT_SCORERS.empty()
    learnt = before.learnt_from if before else None
    chosen = choose_scorers(labelled, earlier, learnt, folder, Settings(**knobs))
    return chosen, {row["domain"]: row for row in chosen.scorers.to_pyarrow().to_pylist()}


@pytest.fixture(scope="module")
def won(tmp_path_factory: pytest.TempPathFactory, many: list[dict[str, Any]]) -> tuple[Path, Chosen]:
    folder = tmp_path_factory.mktemp("models")
    return folder, contests(folder, many)[0]


def test_a_scorer_that_wins_scores_texts_of_its_kind_and_no_others(won: tuple[Path, Chosen]) -> None:
    folder, chosen = won
    rows = {row["domain"]: row for row in chosen.scorers.to_pyarrow().to_pylist()}
    assert [rows[domain]["is_used"] for domain in ("internal_feedback", "public_sentiment")] == [True, False]
    row = rows["internal_feedback"]
    assert (row["labelled_texts"], row["good_texts"], row["bad_texts"]) == (400, 320, 80)
    assert row["auc_trained"] > 0.95 > row["auc_vader"]
    assert min(row["auc_gain_low"], row["balanced_accuracy_gain_low"], row["correlation_gain_low"]) > 0
    scorers, problem = scorers_by_domain(chosen.scorers, folder, Settings())
    assert (sorted(scorers), problem) == ([ANY_SOURCE, "internal_feedback"], "")
    assert scorers[ANY_SOURCE].name == SENTIMENT_MODEL
    assert scorers["internal_feedback"].name == "trained on this shop's stars (400 texts)"
    with scorers["internal_feedback"].begin(2) as scoring:
        bad, good, silent = scoring.submit(["It fell apart.", "It fits like a glove.", "10/10!"]).result()
    assert -1 <= bad < 0 < good <= 1
    assert silent == 0


def test_the_same_texts_need_no_new_contest(
    won: tuple[Path, Chosen], many: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choice.trained, "train", lambda *_: pytest.fail("trained anew"))
    folder, chosen = won
    again, _ = contests(folder, [*many, *reviews(10, seed=2)], chosen)
    assert again.scorers.to_pyarrow().to_pylist() == chosen.scorers.to_pyarrow().to_pylist()


@pytest.mark.parametrize("change", ["text gone", "a tenth more", "model damaged", "other libraries"])
def test_a_contest_is_held_anew_when_its_ground_has_changed(
    won: tuple[Path, Chosen], many: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    folder, chosen = won
    texts = {"text gone": many[1:], "a tenth more": [*many, *reviews(440, seed=2)[400:]]}.get(change, many)
    path = model_path(folder, "internal_feedback")
    model = path.read_bytes()
    if change == "model damaged":
        path.write_bytes(model[:-1])
    if change == "other libraries":
        monkeypatch.setattr(choice, "_versions", lambda: "newer")
    held: list[int] = []

    def lose(texts: list[str], is_good: list[bool]) -> Any:
        held.append(len(texts))
        raise ValueError

    monkeypatch.setattr(choice.trained, "train", lose)
    with pytest.raises(ValueError):
        contests(folder, texts, chosen)
    path.write_bytes(model)
    assert held == [len(texts)]


@pytest.mark.parametrize(
    ("own", "knobs", "told"),
    [
        (reviews(299), {}, "fewer than 300 texts"),
        ([row | {"is_synthetic": True} for row in reviews(400)], {}, "fewer than 300 texts"),
        ([row for row in reviews(400) if row["rating"] == 5], {}, "fewer than 50 English texts"),
        (reviews(400), {"sentiment_scorer": "vader"}, "another scorer is set"),
        (reviews(400, rated_at_random=True), {}, "not better than VADER"),
    ],
    ids=["too few", "made up", "one kind", "switched off", "stars at random"],
)
def test_without_a_clear_win_vader_scores_and_no_model_is_left(
    tmp_path: Path, own: list[dict[str, Any]], knobs: dict[str, str], told: str
) -> None:
    model_path(tmp_path, "internal_feedback").write_bytes(b"an older model")
    chosen, rows = contests(tmp_path, own, **knobs)
    assert told in rows["internal_feedback"]["reason"]
    assert not rows["internal_feedback"]["is_used"]
    assert list(scorers_by_domain(chosen.scorers, tmp_path, Settings())[0]) == [ANY_SOURCE]
    assert list(tmp_path.iterdir()) == []
    assert chosen.learnt_from.count().to_pyarrow().as_py() == 0


def test_no_text_is_scored_by_a_regression_that_has_seen_it() -> None:
    chance = random.Random(3)
    texts = [f"zorp{chance.random()} mug" for _ in range(200)]
    is_good = [chance.random() < 0.5 for _ in texts]
    scorer = train([*texts, *texts], [*is_good, *is_good])
    scores = scorer.scores(texts)
    # Each text's only telling word stands in its own fold alone: it cannot help.
    assert abs(np.corrcoef(scores, is_good)[0, 1]) < 0.3
    assert {fold_of("A mug!"), fold_of("a MUG")} == {fold_of("amug")}


def test_words_after_a_negation_come_as_words_of_their_own() -> None:
    assert words_with_negation("It isn't good, but pretty") == [
        *("it", "isn't", "good", "N_good", "but", "pretty")
    ]


def test_measures_of_a_perfect_a_reversed_and_a_silent_scorer() -> None:
    stars = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    assert measures(stars, stars - 3) == pytest.approx([1.0, 1.0, 1.0])
    assert measures(stars, 3 - stars) == pytest.approx([0.0, 0.0, -1.0])
    assert measures(stars, np.zeros(5)) == pytest.approx([0.5, 0.5, 0.0])


def test_a_scorer_does_not_win_against_itself() -> None:
    stars = np.array([1.0, 5.0] * 50)
    scores = np.random.default_rng(1).normal(size=100)
    contest = compare(stars, scores, scores, seed=0)
    assert not contest.is_won
    assert set(contest.low + contest.high) == {0.0}
