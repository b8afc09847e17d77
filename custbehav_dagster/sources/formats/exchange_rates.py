"""The owner's table of exchange rates: what one unit of a currency is worth in the shop's own."""

from __future__ import annotations

from collections.abc import Mapping

import ibis.expr.types as ir

from custbehav_dagster.sources.amounts import read_amount
from custbehav_dagster.sources.formats.base import (
    Cells,
    Field,
    Format,
    Group,
    Head,
    Records,
    Rejection,
    plain_name,
)
from custbehav_dagster.sources.formats.looks import looks_like_date, looks_like_number

FIELDS = (
    Field("rate_date", ("date", "rate_date", "day", "valid from"), looks_like_date, "dates"),
    Field("currency", ("currency", "currency code", "code"), lambda value: len(value.strip()) == 3, "codes"),
    Field("rate", ("rate", "exchange rate", "rate to shop currency"), looks_like_number, "rates"),
)
_OTHERS = {"orderid", "order", "ordernumber", "amount", "total", "grossamount", "price", "email", "quantity"}


def _not_rates(columns: Mapping[str, int], head: Head) -> str:
    return "it has orders or amounts" if _OTHERS & {plain_name(name) for name in head.header} else ""


def _tables(cells: Cells) -> Records:
    return {"exchange_rates": cells.select("rate_date", "currency", "rate")}


def _is_worth(rate: ir.StringValue) -> ir.BooleanValue:
    return (read_amount(rate) > 0) | rate.strip().re_search(r"^0?[.,]0*[1-9]\d*$")


EXCHANGE_RATES = Format(
    "exchange_rates",
    "a table of exchange rates",
    FIELDS,
    (
        Group("the column currency", ("currency",), required=True),
        Group("the column rate", ("rate",), required=True),
        Group("the column date", ("rate_date",)),
    ),
    _tables,
    reject=lambda cells: Rejection(
        ~(_is_worth(cells["rate"]) & cells["currency"].strip().re_search(r"^[A-Za-z]{3}$")).fill_null(False),
        "rate",
        "It is no currency code of three letters with a rate above zero.",
    ),
    contradiction=_not_rates,
    is_shop=False,
)
