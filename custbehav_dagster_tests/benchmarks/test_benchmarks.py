"""The benchmarks run, at a size at which their figures mean nothing."""

from __future__ import annotations

import resource
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.__main__ import main, sizes
from benchmarks.commands import NotTheSameWorkError, expect_files, run_empty, run_peer
from benchmarks.measure import CommandFailedError, Usage, measure, median_of
from benchmarks.questions import profile_of
from benchmarks.results import Goal, Section, write_results
from benchmarks.shop import SHOP_FILES, shop_folder
from benchmarks.steps import slowest_steps

MEBIBYTE = 2**20
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def python(code: str, tmp_path: Path) -> Usage:
    return measure([sys.executable, "-S", "-c", code], tmp_path / "log", folder=tmp_path)


def test_memory_that_a_process_used_is_seen(tmp_path: Path) -> None:
    used = python(f"import time; block = b'x' * {200 * MEBIBYTE}; time.sleep(0.3)", tmp_path)
    # Between fork and exec a child counts as large as the process that starts it.
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    assert 200 * MEBIBYTE < used.peak_bytes < max(300 * MEBIBYTE, own + 100 * MEBIBYTE)


def test_memory_of_processes_that_live_at_the_same_time_is_added_up(tmp_path: Path) -> None:
    hold = f"import time; block = b'x' * {100 * MEBIBYTE}; time.sleep(1)"
    used = python(
        f"import subprocess, sys; command = [sys.executable, '-S', '-c', {hold!r}]; "
        "[process.wait() for process in [subprocess.Popen(command) for _ in range(2)]]",
        tmp_path,
    )
    assert used.peak_bytes > 200 * MEBIBYTE


def test_cpu_time_of_a_child_counts_and_sleep_does_not(tmp_path: Path) -> None:
    busy = "import time\nwhile time.process_time() < 0.5: pass"
    used = python(
        "import subprocess, sys, time; "
        f"subprocess.run([sys.executable, '-S', '-c', {busy!r}]); time.sleep(1)",
        tmp_path,
    )
    assert used.cpu_seconds > 0.5
    assert used.wall_seconds > used.cpu_seconds


def test_a_command_that_fails_is_named_with_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(CommandFailedError, match=r"(?s)exit code 3.*no paper left"):
        python("print('no paper left'); raise SystemExit(3)", tmp_path)


def test_of_several_runs_the_middle_time_and_the_largest_memory_count() -> None:
    runs = [Usage(1.0, 9.0, 10), Usage(5.0, 1.0, 30), Usage(2.0, 2.0, 20)]
    assert median_of(runs) == Usage(2.0, 2.0, 30)


def test_the_shop_is_made_once_per_size(tmp_path: Path) -> None:
    first = shop_folder(20, tmp_path)
    made_at = {name: (first / name).stat().st_mtime_ns for name in SHOP_FILES}
    again = shop_folder(20, tmp_path)
    assert again == first
    assert {name: (again / name).stat().st_mtime_ns for name in SHOP_FILES} == made_at


def test_the_script_makes_every_file_that_is_asked_for_and_tells_its_stages(tmp_path: Path) -> None:
    used, _ = run_peer(shop_folder(300, tmp_path), tmp_path)
    stages = dict(profile_of(tmp_path / "peer.log"))
    assert {"imports", "orders", "stems", "VADER", "plots"} <= stages.keys()
    assert 0 < sum(stages.values()) <= used.cpu_seconds


def test_a_side_that_leaves_a_file_out_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotTheSameWorkError, match=r"lacks customers_clean\.csv, orders_clean\.csv"):
        expect_files(tmp_path)


def test_the_longest_steps_are_read_from_the_history_of_a_run(tmp_path: Path) -> None:
    used = run_empty(tmp_path)
    steps = slowest_steps(tmp_path / "empty" / "history" / "history", 3)
    assert len(steps) == 3
    assert all(name.startswith("nothing_") for name, _ in steps)
    assert used.wall_seconds > steps[0][1] >= steps[1][1] >= steps[2][1] > 0


def test_a_question_that_is_measured_again_replaces_its_section_only(tmp_path: Path) -> None:
    page = tmp_path / "RESULTS.md"
    slow = Section("Speed", ("size", "wall"), [("10", "9 s")], [Goal("under 5 s", "9 s", False)])
    fast = Section(
        "Speed", ("size", "wall"), [("10", "2 s")], [Goal("under 5 s", "2 s", True)], "Quiet machine."
    )
    other = Section("Growth", ("size", "wall"), [("10", "1 s")])
    write_results(page, [slow, other], "first", 0.0, NOON)
    text = write_results(page, [fast], "second", 1.5, NOON)
    assert text == page.read_text()
    assert "9 s" not in text
    assert "- met: under 5 s; found 2 s." in text
    assert "Quiet machine." in text
    assert text.index("## Speed") < text.index("## Growth")
    assert "2026-01-31" in text
    assert "`first`" in text
    assert "`second`" in text
    assert "load 1.5 before" in text


def test_sizes_are_sorted_and_told_once() -> None:
    assert sizes("100,10,100") == [10, 100]


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_speed_and_growth_are_measured_and_written_down(tmp_path: Path) -> None:
    page = tmp_path / "RESULTS.md"
    given = ["--only", "speed", "growth", "--sizes", "300", "--growth", "300", "--repeats", "1"]
    assert main([*given, "--work", str(tmp_path / "work"), "--results", str(page)]) == 0
    text = page.read_text()
    assert "## Speed against the usual script" in text
    assert "## Growth" in text
    assert "| 300 | 3,000 |" in text
