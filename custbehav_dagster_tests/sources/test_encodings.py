"""Text in any of the usual encodings becomes UTF-8, and what is no text is marked."""

from __future__ import annotations

from pathlib import Path

import pytest

from custbehav_dagster.sources.encodings import (
    decode_head,
    eight_bit_encoding,
    file_encoding,
    wide_encoding,
    write_utf8,
)

TEXT = "name,town\nZoë,Köln\nAndré,Łódź\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_the_head_of_a_file_is_read_in_its_encoding(encoding: str) -> None:
    assert decode_head(TEXT.encode(encoding)) == TEXT


@pytest.mark.parametrize("cut", range(1, 5))
def test_a_letter_cut_in_two_at_the_end_of_the_head_is_left_out(cut: int) -> None:
    assert TEXT.startswith(decode_head(TEXT.encode()[:-cut]))


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("latin2", ""),
    ],
)
def test_wide_encodings_are_told_by_their_bytes(encoding: str, expected: str) -> None:
    assert wide_encoding(TEXT.encode(encoding)) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("caf\xe9".encode("latin-1"), "latin-1"),
        ("“café” 5€".encode("cp1252"), "cp1252"),
        (b"caf\xe9 \x81", "latin-1"),
        ("Zoë\nLeïla\n".encode() + b"caf\xe9\n", "utf-8"),
        ("Zoë\n".encode() + b"caf\xe9\nTom\xe9\n", "latin-1"),
    ],
)
def test_one_byte_encodings_are_told_by_evidence(tmp_path: Path, data: bytes, expected: str) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(data)
    assert eight_bit_encoding(path) == expected


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"])
def test_a_large_file_becomes_utf8_letter_for_letter(tmp_path: Path, encoding: str) -> None:
    text = "id,town\r\n" + "".join(f"{number},Köln é\r\n" for number in range(120_000))
    source, target = tmp_path / "file.csv", tmp_path / "utf8.csv"
    source.write_bytes(text.encode(encoding))
    write_utf8(source, file_encoding(source) or encoding, target)
    assert target.read_bytes().decode() == text


def test_bytes_that_are_no_text_become_nul(tmp_path: Path) -> None:
    source, target = tmp_path / "file.csv", tmp_path / "utf8.csv"
    source.write_bytes("Zoë,1\n".encode() + b"caf\xe9,2\n")
    write_utf8(source, "utf-8", target)
    assert target.read_bytes().decode() == "Zoë,1\ncaf\0,2\n"
