"""The shop's own words: things are told from properties, and from names."""

from __future__ import annotations

from custbehav_dagster.insights.phrases import things_named, written_pairs


def names(*texts: str, fewest: int = 3) -> dict[str, int]:
    return {one.name: len(one.texts) for one in things_named(texts, {"delivery"}, fewest)}


def test_what_stands_after_an_article_and_before_nothing_of_its_own_is_a_thing() -> None:
    texts = [
        "The clasp is strong.",
        "I love the clasp!",
        "My clasp broke.",
        "A strong chain, the lovely clasp.",
    ]
    assert names(*texts) == {"clasp": 4}


def test_a_property_is_no_thing_even_after_an_article() -> None:
    texts = [
        "The lovely clasp is here.",
        "A lovely chain.",
        "The chain is lovely.",
        "The clasp is so lovely.",
    ]
    assert "lovely" not in names(*texts, fewest=1)


def test_forms_of_a_word_are_one_thing_called_by_the_commonest() -> None:
    texts = ["The sleeves are long."] * 3 + ["The sleeve is torn."] * 2
    assert names(*texts) == {"sleeves": 5}


def test_a_word_that_always_stands_beside_another_is_called_by_both() -> None:
    assert names(*["I like the gift bag."] * 6) == {"gift bag": 6}


def test_names_of_people_known_words_and_words_that_say_nothing_are_left_out() -> None:
    texts = ["I thank the Emma of your shop, the delivery is good, the thing is great."] * 5
    assert names(*texts) == {}


def test_a_thing_that_few_texts_name_is_left_out_however_often_they_do() -> None:
    texts = ["The clasp, the clasp, the clasp, the clasp.", "The chain is fine."]
    assert names(*texts, fewest=2) == {}


def test_two_stems_are_written_as_people_write_them_with_small_words_between() -> None:
    stems = {"true": "true", "to": "", "size": "size", "sizes": "size", "runs": "run"}
    found = written_pairs(["true to size", "true to size runs", "true size", "runs unknown size"], stems)
    assert found["true size"] == ("true to size", 3)
    assert found["size run"] == ("size runs", 1)
    # A word that is not asked for parts what stands on both sides of it.
    assert "run size" not in found
