"""Text as people compare it: without case, width, accents, invisible characters; one apostrophe, one dash."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_LETTERS: Final = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ħ": "h", "ŧ": "t"}
    | {"ə": "e", "ǝ": "e", "ŋ": "n", "ĸ": "k", "ɨ": "i", "ɓ": "b", "ɗ": "d", "ƙ": "k", "ƴ": "y", "ȷ": "j"}
    | dict(zip("ൺൻർൽൾൿৎکیىٱ", ["ണ്", "ന്", "ര്", "ല്", "ള്", "ക്", "ত্", "ك", "ي", "ي", "ا"], strict=True))
    | dict.fromkeys("‘’‚‛ʹʻʼʽʾʿˈˊˋ`´′‵ՙ՚׳ꞌꞋ＇᾽᾿", "'")
    | dict.fromkeys("‐‑‒–—―⁃−﹘﹣－־᠆⸺⸻〜〰", "-")
)
"""What Unicode takes apart into no letter and accent, letters that are typed in two ways, signs in many forms."""
_DROPPED: Final = re.compile(
    # Accents of Latin, Greek and Cyrillic letters; Hebrew points and Arabic vowel signs, which are written or not, and
    # the hamza that NFKD takes off its letter; the stroke that draws an Arabic word out.
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
    # What nobody sees: format characters (joiners, direction marks, soft hyphen), variation selectors, tags.
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)


def fold(text: str) -> str:
    """The same for all spellings that people take for one; doing it twice changes nothing.

    Marks that are part of a letter stay, composed with it: Hangul syllables, kana with their voicing, Indic vowels.
    """
    folded = text.casefold()
    if folded.isascii():
        return folded.replace("`", "'")
    apart = unicodedata.normalize("NFKD", folded.translate(_LETTERS)).casefold().translate(_LETTERS)
    return unicodedata.normalize("NFC", _DROPPED.sub("", apart)).translate(_LETTERS)
