"""Emoji and curly apostrophes in the spelling that VADER's lexicon knows. Texts of plain characters stay.

NLTK's rules look up words and emoticons only: a 😍 says nothing to them, and in `isn’t`, as telephones
type it, they see no negation. Only the standard library is needed here.
"""

from __future__ import annotations

import re

VERSION = "1"
"""To be raised with every change of what follows, so that texts scored before are scored anew."""

_SAME_AS = {
    "<3": "❤♥💕💖💗💓💞💘💝💙💚💛💜🧡🤍🤎🩷🩵🫶💟❣",
    "</3": "💔",
    "love": "😍🥰😘😻😚😗😙💋",
    "good": "👍👌🤗💯🙌👏🤩🌟⭐",
    ":)": "🙂😊☺😌🤭😇😺",
    ":D": "😀😃😄😁😆😅😸🥳🎉🎊",
    ";)": "😉😜😏",
    ":P": "😛😝😋🤪",
    "XD": "😂🤣😹",
    "bad": "👎💩🤦",
    "disgusted": "🤢🤮🤧",
    ":(": "🙁☹😞😔😟😕😣😖😫😩😓😥😿🥺😒",
    ":'(": "😭😢",
    "angry": "😡😠🤬👿💢😤",
    ":/": "🙄😑😬",
}
_NO_SIGN_OF_MOOD = "\ufe0f\ufe0e\u200d🏻🏼🏽🏾🏿"
_SPELLINGS = str.maketrans(
    {sign: f" {token} " for token, signs in _SAME_AS.items() for sign in signs}
    | dict.fromkeys(_NO_SIGN_OF_MOOD, "")
)
_CURLY = "’ʼ＇`´"


_SIGNS = {ord(sign): token for token, signs in _SAME_AS.items() for sign in signs}
_EMOTICON = re.compile(r"(?<!\S)(?:[:;=][-']?[()DPp/*|]+|[xX]D+|</?3)(?!\S)")


def signs_of_mood(text: str) -> str:
    """Emoji, in plain spelling, and emoticons of a text in whatever language, without its words."""
    emoji = [] if text.isascii() else [_SIGNS[ord(sign)] for sign in text if ord(sign) in _SIGNS]
    return " ".join([*emoji, *_EMOTICON.findall(text)])


def plainly_typed(text: str) -> str:
    """The text with emoji of a clear mood as emoticons or words, and `n’t` with a straight apostrophe."""
    if text.isascii() and "`" not in text:
        return text
    for mark in _CURLY:
        if mark in text:
            text = text.replace(f"n{mark}t", "n't").replace(f"N{mark}T", "N'T")
    return text if text.isascii() else text.translate(_SPELLINGS)
