"""Too few data for a forecast: what is missing, and when it is likely to be there."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from custbehav_dagster.forecasting.order_days import EPOCH, OrderDays
from custbehav_dagster.settings import Settings

PACE_DAYS = 365
FORESEEABLE_DAYS = 3 * 365


def refusal_sentence(people: int, returned: int, settings: Settings) -> str | None:
    """Say what is missing for a model and how much of it; None when there is enough.

    Each fold must hold people who returned and people who did not, so fewer of
    either than folds is always too few.
    """
    needed = returners_needed(settings)
    sentences = []
    if returned < needed:
        sentences.append(
            f"{returned:,} of {people:,} buyers returned; at least {needed:,} returners are needed, "
            f"{needed - returned:,} more."
        )
    elif people - returned < needed:
        sentences.append(
            f"{returned:,} of {people:,} buyers returned; at least {needed:,} who did not return are needed, "
            f"{needed - (people - returned):,} more."
        )
    if people < settings.minimum_people:
        sentences.append(
            f"{people:,} people had bought {settings.horizon_days} days before the last known day; "
            f"at least {settings.minimum_people:,} are needed, {settings.minimum_people - people:,} more."
        )
    return f"Not enough data: {' '.join(sentences)}" if sentences else None


def returners_needed(settings: Settings) -> int:
    """Fewest people who must have returned, and fewest who must not."""
    return max(settings.minimum_returners, settings.cross_validation_folds)


def likely_sentence(
    days: OrderDays, as_of: int, people: int, returned: int, settings: Settings
) -> str | None:
    """Say when there will likely be enough: at the pace at which new buyers came in the last year.

    `people` had bought one horizon before `as_of` (a day number), `returned` of them came back.
    None when a longer list of buyers would not help: everybody returned, or nearly.
    """
    share = (returned + 0.5) / (people + 1)
    needed = returners_needed(settings)
    buyers = max(settings.minimum_people, needed / min(share, 1 - share))
    if buyers <= people:
        return None
    starts = np.flatnonzero(np.diff(days.person, prepend=-1))
    first = days.day[starts][days.day[starts] <= as_of]
    length = min(PACE_DAYS, as_of - int(first.min()) + 1) if len(first) else 0
    pace = (first > as_of - length).sum() / length if length else 0.0
    # Who bought within the last horizon will count as soon as their own has passed.
    wait = (buyers - people) / pace if pace else np.inf
    if wait > FORESEEABLE_DAYS:
        return "At the pace of the last year that will take more than three years."
    day: date = EPOCH + timedelta(days=as_of + int(np.ceil(wait)))
    return f"At the pace of the last year that is likely around {day:%B %Y}."
