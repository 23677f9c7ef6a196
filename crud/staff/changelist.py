"""Lists of the admin that cost the same however many rows there are: bounded counts, no joins, and a page that says
what to narrow when the database gave up."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.views import ChangeList

COUNTED = 10_000
"""Rows that a list counts, and leafs through."""


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Of what lies behind the first COUNTED rows it only says that it is there."""

    template_name = "crud/pagination.html"

    @cached_property
    def found(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[: COUNTED + 1].count())

    @property
    def has_more(self) -> bool:
        return self.found > COUNTED

    @cached_property
    def count(self) -> int:
        return min(self.found, COUNTED)


class LongList(ChangeList):  # type: ignore[misc]
    def get_ordering(self, request: HttpRequest, queryset: Any) -> list[Any]:
        """Equal rows follow in the direction of the last column, so that one index is walked for both; Django goes on
        with the queryset's own order, and then always descends."""
        ordering = list(super().get_ordering(request, queryset.order_by()))
        if len(ordering) > 1 and ordering[-1] == "-pk" and not _descends(ordering[-2]):
            ordering[-1] = "pk"
        return ordering


def _descends(order: Any) -> bool:
    return order.startswith("-") if isinstance(order, str) else bool(getattr(order, "descending", False))


def too_many_rows(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """In place of a list that the database did not finish in AETHER_STATEMENT_TIMEOUT seconds."""
    context = {
        **model_admin.admin_site.each_context(request),
        "title": model_admin.opts.verbose_name_plural.capitalize(),
        "opts": model_admin.opts,
        "address": request.path,
        "sorted": "o" in request.GET,
        "searched": bool(request.GET.get("q", "").strip()),
        "narrowings": model_admin.narrowings(request),
    }
    response = TemplateResponse(request, "crud/too_many_rows.html", context, status=503)
    response.headers["Cache-Control"] = "private, no-store"
    return response
