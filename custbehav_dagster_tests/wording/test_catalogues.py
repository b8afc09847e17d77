"""Both catalogues say the same things, completely, each in its own language."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

from custbehav_dagster import insights
from custbehav_dagster.contract.actions import LIST_NAMES
from custbehav_dagster.contract.interest import AFFINITY_KINDS
from custbehav_dagster.contract.results import STATES
from custbehav_dagster.contract.second_order import GROUPINGS
from custbehav_dagster.insights.aspects import ASPECT_WORDS
from custbehav_dagster.insights.words import RULES
from custbehav_dagster.wording.catalogue import UNITS, catalogue, places, sentences

FROM_TABLES = ("insights.", "segment_names.", "segment_advice.", "rfm_advice.", "segment_level")
"""What tables say in English already; the Persian catalogue says it anew."""
LATIN_ON_PURPOSE = (
    "CUSTBEHAV_AS_OF", "CUSTBEHAV_HORIZON_DAYS", "make run", "Dagster", "In English", "data/raw", "email",
    "accepts_marketing", "consent_source", "currency", "rate", "date", "where",
    "MBG/NBD", "BG/NBD", "Pareto/NBD",
)  # fmt: skip
"""Names that a Persian reader finds in files and settings, and those of models."""
WITHOUT_PERSIAN: frozenset[str] = frozenset()
"""Insights that are told in English on the Persian page, until somebody words them."""
ENGLISH, PERSIAN = catalogue("en"), catalogue("fa")


def test_every_text_is_in_both_catalogues() -> None:
    extra = {key for key in PERSIAN if key.startswith(FROM_TABLES)}
    assert set(ENGLISH) == set(PERSIAN) - extra


def values_needed(texts: dict[str, Any], key: str) -> set[tuple[str, str]]:
    """A choice of one language, such as singular or plural, may be none in the other."""
    return {place for place in places(texts[key]) if place[1] != "by"}


def test_both_languages_need_the_same_values_written_in_the_same_way() -> None:
    different = {
        key: (values_needed(ENGLISH, key), values_needed(PERSIAN, key))
        for key in ENGLISH
        if not key.startswith(UNITS) and values_needed(ENGLISH, key) != values_needed(PERSIAN, key)
    }
    assert not different


def test_no_english_word_is_left_in_a_persian_text() -> None:
    left = {}
    for key, entry in PERSIAN.items():
        for sentence in sentences(entry):
            words = re.sub(r"\{[^}]*\}", " ", sentence)
            for name in LATIN_ON_PURPOSE:
                words = words.replace(name, " ")
            if found := re.findall(r"[A-Za-z]+", words):
                left[key] = found
    assert not left


def test_persian_texts_use_persian_letters_and_figures() -> None:
    strange = {
        key: found
        for key, entry in PERSIAN.items()
        for sentence in sentences(entry)
        if (found := re.findall(r"[يكىة٠-٩0-9]", re.sub(r"\{[^}]*\}", "", sentence)))
    }
    assert not strange


def test_whatever_tables_name_has_a_word_in_both() -> None:
    wanted = [
        *(f"{part}.{state}" for state in STATES for part in ("states", "state_meaning", "state_advice")),
        *(f"groupings.{grouping}" for grouping in GROUPINGS),
        *(f"affinity_kinds.{kind}" for kind in AFFINITY_KINDS),
        *(f"rules.{rule}" for rule in RULES),
        *(f"aspects.{aspect}" for aspect in ASPECT_WORDS),
        *(f"lists.{name}.{part}" for name in LIST_NAMES for part in ("title", "what", "why")),
    ]
    assert not [key for key in wanted if key not in ENGLISH or key not in PERSIAN]


def insight_ids() -> set[str]:
    """The names of all insights that the program can have, from its own source."""
    found = set()
    for path in Path(insights.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            is_insight = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Insight"
            if is_insight and node.args and isinstance(node.args[0], ast.Constant):
                found.add(str(node.args[0].value))
    return found


def test_every_insight_has_persian_words_or_is_known_to_lack_them() -> None:
    worded = {key.split(".")[1] for key in PERSIAN if key.startswith("insights.")}
    assert insight_ids() - worded == WITHOUT_PERSIAN
