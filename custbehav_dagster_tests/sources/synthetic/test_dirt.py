"""Dirt strikes at the rates it promises, where it promises, and the list of it is complete."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest

from custbehav_dagster.sources.synthetic import soiling
from custbehav_dagster.sources.synthetic.dirt import CELL_DIRT, Dirt
from custbehav_dagster.sources.synthetic.shop import SyntheticShop, generate_shop

CELL_KINDS = [field.name for field in fields(Dirt) if field.name != "duplicate_row"]
TABLES = list(CELL_DIRT)


def with_dirt(shop: SyntheticShop, dirt: Dirt) -> SyntheticShop:
    return SyntheticShop(replace(shop.answers, dirt=dirt))


@pytest.fixture(scope="module")
def clean() -> SyntheticShop:
    return generate_shop(3_000, seed=4, dirt=Dirt.none())


@pytest.fixture(scope="module")
def dirty(clean: SyntheticShop) -> SyntheticShop:
    return with_dirt(clean, Dirt(duplicate_row=0))


def changed(clean: SyntheticShop, dirty: SyntheticShop, table: str) -> pd.DataFrame:
    """A flag per cell: does it read otherwise than without dirt?"""
    before, after = getattr(clean, table), getattr(dirty, table)
    return ~((before == after) | (before.isna() & after.isna()))


def test_every_kind_but_duplicates_has_a_place() -> None:
    placed = {kind for columns in CELL_DIRT.values() for kinds in columns.values() for kind in kinds}
    assert placed == set(CELL_KINDS)


@pytest.mark.parametrize("rate", [0.02, 0.4])
@pytest.mark.parametrize("kind", CELL_KINDS)
def test_a_kind_alone_strikes_at_its_rate_and_nowhere_else(
    clean: SyntheticShop, kind: str, rate: float
) -> None:
    dirty = with_dirt(clean, replace(Dirt.none(), **{kind: rate}))
    struck = cells = 0
    for table in TABLES:
        flags = changed(clean, dirty, table)
        for column, kinds in CELL_DIRT[table].items():
            if kind in kinds:
                struck += flags[column].sum()
                cells += getattr(clean, table)[column].notna().sum()
            else:
                assert not flags[column].any()
    assert abs(struck - rate * cells) < 4.5 * np.sqrt(cells * rate * (1 - rate))


@pytest.mark.parametrize("rate", [0.01, 0.5])
def test_duplicate_rows_are_exact_copies_at_their_rate(clean: SyntheticShop, rate: float) -> None:
    dirty = with_dirt(clean, Dirt(duplicate_row=rate))
    listed = dirty.answers.struck_cells
    for table in TABLES:
        rows, count = getattr(dirty, table), len(getattr(clean, table))
        copies = listed[(listed["table"] == table) & (listed["kind"] == "duplicate_row")]
        assert len(rows) == count + len(copies)
        assert abs(len(copies) - rate * count) < 4.5 * np.sqrt(count * rate * (1 - rate))
        originals = rows.iloc[copies["clean_row"]].reset_index(drop=True)
        pd.testing.assert_frame_equal(originals, rows.iloc[copies["row"]].reset_index(drop=True))


@pytest.mark.parametrize("table", TABLES)
def test_the_list_names_every_changed_cell_and_no_other(
    clean: SyntheticShop, dirty: SyntheticShop, table: str
) -> None:
    flags = changed(clean, dirty, table).reset_index(drop=True)
    listed = dirty.answers.struck_cells.query("table == @table")
    named = pd.DataFrame(False, index=flags.index, columns=flags.columns)
    for column, cells in listed.groupby("column", observed=True):
        named.loc[cells["row"].unique(), column] = True
    pd.testing.assert_frame_equal(flags, named)


def test_the_list_gives_the_right_rows_when_files_are_made_in_parts(
    dirty: SyntheticShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(soiling, "ROWS_AT_A_TIME", 500)
    shop = with_dirt(dirty, Dirt(missing_key=0, guest_order=0.3, duplicate_row=0.2))
    listed = shop.answers.struck_cells.query("table == 'orders'")
    guests, copies = (listed[listed["kind"] == kind] for kind in ("guest_order", "duplicate_row"))
    assert shop.orders["customer_id"].iloc[guests["row"]].isna().all()
    for cells in (guests, copies):
        written = shop.orders["order_id"].iloc[cells["row"]].to_numpy()
        assert (written == shop.answers.orders["order_id"].to_numpy()[cells["clean_row"]]).all()


def test_changing_one_rate_leaves_the_other_kinds_where_they_were(dirty: SyntheticShop) -> None:
    without = with_dirt(dirty, Dirt(duplicate_row=0, html=0, currency_sign=0)).answers.struck_cells
    kept = dirty.answers.struck_cells.query("kind not in ['html', 'currency_sign']")
    pd.testing.assert_frame_equal(
        without.astype({"kind": str}).reset_index(drop=True),
        kept.astype({"kind": str}).reset_index(drop=True),
    )


@pytest.mark.parametrize(
    ("form", "share"),
    [
        (r"\d{4}-\d\d-\d\d", 0.7),
        (r"\d\d/\d\d/\d{4}", 0.1),
        (r"[1-9]\d? [A-Z][a-z]{2} \d{4}", 0.1),
        (r"\d{4}/\d\d/\d\d", 0.1),
    ],
)
def test_dates_come_in_four_forms_some_with_a_time(dirty: SyntheticShop, form: str, share: float) -> None:
    dates = dirty.orders["order_date"].dropna()
    assert dates.str.fullmatch(rf"{form}( \d\d:\d\d)?").mean() == pytest.approx(share, abs=0.03)
    timed = dates[dates.str.fullmatch(rf"{form} \d\d:\d\d")]
    assert len(timed) / len(dates) == pytest.approx(0.25 * share, abs=0.02)


def test_a_date_means_the_same_day_in_every_form(dirty: SyntheticShop) -> None:
    written = dirty.orders["order_date"].str.replace(r" \d\d:\d\d$", "", regex=True)
    meant = dirty.answers.orders["order_date"].dt.normalize()
    for form, layout in [
        (r"\d{4}-\d\d-\d\d", "%Y-%m-%d"),
        (r"\d\d/\d\d/\d{4}", "%d/%m/%Y"),
        (r"\d+ [A-Z]\w+ \d{4}", "%d %b %Y"),
        (r"\d{4}/\d\d/\d\d", "%Y/%m/%d"),
    ]:
        of_form = written.str.fullmatch(form).fillna(False).astype(bool)
        assert (pd.to_datetime(written[of_form], format=layout) == meant[of_form]).all()


@pytest.mark.parametrize(
    ("table", "column", "known_in", "kind"),
    [
        ("orders", "customer_id", "customers", "orphan_order"),
        ("feedback", "order_id", "orders", "orphan_feedback"),
    ],
)
def test_orphans_point_to_nobody_and_all_others_to_somebody(
    dirty: SyntheticShop, table: str, column: str, known_in: str, kind: str
) -> None:
    pointing = getattr(dirty, table)[column].dropna().str.strip()
    listed = dirty.answers.struck_cells
    orphans = listed.loc[listed["kind"] == kind, "row"]
    is_known = pointing.isin(getattr(dirty.answers, known_in)[column])
    assert len(orphans) > 0
    assert set(pointing.index[~is_known]) == set(orphans)


def test_dirt_looks_like_dirt(dirty: SyntheticShop) -> None:
    text, amount = dirty.feedback["text"].dropna(), dirty.orders["amount"].dropna()
    assert text.str.contains(r"<p>|<br/?>|<div|&\w+;|&#39;").any()
    assert text.str.contains("[😀-🙏]").any()
    assert amount.str.startswith("£").any()
    assert amount.str.startswith("-").any()
    assert dirty.customers["email"].dropna().str.contains("@EXAMPLE").any()
    assert dirty.customers["name"].dropna().str.startswith(" ").any()


def test_a_shop_without_dirt_reads_as_the_clean_tables(clean: SyntheticShop) -> None:
    meant = clean.answers.orders
    assert (clean.orders["amount"].astype(float) == meant["amount"]).all()
    assert (pd.to_datetime(clean.orders["order_date"]) == meant["order_date"].dt.normalize()).all()
    assert (clean.orders["is_gift"] == meant["is_gift"].map({True: "yes", False: "no"})).all()
    assert len(clean.answers.struck_cells) == 0


@pytest.mark.parametrize("rate", [-0.01, 1.01, float("nan")])
def test_a_rate_that_is_no_share_is_refused_by_name(rate: float) -> None:
    with pytest.raises(ValueError, match="stray_space must be between 0 and 1"):
        Dirt(stray_space=rate)
