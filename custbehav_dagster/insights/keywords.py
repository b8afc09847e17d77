"""Which words are said most in each source of texts, and in what mood."""

from __future__ import annotations

from functools import cache

import ibis
import ibis.expr.types as ir

from custbehav_dagster import contract
from custbehav_dagster.insights.money import steady_sum
from custbehav_dagster.settings import Settings

WORDS_PER_KEYWORD = 200
"""So many of the most frequent words per source are looked at for the form of each keyword."""
CONTRACTIONS = (
    "im ive youre youve hes shes theyre theyve weve isnt arent wasnt werent dont doesnt didnt havent hasnt "
    "hadnt wont wouldnt couldnt shouldnt cant aint thats theres whats lets"
)
"""Words that `clean_text` makes of contractions and scikit-learn's stopwords do not hold."""
FILLERS = "just really quite truly simply absolutely genuinely totally did does got came went took"
"""Words that only colour a sentence."""


def keyword_frequencies(texts: ir.Table, settings: Settings) -> ir.Table:
    """The most frequent stems of each source, as contract.insights.KEYWORDS says.

    A stem counts once per text, however often it stands there. `keyword` is the
    form in which people write it most often. Stems of one character or of figures
    alone, negations, contractions and fillers are left out: they have no topic.
    In a source that holds real texts, synthetic ones are not counted. Equal counts
    are ranked by the alphabet.

    Args:
        texts: truth.single_source_of_truth.
        settings: `keyword_count` and `word_form`, the one the texts were stemmed with.
    """
    rows = real_first(texts)
    top = _top_stems(rows, settings)
    written = _written_forms(rows, settings)
    totals = rows.group_by("source_type").aggregate(texts=rows.count(), is_synthetic=rows.is_synthetic.any())
    joined = top.join(totals, "source_type").left_join(written, ["source_type", "stem"])
    return contract.insights.KEYWORDS.conform(
        joined.select(
            "source_type",
            "stem",
            "text_count",
            "average_sentiment",
            "keyword_rank",
            "is_synthetic",
            keyword=joined.keyword.fill_null(joined.stem),
            share_of_texts=joined.text_count / joined.texts,
        )
    ).order_by("source_type", "keyword_rank")


def real_first(texts: ir.Table) -> ir.Table:
    """Drop the synthetic texts of each source that has real ones."""
    sources = texts.group_by("source_type").aggregate(has_real=(~texts.is_synthetic).any())
    # A filter by name and not a join: the texts themselves need not pass through it.
    with_real = sources.filter(sources.has_real).source_type.to_pyarrow().to_pylist()
    return texts.filter(~texts.is_synthetic | texts.source_type.notin(with_real))


@cache
def without_topic(word_form: str) -> tuple[str, ...]:
    """Stems of negations, contractions and fillers."""
    from custbehav_dagster.text.stopwords import NEGATIONS
    from custbehav_dagster.text.words import lemmatize_words, stem_words

    words = sorted(NEGATIONS.union(CONTRACTIONS.split(), FILLERS.split()))
    forms = {"stem": stem_words, "lemma": lemmatize_words}[word_form](words)
    return tuple(sorted({*words, *forms.values()}))


def _top_stems(rows: ir.Table, settings: Settings) -> ir.Table:
    stems = rows.select("source_type", "sentiment", stem=rows.text_stemmed.split(" ").unique().unnest())
    counted = (
        stems.filter(
            stems.stem.length() > 1,
            ~stems.stem.re_search(r"^\p{N}+$"),
            stems.stem.notin(without_topic(settings.word_form)),
        )
        .group_by("source_type", "stem")
        .aggregate(
            text_count=lambda t: t.count(),
            average_sentiment=lambda t: steady_sum(t.sentiment) / t.sentiment.count().nullif(0),
        )
    )
    in_source = ibis.window(
        group_by=counted.source_type, order_by=[counted.text_count.desc(), counted.stem.asc()]
    )
    ranked = counted.mutate(keyword_rank=ibis.row_number().over(in_source) + 1)
    return ranked.filter(ranked.keyword_rank <= settings.keyword_count)


def _written_forms(rows: ir.Table, settings: Settings) -> ir.Table:
    """The most frequent word of each stem in each source, among the frequent words."""
    import pyarrow as pa

    from custbehav_dagster.text.words import lemmatize_words, stem_words

    words = rows.select("source_type", keyword=rows.text_clean.split(" ").unnest())
    counted = words.group_by("source_type", "keyword").aggregate(times=lambda t: t.count())
    order = [counted.times.desc(), counted.keyword.asc()]
    in_source = ibis.window(group_by=counted.source_type, order_by=order)
    ranked = counted.mutate(place=ibis.row_number().over(in_source))
    frequent = ranked.filter(ranked.place < WORDS_PER_KEYWORD * settings.keyword_count).to_pyarrow()
    form_of = {"stem": stem_words, "lemma": lemmatize_words}[settings.word_form]
    forms = form_of(sorted(set(frequent["keyword"].to_pylist())))
    stems = pa.array([forms[word] for word in frequent["keyword"].to_pylist()], pa.string())
    known = ibis.memtable(frequent.append_column("stem", stems))
    in_stem = ibis.window(group_by=[known.source_type, known.stem], order_by=known.place)
    best = known.mutate(form=ibis.row_number().over(in_stem))
    return best.filter(best.form == 0).select("source_type", "stem", "keyword")
