"""Leads: public posts of the last days by people who look for what the shop makes.

How a wish is recognised belongs to `text/intent.py`, which product fits to `leads_catalogue.py`.
Nothing here writes to anybody: a lead is a post to read, with a link and what one could answer.
The table is made anew from the texts that are there, so a post deleted at its source is gone.
"""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir

from custbehav_dagster import contract
from custbehav_dagster.insights.evidence import end_of_day
from custbehav_dagster.insights.leads_catalogue import catalogue_words, fitting_products
from custbehav_dagster.provenance import prefer_real
from custbehav_dagster.settings import Settings
from custbehav_dagster.text import intent

MOST_WORDS = 400
"""Longer texts are articles, not posts: they hold every phrase somewhere."""
EXCERPT = 400
"""Characters of a post that are kept beside its score."""
WITHOUT_PRODUCT = 0.7
"""What the score of a post counts for in the ranking when no product of the shop has its words."""
REDDIT = "https://www.reddit.com"


def leads(
    texts: ir.Table,
    reddit_posts: ir.Table,
    web_content: ir.Table,
    order_items: ir.Table,
    listings: ir.Table,
    as_of: date,
    settings: Settings,
) -> ir.Table:
    """Posts that ask for something a small maker could make, as contract.leads.LEADS says.

    Texts without a date, older than `lead_max_age_days` or written after `as_of` are not looked at,
    nor products and reviews of web pages. Samples are looked at only while there are no real posts.

    Args:
        texts: truth.single_source_of_truth.
        reddit_posts: raw.reddit_posts, for titles and links.
        web_content: raw.web_content, for the same.
        order_items: cleaned.order_items, for what the shop sells.
        listings: raw.listings, for what it offers.
        as_of: last known day.
        settings: `lead_max_age_days`, `shop_timezone` and `word_form`.
    """
    asking = _asking(_recent(texts, as_of, settings), _pages(reddit_posts, web_content)).to_pyarrow()
    if not asking.num_rows:
        return contract.leads.LEADS.empty()
    # Few posts ask, and they are read several times below: kept, so that all others are read once.
    asking = ibis.memtable(asking)
    catalogue, is_made_up = catalogue_words(order_items, listings, settings)
    fitting = fitting_products(asking, catalogue)
    found = asking.left_join(fitting, "text_id").drop("text_id_right")
    found = _described(found, as_of, settings)
    weight = ibis.ifelse(found["product"].isnull(), WITHOUT_PRODUCT, 1.0)
    surest_first = [(found.intent_score * weight).desc(), found.created_at.desc(), found.text_id]
    return contract.leads.LEADS.conform(
        found.mutate(
            lead_rank=ibis.row_number().over(ibis.window(order_by=surest_first)) + 1,
            is_synthetic=found.is_synthetic | (found["product"].notnull() & is_made_up),
        )
    )


def _recent(texts: ir.Table, as_of: date, settings: Settings) -> ir.Table:
    public = texts.filter(texts.source_type.isin(["reddit", "web"]), texts.created_at.notnull())
    rows, _ = prefer_real(public)
    end = ibis.timestamp(end_of_day(as_of, settings))
    rows = rows.filter(
        rows.created_at < end,
        rows.created_at >= end - ibis.interval(days=settings.lead_max_age_days),
        rows.word_count <= MOST_WORDS,
    )
    return rows.select("text_id", "source_type", "created_at", "text", "text_stemmed", "is_synthetic")


def _pages(reddit_posts: ir.Table, web_content: ir.Table) -> ir.Table:
    """Identifier, title and link of every post and page."""
    link = ibis.literal(REDDIT) + reddit_posts.permalink
    names_somebody = reddit_posts.permalink.re_search(r"(?i)/(user|u)/|/r/u_")
    posts = reddit_posts.select(
        text_id=ibis.literal("reddit:") + reddit_posts.post_id,
        title=reddit_posts.title,
        link=ibis.ifelse(names_somebody, None, link),
    )
    pages = web_content.filter(web_content.item_type == "page")
    return posts.union(
        pages.select(
            text_id=ibis.literal("web:") + pages.content_id,
            title=pages.title,
            link=ibis.ifelse(pages.is_synthetic, None, pages.url),
        )
    )


def _asking(texts: ir.Table, pages: ir.Table) -> ir.Table:
    posts = texts.mutate(read=intent.readable(texts.text))
    told = intent.intent_of(posts.select("text_id", "read"))
    told = told.filter(told.intent_score >= intent.ASKS_FROM)
    return posts.join(told, "text_id").join(pages, "text_id")


def _described(found: ir.Table, as_of: date, settings: Settings) -> ir.Table:
    end = ibis.timestamp(end_of_day(as_of, settings))
    return found.mutate(
        title=intent.without_user_names(found.title.fill_null("")),
        text=intent.without_user_names(found.text.substr(0, EXCERPT)),
        age_days=((end.epoch_seconds() - found.created_at.epoch_seconds()) / 86_400).floor().cast("int64"),
        products=found.products.fill_null(0),
        what_to_answer=_answer(found),
    )


def _answer(found: ir.Table) -> ir.StringValue:
    """A sentence or two for the owner: what to say, where it is allowed to say it."""
    product = found["product"]
    nothing = ibis.ifelse(
        found.is_gift,
        "It asks for a gift and names nothing you sell: if something of yours would suit, say which.",
        "Nothing you sell has its words: answer only if you could make it, and say what you would make.",
    )
    offer = ibis.literal("If the rules there allow it, say that you make “") + product + "” and show it."
    price = ibis.ifelse(found.names_budget, " Name your price: they said what it may cost.", "")
    day = ibis.ifelse(found.names_day, " Say by when it would be there.", "")
    to_order = ibis.ifelse(found.is_to_order, " Say whether you make it to order.", "")
    return ibis.ifelse(product.isnull(), nothing, offer) + price + day + to_order
