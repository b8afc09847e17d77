"""The folder tree keeps its promises: logic without Dagster, assets that say what they are."""

import ast
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from custbehav_dagster.assets.conventions import LAYERS
from custbehav_dagster.contract import TABLES

PACKAGE = Path(__file__).parents[1] / "custbehav_dagster"
MAY_KNOW_DAGSTER = ("assets/", "warehouse/io_manager.py")
MODULES_THAT_MAY = {
    "definitions.py",
    "automation.py",
    "resources.py",
    "history.py",
    "guard.py",
    "__main__.py",
}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def imports_of(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_logic_does_not_import_dagster(path: Path) -> None:
    name = path.relative_to(PACKAGE).as_posix()
    knows = any(module.split(".")[0].startswith("dagster") for module in imports_of(path))
    assert not knows or name.startswith(MAY_KNOW_DAGSTER) or name in MODULES_THAT_MAY


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_logic_does_not_import_the_wiring(path: Path) -> None:
    name = path.relative_to(PACKAGE).as_posix()
    wiring = ("custbehav_dagster.assets", "custbehav_dagster.definitions", "custbehav_dagster.automation")
    knows = any(module.startswith(wiring) for module in imports_of(path))
    assert not knows or name.startswith("assets/") or name in MODULES_THAT_MAY | {"__init__.py"}


def test_the_package_is_imported_without_dagster() -> None:
    import subprocess
    import sys

    code = (
        "import sys, custbehav_dagster, custbehav_dagster.settings, custbehav_dagster.contract;"
        "print('dagster' in sys.modules, 'pandas' in sys.modules, 'sklearn' in sys.modules)"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.split() == ["False", "False", "False"]


@pytest.fixture(scope="module")
def graph() -> Any:
    from custbehav_dagster import definitions

    return definitions.defs.resolve_asset_graph()


def test_every_asset_says_what_it_is(graph: Any) -> None:
    silent = {}
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        missing = [
            what
            for what, said in {
                "description": node.description,
                "owners": node.owners,
                "kinds": node.kinds,
                "group": node.group_name == key.path[0],
                "layer": len(key.path) == 2 and key.path[0] in LAYERS,
            }.items()
            if not said
        ]
        if missing:
            silent[key.to_user_string()] = missing
    assert not silent


def test_every_table_of_the_contract_is_an_asset_with_described_columns(graph: Any) -> None:
    for layer, noun in TABLES:
        metadata = graph.get(dg.AssetKey([layer, noun])).metadata
        columns = metadata["dagster/column_schema"].columns
        assert [column.name for column in columns] == TABLES[layer, noun].column_names
        assert all(column.description for column in columns)


def test_every_table_has_a_check_beside_it(graph: Any) -> None:
    checked = {key.asset_key for key in graph.asset_check_keys}
    assert {dg.AssetKey([layer, noun]) for layer, noun in TABLES} <= checked


def test_what_the_owner_looks_at_has_a_freshness_policy(graph: Any) -> None:
    for key in graph.get_all_asset_keys():
        if key.path[0] in ("plots", "report", "actions"):
            assert graph.get(key).freshness_policy is not None, key


def test_the_keys_of_the_contract_are_there(graph: Any) -> None:
    promised = {
        "raw": "customers orders order_items feedback subscribers sentiment_public reddit_posts web_content "
        "ingested_files quarantine",
        "cleaned": "customers orders order_items feedback public_texts",
        "truth": "customers customer_links orders single_source_of_truth",
        "features": "customer_features",
        "churn": "dataset models evaluation scores",
        "segments": "customers_with_segments segment_profiles rfm_profiles segment_transitions",
        "insights": "keywords practical_insights",
        "plots": "sentiment_distribution word_count_distribution source_type_counts feedback_by_month "
        "trend_line scatter_wordcount_sentiment boxplot_sentiment_noise segment_distribution",
        "report": "owner_report summary",
    }
    keys = graph.get_all_asset_keys()
    missing = [f"{layer}/{noun}" for layer, nouns in promised.items() for noun in nouns.split()
               if dg.AssetKey([layer, noun]) not in keys]  # fmt: skip
    assert not missing


def test_no_file_is_longer_than_a_reader_bears() -> None:
    long = {path.name: len(path.read_text().splitlines()) for path in modules()}
    assert not {name: lines for name, lines in long.items() if lines > 320}
