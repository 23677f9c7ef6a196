"""HTML from clients: what survives is harmless, and cleaning it again changes nothing."""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser

import bleach
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.html import ALLOWED_ATTRIBUTES, ALLOWED_SCHEMES, ALLOWED_TAGS, html_to_text, sanitise_html
from tests.conftest import Party
from tests.crud.reading import prop

# From the test suites of bleach, nh3 and DOMPurify, and their advisories (mutation XSS).
CORPUS = [
    "<script>alert(1)</script>",
    "<ScRiPt\n>alert(1)</sCrIpT >",
    "<<script>script>alert(1)<</script>/script>",
    "<img src=x onerror=alert(1)>",
    "<img/src=x/onerror=alert(1)>",
    '<img src="x` `<script>alert(1)</script>"` `>',
    "<svg><script>alert(1)</script></svg>",
    "<svg onload=alert(1)>",
    '<svg><p><style><img title="</style><img src=x onerror=alert(1)>">',
    '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    '<math><mi><mglyph><svg><mtext><style><path id="</style><img onerror=alert(1) src>">',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<noscript><style></noscript><img src=x onerror=alert(1)></style>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href="java&#10;script:alert(1)">x</a>',
    '<a href="java\tscript:alert(1)">x</a>',
    '<a href=" &#14; javascript:alert(1)">x</a>',
    '<a href="&#x6A;avascript&colon;alert(1)">x</a>',
    '<a href="JaVaScRiPt:alert(1)">x</a>',
    '<a href="vbscript:msgbox(1)">x</a>',
    '<a href="data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==">x</a>',
    '<img src="data:image/svg+xml,<svg onload=alert(1)>">',
    '<img src="javascript:alert(1)">',
    '<iframe src="https://example.org"></iframe>',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    "<object data=x></object><embed src=x><applet code=x></applet>",
    '<meta http-equiv="refresh" content="0;url=javascript:alert(1)">',
    '<link rel=stylesheet href="javascript:alert(1)"><base href="javascript:/">',
    "<style>@import 'javascript:alert(1)';</style>",
    '<p style="background:url(javascript:alert(1))">x</p>',
    '<div style="position:fixed;inset:0">x</div>',
    "<body onload=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    "<video><source onerror=alert(1)></video><audio src=x onerror=alert(1)>",
    '<form action="javascript:alert(1)"><button>x</button></form>',
    "<template><script>alert(1)</script></template>",
    '<textarea><img title="</textarea><img src=x onerror=alert(1)>"></textarea>',
    '<title><a title="</title><img src=x onerror=alert(1)>"></title>',
    '<xmp><p title="</xmp><img src=x onerror=alert(1)>"></xmp>',
    "<!--><img src=x onerror=alert(1)>-->",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml-stylesheet href='javascript:alert(1)'?>",
    "<p id=x name=y class=z onclick=alert(1)>x</p>",
    "<img name=getElementById>",
    "<a href='https://example.org' target=_blank rel=opener>x</a>",
    "<\x00script>alert(1)</script>",
    "\x3cscript\x3ealert(1)",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "</p></div></body></html><script>",
    "<p" * 500,
    "<b>" * 500,
    "<table><td><table><td>" * 50,
    '"><script>alert(1)</script>',
    "<a href=//evil.example/x>x</a>",
]
DANGEROUS = re.compile(
    r"<\s*/?\s*(script|style|iframe|object|embed|applet|svg|math|form|input|button|meta|link|base|body|noscript|template"
    r"|textarea|title|xmp|video|audio|source|details|!|\?)"
    r"|<[^>]*\son\w+\s*=|<[^>]*\s(style|id|name|srcdoc|action)\s*="
    r"|(href|src)\s*=\s*[\"']?\s*(javascript|vbscript|data)",
    re.IGNORECASE,
)


def attributes_emptied(html: str) -> str:
    """The HTML with `>` and `<` inside of attribute values taken away, so that a pattern sees tags only."""
    return re.sub(r'"[^"]*"', lambda value: value[0].replace("<", "").replace(">", ""), html)


@pytest.mark.parametrize("html", CORPUS)
def test_the_corpus_is_made_harmless_and_stays_as_it_is(html: str) -> None:
    clean = sanitise_html(html)
    assert DANGEROUS.search(attributes_emptied(clean)) is None, clean
    assert sanitise_html(clean) == clean


FRAGMENTS = [
    *("<", ">", "</", "/>", "<p", "<a href=", '"', "'", "=", "&", "&lt;", "&#x3c;", "<!--", "-->", "<svg>", "<math>"),
    *(
        "<style>",
        "</style>",
        "<script>",
        "</script>",
        "<table>",
        "<td>",
        "<mglyph>",
        "<mtext>",
        "<img src=x onerror=a(1)>",
    ),
    *(
        "javascript:",
        " onerror=",
        " title=",
        "text",
        "\n",
        "<noscript>",
        "</noscript>",
        "<b>",
        "</b>",
        "<li>",
        "\u0000",
    ),
]


MORE_FRAGMENTS = [
    *("<ul>", "<ol>", "<tr>", "<h1>", "&nbsp;", "&eacute;", "</a>", "<pre>\n", "<br>", "<div>", "</div>", "<dl><dt>"),
    *("<a href='https://x.example/?a=1&b=2' title='\"x'>", '<img src=y alt="a<b>">', "<a href='javas&#99;ript:x'>"),
    *(
        "<colgroup><col>",
        "<form>",
        "<textarea>",
        "<math><mi>",
        "<svg><p>",
        "<font>",
        "<p lang=x dir=y>",
        "\r\n",
        "\xa0",
    ),
    *("<p title='\x01'>", "<a href='\thttps://x'>", "<caption>", "é", "\u2028"),
]


@prop(400)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=14).map("".join))
def test_whatever_is_thrown_together_is_harmless_and_stable(html: str) -> None:
    clean = sanitise_html(html)
    assert DANGEROUS.search(attributes_emptied(clean)) is None, clean
    assert sanitise_html(clean) == clean


# --- a second, independent reader


def read_again(clean: str) -> str:
    """What bleach, which has a parser of its own, lets through of it, with the same list."""
    of_all = ALLOWED_ATTRIBUTES["*"]

    def allowed(tag: str, name: str, value: str) -> bool:
        return name in of_all | ALLOWED_ATTRIBUTES.get(tag, set()) or (tag, name) == ("a", "rel")

    text: str = bleach.clean(clean, tags=ALLOWED_TAGS, attributes=allowed, protocols=ALLOWED_SCHEMES, strip=True)
    return text


class Reading(HTMLParser):
    """The tags with their attributes, and the text, however the tags nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[tuple[str, tuple[tuple[str, str | None], ...]]] = set()
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # An address without a scheme is a path; bleach doubts those with a colon in them.
        self.tags.add((tag, tuple(pair for pair in attrs if pair[0] != "href" or SCHEME.match(pair[1] or ""))))

    def handle_data(self, data: str) -> None:
        self.text += UNSEEN.sub("", data)


SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
UNSEEN = re.compile(r"[\s\x00-\x1f\x7f\ufffd?]+")
"""White space, which parsers repair in their own ways, and control characters, which bleach makes question marks."""


@pytest.mark.parametrize("html", CORPUS)
def test_a_second_reader_leaves_what_is_let_through_as_it_is(html: str) -> None:
    clean = sanitise_html(html)
    assert read_again(clean) == clean


@prop(400)
@given(st.lists(st.sampled_from([*FRAGMENTS, *MORE_FRAGMENTS]), max_size=14).map("".join))
def test_a_second_reader_finds_nothing_to_take_away(html: str) -> None:
    """It may close tags elsewhere; it sees the same ones, with the same attributes, and the same text."""
    clean = sanitise_html(html)
    first, second = Reading(clean), Reading(read_again(clean))
    assert (second.tags, second.text) == (first.tags, first.text), clean


def test_the_second_reader_would_see_it() -> None:
    for bad in (
        "<script>x</script>",
        '<img src="x" onerror="y">',
        '<a href="javascript:x">y</a>',
        "<svg><b>x</b></svg>",
    ):
        assert Reading(read_again(bad)).tags != Reading(bad).tags


@pytest.mark.parametrize(
    "html",
    [
        "plain text, with \"quotes\" and 'apostrophes'",
        "<p>One <b>bold</b> and <em>soft</em> word.</p>",
        '<ul><li>a</li></ul><ol start="3"><li>b</li></ol>',
        '<table><thead><tr><th scope="col" colspan="2">h</th></tr></thead></table>',
        '<table><tbody><tr><td rowspan="2">c</td></tr></tbody></table>',
        '<a href="https://example.org/?a=1&amp;b=2" rel="noopener noreferrer">x</a>',
        '<a href="mailto:a@example.org" rel="noopener noreferrer">x</a>',
        '<img src="https://example.org/x.png" alt="é 😀" width="10" height="10">',
        '<p class="lead" dir="rtl" lang="he" title="t">שלום</p>',
        "<pre><code>if a &lt; b &amp;&amp; c &gt; d</code></pre>",
        "<h1>1</h1><blockquote><cite>2</cite></blockquote><hr><br>",
    ],
)
def test_what_is_allowed_is_kept_to_the_letter(html: str) -> None:
    assert sanitise_html(html) == html


def test_it_takes_a_megabyte_of_trouble_in_its_stride() -> None:
    started = time.process_time()
    for trouble in ("<" * 2**20, "<p " * 300_000, "&lt;" * 250_000, "<b>" * 300_000):
        assert DANGEROUS.search(sanitise_html(trouble)[:10_000]) is None
    assert time.process_time() - started < 10


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>two</p>", "One two"),
        ("a<br>b<br/>c", "a b c"),
        ("<ul><li>a</li><li>b</li></ul>", "a b"),
        ("<b>bo</b>ld", "bold"),
        ("a &amp; b &lt;c&gt; &eacute;&nbsp;d", "a & b <c> é d"),
        ("<script>alert(1)</script>x", "x"),
        ("  a \n\t b  ", "a b"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
        ("", ""),
    ],
)
def test_html_to_text(html: str, text: str) -> None:
    assert html_to_text(html) == text


PIECES = [
    "word",
    " ",
    "<p>",
    "</p>",
    "<br>",
    "<b>",
    "</b>",
    "<li>",
    "</ul>",
    "<h2>",
    "</h2>",
    "<span>",
    "&amp;",
    "&lt;",
]


@prop(300)
@given(
    st.lists(st.sampled_from([*PIECES, "<", ">", "<p", "<i ", "/>", "<!--", "-->", "<p class=x>"]), max_size=12).map(
        "".join
    )
)
def test_the_short_way_to_text_says_what_the_parser_says(html: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        short = html_to_text(html)
        patch.setattr("kernel.html.INLINE_TAG", re.compile("nothing of it"))
        patch.setattr("kernel.html.LINE_TAG", re.compile("nothing of it"))
        assert short == html_to_text(html)


def test_html_fields_are_cleaned_on_every_write_and_plain_ones_are_left_alone(north: Party) -> None:
    dirty, clean = "<p onclick=x>Hi<script>alert(1)</script></p>", "<p>Hi</p>"
    caller = north.member
    made = caller.create("journal", name=dirty, summary=dirty, description=dirty, notes=dirty)
    assert [made[name] for name in ("name", "summary", "description", "notes")] == [dirty, dirty, clean, clean]
    path = f"/v3/crud/journal/{made['id']}"
    assert caller.patch(path, {"notes": "<b>x</b><iframe>"}).data["notes"] == "<b>x</b>"
    in_bulk = caller.post("/v3/crud/journal/bulk", {"create": [{"name": "x", "description": dirty}]})
    assert in_bulk.data["created"][0]["description"] == clean
    assert caller.patch(path, {"description": dirty}).data["updated_on"] != made["updated_on"]  # the notes changed
    before = caller.get(path).data["updated_on"]
    assert caller.patch(path, {"description": dirty}).data["updated_on"] == before  # cleaned, it is what is there
