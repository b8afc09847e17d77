"""Reading the body of an HTTP answer within a time and a size, however slowly it drips.

Here belongs only the reading; who asks, and what a failure means, is up to each source.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import requests

PIECE_BYTES = 65_536


class TooSlowError(Exception):
    """The body did not arrive within its time."""


class TooLargeError(Exception):
    """The body, decompressed, is larger than allowed."""


class BrokenOffError(Exception):
    """The body ended before its announced end, or cannot be decompressed."""


def read_body(answer: requests.Response, seconds: float, max_bytes: int) -> bytes:
    """Read the decompressed body of an answer that was asked for with `stream=True`.

    `requests` limits the wait for each piece only, so that a server sending a byte
    now and then holds its caller for ever; here `seconds` is for the whole body.

    Raises:
        TooSlowError, TooLargeError, BrokenOffError: the answer is closed then.
    """
    from urllib3.exceptions import HTTPError, ReadTimeoutError

    deadline = time.monotonic() + seconds
    pieces: list[bytes] = []
    size = 0
    try:
        # read1 returns what is there; read and iter_content wait for a full piece.
        while piece := answer.raw.read1(PIECE_BYTES, decode_content=True):
            size += len(piece)
            if size > max_bytes:
                raise TooLargeError(f"more than {max_bytes} bytes")
            if time.monotonic() > deadline:
                raise TooSlowError(f"not complete after {seconds} seconds")
            pieces.append(piece)
    except ReadTimeoutError as fault:
        raise TooSlowError(str(fault)) from fault
    except (HTTPError, OSError) as fault:
        raise BrokenOffError(str(fault)) from fault
    finally:
        answer.close()
    return b"".join(pieces)
