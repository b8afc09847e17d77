"""Run the notebook on a copy of the tables and keep it as one HTML page that needs nothing else.

A kernel of its own runs the cells, as Jupyter would; nothing of the owner's Jupyter or
IPython set-up is used. The page holds its pictures, runs no script and asks no other computer.
"""

from __future__ import annotations

import html
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from custbehav_dagster.warehouse.files import TEMPORARY_MARK, atomic_write

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from custbehav_dagster.warehouse.store import Warehouse

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "01_full_pipeline.ipynb"
DATABASE_VARIABLE = "CUSTBEHAV_NOTEBOOK_DATABASE"
"""Where the notebook finds the tables; without it, it reads the snapshot."""

CELL_SECONDS = 600
"""A cell that runs longer has hung."""

LONGEST_SOCKET_PATH = 90
LONGEST_TOLD = 300


class NotebookFailure(Exception):
    """The notebook could not be run to its end; the message is one sentence for the owner."""


@contextmanager
def readable_copy(warehouse: Warehouse) -> Iterator[Path]:
    """Give a copy of the tables as they are now, for another process to read; it is deleted at the end.

    For the time in which the warehouse is being written to and the snapshot is still the old one.
    """
    copy = warehouse.path.with_name(f".notebook{TEMPORARY_MARK}{os.getpid()}.duckdb")
    try:
        warehouse.publish(copy)
        yield copy
    finally:
        copy.unlink(missing_ok=True)


def run_notebook(
    notebook: Path, database: Path, target: Path, data_dir: Path, cell_seconds: int = CELL_SECONDS
) -> None:
    """Run `notebook` on the DuckDB file `database` and write it as HTML to `target`, all or nothing.

    `data_dir` is the data directory whose pictures it shows. Neither the notebook file
    nor the database is changed.

    Raises:
        NotebookFailure: the notebook cannot be read, or a cell fails or takes longer
            than `cell_seconds`; `target` stays as it was.
    """
    content = _read(notebook)
    places = {DATABASE_VARIABLE: str(database.absolute()), "CUSTBEHAV_DATA_DIR": str(data_dir.absolute())}
    _execute(content, notebook.name, {**os.environ, **places}, cell_seconds)
    atomic_write(target, _page(content))


def _read(notebook: Path) -> NotebookNode:
    import nbformat

    try:
        # Version 4 is the format's; what is older is brought to it.
        return nbformat.read(notebook, as_version=4)
    except FileNotFoundError:
        raise NotebookFailure(f"There is no notebook at {notebook}.") from None
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, OSError) as error:
        raise NotebookFailure(f"{notebook.name} cannot be read as a notebook: {_one_line(error)}") from error


def _execute(content: NotebookNode, name: str, environment: dict[str, str], cell_seconds: int) -> None:
    """Run the cells in order; their outputs are put into `content`."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError

    started: list[int] = []
    with tempfile.TemporaryDirectory(prefix="custbehav-") as scratch:
        client = NotebookClient(
            content,
            km=_kernel(Path(scratch)),
            timeout=cell_seconds,
            on_cell_start=lambda cell, cell_index: started.append(cell_index),
        )
        try:
            client.execute(env={**environment, "IPYTHONDIR": scratch})
        except CellExecutionError as error:
            reason = f"{error.ename}: {_one_line(error.evalue)}"
            raise _failure(content, name, started, reason) from error
        except CellTimeoutError as error:
            raise _failure(content, name, started, f"it ran for more than {cell_seconds} seconds") from error
        # What nbclient and jupyter_client raise when a kernel dies or never answers.
        except RuntimeError as error:
            raise _failure(content, name, started, _one_line(error)) from error


def _kernel(scratch: Path) -> Any:
    """A kernel of this Python, not yet started, that is talked to through files rather than ports."""
    import zmq
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager

    by_files = zmq.has("ipc") and len(str(scratch)) <= LONGEST_SOCKET_PATH
    return AsyncKernelManager(
        # No folders to look into: else a kernel of that name in the owner's home would win.
        kernel_spec_manager=KernelSpecManager(kernel_dirs=[]),
        connection_file=str(scratch / "kernel.json"),
        transport="ipc" if by_files else "tcp",
    )


def _failure(content: NotebookNode, name: str, started: list[int], reason: str) -> NotebookFailure:
    if not started:
        return NotebookFailure(f"The notebook {name} could not be started: {reason}.")
    number, cells = started[-1], content.cells
    lines = cells[number].source.strip().splitlines()
    begins = f" (it begins '{lines[0][:60]}')" if lines else ""
    return NotebookFailure(f"Cell {number + 1} of {len(cells)} of {name}{begins} failed: {reason.rstrip('.')}.")


def _one_line(problem: object) -> str:
    lines = str(problem).strip().splitlines() or ["no reason given"]
    return lines[0][:LONGEST_TOLD]


def _page(content: NotebookNode) -> str:
    from nbconvert import HTMLExporter

    # The template without a page around it: that of the others loads scripts from elsewhere.
    exporter = HTMLExporter(template_name="basic", exclude_anchor_links=True)
    body, resources = exporter.from_notebook_node(content)
    return PAGE.format(
        title=html.escape(str(content.metadata.get("title", "Report"))),
        code_style="\n".join(resources["inlining"]["css"]),
        style=STYLE,
        body=body,
    )


PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{code_style}</style>
<style>{style}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""

STYLE = """
body { margin: 0; background: #fff; color: #222; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 1rem; }
.prompt { display: none; }
.highlight pre { background: #f6f6f6; padding: .6rem .8rem; overflow-x: auto; font-size: .8rem; line-height: 1.4; }
.output_subarea { overflow-x: auto; }
table { border-collapse: collapse; font-size: .85rem; margin: .8rem 0; border: 0; }
th, td { border: 0; border-bottom: 1px solid #ddd; padding: .3rem .6rem; text-align: left; vertical-align: top; }
img { max-width: 100%; height: auto; }
"""
