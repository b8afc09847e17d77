"""Whether a person may be written to, from what their records and mailing lists say, and when.

Absent proof means no. A withdrawal counts unless consent was given later, with a date.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from custbehav_dagster.cleaning.categories import says_yes
from custbehav_dagster.cleaning.cells import has_content, trimmed

WITHDRAWN_WORDS = (
    "unsubscribed", "unsubscribe", "opted out", "opted-out", "opt-out", "opt out", "withdrawn", "revoked",
    "cleaned", "bounced", "suppressed",
)  # fmt: skip
ONLY = "only"
"""A source such as `bought on Etsy only` tells that nobody was asked, which is no refusal."""

_SAYS_NOTHING = (
    r"^(yes|y|true|x|on|0|1|none|null|nil|nan|na|n a|empty|blank|missing|other|misc|unspecified|tbc|tbd|todo|"
    r"(not|never) (asked|known|given|recorded|applicable|available|stated|specified|sure|set)|"
    r"no (record|records|proof|source|data|idea|info|information|answer|reply))$|\b(unknown|unclear|unsure)\b"
)
_BOUGHT_ONLY = r"\b(bought|purchased?|ordered|orders?|buyer|customer|sales?)\b.* only$"
_NOT_TAKEN_BACK = r"\b(not|never|can|could|may) (opt|opted|unsubscribed?|withdraw|withdrawn|revoked)( out)?\b"
_TAKES_BACK = (
    r"\b(unsubscribed|opt(ed)? out|withdrawn|withdrew|withdrawal|revoked|bounced|suppressed|complained|"
    r"spam complaint|removed|objected)\b|^(unsubscribe|cleaned)$"
)
_REFUSES = r"^(no|not|never|without|false)\b|\b(refused|declined|rejected|did not|do not|does not)\b"


def _words(source: ir.StringValue) -> ir.StringValue:
    """The source in small letters, words one space apart, without what says that nobody withdrew."""
    words = source.fill_null("").lower().re_replace(r"[^\p{L}\p{N}]+", " ").strip()
    return words.re_replace(_NOT_TAKEN_BACK, "").strip()


def withdraws_consent(source: ir.StringValue) -> ir.BooleanValue:
    """True where a source tells of a withdrawal, such as `unsubscribed` or `withdrawn 2024-05-01`."""
    return _words(source).re_search(_TAKES_BACK)


def _refuses(source: ir.StringValue) -> ir.BooleanValue:
    words = _words(source)
    return words.re_search(_REFUSES) & ~words.re_search(_SAYS_NOTHING)


def proves_consent(source: ir.StringValue) -> ir.BooleanValue:
    """True where a source can be one: not empty, not `unknown` or `n/a`, no refusal, no mere purchase."""
    words = _words(source)
    proves_nothing = "|".join((_SAYS_NOTHING, _BOUGHT_ONLY, _TAKES_BACK, _REFUSES))
    return (words != "") & ~words.re_search(proves_nothing)


def consent_state(
    answer: ir.StringValue, source: ir.StringValue, is_proven: ir.BooleanValue
) -> ir.StringValue:
    """What a customer record says of consent: a word of `contract.cleaned.CONSENT_STATES`.

    Args:
        answer: whether mail is accepted, as written.
        source: where that comes from, as written.
        is_proven: whether a yes can be believed.
    """
    word = trimmed(answer).lower()
    return ibis.cases(
        (word.isin(WITHDRAWN_WORDS) | withdraws_consent(source), "withdrawn"),
        (is_proven, "given"),
        (says_yes(answer) & _refuses(source), "refused"),
        (says_yes(answer) | ~has_content(answer), "unasked"),
        (source.lower().endswith(ONLY), "unasked"),
        else_="refused",
    )


def entry_facts(entries: ir.Table) -> ir.Table:
    """What the mailing lists say of each person.

    Args:
        entries: rows of cleaned.subscribers with `person_id`.

    Returns:
        One row per `person`: whether and when consent was given last (`list_given`,
        `list_given_at`), its proof and address (`list_proof`, `list_proof_email`), when
        it was withdrawn last (`list_withdrawn_at`; `list_withdrawn_undated` when that
        is not told), and `list_email`, `list_name`, `list_date`, `list_is_synthetic`.
    """
    gives = entries.is_consent_proven & (
        entries.unsubscribed_at.isnull() | (entries.subscribed_at > entries.unsubscribed_at)
    ).fill_null(False)
    takes_back = entries.status.isin(("unsubscribed", "cleaned")) | (entries.is_consent_proven & ~gives)
    table = entries.mutate(gives=gives, takes_back=takes_back)
    by_date = table.subscribed_at.coalesce(ibis.timestamp("1970-01-01 00:00:00"))
    return table.group_by(person=table.person_id).aggregate(
        list_given=table.gives.any(),
        list_given_at=table.subscribed_at.max(where=table.gives),
        list_proof=table.consent_source.argmax(by_date, where=table.gives),
        list_proof_email=table.email.argmax(by_date, where=table.gives),
        list_withdrawn_at=table.unsubscribed_at.max(where=table.takes_back),
        list_withdrawn_undated=(table.takes_back & table.unsubscribed_at.isnull()).any(),
        list_email=table.email.min(),
        list_name=table.name.max(),
        list_date=table.subscribed_at.min().cast("date"),
        list_is_synthetic=table.is_synthetic.any(),
    )


def may_be_written_to(people: ir.Table) -> tuple[ir.BooleanValue, ir.StringValue, ir.StringValue]:
    """Whether each person may be written to, where that is proven, and the address it holds for.

    Consent is given by a mailing list or a record. It falls to a record's refusal, unless
    a list tells the day it was given; to any withdrawal without a date; and to a
    withdrawal that is not older than the day it was given.

    Args:
        people: with `gives`, `refuses`, `withdraws`, `proof`, `proof_email` of records
            and the columns of `entry_facts`, NULL where there are none.
    """
    by_record = people.gives.fill_null(False) & ~people.refuses.fill_null(False)
    by_list = people.list_given.fill_null(False) & (
        people.list_given_at.notnull() | ~people.refuses.fill_null(False)
    )
    is_later = people.list_withdrawn_at.isnull() | (
        people.list_given_at > people.list_withdrawn_at
    ).fill_null(False)
    is_undated = people.withdraws.fill_null(False) | people.list_withdrawn_undated.fill_null(False)
    accepts = (by_record | by_list) & is_later & ~is_undated
    nothing = ibis.null("string")
    source = ibis.ifelse(by_list, people.list_proof, people.proof)
    address = ibis.ifelse(by_list, people.list_proof_email, people.proof_email)
    return accepts, ibis.ifelse(accepts, source, nothing), ibis.ifelse(accepts, address, nothing)
