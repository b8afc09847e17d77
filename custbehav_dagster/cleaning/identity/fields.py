"""What each record says of who somebody is, brought to one notation, so that equal means equal.

Which equal things make two records one person is told in `evidence`.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from custbehav_dagster.cleaning.cells import attach, has_content
from custbehav_dagster.cleaning.customers import EMAIL_IDENTIFIER, buyer_identifier
from custbehav_dagster.cleaning.identity.names import first_word, last_word, plain_words
from custbehav_dagster.warehouse.working import settled

GUEST_IDENTIFIER = "guest:"
"""What the identifier of an order without an account begins with."""

ONE_MAILBOX = ("gmail.com", "googlemail.com")
"""Providers that deliver `j.smith` and `jsmith` to one mailbox."""

SHORTEST_TELEPHONE, NATIONAL_FIGURES = 7, 9
SHORTEST_POSTCODE = 3
EIGHT_FIGURES = "45|47|65|852|853|372|373|506|507"
"""Calling codes of countries whose numbers have eight figures."""

COUNTRY_NAMES = {
    "UK": "GB", "UNITED KINGDOM": "GB", "GREAT BRITAIN": "GB", "ENGLAND": "GB", "SCOTLAND": "GB",
    "WALES": "GB", "NORTHERN IRELAND": "GB", "UNITED STATES": "US", "UNITED STATES OF AMERICA": "US",
    "USA": "US", "GERMANY": "DE", "DEUTSCHLAND": "DE", "FRANCE": "FR", "IRELAND": "IE",
    "REPUBLIC OF IRELAND": "IE", "CANADA": "CA", "AUSTRALIA": "AU", "NEW ZEALAND": "NZ", "ITALY": "IT",
    "ITALIA": "IT", "SPAIN": "ES", "ESPAÑA": "ES", "NETHERLANDS": "NL", "THE NETHERLANDS": "NL",
    "NEDERLAND": "NL", "BELGIUM": "BE", "AUSTRIA": "AT", "ÖSTERREICH": "AT", "SWITZERLAND": "CH",
    "SCHWEIZ": "CH", "SWEDEN": "SE", "NORWAY": "NO", "DENMARK": "DK", "FINLAND": "FI", "POLAND": "PL",
    "PORTUGAL": "PT", "JAPAN": "JP",
}  # fmt: skip


def address_in(identifier: ir.StringValue) -> ir.StringValue:
    """The mail address that an identifier was made from, else NULL."""
    is_made = identifier.startswith(EMAIL_IDENTIFIER)
    return ibis.ifelse(is_made, identifier.replace(EMAIL_IDENTIFIER, ""), ibis.null("string"))


def mailbox(email: ir.StringValue) -> ir.StringValue:
    """Where mail to this address arrives: without `+tag`, and without dots where they do not count."""
    is_plain = ~(email.contains("+") | email.endswith("gmail.com") | email.endswith("googlemail.com"))
    local = email.re_replace(r"(?:\+[^@]*)?@.*$", "")
    domain = email.re_replace(r"^[^@]*@", "")
    is_dotless = domain.isin(ONE_MAILBOX)
    brought = ibis.ifelse(is_dotless, local.replace(".", "") + "@gmail.com", local + "@" + domain)
    return ibis.ifelse(is_plain, email, brought)


def telephone_key(phone: ir.StringValue) -> ir.StringValue:
    """The last nine figures, which are the same with and without the country's code; NULL for stand-ins."""
    figures = phone.re_replace(r"[^0-9+]", "")
    figures = ibis.ifelse(
        figures.startswith("+") | figures.startswith("00"),
        figures.re_replace(rf"^(?:\+|00)(?:{EIGHT_FIGURES})([0-9]{{8}})$", r"\1"),
        figures,
    ).replace("+", "")
    key = ibis.ifelse(figures.length() > NATIONAL_FIGURES, figures.right(NATIONAL_FIGURES), figures)
    is_number = (key.length() >= SHORTEST_TELEPHONE) & (key.replace(key.left(1), "").length() > 1)
    return ibis.ifelse(is_number & ~key.isin(("123456789", "234567890", "1234567")), key, ibis.null("string"))


def postcode_key(postcode: ir.StringValue) -> ir.StringValue:
    """Letters and figures in capitals; of American codes the five figures that are always given."""
    plain = postcode.upper().replace(" ", "").replace("-", "")
    is_long_zip = (plain.length() == 9) & plain.re_search(r"^[0-9]{9}$")
    plain = ibis.ifelse(is_long_zip, plain.left(5), plain)
    return ibis.ifelse(plain.length() >= SHORTEST_POSTCODE, plain, ibis.null("string"))


def country_key(country: ir.StringValue) -> ir.StringValue:
    """A two-letter code; NULL for what is none and not in COUNTRY_NAMES, which then contradicts nothing."""
    code = country.upper().substitute(COUNTRY_NAMES)
    return ibis.ifelse(code.length() == 2, code, ibis.null("string"))


def all_records(customers: ir.Table, orders: ir.Table, subscribers: ir.Table | None = None) -> ir.Table:
    """Everything that has an identifier: customer records, mailing list entries, and buyers without a record.

    Returns:
        `record_id, email, name, postcode, phone, country, signup_date, source`, one row
        per identifier; `source` is `record`, `list` or `order`.
    """
    parts = [
        customers.select(
            *("email", "name", "postcode", "phone", "country", "signup_date"),
            record_id="customer_id",
            source=ibis.literal("record"),
        )
    ]
    if subscribers is not None:
        parts.append(_only_on_lists(subscribers, customers))
    buyers = orders.filter(orders.customer_id.notnull()).select(record_id="customer_id").distinct()
    for part in parts:
        buyers = buyers.anti_join(part, "record_id")
    parts.append(_bare(buyers, email=address_in(buyers.record_id), source=ibis.literal("order")))
    return ibis.union(*(part.select(*_RECORD) for part in parts), distinct=False)


_RECORD = ("record_id", "email", "name", "postcode", "phone", "country", "signup_date", "source")


def _only_on_lists(subscribers: ir.Table, customers: ir.Table) -> ir.Table:
    entries = subscribers.filter(subscribers.email.notnull())
    entries = entries.mutate(record_id=ibis.literal(EMAIL_IDENTIFIER) + entries.email)
    new = entries.anti_join(customers, entries.record_id == customers.customer_id)
    people = new.group_by("record_id").aggregate(
        email=new.email.min(), name=new.name.max(), signup_date=new.subscribed_at.min().cast("date")
    )
    return _bare(people, source=ibis.literal("list"))


def _bare(table: ir.Table, **values: ir.Value) -> ir.Table:
    """The records with `values` and nothing else known."""
    known = {name: table[name] for name in table.columns} | values
    types = {name: "date" if name == "signup_date" else "string" for name in _RECORD}
    return table.select(**{name: known.get(name, ibis.null(kind)) for name, kind in types.items()})


def fields(records: ir.Table, gifts: ir.Table | None = None) -> ir.Table:
    """`all_records` with comparable fields: `mailbox, local, words, first, last, phone, postcode, country`.

    Args:
        records: as `all_records` gives them.
        gifts: as `gift_places` gives them; a postcode that only a present went to is
            the recipient's and says nothing of the buyer.
    """
    table = records.select(
        *("record_id", "signup_date", "source"),
        mailbox=mailbox(records.email),
        words=plain_words(records.name),
        phone=telephone_key(records.phone),
        postcode=postcode_key(records.postcode),
        country=country_key(records.country),
    )
    # Kept aside, since the words are asked for several times and dear to find.
    table = settled(table)
    table = table.mutate(
        local=table.mailbox.split("@")[0],
        first=first_word(table.words),
        last=last_word(table.words),
        words=table.words.join(" ").nullif(""),
    )
    if gifts is None:
        return table
    table = attach(table, gifts, {"record_id": "buyer", "postcode": "gift_postcode"})
    is_recipients = (table.recipient != table.words).fill_null(False)
    return table.mutate(postcode=ibis.ifelse(is_recipients, ibis.null("string"), table.postcode)).drop(
        "recipient"
    )


def gift_places(raw_orders: ir.Table) -> ir.Table:
    """Where parcels of each buyer went to somebody with a name: `buyer, gift_postcode, recipient`."""
    sent = raw_orders.filter(
        has_content(raw_orders.recipient_name), has_content(raw_orders.recipient_postcode)
    )
    sent = sent.select(
        buyer=buyer_identifier(sent),
        gift_postcode=postcode_key(sent.recipient_postcode),
        recipient=plain_words(sent.recipient_name).join(" "),
    )
    # A postcode to which something went under two names is one household's: the smaller name decides.
    return sent.group_by("buyer", "gift_postcode").aggregate(recipient=sent.recipient.min())
