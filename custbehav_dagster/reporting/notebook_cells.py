"""Run the cells of a notebook in this process and write them with their outputs as a page.

Started by `notebook` as a process of its own: `python -m … NOTEBOOK PAGE FAILURE`. The cells
run in IPython's own shell, the same that a Jupyter kernel wraps, but without the kernel:
its start, its sockets and its threads would cost more than the cells. The page holds its
pictures, runs no script and asks no other computer. Nothing else imports this module, so
heavy libraries may stand at its top.
"""

from __future__ import annotations

import base64
import gc
import html
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, cast

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

if TYPE_CHECKING:
    from nbformat import NotebookNode

LONGEST_TOLD = 300
FIRST_LINE_TOLD = 60


class CellFailure(Exception):
    """A notebook that cannot be read or a cell that failed; the message is one sentence."""


def main(notebook: Path, page: Path, failure: Path) -> int:
    """Write `page` and return 0, or write what went wrong to `failure` and return 1."""
    try:
        content = read_notebook(notebook)
        run_cells(content, notebook.name)
        page.write_text(as_page(content), encoding="utf-8")
    except CellFailure as error:
        failure.write_text(str(error), encoding="utf-8")
        return 1
    return 0


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook of any version as one of version 4.

    Raises:
        CellFailure: it is not there, or is no notebook.
    """
    import nbformat

    try:
        content = nbformat.read(path, as_version=4)
        nbformat.validate(content)
    except FileNotFoundError:
        raise CellFailure(f"There is no notebook at {path}.") from None
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, OSError, ValueError) as error:
        raise CellFailure(f"{path.name} cannot be read as a notebook: {_one_line(error)}.") from error
    return content


def run_cells(content: NotebookNode, name: str) -> None:
    """Run the code cells in order; each gets its number and outputs, as Jupyter would write them.

    Raises:
        CellFailure: a cell failed; the message names it.
    """
    # `display` looks for the one instance, so one beside it would not do. No history is kept.
    shell = CellShell.instance(config=Config(HistoryManager={"enabled": False}))
    for place, cell in enumerate(content.cells, start=1):
        if cell.cell_type != "code":
            continue
        result = shell.run(cell)
        problem = result.error_before_exec or result.error_in_exec
        if problem is not None:
            raise CellFailure(
                f"Cell {place} of {len(content.cells)} of {name}{_beginning(cell.source)} failed: "
                f"{type(problem).__name__}: {_one_line(problem)}."
            )


def as_page(content: NotebookNode) -> str:
    """The notebook as one HTML page; sources and texts are escaped by nbconvert."""
    from nbconvert.exporters.html import HTMLExporter

    # The template without a page around it: that of the others loads scripts from elsewhere.
    exporter = HTMLExporter(template_name="basic", exclude_anchor_links=True)
    body, resources = exporter.from_notebook_node(content)
    return TEMPLATE.format(
        title=html.escape(str(content.metadata.get("title", "Report"))),
        code_style="\n".join(resources["inlining"]["css"]),
        style=STYLE,
        body=body,
    )


class _Displays(DisplayPublisher):
    """What a cell displays becomes an output of the cell."""

    def publish(self, data: Any, metadata: Any = None, source: Any = None, **options: Any) -> None:
        shell = cast("CellShell", self.shell)
        shell.put("display_data", data=_as_text(data), metadata=metadata or {})


class _Results(DisplayHook):
    """The value that a cell ends with becomes an output of the cell."""

    def write_output_prompt(self) -> None:
        """Nothing: the page has prompts of its own."""

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        shell, data = cast("CellShell", self.shell), _as_text(format_dict)
        number = shell.cell.execution_count
        shell.put("execute_result", data=data, metadata=md_dict or {}, execution_count=number)

    def finish_displayhook(self) -> None:
        """Nothing to write, unlike in a terminal."""
        self._is_active = False


class _Prints:
    """What a cell prints; pieces of one stream that follow each other are one output."""

    def __init__(self, shell: CellShell, name: str) -> None:
        self.shell, self.name = shell, name

    def write(self, text: str) -> int:
        outputs = self.shell.cell.outputs
        if outputs and outputs[-1].get("name") == self.name:
            outputs[-1].text += text
        elif text:
            self.shell.put("stream", name=self.name, text=text)
        return len(text)

    def flush(self) -> None:
        """Nothing waits: what is written is in the output at once."""

    def isatty(self) -> bool:
        return False


class CellShell(InteractiveShell):
    """IPython's shell, writing what cells print, display and end with into them, in that order."""

    displayhook_class = Type(_Results)
    display_pub_class = Type(_Displays)
    cell: NotebookNode

    def run(self, cell: NotebookNode) -> Any:
        """Run one cell of a notebook; give IPython's result with the error, if there was one."""
        self.cell = cell
        cell.outputs, cell.execution_count = [], self.execution_count
        printed, complained = (cast("TextIO", _Prints(self, name)) for name in ("stdout", "stderr"))
        with redirect_stdout(printed), redirect_stderr(complained):
            return self.run_cell(cell.source, store_history=True)

    def put(self, kind: str, **content: Any) -> None:
        """Append an output to the cell that runs."""
        from nbformat.v4 import new_output

        self.cell.outputs.append(new_output(kind, **content))


def _as_text(data: dict[str, Any]) -> dict[str, Any]:
    """Bytes of pictures as the base64 that notebooks hold."""
    return {
        kind: base64.b64encode(value).decode() if isinstance(value, bytes) else value
        for kind, value in data.items()
    }


def _beginning(source: str) -> str:
    lines = source.strip().splitlines()
    return f" (it begins '{lines[0][:FIRST_LINE_TOLD]}')" if lines else ""


def _one_line(problem: BaseException) -> str:
    lines = str(problem).strip().splitlines() or ["no reason given"]
    return lines[0][:LONGEST_TOLD].rstrip(".")


TEMPLATE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
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
.highlight pre { background: #f6f6f6; padding: .6rem .8rem; overflow-x: auto; font-size: .8rem; }
.output_subarea { overflow-x: auto; }
table { border-collapse: collapse; font-size: .85rem; margin: .8rem 0; border: 0; }
th, td { border: 0; border-bottom: 1px solid #ddd; padding: .3rem .6rem; }
th, td { text-align: left; vertical-align: top; }
img { max-width: 100%; height: auto; }
"""

if __name__ == "__main__":
    # As in a refresh: looking for unused objects after every 700 new ones takes a tenth of the time.
    gc.set_threshold(100_000, 20, 50)
    # The page is written. Taking the interpreter apart object by object would cost as much as the cells.
    os._exit(main(*map(Path, sys.argv[1:])))
