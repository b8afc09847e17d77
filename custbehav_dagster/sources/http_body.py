"""The body of one HTTP answer, unpacked, within a size and a time whatever the server sends.

Here belongs only the reading; who asks, and what a failure means, is up to each source.
"""

from __future__ import annotations

import time
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import requests

PIECE_BYTES = 65_536
GZIP_START = b"\x1f\x8b"
GZIP_BITS = 31
ACCEPTED_PACKING = "gzip"
"""What to ask for in `Accept-Encoding`; an answer packed in another way is refused."""


class TooSlowError(Exception):
    """The body did not arrive within its time."""


class TooLargeError(Exception):
    """More bytes came, packed or unpacked, than are wanted."""


class BrokenOffError(Exception):
    """The body ended before its end, or is not packed as it says."""


class UnknownPackingError(BrokenOffError):
    """The body is packed in another way than gzip, the only one that was asked for."""


def read_body(answer: requests.Response, max_bytes: int, deadline: float, *, cut: bool = False) -> bytes:
    """Read a body asked for with `stream=True`, never holding more than `max_bytes` and one piece.

    `requests` limits the wait for each piece only, so that a server sending a byte now
    and then holds its caller for ever, and its HTTP library goes on without end while
    packed pieces unpack to nothing: both are bounded here. `deadline` is on the
    monotonic clock; `cut` gives the first `max_bytes` of a larger body instead of
    refusing it. The answer is closed in the end.

    Raises:
        TooSlowError, TooLargeError, UnknownPackingError, BrokenOffError: as they say.
    """
    from urllib3.exceptions import HTTPError, ReadTimeoutError

    packing = answer.headers.get("content-encoding", "").strip().lower()
    if packing not in ("", "identity", "gzip", "x-gzip"):
        answer.close()
        raise UnknownPackingError(packing)
    unpacker = _Gunzip() if packing.endswith("gzip") else None
    body = bytearray()
    taken = 0
    try:
        # read1 gives what is there, where read waits until a piece is full.
        while piece := answer.raw.read1(PIECE_BYTES, decode_content=False):
            if time.monotonic() > deadline:
                raise TooSlowError
            taken += len(piece)
            room = max_bytes + 1 - len(body)
            body += unpacker.unpack(piece, room) if unpacker else piece[:room]
            if max(taken, len(body)) > max_bytes:
                if cut:
                    return bytes(body[:max_bytes])
                raise TooLargeError
    except ReadTimeoutError:
        raise TooSlowError from None
    except (HTTPError, OSError, zlib.error) as fault:
        raise BrokenOffError(str(fault)) from fault
    finally:
        answer.close()
    # An answer without any byte is an empty one, packed or not.
    if unpacker and taken and not unpacker.is_whole:
        raise BrokenOffError
    return bytes(body)


def gunzipped(packed: bytes, max_bytes: int) -> bytes:
    """The first `max_bytes` of what a gzip file holds; what is damaged ends it."""
    try:
        return _Gunzip().unpack(packed, max_bytes)
    except zlib.error:
        return b""


class _Gunzip:
    """Unpacks gzip piece by piece, each time no further than there is room."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(GZIP_BITS)

    def unpack(self, piece: bytes, room: int) -> bytes:
        """At most `room` bytes out of `piece`; what is left of it then is dropped."""
        unpacked = bytearray()
        while piece and len(unpacked) < room:
            if self._stream.eof:
                # A second packed part may follow; anything else there is padding.
                if not piece.startswith(GZIP_START):
                    break
                self._stream = zlib.decompressobj(GZIP_BITS)
            unpacked += self._stream.decompress(piece, room - len(unpacked))
            piece = self._stream.unused_data
        return bytes(unpacked)

    @property
    def is_whole(self) -> bool:
        return self._stream.eof
