"""What drives interest: effects that were put into a shop are found, a shop without any hears nothing.

`python -m benchmarks --only topics`. Shops are made for each seed: some buyers come back more than
others, in December more is late and fewer come back, and reviews speak of many things. Into half
of the shops one effect is put. Topics are judged on the clothing reviews where they are at hand.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa

from benchmarks.results import Goal, Section, seconds
from benchmarks.talking_shop import LAST_DAY, made_shop, stored
from custbehav_dagster.contract import truth
from custbehav_dagster.insights.affinity import product_affinity, product_names, sold_products
from custbehav_dagster.insights.aspects import aspect_tables
from custbehav_dagster.insights.statistics import wilson_interval
from custbehav_dagster.insights.topics import topic_tables
from custbehav_dagster.insights.trends import trends
from custbehav_dagster.settings import Settings
from custbehav_dagster.text.normalize import clean_text
from custbehav_dagster.text.words import unify_words

if TYPE_CHECKING:
    import ibis.expr.types as ir

SEEDS, LATE_FACTOR = 40, 0.5
FALSE_AT_MOST = 0.05
COHERENT_FROM, DIVERSE_FROM = 0.085, 0.75
COLUMNS = ("question", "shops", "told something", "interval holds the truth", "CPU a shop")


@dataclass
class Tally:
    """How often something was told, and how often its interval held the truth."""

    shops: int = 0
    told: int = 0
    held: int = 0
    cpu: float = 0.0

    def row(self, question: str) -> tuple[str, ...]:
        """As a line of the table."""
        held = f"{self.held} of {self.shops}" if self.held else "–"
        return question, str(self.shops), str(self.told), held, seconds(self.cpu / max(self.shops, 1))


def complaints(factor: float) -> Tally:
    """Complaints of late delivery and coming back, in SEEDS shops."""
    tally = Tally()
    for seed in range(SEEDS):
        shop = made_shop(seed, factor)
        started = time.process_time()
        table = aspect_tables(shop.texts, shop.orders, shop.items, LAST_DAY, Settings())["aspects"]
        rows = {row["aspect"]: row for row in table.to_pyarrow().to_pylist()}
        tally.cpu += time.process_time() - started
        tally.shops += 1
        if factor == 1:
            tally.told += any(row["is_return_sure"] for row in rows.values())
        else:
            late = rows["delivery"]
            tally.told += bool(late["is_return_sure"])
            tally.held += late["return_ratio_low"] <= factor <= late["return_ratio_high"]
    return tally


def new_words(is_new: bool) -> Tally:
    """Words that rise, in SEEDS shops."""
    tally = Tally()
    for seed in range(SEEDS):
        shop = made_shop(1_000 + seed, is_new=is_new)
        started = time.process_time()
        rows = trends(shop.texts, LAST_DAY, Settings()).to_pyarrow().to_pylist()
        tally.cpu += time.process_time() - started
        tally.shops += 1
        tally.told += any("dishwash" in row["said"] for row in rows) if is_new else bool(rows)
    return tally


def pairs(is_paired: bool) -> Tally:
    """Products bought together, in SEEDS shops."""
    tally = Tally()
    for seed in range(SEEDS):
        shop = made_shop(2_000 + seed, is_paired=is_paired)
        started = time.process_time()
        sold = ibis.memtable(sold_products(shop.orders, shop.items, LAST_DAY).to_pyarrow())
        rows = product_affinity(sold, product_names(shop.items)).to_pyarrow().to_pylist()
        tally.cpu += time.process_time() - started
        tally.shops += 1
        found = {(row["product_key"], row["other_key"]) for row in rows}
        tally.told += ("S10", "S30") in found if is_paired else bool(found)
    return tally


def clothing() -> tuple[list[str], list[Goal]]:
    """Topics of the clothing reviews as a shop's feedback; nothing where they are not at hand."""
    root = Path(os.environ.get("CUSTBEHAV_REAL_DATA", Path(__file__).parents[2] / "shared" / "data"))
    file = root / "womens_clothing_reviews" / "reviews_half.parquet"
    if not file.is_file():
        return ["The clothing reviews are not at hand: topics were not judged."], []
    started = time.process_time()
    table = ibis.memtable(reviews(file).to_pyarrow())
    rows = topic_tables(table, LAST_DAY, Settings())["topics"].to_pyarrow().to_pylist()
    spent = time.process_time() - started
    told = [_npmi(row["words"].split(", "), table) for row in rows]
    notes = [
        f"Topics of {rows[0]['texts_looked_at']:,} clothing reviews, in {seconds(spent)} of CPU:",
        *(
            f"- {row['topic_name']} ({row['texts']:,} texts, NPMI {npmi:.3f}): {row['words']}"
            for row, npmi in zip(rows, told, strict=True)
        ),
    ]
    return notes, [
        Goal(
            f"NPMI of the topics at least {COHERENT_FROM}",
            f"{sum(told) / len(told):.3f}; {rows[0]['all_coherence']:.3f} when made from one half of the "
            "texts and judged in the other",
            sum(told) / len(told) >= COHERENT_FROM,
        ),
        Goal(
            f"diversity at least {DIVERSE_FROM}",
            f"{rows[0]['diversity']:.2f}",
            rows[0]["diversity"] >= DIVERSE_FROM,
        ),
    ]


def _npmi(words: list[str], texts: ir.Table) -> float:
    """The measure as it is commonly taken: over all texts that were read, nothing added (Bouma, 2009)."""
    from itertools import combinations
    from math import log

    held = [{*text.split(" ")} for text in texts.text_stemmed.to_pyarrow().to_pylist()]
    stems: dict[str, str] = {}
    unify_words([" ".join(words)], stems, "stem")
    scores = []
    for one, other in combinations([stems[word] for word in words], 2):
        first, second, both = (
            sum(wanted <= text for text in held) / len(held) for wanted in ({one}, {other}, {one, other})
        )
        scores.append(log(both / (first * second)) / -log(both) if both else -1.0)
    return sum(scores) / len(scores)


def reviews(file: Path) -> ir.Table:
    """The clothing reviews as truth.single_source_of_truth."""
    import pandas as pd

    told = pd.read_parquet(file)
    words = (told.title.fillna("") + ". " + told.review_text.fillna("")).str.strip(". ")
    frame = pd.DataFrame({"text": words.astype(object), "rating": told.rating.astype(float)})
    frame["text_id"] = [f"internal_feedback:{number}" for number in range(len(frame))]
    table = ibis.memtable(frame)
    read = table.mutate(text_clean=clean_text(table.text)).to_pyarrow().to_pandas()
    read["text_stemmed"] = unify_words(read.text_clean.tolist(), {}, "stem")
    read["source_type"], read["is_synthetic"], read["sentiment"] = "internal_feedback", False, 0.0
    schema = truth.SINGLE_SOURCE_OF_TRUTH.schema.to_pyarrow()
    columns = [name for name in schema.names if name in read.columns]
    return stored(truth.SINGLE_SOURCE_OF_TRUTH, pa.Table.from_pandas(read[columns]).to_pylist())


def topics(bench: Any) -> Section:
    """Effects found and not found, and topics of real reviews."""
    found = {
        "complaints of late delivery halve coming back": complaints(LATE_FACTOR),
        "no complaint does anything": complaints(1.0),
        "a tenth of the texts asks something new": new_words(True),
        "nothing new is said": new_words(False),
        "two products go together": pairs(True),
        "no products go together": pairs(False),
    }
    notes, goals = clothing()
    none = ("no complaint does anything", "nothing new is said", "no products go together")
    for question in none:
        low, _ = wilson_interval(found[question].told, found[question].shops)
        goals.append(
            Goal(
                f"told something in at most {FALSE_AT_MOST:.0%} of shops where {question}",
                f"{found[question].told} of {found[question].shops}",
                low <= FALSE_AT_MOST,
            )
        )
    planted = found["complaints of late delivery halve coming back"]
    _, high = wilson_interval(planted.held, planted.shops)
    goals.append(
        Goal(
            "95% intervals hold the halving", f"{planted.held} of {planted.shops}", high >= 1 - FALSE_AT_MOST
        )
    )
    return Section(
        "What drives interest",
        COLUMNS,
        [tally.row(question) for question, tally in found.items()],
        goals,
        "\n".join(notes),
    )
