"""Every line of a text file lands in the header, among blanks, in a good record or in one with a problem."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custbehav_dagster.sources import records as reader
from custbehav_dagster.sources.records import LONGEST_RECORD, Record, read_records, read_runs

cells = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
tidy_cells = st.text("ab,;\"'\n é€", max_size=8)


def read(text: str | bytes, separator: str = ",") -> list[Record]:
    data = text.encode() if isinstance(text, str) else text
    return list(read_records(io.BytesIO(data), separator))


def good(records: list[Record]) -> list[list[str]]:
    return [record.cells for record in records if record.cells and not record.problem]


def bad(records: list[Record]) -> list[tuple[int, str]]:
    return [(record.line, record.problem) for record in records if record.problem]


def written(rows: list[list[str]], line_end: str = "\n", separator: str = ",") -> str:
    file = io.StringIO(newline="")
    # Python's writer leaves a lone return unquoted unless all cells are quoted.
    quoting = csv.QUOTE_ALL if any("\r" in cell for row in rows for cell in row) else csv.QUOTE_MINIMAL
    csv.writer(file, lineterminator=line_end, delimiter=separator, quoting=quoting).writerows(rows)
    return file.getvalue()


def test_a_record_knows_the_line_it_starts_on() -> None:
    records = read('a,b\n\n1,"x\ny"\n2,z\n')
    assert [(one.line, one.cells) for one in records] == [
        (1, ["a", "b"]),
        (2, []),
        (3, ["1", "x\ny"]),
        (5, ["2", "z"]),
    ]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("is_closed", [True, False])
def test_each_kind_of_line_end_parts_records(line_end: str, is_closed: bool) -> None:
    text = line_end.join(["a,b", "1,2", "3,4"]) + (line_end if is_closed else "")
    assert good(read(text)) == [["a", "b"], ["1", "2"], ["3", "4"]]


def test_mixed_line_ends_part_records_with_exact_lines() -> None:
    records = read("a,b\r\n1,2\n3,4\r5,6\n\r\n7,8")
    assert [(one.line, one.cells) for one in records] == [
        (1, ["a", "b"]),
        (2, ["1", "2"]),
        (3, ["3", "4"]),
        (4, ["5", "6"]),
        (5, []),
        (6, ["7", "8"]),
    ]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("1,2", "has 2 cells where the header has 3"),
        ("1,2,3,4", "has 4 cells where the header has 3"),
        ("1,\0,3", "holds bytes that are no text: the file is damaged here"),
        ('1,"2"x,3', "has a quote inside a quoted cell that is not doubled"),
        ('1,"2,3', "has a quote inside a quoted cell that is not doubled"),
    ],
)
def test_a_bad_record_has_a_problem_and_its_neighbours_do_not(row: str, problem: str) -> None:
    records = read(f'a,b,c\n1,1,1\n{row}\n2,2,2\n"3",3,3\n')
    assert good(records)[1:] == [["1", "1", "1"], ["2", "2", "2"], ["3", "3", "3"]]
    assert bad(records) == [(3, problem)]


def test_a_short_record_says_which_cell_is_missing_first() -> None:
    short = read("a,b,c\n1,2\n")[1]
    assert (short.missing_from, short.cells) == (2, ["1", "2"])


@pytest.mark.parametrize(
    ("surplus", "row", "is_good"),
    [
        (0, "1,2", True),
        (0, "1,2,", False),
        (0, "1,5,50,", False),
        (2, "1,2", True),
        (2, "1,2,,", True),
        (2, "1,2,", False),
        (2, "1,2,,,", False),
        (2, "1,2,,x", False),
        (2, '"1",2,,', True),
        (2, '"1\n1",2,,', True),
        (2, '"1\n1",2,', False),
    ],
)
def test_empty_cells_behind_the_others_are_accepted_only_as_many_as_the_file_has(
    surplus: int, row: str, is_good: bool
) -> None:
    records = list(read_records(io.BytesIO(f"a,b\n{row}\n3,4\n".encode()), ",", surplus))
    assert (len(good(records)) == 3) == is_good
    assert all(len(one) == 2 for one in good(records))


def test_a_record_that_may_have_come_apart_says_so() -> None:
    assert bad(read("a,b,c\n1,5,50,\n")) == [
        (
            2,
            "has 4 cells where the header has 3 "
            "(the last is empty, so that a ',' in a cell may have moved the others)",
        )
    ]


def test_a_quote_that_is_never_closed_costs_one_line() -> None:
    records = read('a,b\n1,x\n2,"y\n3,z\n4,w\n')
    assert good(records) == [["a", "b"], ["1", "x"], ["3", "z"], ["4", "w"]]
    assert bad(records) == [(3, "has a quote that is never closed")]


def test_two_stray_quotes_do_not_swallow_the_lines_between_them() -> None:
    rows = "".join(f"{number},x\n" for number in range(100))
    records = read(f'a,b\n1,"y\n{rows}2,"z\n')
    assert len(good(records)) == 101
    assert [line for line, _ in bad(records)] == [2, 103]


def test_a_quote_closed_rows_later_gives_them_back_when_the_record_does_not_fit() -> None:
    records = read('a,b,c\n1,"x\n3,y,4\n5,z"\n')
    assert good(records)[1:] == [["3", "y", "4"]]
    assert bad(records) == [
        (2, "has a quote that is closed 2 lines below only, which makes 2 cells where the header has 3"),
        (4, "has 2 cells where the header has 3"),
    ]


def test_a_quote_in_the_middle_of_a_cell_is_a_letter() -> None:
    assert good(read('a,b\n5" nail,x\n')) == [["a", "b"], ['5" nail', "x"]]


@pytest.mark.parametrize("size", [LONGEST_RECORD - 2, LONGEST_RECORD + 2, 10_000_000])
@pytest.mark.parametrize("is_last", [True, False])
def test_a_record_of_more_than_a_million_characters_is_a_problem_of_its_own(size: int, is_last: bool) -> None:
    tail = "" if is_last else "\n2,z\n"
    records = read("a,b\n1,y\n1," + "x" * size + tail)
    is_too_long = size + 2 > LONGEST_RECORD
    assert [line for line, _ in bad(records)] == ([3] if is_too_long else [])
    assert len(good(records)) == 2 + (not is_too_long) + (not is_last)
    assert all(len(record.text) <= reader.LONGEST_SHOWN for record in records if record.problem)


def test_a_quoted_cell_of_two_million_characters_on_many_lines_spares_the_rest() -> None:
    records = read('a,b\n1,"' + "word word\n" * 200_000 + '"\n2,z\n3,w\n')
    assert good(records) == [["a", "b"], ["2", "z"], ["3", "w"]]
    assert bad(records)[0] == (2, "has a quote that is never closed")


def test_bytes_that_are_no_utf8_are_refused_rather_than_guessed() -> None:
    with pytest.raises(UnicodeDecodeError):
        read(b"a,b\n\xff,1\n")


def test_lines_that_were_not_accounted_for_raise(monkeypatch: pytest.MonkeyPatch) -> None:
    miscounting = property(lambda window: 7, lambda window, value: None)
    monkeypatch.setattr(reader._TextWindow, "physical_lines", miscounting, raising=False)
    with pytest.raises(reader.LostLinesError):
        read("a,b\n1,2\n")


@given(
    st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=8),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(",;\t|"),
)
def test_well_formed_files_are_read_as_the_csv_module_reads_them(
    rows: list[list[str]], line_end: str, separator: str
) -> None:
    text = written([["x", "y", "z"], *rows], line_end, separator)
    expected = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    records = read(text, separator)
    assert good(records) == expected
    assert not bad(records)


@given(
    st.lists(st.sampled_from(["1,2", "3,4,5", "6", "", '"', '"a\nb",c', "\0", "é,ü", '"x"y,1', ",", "  "])),
    st.data(),
)
def test_no_line_of_a_dirty_file_is_lost_or_counted_twice(lines: list[str], data: st.DataObject) -> None:
    ends = data.draw(
        st.lists(st.sampled_from(["\n", "\r\n", "\r"]), min_size=len(lines), max_size=len(lines))
    )
    text = "a,b\n" + "".join(line + end for line, end in zip(lines, ends, strict=True))
    records = read(text)
    physical = io.StringIO(text, newline="").readlines()
    place = 1
    for record in records:
        assert record.line == place
        place += record.lines
    assert place == len(physical) + 1
    blank = [line for line in physical if not line.strip()]
    assert sum(1 for record in records if not record.cells and not record.problem) <= len(blank)


@given(st.text('a,"\n\r\0;é', max_size=60), st.integers(1, 9), st.integers(1, 40))
def test_where_the_text_is_cut_into_parts_makes_no_difference(text: str, chunk: int, longest: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "LONGEST_RECORD", longest)
        patch.setattr(reader, "BLOCK_CHARACTERS", 7)
        whole = read("x,y\n" + text)
        patch.setattr(reader, "CHUNK_BYTES", chunk)
        parts = read("x,y\n" + text)
    assert [(one.line, one.cells, one.problem) for one in parts] == [
        (one.line, one.cells, one.problem) for one in whole
    ]


@given(st.lists(st.lists(tidy_cells, min_size=2, max_size=2), max_size=30))
def test_runs_hold_the_same_records_as_single_records(rows: list[list[str]]) -> None:
    data = written([["x", "y"], *rows, *[["1", "2"]] * 5]).encode()
    runs, separate = [], list(read_records(io.BytesIO(data), ","))
    for part in read_runs(io.BytesIO(data), ","):
        if isinstance(part, Record):
            runs.append((part.line, part.cells))
        else:
            columns = part.columns(",", 2)
            runs += [(part.line + n, list(row)) for n, row in enumerate(zip(*columns, strict=True))]
    assert runs == [(record.line, record.cells) for record in separate]
