"""All files of `data/raw` as raw tables, with an account of where each record went.

Files are taken for what they hold, not for their names. As soon as one of them is
the shop's own, files that this project generated are left out. How a file is
split into records and which columns mean what is told elsewhere (`records.py`,
`formats/`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis.expr.types as ir

from custbehav_dagster.contract import raw
from custbehav_dagster.sources.look import look_at_all
from custbehav_dagster.sources.unpack import Unpacker

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend

    from custbehav_dagster.settings import Settings

SHOP_TABLES = (
    raw.CUSTOMERS,
    raw.ORDERS,
    raw.ORDER_ITEMS,
    raw.FEEDBACK,
    raw.SUBSCRIBERS,
    raw.LISTINGS,
    raw.EXCHANGE_RATES,
)


@dataclass(frozen=True)
class Inbox:
    """What lay in `data/raw`.

    The tables are lazy and read from staged files that last as long as the
    connection, or until `close` is called.

    Attributes:
        tables: raw.customers, orders, order_items, feedback, subscribers and listings, by noun.
        sentences: labelled sentences, as raw.sentiment_public.
        files: raw.ingested_files, one row per file, member of an archive or sheet of a
            workbook; one of which nothing was read has no rows in, kept or quarantined,
            and a note that says why.
        amounts: raw.file_amounts, one row per file and currency.
        quarantine: raw.quarantine.
        has_real_shop_file: whether any of the shop's own files is there.
    """

    tables: dict[str, ir.Table]
    sentences: ir.Table
    files: ir.Table
    amounts: ir.Table
    quarantine: ir.Table
    has_real_shop_file: bool
    close: Callable[[], None]


def has_shop_file(settings: Settings) -> bool:
    """Whether a file of the shop's own is in `data/raw`, judged by the first part of each file.

    Raises:
        SourceFailure: the manifest of generated files is damaged.
    """
    with Unpacker(settings.warehouse_path.parent, is_for_a_look=True) as unpacker:
        return any(look.is_real_shop_file for look in look_at_all(settings.raw_path, unpacker))


def read_inbox(con: Backend, settings: Settings) -> Inbox:
    """Read each file below `data/raw`; none is passed over in silence, and no file makes this fail.

    Files of the same bytes are read once. Generated files that are no shop files
    (posts, pages, sentences) are read by sources of their own and not listed.

    Raises:
        SourceFailure: records cannot be staged (a full disk), or the manifest of
            generated files is damaged.
        LostLinesError: a reader lost lines, which is a fault of this program.
    """
    from custbehav_dagster.sources.reading import Reading

    folder = settings.warehouse_path.parent
    reading = Reading(con, folder, settings.currency)
    try:
        with Unpacker(folder) as unpacker:
            looks = list(look_at_all(settings.raw_path, unpacker))
            has_real = any(look.is_real_shop_file for look in looks)
            for look in looks:
                if look.account.is_synthetic and not look.is_shop_file:
                    continue
                reading.take(look, is_left_out=look.account.is_synthetic and has_real)
            reading.share_out()
        return Inbox(
            {table.noun: reading.table(table) for table in SHOP_TABLES},
            reading.sentences(),
            reading.files(),
            reading.amounts(),
            reading.table(raw.QUARANTINE),
            has_real,
            reading.close,
        )
    except BaseException:
        reading.close()
        raise
