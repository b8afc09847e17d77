"""How an asset gets its key, group, lineage and columns, in one place.

A function `orders(raw_orders: ir.Table)` in the module `cleaned` is the asset
`cleaned/orders` that reads `raw/orders`; what it holds is in `contract`.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import dagster as dg

from custbehav_dagster.contract import TABLES
from custbehav_dagster.reporting.notebook import NotebookFailure
from custbehav_dagster.sources.result import SourceFailure
from custbehav_dagster.text.workers import ScoringError
from custbehav_dagster.warehouse.io_manager import EXPORTS, GUARDED

LAYERS = (
    "raw",
    "cleaned",
    "truth",
    "features",
    "churn",
    "segments",
    "insights",
    "plots",
    "actions",
    "report",
)
OWNERS = ["team:data"]
SENTENCES = (SourceFailure, ScoringError, NotebookFailure, LookupError, ValueError)
"""Errors whose message is a sentence for the owner; their subclasses are not."""
DAILY = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=49), warn_window=timedelta(hours=26))
"""For what the owner looks at: one missed daily refresh warns, two fail."""


def key_of_argument(argument: str) -> dg.AssetKey | None:
    """`raw_order_items` is `raw/order_items`; None when the name starts with no layer."""
    layer, _, noun = argument.partition("_")
    return dg.AssetKey([layer, noun]) if layer in LAYERS and noun else None


def inputs_of(function: Callable[..., Any]) -> dict[str, dg.AssetIn]:
    """The assets that a function reads, from the names of its arguments."""
    keys = {name: key_of_argument(name) for name in inspect.signature(function).parameters}
    return {name: dg.AssetIn(key=key) for name, key in keys.items() if key is not None}


def table_metadata(layer: str, noun: str) -> dict[str, Any]:
    """The columns of a table, described, as Dagster shows them."""
    table = TABLES.get((layer, noun))
    if table is None:
        return {}
    return {
        "dagster/column_schema": dg.TableSchema(
            columns=[
                dg.TableColumn(
                    column.name,
                    column.type,
                    column.description,
                    constraints=dg.TableColumnConstraints(
                        nullable=column.nullable, unique=table.key == (column.name,)
                    ),
                )
                for column in table.columns
            ]
        )
    }


def description_of(layer: str, noun: str, function: Callable[..., Any] | None = None) -> str:
    """What the contract says of a table, else the first paragraph of the docstring."""
    if (layer, noun) in TABLES:
        return TABLES[layer, noun].description
    return (inspect.getdoc(function) or "").split("\n\n")[0] if function else ""


def asset(
    *,
    kinds: Iterable[str] = ("duckdb",),
    exports: tuple[str, ...] = (),
    guarded: bool = False,
    **options: Any,
) -> Callable[[Callable[..., Any]], dg.AssetsDefinition]:
    """Declare the function below as the asset `[its module, its name]`.

    `exports` are the files in data/processed that hold the table too; `guarded`
    refuses to replace a good table by one that lost half of its real rows.
    """

    def declare(function: Callable[..., Any]) -> dg.AssetsDefinition:
        layer, noun = function.__module__.rpartition(".")[2], function.__name__

        @functools.wraps(function)
        def failing_clearly(*args: Any, **kwargs: Any) -> Any:
            with one_sentence():
                return function(*args, **kwargs)

        if "check_specs" in options:
            # A value with a check beside it is more than one output to Dagster, for
            # which it takes no single return type.
            signature = inspect.signature(function)
            failing_clearly.__signature__ = signature.replace(return_annotation=inspect.Signature.empty)  # type: ignore[attr-defined]
            failing_clearly.__annotations__.pop("return", None)
        marks = {EXPORTS: list(exports), GUARDED: guarded} if exports or guarded else {}
        return dg.asset(
            key=[layer, noun],
            group_name=layer,
            ins=inputs_of(function),
            kinds={*kinds, *(file.rpartition(".")[2] for file in exports)},
            owners=OWNERS,
            description=description_of(layer, noun, function),
            metadata={**table_metadata(layer, noun), **marks},
            **options,
        )(failing_clearly)

    return declare


@contextmanager
def one_sentence() -> Iterator[None]:
    """Turn a failure that is already a sentence for the owner into Dagster's own."""
    try:
        yield
    except SENTENCES as error:
        if type(error) in SENTENCES:
            raise dg.Failure(str(error), allow_retries=False) from error
        raise


def out(
    layer: str,
    noun: str,
    *,
    guarded: bool = False,
    kinds: Iterable[str] = ("duckdb",),
    is_looked_at: bool = False,
) -> dg.AssetOut:
    """One output of a function that makes several tables at once; the owner looks at some of them."""
    return dg.AssetOut(
        key=[layer, noun],
        group_name=layer,
        kinds=set(kinds),
        owners=OWNERS,
        description=description_of(layer, noun),
        metadata={**table_metadata(layer, noun), **({GUARDED: True} if guarded else {})},
        is_required=False,
        freshness_policy=DAILY if is_looked_at else None,
    )


def sentences(problems: Iterable[str]) -> Mapping[str, Any]:
    """Problems of a run as metadata, one line each; empty when there are none."""
    lines = [f"- {problem}" for problem in problems]
    return {"problems": dg.MetadataValue.md("\n".join(lines))} if lines else {}
