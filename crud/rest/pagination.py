"""Pages of a list or search."""

from __future__ import annotations

from typing import Any

from rest_framework.pagination import BasePagination

from crud.read.object_query import ObjectQuery
from crud.read.page import ResultPage, read_page
from crud.read.parameters import MAX_CURSOR_LENGTH, MAX_LIMIT, MAX_OFFSET, Parameters
from crud.rest.filters import flag
from crud.rest.responses import ApiResponse
from kernel.errors import Invalid
from kernel.wording import NOT_A_CURSOR, WHOLE_NUMBER, between


class OffsetOrCursorPagination(BasePagination):
    """`limit` with `offset` or `cursor`, and `inc_total`. What it finds stands in `meta`."""

    names = frozenset({"limit", "offset", "cursor", "inc_total"})

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> list[Any]:
        query: ObjectQuery = queryset
        self.view, self.parameters = view, query.parameters
        read_paging(request.parameters, query.parameters)
        self.page = ResultPage([], total=0) if query.is_empty else read_page(query.selection(), query.parameters)
        return self.page.rows

    def get_paginated_response(self, data: Any) -> ApiResponse:
        meta: dict[str, Any] = {
            "count": len(data),
            "limit": self.parameters.limit,
            "offset": self.parameters.offset,
            "next_cursor": self.page.next_cursor,
        }
        if self.parameters.with_total:
            meta["total"] = self.page.total
        if self.page.masked:
            meta["masked"] = self.page.masked
        response: ApiResponse = self.view.answer(data, **meta)
        return response


def read_paging(given: dict[str, str], parameters: Parameters) -> None:
    """Raises Invalid."""
    if "limit" in given:
        parameters.limit = _number("limit", given["limit"])
        if not 1 <= parameters.limit <= MAX_LIMIT:
            raise Invalid.field("limit", between(1, MAX_LIMIT))
    if "offset" in given:
        parameters.offset = _number("offset", given["offset"])
        if parameters.offset > MAX_OFFSET:
            raise Invalid.field("offset", between(0, MAX_OFFSET))
    if "cursor" in given:
        parameters.cursor = given["cursor"]
        if len(parameters.cursor) > MAX_CURSOR_LENGTH:
            raise Invalid.field("cursor", NOT_A_CURSOR)
    if "inc_total" in given:
        parameters.with_total = flag("inc_total", given["inc_total"])
    if parameters.cursor and parameters.offset:
        raise Invalid("offset and cursor exclude each other.", fields={"offset": ["It must be 0 with a cursor."]})


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 19:
        raise Invalid.field(name, WHOLE_NUMBER)
    return int(text)
