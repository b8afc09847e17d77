"""What a rule about one table is, and how it came out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Finding:
    """How a rule came out, in a sentence and in numbers."""

    holds: bool
    sentence: str
    numbers: dict[str, int | float | str] = field(default_factory=dict)


@dataclass(frozen=True)
class Rule:
    """A rule of the table `layer.noun`, judged from the tables it reads (`layer/noun`)."""

    layer: str
    noun: str
    name: str
    promise: str
    reads: tuple[str, ...]
    judge: Callable[..., Finding]
    blocking: bool = False
    warns_only: bool = False
    knows_settings: bool = False
