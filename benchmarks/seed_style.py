"""The peer: the same work as one script, the way such scripts are usually written.

`python benchmarks/seed_style.py RAW OUT` reads customers.csv, orders.csv and
feedback.csv of the folder RAW and leaves clean files, a single source of truth,
models, segments and eight pictures in OUT. pandas holds everything; each text is
cleaned, stemmed and scored by a function applied row by row. Where pandas has a
ready function for a whole column (reading, dates, sums), it is used, as people
do: nothing here is slow on purpose. It shares no code with custbehav_dagster.
"""

import re
import sys
import time
from importlib.resources import files
from pathlib import Path

started = time.perf_counter(), time.process_time()

import joblib  # noqa: E402
import matplotlib  # noqa: E402
import pandas as pd  # noqa: E402

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
from nltk.sentiment.vader import SentimentIntensityAnalyzer, VaderConstants  # noqa: E402
from nltk.stem import PorterStemmer  # noqa: E402
from sklearn.cluster import KMeans  # noqa: E402
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn.model_selection import cross_validate  # noqa: E402
from sklearn.naive_bayes import GaussianNB  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402

RAW, OUT = Path(sys.argv[1]), Path(sys.argv[2])
PLOTS, MODELS = OUT / "plots", OUT / "models"
CHURN_DAYS = 120
FEATURES = [
    "order_count",
    "total_amount",
    "day_of_week",
    "month",
    "season_code",
    "channel_code",
    "region_code",
]
SEASONS = {12: "winter", 1: "winter", 2: "winter", 3: "spring", 4: "spring", 5: "spring",
           6: "summer", 7: "summer", 8: "summer", 9: "autumn", 10: "autumn", 11: "autumn"}  # fmt: skip


def stage(name):
    """Tell the seconds, by the clock and of CPU, of the stage that ends here."""
    global started
    now = time.perf_counter(), time.process_time()
    print(f"{name}\t{now[0] - started[0]:.3f}\t{now[1] - started[1]:.3f}", flush=True)
    started = now


def parse_dates(column):
    """Dates in mixed formats; what cannot be read becomes NaT."""
    return pd.to_datetime(column, format="mixed", dayfirst=True, errors="coerce", utc=True)


def parse_money(column):
    """Amounts without signs and thousands separators."""
    return pd.to_numeric(column.str.replace(r"[^0-9.\-]", "", regex=True), errors="coerce")


def clean_text(text):
    """Lower case, letters and digits, single spaces."""
    text = re.sub(r"<[^>]+>", " ", text)
    text = text.lower().replace("'", "").replace("’", "")
    text = re.sub(r"[^a-z0-9\s]", " ", text)
    return re.sub(r"\s+", " ", text).strip()


stemmer = PorterStemmer()


def stem_text(text):
    """Each word that is no stopword, stemmed."""
    return " ".join(stemmer.stem(word) for word in text.split() if word not in ENGLISH_STOP_WORDS)


def noise(text):
    """Share of characters that are neither letter, digit nor space."""
    return len(re.findall(r"[^\w\s]", text)) / len(text) if text else 0.0


def make_analyzer():
    """NLTK's VADER with the lexicon of vaderSentiment, since nothing is downloaded here."""
    analyzer = SentimentIntensityAnalyzer.__new__(SentimentIntensityAnalyzer)
    analyzer.lexicon_file = (
        (files("vaderSentiment") / "vader_lexicon.txt").read_text(encoding="utf-8").rstrip("\n")
    )
    analyzer.lexicon = analyzer.make_lex_dict()
    analyzer.constants = VaderConstants()
    return analyzer


OUT.mkdir(parents=True, exist_ok=True)
PLOTS.mkdir(exist_ok=True)
MODELS.mkdir(exist_ok=True)
stage("imports")

# Customers
customers = pd.read_csv(RAW / "customers.csv", dtype=str)
customers = customers.dropna(subset=["customer_id"])
for name in customers.columns:
    customers[name] = customers[name].str.strip()
customers = customers.drop_duplicates(subset="customer_id")
customers["email"] = customers["email"].str.lower()
customers["signup_date"] = parse_dates(customers["signup_date"])
customers["region"] = customers["region"].str.title()
customers["region"] = customers["region"].fillna(customers["region"].mode()[0])
customers["country"] = customers["country"].str.title()
customers["accepts_marketing"] = customers["accepts_marketing"].str.lower().isin(["yes", "true", "1", "y"])
stage("customers")

# Orders
orders = pd.read_csv(RAW / "orders.csv", dtype=str)
orders = orders.dropna(subset=["order_id", "customer_id"])
orders["order_id"] = orders["order_id"].str.strip()
orders["customer_id"] = orders["customer_id"].str.strip()
orders = orders.drop_duplicates(subset="order_id")
orders["ordered_at"] = parse_dates(orders["order_date"])
orders = orders.dropna(subset=["ordered_at"])
orders["amount"] = parse_money(orders["amount"])
orders["amount"] = orders["amount"].fillna(orders["amount"].median())
orders["refund_amount"] = parse_money(orders["refund_amount"]).fillna(0)
orders["net_amount"] = orders["amount"] - orders["refund_amount"]
orders["currency"] = orders["currency"].str.strip().str.upper().fillna("GBP")
orders["channel"] = orders["channel"].str.strip().str.lower()
orders["channel"] = orders["channel"].fillna(orders["channel"].mode()[0])
orders["status"] = orders["status"].str.strip().str.lower().fillna("unknown")
orders["is_gift"] = orders["is_gift"].str.strip().str.lower().isin(["yes", "true", "1", "y"])
orders["day_of_week"] = orders["ordered_at"].dt.day_of_week
orders["month"] = orders["ordered_at"].dt.month
orders["season"] = orders["month"].map(SEASONS)
stage("orders")

# Feedback
feedback = pd.read_csv(RAW / "feedback.csv", dtype=str)
feedback = feedback.dropna(subset=["feedback_id"]).drop_duplicates(subset="feedback_id")
feedback["created_at"] = parse_dates(feedback["created_at"])
feedback["rating"] = pd.to_numeric(feedback["rating"], errors="coerce")
feedback["rating"] = feedback["rating"].fillna(feedback["rating"].median())
feedback["text"] = feedback["text"].fillna("")
feedback["day_of_week"] = feedback["created_at"].dt.day_of_week
feedback["month"] = feedback["created_at"].dt.month
feedback["season"] = feedback["month"].map(SEASONS)
stage("feedback")

feedback["text_clean"] = feedback["text"].apply(clean_text)
feedback["word_count"] = feedback["text_clean"].apply(lambda text: len(text.split()))
feedback["char_count"] = feedback["text"].apply(len)
feedback["noise"] = feedback["text"].apply(noise)
stage("text cleaning")

feedback["text_stemmed"] = feedback["text_clean"].apply(stem_text)
stage("stems")

analyzer = make_analyzer()
feedback["sentiment"] = feedback["text"].apply(lambda text: analyzer.polarity_scores(text)["compound"])
stage("VADER")

truth = feedback.assign(source_type="internal_feedback", provenance="feedback.csv")

# Features and models
last_day = orders["ordered_at"].max()
sales = orders[~orders["status"].isin(["cancelled", "refund", "refunded"])].sort_values("ordered_at")
grouped = sales.groupby("customer_id")
people = grouped.agg(
    order_count=("order_id", "count"),
    total_amount=("net_amount", "sum"),
    first_order=("ordered_at", "min"),
    last_order=("ordered_at", "max"),
    channel=("channel", "last"),
    day_of_week=("day_of_week", "last"),
    month=("month", "last"),
    season=("season", "last"),
).reset_index()
people["recency_days"] = (last_day - people["last_order"]).dt.days
people = people.merge(
    customers[["customer_id", "name", "email", "region", "country"]], on="customer_id", how="left"
)
people["region"] = people["region"].fillna("Unknown")
for name in ("season", "channel", "region"):
    people[f"{name}_code"] = people[name].astype("category").cat.codes
people["churned"] = (people["recency_days"] > CHURN_DAYS).astype(int)
stage("features")

scaler = StandardScaler().fit(people[FEATURES])
scaled = scaler.transform(people[FEATURES])
scores = ["precision", "recall", "f1", "roc_auc"]
for name, model in (
    ("churn_logistic", LogisticRegression(max_iter=1000)),
    ("churn_naive_bayes", GaussianNB()),
):
    result = cross_validate(model, scaled, people["churned"], cv=3, scoring=scores)
    model.fit(scaled, people["churned"])
    joblib.dump({"model": model, "scaler": scaler}, MODELS / f"{name}.joblib")
    people[f"p_{name}"] = model.predict_proba(scaled)[:, 1]
    people_scores = {score: round(result[f"test_{score}"].mean(), 3) for score in scores}
stage("churn models")

cluster_scaler = StandardScaler().fit(people[["order_count", "total_amount"]])
kmeans = KMeans(n_clusters=3, n_init=10, random_state=0)
people["segment"] = kmeans.fit_predict(cluster_scaler.transform(people[["order_count", "total_amount"]]))
joblib.dump({"model": kmeans, "scaler": cluster_scaler}, MODELS / "kmeans_segment.joblib")
stage("segments")

# Files
customers.to_csv(OUT / "customers_clean.csv", index=False)
orders.to_csv(OUT / "orders_clean.csv", index=False)
feedback.drop(columns=["text_clean", "text_stemmed", "sentiment"]).to_csv(
    OUT / "feedback_clean.csv", index=False
)
people.to_csv(OUT / "customers_with_segments.csv", index=False)
truth.to_csv(OUT / "single_source_of_truth.csv", index=False)
truth.to_parquet(OUT / "single_source_of_truth.parquet", index=False)
stage("CSV and Parquet out")


def save(name, title, x, y):
    """Finish the current picture and write it."""
    plt.title(title)
    plt.xlabel(x)
    plt.ylabel(y)
    plt.tight_layout()
    plt.savefig(PLOTS / f"{name}.png", dpi=120)
    plt.close()


by_month = truth.set_index("created_at").sort_index()
plt.hist(truth["sentiment"], bins=30)
save("sentiment_distribution", "Sentiment of feedback", "VADER compound", "texts")
plt.hist(truth["word_count"], bins=30)
save("word_count_distribution", "Words per text", "words", "texts")
truth["source_type"].value_counts().plot.bar()
save("source_type_counts", "Texts by source", "source", "texts")
truth.groupby("month").size().plot.bar()
save("feedback_by_month", "Feedback by month", "month", "texts")
by_month["sentiment"].resample("W").mean().plot()
save("trend_line", "Mean sentiment by week", "week", "VADER compound")
plt.scatter(truth["word_count"], truth["sentiment"], s=2, alpha=0.2)
save("scatter_wordcount_sentiment", "Sentiment by length", "words", "VADER compound")
truth["noise_band"] = pd.cut(
    truth["noise"], [-0.01, 0, 0.02, 0.05, 1], labels=["none", "low", "some", "high"]
)
plt.boxplot([group["sentiment"] for _, group in truth.groupby("noise_band", observed=False)],
            tick_labels=["none", "low", "some", "high"])  # fmt: skip
save("boxplot_sentiment_noise", "Sentiment by noise", "noise", "VADER compound")
people["segment"].value_counts().sort_index().plot.bar()
save("segment_distribution", "People by segment", "segment", "people")
stage("plots")
