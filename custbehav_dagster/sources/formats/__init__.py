"""The registry of formats: one module each; a new one is added to `FORMATS`."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from custbehav_dagster.sources.formats.base import (
    NO_HINTS,
    Cells,
    Format,
    Head,
    Hints,
    Match,
    Records,
    Rejection,
)
from custbehav_dagster.sources.formats.etsy_listings import ETSY_LISTINGS
from custbehav_dagster.sources.formats.etsy_order_items import ETSY_ORDER_ITEMS
from custbehav_dagster.sources.formats.etsy_orders import ETSY_ORDERS
from custbehav_dagster.sources.formats.etsy_reviews import ETSY_REVIEWS
from custbehav_dagster.sources.formats.exchange_rates import EXCHANGE_RATES
from custbehav_dagster.sources.formats.fetched import REDDIT_POSTS, WEB_CONTENT
from custbehav_dagster.sources.formats.judgeme import JUDGEME_REVIEWS
from custbehav_dagster.sources.formats.klaviyo import KLAVIYO_PROFILES
from custbehav_dagster.sources.formats.mail_addresses import MAIL_ADDRESSES
from custbehav_dagster.sources.formats.mailchimp import MAILCHIMP_AUDIENCE
from custbehav_dagster.sources.formats.online_retail import ONLINE_RETAIL
from custbehav_dagster.sources.formats.own import CUSTOMERS, FEEDBACK, ORDERS, SENTENCES, SUBSCRIBERS
from custbehav_dagster.sources.formats.shopify_customers import SHOPIFY_CUSTOMERS
from custbehav_dagster.sources.formats.shopify_orders import SHOPIFY_ORDERS
from custbehav_dagster.sources.formats.square import SQUARE_ITEMS, SQUARE_TRANSACTIONS
from custbehav_dagster.sources.formats.stripe import STRIPE_PAYMENTS
from custbehav_dagster.sources.formats.webtoffee_orders import WEBTOFFEE_ORDERS
from custbehav_dagster.sources.formats.who_is_who import WHO_IS_WHO
from custbehav_dagster.sources.formats.woocommerce_customers import WOOCOMMERCE_CUSTOMERS
from custbehav_dagster.sources.formats.woocommerce_orders import WOOCOMMERCE_ORDERS

FORMATS = (
    ONLINE_RETAIL,
    ORDERS,
    CUSTOMERS,
    FEEDBACK,
    SUBSCRIBERS,
    SENTENCES,
    EXCHANGE_RATES,
    REDDIT_POSTS,
    WEB_CONTENT,
    ETSY_ORDERS,
    ETSY_ORDER_ITEMS,
    ETSY_REVIEWS,
    ETSY_LISTINGS,
    SHOPIFY_ORDERS,
    SHOPIFY_CUSTOMERS,
    WOOCOMMERCE_ORDERS,
    WOOCOMMERCE_CUSTOMERS,
    WEBTOFFEE_ORDERS,
    SQUARE_ITEMS,
    SQUARE_TRANSACTIONS,
    STRIPE_PAYMENTS,
    MAILCHIMP_AUDIENCE,
    KLAVIYO_PROFILES,
    JUDGEME_REVIEWS,
    WHO_IS_WHO,
    MAIL_ADDRESSES,
)
"""In order of preference, which decides between formats that fit a file equally well."""

CLOSE_ENOUGH = 0.5
"""Share of what a format needs that a file has to name for the format to be called its nearest."""
COLUMNS_OF_THE_NEAREST = 2
"""One column, such as a name or a date, is in files of any kind."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Recognition:
    """What a file was taken for.

    `match` is None when no format fits; `nearest` is the one it resembles most,
    None when it resembles nothing. `note` says in a sentence what the reader
    should know, or is empty.
    """

    match: Match | None
    nearest: Match | None
    note: str


def recognise(head: Head, formats: tuple[Format, ...] = FORMATS, hints: Hints = NO_HINTS) -> Recognition:
    """Find the format of a file by its header and first records.

    The highest confidence wins; between equals the format that explains more
    columns, then the earlier in `formats`. With hints, only formats that know
    the columns and the name which they give are considered.
    """
    considered = [
        one for one in formats if hints.format in ("", one.name) and hints.columns.keys() <= one.field_names
    ]
    compared, fault = [], ""
    for one in considered:
        try:
            compared.append(one.match(head, hints))
        except Exception as error:
            # The fault of one format costs that format, and neither this file nor the others.
            _log.warning("The format %s could not be compared with a file.", one.name, exc_info=error)
            fault = f"Through a fault of this program it was not compared with {one.title}."
    if not considered:
        return Recognition(None, None, "No format has all the columns that its mapping names.")
    found = _best(sorted(compared, key=_rank, reverse=True), hints)
    return replace(found, note=f"{found.note} {fault}".strip())


def _best(matches: list[Match], hints: Hints) -> Recognition:
    """What the file is taken for, of its comparisons with the formats, the best first."""
    fitting = [match for match in matches if match.fits]
    if fitting:
        best, *others = fitting
        ties = [other.format.title for other in others if _rank(other) == _rank(best)]
        note = f"It could as well be {' or '.join(ties)}; it was read as {best.format.title}." if ties else ""
        return Recognition(best, best, note)
    close = [match for match in matches if _is_close(match, hints)]
    if not close:
        return Recognition(None, None, "It resembles no format that is known; nothing was read from it.")
    nearest = max(close, key=lambda match: (bool(match.columns and not match.contradiction), *_rank(match)))
    lack = (
        f"lacks {' and '.join(nearest.missing)}"
        if nearest.missing
        else f"is none, since {nearest.contradiction}"
    )
    return Recognition(
        None, nearest, f"It looks most like {nearest.format.title} but {lack}; nothing was read from it."
    )


def _is_close(match: Match, hints: Hints) -> bool:
    """Whether a file that does not fit resembles the format, by its columns' names or by its mapping."""
    if not match.columns:
        return False
    if hints.format or hints.columns:
        return True
    needed = sum(1 for group in match.format.groups if group.required)
    return match.named >= COLUMNS_OF_THE_NEAREST and match.needed_named >= CLOSE_ENOUGH * needed


def _rank(match: Match) -> tuple[float, int]:
    return match.confidence, len(match.columns)


__all__ = [
    "FORMATS",
    "NO_HINTS",
    "Cells",
    "Format",
    "Head",
    "Hints",
    "Match",
    "Recognition",
    "Records",
    "Rejection",
    "recognise",
]
