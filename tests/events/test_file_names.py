"""Names that Windows, macOS and Linux can all save (field case manifest_names and its kind)."""

from __future__ import annotations

import re
import unicodedata
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.file_names import name_key, portable_name, variants

NAMES = {
    "Q4: Results?.pptx": "Q4_ Results_.pptx",
    "CON.pptx": "_CON.pptx",
    "nul.tar.gz": "_nul.tar.gz",
    "Lpt1": "_Lpt1",
    "com¹.txt": "_com¹.txt",
    "CON .pdf": "_CON .pdf",
    "conference.pdf": "conference.pdf",
    "talk.": "talk",
    "talk. . ": "talk",
    " talk.pdf": "talk.pdf",
    "...": "file",
    "": "file",
    'a<b>|"*.pdf': "a_b____.pdf",
    "../../etc/passwd": "passwd",
    "Café.pdf": "Café.pdf",
    "talk\u202efdp.exe": "talkfdp.exe",
    "\ufffe.pdf": "_.pdf",
}


@pytest.mark.parametrize(("given_name", "saved"), NAMES.items())
def test_a_name_that_every_system_saves(given_name: str, saved: str) -> None:
    assert portable_name(given_name) == unicodedata.normalize("NFC", saved)


@pytest.mark.parametrize("sign", ["a", "あ", "👩\u200d🚀", "e\u0301"])
def test_a_long_name_keeps_its_ending_and_whole_signs(sign: str) -> None:
    name = portable_name(sign * 120 + ".pptx")
    assert name.endswith(".pptx")
    assert len(name.encode()) <= 255
    stem = unicodedata.normalize("NFC", name.removesuffix(".pptx"))
    assert stem == unicodedata.normalize("NFC", sign) * (len(stem) // len(unicodedata.normalize("NFC", sign)))


@given(st.text(max_size=400))
def test_whatever_the_name_was(name: str) -> None:
    for saved in islice(variants(name), 12):
        assert 0 < len(saved.encode()) <= 255
        assert not re.search(r'[<>:"/\\|?*\x00-\x1f\x7f]', saved)
        assert saved == saved.rstrip(". ")
        assert saved not in (".", "..")
        assert not re.fullmatch(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]) *", saved.partition(".")[0])
        assert portable_name(saved) == saved


def test_names_that_a_file_system_takes_for_one() -> None:
    same = ["STRASSE.pdf", "straße.pdf", "Strasse.PDF"]
    assert len({name_key(name) for name in same}) == 1
    assert name_key("e\u0301.pdf") == name_key("É.pdf") != name_key("e.pdf")
    assert list(islice(variants("talk.pptx"), 3)) == ["talk.pptx", "talk (2).pptx", "talk (3).pptx"]
