"""REST framework's request, with the caller under its own name and type."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import cached_property
from rest_framework.request import Request

from kernel.query_parameters import single_values
from tenancy.principal import Principal


class ApiRequest(Request):
    principal: Principal
    """Who calls, in which account: set as soon as authentication is done. (`user` is the same, by a longer way.)"""

    def __init__(self, request: HttpRequest, **options: Any) -> None:
        super().__init__(request, **options)
        self.method = request.method  # asked for often, and found by a detour otherwise

    @property
    def stream(self) -> Any:
        """Always the body: the framework takes a body without a Content-Length for none, and answers {} for it."""
        return self._request

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The query's parameters, each with its one value. Raises Invalid for doubles."""
        query = self._request.GET
        return single_values(query) if query else {}
