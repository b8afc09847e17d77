"""Leave and pace that a site gives in its robots.txt."""

from __future__ import annotations

import pytest

from custbehav_dagster.settings import Settings
from custbehav_dagster.sources.pace import Pace
from custbehav_dagster.sources.result import SourceFailure
from custbehav_dagster.sources.web import read_pages
from custbehav_dagster_tests.sources.web.site import NOW, Reply, page, redirect


def robots(text: str) -> Reply:
    return Reply(text, media_type="text/plain")


@pytest.mark.parametrize(
    "rules",
    [
        "User-agent: *\nDisallow: /",
        "User-agent: *\nDisallow: /mug",
        "User-agent: *\nDisallow: /*mug",
        "User-agent: *\nDisallow: /mug$",
        "User-agent: *\nAllow: /\n\nUser-agent: custbehav_dagster\nDisallow: /mug",
        "\ufeffUser-agent: *\r\nDisallow: /mug",
    ],
)
def test_a_page_closed_by_the_robots_file_is_not_asked_for(site, read, rules) -> None:
    site.replies |= {"/robots.txt": robots(rules), "/mug": page()}
    with pytest.raises(SourceFailure, match=r"/mug is closed to programs by the site's robots\.txt"):
        read("/mug")
    assert site.asked == ["/robots.txt"]


@pytest.mark.parametrize(
    "rules",
    [
        "",
        "User-agent: *\nDisallow:",
        "User-agent: *\nDisallow: /cart",
        "User-agent: *\nDisallow: /\nAllow: /mug",
        "User-agent: OtherBot\nDisallow: /",
        "<html>No robots file here, have a page instead</html>",
    ],
)
def test_a_page_that_is_not_closed_is_read(site, read, rules) -> None:
    site.replies |= {"/robots.txt": robots(rules), "/mug": page("Mugs")}
    assert list(read("/mug").rows.title) == ["Mugs"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429])
def test_a_robots_file_that_is_not_given_closes_nothing(site, read, status) -> None:
    site.replies |= {"/robots.txt": Reply(status=status), "/mug": page("Mugs")}
    assert list(read("/mug").rows.title) == ["Mugs"]


@pytest.mark.parametrize("status", [500, 503])
def test_a_robots_file_that_cannot_be_given_closes_everything(site, read, status) -> None:
    site.replies |= {"/robots.txt": Reply(status=status), "/mug": page()}
    with pytest.raises(SourceFailure, match=rf"/mug was left out because .*/robots\.txt answered {status}"):
        read("/mug")
    assert site.asked == ["/robots.txt"]


def test_a_robots_file_that_takes_too_long_closes_everything(site, read) -> None:
    site.replies |= {"/robots.txt": lambda handler: handler.server.is_closing.wait(), "/mug": page()}
    with pytest.raises(
        SourceFailure, match=r"because .*/robots\.txt did not answer in full within 0.5 seconds"
    ):
        read("/mug", web_timeout_seconds=0.5)


def test_a_redirect_into_a_closed_path_is_not_followed(site, read) -> None:
    site.replies |= {
        "/robots.txt": robots("User-agent: *\nDisallow: /private"),
        "/open": redirect("/private/mug"),
        "/private/mug": page(),
    }
    with pytest.raises(
        SourceFailure, match=r"/open was left out because .*/private/mug is closed to programs"
    ):
        read("/open")
    assert site.asked == ["/robots.txt", "/open"]


@pytest.mark.parametrize("path", ["/public/../private", "/%70rivate", "/./private"])
def test_a_closed_path_is_closed_however_it_is_written(site, read, path) -> None:
    site.replies |= {"/robots.txt": robots("User-agent: *\nDisallow: /private"), "/private": page()}
    with pytest.raises(SourceFailure, match="is closed to programs"):
        read(path)
    assert site.asked == ["/robots.txt"]


def test_the_robots_file_of_another_site_decides_there(site, read) -> None:
    from custbehav_dagster_tests.sources.web.site import running_site

    with running_site() as other:
        other.replies |= {"/robots.txt": robots("User-agent: *\nDisallow: /"), "/mug": page()}
        site.replies["/mug"] = redirect(f"{other.address}/mug")
        with pytest.raises(SourceFailure, match="is closed to programs"):
            read("/mug")
        assert other.asked == ["/robots.txt"]


def test_the_robots_file_may_have_moved(site, read) -> None:
    site.replies |= {
        "/robots.txt": redirect("/rules.txt"),
        "/rules.txt": robots("User-agent: *\nDisallow: /mug"),
        "/mug": page(),
    }
    with pytest.raises(SourceFailure, match="is closed to programs"):
        read("/mug")


def test_the_robots_file_is_asked_for_once_per_site(site, read) -> None:
    site.replies |= {"/one": page("One"), "/two": page("Two")}
    read("/one", "/two")
    assert site.asked == ["/robots.txt", "/one", "/two"]


def test_of_a_very_long_robots_file_the_first_half_megabyte_counts(site, read) -> None:
    rules = "User-agent: *\nDisallow: /mug\n" + "# padding\n" * 100_000
    site.replies |= {"/robots.txt": robots(rules), "/mug": page()}
    with pytest.raises(SourceFailure, match="is closed to programs"):
        read("/mug")


def test_a_robots_file_that_would_multiply_into_gigabytes_closes_everything(site, read) -> None:
    names = "".join(f"User-agent: robot{number}\n" for number in range(10_000))
    site.replies |= {"/robots.txt": robots(names + "Disallow: /a\n" * 10_000), "/mug": page()}
    with pytest.raises(SourceFailure, match="holds too many rules to follow"):
        read("/mug")


def pauses_of(site, *paths: str) -> list[float]:
    pauses: list[float] = []
    settings = Settings(web_urls=[site.address + path for path in paths], web_allow_private=True)
    read_pages(settings, now=NOW, pace=Pace(sleep=pauses.append))
    return pauses


@pytest.mark.parametrize(
    ("rule", "at_least", "at_most"),
    [
        ("Crawl-delay: 4", 3, 4),
        ("Crawl-delay: 3600", 9, 10),
        ("Request-rate: 1/6", 5, 6),
        ("Crawl-delay: 2\nRequest-rate: 1/6", 5, 6),
    ],
)
def test_pages_are_asked_for_at_the_pace_the_site_wants_up_to_ten_seconds(
    site, rule, at_least, at_most
) -> None:
    site.replies |= {"/robots.txt": robots(f"User-agent: *\n{rule}"), "/one": page(), "/two": page()}
    (pause,) = pauses_of(site, "/one", "/two")
    assert at_least < pause <= at_most


@pytest.mark.parametrize("rule", ["", "Crawl-delay: 0", "Crawl-delay: soon", "Crawl-delay: -5"])
def test_without_a_wanted_pace_there_is_no_pause(site, rule) -> None:
    site.replies |= {"/robots.txt": robots(f"User-agent: *\n{rule}"), "/one": page(), "/two": page()}
    assert pauses_of(site, "/one", "/two") == []


def test_a_redirect_keeps_the_pace_too(site) -> None:
    site.replies |= {
        "/robots.txt": robots("User-agent: *\nCrawl-delay: 4"),
        "/old": redirect("/new"),
        "/new": page(),
    }
    assert len(pauses_of(site, "/old")) == 1
