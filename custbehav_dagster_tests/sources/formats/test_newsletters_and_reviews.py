"""What a made-up shop exports from Mailchimp, Klaviyo and Judge.me is read back cell by cell."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import ibis
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from custbehav_dagster.settings import Settings
from custbehav_dagster.sources.inbox import read_inbox
from custbehav_dagster.sources.synthetic.exports import judgeme_reviews as reviews_export
from custbehav_dagster.sources.synthetic.exports import newsletters as lists_export
from custbehav_dagster.sources.synthetic.exports.judgeme_reviews import SPAM, handle_of, write_judgeme_reviews
from custbehav_dagster.sources.synthetic.exports.newsletters import (
    profile_of,
    write_klaviyo_profiles,
    write_mailchimp_audience,
)
from custbehav_dagster.sources.synthetic.exports.truth import make_export_shop
from custbehav_dagster.sources.synthetic.exports.writing import local_text
from custbehav_dagster_tests.sources.formats.read_back import naive, read_back, true_rows
from custbehav_dagster_tests.sources.inbox_folder import account, check_balance, put, rows

PEOPLE = 14
SHOP = make_export_shop(PEOPLE, 1)
# Each example reads whole files: looking for the smallest that fails would read hundreds.
PHASES = (Phase.explicit, Phase.generate)
MOMENT = "%Y-%m-%d %H:%M:%S"


@settings(max_examples=1, phases=PHASES)
@given(
    seed=st.integers(0, 1000),
    variant=st.sampled_from(lists_export.MAILCHIMP_VARIANTS),
    quirks=st.frozensets(st.sampled_from(sorted(lists_export.MAILCHIMP_QUIRKS)), max_size=5),
)
@example(seed=1, variant="FNAME", quirks=frozenset(lists_export.MAILCHIMP_QUIRKS - {"imported"}))
def test_an_audience_of_mailchimp_is_read_back_with_its_consent(
    con: ibis.BaseBackend, seed: int, variant: str, quirks: frozenset[str]
) -> None:
    quirks = quirks - {"single_opt_in"} if "imported" in quirks else quirks
    shop = make_export_shop(PEOPLE, seed)
    with tempfile.TemporaryDirectory() as folder:
        write_mailchimp_audience(shop, Path(folder) / "raw", variant, quirks)
        found = read_back(con, Path(folder), shop)
    states = {row["format"]: row["variant"] for row in found.files().values()}
    assert set(states) == {"mailchimp_audience"}
    assert {row["variant"] for row in found.files().values()} == {"subscribed", "unsubscribed", "cleaned"}
    has_proof = "single_opt_in" not in quirks
    read = {row["email"]: row for row in found.raw_rows("subscribers")}
    for person in true_rows(shop.subscribers):
        row = read.pop(person["email"])
        joined = local_text(person["subscribed_at"], shop.timezone, MOMENT)
        left = local_text(person["unsubscribed_at"], shop.timezone, MOMENT)
        assert (row["status"], row["platform"]) == (person["status"], "mailchimp")
        assert (row["subscribed_at"], row["unsubscribed_at"] or "") == (joined, left)
        assert row["consent_source"] == f"Mailchimp, {'confirmed' if has_proof else 'opted in'} {joined}"
        assert (row["tags"] or "") == (person["tags"] or "").replace('"', "")
        assert row["name"] == (None if variant == "e-mail only" else person["name"])
    assert not read


@settings(max_examples=1, phases=PHASES)
@given(
    seed=st.integers(0, 1000),
    variant=st.sampled_from(lists_export.KLAVIYO_VARIANTS),
    quirks=st.frozensets(st.sampled_from(sorted(lists_export.KLAVIYO_QUIRKS))),
)
@example(seed=1, variant="states", quirks=lists_export.KLAVIYO_QUIRKS)
def test_profiles_of_klaviyo_are_read_back_with_their_consent(
    con: ibis.BaseBackend, seed: int, variant: str, quirks: frozenset[str]
) -> None:
    shop = make_export_shop(PEOPLE, seed)
    with tempfile.TemporaryDirectory() as folder:
        write_klaviyo_profiles(shop, Path(folder) / "raw", variant, quirks)
        found = read_back(con, Path(folder), shop)
    (file,) = found.files().values()
    assert (file["format"], file["confidence"]) == ("klaviyo_profiles", 1)
    listed = {person["email"]: person for person in true_rows(shop.subscribers)}
    for row in found.raw_rows("subscribers"):
        person = listed.get(row["email"])
        assert row["status"] == (person["status"] if person else "nonsubscribed")
        is_in = row["status"] == "subscribed"
        joined = local_text(person["subscribed_at"], "UTC", "%Y-%m-%dT%H:%M:%S+00:00") if person else ""
        assert (row["subscribed_at"] or "") == (joined if is_in else "")
        assert row["consent_source"] == (f"Klaviyo, subscribed {joined}" if is_in else None)
    assert set(listed) <= {row["email"] for row in found.raw_rows("subscribers")}
    check_profiles(found.customers(), [one for one in true_rows(shop.customers) if one["email"]])


def check_profiles(read: dict[str, dict[str, Any]], people: list[dict[str, Any]]) -> None:
    for number, person in enumerate(people):
        row = read[profile_of(number)]
        assert (row["name"], row["email"], row["phone"]) == (person["name"], person["email"], person["phone"])
        assert (row["postcode"], row["country"]) == (person["postcode"], person["country"])
        assert row["accepts_marketing"] is False


def test_a_suppressed_address_is_not_subscribed_whatever_was_agreed(
    con: ibis.BaseBackend, tmp_path: Path
) -> None:
    states = [
        ("SUBSCRIBED", "", "subscribed"),
        ("SUBSCRIBED", "[]", "subscribed"),
        ("2024-01-05 10:00:00", "", "subscribed"),
        ("SUBSCRIBED", "HARD_BOUNCE", "cleaned"),
        ("SUBSCRIBED", "INVALID_EMAIL", "cleaned"),
        ("SUBSCRIBED", "USER_SUPPRESSED", "unsubscribed"),
        ("SUBSCRIBED", "SPAM_COMPLAINT", "unsubscribed"),
        ("UNSUBSCRIBED", "", "unsubscribed"),
        ("NEVER_SUBSCRIBED", "", "nonsubscribed"),
        ("", "", "nonsubscribed"),
    ]
    configured = Settings(data_dir=str(tmp_path))
    lines = [
        f"a{number}@b.org,01G{number},{consent},{why}" for number, (consent, why, _) in enumerate(states)
    ]
    header = "Email,Klaviyo ID,Email Marketing Consent,Email Suppressions"
    put(configured, "k.csv", "\n".join([header, *lines]))
    found = rows(read_inbox(con, configured).tables["subscribers"], "status", "consent_source")
    assert [status for status, _ in found] == [status for _, _, status in states]
    assert all((source is not None) == (status == "subscribed") for status, source in found)


@settings(max_examples=1, phases=PHASES)
@given(
    seed=st.integers(0, 1000),
    variant=st.sampled_from(reviews_export.VARIANTS),
    quirks=st.frozensets(st.sampled_from(sorted(reviews_export.QUIRKS - {"spam"}))),
)
@example(seed=1, variant="export", quirks=frozenset(reviews_export.QUIRKS - {"spam"}))
def test_reviews_of_judge_me_are_read_back(
    con: ibis.BaseBackend, seed: int, variant: str, quirks: frozenset[str]
) -> None:
    shop = make_export_shop(PEOPLE, seed)
    with tempfile.TemporaryDirectory() as folder:
        write_judgeme_reviews(shop, Path(folder) / "raw", variant, quirks)
        found = read_back(con, Path(folder), shop)
    (file,) = found.files().values()
    assert (file["format"], file["variant"]) == ("judgeme_reviews", variant)
    title = "In short\n" if "titles" in quirks else ""
    truth = true_rows(shop.feedback)
    assert [
        (row["customer_id"], row["rating"], row["text"], row["created_at"]) for row in found.feedback()
    ] == [
        (
            f"email:{review['email']}" if review["email"] else None,
            review["rating"],
            (title + review["text"]).strip(),
            naive(review["written_at"]),
        )
        for review in truth
    ]
    products = [row["product"] for row in found.raw_rows("feedback")]
    assert products == [handle_of(review["product"]) for review in truth]


def test_what_judge_me_holds_for_spam_is_put_aside_with_the_reason(
    con: ibis.BaseBackend, tmp_path: Path
) -> None:
    configured = Settings(data_dir=str(tmp_path))
    write_judgeme_reviews(SHOP, configured.raw_path, "export", {"spam"})
    inbox = read_inbox(con, configured)
    check_balance(inbox)
    (file,) = account(inbox).values()
    assert (file["rows_in"], file["rows_quarantined"]) == (len(SHOP.feedback) + 1, 1)
    ((reason, text),) = rows(inbox.quarantine, "reason", "raw_text")
    assert reason == "Judge.me holds the review for spam."
    assert SPAM["body"] in text
