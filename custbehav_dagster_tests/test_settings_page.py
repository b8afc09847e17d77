"""The page of settings in docs/ is the settings' own."""

from __future__ import annotations

import re
from itertools import chain

from custbehav_dagster.settings import Settings
from custbehav_dagster.settings_page import PAGE, groups, settings_page


def test_the_page_in_docs_says_what_the_settings_say() -> None:
    told = "run `python -m custbehav_dagster.settings_page` and commit docs/settings.md"
    assert PAGE.read_text() == settings_page(), told


def test_every_setting_is_in_it_once_under_a_heading() -> None:
    named = list(chain.from_iterable(groups().values()))
    assert sorted(named) == sorted(Settings.model_fields)


def test_a_row_tells_default_meaning_and_limits() -> None:
    page = settings_page()
    assert "| `CUSTBEHAV_HORIZON_DAYS` | `120` | days after the cutoff" in page
    assert re.search(r"`CUSTBEHAV_HORIZON_DAYS`.*\(at least 1; at most 1,095\) \|", page)
    assert "(one of en, fa) |" in page
    assert "| `REDDIT_CLIENT_SECRET` | (empty) |" in page
