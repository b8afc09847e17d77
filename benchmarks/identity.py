"""Who is one person: our rules against a record-linkage library, on records whose people are known.

`python -m benchmarks --only identity`. The library (splink, which runs on DuckDB) is
measured where it is installed; it is no dependency. It gets our comparable fields, so
that the question is what each makes of the same evidence, not who spells better.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

import ibis
import pyarrow as pa

from benchmarks.results import Goal, Section, seconds
from custbehav_dagster.cleaning.identity import link_customers
from custbehav_dagster.cleaning.identity.fields import all_records, fields, gift_places
from custbehav_dagster.contract import cleaned, raw
from custbehav_dagster.sources.synthetic.labelled_records import labelled_records

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd

RECORDS, SEEDS = 5_000, (1, 2, 3)
CALIBRATION_RECORDS, CALIBRATION_SEED = 100_000, 11
PRECISION_FROM, RECALL_FROM = 0.99, 0.95
THRESHOLDS = (0.5, 0.9, 0.95, 0.99, 0.999)
COLUMNS = ("method", "records", "precision", "recall of pairs with a trace", "recall of all pairs", "CPU")


@dataclass(frozen=True)
class Score:
    """Pairs found against true pairs, each 0 to 1.

    `recall` counts the pairs of one person's records that share a mail address, a
    telephone or a home, directly or through others of them; `recall_of_all` also those
    that tell nothing in common but a name.
    """

    precision: float
    recall: float
    recall_of_all: float


@dataclass(frozen=True)
class Tables:
    """A labelled set as the tables that linking reads."""

    truth: pd.DataFrame
    customers: ir.Table
    orders: ir.Table
    raw_orders: ir.Table


def tables_of(records: pd.DataFrame) -> Tables:
    """The records as cleaned.customers, and the orders of those who gave presents."""
    import pandas as pd

    told = records.drop(columns=["person", "trace", "recipient_name", "recipient_postcode"])
    told["accepts_marketing"], told["imputed_columns"] = False, ""
    told["is_synthetic"], told["source_file"] = True, "made.csv"
    told["source_line"] = range(2, len(told) + 2)
    gifts = records[records.recipient_name.notna()]
    sent = pd.DataFrame(
        {
            "order_id": gifts.customer_id,
            "customer_id": gifts.customer_id,
            "recipient_name": gifts.recipient_name,
            "recipient_postcode": gifts.recipient_postcode,
            "is_synthetic": True,
            "source_file": "made.csv",
        }
    )
    return Tables(
        records,
        cleaned.CUSTOMERS.conform(ibis.memtable(pa.Table.from_pandas(told, preserve_index=False))),
        cleaned.ORDERS.empty(),
        raw.ORDERS.conform(ibis.memtable(pa.Table.from_pandas(sent, preserve_index=False))),
    )


def score(truth: pd.DataFrame, groups: pd.Series) -> Score:
    """Compare groups of records, by identifier, with the people and traces of the labelled set."""
    found = truth.assign(group=truth.customer_id.map(groups))

    def pairs(*columns: str) -> int:
        sizes = found.groupby([*columns]).size()
        return int((sizes * (sizes - 1) // 2).sum())

    right = pairs("person", "group")
    return Score(
        right / max(pairs("group"), 1),
        pairs("trace", "group") / max(pairs("trace"), 1),
        right / max(pairs("person"), 1),
    )


def our_links(tables: Tables) -> pd.DataFrame:
    """truth.customer_links of the set."""
    links = link_customers(tables.customers, tables.orders, raw_orders=tables.raw_orders)
    return links.to_pandas().set_index("record_customer_id")


def calibration(links: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """By evidence: `joined`, how many records it joined, and `right`, the share of them that it should."""
    person = truth.set_index("customer_id").person
    joined = links[links.joined_with.notna()]
    right = person.loc[joined.index].to_numpy() == person.loc[joined.joined_with].to_numpy()
    grouped = joined.assign(right=right).groupby("evidence")
    return grouped.agg(joined=("right", "size"), right=("right", "mean"))


class Library:
    """Splink's model of the same fields, trained without labels as its guide does."""

    def __init__(self, tables: Tables) -> None:
        import splink.comparison_library as compare
        from splink import Linker, SettingsCreator, block_on
        from splink.backends.duckdb import DuckDBAPI

        told = fields(all_records(tables.customers, tables.orders), gift_places(tables.raw_orders))
        told = told.select("mailbox", "local", "phone", "postcode", "first", "last", unique_id="record_id")
        rules = [
            block_on("mailbox"), block_on("phone"), block_on("local"), block_on("postcode", "last"),
            block_on("postcode", "first"), block_on("first", "last"),
        ]  # fmt: skip
        settings = SettingsCreator(
            link_type="dedupe_only",
            comparisons=[
                compare.NameComparison("first").configure(term_frequency_adjustments=True),
                compare.NameComparison("last").configure(term_frequency_adjustments=True),
                compare.EmailComparison("mailbox"),
                compare.ExactMatch("phone").configure(term_frequency_adjustments=True),
                compare.ExactMatch("postcode").configure(term_frequency_adjustments=True),
            ],
            blocking_rules_to_generate_predictions=rules,
        )
        database = DuckDBAPI()
        self.linker = Linker(database.register(told.to_pandas()), settings)
        training = self.linker.training
        training.estimate_probability_two_random_records_match(
            [block_on("mailbox"), block_on("phone", "last"), block_on("postcode", "first", "last")],
            recall=0.8,
        )
        training.estimate_u_using_random_sampling(max_pairs=5e6, seed=1)
        for rule in (block_on("mailbox"), block_on("postcode", "last"), block_on("first", "last")):
            training.estimate_parameters_using_expectation_maximisation(rule)
        self.predicted = self.linker.inference.predict(threshold_match_probability=min(THRESHOLDS))

    def groups(self, threshold: float) -> pd.Series:
        """The group of each record at a threshold of probability."""
        found = self.linker.clustering.cluster_pairwise_predictions_at_threshold(self.predicted, threshold)
        return found.as_pandas_dataframe().set_index("unique_id").cluster_id


def identity(_: object = None) -> Section:
    """Precision and recall of our rules, strict and loose, and of the library on the same sets."""
    scores: dict[str, list[tuple[Score, float]]] = {}
    for seed in SEEDS:
        for method, found, used in _scores(tables_of(labelled_records(RECORDS, seed))):
            scores.setdefault(method, []).append((found, used))
    rows = [_row(method, results) for method, results in scores.items()]
    loose = [found for found, _ in scores["ours, loose"]]
    precision, recall = min(one.precision for one in loose), min(one.recall for one in loose)
    goals = [
        Goal(f"{name} of loose matching at least {limit}", f"{least:.4f} at worst", least >= limit)
        for name, least, limit in (("precision", precision, PRECISION_FROM), ("recall", recall, RECALL_FROM))
    ]
    return Section("Who is one person", COLUMNS, rows, goals, _notes())


def _scores(tables: Tables) -> Iterator[tuple[str, Score, float]]:
    """Each method with its score and its CPU seconds; one training of the library serves all thresholds."""
    began = time.process_time()
    links = our_links(tables)
    used = time.process_time() - began
    for matching in ("strict", "loose"):
        yield f"ours, {matching}", score(tables.truth, links[f"{matching}_customer_id"]), used
    if not find_spec("splink"):
        return
    began = time.process_time()
    library = Library(tables)
    groups = {threshold: library.groups(threshold) for threshold in THRESHOLDS}
    used = time.process_time() - began
    for threshold, group in groups.items():
        yield f"splink from {threshold:g}", score(tables.truth, group), used


def _row(method: str, results: list[tuple[Score, float]]) -> list[str]:
    parts = [found for found, _ in results]
    shares = (
        [part.precision for part in parts],
        [part.recall for part in parts],
        [part.recall_of_all for part in parts],
    )
    cpu = seconds(sum(used for _, used in results) / len(results))
    return [method, f"{len(results)} × {RECORDS:,}", *map(_range, shares), cpu]


def _range(values: list[float]) -> str:
    return f"{min(values):.4f}–{max(values):.4f}"


def _notes() -> str:
    tables = tables_of(labelled_records(CALIBRATION_RECORDS, CALIBRATION_SEED))
    found = calibration(our_links(tables), tables.truth)
    told = "; ".join(f"{name}: {row.right:.4f} of {row.joined:,.0f}" for name, row in found.iterrows())
    library = "" if find_spec("splink") else " Splink is not installed here, so it was not measured."
    return (
        "Each set has typos, moved houses, families, presents, guests and missing fields. A pair has a trace "
        "when the two records share a mail address, a telephone or a home, mistyped or not, directly or "
        f"through other records of the person.{library}\n\nShare of links that are right, by evidence, among "
        f"{CALIBRATION_RECORDS:,} records: {told}."
    )
