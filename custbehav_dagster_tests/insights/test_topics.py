"""Topics and trends: found where texts have them, with a name; nothing where there is nothing to find."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import ibis
import pytest

from custbehav_dagster.insights.topics import topic_tables
from custbehav_dagster.insights.topics_model import FEWEST_TEXTS, find_topics
from custbehav_dagster.insights.topics_names import Forms, topic_name
from custbehav_dagster.insights.trends import trends
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.insights.given import Rows, text, warehouse

AS_OF = date(2026, 6, 30)
CANDLES = "candle scent lavender wick burns room smell fig wax flame jar melt"
PARCELS = "parcel courier box tape van door neighbour doorstep label tracking porch depot"
RINGS = "ring silver stone hammered finger band polish hallmark gem clasp oxidised setting"


def about(subject: str, chance: random.Random) -> str:
    return " ".join(chance.sample(subject.split(), 5))


def feedback(count: int = 240, seed: int = 1, **changes: Any) -> Rows:
    """Texts of three subjects in turn, over two years; parcels only in the last 80 days."""
    chance = random.Random(seed)
    rows = []
    for number in range(count):
        subject = (CANDLES, RINGS, PARCELS)[number % 3]
        days = chance.randrange(80) if subject is PARCELS else chance.randrange(450)
        rows.append(
            text(
                number,
                about(subject, chance),
                day=str(AS_OF - timedelta(days=days)),
                **{"customer_id": f"p{number}", "rating": 2.0 if subject is PARCELS else 5.0, **changes},
            )
        )
    return rows


def topics(con: ibis.BaseBackend, rows: Rows) -> dict[str, Rows]:
    tables = warehouse(con, truth__single_source_of_truth=rows)
    made = topic_tables(tables["truth.single_source_of_truth"], AS_OF, Settings())
    return {noun: table.to_pyarrow().to_pylist() for noun, table in made.items()}


def changes(con: ibis.BaseBackend, rows: Rows) -> Rows:
    tables = warehouse(con, truth__single_source_of_truth=rows)
    return trends(tables["truth.single_source_of_truth"], AS_OF, Settings()).to_pyarrow().to_pylist()


def test_three_subjects_are_three_topics_with_their_words_stars_and_change(con: ibis.BaseBackend) -> None:
    found = topics(con, feedback())
    assert len(found["topics"]) == 3
    parcels = next(row for row in found["topics"] if "courier" in row["words"])
    assert {*parcels["words"].split(", ")} <= {*PARCELS.split()}
    assert (parcels["texts"], parcels["texts_looked_at"], parcels["average_rating"]) == (80, 240, 2.0)
    assert parcels["share_low"] < 1 / 3 < parcels["share_high"]
    assert parcels["is_change_sure"]
    assert parcels["ratio_low"] > 1
    assert parcels["diversity"] == 1
    assert parcels["coherence"] > 0.1
    assert parcels["stability"] >= 0.5
    assert parcels["best_example"] is not None or parcels["note"] is None
    of_parcels = [row for row in found["topic_trends"] if row["topic"] == parcels["topic"]]
    assert sum(row["texts"] for row in of_parcels) == 80
    assert sum(row["all_texts"] for row in of_parcels) == 240


def test_the_same_texts_in_another_order_give_the_same_topics(con: ibis.BaseBackend) -> None:
    rows = feedback()
    turned = rows[::-1]
    assert topics(con, rows) == topics(con, turned)


@pytest.mark.parametrize(
    ("rows", "note"),
    [
        (feedback(FEWEST_TEXTS - 1), "Only 149 different texts with words: topics need 150."),
        (
            [text(n, about(f"{CANDLES} {PARCELS} {RINGS}", random.Random(n))) for n in range(200)],
            "The words of these 200 texts fall into no clear topics.",
        ),
    ],
)
def test_where_there_are_no_topics_it_is_said_why(con: ibis.BaseBackend, rows: Rows, note: str) -> None:
    found = topics(con, rows)
    assert [(row["topic"], row["note"]) for row in found["topics"]] == [(0, note)]
    assert found["topic_trends"] == []


def test_sources_are_never_counted_together_and_copies_once(con: ibis.BaseBackend) -> None:
    own, public = feedback(), feedback(180, seed=2, source_type="reddit", customer_id=None)
    for row in public:
        row["text_id"] = f"r{row['text_id']}"
    copies = [{**own[0], "text_id": f"copy{n}"} for n in range(40)]
    later = text(9_000, "candle of tomorrow", day="2026-07-02")
    found = topics(con, [*own, *public, *copies, later])["topics"]
    looked_at = {row["source_type"]: row["texts_looked_at"] for row in found}
    assert looked_at == {"internal_feedback": 240, "reddit": 180}


def test_no_text_gives_no_topic_and_no_trend(con: ibis.BaseBackend) -> None:
    assert topics(con, []) == {"topics": [], "topic_trends": []}
    assert changes(con, []) == []


def test_words_at_random_have_no_topics_whatever_the_seed() -> None:
    words = [f"word{letter}{other}" for letter in "abcdefgh" for other in "abcdefgh"]
    for seed in range(5):
        chance = random.Random(seed)
        assert find_topics([" ".join(chance.sample(words, 8)) for _ in range(300)], ()) is None


def test_a_topic_is_named_by_what_people_write_and_by_the_aspect_it_is_about() -> None:
    texts = ["true to size", "runs small", "true to size but short", "true to size and long"]
    forms = Forms(texts, "stem")
    stems = [forms.stems[word] for word in ("size", "true", "short", "small")]
    assert topic_name(stems, texts, forms) == "size: true to size, short and small"
    others = [forms.stems[word] for word in ("true", "size", "runs")]
    assert topic_name(others, texts, forms) == "true to size and runs"


def said_lately(new: int, **more: Any) -> Rows:
    """Ninety people lately, `new` of whom say something new, and three hundred in the year before."""
    rows = [
        text(
            n, "lovely glaze" + (" dishwasher safe" if n < new else ""), day="2026-06-01", customer_id=f"p{n}"
        )
        for n in range(90)
    ]
    rows += [text(100 + n, "lovely glaze", day="2025-09-01", customer_id=f"q{n}") for n in range(300)]
    return [{**row, **more} for row in rows]


def test_what_many_say_lately_and_nobody_said_before_rises(con: ibis.BaseBackend) -> None:
    (row,) = changes(con, said_lately(12))
    assert (row["kind"], row["said"], row["direction"]) == ("phrase", "dishwasher safe", "rising")
    assert (row["recent_texts"], row["recent_of"]) == (12, 90)
    assert (row["earlier_texts"], row["earlier_of"]) == (0, 300)
    assert 1 < row["ratio_low"] < row["ratio"] < row["ratio_high"]
    assert row["recent_from"] == date(2026, 4, 2)


def test_one_person_who_repeats_it_is_no_trend(con: ibis.BaseBackend) -> None:
    rows = said_lately(12)
    for row in rows[:12]:
        row["customer_id"] = "p0"
    assert changes(con, rows) == []


def test_new_buyers_from_abroad_make_no_word_of_their_language_rise(con: ibis.BaseBackend) -> None:
    english = {"language": "en"}
    rows = [{**row, **(english if n >= 12 else {"language": "de"})} for n, row in enumerate(said_lately(12))]
    assert changes(con, rows) == []
    assert changes(con, [{**row, **english} for row in rows]) != []


def test_public_texts_that_are_copied_count_once(con: ibis.BaseBackend) -> None:
    assert changes(con, said_lately(12, source_type="reddit", customer_id=None)) == []


@pytest.mark.parametrize("seed", range(4))
def test_where_nothing_changes_nothing_is_told(con: ibis.BaseBackend, seed: int) -> None:
    chance = random.Random(seed)
    words = f"{CANDLES} {PARCELS} {RINGS}"
    rows = [
        text(
            n,
            about(words, chance),
            day=str(AS_OF - timedelta(days=chance.randrange(455))),
            customer_id=f"p{n}",
        )
        for n in range(400)
    ]
    assert changes(con, rows) == []
