"""The quick answer is the response that Django and REST framework would have made."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from django.http import BadHeaderError

from aether.fast.response import FastResponse
from crud.rest.renderers import EnvelopeRenderer
from crud.rest.responses import ApiResponse


def rendered(response: ApiResponse) -> ApiResponse:
    response.accepted_renderer = EnvelopeRenderer()
    response.accepted_media_type = "application/json"
    response.renderer_context = {}
    response.render()
    return response


@pytest.mark.parametrize("status", [200, 201, 404])
def test_it_is_the_response_that_would_have_been_made(status: int) -> None:
    quick, stock = (
        rendered(made([{"id": "x"}], status, headers={"ETag": '"x"'}, count=1)) for made in (FastResponse, ApiResponse)
    )
    for response in (quick, stock):
        response.headers.setdefault("etag", "another")
        response.headers["Retry-After"] = 5
        response.headers["X-Name"] = "Zo\u00eb \u4e2d"
    assert sorted(quick.items()) == sorted(stock.items())
    assert quick.content == stock.content
    assert vars(quick).keys() == vars(stock).keys()
    assert (quick.status_text, quick.reason_phrase, quick.is_rendered) == (stock.status_text, stock.reason_phrase, True)
    assert ("ETAG" in quick.headers, "none" in quick.headers) == (True, False)
    quick.content = b"changed"
    assert quick.content == b"changed"


def test_it_is_rendered_once() -> None:
    response: Any = rendered(FastResponse({"n": 1}))
    response.data = {"n": 2}
    assert b'"n":1' in response.render().content


def test_it_can_be_kept_in_a_cache_like_any_other() -> None:
    response = rendered(FastResponse({"n": 1}))
    assert pickle.loads(pickle.dumps(response)).content == response.content


@pytest.mark.parametrize("value", ["a\r\nSet-Cookie: b=c", "a\nb", "\u4e2d\nb"])
def test_no_header_can_bring_another(value: str) -> None:
    with pytest.raises(BadHeaderError):
        FastResponse(None).headers["ETag"] = value
