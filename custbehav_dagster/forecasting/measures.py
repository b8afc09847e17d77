"""How good forecasts were: ranking, probability, calibration, lift.

The positive class is `returned`: coming back is the rare thing a shop wants to see.
For precision, recall and F1 a person is expected to return when the probability
reaches the share who returned in training; 0.5 would expect nobody in a shop
where one in ten comes back. The constant guess then expects everybody.
"""

from __future__ import annotations

import numpy as np

METRICS = (
    "precision", "recall", "f1", "auc", "average_precision", "log_loss", "brier",
    "calibration_error", "lift_top_tenth", "lift_bottom_tenth",
)  # fmt: skip
GROUPS = 10


def measure(returned: np.ndarray, probability: np.ndarray, threshold: float) -> dict[str, float | None]:
    """All METRICS of one set of forecasts; None where a measure is not defined.

    Precision is not when nobody is expected to return; recall, AUC, average precision and
    lifts are not when there are not both returners and leavers.
    """
    from sklearn.metrics import average_precision_score

    expected = probability >= threshold
    right = int((expected & returned).sum())
    wrong = int(expected.sum()) - right
    missed = int(returned.sum()) - right
    both = 0 < returned.sum() < len(returned)
    top, bottom = lifts(returned, probability) if both else (None, None)
    return {
        "precision": right / (right + wrong) if right + wrong else None,
        "recall": right / (right + missed) if right + missed else None,
        "f1": 2 * right / (2 * right + wrong + missed) if right + wrong + missed else None,
        "auc": area_under_curve(returned, probability) if both else None,
        "average_precision": float(average_precision_score(returned, probability)) if both else None,
        "log_loss": float(log_losses(returned, probability).mean()),
        "brier": float(((probability - returned) ** 2).mean()),
        "calibration_error": calibration_error(returned, probability),
        "lift_top_tenth": top,
        "lift_bottom_tenth": bottom,
    }


def log_losses(returned: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """Log loss of each person."""
    return -np.log(np.where(returned, probability, 1 - probability))


def area_under_curve(returned: np.ndarray, probability: np.ndarray) -> float:
    """AUC: how often a returner was told a higher probability than a leaver, ties as a half (Mann-Whitney).

    Both classes must be there.
    """
    from scipy.stats import rankdata

    returners = int(returned.sum())
    above = rankdata(probability)[returned].sum() - returners * (returners + 1) / 2
    return float(above / (returners * (len(returned) - returners)))


def calibration_curve(
    returned: np.ndarray, probability: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean probability told, share who returned, and people, of tenths from the least to the most likely.

    People who were told the same are never split: so a constant guess is one group.
    """
    order = np.argsort(probability, kind="stable")
    told = probability[order]
    wanted = (np.arange(1, GROUPS) * len(told)) // GROUPS
    # A border moves to the first person who was told as much.
    borders = np.unique(np.searchsorted(told, told[wanted], side="left"))
    groups = np.searchsorted(borders[borders > 0], np.arange(len(told)), side="right")
    people = np.bincount(groups)
    return np.bincount(groups, told) / people, np.bincount(groups, returned[order]) / people, people


def calibration_error(returned: np.ndarray, probability: np.ndarray) -> float:
    """Mean distance of what was told from what came, over the groups of `calibration_curve`."""
    told, came, people = calibration_curve(returned, probability)
    return float((people * np.abs(told - came)).sum() / people.sum())


def lifts(returned: np.ndarray, probability: np.ndarray) -> tuple[float, float]:
    """Returners in the likeliest tenth, and leavers in the least likely, over their shares among all.

    Of people who were told the same as the last of the tenth, each counts in part.
    """
    share = returned.mean()
    top = _share_of_first(returned, -probability) / share
    bottom = _share_of_first(~returned, probability) / (1 - share)
    return float(top), float(bottom)


def _share_of_first(positive: np.ndarray, rank_by: np.ndarray) -> float:
    """Share of positives in the tenth with the smallest `rank_by`, ties in part."""
    size = max(1, len(rank_by) // GROUPS)
    edge = np.partition(rank_by, size - 1)[size - 1]
    inside, tied = rank_by < edge, rank_by == edge
    return float((positive[inside].sum() + (size - inside.sum()) * positive[tied].mean()) / size)
