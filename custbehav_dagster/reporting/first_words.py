"""What the terminal says when a refresh has ended: three lines, from the run's own tables."""

from __future__ import annotations

from custbehav_dagster.insights.left_out import rows_left_out
from custbehav_dagster.insights.wording import count
from custbehav_dagster.settings import Settings
from custbehav_dagster.warehouse.store import Warehouse, open_warehouse

MOST_NAMED = 5
"""Files; the report names them all."""


def first_words(settings: Settings, seconds: float) -> list[str]:
    """What was found, how far it can be trusted, and where to look: one line each."""
    with open_warehouse(settings.snapshot_path, settings.warehouse_memory_limit, read_only=True) as snapshot:
        found, trust = _found(snapshot), _trust(snapshot)
    where = settings.processed_path
    return [
        found,
        trust,
        f"Took {seconds:.0f} s. Open {where / 'report' / 'index.html'}; lists and files are in {where}.",
    ]


def _found(snapshot: Warehouse) -> str:
    ((people, synthetic),) = snapshot.run(
        "SELECT count(*), coalesce(bool_or(is_synthetic), false) FROM truth.customers"
    )
    ((orders, first, last),) = snapshot.run(
        "SELECT count(*), min(order_date), max(order_date) FROM truth.orders WHERE is_purchase"
    )
    ((texts,),) = snapshot.run(
        "SELECT count(*) FROM truth.single_source_of_truth WHERE source_type = 'internal_feedback'"
    )
    ((own,),) = snapshot.run("SELECT count(*) FROM raw.ingested_files WHERE NOT is_synthetic")
    hint = "none of your files was understood, see below" if own else "put your own files into data/raw"
    whose = f"Synthetic shop ({hint})" if synthetic else "Your shop"
    span = f" from {first} to {last}" if orders else ""
    humans, bought = count(people, "person", "people"), count(orders, "order")
    written = count(texts, "review or message", "reviews and messages")
    return f"{whose}: {humans}, {bought}{span}, {written}."


def _trust(snapshot: Warehouse) -> str:
    ((files, rows, aside),) = snapshot.run(
        "SELECT count(*), coalesce(sum(rows_in), 0), coalesce(sum(rows_quarantined), 0) "
        "FROM raw.ingested_files"
    )
    left_out = rows_left_out(snapshot.table("cleaned", "quarantine"))
    unknown = snapshot.run(
        "SELECT source_file FROM raw.ingested_files WHERE format = 'unknown' ORDER BY source_file"
    )
    told = f"{count(files, 'file')} with {count(rows, 'row')} read"
    told += f"; {count(aside + left_out.unusable, 'row')} could not be used"
    if left_out.repeated:
        told += f", {left_out.repeated:,} repeat what stands elsewhere and count once"
    if not unknown:
        return f"{told}."
    names = ", ".join(name for (name,) in unknown[:MOST_NAMED])
    more = f" and {len(unknown) - MOST_NAMED:,} more" if len(unknown) > MOST_NAMED else ""
    return f"{told}. Not recognised (the report says why): {names}{more}."
