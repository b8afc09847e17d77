"""From configured addresses to rows of raw.web_content."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import ibis
import pytest

from custbehav_dagster.contract.raw import WEB_CONTENT
from custbehav_dagster.settings import Settings
from custbehav_dagster.sources.result import SourceFailure
from custbehav_dagster.sources.web import read_pages, write_pages
from custbehav_dagster_tests.sources.web.site import NOW, Reply, page, redirect

SHOP_PAGE = page(
    title="Speckled mug | Clay",
    words="Thrown on the wheel and fired twice, so that no two of them are alike.",
    head="""<meta property="article:published_time" content="2024-03-01T10:00:00+01:00">
    <script type="application/ld+json">
    {"@type": "Product", "name": "Speckled mug", "description": "Holds 350 ml",
     "offers": {"price": 24.00, "priceCurrency": "GBP"},
     "aggregateRating": {"ratingValue": "4.7"},
     "review": [{"@type": "Review", "name": "Lovely", "reviewBody": "Keeps tea hot",
                 "reviewRating": {"ratingValue": 5}, "datePublished": "2024-02-03", "author": "Ann"}]}
    </script>""",
)


def test_without_addresses_the_sample_is_used_and_says_so() -> None:
    fetched = read_pages(Settings(), now=NOW)

    assert fetched.is_sample
    assert fetched.provenance == "sample"
    assert fetched.rows.is_synthetic.all()
    assert set(fetched.rows.provenance) == {"sample"}
    assert set(fetched.rows.item_type) == {"page", "product", "review"}
    assert fetched.rows.fetched_at.isna().all()
    assert 10 <= len(fetched.rows) <= 15


def test_rows_of_the_sample_and_of_a_site_fit_the_contract(site, read, con) -> None:
    site.replies["/mug"] = SHOP_PAGE
    for rows in (read_pages(Settings(), now=NOW).rows, read("/mug").rows):
        conformed = WEB_CONTENT.conform(ibis.memtable(rows))
        assert con.to_pyarrow(conformed).num_rows == len(rows)
        assert list(rows.columns) == WEB_CONTENT.column_names
        assert rows.content_id.is_unique
        assert rows.content_id.str.fullmatch("[0-9a-f]{16}").all()


def test_a_page_gives_a_row_of_its_own_and_one_per_product_and_review(site, read) -> None:
    site.replies["/mug"] = SHOP_PAGE

    rows = read("/mug").rows.drop(columns=["content_id", "url", "provenance"])

    assert rows.astype(object).where(rows.notna(), None).to_dict("records") == [
        {
            "item_type": "page",
            "title": "Speckled mug | Clay",
            "text": "Thrown on the wheel and fired twice, so that no two of them are alike.",
            "price": None,
            "currency": None,
            "rating": None,
            "published_at": "2024-03-01T09:00:00+00:00",
            "fetched_at": "2025-07-01T06:00:00+00:00",
            "is_synthetic": False,
        },
        {
            "item_type": "product",
            "title": "Speckled mug",
            "text": "Holds 350 ml",
            "price": "24.00",
            "currency": "GBP",
            "rating": "4.7",
            "published_at": None,
            "fetched_at": "2025-07-01T06:00:00+00:00",
            "is_synthetic": False,
        },
        {
            "item_type": "review",
            "title": "Lovely",
            "text": "Keeps tea hot",
            "price": None,
            "currency": None,
            "rating": "5",
            "published_at": "2024-02-03",
            "fetched_at": "2025-07-01T06:00:00+00:00",
            "is_synthetic": False,
        },
    ]


def test_the_name_of_a_reviewer_is_never_kept(site, read) -> None:
    site.replies["/mug"] = SHOP_PAGE.replace('"Ann"', '"Annabel Miller"')
    assert "Annabel" not in read("/mug").rows.to_csv()


def test_fetched_at_is_the_moment_that_is_passed_in_brought_to_utc(site) -> None:
    site.replies["/mug"] = page()
    settings = Settings(web_urls=[f"{site.address}/mug"], web_allow_private=True)
    noon_in_paris = datetime(2025, 6, 1, 12, tzinfo=timezone(timedelta(hours=2)))

    assert set(read_pages(settings, now=noon_in_paris).rows.fetched_at) == {"2025-06-01T10:00:00+00:00"}


def test_the_database_reads_the_written_moments_as_utc(site, con) -> None:
    site.replies["/mug"] = SHOP_PAGE
    settings = Settings(web_urls=[f"{site.address}/mug"], web_allow_private=True)
    table = ibis.memtable(read_pages(settings, now=datetime(2025, 6, 1, 10, tzinfo=UTC)).rows)

    moments = con.to_pyarrow(table.order_by("item_type").select(at=table.published_at.try_cast("timestamp")))

    assert moments["at"].to_pylist() == [datetime(2024, 3, 1, 9), None, datetime(2024, 2, 3)]


def test_a_page_that_fails_is_told_and_the_rest_is_kept(site, read) -> None:
    site.replies["/mug"] = page("Mugs")

    fetched = read("/gone", "/mug")

    assert list(fetched.rows.title) == ["Mugs"]
    assert fetched.problems == [f"{site.address}/gone answered 404, so it was left out; check the address."]


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (404, "check the address"),
        (403, "check the address"),
        (429, "try again later"),
        (500, "try again later"),
    ],
)
def test_when_every_page_fails_the_source_fails_with_one_sentence(site, read, status, advice) -> None:
    site.replies["/mug"] = Reply(status=status)
    with pytest.raises(SourceFailure) as failure:
        read("/mug")
    assert str(failure.value) == (
        "The page in CUSTBEHAV_WEB_URLS could not be read: "
        f"{site.address}/mug answered {status}, so it was left out; {advice}."
    )


def test_when_several_pages_fail_the_sentence_counts_them_and_tells_the_first(read) -> None:
    with pytest.raises(
        SourceFailure, match=r"^None of the 2 pages .*; the first of them: http.*/one answered"
    ):
        read("/one", "/two")


def test_a_redirected_page_keeps_the_address_asked_for_and_tells_where_it_was_found(site, read) -> None:
    site.replies |= {"/old": redirect("/new#top"), "/new": page()}

    row = read("/old").rows.iloc[0]

    assert (row.url, row.provenance) == (f"{site.address}/old", f"{site.address}/new")


def test_one_page_under_two_addresses_is_taken_once(site, read) -> None:
    site.replies |= {"/old": redirect("/new"), "/new": page()}

    fetched = read("/new", "/old", "/new")

    assert len(fetched.rows) == 1
    assert fetched.problems == [
        f"{site.address}/old is the same page as {site.address}/new, so it was taken once."
    ]


def test_a_page_without_words_is_told(site, read) -> None:
    site.replies["/app"] = "<html><head><title>App</title></head><body><div id=root></div></body></html>"
    fetched = read("/app")
    assert list(fetched.rows.title) == ["App"]
    assert "holds no words" in fetched.problems[0]


def test_a_broken_block_of_data_is_told_and_the_good_one_kept(site, read) -> None:
    broken = '<script type="application/ld+json">{"@type": "Product", "name": }</script>'
    site.replies["/mug"] = SHOP_PAGE.replace("<head>", "<head>" + broken)

    fetched = read("/mug")

    assert list(fetched.rows.item_type) == ["page", "product", "review"]
    assert "holds 1 block of JSON-LD that is broken, left out" in fetched.problems[0]


def test_identifiers_stay_when_a_newer_review_is_put_on_top(site, read) -> None:
    reviews = ['{"@type": "Review", "reviewBody": "Good"}', '{"@type": "Review", "reviewBody": "New"}']
    block = '<script type="application/ld+json">[%s]</script>'
    site.replies["/mug"] = page(head=block % reviews[0])
    before = read("/mug").rows.set_index("content_id")
    site.replies["/mug"] = page(head=block % ", ".join(reversed(reviews)))
    after = read("/mug").rows.set_index("content_id")

    assert after.loc[before.index, "text"].tolist() == before.text.tolist()
    assert len(after) == len(before) + 1


def test_two_items_in_the_same_words_have_identifiers_of_their_own(site, read) -> None:
    block = """<script type="application/ld+json">[
      {"@type": "Review", "reviewBody": "Good", "author": "Ann"},
      {"@type": "Review", "reviewBody": "Good", "author": "Bob"}]</script>"""
    site.replies["/mug"] = page(head=block)
    rows = read("/mug").rows
    assert list(rows.item_type) == ["page", "review", "review"]
    assert rows.content_id.is_unique


def test_the_file_holds_every_row_and_is_the_same_each_time(site, read, tmp_path: Path) -> None:
    site.replies["/mug"] = SHOP_PAGE.replace("Keeps tea hot", 'Keeps \\"tea\\" hot,\\nalways ☕')
    rows = read("/mug").rows

    (target,) = write_pages(rows, tmp_path)
    first = target.read_bytes()
    write_pages(rows, tmp_path)

    assert target == tmp_path / "web_content.csv"
    assert target.read_bytes() == first
    assert [path.name for path in tmp_path.iterdir()] == ["web_content.csv"]
    with target.open(newline="", encoding="utf-8") as file:
        records = list(csv.DictReader(file))
    assert list(records[0]) == WEB_CONTENT.column_names
    assert records[2]["text"] == 'Keeps "tea" hot,\nalways ☕'


def test_a_name_for_ourselves_that_cannot_be_sent_is_refused_before_asking(site, read) -> None:
    with pytest.raises(SourceFailure, match="CUSTBEHAV_WEB_USER_AGENT"):
        read("/mug", web_user_agent="shop\r\nX-Evil: 1")
    assert site.asked == []
