"""The notebook runs on the tables as they are, and its page is whole, harmless and needs nothing else."""

from __future__ import annotations

import base64
import re
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import nbformat
import pyarrow as pa
import pytest

from custbehav_dagster.contract import TABLES
from custbehav_dagster.reporting.notebook import (
    NOTEBOOK,
    READS,
    NotebookFailure,
    readable_copy,
    run_notebook,
)
from custbehav_dagster.warehouse.store import Warehouse, open_warehouse
from custbehav_dagster_tests.forecasting.shops import customer, order, text

HOSTILE = "<script>alert('mug')</script>"
REFUSAL = "Not enough data: two people had bought."
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

ROWS: dict[tuple[str, str], list[dict[str, Any]]] = {
    ("truth", "customers"): [customer("c1"), customer("c2")],
    ("truth", "orders"): [order("c1", "2026-01-05", "1234.50"), order("c2", "2026-02-05", "20.00")],
    ("truth", "single_source_of_truth"): [text("c1", "2026-01-09T10:00:00", sentiment=0.25)],
    ("insights", "practical_insights"): [
        {
            "insight_id": "bought_once",
            "topic": "customers",
            "sentence": f"100% of the 2 buyers have bought {HOSTILE} once.",
            "value": 1.0,
            "unit": "share",
            "evidence_table": "truth.orders",
            "evidence_filter": "is_purchase",
            "evidence_rows": 2,
            "what_to_do": "Write to them.",
            "is_synthetic": False,
        }
    ],
    ("churn", "evaluation"): [
        {
            "model": model,
            "kind": "model",
            "fold": "mean",
            "metric": "auc",
            "value": None,
            "people": 2,
            "returned_people": 0,
            "note": REFUSAL,
            "is_synthetic": False,
        }
        for model in ("logistic", "naive_bayes")
    ],
    ("actions", "holdout"): [
        {
            "customer_id": f"c{number}",
            "list_name": "second_order",
            "held_back": number == 2,
            "decided_on": date(2026, 2, 5),
            "is_synthetic": False,
        }
        for number in (1, 2)
    ],
}


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    """Every table of the contract, some with a few rows."""
    with open_warehouse(tmp_path / "warehouse" / "custbehav.duckdb") as opened:
        for (layer, noun), table in TABLES.items():
            rows = pa.Table.from_pylist(ROWS.get((layer, noun), []), schema=table.schema.to_pyarrow())
            opened.write(layer, noun, rows.to_pandas())
        yield opened


def small_notebook(folder: Path, *sources: str) -> Path:
    """A notebook of these code cells after a heading."""
    cells = [
        nbformat.v4.new_markdown_cell("# A < B"),
        *(nbformat.v4.new_code_cell(source) for source in sources),
    ]
    path = folder / "small.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def run(notebook: Path, folder: Path, **options: Any) -> Path:
    """Run it without a database; give the page's path."""
    target = folder / "report" / "notebook.html"
    run_notebook(notebook, folder / "none.duckdb", target, folder, **options)
    return target


@pytest.mark.slow
def test_the_notebook_shows_the_tables_and_the_pictures_while_they_are_being_written(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    plots = tmp_path / "processed" / "plots"
    plots.mkdir(parents=True)
    (plots / "orders_by_month.png").write_bytes(DOT)
    target = tmp_path / "processed" / "report" / "notebook.html"
    with readable_copy(warehouse) as database:
        run_notebook(NOTEBOOK, database, target, tmp_path)
    page = target.read_text(encoding="utf-8")
    assert "1254.50" in page, "the net amount of both orders"
    assert re.search(r"<td>second_order</td>\s*<td>1</td>\s*<td>1</td>", page)
    assert base64.b64encode(DOT).decode() in page.replace("\n", "")
    assert 'alt="Orders by month"' in page
    assert "Trend line: not drawn yet." in page
    assert page.count(REFUSAL) == 1, "said once, not once for each model"
    assert "<strong>Words that rise or fall</strong>: nothing here so far." in page
    assert "&lt;script&gt;alert(" in page
    assert HOSTILE not in page


@pytest.mark.slow
def test_a_shop_without_rows_has_a_page_too(tmp_path: Path) -> None:
    with open_warehouse(tmp_path / "empty.duckdb") as empty:
        for (layer, noun), table in TABLES.items():
            empty.write(layer, noun, table.empty())
        with readable_copy(empty) as database:
            run_notebook(NOTEBOOK, database, tmp_path / "notebook.html", tmp_path)
    assert (tmp_path / "notebook.html").read_text(encoding="utf-8").count("nothing here so far.") >= 18


@pytest.mark.slow
def test_the_page_keeps_the_order_of_outputs_and_asks_no_other_computer(tmp_path: Path) -> None:
    source = (
        "from IPython.display import HTML, display\n"
        "print('one', end=' ')\nprint('<b>two</b>')\ndisplay(HTML('<i>three</i>'))\nprint('four')\n5 * 11111"
    )
    page = run(small_notebook(tmp_path, source, "first = _ + 1;", "first"), tmp_path).read_text()
    outputs = page[page.index('class="output_wrapper"') :]
    places = [outputs.index(t) for t in ("one &lt;b&gt;two", "<i>three</i>", "four", "55555", "55556")]
    assert places == sorted(places)
    assert "A &lt; B" in page
    assert not re.search(r"<(script|link|iframe)\b", page)
    assert not re.search(r"""(src|href)\s*=\s*["']?(https?:)?//|url\(\s*["']?(https?:)?//|@import""", page)
    assert "default-src 'none'" in page


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (
            "# Divide\n1 / 0",
            "Cell 3 of 4 of small.ipynb (it begins '# Divide') failed: ZeroDivisionError: division by zero.",
        ),
        ("1 +", "Cell 3 of 4 of small.ipynb (it begins '1 +') failed: SyntaxError: invalid syntax"),
        ("exit_code = 3\nraise SystemExit(exit_code)", "Cell 3 of 4 of small.ipynb"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "was ended by signal 9"),
        ("import os; os._exit(4)", "The process that ran the notebook small.ipynb failed"),
    ],
)
def test_a_failing_cell_is_one_sentence_and_the_old_page_stays(
    tmp_path: Path, source: str, sentence: str
) -> None:
    target = tmp_path / "report" / "notebook.html"
    target.parent.mkdir()
    target.write_text("the old page")
    with pytest.raises(NotebookFailure) as failure:
        run(small_notebook(tmp_path, "good = 1", source, "never = 2"), tmp_path)
    assert sentence in str(failure.value)
    assert "\n" not in str(failure.value)
    assert [path.name for path in target.parent.iterdir()] == ["notebook.html"]
    assert target.read_text() == "the old page"


@pytest.mark.slow
def test_a_cell_that_hangs_is_ended(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    source = f"import os, time\nopen({str(pid)!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)"
    with pytest.raises(NotebookFailure, match=r"small\.ipynb was ended after 4 seconds"):
        run(small_notebook(tmp_path, source), tmp_path, longest_seconds=4)
    if pid.exists():
        assert subprocess.run(["ps", "-p", pid.read_text()], capture_output=True, check=False).returncode


@pytest.mark.parametrize("content", ["not a notebook", '{"cells": 3}', None])
def test_what_is_no_notebook_is_told(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "mine.ipynb"
    if content is not None:
        path.write_text(content)
    with pytest.raises(NotebookFailure, match=r"mine\.ipynb") as failure:
        run(path, tmp_path)
    assert "Traceback" not in str(failure.value)


def test_the_copy_is_gone_when_it_has_been_read(warehouse: Warehouse) -> None:
    with readable_copy(warehouse) as database:
        with open_warehouse(database, read_only=True) as copy:
            assert copy.table("truth", "orders").count().to_pyarrow().as_py() == 2
        before = set(warehouse.path.parent.iterdir())
        assert database in before
    assert set(warehouse.path.parent.iterdir()) == before - {database}


def test_the_notebook_is_kept_without_outputs_and_reads_as_a_story() -> None:
    content = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(content)
    code = [cell for cell in content.cells if cell.cell_type == "code"]
    prose = "\n".join(cell.source for cell in content.cells if cell.cell_type == "markdown")
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert [line for line in prose.splitlines() if line.startswith("## ")] == [
        "## 1. Raw files, and what cleaning did with them",
        "## 2. The truth: people, orders, texts",
        "## 3. Who comes back: the models beside simple guesses",
        "## 4. Segments: groups of buyers",
        "## 5. What people say, what goes together, what moves orders",
        "## 6. What it means, and what to do",
    ]


def test_the_tables_that_the_notebook_reads_are_told() -> None:
    content = nbformat.read(NOTEBOOK, as_version=4)
    sources = "\n".join(cell.source for cell in content.cells if cell.cell_type == "code")
    assert set(re.findall(r'table\("([\w.]+)"\)', sources)) == set(READS)
    assert {tuple(name.split(".")) for name in READS} <= set(TABLES)
