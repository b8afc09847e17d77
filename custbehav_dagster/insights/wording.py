"""How numbers, months and names are written for the owner; used by insights, pictures and reports.

Plain functions from values to words. Nothing here reads a table.
"""

from __future__ import annotations

import calendar
import unicodedata
from collections.abc import Iterable
from datetime import date

MINUS = "−"
FEW = 20
"""Below this many, counts are told instead of percentages, and no trend is claimed."""
ISOLATES = "\u2068\u2069"
"""First strong isolate and its end: what stands between keeps its own direction of writing."""
CURRENCY_SIGNS = {
    "AUD": "A$",
    "BRL": "R$",
    "CAD": "C$",
    "CNY": "CN¥",
    "EUR": "€",
    "GBP": "£",
    "ILS": "₪",
    "INR": "₹",
    "JPY": "¥",
    "KRW": "₩",
    "NZD": "NZ$",
    "TRY": "₺",
    "UAH": "₴",
    "USD": "$",
    "VND": "₫",
}
MODEL_NAMES = {
    "logistic": "logistic regression",
    "naive_bayes": "naive Bayes",
    "constant": "constant guess",
    "recency_rule": "recency rule",
    "frequency_recency_rule": "frequency and recency",
    "combination": "combination of models",
    "gradient_boosting": "gradient boosting",
    "bg_nbd": "BG/NBD",
    "mbg_nbd": "MBG/NBD",
    "pareto_nbd": "Pareto/NBD",
}
SOURCE_NAMES = {
    "internal_feedback": "your customers' feedback",
    "public_sentiment": "public sentences",
    "reddit": "Reddit",
    "web": "web pages",
}


def currency_sign(currency: str) -> str:
    """Sign of an ISO 4217 code, or the code and a space where there is no common sign."""
    return CURRENCY_SIGNS.get(currency, f"{currency} ")


def money(amount: float, currency: str) -> str:
    """Write an amount: whole units from 100 on, two decimals below."""
    rounded = f"{abs(amount):,.0f}" if abs(amount) >= 99.995 else f"{abs(amount):,.2f}"
    negative = amount < 0 and rounded.strip("0.,") != ""
    return f"{MINUS if negative else ''}{currency_sign(currency)}{rounded}"


def short_money(amount: float, currency: str) -> str:
    """Write an amount for an axis: `£1.2k`, `£3M`."""
    size = abs(amount)
    for limit, ending in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if size >= limit:
            text = f"{size / limit:.1f}".removesuffix(".0") + ending
            break
    else:
        text = f"{size:,.2f}".removesuffix(".00")
    return f"{MINUS if amount < 0 else ''}{currency_sign(currency)}{text}"


def percent(share: float) -> str:
    """Write a share of 1 as a percentage: one decimal below 10% and from 99% to 100%, none elsewhere."""
    value = abs(share) * 100
    few_decimals = 9.95 <= value < 99 or value == 0 or value >= 100
    text = f"{value:.0f}" if few_decimals else f"{value:.1f}"
    if text == "100.0":
        text = "99.9"
    if text == "0.0":
        return "under 0.1%" if value else "0%"
    return f"{MINUS if share < 0 else ''}{text}%"


def share_or_count(part: float, total: float) -> str:
    """Write `71%`, or `9 of 12` when the total is too small for a percentage to mean much."""
    return f"{part:,.0f} of {total:,.0f}" if total < FEW else percent(part / total)


def number(value: float, decimals: int = 2) -> str:
    """Write a plain number with a real minus sign."""
    text = f"{abs(value):,.{decimals}f}"
    return f"{MINUS if value < 0 and text.strip('0.,') else ''}{text}"


def count(how_many: float, singular: str, plural: str | None = None) -> str:
    """Write `1 text`, `1,234 texts`."""
    name = singular if how_many == 1 else (plural or f"{singular}s")
    return f"{how_many:,.0f} {name}"


def day(value: date) -> str:
    """Write a day as `9 December 2011`."""
    return f"{value.day} {calendar.month_name[value.month]} {value.year}"


def month_and_year(value: date) -> str:
    """Write a month as `December 2011`."""
    return f"{calendar.month_name[value.month]} {value.year}"


def month_span(first: date, last: date) -> str:
    """Write `March 2010 to May 2011`, or the month alone when it is only one."""
    months = [month_and_year(first), month_and_year(last)]
    return months[0] if months[0] == months[1] else " to ".join(months)


def month_name(month: int) -> str:
    """English name of a month, 1 to 12."""
    return calendar.month_name[month]


def source_name(source_type: str) -> str:
    """Name of a source of texts, for people."""
    return SOURCE_NAMES.get(source_type, source_type.replace("_", " "))


def model_name(model: str) -> str:
    """Name of a contestant of churn.evaluation, for people."""
    return MODEL_NAMES.get(model, model.replace("_", " "))


def listed(words: Iterable[str]) -> str:
    """Join words as `a, b and c`."""
    all_words = list(words)
    if len(all_words) < 2:
        return "".join(all_words)
    return f"{', '.join(all_words[:-1])} and {all_words[-1]}"


def quoted(name: str) -> str:
    """Put a name in quotation marks; a right-to-left one leaves the sentence around it alone."""
    turns = any(unicodedata.bidirectional(sign) in ("R", "AL", "AN") for sign in name)
    return f"“{ISOLATES[0]}{name}{ISOLATES[1]}”" if turns else f"“{name}”"


def capitalized(sentence: str) -> str:
    """Raise the first letter and leave the rest as it is."""
    return sentence[:1].upper() + sentence[1:]
