"""A notebook that has run as one HTML page: it holds its pictures, runs no script, asks no other computer.

How the cells are run is decided in `notebook_cells`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbformat import NotebookNode

RICHEST_FIRST = ("text/html", "image/png", "image/jpeg", "text/markdown", "text/plain")
"""An output is shown in the first of these forms that it has."""

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def as_page(content: NotebookNode) -> str:
    """The notebook as one page; everything but the HTML that a cell displays is escaped."""
    from pygments.formatters.html import HtmlFormatter

    return TEMPLATE.format(
        title=html.escape(str(content.metadata.get("title", "Report"))),
        code_style=HtmlFormatter().get_style_defs(".highlight"),
        style=STYLE,
        body="\n".join(_cell(cell) for cell in content.cells),
    )


def _cell(cell: NotebookNode) -> str:
    if cell.cell_type == "markdown":
        return f'<section class="words">\n{_markdown(cell.source)}</section>'
    if cell.cell_type != "code":
        return f"<pre>{_escaped(cell.source)}</pre>"
    shown = "\n".join(f'<div class="output">{_output(output)}</div>' for output in cell.outputs)
    return f"{_code(cell.source)}\n{shown}"


def _output(output: NotebookNode) -> str:
    if output.output_type == "stream":
        return f"<pre>{_escaped(output.text)}</pre>"
    kind = next((kind for kind in RICHEST_FIRST if kind in output.data), None)
    if kind is None:
        return ""
    content = str(output.data[kind])
    if kind == "text/html":
        return content
    if kind == "text/markdown":
        return _markdown(content)
    if kind == "text/plain":
        return f"<pre>{_escaped(content)}</pre>"
    return _picture(kind, content, output.metadata.get(kind, {}))


def _picture(kind: str, content: str, marks: Mapping[str, Any]) -> str:
    told = {name: marks[name] for name in ("alt", "width", "height") if name in marks}
    attributes = "".join(f' {name}="{html.escape(str(value))}"' for name, value in told.items())
    # Base64 in a notebook may be broken into lines.
    return f'<img src="data:{kind};base64,{"".join(content.split())}"{attributes}>'


def _escaped(text: str) -> str:
    return html.escape(_COLOURS.sub("", text), quote=False)


def _code(source: str) -> str:
    from pygments import highlight
    from pygments.formatters.html import HtmlFormatter
    from pygments.lexers.python import PythonLexer

    return highlight(source, PythonLexer(), HtmlFormatter())


@cache
def _renderer() -> Any:
    import mistune

    return mistune.create_markdown(escape=True, plugins=["table", "url"])


def _markdown(source: str) -> str:
    return str(_renderer()(source))


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
.highlight pre { background: #f6f6f6; padding: .6rem .8rem; overflow-x: auto; font-size: .8rem; }
.output { overflow-x: auto; }
table { border-collapse: collapse; font-size: .85rem; margin: .8rem 0; border: 0; }
th, td { border: 0; border-bottom: 1px solid #ddd; padding: .3rem .6rem; }
th, td { text-align: left; vertical-align: top; }
img { max-width: 100%; height: auto; }
"""
