"""Which record is which person, under strict and under loose matching, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import ibis
import ibis.expr.types as ir

from custbehav_dagster.cleaning.cells import attach
from custbehav_dagster.cleaning.customers import EMAIL_IDENTIFIER
from custbehav_dagster.cleaning.identity.alike import judge_alike
from custbehav_dagster.cleaning.identity.choices import ChosenPairs, pairs_of
from custbehav_dagster.cleaning.identity.components import Links, Name, connected
from custbehav_dagster.cleaning.identity.evidence import (
    BY_OWNER,
    SAME_EMAIL,
    STRENGTH,
    alike_names,
    bearers_of_words,
    same_email,
    same_name,
)
from custbehav_dagster.cleaning.identity.fields import (
    GUEST_IDENTIFIER,
    all_records,
    fields,
    gift_places,
)
from custbehav_dagster.contract import truth
from custbehav_dagster.warehouse.working import settled

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

Matching = Literal["strict", "loose"]

CERTAIN = (BY_OWNER, SAME_EMAIL)
"""Evidence of strict matching."""

OWN_EVIDENCE = {"record": "own record", "list": "mailing list only", "order": "orders only"}
"""What is said of a record that stands for its person, by where it comes from."""


def link_customers(
    cleaned_customers: ir.Table,
    cleaned_orders: ir.Table,
    *,
    subscribers: ir.Table | None = None,
    raw_orders: ir.Table | None = None,
    choices: ir.Table | None = None,
    matching: Matching = "loose",
) -> ir.Table:
    """Which person each identifier is, and why, keeping `contract.truth.CUSTOMER_LINKS`.

    Strict matching joins records of one mailbox (and, since identifiers are unique,
    of one account); loose matching joins by all evidence in `evidence`. Both
    obey the owner's choices. A person bears the identifier of the record with the
    earliest sign-up, then real identifiers before made ones, then the smallest; an entry
    of a mailing list only when there is nothing else.

    Args:
        cleaned_customers: keeps `contract.cleaned.CUSTOMERS`.
        cleaned_orders: keeps `contract.cleaned.ORDERS`; buyers without a record are
            people too.
        subscribers: keeps `contract.cleaned.SUBSCRIBERS`; who is only on a mailing
            list is a person without orders.
        raw_orders: keeps `contract.raw.ORDERS`; tells which postcodes are those of
            people who were given presents.
        choices: keeps `contract.truth.CHOSEN_PAIRS`.
        matching: which of the two `customer_id` follows.
    """
    records = all_records(cleaned_customers, cleaned_orders, subscribers)
    table = settled(fields(records, None if raw_orders is None else gift_places(raw_orders)))
    found = _found_links(table)
    chosen = pairs_of(choices) if choices is not None else ChosenPairs([], [])
    groups = _groups(table, found, chosen, matching)
    return truth.CUSTOMER_LINKS.conform(_with_people(table, groups, matching))


def _found_links(table: ir.Table) -> pa.Table:
    """All pairs that some evidence joins, in a stable order: `record, other, evidence`."""
    import pyarrow as pa

    exact = ibis.union(same_email(table), same_name(table), distinct=False)
    found = exact.order_by("record", "other", "evidence").to_pyarrow()
    pairs = alike_names(table).to_pyarrow()
    judged = sorted(judge_alike(pairs, bearers_of_words(table, pairs))) if pairs.num_rows else []
    columns = list(zip(*judged, strict=True)) or [(), (), ()]
    alike = pa.table([pa.array(column, pa.string()) for column in columns], names=found.column_names)
    return pa.concat_tables([found.cast(alike.schema), alike])


def _groups(table: ir.Table, found: pa.Table, chosen: ChosenPairs, matching: Matching) -> ir.Table:
    """The linked records with their groups under both matchings, and the evidence of the chosen one.

    Returns:
        `linked_id, strict_group, loose_group, evidence, strength, joined_with`.
    """
    import pandas as pd
    import pyarrow as pa

    own = pd.DataFrame(chosen.joined, columns=["record", "other"]).assign(evidence=BY_OWNER)
    pairs = pd.concat([own, found.to_pandas()], ignore_index=True).astype(object)
    links, identifiers = _links_of(pairs, chosen, table)
    strict, strict_used = connected(links, only_certain=True)
    loose, loose_used = connected(links)
    best = _strongest(pairs[strict_used if matching == "strict" else loose_used])
    linked = pd.DataFrame({"linked_id": identifiers, "strict_group": strict, "loose_group": loose})
    linked = linked.merge(best, "left", left_on="linked_id", right_on="record").drop(columns="record")
    schema = pa.schema(
        [
            ("linked_id", pa.string()),
            ("strict_group", pa.int64()),
            ("loose_group", pa.int64()),
            ("evidence", pa.string()),
            ("strength", pa.float64()),
            ("joined_with", pa.string()),
        ]
    )
    return ibis.memtable(pa.Table.from_pandas(linked, schema, preserve_index=False))


def _links_of(pairs: pd.DataFrame, chosen: ChosenPairs, table: ir.Table) -> tuple[Links, np.ndarray]:
    """The pairs as numbered links, and the identifiers by their numbers."""
    import numpy as np
    import pandas as pd

    everybody = [pairs.record.to_numpy(), pairs.other.to_numpy(), np.array([*sum(chosen.apart, ())], object)]
    numbers, identifiers = pd.factorize(np.concatenate(everybody))
    count = len(pairs)
    apart: dict[int, set[int]] = {}
    for one, other in zip(
        numbers[2 * count :: 2].tolist(), numbers[2 * count + 1 :: 2].tolist(), strict=True
    ):
        apart.setdefault(one, set()).add(other)
        apart.setdefault(other, set()).add(one)
    names, known_names = _names_of(table, identifiers)
    links = Links(
        count=len(identifiers),
        first=numbers[:count],
        second=numbers[count : 2 * count],
        strength=pairs.evidence.map(STRENGTH).to_numpy(float),
        certain=pairs.evidence.isin(CERTAIN).to_numpy(bool),
        names=names,
        known_names=known_names,
        apart=apart,
    )
    return links, identifiers


def _names_of(table: ir.Table, identifiers: np.ndarray) -> tuple[np.ndarray, list[Name]]:
    """For each identifier the number of its name (-1 without one), and the names by number."""
    import pandas as pd
    import pyarrow as pa

    asked = ibis.memtable(pa.table({"asked": pa.array(identifiers, pa.string())}))
    found = table.filter(table["last"].notnull()).semi_join(asked, table.record_id == asked.asked)
    told = found.select("record_id", first=found["first"].fill_null(""), last=found["last"]).to_pandas()
    words = (told["first"] + " " + told["last"]).astype(object)
    numbers, names = pd.factorize(words)
    of_record = pd.Series(numbers, told.record_id.astype(object)).reindex(identifiers, fill_value=-1)
    parts = (name.partition(" ") for name in names)
    return of_record.to_numpy(), [(first or None, last) for first, _, last in parts]


def _strongest(pairs: pd.DataFrame) -> pd.DataFrame:
    """For each record its strongest link, certain ones first: `record, joined_with, evidence, strength`."""
    import pandas as pd

    there = pairs.rename(columns={"other": "joined_with"})
    back = pairs.rename(columns={"record": "joined_with", "other": "record"})
    sides = pd.concat([there, back], ignore_index=True)
    sides["strength"] = sides.evidence.map(STRENGTH).astype(float)
    sides["is_certain"] = sides.evidence.isin(CERTAIN)
    ranked = sides.sort_values(["is_certain", "strength"], ascending=False, kind="stable")
    return ranked.drop_duplicates("record").drop(columns="is_certain")


def _with_people(table: ir.Table, groups: ir.Table, matching: Matching) -> ir.Table:
    """Every record with the person it is under each matching; unlinked records stand for themselves."""
    told = table.select("record_id", "signup_date", "source")
    table = attach(told, groups, {"record_id": "linked_id"})
    alone = table.filter(table.loose_group.isnull())
    linked = table.filter(table.loose_group.notnull())
    made = linked.record_id.startswith(EMAIL_IDENTIFIER) | linked.record_id.startswith(GUEST_IDENTIFIER)
    # Whoever is known by more than an address bears the identifier of that.
    is_listed = linked.source == "list"
    oldest_first = [
        *(is_listed, linked.signup_date.asc(nulls_first=False), made),
        *(linked.record_id.length(), linked.record_id),
    ]
    linked = linked.mutate(
        **{
            f"{name}_customer_id": linked.record_id.first().over(
                group_by=linked[f"{name}_group"], order_by=oldest_first
            )
            for name in ("strict", "loose")
        }
    )
    alone = alone.mutate(strict_customer_id=alone.record_id, loose_customer_id=alone.record_id)
    table = ibis.union(linked, alone.select(*linked.columns), distinct=False)
    person = table[f"{matching}_customer_id"]
    is_own = person == table.record_id
    own = ibis.cases(*((table.source == source, words) for source, words in OWN_EVIDENCE.items()))
    return table.mutate(
        record_customer_id=table.record_id,
        customer_id=person,
        evidence=ibis.ifelse(is_own, own, table.evidence),
        strength=ibis.ifelse(is_own, ibis.literal(1).cast("float64"), table.strength),
        joined_with=ibis.ifelse(is_own, ibis.null("string"), table.joined_with),
    )
