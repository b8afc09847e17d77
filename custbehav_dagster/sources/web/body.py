"""The body of one answer, unpacked, within a size and a time whatever the server sends."""

from __future__ import annotations

import time
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import requests

PIECE_BYTES = 65_536
GZIP_START = b"\x1f\x8b"
GZIP_BITS = 31


class TooLargeError(Exception):
    """More bytes came, packed or unpacked, than are wanted."""


class UnknownPackingError(Exception):
    """The body is packed in another way than gzip, the only one that was asked for."""


class BrokenOffError(Exception):
    """The body ended before its end, or is not packed as it says."""


def read_body(response: requests.Response, max_bytes: int, deadline: float, *, cut: bool = False) -> bytes:
    """Read a body asked for with `stream=True`, never holding more than `max_bytes` and one piece.

    It is unpacked here and not by the HTTP library, which goes on without end
    while packed pieces unpack to nothing. `deadline` is on the monotonic clock;
    `cut` gives the first `max_bytes` of a larger body instead of refusing it.

    Raises:
        TooLargeError, UnknownPackingError, BrokenOffError: as they say.
        TimeoutError: the deadline passed.
    """
    from urllib3.exceptions import HTTPError, ReadTimeoutError

    packing = response.headers.get("content-encoding", "").strip().lower()
    if packing not in ("", "identity", "gzip", "x-gzip"):
        raise UnknownPackingError(packing)
    unpacker = _Gunzip() if packing.endswith("gzip") else None
    body = bytearray()
    taken = 0
    try:
        # read1 gives what is there, where read waits until a piece is full.
        while piece := response.raw.read1(PIECE_BYTES, decode_content=False):
            if time.monotonic() > deadline:
                raise TimeoutError
            taken += len(piece)
            room = max_bytes + 1 - len(body)
            body += unpacker.unpack(piece, room) if unpacker else piece[:room]
            if max(taken, len(body)) > max_bytes:
                if cut:
                    return bytes(body[:max_bytes])
                raise TooLargeError
    except ReadTimeoutError:
        raise TimeoutError from None
    except (HTTPError, zlib.error) as error:
        raise BrokenOffError from error
    if unpacker and not unpacker.is_whole:
        raise BrokenOffError
    return bytes(body)


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
