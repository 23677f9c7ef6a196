"""Names as the world writes them: each is found as it was stored, in every type, on both databases."""

from __future__ import annotations

from itertools import islice

import pytest

from crud.declare.fields import Kind
from crud.declare.object_type import ObjectType, registry
from crud.read.page import read_page, select
from crud.read.parameters import Parameters
from crud.read.search.parser import parse_search
from tenancy.context import tenant
from tenancy.principal import Principal, Role
from tests.conftest import Party
from tests.crud.examples import Examples

NAMES = {
    "latin": "Anna Großmann-D’Angelo",
    "vietnamese": "Nguyễn Thị Ánh",
    "icelandic": "Þórður Æðarsson",
    "turkish": "İpek Işıklı",
    "polish": "Łukasz Żółć",
    "greek": "Σίσυφος Παπαδόπουλος",
    "cyrillic": "Сергей Ёлкин",
    "ukrainian": "Їжакевич Ґудзь",
    "georgian": "ნინო ბერიძე",
    "armenian": "Հայկ Պետրոսյան",
    "hebrew": "שָׁלוֹם כֹּהֵן",
    "arabic": "أحمد المُرسي",
    "persian": "می‌خواهم یلدا",
    "urdu": "گُلزار ٹیپو",
    "syriac": "ܐܦܪܝܡ ܣܘܪܝܝܐ",
    "thaana": "އަޙްމަދު ޢަލީ",
    "devanagari": "शर्मा राजेश्वरी",
    "bengali": "রবীন্দ্রনাথ উৎপল",
    "gurmukhi": "ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ",
    "gujarati": "ગાંધી મોહનદાસ",
    "oriya": "ଜଗନ୍ନାଥ ମିଶ୍ର",
    "tamil": "சுப்பிரமணியம் பாரதி",
    "telugu": "వెంకటేశ్వర్లు రావు",
    "kannada": "ಕುವೆಂಪು ಶ್ರೀನಿವಾಸ",
    "malayalam": "കൃഷ്ണന്‍ നായര്‍",
    "sinhala": "ශ්‍රී සුනිල්",
    "thai": "สุดารัตน์ เกยุราพันธุ์",
    "lao": "ສົມພອນ ວົງສາ",
    "tibetan": "བསྟན་འཛིན་རྒྱ་མཚོ",
    "burmese": "အောင်ဆန်း စုကြည်",
    "khmer": "សុខា រស្មី",
    "ethiopic": "ኃይለ ገብረ ሥላሴ",
    "cherokee": "ᏍᏏᏉᏯ ᏣᎳᎩ",
    "mongolian": "ᠮᠣᠩᠭᠣᠯ ᠪᠢᠴᠢᠭ",
    "hangul": "김철수",
    "han": "王小明",
    "han_rare": "𠮷野屋",
    "hiragana": "さくら がくえん",
    "katakana": "ジョン・スミス",
    "katakana_half": "ﾔﾏﾀﾞ ﾀﾛｳ",
    "tifinagh": "ⴰⵎⴰⵣⵉⵖ ⵢⵓⴱⴰ",
    "adlam": "𞤀𞤣𞤤𞤢𞤥 𞤆𞤵𞤤𞤢𞤪",
    "nko": "ߒߞߏ ߛߏ߬ߟߏ߬",
    "emoji": "👩‍💻 🇺🇳 👍🏽",
    "signs": "R&D+Labs C# 100%_a",
}
INSIDE = {
    "thai": "รัตน์",
    "lao": "ພອນ",
    "burmese": "ဆန်း",
    "khmer": "ខា",
    "han": "小明",
    "katakana": "スミス",
    "han_rare": "野",
}
ELSEWHERE = frozenset({"site_domain", "account"})
"""Host names; and of an account there is one row that can be asked for."""
HELD = frozenset({"email", "website", "url", "path", "link_to_type", "external_id"})
"""Fields that take no name."""


def long_enough(object_type: ObjectType) -> str:
    """The searched field that holds most."""
    fields = [object_type.fields[name] for name in object_type.search_text]
    texts = [f for f in fields if f.kind in (Kind.TEXT, Kind.HTML) and f.name not in HELD and not f.read_only]
    return max(texts, key=lambda f: f.model_field.max_length or 1_000_000).name


def batches(limit: int) -> list[list[str]]:
    """Scripts whose names fit into one field, at least two batches: so that a name has a row that lacks it."""
    names, found = iter(NAMES), []
    while batch := list(islice(names, max(1, min(len(NAMES) // 2, limit // 30)))):
        found.append(batch)
    return found


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(300)
def test_a_name_is_found_as_it_is_stored(north: Party) -> None:
    examples = Examples(north)
    searched = {name: t for name, t in registry.items() if t.search_text and name not in ELSEWHERE}
    assert len(searched) >= 26
    stored: dict[str, dict[str, str]] = {}
    for type_name, object_type in searched.items():
        field = long_enough(object_type)
        rows = stored[type_name] = {}
        for scripts in batches(object_type.fields[field].model_field.max_length or 10_000):
            text = " / ".join(NAMES[script] for script in scripts)
            rows |= dict.fromkeys(scripts, examples.another(type_name, **{field: text}))
    principal = Principal(Role.MANAGER, north.account.pk, north.id)
    with tenant(north.account.pk):
        for type_name, rows in stored.items():
            for script, public_id in rows.items():
                for q in filter(None, (NAMES[script], f'"{NAMES[script]}"', INSIDE.get(script))):
                    selection = select(registry[type_name], principal, Parameters(), parse_search({"q": q}))
                    page = read_page(selection, Parameters())
                    assert [row["id"] for row in page.rows] == [public_id], (type_name, script, q)
