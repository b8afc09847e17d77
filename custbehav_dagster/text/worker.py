"""A scoring process: reads lists of texts from its input, writes their scores to its output.

Started by `workers.py`, and ends when its input does, so it cannot outlive its parent.
Messages are pickles, one after the other: first the rules, then lists of texts; each list is
answered by the bytes of its scores, or by a sentence when something went wrong.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from array import array
from typing import BinaryIO

from custbehav_dagster.text.typing_habits import plainly_typed
from custbehav_dagster.text.vader import VaderScorer


def main() -> None:
    """Answer until the input ends."""
    # An interrupt from the keyboard is the parent's to handle.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        answer_requests(sys.stdin.buffer, sys.stdout.buffer)
    except (EOFError, OSError, pickle.UnpicklingError):
        # The parent has gone. An ordinary exit would try to write to it once more.
        os._exit(0)


def answer_requests(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer every list of texts in `requests`.

    Raises:
        EOFError, OSError, pickle.UnpicklingError: the other side has closed or broken off.
    """
    scorer = VaderScorer(pickle.load(requests))
    while True:
        texts = pickle.load(requests)
        try:
            answer: bytes | str = array("d", scorer.scores(map(plainly_typed, texts))).tobytes()
        except Exception as error:
            answer = f"{type(error).__name__}: {error}"
        pickle.dump(answer, answers)
        answers.flush()
