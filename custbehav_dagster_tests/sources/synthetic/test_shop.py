"""The made-up shop as files, and its true answers."""

from __future__ import annotations

import csv
import hashlib
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from custbehav_dagster.sources.synthetic import columns
from custbehav_dagster.sources.synthetic.dirt import CELL_DIRT, Dirt
from custbehav_dagster.sources.synthetic.shop import SyntheticShop, generate_shop, write_shop

HEADERS = {
    "customers.csv": "customer_id,name,email,signup_date,region,country,accepts_marketing,consent_source",
    "orders.csv": "order_id,customer_id,order_date,amount,refund_amount,currency,"
    "channel,status,is_gift,product,quantity",
    "feedback.csv": "feedback_id,customer_id,order_id,created_at,rating,text",
}


@pytest.fixture(scope="module")
def large() -> SyntheticShop:
    return generate_shop(60_000, seed=5)


@pytest.fixture(scope="module")
def busy() -> SyntheticShop:
    return generate_shop(8_000, seed=5, orders_per_customer=6)


def hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def written_rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def auc(score: pd.Series, happened: pd.Series) -> float:
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(happened.astype(bool), score.astype(float)))


def with_what_is_visible(shop: SyntheticShop) -> pd.DataFrame:
    """The answers of people known on 3 July 2026 beside what the owner can see of them by then."""
    before = shop.answers.orders.query("order_date < '2026-07-04'")
    seen = before.groupby("customer_id").agg(
        order_count=("order_id", "size"), total_amount=("amount", "sum"), last_order=("order_date", "max")
    )
    seen["last_order"] = seen["last_order"].astype("int64")
    consent = shop.answers.customers.set_index("customer_id")["accepts_marketing"]
    return shop.answers.returning().set_index("customer_id").join(seen).join(consent)


def test_exactly_the_three_files_are_written_with_their_headers(tmp_path: Path) -> None:
    paths = write_shop(generate_shop(20, seed=1), tmp_path / "raw")
    assert [path.name for path in paths] == list(HEADERS)
    assert sorted((tmp_path / "raw").iterdir()) == sorted(paths)
    for path in paths:
        assert path.read_text(encoding="utf-8").splitlines()[0] == HEADERS[path.name]


def test_files_can_have_other_names(tmp_path: Path) -> None:
    write_shop(
        generate_shop(5, seed=1), tmp_path, customers_name="a.csv", orders_name="b.csv", feedback_name="c.csv"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "b.csv", "c.csv"]


def test_files_hold_the_tables_cell_by_cell(tmp_path: Path) -> None:
    shop = generate_shop(300, seed=1, dirt=Dirt(html=0.3))
    for name, path in zip(CELL_DIRT, write_shop(shop, tmp_path), strict=True):
        table = getattr(shop, name)
        assert written_rows(path) == [list(table.columns), *table.fillna("").to_numpy().tolist()]


def test_cells_are_quoted_only_where_they_need_it(tmp_path: Path) -> None:
    _, orders, feedback = write_shop(generate_shop(200, seed=1), tmp_path)
    assert '"' not in orders.read_text(encoding="utf-8")
    quoted = [line for line in feedback.read_text(encoding="utf-8").splitlines() if '"' in line]
    assert quoted
    assert all(line.count(",") > 5 or '""' in line for line in quoted)


def test_the_same_seed_writes_the_same_bytes_also_in_another_process(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from custbehav_dagster.sources.synthetic.shop import generate_shop, write_shop\n"
        "write_shop(generate_shop(400, 9), Path(sys.argv[1]))"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "there")], check=True)
    write_shop(generate_shop(400, 9), tmp_path / "here")
    write_shop(generate_shop(400, 10), tmp_path / "other")
    assert hashes(tmp_path / "here") == hashes(tmp_path / "there")
    assert not set(hashes(tmp_path / "here").values()) & set(hashes(tmp_path / "other").values())


@hypothesis_settings(max_examples=10)
@given(
    count=st.integers(1, 25),
    seed=st.integers(0, 2**40),
    orders=st.none() | st.floats(1, 5),
    reviews=st.none() | st.floats(0, 1),
)
def test_a_shop_of_any_size_can_be_written(
    tmp_path: Path, count: int, seed: int, orders: float | None, reviews: float | None
) -> None:
    shop = generate_shop(count, seed, orders_per_customer=orders, feedback_per_customer=reviews)
    for name, path in zip(CELL_DIRT, write_shop(shop, tmp_path), strict=True):
        rows = written_rows(path)
        assert ",".join(rows[0]) == HEADERS[path.name]
        assert {len(row) for row in rows} == {len(CELL_DIRT[name])}
        assert len(rows) - 1 == len(getattr(shop, name)) >= len(getattr(shop.answers, name))


@pytest.mark.parametrize("count", [1, 2])
def test_the_smallest_shops_have_orders(count: int) -> None:
    shop = generate_shop(count, seed=7, dirt=Dirt.none())
    assert set(shop.orders["customer_id"]) == set(shop.customers["customer_id"])


def test_orders_and_reviews_per_customer_are_kept_exactly() -> None:
    shop = generate_shop(500, seed=1, orders_per_customer=10, feedback_per_customer=1, dirt=Dirt.none())
    assert (len(shop.customers), len(shop.orders), len(shop.feedback)) == (500, 5_000, 500)


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_shop(generate_shop(20, seed=1), tmp_path)
    before = hashes(tmp_path)

    def fail(table: object) -> bytes:
        raise OSError("no space left on device")

    monkeypatch.setattr(columns, "csv_lines", fail)
    with pytest.raises(OSError, match="no space"):
        write_shop(generate_shop(20, seed=2), tmp_path)
    assert hashes(tmp_path) == before


def test_no_answer_is_among_the_cells(tmp_path: Path) -> None:
    shop = generate_shop(200, seed=1)
    for path in write_shop(shop, tmp_path):
        content = path.read_text(encoding="utf-8")
        assert "true_" not in content
        assert "unpredictable" not in content


@pytest.mark.parametrize("seed", [7, *range(10, 16)])
@pytest.mark.parametrize("as_of", [date(2026, 7, 3), date(2026, 3, 5)])
def test_600_customers_are_enough_to_train_on_both_classes(seed: int, as_of: date) -> None:
    returned = generate_shop(600, seed).answers.returning(as_of)["returned"]
    assert returned.sum() >= 10
    assert (~returned).sum() >= 10


@pytest.mark.parametrize("seed", [7, *range(10, 16)])
def test_among_1200_customers_forty_return_in_the_last_120_days(seed: int) -> None:
    assert generate_shop(1_200, seed).answers.returning()["returned"].sum() >= 40


@pytest.mark.parametrize("shop_name", ["large", "busy"])
@pytest.mark.parametrize("kind", ["predictable", "unpredictable"])
def test_true_chances_come_true(shop_name: str, kind: str, request: pytest.FixtureRequest) -> None:
    answers = request.getfixturevalue(shop_name).answers.returning()
    chance, returned = (
        answers[answers["kind"] == kind]["p_return"],
        answers[answers["kind"] == kind]["returned"],
    )
    assert chance.between(0, 1).all()
    assert abs(returned.sum() - chance.sum()) < 4 * np.sqrt((chance * (1 - chance)).sum())


@pytest.mark.parametrize("shop_name", ["large", "busy"])
@pytest.mark.parametrize("score", ["p_return", "order_count", "last_order"])
def test_predictable_people_can_be_predicted(
    shop_name: str, score: str, request: pytest.FixtureRequest
) -> None:
    people = with_what_is_visible(request.getfixturevalue(shop_name)).query("kind == 'predictable'")
    assert auc(people[score], people["returned"]) > 0.65


@pytest.mark.parametrize("shop_name", ["large", "busy"])
@pytest.mark.parametrize(
    "score", ["p_return", "order_count", "last_order", "total_amount", "accepts_marketing"]
)
def test_unpredictable_people_cannot(shop_name: str, score: str, request: pytest.FixtureRequest) -> None:
    people = with_what_is_visible(request.getfixturevalue(shop_name)).query("kind == 'unpredictable'")
    returned, others = people["returned"].sum(), (~people["returned"]).sum()
    error = np.sqrt((returned + others + 1) / (12 * returned * others))
    assert abs(auc(people[score], people["returned"]) - 0.5) < 4 * error


def test_what_happened_is_open_while_the_window_is_not_over() -> None:
    answers = generate_shop(50, seed=1).answers
    assert answers.returning(as_of=date(2026, 7, 3))["returned"].notna().all()
    future = answers.returning(as_of=date(2026, 10, 31))
    assert future["returned"].isna().all()
    assert len(future) == 50
    assert future["p_return"].between(0, 1).all()


def test_loading_the_shop_loads_no_number_library() -> None:
    script = (
        "import sys, custbehav_dagster.sources.synthetic.shop\n"
        "print({'numpy', 'pandas', 'pyarrow'} & set(sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    assert shown.strip() == "set()"
