"""The doctor names what is broken and what to do, and never fails itself."""

from __future__ import annotations

import ast
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import duckdb
import pytest

from custbehav_dagster import __main__ as commands
from custbehav_dagster import doctor, doctor_shop
from custbehav_dagster.doctor_shop import Finding
from custbehav_dagster.settings import Settings
from custbehav_dagster.warehouse.lock import Holder, notes_folder, writer_lock
from custbehav_dagster_tests.end_to_end.commands import PROJECT, free_port

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
ORDERS = "order_id,customer_id,order_date,amount\nO1,C1,2024-01-05,12.50\nO2,C2,2024-02-06,3.00\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project's folder with one pinned package, to run in."""
    (tmp_path / "dagster.yaml").touch()
    (tmp_path / "requirements.lock").write_text(f"duckdb=={duckdb.__version__}\n")
    monkeypatch.chdir(tmp_path)
    # Tests read no .env, but for those that are about it.
    monkeypatch.setitem(Settings.model_config, "env_file", ".env")
    return tmp_path


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(data_dir=str(tmp_path / "data"))
    made.raw_path.mkdir(parents=True)
    made.warehouse_path.parent.mkdir(parents=True)
    return made


def is_fine(finding: Finding) -> bool:
    return str(finding).startswith("fine") and "What to do" not in str(finding)


def test_a_fresh_checkout_is_well_and_left_as_it_was(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(home.rglob("*"))
    assert commands.main(["doctor", "--port", str(free_port())]) == 0
    said = capsys.readouterr().out
    assert said.endswith("All is well.\n")
    assert len(said.splitlines()) == 17
    assert sorted(home.rglob("*")) == before


def test_each_broken_thing_is_one_line_with_what_to_do(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "data").write_text("a file where the folder should be")
    (home / ".env").write_text(
        "CUSTBEHAV_CURENCY=EUR\nREDDIT_CLIENT_ID=abc\nCUSTBEHAV_WEATHER_PLACES=London\n"
    )
    monkeypatch.setenv("CUSTBEHAV_WEB_URLS", "example.org")
    assert doctor.main(free_port()) == 1
    said = capsys.readouterr().out
    assert "did you mean CUSTBEHAV_CURRENCY?" in said
    assert "REDDIT_CLIENT_SECRET is empty" in said
    assert "'London' in CUSTBEHAV_WEATHER_PLACES is no place" in said
    assert "no addresses: example.org" in said
    assert "set CUSTBEHAV_DATA_DIR to a folder you may write to" in said
    assert said.count("look here") == said.count("What to do") == 5
    assert "5 things to look at." in said


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (b"CUSTBEHAV_HORIZON_DAYS=soon\n", "horizon_days=soon"),
        (b"CUSTBEHAV_SHOP_TIMEZONE=London\n", "write it like Europe/London"),
        (b"CUSTBEHAV_CURRENCY=\xff\xfe\n", ".env cannot be read"),
    ],
)
def test_wrong_settings_are_named_and_what_rests_on_them_is_not_looked_at(
    home: Path, written: bytes, told: str
) -> None:
    (home / ".env").write_bytes(written)
    findings = list(doctor.examine(NOW, free_port()))
    assert told in findings[-1].seen
    assert findings[-1].advice
    assert [finding.what for finding in findings] == ["Python", "packages", "project", "settings"]


@pytest.mark.parametrize(("version", "fine"), [((3, 10, 14), False), ((3, 11, 0), True), ((4, 0, 0), True)])
def test_python_from_three_eleven_on_is_fine(version: tuple[int, int, int], fine: bool) -> None:
    assert is_fine(doctor.python(version)) is fine


def test_without_any_package_installed_it_says_so() -> None:
    ended = subprocess.run(
        [sys.executable, "-I", "-S", "-c", "import sys; sys.path.insert(0, '.');"
         "from custbehav_dagster.__main__ import main; sys.exit(main(['doctor']))"],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 1
    assert "not installed: alembic" in ended.stdout
    assert "Traceback" not in ended.stdout + ended.stderr


@pytest.mark.parametrize("name", ["__init__.py", "doctor.py", "doctor_shop.py"])
def test_pythons_that_are_too_old_can_read_it_to_say_so(name: str) -> None:
    ast.parse((PROJECT / "custbehav_dagster" / name).read_text(), feature_version=(3, 8))


@pytest.mark.parametrize(
    ("lock", "told", "fine"),
    [
        (f"duckdb=={duckdb.__version__}\n", "all 1", True),
        ("duckdb==0.0.1\n", "not 0.0.1", False),
        ("no-such-package==1.0\n", "not installed: no-such-package", False),
        (None, "there is no", False),
    ],
)
def test_packages_are_compared_with_the_lock(tmp_path: Path, lock: str | None, told: str, fine: bool) -> None:
    path = tmp_path / "requirements.lock"
    if lock is not None:
        path.write_text(lock)
    finding = doctor.packages(path)
    assert told in finding.seen
    assert is_fine(finding) is fine


def test_another_folder_is_not_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "has no dagster.yaml" in doctor.project().seen


def test_a_full_disk_is_told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_fine(doctor_shop.free_space(settings))
    monkeypatch.setattr(doctor_shop, "LEAST_FREE_BYTES", 1 << 60)
    assert "make room" in doctor_shop.free_space(settings).advice


def test_files_are_counted_by_format_and_unknown_ones_named(settings: Settings) -> None:
    assert "synthetic shop stands in" in doctor_shop.raw_files(settings).seen
    (settings.raw_path / "sales.csv").write_text(ORDERS)
    assert doctor_shop.raw_files(settings) == Finding("files in raw", "1 of 1 recognised: 1 own orders")
    (settings.raw_path / "holiday.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(200))
    finding = doctor_shop.raw_files(settings)
    assert "1 of 2 recognised" in finding.seen
    assert "holiday.jpg (" in finding.seen
    assert "docs/mapping.md" in finding.advice


def test_a_file_whose_name_would_steer_the_terminal_does_not(settings: Settings) -> None:
    (settings.raw_path / "odd\x1b[2J.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(200))
    told = str(doctor_shop.raw_files(settings))
    assert "odd?[2J.jpg" in told
    assert "\x1b" not in told


@pytest.mark.parametrize(
    ("keys", "fine"), [({}, True), ({"reddit_client_secret": "s"}, False), ({"reddit_client_id": "i"}, False)]
)
def test_reddit_needs_both_keys_or_none(keys: dict[str, str], fine: bool) -> None:
    assert is_fine(doctor_shop.reddit(Settings(**keys))) is fine


def test_a_secret_is_never_printed() -> None:
    keys = {"reddit_client_id": "public", "reddit_client_secret": "hush-hush"}
    assert "hush-hush" not in str(doctor_shop.reddit(Settings(**keys)))


def test_a_file_of_sentences_that_is_not_there_is_named() -> None:
    finding = doctor_shop.public_sentences(Settings(public_sentiment_file="/nowhere/labels.csv"))
    assert finding.seen == "/nowhere/labels.csv is not there"


def test_the_warehouse_is_free_or_held_or_was_left_by_a_dead_run(settings: Settings) -> None:
    path = settings.warehouse_path
    assert "no refresh has run yet" in doctor_shop.warehouse(settings).seen
    with writer_lock(path, Holder.now("1a2b3c4d-run", "refresh")):
        held = doctor_shop.warehouse(settings)
    assert "in use by run 1a2b3c4d (refresh" in held.seen
    assert is_fine(held)
    assert doctor_shop.warehouse(settings).seen == "free; nobody writes"
    dead = asdict(Holder("5e6f7a8b-run", "refresh", 1, "2026-03-01T06:00:00+00:00"))
    (notes_folder(path) / "5e6f7a8b-run.json").write_text(json.dumps(dead))
    left = doctor_shop.warehouse(settings)
    assert "run 5e6f7a8b" in left.seen
    assert left.advice.startswith("run make run")


@pytest.mark.parametrize(("hours", "fine"), [(1, True), (48, True), (49, False)])
def test_a_snapshot_older_than_two_days_is_told(settings: Settings, hours: int, fine: bool) -> None:
    duckdb.connect(str(settings.snapshot_path)).close()
    then = (NOW - timedelta(hours=hours)).timestamp()
    os.utime(settings.snapshot_path, (then, then))
    assert is_fine(doctor_shop.snapshot(settings, NOW)) is fine


def test_a_damaged_snapshot_is_told(settings: Settings) -> None:
    settings.snapshot_path.write_bytes(b"no database" * 1000)
    assert "cannot be opened" in doctor_shop.snapshot(settings, NOW).seen


class Answer(BaseHTTPRequestHandler):
    """Says what the server was given to say."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.server.words)  # type: ignore[attr-defined]

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def served() -> Iterator[HTTPServer]:
    """A web server on a free port."""
    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.mark.parametrize(
    ("words", "fine"), [(b'{"dagster_webserver_version": "1.13"}', True), (b"<h1>Another</h1>", False)]
)
def test_a_port_in_use_is_ours_or_anothers(served: HTTPServer, words: bytes, fine: bool) -> None:
    served.words = words  # type: ignore[attr-defined]
    assert is_fine(doctor.user_interface(served.server_port)) is fine


def test_a_port_that_says_nothing_is_anothers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "PATIENCE_SECONDS", 0.05)
    with closing(socket.socket()) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        finding = doctor.user_interface(silent.getsockname()[1])
    assert "another program" in finding.seen


def test_what_breaks_the_look_itself_is_one_sentence(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def breaks(_: Settings) -> Finding:
        raise RuntimeError("the disk caught fire\nwith details")

    monkeypatch.setattr(doctor_shop, "raw_files", breaks)
    assert doctor.main(free_port()) == 1
    assert "files in raw: could not be looked at: the disk caught fire\n" in capsys.readouterr().out
