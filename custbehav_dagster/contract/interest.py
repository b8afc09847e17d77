"""What drives interest: aspects over time and by product, topics, trends, and what is bought with what."""

from custbehav_dagster.contract.results import SYNTHETIC
from custbehav_dagster.contract.table import Column, Table
from custbehav_dagster.contract.truth import SOURCE_TYPES

AFFINITY_KINDS = ("bought together", "bought next", "bought again")
SUGGESTION_KINDS = ("bought next", "bought together", "bestseller of the group", "bestseller")


def _count(name: str, description: str, *, nullable: bool = False) -> Column:
    return Column(name, "int64", description, nullable=nullable, minimum=0)


def _share(name: str, description: str, *, nullable: bool = True) -> Column:
    return Column(name, "float64", description, nullable=nullable, minimum=0, maximum=1)


def _mood(name: str, description: str) -> Column:
    return Column(name, "float64", description, minimum=-1, maximum=1)


_SOURCE = Column(
    "source_type", "string", "where it is said; never added up", nullable=False, allowed=SOURCE_TYPES
)

ASPECT_TRENDS = Table(
    "insights",
    "aspect_trends",
    "One row per aspect and month (in a long history: quarter): how often it is named and complained of.",
    (
        Column("aspect", "string", "what is spoken of", nullable=False),
        Column("period_start", "date", "first day of the month or quarter", nullable=False),
        Column("months", "int64", "1 for a month, 3 for a quarter", nullable=False, minimum=1),
        Column("texts_looked_at", "int64", "feedback texts that were read", nullable=False, minimum=1),
        Column("all_texts", "int64", "of them, written in this time", nullable=False, minimum=1),
        _count("texts", "of those, texts that name it"),
        _share("share", "texts / all_texts", nullable=False),
        _share("share_low", "lower end of its 95% interval"),
        _share("share_high", "upper end of it"),
        _count("praising_texts", "texts with a good sentence about it"),
        _count("complaining_texts", "texts with a bad sentence about it"),
        _share("complaining_share", "complaining_texts / all_texts", nullable=False),
        _share("complaining_low", "lower end of its 95% interval"),
        _share("complaining_high", "upper end of it"),
        _mood("average_sentiment", "mean mood of the sentences that name it; empty without any"),
        _mood("sentiment_low", "lower end of its 95% interval"),
        _mood("sentiment_high", "upper end of it"),
        SYNTHETIC,
    ),
    key=("aspect", "period_start"),
)

ASPECT_PRODUCTS = Table(
    "insights",
    "aspect_products",
    "One row per aspect and product it is complained of for: how often, beside all other products.",
    (
        Column("aspect", "string", "what is complained of", nullable=False),
        Column("product", "string", "product of the order that the text is about", nullable=False),
        Column("texts", "int64", "texts about orders of it", nullable=False, minimum=1),
        _count("complaining_texts", "of them, texts that complain of the aspect"),
        _share("complaining_share", "complaining_texts / texts", nullable=False),
        _share("complaining_low", "lower end of its 95% interval"),
        _share("complaining_high", "upper end of it"),
        _count("other_texts", "texts about orders of other products"),
        _count("other_complaining_texts", "of them, texts that complain of the aspect"),
        Column("ratio", "float64", "its share over theirs, half a text added to each count", minimum=0),
        Column("ratio_low", "float64", "lower end of its 95% interval", minimum=0),
        Column("ratio_high", "float64", "upper end of it", minimum=0),
        Column(
            "is_sure", "boolean", "more than chance, all products and aspects asked at once", nullable=False
        ),
        SYNTHETIC,
    ),
    key=("aspect", "product"),
)

TOPICS = Table(
    "insights",
    "topics",
    "One row per source and topic that its texts are about; one without a topic where there are too few.",
    (
        _SOURCE,
        _count("topic", "1 is the most frequent in its source; 0 where none were found, see `note`"),
        Column("topic_name", "string", "a name made of the words that set it apart"),
        Column("words", "string", "the ten words that set it apart, the strongest first"),
        _count("texts_looked_at", "texts that were read"),
        _count("texts", "of them, texts that are mainly about it", nullable=True),
        _share("share", "texts / texts_looked_at"),
        _share("share_low", "lower end of its 95% interval"),
        _share("share_high", "upper end of it"),
        _mood("average_sentiment", "mean sentiment of its texts"),
        _mood("sentiment_low", "lower end of its 95% interval"),
        _mood("sentiment_high", "upper end of it"),
        Column("average_rating", "float64", "mean stars of its texts", minimum=1, maximum=5),
        Column(
            "coherence",
            "float64",
            "how much its words keep together (NPMI, one text added to each pair); 0 is chance",
            minimum=-1,
            maximum=1,
        ),
        _share("stability", "share of its words that come again when other texts are read"),
        Column(
            "all_coherence",
            "float64",
            "mean of so many topics made from one half of the texts and judged in the other",
            minimum=-1,
            maximum=1,
        ),
        _share("diversity", "share of different words among the words of all topics of the source"),
        _count("recent_writers", "people (public texts: texts) of the last 90 days", nullable=True),
        _count("recent_on_topic", "of them, on the topic", nullable=True),
        _count(
            "earlier_writers", "people (public texts: texts) of the year before these days", nullable=True
        ),
        _count("earlier_on_topic", "of them, on the topic", nullable=True),
        Column("ratio", "float64", "share lately over share before", minimum=0),
        Column("ratio_low", "float64", "lower end of its 95% interval", minimum=0),
        Column("ratio_high", "float64", "upper end of it", minimum=0),
        Column("is_change_sure", "boolean", "more than chance, all topics of the source asked at once"),
        Column("best_example", "string", "a short text that holds many of its words"),
        Column("note", "string", "why there is no topic; empty when there is"),
        SYNTHETIC,
    ),
    key=("source_type", "topic"),
)

TOPIC_TRENDS = Table(
    "insights",
    "topic_trends",
    "One row per source, topic and month (in a long history: quarter): its share of the texts.",
    (
        _SOURCE,
        Column("topic", "int64", "number of the topic", nullable=False, minimum=1),
        Column("topic_name", "string", "its name", nullable=False),
        Column("period_start", "date", "first day of the month or quarter", nullable=False),
        Column("months", "int64", "1 for a month, 3 for a quarter", nullable=False, minimum=1),
        Column("all_texts", "int64", "texts written in this time that were read", nullable=False, minimum=1),
        _count("texts", "of them, texts that are mainly about it"),
        _share("share", "texts / all_texts", nullable=False),
        _share("share_low", "lower end of its 95% interval"),
        _share("share_high", "upper end of it"),
        SYNTHETIC,
    ),
    key=("source_type", "topic", "period_start"),
)

TRENDS = Table(
    "insights",
    "trends",
    "One row per word or phrase that is said clearly more, or less, often lately; none when nothing is sure.",
    (
        _SOURCE,
        Column("kind", "string", "one word or two", nullable=False, allowed=("word", "phrase")),
        Column("said", "string", "the words as people write them most often", nullable=False),
        Column("direction", "string", "what it does", nullable=False, allowed=("rising", "falling")),
        _count("recent_texts", "people (public texts: texts) who say it in the last 90 days"),
        Column("recent_of", "int64", "of so many", nullable=False, minimum=1),
        _count("earlier_texts", "people (public texts: texts) who said it in the year before"),
        Column("earlier_of", "int64", "of so many", nullable=False, minimum=1),
        Column("ratio", "float64", "share lately over share before", nullable=False, minimum=0),
        Column(
            "ratio_low",
            "float64",
            "lower end of its interval, wide enough for words picked among many",
            nullable=False,
            minimum=0,
        ),
        Column("ratio_high", "float64", "upper end of it", nullable=False, minimum=0),
        Column("recent_from", "date", "first day of lately", nullable=False),
        Column("questions", "int64", "words and phrases compared in that source", nullable=False, minimum=1),
        Column("trend_rank", "int64", "1 is the surest of its source", nullable=False, minimum=1),
        SYNTHETIC,
    ),
    key=("source_type", "kind", "said"),
)

PRODUCT_AFFINITY = Table(
    "insights",
    "product_affinity",
    "One row per product and what is bought with it, or next, more often than by chance.",
    (
        Column("kind", "string", "how they are bought", nullable=False, allowed=AFFINITY_KINDS),
        Column("product_key", "string", "stock code of the product, or its name", nullable=False),
        Column("product", "string", "its name", nullable=False),
        Column("other_key", "string", "stock code of the other, or its name", nullable=False),
        Column("other_product", "string", "the other one's name", nullable=False),
        Column("counted", "string", "orders; people for what is bought next", nullable=False),
        Column("both", "int64", "orders or people with both", nullable=False, minimum=1),
        Column("with_product", "int64", "with the product", nullable=False, minimum=1),
        Column("with_other", "int64", "with the other", nullable=False, minimum=1),
        Column("of_all", "int64", "of so many", nullable=False, minimum=1),
        _share("support", "both / of_all", nullable=False),
        _share("confidence", "both / with_product", nullable=False),
        _share("confidence_low", "lower end of its 95% interval", nullable=False),
        _share("confidence_high", "upper end of it", nullable=False),
        Column(
            "lift", "float64", "confidence over the share of all with the other", nullable=False, minimum=0
        ),
        Column(
            "expected",
            "float64",
            "how many would have both by chance, large orders having more of everything",
            nullable=False,
            minimum=0,
        ),
        Column("times_expected", "float64", "both / expected", nullable=False, minimum=0),
        Column("times_low", "float64", "lower end of its 95% interval", nullable=False, minimum=0),
        Column("times_high", "float64", "upper end of it", nullable=False, minimum=0),
        Column("affinity_rank", "int64", "1 is the surest of its kind", nullable=False, minimum=1),
        SYNTHETIC,
    ),
    key=("kind", "product_key", "other_key"),
)

SUGGESTED_PRODUCTS = Table(
    "insights",
    "suggested_products",
    "One row per buyer: one product to suggest that they do not have, and why.",
    (
        Column("customer_id", "string", "person", nullable=False),
        Column("product_key", "string", "stock code of the suggestion, or its name", nullable=False),
        Column("product", "string", "its name", nullable=False),
        Column("kind", "string", "where it comes from", nullable=False, allowed=SUGGESTION_KINDS),
        Column("because_of", "string", "product they have; empty for a bestseller"),
        Column("why", "string", "the reason in a sentence", nullable=False),
        Column("support", "int64", "people or orders behind it", nullable=False, minimum=1),
        _share("confidence", "share of those who bought `because_of`, or of the group's buyers"),
        SYNTHETIC,
    ),
    key=("customer_id",),
)

TABLES = (
    ASPECT_TRENDS,
    ASPECT_PRODUCTS,
    TOPICS,
    TOPIC_TRENDS,
    TRENDS,
    PRODUCT_AFFINITY,
    SUGGESTED_PRODUCTS,
)
