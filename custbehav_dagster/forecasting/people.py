"""People as the models read them: a table in memory whose order never changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

BATCH_ROWS = 200_000
NORMAL_QUANTILE_90 = 1.2815515655446004
"""Half the width, in standard deviations, of the middle four fifths of a normal distribution."""

CERTAINTY_LIMIT = 0.001
"""No forecast is surer than 999 in 1,000, either way."""
LABELS = ("returned", "orders_in_horizon", "amount_in_horizon")


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep linear algebra on one thread, so that sums come out the same whatever the number of cores.

    Also the faster way for matrices of a few columns.
    """
    import sklearn.cluster  # noqa: F401 - only libraries that are loaded can be limited
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield


def read_people(table: ir.Table, columns: Sequence[str]) -> pa.Table:
    """Read `columns` into memory, ordered by person (and cutoff), whatever order they are stored in."""
    keys = [key for key in ("customer_id", "cutoff") if key in table.columns]
    return table.order_by(keys).select(*columns).to_pyarrow().combine_chunks()


def numbers(people: pa.Table, column: str) -> np.ndarray:
    """One column as float64."""
    return people.column(column).to_numpy().astype("float64")


def flags(people: pa.Table, column: str) -> np.ndarray:
    """One column as bool."""
    return people.column(column).to_numpy().astype(bool)


def person_numbers(people: pa.Table) -> np.ndarray:
    """Number of each row's person, from 0; the same person at several cutoffs has one number."""
    return people.column("customer_id").combine_chunks().dictionary_encode().indices.to_numpy()


def ever_returned(returned: np.ndarray, person: np.ndarray) -> np.ndarray:
    """Whether each person returned at any cutoff, by `person_numbers`."""
    found = np.zeros(person.max() + 1 if len(person) else 0, dtype=bool)
    found[person[returned]] = True
    return found


def bounded(probability: np.ndarray) -> np.ndarray:
    """Keep probabilities away from 0 and 1, where no finite number of people can put them."""
    return np.clip(probability, CERTAINTY_LIMIT, 1 - CERTAINTY_LIMIT)


def sample_rows(rows: int, limit: int, seed: int) -> np.ndarray:
    """Row numbers, ascending: all of them, or `limit` drawn without replacement."""
    if rows <= limit:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, limit, replace=False))


def row_batches(rows: int, largest: int = BATCH_ROWS) -> Iterator[slice]:
    """Row numbers in pieces of at most `largest`, so that what is computed of them stays small."""
    for start in range(0, rows, largest):
        yield slice(start, min(start + largest, rows))


def batches(people: pa.Table) -> Iterator[tuple[slice, pa.Table]]:
    """Each piece of `row_batches` with its people."""
    for rows in row_batches(people.num_rows):
        yield rows, people.slice(rows.start, rows.stop - rows.start)
