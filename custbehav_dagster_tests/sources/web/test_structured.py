"""Products and reviews a page declares, in any of the three ways, each once."""

from __future__ import annotations

import json

import pytest

from custbehav_dagster.sources.web.extract import Page, extract_page
from custbehav_dagster.sources.web.structured import Declared


def read(html: str) -> Page:
    return extract_page(f"<body><p>words</p>{html}</body>".encode())


def jsonld(*blocks: object) -> str:
    texts = (block if isinstance(block, str) else json.dumps(block) for block in blocks)
    return "".join(f'<script type="application/ld+json">{text}</script>' for text in texts)


MUG = {"@type": "Product", "name": "Mug"}
MUG_MICRODATA = '<div itemscope itemtype="http://schema.org/Product"><b itemprop="name">Mug</b>{}</div>'
MUG_OPEN_GRAPH = '<meta property="og:type" content="product"><meta property="og:title" content="{}">'


@pytest.mark.parametrize(
    "block",
    [
        MUG,
        [MUG],
        {"@context": "https://schema.org", "@graph": [{"@type": "WebSite", "name": "Shop"}, MUG]},
        {"@type": ["Product", "Thing"], "name": "Mug"},
        {"@type": "http://schema.org/Product", "name": "Mug"},
        {"@type": "schema:Product", "name": "Mug"},
        {"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "item": MUG}]},
        {"@type": "Product", "name": ["Mug", "Cup"]},
        {"@type": "Product", "name": {"@value": "Mug", "@language": "en"}},
        {"@type": "ProductGroup", "name": " Mug\n"},
        "<!-- " + json.dumps(MUG) + " -->",
        "//<![CDATA[\n" + json.dumps(MUG) + "\n//]]>",
        "\ufeff" + json.dumps(MUG) + ";",
        '{"@type": "Product", "name": "Mug", "sku": "a\tb"}',
    ],
    ids=str,
)
def test_a_product_in_json_ld_is_found_wherever_it_stands(block) -> None:
    assert read(jsonld(block)).items == [Declared("product", title="Mug")]


@pytest.mark.parametrize(
    "broken",
    ['{"@type": "Product", "name": "Cup",}', "{", "not json", '{"a": ' + "9" * 5000 + "x}", "[" * 100_000],
    ids=lambda text: text[:12],
)
@pytest.mark.parametrize("is_first", [True, False])
def test_a_broken_block_does_not_lose_the_others(broken, is_first) -> None:
    blocks = [broken, MUG] if is_first else [MUG, broken]
    page = read(jsonld(*blocks))
    assert page.items == [Declared("product", title="Mug")]
    assert page.problems == ["holds 1 block of JSON-LD that is broken, left out"]


def test_an_empty_block_is_not_a_broken_one() -> None:
    assert read(jsonld(" \n")).problems == []


@pytest.mark.parametrize(
    ("offers", "price", "currency"),
    [
        ({"price": "12.50", "priceCurrency": "EUR"}, "12.50", "EUR"),
        ({"price": 0, "priceCurrency": "EUR"}, "0", "EUR"),
        ([{"availability": "InStock"}, {"price": "7", "priceCurrency": "GBP"}], "7", "GBP"),
        ({"lowPrice": "5.29", "highPrice": "9.56", "priceCurrency": "GBP"}, "5.29", "GBP"),
        ({"priceSpecification": {"price": "8.00", "priceCurrency": "USD"}}, "8.00", "USD"),
        ({"@type": "AggregateOffer", "offers": [{"price": "3", "priceCurrency": "GBP"}]}, "3", "GBP"),
        ({"@id": "#offer"}, "4.00", "GBP"),
        ({"@id": "#nowhere"}, None, None),
        ("12.50", None, None),
        (None, None, None),
    ],
)
def test_price_and_currency_come_from_the_first_offer_that_has_a_price(offers, price, currency) -> None:
    offer = {"@id": "#offer", "price": "4.00", "priceCurrency": "GBP"}
    (product,) = read(jsonld(MUG | {"offers": offers}, offer)).items
    assert (product.price, product.currency) == (price, currency)


def test_a_price_keeps_its_zeros_as_written() -> None:
    (product,) = read(jsonld('{"@type": "Product", "name": "Mug", "offers": {"price": 12.50}}')).items
    assert product.price == "12.50"


@pytest.mark.parametrize(
    ("rating", "written"),
    [
        ({"ratingValue": "4.5"}, "4.5"),
        ({"ratingValue": 4, "bestRating": 5}, "4"),
        ({"ratingValue": 4, "bestRating": "5.0"}, "4"),
        ({"ratingValue": 8, "bestRating": 10}, "8/10"),
        ({"ratingValue": "90", "bestRating": "100"}, "90/100"),
        ({"bestRating": 5}, None),
        ("4", "4"),
    ],
)
def test_a_rating_out_of_another_number_than_five_says_so(rating, written) -> None:
    product, review = read(
        jsonld(MUG | {"aggregateRating": rating, "review": {"reviewBody": "Good", "reviewRating": rating}})
    ).items
    assert (product.rating, review.rating) == (written, written)


def test_reviews_are_found_nested_and_on_their_own() -> None:
    nested = {"reviewBody": "Good", "name": "Yes", "datePublished": "March 4, 2024"}
    alone = {"@type": "Review", "description": "Bad", "headline": "No", "itemReviewed": MUG}
    assert read(jsonld(MUG | {"review": [nested]}, alone)).items == [
        Declared("product", title="Mug"),
        Declared("review", title="Yes", text="Good", published_at="2024-03-04"),
        Declared("review", title="No", text="Bad"),
    ]


def test_a_claim_that_was_checked_is_no_review_of_a_product() -> None:
    assert read(jsonld({"@type": "ClaimReview", "name": "True"})).items == []


def test_entities_inside_json_ld_are_letters() -> None:
    (product,) = read(jsonld(MUG | {"name": "Mug &amp; Saucer"})).items
    assert product.title == "Mug & Saucer"


def test_microdata_gives_the_same_as_json_ld() -> None:
    html = """
    <div itemscope itemtype="https://schema.org/Product">
      <h1 itemprop="name">Mug</h1>
      <div itemprop="description"><p>Holds 350 ml.</p><p>Blue.</p></div>
      <span itemprop="aggregateRating" itemscope><b itemprop="ratingValue">4.7</b></span>
      <div itemprop="offers" itemscope itemtype="https://schema.org/Offer">
        <meta itemprop="priceCurrency" content="GBP"><data itemprop="price" value="24.00">24 pounds</data>
        <meta itemprop="name" content="not the product's name">
      </div>
      <div itemprop="review" itemscope itemtype="https://schema.org/Review">
        <b itemprop="name">Lovely</b><time itemprop="datePublished" datetime="2024-02-03">3 Feb</time>
        <p itemprop="reviewBody">Keeps tea hot.</p>
        <span itemprop="reviewRating" itemscope><meta itemprop="ratingValue" content="5"></span>
        by <a itemprop="author" href="/ann">Ann</a>
      </div>
    </div>"""
    assert read(html).items == [
        Declared(
            "product", title="Mug", text="Holds 350 ml.\nBlue.", price="24.00", currency="GBP", rating="4.7"
        ),
        Declared(
            "review",
            title="Lovely",
            text="Keeps tea hot.",
            rating="5",
            published_at="2024-02-03",
            author="Ann",
        ),
    ]


def test_microdata_properties_in_lower_case_are_understood() -> None:
    html = MUG_MICRODATA.format(
        "<p itemprop=offers itemscope><meta itemprop=lowprice content=5>"
        "<meta itemprop=pricecurrency content=GBP></p>"
    )
    (product,) = read(html).items
    assert (product.price, product.currency) == ("5", "GBP")


def test_microdata_that_lies_elsewhere_on_the_page_is_borrowed() -> None:
    html = """<p id="cost" itemprop="offers" itemscope><meta itemprop="price" content="9"></p>
    <div itemscope itemtype="http://schema.org/Product" itemref="cost"><b itemprop="name">Mug</b></div>
    <div itemscope itemtype="http://schema.org/Product" itemref="cost"><b itemprop="name">Cup</b></div>"""
    assert [(item.title, item.price) for item in read(html).items] == [("Mug", "9"), ("Cup", "9")]


def test_microdata_that_refers_to_itself_is_read_once() -> None:
    html = MUG_MICRODATA.format(
        '<div itemprop="review" itemscope id="a" itemref="a"><b itemprop="reviewBody">Good</b></div>'
    )
    assert [(item.item_type, item.title or item.text) for item in read(html).items] == [
        ("product", "Mug"),
        ("review", "Good"),
    ]


@pytest.mark.parametrize(
    ("tags", "price", "currency"),
    [
        ({"product:price:amount": "9", "product:price:currency": "GBP"}, "9", "GBP"),
        ({"og:price:amount": "9", "og:price:currency": "GBP"}, "9", "GBP"),
        ({"PRODUCT:price:amount": " 9 "}, "9", None),
        ({}, None, None),
    ],
)
@pytest.mark.parametrize("attribute", ["property", "name"])
def test_open_graph_tags_declare_one_product(tags, price, currency, attribute) -> None:
    tags = {"og:type": "product.item", "og:title": "Mug", "og:description": "Blue"} | tags
    html = "".join(f'<meta {attribute}="{name}" content="{content}">' for name, content in tags.items())
    assert read(html).items == [Declared("product", title="Mug", text="Blue", price=price, currency=currency)]


@pytest.mark.parametrize("kind", ["article", "website", ""])
def test_open_graph_tags_of_another_page_declare_no_product(kind) -> None:
    html = f'<meta property="og:type" content="{kind}"><meta property="og:title" content="Mug">'
    assert read(html).items == []


def test_a_product_declared_in_three_ways_is_one_with_what_each_of_them_says() -> None:
    html = (
        jsonld(MUG | {"offers": {"price": "24.00"}})
        + MUG_MICRODATA.format("<p itemprop=description>Blue</p><meta itemprop=price content=24>")
        + MUG_OPEN_GRAPH.format("Mug | Clay")
        + '<meta property="product:price:currency" content="GBP">'
    )
    assert read(html).items == [Declared("product", title="Mug", text="Blue", price="24.00", currency="GBP")]


def test_open_graph_fills_the_product_whose_name_its_title_holds() -> None:
    html = (
        jsonld([{"@type": "Product", "name": "Cup"}, MUG])
        + MUG_OPEN_GRAPH.format("Mug | Clay")
        + '<meta property="og:description" content="Blue">'
    )
    assert [(item.title, item.text) for item in read(html).items] == [("Cup", None), ("Mug", "Blue")]


def test_variants_of_one_name_and_different_prices_stay_apart() -> None:
    variants = [MUG | {"offers": {"price": price}} for price in ("24.00", "29.00", "24")]
    assert [item.price for item in read(jsonld(variants)).items] == ["24.00", "29.00"]


@pytest.mark.parametrize(
    ("one", "other", "are_same"),
    [
        ({}, {}, True),
        ({"author": "Ann"}, {"author": "ann "}, True),
        ({"author": "Ann"}, {}, True),
        ({"author": "Ann"}, {"author": "Bob"}, False),
        ({"datePublished": "2024-02-03"}, {"datePublished": "2024-02-03T23:30:00-05:00"}, True),
        ({"datePublished": "2024-02-03"}, {"datePublished": "2024-02-05"}, False),
        ({"reviewRating": {"ratingValue": "5"}}, {"reviewRating": {"ratingValue": "5.0"}}, True),
        ({"reviewRating": {"ratingValue": "5"}}, {"reviewRating": {"ratingValue": "4"}}, False),
        ({"name": "Yes"}, {"name": "No"}, False),
    ],
)
def test_reviews_in_the_same_words_are_one_unless_something_both_say_differs(one, other, are_same) -> None:
    words = [{"@type": "Review", "reviewBody": body} for body in ("Very good", " Very\n good")]
    assert len(read(jsonld(words[0] | one, words[1] | other)).items) == (1 if are_same else 2)


def test_stars_without_words_are_kept_apart_unless_their_writers_tell_they_are_one() -> None:
    stars = {"@type": "Review", "reviewRating": {"ratingValue": 5}}
    assert len(read(jsonld(stars, stars)).items) == 2
    assert len(read(jsonld(stars | {"author": "Ann"}, stars | {"author": "Ann"})).items) == 1


def test_a_thing_without_a_word_or_a_star_is_no_row() -> None:
    assert read(jsonld({"@type": "Product", "sku": "1"}, {"@type": "Review", "author": "Ann"})).items == []
