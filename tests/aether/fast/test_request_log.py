"""The line of a request is made by hand, as that is quicker; to whoever handles it, it is a record like any other."""

from __future__ import annotations

import logging

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from aether.fast import request_log
from aether.fast.request_log import FastRequestMiddleware, record_of
from kernel.middleware import RequestMiddleware, log
from kernel.request_context import set_request_id
from tenancy.principal import Principal, Role

OF_THE_MOMENT = {"created", "msecs", "relativeCreated", "lineno"}


def test_it_says_what_logging_would_say() -> None:
    request = RequestFactory().get("/v3/crud/journal/")
    request.principal = Principal(Role.USER, 1, "a-1", key_name="app")  # type: ignore[attr-defined]
    set_request_id("r-1")
    extra = {"status": 200, "milliseconds": 12.35, "key": "app", "account": "a-1", "request_id": "r-1"}
    parts = ("GET", "/v3/crud/journal/", 200)
    stock = log.makeRecord(log.name, logging.INFO, request_log.__file__, 0, "%s %s %s", parts, None, extra=extra)
    made = record_of(request, 200, 0.012345)
    assert made.getMessage() == stock.getMessage()
    assert vars(made).keys() == vars(stock).keys()
    assert {name: value for name, value in vars(made).items() if name not in OF_THE_MOMENT} == {
        name: value for name, value in vars(stock).items() if name not in OF_THE_MOMENT
    }
    assert abs(made.created - stock.created) < 60
    assert abs((made.relativeCreated - stock.relativeCreated) - (made.created - stock.created) * 1000) < 5
    assert 0 <= made.msecs < 1000


def test_a_filter_of_the_logger_is_asked(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    answer = FastRequestMiddleware(lambda request: HttpResponse())
    with caplog.at_level(logging.INFO, log.name):
        answer(RequestFactory().get("/one"))
        monkeypatch.setattr(log, "filters", [lambda record: False])
        answer(RequestFactory().get("/two"))
    assert [record.getMessage() for record in caplog.records] == ["GET /one 200"]


def test_the_stock_way_writes_the_same_line(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, log.name):
        for middleware in (FastRequestMiddleware, RequestMiddleware):
            middleware(lambda request: HttpResponse())(RequestFactory().get("/one", headers={"x-request-id": "r-1"}))
    quick, stock = caplog.records
    assert quick.getMessage() == stock.getMessage() == "GET /one 200"
    names = ("request_id", "account", "key", "status", "levelname", "name")
    assert [getattr(quick, name) for name in names] == [getattr(stock, name) for name in names]
