"""/v3/schema/ and /docs: open to everybody, and nothing runs there that is not ours."""

import gzip
import json
import re

import pytest
from django.contrib.staticfiles import finders
from django.test import RequestFactory

from crud.describe.openapi import document
from crud.describe.openapi.parts import ID
from crud.rest.docs_views import DocsView, SchemaView


def get(view, **headers):
    meta = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    return view.as_view()(RequestFactory().get("/", **meta))


def test_the_document_is_served_without_a_key_and_an_envelope():
    answer = get(SchemaView)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert json.loads(answer.content) == json.loads(json.dumps(document()))
    again = get(SchemaView, if_none_match=answer.headers["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    packed = get(SchemaView, accept_encoding="br, gzip")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == answer.content
    assert len(packed.content) < len(answer.content) / 10


def test_the_page_has_only_scripts_and_styles_of_ours():
    page = get(DocsView)
    text = page.content.decode()
    policy = dict(part.split(" ", 1) for part in page.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["connect-src"] == "'self'"
    assert (policy["object-src"], policy["base-uri"], policy["frame-ancestors"]) == ("'none'", "'none'", "'none'")
    (nonce,) = re.fullmatch(r"'nonce-([\w-]{22})'", policy["script-src"]).groups()
    assert text.count("<script ") == text.count(f'<script nonce="{nonce}" src="') == 2
    assert get(DocsView).headers["Content-Security-Policy"] != page.headers["Content-Security-Policy"]
    assert re.findall(r"""\son\w+=|style=|//[a-z]""", text) == []
    linked = re.findall(r'(?:src|href)="([^"]+)"', text)
    files = [link.removeprefix("/static/") for link in linked if link.startswith("/static/")]
    assert [file for file in files if not finders.find(file)] == []
    assert sorted(set(linked) - {f"/static/{file}" for file in files}) == ["/v3/schema/"]


def test_the_script_knows_the_example_id():
    with open(finders.find("crud/docs.js")) as script:
        assert f"const EXAMPLE_ID = '{ID}';" in script.read()


@pytest.mark.parametrize("view", [SchemaView, DocsView])
def test_they_are_only_read(view):
    answer = view.as_view()(RequestFactory().post("/"))
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
