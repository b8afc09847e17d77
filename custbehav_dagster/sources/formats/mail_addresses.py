"""A list of mail addresses and nothing else: who is on it is known, and not whether they agreed."""

from __future__ import annotations

from collections.abc import Mapping

from custbehav_dagster.sources.formats.base import Cells, Format, Group, Head, Records
from custbehav_dagster.sources.formats.own import EMAIL


def _more_than_addresses(columns: Mapping[str, int], head: Head) -> str:
    return "it has more than addresses" if sum(1 for name in head.header if name.strip()) > 1 else ""


def _subscribers(cells: Cells) -> Records:
    # Without a state or its date nothing shows that anybody agreed to mail, so nothing says so here.
    return {"subscribers": cells.select("email")}


MAIL_ADDRESSES = Format(
    "mail_addresses",
    "a bare list of mail addresses, which shows nobody's consent",
    (EMAIL,),
    (Group("an e-mail", ("email",), required=True),),
    _subscribers,
    contradiction=_more_than_addresses,
)
