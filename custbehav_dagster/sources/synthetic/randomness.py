"""One independent stream of random numbers per purpose, so that parts can be made alone or together."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

import numpy as np


def stream(seed: int, purpose: str, number: int = 0) -> np.random.Generator:
    """Random numbers for one purpose (and one numbered part of it): same arguments, same numbers.

    Raises:
        ValueError: the seed is negative.
    """
    # The checksum, unlike hash(), is the same in every process.
    return np.random.default_rng(np.random.SeedSequence([seed, zlib.crc32(purpose.encode()), number]))


def shares(weights: Iterable[float]) -> np.ndarray:
    """The weights scaled to sum to one."""
    listed = np.array(list(weights), dtype=float)
    return listed / listed.sum()
