"""Leads: recent public posts that ask for what the shop makes, without names, and gone when deleted."""

import re
from dataclasses import fields
from datetime import date, datetime, timedelta
from typing import Any

import ibis

from custbehav_dagster import contract
from custbehav_dagster.contract import cleaned, raw, truth
from custbehav_dagster.insights.evidence import real_rows
from custbehav_dagster.insights.insight import Facts
from custbehav_dagster.insights.leads import leads
from custbehav_dagster.insights.leads_findings import posts_look_for_it
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.insights.given import stored, text

AS_OF = date(2026, 6, 30)
SETTINGS = Settings(shop_timezone="UTC", lead_max_age_days=30)
WISH = "Looking for a handmade {thing}\n\nBudget around £60, for my sister's birthday."
NOON = datetime(2026, 6, 29, 12)


def post(number: int, words: str, written: datetime | None = NOON, **changes: Any) -> dict[str, Any]:
    plain = " ".join(re.findall(r"\w+", words.lower()))
    kept = {"text": words, "created_at": written, "text_id": f"reddit:{number}", "source_type": "reddit"}
    return {**text(number, plain), **kept, **changes}


def page_of(row: dict[str, Any], **changes: Any) -> dict[str, Any]:
    number = row["text_id"].removeprefix("reddit:")
    return {
        "post_id": number,
        "subreddit": "handmade",
        "title": row["text"].split("\n")[0],
        "permalink": f"/r/handmade/comments/{number}/",
        "is_synthetic": row["is_synthetic"],
        "provenance": "reddit api",
        **changes,
    }


def sold(product: str, **changes: Any) -> dict[str, Any]:
    row = {"order_id": "o1", "product": product, "quantity": 1.0, "unit_price": 1, "line_amount": 1}
    return {**row, "kind": "product", "is_synthetic": False, "source_file": "a.csv", **changes}


def found(
    con: ibis.BaseBackend,
    posts: list[dict[str, Any]],
    products: tuple[str, ...] = ("Stoneware Mug", "Soy Candle Fig"),
    *,
    pages: list[dict[str, Any]] | None = None,
    items: list[dict[str, Any]] | None = None,
    listings: list[dict[str, Any]] | None = None,
    web: list[dict[str, Any]] | None = None,
) -> list[dict[str, Any]]:
    table = leads(
        stored(con, truth.SINGLE_SOURCE_OF_TRUTH, posts),
        stored(con, raw.REDDIT_POSTS, [page_of(row) for row in posts] if pages is None else pages),
        stored(con, raw.WEB_CONTENT, web or []),
        stored(con, cleaned.ORDER_ITEMS, [sold(name) for name in products] if items is None else items),
        stored(con, raw.LISTINGS, listings or []),
        AS_OF,
        SETTINGS,
    )
    return table.order_by("lead_rank").to_pyarrow().to_pylist()


def test_a_wish_is_told_with_product_words_age_link_and_answer(con: ibis.BaseBackend) -> None:
    [row] = found(con, [post(1, WISH.format(thing="mug")), post(2, "I made a mug\n\nMy first attempt.")])
    assert row["product"] == "Stoneware Mug"
    assert row["product_words"] == "mug"
    assert row["age_days"] == 1
    assert row["link"] == "https://www.reddit.com/r/handmade/comments/1/"
    assert row["telling_words"] == "looking for … birthday … for my sister … budget … handmade"
    assert row["names_budget"] is True
    assert row["what_to_answer"] == (
        "If the rules there allow it, say that you make “Stoneware Mug” and show it."
        " Name your price: they said what it may cost."
    )


def test_posts_that_fit_a_product_come_first(con: ibis.BaseBackend) -> None:
    rows = found(con, [post(1, WISH.format(thing="lampshade")), post(2, WISH.format(thing="candle"))])
    assert [(row["lead_rank"], row["product"]) for row in rows] == [(1, "Soy Candle Fig"), (2, None)]
    assert rows[1]["what_to_answer"].startswith("Nothing you sell has its words")


def test_an_open_wish_for_a_gift_is_answered_otherwise(con: ibis.BaseBackend) -> None:
    [row] = found(con, [post(1, WISH.format(thing="gift"))])
    assert row["product"] is None
    assert row["what_to_answer"].startswith("It asks for a gift and names nothing you sell")


def test_what_is_not_wanted_or_only_a_material_fits_no_product(con: ibis.BaseBackend) -> None:
    things = ("gift, not a candle", "gift, no mugs", "soy stoneware", "fig-coloured hat")
    posts = [post(number, WISH.format(thing=thing)) for number, thing in enumerate(things)]
    rows = found(con, posts, ("Stoneware Mug", "Soy Candle"))
    assert [row["product"] for row in rows] == [None] * len(things)


def test_posts_of_the_last_days_only_and_none_without_a_day(con: ibis.BaseBackend) -> None:
    is_told = {-1: False, 1: True, 30 * 24 - 1: True, 30 * 24: True, 30 * 24 + 1: False}
    midnight = datetime(2026, 7, 1)
    posts = [post(hours, WISH.format(thing="mug"), midnight - timedelta(hours=hours)) for hours in is_told]
    rows = found(con, [*posts, post(9, WISH.format(thing="mug"), None)])
    assert {row["text_id"] for row in rows} == {f"reddit:{hours}" for hours, told in is_told.items() if told}
    assert sorted(row["age_days"] for row in rows) == [0, 29, 30]


def test_a_post_that_is_gone_at_its_source_is_gone_here(con: ibis.BaseBackend) -> None:
    both = [post(1, WISH.format(thing="mug")), post(2, WISH.format(thing="candle"))]
    assert [row["text_id"] for row in found(con, both)] == ["reddit:1", "reddit:2"]
    assert [row["text_id"] for row in found(con, both[1:])] == ["reddit:2"]


def test_nobodys_user_name_is_kept(con: ibis.BaseBackend) -> None:
    asking = post(1, "u/jane is looking for a mug\n\nBudget £60 for my sister @jane_doe, birthday soon")
    [row] = found(con, [asking], pages=[page_of(asking, permalink="/user/jane/comments/1/")])
    assert "jane" not in str(row)
    assert row["link"] is None


def test_words_of_posts_are_kept_out_of_previews() -> None:
    personal = {column.name for column in contract.leads.LEADS.columns if column.is_personal}
    assert {"title", "text", "telling_words"} <= personal


def test_samples_count_only_while_there_are_no_real_posts(con: ibis.BaseBackend) -> None:
    sample = post(1, WISH.format(thing="mug"), is_synthetic=True)
    assert [row["is_synthetic"] for row in found(con, [sample])] == [True]
    rows = found(con, [sample, post(2, WISH.format(thing="mug"))])
    assert [(row["text_id"], row["is_synthetic"]) for row in rows] == [("reddit:2", False)]


def test_a_real_post_matched_with_a_made_up_product_says_so(con: ibis.BaseBackend) -> None:
    made_up = [sold("Stoneware Mug", is_synthetic=True)]
    posts = [post(1, WISH.format(thing="mug")), post(2, WISH.format(thing="lampshade"))]
    assert [row["is_synthetic"] for row in found(con, posts, items=made_up)] == [True, False]


def test_what_is_on_offer_counts_beside_what_was_sold(con: ibis.BaseBackend) -> None:
    offered = {"title": "Botanical Lampshade", "is_synthetic": False, "source_file": "b.csv"}
    [row] = found(con, [post(1, WISH.format(thing="lampshade"))], listings=[offered])
    assert row["product"] == "Botanical Lampshade"


def test_pages_of_the_web_count_and_their_products_and_reviews_do_not(con: ibis.BaseBackend) -> None:
    kinds = ("page", "product", "review")
    known = {"url": "https://forum.example/wishes", "is_synthetic": False, "provenance": "forum.example"}
    web = [{"content_id": kind, "item_type": kind, "title": "Looking for", **known} for kind in kinds]
    texts = [post(1, WISH.format(thing="mug"), text_id=f"web:{kind}", source_type="web") for kind in kinds]
    [row] = found(con, texts, pages=[], web=web)
    assert (row["text_id"], row["source_type"]) == ("web:page", "web")
    assert row["link"] == "https://forum.example/wishes"


def test_a_long_article_is_no_lead(con: ibis.BaseBackend) -> None:
    assert found(con, [post(1, WISH.format(thing="mug"), word_count=401)]) == []


def test_a_shop_without_products_still_hears_of_wishes(con: ibis.BaseBackend) -> None:
    assert [row["product"] for row in found(con, [post(1, WISH.format(thing="mug"))], ())] == [None]


def test_the_insight_counts_what_its_evidence_holds(con: ibis.BaseBackend) -> None:
    posts = [post(1, WISH.format(thing="mug")), post(2, WISH.format(thing="lampshade"))]
    table = stored(con, contract.leads.LEADS, found(con, posts))
    known = {"leads": real_rows("insights.leads", table), "settings": SETTINGS, "as_of": AS_OF}
    insight = posts_look_for_it(Facts(**{field.name: known.get(field.name) for field in fields(Facts)}))
    assert insight is not None
    assert insight.sentence == (
        "1 public post of the last 30 days seems to look for what you make, first of all “Stoneware Mug”;"
        " 1 other may want something made by hand that you do not sell. They are picked by their words:"
        " some will be wrong."
    )
    query = f"SELECT count(*) FROM {insight.evidence.name} WHERE {insight.evidence.filter_text}"
    assert con.raw_sql(query).fetchall() == [(1,)]


def test_without_a_post_that_fits_there_is_no_insight(con: ibis.BaseBackend) -> None:
    table = stored(con, contract.leads.LEADS, [])
    known = {"leads": real_rows("insights.leads", table), "settings": SETTINGS}
    assert posts_look_for_it(Facts(**{field.name: known.get(field.name) for field in fields(Facts)})) is None
