"""Public sentences: which source is used, and what becomes of what it says."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import pytest

from custbehav_dagster.contract.raw import SENTIMENT_PUBLIC
from custbehav_dagster.settings import Settings
from custbehav_dagster.sources.public_sentiment import read_public_sentiment, write_sentiment
from custbehav_dagster.sources.result import Fetched, SourceFailure

NOWHERE = "http://127.0.0.1:9/sentences.csv"  # the discard port: nothing listens there


def read_file(folder: Path, content: str | bytes, name: str = "mine.csv") -> Fetched:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_public_sentiment(Settings(public_sentiment_file=str(path)))


# Which source


def test_with_nothing_configured_the_small_set_of_ours_is_used() -> None:
    fetched = read_public_sentiment(Settings())
    assert fetched.is_sample
    assert fetched.provenance == "sample"
    assert fetched.problems == []
    assert fetched.rows.is_synthetic.all()
    assert set(fetched.rows.provenance) == {"sample"}
    assert len(fetched.rows) >= 150
    assert fetched.rows.label.value_counts(normalize=True).between(0.4, 0.6).all()
    assert set(fetched.rows.label) == {"0", "1"}


def test_a_file_is_real_and_named_as_provenance(tmp_path: Path) -> None:
    fetched = read_file(tmp_path, "text,label\nLovely mug,1\n", "reviews.csv")
    assert not fetched.is_sample
    assert fetched.provenance == "reviews.csv"
    row = fetched.rows.iloc[0].to_dict()
    assert pd.isna(row.pop("created_at"))
    assert row == {
        "text_id": hashlib.sha256(b"reviews\x1fLovely mug").hexdigest()[:16],
        "text": "Lovely mug",
        "label": "1",
        "source": "reviews",
        "is_synthetic": False,
        "provenance": "reviews.csv",
    }


def test_the_inboxs_file_is_never_read_here(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "sentiment_public.csv").write_text("text,label\nThe owner's own,1\n")
    assert read_public_sentiment(Settings(data_dir=str(tmp_path))).is_sample


def test_a_file_takes_the_place_of_a_failing_address_for_all_to_see(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("text,label\nLovely,1\nLovely,1\n")
    fetched = read_public_sentiment(
        Settings(public_sentiment_url=NOWHERE, public_sentiment_file=str(path)), timeout_seconds=5
    )
    assert fetched.rows.text.tolist() == ["Lovely"]
    assert fetched.provenance == "mine.csv"
    assert fetched.problems == [
        f"The table at {NOWHERE} (CUSTBEHAV_PUBLIC_SENTIMENT_URL) was not read: its server could not be "
        "reached. The file mine.csv was used instead.",
        "1 repeated sentence was left out.",
    ]


def test_a_failing_address_alone_is_a_failure_and_not_the_sample() -> None:
    with pytest.raises(SourceFailure, match="could not be reached"):
        read_public_sentiment(Settings(public_sentiment_url=NOWHERE), timeout_seconds=5)


def test_when_address_and_file_both_fail_both_are_told(tmp_path: Path) -> None:
    settings = Settings(public_sentiment_url=NOWHERE, public_sentiment_file=str(tmp_path / "gone.csv"))
    with pytest.raises(SourceFailure, match=r"could not be reached\. The file gone\.csv .* was not found"):
        read_public_sentiment(settings, timeout_seconds=5)


@pytest.mark.parametrize(
    ("written", "expected"), [("gone.csv", "was not found"), (".", "not a file"), ("empty.csv", "is empty")]
)
def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path, written: str, expected: str) -> None:
    (tmp_path / "empty.csv").touch()
    with pytest.raises(SourceFailure, match=expected) as failure:
        read_public_sentiment(Settings(public_sentiment_file=str(tmp_path / written)))
    assert "CUSTBEHAV_PUBLIC_SENTIMENT_FILE" in str(failure.value)
    assert str(tmp_path) not in str(failure.value)


# Rows


@pytest.mark.parametrize("is_sample", [True, False])
def test_rows_are_what_the_contract_says(con: Any, tmp_path: Path, is_sample: bool) -> None:
    content = "text,label,date\nGood,1,2024-05-01\nBad,,\n"
    rows = (read_public_sentiment(Settings()) if is_sample else read_file(tmp_path, content)).rows
    assert rows.columns.tolist() == SENTIMENT_PUBLIC.column_names
    stored = con.to_pyarrow(SENTIMENT_PUBLIC.conform(ibis.memtable(rows)))
    assert stored.schema == SENTIMENT_PUBLIC.schema.to_pyarrow()
    for column in SENTIMENT_PUBLIC.columns:
        assert column.nullable or stored[column.name].null_count == 0
    assert rows.text_id.is_unique
    assert rows.text_id.str.fullmatch("[0-9a-f]{16}").all()


@pytest.mark.parametrize(
    ("content", "expected_texts", "expected_problems"),
    [
        ("text,label\nA,1\nB,0\n", ["A", "B"], []),
        ("text,label\nA,1\nB,0\nA,1\n", ["A", "B"], ["1 repeated sentence was left out."]),
        ("text,label\nA,1\n  A ,0\nA,1\n", ["A"], ["2 repeated sentences were left out."]),
        ("text,label\nA,1\n,0\n", ["A"], ["1 record without a sentence was left out."]),
        ("text,label\nA,1\n  ,0\n,1\n", ["A"], ["2 records without a sentence were left out."]),
        ("text,label,source\nA,1,x\nA,1,y\nA,1,\n", ["A", "A", "A"], []),
    ],
)
def test_a_sentence_is_kept_once_per_collection(
    tmp_path: Path, content: str, expected_texts: list[str], expected_problems: list[str]
) -> None:
    fetched = read_file(tmp_path, content)
    assert fetched.rows.text.tolist() == expected_texts
    assert fetched.problems == expected_problems
    assert fetched.rows.text_id.is_unique


def test_a_repeated_sentence_keeps_the_label_it_had_first(tmp_path: Path) -> None:
    assert read_file(tmp_path, "text,label\nA,neg\nA,pos\n").rows.label.tolist() == ["neg"]


def test_identifiers_do_not_change_with_the_rest_of_the_file(tmp_path: Path) -> None:
    first = read_file(tmp_path, "text,label\nA,1\nB,0\n").rows.set_index("text").text_id
    later = (
        read_file(tmp_path, "label,date,text\n1,2020-01-01,new\n0,,B\n,,A\n").rows.set_index("text").text_id
    )
    assert first.to_dict() == later.drop("new").to_dict()


@pytest.mark.parametrize(
    "labels", [["0", "1"], ["neg", "pos"], ["Negative", "Positive"], ["1", "5"], ["-3.2", "4"]]
)
def test_labels_stay_as_the_source_gives_them(tmp_path: Path, labels: list[str]) -> None:
    content = f"text,label\nA, {labels[0]} \nB,{labels[1]}\nC,\n"
    read = read_file(tmp_path, content).rows.label
    assert read.tolist()[:2] == labels
    assert pd.isna(read[2])


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2024-05-01", "2024-05-01T00:00:00Z"),
        ("2024-05-01 10:30", "2024-05-01T10:30:00Z"),
        ("2024-05-01T10:30:05.5+02:00", "2024-05-01T08:30:05Z"),
        ("01/05/2024", None),
        ("", None),
    ],
)
def test_a_date_is_taken_only_when_it_is_iso_8601(tmp_path: Path, written: str, expected: str | None) -> None:
    fetched = read_file(tmp_path, f"text,label,created_at\nA,1,{written}\n")
    read = fetched.rows.created_at[0]
    assert (None if pd.isna(read) else read) == expected
    expected_problems = ["1 date was left empty: it is not written as 2024-12-31."]
    assert fetched.problems == (expected_problems if written and not expected else [])


def test_our_own_sample_read_back_as_a_file_stays_synthetic(tmp_path: Path) -> None:
    (written,) = write_sentiment(read_public_sentiment(Settings()).rows, tmp_path)
    fetched = read_public_sentiment(Settings(public_sentiment_file=str(written)))
    assert fetched.rows.is_synthetic.all()
    assert fetched.is_sample


# Files


def test_the_file_holds_the_rows_and_nothing_else_is_left(tmp_path: Path) -> None:
    rows = read_public_sentiment(Settings()).rows
    assert write_sentiment(rows.assign(author="x"), tmp_path) == [tmp_path / "sentiment_public.csv"]
    read_back = pd.read_csv(tmp_path / "sentiment_public.csv", dtype={"label": str, "text_id": str})
    assert read_back.columns.tolist() == SENTIMENT_PUBLIC.column_names
    assert read_back.set_index("text_id").text.to_dict() == rows.set_index("text_id").text.to_dict()
    assert [path.name for path in tmp_path.iterdir()] == ["sentiment_public.csv"]


def test_the_same_rows_give_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    rows = read_public_sentiment(Settings()).rows
    (first,) = write_sentiment(rows, tmp_path / "1")
    (second,) = write_sentiment(rows.iloc[::-1], tmp_path / "2")
    assert first.read_bytes() == second.read_bytes()


# Real sentences


def test_the_uci_sentences_are_read_as_they_are_published(real_data: Path, tmp_path: Path) -> None:
    parquet = real_data / "uci_sentiment_sentences" / "sentences.parquet"
    from_parquet = read_public_sentiment(Settings(public_sentiment_file=str(parquet)))
    published = pd.read_parquet(parquet)
    assert len(from_parquet.rows) == 2983
    assert from_parquet.problems == ["17 repeated sentences were left out."]
    assert not from_parquet.rows.is_synthetic.any()
    assert set(from_parquet.rows.source) == {"amazon", "imdb", "yelp"}
    assert from_parquet.rows.label.value_counts().to_dict() == (
        published.assign(text=published.text.str.strip())
        .drop_duplicates(["source", "text"])
        .label.astype(str)
        .value_counts()
        .to_dict()
    )
    # The collection itself comes as lines of text, tab and label, without a header or quoting.
    lines = "".join(f"{text}\t{label}\n" for text, label in zip(published.text, published.label, strict=True))
    from_lines = read_file(tmp_path, lines, "sentences.txt")
    assert set(from_lines.rows.text) == set(from_parquet.rows.text)
