import ibis
import pytest

from custbehav_dagster.contract import insights, truth
from custbehav_dagster.insights.keywords import keyword_frequencies
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.insights.given import stored, text


def found(con: ibis.BaseBackend, texts: list[dict], **knobs: object) -> list[dict]:
    table = stored(con, truth.SINGLE_SOURCE_OF_TRUTH, texts)
    result = keyword_frequencies(table, Settings(**knobs))
    assert result.schema() == insights.KEYWORDS.schema
    return result.to_pyarrow().to_pylist()


def test_forms_of_a_word_count_as_one_and_the_commonest_form_is_shown(con: ibis.BaseBackend) -> None:
    texts = [
        text(1, "the mugs arrived", 0.5),
        text(2, "mugs and more mugs", 0.1),
        text(3, "one mug", -0.3),
        text(4, "a bowl", 0.0),
    ]
    mug, *others = found(con, texts)
    assert {key: mug[key] for key in ("keyword", "stem", "text_count", "keyword_rank")} == {
        "keyword": "mugs",
        "stem": "mug",
        "text_count": 3,
        "keyword_rank": 1,
    }
    assert mug["share_of_texts"] == 0.75
    assert mug["average_sentiment"] == pytest.approx(0.1)
    assert [row["stem"] for row in others] == ["arriv", "bowl"]


def test_negations_contractions_figures_and_single_letters_are_no_keywords(con: ibis.BaseBackend) -> None:
    rows = found(con, [text(1, "not dont never 2024 ۱۲۳ x glaze")])
    assert [row["stem"] for row in rows] == ["glaze"]


def test_each_source_has_its_own_words_and_at_most_as_many_as_set(con: ibis.BaseBackend) -> None:
    texts = [text(1, "mug bowl plate"), text(2, "vase lamp desk", source_type="reddit")]
    rows = found(con, texts, keyword_count=2)
    assert [(row["source_type"], row["keyword"]) for row in rows] == [
        ("internal_feedback", "bowl"),
        ("internal_feedback", "mug"),
        ("reddit", "desk"),
        ("reddit", "lamp"),
    ]


def test_synthetic_texts_count_only_in_a_source_without_real_ones(con: ibis.BaseBackend) -> None:
    texts = [
        text(1, "mug"),
        text(2, "bowl", is_synthetic=True),
        text(3, "vase", source_type="web", is_synthetic=True),
    ]
    rows = found(con, texts)
    assert [(row["keyword"], row["is_synthetic"], row["share_of_texts"]) for row in rows] == [
        ("mug", False, 1.0),
        ("vase", True, 1.0),
    ]


def test_lemmas_are_understood_as_stems_are(con: ibis.BaseBackend) -> None:
    rows = found(con, [text(1, "two mugs", text_stemmed="mug")], word_form="lemma")
    assert [(row["stem"], row["keyword"]) for row in rows] == [("mug", "mugs")]


def test_no_texts_and_empty_texts_have_no_keywords(con: ibis.BaseBackend) -> None:
    assert found(con, []) == []
    assert found(con, [text(1, "", text_stemmed=""), text(2, "the", text_stemmed="")]) == []
