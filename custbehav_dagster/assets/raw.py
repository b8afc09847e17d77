"""Raw: what the shop's files and the outside services say, row for row."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import dagster as dg
import ibis.expr.types as ir
import pandas as pd

from custbehav_dagster.assets.conventions import asset, one_sentence, out, sentences
from custbehav_dagster.contract import Table
from custbehav_dagster.contract import raw as contract
from custbehav_dagster.settings import Settings
from custbehav_dagster.sources.inbox import read_inbox
from custbehav_dagster.sources.outside import (
    Outcome,
    Write,
    keep_or_fetch,
    refresh_source,
    with_local_sentences,
)
from custbehav_dagster.sources.result import Earlier, Fetched, SourceFailure
from custbehav_dagster.sources.shop_files import prepare_shop_files
from custbehav_dagster.sources.weather import years_of_orders
from custbehav_dagster.warehouse.forgetting import note_forgotten
from custbehav_dagster.warehouse.store import Warehouse

SHOP_TABLES = ("customers", "orders", "order_items", "feedback", "subscribers", "listings")
ANSWERED = "source_answered"


@dg.multi_asset(
    name="inbox",
    outs={
        **{noun: out("raw", noun, guarded=True, kinds=("duckdb", "csv")) for noun in SHOP_TABLES},
        "exchange_rates": out("raw", "exchange_rates", kinds=("duckdb", "csv")),
        "ingested_files": out("raw", "ingested_files"),
        "file_amounts": out("raw", "file_amounts"),
        "quarantine": out("raw", "quarantine"),
    },
    can_subset=True,
)
def inbox(
    context: dg.AssetExecutionContext,
    shop: dg.ResourceParam[Settings],
    warehouse: dg.ResourceParam[Warehouse],
) -> Iterator[dg.Output[Any]]:
    """Every file in data/raw, recognised by its content; a synthetic shop when there is none."""
    with one_sentence():
        prepared = prepare_shop_files(shop)
        read = read_inbox(warehouse.backend, shop)
    accounts = {"ingested_files": read.files, "file_amounts": read.amounts, "quarantine": read.quarantine}
    tables = {**read.tables, **accounts}
    try:
        for noun in tables:
            if noun in context.op_execution_context.selected_output_names:
                yield dg.Output(tables[noun], noun, metadata={"shop files": prepared})
    finally:
        read.close()


def _outside(noun: str) -> Any:
    """A table from outside the shop: a failure keeps the last good rows and turns its check red."""
    return asset(
        kinds=("duckdb", "csv"),
        check_specs=[_answered(noun)],
    )


def _answered(noun: str) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        ANSWERED, asset=["raw", noun], description="The source answered, and the rows are not a sample."
    )


def _told(outcome: Outcome) -> dict[str, Any]:
    return {
        "provenance": outcome.provenance,
        "is_sample": outcome.is_sample,
        **sentences(outcome.problems),
        **({"notes": " ".join(outcome.notes)} if outcome.notes else {}),
    }


def _verdict(outcome: Outcome, noun: str) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=["raw", noun],
        check_name=ANSWERED,
        passed=not outcome.problems and not outcome.is_sample,
        severity=dg.AssetCheckSeverity.ERROR if outcome.failed else dg.AssetCheckSeverity.WARN,
        description=outcome.sentence,
    )


def _remembering(noun: str, reads: str, *kinds: str) -> Any:
    """A table from outside the shop, and beside it what was read when."""
    return dg.multi_asset(
        name=noun,
        outs={noun: out("raw", noun, kinds=("duckdb", "csv", *kinds)), reads: out("raw", reads)},
        check_specs=[_answered(noun)],
        can_subset=True,
    )


def _all_of_them(rows: pd.DataFrame) -> pd.DataFrame:
    """Of the earlier rows of a source that failed, none is too old to stay."""
    return rows


def _remembered(
    context: dg.AssetExecutionContext,
    rows: Table,
    reads: Table,
    source_type: str,
    shop: Settings,
    warehouse: Warehouse,
    fetch: Callable[[Earlier], Fetched],
    write: Write,
    may_keep: Callable[[pd.DataFrame], pd.DataFrame] = _all_of_them,
) -> Iterator[Any]:
    """The rows, what was read when, and the check; what is gone at the source is noted as to be forgotten."""
    chosen = context.op_execution_context.selected_output_names
    with one_sentence():
        if rows.noun not in chosen:
            # What was read would be remembered without its rows, and never read again.
            raise SourceFailure(f"raw/{reads.noun} is made together with raw/{rows.noun}: select both.")
        outcome = refresh_source(fetch, write, warehouse, rows, shop, may_keep=may_keep, reads=reads)
    note_forgotten(warehouse.path, {f"{source_type}:{identifier}" for identifier in outcome.gone})
    yield dg.Output(outcome.rows, rows.noun, metadata=_told(outcome))
    if reads.noun in chosen:
        yield dg.Output(reads.empty() if outcome.reads is None else outcome.reads, reads.noun)
    if context.selected_asset_check_keys:
        yield _verdict(outcome, rows.noun)


@_outside("sentiment_public")
def sentiment_public(
    raw_ingested_files: ir.Table, shop: dg.ResourceParam[Settings], warehouse: dg.ResourceParam[Warehouse]
) -> dg.MaterializeResult[pd.DataFrame]:
    """Sentences that people labelled, from an address, a file, one in data/raw, or the sample."""
    from custbehav_dagster.sources.public_sentiment import read_public_sentiment, write_sentiment

    configured = with_local_sentences(shop, raw_ingested_files)
    outcome = keep_or_fetch(
        lambda: read_public_sentiment(configured),
        write_sentiment,
        warehouse,
        contract.SENTIMENT_PUBLIC,
        shop,
    )
    verdict = _verdict(outcome, "sentiment_public")
    return dg.MaterializeResult(value=outcome.rows, metadata=_told(outcome), check_results=[verdict])


@_remembering("reddit_posts", "reddit_reads", "reddit")
def reddit_posts(
    context: dg.AssetExecutionContext,
    shop: dg.ResourceParam[Settings],
    warehouse: dg.ResourceParam[Warehouse],
) -> Iterator[Any]:
    """Public posts of the configured subreddits and searches, without their authors."""
    from custbehav_dagster.sources.reddit import fetch_posts, kept_posts, write_posts

    now = datetime.now(UTC)
    yield from _remembered(
        context,
        contract.REDDIT_POSTS,
        contract.REDDIT_READS,
        "reddit",
        shop,
        warehouse,
        lambda earlier: fetch_posts(shop, now=now, earlier=earlier, tell=context.log.info),
        write_posts,
        lambda posts: kept_posts(posts, shop, now),
    )


@_remembering("web_content", "web_reads")
def web_content(
    context: dg.AssetExecutionContext,
    shop: dg.ResourceParam[Settings],
    warehouse: dg.ResourceParam[Warehouse],
) -> Iterator[Any]:
    """Text, products and reviews of the configured web pages."""
    from custbehav_dagster.sources.web.pages import read_pages, write_pages

    now = datetime.now(UTC)
    yield from _remembered(
        context,
        contract.WEB_CONTENT,
        contract.WEB_READS,
        "web",
        shop,
        warehouse,
        lambda earlier: read_pages(shop, now=now, earlier=earlier, tell=context.log.info),
        write_pages,
    )


@_outside("weather")
def weather(
    raw_orders: ir.Table,
    shop: dg.ResourceParam[Settings],
    warehouse: dg.ResourceParam[Warehouse],
) -> dg.MaterializeResult[pd.DataFrame]:
    """The weather of the named places in the years of the shop's orders; never made up."""
    from custbehav_dagster.sources.weather import fetch_weather

    now = datetime.now(UTC)
    first, last = years_of_orders(raw_orders, now.date())
    outcome = refresh_source(
        lambda earlier: fetch_weather(
            shop, date(first, 1, 1), min(date(last, 12, 31), now.date()), earlier.rows, now
        ),
        lambda rows, folder: [],
        warehouse,
        contract.WEATHER,
        shop,
        may_keep=_all_of_them,
        reads=None,
    )
    verdict = _verdict(outcome, "weather")
    return dg.MaterializeResult(value=outcome.rows, metadata=_told(outcome), check_results=[verdict])


@asset(kinds=("duckdb", "python"))
def calendar_events(raw_orders: ir.Table, shop: dg.ResourceParam[Settings]) -> pd.DataFrame:
    """Public holidays and gift seasons of the shop's country in the years of its orders."""
    from custbehav_dagster.sources.gift_calendar import calendar_events, country_of_timezone

    first, last = years_of_orders(raw_orders, datetime.now(UTC).date())
    country = shop.country or country_of_timezone(shop.shop_timezone)
    return calendar_events(range(first, last + 2), country)
