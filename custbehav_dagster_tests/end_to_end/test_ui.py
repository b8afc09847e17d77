"""The Dagster UI in a real browser: everything is made by a click, and a picture is seen."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from custbehav_dagster.guard import PAGE_PORT_AFTER
from custbehav_dagster_tests.end_to_end import state
from custbehav_dagster_tests.end_to_end.browser import SCREENSHOTS, keep_screenshot
from custbehav_dagster_tests.end_to_end.commands import MATERIALIZE as ALL_BY_COMMAND
from custbehav_dagster_tests.end_to_end.commands import free_port, make_home, started
from custbehav_dagster_tests.end_to_end.conftest import SMALL, FinishedShop
from custbehav_dagster_tests.end_to_end.reader import Reader

if TYPE_CHECKING:
    from playwright.sync_api import Page

OWNERS_PAGE = "<h1>Your shop on"
MATERIALIZE = re.compile("Materialize (all|selected)", re.IGNORECASE)
ENDED = ("SUCCESS", "FAILURE", "CANCELED")
RUN_STATUS = "query($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"
WHAT_STARTS_RUNS = """{ workspaceOrError { ... on Workspace { locationEntries {
    locationOrLoadError { ... on RepositoryLocation { repositories {
        schedules { name scheduleState { status } }
        sensors { name sensorState { status } }
    } } } } } } }"""


@dataclass(frozen=True)
class Server:
    """The guarded UI at work."""

    port: int
    data: Path

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data that a GraphQL query gives, asked as a script on this machine would."""
        status, body = self.send("POST", "/graphql", {"query": query, "variables": variables})
        assert status == 200, body
        return json.loads(body)["data"]

    def send(
        self, method: str, path: str, content: object = None, headers: dict[str, str] | None = None
    ) -> tuple[int, str]:
        """Status and body of the answer to one request."""
        request = urllib.request.Request(
            self.address + path,
            method=method,
            data=None if content is None else json.dumps(content).encode(),
            headers={"Content-Type": "application/json", **(headers or {})},
        )
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read().decode()


@pytest.fixture(scope="module")
def server(finished_shop: FinishedShop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`python -m custbehav_dagster ui` on a copy of the finished shop; all of it ends with the tests."""
    folder = tmp_path_factory.mktemp("ui")
    data = Path(shutil.copytree(finished_shop.data, folder / "data"))
    port = free_port()
    server = Server(port, data)
    arguments = ("-m", "custbehav_dagster", "ui", "--port", str(port))
    with started(arguments, make_home(folder / "home"), data, **SMALL) as command:
        try:
            _wait_until_it_answers(server, command.process.pid)
            yield server
        finally:
            _end_with_children(command.process.pid)
            assert command.process.wait(60) == 0, command.said[-3000:]


def _wait_until_it_answers(server: Server, process: int, path: str = "/server_info") -> None:
    until = time.monotonic() + 180
    while time.monotonic() < until:
        assert psutil.pid_exists(process), "the UI ended by itself"
        try:
            if server.send("GET", path)[0] == 200:
                return
        except OSError:
            time.sleep(0.3)
    raise AssertionError("the UI did not answer")


def _end_with_children(process: int) -> None:
    """Stop the UI as a service manager would; whatever does not end by itself is killed."""
    parent = psutil.Process(process)
    children = parent.children(recursive=True)
    parent.terminate()
    _, alive = psutil.wait_procs(children, timeout=40)
    for child in alive:
        child.kill()


def show_whole_lineage(page: Page) -> None:
    """Fold the panels at the left and zoom in until the graph fills the page, for a readable picture."""
    page.get_by_text("Hide navigation").click()
    page.wait_for_timeout(1_000)
    search = page.get_by_placeholder("Jump to").bounding_box()
    assert search is not None
    page.mouse.click(search["x"] + search["width"] + 28, search["y"] + search["height"] / 2)
    page.wait_for_timeout(2_000)
    page.mouse.move(105, 424)
    page.keyboard.down("Control")
    for _ in range(2):
        page.mouse.wheel(0, -20)
        page.wait_for_timeout(250)
    page.keyboard.up("Control")
    page.mouse.move(800, 860)


def test_the_owners_page_is_served_beside_it(server: Server) -> None:
    beside = Server(server.port + PAGE_PORT_AFTER, server.data)
    _wait_until_it_answers(beside, os.getpid(), "/report/")
    status, page = beside.send("GET", "/report/")
    assert (status, OWNERS_PAGE in page) == (200, True)
    assert beside.send("POST", "/report/", {})[0] == 501
    assert beside.send("GET", "/report/", headers={"Origin": "https://evil.example"})[0] == 403


def test_a_click_makes_everything_beside_a_command_and_a_reader_and_a_picture_is_seen(
    server: Server, page: Page, home: Path
) -> None:
    warehouse = server.data / "warehouse"
    reader = Reader(warehouse / "snapshot.duckdb")
    page.goto(f"{server.address}/asset-groups")
    with page.expect_response(_launches_a_run) as launch:
        page.get_by_role("button", name=MATERIALIZE).first.click()
    run_id = launch.value.json()["data"]["launchPipelineExecution"]["run"]["id"]
    _status_when(server, run_id, "STARTED", *ENDED)
    with (
        reader.reading(),
        started(ALL_BY_COMMAND, home, server.data, **SMALL, synthetic_seed=8) as command,
    ):
        assert _status_when(server, run_id, *ENDED) == "SUCCESS"
        assert command.wait() == 0, command.said[-2000:]
    assert f"Waiting for run {run_id[:8]} (" in command.said
    assert reader.error is None
    assert reader.reads > 5
    assert reader.seen[-1] == state.table_prints(warehouse / "custbehav.duckdb")
    assert state.left_behind(server.data) == []
    if SCREENSHOTS:
        show_whole_lineage(page)
    keep_screenshot(page, "lineage")

    page.goto(f"{server.address}/assets/plots/sentiment_distribution")
    page.get_by_text("Show Markdown").first.click()
    seen = page.locator("img[src^='data:image/png;base64,']").first
    seen.wait_for(state="visible")
    assert seen.evaluate("image => image.complete && image.naturalWidth") > 200
    keep_screenshot(page, "plot")


def _launches_a_run(response: Any) -> bool:
    return "LaunchPipelineExecution" in (response.request.post_data or "")


def _status_when(server: Server, run_id: str, *wanted: str) -> str:
    """The status of a run as soon as it is one of those wanted."""
    until = time.monotonic() + 900
    status = ""
    while time.monotonic() < until and status not in wanted:
        time.sleep(0.5)
        status = server.ask(RUN_STATUS, id=run_id)["runOrError"]["status"]
    return status


def test_the_schedule_and_the_sensors_are_on_by_themselves(server: Server) -> None:
    found = server.ask(WHAT_STARTS_RUNS)
    (repository,) = found["workspaceOrError"]["locationEntries"][0]["locationOrLoadError"]["repositories"]
    states = {one["name"]: one["scheduleState"]["status"] for one in repository["schedules"]}
    states |= {one["name"]: one["sensorState"]["status"] for one in repository["sensors"]}
    assert (
        states["daily_refresh"]
        == states["missed_refresh"]
        == states["inbox"]
        == states["dead_runs"]
        == "RUNNING"
    )


def test_another_web_site_cannot_use_the_server_nor_a_link_start_anything(server: Server) -> None:
    asked = {"query": "{ version }"}
    assert server.send("POST", "/graphql", asked)[0] == 200
    assert server.send("POST", "/graphql", asked, {"Origin": server.address})[0] == 200
    status, reason = server.send("POST", "/graphql", asked, {"Origin": "https://evil.example"})
    assert (status, reason) == (403, "Another web site may not use this server.")
    status, reason = server.send("POST", "/graphql", asked, {"Host": "evil.example"})
    assert (status, reason) == (403, "This address is served to this machine's own browser only.")
    status, reason = server.send("GET", "/graphql?query=%7Bversion%7D")
    assert (status, reason) == (403, "Queries are taken by POST only.")
