"""Manners towards Reddit: bounded waits, bounded tries, one plain reason per failure.

Here belongs what an answer means and how long to wait for another. The client that
sends is in `reddit_client`. PRAW 8 leaves 429 to its caller, sleeps as long as a
header says, ignores its own `timeout` setting and raises `KeyError` for a 401
without a header, so every answer passes through `Etiquette` first.
"""

from __future__ import annotations

import io
import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from custbehav_dagster.sources.http_body import BrokenOffError, TooLargeError, TooSlowError, read_body
from custbehav_dagster.sources.pace import Pace

if TYPE_CHECKING:
    import requests

log = logging.getLogger("custbehav_dagster.sources.reddit")

TRIES = 4
LONGEST_PAUSE_SECONDS = 300.0
"""A longer pause that Reddit asks for ends the reading; Reddit counts in windows of ten minutes."""
LARGEST_ANSWER_BYTES = 50_000_000
PASSING_STATUSES = {408, 429, 500, 502, 503, 504, 520, 522}
NOT_UNDERSTOOD = "its answer could not be understood"


class UnreadableError(Exception):
    """Something on Reddit could not be read; the message completes "... was not read: ".

    `everywhere` says that nothing else can be read either, `unreachable` that no
    answer came at all.
    """

    def __init__(self, reason: str, *, everywhere: bool = False, unreachable: bool = False) -> None:
        super().__init__(reason)
        self.everywhere = everywhere
        self.unreachable = unreachable


@dataclass
class Etiquette:
    """How often to try, how long to wait, and what an answer means.

    `ends_at` is the moment on the clock of `pace` after which nothing is asked any more.
    """

    timeout_seconds: float
    pace: Pace
    ends_at: float
    not_before: float = 0.0
    refusals_in_a_row: int = 0

    def ask(self, send: Callable[[], requests.Response], is_token: bool) -> requests.Response:
        """Send until there is an answer worth handing on; passing faults are tried four times.

        Raises:
            UnreadableError: saying why, when it is final.
        """
        for failures in range(1, TRIES + 1):
            self._wait_for_turn()
            fault, asked_seconds = self._try(send, is_token)
            if not isinstance(fault, UnreadableError):
                self._keep_to_allowance(fault)
                return fault
            pause = self.pace.back_off(failures) if asked_seconds is None else asked_seconds
            if not self._can_wait(pause):
                # Asking elsewhere on Reddit would break its word to slow down as well.
                fault.everywhere |= asked_seconds is not None
                raise fault
            if failures == TRIES:
                raise fault
            log.info("Waiting %.3g s before asking again: %s", pause, fault)
            self.pace.sleep(pause)
        raise AssertionError("the last try returns or raises")

    def _can_wait(self, seconds: float) -> bool:
        return seconds <= LONGEST_PAUSE_SECONDS and self.pace.clock() + seconds < self.ends_at

    def _wait_for_turn(self) -> None:
        now = self.pace.clock()
        if now >= self.ends_at:
            raise UnreadableError(
                "the time for it was used up; what is left is read next time, or sooner with a higher "
                "CUSTBEHAV_REDDIT_TOTAL_SECONDS",
                everywhere=True,
            )
        if self.not_before > now:
            pause = self.not_before - now
            if not self._can_wait(pause):
                raise UnreadableError(_reason(429), everywhere=True)
            self.not_before = 0.0
            self.pace.sleep(pause)

    def _keep_to_allowance(self, answer: requests.Response) -> None:
        """Remember to wait when Reddit says that no request is left, instead of PRAW's unbounded sleep."""
        allowance = {
            name: answer.headers.pop(f"x-ratelimit-{name}", None) for name in ("remaining", "used", "reset")
        }
        try:
            left, seconds = float(allowance["remaining"] or "inf"), float(allowance["reset"] or 0)
        except ValueError:
            return
        if left < 1 and math.isfinite(seconds):
            self.not_before = self.pace.clock() + max(seconds, 1.0)

    def _try(
        self, send: Callable[[], requests.Response], is_token: bool
    ) -> tuple[requests.Response | UnreadableError, float | None]:
        """One try: the answer, or a fault that may pass with the pause that Reddit asks for."""
        from prawcore.exceptions import RequestException
        from requests.exceptions import Timeout

        silence = UnreadableError(
            f"no complete answer came within {self.timeout_seconds:g} seconds",
            everywhere=is_token,
            unreachable=True,
        )
        no_connection = UnreadableError(
            "it could not be reached; check the internet connection", everywhere=is_token, unreachable=True
        )
        try:
            answer = send()
            body = read_body(answer, LARGEST_ANSWER_BYTES, time.monotonic() + self.timeout_seconds)
        except RequestException as fault:
            return (silence if isinstance(fault.original_exception, Timeout) else no_connection), None
        except TooSlowError:
            return silence, None
        except BrokenOffError:
            return no_connection, None
        except TooLargeError as fault:
            raise UnreadableError("its answer was too large to be a page of posts") from fault
        # The body was read off the wire above; requests reads it again from here.
        answer.raw = io.BytesIO(body)
        if answer.status_code in PASSING_STATUSES:
            return UnreadableError(_reason(answer.status_code), everywhere=is_token), _asked_pause(answer)
        return self._judge(answer, is_token), None

    def _judge(self, answer: requests.Response, is_token: bool) -> requests.Response:
        """Hand on a good answer and the first 401, after which PRAW asks for a new token."""
        status = answer.status_code
        if status == 401:
            self.refusals_in_a_row += 1
            if is_token or self.refusals_in_a_row > 1:
                raise UnreadableError(
                    "it refused the credentials (401); check REDDIT_CLIENT_ID and REDDIT_CLIENT_SECRET "
                    "against reddit.com/prefs/apps",
                    everywhere=True,
                )
            return answer
        if not 200 <= status < 300:
            raise UnreadableError(
                f"it refused to let this program in ({status})" if is_token else _reason(status),
                everywhere=is_token,
            )
        if not is_token:
            self.refusals_in_a_row = 0
            # PRAW takes an empty answer for an empty listing.
            if not answer.content.lstrip().startswith(b"{"):
                raise UnreadableError(NOT_UNDERSTOOD)
        return answer


def _reason(status: int) -> str:
    """Why, for the owner, by the status of the answer."""
    if status == 429:
        return "Reddit asked to slow down (429)"
    if status == 403:
        return "it is private or closed to this program (403)"
    if status == 404 or 300 <= status < 400:
        return f"Reddit knows no such subreddit ({status})"
    if status >= 500:
        return f"Reddit had a fault of its own ({status})"
    return f"Reddit answered {status}"


def _asked_pause(answer: requests.Response) -> float | None:
    """Seconds that Reddit asks to wait: a number, or a date counted from the answer's own date."""
    asked = answer.headers.get("retry-after") or (
        answer.headers.get("x-ratelimit-reset") if answer.status_code == 429 else None
    )
    if asked is None:
        return None
    try:
        seconds = float(asked)
    except ValueError:
        try:
            until, since = parsedate_to_datetime(asked), parsedate_to_datetime(answer.headers["date"])
            seconds = (until - since).total_seconds()
        except (KeyError, ValueError, TypeError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None
