"""What was found: words, aspects, cohorts, and sentences with their numbers."""

from custbehav_dagster.contract.results import SYNTHETIC
from custbehav_dagster.contract.table import Column, Table

KEYWORDS = Table(
    "insights",
    "keywords",
    "One row per source and word: how often it is said, and in what mood.",
    (
        Column("source_type", "string", "where it is said", nullable=False),
        Column("keyword", "string", "the word as people write it most often", nullable=False),
        Column("stem", "string", "its stem", nullable=False),
        Column("text_count", "int64", "texts that hold it", nullable=False, minimum=1),
        Column(
            "share_of_texts", "float64", "of all texts of that source", nullable=False, minimum=0, maximum=1
        ),
        Column(
            "average_sentiment",
            "float64",
            "mean sentiment of those texts",
            nullable=False,
            minimum=-1,
            maximum=1,
        ),
        Column("keyword_rank", "int64", "1 is the most frequent in its source", nullable=False, minimum=1),
        SYNTHETIC,
    ),
    key=("source_type", "stem"),
)

COHORTS = Table(
    "insights",
    "cohorts",
    "One row per month of first purchase and length of time: how many of those people bought again.",
    (
        Column("cohort", "date", "first day of the month in which they first bought", nullable=False),
        Column("within_days", "int64", "days after each one's first purchase", nullable=False, minimum=1),
        Column("people", "int64", "people of the cohort", nullable=False, minimum=1),
        Column(
            "returned",
            "int64",
            "of them, who bought again in that time; empty while it has not passed",
            minimum=0,
        ),
        Column("share", "float64", "returned / people", minimum=0, maximum=1),
        Column("share_low", "float64", "lower end of its 95% interval", minimum=0, maximum=1),
        Column("share_high", "float64", "upper end of it", minimum=0, maximum=1),
        SYNTHETIC,
    ),
    key=("cohort", "within_days"),
)

ASPECTS = Table(
    "insights",
    "aspects",
    "One row per aspect that people name in the shop's own feedback: mood, stars, and who came back.",
    (
        Column("aspect", "string", "what is spoken of", nullable=False),
        Column("texts_looked_at", "int64", "feedback texts that were read", nullable=False, minimum=1),
        Column("texts", "int64", "of them, texts that name it", nullable=False, minimum=1),
        Column("praising_texts", "int64", "texts with a good sentence about it", nullable=False, minimum=0),
        Column("complaining_texts", "int64", "texts with a bad sentence about it", nullable=False, minimum=0),
        Column(
            "average_sentiment",
            "float64",
            "mean mood of the sentences that name it",
            nullable=False,
            minimum=-1,
            maximum=1,
        ),
        Column(
            "sentiment_low", "float64", "lower end of its 95% interval", nullable=False, minimum=-1, maximum=1
        ),
        Column("sentiment_high", "float64", "upper end of it", nullable=False, minimum=-1, maximum=1),
        Column("average_rating", "float64", "mean stars of the texts that name it", minimum=1, maximum=5),
        Column("other_average_rating", "float64", "mean stars of the other texts", minimum=1, maximum=5),
        Column(
            "complainers",
            "int64",
            "texts that complain of it, old enough to know who came back",
            nullable=False,
            minimum=0,
        ),
        Column(
            "complainers_who_came_back",
            "int64",
            "of their writers, who ordered again",
            nullable=False,
            minimum=0,
        ),
        Column("complainers_low", "float64", "lower end of that share's 95% interval", minimum=0, maximum=1),
        Column("complainers_high", "float64", "upper end of it", minimum=0, maximum=1),
        Column("others", "int64", "all other texts, old enough to know", nullable=False, minimum=0),
        Column(
            "others_who_came_back", "int64", "of their writers, who ordered again", nullable=False, minimum=0
        ),
        Column("others_low", "float64", "lower end of that share's 95% interval", minimum=0, maximum=1),
        Column("others_high", "float64", "upper end of it", minimum=0, maximum=1),
        Column("best_example", "string", "the warmest sentence about it"),
        Column("worst_example", "string", "the coldest sentence about it"),
        SYNTHETIC,
    ),
    key=("aspect",),
)

PRACTICAL_INSIGHTS = Table(
    "insights",
    "practical_insights",
    "One row per insight: a sentence with its number, its evidence and what to do.",
    (
        Column("insight_id", "string", "short stable name", nullable=False),
        Column("topic", "string", "sales, customers, returns, words or data", nullable=False),
        Column("sentence", "string", "what was found, with its number", nullable=False),
        Column("value", "float64", "the number"),
        Column("value_low", "float64", "lower end of its 95% interval, where it is an estimate"),
        Column("value_high", "float64", "upper end of it"),
        Column("unit", "string", "unit of the number", nullable=False),
        Column("evidence_table", "string", "table it was computed from", nullable=False),
        Column("evidence_filter", "string", "rows of that table, as a condition", nullable=False),
        Column("evidence_rows", "int64", "how many rows that is", nullable=False, minimum=0),
        Column("what_to_do", "string", "advice in a sentence", nullable=False),
        SYNTHETIC,
    ),
    key=("insight_id",),
)

TABLES = (KEYWORDS, COHORTS, ASPECTS, PRACTICAL_INSIGHTS)
