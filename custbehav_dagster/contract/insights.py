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
            "mean sentiment of those texts; empty when none is in a language that is scored",
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
            "people whose first text complains of it, old enough to know whether they came back",
            nullable=False,
            minimum=0,
        ),
        Column(
            "complainers_who_came_back",
            "int64",
            "of them, who ordered again",
            nullable=False,
            minimum=0,
        ),
        Column("complainers_low", "float64", "lower end of that share's 95% interval", minimum=0, maximum=1),
        Column("complainers_high", "float64", "upper end of it", minimum=0, maximum=1),
        Column("others", "int64", "all other people with such a text", nullable=False, minimum=0),
        Column("others_who_came_back", "int64", "of them, who ordered again", nullable=False, minimum=0),
        Column("others_low", "float64", "lower end of that share's 95% interval", minimum=0, maximum=1),
        Column("others_high", "float64", "upper end of it", minimum=0, maximum=1),
        Column("best_example", "string", "the warmest sentence about it"),
        Column("worst_example", "string", "the coldest sentence about it"),
        Column("is_found", "boolean", "true for one of the shop's own words, false for one of the lists"),
        Column("words", "string", "the words that name it"),
        Column(
            "return_difference",
            "float64",
            "share of complainers who came back less that of the others, among people who wrote in the same "
            "quarter and had, or had not, bought before; empty below ten people on either side",
            minimum=-1,
            maximum=1,
        ),
        Column("return_difference_low", "float64", "lower end of its 95% interval", minimum=-1, maximum=1),
        Column("return_difference_high", "float64", "upper end of it", minimum=-1, maximum=1),
        Column("return_ratio", "float64", "the one share over the other, like with like", minimum=0),
        Column("return_ratio_low", "float64", "lower end of its 95% interval", minimum=0),
        Column("return_ratio_high", "float64", "upper end of it", minimum=0),
        Column("people_lost", "float64", "complainers who would have come back at the others' rate"),
        Column("people_lost_low", "float64", "lower end of its 95% interval"),
        Column("people_lost_high", "float64", "upper end of it"),
        Column("is_return_sure", "boolean", "more than chance, all aspects asked at once"),
        Column("complained_orders", "int64", "orders of which a text complains of it", minimum=0),
        Column("complained_orders_refunded", "int64", "of them, refunded in part or whole", minimum=0),
        Column("other_orders", "int64", "other orders with a text", minimum=0),
        Column("other_orders_refunded", "int64", "of them, refunded in part or whole", minimum=0),
        Column("refund_difference", "float64", "difference of the two shares", minimum=-1, maximum=1),
        Column("refund_difference_low", "float64", "lower end of its 95% interval", minimum=-1, maximum=1),
        Column("refund_difference_high", "float64", "upper end of it", minimum=-1, maximum=1),
        Column("is_refund_sure", "boolean", "more than chance, all aspects asked at once"),
        Column("recent_writers", "int64", "people who wrote in the last 90 days", minimum=0),
        Column("recent_complainers", "int64", "of them, who complained of it", minimum=0),
        Column("earlier_writers", "int64", "people who wrote in the year before these days", minimum=0),
        Column("earlier_complainers", "int64", "of them, who complained of it", minimum=0),
        Column("complaint_ratio", "float64", "share of complainers lately over before", minimum=0),
        Column("complaint_ratio_low", "float64", "lower end of its 95% interval", minimum=0),
        Column("complaint_ratio_high", "float64", "upper end of it", minimum=0),
        Column("is_complaint_change_sure", "boolean", "more than chance, all aspects asked at once"),
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
        Column(
            "parameters",
            "string",
            "numbers, names and days of the sentence as JSON, to word it in another language",
        ),
        SYNTHETIC,
    ),
    key=("insight_id",),
)

TABLES = (KEYWORDS, COHORTS, ASPECTS, PRACTICAL_INSIGHTS)
