"""How numbers, amounts and days are written in Persian. Plain functions from values to words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from custbehav_dagster.insights import wording as english

DIGITS = str.maketrans("0123456789,.%", "۰۱۲۳۴۵۶۷۸۹٬٫٪")
KEEP_LEFT = "\u200e"
"""A mark without width that holds the sign of a number at its left in a right-to-left line."""
MONTHS = (
    "ژانویهٔ", "فوریهٔ", "مارس", "آوریل", "مهٔ", "ژوئن", "ژوئیهٔ", "اوت", "سپتامبر", "اکتبر", "نوامبر", "دسامبر",
)  # fmt: skip
"""Of the calendar that the shop's own files use."""
CURRENCIES = {
    "AED": "درهم امارات",
    "AUD": "دلار استرالیا",
    "CAD": "دلار کانادا",
    "CHF": "فرانک سوئیس",
    "CNY": "یوان",
    "EUR": "یورو",
    "GBP": "پوند",
    "INR": "روپیهٔ هند",
    "IRR": "ریال",
    "JPY": "ین",
    "SEK": "کرون سوئد",
    "TRY": "لیر ترکیه",
    "USD": "دلار",
}


def digits(text: str) -> str:
    """Turn the figures of a number, its separators and percent sign into Persian ones."""
    return text.translate(DIGITS)


def signed_first(text: str) -> str:
    """Hold a leading sign where it is."""
    return f"{KEEP_LEFT}{text}" if text[:1] in ("+", "-", english.MINUS) else text


def number(value: float, decimals: int = 2) -> str:
    """Write a plain number."""
    return signed_first(digits(english.number(value, decimals)))


def percent(share: float) -> str:
    """Write a share of 1 as a percentage."""
    text = english.percent(share)
    if text.startswith("under"):
        return f"کمتر از {digits(text.removeprefix('under '))}"
    return signed_first(digits(text))


def amount(value: float, currency: str) -> str:
    """Write an amount with the name of its currency."""
    figures = english.money(value, currency).replace(english.currency_sign(currency), "")
    return f"{signed_first(digits(figures))} {CURRENCIES.get(currency, currency)}"


def short_amount(value: float) -> str:
    """Write an amount for an axis, without a currency."""
    size = abs(value)
    for limit, ending in ((1e9, " میلیارد"), (1e6, " میلیون"), (1e3, " هزار")):
        if size >= limit:
            return signed_first(digits(english.number(value / limit, 1).removesuffix(".0"))) + ending
    return signed_first(digits(english.number(value, 0)))


def day(value: date) -> str:
    """Write a day as `۹ دسامبر ۲۰۱۱`."""
    return f"{digits(str(value.day))} {month_and_year(value)}"


def month_and_year(value: date) -> str:
    """Write a month as `دسامبر ۲۰۱۱`."""
    return f"{MONTHS[value.month - 1]} {digits(str(value.year))}"


def month_name(month: int) -> str:
    """Name of a month, 1 to 12, standing alone."""
    return MONTHS[month - 1].removesuffix("ٔ")


def listed(words: Iterable[str]) -> str:
    """Join words as `الف، ب و پ`."""
    all_words = list(words)
    if len(all_words) < 2:
        return "".join(all_words)
    return f"{'، '.join(all_words[:-1])} و {all_words[-1]}"
