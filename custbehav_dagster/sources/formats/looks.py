"""What the cells of a column may look like, to tell whether its name can be believed."""

from __future__ import annotations

import re

LARGEST_STARS = 10


def looks_like_date(value: str) -> bool:
    """Whether `value` could be a date or time, in any notation."""
    return len(value.strip()) >= 5 and any(sign.isdigit() for sign in value)


def looks_like_number(value: str) -> bool:
    """Whether `value` holds digits, as money and quantities do."""
    return any(sign.isdigit() for sign in value)


def looks_like_email(value: str) -> bool:
    """Whether `value` could be a mail address."""
    return "@" in value


def looks_like_stars(value: str) -> bool:
    """Whether `value` could be a rating, in figures or in stars."""
    figures = re.search(r"\d+(?:[.,]\d+)?", value)
    return (
        float(figures.group().replace(",", ".")) <= LARGEST_STARS if figures else "★" in value or "*" in value
    )
