"""How well sentiment agrees with people: scorers against labelled texts, raw, cleaned and stemmed.

`python -m benchmarks --only sentiment`. A trained scorer's figures are of texts that the regression
which scored them had not seen. The default is what a refresh uses: measured by the refresh's own code.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import ibis
import numpy as np
import pyarrow as pa

from benchmarks.corpora import Corpus, corpora
from benchmarks.results import Goal, Section
from custbehav_dagster.contract import cleaned
from custbehav_dagster.contract.truth import SENTIMENT_SCORERS, TEXT_SCORES
from custbehav_dagster.settings import Settings
from custbehav_dagster.text.choice import choose_scorers, labelled_texts, scorers_by_domain
from custbehav_dagster.text.normalize import clean_text
from custbehav_dagster.text.scoring import score_texts
from custbehav_dagster.text.sentiment import vader_scores
from custbehav_dagster.text.trained import train
from custbehav_dagster.text.truth import texts_to_score
from custbehav_dagster.text.words import unify_words

COLUMNS = ("texts", "scorer", "form", "count", "accuracy", "F1-macro", "AUC", "correlation with people")
GOALS = (
    ("tweets", "VADER", "raw", "r", 0.8775, "correlation with people on raw tweets (0.878 in three digits)"),
    ("UCI, three sites", "trained", "raw", "accuracy", 0.875, "accuracy on the three UCI sets"),
    ("UCI, three sites", "trained", "raw", "AUC", 0.945, "AUC on the three UCI sets"),
    ("clothing reviews", "trained", "raw", "F1", 0.855, "F1-macro on clothing reviews"),
)
CASES = (
    ("plain praise", "Lovely mug, so happy with it!", 1),
    ("plain complaint", "The handle broke and the glaze is ugly.", -1),
    ("negation", "This isn't good.", -1),
    ("negation, curly apostrophe", "It isn’t good and I don’t like it", -1),
    ("double negation", "Not bad at all, I can't complain", 1),
    ("five stars but", "Five stars but it arrived broken and the seller was rude", -1),
    ("complaint, then praise", "Delivery was slow but the mug is absolutely gorgeous", 1),
    ("emoji alone", "😍😍", 1),
    ("emoji turns it", "Great, it came in three pieces 😡", -1),
    ("emoji with a word", "arrived today ❤️", 1),
    ("sarcasm", "Oh great, another mug that leaks. Just what I needed.", -1),
    ("sarcasm", "Best three weeks of waiting of my life", -1),
    ("fact that is bad", "It fell apart after a week", -1),
    ("wish", "I hoped it would be bigger", -1),
    ("neutral fact", "The parcel came on Tuesday", 0),
    ("Persian praise", "این لیوان خیلی قشنگ است", None),
    ("German, with an English-looking word", "Die Tasse ist toll und kam sehr schnell an", None),
)

Measures = dict[str, float]


def sentiment(_: object = None) -> Section:
    """Scorers against people, set by set."""
    rows: list[list[str]] = []
    found: dict[tuple[str, str, str], Measures] = {}
    sets = corpora()
    for corpus in sets:
        for (scorer, form), scores in _all_scores(corpus).items():
            found[corpus.name, scorer, form] = measures = _measures(corpus, scores)
            rows.append([corpus.name, scorer, form, f"{len(corpus.texts):,}", *_cells(measures)])
    rows += _across(sets)
    return Section("Sentiment against people", COLUMNS, rows, _goals(found), _notes())


def _all_scores(corpus: Corpus) -> dict[tuple[str, str], np.ndarray]:
    """Scores by scorer and form of the text."""
    forms = _forms(corpus.texts)
    found = {("VADER", form): vader_scores(texts) for form, texts in forms.items()}
    clear = corpus.is_clear
    for form, texts in forms.items():
        learnt = [text for text, is_clear in zip(texts, clear, strict=True) if is_clear]
        found["trained", form] = train(learnt, corpus.is_good.tolist()).scores(texts)
    scores, name = default_scores(corpus)
    found[f"default: {name}", "raw"] = scores
    return found


def default_scores(corpus: Corpus) -> tuple[np.ndarray, str]:
    """Sentiment as a refresh gives it to these texts, 0 where it gives none, and the scorer's name."""
    rows = [
        {"text": text, "rating": stars, "is_synthetic": False, "source_type": corpus.domain}
        for text, stars in zip(corpus.texts, corpus.stars.tolist(), strict=True)
    ]
    is_own = corpus.domain == "internal_feedback"
    given = [pa.Table.from_pylist(rows if own is is_own else [], schema=table.schema.to_pyarrow())
             for own, table in ((True, cleaned.FEEDBACK), (False, cleaned.PUBLIC_TEXTS))]  # fmt: skip
    feedback, public = map(ibis.memtable, given)
    settings, earlier = Settings(), SENTIMENT_SCORERS.empty()
    with tempfile.TemporaryDirectory() as folder:
        labelled = labelled_texts(feedback, public)
        chosen = choose_scorers(labelled, earlier, None, Path(folder), settings)
        scorers, _ = scorers_by_domain(chosen.scorers, Path(folder), settings)
        wanted = texts_to_score(feedback, public, scorers.keys() - {"any"})
        table = score_texts(wanted, TEXT_SCORES.empty(), scorers, settings).to_pyarrow()
    by_hash = dict(zip(table["text_hash"].to_pylist(), table["sentiment"].to_pylist(), strict=True))
    keys = [hashlib.sha256(text.encode()).hexdigest()[:32] for text in corpus.texts]
    scorer = scorers.get(corpus.domain, scorers["any"])
    return np.array([by_hash[key] or 0.0 for key in keys]), scorer.name.split(" (")[0]


def _forms(texts: Sequence[str]) -> dict[str, list[str]]:
    rows = ibis.memtable(pa.table({"place": range(len(texts)), "text": list(texts)}))
    table = rows.mutate(clean=clean_text(rows.text)).order_by("place").to_pyarrow()
    clean = table["clean"].to_pylist()
    return {"raw": list(texts), "cleaned": clean, "stemmed": unify_words(clean, {}, "stem")}


def _measures(corpus: Corpus, scores: np.ndarray) -> Measures:
    from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

    good, clear = corpus.is_good, scores[corpus.is_clear]
    return {
        "accuracy": float(accuracy_score(good, clear > 0)),
        "F1": float(f1_score(good, clear > 0, average="macro")),
        "AUC": float(roc_auc_score(good, clear)),
        "r": float(np.corrcoef(corpus.stars, scores)[0, 1]),
    }


def _cells(measures: Measures) -> list[str]:
    return [f"{measures[name]:.3f}" for name in ("accuracy", "F1", "AUC", "r")]


def _across(sets: Sequence[Corpus]) -> list[list[str]]:
    """Scorers trained on one set, on others: why a trained scorer stays in its domain."""
    by_name = {corpus.name: corpus for corpus in sets}
    rows = []
    for learnt_from, used_on in (
        ("clothing reviews", "UCI, amazon"),
        ("clothing reviews", "tweets"),
        ("UCI, three sites", "clothing reviews"),
        ("UCI, three sites", "tweets"),
    ):
        source, target = by_name[learnt_from], by_name[used_on]
        texts = [text for text, is_clear in zip(source.texts, source.is_clear, strict=True) if is_clear]
        scores = train(texts, source.is_good.tolist()).scores(target.texts)
        count = f"{len(target.texts):,}"
        rows.append([used_on, f"trained on {learnt_from}", "raw", count, *_cells(_measures(target, scores))])
    return rows


def _goals(found: Mapping[tuple[str, str, str], Measures]) -> list[Goal]:
    goals = [
        Goal(f"{told} at least {limit}", f"{found[name, scorer, form][measure]:.4f}",
             found[name, scorer, form][measure] >= limit)
        for name, scorer, form, measure, limit, told in GOALS
    ]  # fmt: skip
    below = [
        f"{name}: {measure} {measures[measure]:.4f} against {found[name, 'VADER', 'raw'][measure]:.4f}"
        for (name, scorer, _), measures in found.items()
        if scorer.startswith("default")
        for measure in ("accuracy", "F1", "AUC", "r")
        if measures[measure] < found[name, "VADER", "raw"][measure] - 5e-4
    ]
    told = "; ".join(below) or "nowhere below by more than 0.0005"
    return [*goals, Goal("the default nowhere below plain VADER", told, not below)]


def _notes() -> str:
    lines = []
    for what, text, wanted in CASES:
        corpus = Corpus(what, "internal_feedback", [text], np.array([5.0]))
        score = _score_or_none(corpus)
        right = score is None if wanted is None else score is not None and _sign(score) == wanted
        told = "not scored" if score is None else f"{score:+.2f}"
        lines.append(f"| {what} | {text} | {told} | {'holds' if right else '**does not hold**'} |")
    return (
        "Good is 4 or 5 stars, bad 1 or 2; those between count for the correlation only. Means of people's "
        "ratings (tweets, editorials) are put on the same scale. Accuracy and F1 are at score 0.\n\n"
        "What VADER, the default where nothing is trained, makes of hard cases:\n\n"
        "| case | text | score | |\n| --- | --- | --- | --- |\n" + "\n".join(lines)
    )


def _score_or_none(corpus: Corpus) -> float | None:
    settings = Settings()
    given = ibis.memtable({"text": corpus.texts, "domain": ["any"]})
    scorers, _ = scorers_by_domain(SENTIMENT_SCORERS.empty(), Path(), settings)
    (score,) = (
        score_texts(given, TEXT_SCORES.empty(), scorers, settings).to_pyarrow()["sentiment"].to_pylist()
    )
    return None if score is None else float(score)


def _sign(score: float) -> int:
    return 0 if abs(score) < 0.05 else 1 if score > 0 else -1
