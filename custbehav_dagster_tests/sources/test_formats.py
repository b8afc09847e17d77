"""Files are recognised by their header and values, and near misses are named."""

from __future__ import annotations

import csv
import io

import pytest

from custbehav_dagster.contract import raw
from custbehav_dagster.sources.formats import FORMATS, Head, Recognition, recognise


def head_of(text: str) -> Head:
    header, *rows = csv.reader(io.StringIO(text))
    return Head(tuple(header), tuple(tuple(row) for row in rows))


def look(text: str) -> Recognition:
    return recognise(head_of(text))


OWN = {
    "own_customers": "customer_id,name,email,signup_date,region,country,accepts_marketing,consent_source\n"
    "C1,Ann,ann@example.org,2024-01-05,Kent,UK,yes,checkout",
    "own_orders": "order_id,customer_id,order_date,amount,refund_amount,currency,channel,status,is_gift,"
    "product,quantity\n"
    "O1,C1,2024-01-05,12.50,0,GBP,website,completed,no,Mug,1",
    "own_feedback": "feedback_id,customer_id,order_id,created_at,rating,text\nF1,C1,O1,2024-01-09,5,Lovely",
    "own_subscribers": "email,name,status,subscribed_at\nann@example.org,Ann,subscribed,2024-01-05",
    "labelled_sentences": "text,label\nLovely mug,1\nBroke at once,0",
    "online_retail": "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n"
    "489434,85048,GLASS BALL,12,2009-12-01 07:45:00,6.95,13085,United Kingdom",
}


@pytest.mark.parametrize(("name", "text"), OWN.items())
def test_files_in_our_own_words_are_recognised_with_full_confidence(name: str, text: str) -> None:
    match = look(text).match
    assert match is not None
    assert (match.format.name, match.confidence) == (name, 1.0)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("own_orders", "Order Number,Purchase Date,Order Total\n7,05/01/2024,£12.50"),
        ("own_orders", "ORDER,Date,Item\n7,05/01/2024,Mug"),
        (
            "own_orders",
            "invoice,created at,price,Email,Name,Phone,Zip,Country\n7,2024-01-05,3,a@b.c,A,1,2,UK",
        ),
        ("own_orders", "order_id,date,amount,comment\n7,2024-01-05,3,leave at door"),
        ("own_customers", "ID,E-Mail,First Name,Last Name\n1,a@b.c,Ann,Lee"),
        ("own_customers", "email address,newsletter\na@b.c,yes"),
        ("own_customers", "client_id,joined\n1,2024-01-05"),
        ("own_customers", "customer_id,email,name,signup_date,status\n1,a@b.c,Ann,2024-01-05,active"),
        ("own_customers", "id,name,email,created_at,comment\n1,Ann,a@b.c,2024-01-05,old friend"),
        ("own_feedback", "review id,Stars\n1,5"),
        ("own_feedback", "Date,Message\n2024-01-05,Lovely"),
        ("own_feedback", "review_id,order_id,product,date,rating,text\n1,7,Mug,2024-01-05,5,Lovely"),
        ("own_feedback", "id,date,score,price\n1,2024-01-05,5,12.50"),
        ("own_subscribers", "Email Address,First Name,REGION,OPTIN_TIME\na@b.c,Ann,Kent,2024-01-05"),
        ("own_subscribers", "Email Address,Opt In Time\na@b.c,2024-01-05 10:00:00"),
        ("labelled_sentences", "id,sentence,sentiment\n1,Lovely,positive"),
        ("labelled_sentences", "text_id,text,label,source,created_at\n1,Lovely,1,amazon,2024-01-05"),
        ("online_retail", "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice\n1,A,2,2010-12-01,3.5"),
        ("online_retail", "invoice,stock code,quantity,invoice date,price\n1,A,2,2010-12-01,3.5"),
    ],
)
def test_close_aliases_are_recognised_whatever_their_case_and_order(expected: str, text: str) -> None:
    match = look(text).match
    assert match is not None
    assert match.format.name == expected


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("order_id,amount\n1,2", "looks most like a list of orders but lacks an order date"),
        (
            "order_id,date,amount\n1,tomorrow,2\n2,soon,3",
            "lacks an order date (the column 'date' does not hold dates)",
        ),
        ("order_id,date,amount\n1,2024-01-05,paid", "lacks an amount or a product"),
        ("text,label\nLovely,Kent", "looks most like"),
        (
            "Invoice,StockCode,Quantity,Price\n1,A,2,3",
            "Online Retail layout but lacks the column InvoiceDate",
        ),
        ("alpha,beta\n1,2", "resembles no format"),
        ("1001,Ann,ann@example.org\n1002,Bob,bob@example.org", "resembles no format"),
    ],
)
def test_a_near_miss_says_what_it_resembles_and_what_is_missing(text: str, note: str) -> None:
    found = look(text)
    assert found.match is None
    assert note in found.note


@pytest.mark.parametrize(
    "header",
    [
        "Name,Email,Financial Status,Paid at,Subtotal,Total,Created at,Id,Phone,Accepts Marketing",
        "Date,Time,Item,Qty,Gross Sales,Transaction ID,Customer ID,Customer Name",
        "Sale Date,Order ID,Full Name,First Name,Ship Country,Order Total,Email",
    ],
)
def test_sales_of_a_format_that_is_not_known_are_not_taken_for_customers(header: str) -> None:
    assert look(header).match is None


def test_a_near_miss_has_the_confidence_of_the_nearest_format() -> None:
    nearest = look("order_id,amount,email\n1,2,a@b.c").nearest
    assert nearest is not None
    assert (nearest.format.name, nearest.confidence) == ("own_orders", 0.75)


def test_what_fits_two_formats_alike_is_said() -> None:
    found = look(
        "email,status,subscribed_at,rating,text,created_at,id\na@b.c,subscribed,2024-01-05,5,Hi,2024-01-05,1"
    )
    assert found.match is not None
    assert found.match.format.name == "own_feedback"
    tied = recognise(head_of(OWN["own_feedback"]), (*FORMATS, FORMATS[3]))
    assert tied.note == "It could as well be a list of reviews; it was read as a list of reviews."


@pytest.mark.parametrize(
    ("table", "name"), [(raw.REDDIT_POSTS, "reddit_posts"), (raw.WEB_CONTENT, "web_content")]
)
def test_files_that_this_project_fetches_are_no_shop_files(table: raw.Table, name: str) -> None:
    row = ["5" if column in ("score", "rating") else "2024-01-05" for column in table.column_names]
    match = look("\n".join([",".join(table.column_names), ",".join(row)])).match
    assert match is not None
    assert (match.format.name, match.format.is_shop, match.format.build) == (name, False, None)


def test_of_several_columns_with_one_meaning_the_preferred_name_counts() -> None:
    match = look("created_at,order_date,order,price,amount\n2024-02-02,2024-01-01,1,3,4").match
    assert match is not None
    assert (match.columns["ordered_at"], match.columns["gross_amount"]) == (1, 4)


def test_of_two_columns_with_one_name_the_first_counts() -> None:
    match = look("order_id,date,amount,amount\n1,2024-01-01,3,4").match
    assert match is not None
    assert match.columns["gross_amount"] == 2


def test_a_column_whose_cells_cannot_be_meant_gives_way_to_the_next_name() -> None:
    match = look("order_id,date,total,amount\n1,2024-01-01,3,yes\n2,2024-01-02,4,no").match
    assert match is not None
    assert match.columns["gross_amount"] == 2


@pytest.mark.parametrize(("good", "is_order"), [(4, False), (5, True), (6, True)])
def test_half_of_the_cells_must_look_like_dates(good: int, is_order: bool) -> None:
    rows = ["1,2024-01-05,3"] * good + ["1,unknown,3"] * (10 - good)
    assert (look("\n".join(["order_id,date,amount", *rows])).match is not None) == is_order


def test_empty_columns_are_no_evidence_against_a_format() -> None:
    match = look("order_id,date,amount,product\n1,,,Mug\n2,,,Cup").match
    assert match is not None
    assert match.format.name == "own_orders"


def test_each_format_has_a_name_and_a_title_of_its_own() -> None:
    assert len({one.name for one in FORMATS}) == len({one.title for one in FORMATS}) == len(FORMATS)
