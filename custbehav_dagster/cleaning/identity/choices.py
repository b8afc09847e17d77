"""The owner's word on who is one person and who is not, from a small file of pairs.

A CSV in data/raw with the columns `record`, `other_record` and `decision`, where a
record is a customer identifier or a mail address (which stands for all records with
it) and the decision is `same person` or `different people`. Any name will do.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import ibis
import ibis.expr.types as ir

from custbehav_dagster.cleaning.identity.fields import all_records
from custbehav_dagster.contract import truth

COLUMNS = ("record", "other_record", "decision")
FORMAT = "who_is_who"
"""Name of the format in raw.ingested_files."""

SAME, DIFFERENT = "same person", "different people"
WORDS = {
    SAME: SAME, "same": SAME, "join": SAME, "always join": SAME, "yes": SAME,
    DIFFERENT: DIFFERENT, "different": DIFFERENT, "never": DIFFERENT, "never join": DIFFERENT,
    "no": DIFFERENT,
}  # fmt: skip
WHICH = {"what stands under record": "record", "what stands under other_record": "other_record"}


@dataclass(frozen=True)
class ChosenPairs:
    """Pairs of records that the owner joins, and that the owner keeps apart."""

    joined: list[tuple[str, str]]
    apart: list[tuple[str, str]]


def pairs_of(choices: ir.Table) -> ChosenPairs:
    """The pairs of truth.chosen_pairs that can be followed, in a stable order."""
    good = choices.filter(choices.problem.isnull()).order_by("record_customer_id", "other_customer_id")
    rows = (
        good.select("decision", "record_customer_id", "other_customer_id").distinct().to_pyarrow().to_pylist()
    )
    by_decision: dict[str, list[tuple[str, str]]] = {SAME: [], DIFFERENT: []}
    for row in rows:
        by_decision[row["decision"]].append((row["record_customer_id"], row["other_customer_id"]))
    return ChosenPairs(sorted(by_decision[SAME]), sorted(by_decision[DIFFERENT]))


def files_of_pairs(ingested_files: ir.Table, raw_folder: Path) -> list[Path]:
    """The files that were recognised as the owner's pairs, by name."""
    names = ingested_files.filter(ingested_files.format == FORMAT).source_file.to_pyarrow().to_pylist()
    return [raw_folder / name for name in sorted(names)]


def chosen_pairs(
    files: Iterable[Path],
    raw_folder: Path,
    customers: ir.Table,
    orders: ir.Table,
    subscribers: ir.Table | None = None,
) -> tuple[ir.Table, list[str]]:
    """The owner's pairs, each record looked up, keeping `contract.truth.CHOSEN_PAIRS`, and all problems.

    A line that cannot be followed (an unknown record, an unclear decision, a
    contradiction of another line) stays, with its problem in a sentence.

    Args:
        files: the files of this format.
        raw_folder: the folder they are in; their names are told from there.
        customers, orders, subscribers: cleaned tables; what they name can be paired.
    """
    import pyarrow as pa

    places = [(path, path.relative_to(raw_folder).as_posix()) for path in files]
    written = [row for path, name in places if path.is_file() for row in _lines(path, name)]
    packed: list[dict[str, object]] = [
        {"source_file": name, "source_line": 1, "problem": f"{name}: save these pairs as a CSV of its own."}
        for path, name in places
        if not path.is_file()
    ]
    if not written and not packed:
        return truth.CHOSEN_PAIRS.empty(), []
    texts = {str(line[column]) for line in written for column in WHICH.values()}
    known = _known(all_records(customers, orders, subscribers), texts) if texts else {}
    rows = packed + [pair for line in written for pair in _pairs(line, known)]
    _note_contradictions(rows)
    schema = truth.CHOSEN_PAIRS.schema.to_pyarrow()
    table = truth.CHOSEN_PAIRS.conform(ibis.memtable(pa.Table.from_pylist(rows, schema)))
    return table, list(dict.fromkeys(str(row["problem"]) for row in rows if row.get("problem")))


def _lines(path: Path, name: str) -> list[dict[str, object]]:
    text = path.read_bytes().decode("utf-8-sig", "replace")
    first_line = text.partition("\n")[0]
    separator = max(",;\t", key=first_line.count)
    reader = csv.reader(text.splitlines(), delimiter=separator)
    header = [cell.strip().lower().replace(" ", "_") for cell in next(reader, [])]
    places = {column: header.index(column) for column in COLUMNS if column in header}
    rows: list[dict[str, object]] = []
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        told = {c: cells[p].strip() if p < len(cells) else "" for c, p in places.items()}
        rows.append({"source_file": name, "source_line": reader.line_num,
                     **{column: told.get(column, "") for column in COLUMNS}})  # fmt: skip
    return rows


def _known(records: ir.Table, written: set[str]) -> dict[str, list[str]]:
    """The identifiers that each written text stands for."""
    import pyarrow as pa

    asked = ibis.memtable(pa.table({"asked": sorted(written | {text.lower() for text in written})}))
    by_id = records.semi_join(asked, records.record_id == asked.asked)
    by_email = records.semi_join(asked, records.email == asked.asked)
    found: dict[str, set[str]] = {}
    for table, key in ((by_id, "record_id"), (by_email, "email")):
        for row in table.select("record_id", key_=table[key]).to_pyarrow().to_pylist():
            found.setdefault(row["key_"], set()).add(row["record_id"])
    return {text: sorted(found.get(text) or found.get(text.lower()) or ()) for text in written}


def _pairs(line: dict[str, object], known: dict[str, list[str]]) -> list[dict[str, object]]:
    """One row per pair of records that the line stands for, or one with its problem."""
    place = {name: line[name] for name in ("source_file", "source_line")}
    where = f"{line['source_file']}, line {line['source_line']}"
    decision = WORDS.get(str(line["decision"]).strip().lower().replace("_", " "))
    problem = ""
    unknown = [which for which, column in WHICH.items() if not known[str(line[column])]]
    if decision is None:
        problem = f"{where}: the decision must be '{SAME}' or '{DIFFERENT}'."
    elif not line["record"] or not line["other_record"]:
        problem = f"{where}: two records are needed, in the columns record and other_record."
    elif unknown:
        problem = (
            f"{where}: {' and '.join(unknown)} belongs to no customer, neither as identifier nor as mail "
            "address; look for a slip."
        )
    ones, others = known[str(line["record"])], known[str(line["other_record"])]
    pairs = [(one, other) for one in ones for other in others if one != other]
    if not problem and not pairs:
        problem = f"{where}: both are the same record."
    if problem:
        return [{**place, "decision": decision, "problem": problem}]
    if decision == SAME:
        # One thread through all of them joins them as well as every pair does.
        everyone = list(dict.fromkeys([*ones, *others]))
        pairs = [(everyone[0], other) for other in everyone[1:]]
    return [
        {**place, "decision": decision, "record_customer_id": one, "other_customer_id": other}
        for one, other in pairs
    ]


def _note_contradictions(rows: list[dict[str, object]]) -> None:
    """Give rows that keep apart what other rows join a problem; the joining is followed."""
    parent: dict[object, object] = {}

    def root(one: object) -> object:
        while parent.setdefault(one, one) != one:
            one = parent[one]
        return one

    good = [row for row in rows if not row.get("problem")]
    for row in good:
        if row["decision"] == SAME:
            parent[root(row["other_customer_id"])] = root(row["record_customer_id"])
    for row in good:
        if row["decision"] == DIFFERENT and root(row["record_customer_id"]) == root(row["other_customer_id"]):
            row["problem"] = (
                f"{row['source_file']}, line {row['source_line']}: these are kept apart here, "
                "but other lines make them one person; remove one of them."
            )
