"""Stopwords, stems and lemmas."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from custbehav_dagster.text.stopwords import NEGATIONS, english_stopwords
from custbehav_dagster.text.words import lemmatize_words, lemmatizer_name, stem_words, unify_words


def test_stopwords_are_those_of_scikit_learn_without_negations() -> None:
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    assert english_stopwords() | NEGATIONS == ENGLISH_STOP_WORDS
    assert not english_stopwords() & NEGATIONS


def test_no_negation_known_to_vader_is_a_stopword() -> None:
    from nltk.sentiment.vader import VaderConstants

    assert not {word.replace("'", "") for word in VaderConstants.NEGATE} & english_stopwords()


@pytest.mark.parametrize(
    "word", ["no", "not", "never", "cannot", "couldnt", "without", "dont", "isnt", "wont"]
)
def test_words_that_turn_a_sentence_round_stay(word: str) -> None:
    assert word not in english_stopwords()


@pytest.mark.parametrize(
    ("word", "stem"),
    [
        ("running", "run"),
        ("happily", "happili"),
        ("dying", "die"),
        ("skies", "sky"),
        ("it", "it"),
        ("خوب", "خوب"),
        ("12", "12"),
    ],
)
def test_stems_are_porters_with_nltks_extensions(word: str, stem: str) -> None:
    assert stem_words([word]) == {word: stem}


def test_every_word_has_a_stem_of_its_own() -> None:
    assert stem_words(iter(["loved", "loving", "mugs"])) == {"loved": "love", "loving": "love", "mugs": "mug"}


def test_texts_lose_stopwords_and_keep_negations() -> None:
    texts = ["i did not like these mugs", "", "the of and", "mugs mugs"]
    assert unify_words(texts, {}, "stem") == ["did not like mug", "", "", "mug mug"]


def test_known_words_are_not_worked_out_again() -> None:
    forms = {"mugs": "cups"}
    assert unify_words(["loved mugs"], forms, "stem") == ["love cups"]
    assert forms == {"mugs": "cups", "loved": "love"}


def test_lemmas_are_words_of_the_dictionary() -> None:
    assert unify_words(["the mice loved better earrings"], {}, "lemma") == ["mouse love good earring"]


def test_without_wordnets_data_simplemma_gives_the_lemmas(tmp_path: Path) -> None:
    assert lemmas_in_a_new_process(tmp_path) == "simplemma mouse love good qqq"


@pytest.mark.parametrize("zipped", [False, True])
def test_with_wordnets_data_wordnet_gives_the_lemmas(tmp_path: Path, zipped: bool) -> None:
    folder = write_small_wordnet(tmp_path / "corpora")
    if zipped:
        shutil.make_archive(str(folder), "zip", folder.parent, folder.name)
        shutil.rmtree(folder)
    assert lemmas_in_a_new_process(tmp_path) == "wordnet mouse love good qqq"


def test_the_name_says_who_lemmatizes_here() -> None:
    assert lemmatizer_name() in ("wordnet", "simplemma")
    assert lemmatize_words(["earrings"]) == {"earrings": "earring"}


def lemmas_in_a_new_process(nltk_data: Path) -> str:
    """Where NLTK looks for data is settled when it is imported."""
    code = (
        "import nltk, sys; nltk.data.path[:] = [sys.argv[1]];"
        "from custbehav_dagster.text.words import lemmatize_words, lemmatizer_name;"
        "print(lemmatizer_name(), *lemmatize_words(['mice', 'loved', 'better', 'qqq']).values())"
    )
    environment = {**os.environ, "NLTK_DATA": str(nltk_data), "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", code, str(nltk_data)],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
    )
    return done.stdout.strip()


def write_small_wordnet(corpora: Path) -> Path:
    """A WordNet of three words in the files' own format."""
    folder = corpora / "wordnet"
    folder.mkdir(parents=True)
    contents = {
        "lexnames": "00 noun.all 1",
        "noun.exc": "mice mouse",
        "index.noun": "mouse n 1 0 1 0 00000001",
        "index.verb": "love v 1 0 1 0 00000002",
        "adj.exc": "better good",
        "index.adj": "good a 1 0 1 0 00000003",
    }
    names = [
        "cntlist.rev",
        "index.sense",
        *(f"{kind}.{part}" for kind in ("data", "index") for part in PARTS),
    ]
    for name in [*names, *(f"{part}.exc" for part in PARTS), "lexnames"]:
        line = contents.get(name)
        (folder / name).write_text(f"{line}\n" if line else "")
    return folder


PARTS = ("noun", "verb", "adj", "adv")
