"""Tables of labelled sentences in the dialects they come in, and those that are none."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custbehav_dagster.sources.labelled_texts import HEAD_BYTES, read_labelled
from custbehav_dagster.sources.result import SourceFailure


def read(content: str | bytes) -> tuple[list[tuple[str, str]], list[str]]:
    """Text and label of each row, and the problems."""
    data = content.encode() if isinstance(content, str) else content
    table, problems = read_labelled(lambda: pa.BufferReader(data), "The file")
    return list(zip(table["text"].to_pylist(), table["label"].to_pylist(), strict=True)), problems


TWO = [("Good", "1"), ("Bad", "0")]


@pytest.mark.parametrize(
    "content",
    [
        "text,label\nGood,1\nBad,0\n",
        "text,label\nGood,1\nBad,0",
        "text,label\r\nGood,1\r\nBad,0\r\n",
        "text,label\rGood,1\rBad,0\r",
        "\n\ntext,label\n\nGood,1\n\nBad,0\n\n",
        '"text","label"\n"Good","1"\n"Bad","0"\n',
        "text;label\nGood;1\nBad;0\n",
        "text\tlabel\nGood\t1\nBad\t0\n",
        "text|label\nGood|1\nBad|0\n",
        "Good\t1\nBad\t0\n",
        "id,Label,when,Text\n7,1,x,Good\n8,0,y,Bad\n",
        " Sentence , Sentiment \nGood,1\nBad,0\n",
        "review,sentiment\nGood,1\nBad,0\n",
        "Review Text,Rating\nGood,1\nBad,0\n",
        "content,class\nGood,1\nBad,0\n",
        "rating,label,review,text\n5,1,x,Good\n1,0,x,Bad\n",
        "\ufefftext,label\nGood,1\nBad,0\n",
        "text,label\nGood,1\nBad,0\n".encode("utf-16"),
        "\ufefftext,label\nGood,1\nBad,0\n".encode("utf-16-be"),
    ],
)
def test_a_table_is_recognised_by_its_header(content: str | bytes) -> None:
    assert read(content) == (TWO, [])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_letters_survive_the_encodings_of_spreadsheets(encoding: str) -> None:
    assert read("text,label\n“Crème” für £5,1\n".encode(encoding)) == ([("“Crème” für £5", "1")], [])


def test_an_odd_letter_far_down_a_large_file_is_found_too() -> None:
    lines = ["text,label", *["plain,1"] * 20_000, "Crème,0", ""]
    content = "\n".join(lines).encode("cp1252")
    assert len(content) > HEAD_BYTES
    rows, problems = read(content)
    assert rows[-1] == ("Crème", "0")
    assert problems == []


def test_quotation_marks_are_letters_in_the_layout_without_header() -> None:
    content = 'He said "no\t0\n"Fine"\t1\nA line\x85with an odd character\t1\n'
    assert read(content)[0] == [
        ('He said "no', "0"),
        ('"Fine"', "1"),
        ("A line\x85with an odd character", "1"),
    ]


@pytest.mark.parametrize(
    ("dtype", "expected"), [("int64", "1"), ("float64", "1"), ("str", "1"), ("category", "1")]
)
def test_parquet_is_read_with_labels_as_text(dtype: str, expected: str) -> None:
    buffer = io.BytesIO()
    labels = pd.Series([1]).astype(dtype) if dtype != "category" else pd.Series(["1"]).astype("category")
    pd.DataFrame({"other": [0], "Label": labels, "review": ["Good"]}).to_parquet(buffer)
    assert read(buffer.getvalue()) == ([("Good", expected)], [])


# What cannot be read in part


@pytest.mark.parametrize(
    ("content", "expected_rows", "expected_lines"),
    [
        ("text,label\nGood,1\nBad,0\nlonely\n", TWO, 1),
        ("text,label\nGood,1\nBad,0\none,two,three\nlonely\n", TWO, 2),
        ('text,label\nGood,1\nBad,0\n"never closed,1\n', TWO, 1),
        (
            'text,label\nGood,1\nA,1\nB,1\n"never closed,1\nC,0\n"closed",1\n',
            [("Good", "1"), ("A", "1"), ("B", "1")],
            3,
        ),
        ('label,text\n1,Good\n0,Bad\n1,A\n1,"never closed\n0,B\n1,"closed"\n', [*TWO, ("A", "1")], 3),
        ('text,label\nGood,1\nBad,0\nA,1\nB,"1\nC,0\nD,1"\n', [*TWO, ("A", "1")], 3),
    ],
)
def test_lines_that_cannot_be_told_apart_are_left_out_and_counted(
    content: str, expected_rows: list[tuple[str, str]], expected_lines: int
) -> None:
    rows, problems = read(content)
    assert rows == expected_rows
    assert len(problems) == 1
    assert problems[0].startswith(f"{expected_lines} line{'s' if expected_lines > 1 else ''} of The file ")


def test_a_text_of_several_lines_is_no_problem() -> None:
    rows, problems = read('text,label\n"First line.\n\nIt has 1, 0 and ""quotes"".",1\nBad,0\n')
    assert rows == [('First line.\n\nIt has 1, 0 and "quotes".', "1"), ("Bad", "0")]
    assert problems == []


def test_a_file_that_is_mostly_unreadable_fails() -> None:
    swallowed = "".join(f"sentence {number},1\n" for number in range(100))
    with pytest.raises(SourceFailure, match=r"101 of its lines .* quotation marks"):
        read(f'text,label\nGood,1\n"never closed,1\n{swallowed}')


# What is no such table


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            "name,stars\nx,1\n",
            "has the columns 'name', 'stars'; it needs one named text, sentence, review or content",
        ),
        (
            "text,colour\nx,1\n",
            "has the columns 'text', 'colour'; it needs one named label, sentiment, rating or class",
        ),
        ("Good mug;1\nBad mug;0\n", "has the columns 'Good mug', '1'; it needs"),
        ("just words\nand more\n", "has the columns 'just words'; it needs"),
        ("   \n\n", "is empty"),
        (b"\x1c", "is empty"),
        (b" " * 70_000, "is empty"),
        ("<!doctype html>\n<html>text,label</html>", "is a web page"),
        (b"\x00\x01\x02\x03" * 50, "is not a text file"),
        (gzip.compress(b"text,label\nGood,1\n", mtime=0), "is compressed"),
        (b"PK\x03\x04 a spreadsheet", "is compressed or a spreadsheet"),
        (b"PAR1 cut short", "damaged or cut short"),
        ("text,label\nA\x81\x8dB\n".encode("latin-1") + b"\xff\xfe,1\n", "cannot be read|damaged"),
    ],
)
def test_what_is_no_table_of_sentences_is_one_plain_sentence(content: str | bytes, expected: str) -> None:
    with pytest.raises(SourceFailure, match=expected) as failure:
        read(content)
    assert str(failure.value).startswith("The file ")
    assert "\n" not in str(failure.value)


def test_a_long_header_is_not_repeated_in_full() -> None:
    header = ",".join(f"column {number} {'x' * 100}" for number in range(500))
    with pytest.raises(SourceFailure) as failure:
        read(f"{header}\n1,2\n")
    assert len(str(failure.value)) < 800


# A label can then not stand in a text, where it would look like the end of a record.
TEXTS = st.text("abé€🎁 \",;\t|'\n\r", min_size=1).filter(str.strip)


@given(st.lists(st.tuples(TEXTS, st.sampled_from(["0", "1"])), min_size=1))
def test_whatever_is_written_as_csv_is_read_back(rows: list[tuple[str, str]]) -> None:
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows([("text", "label"), *rows])
    assert read(written.getvalue()) == (rows, [])


def sentence_or_rows(content: bytes) -> str | tuple[list[tuple[str, str]], list[str]]:
    """What an owner gets to see of a file; any other exception passes through."""
    try:
        return read(content)
    except SourceFailure as failure:
        return str(failure)


@given(st.sampled_from([b"", b"text,label\n", b"PAR1"]), st.binary(max_size=300))
def test_any_bytes_are_rows_or_one_sentence(start: bytes, content: bytes) -> None:
    outcome = sentence_or_rows(start + content)
    assert not isinstance(outcome, str) or outcome.startswith("The file ")


@given(st.text('ab,"\n1', max_size=60))
def test_any_lines_below_a_header_are_rows_or_counted_or_one_sentence(lines: str) -> None:
    outcome = sentence_or_rows(f"text,label\n{lines}".encode())
    if isinstance(outcome, str):
        assert outcome.startswith("The file ")
        return
    rows, problems = outcome
    lines_read = sum(text.count("\n") + 1 for text, _ in rows)
    assert problems or lines_read >= sum(1 for line in lines.split("\n") if line)


def test_a_file_on_disk_is_read_without_a_copy(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("text,label\nGood,1\n")
    table, _ = read_labelled(lambda: pa.memory_map(str(path)), "The file")
    assert table["text"].to_pylist() == ["Good"]
