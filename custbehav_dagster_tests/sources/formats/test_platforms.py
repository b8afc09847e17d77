"""Marks that spreadsheets and web shops leave in cells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ibis
import ibis.expr.types as ir
import pytest

from custbehav_dagster.sources.formats.platforms import (
    is_mail_address,
    same_words,
    unescaped,
    without_apostrophe,
)


def of(function: Callable[..., ir.Value], *texts: str | None) -> Any:
    """The value of an expression for literal cells."""
    cells = [ibis.null("string") if text is None else ibis.literal(text) for text in texts]
    return ibis.duckdb.connect().execute(function(*cells))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Mum &amp; Dad", "Mum & Dad"),
        ("12&quot; print", '12" print'),
        ("Dog&#39;s &#x27;bed&#X27; &#039;small&apos;", "Dog's 'bed' 'small'"),
        ("café&nbsp;mug&#160;&#xA0;big", "café mug  big"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
        ("salt & pepper", "salt & pepper"),
        ("R&D; &bogus;", "R&D; &bogus;"),
        ("&lt;3", "<3"),
    ],
)
def test_entities_become_the_signs_they_stand_for_once(written: str, meant: str) -> None:
    assert of(unescaped, written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [("'02134", "02134"), ("'' 7", "7"), ("O'Brien", "O'Brien"), ("'", None), ("02134", "02134")],
)
def test_an_apostrophe_is_taken_off_the_start_only(written: str, meant: str | None) -> None:
    found = of(without_apostrophe, written)
    assert (None if found != found else found) == meant


@pytest.mark.parametrize(
    ("cell", "is_address"),
    [("ann@example.org", True), (" a@b.co ", True), ("n/a", False), ("a@b", False), (None, False)],
)
def test_only_what_cleaning_accepts_is_a_mail_address(cell: str | None, is_address: bool) -> None:
    assert bool(of(is_mail_address, cell)) is is_address


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("Ann  Lee", "ann lee ", True),
        ("Ann Lee", "Ann Leigh", False),
        ("Ann", None, False),
        (None, None, False),
    ],
)
def test_names_are_the_same_but_for_case_and_spaces(
    one: str | None, other: str | None, is_same: bool
) -> None:
    assert bool(of(same_words, one, other)) is is_same
