"""The insight about posts of people who look for what the shop makes; silent where there are none."""

from __future__ import annotations

from custbehav_dagster.insights.insight import Facts, Insight
from custbehav_dagster.insights.wording import count, quoted

BEST_OF = 20
"""How precise the first posts of the list are is measured on so many."""


def posts_look_for_it(facts: Facts) -> Insight | None:
    """How many recent public posts ask for something that the shop makes."""
    fitting = facts.leads.where("product IS NOT NULL", lambda t: t["product"].notnull())
    posts = fitting.count()
    if not posts:
        return None
    first = fitting.table.order_by("lead_rank").limit(1).to_pyarrow().to_pylist()[0]
    others = facts.leads.count() - posts
    days = facts.settings.lead_max_age_days
    verb = "seems" if posts == 1 else "seem"
    more = (
        f"; {count(others, 'other')} may want something made by hand that you do not sell" if others else ""
    )
    return Insight(
        "posts_look_for_it",
        "words",
        f"{count(posts, 'public post')} of the last {count(days, 'day')} {verb} to look for what you make, "
        f"first of all {quoted(first['product'])}{more}. They are picked by their words: "
        "some will be wrong.",
        posts,
        "posts",
        fitting,
        "Read them yourself before you answer, as yourself and only where the place allows it.",
        parameters={"posts": posts, "days": days, "product": first["product"], "others": others},
    )
