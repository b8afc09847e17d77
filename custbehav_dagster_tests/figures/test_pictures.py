import io
import subprocess
import sys
from pathlib import Path

import ibis
import pytest
from PIL import Image

from custbehav_dagster.contract import TABLES
from custbehav_dagster.figures.registry import PICTURES
from custbehav_dagster.figures.render import is_blank, load_picture, render, save_picture
from custbehav_dagster.settings import Settings
from custbehav_dagster_tests.insights.given import keyword, order, score, segment, small_shop, text, warehouse

PROMISED = {
    "sentiment_distribution",
    "word_count_distribution",
    "source_type_counts",
    "feedback_by_month",
    "trend_line",
    "scatter_wordcount_sentiment",
    "boxplot_sentiment_noise",
    "segment_distribution",
}
SYNTHETIC_RED = (168, 67, 11)


def pixels(png: bytes) -> dict[tuple[int, int, int], int]:
    with Image.open(io.BytesIO(png)) as image:
        colours = image.convert("RGB").getcolors(10**7)
        assert colours is not None
        return {colour: times for times, colour in colours}


def one_of_each() -> dict[str, list]:
    return {
        "truth__orders": [order(1, "p1", "2024-03-05")],
        "truth__single_source_of_truth": [text(1, "lovely mug")],
        "churn__scores": [score(1, 0.3)],
        "churn__evaluation": [small_shop()["churn__evaluation"][2]],
        "segments__segment_profiles": [segment(0, "all buyers", 1, 1.0, None)],
        "insights__keywords": [keyword(1, "mug", 1, 0.5)],
    }


def test_the_pictures_of_the_contract_are_there_and_read_tables_that_exist() -> None:
    assert set(PICTURES) >= PROMISED
    for name, picture in PICTURES.items():
        assert picture.name == name
        assert all(tuple(table.split(".")) in TABLES for table in picture.reads)


@pytest.mark.parametrize("rows", ["none", "one"])
def test_every_picture_can_be_read_with_hardly_any_rows(con: ibis.BaseBackend, rows: str) -> None:
    tables = warehouse(con, **({} if rows == "none" else one_of_each()))
    for name, picture in PICTURES.items():
        drawn = render(name, tables, Settings())
        assert not is_blank(drawn.png), name
        assert (drawn.rows == 0) == (rows == "none"), name
        assert drawn.alt_text.startswith(picture.empty) == (rows == "none"), name
        assert not drawn.is_synthetic
        assert SYNTHETIC_RED not in pixels(drawn.png), name


def test_synthetic_rows_are_named_in_picture_and_words(con: ibis.BaseBackend) -> None:
    rows = {
        name: [{**row, "is_synthetic": True} for row in given] if not name.endswith("quarantine") else given
        for name, given in small_shop().items()
    }
    tables = warehouse(con, **rows)
    bytes_drawn = 0
    for name in PICTURES:
        drawn = render(name, tables, Settings())
        assert drawn.is_synthetic, name
        assert "(synthetic data)" in drawn.alt_text, name
        assert drawn.alt_text.endswith("."), name
        assert pixels(drawn.png)[SYNTHETIC_RED] > 500, name
        assert not is_blank(drawn.png), name
        with Image.open(io.BytesIO(drawn.png)) as image:
            assert image.width == 960
        with Image.open(io.BytesIO(drawn.thumbnail)) as image:
            assert image.width == 480
        assert len(drawn.thumbnail) < 30_000
        bytes_drawn += len(drawn.png)
    # The page embeds them all, a third larger, and is to stay below two megabytes.
    assert bytes_drawn < 1_300_000


def test_synthetic_and_real_rows_never_mix_in_one_picture(con: ibis.BaseBackend) -> None:
    texts = [text(n, "good", 0.9) for n in range(30)] + [
        text(100 + n, "bad", -0.9, is_synthetic=True) for n in range(90)
    ]
    drawn = render("sentiment_distribution", warehouse(con, truth__single_source_of_truth=texts), Settings())
    assert drawn.rows == 30
    assert drawn.alt_text.startswith("Most texts are positive: 100%")
    assert not drawn.is_synthetic


def test_a_picture_of_feedback_shows_synthetic_feedback_while_only_other_texts_are_real(
    con: ibis.BaseBackend,
) -> None:
    texts = [text(n, "made up", is_synthetic=True) for n in range(3)]
    texts += [text(10, "from the net", source_type="web", created_at=None)]
    drawn = render("feedback_by_month", warehouse(con, truth__single_source_of_truth=texts), Settings())
    assert (drawn.rows, drawn.is_synthetic) == (3, True)


def test_equal_rows_give_equal_bytes(con: ibis.BaseBackend) -> None:
    tables = warehouse(con, **small_shop())
    for name in ("orders_by_month", "scatter_wordcount_sentiment"):
        assert render(name, tables, Settings()).png == render(name, tables, Settings()).png


def test_a_saved_picture_is_read_back_with_its_words(con: ibis.BaseBackend, tmp_path: Path) -> None:
    words = [keyword(1, "لیوان", 30, 0.4), keyword(2, "$5 <b>mug</b>", 20, -0.4), keyword(3, "中文", 10, 0.1)]
    drawn = render("keywords", warehouse(con, insights__keywords=words), Settings())
    path = save_picture(drawn, tmp_path / "plots")
    assert path == tmp_path / "plots" / "keywords.png"
    assert load_picture("keywords", tmp_path / "plots") == drawn
    assert "لیوان" in drawn.alt_text
    with pytest.raises(LookupError, match="trend_line has not been drawn yet"):
        load_picture("trend_line", tmp_path / "plots")


def test_rows_after_the_last_known_day_are_not_drawn(con: ibis.BaseBackend) -> None:
    tables = warehouse(
        con,
        truth__orders=[order(1, "p1", "2024-03-31"), order(2, "p2", "2024-04-01")],
        truth__single_source_of_truth=[
            text(1, "in"),
            text(2, "out", day="2024-04-01"),
            text(3, "undated", day=None),
        ],
    )
    settings = Settings(as_of="2024-03-31")
    assert render("purchases_per_customer", tables, settings).rows == 1
    assert render("sentiment_distribution", tables, settings).rows == 2


def test_no_picture_touches_the_global_state_of_pyplot() -> None:
    program = (
        "import sys\n"
        "from custbehav_dagster.figures.registry import PICTURES\n"
        "assert 'matplotlib' not in sys.modules and 'pandas' not in sys.modules, 'heavy imports at start'\n"
        "from custbehav_dagster.contract import truth\n"
        "from custbehav_dagster.figures.render import render\n"
        "from custbehav_dagster.settings import Settings\n"
        "tables = {'truth.orders': truth.ORDERS.empty()}\n"
        "render('orders_by_month', tables, Settings())\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[2])


def plain_picture(ink: int) -> bytes:
    image = Image.new("RGB", (200, 100), "white")
    for pixel in range(ink):
        image.putpixel((pixel % 200, pixel // 200), (0, 0, 0))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(("ink", "blank"), [(0, True), (59, True), (60, False), (5000, False)])
def test_a_picture_is_blank_when_hardly_any_pixel_differs(ink: int, blank: bool) -> None:
    assert is_blank(plain_picture(ink)) == blank
