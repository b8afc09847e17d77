"""The live view over real HTTP: what the last good refresh left, for this machine only."""

from __future__ import annotations

import http.client
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import ibis
import pytest

from custbehav_dagster.contract import TABLES
from custbehav_dagster.live import LiveServer
from custbehav_dagster.reporting.content import READS
from custbehav_dagster.settings import Settings
from custbehav_dagster.warehouse.store import open_warehouse
from custbehav_dagster_tests.insights.given import small_shop, stored

Ask = Callable[..., tuple[int, dict[str, str], str]]


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The snapshot of a small shop."""
    path = tmp_path_factory.mktemp("snapshot") / "snapshot.duckdb"
    rows = {name.replace("__", "."): given for name, given in small_shop().items()}
    connection = ibis.duckdb.connect(path)
    for name in READS:
        stored(connection, TABLES[tuple(name.split("."))], rows.get(name, []))  # type: ignore[index]
    connection.disconnect()
    return path


@pytest.fixture
def shop(tmp_path: Path, snapshot: Path) -> Settings:
    """A data directory after a refresh, with one list and one file that nobody may see."""
    settings = Settings(data_dir=str(tmp_path / "data"))
    for folder in ("lists/mailchimp", "plots", "report"):
        (settings.processed_path / folder).mkdir(parents=True)
    (settings.processed_path / "lists" / "win_back.csv").write_text("email\na@example.org\n")
    (settings.processed_path / "lists" / "mailchimp" / "win_back.csv").write_text("Email Address\n")
    (settings.processed_path / "customers_clean.csv").write_text("secret")
    (settings.processed_path / "lists" / "leads.csv").symlink_to(
        settings.processed_path / "customers_clean.csv"
    )
    (settings.processed_path / "report" / "index.html").write_text('<meta name="run" content="run-77">')
    settings.snapshot_path.parent.mkdir(parents=True)
    shutil.copyfile(snapshot, settings.snapshot_path)
    return settings


@pytest.fixture
def ask(shop: Settings) -> Iterator[Ask]:
    """Send one request to the running server."""
    with LiveServer(shop, 0) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        port = server.server_address[1]

        def send(path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], str]:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            told = {
                name.replace("_", "-"): value.replace("PORT", str(port)) for name, value in headers.items()
            }
            connection.request(method, path, headers=told)
            reply = connection.getresponse()
            found = reply.status, dict(reply.getheaders()), reply.read().decode()
            connection.close()
            return found

        yield send
        server.shutdown()


def test_the_page_is_made_of_the_snapshot_and_asked_for_again_only_when_it_is_new(
    ask: Ask, shop: Settings
) -> None:
    status, headers, page = ask("/report/")
    assert status == 200
    assert "<h1>Your shop on " in page
    assert "run-77" in page
    assert "connect-src" in page
    mark = headers["ETag"]
    assert ask("/report/", "HEAD")[1]["ETag"] == mark
    assert ask("/report/", If_None_Match=mark)[0] == 304
    # A refresh lands: the file is replaced in one step, also under a reader.
    newer = shop.snapshot_path.with_name("newer")
    shutil.copyfile(shop.snapshot_path, newer)
    newer.replace(shop.snapshot_path)
    assert ask("/report/", "HEAD")[1]["ETag"] != mark
    assert ask("/report/", If_None_Match=mark)[0] == 200


def test_it_speaks_the_language_that_is_asked_for(ask: Ask) -> None:
    page = ask("/report/?language=fa")[2]
    assert '<html lang="fa" dir="rtl">' in page
    assert "فروشگاه شما در" in page


def test_lists_can_be_downloaded_and_nothing_else(ask: Ask) -> None:
    status, headers, body = ask("/lists/win_back.csv")
    assert (status, headers["Content-Type"], body) == (
        200,
        "text/csv; charset=utf-8",
        "email\na@example.org\n",
    )
    assert ask("/lists/mailchimp/win_back.csv")[2] == "Email Address\n"
    for path in (
        "/customers_clean.csv", "/lists/../customers_clean.csv", "/lists/%2e%2e/customers_clean.csv",
        "/lists/leads.csv", "/lists/", "/lists", "/lists//win_back.csv", "/lists/%00", "/plots/none.png",
        "//etc/passwd", "/lists/..%5c..%5ccustomers_clean.csv", f"/lists/{'a' * 400}.csv",
    ):  # fmt: skip
        status, _, body = ask(path)
        assert status == 404, path
        assert "secret" not in body


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "localhost:PORT"}, 200),
        ({"Host": "evil.example:PORT"}, 403),
        ({"Host": "127.0.0.1:1"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors"}, 403),
    ],
)
def test_only_this_machines_own_browser_is_answered(ask: Ask, headers: dict[str, str], status: int) -> None:
    assert ask("/lists/win_back.csv", **headers)[0] == status


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_can_be_changed(ask: Ask, method: str) -> None:
    assert ask("/report/", method)[0] == 501


def test_without_a_refresh_it_says_so_and_waits(ask: Ask, shop: Settings) -> None:
    shop.snapshot_path.unlink()
    status, headers, page = ask("/report/")
    assert status == 200
    assert "No refresh has finished yet." in page
    assert headers["ETag"].startswith('"none')


def test_a_page_that_cannot_be_made_is_a_sentence(
    ask: Ask, shop: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.snapshot_path.write_bytes(b"no database")
    status, _, body = ask("/report/")
    assert status == 500
    assert body.startswith("This page could not be made.")
    assert "Error" in capsys.readouterr().err


def test_a_reader_does_not_keep_the_writer_from_writing(ask: Ask, shop: Settings) -> None:
    with open_warehouse(shop.warehouse_path, "200MB") as warehouse:
        warehouse.run("CREATE SCHEMA raw")
        assert ask("/report/")[0] == 200
        warehouse.run("CREATE TABLE raw.t AS SELECT 1 AS one")
