"""A tiny Hugging Face model, made here: what it says, and what is said when there is none."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from custbehav_dagster.contract.truth import SENTIMENT_SCORERS
from custbehav_dagster.settings import Settings
from custbehav_dagster.text.choice import scorers_by_domain
from custbehav_dagster.text.scorers import ANY_SOURCE
from custbehav_dagster.text.sentiment import SENTIMENT_MODEL
from custbehav_dagster.text.transformer import TransformerProblem, load, meaning_of, transformer

WORDS = ["[PAD]", "[UNK]", "good", "bad", "mug", "عالی"]
NEEDS_EXTRA = pytest.mark.skipif(
    find_spec("transformers") is None, reason="the extra transformers is not installed"
)
NEEDS_ONNX = pytest.mark.skipif(
    find_spec("onnx") is None or find_spec("onnxruntime") is None, reason="onnx and onnxruntime are not here"
)
NEEDS_TORCH = pytest.mark.skipif(find_spec("torch") is None, reason="torch is not installed")


def tiny_folder(folder: Path, labels: tuple[str, ...] = ("NEGATIVE", "POSITIVE")) -> Path:
    """Configuration and tokenizer of a model that knows four words."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import BertConfig, PreTrainedTokenizerFast

    words = Tokenizer(
        models.WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="[UNK]")
    )
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(tokenizer_object=words, pad_token="[PAD]", unk_token="[UNK]").save_pretrained(
        folder
    )
    BertConfig(
        vocab_size=len(WORDS),
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=8,
        num_labels=len(labels),
        id2label=dict(enumerate(labels)),
        label2id={label: number for number, label in enumerate(labels)},
    ).save_pretrained(folder)
    return folder


def with_onnx_file(folder: Path) -> Path:
    """A model that adds up what it knows of each word: good and عالی are good, bad is bad."""
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    told = np.zeros((len(WORDS), 2), dtype=np.float32)
    told[WORDS.index("good")], told[WORDS.index("bad")], told[WORDS.index("عالی")] = (0, 2), (2, 0), (0, 2)
    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["told", "input_ids"], ["each"]),
            helper.make_node("ReduceSum", ["each", "axis"], ["logits"], keepdims=0),
        ],
        "adds up words",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["texts", "words"])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["texts", 2])],
        [numpy_helper.from_array(told, "told"), numpy_helper.from_array(np.array([1]), "axis")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, folder / "model.onnx")
    return folder


@NEEDS_EXTRA
@NEEDS_ONNX
def test_a_model_in_a_folder_scores_by_onnxruntime_whatever_is_beside_a_text(tmp_path: Path) -> None:
    folder = with_onnx_file(tiny_folder(tmp_path))
    loaded = load(str(folder))
    assert loaded.backend == "onnxruntime"
    texts = ["good mug", "bad mug", "mug", "good bad", "", "good " * 400]
    scores = loaded.scores(texts)
    assert scores.tolist()[:5] == [0.7616, -0.7616, 0.0, 0.0, 0.0]
    assert [float(loaded.scores([text])[0]) for text in texts] == scores.tolist()
    assert scores[5] == 1.0


@NEEDS_EXTRA
@NEEDS_TORCH
def test_the_same_folder_scores_by_torch(tmp_path: Path) -> None:
    import torch
    from transformers import AutoConfig, BertForSequenceClassification

    folder = tiny_folder(tmp_path, ("1 star", "2 stars", "3 stars", "4 stars", "5 stars"))
    torch.manual_seed(1)
    BertForSequenceClassification(AutoConfig.from_pretrained(folder)).save_pretrained(folder)
    loaded = load(str(folder))
    assert loaded.backend == "torch"
    texts = ["good mug", "bad", "mug mug mug"] * 20
    scores = loaded.scores(texts)
    assert (abs(scores) <= 1).all()
    assert len(set(scores.tolist())) > 1
    assert abs(scores[:3] - loaded.scores(texts[:3])).max() < 1e-3


@NEEDS_EXTRA
@NEEDS_ONNX
def test_the_score_names_its_model_and_reads_the_languages_that_were_told(tmp_path: Path) -> None:
    folder = with_onnx_file(tiny_folder(tmp_path / "tiny-mood"))
    settings = Settings(sentiment_transformer=str(folder), sentiment_transformer_languages=["en", "fa"])
    scorer = transformer(settings)
    assert scorer.name == "transformer tiny-mood (onnxruntime)"
    assert [scorer.reads(language) for language in ("en", "fa", "de", None)] == [True, True, False, True]
    with scorer.begin(1) as scoring:
        assert list(scoring.submit(["عالی"]).result()) == [0.7616]
    again = transformer(settings).version
    (folder / "model.onnx").write_bytes((folder / "model.onnx").read_bytes() + b"")
    assert scorer.version == again != transformer(settings).version


@NEEDS_EXTRA
@pytest.mark.parametrize(
    ("name", "told"), [("no such/model", "could not be fetched"), ("", "holds no model")]
)
def test_without_the_model_vader_scores_and_a_sentence_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, told: str
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    settings = Settings(sentiment_transformer=name or str(tmp_path))
    chosen, problem = scorers_by_domain(SENTIMENT_SCORERS.empty(), tmp_path, settings)
    assert {domain: scorer.name for domain, scorer in chosen.items()} == {ANY_SOURCE: SENTIMENT_MODEL}
    assert told in problem
    assert problem.endswith("VADER scored the texts instead.")


def test_without_the_library_vader_scores_and_the_sentence_tells_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custbehav_dagster.text.transformer.find_spec", lambda name: None)
    chosen, problem = scorers_by_domain(
        SENTIMENT_SCORERS.empty(), tmp_path, Settings(sentiment_transformer="some/model")
    )
    assert chosen[ANY_SOURCE].name == SENTIMENT_MODEL
    assert problem == (
        "The library transformers is not installed; install it with: "
        'pip install "custbehav_dagster[transformers]". VADER scored the texts instead.'
    )


@pytest.mark.parametrize(
    ("labels", "meaning"),
    [
        (("NEGATIVE", "POSITIVE"), [-1, 1]),
        (("negative", "neutral", "positive"), [-1, 0, 1]),
        (("1 star", "2 stars", "3 stars", "4 stars", "5 stars"), [-1, -0.5, 0, 0.5, 1]),
        (("POS", "NEG", "NEU"), [1, -1, 0]),
    ],
)
def test_classes_mean_what_their_names_say(labels: tuple[str, ...], meaning: list[float]) -> None:
    assert meaning_of(dict(enumerate(labels)), "m").tolist() == meaning


@pytest.mark.parametrize("labels", [("LABEL_0", "LABEL_1"), ("joy", "anger"), ("POSITIVE", "NEUTRAL")])
def test_a_model_that_does_not_tell_good_from_bad_is_refused(labels: tuple[str, ...]) -> None:
    with pytest.raises(TransformerProblem, match="does not tell good from bad"):
        meaning_of(dict(enumerate(labels)), "m")
