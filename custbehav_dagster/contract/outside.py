"""Raw tables of sources outside the shop: public sentences, Reddit, web pages. Offered by `raw`."""

from custbehav_dagster.contract.table import Column, Table

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
        Column("is_synthetic", "boolean", "true for the sample used without credentials", nullable=False),
        Column("provenance", "string", "'reddit api' or 'sample'", nullable=False),
    ),
    key=("post_id",),
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
