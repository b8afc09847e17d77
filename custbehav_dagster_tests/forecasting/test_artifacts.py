import json

import joblib
import numpy as np
import pytest

from custbehav_dagster.forecasting.artifacts import (
    ModelFileError,
    card_path,
    load_model,
    placeholder,
    save_model,
)
from custbehav_dagster.warehouse.files import sha256_of


class Trap:
    """Unpickling it leaves a mark: proof that a file was opened."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return type(self.mark).write_text, (self.mark, "opened")


def saved(folder, **bundle):
    path = folder / "churn_logistic.joblib"
    save_model(path, {"model": None, "scaler": None, **bundle}, {"model": "logistic"})
    return path


def test_a_model_is_read_back_as_it_was_saved(tmp_path):
    bundle = load_model(saved(tmp_path, weights=np.arange(3.0)))
    assert bundle["weights"].tolist() == [0, 1, 2]


def test_the_card_names_the_file_its_hash_and_the_libraries(tmp_path):
    path = saved(tmp_path)
    card = json.loads((tmp_path / "churn_logistic.json").read_text())
    assert (card["file"], card["model"], card["sha256"]) == (path.name, "logistic", sha256_of(path))
    assert set(card["library_versions"]) == {"python", "scikit-learn", "numpy", "scipy", "joblib"}
    assert "unknown" not in card["library_versions"].values()


def test_a_changed_file_is_refused_before_it_is_opened(tmp_path):
    path, mark = saved(tmp_path), tmp_path / "mark"
    joblib.dump(Trap(mark), path)
    with pytest.raises(ModelFileError, match=r"churn_logistic.joblib is not the file its card describes"):
        load_model(path)
    assert not mark.exists()
    joblib.load(path)
    assert mark.exists(), "the trap does not work"


@pytest.mark.parametrize("byte", [0, 10, -1])
def test_one_changed_byte_is_refused(tmp_path, byte):
    path = saved(tmp_path, weights=np.arange(100.0))
    content = bytearray(path.read_bytes())
    content[byte] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match="is not the file its card describes"):
        load_model(path)


@pytest.mark.parametrize(
    ("card", "sentence"),
    [
        (None, "has no card churn_logistic.json beside it"),
        ("{", "card churn_logistic.json cannot be read"),
        ("[]", "card churn_logistic.json names no sha256"),
        ('{"sha256": 3}', "card churn_logistic.json names no sha256"),
    ],
)
def test_a_model_without_a_card_that_tells_its_hash_is_refused(tmp_path, card, sentence):
    path = saved(tmp_path)
    card_path(path).unlink() if card is None else card_path(path).write_text(card)
    with pytest.raises(ModelFileError, match=sentence):
        load_model(path)


def test_a_card_without_its_model_is_refused(tmp_path):
    path = saved(tmp_path)
    path.unlink()
    with pytest.raises(ModelFileError, match=r"model file churn_logistic.joblib cannot be read"):
        load_model(path)


def test_a_write_that_fails_leaves_the_old_model_whole(tmp_path):
    path = saved(tmp_path, weights=np.arange(3.0))
    with pytest.raises(Exception, match="pickle"):
        save_model(path, {"model": lambda: None, "scaler": None}, {})
    assert load_model(path)["weights"].tolist() == [0, 1, 2]
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "churn_logistic.joblib",
        "churn_logistic.json",
    ]


def test_a_placeholder_tells_everybody_the_same_and_why():
    bundle = placeholder("Not enough data: 1 of 3.", {False: 3.0, True: 1.0})
    shares = bundle["model"].predict_proba(bundle["scaler"].transform([[1, 2, 3], [9, 9, 9]]))
    assert shares.tolist() == [[0.75, 0.25], [0.75, 0.25]]
    assert bundle["refused"] == "Not enough data: 1 of 3."
