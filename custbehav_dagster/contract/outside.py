"""Raw tables of sources outside the shop: public texts, weather, calendar. Offered by `raw`."""

from custbehav_dagster.contract.table import Column, Table

EVENT_KINDS = ("public holiday", "gift season")

SENTIMENT_PUBLIC = Table(
    "raw",
    "sentiment_public",
    "One row per public sentence that people labelled positive or negative.",
    (
        Column("text_id", "string", "identifier, stable for the same text", nullable=False),
        Column("text", "string", "the sentence", nullable=False),
        Column("label", "string", "label as the source gives it"),
        Column("source", "string", "name of the collection"),
        Column("created_at", "string", "when it was written, if the source says, ISO 8601 UTC"),
        Column(
            "is_synthetic", "boolean", "true for the small set that ships with this project", nullable=False
        ),
        Column("provenance", "string", "url, file or 'sample' it came from", nullable=False),
    ),
    key=("text_id",),
)

REDDIT_POSTS = Table(
    "raw",
    "reddit_posts",
    "One row per public Reddit post; authors are never stored.",
    (
        Column("post_id", "string", "Reddit's identifier of the post", nullable=False),
        Column("subreddit", "string", "subreddit it was found in", nullable=False),
        Column("query", "string", "search words that found it; empty for a listing"),
        Column("title", "string", "title"),
        Column("body", "string", "text of the post; empty for links"),
        Column("created_at", "string", "when it was posted, ISO 8601 UTC"),
        Column("score", "int64", "votes up minus votes down when read"),
        Column("num_comments", "int64", "comments when read", minimum=0),
        Column("permalink", "string", "path of the post on Reddit"),
        Column("first_seen_at", "string", "refresh that first met it, ISO 8601 UTC; empty for the sample"),
        Column(
            "last_checked_at",
            "string",
            "last refresh in which Reddit still showed it, ISO 8601 UTC; empty for the sample",
        ),
        Column("is_synthetic", "boolean", "true for the sample used without credentials", nullable=False),
        Column("provenance", "string", "'reddit api' or 'sample'", nullable=False),
    ),
    key=("post_id",),
)

REDDIT_READS = Table(
    "raw",
    "reddit_reads",
    "One row per list of posts asked for on Reddit: when it was read last, up to where, and what failed.",
    (
        Column(
            "what",
            "string",
            "listing: a subreddit's newest posts; search: those found in it; check: the known posts again",
            nullable=False,
            allowed=("listing", "search", "check"),
        ),
        Column("subreddit", "string", "subreddit asked; empty for a check", nullable=False),
        Column("query", "string", "search words; empty otherwise", nullable=False),
        Column("asked_at", "string", "refresh that asked last, ISO 8601 UTC", nullable=False),
        Column("read_at", "string", "refresh that last read it to its end, ISO 8601 UTC"),
        Column(
            "read_through_at",
            "string",
            "when the newest post of that whole read was posted, ISO 8601 UTC; older ones are known",
        ),
        Column("posts", "int64", "new posts of the last asking; for a check, posts checked", minimum=0),
        Column("gone", "int64", "posts found deleted or removed in the last asking", minimum=0),
        Column("note", "string", "what failed in the last asking, in a sentence; empty when all went well"),
    ),
    key=("what", "subreddit", "query"),
)

WEB_CONTENT = Table(
    "raw",
    "web_content",
    "One row per page, and one per product or review that the page declares.",
    (
        Column("content_id", "string", "identifier, stable for the same url and item", nullable=False),
        Column("url", "string", "address asked for", nullable=False),
        Column(
            "item_type",
            "string",
            "page, product or review",
            nullable=False,
            allowed=("page", "product", "review"),
        ),
        Column("title", "string", "title of the page, name of the product or headline of the review"),
        Column("text", "string", "main text of the page, description or review body"),
        Column("price", "string", "price the page declares, as written"),
        Column("currency", "string", "currency the page declares"),
        Column("rating", "string", "rating the page declares, as written"),
        Column("published_at", "string", "date the page declares, ISO 8601"),
        Column("fetched_at", "string", "when it was fetched, ISO 8601 UTC; empty for the sample"),
        Column(
            "is_synthetic",
            "boolean",
            "true for the sample used when no address is configured",
            nullable=False,
        ),
        Column("provenance", "string", "address after redirects, or 'sample'", nullable=False),
    ),
    key=("content_id",),
)

WEB_READS = Table(
    "raw",
    "web_reads",
    "One row per web address of the named sites: when it was read, what the site answered, what failed.",
    (
        Column("url", "string", "address asked for", nullable=False),
        Column(
            "found_by",
            "string",
            "how the address was come by",
            nullable=False,
            allowed=("setting", "site map", "link"),
        ),
        Column("asked_at", "string", "refresh that asked last, ISO 8601 UTC", nullable=False),
        Column("read_at", "string", "refresh in which the site last showed it, ISO 8601 UTC"),
        Column("changed_at", "string", "refresh that last read a new version of it, ISO 8601 UTC"),
        Column("answered_as", "string", "address after redirects"),
        Column("etag", "string", "mark of the version read, as the site gave it"),
        Column("last_modified", "string", "date of the version read, as the site gave it"),
        Column("links", "string", "addresses of the same site on the page, one a line"),
        Column("items", "int64", "rows in raw.web_content", minimum=0),
        Column("note", "string", "what failed in the last asking, in a sentence; empty when all went well"),
    ),
    key=("url",),
)

WEATHER = Table(
    "raw",
    "weather",
    "One row per named place and day: the weather as Open-Meteo's archive tells it.",
    (
        Column("weather_id", "string", "place and day", nullable=False),
        Column("place", "string", "name of the place, as in the setting weather_places", nullable=False),
        Column("day", "string", "day in the shop's time zone, ISO 8601", nullable=False),
        Column("precipitation_mm", "float64", "rain and snow of the day, in millimetres", minimum=0),
        Column("temperature_celsius", "float64", "mean temperature of the day", minimum=-90, maximum=60),
        Column("sunshine_hours", "float64", "hours of sunshine", minimum=0, maximum=24),
        Column("fetched_at", "string", "when it was fetched, ISO 8601 UTC", nullable=False),
        Column("is_synthetic", "boolean", "always false: weather is never made up", nullable=False),
        Column("provenance", "string", "server it came from, and the point it was asked for", nullable=False),
    ),
    key=("weather_id",),
)

CALENDAR_EVENTS = Table(
    "raw",
    "calendar_events",
    "One row per public holiday and gift season of the shop's country, in the years of its orders.",
    (
        Column("event_id", "string", "kind, name and day of the event", nullable=False),
        Column("country", "string", "ISO 3166 code of the shop's country", nullable=False),
        Column("event", "string", "name of the event", nullable=False),
        Column("kind", "string", "what kind of day it is", nullable=False, allowed=EVENT_KINDS),
        Column("day", "date", "the day itself", nullable=False),
        Column("window_start", "date", "first day on which people shop for it", nullable=False),
        Column("window_end", "date", "last day on which people shop for it", nullable=False),
        Column("is_synthetic", "boolean", "always false: the calendar is never made up", nullable=False),
        Column("provenance", "string", "library or rule it comes from", nullable=False),
    ),
    key=("event_id",),
)
