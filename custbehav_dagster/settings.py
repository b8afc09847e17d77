"""Every knob with its default and unit, read from the environment and `.env`.

Nothing here knows Dagster: `resources.py` offers the same knobs as run config.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AliasChoices, Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Words = Annotated[list[str], NoDecode]
"""A list that is written `one, two` in the environment."""


class Settings(BaseSettings):
    """All knobs. Each can be set by `CUSTBEHAV_` and its name in capitals.

    Raises:
        pydantic.ValidationError: naming every field that is out of its limits.
    """

    model_config = SettingsConfigDict(
        env_prefix="CUSTBEHAV_", env_file=".env", extra="ignore", populate_by_name=True, env_ignore_empty=True
    )

    # The shop
    data_dir: str = Field("data", description="folder that holds raw, processed, warehouse and dagster")
    shop_timezone: str = Field("Europe/London", description="IANA name of the shop's time zone")
    currency: str = Field(
        "GBP", pattern=r"^[A-Z]{3}$", description="ISO 4217 code used where a file names none"
    )
    shop_language: str = Field(
        "en", pattern=r"^[a-z]{2,3}$", description="ISO 639 code; taken for texts too short to tell"
    )
    language: Literal["en", "fa"] = Field("en", description="language of the page: en or fa (Persian)")
    hemisphere: Literal["north", "south"] = Field("north", description="decides which months are summer")
    as_of: date | None = Field(None, description="last known day, inclusive; empty: the newest order's day")

    # Synthetic shop, used only while data/raw holds no shop file
    synthetic_customers: int = Field(1_200, ge=1, le=5_000_000, description="people in the synthetic shop")
    synthetic_seed: int = Field(7, ge=0, description="seed of the synthetic shop")

    # Cleaning
    ambiguous_date_order: Literal["day_first", "month_first"] = Field(
        "day_first", description="order taken for 03/04/2024 when the file gives no evidence"
    )
    repair_spreadsheet_damage: bool = Field(
        True, description="undo what spreadsheets did to dates and numbers, where a file's figures prove it"
    )
    matching: Literal["strict", "loose"] = Field(
        "loose",
        description="what makes records one person: account and e-mail (strict), or all evidence (loose)",
    )
    min_fill_ratio: float = Field(
        0.5, ge=0, le=1, description="rows with a smaller share of filled cells are quarantined"
    )
    implausible_amount_factor: float = Field(
        1000, ge=10, description="orders over this many times the file's typical amount are quarantined"
    )
    number_fill: Literal["median", "mean", "constant"] = Field(
        "median", description="what fills missing numbers"
    )
    number_fill_constant: float = Field(0.0, description="the number used by number_fill=constant")
    category_fill: Literal["mode", "constant"] = Field("mode", description="what fills missing categories")
    category_fill_constant: str = Field("unknown", description="the word used by category_fill=constant")
    word_form: Literal["stem", "lemma"] = Field("stem", description="how words are brought to one form")
    allow_shrink: bool = Field(
        False, description="accept a source that has shrunk below half of its last rows"
    )

    # Public sentences with labels
    public_sentiment_url: str = Field("", description="address of a CSV with the columns text and label")
    public_sentiment_file: str = Field("", description="path of such a file, used when there is no address")

    # Reddit
    reddit_client_id: str = Field(
        "",
        validation_alias=AliasChoices("reddit_client_id", "CUSTBEHAV_REDDIT_CLIENT_ID"),
        description="from reddit.com/prefs/apps; empty: a labelled sample is used",
    )
    reddit_client_secret: str = Field(
        "",
        repr=False,
        validation_alias=AliasChoices("reddit_client_secret", "CUSTBEHAV_REDDIT_CLIENT_SECRET"),
        description="secret of that client",
    )
    reddit_user_agent: str = Field(
        "custbehav_dagster (small shop insights)", min_length=1, description="name told to Reddit"
    )
    reddit_url: str = Field("https://www.reddit.com", description="address of Reddit's web site")
    reddit_oauth_url: str = Field("https://oauth.reddit.com", description="address of Reddit's API")
    reddit_subreddits: Words = Field(
        ["handmade", "EtsySellers"], description="subreddits to read, comma separated"
    )
    reddit_searches: Words = Field(["handmade gift"], description="search words, comma separated")
    reddit_post_limit: int = Field(200, ge=1, le=1000, description="posts per subreddit and search")
    reddit_timeout_seconds: float = Field(
        30, gt=0, le=600, description="longest wait for one answer of Reddit"
    )
    reddit_total_seconds: float = Field(
        900, gt=0, le=7_200, description="longest time one refresh spends on Reddit, waiting included"
    )
    reddit_retention_days: int = Field(
        365, ge=1, le=3_650, description="posts older than this are deleted from this shop's data"
    )

    # Web pages
    web_urls: Words = Field(
        [], description="pages to read, comma separated; empty: a labelled sample is used"
    )
    web_user_agent: str = Field(
        "custbehav_dagster", min_length=1, description="name told to web sites and to robots.txt"
    )
    web_timeout_seconds: float = Field(15, gt=0, le=600, description="longest time for one page, in seconds")
    web_max_bytes: int = Field(5_000_000, ge=1_000, description="largest page, in bytes")
    web_max_pages: int = Field(
        0,
        ge=0,
        le=10_000,
        description="pages read in one refresh, the named ones and those of their sites that they lead to; "
        "0: the named ones only",
    )
    web_pause_seconds: float = Field(
        1.0, ge=0, le=60, description="least time between two pages of one site while its links are followed"
    )
    web_total_seconds: float = Field(
        900, gt=0, le=7_200, description="longest time one refresh spends on web pages, waiting included"
    )
    web_allow_private: bool = Field(False, description="allow addresses of the local network; for tests")

    # Weather and calendar
    country: str = Field(
        "",
        pattern=r"^([A-Z]{2})?$",
        description="ISO 3166 code whose holidays and gift days count; empty: the country of the time zone",
    )
    weather_places: Words = Field(
        [],
        description="places whose weather may matter, comma separated, as name:latitude:longitude; "
        "orders go by region or country, else to the first one; empty: no weather is asked for",
    )
    weather_url: str = Field(
        "https://archive-api.open-meteo.com/v1/archive", description="address of the weather archive"
    )
    weather_timeout_seconds: float = Field(
        30, gt=0, le=600, description="longest wait for one answer of the weather archive"
    )

    # Models
    horizon_days: int = Field(
        120, ge=1, le=1095, description="days after the cutoff in which an order counts as returning"
    )
    cross_validation_folds: int = Field(3, ge=2, le=20, description="folds of the cross-validation")
    minimum_people: int = Field(40, ge=2, description="fewer buyers before the cutoff: no model")
    minimum_returners: int = Field(
        10, ge=1, description="fewer returners (or leavers) before the cutoff: no model"
    )
    random_seed: int = Field(0, ge=0, description="seed of every random choice in models")
    segment_count: int = Field(3, ge=2, le=20, description="groups of the k-means segmentation")

    # Insights
    keyword_count: int = Field(25, ge=1, le=1000, description="keywords kept per source")
    lead_max_age_days: int = Field(
        30, ge=1, le=365, description="public posts older than this are no leads any more"
    )

    # Sentiment
    sentiment_scorer: Literal["best", "vader"] = Field(
        "best",
        description="best: a scorer trained on labelled texts, for texts of their kind, once it has proved "
        "better than VADER; vader: VADER for all",
    )
    sentiment_transformer: str = Field(
        "",
        description="name or folder of a Hugging Face model that scores texts; needs the extra transformers",
    )
    sentiment_transformer_backend: Literal["auto", "torch", "onnxruntime"] = Field(
        "auto", description="library that runs it; auto: onnxruntime if the model has a file for it"
    )
    sentiment_transformer_languages: Words = Field(
        ["en"], description="ISO 639 codes of the languages it reads, comma separated; all: every language"
    )

    # Running
    refresh_cron: str = Field("0 6 * * *", description="when the daily refresh runs, in the shop's time zone")
    warehouse_memory_limit: str = Field(
        "1GB", pattern=r"^\d+(\.\d+)?\s?(MB|GB|MiB|GiB)$", description="memory DuckDB may use"
    )
    worker_processes: int = Field(0, ge=0, le=64, description="processes that score texts; 0: one per core")
    refresh_max_seconds: int = Field(14_400, ge=60, description="a refresh that runs longer is ended")

    @field_validator(
        "reddit_subreddits",
        "reddit_searches",
        "web_urls",
        "weather_places",
        "sentiment_transformer_languages",
        mode="before",
    )
    @classmethod
    def _split_words(cls, value: Any) -> Any:
        return (
            [word.strip() for word in value.split(",") if word.strip()] if isinstance(value, str) else value
        )

    @field_validator("shop_timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f"'{value}' is not an IANA time zone such as Europe/London")
        return value

    @field_validator("country")
    @classmethod
    def _known_country(cls, value: str) -> str:
        from custbehav_dagster.sources.gift_calendar import known_country

        return known_country(value) if value else value

    @property
    def timezone(self) -> ZoneInfo:
        """The shop's time zone."""
        return ZoneInfo(self.shop_timezone)

    @property
    def data_path(self) -> Path:
        """The folder of the shop."""
        return Path(self.data_dir).expanduser().absolute()

    @property
    def raw_path(self) -> Path:
        """Where the shop's files are put."""
        return self.data_path / "raw"

    @property
    def processed_path(self) -> Path:
        """Where what comes out is put."""
        return self.data_path / "processed"

    @property
    def warehouse_path(self) -> Path:
        """The file that refreshes write."""
        return self.data_path / "warehouse" / "custbehav.duckdb"

    @property
    def snapshot_path(self) -> Path:
        """The file that readers open, at any time."""
        return self.data_path / "warehouse" / "snapshot.duckdb"
