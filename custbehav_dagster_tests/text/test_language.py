"""Languages of short texts as people write them."""

from __future__ import annotations

import ibis
import pyarrow as pa
import pytest

from custbehav_dagster.text.language import detect_languages
from custbehav_dagster.text.normalize import clean_text


def languages(con: ibis.BaseBackend, texts: list[str], shop_language: str = "en") -> list[str | None]:
    rows = ibis.memtable(pa.table({"place": range(len(texts)), "text": texts}))
    clean = con.to_pyarrow(rows.mutate(clean=clean_text(rows.text)).order_by("place"))["clean"].to_pylist()
    return detect_languages(texts, clean, shop_language)


ENGLISH = [
    "beautiful", "love it", "so cute", "ok", "Not as described", "perfect gift", "no problem at all",
    "Super fast delivery", "material is soft", "Excellent", "DON'T CARE DON'T CARE DON'T CARE #mug",
    "I can't wait to go back.", "I'm so glad :)", "@someone OK. Thanks!", "Yay, merry christmas! http://x.example/y",
    "The déjà-vu café mug is lovely and my sister adores it",
]  # fmt: skip
OTHERS = {
    "این لیوان خیلی قشنگ است و زود رسید": "fa",
    "عالی بود": "fa",
    "ممنون از بسته‌بندی زیبا": "fa",
    "منتج جميل جدا وصل بسرعة": "ar",
    "Очень красивая кружка, спасибо!": "ru",
    "Πολύ όμορφη κούπα, ευχαριστώ": "el",
    "とても可愛いマグカップです": "ja",
    "머그컵이 정말 예뻐요": "ko",
    "杯子很漂亮，物流很快": "zh",
    "Die Tasse kam leider zerbrochen an": "de",
    "Je suis très déçue, la couleur ne correspond pas": "fr",
    "No me gustó nada, llegó rota": "es",
    "Il colore è diverso dalla foto, peccato": "it",
    "Çok güzel bir kupa, hızlı geldi": "tr",
}


def test_english_stays_english_however_short_or_loud(con: ibis.BaseBackend) -> None:
    assert languages(con, ENGLISH) == ["en"] * len(ENGLISH)


def test_other_languages_are_known(con: ibis.BaseBackend) -> None:
    assert dict(zip(OTHERS, languages(con, list(OTHERS)), strict=True)) == OTHERS


@pytest.mark.parametrize("text", ["", "10/10", "😍😍", "<3", "!!!"])
def test_a_text_without_letters_has_no_language(con: ibis.BaseBackend, text: str) -> None:
    assert languages(con, [text]) == [None]


def test_a_text_too_short_to_tell_is_in_the_shops_language(con: ibis.BaseBackend) -> None:
    assert languages(con, ["sehr schön", "عالی"], shop_language="de") == ["de", "fa"]
