"""Scoring texts in several processes: started afresh, never forked, gone when the work is done.

A fork would copy the locks of DuckDB's and Dagster's threads in whatever state they are;
a new interpreter with nothing but the standard library starts in some hundredths of a second.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from array import array
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType

from custbehav_dagster.text.typing_habits import plainly_typed
from custbehav_dagster.text.vader import VaderRules, VaderScorer

TEXTS_WITHOUT_WORKERS = 20_000
"""As long as fewer texts are handed in or expected, the calling process scores them itself."""

_PACKAGE_ROOT = str(Path(__file__).parents[2])
_START = "import sys; sys.path.append(sys.argv[1]); from custbehav_dagster.text.worker import main; main()"
_WAY_OUT = "set CUSTBEHAV_WORKER_PROCESSES=1 to score without extra processes"


class ScoringError(Exception):
    """Texts could not be scored; the message is one sentence for the owner."""


def process_count(wanted: int) -> int:
    """Processes to use: as many as wanted, or one per core this process may use when 0 is wanted."""
    if wanted:
        return wanted
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class ScoringPool:
    """Scores lists of texts, in this process at first, in others when they become many.

    A context manager; leaving it ends the processes. The scores do not depend on `processes`,
    nor on how many texts are `expected`.
    """

    def __init__(self, rules: VaderRules, processes: int, expected: int = 0) -> None:
        self._rules = rules
        self._processes = processes
        self._texts_seen = 0
        self._texts_expected = expected
        self._own_scorer = VaderScorer(rules)
        self._workers: list[_Worker] = []
        self._idle: SimpleQueue[_Worker] = SimpleQueue()
        self._threads: ThreadPoolExecutor | None = None

    def __enter__(self) -> ScoringPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            for worker in self._workers:
                worker.kill()
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=error is not None)
        for worker in self._workers:
            worker.end()

    def submit(self, texts: Sequence[str]) -> Future[array[float]]:
        """Begin to score; the result has one compound score per text, in their order.

        Asking for the result raises ScoringError when a process could not do it.
        """
        self._texts_seen += len(texts)
        are_many = max(self._texts_seen, self._texts_expected) > TEXTS_WITHOUT_WORKERS
        if self._processes > 1 and are_many:
            return self._running_threads().submit(self._score_elsewhere, list(texts))
        done: Future[array[float]] = Future()
        done.set_result(array("d", self._own_scorer.scores(map(plainly_typed, texts))))
        return done

    def _running_threads(self) -> ThreadPoolExecutor:
        """One thread per process, which does nothing but wait for its answers."""
        if self._threads is None:
            for _ in range(self._processes):
                worker = _Worker(self._rules)
                self._workers.append(worker)
                self._idle.put(worker)
            self._threads = ThreadPoolExecutor(self._processes, thread_name_prefix="scoring")
        return self._threads

    def _score_elsewhere(self, texts: list[str]) -> array[float]:
        worker = self._idle.get()
        try:
            return worker.scores(texts)
        finally:
            self._idle.put(worker)


class _Worker:
    """One process of `worker.py`."""

    def __init__(self, rules: VaderRules) -> None:
        # Isolated and without site packages: it needs this package and the standard library only.
        command = [sys.executable, "-I", "-S", "-c", _START, _PACKAGE_ROOT]
        try:
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        except OSError as error:
            raise ScoringError(f"A process that scores texts did not start: {error}; {_WAY_OUT}.") from error
        self._rules: VaderRules | None = rules

    def scores(self, texts: list[str]) -> array[float]:
        try:
            if self._rules is not None:
                self._send(self._rules)
                self._rules = None
            self._send(texts)
            assert self._process.stdout is not None
            answer = pickle.load(self._process.stdout)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            raise ScoringError(
                f"A process that scores texts ended early (exit code {self._exit_code()}); {_WAY_OUT}."
            ) from error
        if isinstance(answer, str):
            raise ScoringError(f"A process that scores texts failed: {answer}.")
        return array("d", answer)

    def _send(self, message: object) -> None:
        assert self._process.stdin is not None
        pickle.dump(message, self._process.stdin)
        self._process.stdin.flush()

    def _exit_code(self) -> int:
        try:
            return self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> None:
        """Close both pipes, which ends the process, and wait for that."""
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with suppress(BrokenPipeError):
                pipe.close()
        self._process.wait()
