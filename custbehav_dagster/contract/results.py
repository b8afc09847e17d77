"""What is made of the truth: who will order again."""

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
        Column(
            "fold",
            "string",
            "cutoff it was judged at, in a young shop the number of the fold, or 'mean'",
            nullable=False,
        ),
        Column("metric", "string", "measure", nullable=False),
        Column("value", "float64", "its value; empty where it is not defined"),
        Column("value_low", "float64", "lower end of a difference's 95% interval (bootstrap)"),
        Column("value_high", "float64", "upper end of it"),
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

STATES = ("new", "active", "due", "slipping", "lapsed", "seasonal", "gift-only")
"""Where a person stands with the shop; why is told in `state_reason`."""


def _expectations(what: str, ending: str, within: str) -> tuple[Column, ...]:
    """Mean of `what`, ends of its 80% range and deviation, for the horizon or (`ending`) a year."""
    orders = what == "orders"
    least = 0 if orders else None
    name, unit = f"expected_{what}{ending}", "orders" if orders else "amount, in the shop's currency,"
    return (
        Column(name, "float64", f"{unit} expected within {within}", minimum=least),
        Column(f"{name}_low", "float64", f"{unit} in four of five cases at least", minimum=0),
        Column(f"{name}_high", "float64", f"{unit} in four of five cases at most", minimum=0),
        Column(f"{what}{ending}_deviation", "float64", "standard deviation of what will come", minimum=0),
    )


def _shared_total(ending: str, within: str) -> Column:
    return Column(
        f"shared_total{ending}_deviation",
        "float64",
        f"standard deviation, as a share, of an error that all expectations within {within} share",
        minimum=0,
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
        Column(
            "shared_deviation",
            "float64",
            "standard deviation of an error that everybody's log-odds of returning share; "
            "empty when the model tells none",
            minimum=0,
        ),
        Column("p_churn", "float64", "1 - p_return", minimum=0, maximum=1),
        *_expectations("orders", "", "the horizon"),
        *_expectations("value", "", "the horizon"),
        _shared_total("", "the horizon"),
        *_expectations("orders", "_year", "365 days"),
        *_expectations("value", "_year", "365 days"),
        _shared_total("_year", "365 days"),
        Column(
            "return_rank",
            "int64",
            "1 is the likeliest to return; by the model, or by recency when there are too few data",
            nullable=False,
            minimum=1,
        ),
        Column("state", "string", "where the person stands with the shop", nullable=False, allowed=STATES),
        Column("state_reason", "string", "why that, in plain words", nullable=False),
        Column(
            "usual_gap_days",
            "float64",
            "days within which half of such people order again, if they do: by their own gaps and the shop's",
            nullable=False,
            minimum=0,
        ),
        Column(
            "next_order_due_date",
            "date",
            "day by which the next order is usual; of a seasonal buyer, when the season begins; "
            "empty after one order, and of the lapsed",
        ),
        Column(
            "verdict", "string", "few words for a person to read: of the state and p_return", nullable=False
        ),
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
        Column("shared_deviation", "float64", "error that all log-odds share, as told then", minimum=0),
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
        Column("low", "float64", "fewest in four of five cases, as told then", nullable=False, minimum=0),
        Column("high", "float64", "most in four of five cases, as told then", nullable=False, minimum=0),
        Column("variance", "float64", "variance of their number, as told then", nullable=False, minimum=0),
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

TABLES = (
    CHURN_DATASET,
    CHURN_EVALUATION,
    CHURN_MODELS,
    CHURN_SCORES,
    FORECAST_LEDGER,
    FORECAST_GRADES,
)
