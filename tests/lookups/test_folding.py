import pytest

from lookups.folding import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("  United   States\n", "united states"),
        ("Türkiye", "turkiye"),
        ("İstanbul", "istanbul"),
        ("Łódź", "lodz"),
        ("Ærø", "aero"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("Côte d’Ivoire", "cote d'ivoire"),
        ("Ｕ\u200aＳ", "u s"),
        ("US%_*", "us%_*"),
        ("", ""),
    ],
)
def test_fold(text, folded):
    assert fold(text) == folded
    assert fold(folded) == folded
