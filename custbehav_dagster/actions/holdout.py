"""Who is kept back from a list, so that what writing is worth can be measured later.

The choice is a hash of the person, the list and the seed: the same today, next week and
on another machine, without a memory of its own, and unrelated to anything about the person.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

HELD_BACK_ONE_IN = 10
_DIGEST_BYTES = 8
_LIMIT = 2 ** (8 * _DIGEST_BYTES) // HELD_BACK_ONE_IN


def is_held_back(customer_id: str, list_name: str, seed: int) -> bool:
    """Whether this person is in the tenth that gets no message of this list."""
    # Lengths first, so that no two pairs of names run together into one text.
    text = f"{seed}:{len(list_name)}:{list_name}:{customer_id}"
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).digest()
    return int.from_bytes(digest, "big") < _LIMIT


def held_back(customer_ids: Iterable[str], list_names: Iterable[str], seed: int) -> list[bool]:
    """`is_held_back` of each pair, in order; one Python step per candidate, so for lists, not for tables."""
    return [is_held_back(person, name, seed) for person, name in zip(customer_ids, list_names, strict=True)]
