"""Raw: what the shop's files and the outside services say, row for row."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import dagster as dg
import ibis.expr.types as ir
import pandas as pd

from custbehav_dagster.assets.conventions import asset, one_sentence, out, sentences
from custbehav_dagster.contract import raw as contract
from custbehav_dagster.settings import Settings
from custbehav_dagster.sources.inbox import read_inbox
from custbehav_dagster.sources.outside import Outcome, keep_or_fetch, with_local_sentences
from custbehav_dagster.sources.shop_files import prepare_shop_files
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
        kinds=("duckdb", "csv", *(("reddit",) if noun == "reddit_posts" else ())),
        check_specs=[
            dg.AssetCheckSpec(
                ANSWERED,
                asset=["raw", noun],
                description="The source answered, and the rows are not a sample.",
            )
        ],
    )


def _result(outcome: Outcome) -> dg.MaterializeResult[pd.DataFrame]:
    check = dg.AssetCheckResult(
        check_name=ANSWERED,
        passed=not outcome.problems and not outcome.is_sample,
        severity=dg.AssetCheckSeverity.ERROR if outcome.failed else dg.AssetCheckSeverity.WARN,
        description=outcome.sentence,
    )
    metadata = {
        "provenance": outcome.provenance,
        "is_sample": outcome.is_sample,
        **sentences(outcome.problems),
    }
    return dg.MaterializeResult(value=outcome.rows, metadata=metadata, check_results=[check])


@_outside("sentiment_public")
def sentiment_public(
    raw_ingested_files: ir.Table, shop: dg.ResourceParam[Settings], warehouse: dg.ResourceParam[Warehouse]
) -> dg.MaterializeResult[pd.DataFrame]:
    """Sentences that people labelled, from an address, a file, one in data/raw, or the sample."""
    from custbehav_dagster.sources.public_sentiment import read_public_sentiment, write_sentiment

    configured = with_local_sentences(shop, raw_ingested_files)
    return _result(
        keep_or_fetch(
            lambda: read_public_sentiment(configured),
            write_sentiment,
            warehouse,
            contract.SENTIMENT_PUBLIC,
            shop,
        )
    )


@_outside("reddit_posts")
def reddit_posts(
    shop: dg.ResourceParam[Settings], warehouse: dg.ResourceParam[Warehouse]
) -> dg.MaterializeResult[pd.DataFrame]:
    """Public posts of the configured subreddits and searches, without their authors."""
    from custbehav_dagster.sources.reddit import fetch_posts, write_posts

    return _result(
        keep_or_fetch(lambda: fetch_posts(shop), write_posts, warehouse, contract.REDDIT_POSTS, shop)
    )


@_outside("web_content")
def web_content(
    shop: dg.ResourceParam[Settings], warehouse: dg.ResourceParam[Warehouse]
) -> dg.MaterializeResult[pd.DataFrame]:
    """Text, products and reviews of the configured web pages."""
    from custbehav_dagster.sources.web.pages import read_pages, write_pages

    return _result(
        keep_or_fetch(
            lambda: read_pages(shop, now=datetime.now(UTC)),
            write_pages,
            warehouse,
            contract.WEB_CONTENT,
            shop,
        )
    )
