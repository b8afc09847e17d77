"""What complaints go with: found where it was put in, and nowhere else; by product, and over time."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import ibis
import pytest

from custbehav_dagster.insights.aspects import aspect_tables
from custbehav_dagster.insights.aspects_costs import changes, refunds, returns, with_certainty
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.insights.given import Rows, order, text, warehouse

if TYPE_CHECKING:
    import numpy as np

AS_OF = date(2026, 6, 30)
LATE, LOVELY = "The delivery was terribly late.", "The glaze is lovely."


def made(random: np.random.Generator, ratio: float, people: int = 400) -> tuple[set[int], Rows]:
    """Texts of people of whom a fifth complain, in December twice as many, when fewer come back anyway."""
    rows, complaining = [], set()
    for number in range(people):
        day = date(2024, 1, 1) + timedelta(days=int(random.integers(0, 700)))
        in_december = day.month == 12
        if random.random() < (0.4 if in_december else 0.2):
            complaining.add(number)
        had_bought = random.random() < 0.4
        share = (0.2 if in_december else 0.35) + (0.3 if had_bought else 0)
        share *= ratio if number in complaining else 1
        rows.append(
            {
                "text_id": f"t{number}",
                "customer_id": f"p{number}",
                "written": day,
                "had_bought_before": had_bought,
                "came_back": bool(random.random() < share),
            }
        )
    return complaining, rows


@pytest.mark.parametrize(("ratio", "fewest_sure", "most_sure"), [(1.0, 0, 10), (0.5, 65, 100)])
def test_an_effect_is_found_where_there_is_one_and_its_interval_holds_it(
    ratio: float, fewest_sure: int, most_sure: int
) -> None:
    import numpy as np

    random = np.random.default_rng(5)
    sure = missed = 0
    for _ in range(100):
        found = returns(*made(random, ratio))
        sure += with_certainty([found])[0]["is_return_sure"]
        missed += not found["return_ratio_low"] <= ratio <= found["return_ratio_high"]
    # Of 100 five are to be expected to miss; more than 10 by chance once in a hundred times.
    assert fewest_sure <= sure <= most_sure
    assert missed <= 10


def test_of_nine_aspects_without_an_effect_hardly_any_shop_is_told_one() -> None:
    import numpy as np

    random = np.random.default_rng(8)
    told = 0
    for _ in range(40):
        _, rows = made(random, 1.0, people=300)
        complaints = [{at for at in range(300) if random.random() < 0.15} for _ in range(9)]
        told += any(
            row["is_return_sure"] for row in with_certainty([returns(one, rows) for one in complaints])
        )
    assert told <= 6


def test_everybody_counts_once_by_their_first_text_that_is_old_enough() -> None:
    first, second = date(2025, 1, 1), date(2025, 5, 1)
    common = {"customer_id": "p1", "had_bought_before": False}
    rows = [
        {**common, "text_id": "b", "written": second, "came_back": True},
        {**common, "text_id": "a", "written": first, "came_back": False},
        {**common, "text_id": "0", "written": date(2024, 1, 1), "came_back": None},
    ]
    found = returns({1}, rows)
    assert (found["complainers"], found["complainers_who_came_back"], found["others"]) == (1, 0, 0)
    assert "return_difference" not in found


def test_an_order_complained_of_in_one_of_two_texts_counts_as_complained_of() -> None:
    rows = [
        {"order_id": "o1", "was_refunded": True},
        {"order_id": "o1", "was_refunded": True},
        {"order_id": "o2", "was_refunded": False},
        {"order_id": None, "was_refunded": None},
    ]
    found = refunds({1}, rows)
    assert (found["complained_orders"], found["complained_orders_refunded"]) == (1, 1)
    assert (found["other_orders"], found["other_orders_refunded"]) == (1, 0)


@pytest.mark.parametrize(
    ("days_ago", "time"), [(0, "recent"), (89, "recent"), (90, "earlier"), (454, "earlier")]
)
def test_lately_is_the_last_ninety_days_and_before_is_the_year_before_them(days_ago: int, time: str) -> None:
    rows = [{"written": AS_OF - timedelta(days=days_ago), "customer_id": None, "text_id": "t"}]
    found = changes({0}, rows, AS_OF)
    assert found[f"{time}_complainers"] == found[f"{time}_writers"] == 1
    assert found["recent_writers"] + found["earlier_writers"] == 1


def test_older_texts_and_such_without_a_day_are_in_neither_time() -> None:
    rows = [
        {"written": AS_OF - timedelta(days=455), "customer_id": "p", "text_id": "t"},
        {"written": None, "customer_id": "p", "text_id": "u"},
    ]
    assert changes(set(), rows, AS_OF)["earlier_writers"] == 0


def said(number: int, words: str, day: str = "2026-03-01", **changes: Any) -> dict[str, Any]:
    return text(number, words, day=day, **{"customer_id": f"p{number}", "order_id": f"o{number}", **changes})


def line(number: int, product: str) -> dict[str, Any]:
    return {
        "order_id": f"o{number}",
        "product": product,
        "quantity": 1.0,
        "unit_price": 1,
        "line_amount": 1,
        "kind": "product",
        "is_synthetic": False,
        "source_file": "orders.csv",
    }


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rows]:
    """Sixty texts: bowls come late, mugs do not; the glaze is the shop's own word; late only since April."""
    con = ibis.duckdb.connect(tmp_path_factory.mktemp("aspects") / "test.duckdb")
    texts = [said(n, LATE if n < 20 else LOVELY, "2026-05-10" if n < 20 else "2025-10-10") for n in range(60)]
    items = [line(n, "Bowl" if n < 30 else "Mug") for n in range(60)]
    orders = [order(n, f"p{n}", "2025-09-01", refund_amount=2 if n < 10 else 0) for n in range(60)]
    given = warehouse(
        con,
        truth__single_source_of_truth=texts,
        truth__orders=orders,
        cleaned__order_items=items,
    )
    made = aspect_tables(
        given["truth.single_source_of_truth"],
        given["truth.orders"],
        given["cleaned.order_items"],
        AS_OF,
        Settings(horizon_days=30),
    )
    found = {noun: table.to_pyarrow().to_pylist() for noun, table in made.items()}
    con.disconnect()
    return found


def test_what_this_shop_is_spoken_of_for_is_an_aspect_of_its_own(tables: dict[str, Rows]) -> None:
    (glaze,) = [row for row in tables["aspects"] if row["aspect"] == "glaze"]
    assert glaze["is_found"]
    assert glaze["words"] == "glaze"
    assert (glaze["texts"], glaze["praising_texts"], glaze["complaining_texts"]) == (40, 40, 0)


def test_a_complaint_that_grows_and_goes_with_refunds_is_told(tables: dict[str, Rows]) -> None:
    (delivery,) = [row for row in tables["aspects"] if row["aspect"] == "delivery"]
    assert not delivery["is_found"]
    assert (delivery["complained_orders"], delivery["complained_orders_refunded"]) == (20, 10)
    assert delivery["is_refund_sure"]
    assert delivery["refund_difference_low"] > 0
    assert (delivery["recent_complainers"], delivery["recent_writers"]) == (20, 20)
    assert (delivery["earlier_complainers"], delivery["earlier_writers"]) == (0, 40)
    assert delivery["is_complaint_change_sure"]
    assert delivery["complaint_ratio_low"] > 1


def test_a_complaint_is_tied_to_the_product_of_its_order(tables: dict[str, Rows]) -> None:
    (bowl,) = tables["aspect_products"]
    assert (bowl["aspect"], bowl["product"], bowl["is_sure"]) == ("delivery", "Bowl", True)
    assert (bowl["complaining_texts"], bowl["texts"], bowl["other_complaining_texts"]) == (20, 30, 0)


def test_a_young_history_is_told_by_month_and_no_month_without_texts_is(tables: dict[str, Rows]) -> None:
    rows = [row for row in tables["aspect_trends"] if row["aspect"] == "delivery"]
    assert [(row["period_start"], row["texts"], row["all_texts"]) for row in rows] == [
        (date(2025, 10, 1), 0, 40),
        (date(2026, 5, 1), 20, 20),
    ]
    assert rows[0]["average_sentiment"] is None
    assert rows[1]["average_sentiment"] < 0
    assert {row["months"] for row in rows} == {1}


def test_where_a_thing_stands_is_no_aspect_since_nobody_judges_it(con: ibis.BaseBackend) -> None:
    texts = [said(n, "It stands in the hallway. The clasp is lovely.") for n in range(20)]
    given = warehouse(con, truth__single_source_of_truth=texts)
    made = aspect_tables(
        given["truth.single_source_of_truth"], given["truth.orders"], None, AS_OF, Settings()
    )["aspects"]
    assert [row["aspect"] for row in made.to_pyarrow().to_pylist() if row["is_found"]] == ["clasp"]
