"""Sentiment by a Hugging Face model that the owner names (extra `transformers`); no text leaves the machine.

A model is a name on the hub, which is downloaded once, or a folder with the files. It runs on
torch, or on onnxruntime where it has an `.onnx` file. Whatever keeps it from being loaded is told in
one sentence, and VADER scores instead.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from custbehav_dagster.settings import Settings
from custbehav_dagster.text.scorers import ScoredHere, Scorer

VERSION = "1"
_TEXTS_AT_ONCE, _MOST_TOKENS = 16, 256
_ONNX_FILES = ("model.onnx", "onnx/model.onnx", "model_quantized.onnx", "onnx/model_quantized.onnx")
_GOOD, _BAD, _BETWEEN = ("pos", "good"), ("neg", "bad"), ("neu", "mixed")
_HOW_TO = 'install it with: pip install "custbehav_dagster[transformers]"'


class TransformerProblem(Exception):
    """The model cannot be used; the message is one sentence for the owner."""


@dataclass(frozen=True)
class Loaded:
    """A model ready to run: `logits` of texts, and what each of its classes means from -1 to 1."""

    logits: Callable[[Sequence[str]], np.ndarray]
    meaning: np.ndarray
    backend: str

    def scores(self, texts: Sequence[str]) -> np.ndarray:
        """Mean meaning of the classes, weighed by their probabilities: -1 to 1, to four digits."""
        # Texts of one length together, so that little is wasted on filling up the short ones.
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        found = np.zeros(len(texts))
        for start in range(0, len(order), _TEXTS_AT_ONCE):
            places = order[start : start + _TEXTS_AT_ONCE]
            logits = self.logits([texts[place] for place in places])
            weights = np.exp(logits - logits.max(axis=1, keepdims=True))
            found[places] = (weights @ self.meaning) / weights.sum(axis=1)
        return found.round(4)


def transformer(settings: Settings) -> Scorer:
    """The model that `sentiment_transformer` names, loaded now so that a fault is known before it counts.

    Raises:
        TransformerProblem: it cannot be used, and why.
    """
    name = settings.sentiment_transformer
    loaded = load(name, settings.sentiment_transformer_backend)

    def begin(expected: int) -> AbstractContextManager[ScoredHere]:
        return ScoredHere(loaded.scores)

    wanted = settings.sentiment_transformer_languages
    languages = None if "all" in wanted else frozenset(wanted)
    shown = Path(name).name
    files = _fingerprint(Path(name)) if Path(name).is_dir() else ""
    made_by = (
        f"transformer {VERSION} {shown} {files} {loaded.backend} {_version(loaded.backend)} "
        f"reads {' '.join(sorted(wanted))}"
    )
    return Scorer(f"transformer {shown} ({loaded.backend})", made_by, languages, begin)


def load(name: str, backend: str = "auto") -> Loaded:
    """Load the model `name` (on the hub, or a folder) on torch, onnxruntime, or what it has files for.

    Raises:
        TransformerProblem: a library or the model is missing, or it does not tell good from bad.
    """
    if find_spec("transformers") is None:
        raise TransformerProblem(f"The library transformers is not installed; {_HOW_TO}.")
    try:
        from transformers import AutoConfig, AutoTokenizer

        config, tokenizer = AutoConfig.from_pretrained(name), AutoTokenizer.from_pretrained(name)
    except (OSError, ValueError, ImportError) as error:
        raise TransformerProblem(_could_not_load(name)) from error
    meaning = meaning_of({int(number): str(label) for number, label in config.id2label.items()}, name)
    onnx_file = _onnx_file(name) if backend != "torch" else None
    if onnx_file is not None:
        return Loaded(_on_onnxruntime(onnx_file, tokenizer), meaning, "onnxruntime")
    if backend == "onnxruntime":
        raise TransformerProblem(f"The model {Path(name).name} has no .onnx file; set the backend to torch.")
    return Loaded(_on_torch(name, tokenizer), meaning, "torch")


def meaning_of(labels: dict[int, str], name: str) -> np.ndarray:
    """What each class means, -1 to 1: by its name, or by its number of stars.

    Raises:
        TransformerProblem: the classes are named otherwise.
    """
    found: list[float | None] = []
    for number in sorted(labels):
        label = labels[number].strip().lower()
        stars = label.split(" ")[0]
        if label.endswith(("star", "stars")) and stars.isdigit():
            found.append((int(stars) - 3) / 2)
        else:
            named = ((_GOOD, 1.0), (_BAD, -1.0), (_BETWEEN, 0.0))
            found.append(next((value for starts, value in named if label.startswith(starts)), None))
    known = [value for value in found if value is not None]
    if len(known) < len(found) or not known or min(known) >= 0 or max(known) <= 0:
        raise TransformerProblem(
            f"The model {Path(name).name} does not tell good from bad by its classes "
            f"({', '.join(labels[number] for number in sorted(labels))}); name a model of sentiment."
        )
    return np.array(known)


def _could_not_load(name: str) -> str:
    if Path(name).is_dir():
        return (
            f"The folder {Path(name).name} (CUSTBEHAV_SENTIMENT_TRANSFORMER) holds no model that can be read."
        )
    return (
        f"The model {name} (CUSTBEHAV_SENTIMENT_TRANSFORMER) is not on this machine and could not be fetched "
        "from the hub; check the name and the connection, or name a folder that holds it."
    )


def _onnx_file(name: str) -> Path | None:
    if find_spec("onnxruntime") is None:
        return None
    if Path(name).is_dir():
        return next((Path(name) / file for file in _ONNX_FILES if (Path(name) / file).is_file()), None)
    from transformers.utils import cached_file

    for file in _ONNX_FILES:
        try:
            found = cached_file(name, file, _raise_exceptions_for_missing_entries=False)
        except OSError:
            continue
        if found is not None:
            return Path(found)
    return None


def _tokens(tokenizer: Any, texts: Sequence[str], kind: str) -> Any:
    return tokenizer(list(texts), padding=True, truncation=True, max_length=_MOST_TOKENS, return_tensors=kind)


def _on_onnxruntime(file: Path, tokenizer: Any) -> Callable[[Sequence[str]], np.ndarray]:
    import onnxruntime

    try:
        session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    except Exception as error:
        # The library's own classes of errors share no base but this.
        raise TransformerProblem(f"The file {file.name} is no model that onnxruntime can run.") from error
    wanted = {given.name for given in session.get_inputs()}

    def logits(texts: Sequence[str]) -> np.ndarray:
        tokens = _tokens(tokenizer, texts, "np")
        given = {name: np.asarray(value, dtype=np.int64) for name, value in tokens.items() if name in wanted}
        return np.asarray(session.run(None, given)[0], dtype=np.float64)

    return logits


def _on_torch(name: str, tokenizer: Any) -> Callable[[Sequence[str]], np.ndarray]:
    if find_spec("torch") is None:
        raise TransformerProblem(
            f"The model {Path(name).name} needs torch, which is not installed; "
            "install it with: pip install torch, or name a model with an .onnx file."
        )
    import torch
    from transformers import AutoModelForSequenceClassification

    try:
        model = AutoModelForSequenceClassification.from_pretrained(name).eval()
    except (OSError, ValueError, RuntimeError) as error:
        raise TransformerProblem(_could_not_load(name)) from error

    def logits(texts: Sequence[str]) -> np.ndarray:
        with torch.inference_mode():
            return np.asarray(model(**_tokens(tokenizer, texts, "pt")).logits.double().numpy())

    return logits


def _fingerprint(folder: Path) -> str:
    """Names, sizes and times of the model's files, in eight digits."""
    told = sorted(
        f"{file.name} {file.stat().st_size} {file.stat().st_mtime_ns}"
        for file in folder.iterdir()
        if file.is_file()
    )
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:8]


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "unknown"
