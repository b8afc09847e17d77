"""Which scorer scores which texts: a trained one only for texts of its own kind, and only once it has won.

For each kind of text that people labelled (the shop's own feedback with its stars, public sentences with
their labels) a scorer is trained and set against VADER on the same texts, none of which the regression
that scores it has seen. It is used when it is better by three measures at once, each with a 95% interval
that leaves no doubt. Everywhere else VADER scores. A contest is held anew when a tenth more texts
are there, or when a text that was learnt from has gone from the sources.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir

from custbehav_dagster.contract.truth import SENTIMENT_SCORERS
from custbehav_dagster.forecasting.artifacts import card_path, load_model, save_model
from custbehav_dagster.settings import Settings
from custbehav_dagster.text import scorers, trained
from custbehav_dagster.text.scorers import ANY_SOURCE, ScoredHere, Scorer
from custbehav_dagster.text.scoring import text_hash
from custbehav_dagster.text.sentiment import lexicon_text, vader_scores
from custbehav_dagster.text.sentiment_contest import BAD_TO, GOOD_FROM, Contest, compare
from custbehav_dagster.text.transformer import TransformerProblem, transformer
from custbehav_dagster.warehouse.files import sha256_of

if TYPE_CHECKING:
    import pandas as pd

DOMAINS = {"internal_feedback": "this shop's stars", "public_sentiment": "the labels of public sentences"}
"""Kinds of text that a scorer can be trained on, and what it learns from."""
FEWEST_TEXTS, FEWEST_OF_A_KIND = 300, 50
MOST_TEXTS = 10_000
RETRAINED_WITH = 1.1
"""A contest is held anew when there are so many times the labelled texts of the last one."""


@dataclass(frozen=True)
class Chosen:
    """Rows of truth.sentiment_scorers, and `domain, text_hash` of what the models learnt from."""

    scorers: ir.Table
    learnt_from: ir.Table


def model_path(folder: Path, domain: str) -> Path:
    """Where the model of a kind of text lies: `sentiment_internal_feedback.joblib`."""
    return folder / f"sentiment_{domain}.joblib"


def labelled_texts(feedback: ir.Table, public_texts: ir.Table) -> ir.Table:
    """`domain, text_hash, text, rating` of real texts with words that have a label, each text once."""
    columns = ["text", "rating", "is_synthetic"]
    own = feedback.select(*columns, domain=ibis.literal("internal_feedback"))
    public = public_texts.select(*columns, domain=public_texts.source_type)
    rows = own.union(public).filter(
        lambda t: t.rating.notnull() & ~t.is_synthetic & (t.text.length() > 0) & t.domain.isin(list(DOMAINS))
    )
    rows = rows.mutate(text_hash=text_hash(rows.text))
    return rows.group_by("domain", "text_hash", "text").aggregate(rating=rows.rating.mean())


def choose_scorers(
    labelled: ir.Table, earlier: ir.Table, learnt_from: ir.Table | None, folder: Path, settings: Settings
) -> Chosen:
    """Hold the contests that are due, save the winners' models, and tell how each came out.

    Args:
        labelled: what `labelled_texts` gives.
        earlier: rows of truth.sentiment_scorers as the last refresh left them.
        learnt_from: `domain, text_hash` of the texts that the models in `folder` learnt from; None at first.
        folder: where models lie.
        settings: `sentiment_scorer`, `sentiment_transformer`, `shop_language`, `random_seed`.
    """
    import pyarrow as pa

    if settings.sentiment_scorer == "vader" or settings.sentiment_transformer:
        told = [_untried(domain, 0, "another scorer is set for all texts") for domain in DOMAINS]
        return _chosen(told, [], folder)
    if learnt_from is None:
        earlier, learnt_from = SENTIMENT_SCORERS.empty(), labelled.limit(0)
    counts = dict(
        labelled.group_by("domain").aggregate(texts=labelled.count()).to_pandas().itertuples(index=False)
    )
    before = {row["domain"]: row for row in earlier.to_pyarrow().to_pylist()}
    told, learnt = [], []
    for domain in DOMAINS:
        count, last = int(counts.get(domain, 0)), before.get(domain)
        of_domain = labelled.filter(labelled.domain == domain)
        used = learnt_from.filter(learnt_from.domain == domain).select("domain", "text_hash")
        if count < FEWEST_TEXTS:
            told.append(_untried(domain, count, f"fewer than {FEWEST_TEXTS} texts of it have a label"))
        elif last is not None and _still_holds(last, count, of_domain, used, folder):
            told.append(last)
            learnt.append(used.to_pyarrow())
        else:
            row, hashes = _hold_contest(domain, count, of_domain, folder, settings)
            told.append(row)
            learnt.append(pa.table({"domain": [domain] * len(hashes), "text_hash": hashes}))
    return _chosen(told, learnt, folder)


def scorers_by_domain(rows: ir.Table, folder: Path, settings: Settings) -> tuple[dict[str, Scorer], str]:
    """The scorer of each domain that has one of its own and of all others; a problem in words, or nothing.

    A transformer that is named in the settings scores everything; when it cannot be
    loaded, VADER does, and the problem says why.
    """
    if settings.sentiment_transformer:
        try:
            return {ANY_SOURCE: transformer(settings)}, ""
        except TransformerProblem as problem:
            return {ANY_SOURCE: scorers.vader(settings)}, f"{problem} VADER scored the texts instead."
    chosen = {ANY_SOURCE: scorers.vader(settings)}
    for row in rows.filter(rows.is_used).to_pyarrow().to_pylist():
        chosen[row["domain"]] = _trained_scorer(row, folder)
    return chosen, ""


def _trained_scorer(row: Mapping[str, Any], folder: Path) -> Scorer:
    def begin(expected: int) -> ScoredHere:
        return ScoredHere(load_model(model_path(folder, row["domain"]))["model"].scores)

    name = f"trained on {DOMAINS[row['domain']]} ({row['labelled_texts']:,} texts)"
    return Scorer(name, f"trained {row['model_sha256'][:16]}", scorers.ENGLISH, begin)


def _versions() -> str:
    lexicon = hashlib.sha256(lexicon_text().encode()).hexdigest()[:8]
    return (
        f"{trained.VERSION} scikit-learn {version('scikit-learn')} nltk {version('nltk')} lexicon {lexicon}"
    )


def _still_holds(
    last: Mapping[str, Any], count: int, labelled: ir.Table, learnt_from: ir.Table, folder: Path
) -> bool:
    """Whether the last contest was about these texts, give or take a tenth, and its model is still there."""
    if last["made_by"] != _versions() or not last["labelled_texts"]:
        return False
    if not 1 / RETRAINED_WITH < count / last["labelled_texts"] < RETRAINED_WITH:
        return False
    if last["is_used"]:
        path = model_path(folder, last["domain"])
        if not path.is_file() or not card_path(path).is_file() or sha256_of(path) != last["model_sha256"]:
            return False
    return bool(learnt_from.anti_join(labelled, "text_hash").count().to_pyarrow().as_py() == 0)


def _hold_contest(
    domain: str, count: int, labelled: ir.Table, folder: Path, settings: Settings
) -> tuple[dict[str, Any], list[str]]:
    """The row of the contest, and the hashes of the texts that its model, if it is kept, learnt from."""
    texts = _english_texts(labelled, settings)
    told = texts[(texts.rating >= GOOD_FROM) | (texts.rating <= BAD_TO)]
    is_good = (told.rating >= GOOD_FROM).to_numpy()
    fewer = int(min(is_good.sum(), (~is_good).sum()))
    if len(told) < FEWEST_TEXTS or fewer < FEWEST_OF_A_KIND:
        why = f"fewer than {FEWEST_OF_A_KIND} English texts of one kind, good or bad, have a label"
        return {**_untried(domain, count, why), "made_by": _versions()}, []
    model = trained.train(told.text.tolist(), is_good.tolist())
    every = texts.text.tolist()
    contest = compare(
        texts.rating.to_numpy(), model.scores(every), vader_scores(every), seed=settings.random_seed
    )
    row = _row(domain, count, is_good, contest)
    if not contest.is_won:
        return row, []
    card = {
        "trained_on": f"{len(told):,} English texts of {domain}, {int(is_good.sum()):,} of them good",
        "task": "sentiment of texts of the same kind, -1 bad to 1 good",
        "learns_from": DOMAINS[domain],
        "metrics": {key: value for key, value in row.items() if isinstance(value, float)},
        "not_for": "texts of any other kind, on which VADER is used",
    }
    folder.mkdir(parents=True, exist_ok=True)
    row["model_sha256"] = save_model(model_path(folder, domain), {"model": model, "scaler": None}, card)
    return row, told.text_hash.tolist()


def _english_texts(labelled: ir.Table, settings: Settings) -> pd.DataFrame:
    """At most MOST_TEXTS labelled texts in English, in an order that tells nothing of them."""
    from custbehav_dagster.text.language import detect_languages
    from custbehav_dagster.text.normalize import clean_text

    texts = labelled.mutate(clean=clean_text(labelled.text)).order_by("text_hash").limit(MOST_TEXTS)
    frame = texts.to_pandas()
    languages = detect_languages(frame.text.tolist(), frame.clean.tolist(), settings.shop_language)
    return frame[[language in scorers.ENGLISH for language in languages]].reset_index(drop=True)


def _row(domain: str, count: int, is_good: Any, contest: Contest) -> dict[str, Any]:
    why = (
        "it is better than VADER by all three measures, beyond chance"
        if contest.is_won
        else "it is not better than VADER by all three measures beyond chance, so VADER scores"
    )
    return {
        "domain": domain,
        "is_used": contest.is_won,
        "reason": why,
        "labelled_texts": count,
        "good_texts": int(is_good.sum()),
        "bad_texts": int((~is_good).sum()),
        **contest.as_columns(),
        "model_sha256": None,
        "made_by": _versions(),
    }


def _untried(domain: str, count: int, reason: str) -> dict[str, Any]:
    return {"domain": domain, "is_used": False, "reason": reason, "labelled_texts": count, "made_by": ""}


def _chosen(rows: list[dict[str, Any]], learnt: list[Any], folder: Path) -> Chosen:
    """The rows as tables; models no longer used are deleted, since they know the words of their texts."""
    import pyarrow as pa

    for row in rows:
        if not row["is_used"]:
            path = model_path(folder, row["domain"])
            path.unlink(missing_ok=True)
            card_path(path).unlink(missing_ok=True)
    schema = pa.schema([("domain", pa.string()), ("text_hash", pa.string())])
    hashes = pa.concat_tables([pa.table(schema.empty_table()), *(one.cast(schema) for one in learnt)])
    table = pa.Table.from_pylist(rows, schema=SENTIMENT_SCORERS.schema.to_pyarrow())
    return Chosen(SENTIMENT_SCORERS.conform(ibis.memtable(table)), ibis.memtable(hashes))
