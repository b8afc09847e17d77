"""One form for all forms of a word: stems by Porter, lemmas by WordNet or simplemma.

Every function takes distinct words and gives a dictionary: a shop's million
texts hold some ten thousand different words. Which words are left out is decided in
`stopwords.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache


def stem_words(words: Iterable[str]) -> dict[str, str]:
    """Each word with its stem, by NLTK's Porter stemmer in its default mode.

    Method: M. F. Porter, "An algorithm for suffix stripping", 1980, with NLTK's extensions.
    """
    from nltk.stem.porter import PorterStemmer

    stem = PorterStemmer().stem
    return {word: stem(word) for word in words}


def lemmatize_words(words: Iterable[str]) -> dict[str, str]:
    """Each word with its dictionary form, by `lemmatizer_name()`.

    WordNet is asked for the word as a noun, then as a verb, then as an adjective; the
    first that knows a form other than the word itself gives it.
    """
    if lemmatizer_name() == "wordnet":
        return {word: _wordnet_lemma(word) for word in words}
    from simplemma import lemmatize

    return {word: lemmatize(word, lang="en") for word in words}


@cache
def lemmatizer_name() -> str:
    """`wordnet` when its data lie in one of NLTK's data folders, else `simplemma`."""
    import nltk

    for place in ("corpora/wordnet", "corpora/wordnet.zip"):
        try:
            nltk.data.find(place)
        except LookupError:
            continue
        return "wordnet"
    return "simplemma"


def version_of(word_form: str) -> str:
    """What the forms depend on besides the words; asks for no library when nothing is to be stemmed."""
    from importlib.metadata import version

    if word_form == "stem":
        return f"nltk {version('nltk')} scikit-learn {version('scikit-learn')}"
    library = lemmatizer_name()
    distribution = "nltk" if library == "wordnet" else library
    return f"{library} {version(distribution)} scikit-learn {version('scikit-learn')}"


def unify_words(texts: Sequence[str], forms: dict[str, str], word_form: str) -> list[str]:
    """Texts made by `clean_text`, without stopwords, each word by its stem or lemma.

    Args:
        texts: words parted by single spaces.
        forms: known words; new ones are added, stopwords with an empty form.
        word_form: `stem` or `lemma`.
    """
    from custbehav_dagster.text.stopwords import english_stopwords

    new = set(" ".join(texts).split(" ")) - forms.keys()
    stopwords = english_stopwords() | {""}
    forms.update(dict.fromkeys(new & stopwords, ""))
    forms.update({"stem": stem_words, "lemma": lemmatize_words}[word_form](new - stopwords))
    form_of = forms.__getitem__
    return [" ".join(filter(None, map(form_of, text.split(" ")))) for text in texts]


def _wordnet_lemma(word: str) -> str:
    from nltk.stem import WordNetLemmatizer

    lemmatize = WordNetLemmatizer().lemmatize
    return next((lemma for part in "nva" if (lemma := lemmatize(word, part)) != word), word)
