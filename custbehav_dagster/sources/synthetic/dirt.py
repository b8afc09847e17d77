"""What is wrong with the made-up files, and how often: one rate per kind of dirt."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Dirt:
    """How often each kind of dirt strikes, from 0 to 1, among the cells (or rows) it can strike.

    A cell can be struck when it holds something and no kind that replaces its
    content (see `REPLACING`) has struck it already; `CELL_DIRT` says where each kind
    strikes.

    Raises:
        ValueError: a rate is not between 0 and 1.
    """

    missing_value: float = 0.03
    """Cells left empty, of all columns but keys and dates of orders."""
    missing_key: float = 0.003
    """Cells left empty without which a row cannot be used: identifiers, order dates."""
    guest_order: float = 0.03
    """Orders without a customer, as from a check-out without an account."""
    orphan_order: float = 0.01
    """Orders of a customer who is in no file."""
    orphan_feedback: float = 0.01
    """Feedback about an order that is in no file."""
    duplicate_row: float = 0.01
    """Rows that stand in the file a second time, letter by letter."""
    other_date_format: float = 0.3
    """Dates not written like 2025-03-09 but like 09/03/2025, 9 Mar 2025 or 2025/03/09, a third each."""
    date_with_time: float = 0.25
    """Dates with hour and minute behind them, such as 2025-03-09 14:05."""
    odd_case: float = 0.04
    """Words in capitals (or small letters where capitals are usual)."""
    stray_space: float = 0.04
    """Words with spaces before, behind or around them."""
    currency_sign: float = 0.06
    """Amounts such as £12.50."""
    absurd_value: float = 0.003
    """Amounts and quantities below zero or far too large, ratings off the scale."""
    html: float = 0.06
    """Texts with tags and entities of a web page."""
    emoji: float = 0.1
    """Texts with an emoji behind them."""

    def __post_init__(self) -> None:
        for field in fields(self):
            rate = getattr(self, field.name)
            if not 0 <= rate <= 1:
                raise ValueError(f"the dirt rate {field.name} must be between 0 and 1, not {rate}")

    @classmethod
    def none(cls) -> Dirt:
        """Files as clean as the shop would wish them."""
        return cls(**{field.name: 0.0 for field in fields(cls)})


REPLACING = frozenset(
    {"missing_value", "missing_key", "guest_order", "orphan_order", "orphan_feedback", "absurd_value"}
)
"""Kinds after which nothing of the cell is left for another kind to strike."""

_WORDS = ("missing_value", "odd_case", "stray_space")

CELL_DIRT: dict[str, dict[str, tuple[str, ...]]] = {
    "customers": {
        "customer_id": ("missing_key",),
        "name": _WORDS,
        "email": _WORDS,
        "signup_date": ("missing_value", "other_date_format"),
        "region": _WORDS,
        "country": _WORDS,
        "accepts_marketing": ("missing_value", "odd_case"),
        "consent_source": _WORDS,
    },
    "orders": {
        "order_id": ("missing_key",),
        "customer_id": ("guest_order", "orphan_order", "stray_space"),
        "order_date": ("missing_key", "other_date_format", "date_with_time"),
        "amount": ("missing_value", "absurd_value", "currency_sign"),
        "refund_amount": ("missing_value", "currency_sign"),
        "currency": ("missing_value", "odd_case"),
        "channel": _WORDS,
        "status": _WORDS,
        "is_gift": ("missing_value", "odd_case"),
        "product": _WORDS,
        "quantity": ("missing_value", "absurd_value"),
    },
    "feedback": {
        "feedback_id": ("missing_key",),
        "customer_id": ("missing_value",),
        "order_id": ("orphan_feedback",),
        "created_at": ("missing_value", "other_date_format", "date_with_time"),
        "rating": ("missing_value", "absurd_value"),
        "text": ("odd_case", "html", "emoji", "stray_space"),
    },
}
"""File columns in their order, each with the kinds of dirt that strike it, in the order they do."""
