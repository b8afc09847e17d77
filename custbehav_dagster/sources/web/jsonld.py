"""JSON-LD blocks of a page as plain nodes: dictionaries, lists and text."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

_WRAPPING = re.compile(r"^\s*(?:(?://\s*)?<!\[CDATA\[|<!--)|(?:(?://\s*)?\]\]>|-->)\s*$")


def jsonld_nodes(soup: BeautifulSoup) -> tuple[list[Any], int]:
    """Every block that can be read, in order, and how many could not be.

    Numbers stay text, so that a price keeps its zeros.
    """
    nodes: list[Any] = []
    malformed = 0
    for script in soup.find_all("script", type=re.compile(r"^\s*application/ld\+json", re.IGNORECASE)):
        text = script.get_text().strip().lstrip("\ufeff")
        # Wrapped for readers of XHTML, at times twice.
        for _ in range(2):
            text = _WRAPPING.sub("", text).strip()
        if not text:
            continue
        try:
            nodes.append(
                json.loads(text.rstrip(";"), strict=False, parse_int=str, parse_float=str, parse_constant=str)
            )
        except (ValueError, RecursionError):
            malformed += 1
    return nodes, malformed
