"""Model files with a card beside each: written whole, and not opened once changed.

A model file is a pickle, which can run code when it is opened. So the hash in the
card is checked first. That guards against a damaged or exchanged file, not against
somebody who can write both files.
"""

from __future__ import annotations

import hashlib
import io
import json
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from custbehav_dagster.warehouse.files import atomic_path, atomic_write, sha256_of

LOGISTIC_FILE = "churn_logistic.joblib"
NAIVE_BAYES_FILE = "churn_naive_bayes.joblib"
KMEANS_FILE = "kmeans_segment.joblib"
NOT_ABOUT_ONE_PERSON = "decisions that matter to a single person, such as credit, refusal of service or price"
LIBRARIES = ("scikit-learn", "numpy", "scipy", "joblib")


class ModelFileError(ValueError):
    """A model file cannot be used; the message is one sentence for the owner."""


def models_folder(processed_path: Path) -> Path:
    """Where the model files lie: `processed/models`."""
    return processed_path / "models"


def card_path(model_path: Path) -> Path:
    """The card of `churn_logistic.joblib` is `churn_logistic.json` beside it."""
    return model_path.with_suffix(".json")


def save_model(path: Path, bundle: dict[str, Any], card: dict[str, Any]) -> str:
    """Write `bundle` (a dict with at least `model` and `scaler`) and its card; give the hash.

    The file comes first. A run that is killed between the two leaves a file that its
    card does not know, which `load_model` refuses.
    """
    import joblib

    with atomic_path(path) as temporary:
        joblib.dump(bundle, temporary)
    digest = sha256_of(path)
    libraries = {"python": platform.python_version()} | {name: _version(name) for name in LIBRARIES}
    content = {"file": path.name, **card, "library_versions": libraries, "sha256": digest}
    atomic_write(card_path(path), json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    return digest


def load_card(path: Path) -> dict[str, Any]:
    """Read the card of the model file at `path`.

    Raises:
        ModelFileError: there is no card, or it cannot be read.
    """
    card = card_path(path)
    try:
        content = json.loads(card.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelFileError(
            f"{path.name} has no card {card.name} beside it; refresh to train it anew."
        ) from None
    except (OSError, ValueError):
        raise ModelFileError(
            f"The card {card.name} cannot be read; refresh to train the model anew."
        ) from None
    if not isinstance(content, dict) or not isinstance(content.get("sha256"), str):
        raise ModelFileError(f"The card {card.name} names no sha256; refresh to train the model anew.")
    return content


def load_model(path: Path) -> dict[str, Any]:
    """Give the dict of a model file, after its bytes were found to be those the card names.

    A dict whose `refused` is a sentence holds a placeholder and no model.

    Raises:
        ModelFileError: the file or its card is missing, or the file was changed.
    """
    import joblib

    expected = load_card(path)["sha256"]
    try:
        content = path.read_bytes()
    except OSError:
        raise ModelFileError(
            f"The model file {path.name} cannot be read; refresh to train it anew."
        ) from None
    if hashlib.sha256(content).hexdigest() != expected:
        raise ModelFileError(
            f"{path.name} is not the file its card describes, so it is not opened; refresh to train it anew."
        )
    return joblib.load(io.BytesIO(content))


def placeholder(refused: str, class_weights: dict[Any, float]) -> dict[str, Any]:
    """What is saved where no model could be trained, so that no older model stays behind as if valid.

    `model` tells everybody the same: the classes in proportion to their weights.
    `scaler` changes nothing, and `refused` says why there is no model.
    """
    from sklearn.dummy import DummyClassifier
    from sklearn.preprocessing import FunctionTransformer

    model = DummyClassifier(strategy="prior")
    classes, weights = list(class_weights), list(class_weights.values())
    model.fit(np.zeros((len(classes), 1)), classes, sample_weight=weights)
    return {"model": model, "scaler": FunctionTransformer(), "refused": refused}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"
