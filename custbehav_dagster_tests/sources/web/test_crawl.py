"""Following a site's own links and maps: what is asked, what is kept, and what goes."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from custbehav_dagster.sources.pace import Pace
from custbehav_dagster.sources.result import Earlier, Fetched, SourceFailure
from custbehav_dagster_tests.sources.web.site import (
    NOW,
    Reply,
    Site,
    bomb,
    packed,
    page,
    redirect,
    running_site,
)

NEXT_DAY = NOW + timedelta(days=1)
Read = Callable[..., Fetched]


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.pauses: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        self.pauses.append(seconds)

    @property
    def pace(self) -> Pace:
        return Pace(self.sleep, lambda: self.seconds, lambda: 0.0)


def links(*paths: str, **attributes: str) -> str:
    told = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return "".join(f'<a href="{path}"{told}>more</a>' for path in paths)


def crawl(read: Read, *paths: str, **knobs: Any) -> Fetched:
    return read(*paths, **{"web_max_pages": 50, "pace": Clock().pace, **knobs})


def asked_pages(site: Site) -> list[str]:
    return [path for path in site.asked if path not in ("/robots.txt", "/sitemap.xml")]


def paths_of(fetched: Fetched) -> list[str]:
    return ["/" + url.split("/", 3)[3] for url in fetched.rows.url.drop_duplicates()]


def after(fetched: Fetched) -> Earlier:
    return Earlier(fetched.rows, fetched.reads)


def sitemap(site: Site, *paths: str) -> str:
    return "<urlset>" + "".join(f"<url><loc>{site.address}{path}</loc></url>" for path in paths) + "</urlset>"


def test_links_within_the_site_are_followed_once_each(site: Site, read: Read) -> None:
    site.replies |= {
        "/": page(
            "Home", body=links("/mugs", "bowls?sort=price", "#top", "/mugs#two", "https://other.example/")
        ),
        "/mugs": page("Mugs", body=links("/", "/mugs/blue", "/mug.jpg", "mailto:a@b.c", "javascript:x()")),
        "/mugs/blue": page("Blue"),
    }
    assert paths_of(crawl(read, "/")) == ["/", "/mugs", "/mugs/blue"]
    assert asked_pages(site) == ["/", "/mugs", "/mugs/blue"]


def test_without_leave_of_the_setting_no_link_is_followed(site: Site, read: Read) -> None:
    site.replies |= {"/": page(body=links("/mugs")), "/mugs": page()}
    read("/")
    assert site.asked == ["/robots.txt", "/"]


@pytest.mark.parametrize(("most", "asked"), [(1, 1), (3, 3), (4, 4), (50, 11)])
def test_no_more_pages_are_asked_than_the_setting_says(site: Site, read: Read, most: int, asked: int) -> None:
    site.replies |= {f"/{n}": page() for n in range(10)} | {"/": page(body=links(*map(str, range(10))))}
    crawl(read, "/", web_max_pages=most)
    assert len(asked_pages(site)) == asked


@pytest.mark.parametrize(
    ("robots", "expected"),
    [
        ("", ["/", "/open", "/closed"]),
        ("User-agent: *\nDisallow: /closed", ["/", "/open"]),
        ("User-agent: *\nDisallow: /", None),
    ],
)
def test_pages_closed_by_the_robots_file_are_never_asked(
    site: Site, read: Read, robots: str, expected: list[str] | None
) -> None:
    site.replies |= {
        "/robots.txt": Reply(robots, media_type="text/plain"),
        "/": page(body=links("/open", "/closed")),
        "/open": page(),
        "/closed": page(),
    }
    if expected is None:
        with pytest.raises(SourceFailure, match="closed to programs"):
            crawl(read, "/")
        assert asked_pages(site) == []
    else:
        fetched = crawl(read, "/")
        assert asked_pages(site) == expected
        assert fetched.problems == []


@pytest.mark.parametrize(
    "home",
    [
        page(head='<meta name="robots" content="noindex, NOFOLLOW">', body=links("/mugs")),
        page(head='<meta name="ROBOTS" content="none">', body=links("/mugs")),
        page(body=links("/mugs", rel="nofollow ugc")),
    ],
)
def test_links_that_a_page_asks_not_to_follow_are_not_followed(site: Site, read: Read, home: str) -> None:
    site.replies |= {"/": home, "/mugs": page()}
    crawl(read, "/")
    assert asked_pages(site) == ["/"]


def test_a_found_page_that_asks_not_to_be_listed_gives_links_but_no_rows(site: Site, read: Read) -> None:
    site.replies |= {
        "/": page(body=links("/all")),
        "/all": page(head='<meta name="robots" content="noindex">', body=links("/mugs")),
        "/mugs": page(),
    }
    assert paths_of(crawl(read, "/")) == ["/", "/mugs"]


@pytest.mark.parametrize("is_packed", [False, True])
def test_pages_in_the_map_of_the_site_are_read(site: Site, read: Read, is_packed: bool) -> None:
    xml = sitemap(site, "/mugs", "/bowls").replace(
        "</urlset>", "<url><loc>https://other.example/</loc></url>"
    )
    index = f"<sitemapindex><sitemap><loc>{site.address}/shop.xml</loc></sitemap></sitemapindex>"
    site.replies |= {
        "/robots.txt": Reply(f"Sitemap: {site.address}/maps.xml", media_type="text/plain"),
        "/maps.xml": Reply(index, media_type="application/xml"),
        "/shop.xml": Reply(gzip.compress(xml.encode()) if is_packed else xml, media_type="application/xml"),
        **{path: page(path) for path in ("/", "/mugs", "/bowls")},
    }
    fetched = crawl(read, "/")
    assert paths_of(fetched) == ["/", "/mugs", "/bowls"]
    assert fetched.reads is not None
    assert list(fetched.reads.found_by) == ["setting", "site map", "site map"]


def test_a_found_page_that_leads_to_another_site_is_left_out(site: Site, read: Read) -> None:
    with running_site() as other:
        other.replies["/away"] = page("Away")
        site.replies |= {"/": page(body=links("/out")), "/out": redirect(f"{other.address}/away")}
        fetched = crawl(read, "/")
        assert other.asked == []
    assert paths_of(fetched) == ["/"]
    assert "1 page that was found could not be read" in fetched.problems[0]


def test_an_unchanged_page_is_not_sent_again_and_keeps_its_rows_and_links(site: Site, read: Read) -> None:
    site.replies |= {
        "/": Reply(page("Home", body=links("/mugs")), headers={"ETag": '"1"'}),
        "/mugs": Reply(
            page("Mugs", "Old words."), headers={"Last-Modified": "Tue, 01 Jul 2025 00:00:00 GMT"}
        ),
    }
    first = crawl(read, "/")
    site.replies["/mugs"] = Reply(page("Mugs", "New words."), headers={"ETag": '"2"'})
    site.headers_seen.clear()
    second = crawl(read, "/", earlier=after(first), now=NEXT_DAY)
    marks = [(head.get("If-None-Match"), head.get("If-Modified-Since")) for head in site.headers_seen]
    assert marks[-2:] == [('"1"', None), (None, "Tue, 01 Jul 2025 00:00:00 GMT")]
    assert dict(zip(second.rows.title, second.rows.text, strict=True))["Mugs"] == "New words."
    fetched_at = dict(zip(second.rows.title, second.rows.fetched_at, strict=True))
    assert (fetched_at["Home"][:10], fetched_at["Mugs"][:10]) == ("2025-07-01", "2025-07-02")
    assert second.reads is not None
    assert set(second.reads.read_at) == {"2025-07-02T06:00:00+00:00"}


@pytest.mark.parametrize(
    ("reply", "is_kept"),
    [
        (Reply(status=404), False),
        (Reply(status=410), False),
        (Reply(status=500), True),
        (Reply(status=403), True),
        (Reply("x", media_type="image/png"), True),
    ],
)
@pytest.mark.parametrize("is_named", [True, False])
def test_a_page_that_is_gone_loses_its_rows_and_one_that_fails_keeps_them(
    site: Site, read: Read, reply: Reply, is_kept: bool, is_named: bool
) -> None:
    site.replies |= {"/": page(body="" if is_named else links("/mugs")), "/mugs": page("Mugs")}
    paths = ("/", "/mugs") if is_named else ("/",)
    first = crawl(read, *paths)
    site.replies["/mugs"] = reply
    second = crawl(read, *paths, earlier=after(first), now=NEXT_DAY)
    assert ("/mugs" in paths_of(second)) == is_kept
    assert len(second.problems) == (1 if is_named or is_kept else 0)
    assert second.reads is not None
    assert second.reads.note.str.contains("answered|type").sum() == (1 if is_named or is_kept else 0)


def test_rows_of_a_page_that_its_site_closes_go(site: Site, read: Read) -> None:
    site.replies |= {"/": page(body=links("/mugs")), "/mugs": page("Mugs")}
    first = crawl(read, "/")
    site.replies["/robots.txt"] = Reply("User-agent: *\nDisallow: /mugs", media_type="text/plain")
    second = crawl(read, "/", earlier=after(first), now=NEXT_DAY)
    assert paths_of(second) == ["/"]
    assert "1 page that is gone or closed by the site was deleted here too." in second.notes


def test_when_no_page_answers_the_earlier_rows_stay_and_the_failure_is_told(site: Site, read: Read) -> None:
    site.replies["/"] = page("Home")
    first = read("/")
    site.replies["/"] = Reply(status=500)
    second = read("/", earlier=after(first), now=NEXT_DAY)
    assert second.failed
    assert list(second.rows.title) == ["Home"]
    assert second.problems[0].startswith("The page in CUSTBEHAV_WEB_URLS could not be read: ")


def test_rows_of_a_site_that_is_no_longer_named_go(site: Site, read: Read) -> None:
    site.replies |= {"/": page("Home"), "/mugs": page("Mugs")}
    first = read("/", "/mugs")
    assert paths_of(read("/mugs", earlier=after(first))) == ["/mugs"]


@pytest.mark.parametrize(("delay", "pause"), [("", 1.0), ("Crawl-delay: 4", 4.0), ("Crawl-delay: 0.2", 1.0)])
def test_between_two_pages_of_a_site_there_is_a_pause(
    site: Site, read: Read, delay: str, pause: float
) -> None:
    site.replies |= {
        "/robots.txt": Reply(f"User-agent: *\n{delay}", media_type="text/plain"),
        "/": page(body=links("/mugs")),
        "/mugs": page(),
    }
    clock = Clock()
    crawl(read, "/", pace=clock.pace)
    assert clock.pauses == [pause] * 2, "between the map of the site and the two pages"


def test_when_the_time_is_used_up_the_rest_keeps_its_rows(site: Site, read: Read) -> None:
    site.replies |= {f"/{n}": page(f"Page {n}") for n in range(9)} | {
        "/": page(body=links(*map(str, range(9))))
    }
    first = crawl(read, "/")
    clock = Clock()
    second = crawl(read, "/", earlier=after(first), now=NEXT_DAY, pace=clock.pace, web_total_seconds=5)
    assert clock.seconds < 5
    assert len(second.rows) == 10
    assert "There was no time for 6 pages" in second.problems[-1]


@pytest.mark.parametrize(("status", "asked"), [(429, 2), (503, 4), (500, 10)])
def test_a_site_that_asks_to_slow_down_or_stays_silent_is_left(
    site: Site, read: Read, status: int, asked: int
) -> None:
    site.replies |= {f"/{n}": Reply(status=status) for n in range(9)}
    site.replies |= {"/": page(body=links(*map(str, range(9))))}
    fetched = crawl(read, "/")
    assert len(asked_pages(site)) == asked
    assert len(fetched.rows) == 1


def endless(handler: Any) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.end_headers()
    while not handler.server.is_closing.is_set():
        handler.wfile.write(b"<p>more</p>" * 1000)


def drips(handler: Any) -> None:
    handler.server.drip(handler, b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", b"a ")


def test_a_site_of_200_pages_with_every_trap_is_read_and_every_trap_is_told(site: Site, read: Read) -> None:
    broken = '<script type="application/ld+json">{"@type": "Product", </script>'
    good = (
        '<script type="application/ld+json">{"@type": "Product", "name": "Mug %d", "offers": {"price": %d}, '
        '"review": {"@type": "Review", "reviewBody": "Holds tea number %d"}}</script>'
    )
    mugs = {
        f"/mug/{n}": Reply(
            page(
                f"Mug {n}",
                head=(broken if n % 20 == 0 else "") + good % (n, n, n),
                body=links(f"/mug/{n + 1}"),
            ),
            headers={"ETag": f'"{n}"'},
        )
        for n in range(180)
    }
    traps: dict[str, Any] = {
        "/trap/private": redirect("http://169.254.169.254/latest"),
        "/trap/endless": endless,
        "/trap/bomb": packed(bomb(3_000_000)),
        "/trap/image": Reply(b"\x89PNG", media_type="image/png"),
        "/trap/drips": drips,
        "/trap/round": redirect("/trap/round"),
        "/trap/gone": Reply(status=404),
        "/trap/broken": Reply(status=500),
        "/private/basket": page("Basket"),
    }
    site.replies |= {
        "/robots.txt": Reply("User-agent: *\nDisallow: /private", media_type="text/plain"),
        "/sitemap.xml": Reply(sitemap(site, *list(mugs)[100:]), media_type="application/xml"),
        "/": page("Home", body=links("/mug/0", *traps)),
        **mugs,
        **traps,
    }
    knobs = {"web_max_pages": 200, "web_timeout_seconds": 0.5, "web_max_bytes": 100_000}
    knobs |= {"web_allow_private": False, "allow_loopback": True}
    first = crawl(read, "/", "/trap/private", **knobs)
    assert set(paths_of(first)) == {"/", *mugs}
    assert first.rows.item_type.value_counts().to_dict() == {"page": 181, "product": 180, "review": 180}
    assert "/private/basket" not in site.asked
    told = " ".join(first.problems)
    for reason in (
        "leads into a private network",
        "2 pages that were found could not be read; the first of them: "
        f"{site.address}/trap/endless is larger than 100,000 bytes",
        "is of type 'image/png'",
        "did not answer in full within 0.5 seconds",
        "comes after more than 5 redirects",
        "answered 404",
        "answered 500",
    ):
        assert reason in told

    site.replies["/mug/7"] = Reply(status=410)
    site.replies["/mug/9"] = page("Mug 9", "Now in green.")
    sent = len(site.asked)
    second = crawl(read, "/", "/trap/private", earlier=after(first), now=NEXT_DAY, **knobs)
    assert set(paths_of(second)) == {"/", *mugs} - {"/mug/7"}
    assert set(second.rows[second.rows.url.str.endswith("/mug/9")].text) == {"Now in green."}
    assert {path for path in mugs if site.asked[sent:].count(path) != 1} == set()
    assert second.notes == [
        "180 pages answered, 178 of them as they were before.",
        "1 page that is gone or closed by the site was deleted here too.",
    ]
