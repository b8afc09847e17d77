"""What the shop makes, as words: the products sold and offered, and which of them a post speaks of.

Words are compared by their stem or lemma, as truth.single_source_of_truth holds them.
"""

from __future__ import annotations

from collections.abc import Iterable

import ibis
import ibis.expr.types as ir

from custbehav_dagster.insights.affinity import product_names
from custbehav_dagster.provenance import prefer_real
from custbehav_dagster.settings import Settings
from custbehav_dagster.text.normalize import clean_text
from custbehav_dagster.text.words import unify_words

MOST_PRODUCTS = 5_000
"""So many products are looked at: those on offer first, then those sold, by the alphabet."""

_VAGUE = """
handmade hand made craft gift present card set pair pack box piece small large big mini little medium
tiny size new old custom personalised personalized personal bespoke name initial letter print printed
design style colour color red blue green yellow black white grey gray pink purple brown orange cream gold
golden natural dark light bright plain soft warm wood wooden silver metal glass paper oak walnut cherry
ash brass copper pewter linen wool woollen lambswool cotton leather felt ceramic clay stoneware pottery
porcelain soy beeswax birth birthday wedding anniversary christmas xmas baby kid child mum mother dad
father man woman men women love day home house best good nice framed frame free lover unique idea ideas
perfect special uk one two three four five six
"""
"""Words that many products and many posts share without speaking of the same thing: they may
second a match, and never make one."""
_NOT_WANTED = (
    "no ",
    "no more ",
    "not ",
    "not a ",
    "not an ",
    "not another ",
    "nothing but ",
    "isn't a ",
    "aren't ",
)
"""Before the name of a thing: it is not what is looked for."""


def catalogue_words(order_items: ir.Table, listings: ir.Table, settings: Settings) -> tuple[ir.Table, bool]:
    """One row per product and word of its name: product, product_word, word, is_telling; and is_synthetic.

    Args:
        order_items: cleaned.order_items; products are called by the name they are sold by most.
        listings: raw.listings.
        settings: `word_form`, by which the texts were stemmed.
    """
    import pyarrow as pa

    names, is_synthetic = _names(order_items, listings)
    words = {word for _, clean in names for word in clean.split(" ") if word and not word.isdigit()}
    forms = _forms(words, settings)
    vague = set(_forms(_VAGUE.split(), settings).values())
    rows = [
        {"product": name, "product_word": word, "word": form, "is_telling": form not in vague}
        for name, clean in names
        for form, word in {forms.get(word, ""): word for word in clean.split(" ")}.items()
        if form
    ]
    schema = pa.schema(
        [(column, pa.string()) for column in ("product", "product_word", "word")]
        + [("is_telling", pa.bool_())]
    )
    return ibis.memtable(pa.Table.from_pylist(rows, schema=schema)), is_synthetic


def fitting_products(posts: ir.Table, catalogue: ir.Table) -> ir.Table:
    """For each post that shares a telling word with a product: product, product_words and products.

    The product with most telling words in common is taken, then the one with most words in
    common, then the one with the shorter name. A word that the post says no to is not shared.

    Args:
        posts: text_id, text_stemmed, and `read` as text/intent.py makes it.
        catalogue: rows of `catalogue_words`.
    """
    said = posts.select("text_id", word=posts.text_stemmed.split(" ").unnest()).distinct()
    shared = said.join(catalogue, "word").join(posts.select("text_id", "read"), "text_id")
    shared = shared.filter(*(~shared.read.contains(no + shared.product_word) for no in _NOT_WANTED))
    by_product = shared.group_by("text_id", "product").aggregate(
        telling=shared.is_telling.cast("int64").sum(),
        words=shared.count(),
        first_word=shared.product_word.min(where=shared.is_telling),
        last_word=shared.product_word.max(where=shared.is_telling),
    )
    by_product = by_product.filter(by_product.telling > 0)
    surest = [
        by_product.telling.desc(),
        by_product.words.desc(),
        by_product.product.length(),
        by_product.product,
    ]
    ranked = by_product.mutate(
        place=ibis.row_number().over(ibis.window(group_by="text_id", order_by=surest)),
        products=by_product.count().over(ibis.window(group_by="text_id")),
    )
    best = ranked.filter(ranked.place == 0)
    other_word = ibis.ifelse(best.last_word == best.first_word, "", ibis.literal(", ") + best.last_word)
    return best.select("text_id", "product", "products", product_words=best.first_word + other_word)


def _names(order_items: ir.Table, listings: ir.Table) -> tuple[list[tuple[str, str]], bool]:
    """Names as written and in plain words; real ones only, if there are any."""
    sold = product_names(order_items).select("product", "is_synthetic", is_offered=ibis.literal(False))
    offered = listings.filter(listings.title.notnull()).select(
        product=listings.title, is_synthetic=listings.is_synthetic, is_offered=ibis.literal(True)
    )
    products, is_synthetic = prefer_real(sold.union(offered))
    products = products.group_by("product").aggregate(is_offered=products.is_offered.any())
    products = products.order_by(ibis.desc("is_offered"), "product").limit(MOST_PRODUCTS)
    found = products.select("product", clean=clean_text(products["product"])).to_pyarrow()
    return list(zip(found["product"].to_pylist(), found["clean"].to_pylist(), strict=True)), is_synthetic


def _forms(words: Iterable[str], settings: Settings) -> dict[str, str]:
    """Each word with its stem or lemma; empty for stopwords."""
    distinct = sorted(set(words))
    return dict(zip(distinct, unify_words(distinct, {}, settings.word_form), strict=True))
