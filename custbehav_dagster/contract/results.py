"""What is made of the truth: churn, segments, insights and lists."""

from custbehav_dagster.contract.table import Column, Table
from custbehav_dagster.contract.truth import SEASONS

SYNTHETIC = Column("is_synthetic", "boolean", "true when made from generated rows", nullable=False)

CHURN_DATASET = Table(
    "churn",
    "dataset",
    "One row per person and cutoff: features known at the cutoff, label from the days after it.",
    (
        Column("customer_id", "string", "person", nullable=False),
        Column("cutoff", "date", "last day the features saw", nullable=False),
        Column(
            "horizon_days",
            "int64",
            "length of the label window after the cutoff, in days",
            nullable=False,
            minimum=1,
        ),
        Column("order_count", "int64", "purchases up to the cutoff", nullable=False, minimum=1),
        Column("total_amount", "float64", "net amount up to the cutoff", nullable=False),
        Column("average_amount", "float64", "total_amount per purchase", nullable=False),
        Column(
            "recency_days", "int64", "days from the last purchase to the cutoff", nullable=False, minimum=0
        ),
        Column(
            "tenure_days", "int64", "days from the first purchase to the cutoff", nullable=False, minimum=0
        ),
        Column("inter_purchase_days", "float64", "mean days between purchases", nullable=False, minimum=0),
        Column(
            "day_of_week", "int64", "of the last purchase, 0 is Monday", nullable=False, minimum=0, maximum=6
        ),
        Column("month", "int64", "of the last purchase", nullable=False, minimum=1, maximum=12),
        Column("season", "string", "of the last purchase", nullable=False, allowed=SEASONS),
        Column("channel", "string", "of the last purchase"),
        Column("region", "string", "of the person"),
        Column(
            "returned",
            "boolean",
            "label: at least one purchase in (cutoff, cutoff + horizon]",
            nullable=False,
        ),
        Column("churned", "boolean", "label: not returned", nullable=False),
        Column("orders_in_horizon", "int64", "purchases in the label window", nullable=False, minimum=0),
        Column("amount_in_horizon", "float64", "gross amount of them", nullable=False),
        SYNTHETIC,
    ),
    key=("customer_id", "cutoff"),
)

CHURN_EVALUATION = Table(
    "churn",
    "evaluation",
    "One row per contestant, fold and measure, the constant guess and the recency rule beside the models.",
    (
        Column("model", "string", "contestant", nullable=False),
        Column("kind", "string", "model or baseline", nullable=False, allowed=("model", "baseline")),
        Column("fold", "string", "number of the fold, or 'mean'", nullable=False),
        Column("metric", "string", "measure", nullable=False),
        Column("value", "float64", "its value; empty where it is not defined"),
        Column("people", "int64", "people scored", nullable=False, minimum=0),
        Column("returned_people", "int64", "of them, how many returned", nullable=False, minimum=0),
        Column("note", "string", "why a value is missing, or what to keep in mind"),
        SYNTHETIC,
    ),
    key=("model", "fold", "metric"),
)

CHURN_MODELS = Table(
    "churn",
    "models",
    "One row per model and feature: its weight, and the card the model was saved with.",
    (
        Column("model", "string", "model", nullable=False),
        Column("feature", "string", "feature, after scaling", nullable=False),
        Column("importance", "float64", "fall of AUC when the feature is shuffled"),
        Column("weight", "float64", "change of the log-odds of returning per standard deviation"),
        Column("trained_on_people", "int64", "people trained on", nullable=False, minimum=0),
        Column("cutoff", "date", "cutoff it was trained at"),
        Column("file", "string", "name of the model file; empty when training was refused"),
        Column("sha256", "string", "hash of that file"),
        Column("note", "string", "why training was refused, or empty"),
        SYNTHETIC,
    ),
    key=("model", "feature"),
)

CHURN_SCORES = Table(
    "churn",
    "scores",
    "One row per person: will they order again within the horizon, how sure, what it is worth.",
    (
        Column("customer_id", "string", "person", nullable=False),
        Column("as_of", "date", "last day that was seen", nullable=False),
        Column("horizon_days", "int64", "days looked ahead", nullable=False, minimum=1),
        Column(
            "p_return",
            "float64",
            "probability of at least one order within the horizon; empty when there are too few data",
            minimum=0,
            maximum=1,
        ),
        Column("p_return_low", "float64", "lower end of its 80% interval", minimum=0, maximum=1),
        Column("p_return_high", "float64", "upper end of its 80% interval", minimum=0, maximum=1),
        Column("p_churn", "float64", "1 - p_return", minimum=0, maximum=1),
        Column("expected_orders", "float64", "orders expected within the horizon", minimum=0),
        Column("expected_value", "float64", "amount expected within the horizon, in the shop's currency"),
        Column(
            "return_rank",
            "int64",
            "1 is the likeliest to return; by the model, or by recency when there are too few data",
            nullable=False,
            minimum=1,
        ),
        Column("verdict", "string", "one or two words for a person to read", nullable=False),
        Column(
            "reasons", "string", "at most three reasons in plain words, separated by '; '", nullable=False
        ),
        Column("model", "string", "what made the number", nullable=False),
        SYNTHETIC,
    ),
    key=("customer_id",),
)

FORECAST_LEDGER = Table(
    "churn",
    "forecast_ledger",
    "One row per last known day, horizon and person: what was forecast then, and what came of it.",
    (
        Column("as_of", "date", "last day that was seen when the forecast was made", nullable=False),
        Column("horizon_days", "int64", "days looked ahead", nullable=False, minimum=1),
        Column("customer_id", "string", "person, as they are known now", nullable=False),
        Column("due_date", "date", "last day of the horizon", nullable=False),
        Column(
            "p_return", "float64", "probability of at least one order, as told then", minimum=0, maximum=1
        ),
        Column("expected_orders", "float64", "orders expected, as told then", minimum=0),
        Column("expected_value", "float64", "amount expected, as told then, in the shop's currency"),
        Column("verdict", "string", "as told then", nullable=False),
        Column("model", "string", "what made the number", nullable=False),
        Column("returned", "boolean", "at least one purchase in (as_of, due_date]; empty until it is due"),
        Column("actual_orders", "int64", "purchases in it; empty until it is due", minimum=0),
        Column("actual_value", "float64", "gross amount of them; empty until it is due"),
        SYNTHETIC,
    ),
    key=("as_of", "horizon_days", "customer_id"),
)

FORECAST_GRADES = Table(
    "churn",
    "forecast_grades",
    "One row per forecast that is due: how many people were said to return, and how many did.",
    (
        Column("as_of", "date", "last day that was seen when the forecast was made", nullable=False),
        Column("horizon_days", "int64", "days looked ahead", nullable=False, minimum=1),
        Column("due_date", "date", "last day of the horizon", nullable=False),
        Column("people", "int64", "people with a probability", nullable=False, minimum=1),
        Column("expected", "float64", "people expected to return", nullable=False, minimum=0),
        Column("low", "float64", "fewest in four of five cases, by chance alone", nullable=False, minimum=0),
        Column("high", "float64", "most in four of five cases, by chance alone", nullable=False, minimum=0),
        Column("variance", "float64", "variance of their number by chance alone", nullable=False, minimum=0),
        Column("actual", "int64", "people who returned", nullable=False, minimum=0),
        Column("log_loss", "float64", "mean log loss; 0.693 is a coin", nullable=False, minimum=0),
        Column("brier", "float64", "mean squared error of the probabilities", nullable=False, minimum=0),
        Column("expected_value", "float64", "amount expected, in the shop's currency"),
        Column("actual_value", "float64", "amount that came"),
        Column("model", "string", "what made the numbers", nullable=False),
        SYNTHETIC,
    ),
    key=("as_of", "horizon_days"),
)

CUSTOMERS_WITH_SEGMENTS = Table(
    "segments",
    "customers_with_segments",
    "One row per person with a purchase: the group they belong to.",
    (
        Column("customer_id", "string", "person", nullable=False),
        Column("as_of", "date", "last day that was seen", nullable=False),
        Column("order_count", "int64", "purchases so far", nullable=False, minimum=1),
        Column("total_amount", "float64", "net amount so far", nullable=False),
        Column("recency_days", "int64", "days since the last purchase", nullable=False, minimum=0),
        Column("segment", "int64", "number of the group, 0 spends least", nullable=False, minimum=0),
        Column("segment_name", "string", "name of the group", nullable=False),
        Column("method", "string", "k-means, or the rule used for small shops", nullable=False),
        SYNTHETIC,
    ),
    key=("customer_id",),
)

SEGMENT_PROFILES = Table(
    "segments",
    "segment_profiles",
    "One row per group: how big, what it is worth, what to do.",
    (
        Column("segment", "int64", "number of the group", nullable=False, minimum=0),
        Column("segment_name", "string", "name of the group", nullable=False),
        Column("people", "int64", "people in it", nullable=False, minimum=1),
        Column("share_of_people", "float64", "share of all buyers", nullable=False, minimum=0, maximum=1),
        Column("share_of_amount", "float64", "share of the net amount"),
        Column("median_order_count", "float64", "purchases of the middle person", nullable=False),
        Column("median_total_amount", "float64", "amount of the middle person", nullable=False),
        Column(
            "median_recency_days",
            "float64",
            "days since the last purchase of the middle person",
            nullable=False,
        ),
        Column("what_to_do", "string", "advice in a sentence", nullable=False),
        SYNTHETIC,
    ),
    key=("segment",),
)

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

TABLES = (
    CHURN_DATASET,
    CHURN_EVALUATION,
    CHURN_MODELS,
    CHURN_SCORES,
    FORECAST_LEDGER,
    FORECAST_GRADES,
    CUSTOMERS_WITH_SEGMENTS,
    SEGMENT_PROFILES,
    KEYWORDS,
    COHORTS,
    ASPECTS,
    PRACTICAL_INSIGHTS,
)
