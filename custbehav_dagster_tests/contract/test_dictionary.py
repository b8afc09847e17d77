"""The data dictionary in docs/ is the contract's own."""

from __future__ import annotations

from custbehav_dagster.contract import TABLES
from custbehav_dagster.contract.dictionary import PAGE, dictionary


def test_the_page_in_docs_says_what_the_contract_says() -> None:
    told = "run `python -m custbehav_dagster.contract.dictionary` and commit docs/data-dictionary.md"
    assert PAGE.read_text() == dictionary(), told


def test_every_table_and_every_column_is_in_it() -> None:
    page = dictionary()
    for (layer, noun), table in TABLES.items():
        section = page.split(f"### {layer}.{noun}\n")[1].split("\n### ")[0]
        assert table.description in section
        assert [name for name in table.column_names if f"| `{name}` |" not in section] == []
