"""What speaks for two records being one person, and how much.

Each kind of evidence is found by an equal key (a block), never by comparing all with
all. `STRENGTH` is the share of pairs joined by that evidence alone that were one
person in generated records whose people are known (see `benchmarks/identity.py`).
Who is joined in the end is decided in `components`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

if TYPE_CHECKING:
    import pyarrow as pa

BY_OWNER = "joined by you"
SAME_EMAIL = "same e-mail"
NAME_PHONE, NAME_POSTCODE = "same name and telephone", "same name and postcode"
NAME_MAILBOX = "same name and start of e-mail"
ALIKE_PHONE, ALIKE_POSTCODE = "same telephone, name alike", "same postcode, name mistyped"
INITIAL_POSTCODE = "same postcode and surname, initial fits"

STRENGTH = {
    BY_OWNER: 1.0, NAME_PHONE: 0.999, NAME_POSTCODE: 0.999, ALIKE_POSTCODE: 0.998, SAME_EMAIL: 0.996,
    NAME_MAILBOX: 0.96, ALIKE_PHONE: 0.95, INITIAL_POSTCODE: 0.9,
}  # fmt: skip

MOST_NAMES_PER_ADDRESS = 4
MOST_RECORDS_PER_ADDRESS = 10
"""An address on more nameless records, or under more names, is a stand-in (none@…, the shop's own)."""

MOST_NAMES_IN_BLOCK = 30
"""More different names under one telephone, postcode or mailbox name are not compared with one another."""

EXPECTED_BY_CHANCE = 0.1
"""A name and postcode that so many pairs of strangers would share by chance are no evidence."""
EXPECTED_NAMESAKES = 0.05
"""The same of a name, for addresses that only repeat the name (jane.smith@)."""
OWN_LETTERS = 4
"""Letters a mailbox must have beside the name to say more than the name; figures are often just a year."""


def same_email(table: ir.Table) -> ir.Table:
    """Pairs of one mailbox: `record, other, evidence`, each record beside the smallest of its mailbox."""
    known = table.filter(table.mailbox.notnull())
    bearer = known.words.coalesce(known.record_id)
    blocks = known.group_by("mailbox").aggregate(
        centre=known.record_id.min(),
        records=known.count(),
        bearers=bearer.nunique(),
        names=known.words.nunique(),
    )
    good = blocks.filter(
        (blocks.records > 1)
        & (blocks.bearers <= MOST_RECORDS_PER_ADDRESS)
        & (blocks.names <= MOST_NAMES_PER_ADDRESS)
    )
    return _beside_centre(known, good, ["mailbox"], SAME_EMAIL)


def same_name(table: ir.Table) -> ir.Table:
    """Pairs of one full name with one telephone, postcode or mailbox name, in the shape of `same_email`."""
    # An initial is not a name: it may be that of anybody in the house.
    named = table.filter(table["first"].length() > 1)
    by_phone = _blocks(named, "phone")
    by_postcode = _blocks(named, "postcode")
    by_local = _blocks(named, "local")
    parts = (
        _beside_centre(named, by_phone, ["first", "last", "phone"], NAME_PHONE, ("country",)),
        _beside_centre(
            named,
            _beyond_chance(by_postcode, named),
            ["first", "last", "postcode"],
            NAME_POSTCODE,
            ("country",),
        ),
        _beside_centre(
            named,
            _says_more(by_local, named),
            ["first", "last", "local"],
            NAME_MAILBOX,
            ("country", "postcode"),
        ),
    )
    return ibis.union(*parts, distinct=False)


def _blocks(named: ir.Table, column: str) -> ir.Table:
    known = named.filter(named[column].notnull())
    blocks = known.group_by("first", "last", column).aggregate(
        centre=known.record_id.min(),
        centre_country=known.country.argmin(known.record_id),
        centre_postcode=known.postcode.argmin(known.record_id),
        records=known.count(),
    )
    return blocks.filter(blocks.records > 1)


def _beyond_chance(blocks: ir.Table, named: ir.Table) -> ir.Table:
    """Blocks of a name and postcode that hardly two strangers would share."""
    bearers = named.group_by(first_="first", last_="last").aggregate(bearers=named.count())
    neighbours = named.group_by(postcode_="postcode").aggregate(neighbours=named.count())
    total = named.count().as_scalar()
    joined = blocks.join(bearers, [blocks["first"] == bearers.first_, blocks["last"] == bearers.last_])
    joined = joined.join(neighbours, joined.postcode == neighbours.postcode_)
    by_chance = (joined.bearers - joined.records) * (joined.neighbours - joined.records) / total
    return joined.filter(by_chance <= EXPECTED_BY_CHANCE)


def _says_more(blocks: ir.Table, named: ir.Table) -> ir.Table:
    """Blocks of a name and mailbox name that is the person's own, or whose name is rare."""
    firsts = named.group_by(first_="first").aggregate(with_first=named.count())
    lasts = named.group_by(last_="last").aggregate(with_last=named.count())
    total = named.count().as_scalar()
    joined = blocks.join(firsts, blocks["first"] == firsts.first_)
    joined = joined.join(lasts, joined["last"] == lasts.last_)
    namesakes = (joined.with_first - joined.records) * (joined.with_last - joined.records) / total
    rest = joined.local.re_replace(r"[^\p{L}]", "").replace(joined["last"], "").replace(joined["first"], "")
    return joined.filter((rest.length() >= OWN_LETTERS) | (namesakes <= EXPECTED_NAMESAKES))


def _beside_centre(
    table: ir.Table, blocks: ir.Table, keys: list[str], evidence: str, against: tuple[str, ...] = ()
) -> ir.Table:
    """Each record of a block beside the block's centre, unless what they say of `against` differs."""
    lookup = blocks.select(
        "centre",
        *(f"centre_{name}" for name in against),
        **{f"{key}_of_block": blocks[key] for key in keys},
    )
    joined = table.join(lookup, [table[key] == lookup[f"{key}_of_block"] for key in keys])
    found = joined.filter(joined.record_id != joined.centre)
    for name in against:
        found = found.filter((found[name] == found[f"centre_{name}"]).fill_null(True))
    return found.select(record="record_id", other="centre", evidence=ibis.literal(evidence))


def alike_names(table: ir.Table) -> ir.Table:
    """Pairs of different names in one block, to be judged by `alike.judge_alike`.

    Blocks are a telephone, a postcode with first name, and a postcode with surname. Of
    records with the same name in a block one stands for all.

    Returns:
        `kind, key, record, first, last, other_first, other_last, other`; kind is
        `telephone`, or which of the names differs.
    """
    named = table.filter(table["last"].notnull())
    parts = [
        _members(named.filter(named.phone.notnull()), "telephone", named.phone),
        _members(
            named.filter(named.postcode.notnull(), named["first"].length() > 1),
            "surname", named.postcode + " " + named["first"],
        ),
        _members(
            named.filter(named.postcode.notnull(), named["first"].notnull()),
            "first name", named.postcode + " " + named["last"],
        ),
    ]  # fmt: skip
    members = ibis.union(*parts, distinct=False)
    sizes = members.group_by(kind_="kind", key_="key").aggregate(names=members.count())
    sizes = sizes.filter(sizes.names.between(2, MOST_NAMES_IN_BLOCK))
    members = members.semi_join(sizes, [members.kind == sizes.kind_, members.key == sizes.key_])
    others = members.view().rename({f"other_{name}": name for name in members.columns})
    pairs = members.join(
        others,
        [
            members.kind == others.other_kind,
            members.key == others.other_key,
            members.record < others.other_record,
        ],
    )
    slip = ibis.cases(
        (pairs.kind == "surname", pairs["last"].levenshtein(pairs.other_last) <= 2),
        (
            pairs.kind == "first name",
            (pairs["first"].levenshtein(pairs.other_first) <= 2)
            | (pairs["first"].length() == 1)
            | (pairs.other_first.length() == 1),
        ),
        else_=True,
    )
    agrees = (pairs.country == pairs.other_country).fill_null(True)
    return pairs.filter(slip & agrees).select(
        "kind", "key", "record", "first", "last", "other_first", "other_last", other="other_record"
    )


def bearers_of_words(table: ir.Table, pairs: pa.Table) -> dict[tuple[str, str], int]:
    """With how many surnames each first name of `pairs` is borne, and with how many first names each surname.

    Runs a query; the keys are (`first` or `last`, the word).
    """
    import pyarrow as pa

    counts: dict[tuple[str, str], int] = {}
    for column, beside in (("first", "last"), ("last", "first")):
        written = {*pairs[column].to_pylist(), *pairs[f"other_{column}"].to_pylist()}
        words = sorted(written - {None})
        asked = ibis.memtable(pa.table({"word": pa.array(words, pa.string())}))
        found = table.semi_join(asked, table[column] == asked.word)
        grouped = found.group_by(word=found[column]).aggregate(bearers=found[beside].nunique())
        counts |= {(column, row["word"]): row["bearers"] for row in grouped.to_pyarrow().to_pylist()}
    return counts


def _members(known: ir.Table, kind: str, key: ir.StringValue) -> ir.Table:
    keyed = known.mutate(key=key)
    grouped = keyed.group_by("key", "first", "last").aggregate(
        record=keyed.record_id.min(), country=keyed.country.argmin(keyed.record_id)
    )
    return grouped.select("key", "first", "last", "record", "country", kind=ibis.literal(kind))
