"""How an outside source spends its time: waiting, and telling how far it has come.

Clock, sleep and chance are passed in, so that a test waits for nothing and finds the
same order each time. What is asked, and why a wait is needed, is up to each source.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

MESSAGES = 20
"""A long reading tells its progress about so often."""


@dataclass(frozen=True)
class Pace:
    """Sleep some seconds, seconds of a clock that only goes forward, and chance from 0 to 1."""

    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random

    def back_off(self, failures: int) -> float:
        """Seconds to wait after so many failures in a row: 1, 2, 4 …, and by chance up to half more.

        The chance keeps many shops that failed together from coming back together.
        """
        return float(2 ** (failures - 1)) * (1 + self.chance() / 2)


class Progress:
    """Counts pages read and tells "3 of at most 12 pages", a long reading in steps."""

    def __init__(self, tell: Callable[[str], None], source: str) -> None:
        self._tell = tell
        self._source = source
        self._done = 0
        self._expected = 0
        self._told = 0

    def expect(self, pages: int) -> None:
        """Add pages still to come; a negative number takes back some that will not."""
        self._expected += pages

    def step(self) -> None:
        """One page more was read."""
        self._done += 1
        total = max(self._expected, self._done)
        before, after = (count * MESSAGES // total for count in (self._done - 1, self._done))
        if before != after or self._done == total:
            self._told = self._done
            self._tell(f"{self._source}: {self._done:,} of at most {total:,} pages read.")

    def end(self) -> None:
        """Nothing more is read: tell how many pages it were, if that was not told."""
        if self._done != self._told:
            pages = "page" if self._done == 1 else "pages"
            self._tell(f"{self._source}: {self._done:,} {pages} read.")
